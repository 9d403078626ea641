// matmul:f32:m256n256k256
// matmul/tiled
// wx=4 wy=16 tm=8 tn=4 vec_n=1 vec_k=2 stage_a=0 stage_b=1 share_a=0 bk=4 pad=1 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/16), ceil(m/128), b; uniforms m, n, k; bindings a, b, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec2<f32>>;

fn load_a(i: u32) -> vec2<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn load_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

var<workgroup> b_tile: array<Value, 68>;

@compute @workgroup_size(4, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let n_vectors = size_n;
  let k_vectors = size_k / 2u;
  let tiles_n = (size_n + 15u) / 16u;
  let tiles_m = (size_m + 127u) / 128u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 128u + local.y * 8u;
  let row_1 = tile_m * 128u + local.y * 8u + 1u;
  let row_2 = tile_m * 128u + local.y * 8u + 2u;
  let row_3 = tile_m * 128u + local.y * 8u + 3u;
  let row_4 = tile_m * 128u + local.y * 8u + 4u;
  let row_5 = tile_m * 128u + local.y * 8u + 5u;
  let row_6 = tile_m * 128u + local.y * 8u + 6u;
  let row_7 = tile_m * 128u + local.y * 8u + 7u;
  let column_0 = tile_n * 16u + local.x;
  let column_1 = tile_n * 16u + 4u + local.x;
  let column_2 = tile_n * 16u + 8u + local.x;
  let column_3 = tile_n * 16u + 12u + local.x;
  let a_row_0 = (batch * size_m + min(row_0, size_m - 1u)) * k_vectors;
  let a_row_1 = (batch * size_m + min(row_1, size_m - 1u)) * k_vectors;
  let a_row_2 = (batch * size_m + min(row_2, size_m - 1u)) * k_vectors;
  let a_row_3 = (batch * size_m + min(row_3, size_m - 1u)) * k_vectors;
  let a_row_4 = (batch * size_m + min(row_4, size_m - 1u)) * k_vectors;
  let a_row_5 = (batch * size_m + min(row_5, size_m - 1u)) * k_vectors;
  let a_row_6 = (batch * size_m + min(row_6, size_m - 1u)) * k_vectors;
  let a_row_7 = (batch * size_m + min(row_7, size_m - 1u)) * k_vectors;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_2_2 = Value(0.0);
  var acc_2_3 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_3_2 = Value(0.0);
  var acc_3_3 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_4_2 = Value(0.0);
  var acc_4_3 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_5_2 = Value(0.0);
  var acc_5_3 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_6_2 = Value(0.0);
  var acc_6_3 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);
  var acc_7_2 = Value(0.0);
  var acc_7_3 = Value(0.0);

  let local_index = local.y * 4u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 4u) {
    for (var t = local_index; t < 64u; t += 64u) {
      let c = t % 16u;
      let s = t / 16u;
      let start = batch * size_k * n_vectors + min(tile_n * 16u + c, n_vectors - 1u);
      b_tile[s * 17u + c] = select(Value(0.0), load_b(start + min(k0 + s, size_k - 1u) * n_vectors), k0 + s < size_k);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 4u; kk += 2u) {
      let k = k0 + kk;
      let a_0_0 = select(vec2<f32>(0.0), load_a(a_row_0 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_1_0 = select(vec2<f32>(0.0), load_a(a_row_1 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_2_0 = select(vec2<f32>(0.0), load_a(a_row_2 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_3_0 = select(vec2<f32>(0.0), load_a(a_row_3 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_4_0 = select(vec2<f32>(0.0), load_a(a_row_4 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_5_0 = select(vec2<f32>(0.0), load_a(a_row_5 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_6_0 = select(vec2<f32>(0.0), load_a(a_row_6 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let a_7_0 = select(vec2<f32>(0.0), load_a(a_row_7 + min(k / 2u, k_vectors - 1u)), k / 2u < k_vectors);
      let b_0_0 = b_tile[kk * 17u + local.x];
      let b_0_1 = b_tile[kk * 17u + 4u + local.x];
      let b_0_2 = b_tile[kk * 17u + 8u + local.x];
      let b_0_3 = b_tile[kk * 17u + 12u + local.x];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      acc_0_2 += b_0_2 * a_0_0.x;
      acc_0_3 += b_0_3 * a_0_0.x;
      acc_1_0 += b_0_0 * a_1_0.x;
      acc_1_1 += b_0_1 * a_1_0.x;
      acc_1_2 += b_0_2 * a_1_0.x;
      acc_1_3 += b_0_3 * a_1_0.x;
      acc_2_0 += b_0_0 * a_2_0.x;
      acc_2_1 += b_0_1 * a_2_0.x;
      acc_2_2 += b_0_2 * a_2_0.x;
      acc_2_3 += b_0_3 * a_2_0.x;
      acc_3_0 += b_0_0 * a_3_0.x;
      acc_3_1 += b_0_1 * a_3_0.x;
      acc_3_2 += b_0_2 * a_3_0.x;
      acc_3_3 += b_0_3 * a_3_0.x;
      acc_4_0 += b_0_0 * a_4_0.x;
      acc_4_1 += b_0_1 * a_4_0.x;
      acc_4_2 += b_0_2 * a_4_0.x;
      acc_4_3 += b_0_3 * a_4_0.x;
      acc_5_0 += b_0_0 * a_5_0.x;
      acc_5_1 += b_0_1 * a_5_0.x;
      acc_5_2 += b_0_2 * a_5_0.x;
      acc_5_3 += b_0_3 * a_5_0.x;
      acc_6_0 += b_0_0 * a_6_0.x;
      acc_6_1 += b_0_1 * a_6_0.x;
      acc_6_2 += b_0_2 * a_6_0.x;
      acc_6_3 += b_0_3 * a_6_0.x;
      acc_7_0 += b_0_0 * a_7_0.x;
      acc_7_1 += b_0_1 * a_7_0.x;
      acc_7_2 += b_0_2 * a_7_0.x;
      acc_7_3 += b_0_3 * a_7_0.x;
      let b_1_0 = b_tile[(kk + 1u) * 17u + local.x];
      let b_1_1 = b_tile[(kk + 1u) * 17u + 4u + local.x];
      let b_1_2 = b_tile[(kk + 1u) * 17u + 8u + local.x];
      let b_1_3 = b_tile[(kk + 1u) * 17u + 12u + local.x];
      acc_0_0 += b_1_0 * a_0_0.y;
      acc_0_1 += b_1_1 * a_0_0.y;
      acc_0_2 += b_1_2 * a_0_0.y;
      acc_0_3 += b_1_3 * a_0_0.y;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_1_1 += b_1_1 * a_1_0.y;
      acc_1_2 += b_1_2 * a_1_0.y;
      acc_1_3 += b_1_3 * a_1_0.y;
      acc_2_0 += b_1_0 * a_2_0.y;
      acc_2_1 += b_1_1 * a_2_0.y;
      acc_2_2 += b_1_2 * a_2_0.y;
      acc_2_3 += b_1_3 * a_2_0.y;
      acc_3_0 += b_1_0 * a_3_0.y;
      acc_3_1 += b_1_1 * a_3_0.y;
      acc_3_2 += b_1_2 * a_3_0.y;
      acc_3_3 += b_1_3 * a_3_0.y;
      acc_4_0 += b_1_0 * a_4_0.y;
      acc_4_1 += b_1_1 * a_4_0.y;
      acc_4_2 += b_1_2 * a_4_0.y;
      acc_4_3 += b_1_3 * a_4_0.y;
      acc_5_0 += b_1_0 * a_5_0.y;
      acc_5_1 += b_1_1 * a_5_0.y;
      acc_5_2 += b_1_2 * a_5_0.y;
      acc_5_3 += b_1_3 * a_5_0.y;
      acc_6_0 += b_1_0 * a_6_0.y;
      acc_6_1 += b_1_1 * a_6_0.y;
      acc_6_2 += b_1_2 * a_6_0.y;
      acc_6_3 += b_1_3 * a_6_0.y;
      acc_7_0 += b_1_0 * a_7_0.y;
      acc_7_1 += b_1_1 * a_7_0.y;
      acc_7_2 += b_1_2 * a_7_0.y;
      acc_7_3 += b_1_3 * a_7_0.y;
    }
    workgroupBarrier();
  }

  if ((row_0 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    store_c(index, acc_0_0);
  }
  if ((row_0 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    store_c(index, acc_0_1);
  }
  if ((row_0 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_2;
    store_c(index, acc_0_2);
  }
  if ((row_0 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_3;
    store_c(index, acc_0_3);
  }
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    store_c(index, acc_1_0);
  }
  if ((row_1 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_1;
    store_c(index, acc_1_1);
  }
  if ((row_1 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_2;
    store_c(index, acc_1_2);
  }
  if ((row_1 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_3;
    store_c(index, acc_1_3);
  }
  if ((row_2 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    store_c(index, acc_2_0);
  }
  if ((row_2 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_1;
    store_c(index, acc_2_1);
  }
  if ((row_2 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_2;
    store_c(index, acc_2_2);
  }
  if ((row_2 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_3;
    store_c(index, acc_2_3);
  }
  if ((row_3 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    store_c(index, acc_3_0);
  }
  if ((row_3 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_1;
    store_c(index, acc_3_1);
  }
  if ((row_3 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_2;
    store_c(index, acc_3_2);
  }
  if ((row_3 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_3;
    store_c(index, acc_3_3);
  }
  if ((row_4 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_4) * n_vectors + column_0;
    store_c(index, acc_4_0);
  }
  if ((row_4 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_4) * n_vectors + column_1;
    store_c(index, acc_4_1);
  }
  if ((row_4 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_4) * n_vectors + column_2;
    store_c(index, acc_4_2);
  }
  if ((row_4 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_4) * n_vectors + column_3;
    store_c(index, acc_4_3);
  }
  if ((row_5 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_5) * n_vectors + column_0;
    store_c(index, acc_5_0);
  }
  if ((row_5 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_5) * n_vectors + column_1;
    store_c(index, acc_5_1);
  }
  if ((row_5 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_5) * n_vectors + column_2;
    store_c(index, acc_5_2);
  }
  if ((row_5 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_5) * n_vectors + column_3;
    store_c(index, acc_5_3);
  }
  if ((row_6 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_6) * n_vectors + column_0;
    store_c(index, acc_6_0);
  }
  if ((row_6 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_6) * n_vectors + column_1;
    store_c(index, acc_6_1);
  }
  if ((row_6 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_6) * n_vectors + column_2;
    store_c(index, acc_6_2);
  }
  if ((row_6 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_6) * n_vectors + column_3;
    store_c(index, acc_6_3);
  }
  if ((row_7 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_7) * n_vectors + column_0;
    store_c(index, acc_7_0);
  }
  if ((row_7 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_7) * n_vectors + column_1;
    store_c(index, acc_7_1);
  }
  if ((row_7 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_7) * n_vectors + column_2;
    store_c(index, acc_7_2);
  }
  if ((row_7 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_7) * n_vectors + column_3;
    store_c(index, acc_7_3);
  }
}
