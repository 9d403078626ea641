// chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]
// chain/flat
// wx=256 width=4 items=1 interleaved=1 unroll=1 striding=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(elements/1024), 1, 1; uniforms size_b, size_r, size_c, elements; bindings in_x, in_y, in_z, out_out (written)
alias Value = vec4<f32>;

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

@group(0) @binding(2) var<storage, read> in_y: array<vec4<f32>>;

fn load_in_y(i: u32) -> vec4<f32> {
  return in_y[i];
}

@group(0) @binding(3) var<storage, read> in_z: array<f32>;

fn load_in_z(i: u32) -> f32 {
  return in_z[i];
}

@group(0) @binding(4) var<storage, read_write> out_out: array<vec4<f32>>;

fn store_out_out(i: u32, v: vec4<f32>) {
  out_out[i] = v;
}

struct Inputs {
  v_x: Value,
  v_y: Value,
  v_z: Value,
}

fn gather(i: u32) -> Inputs {
  let at_c = i % 5u;
  let at_r = i / 5u % 5u;
  let at_b = i / 5u / 5u;
  return Inputs(
    Value(
      load_in_x(at_c * 4u * 5u + at_r),
      load_in_x((at_c * 4u + 1u) * 5u + at_r),
      load_in_x((at_c * 4u + 2u) * 5u + at_r),
      load_in_x((at_c * 4u + 3u) * 5u + at_r),
    ),
    load_in_y(at_b * 5u + at_c),
    Value(load_in_z(at_b)),
  );
}

fn finish(i: u32, inputs: Inputs) {
  let v_out = inputs.v_x * inputs.v_y - inputs.v_z;
  store_out_out(i, v_out);
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let vectors = 75u;
  let start = group * 256u + local.x;
  let i_0 = start;
  let inputs_0 = gather(min(i_0, vectors - 1u));
  if (i_0 < vectors) {
    finish(i_0, inputs_0);
  }
}
