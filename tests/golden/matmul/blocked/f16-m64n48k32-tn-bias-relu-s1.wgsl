// matmul:f16:m64n48k32:tn+bias+relu
// matmul/blocked
// bm=32 bn=64 tm=8 tn=4 lanes=32 lanes_n=8 bk=4 unroll=4 vec_a=4 vec_b=8 turn_a=0 turn_b=0 pad=4 pipeline=1 deal=1 band=0 split=2 baked=1 half_tiles=1 packed=1
// run: kernel 0 on input 0, input 1, temporary `partial` of 8*b*m*n bytes
// run: kernel 1 on temporary `partial` of 8*b*m*n bytes, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/32), b*2; uniforms b, m, n, k; bindings a, b, partial (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;

fn fetch_a(i: u32) -> vec2<u32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;

fn fetch_b(i: u32) -> vec4<u32> {
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
  if (column >= 48u) {
    return;
  }
  let index = (matrix * 64u + row) * 12u + column / 4u;
  store_partial(index, sum);
}

var<workgroup> a_tile: array<vec4<f16>, 36>;
var<workgroup> b_tile: array<vec4<f16>, 68>;

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
  let size_m = 64u;
  let size_n = 48u;
  let size_k = 32u;
  let a_loads = size_m / 4u;
  let b_loads = size_n / 8u;
  let tiles_m = (size_m + 31u) / 32u;
  let tiles_n = (size_n + 63u) / 64u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
  let part = group / (tiles_m * tiles_n) % 2u;
  let batch = group / (tiles_m * tiles_n * 2u);
  // Parts of whole slabs.
  let slabs = (size_k + 3u) / 4u;
  let length = (slabs + 1u) / 2u * 4u;
  let first = part * length;

  let lane = local % 32u;
  let sub_tile = local / 32u;
  let block_row = sub_tile / 2u * 32u + lane / 8u * 4u;
  let block_column = sub_tile % 2u * 32u + lane % 8u * 4u;
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
  let a_line_0 = local / 8u;
  let a_step_0 = a_line_0;
  let a_put_0 = a_line_0 * 9u + a_across_0;
  var a_0_0_0: vec2<u32>;
  let b_across_0 = local % 8u;
  let b_line_0 = local / 8u;
  let b_step_0 = b_line_0;
  let b_put_0 = b_line_0 * 17u + b_across_0 * 2u;
  var b_0_0_0: vec4<u32>;

  let a_at_0_0 = batch * size_k * a_loads + tile.y * 8u + a_across_0;
  let b_at_0_0 = batch * size_k * b_loads + min(tile.x * 8u + b_across_0, b_loads - 1u);

  if (local < 32u) {
    a_0_0_0 = fetch_a(a_at_0_0 + (first + a_step_0) * a_loads);
  }
  if (local < 32u) {
    b_0_0_0 = fetch_b(b_at_0_0 + (first + b_step_0) * b_loads);
  }
  for (var k0 = first; k0 < min(first + length, size_k); k0 += 4u) {
    if (local < 32u) {
      a_tile[a_put_0] = vec4<f16>(vec4<f32>(unpack2x16float(a_0_0_0.x), unpack2x16float(a_0_0_0.y)));
    }
    if (local < 32u) {
      b_tile[b_put_0] = vec4<f16>(vec4<f32>(unpack2x16float(b_0_0_0.x), unpack2x16float(b_0_0_0.y)));
      b_tile[b_put_0 + 1u] = vec4<f16>(vec4<f32>(unpack2x16float(b_0_0_0.z), unpack2x16float(b_0_0_0.w)));
    }
    workgroupBarrier();
    let next = min(k0 + 4u, size_k - 4u);
    if (local < 32u) {
      a_0_0_0 = fetch_a(a_at_0_0 + (next + a_step_0) * a_loads);
    }
    if (local < 32u) {
      b_0_0_0 = fetch_b(b_at_0_0 + (next + b_step_0) * b_loads);
    }
    let a_0_0 = vec4<f32>(a_tile[a_from]);
    let a_0_1 = vec4<f32>(a_tile[a_from + 4u]);
    let b_0_0 = vec4<f32>(b_tile[b_from]);
    acc_0_0 += b_0_0 * a_0_0.x;
    acc_1_0 += b_0_0 * a_0_0.y;
    acc_2_0 += b_0_0 * a_0_0.z;
    acc_3_0 += b_0_0 * a_0_0.w;
    acc_4_0 += b_0_0 * a_0_1.x;
    acc_5_0 += b_0_0 * a_0_1.y;
    acc_6_0 += b_0_0 * a_0_1.z;
    acc_7_0 += b_0_0 * a_0_1.w;
    let a_1_0 = vec4<f32>(a_tile[a_from + 9u]);
    let a_1_1 = vec4<f32>(a_tile[a_from + 13u]);
    let b_1_0 = vec4<f32>(b_tile[b_from + 17u]);
    acc_0_0 += b_1_0 * a_1_0.x;
    acc_1_0 += b_1_0 * a_1_0.y;
    acc_2_0 += b_1_0 * a_1_0.z;
    acc_3_0 += b_1_0 * a_1_0.w;
    acc_4_0 += b_1_0 * a_1_1.x;
    acc_5_0 += b_1_0 * a_1_1.y;
    acc_6_0 += b_1_0 * a_1_1.z;
    acc_7_0 += b_1_0 * a_1_1.w;
    let a_2_0 = vec4<f32>(a_tile[a_from + 18u]);
    let a_2_1 = vec4<f32>(a_tile[a_from + 22u]);
    let b_2_0 = vec4<f32>(b_tile[b_from + 34u]);
    acc_0_0 += b_2_0 * a_2_0.x;
    acc_1_0 += b_2_0 * a_2_0.y;
    acc_2_0 += b_2_0 * a_2_0.z;
    acc_3_0 += b_2_0 * a_2_0.w;
    acc_4_0 += b_2_0 * a_2_1.x;
    acc_5_0 += b_2_0 * a_2_1.y;
    acc_6_0 += b_2_0 * a_2_1.z;
    acc_7_0 += b_2_0 * a_2_1.w;
    let a_3_0 = vec4<f32>(a_tile[a_from + 27u]);
    let a_3_1 = vec4<f32>(a_tile[a_from + 31u]);
    let b_3_0 = vec4<f32>(b_tile[b_from + 51u]);
    acc_0_0 += b_3_0 * a_3_0.x;
    acc_1_0 += b_3_0 * a_3_0.y;
    acc_2_0 += b_3_0 * a_3_0.z;
    acc_3_0 += b_3_0 * a_3_0.w;
    acc_4_0 += b_3_0 * a_3_1.x;
    acc_5_0 += b_3_0 * a_3_1.y;
    acc_6_0 += b_3_0 * a_3_1.z;
    acc_7_0 += b_3_0 * a_3_1.w;
    workgroupBarrier();
  }

  let row = tile.y * 32u + block_row;
  let column = tile.x * 64u + block_column;
  let matrix = part + batch;
  finish(matrix, row, column, acc_0_0);
  finish(matrix, row + 1u, column, acc_1_0);
  finish(matrix, row + 2u, column, acc_2_0);
  finish(matrix, row + 3u, column, acc_3_0);
  finish(matrix, row + 16u, column, acc_4_0);
  finish(matrix, row + 17u, column, acc_5_0);
  finish(matrix, row + 18u, column, acc_6_0);
  finish(matrix, row + 19u, column, acc_7_0);
}

// kernel 1: grid ceil(b*m*n/1024), 1, 1; uniforms b, m, n, k; bindings partial, bias, c (written)
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

@group(0) @binding(2) var<storage, read> bias: array<vec2<u32>>;

fn load_bias(i: u32) -> vec4<f32> {
  let lanes = bias[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
}

@group(0) @binding(3) var<storage, read_write> c: array<vec2<u32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw));
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
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
    let column = index % (shape.n / 4u);
    v += load_bias(column);
    v = relu(v);
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
