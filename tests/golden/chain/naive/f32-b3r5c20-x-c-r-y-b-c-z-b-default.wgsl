// chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]
// chain/naive
// wx=256 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(elements/256), 1, 1; uniforms size_b, size_r, size_c, elements; bindings in_x, in_y, in_z, out_out (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_b: u32,
  size_r: u32,
  size_c: u32,
  elements: u32,
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

@group(0) @binding(3) var<storage, read> in_z: array<f32>;

fn load_in_z(i: u32) -> f32 {
  return in_z[i];
}

@group(0) @binding(4) var<storage, read_write> out_out: array<f32>;

fn store_out_out(i: u32, v: f32) {
  out_out[i] = v;
}

struct Inputs {
  v_x: Value,
  v_y: Value,
  v_z: Value,
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 256u + local.x;
  if ((group >= shape.workgroups) | (i >= shape.elements)) {
    return;
  }
  let at_c = i % shape.size_c;
  let at_r = i / shape.size_c % shape.size_r;
  let at_b = i / shape.size_c / shape.size_r;
  let inputs = Inputs(
    load_in_x(at_c * shape.size_r + at_r),
    load_in_y(at_b * shape.size_c + at_c),
    load_in_z(at_b),
  );
  let v_out = inputs.v_x * inputs.v_y - inputs.v_z;
  store_out_out(i, v_out);
}
