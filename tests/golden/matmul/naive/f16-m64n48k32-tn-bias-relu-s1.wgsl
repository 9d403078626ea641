// matmul:f16:m64n48k32:tn+bias+relu
// matmul/naive
// wx=16 wy=16 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/16), ceil(m/16), b; uniforms m, n, k; bindings a, b, bias, c (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> a: array<u32>;

fn load_a(i: u32) -> f32 {
  return unpack2x16float(a[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> b: array<u32>;

fn load_b(i: u32) -> f32 {
  return unpack2x16float(b[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> bias: array<u32>;

fn load_bias(i: u32) -> f32 {
  return unpack2x16float(bias[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> c: array<atomic<u32>>;

fn store_c(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&c[i >> 1u], ~(0xffffu << shift));
  atomicOr(&c[i >> 1u], half);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let tiles_n = (shape.n + 15u) / 16u;
  let tiles_m = (shape.m + 15u) / 16u;
  let column = group % tiles_n * 16u + local.x;
  let row = group / tiles_n % tiles_m * 16u + local.y;
  let batch = group / (tiles_n * tiles_m);
  if ((group >= shape.workgroups) | (row >= shape.m) | (column >= shape.n)) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < shape.k; k += 1u) {
    let a_index = (batch * shape.k + k) * shape.m + row;
    let b_index = (batch * shape.k + k) * shape.n + column;
    sum += load_a(a_index) * load_b(b_index);
  }
  let index = (batch * shape.m + row) * shape.n + column;
  var v = sum;
  v += load_bias(column);
  v = relu(v);
  store_c(index, v);
}
