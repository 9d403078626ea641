// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/implicit_gemm
// wp=32 wo=1 tp=2 to=8 vec=4 prepack=1 filter_outer=0 stage_w=1 stage_x=1 bk=4 pad=1 vec_k=1 vec_p=1 unroll=4 prefetch=0 split=1 band=1 baked=0 packed=1
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*3*2 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*3*2 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*3/64), 1, 1; uniforms c, o; bindings w, packed (written)
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

@group(0) @binding(1) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read_write> packed: array<atomic<u32>>;

fn store_packed(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&packed[i >> 1u], ~(0xffffu << shift));
  atomicOr(&packed[i >> 1u], half);
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
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 3u)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 3u;
  let c = i / (channels_out * 3u) % channels_in;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 3u + f));
}

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/1/8), 1; uniforms n, c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  c: u32,
  h: u32,
  w: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> x: array<u32>;

fn load_x(i: u32) -> f32 {
  return unpack2x16float(x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> w: array<vec2<u32>>;

fn load_w(i: u32) -> vec4<f32> {
  let lanes = w[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
}

@group(0) @binding(3) var<storage, read> residual: array<u32>;

fn load_residual(i: u32) -> f32 {
  return unpack2x16float(residual[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> y: array<atomic<u32>>;

fn store_y(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&y[i >> 1u], ~(0xffffu << shift));
  atomicOr(&y[i >> 1u], half);
}

var<workgroup> w_tile: array<Value, 12>;
var<workgroup> x_tile: array<f32, 260>;

// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / 3u;
  let below = k % 3u / 3u;
  let beside = k % 3u;
  let at = origin + (channel * shape.h + below) * shape.w + beside;
  let is_inside = (k < shape.c * 3u) & (x + beside < shape.w);
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
}

@compute @workgroup_size(32, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_p = local.x;
  let lane_o = local.y;
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let size_ow = shape.ow;
  let plane = shape.oh * size_ow;
  let pixels = shape.n * plane;
  let channels_in = shape.c;
  let channels_out = shape.o;
  let channel_vectors = channels_out / 4u;
  let terms = shape.c * 3u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let local_index = local.y * 32u + local.x;
  let w_fast_0 = local_index % 2u;
  let w_slow_0 = local_index / 2u;

  let x_fast_0 = local_index;
  let x_fast_1 = local_index + 32u;
  let x_slow_0 = 0u;
  let x_slow_1 = 1u;
  let x_slow_2 = 2u;
  let x_slow_3 = 3u;

  let pixel_0 = min(tile_p * 64u + x_fast_0, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 64u + x_fast_1, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let channel_0 = tile_o * 2u + lane_o;
  let channel_1 = tile_o * 2u + 1u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);

  let slabs = (terms + 3u) / 4u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 4u;

    if (local_index < 8u) {
      let w_fetched_0_0 = select(Value(0.0), load_w((min(start + w_slow_0, terms - 1u)) * channel_vectors + min(tile_o * 2u + w_fast_0, channel_vectors - 1u)), start + w_slow_0 < terms);

      w_tile[w_slow_0 * 3u + w_fast_0] = w_fetched_0_0;
    }

    let x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_0);
    let x_fetched_0_1_0 = pixel_at(origin_1, y_1, x_1, start + x_slow_0);
    let x_fetched_1_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_1);
    let x_fetched_1_1_0 = pixel_at(origin_1, y_1, x_1, start + x_slow_1);
    let x_fetched_2_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_2);
    let x_fetched_2_1_0 = pixel_at(origin_1, y_1, x_1, start + x_slow_2);
    let x_fetched_3_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_3);
    let x_fetched_3_1_0 = pixel_at(origin_1, y_1, x_1, start + x_slow_3);

    x_tile[x_slow_0 * 65u + x_fast_0] = x_fetched_0_0_0;
    x_tile[x_slow_0 * 65u + x_fast_1] = x_fetched_0_1_0;
    x_tile[x_slow_1 * 65u + x_fast_0] = x_fetched_1_0_0;
    x_tile[x_slow_1 * 65u + x_fast_1] = x_fetched_1_1_0;
    x_tile[x_slow_2 * 65u + x_fast_0] = x_fetched_2_0_0;
    x_tile[x_slow_2 * 65u + x_fast_1] = x_fetched_2_1_0;
    x_tile[x_slow_3 * 65u + x_fast_0] = x_fetched_3_0_0;
    x_tile[x_slow_3 * 65u + x_fast_1] = x_fetched_3_1_0;

    workgroupBarrier();
    let w_0_0 = w_tile[lane_o];
    let w_0_1 = w_tile[1u + lane_o];
    let x_0_0 = x_tile[lane_p];
    let x_0_1 = x_tile[32u + lane_p];
    acc_0_0 += w_0_0 * x_0_0;
    acc_0_1 += w_0_1 * x_0_0;
    acc_1_0 += w_0_0 * x_0_1;
    acc_1_1 += w_0_1 * x_0_1;
    let w_1_0 = w_tile[3u + lane_o];
    let w_1_1 = w_tile[4u + lane_o];
    let x_1_0 = x_tile[65u + lane_p];
    let x_1_1 = x_tile[97u + lane_p];
    acc_0_0 += w_1_0 * x_1_0;
    acc_0_1 += w_1_1 * x_1_0;
    acc_1_0 += w_1_0 * x_1_1;
    acc_1_1 += w_1_1 * x_1_1;
    let w_2_0 = w_tile[6u + lane_o];
    let w_2_1 = w_tile[7u + lane_o];
    let x_2_0 = x_tile[130u + lane_p];
    let x_2_1 = x_tile[162u + lane_p];
    acc_0_0 += w_2_0 * x_2_0;
    acc_0_1 += w_2_1 * x_2_0;
    acc_1_0 += w_2_0 * x_2_1;
    acc_1_1 += w_2_1 * x_2_1;
    let w_3_0 = w_tile[9u + lane_o];
    let w_3_1 = w_tile[10u + lane_o];
    let x_3_0 = x_tile[195u + lane_p];
    let x_3_1 = x_tile[227u + lane_p];
    acc_0_0 += w_3_0 * x_3_0;
    acc_0_1 += w_3_1 * x_3_0;
    acc_1_0 += w_3_0 * x_3_1;
    acc_1_1 += w_3_1 * x_3_1;
    workgroupBarrier();
  }

  let out_0 = tile_p * 64u + lane_p;
  if ((out_0 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    var v = acc_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_0 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    var v = acc_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_1 = tile_p * 64u + (32u + lane_p);
  if ((out_1 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    var v = acc_1_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_1 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    var v = acc_1_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
