// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=32 wo=1 tp=8 to=1 vec=1 prepack=1 filter_outer=1 stage_w=1 stage_x=1 bk=4 pad=1 vec_k=1 vec_p=4 unroll=1 prefetch=0 split=8 band=2 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/3)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/3)*9*4 bytes, temporary `sums` of 8*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 8*n*o*oh*ow*4 bytes, output 0

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
  let c = i / channels_out % channels_in;
  let f = i / (channels_out * channels_in) % 9u;
  let part = i / (channels_out * 9u * channels_in);
  let channel = part * channels_out + o;
  store_packed(i, load_w((channel * 9u + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/256), ceil(o/3/1), 24; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> w_tile: array<Value, 8>;
var<workgroup> x_tile: array<Pixels, 260>;

@compute @workgroup_size(1, 32)
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
  let tiles_p = (pixels + 255u) / 256u;
  let tiles_o = channels_out;
  let tile = group % (tiles_p * tiles_o);
  let band_start = tile / (2u * tiles_p) * 2u;
  let band_width = min(2u, tiles_o - band_start);
  let tile_p = tile % (2u * tiles_p) / band_width;
  let tile_o = band_start + tile % (2u * tiles_p) % band_width;

  let part = group / (tiles_p * tiles_o) % 3u;
  let share = group / (tiles_p * tiles_o * 3u);

  let local_index = local.y + local.x;
  let w_fast_0 = local_index % 1u;
  let w_slow_0 = local_index;

  let x_fast_0 = local_index % 4u;
  let x_slow_0 = local_index / 4u;
  let x_slow_1 = local_index / 4u + 8u;
  let x_slow_2 = local_index / 4u + 16u;
  let x_slow_3 = local_index / 4u + 24u;
  let x_slow_4 = local_index / 4u + 32u;
  let x_slow_5 = local_index / 4u + 40u;
  let x_slow_6 = local_index / 4u + 48u;
  let x_slow_7 = local_index / 4u + 56u;

  let pixel_0 = min(tile_p * 256u + x_slow_0 * 4u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * 6u + part * channels_in;
  let pixel_1 = min(tile_p * 256u + x_slow_0 * 4u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * 6u + part * channels_in;
  let pixel_2 = min(tile_p * 256u + x_slow_0 * 4u + 2u, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow * 2u - 2u;
  let x_2 = pixel_2 % size_ow * 2u - 2u;
  let origin_2 = (((pixel_2 / plane) * size_h + y_2) * size_w + x_2) * 6u + part * channels_in;
  let pixel_3 = min(tile_p * 256u + x_slow_0 * 4u + 3u, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow * 2u - 2u;
  let x_3 = pixel_3 % size_ow * 2u - 2u;
  let origin_3 = (((pixel_3 / plane) * size_h + y_3) * size_w + x_3) * 6u + part * channels_in;
  let pixel_4 = min(tile_p * 256u + x_slow_1 * 4u, pixels - 1u);
  let y_4 = pixel_4 % plane / size_ow * 2u - 2u;
  let x_4 = pixel_4 % size_ow * 2u - 2u;
  let origin_4 = (((pixel_4 / plane) * size_h + y_4) * size_w + x_4) * 6u + part * channels_in;
  let pixel_5 = min(tile_p * 256u + x_slow_1 * 4u + 1u, pixels - 1u);
  let y_5 = pixel_5 % plane / size_ow * 2u - 2u;
  let x_5 = pixel_5 % size_ow * 2u - 2u;
  let origin_5 = (((pixel_5 / plane) * size_h + y_5) * size_w + x_5) * 6u + part * channels_in;
  let pixel_6 = min(tile_p * 256u + x_slow_1 * 4u + 2u, pixels - 1u);
  let y_6 = pixel_6 % plane / size_ow * 2u - 2u;
  let x_6 = pixel_6 % size_ow * 2u - 2u;
  let origin_6 = (((pixel_6 / plane) * size_h + y_6) * size_w + x_6) * 6u + part * channels_in;
  let pixel_7 = min(tile_p * 256u + x_slow_1 * 4u + 3u, pixels - 1u);
  let y_7 = pixel_7 % plane / size_ow * 2u - 2u;
  let x_7 = pixel_7 % size_ow * 2u - 2u;
  let origin_7 = (((pixel_7 / plane) * size_h + y_7) * size_w + x_7) * 6u + part * channels_in;
  let pixel_8 = min(tile_p * 256u + x_slow_2 * 4u, pixels - 1u);
  let y_8 = pixel_8 % plane / size_ow * 2u - 2u;
  let x_8 = pixel_8 % size_ow * 2u - 2u;
  let origin_8 = (((pixel_8 / plane) * size_h + y_8) * size_w + x_8) * 6u + part * channels_in;
  let pixel_9 = min(tile_p * 256u + x_slow_2 * 4u + 1u, pixels - 1u);
  let y_9 = pixel_9 % plane / size_ow * 2u - 2u;
  let x_9 = pixel_9 % size_ow * 2u - 2u;
  let origin_9 = (((pixel_9 / plane) * size_h + y_9) * size_w + x_9) * 6u + part * channels_in;
  let pixel_10 = min(tile_p * 256u + x_slow_2 * 4u + 2u, pixels - 1u);
  let y_10 = pixel_10 % plane / size_ow * 2u - 2u;
  let x_10 = pixel_10 % size_ow * 2u - 2u;
  let origin_10 = (((pixel_10 / plane) * size_h + y_10) * size_w + x_10) * 6u + part * channels_in;
  let pixel_11 = min(tile_p * 256u + x_slow_2 * 4u + 3u, pixels - 1u);
  let y_11 = pixel_11 % plane / size_ow * 2u - 2u;
  let x_11 = pixel_11 % size_ow * 2u - 2u;
  let origin_11 = (((pixel_11 / plane) * size_h + y_11) * size_w + x_11) * 6u + part * channels_in;
  let pixel_12 = min(tile_p * 256u + x_slow_3 * 4u, pixels - 1u);
  let y_12 = pixel_12 % plane / size_ow * 2u - 2u;
  let x_12 = pixel_12 % size_ow * 2u - 2u;
  let origin_12 = (((pixel_12 / plane) * size_h + y_12) * size_w + x_12) * 6u + part * channels_in;
  let pixel_13 = min(tile_p * 256u + x_slow_3 * 4u + 1u, pixels - 1u);
  let y_13 = pixel_13 % plane / size_ow * 2u - 2u;
  let x_13 = pixel_13 % size_ow * 2u - 2u;
  let origin_13 = (((pixel_13 / plane) * size_h + y_13) * size_w + x_13) * 6u + part * channels_in;
  let pixel_14 = min(tile_p * 256u + x_slow_3 * 4u + 2u, pixels - 1u);
  let y_14 = pixel_14 % plane / size_ow * 2u - 2u;
  let x_14 = pixel_14 % size_ow * 2u - 2u;
  let origin_14 = (((pixel_14 / plane) * size_h + y_14) * size_w + x_14) * 6u + part * channels_in;
  let pixel_15 = min(tile_p * 256u + x_slow_3 * 4u + 3u, pixels - 1u);
  let y_15 = pixel_15 % plane / size_ow * 2u - 2u;
  let x_15 = pixel_15 % size_ow * 2u - 2u;
  let origin_15 = (((pixel_15 / plane) * size_h + y_15) * size_w + x_15) * 6u + part * channels_in;
  let pixel_16 = min(tile_p * 256u + x_slow_4 * 4u, pixels - 1u);
  let y_16 = pixel_16 % plane / size_ow * 2u - 2u;
  let x_16 = pixel_16 % size_ow * 2u - 2u;
  let origin_16 = (((pixel_16 / plane) * size_h + y_16) * size_w + x_16) * 6u + part * channels_in;
  let pixel_17 = min(tile_p * 256u + x_slow_4 * 4u + 1u, pixels - 1u);
  let y_17 = pixel_17 % plane / size_ow * 2u - 2u;
  let x_17 = pixel_17 % size_ow * 2u - 2u;
  let origin_17 = (((pixel_17 / plane) * size_h + y_17) * size_w + x_17) * 6u + part * channels_in;
  let pixel_18 = min(tile_p * 256u + x_slow_4 * 4u + 2u, pixels - 1u);
  let y_18 = pixel_18 % plane / size_ow * 2u - 2u;
  let x_18 = pixel_18 % size_ow * 2u - 2u;
  let origin_18 = (((pixel_18 / plane) * size_h + y_18) * size_w + x_18) * 6u + part * channels_in;
  let pixel_19 = min(tile_p * 256u + x_slow_4 * 4u + 3u, pixels - 1u);
  let y_19 = pixel_19 % plane / size_ow * 2u - 2u;
  let x_19 = pixel_19 % size_ow * 2u - 2u;
  let origin_19 = (((pixel_19 / plane) * size_h + y_19) * size_w + x_19) * 6u + part * channels_in;
  let pixel_20 = min(tile_p * 256u + x_slow_5 * 4u, pixels - 1u);
  let y_20 = pixel_20 % plane / size_ow * 2u - 2u;
  let x_20 = pixel_20 % size_ow * 2u - 2u;
  let origin_20 = (((pixel_20 / plane) * size_h + y_20) * size_w + x_20) * 6u + part * channels_in;
  let pixel_21 = min(tile_p * 256u + x_slow_5 * 4u + 1u, pixels - 1u);
  let y_21 = pixel_21 % plane / size_ow * 2u - 2u;
  let x_21 = pixel_21 % size_ow * 2u - 2u;
  let origin_21 = (((pixel_21 / plane) * size_h + y_21) * size_w + x_21) * 6u + part * channels_in;
  let pixel_22 = min(tile_p * 256u + x_slow_5 * 4u + 2u, pixels - 1u);
  let y_22 = pixel_22 % plane / size_ow * 2u - 2u;
  let x_22 = pixel_22 % size_ow * 2u - 2u;
  let origin_22 = (((pixel_22 / plane) * size_h + y_22) * size_w + x_22) * 6u + part * channels_in;
  let pixel_23 = min(tile_p * 256u + x_slow_5 * 4u + 3u, pixels - 1u);
  let y_23 = pixel_23 % plane / size_ow * 2u - 2u;
  let x_23 = pixel_23 % size_ow * 2u - 2u;
  let origin_23 = (((pixel_23 / plane) * size_h + y_23) * size_w + x_23) * 6u + part * channels_in;
  let pixel_24 = min(tile_p * 256u + x_slow_6 * 4u, pixels - 1u);
  let y_24 = pixel_24 % plane / size_ow * 2u - 2u;
  let x_24 = pixel_24 % size_ow * 2u - 2u;
  let origin_24 = (((pixel_24 / plane) * size_h + y_24) * size_w + x_24) * 6u + part * channels_in;
  let pixel_25 = min(tile_p * 256u + x_slow_6 * 4u + 1u, pixels - 1u);
  let y_25 = pixel_25 % plane / size_ow * 2u - 2u;
  let x_25 = pixel_25 % size_ow * 2u - 2u;
  let origin_25 = (((pixel_25 / plane) * size_h + y_25) * size_w + x_25) * 6u + part * channels_in;
  let pixel_26 = min(tile_p * 256u + x_slow_6 * 4u + 2u, pixels - 1u);
  let y_26 = pixel_26 % plane / size_ow * 2u - 2u;
  let x_26 = pixel_26 % size_ow * 2u - 2u;
  let origin_26 = (((pixel_26 / plane) * size_h + y_26) * size_w + x_26) * 6u + part * channels_in;
  let pixel_27 = min(tile_p * 256u + x_slow_6 * 4u + 3u, pixels - 1u);
  let y_27 = pixel_27 % plane / size_ow * 2u - 2u;
  let x_27 = pixel_27 % size_ow * 2u - 2u;
  let origin_27 = (((pixel_27 / plane) * size_h + y_27) * size_w + x_27) * 6u + part * channels_in;
  let pixel_28 = min(tile_p * 256u + x_slow_7 * 4u, pixels - 1u);
  let y_28 = pixel_28 % plane / size_ow * 2u - 2u;
  let x_28 = pixel_28 % size_ow * 2u - 2u;
  let origin_28 = (((pixel_28 / plane) * size_h + y_28) * size_w + x_28) * 6u + part * channels_in;
  let pixel_29 = min(tile_p * 256u + x_slow_7 * 4u + 1u, pixels - 1u);
  let y_29 = pixel_29 % plane / size_ow * 2u - 2u;
  let x_29 = pixel_29 % size_ow * 2u - 2u;
  let origin_29 = (((pixel_29 / plane) * size_h + y_29) * size_w + x_29) * 6u + part * channels_in;
  let pixel_30 = min(tile_p * 256u + x_slow_7 * 4u + 2u, pixels - 1u);
  let y_30 = pixel_30 % plane / size_ow * 2u - 2u;
  let x_30 = pixel_30 % size_ow * 2u - 2u;
  let origin_30 = (((pixel_30 / plane) * size_h + y_30) * size_w + x_30) * 6u + part * channels_in;
  let pixel_31 = min(tile_p * 256u + x_slow_7 * 4u + 3u, pixels - 1u);
  let y_31 = pixel_31 % plane / size_ow * 2u - 2u;
  let x_31 = pixel_31 % size_ow * 2u - 2u;
  let origin_31 = (((pixel_31 / plane) * size_h + y_31) * size_w + x_31) * 6u + part * channels_in;
  let channel_0 = tile_o + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_7_0 = Value(0.0);

  let slabs_of_place = (channels_in + 3u) / 4u;
  let slabs = slabs_of_place * 9u;
  let slabs_of_share = (slabs + 7u) / 8u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 4u;

    let below = place / 3u * 2u;
    let beside = place % 3u * 2u;
    let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside) * 6u, is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside) * 6u, is_inside_1);
    let is_inside_2 = (y_2 + below < size_h) & (x_2 + beside < size_w);
    let at_2 = select(0u, origin_2 + (below * size_w + beside) * 6u, is_inside_2);
    let is_inside_3 = (y_3 + below < size_h) & (x_3 + beside < size_w);
    let at_3 = select(0u, origin_3 + (below * size_w + beside) * 6u, is_inside_3);
    let is_inside_4 = (y_4 + below < size_h) & (x_4 + beside < size_w);
    let at_4 = select(0u, origin_4 + (below * size_w + beside) * 6u, is_inside_4);
    let is_inside_5 = (y_5 + below < size_h) & (x_5 + beside < size_w);
    let at_5 = select(0u, origin_5 + (below * size_w + beside) * 6u, is_inside_5);
    let is_inside_6 = (y_6 + below < size_h) & (x_6 + beside < size_w);
    let at_6 = select(0u, origin_6 + (below * size_w + beside) * 6u, is_inside_6);
    let is_inside_7 = (y_7 + below < size_h) & (x_7 + beside < size_w);
    let at_7 = select(0u, origin_7 + (below * size_w + beside) * 6u, is_inside_7);
    let is_inside_8 = (y_8 + below < size_h) & (x_8 + beside < size_w);
    let at_8 = select(0u, origin_8 + (below * size_w + beside) * 6u, is_inside_8);
    let is_inside_9 = (y_9 + below < size_h) & (x_9 + beside < size_w);
    let at_9 = select(0u, origin_9 + (below * size_w + beside) * 6u, is_inside_9);
    let is_inside_10 = (y_10 + below < size_h) & (x_10 + beside < size_w);
    let at_10 = select(0u, origin_10 + (below * size_w + beside) * 6u, is_inside_10);
    let is_inside_11 = (y_11 + below < size_h) & (x_11 + beside < size_w);
    let at_11 = select(0u, origin_11 + (below * size_w + beside) * 6u, is_inside_11);
    let is_inside_12 = (y_12 + below < size_h) & (x_12 + beside < size_w);
    let at_12 = select(0u, origin_12 + (below * size_w + beside) * 6u, is_inside_12);
    let is_inside_13 = (y_13 + below < size_h) & (x_13 + beside < size_w);
    let at_13 = select(0u, origin_13 + (below * size_w + beside) * 6u, is_inside_13);
    let is_inside_14 = (y_14 + below < size_h) & (x_14 + beside < size_w);
    let at_14 = select(0u, origin_14 + (below * size_w + beside) * 6u, is_inside_14);
    let is_inside_15 = (y_15 + below < size_h) & (x_15 + beside < size_w);
    let at_15 = select(0u, origin_15 + (below * size_w + beside) * 6u, is_inside_15);
    let is_inside_16 = (y_16 + below < size_h) & (x_16 + beside < size_w);
    let at_16 = select(0u, origin_16 + (below * size_w + beside) * 6u, is_inside_16);
    let is_inside_17 = (y_17 + below < size_h) & (x_17 + beside < size_w);
    let at_17 = select(0u, origin_17 + (below * size_w + beside) * 6u, is_inside_17);
    let is_inside_18 = (y_18 + below < size_h) & (x_18 + beside < size_w);
    let at_18 = select(0u, origin_18 + (below * size_w + beside) * 6u, is_inside_18);
    let is_inside_19 = (y_19 + below < size_h) & (x_19 + beside < size_w);
    let at_19 = select(0u, origin_19 + (below * size_w + beside) * 6u, is_inside_19);
    let is_inside_20 = (y_20 + below < size_h) & (x_20 + beside < size_w);
    let at_20 = select(0u, origin_20 + (below * size_w + beside) * 6u, is_inside_20);
    let is_inside_21 = (y_21 + below < size_h) & (x_21 + beside < size_w);
    let at_21 = select(0u, origin_21 + (below * size_w + beside) * 6u, is_inside_21);
    let is_inside_22 = (y_22 + below < size_h) & (x_22 + beside < size_w);
    let at_22 = select(0u, origin_22 + (below * size_w + beside) * 6u, is_inside_22);
    let is_inside_23 = (y_23 + below < size_h) & (x_23 + beside < size_w);
    let at_23 = select(0u, origin_23 + (below * size_w + beside) * 6u, is_inside_23);
    let is_inside_24 = (y_24 + below < size_h) & (x_24 + beside < size_w);
    let at_24 = select(0u, origin_24 + (below * size_w + beside) * 6u, is_inside_24);
    let is_inside_25 = (y_25 + below < size_h) & (x_25 + beside < size_w);
    let at_25 = select(0u, origin_25 + (below * size_w + beside) * 6u, is_inside_25);
    let is_inside_26 = (y_26 + below < size_h) & (x_26 + beside < size_w);
    let at_26 = select(0u, origin_26 + (below * size_w + beside) * 6u, is_inside_26);
    let is_inside_27 = (y_27 + below < size_h) & (x_27 + beside < size_w);
    let at_27 = select(0u, origin_27 + (below * size_w + beside) * 6u, is_inside_27);
    let is_inside_28 = (y_28 + below < size_h) & (x_28 + beside < size_w);
    let at_28 = select(0u, origin_28 + (below * size_w + beside) * 6u, is_inside_28);
    let is_inside_29 = (y_29 + below < size_h) & (x_29 + beside < size_w);
    let at_29 = select(0u, origin_29 + (below * size_w + beside) * 6u, is_inside_29);
    let is_inside_30 = (y_30 + below < size_h) & (x_30 + beside < size_w);
    let at_30 = select(0u, origin_30 + (below * size_w + beside) * 6u, is_inside_30);
    let is_inside_31 = (y_31 + below < size_h) & (x_31 + beside < size_w);
    let at_31 = select(0u, origin_31 + (below * size_w + beside) * 6u, is_inside_31);

    if (local_index < 4u) {
      let w_fetched_0_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + w_slow_0, channels_in - 1u)) * channel_vectors + tile_o + w_fast_0), start + w_slow_0 < channels_in);

      w_tile[w_slow_0 * 2u + w_fast_0] = w_fetched_0_0;
    }
    {
      let x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_fast_0, channels_in - 1u))), is_inside_0 & (start + x_fast_0 < channels_in));
      let x_fetched_0_0_1 = select(f32(0.0), load_x(at_1 + (min(start + x_fast_0, channels_in - 1u))), is_inside_1 & (start + x_fast_0 < channels_in));
      let x_fetched_0_0_2 = select(f32(0.0), load_x(at_2 + (min(start + x_fast_0, channels_in - 1u))), is_inside_2 & (start + x_fast_0 < channels_in));
      let x_fetched_0_0_3 = select(f32(0.0), load_x(at_3 + (min(start + x_fast_0, channels_in - 1u))), is_inside_3 & (start + x_fast_0 < channels_in));
      let x_fetched_1_0_0 = select(f32(0.0), load_x(at_4 + (min(start + x_fast_0, channels_in - 1u))), is_inside_4 & (start + x_fast_0 < channels_in));
      let x_fetched_1_0_1 = select(f32(0.0), load_x(at_5 + (min(start + x_fast_0, channels_in - 1u))), is_inside_5 & (start + x_fast_0 < channels_in));
      let x_fetched_1_0_2 = select(f32(0.0), load_x(at_6 + (min(start + x_fast_0, channels_in - 1u))), is_inside_6 & (start + x_fast_0 < channels_in));
      let x_fetched_1_0_3 = select(f32(0.0), load_x(at_7 + (min(start + x_fast_0, channels_in - 1u))), is_inside_7 & (start + x_fast_0 < channels_in));
      let x_fetched_2_0_0 = select(f32(0.0), load_x(at_8 + (min(start + x_fast_0, channels_in - 1u))), is_inside_8 & (start + x_fast_0 < channels_in));
      let x_fetched_2_0_1 = select(f32(0.0), load_x(at_9 + (min(start + x_fast_0, channels_in - 1u))), is_inside_9 & (start + x_fast_0 < channels_in));
      let x_fetched_2_0_2 = select(f32(0.0), load_x(at_10 + (min(start + x_fast_0, channels_in - 1u))), is_inside_10 & (start + x_fast_0 < channels_in));
      let x_fetched_2_0_3 = select(f32(0.0), load_x(at_11 + (min(start + x_fast_0, channels_in - 1u))), is_inside_11 & (start + x_fast_0 < channels_in));
      let x_fetched_3_0_0 = select(f32(0.0), load_x(at_12 + (min(start + x_fast_0, channels_in - 1u))), is_inside_12 & (start + x_fast_0 < channels_in));
      let x_fetched_3_0_1 = select(f32(0.0), load_x(at_13 + (min(start + x_fast_0, channels_in - 1u))), is_inside_13 & (start + x_fast_0 < channels_in));
      let x_fetched_3_0_2 = select(f32(0.0), load_x(at_14 + (min(start + x_fast_0, channels_in - 1u))), is_inside_14 & (start + x_fast_0 < channels_in));
      let x_fetched_3_0_3 = select(f32(0.0), load_x(at_15 + (min(start + x_fast_0, channels_in - 1u))), is_inside_15 & (start + x_fast_0 < channels_in));
      let x_fetched_4_0_0 = select(f32(0.0), load_x(at_16 + (min(start + x_fast_0, channels_in - 1u))), is_inside_16 & (start + x_fast_0 < channels_in));
      let x_fetched_4_0_1 = select(f32(0.0), load_x(at_17 + (min(start + x_fast_0, channels_in - 1u))), is_inside_17 & (start + x_fast_0 < channels_in));
      let x_fetched_4_0_2 = select(f32(0.0), load_x(at_18 + (min(start + x_fast_0, channels_in - 1u))), is_inside_18 & (start + x_fast_0 < channels_in));
      let x_fetched_4_0_3 = select(f32(0.0), load_x(at_19 + (min(start + x_fast_0, channels_in - 1u))), is_inside_19 & (start + x_fast_0 < channels_in));
      let x_fetched_5_0_0 = select(f32(0.0), load_x(at_20 + (min(start + x_fast_0, channels_in - 1u))), is_inside_20 & (start + x_fast_0 < channels_in));
      let x_fetched_5_0_1 = select(f32(0.0), load_x(at_21 + (min(start + x_fast_0, channels_in - 1u))), is_inside_21 & (start + x_fast_0 < channels_in));
      let x_fetched_5_0_2 = select(f32(0.0), load_x(at_22 + (min(start + x_fast_0, channels_in - 1u))), is_inside_22 & (start + x_fast_0 < channels_in));
      let x_fetched_5_0_3 = select(f32(0.0), load_x(at_23 + (min(start + x_fast_0, channels_in - 1u))), is_inside_23 & (start + x_fast_0 < channels_in));
      let x_fetched_6_0_0 = select(f32(0.0), load_x(at_24 + (min(start + x_fast_0, channels_in - 1u))), is_inside_24 & (start + x_fast_0 < channels_in));
      let x_fetched_6_0_1 = select(f32(0.0), load_x(at_25 + (min(start + x_fast_0, channels_in - 1u))), is_inside_25 & (start + x_fast_0 < channels_in));
      let x_fetched_6_0_2 = select(f32(0.0), load_x(at_26 + (min(start + x_fast_0, channels_in - 1u))), is_inside_26 & (start + x_fast_0 < channels_in));
      let x_fetched_6_0_3 = select(f32(0.0), load_x(at_27 + (min(start + x_fast_0, channels_in - 1u))), is_inside_27 & (start + x_fast_0 < channels_in));
      let x_fetched_7_0_0 = select(f32(0.0), load_x(at_28 + (min(start + x_fast_0, channels_in - 1u))), is_inside_28 & (start + x_fast_0 < channels_in));
      let x_fetched_7_0_1 = select(f32(0.0), load_x(at_29 + (min(start + x_fast_0, channels_in - 1u))), is_inside_29 & (start + x_fast_0 < channels_in));
      let x_fetched_7_0_2 = select(f32(0.0), load_x(at_30 + (min(start + x_fast_0, channels_in - 1u))), is_inside_30 & (start + x_fast_0 < channels_in));
      let x_fetched_7_0_3 = select(f32(0.0), load_x(at_31 + (min(start + x_fast_0, channels_in - 1u))), is_inside_31 & (start + x_fast_0 < channels_in));

      x_tile[x_fast_0 * 65u + x_slow_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1, x_fetched_0_0_2, x_fetched_0_0_3);
      x_tile[x_fast_0 * 65u + x_slow_1] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1, x_fetched_1_0_2, x_fetched_1_0_3);
      x_tile[x_fast_0 * 65u + x_slow_2] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1, x_fetched_2_0_2, x_fetched_2_0_3);
      x_tile[x_fast_0 * 65u + x_slow_3] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1, x_fetched_3_0_2, x_fetched_3_0_3);
      x_tile[x_fast_0 * 65u + x_slow_4] = Pixels(x_fetched_4_0_0, x_fetched_4_0_1, x_fetched_4_0_2, x_fetched_4_0_3);
      x_tile[x_fast_0 * 65u + x_slow_5] = Pixels(x_fetched_5_0_0, x_fetched_5_0_1, x_fetched_5_0_2, x_fetched_5_0_3);
      x_tile[x_fast_0 * 65u + x_slow_6] = Pixels(x_fetched_6_0_0, x_fetched_6_0_1, x_fetched_6_0_2, x_fetched_6_0_3);
      x_tile[x_fast_0 * 65u + x_slow_7] = Pixels(x_fetched_7_0_0, x_fetched_7_0_1, x_fetched_7_0_2, x_fetched_7_0_3);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 4u; kk += 1u) {
      let w_0_0 = w_tile[kk * 2u + lane_o];
      let x_0_0 = x_tile[kk * 65u + lane_p];
      let x_0_1 = x_tile[kk * 65u + 32u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_0.z;
      acc_3_0 += w_0_0 * x_0_0.w;
      acc_4_0 += w_0_0 * x_0_1.x;
      acc_5_0 += w_0_0 * x_0_1.y;
      acc_6_0 += w_0_0 * x_0_1.z;
      acc_7_0 += w_0_0 * x_0_1.w;
    }
    workgroupBarrier();
  }

  let outputs = pixels * channels_out * 3u;
  let out_0 = tile_p * 256u + lane_p * 4u;
  if (out_0 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_0);
  }
  let out_1 = tile_p * 256u + lane_p * 4u + 1u;
  if (out_1 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_1 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_1_0);
  }
  let out_2 = tile_p * 256u + lane_p * 4u + 2u;
  if (out_2 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_2 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_2_0);
  }
  let out_3 = tile_p * 256u + lane_p * 4u + 3u;
  if (out_3 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_3 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_3_0);
  }
  let out_4 = tile_p * 256u + (32u + lane_p) * 4u;
  if (out_4 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_4 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_4_0);
  }
  let out_5 = tile_p * 256u + (32u + lane_p) * 4u + 1u;
  if (out_5 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_5 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_5_0);
  }
  let out_6 = tile_p * 256u + (32u + lane_p) * 4u + 2u;
  if (out_6 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_6 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_6_0);
  }
  let out_7 = tile_p * 256u + (32u + lane_p) * 4u + 3u;
  if (out_7 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_7 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_7_0);
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
  v += load_sums(index + 2u * outputs);
  v += load_sums(index + 3u * outputs);
  v += load_sums(index + 4u * outputs);
  v += load_sums(index + 5u * outputs);
  v += load_sums(index + 6u * outputs);
  v += load_sums(index + 7u * outputs);
  v = gelu(v);
  store_y(index, v);
}
