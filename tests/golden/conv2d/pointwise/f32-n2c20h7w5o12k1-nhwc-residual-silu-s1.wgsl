// conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu
// conv2d/pointwise
// wp=16 wo=2 tp=8 to=4 vec=1 stage_a=0 stage_b=1 bk=16 pad=1 vec_k=1 vec_r=1 unroll=2 prefetch=0 split=2 band=2 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*1*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*1*4 bytes, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 2*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*1/64), 1, 1; uniforms c, o; bindings w, packed (written)
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  c: u32,
  o: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

fn store_packed(i: u32, v: f32) {
  packed[i] = v;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let channels_in = shape.c;
  let channels_out = shape.o;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 1u;
  let c = i / channels_out % channels_in;
  let channel = o;
  store_packed(i, load_w((channel + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/128), ceil(o/8), 2; uniforms n, c, o, oh, ow; bindings x, w, sums (written)
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

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> b_tile: array<Value, 144>;

@compute @workgroup_size(2, 16)
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
  let rows = shape.n * shape.oh * shape.ow;
  let columns = shape.o;
  let column_vectors = columns;
  let tiles_r = (rows + 127u) / 128u;
  let tiles_c = (columns + 7u) / 8u;
  let tile = group % (tiles_r * tiles_c);
  let band_start = tile / (2u * tiles_r) * 2u;
  let band_width = min(2u, tiles_c - band_start);
  let tile_r = tile % (2u * tiles_r) / band_width;
  let tile_c = band_start + tile % (2u * tiles_r) % band_width;

  let share = group / (tiles_r * tiles_c);

  let local_index = local.y * 2u + local.x;

  let b_fast_0 = local_index % 8u;
  let b_slow_0 = local_index / 8u;
  let b_slow_1 = local_index / 8u + 4u;
  let b_slow_2 = local_index / 8u + 8u;
  let b_slow_3 = local_index / 8u + 12u;

  let a_at_0 = min(tile_r * 128u + lane_r, rows - 1u) * size_k;
  let a_at_1 = min(tile_r * 128u + 16u + lane_r, rows - 1u) * size_k;
  let a_at_2 = min(tile_r * 128u + 32u + lane_r, rows - 1u) * size_k;
  let a_at_3 = min(tile_r * 128u + 48u + lane_r, rows - 1u) * size_k;
  let a_at_4 = min(tile_r * 128u + 64u + lane_r, rows - 1u) * size_k;
  let a_at_5 = min(tile_r * 128u + 80u + lane_r, rows - 1u) * size_k;
  let a_at_6 = min(tile_r * 128u + 96u + lane_r, rows - 1u) * size_k;
  let a_at_7 = min(tile_r * 128u + 112u + lane_r, rows - 1u) * size_k;
  let column_0 = tile_c * 8u + lane_c;
  let column_1 = tile_c * 8u + 2u + lane_c;
  let column_2 = tile_c * 8u + 4u + lane_c;
  let column_3 = tile_c * 8u + 6u + lane_c;
  let b_at_0 = min(tile_c * 8u + b_fast_0, column_vectors - 1u);

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
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_4_2 = Value(0.0);
  var acc_4_3 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_5_2 = Value(0.0);
  var acc_5_3 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_6_2 = Value(0.0);
  var acc_6_3 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);
  var acc_7_2 = Value(0.0);
  var acc_7_3 = Value(0.0);

  let slabs = (size_k + 15u) / 16u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let start = slab * 16u;

    let b_fetched_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);
    let b_fetched_1_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_1, size_k - 1u)) * column_vectors), start + b_slow_1 < size_k);
    let b_fetched_2_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_2, size_k - 1u)) * column_vectors), start + b_slow_2 < size_k);
    let b_fetched_3_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_3, size_k - 1u)) * column_vectors), start + b_slow_3 < size_k);

    b_tile[b_slow_0 * 9u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 9u + b_fast_0] = b_fetched_1_0;
    b_tile[b_slow_2 * 9u + b_fast_0] = b_fetched_2_0;
    b_tile[b_slow_3 * 9u + b_fast_0] = b_fetched_3_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 2u) {
      let a_0_0 = select(f32(0.0), load_x(a_at_0 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_1 = select(f32(0.0), load_x(a_at_1 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_2 = select(f32(0.0), load_x(a_at_2 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_3 = select(f32(0.0), load_x(a_at_3 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_4 = select(f32(0.0), load_x(a_at_4 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_5 = select(f32(0.0), load_x(a_at_5 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_6 = select(f32(0.0), load_x(a_at_6 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let a_0_7 = select(f32(0.0), load_x(a_at_7 + (min(start + kk, size_k - 1u))), start + kk < size_k);
      let b_0_0 = b_tile[kk * 9u + lane_c];
      let b_0_1 = b_tile[kk * 9u + 2u + lane_c];
      let b_0_2 = b_tile[kk * 9u + 4u + lane_c];
      let b_0_3 = b_tile[kk * 9u + 6u + lane_c];
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      acc_0_2 += b_0_2 * a_0_0;
      acc_0_3 += b_0_3 * a_0_0;
      acc_1_0 += b_0_0 * a_0_1;
      acc_1_1 += b_0_1 * a_0_1;
      acc_1_2 += b_0_2 * a_0_1;
      acc_1_3 += b_0_3 * a_0_1;
      acc_2_0 += b_0_0 * a_0_2;
      acc_2_1 += b_0_1 * a_0_2;
      acc_2_2 += b_0_2 * a_0_2;
      acc_2_3 += b_0_3 * a_0_2;
      acc_3_0 += b_0_0 * a_0_3;
      acc_3_1 += b_0_1 * a_0_3;
      acc_3_2 += b_0_2 * a_0_3;
      acc_3_3 += b_0_3 * a_0_3;
      acc_4_0 += b_0_0 * a_0_4;
      acc_4_1 += b_0_1 * a_0_4;
      acc_4_2 += b_0_2 * a_0_4;
      acc_4_3 += b_0_3 * a_0_4;
      acc_5_0 += b_0_0 * a_0_5;
      acc_5_1 += b_0_1 * a_0_5;
      acc_5_2 += b_0_2 * a_0_5;
      acc_5_3 += b_0_3 * a_0_5;
      acc_6_0 += b_0_0 * a_0_6;
      acc_6_1 += b_0_1 * a_0_6;
      acc_6_2 += b_0_2 * a_0_6;
      acc_6_3 += b_0_3 * a_0_6;
      acc_7_0 += b_0_0 * a_0_7;
      acc_7_1 += b_0_1 * a_0_7;
      acc_7_2 += b_0_2 * a_0_7;
      acc_7_3 += b_0_3 * a_0_7;
      let a_1_0 = select(f32(0.0), load_x(a_at_0 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_1 = select(f32(0.0), load_x(a_at_1 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_2 = select(f32(0.0), load_x(a_at_2 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_3 = select(f32(0.0), load_x(a_at_3 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_4 = select(f32(0.0), load_x(a_at_4 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_5 = select(f32(0.0), load_x(a_at_5 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_6 = select(f32(0.0), load_x(a_at_6 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let a_1_7 = select(f32(0.0), load_x(a_at_7 + (min(start + kk + 1u, size_k - 1u))), start + kk + 1u < size_k);
      let b_1_0 = b_tile[(kk + 1u) * 9u + lane_c];
      let b_1_1 = b_tile[(kk + 1u) * 9u + 2u + lane_c];
      let b_1_2 = b_tile[(kk + 1u) * 9u + 4u + lane_c];
      let b_1_3 = b_tile[(kk + 1u) * 9u + 6u + lane_c];
      acc_0_0 += b_1_0 * a_1_0;
      acc_0_1 += b_1_1 * a_1_0;
      acc_0_2 += b_1_2 * a_1_0;
      acc_0_3 += b_1_3 * a_1_0;
      acc_1_0 += b_1_0 * a_1_1;
      acc_1_1 += b_1_1 * a_1_1;
      acc_1_2 += b_1_2 * a_1_1;
      acc_1_3 += b_1_3 * a_1_1;
      acc_2_0 += b_1_0 * a_1_2;
      acc_2_1 += b_1_1 * a_1_2;
      acc_2_2 += b_1_2 * a_1_2;
      acc_2_3 += b_1_3 * a_1_2;
      acc_3_0 += b_1_0 * a_1_3;
      acc_3_1 += b_1_1 * a_1_3;
      acc_3_2 += b_1_2 * a_1_3;
      acc_3_3 += b_1_3 * a_1_3;
      acc_4_0 += b_1_0 * a_1_4;
      acc_4_1 += b_1_1 * a_1_4;
      acc_4_2 += b_1_2 * a_1_4;
      acc_4_3 += b_1_3 * a_1_4;
      acc_5_0 += b_1_0 * a_1_5;
      acc_5_1 += b_1_1 * a_1_5;
      acc_5_2 += b_1_2 * a_1_5;
      acc_5_3 += b_1_3 * a_1_5;
      acc_6_0 += b_1_0 * a_1_6;
      acc_6_1 += b_1_1 * a_1_6;
      acc_6_2 += b_1_2 * a_1_6;
      acc_6_3 += b_1_3 * a_1_6;
      acc_7_0 += b_1_0 * a_1_7;
      acc_7_1 += b_1_1 * a_1_7;
      acc_7_2 += b_1_2 * a_1_7;
      acc_7_3 += b_1_3 * a_1_7;
    }
    workgroupBarrier();
  }

  let outputs = rows * column_vectors;
  let row_0 = tile_r * 128u + lane_r;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = row_0 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_0_0);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    let index = row_0 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_0_1);
  }
  if ((row_0 < rows) & (column_2 < column_vectors)) {
    let index = row_0 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_0_2);
  }
  if ((row_0 < rows) & (column_3 < column_vectors)) {
    let index = row_0 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_0_3);
  }
  let row_1 = tile_r * 128u + (16u + lane_r);
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = row_1 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_1_0);
  }
  if ((row_1 < rows) & (column_1 < column_vectors)) {
    let index = row_1 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_1_1);
  }
  if ((row_1 < rows) & (column_2 < column_vectors)) {
    let index = row_1 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_1_2);
  }
  if ((row_1 < rows) & (column_3 < column_vectors)) {
    let index = row_1 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_1_3);
  }
  let row_2 = tile_r * 128u + (32u + lane_r);
  if ((row_2 < rows) & (column_0 < column_vectors)) {
    let index = row_2 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_2_0);
  }
  if ((row_2 < rows) & (column_1 < column_vectors)) {
    let index = row_2 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_2_1);
  }
  if ((row_2 < rows) & (column_2 < column_vectors)) {
    let index = row_2 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_2_2);
  }
  if ((row_2 < rows) & (column_3 < column_vectors)) {
    let index = row_2 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_2_3);
  }
  let row_3 = tile_r * 128u + (48u + lane_r);
  if ((row_3 < rows) & (column_0 < column_vectors)) {
    let index = row_3 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_3_0);
  }
  if ((row_3 < rows) & (column_1 < column_vectors)) {
    let index = row_3 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_3_1);
  }
  if ((row_3 < rows) & (column_2 < column_vectors)) {
    let index = row_3 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_3_2);
  }
  if ((row_3 < rows) & (column_3 < column_vectors)) {
    let index = row_3 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_3_3);
  }
  let row_4 = tile_r * 128u + (64u + lane_r);
  if ((row_4 < rows) & (column_0 < column_vectors)) {
    let index = row_4 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_4_0);
  }
  if ((row_4 < rows) & (column_1 < column_vectors)) {
    let index = row_4 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_4_1);
  }
  if ((row_4 < rows) & (column_2 < column_vectors)) {
    let index = row_4 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_4_2);
  }
  if ((row_4 < rows) & (column_3 < column_vectors)) {
    let index = row_4 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_4_3);
  }
  let row_5 = tile_r * 128u + (80u + lane_r);
  if ((row_5 < rows) & (column_0 < column_vectors)) {
    let index = row_5 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_5_0);
  }
  if ((row_5 < rows) & (column_1 < column_vectors)) {
    let index = row_5 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_5_1);
  }
  if ((row_5 < rows) & (column_2 < column_vectors)) {
    let index = row_5 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_5_2);
  }
  if ((row_5 < rows) & (column_3 < column_vectors)) {
    let index = row_5 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_5_3);
  }
  let row_6 = tile_r * 128u + (96u + lane_r);
  if ((row_6 < rows) & (column_0 < column_vectors)) {
    let index = row_6 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_6_0);
  }
  if ((row_6 < rows) & (column_1 < column_vectors)) {
    let index = row_6 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_6_1);
  }
  if ((row_6 < rows) & (column_2 < column_vectors)) {
    let index = row_6 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_6_2);
  }
  if ((row_6 < rows) & (column_3 < column_vectors)) {
    let index = row_6 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_6_3);
  }
  let row_7 = tile_r * 128u + (112u + lane_r);
  if ((row_7 < rows) & (column_0 < column_vectors)) {
    let index = row_7 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_7_0);
  }
  if ((row_7 < rows) & (column_1 < column_vectors)) {
    let index = row_7 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_7_1);
  }
  if ((row_7 < rows) & (column_2 < column_vectors)) {
    let index = row_7 * column_vectors + column_2;
    store_sums(share * outputs + index, acc_7_2);
  }
  if ((row_7 < rows) & (column_3 < column_vectors)) {
    let index = row_7 * column_vectors + column_3;
    store_sums(share * outputs + index, acc_7_3);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, residual, y (written)
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

@group(0) @binding(2) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
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
  let channel = index % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_residual(index);
  v = silu(v);
  store_y(index, v);
}
