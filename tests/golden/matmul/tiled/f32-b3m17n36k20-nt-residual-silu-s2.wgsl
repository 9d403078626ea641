// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/tiled
// wx=32 wy=2 tm=2 tn=4 vec_n=1 vec_k=1 stage_a=1 stage_b=0 share_a=0 bk=16 pad=1 unroll=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/128), ceil(m/4), b; uniforms m, n, k; bindings a, b, residual, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<f32>;

fn load_a(i: u32) -> f32 {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn load_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> a_tile: array<f32, 80>;

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
  let size_m = 17u;
  let size_n = 36u;
  let size_k = 20u;
  let n_vectors = size_n;
  let k_vectors = size_k;
  let tiles_n = (size_n + 127u) / 128u;
  let tiles_m = (size_m + 3u) / 4u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 4u + local.y * 2u;
  let row_1 = tile_m * 4u + local.y * 2u + 1u;
  let column_0 = tile_n * 128u + local.x;
  let column_1 = tile_n * 128u + 32u + local.x;
  let column_2 = tile_n * 128u + 64u + local.x;
  let column_3 = tile_n * 128u + 96u + local.x;
  let b_column_0_0 = (batch * size_n + min(column_0, size_n - 1u)) * k_vectors;
  let b_column_1_0 = (batch * size_n + min(column_1, size_n - 1u)) * k_vectors;
  let b_column_2_0 = (batch * size_n + min(column_2, size_n - 1u)) * k_vectors;
  let b_column_3_0 = (batch * size_n + min(column_3, size_n - 1u)) * k_vectors;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);

  let local_index = local.y * 32u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    for (var t = local_index; t < 64u; t += 64u) {
      let q = t % 16u;
      let r = t / 16u;
      let start = (batch * size_m + min(tile_m * 4u + r, size_m - 1u)) * k_vectors;
      let value = select(f32(0.0), load_a(start + min(k0 + q, k_vectors - 1u)), k0 + q < k_vectors);
      a_tile[q * 5u + r] = value;
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 1u) {
      let k = k0 + kk;
      let a_0_0 = a_tile[kk * 5u + local.y * 2u];
      let a_1_0 = a_tile[kk * 5u + local.y * 2u + 1u];
      let b_0_0_0 = select(f32(0.0), load_b(b_column_0_0 + min(k, k_vectors - 1u)), k < k_vectors);
      let b_0_1_0 = select(f32(0.0), load_b(b_column_1_0 + min(k, k_vectors - 1u)), k < k_vectors);
      let b_0_2_0 = select(f32(0.0), load_b(b_column_2_0 + min(k, k_vectors - 1u)), k < k_vectors);
      let b_0_3_0 = select(f32(0.0), load_b(b_column_3_0 + min(k, k_vectors - 1u)), k < k_vectors);
      let b_0_0 = Value(b_0_0_0);
      let b_0_1 = Value(b_0_1_0);
      let b_0_2 = Value(b_0_2_0);
      let b_0_3 = Value(b_0_3_0);
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_0_2 += b_0_2 * a_0_0;
      acc_0_3 += b_0_3 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_1_1 += b_0_1 * a_1_0;
      acc_1_2 += b_0_2 * a_1_0;
      acc_1_3 += b_0_3 * a_1_0;
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
}
