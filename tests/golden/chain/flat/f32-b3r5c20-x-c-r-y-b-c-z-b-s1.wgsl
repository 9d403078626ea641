// chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]
// chain/flat
// wx=256 width=4 items=16 interleaved=1 unroll=4 striding=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(elements/16384), 1, 1; uniforms size_b, size_r, size_c, elements; bindings in_x, in_y, in_z, out_out (written)
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
  let start = group * 4096u + local.x;
  for (var item = 0u; item < 16u; item += 4u) {
    let i_0 = start + item * 256u;
    let inputs_0 = gather(min(i_0, vectors - 1u));
    let i_1 = start + (item + 1u) * 256u;
    let inputs_1 = gather(min(i_1, vectors - 1u));
    let i_2 = start + (item + 2u) * 256u;
    let inputs_2 = gather(min(i_2, vectors - 1u));
    let i_3 = start + (item + 3u) * 256u;
    let inputs_3 = gather(min(i_3, vectors - 1u));
    if (i_0 < vectors) {
      finish(i_0, inputs_0);
    }
    if (i_1 < vectors) {
      finish(i_1, inputs_1);
    }
    if (i_2 < vectors) {
      finish(i_2, inputs_2);
    }
    if (i_3 < vectors) {
      finish(i_3, inputs_3);
    }
  }
}
