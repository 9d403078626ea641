// chain:f16:r33c64:x/sqrt(mean(x*x)+0.000001)*g[c]*silu(s[r])
// chain/rows
// team=4 rows=32 width=4 keep=1 unroll=1 subgroups=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(rows/32), 1, 1; uniforms size_r, size_c, rows; bindings in_x, in_g, in_s, out_out (written)
enable f16;

alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> in_x: array<vec4<f16>>;

fn load_in_x(i: u32) -> vec4<f32> {
  return vec4<f32>(in_x[i]);
}

@group(0) @binding(2) var<storage, read> in_g: array<vec4<f16>>;

fn load_in_g(i: u32) -> vec4<f32> {
  return vec4<f32>(in_g[i]);
}

@group(0) @binding(3) var<storage, read> in_s: array<f16>;

fn load_in_s(i: u32) -> f32 {
  return f32(in_s[i]);
}

@group(0) @binding(4) var<storage, read_write> out_out: array<vec4<f16>>;

fn store_out_out(i: u32, v: vec4<f32>) {
  out_out[i] = vec4<f16>(v);
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> parts_0: array<f32, 128>;

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let rank = local_index;
  let lane = rank % 4u;
  let place = group * 32u + rank / 4u;
  let is_row = place < 33u;
  let row = min(place, 33u - 1u);
  let vectors = 16u;
  let start_of_row = row * vectors;
  let at_r = row;
  let v_s = load_in_s(at_r);
  let r_12 = silu(Value(v_s))[0];
  let column_0 = lane;
  let column_1 = lane + 4u;
  let column_2 = lane + 8u;
  let column_3 = lane + 12u;

  var lanes_2 = Value(0.0);
  let v0_x = load_in_x(start_of_row + column_0);
  let v1_x = load_in_x(start_of_row + column_1);
  let v2_x = load_in_x(start_of_row + column_2);
  let v3_x = load_in_x(start_of_row + column_3);
  lanes_2 += v0_x * v0_x;
  lanes_2 += v1_x * v1_x;
  lanes_2 += v2_x * v2_x;
  lanes_2 += v3_x * v3_x;
  var sum_2 = (lanes_2.x + lanes_2.y) + (lanes_2.z + lanes_2.w);
  {
    parts_0[rank] = sum_2;
    workgroupBarrier();
    let member = rank % 4u;
    if (member < 2u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 2u];
    }
    workgroupBarrier();
    let first = rank - member;
    sum_2 = parts_0[first] + parts_0[first + 1u];
  }

  let r_7 = sqrt(sum_2 * 0.015625f + 1e-6f);

  let v0_g = load_in_g(column_0);
  let v1_g = load_in_g(column_1);
  let v2_g = load_in_g(column_2);
  let v3_g = load_in_g(column_3);
  if (is_row) {
    store_out_out(start_of_row + column_0, v0_x / r_7 * v0_g * r_12);
  }
  if (is_row) {
    store_out_out(start_of_row + column_1, v1_x / r_7 * v1_g * r_12);
  }
  if (is_row) {
    store_out_out(start_of_row + column_2, v2_x / r_7 * v2_g * r_12);
  }
  if (is_row) {
    store_out_out(start_of_row + column_3, v3_x / r_7 * v3_g * r_12);
  }
}
