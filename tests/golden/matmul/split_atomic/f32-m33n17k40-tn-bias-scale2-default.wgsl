// matmul:f32:m33n17k40:tn+bias+scale2
// matmul/split_atomic
// bm=32 bn=32 tm=4 tn=4 lanes=32 lanes_n=8 bk=16 unroll=8 vec_a=1 vec_b=1 turn_a=0 turn_b=0 pad=0 pipeline=1 deal=0 band=8 split=2 baked=1 half_tiles=0 packed=0
// run: kernel 0 on output 0
// run: kernel 1 on input 0, input 1, output 0
// run: kernel 2 on input 2, output 0

// kernel 0: grid ceil(b*m*n/256), 1, 1; uniforms b, m, n, k; bindings c (written)
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let count = shape.b * shape.m * shape.n;
  let first = group * 256u + local;
  if (first < count) {
    store_c(first, f32(0.0));
  }
  if (first + 128u < count) {
    store_c(first + 128u, f32(0.0));
  }
}

// kernel 1: grid ceil(n/32), ceil(m/32), b*2; uniforms b, m, n, k; bindings a, b, c (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> a: array<f32>;

fn fetch_a(i: u32) -> f32 {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn fetch_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<atomic<f32>>;

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  let first = place / (8u * tiles_n) * 8u;
  let height = min(8u, tiles_m - first);
  let within = place % (8u * tiles_n);
  return vec2<u32>(within / height, first + within % height);
}

fn finish_vector(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= 33u) | (column >= 17u)) {
    return;
  }
  let index = (matrix * 33u + row) * 17u + column;
  atomicAdd(&c[index], sum);
}

// Four sums of one row, as vectors that C can be stored in.
fn finish(matrix: u32, row: u32, column: u32, sum: vec4<f32>) {
  finish_vector(matrix, row, column, sum.x);
  finish_vector(matrix, row, column + 1u, sum.y);
  finish_vector(matrix, row, column + 2u, sum.z);
  finish_vector(matrix, row, column + 3u, sum.w);
}

var<workgroup> a_tile: array<vec4<f32>, 128>;
var<workgroup> b_tile: array<vec4<f32>, 128>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = 33u;
  let size_n = 17u;
  let size_k = 40u;
  let a_loads = size_m;
  let b_loads = size_n;
  let tiles_m = (size_m + 31u) / 32u;
  let tiles_n = (size_n + 31u) / 32u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 2u;
  let batch = group / (tiles_m * tiles_n * 2u);
  // Parts of whole slabs.
  let slabs = (size_k + 15u) / 16u;
  let length = (slabs + 1u) / 2u * 16u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile * 16u + lane / 8u * 4u;
  let block_column = lane % 8u * 4u;
  let a_from = block_row / 4u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_3_0 = vec4<f32>();

  let a_across_0 = local % 8u;
  let a_line_0 = local / 8u;
  let a_step_0 = a_line_0;
  let a_put_0 = a_line_0 * 8u + a_across_0;
  var a_0_0_0: f32;
  var a_0_0_1: f32;
  var a_0_0_2: f32;
  var a_0_0_3: f32;
  let a_across_1 = (local + 64u) % 8u;
  let a_line_1 = (local + 64u) / 8u;
  let a_step_1 = a_line_1;
  let a_put_1 = a_line_1 * 8u + a_across_1;
  var a_1_0_0: f32;
  var a_1_0_1: f32;
  var a_1_0_2: f32;
  var a_1_0_3: f32;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 8u + b_across_0;
  var b_0_0_0: f32;
  var b_0_0_1: f32;
  var b_0_0_2: f32;
  var b_0_0_3: f32;
  let b_across_1 = (local + 64u) % 8u;
  let b_line_1 = (local + 64u) / 8u;
  let b_step_1 = b_line_1;
  let b_put_1 = b_line_1 * 8u + b_across_1;
  var b_1_0_0: f32;
  var b_1_0_1: f32;
  var b_1_0_2: f32;
  var b_1_0_3: f32;

  let a_at_0_0 = batch * size_k * a_loads + min(tile.y * 32u + a_across_0 * 4u, a_loads - 1u);
  let a_at_0_1 = batch * size_k * a_loads + min(tile.y * 32u + a_across_0 * 4u + 1u, a_loads - 1u);
  let a_at_0_2 = batch * size_k * a_loads + min(tile.y * 32u + a_across_0 * 4u + 2u, a_loads - 1u);
  let a_at_0_3 = batch * size_k * a_loads + min(tile.y * 32u + a_across_0 * 4u + 3u, a_loads - 1u);
  let a_at_1_0 = batch * size_k * a_loads + min(tile.y * 32u + a_across_1 * 4u, a_loads - 1u);
  let a_at_1_1 = batch * size_k * a_loads + min(tile.y * 32u + a_across_1 * 4u + 1u, a_loads - 1u);
  let a_at_1_2 = batch * size_k * a_loads + min(tile.y * 32u + a_across_1 * 4u + 2u, a_loads - 1u);
  let a_at_1_3 = batch * size_k * a_loads + min(tile.y * 32u + a_across_1 * 4u + 3u, a_loads - 1u);
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u, b_loads - 1u);
  let b_at_0_1 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 1u, b_loads - 1u);
  let b_at_0_2 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 2u, b_loads - 1u);
  let b_at_0_3 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 3u, b_loads - 1u);
  let b_at_1_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_1 * 4u, b_loads - 1u);
  let b_at_1_1 = batch * size_k * b_loads + min(tile.x * 32u + b_across_1 * 4u + 1u, b_loads - 1u);
  let b_at_1_2 = batch * size_k * b_loads + min(tile.x * 32u + b_across_1 * 4u + 2u, b_loads - 1u);
  let b_at_1_3 = batch * size_k * b_loads + min(tile.x * 32u + b_across_1 * 4u + 3u, b_loads - 1u);

  a_0_0_0 = fetch_a(a_at_0_0 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_1 = fetch_a(a_at_0_1 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_2 = fetch_a(a_at_0_2 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_3 = fetch_a(a_at_0_3 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_1_0_0 = fetch_a(a_at_1_0 + min(first + a_step_1, size_k - 1u) * a_loads);
  a_1_0_1 = fetch_a(a_at_1_1 + min(first + a_step_1, size_k - 1u) * a_loads);
  a_1_0_2 = fetch_a(a_at_1_2 + min(first + a_step_1, size_k - 1u) * a_loads);
  a_1_0_3 = fetch_a(a_at_1_3 + min(first + a_step_1, size_k - 1u) * a_loads);
  b_0_0_0 = fetch_b(b_at_0_0 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_0_0_1 = fetch_b(b_at_0_1 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_0_0_2 = fetch_b(b_at_0_2 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_0_0_3 = fetch_b(b_at_0_3 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_1_0_0 = fetch_b(b_at_1_0 + min(first + b_step_1, size_k - 1u) * b_loads);
  b_1_0_1 = fetch_b(b_at_1_1 + min(first + b_step_1, size_k - 1u) * b_loads);
  b_1_0_2 = fetch_b(b_at_1_2 + min(first + b_step_1, size_k - 1u) * b_loads);
  b_1_0_3 = fetch_b(b_at_1_3 + min(first + b_step_1, size_k - 1u) * b_loads);
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 16u) {
    let a_inside_0_0 = k0 + a_step_0 < size_k;
    let a_inside_1_0 = k0 + a_step_1 < size_k;
    a_tile[a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_0), select(f32(), a_0_0_2, a_inside_0_0), select(f32(), a_0_0_3, a_inside_0_0));
    a_tile[a_put_1] = vec4<f32>(select(f32(), a_1_0_0, a_inside_1_0), select(f32(), a_1_0_1, a_inside_1_0), select(f32(), a_1_0_2, a_inside_1_0), select(f32(), a_1_0_3, a_inside_1_0));
    let b_inside_0_0 = k0 + b_step_0 < size_k;
    let b_inside_1_0 = k0 + b_step_1 < size_k;
    b_tile[b_put_0] = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_0), select(f32(), b_0_0_2, b_inside_0_0), select(f32(), b_0_0_3, b_inside_0_0));
    b_tile[b_put_1] = vec4<f32>(select(f32(), b_1_0_0, b_inside_1_0), select(f32(), b_1_0_1, b_inside_1_0), select(f32(), b_1_0_2, b_inside_1_0), select(f32(), b_1_0_3, b_inside_1_0));
    workgroupBarrier();
    let next = k0 + 16u;
    a_0_0_0 = fetch_a(a_at_0_0 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_1 = fetch_a(a_at_0_1 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_2 = fetch_a(a_at_0_2 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_3 = fetch_a(a_at_0_3 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_1_0_0 = fetch_a(a_at_1_0 + min(next + a_step_1, size_k - 1u) * a_loads);
    a_1_0_1 = fetch_a(a_at_1_1 + min(next + a_step_1, size_k - 1u) * a_loads);
    a_1_0_2 = fetch_a(a_at_1_2 + min(next + a_step_1, size_k - 1u) * a_loads);
    a_1_0_3 = fetch_a(a_at_1_3 + min(next + a_step_1, size_k - 1u) * a_loads);
    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_0_0_1 = fetch_b(b_at_0_1 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_0_0_2 = fetch_b(b_at_0_2 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_0_0_3 = fetch_b(b_at_0_3 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_1_0_0 = fetch_b(b_at_1_0 + min(next + b_step_1, size_k - 1u) * b_loads);
    b_1_0_1 = fetch_b(b_at_1_1 + min(next + b_step_1, size_k - 1u) * b_loads);
    b_1_0_2 = fetch_b(b_at_1_2 + min(next + b_step_1, size_k - 1u) * b_loads);
    b_1_0_3 = fetch_b(b_at_1_3 + min(next + b_step_1, size_k - 1u) * b_loads);
    for (var kk = 0u; kk < 16u; kk += 8u) {
      let a_0_0 = a_tile[a_from + kk * 8u];
      let b_0_0 = b_tile[b_from + kk * 8u];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[a_from + kk * 8u + 8u];
      let b_1_0 = b_tile[b_from + kk * 8u + 8u];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      let a_2_0 = a_tile[a_from + kk * 8u + 16u];
      let b_2_0 = b_tile[b_from + kk * 8u + 16u];
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      let a_3_0 = a_tile[a_from + kk * 8u + 24u];
      let b_3_0 = b_tile[b_from + kk * 8u + 24u];
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
      let a_4_0 = a_tile[a_from + kk * 8u + 32u];
      let b_4_0 = b_tile[b_from + kk * 8u + 32u];
      acc_0_0 += b_4_0 * a_4_0.x;
      acc_1_0 += b_4_0 * a_4_0.y;
      acc_2_0 += b_4_0 * a_4_0.z;
      acc_3_0 += b_4_0 * a_4_0.w;
      let a_5_0 = a_tile[a_from + kk * 8u + 40u];
      let b_5_0 = b_tile[b_from + kk * 8u + 40u];
      acc_0_0 += b_5_0 * a_5_0.x;
      acc_1_0 += b_5_0 * a_5_0.y;
      acc_2_0 += b_5_0 * a_5_0.z;
      acc_3_0 += b_5_0 * a_5_0.w;
      let a_6_0 = a_tile[a_from + kk * 8u + 48u];
      let b_6_0 = b_tile[b_from + kk * 8u + 48u];
      acc_0_0 += b_6_0 * a_6_0.x;
      acc_1_0 += b_6_0 * a_6_0.y;
      acc_2_0 += b_6_0 * a_6_0.z;
      acc_3_0 += b_6_0 * a_6_0.w;
      let a_7_0 = a_tile[a_from + kk * 8u + 56u];
      let b_7_0 = b_tile[b_from + kk * 8u + 56u];
      acc_0_0 += b_7_0 * a_7_0.x;
      acc_1_0 += b_7_0 * a_7_0.y;
      acc_2_0 += b_7_0 * a_7_0.z;
      acc_3_0 += b_7_0 * a_7_0.w;
    }
    workgroupBarrier();
  }

  let row = tile.y * 32u + block_row;
  let column = tile.x * 32u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 3u, column, acc_3_0);
}

// kernel 2: grid ceil(b*m*n/256), 1, 1; uniforms b, m, n, k; bindings bias, c (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(2) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

fn finish(index: u32, count: u32) {
  if (index < count) {
    var v = c[index];
    let column = index % shape.n;
    v += load_bias(column);
    v *= 2.0;
    store_c(index, v);
  }
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let count = shape.b * shape.m * shape.n;
  let first = group * 256u + local;
  finish(first, count);
  finish(first + 128u, count);
}
