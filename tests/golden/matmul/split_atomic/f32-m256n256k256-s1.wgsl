// matmul:f32:m256n256k256
// matmul/split_atomic
// bm=64 bn=128 tm=4 tn=16 lanes=32 lanes_n=2 bk=16 unroll=8 vec_a=1 vec_b=4 turn_a=0 turn_b=0 pad=4 pipeline=2 deal=0 band=0 split=16 baked=0 half_tiles=0 packed=0
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

// kernel 1: grid ceil(n/128), ceil(m/64), b*16; uniforms b, m, n, k; bindings a, b, c (written)
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

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn fetch_b(i: u32) -> vec4<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<atomic<f32>>;

// The column (x) and the row (y) of the tile that is visited at this place.
fn tile_at(place: u32, tiles_m: u32, tiles_n: u32) -> vec2<u32> {
  return vec2<u32>(place / tiles_m, place % tiles_m);
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

var<workgroup> a_tile: array<vec4<f32>, 640>;
var<workgroup> b_tile: array<vec4<f32>, 1056>;

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
  let a_loads = size_k;
  let b_loads = size_n / 4u;
  let tiles_m = (size_m + 63u) / 64u;
  let tiles_n = (size_n + 127u) / 128u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 16u;
  let batch = group / (tiles_m * tiles_n * 16u);
  // Parts of whole slabs.
  let slabs = (size_k + 15u) / 16u;
  let length = (slabs + 15u) / 16u * 16u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 4u * 64u + lane / 2u * 4u;
  let block_column = sub_tile % 4u * 32u + lane % 2u * 16u;
  let a_from = block_row * 5u;
  let b_from = block_column / 4u;

  var acc_0_0 = vec4<f32>();
  var acc_0_1 = vec4<f32>();
  var acc_0_2 = vec4<f32>();
  var acc_0_3 = vec4<f32>();
  var acc_1_0 = vec4<f32>();
  var acc_1_1 = vec4<f32>();
  var acc_1_2 = vec4<f32>();
  var acc_1_3 = vec4<f32>();
  var acc_2_0 = vec4<f32>();
  var acc_2_1 = vec4<f32>();
  var acc_2_2 = vec4<f32>();
  var acc_2_3 = vec4<f32>();
  var acc_3_0 = vec4<f32>();
  var acc_3_1 = vec4<f32>();
  var acc_3_2 = vec4<f32>();
  var acc_3_3 = vec4<f32>();

  let a_across_0 = local % 4u;
  let a_line_0 = local / 4u;
  let a_step_0 = a_across_0 * 4u;
  let a_put_0 = a_line_0 * 5u + a_across_0;
  var a_0_0_0: f32;
  var a_0_0_1: f32;
  var a_0_0_2: f32;
  var a_0_0_3: f32;
  let a_across_1 = (local + 128u) % 4u;
  let a_line_1 = (local + 128u) / 4u;
  let a_step_1 = a_across_1 * 4u;
  let a_put_1 = a_line_1 * 5u + a_across_1;
  var a_1_0_0: f32;
  var a_1_0_1: f32;
  var a_1_0_2: f32;
  var a_1_0_3: f32;
  let b_across_0 = local % 32u;
  let b_line_0 = local / 32u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 33u + b_across_0;
  var b_0_0_0: vec4<f32>;
  let b_across_1 = (local + 128u) % 32u;
  let b_line_1 = (local + 128u) / 32u;
  let b_step_1 = b_line_1;
  let b_put_1 = b_line_1 * 33u + b_across_1;
  var b_1_0_0: vec4<f32>;
  let b_across_2 = (local + 256u) % 32u;
  let b_line_2 = (local + 256u) / 32u;
  let b_step_2 = b_line_2;
  let b_put_2 = b_line_2 * 33u + b_across_2;
  var b_2_0_0: vec4<f32>;
  let b_across_3 = (local + 384u) % 32u;
  let b_line_3 = (local + 384u) / 32u;
  let b_step_3 = b_line_3;
  let b_put_3 = b_line_3 * 33u + b_across_3;
  var b_3_0_0: vec4<f32>;

  let a_at_0_0 = (batch * size_m + min(tile.y * 64u + a_line_0, size_m - 1u)) * a_loads;
  let a_at_1_0 = (batch * size_m + min(tile.y * 64u + a_line_1, size_m - 1u)) * a_loads;
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_0, b_loads - 1u);
  let b_at_1_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_1, b_loads - 1u);
  let b_at_2_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_2, b_loads - 1u);
  let b_at_3_0 = batch * size_k * b_loads + min(tile.x * 32u + b_across_3, b_loads - 1u);

  let first_copy = first / 16u % 2u;
  a_0_0_0 = fetch_a(a_at_0_0 + min(first + a_step_0, a_loads - 1u));
  a_0_0_1 = fetch_a(a_at_0_0 + min(first + a_step_0 + 1u, a_loads - 1u));
  a_0_0_2 = fetch_a(a_at_0_0 + min(first + a_step_0 + 2u, a_loads - 1u));
  a_0_0_3 = fetch_a(a_at_0_0 + min(first + a_step_0 + 3u, a_loads - 1u));
  a_1_0_0 = fetch_a(a_at_1_0 + min(first + a_step_1, a_loads - 1u));
  a_1_0_1 = fetch_a(a_at_1_0 + min(first + a_step_1 + 1u, a_loads - 1u));
  a_1_0_2 = fetch_a(a_at_1_0 + min(first + a_step_1 + 2u, a_loads - 1u));
  a_1_0_3 = fetch_a(a_at_1_0 + min(first + a_step_1 + 3u, a_loads - 1u));
  b_0_0_0 = fetch_b(b_at_0_0 + min(first + b_step_0, size_k - 1u) * b_loads);
  b_1_0_0 = fetch_b(b_at_1_0 + min(first + b_step_1, size_k - 1u) * b_loads);
  b_2_0_0 = fetch_b(b_at_2_0 + min(first + b_step_2, size_k - 1u) * b_loads);
  b_3_0_0 = fetch_b(b_at_3_0 + min(first + b_step_3, size_k - 1u) * b_loads);
  let a_inside_0_0 = first + a_step_0 < a_loads;
  let a_inside_0_1 = first + a_step_0 + 1u < a_loads;
  let a_inside_0_2 = first + a_step_0 + 2u < a_loads;
  let a_inside_0_3 = first + a_step_0 + 3u < a_loads;
  let a_inside_1_0 = first + a_step_1 < a_loads;
  let a_inside_1_1 = first + a_step_1 + 1u < a_loads;
  let a_inside_1_2 = first + a_step_1 + 2u < a_loads;
  let a_inside_1_3 = first + a_step_1 + 3u < a_loads;
  a_tile[first_copy * 320u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_1), select(f32(), a_0_0_2, a_inside_0_2), select(f32(), a_0_0_3, a_inside_0_3));
  a_tile[first_copy * 320u + a_put_1] = vec4<f32>(select(f32(), a_1_0_0, a_inside_1_0), select(f32(), a_1_0_1, a_inside_1_1), select(f32(), a_1_0_2, a_inside_1_2), select(f32(), a_1_0_3, a_inside_1_3));
  let b_inside_0_0 = first + b_step_0 < size_k;
  let b_inside_1_0 = first + b_step_1 < size_k;
  let b_inside_2_0 = first + b_step_2 < size_k;
  let b_inside_3_0 = first + b_step_3 < size_k;
  b_tile[first_copy * 528u + b_put_0] = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
  b_tile[first_copy * 528u + b_put_1] = select(vec4<f32>(), b_1_0_0, b_inside_1_0);
  b_tile[first_copy * 528u + b_put_2] = select(vec4<f32>(), b_2_0_0, b_inside_2_0);
  b_tile[first_copy * 528u + b_put_3] = select(vec4<f32>(), b_3_0_0, b_inside_3_0);
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
    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);
    b_1_0_0 = fetch_b(b_at_1_0 + min(next + b_step_1, size_k - 1u) * b_loads);
    b_2_0_0 = fetch_b(b_at_2_0 + min(next + b_step_2, size_k - 1u) * b_loads);
    b_3_0_0 = fetch_b(b_at_3_0 + min(next + b_step_3, size_k - 1u) * b_loads);
    let a_now = this_copy * 320u + a_from;
    let b_now = this_copy * 528u + b_from;
    for (var kk = 0u; kk < 16u; kk += 8u) {
      let a_quad_0_0 = a_tile[a_now + kk / 4u];
      let a_quad_0_1 = a_tile[a_now + kk / 4u + 5u];
      let a_quad_0_2 = a_tile[a_now + kk / 4u + 10u];
      let a_quad_0_3 = a_tile[a_now + kk / 4u + 15u];
      let b_0_0 = b_tile[b_now + kk * 33u];
      let b_0_1 = b_tile[b_now + kk * 33u + 1u];
      let b_0_2 = b_tile[b_now + kk * 33u + 2u];
      let b_0_3 = b_tile[b_now + kk * 33u + 3u];
      acc_0_0 += b_0_0 * a_quad_0_0.x;
      acc_0_1 += b_0_1 * a_quad_0_0.x;
      acc_0_2 += b_0_2 * a_quad_0_0.x;
      acc_0_3 += b_0_3 * a_quad_0_0.x;
      acc_1_0 += b_0_0 * a_quad_0_1.x;
      acc_1_1 += b_0_1 * a_quad_0_1.x;
      acc_1_2 += b_0_2 * a_quad_0_1.x;
      acc_1_3 += b_0_3 * a_quad_0_1.x;
      acc_2_0 += b_0_0 * a_quad_0_2.x;
      acc_2_1 += b_0_1 * a_quad_0_2.x;
      acc_2_2 += b_0_2 * a_quad_0_2.x;
      acc_2_3 += b_0_3 * a_quad_0_2.x;
      acc_3_0 += b_0_0 * a_quad_0_3.x;
      acc_3_1 += b_0_1 * a_quad_0_3.x;
      acc_3_2 += b_0_2 * a_quad_0_3.x;
      acc_3_3 += b_0_3 * a_quad_0_3.x;
      let b_1_0 = b_tile[b_now + kk * 33u + 33u];
      let b_1_1 = b_tile[b_now + kk * 33u + 34u];
      let b_1_2 = b_tile[b_now + kk * 33u + 35u];
      let b_1_3 = b_tile[b_now + kk * 33u + 36u];
      acc_0_0 += b_1_0 * a_quad_0_0.y;
      acc_0_1 += b_1_1 * a_quad_0_0.y;
      acc_0_2 += b_1_2 * a_quad_0_0.y;
      acc_0_3 += b_1_3 * a_quad_0_0.y;
      acc_1_0 += b_1_0 * a_quad_0_1.y;
      acc_1_1 += b_1_1 * a_quad_0_1.y;
      acc_1_2 += b_1_2 * a_quad_0_1.y;
      acc_1_3 += b_1_3 * a_quad_0_1.y;
      acc_2_0 += b_1_0 * a_quad_0_2.y;
      acc_2_1 += b_1_1 * a_quad_0_2.y;
      acc_2_2 += b_1_2 * a_quad_0_2.y;
      acc_2_3 += b_1_3 * a_quad_0_2.y;
      acc_3_0 += b_1_0 * a_quad_0_3.y;
      acc_3_1 += b_1_1 * a_quad_0_3.y;
      acc_3_2 += b_1_2 * a_quad_0_3.y;
      acc_3_3 += b_1_3 * a_quad_0_3.y;
      let b_2_0 = b_tile[b_now + kk * 33u + 66u];
      let b_2_1 = b_tile[b_now + kk * 33u + 67u];
      let b_2_2 = b_tile[b_now + kk * 33u + 68u];
      let b_2_3 = b_tile[b_now + kk * 33u + 69u];
      acc_0_0 += b_2_0 * a_quad_0_0.z;
      acc_0_1 += b_2_1 * a_quad_0_0.z;
      acc_0_2 += b_2_2 * a_quad_0_0.z;
      acc_0_3 += b_2_3 * a_quad_0_0.z;
      acc_1_0 += b_2_0 * a_quad_0_1.z;
      acc_1_1 += b_2_1 * a_quad_0_1.z;
      acc_1_2 += b_2_2 * a_quad_0_1.z;
      acc_1_3 += b_2_3 * a_quad_0_1.z;
      acc_2_0 += b_2_0 * a_quad_0_2.z;
      acc_2_1 += b_2_1 * a_quad_0_2.z;
      acc_2_2 += b_2_2 * a_quad_0_2.z;
      acc_2_3 += b_2_3 * a_quad_0_2.z;
      acc_3_0 += b_2_0 * a_quad_0_3.z;
      acc_3_1 += b_2_1 * a_quad_0_3.z;
      acc_3_2 += b_2_2 * a_quad_0_3.z;
      acc_3_3 += b_2_3 * a_quad_0_3.z;
      let b_3_0 = b_tile[b_now + kk * 33u + 99u];
      let b_3_1 = b_tile[b_now + kk * 33u + 100u];
      let b_3_2 = b_tile[b_now + kk * 33u + 101u];
      let b_3_3 = b_tile[b_now + kk * 33u + 102u];
      acc_0_0 += b_3_0 * a_quad_0_0.w;
      acc_0_1 += b_3_1 * a_quad_0_0.w;
      acc_0_2 += b_3_2 * a_quad_0_0.w;
      acc_0_3 += b_3_3 * a_quad_0_0.w;
      acc_1_0 += b_3_0 * a_quad_0_1.w;
      acc_1_1 += b_3_1 * a_quad_0_1.w;
      acc_1_2 += b_3_2 * a_quad_0_1.w;
      acc_1_3 += b_3_3 * a_quad_0_1.w;
      acc_2_0 += b_3_0 * a_quad_0_2.w;
      acc_2_1 += b_3_1 * a_quad_0_2.w;
      acc_2_2 += b_3_2 * a_quad_0_2.w;
      acc_2_3 += b_3_3 * a_quad_0_2.w;
      acc_3_0 += b_3_0 * a_quad_0_3.w;
      acc_3_1 += b_3_1 * a_quad_0_3.w;
      acc_3_2 += b_3_2 * a_quad_0_3.w;
      acc_3_3 += b_3_3 * a_quad_0_3.w;
      let a_quad_4_0 = a_tile[a_now + kk / 4u + 1u];
      let a_quad_4_1 = a_tile[a_now + kk / 4u + 6u];
      let a_quad_4_2 = a_tile[a_now + kk / 4u + 11u];
      let a_quad_4_3 = a_tile[a_now + kk / 4u + 16u];
      let b_4_0 = b_tile[b_now + kk * 33u + 132u];
      let b_4_1 = b_tile[b_now + kk * 33u + 133u];
      let b_4_2 = b_tile[b_now + kk * 33u + 134u];
      let b_4_3 = b_tile[b_now + kk * 33u + 135u];
      acc_0_0 += b_4_0 * a_quad_4_0.x;
      acc_0_1 += b_4_1 * a_quad_4_0.x;
      acc_0_2 += b_4_2 * a_quad_4_0.x;
      acc_0_3 += b_4_3 * a_quad_4_0.x;
      acc_1_0 += b_4_0 * a_quad_4_1.x;
      acc_1_1 += b_4_1 * a_quad_4_1.x;
      acc_1_2 += b_4_2 * a_quad_4_1.x;
      acc_1_3 += b_4_3 * a_quad_4_1.x;
      acc_2_0 += b_4_0 * a_quad_4_2.x;
      acc_2_1 += b_4_1 * a_quad_4_2.x;
      acc_2_2 += b_4_2 * a_quad_4_2.x;
      acc_2_3 += b_4_3 * a_quad_4_2.x;
      acc_3_0 += b_4_0 * a_quad_4_3.x;
      acc_3_1 += b_4_1 * a_quad_4_3.x;
      acc_3_2 += b_4_2 * a_quad_4_3.x;
      acc_3_3 += b_4_3 * a_quad_4_3.x;
      let b_5_0 = b_tile[b_now + kk * 33u + 165u];
      let b_5_1 = b_tile[b_now + kk * 33u + 166u];
      let b_5_2 = b_tile[b_now + kk * 33u + 167u];
      let b_5_3 = b_tile[b_now + kk * 33u + 168u];
      acc_0_0 += b_5_0 * a_quad_4_0.y;
      acc_0_1 += b_5_1 * a_quad_4_0.y;
      acc_0_2 += b_5_2 * a_quad_4_0.y;
      acc_0_3 += b_5_3 * a_quad_4_0.y;
      acc_1_0 += b_5_0 * a_quad_4_1.y;
      acc_1_1 += b_5_1 * a_quad_4_1.y;
      acc_1_2 += b_5_2 * a_quad_4_1.y;
      acc_1_3 += b_5_3 * a_quad_4_1.y;
      acc_2_0 += b_5_0 * a_quad_4_2.y;
      acc_2_1 += b_5_1 * a_quad_4_2.y;
      acc_2_2 += b_5_2 * a_quad_4_2.y;
      acc_2_3 += b_5_3 * a_quad_4_2.y;
      acc_3_0 += b_5_0 * a_quad_4_3.y;
      acc_3_1 += b_5_1 * a_quad_4_3.y;
      acc_3_2 += b_5_2 * a_quad_4_3.y;
      acc_3_3 += b_5_3 * a_quad_4_3.y;
      let b_6_0 = b_tile[b_now + kk * 33u + 198u];
      let b_6_1 = b_tile[b_now + kk * 33u + 199u];
      let b_6_2 = b_tile[b_now + kk * 33u + 200u];
      let b_6_3 = b_tile[b_now + kk * 33u + 201u];
      acc_0_0 += b_6_0 * a_quad_4_0.z;
      acc_0_1 += b_6_1 * a_quad_4_0.z;
      acc_0_2 += b_6_2 * a_quad_4_0.z;
      acc_0_3 += b_6_3 * a_quad_4_0.z;
      acc_1_0 += b_6_0 * a_quad_4_1.z;
      acc_1_1 += b_6_1 * a_quad_4_1.z;
      acc_1_2 += b_6_2 * a_quad_4_1.z;
      acc_1_3 += b_6_3 * a_quad_4_1.z;
      acc_2_0 += b_6_0 * a_quad_4_2.z;
      acc_2_1 += b_6_1 * a_quad_4_2.z;
      acc_2_2 += b_6_2 * a_quad_4_2.z;
      acc_2_3 += b_6_3 * a_quad_4_2.z;
      acc_3_0 += b_6_0 * a_quad_4_3.z;
      acc_3_1 += b_6_1 * a_quad_4_3.z;
      acc_3_2 += b_6_2 * a_quad_4_3.z;
      acc_3_3 += b_6_3 * a_quad_4_3.z;
      let b_7_0 = b_tile[b_now + kk * 33u + 231u];
      let b_7_1 = b_tile[b_now + kk * 33u + 232u];
      let b_7_2 = b_tile[b_now + kk * 33u + 233u];
      let b_7_3 = b_tile[b_now + kk * 33u + 234u];
      acc_0_0 += b_7_0 * a_quad_4_0.w;
      acc_0_1 += b_7_1 * a_quad_4_0.w;
      acc_0_2 += b_7_2 * a_quad_4_0.w;
      acc_0_3 += b_7_3 * a_quad_4_0.w;
      acc_1_0 += b_7_0 * a_quad_4_1.w;
      acc_1_1 += b_7_1 * a_quad_4_1.w;
      acc_1_2 += b_7_2 * a_quad_4_1.w;
      acc_1_3 += b_7_3 * a_quad_4_1.w;
      acc_2_0 += b_7_0 * a_quad_4_2.w;
      acc_2_1 += b_7_1 * a_quad_4_2.w;
      acc_2_2 += b_7_2 * a_quad_4_2.w;
      acc_2_3 += b_7_3 * a_quad_4_2.w;
      acc_3_0 += b_7_0 * a_quad_4_3.w;
      acc_3_1 += b_7_1 * a_quad_4_3.w;
      acc_3_2 += b_7_2 * a_quad_4_3.w;
      acc_3_3 += b_7_3 * a_quad_4_3.w;
    }
    let a_inside_0_0 = next + a_step_0 < a_loads;
    let a_inside_0_1 = next + a_step_0 + 1u < a_loads;
    let a_inside_0_2 = next + a_step_0 + 2u < a_loads;
    let a_inside_0_3 = next + a_step_0 + 3u < a_loads;
    let a_inside_1_0 = next + a_step_1 < a_loads;
    let a_inside_1_1 = next + a_step_1 + 1u < a_loads;
    let a_inside_1_2 = next + a_step_1 + 2u < a_loads;
    let a_inside_1_3 = next + a_step_1 + 3u < a_loads;
    a_tile[other_copy * 320u + a_put_0] = vec4<f32>(select(f32(), a_0_0_0, a_inside_0_0), select(f32(), a_0_0_1, a_inside_0_1), select(f32(), a_0_0_2, a_inside_0_2), select(f32(), a_0_0_3, a_inside_0_3));
    a_tile[other_copy * 320u + a_put_1] = vec4<f32>(select(f32(), a_1_0_0, a_inside_1_0), select(f32(), a_1_0_1, a_inside_1_1), select(f32(), a_1_0_2, a_inside_1_2), select(f32(), a_1_0_3, a_inside_1_3));
    let b_inside_0_0 = next + b_step_0 < size_k;
    let b_inside_1_0 = next + b_step_1 < size_k;
    let b_inside_2_0 = next + b_step_2 < size_k;
    let b_inside_3_0 = next + b_step_3 < size_k;
    b_tile[other_copy * 528u + b_put_0] = select(vec4<f32>(), b_0_0_0, b_inside_0_0);
    b_tile[other_copy * 528u + b_put_1] = select(vec4<f32>(), b_1_0_0, b_inside_1_0);
    b_tile[other_copy * 528u + b_put_2] = select(vec4<f32>(), b_2_0_0, b_inside_2_0);
    b_tile[other_copy * 528u + b_put_3] = select(vec4<f32>(), b_3_0_0, b_inside_3_0);
    workgroupBarrier();
  }

  let row = tile.y * 64u + block_row;
  let column = tile.x * 128u + block_column;
  let matrix = batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row, column + 4u, acc_0_1);
  finish(matrix, row, column + 8u, acc_0_2);
  finish(matrix, row, column + 12u, acc_0_3);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 1u, column + 4u, acc_1_1);
  finish(matrix, row + 1u, column + 8u, acc_1_2);
  finish(matrix, row + 1u, column + 12u, acc_1_3);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 2u, column + 4u, acc_2_1);
  finish(matrix, row + 2u, column + 8u, acc_2_2);
  finish(matrix, row + 2u, column + 12u, acc_2_3);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 3u, column + 4u, acc_3_1);
  finish(matrix, row + 3u, column + 8u, acc_3_2);
  finish(matrix, row + 3u, column + 12u, acc_3_3);
}
