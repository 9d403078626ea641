// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/blocked
// bm=32 bn=32 tm=4 tn=4 lanes=32 lanes_n=8 bk=16 unroll=8 vec_a=4 vec_b=4 turn_a=2 turn_b=2 pad=4 pipeline=1 deal=0 band=8 split=1 baked=1 half_tiles=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/32), ceil(m/32), b*1; uniforms b, m, n, k; bindings a, b, residual, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;

fn fetch_a(i: u32) -> vec4<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn fetch_b(i: u32) -> vec4<f32> {
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
  let first = place / (8u * tiles_n) * 8u;
  let height = min(8u, tiles_m - first);
  let within = place % (8u * tiles_n);
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

var<workgroup> a_tile: array<vec4<f32>, 144>;
var<workgroup> b_tile: array<vec4<f32>, 144>;

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
  let a_loads = size_k / 4u;
  let b_loads = size_k / 4u;
  let tiles_m = (size_m + 31u) / 32u;
  let tiles_n = (size_n + 31u) / 32u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let batch = group / (tiles_m * tiles_n);

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

  let a_across_0 = local % 4u;
  let a_line_0 = local / 4u * 4u;
  let a_step_0 = a_across_0;
  let a_put_0 = a_across_0 * 36u + a_line_0 / 4u;
  var a_0_0_0: vec4<f32>;
  var a_0_1_0: vec4<f32>;
  var a_0_2_0: vec4<f32>;
  var a_0_3_0: vec4<f32>;
  let b_across_0 = local % 4u;
  let b_line_0 = local / 4u * 4u;
  let b_step_0 = b_across_0;
  let b_put_0 = b_across_0 * 36u + b_line_0 / 4u;
  var b_0_0_0: vec4<f32>;
  var b_0_1_0: vec4<f32>;
  var b_0_2_0: vec4<f32>;
  var b_0_3_0: vec4<f32>;

  let a_at_0_0 = (batch * size_m + min(tile.y * 32u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_0_1 = (batch * size_m + min(tile.y * 32u + a_line_0 + 1u, size_m - 1u)) * a_loads;
  let a_at_0_2 = (batch * size_m + min(tile.y * 32u + a_line_0 + 2u, size_m - 1u)) * a_loads;
  let a_at_0_3 = (batch * size_m + min(tile.y * 32u + a_line_0 + 3u, size_m - 1u)) * a_loads;
  let b_at_0_0 = (batch * size_n + min(tile.x * 32u + b_line_0, size_n - 1u)) * b_loads;
  let b_at_0_1 = (batch * size_n + min(tile.x * 32u + b_line_0 + 1u, size_n - 1u)) * b_loads;
  let b_at_0_2 = (batch * size_n + min(tile.x * 32u + b_line_0 + 2u, size_n - 1u)) * b_loads;
  let b_at_0_3 = (batch * size_n + min(tile.x * 32u + b_line_0 + 3u, size_n - 1u)) * b_loads;

  if (local < 32u) {
    a_0_0_0 = fetch_a(a_at_0_0 + min(a_step_0, a_loads - 1u));
    a_0_1_0 = fetch_a(a_at_0_1 + min(a_step_0, a_loads - 1u));
    a_0_2_0 = fetch_a(a_at_0_2 + min(a_step_0, a_loads - 1u));
    a_0_3_0 = fetch_a(a_at_0_3 + min(a_step_0, a_loads - 1u));
  }
  if (local < 32u) {
    b_0_0_0 = fetch_b(b_at_0_0 + min(b_step_0, b_loads - 1u));
    b_0_1_0 = fetch_b(b_at_0_1 + min(b_step_0, b_loads - 1u));
    b_0_2_0 = fetch_b(b_at_0_2 + min(b_step_0, b_loads - 1u));
    b_0_3_0 = fetch_b(b_at_0_3 + min(b_step_0, b_loads - 1u));
  }
  for (var k0 = 0u; k0 < size_k; k0 += 16u) {
    if (local < 32u) {
      let a_inside_0_0 = k0 / 4u + a_step_0 < a_loads;
      let a_0_row_0_0 = select(vec4<f32>(), a_0_0_0, a_inside_0_0);
      let a_0_row_1_0 = select(vec4<f32>(), a_0_1_0, a_inside_0_0);
      let a_0_row_2_0 = select(vec4<f32>(), a_0_2_0, a_inside_0_0);
      let a_0_row_3_0 = select(vec4<f32>(), a_0_3_0, a_inside_0_0);
      a_tile[a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
      a_tile[a_put_0 + 9u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
      a_tile[a_put_0 + 18u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
      a_tile[a_put_0 + 27u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
    }
    if (local < 32u) {
      let b_inside_0_0 = k0 / 4u + b_step_0 < b_loads;
      let b_0_row_0_0 = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
      let b_0_row_1_0 = select(vec4<f32>(), b_0_1_0, b_inside_0_0);
      let b_0_row_2_0 = select(vec4<f32>(), b_0_2_0, b_inside_0_0);
      let b_0_row_3_0 = select(vec4<f32>(), b_0_3_0, b_inside_0_0);
      b_tile[b_put_0] = vec4<f32>(b_0_row_0_0.x, b_0_row_1_0.x, b_0_row_2_0.x, b_0_row_3_0.x);
      b_tile[b_put_0 + 9u] = vec4<f32>(b_0_row_0_0.y, b_0_row_1_0.y, b_0_row_2_0.y, b_0_row_3_0.y);
      b_tile[b_put_0 + 18u] = vec4<f32>(b_0_row_0_0.z, b_0_row_1_0.z, b_0_row_2_0.z, b_0_row_3_0.z);
      b_tile[b_put_0 + 27u] = vec4<f32>(b_0_row_0_0.w, b_0_row_1_0.w, b_0_row_2_0.w, b_0_row_3_0.w);
    }
    workgroupBarrier();
    let next = k0 + 16u;
    if (local < 32u) {
      a_0_0_0 = fetch_a(a_at_0_0 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_1_0 = fetch_a(a_at_0_1 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_2_0 = fetch_a(a_at_0_2 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_3_0 = fetch_a(a_at_0_3 + min(next / 4u + a_step_0, a_loads - 1u));
    }
    if (local < 32u) {
      b_0_0_0 = fetch_b(b_at_0_0 + min(next / 4u + b_step_0, b_loads - 1u));
      b_0_1_0 = fetch_b(b_at_0_1 + min(next / 4u + b_step_0, b_loads - 1u));
      b_0_2_0 = fetch_b(b_at_0_2 + min(next / 4u + b_step_0, b_loads - 1u));
      b_0_3_0 = fetch_b(b_at_0_3 + min(next / 4u + b_step_0, b_loads - 1u));
    }
    for (var kk = 0u; kk < 16u; kk += 8u) {
      let a_0_0 = a_tile[a_from + kk * 9u];
      let b_0_0 = b_tile[b_from + kk * 9u];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[a_from + kk * 9u + 9u];
      let b_1_0 = b_tile[b_from + kk * 9u + 9u];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      let a_2_0 = a_tile[a_from + kk * 9u + 18u];
      let b_2_0 = b_tile[b_from + kk * 9u + 18u];
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      let a_3_0 = a_tile[a_from + kk * 9u + 27u];
      let b_3_0 = b_tile[b_from + kk * 9u + 27u];
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
      let a_4_0 = a_tile[a_from + kk * 9u + 36u];
      let b_4_0 = b_tile[b_from + kk * 9u + 36u];
      acc_0_0 += b_4_0 * a_4_0.x;
      acc_1_0 += b_4_0 * a_4_0.y;
      acc_2_0 += b_4_0 * a_4_0.z;
      acc_3_0 += b_4_0 * a_4_0.w;
      let a_5_0 = a_tile[a_from + kk * 9u + 45u];
      let b_5_0 = b_tile[b_from + kk * 9u + 45u];
      acc_0_0 += b_5_0 * a_5_0.x;
      acc_1_0 += b_5_0 * a_5_0.y;
      acc_2_0 += b_5_0 * a_5_0.z;
      acc_3_0 += b_5_0 * a_5_0.w;
      let a_6_0 = a_tile[a_from + kk * 9u + 54u];
      let b_6_0 = b_tile[b_from + kk * 9u + 54u];
      acc_0_0 += b_6_0 * a_6_0.x;
      acc_1_0 += b_6_0 * a_6_0.y;
      acc_2_0 += b_6_0 * a_6_0.z;
      acc_3_0 += b_6_0 * a_6_0.w;
      let a_7_0 = a_tile[a_from + kk * 9u + 63u];
      let b_7_0 = b_tile[b_from + kk * 9u + 63u];
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
