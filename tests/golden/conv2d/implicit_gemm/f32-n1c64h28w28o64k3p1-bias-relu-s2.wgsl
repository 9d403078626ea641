// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/implicit_gemm
// wp=8 wo=8 tp=16 to=1 vec=1 prepack=0 filter_outer=1 stage_w=0 stage_x=1 bk=16 pad=1 vec_k=1 vec_p=2 unroll=1 prefetch=0 stages=1 split=16 band=2 baked=1 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 16*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 16*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid ceil(n*oh*ow/128), ceil(o/1/8), 16; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

var<workgroup> x_tile: array<Pixels, 1040>;

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
  let lane_p = local.x;
  let lane_o = local.y;
  let size_c = 64u;
  let size_h = 28u;
  let size_w = 28u;
  let size_ow = 28u;
  let plane = 28u * size_ow;
  let pixels = plane;
  let channels_in = 64u;
  let channels_out = 64u;
  let channel_vectors = channels_out;
  let terms = 576u;
  let tiles_p = (pixels + 127u) / 128u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile = group % (tiles_p * tiles_o);
  let band_start = tile / (2u * tiles_p) * 2u;
  let band_width = min(2u, tiles_o - band_start);
  let tile_p = tile % (2u * tiles_p) / band_width;
  let tile_o = band_start + tile % (2u * tiles_p) % band_width;

  let share = group / (tiles_p * tiles_o);

  let local_index = local.y * 8u + local.x;

  let x_fast_0 = local_index % 64u;
  let x_slow_0 = local_index / 64u;
  let x_slow_1 = local_index / 64u + 1u;
  let x_slow_2 = local_index / 64u + 2u;
  let x_slow_3 = local_index / 64u + 3u;
  let x_slow_4 = local_index / 64u + 4u;
  let x_slow_5 = local_index / 64u + 5u;
  let x_slow_6 = local_index / 64u + 6u;
  let x_slow_7 = local_index / 64u + 7u;
  let x_slow_8 = local_index / 64u + 8u;
  let x_slow_9 = local_index / 64u + 9u;
  let x_slow_10 = local_index / 64u + 10u;
  let x_slow_11 = local_index / 64u + 11u;
  let x_slow_12 = local_index / 64u + 12u;
  let x_slow_13 = local_index / 64u + 13u;
  let x_slow_14 = local_index / 64u + 14u;
  let x_slow_15 = local_index / 64u + 15u;

  let pixel_0 = min(tile_p * 128u + x_fast_0 * 2u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow - 1u;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 128u + x_fast_0 * 2u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow - 1u;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let channel_0 = tile_o * 8u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_8_0 = Value(0.0);
  var acc_9_0 = Value(0.0);
  var acc_10_0 = Value(0.0);
  var acc_11_0 = Value(0.0);
  var acc_12_0 = Value(0.0);
  var acc_13_0 = Value(0.0);
  var acc_14_0 = Value(0.0);
  var acc_15_0 = Value(0.0);

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 15u) / 16u;
  let slabs = slabs_of_place * 9u;
  let slabs_of_share = (slabs + 15u) / 16u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 16u;

    let below = place / 3u;
    let beside = place % 3u;
    let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);

    let x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_0) * plane_in), is_inside_0);
    let x_fetched_0_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_0) * plane_in), is_inside_1);
    let x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_1) * plane_in), is_inside_0);
    let x_fetched_1_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_1) * plane_in), is_inside_1);
    let x_fetched_2_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_2) * plane_in), is_inside_0);
    let x_fetched_2_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_2) * plane_in), is_inside_1);
    let x_fetched_3_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_3) * plane_in), is_inside_0);
    let x_fetched_3_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_3) * plane_in), is_inside_1);
    let x_fetched_4_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_4) * plane_in), is_inside_0);
    let x_fetched_4_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_4) * plane_in), is_inside_1);
    let x_fetched_5_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_5) * plane_in), is_inside_0);
    let x_fetched_5_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_5) * plane_in), is_inside_1);
    let x_fetched_6_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_6) * plane_in), is_inside_0);
    let x_fetched_6_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_6) * plane_in), is_inside_1);
    let x_fetched_7_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_7) * plane_in), is_inside_0);
    let x_fetched_7_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_7) * plane_in), is_inside_1);
    let x_fetched_8_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_8) * plane_in), is_inside_0);
    let x_fetched_8_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_8) * plane_in), is_inside_1);
    let x_fetched_9_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_9) * plane_in), is_inside_0);
    let x_fetched_9_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_9) * plane_in), is_inside_1);
    let x_fetched_10_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_10) * plane_in), is_inside_0);
    let x_fetched_10_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_10) * plane_in), is_inside_1);
    let x_fetched_11_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_11) * plane_in), is_inside_0);
    let x_fetched_11_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_11) * plane_in), is_inside_1);
    let x_fetched_12_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_12) * plane_in), is_inside_0);
    let x_fetched_12_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_12) * plane_in), is_inside_1);
    let x_fetched_13_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_13) * plane_in), is_inside_0);
    let x_fetched_13_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_13) * plane_in), is_inside_1);
    let x_fetched_14_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_14) * plane_in), is_inside_0);
    let x_fetched_14_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_14) * plane_in), is_inside_1);
    let x_fetched_15_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_15) * plane_in), is_inside_0);
    let x_fetched_15_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_15) * plane_in), is_inside_1);

    x_tile[x_slow_0 * 65u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1);
    x_tile[x_slow_1 * 65u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1);
    x_tile[x_slow_2 * 65u + x_fast_0] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1);
    x_tile[x_slow_3 * 65u + x_fast_0] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1);
    x_tile[x_slow_4 * 65u + x_fast_0] = Pixels(x_fetched_4_0_0, x_fetched_4_0_1);
    x_tile[x_slow_5 * 65u + x_fast_0] = Pixels(x_fetched_5_0_0, x_fetched_5_0_1);
    x_tile[x_slow_6 * 65u + x_fast_0] = Pixels(x_fetched_6_0_0, x_fetched_6_0_1);
    x_tile[x_slow_7 * 65u + x_fast_0] = Pixels(x_fetched_7_0_0, x_fetched_7_0_1);
    x_tile[x_slow_8 * 65u + x_fast_0] = Pixels(x_fetched_8_0_0, x_fetched_8_0_1);
    x_tile[x_slow_9 * 65u + x_fast_0] = Pixels(x_fetched_9_0_0, x_fetched_9_0_1);
    x_tile[x_slow_10 * 65u + x_fast_0] = Pixels(x_fetched_10_0_0, x_fetched_10_0_1);
    x_tile[x_slow_11 * 65u + x_fast_0] = Pixels(x_fetched_11_0_0, x_fetched_11_0_1);
    x_tile[x_slow_12 * 65u + x_fast_0] = Pixels(x_fetched_12_0_0, x_fetched_12_0_1);
    x_tile[x_slow_13 * 65u + x_fast_0] = Pixels(x_fetched_13_0_0, x_fetched_13_0_1);
    x_tile[x_slow_14 * 65u + x_fast_0] = Pixels(x_fetched_14_0_0, x_fetched_14_0_1);
    x_tile[x_slow_15 * 65u + x_fast_0] = Pixels(x_fetched_15_0_0, x_fetched_15_0_1);

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 1u) {
      let w_0_0 = load_w(channel_0 * terms + (start + kk) * 9u + place);
      let x_0_0 = x_tile[kk * 65u + lane_p];
      let x_0_1 = x_tile[kk * 65u + 8u + lane_p];
      let x_0_2 = x_tile[kk * 65u + 16u + lane_p];
      let x_0_3 = x_tile[kk * 65u + 24u + lane_p];
      let x_0_4 = x_tile[kk * 65u + 32u + lane_p];
      let x_0_5 = x_tile[kk * 65u + 40u + lane_p];
      let x_0_6 = x_tile[kk * 65u + 48u + lane_p];
      let x_0_7 = x_tile[kk * 65u + 56u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_1.x;
      acc_3_0 += w_0_0 * x_0_1.y;
      acc_4_0 += w_0_0 * x_0_2.x;
      acc_5_0 += w_0_0 * x_0_2.y;
      acc_6_0 += w_0_0 * x_0_3.x;
      acc_7_0 += w_0_0 * x_0_3.y;
      acc_8_0 += w_0_0 * x_0_4.x;
      acc_9_0 += w_0_0 * x_0_4.y;
      acc_10_0 += w_0_0 * x_0_5.x;
      acc_11_0 += w_0_0 * x_0_5.y;
      acc_12_0 += w_0_0 * x_0_6.x;
      acc_13_0 += w_0_0 * x_0_6.y;
      acc_14_0 += w_0_0 * x_0_7.x;
      acc_15_0 += w_0_0 * x_0_7.y;
    }
    workgroupBarrier();
  }

  let outputs = pixels * channels_out;
  let out_0 = tile_p * 128u + lane_p * 2u;
  if (out_0 < pixels) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_0);
  }
  let out_1 = tile_p * 128u + lane_p * 2u + 1u;
  if (out_1 < pixels) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_0);
  }
  let out_2 = tile_p * 128u + (8u + lane_p) * 2u;
  if (out_2 < pixels) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel) * plane + out_2 % plane;
    store_sums(share * outputs + index, acc_2_0);
  }
  let out_3 = tile_p * 128u + (8u + lane_p) * 2u + 1u;
  if (out_3 < pixels) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel) * plane + out_3 % plane;
    store_sums(share * outputs + index, acc_3_0);
  }
  let out_4 = tile_p * 128u + (16u + lane_p) * 2u;
  if (out_4 < pixels) {
    let channel = channel_0;
    let index = ((out_4 / plane) * channels_out + channel) * plane + out_4 % plane;
    store_sums(share * outputs + index, acc_4_0);
  }
  let out_5 = tile_p * 128u + (16u + lane_p) * 2u + 1u;
  if (out_5 < pixels) {
    let channel = channel_0;
    let index = ((out_5 / plane) * channels_out + channel) * plane + out_5 % plane;
    store_sums(share * outputs + index, acc_5_0);
  }
  let out_6 = tile_p * 128u + (24u + lane_p) * 2u;
  if (out_6 < pixels) {
    let channel = channel_0;
    let index = ((out_6 / plane) * channels_out + channel) * plane + out_6 % plane;
    store_sums(share * outputs + index, acc_6_0);
  }
  let out_7 = tile_p * 128u + (24u + lane_p) * 2u + 1u;
  if (out_7 < pixels) {
    let channel = channel_0;
    let index = ((out_7 / plane) * channels_out + channel) * plane + out_7 % plane;
    store_sums(share * outputs + index, acc_7_0);
  }
  let out_8 = tile_p * 128u + (32u + lane_p) * 2u;
  if (out_8 < pixels) {
    let channel = channel_0;
    let index = ((out_8 / plane) * channels_out + channel) * plane + out_8 % plane;
    store_sums(share * outputs + index, acc_8_0);
  }
  let out_9 = tile_p * 128u + (32u + lane_p) * 2u + 1u;
  if (out_9 < pixels) {
    let channel = channel_0;
    let index = ((out_9 / plane) * channels_out + channel) * plane + out_9 % plane;
    store_sums(share * outputs + index, acc_9_0);
  }
  let out_10 = tile_p * 128u + (40u + lane_p) * 2u;
  if (out_10 < pixels) {
    let channel = channel_0;
    let index = ((out_10 / plane) * channels_out + channel) * plane + out_10 % plane;
    store_sums(share * outputs + index, acc_10_0);
  }
  let out_11 = tile_p * 128u + (40u + lane_p) * 2u + 1u;
  if (out_11 < pixels) {
    let channel = channel_0;
    let index = ((out_11 / plane) * channels_out + channel) * plane + out_11 % plane;
    store_sums(share * outputs + index, acc_11_0);
  }
  let out_12 = tile_p * 128u + (48u + lane_p) * 2u;
  if (out_12 < pixels) {
    let channel = channel_0;
    let index = ((out_12 / plane) * channels_out + channel) * plane + out_12 % plane;
    store_sums(share * outputs + index, acc_12_0);
  }
  let out_13 = tile_p * 128u + (48u + lane_p) * 2u + 1u;
  if (out_13 < pixels) {
    let channel = channel_0;
    let index = ((out_13 / plane) * channels_out + channel) * plane + out_13 % plane;
    store_sums(share * outputs + index, acc_13_0);
  }
  let out_14 = tile_p * 128u + (56u + lane_p) * 2u;
  if (out_14 < pixels) {
    let channel = channel_0;
    let index = ((out_14 / plane) * channels_out + channel) * plane + out_14 % plane;
    store_sums(share * outputs + index, acc_14_0);
  }
  let out_15 = tile_p * 128u + (56u + lane_p) * 2u + 1u;
  if (out_15 < pixels) {
    let channel = channel_0;
    let index = ((out_15 / plane) * channels_out + channel) * plane + out_15 % plane;
    store_sums(share * outputs + index, acc_15_0);
  }
}

// kernel 1: grid ceil(n*o*oh*ow/256), 1, 1; uniforms n, o, oh, ow; bindings sums, bias, y (written)
alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> sums: array<vec4<f32>>;

fn load_sums(i: u32) -> vec4<f32> {
  return sums[i];
}

@group(0) @binding(2) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

fn store_y(i: u32, v: vec4<f32>) {
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
  let outputs = shape.n * shape.o * shape.oh * shape.ow / 4u;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index / (shape.oh * shape.ow / 4u) % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_sums(index + 2u * outputs);
  v += load_sums(index + 3u * outputs);
  v += load_sums(index + 4u * outputs);
  v += load_sums(index + 5u * outputs);
  v += load_sums(index + 6u * outputs);
  v += load_sums(index + 7u * outputs);
  v += load_sums(index + 8u * outputs);
  v += load_sums(index + 9u * outputs);
  v += load_sums(index + 10u * outputs);
  v += load_sums(index + 11u * outputs);
  v += load_sums(index + 12u * outputs);
  v += load_sums(index + 13u * outputs);
  v += load_sums(index + 14u * outputs);
  v += load_sums(index + 15u * outputs);
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
