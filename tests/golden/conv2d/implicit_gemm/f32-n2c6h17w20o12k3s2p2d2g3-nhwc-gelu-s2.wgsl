// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=64 wo=1 tp=1 to=8 vec=1 prepack=1 filter_outer=0 stage_w=0 stage_x=1 bk=8 pad=0 vec_k=1 vec_p=1 unroll=1 prefetch=1 split=2 band=1 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/3)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/3)*9*4 bytes, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 2*n*o*oh*ow*4 bytes, output 0

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

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/3/8), 6; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
alias Value = f32;

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

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> x_tile: array<f32, 512>;

// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / 9u;
  let below = k % 9u / 3u * 2u;
  let beside = k % 3u * 2u;
  let at = origin + (below * shape.w + beside) * shape.c + channel;
  let is_inside = (k < shape.c / 3u * 9u) & (y + below < shape.h) & (x + beside < shape.w);
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
}

@compute @workgroup_size(1, 64)
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
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let size_ow = shape.ow;
  let plane = shape.oh * size_ow;
  let pixels = shape.n * plane;
  let channels_in = shape.c / 3u;
  let channels_out = shape.o / 3u;
  let channel_vectors = channels_out;
  let terms = shape.c / 3u * 9u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let part = group / (tiles_p * tiles_o) % 3u;
  let share = group / (tiles_p * tiles_o * 3u);

  let local_index = local.y + local.x;

  let x_fast_0 = local_index % 8u;
  let x_slow_0 = local_index / 8u;
  let x_slow_1 = local_index / 8u + 8u;
  let x_slow_2 = local_index / 8u + 16u;
  let x_slow_3 = local_index / 8u + 24u;
  let x_slow_4 = local_index / 8u + 32u;
  let x_slow_5 = local_index / 8u + 40u;
  let x_slow_6 = local_index / 8u + 48u;
  let x_slow_7 = local_index / 8u + 56u;

  let pixel_0 = min(tile_p * 64u + x_slow_0, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * size_c + part * channels_in;
  let pixel_1 = min(tile_p * 64u + x_slow_1, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * size_c + part * channels_in;
  let pixel_2 = min(tile_p * 64u + x_slow_2, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow * 2u - 2u;
  let x_2 = pixel_2 % size_ow * 2u - 2u;
  let origin_2 = (((pixel_2 / plane) * size_h + y_2) * size_w + x_2) * size_c + part * channels_in;
  let pixel_3 = min(tile_p * 64u + x_slow_3, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow * 2u - 2u;
  let x_3 = pixel_3 % size_ow * 2u - 2u;
  let origin_3 = (((pixel_3 / plane) * size_h + y_3) * size_w + x_3) * size_c + part * channels_in;
  let pixel_4 = min(tile_p * 64u + x_slow_4, pixels - 1u);
  let y_4 = pixel_4 % plane / size_ow * 2u - 2u;
  let x_4 = pixel_4 % size_ow * 2u - 2u;
  let origin_4 = (((pixel_4 / plane) * size_h + y_4) * size_w + x_4) * size_c + part * channels_in;
  let pixel_5 = min(tile_p * 64u + x_slow_5, pixels - 1u);
  let y_5 = pixel_5 % plane / size_ow * 2u - 2u;
  let x_5 = pixel_5 % size_ow * 2u - 2u;
  let origin_5 = (((pixel_5 / plane) * size_h + y_5) * size_w + x_5) * size_c + part * channels_in;
  let pixel_6 = min(tile_p * 64u + x_slow_6, pixels - 1u);
  let y_6 = pixel_6 % plane / size_ow * 2u - 2u;
  let x_6 = pixel_6 % size_ow * 2u - 2u;
  let origin_6 = (((pixel_6 / plane) * size_h + y_6) * size_w + x_6) * size_c + part * channels_in;
  let pixel_7 = min(tile_p * 64u + x_slow_7, pixels - 1u);
  let y_7 = pixel_7 % plane / size_ow * 2u - 2u;
  let x_7 = pixel_7 % size_ow * 2u - 2u;
  let origin_7 = (((pixel_7 / plane) * size_h + y_7) * size_w + x_7) * size_c + part * channels_in;
  let channel_0 = tile_o * 8u + lane_o;
  let channel_1 = tile_o * 8u + 1u + lane_o;
  let channel_2 = tile_o * 8u + 2u + lane_o;
  let channel_3 = tile_o * 8u + 3u + lane_o;
  let channel_4 = tile_o * 8u + 4u + lane_o;
  let channel_5 = tile_o * 8u + 5u + lane_o;
  let channel_6 = tile_o * 8u + 6u + lane_o;
  let channel_7 = tile_o * 8u + 7u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);

  let slabs = (terms + 7u) / 8u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  let start = min(first_slab, slabs - 1u) * 8u;

  var x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_fast_0);
  var x_fetched_1_0_0 = pixel_at(origin_1, y_1, x_1, start + x_fast_0);
  var x_fetched_2_0_0 = pixel_at(origin_2, y_2, x_2, start + x_fast_0);
  var x_fetched_3_0_0 = pixel_at(origin_3, y_3, x_3, start + x_fast_0);
  var x_fetched_4_0_0 = pixel_at(origin_4, y_4, x_4, start + x_fast_0);
  var x_fetched_5_0_0 = pixel_at(origin_5, y_5, x_5, start + x_fast_0);
  var x_fetched_6_0_0 = pixel_at(origin_6, y_6, x_6, start + x_fast_0);
  var x_fetched_7_0_0 = pixel_at(origin_7, y_7, x_7, start + x_fast_0);

  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    x_tile[x_fast_0 * 64u + x_slow_0] = x_fetched_0_0_0;
    x_tile[x_fast_0 * 64u + x_slow_1] = x_fetched_1_0_0;
    x_tile[x_fast_0 * 64u + x_slow_2] = x_fetched_2_0_0;
    x_tile[x_fast_0 * 64u + x_slow_3] = x_fetched_3_0_0;
    x_tile[x_fast_0 * 64u + x_slow_4] = x_fetched_4_0_0;
    x_tile[x_fast_0 * 64u + x_slow_5] = x_fetched_5_0_0;
    x_tile[x_fast_0 * 64u + x_slow_6] = x_fetched_6_0_0;
    x_tile[x_fast_0 * 64u + x_slow_7] = x_fetched_7_0_0;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let start = min(slab + 1u, slabs - 1u) * 8u;

      x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_fast_0);
      x_fetched_1_0_0 = pixel_at(origin_1, y_1, x_1, start + x_fast_0);
      x_fetched_2_0_0 = pixel_at(origin_2, y_2, x_2, start + x_fast_0);
      x_fetched_3_0_0 = pixel_at(origin_3, y_3, x_3, start + x_fast_0);
      x_fetched_4_0_0 = pixel_at(origin_4, y_4, x_4, start + x_fast_0);
      x_fetched_5_0_0 = pixel_at(origin_5, y_5, x_5, start + x_fast_0);
      x_fetched_6_0_0 = pixel_at(origin_6, y_6, x_6, start + x_fast_0);
      x_fetched_7_0_0 = pixel_at(origin_7, y_7, x_7, start + x_fast_0);
    }
    let start = slab * 8u;

    for (var kk = 0u; kk < 8u; kk += 1u) {
      let w_0_0 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + kk < terms);
      let w_0_1 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + kk < terms);
      let w_0_2 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_2, channel_vectors - 1u)), start + kk < terms);
      let w_0_3 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_3, channel_vectors - 1u)), start + kk < terms);
      let w_0_4 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_4, channel_vectors - 1u)), start + kk < terms);
      let w_0_5 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_5, channel_vectors - 1u)), start + kk < terms);
      let w_0_6 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_6, channel_vectors - 1u)), start + kk < terms);
      let w_0_7 = select(Value(0.0), load_w((part * terms + min(start + kk, terms - 1u)) * channel_vectors + min(channel_7, channel_vectors - 1u)), start + kk < terms);
      let x_0_0 = x_tile[kk * 64u + lane_p];
      acc_0_0 += w_0_0 * x_0_0;
      acc_0_1 += w_0_1 * x_0_0;
      acc_0_2 += w_0_2 * x_0_0;
      acc_0_3 += w_0_3 * x_0_0;
      acc_0_4 += w_0_4 * x_0_0;
      acc_0_5 += w_0_5 * x_0_0;
      acc_0_6 += w_0_6 * x_0_0;
      acc_0_7 += w_0_7 * x_0_0;
    }
    workgroupBarrier();
  }

  let outputs = pixels * channels_out * 3u;
  let out_0 = tile_p * 64u + lane_p;
  if ((out_0 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_0);
  }
  if ((out_0 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_1);
  }
  if ((out_0 < pixels) & (channel_2 < channel_vectors)) {
    let channel = part * channel_vectors + channel_2;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_2);
  }
  if ((out_0 < pixels) & (channel_3 < channel_vectors)) {
    let channel = part * channel_vectors + channel_3;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_3);
  }
  if ((out_0 < pixels) & (channel_4 < channel_vectors)) {
    let channel = part * channel_vectors + channel_4;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_4);
  }
  if ((out_0 < pixels) & (channel_5 < channel_vectors)) {
    let channel = part * channel_vectors + channel_5;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_5);
  }
  if ((out_0 < pixels) & (channel_6 < channel_vectors)) {
    let channel = part * channel_vectors + channel_6;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_6);
  }
  if ((out_0 < pixels) & (channel_7 < channel_vectors)) {
    let channel = part * channel_vectors + channel_7;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_7);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, y (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> sums: array<f32>;

fn load_sums(i: u32) -> f32 {
  return sums[i];
}

@group(0) @binding(2) var<storage, read_write> y: array<f32>;

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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let index = group * 64u + local.x;
  let outputs = shape.n * shape.o * shape.oh * shape.ow;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v = gelu(v);
  store_y(index, v);
}
