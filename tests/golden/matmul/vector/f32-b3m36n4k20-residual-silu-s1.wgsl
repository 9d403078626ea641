// matmul:f32:b3m36n4k20+residual+silu
// matmul/vector
// invocations=512 team=1 tile=2 vec=2 vec_skinny=4 unroll=2 slab=0 split=1 subgroups=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(b*ceil(m/2)/512), 1, 1; uniforms b, m, n, k; bindings a, b, residual, c (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> a: array<vec2<f32>>;

fn load_a(i: u32) -> vec2<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn load_b(i: u32) -> vec4<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

@compute @workgroup_size(512)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_b = 3u;
  let size_l = 36u;
  let size_k = 20u;
  let lines = size_l;
  let steps = size_k / 2u;
  let rank = local_index;
  let member = rank % 1u;
  let lane = rank;

  let tiles = (lines + 1u) / 2u;
  let own = group * 512u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = (batch * lines + line_0) * steps;
  let line_1 = tile + tiles;
  let long_1 = (batch * lines + line_1) * steps;
  let skinny = batch * steps * 2u;
  let first = 0u;
  let count = steps;

  var acc_0_0 = vec4<f32>(0.0);
  var acc_1_0 = vec4<f32>(0.0);
  for (var i = 0u; i < count; i += 2u) {
    let at_0 = first + i + member;
    let w_0_0 = load_a(long_0 + at_0);
    let w_0_1 = load_a(long_1 + at_0);
    let v_0_0 = load_b(skinny + at_0 * 2u);
    let v_0_1 = load_b(skinny + at_0 * 2u + 1u);

    let at_1 = first + i + member + 1u;
    let w_1_0 = load_a(long_0 + at_1);
    let w_1_1 = load_a(long_1 + at_1);
    let v_1_0 = load_b(skinny + at_1 * 2u);
    let v_1_1 = load_b(skinny + at_1 * 2u + 1u);

    acc_0_0 += w_0_0.x * v_0_0;
    acc_0_0 += w_0_0.y * v_0_1;
    acc_1_0 += w_0_1.x * v_0_0;
    acc_1_0 += w_0_1.y * v_0_1;

    acc_0_0 += w_1_0.x * v_1_0;
    acc_0_0 += w_1_0.y * v_1_1;
    acc_1_0 += w_1_1.x * v_1_0;
    acc_1_0 += w_1_1.y * v_1_1;
  }

  if (own < size_b * tiles) {
    {
      let index = (batch * size_l + line_0);
      var v = acc_0_0;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }

    {
      let index = (batch * size_l + line_1);
      var v = acc_1_0;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }
  }
}
