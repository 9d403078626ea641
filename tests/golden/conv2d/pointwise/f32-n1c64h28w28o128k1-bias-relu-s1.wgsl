// conv2d:f32:n1c64h28w28o128k1+bias+relu
// conv2d/pointwise
// wp=2 wo=8 tp=8 to=8 vec=4 stage_a=1 stage_b=0 bk=8 pad=0 vec_k=4 vec_r=4 unroll=8 prefetch=0 split=2 band=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 2*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid n*ceil(oh*ow/16), ceil(o/64), 2; uniforms n, c, o, oh, ow; bindings x, w, sums (written)
alias Value = vec4<f32>;
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

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;

fn load_x(i: u32) -> vec4<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;

fn store_sums(i: u32, v: vec4<f32>) {
  sums[i] = v;
}

var<workgroup> a_tile: array<Rows, 128>;

@compute @workgroup_size(2, 8)
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
  let column_vectors = columns / 4u;
  let tiles_r = (rows + 63u) / 64u;
  let tiles_c = (columns + 15u) / 16u;
  let tile = group % (tiles_c * tiles_r);
  let band_start = tile / (2u * tiles_c) * 2u;
  let band_width = min(2u, tiles_r - band_start);
  let tile_c = tile % (2u * tiles_c) / band_width;
  let tile_r = band_start + tile % (2u * tiles_c) % band_width;

  let image = group / (tiles_r * tiles_c) % shape.n;
  let share = group / (tiles_r * tiles_c * shape.n);

  let local_index = local.y * 2u + local.x;
  let a_fast_0 = local_index % 2u;
  let a_slow_0 = local_index / 2u;
  let a_slow_1 = local_index / 2u + 8u;

  let a_at_0 = min(tile_r * 64u + a_slow_0 * 4u, rows - 1u) * (size_k / 4u);
  let a_at_1 = min(tile_r * 64u + a_slow_0 * 4u + 1u, rows - 1u) * (size_k / 4u);
  let a_at_2 = min(tile_r * 64u + a_slow_0 * 4u + 2u, rows - 1u) * (size_k / 4u);
  let a_at_3 = min(tile_r * 64u + a_slow_0 * 4u + 3u, rows - 1u) * (size_k / 4u);
  let a_at_4 = min(tile_r * 64u + a_slow_1 * 4u, rows - 1u) * (size_k / 4u);
  let a_at_5 = min(tile_r * 64u + a_slow_1 * 4u + 1u, rows - 1u) * (size_k / 4u);
  let a_at_6 = min(tile_r * 64u + a_slow_1 * 4u + 2u, rows - 1u) * (size_k / 4u);
  let a_at_7 = min(tile_r * 64u + a_slow_1 * 4u + 3u, rows - 1u) * (size_k / 4u);
  let column_0 = tile_c * 4u + lane_c;
  let column_1 = tile_c * 4u + 2u + lane_c;
  let b_at_0 = image * size_k * column_vectors + min(column_0, column_vectors - 1u);
  let b_at_1 = image * size_k * column_vectors + min(column_1, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let start = slab * 8u;

    let a_fetched_0_0_0 = select(vec4<f32>(0.0), load_w(a_at_0 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_1 = select(vec4<f32>(0.0), load_w(a_at_1 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_2 = select(vec4<f32>(0.0), load_w(a_at_2 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_3 = select(vec4<f32>(0.0), load_w(a_at_3 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_1_0_0 = select(vec4<f32>(0.0), load_w(a_at_4 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_1_0_1 = select(vec4<f32>(0.0), load_w(a_at_5 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_1_0_2 = select(vec4<f32>(0.0), load_w(a_at_6 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_1_0_3 = select(vec4<f32>(0.0), load_w(a_at_7 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);

    a_tile[a_fast_0 * 4u * 16u + a_slow_0] = Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x, a_fetched_0_0_2.x, a_fetched_0_0_3.x);
    a_tile[(a_fast_0 * 4u + 1u) * 16u + a_slow_0] = Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y, a_fetched_0_0_2.y, a_fetched_0_0_3.y);
    a_tile[(a_fast_0 * 4u + 2u) * 16u + a_slow_0] = Rows(a_fetched_0_0_0.z, a_fetched_0_0_1.z, a_fetched_0_0_2.z, a_fetched_0_0_3.z);
    a_tile[(a_fast_0 * 4u + 3u) * 16u + a_slow_0] = Rows(a_fetched_0_0_0.w, a_fetched_0_0_1.w, a_fetched_0_0_2.w, a_fetched_0_0_3.w);
    a_tile[a_fast_0 * 4u * 16u + a_slow_1] = Rows(a_fetched_1_0_0.x, a_fetched_1_0_1.x, a_fetched_1_0_2.x, a_fetched_1_0_3.x);
    a_tile[(a_fast_0 * 4u + 1u) * 16u + a_slow_1] = Rows(a_fetched_1_0_0.y, a_fetched_1_0_1.y, a_fetched_1_0_2.y, a_fetched_1_0_3.y);
    a_tile[(a_fast_0 * 4u + 2u) * 16u + a_slow_1] = Rows(a_fetched_1_0_0.z, a_fetched_1_0_1.z, a_fetched_1_0_2.z, a_fetched_1_0_3.z);
    a_tile[(a_fast_0 * 4u + 3u) * 16u + a_slow_1] = Rows(a_fetched_1_0_0.w, a_fetched_1_0_1.w, a_fetched_1_0_2.w, a_fetched_1_0_3.w);

    workgroupBarrier();
    let a_0_0 = a_tile[lane_r];
    let a_0_1 = a_tile[8u + lane_r];
    let b_0_0 = select(Value(0.0), load_x(b_at_0 + (min(start, size_k - 1u)) * column_vectors), start < size_k);
    let b_0_1 = select(Value(0.0), load_x(b_at_1 + (min(start, size_k - 1u)) * column_vectors), start < size_k);
    acc_0_0 += b_0_0 * a_0_0.x;
    acc_0_1 += b_0_1 * a_0_0.x;
    acc_1_0 += b_0_0 * a_0_0.y;
    acc_1_1 += b_0_1 * a_0_0.y;
    acc_2_0 += b_0_0 * a_0_0.z;
    acc_2_1 += b_0_1 * a_0_0.z;
    acc_3_0 += b_0_0 * a_0_0.w;
    acc_3_1 += b_0_1 * a_0_0.w;
    acc_4_0 += b_0_0 * a_0_1.x;
    acc_4_1 += b_0_1 * a_0_1.x;
    acc_5_0 += b_0_0 * a_0_1.y;
    acc_5_1 += b_0_1 * a_0_1.y;
    acc_6_0 += b_0_0 * a_0_1.z;
    acc_6_1 += b_0_1 * a_0_1.z;
    acc_7_0 += b_0_0 * a_0_1.w;
    acc_7_1 += b_0_1 * a_0_1.w;
    let a_1_0 = a_tile[16u + lane_r];
    let a_1_1 = a_tile[24u + lane_r];
    let b_1_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 1u, size_k - 1u)) * column_vectors), start + 1u < size_k);
    let b_1_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 1u, size_k - 1u)) * column_vectors), start + 1u < size_k);
    acc_0_0 += b_1_0 * a_1_0.x;
    acc_0_1 += b_1_1 * a_1_0.x;
    acc_1_0 += b_1_0 * a_1_0.y;
    acc_1_1 += b_1_1 * a_1_0.y;
    acc_2_0 += b_1_0 * a_1_0.z;
    acc_2_1 += b_1_1 * a_1_0.z;
    acc_3_0 += b_1_0 * a_1_0.w;
    acc_3_1 += b_1_1 * a_1_0.w;
    acc_4_0 += b_1_0 * a_1_1.x;
    acc_4_1 += b_1_1 * a_1_1.x;
    acc_5_0 += b_1_0 * a_1_1.y;
    acc_5_1 += b_1_1 * a_1_1.y;
    acc_6_0 += b_1_0 * a_1_1.z;
    acc_6_1 += b_1_1 * a_1_1.z;
    acc_7_0 += b_1_0 * a_1_1.w;
    acc_7_1 += b_1_1 * a_1_1.w;
    let a_2_0 = a_tile[32u + lane_r];
    let a_2_1 = a_tile[40u + lane_r];
    let b_2_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 2u, size_k - 1u)) * column_vectors), start + 2u < size_k);
    let b_2_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 2u, size_k - 1u)) * column_vectors), start + 2u < size_k);
    acc_0_0 += b_2_0 * a_2_0.x;
    acc_0_1 += b_2_1 * a_2_0.x;
    acc_1_0 += b_2_0 * a_2_0.y;
    acc_1_1 += b_2_1 * a_2_0.y;
    acc_2_0 += b_2_0 * a_2_0.z;
    acc_2_1 += b_2_1 * a_2_0.z;
    acc_3_0 += b_2_0 * a_2_0.w;
    acc_3_1 += b_2_1 * a_2_0.w;
    acc_4_0 += b_2_0 * a_2_1.x;
    acc_4_1 += b_2_1 * a_2_1.x;
    acc_5_0 += b_2_0 * a_2_1.y;
    acc_5_1 += b_2_1 * a_2_1.y;
    acc_6_0 += b_2_0 * a_2_1.z;
    acc_6_1 += b_2_1 * a_2_1.z;
    acc_7_0 += b_2_0 * a_2_1.w;
    acc_7_1 += b_2_1 * a_2_1.w;
    let a_3_0 = a_tile[48u + lane_r];
    let a_3_1 = a_tile[56u + lane_r];
    let b_3_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 3u, size_k - 1u)) * column_vectors), start + 3u < size_k);
    let b_3_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 3u, size_k - 1u)) * column_vectors), start + 3u < size_k);
    acc_0_0 += b_3_0 * a_3_0.x;
    acc_0_1 += b_3_1 * a_3_0.x;
    acc_1_0 += b_3_0 * a_3_0.y;
    acc_1_1 += b_3_1 * a_3_0.y;
    acc_2_0 += b_3_0 * a_3_0.z;
    acc_2_1 += b_3_1 * a_3_0.z;
    acc_3_0 += b_3_0 * a_3_0.w;
    acc_3_1 += b_3_1 * a_3_0.w;
    acc_4_0 += b_3_0 * a_3_1.x;
    acc_4_1 += b_3_1 * a_3_1.x;
    acc_5_0 += b_3_0 * a_3_1.y;
    acc_5_1 += b_3_1 * a_3_1.y;
    acc_6_0 += b_3_0 * a_3_1.z;
    acc_6_1 += b_3_1 * a_3_1.z;
    acc_7_0 += b_3_0 * a_3_1.w;
    acc_7_1 += b_3_1 * a_3_1.w;
    let a_4_0 = a_tile[64u + lane_r];
    let a_4_1 = a_tile[72u + lane_r];
    let b_4_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 4u, size_k - 1u)) * column_vectors), start + 4u < size_k);
    let b_4_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 4u, size_k - 1u)) * column_vectors), start + 4u < size_k);
    acc_0_0 += b_4_0 * a_4_0.x;
    acc_0_1 += b_4_1 * a_4_0.x;
    acc_1_0 += b_4_0 * a_4_0.y;
    acc_1_1 += b_4_1 * a_4_0.y;
    acc_2_0 += b_4_0 * a_4_0.z;
    acc_2_1 += b_4_1 * a_4_0.z;
    acc_3_0 += b_4_0 * a_4_0.w;
    acc_3_1 += b_4_1 * a_4_0.w;
    acc_4_0 += b_4_0 * a_4_1.x;
    acc_4_1 += b_4_1 * a_4_1.x;
    acc_5_0 += b_4_0 * a_4_1.y;
    acc_5_1 += b_4_1 * a_4_1.y;
    acc_6_0 += b_4_0 * a_4_1.z;
    acc_6_1 += b_4_1 * a_4_1.z;
    acc_7_0 += b_4_0 * a_4_1.w;
    acc_7_1 += b_4_1 * a_4_1.w;
    let a_5_0 = a_tile[80u + lane_r];
    let a_5_1 = a_tile[88u + lane_r];
    let b_5_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 5u, size_k - 1u)) * column_vectors), start + 5u < size_k);
    let b_5_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 5u, size_k - 1u)) * column_vectors), start + 5u < size_k);
    acc_0_0 += b_5_0 * a_5_0.x;
    acc_0_1 += b_5_1 * a_5_0.x;
    acc_1_0 += b_5_0 * a_5_0.y;
    acc_1_1 += b_5_1 * a_5_0.y;
    acc_2_0 += b_5_0 * a_5_0.z;
    acc_2_1 += b_5_1 * a_5_0.z;
    acc_3_0 += b_5_0 * a_5_0.w;
    acc_3_1 += b_5_1 * a_5_0.w;
    acc_4_0 += b_5_0 * a_5_1.x;
    acc_4_1 += b_5_1 * a_5_1.x;
    acc_5_0 += b_5_0 * a_5_1.y;
    acc_5_1 += b_5_1 * a_5_1.y;
    acc_6_0 += b_5_0 * a_5_1.z;
    acc_6_1 += b_5_1 * a_5_1.z;
    acc_7_0 += b_5_0 * a_5_1.w;
    acc_7_1 += b_5_1 * a_5_1.w;
    let a_6_0 = a_tile[96u + lane_r];
    let a_6_1 = a_tile[104u + lane_r];
    let b_6_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 6u, size_k - 1u)) * column_vectors), start + 6u < size_k);
    let b_6_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 6u, size_k - 1u)) * column_vectors), start + 6u < size_k);
    acc_0_0 += b_6_0 * a_6_0.x;
    acc_0_1 += b_6_1 * a_6_0.x;
    acc_1_0 += b_6_0 * a_6_0.y;
    acc_1_1 += b_6_1 * a_6_0.y;
    acc_2_0 += b_6_0 * a_6_0.z;
    acc_2_1 += b_6_1 * a_6_0.z;
    acc_3_0 += b_6_0 * a_6_0.w;
    acc_3_1 += b_6_1 * a_6_0.w;
    acc_4_0 += b_6_0 * a_6_1.x;
    acc_4_1 += b_6_1 * a_6_1.x;
    acc_5_0 += b_6_0 * a_6_1.y;
    acc_5_1 += b_6_1 * a_6_1.y;
    acc_6_0 += b_6_0 * a_6_1.z;
    acc_6_1 += b_6_1 * a_6_1.z;
    acc_7_0 += b_6_0 * a_6_1.w;
    acc_7_1 += b_6_1 * a_6_1.w;
    let a_7_0 = a_tile[112u + lane_r];
    let a_7_1 = a_tile[120u + lane_r];
    let b_7_0 = select(Value(0.0), load_x(b_at_0 + (min(start + 7u, size_k - 1u)) * column_vectors), start + 7u < size_k);
    let b_7_1 = select(Value(0.0), load_x(b_at_1 + (min(start + 7u, size_k - 1u)) * column_vectors), start + 7u < size_k);
    acc_0_0 += b_7_0 * a_7_0.x;
    acc_0_1 += b_7_1 * a_7_0.x;
    acc_1_0 += b_7_0 * a_7_0.y;
    acc_1_1 += b_7_1 * a_7_0.y;
    acc_2_0 += b_7_0 * a_7_0.z;
    acc_2_1 += b_7_1 * a_7_0.z;
    acc_3_0 += b_7_0 * a_7_0.w;
    acc_3_1 += b_7_1 * a_7_0.w;
    acc_4_0 += b_7_0 * a_7_1.x;
    acc_4_1 += b_7_1 * a_7_1.x;
    acc_5_0 += b_7_0 * a_7_1.y;
    acc_5_1 += b_7_1 * a_7_1.y;
    acc_6_0 += b_7_0 * a_7_1.z;
    acc_6_1 += b_7_1 * a_7_1.z;
    acc_7_0 += b_7_0 * a_7_1.w;
    acc_7_1 += b_7_1 * a_7_1.w;
    workgroupBarrier();
  }

  let outputs = shape.n * rows * column_vectors;
  let row_0 = tile_r * 64u + lane_r * 4u;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_0_0);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_0_1);
  }
  let row_1 = tile_r * 64u + lane_r * 4u + 1u;
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_1_0);
  }
  if ((row_1 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_1_1);
  }
  let row_2 = tile_r * 64u + lane_r * 4u + 2u;
  if ((row_2 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_2) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_2_0);
  }
  if ((row_2 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_2) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_2_1);
  }
  let row_3 = tile_r * 64u + lane_r * 4u + 3u;
  if ((row_3 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_3) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_3_0);
  }
  if ((row_3 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_3) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_3_1);
  }
  let row_4 = tile_r * 64u + (8u + lane_r) * 4u;
  if ((row_4 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_4) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_4_0);
  }
  if ((row_4 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_4) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_4_1);
  }
  let row_5 = tile_r * 64u + (8u + lane_r) * 4u + 1u;
  if ((row_5 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_5) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_5_0);
  }
  if ((row_5 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_5) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_5_1);
  }
  let row_6 = tile_r * 64u + (8u + lane_r) * 4u + 2u;
  if ((row_6 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_6) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_6_0);
  }
  if ((row_6 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_6) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_6_1);
  }
  let row_7 = tile_r * 64u + (8u + lane_r) * 4u + 3u;
  if ((row_7 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_7) * column_vectors + column_0;
    store_sums(share * outputs + index, acc_7_0);
  }
  if ((row_7 < rows) & (column_1 < column_vectors)) {
    let index = (image * rows + row_7) * column_vectors + column_1;
    store_sums(share * outputs + index, acc_7_1);
  }
}

// kernel 1: grid ceil(n*o*oh*ow/256), 1, 1; uniforms n, o, oh, ow; bindings sums, bias, y (written)
alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> sums: array<vec4<f32>>;

fn load_sums(i: u32) -> vec4<f32> {
  return sums[i];
}

@group(0) @binding(2) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

fn store_y(i: u32, v: vec4<f32>) {
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
  let outputs = shape.n * shape.o * shape.oh * shape.ow / 4u;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index / (shape.oh * shape.ow / 4u) % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
