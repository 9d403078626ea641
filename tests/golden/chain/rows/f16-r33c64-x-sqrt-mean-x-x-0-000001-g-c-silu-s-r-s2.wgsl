// chain:f16:r33c64:x/sqrt(mean(x*x)+0.000001)*g[c]*silu(s[r])
// chain/rows
// team=1 rows=32 width=1 keep=0 unroll=1 subgroups=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(rows/32), 1, 1; uniforms size_r, size_c, rows; bindings in_x, in_g, in_s, out_out (written)
enable f16;

alias Value = f32;

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

@group(0) @binding(1) var<storage, read> in_x: array<f16>;

fn load_in_x(i: u32) -> f32 {
  return f32(in_x[i]);
}

@group(0) @binding(2) var<storage, read> in_g: array<f16>;

fn load_in_g(i: u32) -> f32 {
  return f32(in_g[i]);
}

@group(0) @binding(3) var<storage, read> in_s: array<f16>;

fn load_in_s(i: u32) -> f32 {
  return f32(in_s[i]);
}

@group(0) @binding(4) var<storage, read_write> out_out: array<f16>;

fn store_out_out(i: u32, v: f32) {
  out_out[i] = f16(v);
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
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let rank = local_index;
  let lane = 0u;
  let place = group * 32u + rank;
  let is_row = place < shape.rows;
  let row = min(place, shape.rows - 1u);
  let vectors = shape.size_c;
  let start_of_row = row * vectors;
  let at_r = row;
  let v_s = load_in_s(at_r);
  let r_12 = silu(v_s);

  var lanes_2 = Value(0.0);
  for (var start = 0u; start < vectors; start += 1u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_2 += select(Value(0.0), v0_x * v0_x, inside_0);
  }
  var sum_2 = lanes_2;

  let r_7 = sqrt(sum_2 * 0.015625f + 1e-6f);

  for (var start = 0u; start < vectors; start += 1u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_g = load_in_g(column_0);
    if (inside_0 & is_row) {
      store_out_out(start_of_row + column_0, v0_x / r_7 * v0_g * r_12);
    }
  }
}
