// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/implicit_gemm
// wp=16 wo=8 tp=4 to=4 vec=4 prepack=1 filter_outer=1 stage_w=1 stage_x=1 bk=16 pad=0 vec_k=1 vec_p=4 unroll=4 prefetch=0 stages=1 split=1 band=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*9*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*9/64), 1, 1; uniforms c, o; bindings w, packed (written)
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
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 9u)) {
    return;
  }
  let o = i % channels_out;
  let c = i / channels_out % channels_in;
  let f = i / (channels_out * channels_in) % 9u;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 9u + f));
}

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/1/32), 1; uniforms n, c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = vec4<f32>;
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

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;

fn load_bias(i: u32) -> vec4<f32> {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> w_tile: array<Value, 128>;
var<workgroup> x_tile: array<Pixels, 256>;

@compute @workgroup_size(16, 8)
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
  let channel_vectors = channels_out / 4u;
  let terms = 576u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 31u) / 32u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let local_index = local.y * 16u + local.x;
  let w_fast_0 = local_index % 8u;
  let w_slow_0 = local_index / 8u;

  let x_fast_0 = local_index % 16u;
  let x_slow_0 = local_index / 16u;
  let x_slow_1 = local_index / 16u + 8u;

  let pixel_0 = min(tile_p * 64u + x_fast_0 * 4u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow - 1u;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 64u + x_fast_0 * 4u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow - 1u;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let pixel_2 = min(tile_p * 64u + x_fast_0 * 4u + 2u, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow - 1u;
  let x_2 = pixel_2 % size_ow - 1u;
  let origin_2 = (((pixel_2 / plane) * size_c) * size_h + y_2) * size_w + x_2;
  let pixel_3 = min(tile_p * 64u + x_fast_0 * 4u + 3u, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow - 1u;
  let x_3 = pixel_3 % size_ow - 1u;
  let origin_3 = (((pixel_3 / plane) * size_c) * size_h + y_3) * size_w + x_3;
  let channel_0 = tile_o * 8u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 15u) / 16u;
  let slabs = slabs_of_place * 9u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 16u;

    let below = place / 3u;
    let beside = place % 3u;
    let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);
    let is_inside_2 = (y_2 + below < size_h) & (x_2 + beside < size_w);
    let at_2 = select(0u, origin_2 + (below * size_w + beside), is_inside_2);
    let is_inside_3 = (y_3 + below < size_h) & (x_3 + beside < size_w);
    let at_3 = select(0u, origin_3 + (below * size_w + beside), is_inside_3);

    let w_fetched_0_0 = load_w((place * channels_in + start + w_slow_0) * channel_vectors + tile_o * 8u + w_fast_0);

    w_tile[w_slow_0 * 8u + w_fast_0] = w_fetched_0_0;

    let x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_0) * plane_in), is_inside_0);
    let x_fetched_0_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_0) * plane_in), is_inside_1);
    let x_fetched_0_0_2 = select(f32(0.0), load_x(at_2 + (start + x_slow_0) * plane_in), is_inside_2);
    let x_fetched_0_0_3 = select(f32(0.0), load_x(at_3 + (start + x_slow_0) * plane_in), is_inside_3);
    let x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (start + x_slow_1) * plane_in), is_inside_0);
    let x_fetched_1_0_1 = select(f32(0.0), load_x(at_1 + (start + x_slow_1) * plane_in), is_inside_1);
    let x_fetched_1_0_2 = select(f32(0.0), load_x(at_2 + (start + x_slow_1) * plane_in), is_inside_2);
    let x_fetched_1_0_3 = select(f32(0.0), load_x(at_3 + (start + x_slow_1) * plane_in), is_inside_3);

    x_tile[x_slow_0 * 16u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1, x_fetched_0_0_2, x_fetched_0_0_3);
    x_tile[x_slow_1 * 16u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1, x_fetched_1_0_2, x_fetched_1_0_3);

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let w_0_0 = w_tile[kk * 8u + lane_o];
      let x_0_0 = x_tile[kk * 16u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_0.z;
      acc_3_0 += w_0_0 * x_0_0.w;
      let w_1_0 = w_tile[(kk + 1u) * 8u + lane_o];
      let x_1_0 = x_tile[(kk + 1u) * 16u + lane_p];
      acc_0_0 += w_1_0 * x_1_0.x;
      acc_1_0 += w_1_0 * x_1_0.y;
      acc_2_0 += w_1_0 * x_1_0.z;
      acc_3_0 += w_1_0 * x_1_0.w;
      let w_2_0 = w_tile[(kk + 2u) * 8u + lane_o];
      let x_2_0 = x_tile[(kk + 2u) * 16u + lane_p];
      acc_0_0 += w_2_0 * x_2_0.x;
      acc_1_0 += w_2_0 * x_2_0.y;
      acc_2_0 += w_2_0 * x_2_0.z;
      acc_3_0 += w_2_0 * x_2_0.w;
      let w_3_0 = w_tile[(kk + 3u) * 8u + lane_o];
      let x_3_0 = x_tile[(kk + 3u) * 16u + lane_p];
      acc_0_0 += w_3_0 * x_3_0.x;
      acc_1_0 += w_3_0 * x_3_0.y;
      acc_2_0 += w_3_0 * x_3_0.z;
      acc_3_0 += w_3_0 * x_3_0.w;
    }
    workgroupBarrier();
  }

  let out_0 = tile_p * 64u + lane_p * 4u;
  if (out_0 < pixels) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    var v = acc_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_1 = tile_p * 64u + lane_p * 4u + 1u;
  if (out_1 < pixels) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    var v = acc_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_2 = tile_p * 64u + lane_p * 4u + 2u;
  if (out_2 < pixels) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel * 4u) * plane + out_2 % plane;
    var v = acc_2_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_3 = tile_p * 64u + lane_p * 4u + 3u;
  if (out_3 < pixels) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel * 4u) * plane + out_3 % plane;
    var v = acc_3_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
