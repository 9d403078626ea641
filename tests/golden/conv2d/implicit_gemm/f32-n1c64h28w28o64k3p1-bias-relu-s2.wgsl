// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/implicit_gemm
// wp=64 wo=2 tp=8 to=2 vec=1 prepack=0 filter_outer=0 stage_w=0 stage_x=1 bk=8 pad=1 vec_k=1 vec_p=2 unroll=4 prefetch=0 split=8 band=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 8*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 8*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid ceil(n*oh*ow/512), ceil(o/1/4), 8; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
alias Value = f32;
alias Pixels = vec2<f32>;

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

var<workgroup> x_tile: array<Pixels, 2056>;

// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / 9u;
  let below = k % 9u / 3u;
  let beside = k % 3u;
  let at = origin + (channel * shape.h + below) * shape.w + beside;
  let is_inside = (k < shape.c * 9u) & (y + below < shape.h) & (x + beside < shape.w);
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
}

@compute @workgroup_size(64, 2)
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
  let channel_vectors = channels_out;
  let terms = shape.c * 9u;
  let tiles_p = (pixels + 511u) / 512u;
  let tiles_o = (channels_out + 3u) / 4u;
  let tile = group % (tiles_p * tiles_o);
  let band_start = tile / (2u * tiles_p) * 2u;
  let band_width = min(2u, tiles_o - band_start);
  let tile_p = tile % (2u * tiles_p) / band_width;
  let tile_o = band_start + tile % (2u * tiles_p) % band_width;

  let share = group / (tiles_p * tiles_o);

  let local_index = local.y * 64u + local.x;

  let x_fast_0 = local_index;
  let x_fast_1 = local_index + 128u;
  let x_slow_0 = 0u;
  let x_slow_1 = 1u;
  let x_slow_2 = 2u;
  let x_slow_3 = 3u;
  let x_slow_4 = 4u;
  let x_slow_5 = 5u;
  let x_slow_6 = 6u;
  let x_slow_7 = 7u;

  let pixel_0 = min(tile_p * 512u + x_fast_0 * 2u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow - 1u;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 512u + x_fast_0 * 2u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow - 1u;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let pixel_2 = min(tile_p * 512u + x_fast_1 * 2u, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow - 1u;
  let x_2 = pixel_2 % size_ow - 1u;
  let origin_2 = (((pixel_2 / plane) * size_c) * size_h + y_2) * size_w + x_2;
  let pixel_3 = min(tile_p * 512u + x_fast_1 * 2u + 1u, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow - 1u;
  let x_3 = pixel_3 % size_ow - 1u;
  let origin_3 = (((pixel_3 / plane) * size_c) * size_h + y_3) * size_w + x_3;
  let channel_0 = tile_o * 4u + lane_o;
  let channel_1 = tile_o * 4u + 2u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);

  let slabs = (terms + 7u) / 8u;
  let slabs_of_share = (slabs + 7u) / 8u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let start = slab * 8u;

    let x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_0);
    let x_fetched_0_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_0);
    let x_fetched_0_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_0);
    let x_fetched_0_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_0);
    let x_fetched_1_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_1);
    let x_fetched_1_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_1);
    let x_fetched_1_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_1);
    let x_fetched_1_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_1);
    let x_fetched_2_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_2);
    let x_fetched_2_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_2);
    let x_fetched_2_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_2);
    let x_fetched_2_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_2);
    let x_fetched_3_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_3);
    let x_fetched_3_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_3);
    let x_fetched_3_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_3);
    let x_fetched_3_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_3);
    let x_fetched_4_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_4);
    let x_fetched_4_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_4);
    let x_fetched_4_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_4);
    let x_fetched_4_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_4);
    let x_fetched_5_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_5);
    let x_fetched_5_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_5);
    let x_fetched_5_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_5);
    let x_fetched_5_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_5);
    let x_fetched_6_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_6);
    let x_fetched_6_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_6);
    let x_fetched_6_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_6);
    let x_fetched_6_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_6);
    let x_fetched_7_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_7);
    let x_fetched_7_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_7);
    let x_fetched_7_1_0 = pixel_at(origin_2, y_2, x_2, start + x_slow_7);
    let x_fetched_7_1_1 = pixel_at(origin_3, y_3, x_3, start + x_slow_7);

    x_tile[x_slow_0 * 257u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1);
    x_tile[x_slow_0 * 257u + x_fast_1] = Pixels(x_fetched_0_1_0, x_fetched_0_1_1);
    x_tile[x_slow_1 * 257u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1);
    x_tile[x_slow_1 * 257u + x_fast_1] = Pixels(x_fetched_1_1_0, x_fetched_1_1_1);
    x_tile[x_slow_2 * 257u + x_fast_0] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1);
    x_tile[x_slow_2 * 257u + x_fast_1] = Pixels(x_fetched_2_1_0, x_fetched_2_1_1);
    x_tile[x_slow_3 * 257u + x_fast_0] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1);
    x_tile[x_slow_3 * 257u + x_fast_1] = Pixels(x_fetched_3_1_0, x_fetched_3_1_1);
    x_tile[x_slow_4 * 257u + x_fast_0] = Pixels(x_fetched_4_0_0, x_fetched_4_0_1);
    x_tile[x_slow_4 * 257u + x_fast_1] = Pixels(x_fetched_4_1_0, x_fetched_4_1_1);
    x_tile[x_slow_5 * 257u + x_fast_0] = Pixels(x_fetched_5_0_0, x_fetched_5_0_1);
    x_tile[x_slow_5 * 257u + x_fast_1] = Pixels(x_fetched_5_1_0, x_fetched_5_1_1);
    x_tile[x_slow_6 * 257u + x_fast_0] = Pixels(x_fetched_6_0_0, x_fetched_6_0_1);
    x_tile[x_slow_6 * 257u + x_fast_1] = Pixels(x_fetched_6_1_0, x_fetched_6_1_1);
    x_tile[x_slow_7 * 257u + x_fast_0] = Pixels(x_fetched_7_0_0, x_fetched_7_0_1);
    x_tile[x_slow_7 * 257u + x_fast_1] = Pixels(x_fetched_7_1_0, x_fetched_7_1_1);

    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let w_0_0 = select(Value(0.0), load_w((min(channel_0, channel_vectors - 1u)) * terms + min(start + kk, terms - 1u)), start + kk < terms);
      let w_0_1 = select(Value(0.0), load_w((min(channel_1, channel_vectors - 1u)) * terms + min(start + kk, terms - 1u)), start + kk < terms);
      let x_0_0 = x_tile[kk * 257u + lane_p];
      let x_0_1 = x_tile[kk * 257u + 64u + lane_p];
      let x_0_2 = x_tile[kk * 257u + 128u + lane_p];
      let x_0_3 = x_tile[kk * 257u + 192u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_0_1 += w_0_1 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_1_1 += w_0_1 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_1.x;
      acc_2_1 += w_0_1 * x_0_1.x;
      acc_3_0 += w_0_0 * x_0_1.y;
      acc_3_1 += w_0_1 * x_0_1.y;
      acc_4_0 += w_0_0 * x_0_2.x;
      acc_4_1 += w_0_1 * x_0_2.x;
      acc_5_0 += w_0_0 * x_0_2.y;
      acc_5_1 += w_0_1 * x_0_2.y;
      acc_6_0 += w_0_0 * x_0_3.x;
      acc_6_1 += w_0_1 * x_0_3.x;
      acc_7_0 += w_0_0 * x_0_3.y;
      acc_7_1 += w_0_1 * x_0_3.y;
      let w_1_0 = select(Value(0.0), load_w((min(channel_0, channel_vectors - 1u)) * terms + min(start + kk + 1u, terms - 1u)), start + kk + 1u < terms);
      let w_1_1 = select(Value(0.0), load_w((min(channel_1, channel_vectors - 1u)) * terms + min(start + kk + 1u, terms - 1u)), start + kk + 1u < terms);
      let x_1_0 = x_tile[(kk + 1u) * 257u + lane_p];
      let x_1_1 = x_tile[(kk + 1u) * 257u + 64u + lane_p];
      let x_1_2 = x_tile[(kk + 1u) * 257u + 128u + lane_p];
      let x_1_3 = x_tile[(kk + 1u) * 257u + 192u + lane_p];
      acc_0_0 += w_1_0 * x_1_0.x;
      acc_0_1 += w_1_1 * x_1_0.x;
      acc_1_0 += w_1_0 * x_1_0.y;
      acc_1_1 += w_1_1 * x_1_0.y;
      acc_2_0 += w_1_0 * x_1_1.x;
      acc_2_1 += w_1_1 * x_1_1.x;
      acc_3_0 += w_1_0 * x_1_1.y;
      acc_3_1 += w_1_1 * x_1_1.y;
      acc_4_0 += w_1_0 * x_1_2.x;
      acc_4_1 += w_1_1 * x_1_2.x;
      acc_5_0 += w_1_0 * x_1_2.y;
      acc_5_1 += w_1_1 * x_1_2.y;
      acc_6_0 += w_1_0 * x_1_3.x;
      acc_6_1 += w_1_1 * x_1_3.x;
      acc_7_0 += w_1_0 * x_1_3.y;
      acc_7_1 += w_1_1 * x_1_3.y;
      let w_2_0 = select(Value(0.0), load_w((min(channel_0, channel_vectors - 1u)) * terms + min(start + kk + 2u, terms - 1u)), start + kk + 2u < terms);
      let w_2_1 = select(Value(0.0), load_w((min(channel_1, channel_vectors - 1u)) * terms + min(start + kk + 2u, terms - 1u)), start + kk + 2u < terms);
      let x_2_0 = x_tile[(kk + 2u) * 257u + lane_p];
      let x_2_1 = x_tile[(kk + 2u) * 257u + 64u + lane_p];
      let x_2_2 = x_tile[(kk + 2u) * 257u + 128u + lane_p];
      let x_2_3 = x_tile[(kk + 2u) * 257u + 192u + lane_p];
      acc_0_0 += w_2_0 * x_2_0.x;
      acc_0_1 += w_2_1 * x_2_0.x;
      acc_1_0 += w_2_0 * x_2_0.y;
      acc_1_1 += w_2_1 * x_2_0.y;
      acc_2_0 += w_2_0 * x_2_1.x;
      acc_2_1 += w_2_1 * x_2_1.x;
      acc_3_0 += w_2_0 * x_2_1.y;
      acc_3_1 += w_2_1 * x_2_1.y;
      acc_4_0 += w_2_0 * x_2_2.x;
      acc_4_1 += w_2_1 * x_2_2.x;
      acc_5_0 += w_2_0 * x_2_2.y;
      acc_5_1 += w_2_1 * x_2_2.y;
      acc_6_0 += w_2_0 * x_2_3.x;
      acc_6_1 += w_2_1 * x_2_3.x;
      acc_7_0 += w_2_0 * x_2_3.y;
      acc_7_1 += w_2_1 * x_2_3.y;
      let w_3_0 = select(Value(0.0), load_w((min(channel_0, channel_vectors - 1u)) * terms + min(start + kk + 3u, terms - 1u)), start + kk + 3u < terms);
      let w_3_1 = select(Value(0.0), load_w((min(channel_1, channel_vectors - 1u)) * terms + min(start + kk + 3u, terms - 1u)), start + kk + 3u < terms);
      let x_3_0 = x_tile[(kk + 3u) * 257u + lane_p];
      let x_3_1 = x_tile[(kk + 3u) * 257u + 64u + lane_p];
      let x_3_2 = x_tile[(kk + 3u) * 257u + 128u + lane_p];
      let x_3_3 = x_tile[(kk + 3u) * 257u + 192u + lane_p];
      acc_0_0 += w_3_0 * x_3_0.x;
      acc_0_1 += w_3_1 * x_3_0.x;
      acc_1_0 += w_3_0 * x_3_0.y;
      acc_1_1 += w_3_1 * x_3_0.y;
      acc_2_0 += w_3_0 * x_3_1.x;
      acc_2_1 += w_3_1 * x_3_1.x;
      acc_3_0 += w_3_0 * x_3_1.y;
      acc_3_1 += w_3_1 * x_3_1.y;
      acc_4_0 += w_3_0 * x_3_2.x;
      acc_4_1 += w_3_1 * x_3_2.x;
      acc_5_0 += w_3_0 * x_3_2.y;
      acc_5_1 += w_3_1 * x_3_2.y;
      acc_6_0 += w_3_0 * x_3_3.x;
      acc_6_1 += w_3_1 * x_3_3.x;
      acc_7_0 += w_3_0 * x_3_3.y;
      acc_7_1 += w_3_1 * x_3_3.y;
    }
    workgroupBarrier();
  }

  let outputs = pixels * channels_out;
  let out_0 = tile_p * 512u + lane_p * 2u;
  if ((out_0 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_0);
  }
  if ((out_0 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_1);
  }
  let out_1 = tile_p * 512u + lane_p * 2u + 1u;
  if ((out_1 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_0);
  }
  if ((out_1 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_1);
  }
  let out_2 = tile_p * 512u + (64u + lane_p) * 2u;
  if ((out_2 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel) * plane + out_2 % plane;
    store_sums(share * outputs + index, acc_2_0);
  }
  if ((out_2 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_2 / plane) * channels_out + channel) * plane + out_2 % plane;
    store_sums(share * outputs + index, acc_2_1);
  }
  let out_3 = tile_p * 512u + (64u + lane_p) * 2u + 1u;
  if ((out_3 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel) * plane + out_3 % plane;
    store_sums(share * outputs + index, acc_3_0);
  }
  if ((out_3 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_3 / plane) * channels_out + channel) * plane + out_3 % plane;
    store_sums(share * outputs + index, acc_3_1);
  }
  let out_4 = tile_p * 512u + (128u + lane_p) * 2u;
  if ((out_4 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_4 / plane) * channels_out + channel) * plane + out_4 % plane;
    store_sums(share * outputs + index, acc_4_0);
  }
  if ((out_4 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_4 / plane) * channels_out + channel) * plane + out_4 % plane;
    store_sums(share * outputs + index, acc_4_1);
  }
  let out_5 = tile_p * 512u + (128u + lane_p) * 2u + 1u;
  if ((out_5 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_5 / plane) * channels_out + channel) * plane + out_5 % plane;
    store_sums(share * outputs + index, acc_5_0);
  }
  if ((out_5 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_5 / plane) * channels_out + channel) * plane + out_5 % plane;
    store_sums(share * outputs + index, acc_5_1);
  }
  let out_6 = tile_p * 512u + (192u + lane_p) * 2u;
  if ((out_6 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_6 / plane) * channels_out + channel) * plane + out_6 % plane;
    store_sums(share * outputs + index, acc_6_0);
  }
  if ((out_6 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_6 / plane) * channels_out + channel) * plane + out_6 % plane;
    store_sums(share * outputs + index, acc_6_1);
  }
  let out_7 = tile_p * 512u + (192u + lane_p) * 2u + 1u;
  if ((out_7 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_7 / plane) * channels_out + channel) * plane + out_7 % plane;
    store_sums(share * outputs + index, acc_7_0);
  }
  if ((out_7 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_7 / plane) * channels_out + channel) * plane + out_7 % plane;
    store_sums(share * outputs + index, acc_7_1);
  }
}

// kernel 1: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, bias, y (written)
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

@group(0) @binding(2) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
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
  let channel = index / (shape.oh * shape.ow) % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_sums(index + 2u * outputs);
  v += load_sums(index + 3u * outputs);
  v += load_sums(index + 4u * outputs);
  v += load_sums(index + 5u * outputs);
  v += load_sums(index + 6u * outputs);
  v += load_sums(index + 7u * outputs);
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
