// chain:f16:r33c64:x/sqrt(mean(x*x)+0.000001)*g[c]*silu(s[r])
// chain/rows
// team=4 rows=8 width=2 keep=0 unroll=2 subgroups=1 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(rows/8), 1, 1; uniforms size_r, size_c, rows; bindings in_x, in_g, in_s, out_out (written)
enable f16;

alias Value = vec2<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_r: u32,
  size_c: u32,
  rows: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> in_x: array<vec2<f16>>;

fn load_in_x(i: u32) -> vec2<f32> {
  return vec2<f32>(in_x[i]);
}

@group(0) @binding(2) var<storage, read> in_g: array<vec2<f16>>;

fn load_in_g(i: u32) -> vec2<f32> {
  return vec2<f32>(in_g[i]);
}

@group(0) @binding(3) var<storage, read> in_s: array<f16>;

fn load_in_s(i: u32) -> f32 {
  return f32(in_s[i]);
}

@group(0) @binding(4) var<storage, read_write> out_out: array<vec2<f16>>;

fn store_out_out(i: u32, v: vec2<f32>) {
  out_out[i] = vec2<f16>(v);
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

@compute @workgroup_size(32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_id) subgroup_id: u32,
  @builtin(subgroup_invocation_id) subgroup_invocation_id: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let rank = subgroup_id * subgroup_size + subgroup_invocation_id;
  let lane = rank % 4u;
  let place = group * 8u + rank / 4u;
  let is_row = place < shape.rows;
  let row = min(place, shape.rows - 1u);
  let vectors = (shape.size_c / 2u);
  let start_of_row = row * vectors;
  let at_r = row;
  let v_s = load_in_s(at_r);
  let r_12 = silu(Value(v_s))[0];

  var lanes_2 = Value(0.0);
  for (var start = 0u; start < vectors; start += 8u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let column_1 = min(start + lane + 4u, vectors - 1u);
    let inside_1 = start + lane + 4u < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    let v1_x = load_in_x(start_of_row + column_1);
    lanes_2 += select(Value(0.0), v0_x * v0_x, inside_0);
    lanes_2 += select(Value(0.0), v1_x * v1_x, inside_1);
  }
  var sum_2 = lanes_2.x + lanes_2.y;
  if (subgroup_size <= 4u) {
    sum_2 = subgroupAdd(sum_2);
  } else {
    sum_2 = sum_2 + subgroupShuffleXor(sum_2, 1u);
    sum_2 = sum_2 + subgroupShuffleXor(sum_2, 2u);
  }

  let r_7 = sqrt(sum_2 * 0.015625f + 1e-6f);

  for (var start = 0u; start < vectors; start += 8u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let column_1 = min(start + lane + 4u, vectors - 1u);
    let inside_1 = start + lane + 4u < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_g = load_in_g(column_0);
    let v1_x = load_in_x(start_of_row + column_1);
    let v1_g = load_in_g(column_1);
    if (inside_0 & is_row) {
      store_out_out(start_of_row + column_0, v0_x / r_7 * v0_g * r_12);
    }
    if (inside_1 & is_row) {
      store_out_out(start_of_row + column_1, v1_x / r_7 * v1_g * r_12);
    }
  }
}
