// conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu
// conv2d/pointwise
// wp=8 wo=4 tp=4 to=4 vec=4 stage_a=1 stage_b=1 bk=16 pad=0 vec_k=4 vec_r=4 unroll=4 prefetch=0 stages=1 split=1 band=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*1*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*1*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*1/64), 1, 1; uniforms c, o; bindings w, packed (written)
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  c: u32,
  o: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

fn store_packed(i: u32, v: f32) {
  packed[i] = v;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let channels_in = shape.c;
  let channels_out = shape.o;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 1u;
  let c = i / channels_out % channels_in;
  let channel = o;
  store_packed(i, load_w((channel + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/32), ceil(o/16), 1; uniforms n, c, o, oh, ow; bindings x, w, residual, y (written)
alias Value = vec4<f32>;
alias Rows = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  c: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;

fn load_x(i: u32) -> vec4<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

fn store_y(i: u32, v: vec4<f32>) {
  y[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> a_tile: array<Rows, 128>;
var<workgroup> b_tile: array<Value, 64>;

@compute @workgroup_size(4, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_c = local.x;
  let lane_r = local.y;
  let size_k = 20u;
  let rows = 70u;
  let columns = 12u;
  let column_vectors = columns / 4u;
  let tiles_r = (rows + 31u) / 32u;
  let tiles_c = (columns + 15u) / 16u;
  let tile_r = group % tiles_r;
  let tile_c = group / tiles_r % tiles_c;

  let local_index = local.y * 4u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;

  let b_fast_0 = local_index % 4u;
  let b_slow_0 = local_index / 4u;
  let b_slow_1 = local_index / 4u + 8u;

  let a_at_0 = min(tile_r * 32u + a_slow_0 * 4u, rows - 1u) * (size_k / 4u);
  let a_at_1 = min(tile_r * 32u + a_slow_0 * 4u + 1u, rows - 1u) * (size_k / 4u);
  let a_at_2 = min(tile_r * 32u + a_slow_0 * 4u + 2u, rows - 1u) * (size_k / 4u);
  let a_at_3 = min(tile_r * 32u + a_slow_0 * 4u + 3u, rows - 1u) * (size_k / 4u);
  let column_0 = tile_c * 4u + lane_c;
  let b_at_0 = min(tile_c * 4u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (size_k + 15u) / 16u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 16u;

    let a_fetched_0_0_0 = select(vec4<f32>(0.0), load_x(a_at_0 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_1 = select(vec4<f32>(0.0), load_x(a_at_1 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_2 = select(vec4<f32>(0.0), load_x(a_at_2 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);
    let a_fetched_0_0_3 = select(vec4<f32>(0.0), load_x(a_at_3 + (min(start + a_fast_0 * 4u, size_k - 4u)) / 4u), start + a_fast_0 * 4u < size_k);

    a_tile[a_fast_0 * 4u * 8u + a_slow_0] = Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x, a_fetched_0_0_2.x, a_fetched_0_0_3.x);
    a_tile[(a_fast_0 * 4u + 1u) * 8u + a_slow_0] = Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y, a_fetched_0_0_2.y, a_fetched_0_0_3.y);
    a_tile[(a_fast_0 * 4u + 2u) * 8u + a_slow_0] = Rows(a_fetched_0_0_0.z, a_fetched_0_0_1.z, a_fetched_0_0_2.z, a_fetched_0_0_3.z);
    a_tile[(a_fast_0 * 4u + 3u) * 8u + a_slow_0] = Rows(a_fetched_0_0_0.w, a_fetched_0_0_1.w, a_fetched_0_0_2.w, a_fetched_0_0_3.w);

    let b_fetched_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);
    let b_fetched_1_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_1, size_k - 1u)) * column_vectors), start + b_slow_1 < size_k);

    b_tile[b_slow_0 * 4u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 4u + b_fast_0] = b_fetched_1_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let a_0_0 = a_tile[kk * 8u + lane_r];
      let b_0_0 = b_tile[kk * 4u + lane_c];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[(kk + 1u) * 8u + lane_r];
      let b_1_0 = b_tile[(kk + 1u) * 4u + lane_c];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      let a_2_0 = a_tile[(kk + 2u) * 8u + lane_r];
      let b_2_0 = b_tile[(kk + 2u) * 4u + lane_c];
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      let a_3_0 = a_tile[(kk + 3u) * 8u + lane_r];
      let b_3_0 = b_tile[(kk + 3u) * 4u + lane_c];
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 32u + lane_r * 4u;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = row_0 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_0_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
  let row_1 = tile_r * 32u + lane_r * 4u + 1u;
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = row_1 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_1_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
  let row_2 = tile_r * 32u + lane_r * 4u + 2u;
  if ((row_2 < rows) & (column_0 < column_vectors)) {
    let index = row_2 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_2_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
  let row_3 = tile_r * 32u + lane_r * 4u + 3u;
  if ((row_3 < rows) & (column_0 < column_vectors)) {
    let index = row_3 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_3_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
}
