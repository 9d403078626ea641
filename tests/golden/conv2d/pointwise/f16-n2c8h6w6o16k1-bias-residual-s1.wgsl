// conv2d:f16:n2c8h6w6o16k1+bias+residual
// conv2d/pointwise
// wp=8 wo=4 tp=4 to=2 vec=1 stage_a=0 stage_b=1 bk=8 pad=1 vec_k=1 vec_r=1 unroll=8 prefetch=0 stages=1 split=1 band=1 baked=0 packed=1
// run: kernel 0 on input 0, input 1, input 2, input 3, output 0

// kernel 0: grid n*ceil(oh*ow/32), ceil(o/8), 1; uniforms n, c, o, oh, ow; bindings x, w, bias, residual, y (written)
alias Value = f32;

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

@group(0) @binding(1) var<storage, read> x: array<u32>;

fn load_x(i: u32) -> f32 {
  return unpack2x16float(x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> bias: array<u32>;

fn load_bias(i: u32) -> f32 {
  return unpack2x16float(bias[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read> residual: array<u32>;

fn load_residual(i: u32) -> f32 {
  return unpack2x16float(residual[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(5) var<storage, read_write> y: array<atomic<u32>>;

fn store_y(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&y[i >> 1u], ~(0xffffu << shift));
  atomicOr(&y[i >> 1u], half);
}

var<workgroup> b_tile: array<Value, 264>;

@compute @workgroup_size(8, 4)
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
  let size_k = shape.c;
  let rows = shape.o;
  let columns = shape.oh * shape.ow;
  let column_vectors = columns;
  let tiles_r = (rows + 7u) / 8u;
  let tiles_c = (columns + 31u) / 32u;
  let tile_c = group % tiles_c;
  let tile_r = group / tiles_c % tiles_r;

  let image = group / (tiles_r * tiles_c) % shape.n;

  let local_index = local.y * 8u + local.x;

  let b_fast_0 = local_index % 32u;
  let b_slow_0 = local_index / 32u;
  let b_slow_1 = local_index / 32u + 1u;
  let b_slow_2 = local_index / 32u + 2u;
  let b_slow_3 = local_index / 32u + 3u;
  let b_slow_4 = local_index / 32u + 4u;
  let b_slow_5 = local_index / 32u + 5u;
  let b_slow_6 = local_index / 32u + 6u;
  let b_slow_7 = local_index / 32u + 7u;

  let a_at_0 = min(tile_r * 8u + lane_r, rows - 1u) * size_k;
  let a_at_1 = min(tile_r * 8u + 4u + lane_r, rows - 1u) * size_k;
  let column_0 = tile_c * 32u + lane_c;
  let column_1 = tile_c * 32u + 8u + lane_c;
  let column_2 = tile_c * 32u + 16u + lane_c;
  let column_3 = tile_c * 32u + 24u + lane_c;
  let b_at_0 = image * size_k * column_vectors + min(tile_c * 32u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 8u;

    let b_fetched_0_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);
    let b_fetched_1_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_1, size_k - 1u)) * column_vectors), start + b_slow_1 < size_k);
    let b_fetched_2_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_2, size_k - 1u)) * column_vectors), start + b_slow_2 < size_k);
    let b_fetched_3_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_3, size_k - 1u)) * column_vectors), start + b_slow_3 < size_k);
    let b_fetched_4_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_4, size_k - 1u)) * column_vectors), start + b_slow_4 < size_k);
    let b_fetched_5_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_5, size_k - 1u)) * column_vectors), start + b_slow_5 < size_k);
    let b_fetched_6_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_6, size_k - 1u)) * column_vectors), start + b_slow_6 < size_k);
    let b_fetched_7_0 = select(Value(0.0), load_x(b_at_0 + (min(start + b_slow_7, size_k - 1u)) * column_vectors), start + b_slow_7 < size_k);

    b_tile[b_slow_0 * 33u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 33u + b_fast_0] = b_fetched_1_0;
    b_tile[b_slow_2 * 33u + b_fast_0] = b_fetched_2_0;
    b_tile[b_slow_3 * 33u + b_fast_0] = b_fetched_3_0;
    b_tile[b_slow_4 * 33u + b_fast_0] = b_fetched_4_0;
    b_tile[b_slow_5 * 33u + b_fast_0] = b_fetched_5_0;
    b_tile[b_slow_6 * 33u + b_fast_0] = b_fetched_6_0;
    b_tile[b_slow_7 * 33u + b_fast_0] = b_fetched_7_0;

    workgroupBarrier();
    let a_0_0 = select(f32(0.0), load_w(a_at_0 + (min(start, size_k - 1u))), start < size_k);
    let a_0_1 = select(f32(0.0), load_w(a_at_1 + (min(start, size_k - 1u))), start < size_k);
    let b_0_0 = b_tile[lane_c];
    let b_0_1 = b_tile[8u + lane_c];
    let b_0_2 = b_tile[16u + lane_c];
    let b_0_3 = b_tile[24u + lane_c];
    acc_0_0 += b_0_0 * a_0_0;
    acc_0_1 += b_0_1 * a_0_0;
    acc_0_2 += b_0_2 * a_0_0;
    acc_0_3 += b_0_3 * a_0_0;
    acc_1_0 += b_0_0 * a_0_1;
    acc_1_1 += b_0_1 * a_0_1;
    acc_1_2 += b_0_2 * a_0_1;
    acc_1_3 += b_0_3 * a_0_1;
    let a_1_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 1u, size_k - 1u))), start + 1u < size_k);
    let a_1_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 1u, size_k - 1u))), start + 1u < size_k);
    let b_1_0 = b_tile[33u + lane_c];
    let b_1_1 = b_tile[41u + lane_c];
    let b_1_2 = b_tile[49u + lane_c];
    let b_1_3 = b_tile[57u + lane_c];
    acc_0_0 += b_1_0 * a_1_0;
    acc_0_1 += b_1_1 * a_1_0;
    acc_0_2 += b_1_2 * a_1_0;
    acc_0_3 += b_1_3 * a_1_0;
    acc_1_0 += b_1_0 * a_1_1;
    acc_1_1 += b_1_1 * a_1_1;
    acc_1_2 += b_1_2 * a_1_1;
    acc_1_3 += b_1_3 * a_1_1;
    let a_2_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 2u, size_k - 1u))), start + 2u < size_k);
    let a_2_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 2u, size_k - 1u))), start + 2u < size_k);
    let b_2_0 = b_tile[66u + lane_c];
    let b_2_1 = b_tile[74u + lane_c];
    let b_2_2 = b_tile[82u + lane_c];
    let b_2_3 = b_tile[90u + lane_c];
    acc_0_0 += b_2_0 * a_2_0;
    acc_0_1 += b_2_1 * a_2_0;
    acc_0_2 += b_2_2 * a_2_0;
    acc_0_3 += b_2_3 * a_2_0;
    acc_1_0 += b_2_0 * a_2_1;
    acc_1_1 += b_2_1 * a_2_1;
    acc_1_2 += b_2_2 * a_2_1;
    acc_1_3 += b_2_3 * a_2_1;
    let a_3_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 3u, size_k - 1u))), start + 3u < size_k);
    let a_3_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 3u, size_k - 1u))), start + 3u < size_k);
    let b_3_0 = b_tile[99u + lane_c];
    let b_3_1 = b_tile[107u + lane_c];
    let b_3_2 = b_tile[115u + lane_c];
    let b_3_3 = b_tile[123u + lane_c];
    acc_0_0 += b_3_0 * a_3_0;
    acc_0_1 += b_3_1 * a_3_0;
    acc_0_2 += b_3_2 * a_3_0;
    acc_0_3 += b_3_3 * a_3_0;
    acc_1_0 += b_3_0 * a_3_1;
    acc_1_1 += b_3_1 * a_3_1;
    acc_1_2 += b_3_2 * a_3_1;
    acc_1_3 += b_3_3 * a_3_1;
    let a_4_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 4u, size_k - 1u))), start + 4u < size_k);
    let a_4_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 4u, size_k - 1u))), start + 4u < size_k);
    let b_4_0 = b_tile[132u + lane_c];
    let b_4_1 = b_tile[140u + lane_c];
    let b_4_2 = b_tile[148u + lane_c];
    let b_4_3 = b_tile[156u + lane_c];
    acc_0_0 += b_4_0 * a_4_0;
    acc_0_1 += b_4_1 * a_4_0;
    acc_0_2 += b_4_2 * a_4_0;
    acc_0_3 += b_4_3 * a_4_0;
    acc_1_0 += b_4_0 * a_4_1;
    acc_1_1 += b_4_1 * a_4_1;
    acc_1_2 += b_4_2 * a_4_1;
    acc_1_3 += b_4_3 * a_4_1;
    let a_5_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 5u, size_k - 1u))), start + 5u < size_k);
    let a_5_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 5u, size_k - 1u))), start + 5u < size_k);
    let b_5_0 = b_tile[165u + lane_c];
    let b_5_1 = b_tile[173u + lane_c];
    let b_5_2 = b_tile[181u + lane_c];
    let b_5_3 = b_tile[189u + lane_c];
    acc_0_0 += b_5_0 * a_5_0;
    acc_0_1 += b_5_1 * a_5_0;
    acc_0_2 += b_5_2 * a_5_0;
    acc_0_3 += b_5_3 * a_5_0;
    acc_1_0 += b_5_0 * a_5_1;
    acc_1_1 += b_5_1 * a_5_1;
    acc_1_2 += b_5_2 * a_5_1;
    acc_1_3 += b_5_3 * a_5_1;
    let a_6_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 6u, size_k - 1u))), start + 6u < size_k);
    let a_6_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 6u, size_k - 1u))), start + 6u < size_k);
    let b_6_0 = b_tile[198u + lane_c];
    let b_6_1 = b_tile[206u + lane_c];
    let b_6_2 = b_tile[214u + lane_c];
    let b_6_3 = b_tile[222u + lane_c];
    acc_0_0 += b_6_0 * a_6_0;
    acc_0_1 += b_6_1 * a_6_0;
    acc_0_2 += b_6_2 * a_6_0;
    acc_0_3 += b_6_3 * a_6_0;
    acc_1_0 += b_6_0 * a_6_1;
    acc_1_1 += b_6_1 * a_6_1;
    acc_1_2 += b_6_2 * a_6_1;
    acc_1_3 += b_6_3 * a_6_1;
    let a_7_0 = select(f32(0.0), load_w(a_at_0 + (min(start + 7u, size_k - 1u))), start + 7u < size_k);
    let a_7_1 = select(f32(0.0), load_w(a_at_1 + (min(start + 7u, size_k - 1u))), start + 7u < size_k);
    let b_7_0 = b_tile[231u + lane_c];
    let b_7_1 = b_tile[239u + lane_c];
    let b_7_2 = b_tile[247u + lane_c];
    let b_7_3 = b_tile[255u + lane_c];
    acc_0_0 += b_7_0 * a_7_0;
    acc_0_1 += b_7_1 * a_7_0;
    acc_0_2 += b_7_2 * a_7_0;
    acc_0_3 += b_7_3 * a_7_0;
    acc_1_0 += b_7_0 * a_7_1;
    acc_1_1 += b_7_1 * a_7_1;
    acc_1_2 += b_7_2 * a_7_1;
    acc_1_3 += b_7_3 * a_7_1;
    workgroupBarrier();
  }

  let row_0 = tile_r * 8u + lane_r;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_0;
    let channel = row_0;
    var v = acc_0_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_1;
    let channel = row_0;
    var v = acc_0_1;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_0 < rows) & (column_2 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_2;
    let channel = row_0;
    var v = acc_0_2;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_0 < rows) & (column_3 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_3;
    let channel = row_0;
    var v = acc_0_3;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_1 = tile_r * 8u + (4u + lane_r);
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_0;
    let channel = row_1;
    var v = acc_1_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_1 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_1;
    let channel = row_1;
    var v = acc_1_1;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_1 < rows) & (column_2 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_2;
    let channel = row_1;
    var v = acc_1_2;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if ((row_1 < rows) & (column_3 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_3;
    let channel = row_1;
    var v = acc_1_3;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
}
