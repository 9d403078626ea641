// matmul:f16:m64n48k32:tn+bias+relu
// matmul/blocked
// bm=64 bn=32 tm=4 tn=4 lanes=32 lanes_n=4 bk=32 unroll=2 vec_a=2 vec_b=2 turn_a=0 turn_b=0 pad=4 pipeline=0 deal=0 band=0 split=1 baked=1 half_tiles=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/32), ceil(m/64), b*1; uniforms b, m, n, k; bindings a, b, bias, c (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> a: array<vec2<f16>>;

fn fetch_a(i: u32) -> vec2<f16> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f16>>;

fn fetch_b(i: u32) -> vec2<f16> {
  return b[i];
}

@group(0) @binding(3) var<storage, read> bias: array<vec4<f16>>;

fn load_bias(i: u32) -> vec4<f32> {
  return vec4<f32>(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f16>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = vec4<f16>(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  return vec2<u32>(place / tiles_m, place % tiles_m);
}

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  if (column >= 48u) {
    return;
  }
  let index = (matrix * 64u + row) * 12u + column / 4u;
  var v = sum;
  v += load_bias(column / 4u);
  v = relu(v);
  store_c(index, v);
}

var<workgroup> a_tile: array<vec4<f16>, 544>;
var<workgroup> b_tile: array<vec4<f16>, 288>;

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
  let size_m = 64u;
  let size_n = 48u;
  let size_k = 32u;
  let a_loads = size_m / 2u;
  let b_loads = size_n / 2u;
  let tiles_m = (size_m + 63u) / 64u;
  let tiles_n = (size_n + 31u) / 32u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let batch = group / (tiles_m * tiles_n);

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 2u * 32u + lane / 4u * 4u;
  let block_column = sub_tile % 2u * 16u + lane % 4u * 4u;
  let a_from = block_row / 4u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_3_0 = vec4<f32>();

  let a_across_0 = local % 16u;
  let a_line_0 = local / 16u;
  let a_step_0 = a_line_0;
  let a_put_0 = a_line_0 * 17u + a_across_0;
  var a_0_0_0: vec2<f16>;
  var a_0_0_1: vec2<f16>;
  let a_across_1 = (local + 128u) % 16u;
  let a_line_1 = (local + 128u) / 16u;
  let a_step_1 = a_line_1;
  let a_put_1 = a_line_1 * 17u + a_across_1;
  var a_1_0_0: vec2<f16>;
  var a_1_0_1: vec2<f16>;
  let a_across_2 = (local + 256u) % 16u;
  let a_line_2 = (local + 256u) / 16u;
  let a_step_2 = a_line_2;
  let a_put_2 = a_line_2 * 17u + a_across_2;
  var a_2_0_0: vec2<f16>;
  var a_2_0_1: vec2<f16>;
  let a_across_3 = (local + 384u) % 16u;
  let a_line_3 = (local + 384u) / 16u;
  let a_step_3 = a_line_3;
  let a_put_3 = a_line_3 * 17u + a_across_3;
  var a_3_0_0: vec2<f16>;
  var a_3_0_1: vec2<f16>;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 9u + b_across_0;
  var b_0_0_0: vec2<f16>;
  var b_0_0_1: vec2<f16>;
  let b_across_1 = (local + 128u) % 8u;
  let b_line_1 = (local + 128u) / 8u;
  let b_step_1 = b_line_1;
  let b_put_1 = b_line_1 * 9u + b_across_1;
  var b_1_0_0: vec2<f16>;
  var b_1_0_1: vec2<f16>;

  let a_at_0_0 = batch * size_k * a_loads + tile.y * 32u + a_across_0 * 2u;
  let a_at_0_1 = batch * size_k * a_loads + tile.y * 32u + a_across_0 * 2u + 1u;
  let a_at_1_0 = batch * size_k * a_loads + tile.y * 32u + a_across_1 * 2u;
  let a_at_1_1 = batch * size_k * a_loads + tile.y * 32u + a_across_1 * 2u + 1u;
  let a_at_2_0 = batch * size_k * a_loads + tile.y * 32u + a_across_2 * 2u;
  let a_at_2_1 = batch * size_k * a_loads + tile.y * 32u + a_across_2 * 2u + 1u;
  let a_at_3_0 = batch * size_k * a_loads + tile.y * 32u + a_across_3 * 2u;
  let a_at_3_1 = batch * size_k * a_loads + tile.y * 32u + a_across_3 * 2u + 1u;
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 16u + b_across_0 * 2u, b_loads - 1u);
  let b_at_0_1 = batch * size_k * b_loads + min(tile.x * 16u + b_across_0 * 2u + 1u, b_loads - 1u);
  let b_at_1_0 = batch * size_k * b_loads + min(tile.x * 16u + b_across_1 * 2u, b_loads - 1u);
  let b_at_1_1 = batch * size_k * b_loads + min(tile.x * 16u + b_across_1 * 2u + 1u, b_loads - 1u);

  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    a_0_0_0 = fetch_a(a_at_0_0 + (k0 + a_step_0) * a_loads);
    a_0_0_1 = fetch_a(a_at_0_1 + (k0 + a_step_0) * a_loads);
    a_1_0_0 = fetch_a(a_at_1_0 + (k0 + a_step_1) * a_loads);
    a_1_0_1 = fetch_a(a_at_1_1 + (k0 + a_step_1) * a_loads);
    a_2_0_0 = fetch_a(a_at_2_0 + (k0 + a_step_2) * a_loads);
    a_2_0_1 = fetch_a(a_at_2_1 + (k0 + a_step_2) * a_loads);
    a_3_0_0 = fetch_a(a_at_3_0 + (k0 + a_step_3) * a_loads);
    a_3_0_1 = fetch_a(a_at_3_1 + (k0 + a_step_3) * a_loads);
    b_0_0_0 = fetch_b(b_at_0_0 + (k0 + b_step_0) * b_loads);
    b_0_0_1 = fetch_b(b_at_0_1 + (k0 + b_step_0) * b_loads);
    b_1_0_0 = fetch_b(b_at_1_0 + (k0 + b_step_1) * b_loads);
    b_1_0_1 = fetch_b(b_at_1_1 + (k0 + b_step_1) * b_loads);
    a_tile[a_put_0] = vec4<f16>(vec4<f32>(vec2<f32>(a_0_0_0), vec2<f32>(a_0_0_1)));
    a_tile[a_put_1] = vec4<f16>(vec4<f32>(vec2<f32>(a_1_0_0), vec2<f32>(a_1_0_1)));
    a_tile[a_put_2] = vec4<f16>(vec4<f32>(vec2<f32>(a_2_0_0), vec2<f32>(a_2_0_1)));
    a_tile[a_put_3] = vec4<f16>(vec4<f32>(vec2<f32>(a_3_0_0), vec2<f32>(a_3_0_1)));
    b_tile[b_put_0] = vec4<f16>(vec4<f32>(vec2<f32>(b_0_0_0), vec2<f32>(b_0_0_1)));
    b_tile[b_put_1] = vec4<f16>(vec4<f32>(vec2<f32>(b_1_0_0), vec2<f32>(b_1_0_1)));
    workgroupBarrier();
    for (var kk = 0u; kk < 32u; kk += 2u) {
      let a_0_0 = vec4<f32>(a_tile[a_from + kk * 17u]);
      let b_0_0 = vec4<f32>(b_tile[b_from + kk * 9u]);
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = vec4<f32>(a_tile[a_from + kk * 17u + 17u]);
      let b_1_0 = vec4<f32>(b_tile[b_from + kk * 9u + 9u]);
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
    }
    workgroupBarrier();
  }

  let row = tile.y * 64u + block_row;
  let column = tile.x * 32u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 3u, column, acc_3_0);
}
