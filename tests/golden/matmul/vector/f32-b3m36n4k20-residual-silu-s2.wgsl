// matmul:f32:b3m36n4k20+residual+silu
// matmul/vector
// invocations=32 team=8 tile=2 vec=2 vec_skinny=2 unroll=1 slab=0 split=1 subgroups=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(b*ceil(m/2)/4), 1, 1; uniforms b, m, n, k; bindings a, b, residual, c (written)
alias Value = vec2<f32>;

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

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn load_b(i: u32) -> vec2<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec2<f32>>;

fn load_residual(i: u32) -> vec2<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<vec2<f32>>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> sums_0: array<vec2<f32>, 8>;
var<workgroup> sums_1: array<vec2<f32>, 8>;
var<workgroup> sums_2: array<vec2<f32>, 8>;
var<workgroup> sums_3: array<vec2<f32>, 8>;

@compute @workgroup_size(32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_id) subgroup_id: u32,
  @builtin(subgroup_invocation_id) subgroup_invocation_id: u32,
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
  let rank = subgroup_id * subgroup_size + subgroup_invocation_id;
  let member = rank % 8u;
  let lane = rank / 8u;

  let tiles = (lines + 1u) / 2u;
  let own = group * 4u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = (batch * lines + line_0) * steps;
  let line_1 = tile + tiles;
  let long_1 = (batch * lines + line_1) * steps;
  let skinny = batch * steps * 4u;
  let first = 0u;
  let count = steps;

  var acc_0_0 = vec2<f32>(0.0);
  var acc_0_1 = vec2<f32>(0.0);
  var acc_1_0 = vec2<f32>(0.0);
  var acc_1_1 = vec2<f32>(0.0);
  let whole = count / 8u * 8u;
  let rest = count % 8u;
  for (var i = 0u; i < whole; i += 8u) {
    let at_0 = first + i + member;
    let w_0_0 = load_a(long_0 + at_0);
    let w_0_1 = load_a(long_1 + at_0);
    let v_0_0 = load_b(skinny + at_0 * 4u);
    let v_0_1 = load_b(skinny + at_0 * 4u + 1u);
    let v_0_2 = load_b(skinny + at_0 * 4u + 2u);
    let v_0_3 = load_b(skinny + at_0 * 4u + 3u);

    acc_0_0 += w_0_0.x * v_0_0;
    acc_0_1 += w_0_0.x * v_0_1;
    acc_0_0 += w_0_0.y * v_0_2;
    acc_0_1 += w_0_0.y * v_0_3;
    acc_1_0 += w_0_1.x * v_0_0;
    acc_1_1 += w_0_1.x * v_0_1;
    acc_1_0 += w_0_1.y * v_0_2;
    acc_1_1 += w_0_1.y * v_0_3;
  }
  for (var i = member; i < rest; i += 8u) {
    let at = first + whole + i;
    let w_0_0 = load_a(long_0 + at);
    let w_0_1 = load_a(long_1 + at);
    let v_0_0 = load_b(skinny + at * 4u);
    let v_0_1 = load_b(skinny + at * 4u + 1u);
    let v_0_2 = load_b(skinny + at * 4u + 2u);
    let v_0_3 = load_b(skinny + at * 4u + 3u);

    acc_0_0 += w_0_0.x * v_0_0;
    acc_0_1 += w_0_0.x * v_0_1;
    acc_0_0 += w_0_0.y * v_0_2;
    acc_0_1 += w_0_0.y * v_0_3;
    acc_1_0 += w_0_1.x * v_0_0;
    acc_1_1 += w_0_1.x * v_0_1;
    acc_1_0 += w_0_1.y * v_0_2;
    acc_1_1 += w_0_1.y * v_0_3;
  }

  if (subgroup_size <= 8u) {
    acc_0_0 = subgroupAdd(acc_0_0);
    acc_0_1 = subgroupAdd(acc_0_1);
    acc_1_0 = subgroupAdd(acc_1_0);
    acc_1_1 = subgroupAdd(acc_1_1);
  } else {
    acc_0_0 = acc_0_0 + subgroupShuffleXor(acc_0_0, 1u);
    acc_0_1 = acc_0_1 + subgroupShuffleXor(acc_0_1, 1u);
    acc_1_0 = acc_1_0 + subgroupShuffleXor(acc_1_0, 1u);
    acc_1_1 = acc_1_1 + subgroupShuffleXor(acc_1_1, 1u);
    acc_0_0 = acc_0_0 + subgroupShuffleXor(acc_0_0, 2u);
    acc_0_1 = acc_0_1 + subgroupShuffleXor(acc_0_1, 2u);
    acc_1_0 = acc_1_0 + subgroupShuffleXor(acc_1_0, 2u);
    acc_1_1 = acc_1_1 + subgroupShuffleXor(acc_1_1, 2u);
    acc_0_0 = acc_0_0 + subgroupShuffleXor(acc_0_0, 4u);
    acc_0_1 = acc_0_1 + subgroupShuffleXor(acc_0_1, 4u);
    acc_1_0 = acc_1_0 + subgroupShuffleXor(acc_1_0, 4u);
    acc_1_1 = acc_1_1 + subgroupShuffleXor(acc_1_1, 4u);
  }
  if (subgroup_size < 8u) {
    if (subgroup_invocation_id == 0u) {
      sums_0[subgroup_id] = acc_0_0;
      sums_1[subgroup_id] = acc_0_1;
      sums_2[subgroup_id] = acc_1_0;
      sums_3[subgroup_id] = acc_1_1;
    }
    workgroupBarrier();
    let parts = 8u / subgroup_size;
    let first = rank / 8u * parts;
    acc_0_0 = sums_0[first];
    acc_0_1 = sums_1[first];
    acc_1_0 = sums_2[first];
    acc_1_1 = sums_3[first];
    for (var part = 1u; part < min(parts, 2u); part += 1u) {
      acc_0_0 = acc_0_0 + sums_0[first + part];
      acc_0_1 = acc_0_1 + sums_1[first + part];
      acc_1_0 = acc_1_0 + sums_2[first + part];
      acc_1_1 = acc_1_1 + sums_3[first + part];
    }
  }
  if ((member == 0u) & (own < size_b * tiles)) {
    {
      let index = (batch * size_l + line_0) * 2u;
      var v = acc_0_0;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }

    {
      let index = (batch * size_l + line_0) * 2u + 1u;
      var v = acc_0_1;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }

    {
      let index = (batch * size_l + line_1) * 2u;
      var v = acc_1_0;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }

    {
      let index = (batch * size_l + line_1) * 2u + 1u;
      var v = acc_1_1;
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }
  }
}
