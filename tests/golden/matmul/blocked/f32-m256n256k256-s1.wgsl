// matmul:f32:m256n256k256
// matmul/blocked
// bm=256 bn=64 tm=16 tn=8 lanes=32 lanes_n=4 bk=4 unroll=4 vec_a=2 vec_b=2 turn_a=1 turn_b=0 pad=4 pipeline=0 deal=0 band=0 split=16 baked=0 half_tiles=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `partial` of 64*b*m*n bytes
// run: kernel 1 on temporary `partial` of 64*b*m*n bytes, output 0

// kernel 0: grid ceil(n/64), ceil(m/256), b*16; uniforms b, m, n, k; bindings a, b, partial (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec2<f32>>;

fn fetch_a(i: u32) -> vec2<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn fetch_b(i: u32) -> vec2<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> partial: array<vec4<f32>>;

fn store_partial(i: u32, v: vec4<f32>) {
  partial[i] = v;
}

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  return vec2<u32>(place / tiles_m, place % tiles_m);
}

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= shape.m) | (column >= shape.n)) {
    return;
  }
  let index = (matrix * shape.m + row) * (shape.n / 4u) + column / 4u;
  store_partial(index, sum);
}

var<workgroup> a_tile: array<f32, 1040>;
var<workgroup> b_tile: array<vec4<f32>, 68>;

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
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let a_loads = size_k / 2u;
  let b_loads = size_n / 2u;
  let tiles_m = (size_m + 255u) / 256u;
  let tiles_n = (size_n + 63u) / 64u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 16u;
  let batch = group / (tiles_m * tiles_n * 16u);
  // Parts of whole slabs.
  let slabs = (size_k + 3u) / 4u;
  let length = (slabs + 15u) / 16u * 4u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 2u * 128u + lane / 4u * 16u;
  let block_column = sub_tile % 2u * 32u + lane % 4u * 8u;
  let a_from = block_row;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_0_1 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_1_1 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_2_1 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_3_1 = vec4<f32>();
  var acc_4_0 = vec4<f32>();
  var acc_4_1 = vec4<f32>();
  var acc_5_0 = vec4<f32>();
  var acc_5_1 = vec4<f32>();
  var acc_6_0 = vec4<f32>();
  var acc_6_1 = vec4<f32>();
  var acc_7_0 = vec4<f32>();
  var acc_7_1 = vec4<f32>();
  var acc_8_0 = vec4<f32>();
  var acc_8_1 = vec4<f32>();
  var acc_9_0 = vec4<f32>();
  var acc_9_1 = vec4<f32>();
  var acc_10_0 = vec4<f32>();
  var acc_10_1 = vec4<f32>();
  var acc_11_0 = vec4<f32>();
  var acc_11_1 = vec4<f32>();
  var acc_12_0 = vec4<f32>();
  var acc_12_1 = vec4<f32>();
  var acc_13_0 = vec4<f32>();
  var acc_13_1 = vec4<f32>();
  var acc_14_0 = vec4<f32>();
  var acc_14_1 = vec4<f32>();
  var acc_15_0 = vec4<f32>();
  var acc_15_1 = vec4<f32>();

  let a_across_0 = local % 2u;
  let a_line_0 = local / 2u;
  let a_step_0 = a_across_0;
  let a_put_0 = a_across_0 * 520u + a_line_0;
  var a_0_0_0: vec2<f32>;
  let a_across_1 = (local + 128u) % 2u;
  let a_line_1 = (local + 128u) / 2u;
  let a_step_1 = a_across_1;
  let a_put_1 = a_across_1 * 520u + a_line_1;
  var a_1_0_0: vec2<f32>;
  let a_across_2 = (local + 256u) % 2u;
  let a_line_2 = (local + 256u) / 2u;
  let a_step_2 = a_across_2;
  let a_put_2 = a_across_2 * 520u + a_line_2;
  var a_2_0_0: vec2<f32>;
  let a_across_3 = (local + 384u) % 2u;
  let a_line_3 = (local + 384u) / 2u;
  let a_step_3 = a_across_3;
  let a_put_3 = a_across_3 * 520u + a_line_3;
  var a_3_0_0: vec2<f32>;
  let b_across_0 = local % 16u;
  let b_line_0 = local / 16u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 17u + b_across_0;
  var b_0_0_0: vec2<f32>;
  var b_0_0_1: vec2<f32>;

  let a_at_0_0 = (batch * size_m + min(tile.y * 256u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_1_0 = (batch * size_m + min(tile.y * 256u + a_line_1, size_m - 1u)) * a_loads;
  let a_at_2_0 = (batch * size_m + min(tile.y * 256u + a_line_2, size_m - 1u)) * a_loads;
  let a_at_3_0 = (batch * size_m + min(tile.y * 256u + a_line_3, size_m - 1u)) * a_loads;
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 2u, b_loads - 1u);
  let b_at_0_1 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0 * 2u + 1u, b_loads - 1u);

  for (var k0 = first; k0 < min(first + length, size_k); k0 += 4u) {
    a_0_0_0 = fetch_a(a_at_0_0 + min(k0 / 2u + a_step_0, a_loads - 1u));
    a_1_0_0 = fetch_a(a_at_1_0 + min(k0 / 2u + a_step_1, a_loads - 1u));
    a_2_0_0 = fetch_a(a_at_2_0 + min(k0 / 2u + a_step_2, a_loads - 1u));
    a_3_0_0 = fetch_a(a_at_3_0 + min(k0 / 2u + a_step_3, a_loads - 1u));
    if (local < 64u) {
      b_0_0_0 = fetch_b(b_at_0_0 + min(k0 + b_step_0, size_k - 1u) * b_loads);
      b_0_0_1 = fetch_b(b_at_0_1 + min(k0 + b_step_0, size_k - 1u) * b_loads);
    }
    let a_inside_0_0 = k0 / 2u + a_step_0 < a_loads;
    let a_inside_1_0 = k0 / 2u + a_step_1 < a_loads;
    let a_inside_2_0 = k0 / 2u + a_step_2 < a_loads;
    let a_inside_3_0 = k0 / 2u + a_step_3 < a_loads;
    let a_0_row_0 = select(vec2<f32>(), a_0_0_0, a_inside_0_0);
    a_tile[a_put_0] = a_0_row_0.x;
    a_tile[a_put_0 + 260u] = a_0_row_0.y;
    let a_1_row_0 = select(vec2<f32>(), a_1_0_0, a_inside_1_0);
    a_tile[a_put_1] = a_1_row_0.x;
    a_tile[a_put_1 + 260u] = a_1_row_0.y;
    let a_2_row_0 = select(vec2<f32>(), a_2_0_0, a_inside_2_0);
    a_tile[a_put_2] = a_2_row_0.x;
    a_tile[a_put_2 + 260u] = a_2_row_0.y;
    let a_3_row_0 = select(vec2<f32>(), a_3_0_0, a_inside_3_0);
    a_tile[a_put_3] = a_3_row_0.x;
    a_tile[a_put_3 + 260u] = a_3_row_0.y;
    if (local < 64u) {
      let b_inside_0_0 = k0 + b_step_0 < size_k;
      b_tile[b_put_0] = vec4<f32>(select(vec2<f32>(), b_0_0_0, b_inside_0_0), select(vec2<f32>(), b_0_0_1, b_inside_0_0));
    }
    workgroupBarrier();
    let a_0_0 = vec4<f32>(a_tile[a_from], a_tile[a_from + 1u], a_tile[a_from + 2u], a_tile[a_from + 3u]);
    let a_0_1 = vec4<f32>(a_tile[a_from + 4u], a_tile[a_from + 5u], a_tile[a_from + 6u], a_tile[a_from + 7u]);
    let a_0_2 = vec4<f32>(a_tile[a_from + 8u], a_tile[a_from + 9u], a_tile[a_from + 10u], a_tile[a_from + 11u]);
    let a_0_3 = vec4<f32>(a_tile[a_from + 12u], a_tile[a_from + 13u], a_tile[a_from + 14u], a_tile[a_from + 15u]);
    let b_0_0 = b_tile[b_from];
    let b_0_1 = b_tile[b_from + 1u];
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
    acc_8_0 += b_0_0 * a_0_2.x;
    acc_8_1 += b_0_1 * a_0_2.x;
    acc_9_0 += b_0_0 * a_0_2.y;
    acc_9_1 += b_0_1 * a_0_2.y;
    acc_10_0 += b_0_0 * a_0_2.z;
    acc_10_1 += b_0_1 * a_0_2.z;
    acc_11_0 += b_0_0 * a_0_2.w;
    acc_11_1 += b_0_1 * a_0_2.w;
    acc_12_0 += b_0_0 * a_0_3.x;
    acc_12_1 += b_0_1 * a_0_3.x;
    acc_13_0 += b_0_0 * a_0_3.y;
    acc_13_1 += b_0_1 * a_0_3.y;
    acc_14_0 += b_0_0 * a_0_3.z;
    acc_14_1 += b_0_1 * a_0_3.z;
    acc_15_0 += b_0_0 * a_0_3.w;
    acc_15_1 += b_0_1 * a_0_3.w;
    let a_1_0 = vec4<f32>(a_tile[a_from + 260u], a_tile[a_from + 261u], a_tile[a_from + 262u], a_tile[a_from + 263u]);
    let a_1_1 = vec4<f32>(a_tile[a_from + 264u], a_tile[a_from + 265u], a_tile[a_from + 266u], a_tile[a_from + 267u]);
    let a_1_2 = vec4<f32>(a_tile[a_from + 268u], a_tile[a_from + 269u], a_tile[a_from + 270u], a_tile[a_from + 271u]);
    let a_1_3 = vec4<f32>(a_tile[a_from + 272u], a_tile[a_from + 273u], a_tile[a_from + 274u], a_tile[a_from + 275u]);
    let b_1_0 = b_tile[b_from + 17u];
    let b_1_1 = b_tile[b_from + 18u];
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
    acc_8_0 += b_1_0 * a_1_2.x;
    acc_8_1 += b_1_1 * a_1_2.x;
    acc_9_0 += b_1_0 * a_1_2.y;
    acc_9_1 += b_1_1 * a_1_2.y;
    acc_10_0 += b_1_0 * a_1_2.z;
    acc_10_1 += b_1_1 * a_1_2.z;
    acc_11_0 += b_1_0 * a_1_2.w;
    acc_11_1 += b_1_1 * a_1_2.w;
    acc_12_0 += b_1_0 * a_1_3.x;
    acc_12_1 += b_1_1 * a_1_3.x;
    acc_13_0 += b_1_0 * a_1_3.y;
    acc_13_1 += b_1_1 * a_1_3.y;
    acc_14_0 += b_1_0 * a_1_3.z;
    acc_14_1 += b_1_1 * a_1_3.z;
    acc_15_0 += b_1_0 * a_1_3.w;
    acc_15_1 += b_1_1 * a_1_3.w;
    let a_2_0 = vec4<f32>(a_tile[a_from + 520u], a_tile[a_from + 521u], a_tile[a_from + 522u], a_tile[a_from + 523u]);
    let a_2_1 = vec4<f32>(a_tile[a_from + 524u], a_tile[a_from + 525u], a_tile[a_from + 526u], a_tile[a_from + 527u]);
    let a_2_2 = vec4<f32>(a_tile[a_from + 528u], a_tile[a_from + 529u], a_tile[a_from + 530u], a_tile[a_from + 531u]);
    let a_2_3 = vec4<f32>(a_tile[a_from + 532u], a_tile[a_from + 533u], a_tile[a_from + 534u], a_tile[a_from + 535u]);
    let b_2_0 = b_tile[b_from + 34u];
    let b_2_1 = b_tile[b_from + 35u];
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
    acc_8_0 += b_2_0 * a_2_2.x;
    acc_8_1 += b_2_1 * a_2_2.x;
    acc_9_0 += b_2_0 * a_2_2.y;
    acc_9_1 += b_2_1 * a_2_2.y;
    acc_10_0 += b_2_0 * a_2_2.z;
    acc_10_1 += b_2_1 * a_2_2.z;
    acc_11_0 += b_2_0 * a_2_2.w;
    acc_11_1 += b_2_1 * a_2_2.w;
    acc_12_0 += b_2_0 * a_2_3.x;
    acc_12_1 += b_2_1 * a_2_3.x;
    acc_13_0 += b_2_0 * a_2_3.y;
    acc_13_1 += b_2_1 * a_2_3.y;
    acc_14_0 += b_2_0 * a_2_3.z;
    acc_14_1 += b_2_1 * a_2_3.z;
    acc_15_0 += b_2_0 * a_2_3.w;
    acc_15_1 += b_2_1 * a_2_3.w;
    let a_3_0 = vec4<f32>(a_tile[a_from + 780u], a_tile[a_from + 781u], a_tile[a_from + 782u], a_tile[a_from + 783u]);
    let a_3_1 = vec4<f32>(a_tile[a_from + 784u], a_tile[a_from + 785u], a_tile[a_from + 786u], a_tile[a_from + 787u]);
    let a_3_2 = vec4<f32>(a_tile[a_from + 788u], a_tile[a_from + 789u], a_tile[a_from + 790u], a_tile[a_from + 791u]);
    let a_3_3 = vec4<f32>(a_tile[a_from + 792u], a_tile[a_from + 793u], a_tile[a_from + 794u], a_tile[a_from + 795u]);
    let b_3_0 = b_tile[b_from + 51u];
    let b_3_1 = b_tile[b_from + 52u];
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
    acc_8_0 += b_3_0 * a_3_2.x;
    acc_8_1 += b_3_1 * a_3_2.x;
    acc_9_0 += b_3_0 * a_3_2.y;
    acc_9_1 += b_3_1 * a_3_2.y;
    acc_10_0 += b_3_0 * a_3_2.z;
    acc_10_1 += b_3_1 * a_3_2.z;
    acc_11_0 += b_3_0 * a_3_2.w;
    acc_11_1 += b_3_1 * a_3_2.w;
    acc_12_0 += b_3_0 * a_3_3.x;
    acc_12_1 += b_3_1 * a_3_3.x;
    acc_13_0 += b_3_0 * a_3_3.y;
    acc_13_1 += b_3_1 * a_3_3.y;
    acc_14_0 += b_3_0 * a_3_3.z;
    acc_14_1 += b_3_1 * a_3_3.z;
    acc_15_0 += b_3_0 * a_3_3.w;
    acc_15_1 += b_3_1 * a_3_3.w;
    workgroupBarrier();
  }

  let row = tile.y * 256u + block_row;
  let column = tile.x * 64u + block_column;
  let matrix = part * shape.b + batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row, column + 4u, acc_0_1);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 1u, column + 4u, acc_1_1);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 2u, column + 4u, acc_2_1);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 3u, column + 4u, acc_3_1);
  finish(matrix, row + 4u, column, acc_4_0);
  finish(matrix, row + 4u, column + 4u, acc_4_1);
  finish(matrix, row + 5u, column, acc_5_0);
  finish(matrix, row + 5u, column + 4u, acc_5_1);
  finish(matrix, row + 6u, column, acc_6_0);
  finish(matrix, row + 6u, column + 4u, acc_6_1);
  finish(matrix, row + 7u, column, acc_7_0);
  finish(matrix, row + 7u, column + 4u, acc_7_1);
  finish(matrix, row + 8u, column, acc_8_0);
  finish(matrix, row + 8u, column + 4u, acc_8_1);
  finish(matrix, row + 9u, column, acc_9_0);
  finish(matrix, row + 9u, column + 4u, acc_9_1);
  finish(matrix, row + 10u, column, acc_10_0);
  finish(matrix, row + 10u, column + 4u, acc_10_1);
  finish(matrix, row + 11u, column, acc_11_0);
  finish(matrix, row + 11u, column + 4u, acc_11_1);
  finish(matrix, row + 12u, column, acc_12_0);
  finish(matrix, row + 12u, column + 4u, acc_12_1);
  finish(matrix, row + 13u, column, acc_13_0);
  finish(matrix, row + 13u, column + 4u, acc_13_1);
  finish(matrix, row + 14u, column, acc_14_0);
  finish(matrix, row + 14u, column + 4u, acc_14_1);
  finish(matrix, row + 15u, column, acc_15_0);
  finish(matrix, row + 15u, column + 4u, acc_15_1);
}

// kernel 1: grid ceil(b*m*n/1024), 1, 1; uniforms b, m, n, k; bindings partial, c (written)
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

@group(0) @binding(1) var<storage, read> partial: array<vec4<f32>>;

fn load_partial(i: u32) -> vec4<f32> {
  return partial[i];
}

@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn finish(index: u32, count: u32) {
  if (index < count) {
    var v = Value(0.0);
    for (var part = 0u; part < 16u; part += 4u) {
      let part_0 = load_partial(part * count + index);
      let part_1 = load_partial((part + 1u) * count + index);
      let part_2 = load_partial((part + 2u) * count + index);
      let part_3 = load_partial((part + 3u) * count + index);
      v += part_0;
      v += part_1;
      v += part_2;
      v += part_3;
    }
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
  finish(first, count);
  finish(first + 128u, count);
}
