// conv2d:f32:n1c64h28w28o128k1+bias+relu
// conv2d/pointwise
// wp=4 wo=4 tp=8 to=4 vec=1 stage_a=1 stage_b=0 bk=32 pad=0 vec_k=1 vec_r=2 unroll=1 prefetch=0 stages=1 split=2 band=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 2*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid n*ceil(oh*ow/32), ceil(o/16), 2; uniforms n, c, o, oh, ow; bindings x, w, sums (written)
alias Value = f32;
alias Rows = vec2<f32>;

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

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> a_tile: array<Rows, 256>;

@compute @workgroup_size(4, 4)
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
  let tiles_r = (rows + 15u) / 16u;
  let tiles_c = (columns + 31u) / 32u;
  let tile_c = group % tiles_c;
  let tile_r = group / tiles_c % tiles_r;

  let share = group / (tiles_r * tiles_c);

  let local_index = local.y * 4u + local.x;
  let a_fast_0 = local_index;
  let a_fast_1 = local_index + 16u;
  let a_slow_0 = 0u;
  let a_slow_1 = 1u;
  let a_slow_2 = 2u;
  let a_slow_3 = 3u;
  let a_slow_4 = 4u;
  let a_slow_5 = 5u;
  let a_slow_6 = 6u;
  let a_slow_7 = 7u;

  let a_at_0 = (tile_r * 16u + a_slow_0 * 2u) * size_k;
  let a_at_1 = (tile_r * 16u + a_slow_0 * 2u + 1u) * size_k;
  let a_at_2 = (tile_r * 16u + a_slow_1 * 2u) * size_k;
  let a_at_3 = (tile_r * 16u + a_slow_1 * 2u + 1u) * size_k;
  let a_at_4 = (tile_r * 16u + a_slow_2 * 2u) * size_k;
  let a_at_5 = (tile_r * 16u + a_slow_2 * 2u + 1u) * size_k;
  let a_at_6 = (tile_r * 16u + a_slow_3 * 2u) * size_k;
  let a_at_7 = (tile_r * 16u + a_slow_3 * 2u + 1u) * size_k;
  let a_at_8 = (tile_r * 16u + a_slow_4 * 2u) * size_k;
  let a_at_9 = (tile_r * 16u + a_slow_4 * 2u + 1u) * size_k;
  let a_at_10 = (tile_r * 16u + a_slow_5 * 2u) * size_k;
  let a_at_11 = (tile_r * 16u + a_slow_5 * 2u + 1u) * size_k;
  let a_at_12 = (tile_r * 16u + a_slow_6 * 2u) * size_k;
  let a_at_13 = (tile_r * 16u + a_slow_6 * 2u + 1u) * size_k;
  let a_at_14 = (tile_r * 16u + a_slow_7 * 2u) * size_k;
  let a_at_15 = (tile_r * 16u + a_slow_7 * 2u + 1u) * size_k;
  let column_0 = tile_c * 32u + lane_c;
  let column_1 = tile_c * 32u + 4u + lane_c;
  let column_2 = tile_c * 32u + 8u + lane_c;
  let column_3 = tile_c * 32u + 12u + lane_c;
  let column_4 = tile_c * 32u + 16u + lane_c;
  let column_5 = tile_c * 32u + 20u + lane_c;
  let column_6 = tile_c * 32u + 24u + lane_c;
  let column_7 = tile_c * 32u + 28u + lane_c;
  let b_at_0 = min(column_0, column_vectors - 1u);
  let b_at_1 = min(column_1, column_vectors - 1u);
  let b_at_2 = min(column_2, column_vectors - 1u);
  let b_at_3 = min(column_3, column_vectors - 1u);
  let b_at_4 = min(column_4, column_vectors - 1u);
  let b_at_5 = min(column_5, column_vectors - 1u);
  let b_at_6 = min(column_6, column_vectors - 1u);
  let b_at_7 = min(column_7, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);
  var acc_1_4 = Value(0.0);
  var acc_1_5 = Value(0.0);
  var acc_1_6 = Value(0.0);
  var acc_1_7 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_2_2 = Value(0.0);
  var acc_2_3 = Value(0.0);
  var acc_2_4 = Value(0.0);
  var acc_2_5 = Value(0.0);
  var acc_2_6 = Value(0.0);
  var acc_2_7 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_3_2 = Value(0.0);
  var acc_3_3 = Value(0.0);
  var acc_3_4 = Value(0.0);
  var acc_3_5 = Value(0.0);
  var acc_3_6 = Value(0.0);
  var acc_3_7 = Value(0.0);

  let slabs = (size_k + 31u) / 32u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let start = slab * 32u;

    let a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0));
    let a_fetched_0_0_1 = load_w(a_at_1 + (start + a_fast_0));
    let a_fetched_0_1_0 = load_w(a_at_0 + (start + a_fast_1));
    let a_fetched_0_1_1 = load_w(a_at_1 + (start + a_fast_1));
    let a_fetched_1_0_0 = load_w(a_at_2 + (start + a_fast_0));
    let a_fetched_1_0_1 = load_w(a_at_3 + (start + a_fast_0));
    let a_fetched_1_1_0 = load_w(a_at_2 + (start + a_fast_1));
    let a_fetched_1_1_1 = load_w(a_at_3 + (start + a_fast_1));
    let a_fetched_2_0_0 = load_w(a_at_4 + (start + a_fast_0));
    let a_fetched_2_0_1 = load_w(a_at_5 + (start + a_fast_0));
    let a_fetched_2_1_0 = load_w(a_at_4 + (start + a_fast_1));
    let a_fetched_2_1_1 = load_w(a_at_5 + (start + a_fast_1));
    let a_fetched_3_0_0 = load_w(a_at_6 + (start + a_fast_0));
    let a_fetched_3_0_1 = load_w(a_at_7 + (start + a_fast_0));
    let a_fetched_3_1_0 = load_w(a_at_6 + (start + a_fast_1));
    let a_fetched_3_1_1 = load_w(a_at_7 + (start + a_fast_1));
    let a_fetched_4_0_0 = load_w(a_at_8 + (start + a_fast_0));
    let a_fetched_4_0_1 = load_w(a_at_9 + (start + a_fast_0));
    let a_fetched_4_1_0 = load_w(a_at_8 + (start + a_fast_1));
    let a_fetched_4_1_1 = load_w(a_at_9 + (start + a_fast_1));
    let a_fetched_5_0_0 = load_w(a_at_10 + (start + a_fast_0));
    let a_fetched_5_0_1 = load_w(a_at_11 + (start + a_fast_0));
    let a_fetched_5_1_0 = load_w(a_at_10 + (start + a_fast_1));
    let a_fetched_5_1_1 = load_w(a_at_11 + (start + a_fast_1));
    let a_fetched_6_0_0 = load_w(a_at_12 + (start + a_fast_0));
    let a_fetched_6_0_1 = load_w(a_at_13 + (start + a_fast_0));
    let a_fetched_6_1_0 = load_w(a_at_12 + (start + a_fast_1));
    let a_fetched_6_1_1 = load_w(a_at_13 + (start + a_fast_1));
    let a_fetched_7_0_0 = load_w(a_at_14 + (start + a_fast_0));
    let a_fetched_7_0_1 = load_w(a_at_15 + (start + a_fast_0));
    let a_fetched_7_1_0 = load_w(a_at_14 + (start + a_fast_1));
    let a_fetched_7_1_1 = load_w(a_at_15 + (start + a_fast_1));

    a_tile[a_fast_0 * 8u + a_slow_0] = Rows(a_fetched_0_0_0, a_fetched_0_0_1);
    a_tile[a_fast_1 * 8u + a_slow_0] = Rows(a_fetched_0_1_0, a_fetched_0_1_1);
    a_tile[a_fast_0 * 8u + a_slow_1] = Rows(a_fetched_1_0_0, a_fetched_1_0_1);
    a_tile[a_fast_1 * 8u + a_slow_1] = Rows(a_fetched_1_1_0, a_fetched_1_1_1);
    a_tile[a_fast_0 * 8u + a_slow_2] = Rows(a_fetched_2_0_0, a_fetched_2_0_1);
    a_tile[a_fast_1 * 8u + a_slow_2] = Rows(a_fetched_2_1_0, a_fetched_2_1_1);
    a_tile[a_fast_0 * 8u + a_slow_3] = Rows(a_fetched_3_0_0, a_fetched_3_0_1);
    a_tile[a_fast_1 * 8u + a_slow_3] = Rows(a_fetched_3_1_0, a_fetched_3_1_1);
    a_tile[a_fast_0 * 8u + a_slow_4] = Rows(a_fetched_4_0_0, a_fetched_4_0_1);
    a_tile[a_fast_1 * 8u + a_slow_4] = Rows(a_fetched_4_1_0, a_fetched_4_1_1);
    a_tile[a_fast_0 * 8u + a_slow_5] = Rows(a_fetched_5_0_0, a_fetched_5_0_1);
    a_tile[a_fast_1 * 8u + a_slow_5] = Rows(a_fetched_5_1_0, a_fetched_5_1_1);
    a_tile[a_fast_0 * 8u + a_slow_6] = Rows(a_fetched_6_0_0, a_fetched_6_0_1);
    a_tile[a_fast_1 * 8u + a_slow_6] = Rows(a_fetched_6_1_0, a_fetched_6_1_1);
    a_tile[a_fast_0 * 8u + a_slow_7] = Rows(a_fetched_7_0_0, a_fetched_7_0_1);
    a_tile[a_fast_1 * 8u + a_slow_7] = Rows(a_fetched_7_1_0, a_fetched_7_1_1);

    workgroupBarrier();
    for (var kk = 0u; kk < 32u; kk += 1u) {
      let a_0_0 = a_tile[kk * 8u + lane_r];
      let a_0_1 = a_tile[kk * 8u + 4u + lane_r];
      let b_0_0 = load_x(b_at_0 + (start + kk) * column_vectors);
      let b_0_1 = load_x(b_at_1 + (start + kk) * column_vectors);
      let b_0_2 = load_x(b_at_2 + (start + kk) * column_vectors);
      let b_0_3 = load_x(b_at_3 + (start + kk) * column_vectors);
      let b_0_4 = load_x(b_at_4 + (start + kk) * column_vectors);
      let b_0_5 = load_x(b_at_5 + (start + kk) * column_vectors);
      let b_0_6 = load_x(b_at_6 + (start + kk) * column_vectors);
      let b_0_7 = load_x(b_at_7 + (start + kk) * column_vectors);
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      acc_0_2 += b_0_2 * a_0_0.x;
      acc_0_3 += b_0_3 * a_0_0.x;
      acc_0_4 += b_0_4 * a_0_0.x;
      acc_0_5 += b_0_5 * a_0_0.x;
      acc_0_6 += b_0_6 * a_0_0.x;
      acc_0_7 += b_0_7 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_1_1 += b_0_1 * a_0_0.y;
      acc_1_2 += b_0_2 * a_0_0.y;
      acc_1_3 += b_0_3 * a_0_0.y;
      acc_1_4 += b_0_4 * a_0_0.y;
      acc_1_5 += b_0_5 * a_0_0.y;
      acc_1_6 += b_0_6 * a_0_0.y;
      acc_1_7 += b_0_7 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_1.x;
      acc_2_1 += b_0_1 * a_0_1.x;
      acc_2_2 += b_0_2 * a_0_1.x;
      acc_2_3 += b_0_3 * a_0_1.x;
      acc_2_4 += b_0_4 * a_0_1.x;
      acc_2_5 += b_0_5 * a_0_1.x;
      acc_2_6 += b_0_6 * a_0_1.x;
      acc_2_7 += b_0_7 * a_0_1.x;
      acc_3_0 += b_0_0 * a_0_1.y;
      acc_3_1 += b_0_1 * a_0_1.y;
      acc_3_2 += b_0_2 * a_0_1.y;
      acc_3_3 += b_0_3 * a_0_1.y;
      acc_3_4 += b_0_4 * a_0_1.y;
      acc_3_5 += b_0_5 * a_0_1.y;
      acc_3_6 += b_0_6 * a_0_1.y;
      acc_3_7 += b_0_7 * a_0_1.y;
    }
    workgroupBarrier();
  }

  let outputs = rows * column_vectors;
  let row_0 = tile_r * 16u + lane_r * 2u;
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
  let row_1 = tile_r * 16u + lane_r * 2u + 1u;
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
  let row_2 = tile_r * 16u + (4u + lane_r) * 2u;
  if (column_0 < column_vectors) {
    let index = row_2 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_2_0);
  }
  if (column_1 < column_vectors) {
    let index = row_2 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_2_1);
  }
  if (column_2 < column_vectors) {
    let index = row_2 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_2_2);
  }
  if (column_3 < column_vectors) {
    let index = row_2 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_2_3);
  }
  if (column_4 < column_vectors) {
    let index = row_2 * column_vectors + column_4;
    store_sums(share * outputs + index, acc_2_4);
  }
  if (column_5 < column_vectors) {
    let index = row_2 * column_vectors + column_5;
    store_sums(share * outputs + index, acc_2_5);
  }
  if (column_6 < column_vectors) {
    let index = row_2 * column_vectors + column_6;
    store_sums(share * outputs + index, acc_2_6);
  }
  if (column_7 < column_vectors) {
    let index = row_2 * column_vectors + column_7;
    store_sums(share * outputs + index, acc_2_7);
  }
  let row_3 = tile_r * 16u + (4u + lane_r) * 2u + 1u;
  if (column_0 < column_vectors) {
    let index = row_3 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_3_0);
  }
  if (column_1 < column_vectors) {
    let index = row_3 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_3_1);
  }
  if (column_2 < column_vectors) {
    let index = row_3 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_3_2);
  }
  if (column_3 < column_vectors) {
    let index = row_3 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_3_3);
  }
  if (column_4 < column_vectors) {
    let index = row_3 * column_vectors + column_4;
    store_sums(share * outputs + index, acc_3_4);
  }
  if (column_5 < column_vectors) {
    let index = row_3 * column_vectors + column_5;
    store_sums(share * outputs + index, acc_3_5);
  }
  if (column_6 < column_vectors) {
    let index = row_3 * column_vectors + column_6;
    store_sums(share * outputs + index, acc_3_6);
  }
  if (column_7 < column_vectors) {
    let index = row_3 * column_vectors + column_7;
    store_sums(share * outputs + index, acc_3_7);
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
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
