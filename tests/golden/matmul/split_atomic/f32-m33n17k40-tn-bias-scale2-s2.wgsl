// matmul:f32:m33n17k40:tn+bias+scale2
// matmul/split_atomic
// bm=64 bn=32 tm=4 tn=8 lanes=32 lanes_n=4 bk=4 unroll=2 vec_a=1 vec_b=1 turn_a=0 turn_b=0 pad=4 pipeline=2 deal=0 band=4 split=2 baked=0 half_tiles=0 packed=0
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

// kernel 1: grid ceil(n/32), ceil(m/64), b*2; uniforms b, m, n, k; bindings a, b, c (written)
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
  let first = place / (4u * tiles_n) * 4u;
  let height = min(4u, tiles_m - first);
  let within = place % (4u * tiles_n);
  return vec2<u32>(within / height, first + within % height);
}

fn finish_vector(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= shape.m) | (column >= shape.n)) {
    return;
  }
  let index = (matrix * shape.m + row) * shape.n + column;
  atomicAdd(&c[index], sum);
}

// Four sums of one row, as vectors that C can be stored in.
fn finish(matrix: u32, row: u32, column: u32, sum: vec4<f32>) {
  finish_vector(matrix, row, column, sum.x);
  finish_vector(matrix, row, column + 1u, sum.y);
  finish_vector(matrix, row, column + 2u, sum.z);
  finish_vector(matrix, row, column + 3u, sum.w);
}

var<workgroup> a_tile: array<vec4<f32>, 136>;
var<workgroup> b_tile: array<vec4<f32>, 72>;

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
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let a_loads = size_m;
  let b_loads = size_n;
  let tiles_m = (size_m + 63u) / 64u;
  let tiles_n = (size_n + 31u) / 32u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 2u;
  let batch = group / (tiles_m * tiles_n * 2u);
  // Parts of whole slabs.
  let slabs = (size_k + 3u) / 4u;
  let length = (slabs + 1u) / 2u * 4u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile * 32u + lane / 4u * 4u;
  let block_column = lane % 4u * 8u;
  let a_from = block_row / 4u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_0_1 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_1_1 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_2_1 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_3_1 = vec4<f32>();

  let a_across_0 = local % 16u;
  let a_line_0 = local / 16u;
  let a_step_0 = a_line_0;
  let a_put_0 = a_line_0 * 17u + a_across_0;
  var a_0_0_0: f32;
  var a_0_0_1: f32;
  var a_0_0_2: f32;
  var a_0_0_3: f32;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 9u + b_across_0;
  var b_0_0_0: f32;
  var b_0_0_1: f32;
  var b_0_0_2: f32;
  var b_0_0_3: f32;

  let a_at_0_0 = batch * size_k * a_loads + min(tile.y * 64u + a_across_0 * 4u, a_loads - 1u);
  let a_at_0_1 = batch * size_k * a_loads + min(tile.y * 64u + a_across_0 * 4u + 1u, a_loads - 1u);
  let a_at_0_2 = batch * size_k * a_loads + min(tile.y * 64u + a_across_0 * 4u + 2u, a_loads - 1u);
  let a_at_0_3 = batch * size_k * a_loads + min(tile.y * 64u + a_across_0 * 4u + 3u, a_loads - 1u);
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u, b_loads - 1u);
  let b_at_0_1 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 1u, b_loads - 1u);
  let b_at_0_2 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 2u, b_loads - 1u);
  let b_at_0_3 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 4u + 3u, b_loads - 1u);

  let first_copy = first / 4u % 2u;
  a_0_0_0 = fetch_a(a_at_0_0 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_1 = fetch_a(a_at_0_1 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_2 = fetch_a(a_at_0_2 + min(first + a_step_0, size_k - 1u) * a_loads);
  a_0_0_3 = fetch_a(a_at_0_3 + min(first + a_step_0, size_k - 1u) * a_loads);
  if (local < 32u) {
    b_0_0_0 = fetch_b(b_at_0_0 + min(first + b_step_0, size_k - 1u) * b_loads);
    b_0_0_1 = fetch_b(b_at_0_1 + min(first + b_step_0, size_k - 1u) * b_loads);
    b_0_0_2 = fetch_b(b_at_0_2 + min(first + b_step_0, size_k - 1u) * b_loads);
    b_0_0_3 = fetch_b(b_at_0_3 + min(first + b_step_0, size_k - 1u) * b_loads);
  }
  let a_inside_0_0 = first + a_step_0 < size_k;
  a_tile[first_copy * 68u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_0), select(f32(), a_0_0_2, a_inside_0_0), select(f32(), a_0_0_3, a_inside_0_0));
  if (local < 32u) {
    let b_inside_0_0 = first + b_step_0 < size_k;
    b_tile[first_copy * 36u + b_put_0] = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_0), select(f32(), b_0_0_2, b_inside_0_0), select(f32(), b_0_0_3, b_inside_0_0));
  }
  workgroupBarrier();
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 4u) {
    let this_copy = k0 / 4u % 2u;
    let other_copy = 1u - this_copy;
    let next = k0 + 4u;
    a_0_0_0 = fetch_a(a_at_0_0 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_1 = fetch_a(a_at_0_1 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_2 = fetch_a(a_at_0_2 + min(next + a_step_0, size_k - 1u) * a_loads);
    a_0_0_3 = fetch_a(a_at_0_3 + min(next + a_step_0, size_k - 1u) * a_loads);
    if (local < 32u) {
      b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);
      b_0_0_1 = fetch_b(b_at_0_1 + min(next + b_step_0, size_k - 1u) * b_loads);
      b_0_0_2 = fetch_b(b_at_0_2 + min(next + b_step_0, size_k - 1u) * b_loads);
      b_0_0_3 = fetch_b(b_at_0_3 + min(next + b_step_0, size_k - 1u) * b_loads);
    }
    let a_now = this_copy * 68u + a_from;
    let b_now = this_copy * 36u + b_from;
    for (var kk = 0u; kk < 4u; kk += 2u) {
      let a_0_0 = a_tile[a_now + kk * 17u];
      let b_0_0 = b_tile[b_now + kk * 9u];
      let b_0_1 = b_tile[b_now + kk * 9u + 1u];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_1_1 += b_0_1 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_2_1 += b_0_1 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      acc_3_1 += b_0_1 * a_0_0.w;
      let a_1_0 = a_tile[a_now + kk * 17u + 17u];
      let b_1_0 = b_tile[b_now + kk * 9u + 9u];
      let b_1_1 = b_tile[b_now + kk * 9u + 10u];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_0_1 += b_1_1 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_1_1 += b_1_1 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_2_1 += b_1_1 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      acc_3_1 += b_1_1 * a_1_0.w;
    }
    let a_inside_0_0 = next + a_step_0 < size_k;
    a_tile[other_copy * 68u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_0), select(f32(), a_0_0_2, a_inside_0_0), select(f32(), a_0_0_3, a_inside_0_0));
    if (local < 32u) {
      let b_inside_0_0 = next + b_step_0 < size_k;
      b_tile[other_copy * 36u + b_put_0] = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_0), select(f32(), b_0_0_2, b_inside_0_0), select(f32(), b_0_0_3, b_inside_0_0));
    }
    workgroupBarrier();
  }

  let row = tile.y * 64u + block_row;
  let column = tile.x * 32u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row, column + 4u, acc_0_1);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 1u, column + 4u, acc_1_1);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 2u, column + 4u, acc_2_1);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 3u, column + 4u, acc_3_1);
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
