// matmul:f16:m64n48k32:tn+bias+relu
// matmul/tiled
// wx=32 wy=32 tm=8 tn=2 vec_n=2 vec_k=1 stage_a=0 stage_b=1 share_a=0 bk=8 pad=1 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/256), b; uniforms m, n, k; bindings a, b, bias, c (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> a: array<f16>;

fn load_a(i: u32) -> f32 {
  return f32(a[i]);
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f16>>;

fn load_b(i: u32) -> vec2<f32> {
  return vec2<f32>(b[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<vec2<f16>>;

fn load_bias(i: u32) -> vec2<f32> {
  return vec2<f32>(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<vec2<f16>>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = vec2<f16>(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> b_tile: array<Value, 264>;

@compute @workgroup_size(32, 32)
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
  let n_vectors = size_n / 2u;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 255u) / 256u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 256u + local.y * 8u;
  let row_1 = tile_m * 256u + local.y * 8u + 1u;
  let row_2 = tile_m * 256u + local.y * 8u + 2u;
  let row_3 = tile_m * 256u + local.y * 8u + 3u;
  let row_4 = tile_m * 256u + local.y * 8u + 4u;
  let row_5 = tile_m * 256u + local.y * 8u + 5u;
  let row_6 = tile_m * 256u + local.y * 8u + 6u;
  let row_7 = tile_m * 256u + local.y * 8u + 7u;
  let column_0 = tile_n * 32u + local.x;
  let a_row_0 = batch * size_k * size_m + min(row_0, size_m - 1u);
  let a_row_1 = batch * size_k * size_m + min(row_1, size_m - 1u);
  let a_row_2 = batch * size_k * size_m + min(row_2, size_m - 1u);
  let a_row_3 = batch * size_k * size_m + min(row_3, size_m - 1u);
  let a_row_4 = batch * size_k * size_m + min(row_4, size_m - 1u);
  let a_row_5 = batch * size_k * size_m + min(row_5, size_m - 1u);
  let a_row_6 = batch * size_k * size_m + min(row_6, size_m - 1u);
  let a_row_7 = batch * size_k * size_m + min(row_7, size_m - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_7_0 = Value(0.0);

  let local_index = local.y * 32u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 256u; t += 1024u) {
      let c = t % 32u;
      let s = t / 32u;
      let start = batch * size_k * n_vectors + min(tile_n * 32u + c, n_vectors - 1u);
      b_tile[s * 33u + c] = select(Value(0.0), load_b(start + min(k0 + s, size_k - 1u) * n_vectors), k0 + s < size_k);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let k = k0 + kk;
      let a_0_0 = select(f32(0.0), load_a(a_row_0 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_1_0 = select(f32(0.0), load_a(a_row_1 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_2_0 = select(f32(0.0), load_a(a_row_2 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_3_0 = select(f32(0.0), load_a(a_row_3 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_4_0 = select(f32(0.0), load_a(a_row_4 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_5_0 = select(f32(0.0), load_a(a_row_5 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_6_0 = select(f32(0.0), load_a(a_row_6 + min(k, size_k - 1u) * size_m), k < size_k);
      let a_7_0 = select(f32(0.0), load_a(a_row_7 + min(k, size_k - 1u) * size_m), k < size_k);
      let b_0_0 = b_tile[kk * 33u + local.x];
      acc_0_0 += b_0_0 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      acc_2_0 += b_0_0 * a_2_0;
      acc_3_0 += b_0_0 * a_3_0;
      acc_4_0 += b_0_0 * a_4_0;
      acc_5_0 += b_0_0 * a_5_0;
      acc_6_0 += b_0_0 * a_6_0;
      acc_7_0 += b_0_0 * a_7_0;
      let a_0_1 = select(f32(0.0), load_a(a_row_0 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_1_1 = select(f32(0.0), load_a(a_row_1 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_2_1 = select(f32(0.0), load_a(a_row_2 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_3_1 = select(f32(0.0), load_a(a_row_3 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_4_1 = select(f32(0.0), load_a(a_row_4 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_5_1 = select(f32(0.0), load_a(a_row_5 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_6_1 = select(f32(0.0), load_a(a_row_6 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let a_7_1 = select(f32(0.0), load_a(a_row_7 + min(k + 1u, size_k - 1u) * size_m), k + 1u < size_k);
      let b_1_0 = b_tile[(kk + 1u) * 33u + local.x];
      acc_0_0 += b_1_0 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
      acc_2_0 += b_1_0 * a_2_1;
      acc_3_0 += b_1_0 * a_3_1;
      acc_4_0 += b_1_0 * a_4_1;
      acc_5_0 += b_1_0 * a_5_1;
      acc_6_0 += b_1_0 * a_6_1;
      acc_7_0 += b_1_0 * a_7_1;
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
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    var v = acc_1_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_2 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_2) * n_vectors + column_0;
    var v = acc_2_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_3 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_3) * n_vectors + column_0;
    var v = acc_3_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_4 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_4) * n_vectors + column_0;
    var v = acc_4_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_5 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_5) * n_vectors + column_0;
    var v = acc_5_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_6 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_6) * n_vectors + column_0;
    var v = acc_6_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
  if ((row_7 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_7) * n_vectors + column_0;
    var v = acc_7_0;
    v += load_bias(column_0);
    v = relu(v);
    store_c(index, v);
  }
}
