// matmul:f32:b3m17n36k20:nt+bias+residual+scale0.25
// matmul/split_atomic
// bm=32 bn=32 tm=4 tn=4 lanes=32 lanes_n=4 bk=16 unroll=4 vec_a=1 vec_b=1 turn_a=0 turn_b=2 pad=0 pipeline=2 deal=0 band=8 split=2 baked=1 half_tiles=0 packed=0
// run: kernel 0 on input 2, input 3, output 0
// run: kernel 1 on input 0, input 1, output 0

// kernel 0: grid ceil(b*m*n/1024), 1, 1; uniforms b, m, n, k; bindings bias, residual, c (written)
alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> bias: array<vec4<f32>>;

fn load_bias(i: u32) -> vec4<f32> {
  return bias[i];
}

@group(0) @binding(2) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn start(index: u32, count: u32) {
  if (index < count) {
    var v = Value(0.0);
    v += 0.25 * load_bias(index % (shape.n / 4u));
    v += 0.25 * load_residual(index);
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
  let count = shape.b * shape.m * (shape.n / 4u);
  let first = group * 256u + local;
  start(first, count);
  start(first + 128u, count);
}

// kernel 1: grid ceil(n/32), ceil(m/32), b*2; uniforms b, m, n, k; bindings a, b, c (written)
alias Value = vec4<f32>;

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

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= 17u) | (column >= 36u)) {
    return;
  }
  let index = (matrix * 17u + row) * 36u + column;
  atomicAdd(&c[index], 0.25 * sum.x);
  atomicAdd(&c[index + 1u], 0.25 * sum.y);
  atomicAdd(&c[index + 2u], 0.25 * sum.z);
  atomicAdd(&c[index + 3u], 0.25 * sum.w);
}

var<workgroup> a_tile: array<vec4<f32>, 256>;
var<workgroup> b_tile: array<vec4<f32>, 256>;

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
  let size_m = 17u;
  let size_n = 36u;
  let size_k = 20u;
  let a_loads = size_k;
  let b_loads = size_k;
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
  let block_row = sub_tile / 2u * 32u + lane / 4u * 4u;
  let block_column = sub_tile % 2u * 16u + lane % 4u * 4u;
  let a_from = block_row * 4u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_3_0 = vec4<f32>();

  let a_across_0 = local % 4u;
  let a_line_0 = local / 4u;
  let a_step_0 = a_across_0 * 4u;
  let a_put_0 = a_line_0 * 4u + a_across_0;
  var a_0_0_0: f32;
  var a_0_0_1: f32;
  var a_0_0_2: f32;
  var a_0_0_3: f32;
  let a_across_1 = (local + 64u) % 4u;
  let a_line_1 = (local + 64u) / 4u;
  let a_step_1 = a_across_1 * 4u;
  let a_put_1 = a_line_1 * 4u + a_across_1;
  var a_1_0_0: f32;
  var a_1_0_1: f32;
  var a_1_0_2: f32;
  var a_1_0_3: f32;
  let b_across_0 = local % 4u;
  let b_line_0 = local / 4u * 4u;
  let b_step_0 = b_across_0 * 4u;
  let b_put_0 = b_across_0 * 32u + b_line_0 / 4u;
  var b_0_0_0: f32;
  var b_0_0_1: f32;
  var b_0_0_2: f32;
  var b_0_0_3: f32;
  var b_0_1_0: f32;
  var b_0_1_1: f32;
  var b_0_1_2: f32;
  var b_0_1_3: f32;
  var b_0_2_0: f32;
  var b_0_2_1: f32;
  var b_0_2_2: f32;
  var b_0_2_3: f32;
  var b_0_3_0: f32;
  var b_0_3_1: f32;
  var b_0_3_2: f32;
  var b_0_3_3: f32;

  let a_at_0_0 = (batch * size_m + min(tile.y * 32u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_1_0 = (batch * size_m + min(tile.y * 32u + a_line_1, size_m - 1u)) * a_loads;
  let b_at_0_0 = (batch * size_n + min(tile.x * 32u + b_line_0, size_n - 1u)) * b_loads;
  let b_at_0_1 = (batch * size_n + min(tile.x * 32u + b_line_0 + 1u, size_n - 1u)) * b_loads;
  let b_at_0_2 = (batch * size_n + min(tile.x * 32u + b_line_0 + 2u, size_n - 1u)) * b_loads;
  let b_at_0_3 = (batch * size_n + min(tile.x * 32u + b_line_0 + 3u, size_n - 1u)) * b_loads;

  let first_copy = first / 16u % 2u;
  a_0_0_0 = fetch_a(a_at_0_0 + min(first + a_step_0, a_loads - 1u));
  a_0_0_1 = fetch_a(a_at_0_0 + min(first + a_step_0 + 1u, a_loads - 1u));
  a_0_0_2 = fetch_a(a_at_0_0 + min(first + a_step_0 + 2u, a_loads - 1u));
  a_0_0_3 = fetch_a(a_at_0_0 + min(first + a_step_0 + 3u, a_loads - 1u));
  a_1_0_0 = fetch_a(a_at_1_0 + min(first + a_step_1, a_loads - 1u));
  a_1_0_1 = fetch_a(a_at_1_0 + min(first + a_step_1 + 1u, a_loads - 1u));
  a_1_0_2 = fetch_a(a_at_1_0 + min(first + a_step_1 + 2u, a_loads - 1u));
  a_1_0_3 = fetch_a(a_at_1_0 + min(first + a_step_1 + 3u, a_loads - 1u));
  if (local < 32u) {
    b_0_0_0 = fetch_b(b_at_0_0 + min(first + b_step_0, b_loads - 1u));
    b_0_0_1 = fetch_b(b_at_0_0 + min(first + b_step_0 + 1u, b_loads - 1u));
    b_0_0_2 = fetch_b(b_at_0_0 + min(first + b_step_0 + 2u, b_loads - 1u));
    b_0_0_3 = fetch_b(b_at_0_0 + min(first + b_step_0 + 3u, b_loads - 1u));
    b_0_1_0 = fetch_b(b_at_0_1 + min(first + b_step_0, b_loads - 1u));
    b_0_1_1 = fetch_b(b_at_0_1 + min(first + b_step_0 + 1u, b_loads - 1u));
    b_0_1_2 = fetch_b(b_at_0_1 + min(first + b_step_0 + 2u, b_loads - 1u));
    b_0_1_3 = fetch_b(b_at_0_1 + min(first + b_step_0 + 3u, b_loads - 1u));
    b_0_2_0 = fetch_b(b_at_0_2 + min(first + b_step_0, b_loads - 1u));
    b_0_2_1 = fetch_b(b_at_0_2 + min(first + b_step_0 + 1u, b_loads - 1u));
    b_0_2_2 = fetch_b(b_at_0_2 + min(first + b_step_0 + 2u, b_loads - 1u));
    b_0_2_3 = fetch_b(b_at_0_2 + min(first + b_step_0 + 3u, b_loads - 1u));
    b_0_3_0 = fetch_b(b_at_0_3 + min(first + b_step_0, b_loads - 1u));
    b_0_3_1 = fetch_b(b_at_0_3 + min(first + b_step_0 + 1u, b_loads - 1u));
    b_0_3_2 = fetch_b(b_at_0_3 + min(first + b_step_0 + 2u, b_loads - 1u));
    b_0_3_3 = fetch_b(b_at_0_3 + min(first + b_step_0 + 3u, b_loads - 1u));
  }
  let a_inside_0_0 = first + a_step_0 < a_loads;
  let a_inside_0_1 = first + a_step_0 + 1u < a_loads;
  let a_inside_0_2 = first + a_step_0 + 2u < a_loads;
  let a_inside_0_3 = first + a_step_0 + 3u < a_loads;
  let a_inside_1_0 = first + a_step_1 < a_loads;
  let a_inside_1_1 = first + a_step_1 + 1u < a_loads;
  let a_inside_1_2 = first + a_step_1 + 2u < a_loads;
  let a_inside_1_3 = first + a_step_1 + 3u < a_loads;
  a_tile[first_copy * 128u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_1), select(f32(), a_0_0_2, a_inside_0_2), select(f32(), a_0_0_3, a_inside_0_3));
  a_tile[first_copy * 128u + a_put_1] = vec4<f32>(select(f32(), a_1_0_0, a_inside_1_0), select(f32(), a_1_0_1, a_inside_1_1), select(f32(), a_1_0_2, a_inside_1_2), select(f32(), a_1_0_3, a_inside_1_3));
  if (local < 32u) {
    let b_inside_0_0 = first + b_step_0 < b_loads;
    let b_inside_0_1 = first + b_step_0 + 1u < b_loads;
    let b_inside_0_2 = first + b_step_0 + 2u < b_loads;
    let b_inside_0_3 = first + b_step_0 + 3u < b_loads;
    let b_0_row_0_0 = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_1), select(f32(), b_0_0_2, b_inside_0_2), select(f32(), b_0_0_3, b_inside_0_3));
    let b_0_row_1_0 = vec4<f32>(select(f32(), b_0_1_0, b_inside_0_0), select(f32(), b_0_1_1, b_inside_0_1), select(f32(), b_0_1_2, b_inside_0_2), select(f32(), b_0_1_3, b_inside_0_3));
    let b_0_row_2_0 = vec4<f32>(select(f32(), b_0_2_0, b_inside_0_0), select(f32(), b_0_2_1, b_inside_0_1), select(f32(), b_0_2_2, b_inside_0_2), select(f32(), b_0_2_3, b_inside_0_3));
    let b_0_row_3_0 = vec4<f32>(select(f32(), b_0_3_0, b_inside_0_0), select(f32(), b_0_3_1, b_inside_0_1), select(f32(), b_0_3_2, b_inside_0_2), select(f32(), b_0_3_3, b_inside_0_3));
    b_tile[first_copy * 128u + b_put_0] = vec4<f32>(b_0_row_0_0.x, b_0_row_1_0.x, b_0_row_2_0.x, b_0_row_3_0.x);
    b_tile[first_copy * 128u + b_put_0 + 8u] = vec4<f32>(b_0_row_0_0.y, b_0_row_1_0.y, b_0_row_2_0.y, b_0_row_3_0.y);
    b_tile[first_copy * 128u + b_put_0 + 16u] = vec4<f32>(b_0_row_0_0.z, b_0_row_1_0.z, b_0_row_2_0.z, b_0_row_3_0.z);
    b_tile[first_copy * 128u + b_put_0 + 24u] = vec4<f32>(b_0_row_0_0.w, b_0_row_1_0.w, b_0_row_2_0.w, b_0_row_3_0.w);
  }
  workgroupBarrier();
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 16u) {
    let this_copy = k0 / 16u % 2u;
    let other_copy = 1u - this_copy;
    let next = k0 + 16u;
    a_0_0_0 = fetch_a(a_at_0_0 + min(next + a_step_0, a_loads - 1u));
    a_0_0_1 = fetch_a(a_at_0_0 + min(next + a_step_0 + 1u, a_loads - 1u));
    a_0_0_2 = fetch_a(a_at_0_0 + min(next + a_step_0 + 2u, a_loads - 1u));
    a_0_0_3 = fetch_a(a_at_0_0 + min(next + a_step_0 + 3u, a_loads - 1u));
    a_1_0_0 = fetch_a(a_at_1_0 + min(next + a_step_1, a_loads - 1u));
    a_1_0_1 = fetch_a(a_at_1_0 + min(next + a_step_1 + 1u, a_loads - 1u));
    a_1_0_2 = fetch_a(a_at_1_0 + min(next + a_step_1 + 2u, a_loads - 1u));
    a_1_0_3 = fetch_a(a_at_1_0 + min(next + a_step_1 + 3u, a_loads - 1u));
    if (local < 32u) {
      b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, b_loads - 1u));
      b_0_0_1 = fetch_b(b_at_0_0 + min(next + b_step_0 + 1u, b_loads - 1u));
      b_0_0_2 = fetch_b(b_at_0_0 + min(next + b_step_0 + 2u, b_loads - 1u));
      b_0_0_3 = fetch_b(b_at_0_0 + min(next + b_step_0 + 3u, b_loads - 1u));
      b_0_1_0 = fetch_b(b_at_0_1 + min(next + b_step_0, b_loads - 1u));
      b_0_1_1 = fetch_b(b_at_0_1 + min(next + b_step_0 + 1u, b_loads - 1u));
      b_0_1_2 = fetch_b(b_at_0_1 + min(next + b_step_0 + 2u, b_loads - 1u));
      b_0_1_3 = fetch_b(b_at_0_1 + min(next + b_step_0 + 3u, b_loads - 1u));
      b_0_2_0 = fetch_b(b_at_0_2 + min(next + b_step_0, b_loads - 1u));
      b_0_2_1 = fetch_b(b_at_0_2 + min(next + b_step_0 + 1u, b_loads - 1u));
      b_0_2_2 = fetch_b(b_at_0_2 + min(next + b_step_0 + 2u, b_loads - 1u));
      b_0_2_3 = fetch_b(b_at_0_2 + min(next + b_step_0 + 3u, b_loads - 1u));
      b_0_3_0 = fetch_b(b_at_0_3 + min(next + b_step_0, b_loads - 1u));
      b_0_3_1 = fetch_b(b_at_0_3 + min(next + b_step_0 + 1u, b_loads - 1u));
      b_0_3_2 = fetch_b(b_at_0_3 + min(next + b_step_0 + 2u, b_loads - 1u));
      b_0_3_3 = fetch_b(b_at_0_3 + min(next + b_step_0 + 3u, b_loads - 1u));
    }
    let a_now = this_copy * 128u + a_from;
    let b_now = this_copy * 128u + b_from;
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let a_quad_0_0 = a_tile[a_now + kk / 4u];
      let a_quad_0_1 = a_tile[a_now + kk / 4u + 4u];
      let a_quad_0_2 = a_tile[a_now + kk / 4u + 8u];
      let a_quad_0_3 = a_tile[a_now + kk / 4u + 12u];
      let b_0_0 = b_tile[b_now + kk * 8u];
      acc_0_0 += b_0_0 * a_quad_0_0.x;
      acc_1_0 += b_0_0 * a_quad_0_1.x;
      acc_2_0 += b_0_0 * a_quad_0_2.x;
      acc_3_0 += b_0_0 * a_quad_0_3.x;
      let b_1_0 = b_tile[b_now + kk * 8u + 8u];
      acc_0_0 += b_1_0 * a_quad_0_0.y;
      acc_1_0 += b_1_0 * a_quad_0_1.y;
      acc_2_0 += b_1_0 * a_quad_0_2.y;
      acc_3_0 += b_1_0 * a_quad_0_3.y;
      let b_2_0 = b_tile[b_now + kk * 8u + 16u];
      acc_0_0 += b_2_0 * a_quad_0_0.z;
      acc_1_0 += b_2_0 * a_quad_0_1.z;
      acc_2_0 += b_2_0 * a_quad_0_2.z;
      acc_3_0 += b_2_0 * a_quad_0_3.z;
      let b_3_0 = b_tile[b_now + kk * 8u + 24u];
      acc_0_0 += b_3_0 * a_quad_0_0.w;
      acc_1_0 += b_3_0 * a_quad_0_1.w;
      acc_2_0 += b_3_0 * a_quad_0_2.w;
      acc_3_0 += b_3_0 * a_quad_0_3.w;
    }
    let a_inside_0_0 = next + a_step_0 < a_loads;
    let a_inside_0_1 = next + a_step_0 + 1u < a_loads;
    let a_inside_0_2 = next + a_step_0 + 2u < a_loads;
    let a_inside_0_3 = next + a_step_0 + 3u < a_loads;
    let a_inside_1_0 = next + a_step_1 < a_loads;
    let a_inside_1_1 = next + a_step_1 + 1u < a_loads;
    let a_inside_1_2 = next + a_step_1 + 2u < a_loads;
    let a_inside_1_3 = next + a_step_1 + 3u < a_loads;
    a_tile[other_copy * 128u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_1), select(f32(), a_0_0_2, a_inside_0_2), select(f32(), a_0_0_3, a_inside_0_3));
    a_tile[other_copy * 128u + a_put_1] = vec4<f32>(select(f32(), a_1_0_0, a_inside_1_0), select(f32(), a_1_0_1, a_inside_1_1), select(f32(), a_1_0_2, a_inside_1_2), select(f32(), a_1_0_3, a_inside_1_3));
    if (local < 32u) {
      let b_inside_0_0 = next + b_step_0 < b_loads;
      let b_inside_0_1 = next + b_step_0 + 1u < b_loads;
      let b_inside_0_2 = next + b_step_0 + 2u < b_loads;
      let b_inside_0_3 = next + b_step_0 + 3u < b_loads;
      let b_0_row_0_0 = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_1), select(f32(), b_0_0_2, b_inside_0_2), select(f32(), b_0_0_3, b_inside_0_3));
      let b_0_row_1_0 = vec4<f32>(select(f32(), b_0_1_0, b_inside_0_0), select(f32(), b_0_1_1, b_inside_0_1), select(f32(), b_0_1_2, b_inside_0_2), select(f32(), b_0_1_3, b_inside_0_3));
      let b_0_row_2_0 = vec4<f32>(select(f32(), b_0_2_0, b_inside_0_0), select(f32(), b_0_2_1, b_inside_0_1), select(f32(), b_0_2_2, b_inside_0_2), select(f32(), b_0_2_3, b_inside_0_3));
      let b_0_row_3_0 = vec4<f32>(select(f32(), b_0_3_0, b_inside_0_0), select(f32(), b_0_3_1, b_inside_0_1), select(f32(), b_0_3_2, b_inside_0_2), select(f32(), b_0_3_3, b_inside_0_3));
      b_tile[other_copy * 128u + b_put_0] = vec4<f32>(b_0_row_0_0.x, b_0_row_1_0.x, b_0_row_2_0.x, b_0_row_3_0.x);
      b_tile[other_copy * 128u + b_put_0 + 8u] = vec4<f32>(b_0_row_0_0.y, b_0_row_1_0.y, b_0_row_2_0.y, b_0_row_3_0.y);
      b_tile[other_copy * 128u + b_put_0 + 16u] = vec4<f32>(b_0_row_0_0.z, b_0_row_1_0.z, b_0_row_2_0.z, b_0_row_3_0.z);
      b_tile[other_copy * 128u + b_put_0 + 24u] = vec4<f32>(b_0_row_0_0.w, b_0_row_1_0.w, b_0_row_2_0.w, b_0_row_3_0.w);
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
