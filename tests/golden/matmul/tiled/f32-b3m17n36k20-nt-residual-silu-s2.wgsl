// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/tiled
// wx=32 wy=1 tm=4 tn=16 vec_n=4 vec_k=4 stage_a=0 stage_b=1 bk=16 pad=0 unroll=8 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/512), ceil(m/4), b; uniforms m, n, k; bindings a, b, residual, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;

fn load_a(i: u32) -> vec4<f32> {
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

var<workgroup> b_tile: array<f32, 8192>;

@compute @workgroup_size(32, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = 17u;
  let size_n = 36u;
  let size_k = 20u;
  let n_vectors = size_n / 4u;
  let k_vectors = size_k / 4u;
  let tiles_n = (size_n + 511u) / 512u;
  let tiles_m = (size_m + 3u) / 4u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 4u;
  let row_1 = tile_m * 4u + 1u;
  let row_2 = tile_m * 4u + 2u;
  let row_3 = tile_m * 4u + 3u;
  let column_0 = tile_n * 128u + local.x;
  let column_1 = tile_n * 128u + 32u + local.x;
  let column_2 = tile_n * 128u + 64u + local.x;
  let column_3 = tile_n * 128u + 96u + local.x;
  let a_row_0 = (batch * size_m + min(row_0, size_m - 1u)) * k_vectors;
  let a_row_1 = (batch * size_m + min(row_1, size_m - 1u)) * k_vectors;
  let a_row_2 = (batch * size_m + min(row_2, size_m - 1u)) * k_vectors;
  let a_row_3 = (batch * size_m + min(row_3, size_m - 1u)) * k_vectors;

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

  let local_index = local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    for (var t = local_index; t < 2048u; t += 32u) {
      let q = t % 4u;
      let c = t / 4u;
      let start = (batch * size_n + min(tile_n * 512u + c, size_n - 1u)) * k_vectors;
      let value = select(vec4<f32>(0.0), load_b(start + min(k0 / 4u + q, k_vectors - 1u)), k0 / 4u + q < k_vectors);
      b_tile[q * 4u * 512u + c] = value.x;
      b_tile[(q * 4u + 1u) * 512u + c] = value.y;
      b_tile[(q * 4u + 2u) * 512u + c] = value.z;
      b_tile[(q * 4u + 3u) * 512u + c] = value.w;
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 8u) {
      let k = k0 + kk;
      let a_0_0 = select(vec4<f32>(0.0), load_a(a_row_0 + min(k / 4u, k_vectors - 1u)), k / 4u < k_vectors);
      let a_1_0 = select(vec4<f32>(0.0), load_a(a_row_1 + min(k / 4u, k_vectors - 1u)), k / 4u < k_vectors);
      let a_2_0 = select(vec4<f32>(0.0), load_a(a_row_2 + min(k / 4u, k_vectors - 1u)), k / 4u < k_vectors);
      let a_3_0 = select(vec4<f32>(0.0), load_a(a_row_3 + min(k / 4u, k_vectors - 1u)), k / 4u < k_vectors);
      let b_at_0_0 = kk * 512u + local.x * 4u;
      let b_0_0 = Value(b_tile[b_at_0_0], b_tile[b_at_0_0 + 1u], b_tile[b_at_0_0 + 2u], b_tile[b_at_0_0 + 3u]);
      let b_at_0_1 = kk * 512u + (32u + local.x) * 4u;
      let b_0_1 = Value(b_tile[b_at_0_1], b_tile[b_at_0_1 + 1u], b_tile[b_at_0_1 + 2u], b_tile[b_at_0_1 + 3u]);
      let b_at_0_2 = kk * 512u + (64u + local.x) * 4u;
      let b_0_2 = Value(b_tile[b_at_0_2], b_tile[b_at_0_2 + 1u], b_tile[b_at_0_2 + 2u], b_tile[b_at_0_2 + 3u]);
      let b_at_0_3 = kk * 512u + (96u + local.x) * 4u;
      let b_0_3 = Value(b_tile[b_at_0_3], b_tile[b_at_0_3 + 1u], b_tile[b_at_0_3 + 2u], b_tile[b_at_0_3 + 3u]);
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
      let b_at_1_0 = (kk + 1u) * 512u + local.x * 4u;
      let b_1_0 = Value(b_tile[b_at_1_0], b_tile[b_at_1_0 + 1u], b_tile[b_at_1_0 + 2u], b_tile[b_at_1_0 + 3u]);
      let b_at_1_1 = (kk + 1u) * 512u + (32u + local.x) * 4u;
      let b_1_1 = Value(b_tile[b_at_1_1], b_tile[b_at_1_1 + 1u], b_tile[b_at_1_1 + 2u], b_tile[b_at_1_1 + 3u]);
      let b_at_1_2 = (kk + 1u) * 512u + (64u + local.x) * 4u;
      let b_1_2 = Value(b_tile[b_at_1_2], b_tile[b_at_1_2 + 1u], b_tile[b_at_1_2 + 2u], b_tile[b_at_1_2 + 3u]);
      let b_at_1_3 = (kk + 1u) * 512u + (96u + local.x) * 4u;
      let b_1_3 = Value(b_tile[b_at_1_3], b_tile[b_at_1_3 + 1u], b_tile[b_at_1_3 + 2u], b_tile[b_at_1_3 + 3u]);
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
      let b_at_2_0 = (kk + 2u) * 512u + local.x * 4u;
      let b_2_0 = Value(b_tile[b_at_2_0], b_tile[b_at_2_0 + 1u], b_tile[b_at_2_0 + 2u], b_tile[b_at_2_0 + 3u]);
      let b_at_2_1 = (kk + 2u) * 512u + (32u + local.x) * 4u;
      let b_2_1 = Value(b_tile[b_at_2_1], b_tile[b_at_2_1 + 1u], b_tile[b_at_2_1 + 2u], b_tile[b_at_2_1 + 3u]);
      let b_at_2_2 = (kk + 2u) * 512u + (64u + local.x) * 4u;
      let b_2_2 = Value(b_tile[b_at_2_2], b_tile[b_at_2_2 + 1u], b_tile[b_at_2_2 + 2u], b_tile[b_at_2_2 + 3u]);
      let b_at_2_3 = (kk + 2u) * 512u + (96u + local.x) * 4u;
      let b_2_3 = Value(b_tile[b_at_2_3], b_tile[b_at_2_3 + 1u], b_tile[b_at_2_3 + 2u], b_tile[b_at_2_3 + 3u]);
      acc_0_0 += b_2_0 * a_0_0.z;
      acc_0_1 += b_2_1 * a_0_0.z;
      acc_0_2 += b_2_2 * a_0_0.z;
      acc_0_3 += b_2_3 * a_0_0.z;
      acc_1_0 += b_2_0 * a_1_0.z;
      acc_1_1 += b_2_1 * a_1_0.z;
      acc_1_2 += b_2_2 * a_1_0.z;
      acc_1_3 += b_2_3 * a_1_0.z;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_2_1 += b_2_1 * a_2_0.z;
      acc_2_2 += b_2_2 * a_2_0.z;
      acc_2_3 += b_2_3 * a_2_0.z;
      acc_3_0 += b_2_0 * a_3_0.z;
      acc_3_1 += b_2_1 * a_3_0.z;
      acc_3_2 += b_2_2 * a_3_0.z;
      acc_3_3 += b_2_3 * a_3_0.z;
      let b_at_3_0 = (kk + 3u) * 512u + local.x * 4u;
      let b_3_0 = Value(b_tile[b_at_3_0], b_tile[b_at_3_0 + 1u], b_tile[b_at_3_0 + 2u], b_tile[b_at_3_0 + 3u]);
      let b_at_3_1 = (kk + 3u) * 512u + (32u + local.x) * 4u;
      let b_3_1 = Value(b_tile[b_at_3_1], b_tile[b_at_3_1 + 1u], b_tile[b_at_3_1 + 2u], b_tile[b_at_3_1 + 3u]);
      let b_at_3_2 = (kk + 3u) * 512u + (64u + local.x) * 4u;
      let b_3_2 = Value(b_tile[b_at_3_2], b_tile[b_at_3_2 + 1u], b_tile[b_at_3_2 + 2u], b_tile[b_at_3_2 + 3u]);
      let b_at_3_3 = (kk + 3u) * 512u + (96u + local.x) * 4u;
      let b_3_3 = Value(b_tile[b_at_3_3], b_tile[b_at_3_3 + 1u], b_tile[b_at_3_3 + 2u], b_tile[b_at_3_3 + 3u]);
      acc_0_0 += b_3_0 * a_0_0.w;
      acc_0_1 += b_3_1 * a_0_0.w;
      acc_0_2 += b_3_2 * a_0_0.w;
      acc_0_3 += b_3_3 * a_0_0.w;
      acc_1_0 += b_3_0 * a_1_0.w;
      acc_1_1 += b_3_1 * a_1_0.w;
      acc_1_2 += b_3_2 * a_1_0.w;
      acc_1_3 += b_3_3 * a_1_0.w;
      acc_2_0 += b_3_0 * a_2_0.w;
      acc_2_1 += b_3_1 * a_2_0.w;
      acc_2_2 += b_3_2 * a_2_0.w;
      acc_2_3 += b_3_3 * a_2_0.w;
      acc_3_0 += b_3_0 * a_3_0.w;
      acc_3_1 += b_3_1 * a_3_0.w;
      acc_3_2 += b_3_2 * a_3_0.w;
      acc_3_3 += b_3_3 * a_3_0.w;
      let a_0_4 = select(vec4<f32>(0.0), load_a(a_row_0 + min((k + 4u) / 4u, k_vectors - 1u)), (k + 4u) / 4u < k_vectors);
      let a_1_4 = select(vec4<f32>(0.0), load_a(a_row_1 + min((k + 4u) / 4u, k_vectors - 1u)), (k + 4u) / 4u < k_vectors);
      let a_2_4 = select(vec4<f32>(0.0), load_a(a_row_2 + min((k + 4u) / 4u, k_vectors - 1u)), (k + 4u) / 4u < k_vectors);
      let a_3_4 = select(vec4<f32>(0.0), load_a(a_row_3 + min((k + 4u) / 4u, k_vectors - 1u)), (k + 4u) / 4u < k_vectors);
      let b_at_4_0 = (kk + 4u) * 512u + local.x * 4u;
      let b_4_0 = Value(b_tile[b_at_4_0], b_tile[b_at_4_0 + 1u], b_tile[b_at_4_0 + 2u], b_tile[b_at_4_0 + 3u]);
      let b_at_4_1 = (kk + 4u) * 512u + (32u + local.x) * 4u;
      let b_4_1 = Value(b_tile[b_at_4_1], b_tile[b_at_4_1 + 1u], b_tile[b_at_4_1 + 2u], b_tile[b_at_4_1 + 3u]);
      let b_at_4_2 = (kk + 4u) * 512u + (64u + local.x) * 4u;
      let b_4_2 = Value(b_tile[b_at_4_2], b_tile[b_at_4_2 + 1u], b_tile[b_at_4_2 + 2u], b_tile[b_at_4_2 + 3u]);
      let b_at_4_3 = (kk + 4u) * 512u + (96u + local.x) * 4u;
      let b_4_3 = Value(b_tile[b_at_4_3], b_tile[b_at_4_3 + 1u], b_tile[b_at_4_3 + 2u], b_tile[b_at_4_3 + 3u]);
      acc_0_0 += b_4_0 * a_0_4.x;
      acc_0_1 += b_4_1 * a_0_4.x;
      acc_0_2 += b_4_2 * a_0_4.x;
      acc_0_3 += b_4_3 * a_0_4.x;
      acc_1_0 += b_4_0 * a_1_4.x;
      acc_1_1 += b_4_1 * a_1_4.x;
      acc_1_2 += b_4_2 * a_1_4.x;
      acc_1_3 += b_4_3 * a_1_4.x;
      acc_2_0 += b_4_0 * a_2_4.x;
      acc_2_1 += b_4_1 * a_2_4.x;
      acc_2_2 += b_4_2 * a_2_4.x;
      acc_2_3 += b_4_3 * a_2_4.x;
      acc_3_0 += b_4_0 * a_3_4.x;
      acc_3_1 += b_4_1 * a_3_4.x;
      acc_3_2 += b_4_2 * a_3_4.x;
      acc_3_3 += b_4_3 * a_3_4.x;
      let b_at_5_0 = (kk + 5u) * 512u + local.x * 4u;
      let b_5_0 = Value(b_tile[b_at_5_0], b_tile[b_at_5_0 + 1u], b_tile[b_at_5_0 + 2u], b_tile[b_at_5_0 + 3u]);
      let b_at_5_1 = (kk + 5u) * 512u + (32u + local.x) * 4u;
      let b_5_1 = Value(b_tile[b_at_5_1], b_tile[b_at_5_1 + 1u], b_tile[b_at_5_1 + 2u], b_tile[b_at_5_1 + 3u]);
      let b_at_5_2 = (kk + 5u) * 512u + (64u + local.x) * 4u;
      let b_5_2 = Value(b_tile[b_at_5_2], b_tile[b_at_5_2 + 1u], b_tile[b_at_5_2 + 2u], b_tile[b_at_5_2 + 3u]);
      let b_at_5_3 = (kk + 5u) * 512u + (96u + local.x) * 4u;
      let b_5_3 = Value(b_tile[b_at_5_3], b_tile[b_at_5_3 + 1u], b_tile[b_at_5_3 + 2u], b_tile[b_at_5_3 + 3u]);
      acc_0_0 += b_5_0 * a_0_4.y;
      acc_0_1 += b_5_1 * a_0_4.y;
      acc_0_2 += b_5_2 * a_0_4.y;
      acc_0_3 += b_5_3 * a_0_4.y;
      acc_1_0 += b_5_0 * a_1_4.y;
      acc_1_1 += b_5_1 * a_1_4.y;
      acc_1_2 += b_5_2 * a_1_4.y;
      acc_1_3 += b_5_3 * a_1_4.y;
      acc_2_0 += b_5_0 * a_2_4.y;
      acc_2_1 += b_5_1 * a_2_4.y;
      acc_2_2 += b_5_2 * a_2_4.y;
      acc_2_3 += b_5_3 * a_2_4.y;
      acc_3_0 += b_5_0 * a_3_4.y;
      acc_3_1 += b_5_1 * a_3_4.y;
      acc_3_2 += b_5_2 * a_3_4.y;
      acc_3_3 += b_5_3 * a_3_4.y;
      let b_at_6_0 = (kk + 6u) * 512u + local.x * 4u;
      let b_6_0 = Value(b_tile[b_at_6_0], b_tile[b_at_6_0 + 1u], b_tile[b_at_6_0 + 2u], b_tile[b_at_6_0 + 3u]);
      let b_at_6_1 = (kk + 6u) * 512u + (32u + local.x) * 4u;
      let b_6_1 = Value(b_tile[b_at_6_1], b_tile[b_at_6_1 + 1u], b_tile[b_at_6_1 + 2u], b_tile[b_at_6_1 + 3u]);
      let b_at_6_2 = (kk + 6u) * 512u + (64u + local.x) * 4u;
      let b_6_2 = Value(b_tile[b_at_6_2], b_tile[b_at_6_2 + 1u], b_tile[b_at_6_2 + 2u], b_tile[b_at_6_2 + 3u]);
      let b_at_6_3 = (kk + 6u) * 512u + (96u + local.x) * 4u;
      let b_6_3 = Value(b_tile[b_at_6_3], b_tile[b_at_6_3 + 1u], b_tile[b_at_6_3 + 2u], b_tile[b_at_6_3 + 3u]);
      acc_0_0 += b_6_0 * a_0_4.z;
      acc_0_1 += b_6_1 * a_0_4.z;
      acc_0_2 += b_6_2 * a_0_4.z;
      acc_0_3 += b_6_3 * a_0_4.z;
      acc_1_0 += b_6_0 * a_1_4.z;
      acc_1_1 += b_6_1 * a_1_4.z;
      acc_1_2 += b_6_2 * a_1_4.z;
      acc_1_3 += b_6_3 * a_1_4.z;
      acc_2_0 += b_6_0 * a_2_4.z;
      acc_2_1 += b_6_1 * a_2_4.z;
      acc_2_2 += b_6_2 * a_2_4.z;
      acc_2_3 += b_6_3 * a_2_4.z;
      acc_3_0 += b_6_0 * a_3_4.z;
      acc_3_1 += b_6_1 * a_3_4.z;
      acc_3_2 += b_6_2 * a_3_4.z;
      acc_3_3 += b_6_3 * a_3_4.z;
      let b_at_7_0 = (kk + 7u) * 512u + local.x * 4u;
      let b_7_0 = Value(b_tile[b_at_7_0], b_tile[b_at_7_0 + 1u], b_tile[b_at_7_0 + 2u], b_tile[b_at_7_0 + 3u]);
      let b_at_7_1 = (kk + 7u) * 512u + (32u + local.x) * 4u;
      let b_7_1 = Value(b_tile[b_at_7_1], b_tile[b_at_7_1 + 1u], b_tile[b_at_7_1 + 2u], b_tile[b_at_7_1 + 3u]);
      let b_at_7_2 = (kk + 7u) * 512u + (64u + local.x) * 4u;
      let b_7_2 = Value(b_tile[b_at_7_2], b_tile[b_at_7_2 + 1u], b_tile[b_at_7_2 + 2u], b_tile[b_at_7_2 + 3u]);
      let b_at_7_3 = (kk + 7u) * 512u + (96u + local.x) * 4u;
      let b_7_3 = Value(b_tile[b_at_7_3], b_tile[b_at_7_3 + 1u], b_tile[b_at_7_3 + 2u], b_tile[b_at_7_3 + 3u]);
      acc_0_0 += b_7_0 * a_0_4.w;
      acc_0_1 += b_7_1 * a_0_4.w;
      acc_0_2 += b_7_2 * a_0_4.w;
      acc_0_3 += b_7_3 * a_0_4.w;
      acc_1_0 += b_7_0 * a_1_4.w;
      acc_1_1 += b_7_1 * a_1_4.w;
      acc_1_2 += b_7_2 * a_1_4.w;
      acc_1_3 += b_7_3 * a_1_4.w;
      acc_2_0 += b_7_0 * a_2_4.w;
      acc_2_1 += b_7_1 * a_2_4.w;
      acc_2_2 += b_7_2 * a_2_4.w;
      acc_2_3 += b_7_3 * a_2_4.w;
      acc_3_0 += b_7_0 * a_3_4.w;
      acc_3_1 += b_7_1 * a_3_4.w;
      acc_3_2 += b_7_2 * a_3_4.w;
      acc_3_3 += b_7_3 * a_3_4.w;
    }
    workgroupBarrier();
  }

  if ((row_0 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    var v = acc_0_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    var v = acc_0_1;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_2;
    var v = acc_0_2;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_3;
    var v = acc_0_3;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    var v = acc_1_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_1;
    var v = acc_1_1;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_2;
    var v = acc_1_2;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_3;
    var v = acc_1_3;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_2 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    var v = acc_2_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_2 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_1;
    var v = acc_2_1;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_2 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_2;
    var v = acc_2_2;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_2 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_3;
    var v = acc_2_3;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_3 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    var v = acc_3_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_3 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_1;
    var v = acc_3_1;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_3 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_2;
    var v = acc_3_2;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_3 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_3;
    var v = acc_3_3;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
}
