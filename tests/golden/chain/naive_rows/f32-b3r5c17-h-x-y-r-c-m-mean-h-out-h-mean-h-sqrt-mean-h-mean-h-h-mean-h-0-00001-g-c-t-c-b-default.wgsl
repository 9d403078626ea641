// chain:f32:b3r5c17:h=x+y[r,c];m=mean(h);out=(h-mean(h))/sqrt(mean((h-mean(h))*(h-mean(h)))+0.00001)*g[c]+t[c,b]
// chain/naive_rows
// wx=64 packed=0
// run: kernel 0 on input 0, input 1, input 2, input 3, output 0, output 1, output 2

// kernel 0: grid ceil(rows/64), 1, 1; uniforms size_b, size_r, size_c, rows; bindings in_x, in_y, in_g, in_t, out_h (written), out_m (written), out_out (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_b: u32,
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

@group(0) @binding(2) var<storage, read> in_y: array<f32>;

fn load_in_y(i: u32) -> f32 {
  return in_y[i];
}

@group(0) @binding(3) var<storage, read> in_g: array<f32>;

fn load_in_g(i: u32) -> f32 {
  return in_g[i];
}

@group(0) @binding(4) var<storage, read> in_t: array<f32>;

fn load_in_t(i: u32) -> f32 {
  return in_t[i];
}

@group(0) @binding(5) var<storage, read_write> out_h: array<f32>;

fn store_out_h(i: u32, v: f32) {
  out_h[i] = v;
}

@group(0) @binding(6) var<storage, read_write> out_m: array<f32>;

fn store_out_m(i: u32, v: f32) {
  out_m[i] = v;
}

@group(0) @binding(7) var<storage, read_write> out_out: array<f32>;

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
  let at_r = row % shape.size_r;
  let at_b = row / shape.size_r;

  var lanes_3 = 0.0;
  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_y = load_in_y(at_r * shape.size_c + column_0);
    let v0_h = v0_x + v0_y;
    lanes_3 += v0_h;
    store_out_h(start_of_row + column_0, v0_h);
  }
  let sum_3 = lanes_3;
  let v_m = sum_3 * 0.05882353f;
  store_out_m(row, v_m);

  var lanes_8 = 0.0;
  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_y = load_in_y(at_r * shape.size_c + column_0);
    let t0_6 = v0_x + v0_y - v_m;
    lanes_8 += t0_6 * t0_6;
  }
  let sum_8 = lanes_8;
  let r_12 = sqrt(sum_8 * 0.05882353f + 1e-5f);

  for (var column_0 = 0u; column_0 < shape.size_c; column_0 += 1u) {
    let v0_x = load_in_x(start_of_row + column_0);
    let v0_y = load_in_y(at_r * shape.size_c + column_0);
    let v0_g = load_in_g(column_0);
    let v0_t = load_in_t(column_0 * shape.size_b + at_b);
    store_out_out(start_of_row + column_0, (v0_x + v0_y - v_m) / r_12 * v0_g + v0_t);
  }
}
