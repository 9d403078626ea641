// matmul:f32:m256n256k256
// matmul/blocked
// bm=128 bn=32 tm=8 tn=4 lanes=32 lanes_n=2 bk=32 unroll=1 vec_a=1 vec_b=2 turn_a=2 turn_b=0 pad=4 pipeline=2 deal=1 band=1 split=1 baked=1 half_tiles=0 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/32), ceil(m/128), b*1; uniforms b, m, n, k; bindings a, b, c (written)
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

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn fetch_b(i: u32) -> vec2<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  return vec2<u32>(place % tiles_n, place / tiles_n);
}

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  let index = (matrix * 256u + row) * 64u + column / 4u;
  store_c(index, sum);
}

var<workgroup> a_tile: array<vec4<f32>, 2112>;
var<workgroup> b_tile: array<vec4<f32>, 576>;

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
  let size_m = 256u;
  let size_n = 256u;
  let size_k = 256u;
  let a_loads = size_k;
  let b_loads = size_n / 2u;
  let tiles_m = (size_m + 127u) / 128u;
  let tiles_n = (size_n + 31u) / 32u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let batch = group / (tiles_m * tiles_n);

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 4u * 128u + lane / 2u * 4u;
  let block_column = sub_tile % 4u * 8u + lane % 2u * 4u;
  let a_from = block_row / 4u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_4_0 = vec4<f32>();
  var acc_5_0 = vec4<f32>();
  var acc_6_0 = vec4<f32>();
  var acc_7_0 = vec4<f32>();

  let a_across_0 = local % 8u;
  let a_line_0 = local / 8u * 4u;
  let a_step_0 = a_across_0 * 4u;
  let a_put_0 = a_across_0 * 132u + a_line_0 / 4u;
  var a_0_0_0: f32;
  var a_0_0_1: f32;
  var a_0_0_2: f32;
  var a_0_0_3: f32;
  var a_0_1_0: f32;
  var a_0_1_1: f32;
  var a_0_1_2: f32;
  var a_0_1_3: f32;
  var a_0_2_0: f32;
  var a_0_2_1: f32;
  var a_0_2_2: f32;
  var a_0_2_3: f32;
  var a_0_3_0: f32;
  var a_0_3_1: f32;
  var a_0_3_2: f32;
  var a_0_3_3: f32;
  let a_across_1 = (local + 128u) % 8u;
  let a_line_1 = (local + 128u) / 8u * 4u;
  let a_step_1 = a_across_1 * 4u;
  let a_put_1 = a_across_1 * 132u + a_line_1 / 4u;
  var a_1_0_0: f32;
  var a_1_0_1: f32;
  var a_1_0_2: f32;
  var a_1_0_3: f32;
  var a_1_1_0: f32;
  var a_1_1_1: f32;
  var a_1_1_2: f32;
  var a_1_1_3: f32;
  var a_1_2_0: f32;
  var a_1_2_1: f32;
  var a_1_2_2: f32;
  var a_1_2_3: f32;
  var a_1_3_0: f32;
  var a_1_3_1: f32;
  var a_1_3_2: f32;
  var a_1_3_3: f32;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 9u + b_across_0;
  var b_0_0_0: vec2<f32>;
  var b_0_0_1: vec2<f32>;
  let b_across_1 = (local + 128u) % 8u;
  let b_line_1 = (local + 128u) / 8u;
  let b_step_1 = b_line_1;
  let b_put_1 = b_line_1 * 9u + b_across_1;
  var b_1_0_0: vec2<f32>;
  var b_1_0_1: vec2<f32>;

  let a_at_0_0 = (batch * size_m + tile.y * 128u + a_line_0) * a_loads;
  let a_at_0_1 = (batch * size_m + tile.y * 128u + a_line_0 + 1u) * a_loads;
  let a_at_0_2 = (batch * size_m + tile.y * 128u + a_line_0 + 2u) * a_loads;
  let a_at_0_3 = (batch * size_m + tile.y * 128u + a_line_0 + 3u) * a_loads;
  let a_at_1_0 = (batch * size_m + tile.y * 128u + a_line_1) * a_loads;
  let a_at_1_1 = (batch * size_m + tile.y * 128u + a_line_1 + 1u) * a_loads;
  let a_at_1_2 = (batch * size_m + tile.y * 128u + a_line_1 + 2u) * a_loads;
  let a_at_1_3 = (batch * size_m + tile.y * 128u + a_line_1 + 3u) * a_loads;
  let b_at_0_0 = batch * size_k * b_loads + tile.x * 16u + b_across_0 * 2u;
  let b_at_0_1 = batch * size_k * b_loads + tile.x * 16u + b_across_0 * 2u + 1u;
  let b_at_1_0 = batch * size_k * b_loads + tile.x * 16u + b_across_1 * 2u;
  let b_at_1_1 = batch * size_k * b_loads + tile.x * 16u + b_across_1 * 2u + 1u;

  let first_copy = 0u;
  a_0_0_0 = fetch_a(a_at_0_0 + a_step_0);
  a_0_0_1 = fetch_a(a_at_0_0 + a_step_0 + 1u);
  a_0_0_2 = fetch_a(a_at_0_0 + a_step_0 + 2u);
  a_0_0_3 = fetch_a(a_at_0_0 + a_step_0 + 3u);
  a_0_1_0 = fetch_a(a_at_0_1 + a_step_0);
  a_0_1_1 = fetch_a(a_at_0_1 + a_step_0 + 1u);
  a_0_1_2 = fetch_a(a_at_0_1 + a_step_0 + 2u);
  a_0_1_3 = fetch_a(a_at_0_1 + a_step_0 + 3u);
  a_0_2_0 = fetch_a(a_at_0_2 + a_step_0);
  a_0_2_1 = fetch_a(a_at_0_2 + a_step_0 + 1u);
  a_0_2_2 = fetch_a(a_at_0_2 + a_step_0 + 2u);
  a_0_2_3 = fetch_a(a_at_0_2 + a_step_0 + 3u);
  a_0_3_0 = fetch_a(a_at_0_3 + a_step_0);
  a_0_3_1 = fetch_a(a_at_0_3 + a_step_0 + 1u);
  a_0_3_2 = fetch_a(a_at_0_3 + a_step_0 + 2u);
  a_0_3_3 = fetch_a(a_at_0_3 + a_step_0 + 3u);
  a_1_0_0 = fetch_a(a_at_1_0 + a_step_1);
  a_1_0_1 = fetch_a(a_at_1_0 + a_step_1 + 1u);
  a_1_0_2 = fetch_a(a_at_1_0 + a_step_1 + 2u);
  a_1_0_3 = fetch_a(a_at_1_0 + a_step_1 + 3u);
  a_1_1_0 = fetch_a(a_at_1_1 + a_step_1);
  a_1_1_1 = fetch_a(a_at_1_1 + a_step_1 + 1u);
  a_1_1_2 = fetch_a(a_at_1_1 + a_step_1 + 2u);
  a_1_1_3 = fetch_a(a_at_1_1 + a_step_1 + 3u);
  a_1_2_0 = fetch_a(a_at_1_2 + a_step_1);
  a_1_2_1 = fetch_a(a_at_1_2 + a_step_1 + 1u);
  a_1_2_2 = fetch_a(a_at_1_2 + a_step_1 + 2u);
  a_1_2_3 = fetch_a(a_at_1_2 + a_step_1 + 3u);
  a_1_3_0 = fetch_a(a_at_1_3 + a_step_1);
  a_1_3_1 = fetch_a(a_at_1_3 + a_step_1 + 1u);
  a_1_3_2 = fetch_a(a_at_1_3 + a_step_1 + 2u);
  a_1_3_3 = fetch_a(a_at_1_3 + a_step_1 + 3u);
  b_0_0_0 = fetch_b(b_at_0_0 + b_step_0 * b_loads);
  b_0_0_1 = fetch_b(b_at_0_1 + b_step_0 * b_loads);
  b_1_0_0 = fetch_b(b_at_1_0 + b_step_1 * b_loads);
  b_1_0_1 = fetch_b(b_at_1_1 + b_step_1 * b_loads);
  let a_0_row_0_0 = vec4<f32>(a_0_0_0, a_0_0_1, a_0_0_2, a_0_0_3);
  let a_0_row_1_0 = vec4<f32>(a_0_1_0, a_0_1_1, a_0_1_2, a_0_1_3);
  let a_0_row_2_0 = vec4<f32>(a_0_2_0, a_0_2_1, a_0_2_2, a_0_2_3);
  let a_0_row_3_0 = vec4<f32>(a_0_3_0, a_0_3_1, a_0_3_2, a_0_3_3);
  a_tile[first_copy * 1056u + a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
  a_tile[first_copy * 1056u + a_put_0 + 33u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
  a_tile[first_copy * 1056u + a_put_0 + 66u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
  a_tile[first_copy * 1056u + a_put_0 + 99u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
  let a_1_row_0_0 = vec4<f32>(a_1_0_0, a_1_0_1, a_1_0_2, a_1_0_3);
  let a_1_row_1_0 = vec4<f32>(a_1_1_0, a_1_1_1, a_1_1_2, a_1_1_3);
  let a_1_row_2_0 = vec4<f32>(a_1_2_0, a_1_2_1, a_1_2_2, a_1_2_3);
  let a_1_row_3_0 = vec4<f32>(a_1_3_0, a_1_3_1, a_1_3_2, a_1_3_3);
  a_tile[first_copy * 1056u + a_put_1] = vec4<f32>(a_1_row_0_0.x, a_1_row_1_0.x, a_1_row_2_0.x, a_1_row_3_0.x);
  a_tile[first_copy * 1056u + a_put_1 + 33u] = vec4<f32>(a_1_row_0_0.y, a_1_row_1_0.y, a_1_row_2_0.y, a_1_row_3_0.y);
  a_tile[first_copy * 1056u + a_put_1 + 66u] = vec4<f32>(a_1_row_0_0.z, a_1_row_1_0.z, a_1_row_2_0.z, a_1_row_3_0.z);
  a_tile[first_copy * 1056u + a_put_1 + 99u] = vec4<f32>(a_1_row_0_0.w, a_1_row_1_0.w, a_1_row_2_0.w, a_1_row_3_0.w);
  b_tile[first_copy * 288u + b_put_0] = vec4<f32>(b_0_0_0, b_0_0_1);
  b_tile[first_copy * 288u + b_put_1] = vec4<f32>(b_1_0_0, b_1_0_1);
  workgroupBarrier();
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    let this_copy = k0 / 32u % 2u;
    let other_copy = 1u - this_copy;
    let next = min(k0 + 32u, size_k - 32u);
    a_0_0_0 = fetch_a(a_at_0_0 + next + a_step_0);
    a_0_0_1 = fetch_a(a_at_0_0 + next + a_step_0 + 1u);
    a_0_0_2 = fetch_a(a_at_0_0 + next + a_step_0 + 2u);
    a_0_0_3 = fetch_a(a_at_0_0 + next + a_step_0 + 3u);
    a_0_1_0 = fetch_a(a_at_0_1 + next + a_step_0);
    a_0_1_1 = fetch_a(a_at_0_1 + next + a_step_0 + 1u);
    a_0_1_2 = fetch_a(a_at_0_1 + next + a_step_0 + 2u);
    a_0_1_3 = fetch_a(a_at_0_1 + next + a_step_0 + 3u);
    a_0_2_0 = fetch_a(a_at_0_2 + next + a_step_0);
    a_0_2_1 = fetch_a(a_at_0_2 + next + a_step_0 + 1u);
    a_0_2_2 = fetch_a(a_at_0_2 + next + a_step_0 + 2u);
    a_0_2_3 = fetch_a(a_at_0_2 + next + a_step_0 + 3u);
    a_0_3_0 = fetch_a(a_at_0_3 + next + a_step_0);
    a_0_3_1 = fetch_a(a_at_0_3 + next + a_step_0 + 1u);
    a_0_3_2 = fetch_a(a_at_0_3 + next + a_step_0 + 2u);
    a_0_3_3 = fetch_a(a_at_0_3 + next + a_step_0 + 3u);
    a_1_0_0 = fetch_a(a_at_1_0 + next + a_step_1);
    a_1_0_1 = fetch_a(a_at_1_0 + next + a_step_1 + 1u);
    a_1_0_2 = fetch_a(a_at_1_0 + next + a_step_1 + 2u);
    a_1_0_3 = fetch_a(a_at_1_0 + next + a_step_1 + 3u);
    a_1_1_0 = fetch_a(a_at_1_1 + next + a_step_1);
    a_1_1_1 = fetch_a(a_at_1_1 + next + a_step_1 + 1u);
    a_1_1_2 = fetch_a(a_at_1_1 + next + a_step_1 + 2u);
    a_1_1_3 = fetch_a(a_at_1_1 + next + a_step_1 + 3u);
    a_1_2_0 = fetch_a(a_at_1_2 + next + a_step_1);
    a_1_2_1 = fetch_a(a_at_1_2 + next + a_step_1 + 1u);
    a_1_2_2 = fetch_a(a_at_1_2 + next + a_step_1 + 2u);
    a_1_2_3 = fetch_a(a_at_1_2 + next + a_step_1 + 3u);
    a_1_3_0 = fetch_a(a_at_1_3 + next + a_step_1);
    a_1_3_1 = fetch_a(a_at_1_3 + next + a_step_1 + 1u);
    a_1_3_2 = fetch_a(a_at_1_3 + next + a_step_1 + 2u);
    a_1_3_3 = fetch_a(a_at_1_3 + next + a_step_1 + 3u);
    b_0_0_0 = fetch_b(b_at_0_0 + (next + b_step_0) * b_loads);
    b_0_0_1 = fetch_b(b_at_0_1 + (next + b_step_0) * b_loads);
    b_1_0_0 = fetch_b(b_at_1_0 + (next + b_step_1) * b_loads);
    b_1_0_1 = fetch_b(b_at_1_1 + (next + b_step_1) * b_loads);
    let a_now = this_copy * 1056u + a_from;
    let b_now = this_copy * 288u + b_from;
    for (var kk = 0u; kk < 32u; kk += 1u) {
      let a_0_0 = a_tile[a_now + kk * 33u];
      let a_0_1 = a_tile[a_now + kk * 33u + 16u];
      let b_0_0 = b_tile[b_now + kk * 9u];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      acc_4_0 += b_0_0 * a_0_1.x;
      acc_5_0 += b_0_0 * a_0_1.y;
      acc_6_0 += b_0_0 * a_0_1.z;
      acc_7_0 += b_0_0 * a_0_1.w;
    }
    let a_0_row_0_0 = vec4<f32>(a_0_0_0, a_0_0_1, a_0_0_2, a_0_0_3);
    let a_0_row_1_0 = vec4<f32>(a_0_1_0, a_0_1_1, a_0_1_2, a_0_1_3);
    let a_0_row_2_0 = vec4<f32>(a_0_2_0, a_0_2_1, a_0_2_2, a_0_2_3);
    let a_0_row_3_0 = vec4<f32>(a_0_3_0, a_0_3_1, a_0_3_2, a_0_3_3);
    a_tile[other_copy * 1056u + a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
    a_tile[other_copy * 1056u + a_put_0 + 33u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
    a_tile[other_copy * 1056u + a_put_0 + 66u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
    a_tile[other_copy * 1056u + a_put_0 + 99u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
    let a_1_row_0_0 = vec4<f32>(a_1_0_0, a_1_0_1, a_1_0_2, a_1_0_3);
    let a_1_row_1_0 = vec4<f32>(a_1_1_0, a_1_1_1, a_1_1_2, a_1_1_3);
    let a_1_row_2_0 = vec4<f32>(a_1_2_0, a_1_2_1, a_1_2_2, a_1_2_3);
    let a_1_row_3_0 = vec4<f32>(a_1_3_0, a_1_3_1, a_1_3_2, a_1_3_3);
    a_tile[other_copy * 1056u + a_put_1] = vec4<f32>(a_1_row_0_0.x, a_1_row_1_0.x, a_1_row_2_0.x, a_1_row_3_0.x);
    a_tile[other_copy * 1056u + a_put_1 + 33u] = vec4<f32>(a_1_row_0_0.y, a_1_row_1_0.y, a_1_row_2_0.y, a_1_row_3_0.y);
    a_tile[other_copy * 1056u + a_put_1 + 66u] = vec4<f32>(a_1_row_0_0.z, a_1_row_1_0.z, a_1_row_2_0.z, a_1_row_3_0.z);
    a_tile[other_copy * 1056u + a_put_1 + 99u] = vec4<f32>(a_1_row_0_0.w, a_1_row_1_0.w, a_1_row_2_0.w, a_1_row_3_0.w);
    b_tile[other_copy * 288u + b_put_0] = vec4<f32>(b_0_0_0, b_0_0_1);
    b_tile[other_copy * 288u + b_put_1] = vec4<f32>(b_1_0_0, b_1_0_1);
    workgroupBarrier();
  }

  let row = tile.y * 128u + block_row;
  let column = tile.x * 32u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 64u, column, acc_4_0);
  finish(matrix, row + 65u, column, acc_5_0);
  finish(matrix, row + 66u, column, acc_6_0);
  finish(matrix, row + 67u, column, acc_7_0);
}
