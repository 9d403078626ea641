// matmul:f32:m256n256k256
// matmul/tiled
// wx=32 wy=2 tm=4 tn=4 vec_n=4 vec_k=1 stage_a=0 stage_b=1 bk=16 pad=1 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/128), ceil(m/8), b; uniforms m, n, k; bindings a, b, c (written)
alias Value = vec4<f32>;

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

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn load_b(i: u32) -> vec4<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

var<workgroup> b_tile: array<Value, 528>;

@compute @workgroup_size(32, 2)
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
  let n_vectors = size_n / 4u;
  let k_vectors = size_k;
  let tiles_n = (size_n + 127u) / 128u;
  let tiles_m = (size_m + 7u) / 8u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 8u + local.y * 4u;
  let row_1 = tile_m * 8u + local.y * 4u + 1u;
  let row_2 = tile_m * 8u + local.y * 4u + 2u;
  let row_3 = tile_m * 8u + local.y * 4u + 3u;
  let column_0 = tile_n * 32u + local.x;
  let a_row_0 = (batch * size_m + min(row_0, size_m - 1u)) * k_vectors;
  let a_row_1 = (batch * size_m + min(row_1, size_m - 1u)) * k_vectors;
  let a_row_2 = (batch * size_m + min(row_2, size_m - 1u)) * k_vectors;
  let a_row_3 = (batch * size_m + min(row_3, size_m - 1u)) * k_vectors;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let local_index = local.y * 32u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    for (var t = local_index; t < 512u; t += 64u) {
      let c = t % 32u;
      let s = t / 32u;
      let start = batch * size_k * n_vectors + min(tile_n * 32u + c, n_vectors - 1u);
      b_tile[s * 33u + c] = select(Value(0.0), load_b(start + min(k0 + s, size_k - 1u) * n_vectors), k0 + s < size_k);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 2u) {
      let k = k0 + kk;
      let a_0_0 = select(f32(0.0), load_a(a_row_0 + min(k, k_vectors - 1u)), k < k_vectors);
      let a_1_0 = select(f32(0.0), load_a(a_row_1 + min(k, k_vectors - 1u)), k < k_vectors);
      let a_2_0 = select(f32(0.0), load_a(a_row_2 + min(k, k_vectors - 1u)), k < k_vectors);
      let a_3_0 = select(f32(0.0), load_a(a_row_3 + min(k, k_vectors - 1u)), k < k_vectors);
      let b_0_0 = b_tile[kk * 33u + local.x];
      acc_0_0 += b_0_0 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_2_0 += b_0_0 * a_2_0;
      acc_3_0 += b_0_0 * a_3_0;
      let a_0_1 = select(f32(0.0), load_a(a_row_0 + min(k + 1u, k_vectors - 1u)), k + 1u < k_vectors);
      let a_1_1 = select(f32(0.0), load_a(a_row_1 + min(k + 1u, k_vectors - 1u)), k + 1u < k_vectors);
      let a_2_1 = select(f32(0.0), load_a(a_row_2 + min(k + 1u, k_vectors - 1u)), k + 1u < k_vectors);
      let a_3_1 = select(f32(0.0), load_a(a_row_3 + min(k + 1u, k_vectors - 1u)), k + 1u < k_vectors);
      let b_1_0 = b_tile[(kk + 1u) * 33u + local.x];
      acc_0_0 += b_1_0 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
      acc_2_0 += b_1_0 * a_2_1;
      acc_3_0 += b_1_0 * a_3_1;
    }
    workgroupBarrier();
  }

  if ((row_0 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    store_c(index, acc_0_0);
  }
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    store_c(index, acc_1_0);
  }
  if ((row_2 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    store_c(index, acc_2_0);
  }
  if ((row_3 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    store_c(index, acc_3_0);
  }
}
