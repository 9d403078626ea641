// matmul:f32:m256n256k256
// matmul/tiled
// wx=8 wy=16 tm=1 tn=16 vec_n=2 vec_k=4 stage_a=0 stage_b=1 share_a=0 bk=16 pad=1 unroll=4 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/128), ceil(m/16), b; uniforms m, n, k; bindings a, b, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;

fn load_a(i: u32) -> vec4<f32> {
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

var<workgroup> b_tile: array<Value, 1040>;

@compute @workgroup_size(8, 16)
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
  let k_vectors = size_k / 4u;
  let tiles_n = (size_n + 127u) / 128u;
  let tiles_m = (size_m + 15u) / 16u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 16u + local.y;
  let column_0 = tile_n * 64u + local.x;
  let column_1 = tile_n * 64u + 8u + local.x;
  let column_2 = tile_n * 64u + 16u + local.x;
  let column_3 = tile_n * 64u + 24u + local.x;
  let column_4 = tile_n * 64u + 32u + local.x;
  let column_5 = tile_n * 64u + 40u + local.x;
  let column_6 = tile_n * 64u + 48u + local.x;
  let column_7 = tile_n * 64u + 56u + local.x;
  let a_row_0 = (batch * size_m + row_0) * k_vectors;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);

  let local_index = local.y * 8u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    for (var t = local_index; t < 1024u; t += 128u) {
      let c = t % 64u;
      let s = t / 64u;
      let start = batch * size_k * n_vectors + tile_n * 64u + c;
      b_tile[s * 65u + c] = load_b(start + (k0 + s) * n_vectors);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let k = k0 + kk;
      let a_0_0 = load_a(a_row_0 + k / 4u);
      let b_0_0 = b_tile[kk * 65u + local.x];
      let b_0_1 = b_tile[kk * 65u + 8u + local.x];
      let b_0_2 = b_tile[kk * 65u + 16u + local.x];
      let b_0_3 = b_tile[kk * 65u + 24u + local.x];
      let b_0_4 = b_tile[kk * 65u + 32u + local.x];
      let b_0_5 = b_tile[kk * 65u + 40u + local.x];
      let b_0_6 = b_tile[kk * 65u + 48u + local.x];
      let b_0_7 = b_tile[kk * 65u + 56u + local.x];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      acc_0_2 += b_0_2 * a_0_0.x;
      acc_0_3 += b_0_3 * a_0_0.x;
      acc_0_4 += b_0_4 * a_0_0.x;
      acc_0_5 += b_0_5 * a_0_0.x;
      acc_0_6 += b_0_6 * a_0_0.x;
      acc_0_7 += b_0_7 * a_0_0.x;
      let b_1_0 = b_tile[(kk + 1u) * 65u + local.x];
      let b_1_1 = b_tile[(kk + 1u) * 65u + 8u + local.x];
      let b_1_2 = b_tile[(kk + 1u) * 65u + 16u + local.x];
      let b_1_3 = b_tile[(kk + 1u) * 65u + 24u + local.x];
      let b_1_4 = b_tile[(kk + 1u) * 65u + 32u + local.x];
      let b_1_5 = b_tile[(kk + 1u) * 65u + 40u + local.x];
      let b_1_6 = b_tile[(kk + 1u) * 65u + 48u + local.x];
      let b_1_7 = b_tile[(kk + 1u) * 65u + 56u + local.x];
      acc_0_0 += b_1_0 * a_0_0.y;
      acc_0_1 += b_1_1 * a_0_0.y;
      acc_0_2 += b_1_2 * a_0_0.y;
      acc_0_3 += b_1_3 * a_0_0.y;
      acc_0_4 += b_1_4 * a_0_0.y;
      acc_0_5 += b_1_5 * a_0_0.y;
      acc_0_6 += b_1_6 * a_0_0.y;
      acc_0_7 += b_1_7 * a_0_0.y;
      let b_2_0 = b_tile[(kk + 2u) * 65u + local.x];
      let b_2_1 = b_tile[(kk + 2u) * 65u + 8u + local.x];
      let b_2_2 = b_tile[(kk + 2u) * 65u + 16u + local.x];
      let b_2_3 = b_tile[(kk + 2u) * 65u + 24u + local.x];
      let b_2_4 = b_tile[(kk + 2u) * 65u + 32u + local.x];
      let b_2_5 = b_tile[(kk + 2u) * 65u + 40u + local.x];
      let b_2_6 = b_tile[(kk + 2u) * 65u + 48u + local.x];
      let b_2_7 = b_tile[(kk + 2u) * 65u + 56u + local.x];
      acc_0_0 += b_2_0 * a_0_0.z;
      acc_0_1 += b_2_1 * a_0_0.z;
      acc_0_2 += b_2_2 * a_0_0.z;
      acc_0_3 += b_2_3 * a_0_0.z;
      acc_0_4 += b_2_4 * a_0_0.z;
      acc_0_5 += b_2_5 * a_0_0.z;
      acc_0_6 += b_2_6 * a_0_0.z;
      acc_0_7 += b_2_7 * a_0_0.z;
      let b_3_0 = b_tile[(kk + 3u) * 65u + local.x];
      let b_3_1 = b_tile[(kk + 3u) * 65u + 8u + local.x];
      let b_3_2 = b_tile[(kk + 3u) * 65u + 16u + local.x];
      let b_3_3 = b_tile[(kk + 3u) * 65u + 24u + local.x];
      let b_3_4 = b_tile[(kk + 3u) * 65u + 32u + local.x];
      let b_3_5 = b_tile[(kk + 3u) * 65u + 40u + local.x];
      let b_3_6 = b_tile[(kk + 3u) * 65u + 48u + local.x];
      let b_3_7 = b_tile[(kk + 3u) * 65u + 56u + local.x];
      acc_0_0 += b_3_0 * a_0_0.w;
      acc_0_1 += b_3_1 * a_0_0.w;
      acc_0_2 += b_3_2 * a_0_0.w;
      acc_0_3 += b_3_3 * a_0_0.w;
      acc_0_4 += b_3_4 * a_0_0.w;
      acc_0_5 += b_3_5 * a_0_0.w;
      acc_0_6 += b_3_6 * a_0_0.w;
      acc_0_7 += b_3_7 * a_0_0.w;
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
}
