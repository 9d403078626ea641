// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/implicit_gemm
// wp=4 wo=8 tp=8 to=2 vec=1 prepack=0 filter_outer=1 stage_w=1 stage_x=1 bk=8 pad=0 vec_k=1 vec_p=2 unroll=4 prefetch=0 stages=1 split=2 band=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 1 on temporary `sums` of 2*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid ceil(n*oh*ow/32), ceil(o/1/16), 2; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> x: array<f16>;

fn load_x(i: u32) -> f32 {
  return f32(x[i]);
}

@group(0) @binding(2) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> w_tile: array<Value, 128>;
var<workgroup> x_tile: array<Pixels, 128>;

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
  let lane_p = local.x;
  let lane_o = local.y;
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let size_ow = 12u;
  let plane = 12u * size_ow;
  let pixels = plane;
  let channels_in = 8u;
  let channels_out = 16u;
  let channel_vectors = channels_out;
  let terms = 24u;
  let tiles_p = (pixels + 31u) / 32u;
  let tiles_o = (channels_out + 15u) / 16u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let share = group / (tiles_p * tiles_o);

  let local_index = local.y * 4u + local.x;
  let w_fast_0 = local_index % 8u;
  let w_slow_0 = local_index / 8u;
  let w_slow_1 = local_index / 8u + 4u;
  let w_slow_2 = local_index / 8u + 8u;
  let w_slow_3 = local_index / 8u + 12u;

  let x_fast_0 = local_index % 16u;
  let x_slow_0 = local_index / 16u;
  let x_slow_1 = local_index / 16u + 2u;
  let x_slow_2 = local_index / 16u + 4u;
  let x_slow_3 = local_index / 16u + 6u;

  let pixel_0 = min(tile_p * 32u + x_fast_0 * 2u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 32u + x_fast_0 * 2u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let channel_0 = tile_o * 16u + lane_o;
  let channel_1 = tile_o * 16u + 8u + lane_o;

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

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 7u) / 8u;
  let slabs = slabs_of_place * 3u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 8u;

    let below = place / 3u;
    let beside = place % 3u;
    let is_inside_0 = (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
    let is_inside_1 = (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);

    let w_fetched_0_0 = load_w(((tile_o * 16u + w_slow_0)) * terms + (start + w_fast_0) * 3u + place);
    let w_fetched_1_0 = load_w(((tile_o * 16u + w_slow_1)) * terms + (start + w_fast_0) * 3u + place);
    let w_fetched_2_0 = load_w(((tile_o * 16u + w_slow_2)) * terms + (start + w_fast_0) * 3u + place);
    let w_fetched_3_0 = load_w(((tile_o * 16u + w_slow_3)) * terms + (start + w_fast_0) * 3u + place);

    w_tile[w_fast_0 * 16u + w_slow_0] = w_fetched_0_0;
    w_tile[w_fast_0 * 16u + w_slow_1] = w_fetched_1_0;
    w_tile[w_fast_0 * 16u + w_slow_2] = w_fetched_2_0;
    w_tile[w_fast_0 * 16u + w_slow_3] = w_fetched_3_0;

    let x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_0) * plane_in), is_inside_0);
    let x_fetched_0_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_0) * plane_in), is_inside_1);
    let x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_1) * plane_in), is_inside_0);
    let x_fetched_1_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_1) * plane_in), is_inside_1);
    let x_fetched_2_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_2) * plane_in), is_inside_0);
    let x_fetched_2_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_2) * plane_in), is_inside_1);
    let x_fetched_3_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_3) * plane_in), is_inside_0);
    let x_fetched_3_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_3) * plane_in), is_inside_1);

    x_tile[x_slow_0 * 16u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1);
    x_tile[x_slow_1 * 16u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1);
    x_tile[x_slow_2 * 16u + x_fast_0] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1);
    x_tile[x_slow_3 * 16u + x_fast_0] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1);

    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let w_0_0 = w_tile[kk * 16u + lane_o];
      let w_0_1 = w_tile[kk * 16u + 8u + lane_o];
      let x_0_0 = x_tile[kk * 16u + lane_p];
      let x_0_1 = x_tile[kk * 16u + 4u + lane_p];
      let x_0_2 = x_tile[kk * 16u + 8u + lane_p];
      let x_0_3 = x_tile[kk * 16u + 12u + lane_p];
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
      let w_1_0 = w_tile[(kk + 1u) * 16u + lane_o];
      let w_1_1 = w_tile[(kk + 1u) * 16u + 8u + lane_o];
      let x_1_0 = x_tile[(kk + 1u) * 16u + lane_p];
      let x_1_1 = x_tile[(kk + 1u) * 16u + 4u + lane_p];
      let x_1_2 = x_tile[(kk + 1u) * 16u + 8u + lane_p];
      let x_1_3 = x_tile[(kk + 1u) * 16u + 12u + lane_p];
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
      let w_2_0 = w_tile[(kk + 2u) * 16u + lane_o];
      let w_2_1 = w_tile[(kk + 2u) * 16u + 8u + lane_o];
      let x_2_0 = x_tile[(kk + 2u) * 16u + lane_p];
      let x_2_1 = x_tile[(kk + 2u) * 16u + 4u + lane_p];
      let x_2_2 = x_tile[(kk + 2u) * 16u + 8u + lane_p];
      let x_2_3 = x_tile[(kk + 2u) * 16u + 12u + lane_p];
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
      let w_3_0 = w_tile[(kk + 3u) * 16u + lane_o];
      let w_3_1 = w_tile[(kk + 3u) * 16u + 8u + lane_o];
      let x_3_0 = x_tile[(kk + 3u) * 16u + lane_p];
      let x_3_1 = x_tile[(kk + 3u) * 16u + 4u + lane_p];
      let x_3_2 = x_tile[(kk + 3u) * 16u + 8u + lane_p];
      let x_3_3 = x_tile[(kk + 3u) * 16u + 12u + lane_p];
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
  let out_0 = tile_p * 32u + lane_p * 2u;
  if (out_0 < pixels) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_0);
  }
  if (out_0 < pixels) {
    let channel = channel_1;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_1);
  }
  let out_1 = tile_p * 32u + lane_p * 2u + 1u;
  if (out_1 < pixels) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_0);
  }
  if (out_1 < pixels) {
    let channel = channel_1;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_1);
  }
  let out_2 = tile_p * 32u + (4u + lane_p) * 2u;
  if (out_2 < pixels) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel) * plane + out_2 % plane;
    store_sums(share * outputs + index, acc_2_0);
  }
  if (out_2 < pixels) {
    let channel = channel_1;
    let index = ((out_2 / plane) * channels_out + channel) * plane + out_2 % plane;
    store_sums(share * outputs + index, acc_2_1);
  }
  let out_3 = tile_p * 32u + (4u + lane_p) * 2u + 1u;
  if (out_3 < pixels) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel) * plane + out_3 % plane;
    store_sums(share * outputs + index, acc_3_0);
  }
  if (out_3 < pixels) {
    let channel = channel_1;
    let index = ((out_3 / plane) * channels_out + channel) * plane + out_3 % plane;
    store_sums(share * outputs + index, acc_3_1);
  }
  let out_4 = tile_p * 32u + (8u + lane_p) * 2u;
  if (out_4 < pixels) {
    let channel = channel_0;
    let index = ((out_4 / plane) * channels_out + channel) * plane + out_4 % plane;
    store_sums(share * outputs + index, acc_4_0);
  }
  if (out_4 < pixels) {
    let channel = channel_1;
    let index = ((out_4 / plane) * channels_out + channel) * plane + out_4 % plane;
    store_sums(share * outputs + index, acc_4_1);
  }
  let out_5 = tile_p * 32u + (8u + lane_p) * 2u + 1u;
  if (out_5 < pixels) {
    let channel = channel_0;
    let index = ((out_5 / plane) * channels_out + channel) * plane + out_5 % plane;
    store_sums(share * outputs + index, acc_5_0);
  }
  if (out_5 < pixels) {
    let channel = channel_1;
    let index = ((out_5 / plane) * channels_out + channel) * plane + out_5 % plane;
    store_sums(share * outputs + index, acc_5_1);
  }
  let out_6 = tile_p * 32u + (12u + lane_p) * 2u;
  if (out_6 < pixels) {
    let channel = channel_0;
    let index = ((out_6 / plane) * channels_out + channel) * plane + out_6 % plane;
    store_sums(share * outputs + index, acc_6_0);
  }
  if (out_6 < pixels) {
    let channel = channel_1;
    let index = ((out_6 / plane) * channels_out + channel) * plane + out_6 % plane;
    store_sums(share * outputs + index, acc_6_1);
  }
  let out_7 = tile_p * 32u + (12u + lane_p) * 2u + 1u;
  if (out_7 < pixels) {
    let channel = channel_0;
    let index = ((out_7 / plane) * channels_out + channel) * plane + out_7 % plane;
    store_sums(share * outputs + index, acc_7_0);
  }
  if (out_7 < pixels) {
    let channel = channel_1;
    let index = ((out_7 / plane) * channels_out + channel) * plane + out_7 % plane;
    store_sums(share * outputs + index, acc_7_1);
  }
}

// kernel 1: grid ceil(n*o*oh*ow/256), 1, 1; uniforms n, o, oh, ow; bindings sums, residual, y (written)
enable f16;

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

@group(0) @binding(2) var<storage, read> residual: array<vec4<f16>>;

fn load_residual(i: u32) -> vec4<f32> {
  return vec4<f32>(residual[i]);
}

@group(0) @binding(3) var<storage, read_write> y: array<vec4<f16>>;

fn store_y(i: u32, v: vec4<f32>) {
  y[i] = vec4<f16>(v);
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
  v += load_residual(index);
  store_y(index, v);
}
