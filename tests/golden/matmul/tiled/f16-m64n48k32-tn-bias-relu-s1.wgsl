// matmul:f16:m64n48k32:tn+bias+relu
// matmul/tiled
// wx=4 wy=4 tm=8 tn=2 vec_n=1 vec_k=1 stage_a=1 stage_b=0 bk=8 pad=1 unroll=2 baked=1 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/8), ceil(m/32), b; uniforms m, n, k; bindings a, b, bias, c (written)
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

var<workgroup> a_tile: array<f32, 264>;

@compute @workgroup_size(4, 4)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = 64u;
  let size_n = 48u;
  let size_k = 32u;
  let n_vectors = size_n;
  let tiles_n = (size_n + 7u) / 8u;
  let tiles_m = (size_m + 31u) / 32u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 32u + local.y * 8u;
  let row_1 = tile_m * 32u + local.y * 8u + 1u;
  let row_2 = tile_m * 32u + local.y * 8u + 2u;
  let row_3 = tile_m * 32u + local.y * 8u + 3u;
  let row_4 = tile_m * 32u + local.y * 8u + 4u;
  let row_5 = tile_m * 32u + local.y * 8u + 5u;
  let row_6 = tile_m * 32u + local.y * 8u + 6u;
  let row_7 = tile_m * 32u + local.y * 8u + 7u;
  let column_0 = tile_n * 8u + local.x;
  let column_1 = tile_n * 8u + 4u + local.x;
  let b_column_0 = batch * size_k * n_vectors + column_0;
  let b_column_1 = batch * size_k * n_vectors + column_1;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);

  let local_index = local.y * 4u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 256u; t += 16u) {
      let r = t % 32u;
      let s = t / 32u;
      let start = batch * size_k * size_m + tile_m * 32u + r;
      a_tile[s * 33u + r] = load_a(start + (k0 + s) * size_m);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let k = k0 + kk;
      let a_0_0 = a_tile[kk * 33u + local.y * 8u];
      let a_1_0 = a_tile[kk * 33u + local.y * 8u + 1u];
      let a_2_0 = a_tile[kk * 33u + local.y * 8u + 2u];
      let a_3_0 = a_tile[kk * 33u + local.y * 8u + 3u];
      let a_4_0 = a_tile[kk * 33u + local.y * 8u + 4u];
      let a_5_0 = a_tile[kk * 33u + local.y * 8u + 5u];
      let a_6_0 = a_tile[kk * 33u + local.y * 8u + 6u];
      let a_7_0 = a_tile[kk * 33u + local.y * 8u + 7u];
      let b_0_0 = load_b(b_column_0 + k * n_vectors);
      let b_0_1 = load_b(b_column_1 + k * n_vectors);
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_1_1 += b_0_1 * a_1_0;
      acc_2_0 += b_0_0 * a_2_0;
      acc_2_1 += b_0_1 * a_2_0;
      acc_3_0 += b_0_0 * a_3_0;
      acc_3_1 += b_0_1 * a_3_0;
      acc_4_0 += b_0_0 * a_4_0;
      acc_4_1 += b_0_1 * a_4_0;
      acc_5_0 += b_0_0 * a_5_0;
      acc_5_1 += b_0_1 * a_5_0;
      acc_6_0 += b_0_0 * a_6_0;
      acc_6_1 += b_0_1 * a_6_0;
      acc_7_0 += b_0_0 * a_7_0;
      acc_7_1 += b_0_1 * a_7_0;
      let a_0_1 = a_tile[(kk + 1u) * 33u + local.y * 8u];
      let a_1_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 1u];
      let a_2_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 2u];
      let a_3_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 3u];
      let a_4_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 4u];
      let a_5_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 5u];
      let a_6_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 6u];
      let a_7_1 = a_tile[(kk + 1u) * 33u + local.y * 8u + 7u];
      let b_1_0 = load_b(b_column_0 + (k + 1u) * n_vectors);
      let b_1_1 = load_b(b_column_1 + (k + 1u) * n_vectors);
      acc_0_0 += b_1_0 * a_0_1;
      acc_0_1 += b_1_1 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
      acc_1_1 += b_1_1 * a_1_1;
      acc_2_0 += b_1_0 * a_2_1;
      acc_2_1 += b_1_1 * a_2_1;
      acc_3_0 += b_1_0 * a_3_1;
      acc_3_1 += b_1_1 * a_3_1;
      acc_4_0 += b_1_0 * a_4_1;
      acc_4_1 += b_1_1 * a_4_1;
      acc_5_0 += b_1_0 * a_5_1;
      acc_5_1 += b_1_1 * a_5_1;
      acc_6_0 += b_1_0 * a_6_1;
      acc_6_1 += b_1_1 * a_6_1;
      acc_7_0 += b_1_0 * a_7_1;
      acc_7_1 += b_1_1 * a_7_1;
    }
    workgroupBarrier();
  }

  {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    var v = acc_0_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    var v = acc_0_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    var v = acc_1_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_1;
    var v = acc_1_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    var v = acc_2_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_1;
    var v = acc_2_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    var v = acc_3_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_1;
    var v = acc_3_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_4) * n_vectors + column_0;
    var v = acc_4_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_4) * n_vectors + column_1;
    var v = acc_4_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_5) * n_vectors + column_0;
    var v = acc_5_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_5) * n_vectors + column_1;
    var v = acc_5_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_6) * n_vectors + column_0;
    var v = acc_6_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_6) * n_vectors + column_1;
    var v = acc_6_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_7) * n_vectors + column_0;
    var v = acc_7_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  {
    let index = (batch * size_m + row_7) * n_vectors + column_1;
    var v = acc_7_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
}
