// chain:f32:r4096c1024:exp(x-amax(x))/sum(exp(x-amax(x)))
// chain/naive_rows
// wx=64 packed=0
// run: kernel 0 on input 0, output 0

// kernel 0: grid ceil(rows/64), 1, 1; uniforms size_r, size_c, rows; bindings in_x, out_out (written)
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

@group(0) @binding(1) var<storage, read> in_x: array<f32>;

fn load_in_x(i: u32) -> f32 {
  return in_x[i];
}

@group(0) @binding(2) var<storage, read_write> out_out: array<f32>;

fn store_out_out(i: u32, v: f32) {
  out_out[i] = v;
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

  var lanes_1 = -3.4028234663852886e38;
  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_1 = max(lanes_1, v0_x);
  }
  let largest_1 = lanes_1;

  var lanes_4 = 0.0;
  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_4 += exp(v0_x - largest_1);
  }
  let sum_4 = lanes_4;

  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    store_out_out(start_of_row + column_0, exp(v0_x - largest_1) / sum_4);
  }
}
