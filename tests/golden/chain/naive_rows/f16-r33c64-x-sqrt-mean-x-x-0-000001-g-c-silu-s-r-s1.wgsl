// chain:f16:r33c64:x/sqrt(mean(x*x)+0.000001)*g[c]*silu(s[r])
// chain/naive_rows
// wx=64 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(rows/64), 1, 1; uniforms size_r, size_c, rows; bindings in_x, in_g, in_s, out_out (written)
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

@group(0) @binding(1) var<storage, read> in_x: array<u32>;

fn load_in_x(i: u32) -> f32 {
  return unpack2x16float(in_x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> in_g: array<u32>;

fn load_in_g(i: u32) -> f32 {
  return unpack2x16float(in_g[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> in_s: array<u32>;

fn load_in_s(i: u32) -> f32 {
  return unpack2x16float(in_s[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> out_out: array<atomic<u32>>;

fn store_out_out(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&out_out[i >> 1u], ~(0xffffu << shift));
  atomicOr(&out_out[i >> 1u], half);
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let row = group * 64u + local.x;
  if ((group >= shape.workgroups) | (row >= shape.rows)) {
    return;
  }
  let start_of_row = row * shape.size_c;
  let at_r = row;
  let v_s = load_in_s(at_r);
  let r_12 = silu(v_s);

  var lanes_2 = 0.0;
  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_2 += v0_x * v0_x;
  }
  let sum_2 = lanes_2;
  let r_7 = sqrt(sum_2 * 0.015625f + 1e-6f);

  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_g = load_in_g(column_0);
    store_out_out(start_of_row + column_0, v0_x / r_7 * v0_g * r_12);
  }
}
