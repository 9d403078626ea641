// chain:f32:n1048576:gelu(x*w+b)
// chain/flat
// wx=256 width=4 items=1 interleaved=1 unroll=1 striding=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(elements/1024), 1, 1; uniforms size_n, elements; bindings in_x, in_w, in_b, out_out (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_n: u32,
  elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> in_x: array<vec4<f32>>;

fn load_in_x(i: u32) -> vec4<f32> {
  return in_x[i];
}

@group(0) @binding(2) var<storage, read> in_w: array<vec4<f32>>;

fn load_in_w(i: u32) -> vec4<f32> {
  return in_w[i];
}

@group(0) @binding(3) var<storage, read> in_b: array<vec4<f32>>;

fn load_in_b(i: u32) -> vec4<f32> {
  return in_b[i];
}

@group(0) @binding(4) var<storage, read_write> out_out: array<vec4<f32>>;

fn store_out_out(i: u32, v: vec4<f32>) {
  out_out[i] = v;
}

// erf by Abramowitz and Stegun, 7.1.26: absolute error below 1.5e-7.
fn gelu(v: Value) -> Value {
  let x = abs(v) * 0.7071067811865476;
  let t = Value(1.0) / (1.0 + 0.3275911 * x);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf = 1.0 - series * exp(max(-x * x, Value(-80.0)));
  return 0.5 * (v + abs(v) * erf);
}

struct Inputs {
  v_x: Value,
  v_w: Value,
  v_b: Value,
}

fn gather(i: u32) -> Inputs {
  return Inputs(
    load_in_x(i),
    load_in_w(i),
    load_in_b(i),
  );
}

fn finish(i: u32, inputs: Inputs) {
  let v_out = gelu(inputs.v_x * inputs.v_w + inputs.v_b);
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
  let start = group * 256u + local.x;
  let i_0 = start;
  let inputs_0 = gather(i_0);
  finish(i_0, inputs_0);
}
