// matmul:f32:m256n256k256
// matmul/split_atomic
// bm=64 bn=256 tm=16 tn=8 lanes=32 lanes_n=32 bk=8 unroll=4 vec_a=4 vec_b=4 turn_a=2 turn_b=0 pad=4 pipeline=1 deal=1 band=16 split=32 baked=0 half_tiles=0 packed=0
// run: kernel 0 on output 0
// run: kernel 1 on input 0, input 1, output 0

// kernel 0: grid ceil(b*m*n/1024), 1, 1; uniforms b, m, n, k; bindings c (written)
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

@group(0) @binding(1) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
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
  let count = shape.b * shape.m * (shape.n / 4u);
  let first = group * 256u + local;
  if (first < count) {
    store_c(first, vec4<f32>(0.0));
  }
  if (first + 128u < count) {
    store_c(first + 128u, vec4<f32>(0.0));
  }
}

// kernel 1: grid ceil(n/256), ceil(m/64), b*32; uniforms b, m, n, k; bindings a, b, c (written)
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

@group(0) @binding(3) var<storage, read_write> c: array<atomic<f32>>;

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  let first = place / (16u * tiles_n) * 16u;
  let height = min(16u, tiles_m - first);
  let within = place % (16u * tiles_n);
  return vec2<u32>(within / height, first + within % height);
}

fn finish(matrix: u32, row: u32, column: u32, sum: Value) {
  if ((row >= shape.m) | (column >= shape.n)) {
    return;
  }
  let index = (matrix * shape.m + row) * shape.n + column;
  atomicAdd(&c[index], sum.x);
  atomicAdd(&c[index + 1u], sum.y);
  atomicAdd(&c[index + 2u], sum.z);
  atomicAdd(&c[index + 3u], sum.w);
}

var<workgroup> a_tile: array<vec4<f32>, 136>;
var<workgroup> b_tile: array<vec4<f32>, 520>;

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
  let a_loads = size_k / 4u;
  let b_loads = size_n / 4u;
  let tiles_m = (size_m + 63u) / 64u;
  let tiles_n = (size_n + 255u) / 256u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 32u;
  let batch = group / (tiles_m * tiles_n * 32u);
  // Parts of whole slabs.
  let slabs = (size_k + 7u) / 8u;
  let length = (slabs + 31u) / 32u * 8u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile * 16u + lane / 32u * 4u;
  let block_column = lane % 32u * 4u;
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
  let a_line_0 = local / 2u * 4u;
  let a_step_0 = a_across_0;
  let a_put_0 = a_across_0 * 68u + a_line_0 / 4u;
  var a_0_0_0: vec4<f32>;
  var a_0_1_0: vec4<f32>;
  var a_0_2_0: vec4<f32>;
  var a_0_3_0: vec4<f32>;
  let b_across_0 = local % 64u;
  let b_line_0 = local / 64u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 65u + b_across_0;
  var b_0_0_0: vec4<f32>;
  let b_across_1 = (local + 128u) % 64u;
  let b_line_1 = (local + 128u) / 64u;
  let b_step_1 = b_line_1;
  let b_put_1 = b_line_1 * 65u + b_across_1;
  var b_1_0_0: vec4<f32>;
  let b_across_2 = (local + 256u) % 64u;
  let b_line_2 = (local + 256u) / 64u;
  let b_step_2 = b_line_2;
  let b_put_2 = b_line_2 * 65u + b_across_2;
  var b_2_0_0: vec4<f32>;
  let b_across_3 = (local + 384u) % 64u;
  let b_line_3 = (local + 384u) / 64u;
  let b_step_3 = b_line_3;
  let b_put_3 = b_line_3 * 65u + b_across_3;
  var b_3_0_0: vec4<f32>;

  let a_at_0_0 = (batch * size_m + min(tile.y * 64u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_0_1 = (batch * size_m + min(tile.y * 64u + a_line_0 + 1u, size_m - 1u)) * a_loads;
  let a_at_0_2 = (batch * size_m + min(tile.y * 64u + a_line_0 + 2u, size_m - 1u)) * a_loads;
  let a_at_0_3 = (batch * size_m + min(tile.y * 64u + a_line_0 + 3u, size_m - 1u)) * a_loads;
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 64u + b_across_0, b_loads - 1u);
  let b_at_1_0 = batch * size_k * b_loads + min(tile.x * 64u + b_across_1, b_loads - 1u);
  let b_at_2_0 = batch * size_k * b_loads + min(tile.x * 64u + b_across_2, b_loads - 1u);
  let b_at_3_0 = batch * size_k * b_loads + min(tile.x * 64u + b_across_3, b_loads - 1u);

  if (local < 32u) {
    a_0_0_0 = fetch_a(a_at_0_0 + min(first / 4u + a_step_0, a_loads - 1u));
    a_0_1_0 = fetch_a(a_at_0_1 + min(first / 4u + a_step_0, a_loads - 1u));
    a_0_2_0 = fetch_a(a_at_0_2 + min(first / 4u + a_step_0, a_loads - 1u));
    a_0_3_0 = fetch_a(a_at_0_3 + min(first / 4u + a_step_0, a_loads - 1u));
  }
  b_0_0_0 = fetch_b(b_at_0_0 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_1_0_0 = fetch_b(b_at_1_0 + min(first + b_step_1, size_k - 1u) * b_loads);
  b_2_0_0 = fetch_b(b_at_2_0 + min(first + b_step_2, size_k - 1u) * b_loads);
  b_3_0_0 = fetch_b(b_at_3_0 + min(first + b_step_3, size_k - 1u) * b_loads);
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 8u) {
    if (local < 32u) {
      let a_inside_0_0 = k0 / 4u + a_step_0 < a_loads;
      let a_0_row_0_0 = select(vec4<f32>(), a_0_0_0, a_inside_0_0);
      let a_0_row_1_0 = select(vec4<f32>(), a_0_1_0, a_inside_0_0);
      let a_0_row_2_0 = select(vec4<f32>(), a_0_2_0, a_inside_0_0);
      let a_0_row_3_0 = select(vec4<f32>(), a_0_3_0, a_inside_0_0);
      a_tile[a_put_0] = vec4<f32>(a_0_row_0_0.x, a_0_row_1_0.x, a_0_row_2_0.x, a_0_row_3_0.x);
      a_tile[a_put_0 + 17u] = vec4<f32>(a_0_row_0_0.y, a_0_row_1_0.y, a_0_row_2_0.y, a_0_row_3_0.y);
      a_tile[a_put_0 + 34u] = vec4<f32>(a_0_row_0_0.z, a_0_row_1_0.z, a_0_row_2_0.z, a_0_row_3_0.z);
      a_tile[a_put_0 + 51u] = vec4<f32>(a_0_row_0_0.w, a_0_row_1_0.w, a_0_row_2_0.w, a_0_row_3_0.w);
    }
    let b_inside_0_0 = k0 + b_step_0 < size_k;
    let b_inside_1_0 = k0 + b_step_1 < size_k;
    let b_inside_2_0 = k0 + b_step_2 < size_k;
    let b_inside_3_0 = k0 + b_step_3 < size_k;
    b_tile[b_put_0] = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
    b_tile[b_put_1] = select(vec4<f32>(), b_1_0_0, b_inside_1_0);
    b_tile[b_put_2] = select(vec4<f32>(), b_2_0_0, b_inside_2_0);
    b_tile[b_put_3] = select(vec4<f32>(), b_3_0_0, b_inside_3_0);
    workgroupBarrier();
    let next = k0 + 8u;
    if (local < 32u) {
      a_0_0_0 = fetch_a(a_at_0_0 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_1_0 = fetch_a(a_at_0_1 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_2_0 = fetch_a(a_at_0_2 + min(next / 4u + a_step_0, a_loads - 1u));
      a_0_3_0 = fetch_a(a_at_0_3 + min(next / 4u + a_step_0, a_loads - 1u));
    }
    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_1_0_0 = fetch_b(b_at_1_0 + min(next + b_step_1, size_k - 1u) * b_loads);
    b_2_0_0 = fetch_b(b_at_2_0 + min(next + b_step_2, size_k - 1u) * b_loads);
    b_3_0_0 = fetch_b(b_at_3_0 + min(next + b_step_3, size_k - 1u) * b_loads);
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let a_0_0 = a_tile[a_from + kk * 17u];
      let a_0_1 = a_tile[a_from + kk * 17u + 1u];
      let a_0_2 = a_tile[a_from + kk * 17u + 2u];
      let a_0_3 = a_tile[a_from + kk * 17u + 3u];
      let b_0_0 = b_tile[b_from + kk * 65u];
      let b_0_1 = b_tile[b_from + kk * 65u + 32u];
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
      let a_1_0 = a_tile[a_from + kk * 17u + 17u];
      let a_1_1 = a_tile[a_from + kk * 17u + 18u];
      let a_1_2 = a_tile[a_from + kk * 17u + 19u];
      let a_1_3 = a_tile[a_from + kk * 17u + 20u];
      let b_1_0 = b_tile[b_from + kk * 65u + 65u];
      let b_1_1 = b_tile[b_from + kk * 65u + 97u];
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
      let a_2_0 = a_tile[a_from + kk * 17u + 34u];
      let a_2_1 = a_tile[a_from + kk * 17u + 35u];
      let a_2_2 = a_tile[a_from + kk * 17u + 36u];
      let a_2_3 = a_tile[a_from + kk * 17u + 37u];
      let b_2_0 = b_tile[b_from + kk * 65u + 130u];
      let b_2_1 = b_tile[b_from + kk * 65u + 162u];
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
      let a_3_0 = a_tile[a_from + kk * 17u + 51u];
      let a_3_1 = a_tile[a_from + kk * 17u + 52u];
      let a_3_2 = a_tile[a_from + kk * 17u + 53u];
      let a_3_3 = a_tile[a_from + kk * 17u + 54u];
      let b_3_0 = b_tile[b_from + kk * 65u + 195u];
      let b_3_1 = b_tile[b_from + kk * 65u + 227u];
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
    }
    workgroupBarrier();
  }

  let row = tile.y * 64u + block_row;
  let column = tile.x * 256u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row, column + 128u, acc_0_1);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 1u, column + 128u, acc_1_1);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 2u, column + 128u, acc_2_1);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 3u, column + 128u, acc_3_1);
  finish(matrix, row + 4u, column, acc_4_0);
  finish(matrix, row + 4u, column + 128u, acc_4_1);
  finish(matrix, row + 5u, column, acc_5_0);
  finish(matrix, row + 5u, column + 128u, acc_5_1);
  finish(matrix, row + 6u, column, acc_6_0);
  finish(matrix, row + 6u, column + 128u, acc_6_1);
  finish(matrix, row + 7u, column, acc_7_0);
  finish(matrix, row + 7u, column + 128u, acc_7_1);
  finish(matrix, row + 8u, column, acc_8_0);
  finish(matrix, row + 8u, column + 128u, acc_8_1);
  finish(matrix, row + 9u, column, acc_9_0);
  finish(matrix, row + 9u, column + 128u, acc_9_1);
  finish(matrix, row + 10u, column, acc_10_0);
  finish(matrix, row + 10u, column + 128u, acc_10_1);
  finish(matrix, row + 11u, column, acc_11_0);
  finish(matrix, row + 11u, column + 128u, acc_11_1);
  finish(matrix, row + 12u, column, acc_12_0);
  finish(matrix, row + 12u, column + 128u, acc_12_1);
  finish(matrix, row + 13u, column, acc_13_0);
  finish(matrix, row + 13u, column + 128u, acc_13_1);
  finish(matrix, row + 14u, column, acc_14_0);
  finish(matrix, row + 14u, column + 128u, acc_14_1);
  finish(matrix, row + 15u, column, acc_15_0);
  finish(matrix, row + 15u, column + 128u, acc_15_1);
}
