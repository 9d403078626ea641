// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=8 wo=8 tp=4 to=1 vec=1 prepack=1 filter_outer=0 stage_w=1 stage_x=1 bk=16 pad=0 vec_k=1 vec_p=4 unroll=4 prefetch=0 stages=1 split=1 band=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/3)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/3)*9*4 bytes, output 0

// kernel 0: grid ceil(o*(c/3)*9/64), 1, 1; uniforms c, o; bindings w, packed (written)
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
  let channels_in = shape.c / 3u;
  let channels_out = shape.o / 3u;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 9u)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 9u;
  let c = i / (channels_out * 9u) % channels_in;
  let part = i / (channels_out * 9u * channels_in);
  let channel = part * channels_out + o;
  store_packed(i, load_w((channel * 9u + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/32), ceil(o/3/8), 3; uniforms n, c, h, w, o, oh, ow; bindings x, w, y (written)
alias Value = f32;
alias Pixels = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

// erf by Abramowitz and Stegun, 7.1.26: absolute error below 1.5e-7.
fn gelu(v: Value) -> Value {
  let x = abs(v) * 0.7071067811865476;
  let t = Value(1.0) / (1.0 + 0.3275911 * x);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf = 1.0 - series * exp(max(-x * x, Value(-80.0)));
  return 0.5 * (v + abs(v) * erf);
}

var<workgroup> w_tile: array<Value, 128>;
var<workgroup> x_tile: array<Pixels, 128>;

// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / 9u;
  let below = k % 9u / 3u * 2u;
  let beside = k % 3u * 2u;
  let at = origin + (below * 20u + beside) * 6u + channel;
  let is_inside = (k < 18u) & (y + below < 17u) & (x + beside < 20u);
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_p = local.y;
  let lane_o = local.x;
  let size_c = 6u;
  let size_h = 17u;
  let size_w = 20u;
  let size_ow = 10u;
  let plane = 9u * size_ow;
  let pixels = 2u * plane;
  let channels_in = 2u;
  let channels_out = 4u;
  let channel_vectors = channels_out;
  let terms = 18u;
  let tiles_p = (pixels + 31u) / 32u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let part = group / (tiles_p * tiles_o) % 3u;

  let local_index = local.y * 8u + local.x;
  let w_fast_0 = local_index % 8u;
  let w_slow_0 = local_index / 8u;
  let w_slow_1 = local_index / 8u + 8u;

  let x_fast_0 = local_index % 16u;
  let x_slow_0 = local_index / 16u;
  let x_slow_1 = local_index / 16u + 4u;

  let pixel_0 = min(tile_p * 32u + x_slow_0 * 4u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * 6u + part * channels_in;
  let pixel_1 = min(tile_p * 32u + x_slow_0 * 4u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * 6u + part * channels_in;
  let pixel_2 = min(tile_p * 32u + x_slow_0 * 4u + 2u, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow * 2u - 2u;
  let x_2 = pixel_2 % size_ow * 2u - 2u;
  let origin_2 = (((pixel_2 / plane) * size_h + y_2) * size_w + x_2) * 6u + part * channels_in;
  let pixel_3 = min(tile_p * 32u + x_slow_0 * 4u + 3u, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow * 2u - 2u;
  let x_3 = pixel_3 % size_ow * 2u - 2u;
  let origin_3 = (((pixel_3 / plane) * size_h + y_3) * size_w + x_3) * 6u + part * channels_in;
  let pixel_4 = min(tile_p * 32u + x_slow_1 * 4u, pixels - 1u);
  let y_4 = pixel_4 % plane / size_ow * 2u - 2u;
  let x_4 = pixel_4 % size_ow * 2u - 2u;
  let origin_4 = (((pixel_4 / plane) * size_h + y_4) * size_w + x_4) * 6u + part * channels_in;
  let pixel_5 = min(tile_p * 32u + x_slow_1 * 4u + 1u, pixels - 1u);
  let y_5 = pixel_5 % plane / size_ow * 2u - 2u;
  let x_5 = pixel_5 % size_ow * 2u - 2u;
  let origin_5 = (((pixel_5 / plane) * size_h + y_5) * size_w + x_5) * 6u + part * channels_in;
  let pixel_6 = min(tile_p * 32u + x_slow_1 * 4u + 2u, pixels - 1u);
  let y_6 = pixel_6 % plane / size_ow * 2u - 2u;
  let x_6 = pixel_6 % size_ow * 2u - 2u;
  let origin_6 = (((pixel_6 / plane) * size_h + y_6) * size_w + x_6) * 6u + part * channels_in;
  let pixel_7 = min(tile_p * 32u + x_slow_1 * 4u + 3u, pixels - 1u);
  let y_7 = pixel_7 % plane / size_ow * 2u - 2u;
  let x_7 = pixel_7 % size_ow * 2u - 2u;
  let origin_7 = (((pixel_7 / plane) * size_h + y_7) * size_w + x_7) * 6u + part * channels_in;
  let channel_0 = tile_o * 8u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (terms + 15u) / 16u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 16u;

    let w_fetched_0_0 = select(Value(0.0), load_w((part * terms + min(start + w_slow_0, terms - 1u)) * channel_vectors + min(tile_o * 8u + w_fast_0, channel_vectors - 1u)), start + w_slow_0 < terms);
    let w_fetched_1_0 = select(Value(0.0), load_w((part * terms + min(start + w_slow_1, terms - 1u)) * channel_vectors + min(tile_o * 8u + w_fast_0, channel_vectors - 1u)), start + w_slow_1 < terms);

    w_tile[w_slow_0 * 8u + w_fast_0] = w_fetched_0_0;
    w_tile[w_slow_1 * 8u + w_fast_0] = w_fetched_1_0;

    let x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_fast_0);
    let x_fetched_0_0_1 = pixel_at(origin_1, y_1, x_1, start + x_fast_0);
    let x_fetched_0_0_2 = pixel_at(origin_2, y_2, x_2, start + x_fast_0);
    let x_fetched_0_0_3 = pixel_at(origin_3, y_3, x_3, start + x_fast_0);
    let x_fetched_1_0_0 = pixel_at(origin_4, y_4, x_4, start + x_fast_0);
    let x_fetched_1_0_1 = pixel_at(origin_5, y_5, x_5, start + x_fast_0);
    let x_fetched_1_0_2 = pixel_at(origin_6, y_6, x_6, start + x_fast_0);
    let x_fetched_1_0_3 = pixel_at(origin_7, y_7, x_7, start + x_fast_0);

    x_tile[x_fast_0 * 8u + x_slow_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1, x_fetched_0_0_2, x_fetched_0_0_3);
    x_tile[x_fast_0 * 8u + x_slow_1] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1, x_fetched_1_0_2, x_fetched_1_0_3);

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let w_0_0 = w_tile[kk * 8u + lane_o];
      let x_0_0 = x_tile[kk * 8u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_0.z;
      acc_3_0 += w_0_0 * x_0_0.w;
      let w_1_0 = w_tile[(kk + 1u) * 8u + lane_o];
      let x_1_0 = x_tile[(kk + 1u) * 8u + lane_p];
      acc_0_0 += w_1_0 * x_1_0.x;
      acc_1_0 += w_1_0 * x_1_0.y;
      acc_2_0 += w_1_0 * x_1_0.z;
      acc_3_0 += w_1_0 * x_1_0.w;
      let w_2_0 = w_tile[(kk + 2u) * 8u + lane_o];
      let x_2_0 = x_tile[(kk + 2u) * 8u + lane_p];
      acc_0_0 += w_2_0 * x_2_0.x;
      acc_1_0 += w_2_0 * x_2_0.y;
      acc_2_0 += w_2_0 * x_2_0.z;
      acc_3_0 += w_2_0 * x_2_0.w;
      let w_3_0 = w_tile[(kk + 3u) * 8u + lane_o];
      let x_3_0 = x_tile[(kk + 3u) * 8u + lane_p];
      acc_0_0 += w_3_0 * x_3_0.x;
      acc_1_0 += w_3_0 * x_3_0.y;
      acc_2_0 += w_3_0 * x_3_0.z;
      acc_3_0 += w_3_0 * x_3_0.w;
    }
    workgroupBarrier();
  }

  let out_0 = tile_p * 32u + lane_p * 4u;
  if ((out_0 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_0 * (channel_vectors * 3u) + channel;
    var v = acc_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  let out_1 = tile_p * 32u + lane_p * 4u + 1u;
  if ((out_1 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_1 * (channel_vectors * 3u) + channel;
    var v = acc_1_0;
    v = gelu(v);
    store_y(index, v);
  }
  let out_2 = tile_p * 32u + lane_p * 4u + 2u;
  if ((out_2 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_2 * (channel_vectors * 3u) + channel;
    var v = acc_2_0;
    v = gelu(v);
    store_y(index, v);
  }
  let out_3 = tile_p * 32u + lane_p * 4u + 3u;
  if ((out_3 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_3 * (channel_vectors * 3u) + channel;
    var v = acc_3_0;
    v = gelu(v);
    store_y(index, v);
  }
}
