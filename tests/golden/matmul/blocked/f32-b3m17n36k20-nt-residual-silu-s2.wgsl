// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/blocked
// bm=32 bn=32 tm=8 tn=4 lanes=32 lanes_n=8 bk=16 unroll=4 vec_a=2 vec_b=4 turn_a=1 turn_b=0 pad=0 pipeline=2 deal=0 band=0 split=2 baked=1 half_tiles=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `partial` of 8*b*m*n bytes
// run: kernel 1 on temporary `partial` of 8*b*m*n bytes, input 2, output 0

// kernel 0: grid ceil(n/32), ceil(m/32), b*2; uniforms b, m, n, k; bindings a, b, partial (written)
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

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn fetch_b(i: u32) -> vec4<f32> {
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
  if ((row >= 17u) | (column >= 36u)) {
    return;
  }
  let index = (matrix * 17u + row) * 9u + column / 4u;
  store_partial(index, sum);
}

var<workgroup> a_tile: array<f32, 1024>;
var<workgroup> b_tile: array<vec4<f32>, 256>;

@compute @workgroup_size(32)
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
  let a_loads = size_k / 2u;
  let b_loads = size_k / 4u;
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
  let block_row = sub_tile * 32u + lane / 8u * 8u;
  let block_column = lane % 8u * 4u;
  let a_from = block_row;
  let b_from = block_column * 4u;

  var acc_0_0 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_4_0 = vec4<f32>();
  var acc_5_0 = vec4<f32>();
  var acc_6_0 = vec4<f32>();
  var acc_7_0 = vec4<f32>();

  let a_across_0 = local % 8u;
  let a_line_0 = local / 8u;
  let a_step_0 = a_across_0;
  let a_put_0 = a_across_0 * 64u + a_line_0;
  var a_0_0_0: vec2<f32>;
  let a_across_1 = (local + 32u) % 8u;
  let a_line_1 = (local + 32u) / 8u;
  let a_step_1 = a_across_1;
  let a_put_1 = a_across_1 * 64u + a_line_1;
  var a_1_0_0: vec2<f32>;
  let a_across_2 = (local + 64u) % 8u;
  let a_line_2 = (local + 64u) / 8u;
  let a_step_2 = a_across_2;
  let a_put_2 = a_across_2 * 64u + a_line_2;
  var a_2_0_0: vec2<f32>;
  let a_across_3 = (local + 96u) % 8u;
  let a_line_3 = (local + 96u) / 8u;
  let a_step_3 = a_across_3;
  let a_put_3 = a_across_3 * 64u + a_line_3;
  var a_3_0_0: vec2<f32>;
  let a_across_4 = (local + 128u) % 8u;
  let a_line_4 = (local + 128u) / 8u;
  let a_step_4 = a_across_4;
  let a_put_4 = a_across_4 * 64u + a_line_4;
  var a_4_0_0: vec2<f32>;
  let a_across_5 = (local + 160u) % 8u;
  let a_line_5 = (local + 160u) / 8u;
  let a_step_5 = a_across_5;
  let a_put_5 = a_across_5 * 64u + a_line_5;
  var a_5_0_0: vec2<f32>;
  let a_across_6 = (local + 192u) % 8u;
  let a_line_6 = (local + 192u) / 8u;
  let a_step_6 = a_across_6;
  let a_put_6 = a_across_6 * 64u + a_line_6;
  var a_6_0_0: vec2<f32>;
  let a_across_7 = (local + 224u) % 8u;
  let a_line_7 = (local + 224u) / 8u;
  let a_step_7 = a_across_7;
  let a_put_7 = a_across_7 * 64u + a_line_7;
  var a_7_0_0: vec2<f32>;
  let b_across_0 = local % 4u;
  let b_line_0 = local / 4u;
  let b_step_0 = b_across_0;
  let b_put_0 = b_line_0 * 4u + b_across_0;
  var b_0_0_0: vec4<f32>;
  let b_across_1 = (local + 32u) % 4u;
  let b_line_1 = (local + 32u) / 4u;
  let b_step_1 = b_across_1;
  let b_put_1 = b_line_1 * 4u + b_across_1;
  var b_1_0_0: vec4<f32>;
  let b_across_2 = (local + 64u) % 4u;
  let b_line_2 = (local + 64u) / 4u;
  let b_step_2 = b_across_2;
  let b_put_2 = b_line_2 * 4u + b_across_2;
  var b_2_0_0: vec4<f32>;
  let b_across_3 = (local + 96u) % 4u;
  let b_line_3 = (local + 96u) / 4u;
  let b_step_3 = b_across_3;
  let b_put_3 = b_line_3 * 4u + b_across_3;
  var b_3_0_0: vec4<f32>;

  let a_at_0_0 = (batch * size_m + min(tile.y * 32u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_1_0 = (batch * size_m + min(tile.y * 32u + a_line_1, size_m - 1u)) * a_loads;
  let a_at_2_0 = (batch * size_m + min(tile.y * 32u + a_line_2, size_m - 1u)) * a_loads;
  let a_at_3_0 = (batch * size_m + min(tile.y * 32u + a_line_3, size_m - 1u)) * a_loads;
  let a_at_4_0 = (batch * size_m + min(tile.y * 32u + a_line_4, size_m - 1u)) * a_loads;
  let a_at_5_0 = (batch * size_m + min(tile.y * 32u + a_line_5, size_m - 1u)) * a_loads;
  let a_at_6_0 = (batch * size_m + min(tile.y * 32u + a_line_6, size_m - 1u)) * a_loads;
  let a_at_7_0 = (batch * size_m + min(tile.y * 32u + a_line_7, size_m - 1u)) * a_loads;
  let b_at_0_0 = (batch * size_n + min(tile.x * 32u + b_line_0, size_n - 1u)) * b_loads;
  let b_at_1_0 = (batch * size_n + min(tile.x * 32u + b_line_1, size_n - 1u)) * b_loads;
  let b_at_2_0 = (batch * size_n + min(tile.x * 32u + b_line_2, size_n - 1u)) * b_loads;
  let b_at_3_0 = (batch * size_n + min(tile.x * 32u + b_line_3, size_n - 1u)) * b_loads;

  let first_copy = first / 16u % 2u;
  a_0_0_0 = fetch_a(a_at_0_0 + min(first / 2u + a_step_0, a_loads - 1u));
  a_1_0_0 = fetch_a(a_at_1_0 + min(first / 2u + a_step_1, a_loads - 1u));
  a_2_0_0 = fetch_a(a_at_2_0 + min(first / 2u + a_step_2, a_loads - 1u));
  a_3_0_0 = fetch_a(a_at_3_0 + min(first / 2u + a_step_3, a_loads - 1u));
  a_4_0_0 = fetch_a(a_at_4_0 + min(first / 2u + a_step_4, a_loads - 1u));
  a_5_0_0 = fetch_a(a_at_5_0 + min(first / 2u + a_step_5, a_loads - 1u));
  a_6_0_0 = fetch_a(a_at_6_0 + min(first / 2u + a_step_6, a_loads - 1u));
  a_7_0_0 = fetch_a(a_at_7_0 + min(first / 2u + a_step_7, a_loads - 1u));
  b_0_0_0 = fetch_b(b_at_0_0 + min(first / 4u + b_step_0, b_loads - 1u));
  b_1_0_0 = fetch_b(b_at_1_0 + min(first / 4u + b_step_1, b_loads - 1u));
  b_2_0_0 = fetch_b(b_at_2_0 + min(first / 4u + b_step_2, b_loads - 1u));
  b_3_0_0 = fetch_b(b_at_3_0 + min(first / 4u + b_step_3, b_loads - 1u));
  let a_inside_0_0 = first / 2u + a_step_0 < a_loads;
  let a_inside_1_0 = first / 2u + a_step_1 < a_loads;
  let a_inside_2_0 = first / 2u + a_step_2 < a_loads;
  let a_inside_3_0 = first / 2u + a_step_3 < a_loads;
  let a_inside_4_0 = first / 2u + a_step_4 < a_loads;
  let a_inside_5_0 = first / 2u + a_step_5 < a_loads;
  let a_inside_6_0 = first / 2u + a_step_6 < a_loads;
  let a_inside_7_0 = first / 2u + a_step_7 < a_loads;
  let a_0_row_0 = select(vec2<f32>(), a_0_0_0, a_inside_0_0);
  a_tile[first_copy * 512u + a_put_0] = a_0_row_0.x;
  a_tile[first_copy * 512u + a_put_0 + 32u] = a_0_row_0.y;
  let a_1_row_0 = select(vec2<f32>(), a_1_0_0, a_inside_1_0);
  a_tile[first_copy * 512u + a_put_1] = a_1_row_0.x;
  a_tile[first_copy * 512u + a_put_1 + 32u] = a_1_row_0.y;
  let a_2_row_0 = select(vec2<f32>(), a_2_0_0, a_inside_2_0);
  a_tile[first_copy * 512u + a_put_2] = a_2_row_0.x;
  a_tile[first_copy * 512u + a_put_2 + 32u] = a_2_row_0.y;
  let a_3_row_0 = select(vec2<f32>(), a_3_0_0, a_inside_3_0);
  a_tile[first_copy * 512u + a_put_3] = a_3_row_0.x;
  a_tile[first_copy * 512u + a_put_3 + 32u] = a_3_row_0.y;
  let a_4_row_0 = select(vec2<f32>(), a_4_0_0, a_inside_4_0);
  a_tile[first_copy * 512u + a_put_4] = a_4_row_0.x;
  a_tile[first_copy * 512u + a_put_4 + 32u] = a_4_row_0.y;
  let a_5_row_0 = select(vec2<f32>(), a_5_0_0, a_inside_5_0);
  a_tile[first_copy * 512u + a_put_5] = a_5_row_0.x;
  a_tile[first_copy * 512u + a_put_5 + 32u] = a_5_row_0.y;
  let a_6_row_0 = select(vec2<f32>(), a_6_0_0, a_inside_6_0);
  a_tile[first_copy * 512u + a_put_6] = a_6_row_0.x;
  a_tile[first_copy * 512u + a_put_6 + 32u] = a_6_row_0.y;
  let a_7_row_0 = select(vec2<f32>(), a_7_0_0, a_inside_7_0);
  a_tile[first_copy * 512u + a_put_7] = a_7_row_0.x;
  a_tile[first_copy * 512u + a_put_7 + 32u] = a_7_row_0.y;
  let b_inside_0_0 = first / 4u + b_step_0 < b_loads;
  let b_inside_1_0 = first / 4u + b_step_1 < b_loads;
  let b_inside_2_0 = first / 4u + b_step_2 < b_loads;
  let b_inside_3_0 = first / 4u + b_step_3 < b_loads;
  b_tile[first_copy * 128u + b_put_0] = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
  b_tile[first_copy * 128u + b_put_1] = select(vec4<f32>(), b_1_0_0, b_inside_1_0);
  b_tile[first_copy * 128u + b_put_2] = select(vec4<f32>(), b_2_0_0, b_inside_2_0);
  b_tile[first_copy * 128u + b_put_3] = select(vec4<f32>(), b_3_0_0, b_inside_3_0);
  workgroupBarrier();
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 16u) {
    let this_copy = k0 / 16u % 2u;
    let other_copy = 1u - this_copy;
    let next = k0 + 16u;
    a_0_0_0 = fetch_a(a_at_0_0 + min(next / 2u + a_step_0, a_loads - 1u));
    a_1_0_0 = fetch_a(a_at_1_0 + min(next / 2u + a_step_1, a_loads - 1u));
    a_2_0_0 = fetch_a(a_at_2_0 + min(next / 2u + a_step_2, a_loads - 1u));
    a_3_0_0 = fetch_a(a_at_3_0 + min(next / 2u + a_step_3, a_loads - 1u));
    a_4_0_0 = fetch_a(a_at_4_0 + min(next / 2u + a_step_4, a_loads - 1u));
    a_5_0_0 = fetch_a(a_at_5_0 + min(next / 2u + a_step_5, a_loads - 1u));
    a_6_0_0 = fetch_a(a_at_6_0 + min(next / 2u + a_step_6, a_loads - 1u));
    a_7_0_0 = fetch_a(a_at_7_0 + min(next / 2u + a_step_7, a_loads - 1u));
    b_0_0_0 = fetch_b(b_at_0_0 + min(next / 4u + b_step_0, b_loads - 1u));
    b_1_0_0 = fetch_b(b_at_1_0 + min(next / 4u + b_step_1, b_loads - 1u));
    b_2_0_0 = fetch_b(b_at_2_0 + min(next / 4u + b_step_2, b_loads - 1u));
    b_3_0_0 = fetch_b(b_at_3_0 + min(next / 4u + b_step_3, b_loads - 1u));
    let a_now = this_copy * 512u + a_from;
    let b_now = this_copy * 128u + b_from;
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let b_quad_0_0 = b_tile[b_now + kk / 4u];
      let b_quad_0_1 = b_tile[b_now + kk / 4u + 4u];
      let b_quad_0_2 = b_tile[b_now + kk / 4u + 8u];
      let b_quad_0_3 = b_tile[b_now + kk / 4u + 12u];
      let a_0_0 = vec4<f32>(a_tile[a_now + kk * 32u], a_tile[a_now + kk * 32u + 1u], a_tile[a_now + kk * 32u + 2u], a_tile[a_now + kk * 32u + 3u]);
      let a_0_1 = vec4<f32>(a_tile[a_now + kk * 32u + 4u], a_tile[a_now + kk * 32u + 5u], a_tile[a_now + kk * 32u + 6u], a_tile[a_now + kk * 32u + 7u]);
      let b_0_0 = vec4<f32>(b_quad_0_0.x, b_quad_0_1.x, b_quad_0_2.x, b_quad_0_3.x);
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      acc_4_0 += b_0_0 * a_0_1.x;
      acc_5_0 += b_0_0 * a_0_1.y;
      acc_6_0 += b_0_0 * a_0_1.z;
      acc_7_0 += b_0_0 * a_0_1.w;
      let a_1_0 = vec4<f32>(a_tile[a_now + kk * 32u + 32u], a_tile[a_now + kk * 32u + 33u], a_tile[a_now + kk * 32u + 34u], a_tile[a_now + kk * 32u + 35u]);
      let a_1_1 = vec4<f32>(a_tile[a_now + kk * 32u + 36u], a_tile[a_now + kk * 32u + 37u], a_tile[a_now + kk * 32u + 38u], a_tile[a_now + kk * 32u + 39u]);
      let b_1_0 = vec4<f32>(b_quad_0_0.y, b_quad_0_1.y, b_quad_0_2.y, b_quad_0_3.y);
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      acc_4_0 += b_1_0 * a_1_1.x;
      acc_5_0 += b_1_0 * a_1_1.y;
      acc_6_0 += b_1_0 * a_1_1.z;
      acc_7_0 += b_1_0 * a_1_1.w;
      let a_2_0 = vec4<f32>(a_tile[a_now + kk * 32u + 64u], a_tile[a_now + kk * 32u + 65u], a_tile[a_now + kk * 32u + 66u], a_tile[a_now + kk * 32u + 67u]);
      let a_2_1 = vec4<f32>(a_tile[a_now + kk * 32u + 68u], a_tile[a_now + kk * 32u + 69u], a_tile[a_now + kk * 32u + 70u], a_tile[a_now + kk * 32u + 71u]);
      let b_2_0 = vec4<f32>(b_quad_0_0.z, b_quad_0_1.z, b_quad_0_2.z, b_quad_0_3.z);
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      acc_4_0 += b_2_0 * a_2_1.x;
      acc_5_0 += b_2_0 * a_2_1.y;
      acc_6_0 += b_2_0 * a_2_1.z;
      acc_7_0 += b_2_0 * a_2_1.w;
      let a_3_0 = vec4<f32>(a_tile[a_now + kk * 32u + 96u], a_tile[a_now + kk * 32u + 97u], a_tile[a_now + kk * 32u + 98u], a_tile[a_now + kk * 32u + 99u]);
      let a_3_1 = vec4<f32>(a_tile[a_now + kk * 32u + 100u], a_tile[a_now + kk * 32u + 101u], a_tile[a_now + kk * 32u + 102u], a_tile[a_now + kk * 32u + 103u]);
      let b_3_0 = vec4<f32>(b_quad_0_0.w, b_quad_0_1.w, b_quad_0_2.w, b_quad_0_3.w);
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
      acc_4_0 += b_3_0 * a_3_1.x;
      acc_5_0 += b_3_0 * a_3_1.y;
      acc_6_0 += b_3_0 * a_3_1.z;
      acc_7_0 += b_3_0 * a_3_1.w;
    }
    let a_inside_0_0 = next / 2u + a_step_0 < a_loads;
    let a_inside_1_0 = next / 2u + a_step_1 < a_loads;
    let a_inside_2_0 = next / 2u + a_step_2 < a_loads;
    let a_inside_3_0 = next / 2u + a_step_3 < a_loads;
    let a_inside_4_0 = next / 2u + a_step_4 < a_loads;
    let a_inside_5_0 = next / 2u + a_step_5 < a_loads;
    let a_inside_6_0 = next / 2u + a_step_6 < a_loads;
    let a_inside_7_0 = next / 2u + a_step_7 < a_loads;
    let a_0_row_0 = select(vec2<f32>(), a_0_0_0, a_inside_0_0);
    a_tile[other_copy * 512u + a_put_0] = a_0_row_0.x;
    a_tile[other_copy * 512u + a_put_0 + 32u] = a_0_row_0.y;
    let a_1_row_0 = select(vec2<f32>(), a_1_0_0, a_inside_1_0);
    a_tile[other_copy * 512u + a_put_1] = a_1_row_0.x;
    a_tile[other_copy * 512u + a_put_1 + 32u] = a_1_row_0.y;
    let a_2_row_0 = select(vec2<f32>(), a_2_0_0, a_inside_2_0);
    a_tile[other_copy * 512u + a_put_2] = a_2_row_0.x;
    a_tile[other_copy * 512u + a_put_2 + 32u] = a_2_row_0.y;
    let a_3_row_0 = select(vec2<f32>(), a_3_0_0, a_inside_3_0);
    a_tile[other_copy * 512u + a_put_3] = a_3_row_0.x;
    a_tile[other_copy * 512u + a_put_3 + 32u] = a_3_row_0.y;
    let a_4_row_0 = select(vec2<f32>(), a_4_0_0, a_inside_4_0);
    a_tile[other_copy * 512u + a_put_4] = a_4_row_0.x;
    a_tile[other_copy * 512u + a_put_4 + 32u] = a_4_row_0.y;
    let a_5_row_0 = select(vec2<f32>(), a_5_0_0, a_inside_5_0);
    a_tile[other_copy * 512u + a_put_5] = a_5_row_0.x;
    a_tile[other_copy * 512u + a_put_5 + 32u] = a_5_row_0.y;
    let a_6_row_0 = select(vec2<f32>(), a_6_0_0, a_inside_6_0);
    a_tile[other_copy * 512u + a_put_6] = a_6_row_0.x;
    a_tile[other_copy * 512u + a_put_6 + 32u] = a_6_row_0.y;
    let a_7_row_0 = select(vec2<f32>(), a_7_0_0, a_inside_7_0);
    a_tile[other_copy * 512u + a_put_7] = a_7_row_0.x;
    a_tile[other_copy * 512u + a_put_7 + 32u] = a_7_row_0.y;
    let b_inside_0_0 = next / 4u + b_step_0 < b_loads;
    let b_inside_1_0 = next / 4u + b_step_1 < b_loads;
    let b_inside_2_0 = next / 4u + b_step_2 < b_loads;
    let b_inside_3_0 = next / 4u + b_step_3 < b_loads;
    b_tile[other_copy * 128u + b_put_0] = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
    b_tile[other_copy * 128u + b_put_1] = select(vec4<f32>(), b_1_0_0, b_inside_1_0);
    b_tile[other_copy * 128u + b_put_2] = select(vec4<f32>(), b_2_0_0, b_inside_2_0);
    b_tile[other_copy * 128u + b_put_3] = select(vec4<f32>(), b_3_0_0, b_inside_3_0);
    workgroupBarrier();
  }

  let row = tile.y * 32u + block_row;
  let column = tile.x * 32u + block_column;
  let matrix = part * 3u + batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 4u, column, acc_4_0);
  finish(matrix, row + 5u, column, acc_5_0);
  finish(matrix, row + 6u, column, acc_6_0);
  finish(matrix, row + 7u, column, acc_7_0);
}

// kernel 1: grid ceil(b*m*n/1024), 1, 1; uniforms b, m, n, k; bindings partial, residual, c (written)
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

@group(0) @binding(2) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

fn finish(index: u32, count: u32) {
  if (index < count) {
    var v = Value(0.0);
    for (var part = 0u; part < 2u; part += 2u) {
      let part_0 = load_partial(part * count + index);
      let part_1 = load_partial((part + 1u) * count + index);
      v += part_0;
      v += part_1;
    }
    v += load_residual(index);
    v = silu(v);
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
