// matmul:f16:m64n48k32:tn+bias+relu
// matmul/tiled
// wx=16 wy=2 tm=2 tn=4 vec_n=1 vec_k=1 stage_a=1 stage_b=0 bk=8 pad=1 unroll=4 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/4), b; uniforms m, n, k; bindings a, b, bias, c (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> a: array<f16>;

fn load_a(i: u32) -> f32 {
  return f32(a[i]);
}

@group(0) @binding(2) var<storage, read> b: array<f16>;

fn load_b(i: u32) -> f32 {
  return f32(b[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<f16>;

fn load_bias(i: u32) -> f32 {
  return f32(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<f16>;

fn store_c(i: u32, v: f32) {
  c[i] = f16(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> a_tile: array<f32, 40>;

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
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let n_vectors = size_n;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 3u) / 4u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 4u + local.y * 2u;
  let row_1 = tile_m * 4u + local.y * 2u + 1u;
  let column_0 = tile_n * 64u + local.x;
  let column_1 = tile_n * 64u + 16u + local.x;
  let column_2 = tile_n * 64u + 32u + local.x;
  let column_3 = tile_n * 64u + 48u + local.x;
  let b_column_0 = batch * size_k * n_vectors + min(column_0, n_vectors - 1u);
  let b_column_1 = batch * size_k * n_vectors + min(column_1, n_vectors - 1u);
  let b_column_2 = batch * size_k * n_vectors + min(column_2, n_vectors - 1u);
  let b_column_3 = batch * size_k * n_vectors + min(column_3, n_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 32u; t += 32u) {
      let r = t % 4u;
      let s = t / 4u;
      let start = batch * size_k * size_m + min(tile_m * 4u + r, size_m - 1u);
      a_tile[s * 5u + r] = select(f32(0.0), load_a(start + min(k0 + s, size_k - 1u) * size_m), k0 + s < size_k);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let k = k0 + kk;
      let a_0_0 = a_tile[kk * 5u + local.y * 2u];
      let a_1_0 = a_tile[kk * 5u + local.y * 2u + 1u];
      let b_0_0 = select(Value(0.0), load_b(b_column_0 + min(k, size_k - 1u) * n_vectors), k < size_k);
      let b_0_1 = select(Value(0.0), load_b(b_column_1 + min(k, size_k - 1u) * n_vectors), k < size_k);
      let b_0_2 = select(Value(0.0), load_b(b_column_2 + min(k, size_k - 1u) * n_vectors), k < size_k);
      let b_0_3 = select(Value(0.0), load_b(b_column_3 + min(k, size_k - 1u) * n_vectors), k < size_k);
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_0_2 += b_0_2 * a_0_0;
      acc_0_3 += b_0_3 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_1_1 += b_0_1 * a_1_0;
      acc_1_2 += b_0_2 * a_1_0;
      acc_1_3 += b_0_3 * a_1_0;
      let a_0_1 = a_tile[(kk + 1u) * 5u + local.y * 2u];
      let a_1_1 = a_tile[(kk + 1u) * 5u + local.y * 2u + 1u];
      let b_1_0 = select(Value(0.0), load_b(b_column_0 + min(k + 1u, size_k - 1u) * n_vectors), k + 1u < size_k);
      let b_1_1 = select(Value(0.0), load_b(b_column_1 + min(k + 1u, size_k - 1u) * n_vectors), k + 1u < size_k);
      let b_1_2 = select(Value(0.0), load_b(b_column_2 + min(k + 1u, size_k - 1u) * n_vectors), k + 1u < size_k);
      let b_1_3 = select(Value(0.0), load_b(b_column_3 + min(k + 1u, size_k - 1u) * n_vectors), k + 1u < size_k);
      acc_0_0 += b_1_0 * a_0_1;
      acc_0_1 += b_1_1 * a_0_1;
      acc_0_2 += b_1_2 * a_0_1;
      acc_0_3 += b_1_3 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
      acc_1_1 += b_1_1 * a_1_1;
      acc_1_2 += b_1_2 * a_1_1;
      acc_1_3 += b_1_3 * a_1_1;
      let a_0_2 = a_tile[(kk + 2u) * 5u + local.y * 2u];
      let a_1_2 = a_tile[(kk + 2u) * 5u + local.y * 2u + 1u];
      let b_2_0 = select(Value(0.0), load_b(b_column_0 + min(k + 2u, size_k - 1u) * n_vectors), k + 2u < size_k);
      let b_2_1 = select(Value(0.0), load_b(b_column_1 + min(k + 2u, size_k - 1u) * n_vectors), k + 2u < size_k);
      let b_2_2 = select(Value(0.0), load_b(b_column_2 + min(k + 2u, size_k - 1u) * n_vectors), k + 2u < size_k);
      let b_2_3 = select(Value(0.0), load_b(b_column_3 + min(k + 2u, size_k - 1u) * n_vectors), k + 2u < size_k);
      acc_0_0 += b_2_0 * a_0_2;
      acc_0_1 += b_2_1 * a_0_2;
      acc_0_2 += b_2_2 * a_0_2;
      acc_0_3 += b_2_3 * a_0_2;
      acc_1_0 += b_2_0 * a_1_2;
      acc_1_1 += b_2_1 * a_1_2;
      acc_1_2 += b_2_2 * a_1_2;
      acc_1_3 += b_2_3 * a_1_2;
      let a_0_3 = a_tile[(kk + 3u) * 5u + local.y * 2u];
      let a_1_3 = a_tile[(kk + 3u) * 5u + local.y * 2u + 1u];
      let b_3_0 = select(Value(0.0), load_b(b_column_0 + min(k + 3u, size_k - 1u) * n_vectors), k + 3u < size_k);
      let b_3_1 = select(Value(0.0), load_b(b_column_1 + min(k + 3u, size_k - 1u) * n_vectors), k + 3u < size_k);
      let b_3_2 = select(Value(0.0), load_b(b_column_2 + min(k + 3u, size_k - 1u) * n_vectors), k + 3u < size_k);
      let b_3_3 = select(Value(0.0), load_b(b_column_3 + min(k + 3u, size_k - 1u) * n_vectors), k + 3u < size_k);
      acc_0_0 += b_3_0 * a_0_3;
      acc_0_1 += b_3_1 * a_0_3;
      acc_0_2 += b_3_2 * a_0_3;
      acc_0_3 += b_3_3 * a_0_3;
      acc_1_0 += b_3_0 * a_1_3;
      acc_1_1 += b_3_1 * a_1_3;
      acc_1_2 += b_3_2 * a_1_3;
      acc_1_3 += b_3_3 * a_1_3;
    }
    workgroupBarrier();
  }

  if ((row_0 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    var v = acc_0_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_1;
    var v = acc_0_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_2;
    var v = acc_0_2;
    v += load_bias(column_2);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_0 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_3;
    var v = acc_0_3;
    v += load_bias(column_3);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    var v = acc_1_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_1 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_1;
    var v = acc_1_1;
    v += load_bias(column_1);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_2 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_2;
    var v = acc_1_2;
    v += load_bias(column_2);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_3 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_3;
    var v = acc_1_3;
    v += load_bias(column_3);
    v = relu(v);
    store_c(index, v);
  }
}
