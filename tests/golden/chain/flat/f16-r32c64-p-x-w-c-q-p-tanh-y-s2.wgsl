// chain:f16:r32c64:p=x*w[c];q=p+tanh(y)
// chain/flat
// wx=32 width=4 items=4 interleaved=1 unroll=1 striding=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0, output 1

// kernel 0: grid ceil(elements/512), 1, 1; uniforms size_r, size_c, elements; bindings in_x, in_w, in_y, out_p (written), out_q (written)
enable f16;

alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_r: u32,
  size_c: u32,
  elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> in_x: array<vec4<f16>>;

fn load_in_x(i: u32) -> vec4<f32> {
  return vec4<f32>(in_x[i]);
}

@group(0) @binding(2) var<storage, read> in_w: array<vec4<f16>>;

fn load_in_w(i: u32) -> vec4<f32> {
  return vec4<f32>(in_w[i]);
}

@group(0) @binding(3) var<storage, read> in_y: array<vec4<f16>>;

fn load_in_y(i: u32) -> vec4<f32> {
  return vec4<f32>(in_y[i]);
}

@group(0) @binding(4) var<storage, read_write> out_p: array<vec4<f16>>;

fn store_out_p(i: u32, v: vec4<f32>) {
  out_p[i] = vec4<f16>(v);
}

@group(0) @binding(5) var<storage, read_write> out_q: array<vec4<f16>>;

fn store_out_q(i: u32, v: vec4<f32>) {
  out_q[i] = vec4<f16>(v);
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn hyperbolic_tangent(v: Value) -> Value {
  return 2.0 * sigmoid(2.0 * v) - 1.0;
}

struct Inputs {
  v_x: Value,
  v_w: Value,
  v_y: Value,
}

fn gather(i: u32) -> Inputs {
  let at_c = i % (shape.size_c / 4u);
  return Inputs(
    load_in_x(i),
    load_in_w(at_c),
    load_in_y(i),
  );
}

fn finish(i: u32, inputs: Inputs) {
  let v_p = inputs.v_x * inputs.v_w;
  let v_q = v_p + hyperbolic_tangent(inputs.v_y);
  store_out_p(i, v_p);
  store_out_q(i, v_q);
}

@compute @workgroup_size(32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let vectors = shape.elements / 4u;
  let start = group * 128u + local.x;
  for (var item = 0u; item < 4u; item += 1u) {
    let i_0 = start + item * 32u;
    let inputs_0 = gather(min(i_0, vectors - 1u));
    if (i_0 < vectors) {
      finish(i_0, inputs_0);
    }
  }
}
