// matmul:f32:m256n256k256
// matmul/tiled
// wx=16 wy=2 tm=4 tn=16 vec_n=2 vec_k=1 stage_a=1 stage_b=0 bk=32 pad=0 unroll=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/256), ceil(m/8), b; uniforms m, n, k; bindings a, b, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<f32>;

fn load_a(i: u32) -> f32 {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn load_b(i: u32) -> vec2<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec2<f32>>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = v;
}

var<workgroup> a_tile: array<f32, 256>;

@compute @workgroup_size(16, 2)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = 256u;
  let size_n = 256u;
  let size_k = 256u;
  let n_vectors = size_n / 2u;
  let k_vectors = size_k;
  let tiles_n = (size_n + 255u) / 256u;
  let tiles_m = (size_m + 7u) / 8u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 8u + local.y * 4u;
  let row_1 = tile_m * 8u + local.y * 4u + 1u;
  let row_2 = tile_m * 8u + local.y * 4u + 2u;
  let row_3 = tile_m * 8u + local.y * 4u + 3u;
  let column_0 = tile_n * 128u + local.x;
  let column_1 = tile_n * 128u + 16u + local.x;
  let column_2 = tile_n * 128u + 32u + local.x;
  let column_3 = tile_n * 128u + 48u + local.x;
  let column_4 = tile_n * 128u + 64u + local.x;
  let column_5 = tile_n * 128u + 80u + local.x;
  let column_6 = tile_n * 128u + 96u + local.x;
  let column_7 = tile_n * 128u + 112u + local.x;
  let b_column_0 = batch * size_k * n_vectors + column_0;
  let b_column_1 = batch * size_k * n_vectors + column_1;
  let b_column_2 = batch * size_k * n_vectors + column_2;
  let b_column_3 = batch * size_k * n_vectors + column_3;
  let b_column_4 = batch * size_k * n_vectors + column_4;
  let b_column_5 = batch * size_k * n_vectors + column_5;
  let b_column_6 = batch * size_k * n_vectors + column_6;
  let b_column_7 = batch * size_k * n_vectors + column_7;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);
  var acc_1_4 = Value(0.0);
  var acc_1_5 = Value(0.0);
  var acc_1_6 = Value(0.0);
  var acc_1_7 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_2_2 = Value(0.0);
  var acc_2_3 = Value(0.0);
  var acc_2_4 = Value(0.0);
  var acc_2_5 = Value(0.0);
  var acc_2_6 = Value(0.0);
  var acc_2_7 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_3_2 = Value(0.0);
  var acc_3_3 = Value(0.0);
  var acc_3_4 = Value(0.0);
  var acc_3_5 = Value(0.0);
  var acc_3_6 = Value(0.0);
  var acc_3_7 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    for (var t = local_index; t < 256u; t += 32u) {
      let q = t % 32u;
      let r = t / 32u;
      let start = (batch * size_m + tile_m * 8u + r) * k_vectors;
      let value = load_a(start + k0 + q);
      a_tile[q * 8u + r] = value;
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 32u; kk += 1u) {
      let k = k0 + kk;
      let a_0_0 = a_tile[kk * 8u + local.y * 4u];
      let a_1_0 = a_tile[kk * 8u + local.y * 4u + 1u];
      let a_2_0 = a_tile[kk * 8u + local.y * 4u + 2u];
      let a_3_0 = a_tile[kk * 8u + local.y * 4u + 3u];
      let b_0_0 = load_b(b_column_0 + k * n_vectors);
      let b_0_1 = load_b(b_column_1 + k * n_vectors);
      let b_0_2 = load_b(b_column_2 + k * n_vectors);
      let b_0_3 = load_b(b_column_3 + k * n_vectors);
      let b_0_4 = load_b(b_column_4 + k * n_vectors);
      let b_0_5 = load_b(b_column_5 + k * n_vectors);
      let b_0_6 = load_b(b_column_6 + k * n_vectors);
      let b_0_7 = load_b(b_column_7 + k * n_vectors);
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_0_2 += b_0_2 * a_0_0;
      acc_0_3 += b_0_3 * a_0_0;
      acc_0_4 += b_0_4 * a_0_0;
      acc_0_5 += b_0_5 * a_0_0;
      acc_0_6 += b_0_6 * a_0_0;
      acc_0_7 += b_0_7 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_1_1 += b_0_1 * a_1_0;
      acc_1_2 += b_0_2 * a_1_0;
      acc_1_3 += b_0_3 * a_1_0;
      acc_1_4 += b_0_4 * a_1_0;
      acc_1_5 += b_0_5 * a_1_0;
      acc_1_6 += b_0_6 * a_1_0;
      acc_1_7 += b_0_7 * a_1_0;
      acc_2_0 += b_0_0 * a_2_0;
      acc_2_1 += b_0_1 * a_2_0;
      acc_2_2 += b_0_2 * a_2_0;
      acc_2_3 += b_0_3 * a_2_0;
      acc_2_4 += b_0_4 * a_2_0;
      acc_2_5 += b_0_5 * a_2_0;
      acc_2_6 += b_0_6 * a_2_0;
      acc_2_7 += b_0_7 * a_2_0;
      acc_3_0 += b_0_0 * a_3_0;
      acc_3_1 += b_0_1 * a_3_0;
      acc_3_2 += b_0_2 * a_3_0;
      acc_3_3 += b_0_3 * a_3_0;
      acc_3_4 += b_0_4 * a_3_0;
      acc_3_5 += b_0_5 * a_3_0;
      acc_3_6 += b_0_6 * a_3_0;
      acc_3_7 += b_0_7 * a_3_0;
    }
    workgroupBarrier();
  }

  {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    store_c(index, acc_0_0);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    store_c(index, acc_0_1);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_2;
    store_c(index, acc_0_2);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_3;
    store_c(index, acc_0_3);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_4;
    store_c(index, acc_0_4);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_5;
    store_c(index, acc_0_5);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_6;
    store_c(index, acc_0_6);
  }
  {
    let index = (batch * size_m + row_0) * n_vectors + column_7;
    store_c(index, acc_0_7);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    store_c(index, acc_1_0);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_1;
    store_c(index, acc_1_1);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_2;
    store_c(index, acc_1_2);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_3;
    store_c(index, acc_1_3);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_4;
    store_c(index, acc_1_4);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_5;
    store_c(index, acc_1_5);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_6;
    store_c(index, acc_1_6);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_7;
    store_c(index, acc_1_7);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    store_c(index, acc_2_0);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_1;
    store_c(index, acc_2_1);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_2;
    store_c(index, acc_2_2);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_3;
    store_c(index, acc_2_3);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_4;
    store_c(index, acc_2_4);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_5;
    store_c(index, acc_2_5);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_6;
    store_c(index, acc_2_6);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_7;
    store_c(index, acc_2_7);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    store_c(index, acc_3_0);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_1;
    store_c(index, acc_3_1);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_2;
    store_c(index, acc_3_2);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_3;
    store_c(index, acc_3_3);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_4;
    store_c(index, acc_3_4);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_5;
    store_c(index, acc_3_5);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_6;
    store_c(index, acc_3_6);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_7;
    store_c(index, acc_3_7);
  }
}
