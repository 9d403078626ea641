// matmul:f16:m64n48k32:tn+bias+relu
// matmul/tiled
// wx=32 wy=4 tm=1 tn=4 vec_n=2 vec_k=1 stage_a=0 stage_b=1 share_a=0 bk=32 pad=1 unroll=16 baked=1 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/128), ceil(m/4), b; uniforms m, n, k; bindings a, b, bias, c (written)
alias Value = vec2<f32>;

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

fn load_b(i: u32) -> vec2<f32> {
  return unpack2x16float(b[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<u32>;

fn load_bias(i: u32) -> vec2<f32> {
  return unpack2x16float(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<u32>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = pack2x16float(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> b_tile: array<Value, 2080>;

@compute @workgroup_size(32, 4)
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
  let n_vectors = size_n / 2u;
  let tiles_n = (size_n + 127u) / 128u;
  let tiles_m = (size_m + 3u) / 4u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 4u + local.y;
  let column_0 = tile_n * 64u + local.x;
  let column_1 = tile_n * 64u + 32u + local.x;
  let a_row_0 = batch * size_k * size_m + row_0;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);

  let local_index = local.y * 32u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    for (var t = local_index; t < 2048u; t += 128u) {
      let c = t % 64u;
      let s = t / 64u;
      let start = batch * size_k * n_vectors + min(tile_n * 64u + c, n_vectors - 1u);
      b_tile[s * 65u + c] = load_b(start + (k0 + s) * n_vectors);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 32u; kk += 16u) {
      let k = k0 + kk;
      let a_0_0 = load_a(a_row_0 + k * size_m);
      let b_0_0 = b_tile[kk * 65u + local.x];
      let b_0_1 = b_tile[kk * 65u + 32u + local.x];
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      let a_0_1 = load_a(a_row_0 + (k + 1u) * size_m);
      let b_1_0 = b_tile[(kk + 1u) * 65u + local.x];
      let b_1_1 = b_tile[(kk + 1u) * 65u + 32u + local.x];
      acc_0_0 += b_1_0 * a_0_1;
      acc_0_1 += b_1_1 * a_0_1;
      let a_0_2 = load_a(a_row_0 + (k + 2u) * size_m);
      let b_2_0 = b_tile[(kk + 2u) * 65u + local.x];
      let b_2_1 = b_tile[(kk + 2u) * 65u + 32u + local.x];
      acc_0_0 += b_2_0 * a_0_2;
      acc_0_1 += b_2_1 * a_0_2;
      let a_0_3 = load_a(a_row_0 + (k + 3u) * size_m);
      let b_3_0 = b_tile[(kk + 3u) * 65u + local.x];
      let b_3_1 = b_tile[(kk + 3u) * 65u + 32u + local.x];
      acc_0_0 += b_3_0 * a_0_3;
      acc_0_1 += b_3_1 * a_0_3;
      let a_0_4 = load_a(a_row_0 + (k + 4u) * size_m);
      let b_4_0 = b_tile[(kk + 4u) * 65u + local.x];
      let b_4_1 = b_tile[(kk + 4u) * 65u + 32u + local.x];
      acc_0_0 += b_4_0 * a_0_4;
      acc_0_1 += b_4_1 * a_0_4;
      let a_0_5 = load_a(a_row_0 + (k + 5u) * size_m);
      let b_5_0 = b_tile[(kk + 5u) * 65u + local.x];
      let b_5_1 = b_tile[(kk + 5u) * 65u + 32u + local.x];
      acc_0_0 += b_5_0 * a_0_5;
      acc_0_1 += b_5_1 * a_0_5;
      let a_0_6 = load_a(a_row_0 + (k + 6u) * size_m);
      let b_6_0 = b_tile[(kk + 6u) * 65u + local.x];
      let b_6_1 = b_tile[(kk + 6u) * 65u + 32u + local.x];
      acc_0_0 += b_6_0 * a_0_6;
      acc_0_1 += b_6_1 * a_0_6;
      let a_0_7 = load_a(a_row_0 + (k + 7u) * size_m);
      let b_7_0 = b_tile[(kk + 7u) * 65u + local.x];
      let b_7_1 = b_tile[(kk + 7u) * 65u + 32u + local.x];
      acc_0_0 += b_7_0 * a_0_7;
      acc_0_1 += b_7_1 * a_0_7;
      let a_0_8 = load_a(a_row_0 + (k + 8u) * size_m);
      let b_8_0 = b_tile[(kk + 8u) * 65u + local.x];
      let b_8_1 = b_tile[(kk + 8u) * 65u + 32u + local.x];
      acc_0_0 += b_8_0 * a_0_8;
      acc_0_1 += b_8_1 * a_0_8;
      let a_0_9 = load_a(a_row_0 + (k + 9u) * size_m);
      let b_9_0 = b_tile[(kk + 9u) * 65u + local.x];
      let b_9_1 = b_tile[(kk + 9u) * 65u + 32u + local.x];
      acc_0_0 += b_9_0 * a_0_9;
      acc_0_1 += b_9_1 * a_0_9;
      let a_0_10 = load_a(a_row_0 + (k + 10u) * size_m);
      let b_10_0 = b_tile[(kk + 10u) * 65u + local.x];
      let b_10_1 = b_tile[(kk + 10u) * 65u + 32u + local.x];
      acc_0_0 += b_10_0 * a_0_10;
      acc_0_1 += b_10_1 * a_0_10;
      let a_0_11 = load_a(a_row_0 + (k + 11u) * size_m);
      let b_11_0 = b_tile[(kk + 11u) * 65u + local.x];
      let b_11_1 = b_tile[(kk + 11u) * 65u + 32u + local.x];
      acc_0_0 += b_11_0 * a_0_11;
      acc_0_1 += b_11_1 * a_0_11;
      let a_0_12 = load_a(a_row_0 + (k + 12u) * size_m);
      let b_12_0 = b_tile[(kk + 12u) * 65u + local.x];
      let b_12_1 = b_tile[(kk + 12u) * 65u + 32u + local.x];
      acc_0_0 += b_12_0 * a_0_12;
      acc_0_1 += b_12_1 * a_0_12;
      let a_0_13 = load_a(a_row_0 + (k + 13u) * size_m);
      let b_13_0 = b_tile[(kk + 13u) * 65u + local.x];
      let b_13_1 = b_tile[(kk + 13u) * 65u + 32u + local.x];
      acc_0_0 += b_13_0 * a_0_13;
      acc_0_1 += b_13_1 * a_0_13;
      let a_0_14 = load_a(a_row_0 + (k + 14u) * size_m);
      let b_14_0 = b_tile[(kk + 14u) * 65u + local.x];
      let b_14_1 = b_tile[(kk + 14u) * 65u + 32u + local.x];
      acc_0_0 += b_14_0 * a_0_14;
      acc_0_1 += b_14_1 * a_0_14;
      let a_0_15 = load_a(a_row_0 + (k + 15u) * size_m);
      let b_15_0 = b_tile[(kk + 15u) * 65u + local.x];
      let b_15_1 = b_tile[(kk + 15u) * 65u + 32u + local.x];
      acc_0_0 += b_15_0 * a_0_15;
      acc_0_1 += b_15_1 * a_0_15;
    }
    workgroupBarrier();
  }

  if (column_0 < n_vectors) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    var v = acc_0_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if (column_1 < n_vectors) {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    var v = acc_0_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
}
