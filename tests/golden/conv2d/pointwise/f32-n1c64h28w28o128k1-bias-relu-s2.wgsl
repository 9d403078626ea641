// conv2d:f32:n1c64h28w28o128k1+bias+relu
// conv2d/pointwise
// wp=64 wo=1 tp=1 to=4 vec=1 stage_a=1 stage_b=1 bk=16 pad=0 vec_k=4 vec_r=4 unroll=2 prefetch=0 split=1 band=2 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid n*ceil(oh*ow/64), ceil(o/4), 1; uniforms n, c, o, oh, ow; bindings x, w, bias, y (written)
alias Value = f32;
alias Rows = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  c: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> a_tile: array<Rows, 16>;
var<workgroup> b_tile: array<Value, 1024>;

@compute @workgroup_size(64, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_c = local.x;
  let lane_r = local.y;
  let size_k = 64u;
  let rows = 128u;
  let columns = 784u;
  let column_vectors = columns;
  let tiles_r = (rows + 3u) / 4u;
  let tiles_c = (columns + 63u) / 64u;
  let tile = group % (tiles_c * tiles_r);
  let band_start = tile / (2u * tiles_c) * 2u;
  let band_width = min(2u, tiles_r - band_start);
  let tile_c = tile % (2u * tiles_c) / band_width;
  let tile_r = band_start + tile % (2u * tiles_c) % band_width;

  let local_index = local.y * 64u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;

  let b_fast_0 = local_index % 64u;
  let b_slow_0 = local_index / 64u;
  let b_slow_1 = local_index / 64u + 1u;
  let b_slow_2 = local_index / 64u + 2u;
  let b_slow_3 = local_index / 64u + 3u;
  let b_slow_4 = local_index / 64u + 4u;
  let b_slow_5 = local_index / 64u + 5u;
  let b_slow_6 = local_index / 64u + 6u;
  let b_slow_7 = local_index / 64u + 7u;
  let b_slow_8 = local_index / 64u + 8u;
  let b_slow_9 = local_index / 64u + 9u;
  let b_slow_10 = local_index / 64u + 10u;
  let b_slow_11 = local_index / 64u + 11u;
  let b_slow_12 = local_index / 64u + 12u;
  let b_slow_13 = local_index / 64u + 13u;
  let b_slow_14 = local_index / 64u + 14u;
  let b_slow_15 = local_index / 64u + 15u;

  let a_at_0 = (tile_r * 4u + a_slow_0 * 4u) * (size_k / 4u);
  let a_at_1 = (tile_r * 4u + a_slow_0 * 4u + 1u) * (size_k / 4u);
  let a_at_2 = (tile_r * 4u + a_slow_0 * 4u + 2u) * (size_k / 4u);
  let a_at_3 = (tile_r * 4u + a_slow_0 * 4u + 3u) * (size_k / 4u);
  let column_0 = tile_c * 64u + lane_c;
  let b_at_0 = min(tile_c * 64u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (size_k + 15u) / 16u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 16u;
    if (local_index < 4u) {
      let a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_1 = load_w(a_at_1 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_2 = load_w(a_at_2 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_3 = load_w(a_at_3 + (start + a_fast_0 * 4u) / 4u);

      a_tile[a_fast_0 * 4u + a_slow_0] = Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x, a_fetched_0_0_2.x, a_fetched_0_0_3.x);
      a_tile[(a_fast_0 * 4u + 1u) + a_slow_0] = Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y, a_fetched_0_0_2.y, a_fetched_0_0_3.y);
      a_tile[(a_fast_0 * 4u + 2u) + a_slow_0] = Rows(a_fetched_0_0_0.z, a_fetched_0_0_1.z, a_fetched_0_0_2.z, a_fetched_0_0_3.z);
      a_tile[(a_fast_0 * 4u + 3u) + a_slow_0] = Rows(a_fetched_0_0_0.w, a_fetched_0_0_1.w, a_fetched_0_0_2.w, a_fetched_0_0_3.w);
    }

    let b_fetched_0_0 = load_x(b_at_0 + (start + b_slow_0) * column_vectors);
    let b_fetched_1_0 = load_x(b_at_0 + (start + b_slow_1) * column_vectors);
    let b_fetched_2_0 = load_x(b_at_0 + (start + b_slow_2) * column_vectors);
    let b_fetched_3_0 = load_x(b_at_0 + (start + b_slow_3) * column_vectors);
    let b_fetched_4_0 = load_x(b_at_0 + (start + b_slow_4) * column_vectors);
    let b_fetched_5_0 = load_x(b_at_0 + (start + b_slow_5) * column_vectors);
    let b_fetched_6_0 = load_x(b_at_0 + (start + b_slow_6) * column_vectors);
    let b_fetched_7_0 = load_x(b_at_0 + (start + b_slow_7) * column_vectors);
    let b_fetched_8_0 = load_x(b_at_0 + (start + b_slow_8) * column_vectors);
    let b_fetched_9_0 = load_x(b_at_0 + (start + b_slow_9) * column_vectors);
    let b_fetched_10_0 = load_x(b_at_0 + (start + b_slow_10) * column_vectors);
    let b_fetched_11_0 = load_x(b_at_0 + (start + b_slow_11) * column_vectors);
    let b_fetched_12_0 = load_x(b_at_0 + (start + b_slow_12) * column_vectors);
    let b_fetched_13_0 = load_x(b_at_0 + (start + b_slow_13) * column_vectors);
    let b_fetched_14_0 = load_x(b_at_0 + (start + b_slow_14) * column_vectors);
    let b_fetched_15_0 = load_x(b_at_0 + (start + b_slow_15) * column_vectors);

    b_tile[b_slow_0 * 64u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 64u + b_fast_0] = b_fetched_1_0;
    b_tile[b_slow_2 * 64u + b_fast_0] = b_fetched_2_0;
    b_tile[b_slow_3 * 64u + b_fast_0] = b_fetched_3_0;
    b_tile[b_slow_4 * 64u + b_fast_0] = b_fetched_4_0;
    b_tile[b_slow_5 * 64u + b_fast_0] = b_fetched_5_0;
    b_tile[b_slow_6 * 64u + b_fast_0] = b_fetched_6_0;
    b_tile[b_slow_7 * 64u + b_fast_0] = b_fetched_7_0;
    b_tile[b_slow_8 * 64u + b_fast_0] = b_fetched_8_0;
    b_tile[b_slow_9 * 64u + b_fast_0] = b_fetched_9_0;
    b_tile[b_slow_10 * 64u + b_fast_0] = b_fetched_10_0;
    b_tile[b_slow_11 * 64u + b_fast_0] = b_fetched_11_0;
    b_tile[b_slow_12 * 64u + b_fast_0] = b_fetched_12_0;
    b_tile[b_slow_13 * 64u + b_fast_0] = b_fetched_13_0;
    b_tile[b_slow_14 * 64u + b_fast_0] = b_fetched_14_0;
    b_tile[b_slow_15 * 64u + b_fast_0] = b_fetched_15_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 2u) {
      let a_0_0 = a_tile[kk + lane_r];
      let b_0_0 = b_tile[kk * 64u + lane_c];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[(kk + 1u) + lane_r];
      let b_1_0 = b_tile[(kk + 1u) * 64u + lane_c];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 4u + lane_r * 4u;
  if (column_0 < column_vectors) {
    let index = row_0 * column_vectors + column_0;
    let channel = row_0;
    var v = acc_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  let row_1 = tile_r * 4u + lane_r * 4u + 1u;
  if (column_0 < column_vectors) {
    let index = row_1 * column_vectors + column_0;
    let channel = row_1;
    var v = acc_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  let row_2 = tile_r * 4u + lane_r * 4u + 2u;
  if (column_0 < column_vectors) {
    let index = row_2 * column_vectors + column_0;
    let channel = row_2;
    var v = acc_2_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  let row_3 = tile_r * 4u + lane_r * 4u + 3u;
  if (column_0 < column_vectors) {
    let index = row_3 * column_vectors + column_0;
    let channel = row_3;
    var v = acc_3_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
}
