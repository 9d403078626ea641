// chain:f16:r32c64:p=x*w[c];q=p+tanh(y)
// chain/naive
// wx=256 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0, output 1

// kernel 0: grid ceil(elements/256), 1, 1; uniforms size_r, size_c, elements; bindings in_x, in_w, in_y, out_p (written), out_q (written)
alias Value = f32;

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

@group(0) @binding(1) var<storage, read> in_x: array<u32>;

fn load_in_x(i: u32) -> f32 {
  return unpack2x16float(in_x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> in_w: array<u32>;

fn load_in_w(i: u32) -> f32 {
  return unpack2x16float(in_w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> in_y: array<u32>;

fn load_in_y(i: u32) -> f32 {
  return unpack2x16float(in_y[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> out_p: array<atomic<u32>>;

fn store_out_p(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&out_p[i >> 1u], ~(0xffffu << shift));
  atomicOr(&out_p[i >> 1u], half);
}

@group(0) @binding(5) var<storage, read_write> out_q: array<atomic<u32>>;

fn store_out_q(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&out_q[i >> 1u], ~(0xffffu << shift));
  atomicOr(&out_q[i >> 1u], half);
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
  let inputs = Inputs(
    load_in_x(i),
    load_in_w(at_c),
    load_in_y(i),
  );
  let v_p = inputs.v_x * inputs.v_w;
  let v_q = v_p + hyperbolic_tangent(inputs.v_y);
  store_out_p(i, v_p);
  store_out_q(i, v_q);
}
