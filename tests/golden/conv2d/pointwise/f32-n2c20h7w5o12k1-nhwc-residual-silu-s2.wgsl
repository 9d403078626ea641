// conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu
// conv2d/pointwise
// wp=64 wo=4 tp=1 to=1 vec=1 stage_a=1 stage_b=0 bk=8 pad=0 vec_k=2 vec_r=1 unroll=8 prefetch=1 stages=2 split=1 band=4 baked=1 packed=0
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

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/4), 1; uniforms n, c, o, oh, ow; bindings x, w, residual, y (written)
alias Value = f32;

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

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> a_tile: array<f32, 1024>;

@compute @workgroup_size(4, 64)
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
  let column_vectors = columns;
  let tiles_r = (rows + 63u) / 64u;
  let tiles_c = (columns + 3u) / 4u;
  let tile = group % (tiles_r * tiles_c);
  let band_start = tile / (4u * tiles_r) * 4u;
  let band_width = min(4u, tiles_c - band_start);
  let tile_r = tile % (4u * tiles_r) / band_width;
  let tile_c = band_start + tile % (4u * tiles_r) % band_width;

  let local_index = local.y * 4u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;

  let a_at_0 = min(tile_r * 64u + a_slow_0, rows - 1u) * (size_k / 2u);
  let column_0 = tile_c * 4u + lane_c;
  let b_at_0 = column_0;

  var acc_0_0 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  let start = 0u;
  var a_fetched_0_0_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);

  for (var slab = 0u; slab < slabs; slab += 1u) {
    a_tile[slab % 2u * 512u + a_fast_0 * 2u * 64u + a_slow_0] = a_fetched_0_0_0.x;
    a_tile[slab % 2u * 512u + (a_fast_0 * 2u + 1u) * 64u + a_slow_0] = a_fetched_0_0_0.y;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let start = min(slab + 1u, slabs - 1u) * 8u;
      a_fetched_0_0_0 = select(vec2<f32>(0.0), load_x(a_at_0 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);
    }
    let start = slab * 8u;
    let a_0_0 = a_tile[slab % 2u * 512u + lane_r];
    let b_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start, size_k - 1u)) * column_vectors), start < size_k);
    acc_0_0 += b_0_0 * a_0_0;
    let a_1_0 = a_tile[slab % 2u * 512u + 64u + lane_r];
    let b_1_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 1u, size_k - 1u)) * column_vectors), start + 1u < size_k);
    acc_0_0 += b_1_0 * a_1_0;
    let a_2_0 = a_tile[slab % 2u * 512u + 128u + lane_r];
    let b_2_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 2u, size_k - 1u)) * column_vectors), start + 2u < size_k);
    acc_0_0 += b_2_0 * a_2_0;
    let a_3_0 = a_tile[slab % 2u * 512u + 192u + lane_r];
    let b_3_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 3u, size_k - 1u)) * column_vectors), start + 3u < size_k);
    acc_0_0 += b_3_0 * a_3_0;
    let a_4_0 = a_tile[slab % 2u * 512u + 256u + lane_r];
    let b_4_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 4u, size_k - 1u)) * column_vectors), start + 4u < size_k);
    acc_0_0 += b_4_0 * a_4_0;
    let a_5_0 = a_tile[slab % 2u * 512u + 320u + lane_r];
    let b_5_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 5u, size_k - 1u)) * column_vectors), start + 5u < size_k);
    acc_0_0 += b_5_0 * a_5_0;
    let a_6_0 = a_tile[slab % 2u * 512u + 384u + lane_r];
    let b_6_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 6u, size_k - 1u)) * column_vectors), start + 6u < size_k);
    acc_0_0 += b_6_0 * a_6_0;
    let a_7_0 = a_tile[slab % 2u * 512u + 448u + lane_r];
    let b_7_0 = select(Value(0.0), load_w(b_at_0 + (min(start + 7u, size_k - 1u)) * column_vectors), start + 7u < size_k);
    acc_0_0 += b_7_0 * a_7_0;
  }

  let row_0 = tile_r * 64u + lane_r;
  if (row_0 < rows) {
    let index = row_0 * column_vectors + column_0;
    let channel = column_0;
    var v = acc_0_0;
    v += load_residual(index);
    v = silu(v);
    store_y(index, v);
  }
}
