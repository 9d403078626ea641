// conv2d:f32:n1c64h28w28o128k1+bias+relu
// conv2d/pointwise
// wp=4 wo=64 tp=16 to=2 vec=1 stage_a=1 stage_b=1 bk=8 pad=1 vec_k=2 vec_r=1 unroll=1 prefetch=1 stages=2 split=8 band=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 8*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 8*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid n*ceil(oh*ow/64), ceil(o/128), 8; uniforms n, c, o, oh, ow; bindings x, w, sums (written)
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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec2<f32>>;

fn load_w(i: u32) -> vec2<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> a_tile: array<f32, 2064>;
var<workgroup> b_tile: array<Value, 1040>;

@compute @workgroup_size(4, 64)
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
  let tiles_r = (rows + 127u) / 128u;
  let tiles_c = (columns + 63u) / 64u;
  let tile_c = group % tiles_c;
  let tile_r = group / tiles_c % tiles_r;

  let share = group / (tiles_r * tiles_c);

  let local_index = local.y * 4u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;
  let a_slow_1 = local_index / 4u + 64u;

  let b_fast_0 = local_index % 64u;
  let b_slow_0 = local_index / 64u;
  let b_slow_1 = local_index / 64u + 4u;

  let a_at_0 = (tile_r * 128u + a_slow_0) * (size_k / 2u);
  let a_at_1 = (tile_r * 128u + a_slow_1) * (size_k / 2u);
  let column_0 = tile_c * 64u + lane_c;
  let column_1 = tile_c * 64u + 4u + lane_c;
  let column_2 = tile_c * 64u + 8u + lane_c;
  let column_3 = tile_c * 64u + 12u + lane_c;
  let column_4 = tile_c * 64u + 16u + lane_c;
  let column_5 = tile_c * 64u + 20u + lane_c;
  let column_6 = tile_c * 64u + 24u + lane_c;
  let column_7 = tile_c * 64u + 28u + lane_c;
  let column_8 = tile_c * 64u + 32u + lane_c;
  let column_9 = tile_c * 64u + 36u + lane_c;
  let column_10 = tile_c * 64u + 40u + lane_c;
  let column_11 = tile_c * 64u + 44u + lane_c;
  let column_12 = tile_c * 64u + 48u + lane_c;
  let column_13 = tile_c * 64u + 52u + lane_c;
  let column_14 = tile_c * 64u + 56u + lane_c;
  let column_15 = tile_c * 64u + 60u + lane_c;
  let b_at_0 = min(tile_c * 64u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);
  var acc_0_8 = Value(0.0);
  var acc_0_9 = Value(0.0);
  var acc_0_10 = Value(0.0);
  var acc_0_11 = Value(0.0);
  var acc_0_12 = Value(0.0);
  var acc_0_13 = Value(0.0);
  var acc_0_14 = Value(0.0);
  var acc_0_15 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);
  var acc_1_4 = Value(0.0);
  var acc_1_5 = Value(0.0);
  var acc_1_6 = Value(0.0);
  var acc_1_7 = Value(0.0);
  var acc_1_8 = Value(0.0);
  var acc_1_9 = Value(0.0);
  var acc_1_10 = Value(0.0);
  var acc_1_11 = Value(0.0);
  var acc_1_12 = Value(0.0);
  var acc_1_13 = Value(0.0);
  var acc_1_14 = Value(0.0);
  var acc_1_15 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  let slabs_of_share = (slabs + 7u) / 8u;
  let first_slab = share * slabs_of_share;
  let start = min(first_slab, slabs - 1u) * 8u;
  var a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0 * 2u) / 2u);
  var a_fetched_1_0_0 = load_w(a_at_1 + (start + a_fast_0 * 2u) / 2u);

  var b_fetched_0_0 = load_x(b_at_0 + (start + b_slow_0) * column_vectors);
  var b_fetched_1_0 = load_x(b_at_0 + (start + b_slow_1) * column_vectors);

  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    a_tile[slab % 2u * 1032u + a_fast_0 * 2u * 129u + a_slow_0] = a_fetched_0_0_0.x;
    a_tile[slab % 2u * 1032u + (a_fast_0 * 2u + 1u) * 129u + a_slow_0] = a_fetched_0_0_0.y;
    a_tile[slab % 2u * 1032u + a_fast_0 * 2u * 129u + a_slow_1] = a_fetched_1_0_0.x;
    a_tile[slab % 2u * 1032u + (a_fast_0 * 2u + 1u) * 129u + a_slow_1] = a_fetched_1_0_0.y;

    b_tile[slab % 2u * 520u + b_slow_0 * 65u + b_fast_0] = b_fetched_0_0;
    b_tile[slab % 2u * 520u + b_slow_1 * 65u + b_fast_0] = b_fetched_1_0;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let start = min(slab + 1u, slabs - 1u) * 8u;
      a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0 * 2u) / 2u);
      a_fetched_1_0_0 = load_w(a_at_1 + (start + a_fast_0 * 2u) / 2u);

      b_fetched_0_0 = load_x(b_at_0 + (start + b_slow_0) * column_vectors);
      b_fetched_1_0 = load_x(b_at_0 + (start + b_slow_1) * column_vectors);
    }
    let start = slab * 8u;
    for (var kk = 0u; kk < 8u; kk += 1u) {
      let a_0_0 = a_tile[slab % 2u * 1032u + kk * 129u + lane_r];
      let a_0_1 = a_tile[slab % 2u * 1032u + kk * 129u + 64u + lane_r];
      let b_0_0 = b_tile[slab % 2u * 520u + kk * 65u + lane_c];
      let b_0_1 = b_tile[slab % 2u * 520u + kk * 65u + 4u + lane_c];
      let b_0_2 = b_tile[slab % 2u * 520u + kk * 65u + 8u + lane_c];
      let b_0_3 = b_tile[slab % 2u * 520u + kk * 65u + 12u + lane_c];
      let b_0_4 = b_tile[slab % 2u * 520u + kk * 65u + 16u + lane_c];
      let b_0_5 = b_tile[slab % 2u * 520u + kk * 65u + 20u + lane_c];
      let b_0_6 = b_tile[slab % 2u * 520u + kk * 65u + 24u + lane_c];
      let b_0_7 = b_tile[slab % 2u * 520u + kk * 65u + 28u + lane_c];
      let b_0_8 = b_tile[slab % 2u * 520u + kk * 65u + 32u + lane_c];
      let b_0_9 = b_tile[slab % 2u * 520u + kk * 65u + 36u + lane_c];
      let b_0_10 = b_tile[slab % 2u * 520u + kk * 65u + 40u + lane_c];
      let b_0_11 = b_tile[slab % 2u * 520u + kk * 65u + 44u + lane_c];
      let b_0_12 = b_tile[slab % 2u * 520u + kk * 65u + 48u + lane_c];
      let b_0_13 = b_tile[slab % 2u * 520u + kk * 65u + 52u + lane_c];
      let b_0_14 = b_tile[slab % 2u * 520u + kk * 65u + 56u + lane_c];
      let b_0_15 = b_tile[slab % 2u * 520u + kk * 65u + 60u + lane_c];
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_0_2 += b_0_2 * a_0_0;
      acc_0_3 += b_0_3 * a_0_0;
      acc_0_4 += b_0_4 * a_0_0;
      acc_0_5 += b_0_5 * a_0_0;
      acc_0_6 += b_0_6 * a_0_0;
      acc_0_7 += b_0_7 * a_0_0;
      acc_0_8 += b_0_8 * a_0_0;
      acc_0_9 += b_0_9 * a_0_0;
      acc_0_10 += b_0_10 * a_0_0;
      acc_0_11 += b_0_11 * a_0_0;
      acc_0_12 += b_0_12 * a_0_0;
      acc_0_13 += b_0_13 * a_0_0;
      acc_0_14 += b_0_14 * a_0_0;
      acc_0_15 += b_0_15 * a_0_0;
      acc_1_0 += b_0_0 * a_0_1;
      acc_1_1 += b_0_1 * a_0_1;
      acc_1_2 += b_0_2 * a_0_1;
      acc_1_3 += b_0_3 * a_0_1;
      acc_1_4 += b_0_4 * a_0_1;
      acc_1_5 += b_0_5 * a_0_1;
      acc_1_6 += b_0_6 * a_0_1;
      acc_1_7 += b_0_7 * a_0_1;
      acc_1_8 += b_0_8 * a_0_1;
      acc_1_9 += b_0_9 * a_0_1;
      acc_1_10 += b_0_10 * a_0_1;
      acc_1_11 += b_0_11 * a_0_1;
      acc_1_12 += b_0_12 * a_0_1;
      acc_1_13 += b_0_13 * a_0_1;
      acc_1_14 += b_0_14 * a_0_1;
      acc_1_15 += b_0_15 * a_0_1;
    }
  }

  let outputs = rows * column_vectors;
  let row_0 = tile_r * 128u + lane_r;
  if (column_0 < column_vectors) {
    let index = row_0 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_0_0);
  }
  if (column_1 < column_vectors) {
    let index = row_0 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_0_1);
  }
  if (column_2 < column_vectors) {
    let index = row_0 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_0_2);
  }
  if (column_3 < column_vectors) {
    let index = row_0 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_0_3);
  }
  if (column_4 < column_vectors) {
    let index = row_0 * column_vectors + column_4;
    store_sums(share * outputs + index, acc_0_4);
  }
  if (column_5 < column_vectors) {
    let index = row_0 * column_vectors + column_5;
    store_sums(share * outputs + index, acc_0_5);
  }
  if (column_6 < column_vectors) {
    let index = row_0 * column_vectors + column_6;
    store_sums(share * outputs + index, acc_0_6);
  }
  if (column_7 < column_vectors) {
    let index = row_0 * column_vectors + column_7;
    store_sums(share * outputs + index, acc_0_7);
  }
  if (column_8 < column_vectors) {
    let index = row_0 * column_vectors + column_8;
    store_sums(share * outputs + index, acc_0_8);
  }
  if (column_9 < column_vectors) {
    let index = row_0 * column_vectors + column_9;
    store_sums(share * outputs + index, acc_0_9);
  }
  if (column_10 < column_vectors) {
    let index = row_0 * column_vectors + column_10;
    store_sums(share * outputs + index, acc_0_10);
  }
  if (column_11 < column_vectors) {
    let index = row_0 * column_vectors + column_11;
    store_sums(share * outputs + index, acc_0_11);
  }
  if (column_12 < column_vectors) {
    let index = row_0 * column_vectors + column_12;
    store_sums(share * outputs + index, acc_0_12);
  }
  if (column_13 < column_vectors) {
    let index = row_0 * column_vectors + column_13;
    store_sums(share * outputs + index, acc_0_13);
  }
  if (column_14 < column_vectors) {
    let index = row_0 * column_vectors + column_14;
    store_sums(share * outputs + index, acc_0_14);
  }
  if (column_15 < column_vectors) {
    let index = row_0 * column_vectors + column_15;
    store_sums(share * outputs + index, acc_0_15);
  }
  let row_1 = tile_r * 128u + (64u + lane_r);
  if (column_0 < column_vectors) {
    let index = row_1 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_1_0);
  }
  if (column_1 < column_vectors) {
    let index = row_1 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_1_1);
  }
  if (column_2 < column_vectors) {
    let index = row_1 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_1_2);
  }
  if (column_3 < column_vectors) {
    let index = row_1 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_1_3);
  }
  if (column_4 < column_vectors) {
    let index = row_1 * column_vectors + column_4;
    store_sums(share * outputs + index, acc_1_4);
  }
  if (column_5 < column_vectors) {
    let index = row_1 * column_vectors + column_5;
    store_sums(share * outputs + index, acc_1_5);
  }
  if (column_6 < column_vectors) {
    let index = row_1 * column_vectors + column_6;
    store_sums(share * outputs + index, acc_1_6);
  }
  if (column_7 < column_vectors) {
    let index = row_1 * column_vectors + column_7;
    store_sums(share * outputs + index, acc_1_7);
  }
  if (column_8 < column_vectors) {
    let index = row_1 * column_vectors + column_8;
    store_sums(share * outputs + index, acc_1_8);
  }
  if (column_9 < column_vectors) {
    let index = row_1 * column_vectors + column_9;
    store_sums(share * outputs + index, acc_1_9);
  }
  if (column_10 < column_vectors) {
    let index = row_1 * column_vectors + column_10;
    store_sums(share * outputs + index, acc_1_10);
  }
  if (column_11 < column_vectors) {
    let index = row_1 * column_vectors + column_11;
    store_sums(share * outputs + index, acc_1_11);
  }
  if (column_12 < column_vectors) {
    let index = row_1 * column_vectors + column_12;
    store_sums(share * outputs + index, acc_1_12);
  }
  if (column_13 < column_vectors) {
    let index = row_1 * column_vectors + column_13;
    store_sums(share * outputs + index, acc_1_13);
  }
  if (column_14 < column_vectors) {
    let index = row_1 * column_vectors + column_14;
    store_sums(share * outputs + index, acc_1_14);
  }
  if (column_15 < column_vectors) {
    let index = row_1 * column_vectors + column_15;
    store_sums(share * outputs + index, acc_1_15);
  }
}

// kernel 1: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, bias, y (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> sums: array<f32>;

fn load_sums(i: u32) -> f32 {
  return sums[i];
}

@group(0) @binding(2) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let index = group * 64u + local.x;
  let outputs = shape.n * shape.o * shape.oh * shape.ow;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index / (shape.oh * shape.ow) % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_sums(index + 2u * outputs);
  v += load_sums(index + 3u * outputs);
  v += load_sums(index + 4u * outputs);
  v += load_sums(index + 5u * outputs);
  v += load_sums(index + 6u * outputs);
  v += load_sums(index + 7u * outputs);
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
