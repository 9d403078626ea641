// chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]
// chain/flat
// wx=16 width=2 items=8 interleaved=0 unroll=2 striding=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(elements/256), 1, 1; uniforms size_b, size_r, size_c, elements; bindings in_x, in_y, in_z, out_out (written)
alias Value = vec2<f32>;

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

@group(0) @binding(2) var<storage, read> in_y: array<vec2<f32>>;

fn load_in_y(i: u32) -> vec2<f32> {
  return in_y[i];
}

@group(0) @binding(3) var<storage, read> in_z: array<f32>;

fn load_in_z(i: u32) -> f32 {
  return in_z[i];
}

@group(0) @binding(4) var<storage, read_write> out_out: array<vec2<f32>>;

fn store_out_out(i: u32, v: vec2<f32>) {
  out_out[i] = v;
}

struct Inputs {
  v_x: Value,
  v_y: Value,
  v_z: Value,
}

fn gather(i: u32) -> Inputs {
  let at_c = i % (shape.size_c / 2u);
  let at_r = i / (shape.size_c / 2u) % shape.size_r;
  let at_b = i / (shape.size_c / 2u) / shape.size_r;
  return Inputs(
    Value(
      load_in_x(at_c * 2u * shape.size_r + at_r),
      load_in_x((at_c * 2u + 1u) * shape.size_r + at_r),
    ),
    load_in_y(at_b * (shape.size_c / 2u) + at_c),
    Value(load_in_z(at_b)),
  );
}

fn finish(i: u32, inputs: Inputs) {
  let v_out = inputs.v_x * inputs.v_y - inputs.v_z;
  store_out_out(i, v_out);
}

@compute @workgroup_size(16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let vectors = shape.elements / 2u;
  let start = group * 128u + local.x * 8u;
  for (var item = 0u; item < 8u; item += 2u) {
    let i_0 = start + item;
    let inputs_0 = gather(min(i_0, vectors - 1u));
    let i_1 = start + (item + 1u);
    let inputs_1 = gather(min(i_1, vectors - 1u));
    if (i_0 < vectors) {
      finish(i_0, inputs_0);
    }
    if (i_1 < vectors) {
      finish(i_1, inputs_1);
    }
  }
}
