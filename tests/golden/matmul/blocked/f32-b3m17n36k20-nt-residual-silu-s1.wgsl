// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/blocked
// bm=32 bn=64 tm=4 tn=8 lanes=32 lanes_n=4 bk=32 unroll=8 vec_a=2 vec_b=1 turn_a=2 turn_b=0 pad=4 pipeline=2 deal=0 band=4 split=1 baked=1 half_tiles=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/32), b*1; uniforms b, m, n, k; bindings a, b, residual, c (written)
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

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn fetch_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  let first = place / (4u * tiles_n) * 4u;
  let height = min(4u, tiles_m - first);
  let within = place % (4u * tiles_n);
  return vec2<u32>(within / height, first + within % height);
}

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= 17u) | (column >= 36u)) {
    return;
  }
  let index = (matrix * 17u + row) * 9u + column / 4u;
  var v = sum;
  v += load_residual(index);
  v = silu(v);
  store_c(index, v);
}

var<workgroup> a_tile: array<vec4<f32>, 576>;
var<workgroup> b_tile: array<vec4<f32>, 1152>;

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
  let a_loads = size_k / 2u;
  let b_loads = size_k;
  let tiles_m = (size_m + 31u) / 32u;
  let tiles_n = (size_n + 63u) / 64u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let batch = group / (tiles_m * tiles_n);

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 2u * 32u + lane / 4u * 4u;
  let block_column = sub_tile % 2u * 32u + lane % 4u * 8u;
  let a_from = block_row / 4u;
  let b_from = block_column * 9u;

  var acc_0_0 = vec4<f32>();
  var acc_0_1 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_1_1 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_2_1 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_3_1 = vec4<f32>();

  let a_across_0 = local % 8u;
  let a_line_0 = local / 8u * 4u;
  let a_step_0 = a_across_0 * 2u;
  let a_put_0 = a_across_0 * 36u + a_line_0 / 4u;
  var a_0_0_0: vec2<f32>;
  var a_0_0_1: vec2<f32>;
  var a_0_1_0: vec2<f32>;
  var a_0_1_1: vec2<f32>;
  var a_0_2_0: vec2<f32>;
  var a_0_2_1: vec2<f32>;
  var a_0_3_0: vec2<f32>;
  var a_0_3_1: vec2<f32>;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_across_0 * 4u;
  let b_put_0 = b_line_0 * 9u + b_across_0;
  var b_0_0_0: f32;
  var b_0_0_1: f32;
  var b_0_0_2: f32;
  var b_0_0_3: f32;
  let b_across_1 = (local + 64u) % 8u;
  let b_line_1 = (local + 64u) / 8u;
  let b_step_1 = b_across_1 * 4u;
  let b_put_1 = b_line_1 * 9u + b_across_1;
  var b_1_0_0: f32;
  var b_1_0_1: f32;
  var b_1_0_2: f32;
  var b_1_0_3: f32;
  let b_across_2 = (local + 128u) % 8u;
  let b_line_2 = (local + 128u) / 8u;
  let b_step_2 = b_across_2 * 4u;
  let b_put_2 = b_line_2 * 9u + b_across_2;
  var b_2_0_0: f32;
  var b_2_0_1: f32;
  var b_2_0_2: f32;
  var b_2_0_3: f32;
  let b_across_3 = (local + 192u) % 8u;
  let b_line_3 = (local + 192u) / 8u;
  let b_step_3 = b_across_3 * 4u;
  let b_put_3 = b_line_3 * 9u + b_across_3;
  var b_3_0_0: f32;
  var b_3_0_1: f32;
  var b_3_0_2: f32;
  var b_3_0_3: f32;
  let b_across_4 = (local + 256u) % 8u;
  let b_line_4 = (local + 256u) / 8u;
  let b_step_4 = b_across_4 * 4u;
  let b_put_4 = b_line_4 * 9u + b_across_4;
  var b_4_0_0: f32;
  var b_4_0_1: f32;
  var b_4_0_2: f32;
  var b_4_0_3: f32;
  let b_across_5 = (local + 320u) % 8u;
  let b_line_5 = (local + 320u) / 8u;
  let b_step_5 = b_across_5 * 4u;
  let b_put_5 = b_line_5 * 9u + b_across_5;
  var b_5_0_0: f32;
  var b_5_0_1: f32;
  var b_5_0_2: f32;
  var b_5_0_3: f32;
  let b_across_6 = (local + 384u) % 8u;
  let b_line_6 = (local + 384u) / 8u;
  let b_step_6 = b_across_6 * 4u;
  let b_put_6 = b_line_6 * 9u + b_across_6;
  var b_6_0_0: f32;
  var b_6_0_1: f32;
  var b_6_0_2: f32;
  var b_6_0_3: f32;
  let b_across_7 = (local + 448u) % 8u;
  let b_line_7 = (local + 448u) / 8u;
  let b_step_7 = b_across_7 * 4u;
  let b_put_7 = b_line_7 * 9u + b_across_7;
  var b_7_0_0: f32;
  var b_7_0_1: f32;
  var b_7_0_2: f32;
  var b_7_0_3: f32;

  let a_at_0_0 = (batch * size_m + min(tile.y * 32u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_0_1 = (batch * size_m + min(tile.y * 32u + a_line_0 + 1u, size_m - 1u)) * a_loads;
  let a_at_0_2 = (batch * size_m + min(tile.y * 32u + a_line_0 + 2u, size_m - 1u)) * a_loads;
  let a_at_0_3 = (batch * size_m + min(tile.y * 32u + a_line_0 + 3u, size_m - 1u)) * a_loads;
  let b_at_0_0 = (batch * size_n + min(tile.x * 64u + b_line_0, size_n - 1u)) * b_loads;
  let b_at_1_0 = (batch * size_n + min(tile.x * 64u + b_line_1, size_n - 1u)) * b_loads;
  let b_at_2_0 = (batch * size_n + min(tile.x * 64u + b_line_2, size_n - 1u)) * b_loads;
  let b_at_3_0 = (batch * size_n + min(tile.x * 64u + b_line_3, size_n - 1u)) * b_loads;
  let b_at_4_0 = (batch * size_n + min(tile.x * 64u + b_line_4, size_n - 1u)) * b_loads;
  let b_at_5_0 = (batch * size_n + min(tile.x * 64u + b_line_5, size_n - 1u)) * b_loads;
  let b_at_6_0 = (batch * size_n + min(tile.x * 64u + b_line_6, size_n - 1u)) * b_loads;
  let b_at_7_0 = (batch * size_n + min(tile.x * 64u + b_line_7, size_n - 1u)) * b_loads;

  let first_copy = 0u;
  a_0_0_0 = fetch_a(a_at_0_0 + min(a_step_0, a_loads - 1u));
  a_0_0_1 = fetch_a(a_at_0_0 + min(a_step_0 + 1u, a_loads - 1u));
  a_0_1_0 = fetch_a(a_at_0_1 + min(a_step_0, a_loads - 1u));
  a_0_1_1 = fetch_a(a_at_0_1 + min(a_step_0 + 1u, a_loads - 1u));
  a_0_2_0 = fetch_a(a_at_0_2 + min(a_step_0, a_loads - 1u));
  a_0_2_1 = fetch_a(a_at_0_2 + min(a_step_0 + 1u, a_loads - 1u));
  a_0_3_0 = fetch_a(a_at_0_3 + min(a_step_0, a_loads - 1u));
  a_0_3_1 = fetch_a(a_at_0_3 + min(a_step_0 + 1u, a_loads - 1u));
  b_0_0_0 = fetch_b(b_at_0_0 + min(b_step_0, b_loads - 1u));
  b_0_0_1 = fetch_b(b_at_0_0 + min(b_step_0 + 1u, b_loads - 1u));
  b_0_0_2 = fetch_b(b_at_0_0 + min(b_step_0 + 2u, b_loads - 1u));
  b_0_0_3 = fetch_b(b_at_0_0 + min(b_step_0 + 3u, b_loads - 1u));
  b_1_0_0 = fetch_b(b_at_1_0 + min(b_step_1, b_loads - 1u));
  b_1_0_1 = fetch_b(b_at_1_0 + min(b_step_1 + 1u, b_loads - 1u));
  b_1_0_2 = fetch_b(b_at_1_0 + min(b_step_1 + 2u, b_loads - 1u));
  b_1_0_3 = fetch_b(b_at_1_0 + min(b_step_1 + 3u, b_loads - 1u));
  b_2_0_0 = fetch_b(b_at_2_0 + min(b_step_2, b_loads - 1u));
  b_2_0_1 = fetch_b(b_at_2_0 + min(b_step_2 + 1u, b_loads - 1u));
  b_2_0_2 = fetch_b(b_at_2_0 + min(b_step_2 + 2u, b_loads - 1u));
  b_2_0_3 = fetch_b(b_at_2_0 + min(b_step_2 + 3u, b_loads - 1u));
  b_3_0_0 = fetch_b(b_at_3_0 + min(b_step_3, b_loads - 1u));
  b_3_0_1 = fetch_b(b_at_3_0 + min(b_step_3 + 1u, b_loads - 1u));
  b_3_0_2 = fetch_b(b_at_3_0 + min(b_step_3 + 2u, b_loads - 1u));
  b_3_0_3 = fetch_b(b_at_3_0 + min(b_step_3 + 3u, b_loads - 1u));
  b_4_0_0 = fetch_b(b_at_4_0 + min(b_step_4, b_loads - 1u));
  b_4_0_1 = fetch_b(b_at_4_0 + min(b_step_4 + 1u, b_loads - 1u));
  b_4_0_2 = fetch_b(b_at_4_0 + min(b_step_4 + 2u, b_loads - 1u));
  b_4_0_3 = fetch_b(b_at_4_0 + min(b_step_4 + 3u, b_loads - 1u));
  b_5_0_0 = fetch_b(b_at_5_0 + min(b_step_5, b_loads - 1u));
  b_5_0_1 = fetch_b(b_at_5_0 + min(b_step_5 + 1u, b_loads - 1u));
  b_5_0_2 = fetch_b(b_at_5_0 + min(b_step_5 + 2u, b_loads - 1u));
  b_5_0_3 = fetch_b(b_at_5_0 + min(b_step_5 + 3u, b_loads - 1u));
  b_6_0_0 = fetch_b(b_at_6_0 + min(b_step_6, b_loads - 1u));
  b_6_0_1 = fetch_b(b_at_6_0 + min(b_step_6 + 1u, b_loads - 1u));
  b_6_0_2 = fetch_b(b_at_6_0 + min(b_step_6 + 2u, b_loads - 1u));
  b_6_0_3 = fetch_b(b_at_6_0 + min(b_step_6 + 3u, b_loads - 1u));
  b_7_0_0 = fetch_b(b_at_7_0 + min(b_step_7, b_loads - 1u));
  b_7_0_1 = fetch_b(b_at_7_0 + min(b_step_7 + 1u, b_loads - 1u));
  b_7_0_2 = fetch_b(b_at_7_0 + min(b_step_7 + 2u, b_loads - 1u));
  b_7_0_3 = fetch_b(b_at_7_0 + min(b_step_7 + 3u, b_loads - 1u));
  let a_inside_0_0 = a_step_0 < a_loads;
  let a_inside_0_1 = a_step_0 + 1u < a_loads;
  let a_0_row_0_0 = vec4<f32>(select(vec2<f32>(), a_0_0_0, a_inside_0_0), select(vec2<f32>(), a_0_0_1, a_inside_0_1));
  let a_0_row_1_0 = vec4<f32>(select(vec2<f32>(), a_0_1_0, a_inside_0_0), select(vec2<f32>(), a_0_1_1, a_inside_0_1));
  let a_0_row_2_0 = vec4<f32>(select(vec2<f32>(), a_0_2_0, a_inside_0_0), select(vec2<f32>(), a_0_2_1, a_inside_0_1));
  let a_0_row_3_0 = vec4<f32>(select(vec2<f32>(), a_0_3_0, a_inside_0_0), select(vec2<f32>(), a_0_3_1, a_inside_0_1));
  a_tile[first_copy * 288u + a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
  a_tile[first_copy * 288u + a_put_0 + 9u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
  a_tile[first_copy * 288u + a_put_0 + 18u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
  a_tile[first_copy * 288u + a_put_0 + 27u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
  let b_inside_0_0 = b_step_0 < b_loads;
  let b_inside_0_1 = b_step_0 + 1u < b_loads;
  let b_inside_0_2 = b_step_0 + 2u < b_loads;
  let b_inside_0_3 = b_step_0 + 3u < b_loads;
  let b_inside_1_0 = b_step_1 < b_loads;
  let b_inside_1_1 = b_step_1 + 1u < b_loads;
  let b_inside_1_2 = b_step_1 + 2u < b_loads;
  let b_inside_1_3 = b_step_1 + 3u < b_loads;
  let b_inside_2_0 = b_step_2 < b_loads;
  let b_inside_2_1 = b_step_2 + 1u < b_loads;
  let b_inside_2_2 = b_step_2 + 2u < b_loads;
  let b_inside_2_3 = b_step_2 + 3u < b_loads;
  let b_inside_3_0 = b_step_3 < b_loads;
  let b_inside_3_1 = b_step_3 + 1u < b_loads;
  let b_inside_3_2 = b_step_3 + 2u < b_loads;
  let b_inside_3_3 = b_step_3 + 3u < b_loads;
  let b_inside_4_0 = b_step_4 < b_loads;
  let b_inside_4_1 = b_step_4 + 1u < b_loads;
  let b_inside_4_2 = b_step_4 + 2u < b_loads;
  let b_inside_4_3 = b_step_4 + 3u < b_loads;
  let b_inside_5_0 = b_step_5 < b_loads;
  let b_inside_5_1 = b_step_5 + 1u < b_loads;
  let b_inside_5_2 = b_step_5 + 2u < b_loads;
  let b_inside_5_3 = b_step_5 + 3u < b_loads;
  let b_inside_6_0 = b_step_6 < b_loads;
  let b_inside_6_1 = b_step_6 + 1u < b_loads;
  let b_inside_6_2 = b_step_6 + 2u < b_loads;
  let b_inside_6_3 = b_step_6 + 3u < b_loads;
  let b_inside_7_0 = b_step_7 < b_loads;
  let b_inside_7_1 = b_step_7 + 1u < b_loads;
  let b_inside_7_2 = b_step_7 + 2u < b_loads;
  let b_inside_7_3 = b_step_7 + 3u < b_loads;
  b_tile[first_copy * 576u + b_put_0] = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_1), select(f32(), b_0_0_2, b_inside_0_2), select(f32(), b_0_0_3, b_inside_0_3));
  b_tile[first_copy * 576u + b_put_1] = vec4<f32>(select(f32(), b_1_0_0, b_inside_1_0), select(f32(), b_1_0_1, b_inside_1_1), select(f32(), b_1_0_2, b_inside_1_2), select(f32(), b_1_0_3, b_inside_1_3));
  b_tile[first_copy * 576u + b_put_2] = vec4<f32>(select(f32(), b_2_0_0, b_inside_2_0), select(f32(), b_2_0_1, b_inside_2_1), select(f32(), b_2_0_2, b_inside_2_2), select(f32(), b_2_0_3, b_inside_2_3));
  b_tile[first_copy * 576u + b_put_3] = vec4<f32>(select(f32(), b_3_0_0, b_inside_3_0), select(f32(), b_3_0_1, b_inside_3_1), select(f32(), b_3_0_2, b_inside_3_2), select(f32(), b_3_0_3, b_inside_3_3));
  b_tile[first_copy * 576u + b_put_4] = vec4<f32>(select(f32(), b_4_0_0, b_inside_4_0), select(f32(), b_4_0_1, b_inside_4_1), select(f32(), b_4_0_2, b_inside_4_2), select(f32(), b_4_0_3, b_inside_4_3));
  b_tile[first_copy * 576u + b_put_5] = vec4<f32>(select(f32(), b_5_0_0, b_inside_5_0), select(f32(), b_5_0_1, b_inside_5_1), select(f32(), b_5_0_2, b_inside_5_2), select(f32(), b_5_0_3, b_inside_5_3));
  b_tile[first_copy * 576u + b_put_6] = vec4<f32>(select(f32(), b_6_0_0, b_inside_6_0), select(f32(), b_6_0_1, b_inside_6_1), select(f32(), b_6_0_2, b_inside_6_2), select(f32(), b_6_0_3, b_inside_6_3));
  b_tile[first_copy * 576u + b_put_7] = vec4<f32>(select(f32(), b_7_0_0, b_inside_7_0), select(f32(), b_7_0_1, b_inside_7_1), select(f32(), b_7_0_2, b_inside_7_2), select(f32(), b_7_0_3, b_inside_7_3));
  workgroupBarrier();
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    let this_copy = k0 / 32u % 2u;
    let other_copy = 1u - this_copy;
    let next = k0 + 32u;
    a_0_0_0 = fetch_a(a_at_0_0 + min(next / 2u + a_step_0, a_loads - 1u));
    a_0_0_1 = fetch_a(a_at_0_0 + min(next / 2u + a_step_0 + 1u, a_loads - 1u));
    a_0_1_0 = fetch_a(a_at_0_1 + min(next / 2u + a_step_0, a_loads - 1u));
    a_0_1_1 = fetch_a(a_at_0_1 + min(next / 2u + a_step_0 + 1u, a_loads - 1u));
    a_0_2_0 = fetch_a(a_at_0_2 + min(next / 2u + a_step_0, a_loads - 1u));
    a_0_2_1 = fetch_a(a_at_0_2 + min(next / 2u + a_step_0 + 1u, a_loads - 1u));
    a_0_3_0 = fetch_a(a_at_0_3 + min(next / 2u + a_step_0, a_loads - 1u));
    a_0_3_1 = fetch_a(a_at_0_3 + min(next / 2u + a_step_0 + 1u, a_loads - 1u));
    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, b_loads - 1u));
    b_0_0_1 = fetch_b(b_at_0_0 + min(next + b_step_0 + 1u, b_loads - 1u));
    b_0_0_2 = fetch_b(b_at_0_0 + min(next + b_step_0 + 2u, b_loads - 1u));
    b_0_0_3 = fetch_b(b_at_0_0 + min(next + b_step_0 + 3u, b_loads - 1u));
    b_1_0_0 = fetch_b(b_at_1_0 + min(next + b_step_1, b_loads - 1u));
    b_1_0_1 = fetch_b(b_at_1_0 + min(next + b_step_1 + 1u, b_loads - 1u));
    b_1_0_2 = fetch_b(b_at_1_0 + min(next + b_step_1 + 2u, b_loads - 1u));
    b_1_0_3 = fetch_b(b_at_1_0 + min(next + b_step_1 + 3u, b_loads - 1u));
    b_2_0_0 = fetch_b(b_at_2_0 + min(next + b_step_2, b_loads - 1u));
    b_2_0_1 = fetch_b(b_at_2_0 + min(next + b_step_2 + 1u, b_loads - 1u));
    b_2_0_2 = fetch_b(b_at_2_0 + min(next + b_step_2 + 2u, b_loads - 1u));
    b_2_0_3 = fetch_b(b_at_2_0 + min(next + b_step_2 + 3u, b_loads - 1u));
    b_3_0_0 = fetch_b(b_at_3_0 + min(next + b_step_3, b_loads - 1u));
    b_3_0_1 = fetch_b(b_at_3_0 + min(next + b_step_3 + 1u, b_loads - 1u));
    b_3_0_2 = fetch_b(b_at_3_0 + min(next + b_step_3 + 2u, b_loads - 1u));
    b_3_0_3 = fetch_b(b_at_3_0 + min(next + b_step_3 + 3u, b_loads - 1u));
    b_4_0_0 = fetch_b(b_at_4_0 + min(next + b_step_4, b_loads - 1u));
    b_4_0_1 = fetch_b(b_at_4_0 + min(next + b_step_4 + 1u, b_loads - 1u));
    b_4_0_2 = fetch_b(b_at_4_0 + min(next + b_step_4 + 2u, b_loads - 1u));
    b_4_0_3 = fetch_b(b_at_4_0 + min(next + b_step_4 + 3u, b_loads - 1u));
    b_5_0_0 = fetch_b(b_at_5_0 + min(next + b_step_5, b_loads - 1u));
    b_5_0_1 = fetch_b(b_at_5_0 + min(next + b_step_5 + 1u, b_loads - 1u));
    b_5_0_2 = fetch_b(b_at_5_0 + min(next + b_step_5 + 2u, b_loads - 1u));
    b_5_0_3 = fetch_b(b_at_5_0 + min(next + b_step_5 + 3u, b_loads - 1u));
    b_6_0_0 = fetch_b(b_at_6_0 + min(next + b_step_6, b_loads - 1u));
    b_6_0_1 = fetch_b(b_at_6_0 + min(next + b_step_6 + 1u, b_loads - 1u));
    b_6_0_2 = fetch_b(b_at_6_0 + min(next + b_step_6 + 2u, b_loads - 1u));
    b_6_0_3 = fetch_b(b_at_6_0 + min(next + b_step_6 + 3u, b_loads - 1u));
    b_7_0_0 = fetch_b(b_at_7_0 + min(next + b_step_7, b_loads - 1u));
    b_7_0_1 = fetch_b(b_at_7_0 + min(next + b_step_7 + 1u, b_loads - 1u));
    b_7_0_2 = fetch_b(b_at_7_0 + min(next + b_step_7 + 2u, b_loads - 1u));
    b_7_0_3 = fetch_b(b_at_7_0 + min(next + b_step_7 + 3u, b_loads - 1u));
    let a_now = this_copy * 288u + a_from;
    let b_now = this_copy * 576u + b_from;
    for (var kk = 0u; kk < 32u; kk += 8u) {
      let b_quad_0_0 = b_tile[b_now + kk / 4u];
      let b_quad_0_1 = b_tile[b_now + kk / 4u + 9u];
      let b_quad_0_2 = b_tile[b_now + kk / 4u + 18u];
      let b_quad_0_3 = b_tile[b_now + kk / 4u + 27u];
      let b_quad_0_4 = b_tile[b_now + kk / 4u + 36u];
      let b_quad_0_5 = b_tile[b_now + kk / 4u + 45u];
      let b_quad_0_6 = b_tile[b_now + kk / 4u + 54u];
      let b_quad_0_7 = b_tile[b_now + kk / 4u + 63u];
      let a_0_0 = a_tile[a_now + kk * 9u];
      let b_0_0 = vec4<f32>(b_quad_0_0.x, b_quad_0_1.x, b_quad_0_2.x, b_quad_0_3.x);
      let b_0_1 = vec4<f32>(b_quad_0_4.x, b_quad_0_5.x, b_quad_0_6.x, b_quad_0_7.x);
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_1_1 += b_0_1 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_2_1 += b_0_1 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      acc_3_1 += b_0_1 * a_0_0.w;
      let a_1_0 = a_tile[a_now + kk * 9u + 9u];
      let b_1_0 = vec4<f32>(b_quad_0_0.y, b_quad_0_1.y, b_quad_0_2.y, b_quad_0_3.y);
      let b_1_1 = vec4<f32>(b_quad_0_4.y, b_quad_0_5.y, b_quad_0_6.y, b_quad_0_7.y);
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_0_1 += b_1_1 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_1_1 += b_1_1 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_2_1 += b_1_1 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      acc_3_1 += b_1_1 * a_1_0.w;
      let a_2_0 = a_tile[a_now + kk * 9u + 18u];
      let b_2_0 = vec4<f32>(b_quad_0_0.z, b_quad_0_1.z, b_quad_0_2.z, b_quad_0_3.z);
      let b_2_1 = vec4<f32>(b_quad_0_4.z, b_quad_0_5.z, b_quad_0_6.z, b_quad_0_7.z);
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_0_1 += b_2_1 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_1_1 += b_2_1 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_2_1 += b_2_1 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      acc_3_1 += b_2_1 * a_2_0.w;
      let a_3_0 = a_tile[a_now + kk * 9u + 27u];
      let b_3_0 = vec4<f32>(b_quad_0_0.w, b_quad_0_1.w, b_quad_0_2.w, b_quad_0_3.w);
      let b_3_1 = vec4<f32>(b_quad_0_4.w, b_quad_0_5.w, b_quad_0_6.w, b_quad_0_7.w);
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_0_1 += b_3_1 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_1_1 += b_3_1 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_2_1 += b_3_1 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
      acc_3_1 += b_3_1 * a_3_0.w;
      let b_quad_4_0 = b_tile[b_now + kk / 4u + 1u];
      let b_quad_4_1 = b_tile[b_now + kk / 4u + 10u];
      let b_quad_4_2 = b_tile[b_now + kk / 4u + 19u];
      let b_quad_4_3 = b_tile[b_now + kk / 4u + 28u];
      let b_quad_4_4 = b_tile[b_now + kk / 4u + 37u];
      let b_quad_4_5 = b_tile[b_now + kk / 4u + 46u];
      let b_quad_4_6 = b_tile[b_now + kk / 4u + 55u];
      let b_quad_4_7 = b_tile[b_now + kk / 4u + 64u];
      let a_4_0 = a_tile[a_now + kk * 9u + 36u];
      let b_4_0 = vec4<f32>(b_quad_4_0.x, b_quad_4_1.x, b_quad_4_2.x, b_quad_4_3.x);
      let b_4_1 = vec4<f32>(b_quad_4_4.x, b_quad_4_5.x, b_quad_4_6.x, b_quad_4_7.x);
      acc_0_0 += b_4_0 * a_4_0.x;
      acc_0_1 += b_4_1 * a_4_0.x;
      acc_1_0 += b_4_0 * a_4_0.y;
      acc_1_1 += b_4_1 * a_4_0.y;
      acc_2_0 += b_4_0 * a_4_0.z;
      acc_2_1 += b_4_1 * a_4_0.z;
      acc_3_0 += b_4_0 * a_4_0.w;
      acc_3_1 += b_4_1 * a_4_0.w;
      let a_5_0 = a_tile[a_now + kk * 9u + 45u];
      let b_5_0 = vec4<f32>(b_quad_4_0.y, b_quad_4_1.y, b_quad_4_2.y, b_quad_4_3.y);
      let b_5_1 = vec4<f32>(b_quad_4_4.y, b_quad_4_5.y, b_quad_4_6.y, b_quad_4_7.y);
      acc_0_0 += b_5_0 * a_5_0.x;
      acc_0_1 += b_5_1 * a_5_0.x;
      acc_1_0 += b_5_0 * a_5_0.y;
      acc_1_1 += b_5_1 * a_5_0.y;
      acc_2_0 += b_5_0 * a_5_0.z;
      acc_2_1 += b_5_1 * a_5_0.z;
      acc_3_0 += b_5_0 * a_5_0.w;
      acc_3_1 += b_5_1 * a_5_0.w;
      let a_6_0 = a_tile[a_now + kk * 9u + 54u];
      let b_6_0 = vec4<f32>(b_quad_4_0.z, b_quad_4_1.z, b_quad_4_2.z, b_quad_4_3.z);
      let b_6_1 = vec4<f32>(b_quad_4_4.z, b_quad_4_5.z, b_quad_4_6.z, b_quad_4_7.z);
      acc_0_0 += b_6_0 * a_6_0.x;
      acc_0_1 += b_6_1 * a_6_0.x;
      acc_1_0 += b_6_0 * a_6_0.y;
      acc_1_1 += b_6_1 * a_6_0.y;
      acc_2_0 += b_6_0 * a_6_0.z;
      acc_2_1 += b_6_1 * a_6_0.z;
      acc_3_0 += b_6_0 * a_6_0.w;
      acc_3_1 += b_6_1 * a_6_0.w;
      let a_7_0 = a_tile[a_now + kk * 9u + 63u];
      let b_7_0 = vec4<f32>(b_quad_4_0.w, b_quad_4_1.w, b_quad_4_2.w, b_quad_4_3.w);
      let b_7_1 = vec4<f32>(b_quad_4_4.w, b_quad_4_5.w, b_quad_4_6.w, b_quad_4_7.w);
      acc_0_0 += b_7_0 * a_7_0.x;
      acc_0_1 += b_7_1 * a_7_0.x;
      acc_1_0 += b_7_0 * a_7_0.y;
      acc_1_1 += b_7_1 * a_7_0.y;
      acc_2_0 += b_7_0 * a_7_0.z;
      acc_2_1 += b_7_1 * a_7_0.z;
      acc_3_0 += b_7_0 * a_7_0.w;
      acc_3_1 += b_7_1 * a_7_0.w;
    }
    let a_inside_0_0 = next / 2u + a_step_0 < a_loads;
    let a_inside_0_1 = next / 2u + a_step_0 + 1u < a_loads;
    let a_0_row_0_0 = vec4<f32>(select(vec2<f32>(), a_0_0_0, a_inside_0_0), select(vec2<f32>(), a_0_0_1, a_inside_0_1));
    let a_0_row_1_0 = vec4<f32>(select(vec2<f32>(), a_0_1_0, a_inside_0_0), select(vec2<f32>(), a_0_1_1, a_inside_0_1));
    let a_0_row_2_0 = vec4<f32>(select(vec2<f32>(), a_0_2_0, a_inside_0_0), select(vec2<f32>(), a_0_2_1, a_inside_0_1));
    let a_0_row_3_0 = vec4<f32>(select(vec2<f32>(), a_0_3_0, a_inside_0_0), select(vec2<f32>(), a_0_3_1, a_inside_0_1));
    a_tile[other_copy * 288u + a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
    a_tile[other_copy * 288u + a_put_0 + 9u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
    a_tile[other_copy * 288u + a_put_0 + 18u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
    a_tile[other_copy * 288u + a_put_0 + 27u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
    let b_inside_0_0 = next + b_step_0 < b_loads;
    let b_inside_0_1 = next + b_step_0 + 1u < b_loads;
    let b_inside_0_2 = next + b_step_0 + 2u < b_loads;
    let b_inside_0_3 = next + b_step_0 + 3u < b_loads;
    let b_inside_1_0 = next + b_step_1 < b_loads;
    let b_inside_1_1 = next + b_step_1 + 1u < b_loads;
    let b_inside_1_2 = next + b_step_1 + 2u < b_loads;
    let b_inside_1_3 = next + b_step_1 + 3u < b_loads;
    let b_inside_2_0 = next + b_step_2 < b_loads;
    let b_inside_2_1 = next + b_step_2 + 1u < b_loads;
    let b_inside_2_2 = next + b_step_2 + 2u < b_loads;
    let b_inside_2_3 = next + b_step_2 + 3u < b_loads;
    let b_inside_3_0 = next + b_step_3 < b_loads;
    let b_inside_3_1 = next + b_step_3 + 1u < b_loads;
    let b_inside_3_2 = next + b_step_3 + 2u < b_loads;
    let b_inside_3_3 = next + b_step_3 + 3u < b_loads;
    let b_inside_4_0 = next + b_step_4 < b_loads;
    let b_inside_4_1 = next + b_step_4 + 1u < b_loads;
    let b_inside_4_2 = next + b_step_4 + 2u < b_loads;
    let b_inside_4_3 = next + b_step_4 + 3u < b_loads;
    let b_inside_5_0 = next + b_step_5 < b_loads;
    let b_inside_5_1 = next + b_step_5 + 1u < b_loads;
    let b_inside_5_2 = next + b_step_5 + 2u < b_loads;
    let b_inside_5_3 = next + b_step_5 + 3u < b_loads;
    let b_inside_6_0 = next + b_step_6 < b_loads;
    let b_inside_6_1 = next + b_step_6 + 1u < b_loads;
    let b_inside_6_2 = next + b_step_6 + 2u < b_loads;
    let b_inside_6_3 = next + b_step_6 + 3u < b_loads;
    let b_inside_7_0 = next + b_step_7 < b_loads;
    let b_inside_7_1 = next + b_step_7 + 1u < b_loads;
    let b_inside_7_2 = next + b_step_7 + 2u < b_loads;
    let b_inside_7_3 = next + b_step_7 + 3u < b_loads;
    b_tile[other_copy * 576u + b_put_0] = vec4<f32>(select(f32(), b_0_0_0, b_inside_0_0), select(f32(), b_0_0_1, b_inside_0_1), select(f32(), b_0_0_2, b_inside_0_2), select(f32(), b_0_0_3, b_inside_0_3));
    b_tile[other_copy * 576u + b_put_1] = vec4<f32>(select(f32(), b_1_0_0, b_inside_1_0), select(f32(), b_1_0_1, b_inside_1_1), select(f32(), b_1_0_2, b_inside_1_2), select(f32(), b_1_0_3, b_inside_1_3));
    b_tile[other_copy * 576u + b_put_2] = vec4<f32>(select(f32(), b_2_0_0, b_inside_2_0), select(f32(), b_2_0_1, b_inside_2_1), select(f32(), b_2_0_2, b_inside_2_2), select(f32(), b_2_0_3, b_inside_2_3));
    b_tile[other_copy * 576u + b_put_3] = vec4<f32>(select(f32(), b_3_0_0, b_inside_3_0), select(f32(), b_3_0_1, b_inside_3_1), select(f32(), b_3_0_2, b_inside_3_2), select(f32(), b_3_0_3, b_inside_3_3));
    b_tile[other_copy * 576u + b_put_4] = vec4<f32>(select(f32(), b_4_0_0, b_inside_4_0), select(f32(), b_4_0_1, b_inside_4_1), select(f32(), b_4_0_2, b_inside_4_2), select(f32(), b_4_0_3, b_inside_4_3));
    b_tile[other_copy * 576u + b_put_5] = vec4<f32>(select(f32(), b_5_0_0, b_inside_5_0), select(f32(), b_5_0_1, b_inside_5_1), select(f32(), b_5_0_2, b_inside_5_2), select(f32(), b_5_0_3, b_inside_5_3));
    b_tile[other_copy * 576u + b_put_6] = vec4<f32>(select(f32(), b_6_0_0, b_inside_6_0), select(f32(), b_6_0_1, b_inside_6_1), select(f32(), b_6_0_2, b_inside_6_2), select(f32(), b_6_0_3, b_inside_6_3));
    b_tile[other_copy * 576u + b_put_7] = vec4<f32>(select(f32(), b_7_0_0, b_inside_7_0), select(f32(), b_7_0_1, b_inside_7_1), select(f32(), b_7_0_2, b_inside_7_2), select(f32(), b_7_0_3, b_inside_7_3));
    workgroupBarrier();
  }

  let row = tile.y * 32u + block_row;
  let column = tile.x * 64u + block_column;
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
