// conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu
// conv2d/pointwise
// wp=32 wo=2 tp=1 to=4 vec=2 stage_a=0 stage_b=1 bk=16 pad=0 vec_k=2 vec_r=1 unroll=8 prefetch=0 split=1 band=2 baked=0 packed=0
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

// kernel 1: grid ceil(n*oh*ow/32), ceil(o/8), 1; uniforms n, c, o, oh, ow; bindings x, w, residual, y (written)
alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<vec2<f32>>;

fn load_x(i: u32) -> vec2<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec2<f32>>;

fn load_w(i: u32) -> vec2<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec2<f32>>;

fn load_residual(i: u32) -> vec2<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<vec2<f32>>;

fn store_y(i: u32, v: vec2<f32>) {
  y[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> b_tile: array<Value, 64>;

@compute @workgroup_size(2, 32)
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
  let size_k = shape.c;
  let rows = shape.n * shape.oh * shape.ow;
  let columns = shape.o;
  let column_vectors = columns / 2u;
  let tiles_r = (rows + 31u) / 32u;
  let tiles_c = (columns + 7u) / 8u;
  let tile = group % (tiles_r * tiles_c);
  let band_start = tile / (2u * tiles_r) * 2u;
  let band_width = min(2u, tiles_c - band_start);
  let tile_r = tile % (2u * tiles_r) / band_width;
  let tile_c = band_start + tile % (2u * tiles_r) % band_width;

  let local_index = local.y * 2u + local.x;

  let b_fast_0 = local_index % 4u;
  let b_slow_0 = local_index / 4u;

  let a_at_0 = min(tile_r * 32u + lane_r, rows - 1u) * (size_k / 2u);
  let column_0 = tile_c * 4u + lane_c;
  let column_1 = tile_c * 4u + 2u + lane_c;
  let b_at_0 = min(tile_c * 4u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);

  let slabs = (size_k + 15u) / 16u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 16u;

    let b_fetched_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);

    b_tile[b_slow_0 * 4u + b_fast_0] = b_fetched_0_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 8u) {
      let a_0_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + kk, size_k - 2u)) / 2u), start + kk < size_k);
      let b_0_0 = b_tile[kk * 4u + lane_c];
      let b_0_1 = b_tile[kk * 4u + 2u + lane_c];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_0_1 += b_0_1 * a_0_0.x;
      let b_1_0 = b_tile[(kk + 1u) * 4u + lane_c];
      let b_1_1 = b_tile[(kk + 1u) * 4u + 2u + lane_c];
      acc_0_0 += b_1_0 * a_0_0.y;
      acc_0_1 += b_1_1 * a_0_0.y;
      let a_2_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + kk + 2u, size_k - 2u)) / 2u), start + kk + 2u < size_k);
      let b_2_0 = b_tile[(kk + 2u) * 4u + lane_c];
      let b_2_1 = b_tile[(kk + 2u) * 4u + 2u + lane_c];
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_0_1 += b_2_1 * a_2_0.x;
      let b_3_0 = b_tile[(kk + 3u) * 4u + lane_c];
      let b_3_1 = b_tile[(kk + 3u) * 4u + 2u + lane_c];
      acc_0_0 += b_3_0 * a_2_0.y;
      acc_0_1 += b_3_1 * a_2_0.y;
      let a_4_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + kk + 4u, size_k - 2u)) / 2u), start + kk + 4u < size_k);
      let b_4_0 = b_tile[(kk + 4u) * 4u + lane_c];
      let b_4_1 = b_tile[(kk + 4u) * 4u + 2u + lane_c];
      acc_0_0 += b_4_0 * a_4_0.x;
      acc_0_1 += b_4_1 * a_4_0.x;
      let b_5_0 = b_tile[(kk + 5u) * 4u + lane_c];
      let b_5_1 = b_tile[(kk + 5u) * 4u + 2u + lane_c];
      acc_0_0 += b_5_0 * a_4_0.y;
      acc_0_1 += b_5_1 * a_4_0.y;
      let a_6_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + kk + 6u, size_k - 2u)) / 2u), start + kk + 6u < size_k);
      let b_6_0 = b_tile[(kk + 6u) * 4u + lane_c];
      let b_6_1 = b_tile[(kk + 6u) * 4u + 2u + lane_c];
      acc_0_0 += b_6_0 * a_6_0.x;
      acc_0_1 += b_6_1 * a_6_0.x;
      let b_7_0 = b_tile[(kk + 7u) * 4u + lane_c];
      let b_7_1 = b_tile[(kk + 7u) * 4u + 2u + lane_c];
      acc_0_0 += b_7_0 * a_6_0.y;
      acc_0_1 += b_7_1 * a_6_0.y;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 32u + lane_r;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = row_0 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_0_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    let index = row_0 * column_vectors + column_1;
    let channel = column_1;
    var v = acc_0_1;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
}
