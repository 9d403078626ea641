// matmul:f32:m256n256k256
// matmul/tiled
// wx=16 wy=8 tm=4 tn=4 vec_n=4 vec_k=1 stage_a=1 stage_b=1 share_a=0 bk=16 pad=0 unroll=4 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/64), ceil(m/32), b; uniforms m, n, k; bindings a, b, c (written)
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

var<workgroup> a_tile: array<f32, 512>;
var<workgroup> b_tile: array<Value, 256>;

@compute @workgroup_size(16, 8)
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
  let n_vectors = size_n / 4u;
  let k_vectors = size_k;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 31u) / 32u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 32u + local.y * 4u;
  let row_1 = tile_m * 32u + local.y * 4u + 1u;
  let row_2 = tile_m * 32u + local.y * 4u + 2u;
  let row_3 = tile_m * 32u + local.y * 4u + 3u;
  let column_0 = tile_n * 16u + local.x;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    for (var t = local_index; t < 512u; t += 128u) {
      let q = t % 16u;
      let r = t / 16u;
      let start = (batch * size_m + tile_m * 32u + r) * k_vectors;
      let value = load_a(start + k0 + q);
      a_tile[q * 32u + r] = value;
    }
    for (var t = local_index; t < 256u; t += 128u) {
      let c = t % 16u;
      let s = t / 16u;
      let start = batch * size_k * n_vectors + tile_n * 16u + c;
      b_tile[s * 16u + c] = load_b(start + (k0 + s) * n_vectors);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let a_0_0 = a_tile[kk * 32u + local.y * 4u];
      let a_1_0 = a_tile[kk * 32u + local.y * 4u + 1u];
      let a_2_0 = a_tile[kk * 32u + local.y * 4u + 2u];
      let a_3_0 = a_tile[kk * 32u + local.y * 4u + 3u];
      let b_0_0 = b_tile[kk * 16u + local.x];
      acc_0_0 += b_0_0 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_2_0 += b_0_0 * a_2_0;
      acc_3_0 += b_0_0 * a_3_0;
      let a_0_1 = a_tile[(kk + 1u) * 32u + local.y * 4u];
      let a_1_1 = a_tile[(kk + 1u) * 32u + local.y * 4u + 1u];
      let a_2_1 = a_tile[(kk + 1u) * 32u + local.y * 4u + 2u];
      let a_3_1 = a_tile[(kk + 1u) * 32u + local.y * 4u + 3u];
      let b_1_0 = b_tile[(kk + 1u) * 16u + local.x];
      acc_0_0 += b_1_0 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
      acc_2_0 += b_1_0 * a_2_1;
      acc_3_0 += b_1_0 * a_3_1;
      let a_0_2 = a_tile[(kk + 2u) * 32u + local.y * 4u];
      let a_1_2 = a_tile[(kk + 2u) * 32u + local.y * 4u + 1u];
      let a_2_2 = a_tile[(kk + 2u) * 32u + local.y * 4u + 2u];
      let a_3_2 = a_tile[(kk + 2u) * 32u + local.y * 4u + 3u];
      let b_2_0 = b_tile[(kk + 2u) * 16u + local.x];
      acc_0_0 += b_2_0 * a_0_2;
      acc_1_0 += b_2_0 * a_1_2;
      acc_2_0 += b_2_0 * a_2_2;
      acc_3_0 += b_2_0 * a_3_2;
      let a_0_3 = a_tile[(kk + 3u) * 32u + local.y * 4u];
      let a_1_3 = a_tile[(kk + 3u) * 32u + local.y * 4u + 1u];
      let a_2_3 = a_tile[(kk + 3u) * 32u + local.y * 4u + 2u];
      let a_3_3 = a_tile[(kk + 3u) * 32u + local.y * 4u + 3u];
      let b_3_0 = b_tile[(kk + 3u) * 16u + local.x];
      acc_0_0 += b_3_0 * a_0_3;
      acc_1_0 += b_3_0 * a_1_3;
      acc_2_0 += b_3_0 * a_2_3;
      acc_3_0 += b_3_0 * a_3_3;
    }
    workgroupBarrier();
  }

  {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    store_c(index, acc_0_0);
  }
  {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    store_c(index, acc_1_0);
  }
  {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    store_c(index, acc_2_0);
  }
  {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    store_c(index, acc_3_0);
  }
}
