// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/implicit_gemm
// wp=64 wo=2 tp=2 to=4 vec=1 prepack=1 filter_outer=1 stage_w=1 stage_x=1 bk=8 pad=1 vec_k=1 vec_p=2 unroll=2 prefetch=0 stages=2 split=8 band=4 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*9*4 bytes, temporary `sums` of 8*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 8*n*o*oh*ow*4 bytes, input 2, output 0

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

// kernel 1: grid ceil(n*oh*ow/128), ceil(o/1/8), 8; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

var<workgroup> w_tile: array<Value, 144>;
var<workgroup> x_tile: array<Pixels, 1040>;

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
  let tiles_p = (pixels + 127u) / 128u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile = group % (tiles_p * tiles_o);
  let band_start = tile / (4u * tiles_p) * 4u;
  let band_width = min(4u, tiles_o - band_start);
  let tile_p = tile % (4u * tiles_p) / band_width;
  let tile_o = band_start + tile % (4u * tiles_p) % band_width;

  let share = group / (tiles_p * tiles_o);

  let local_index = local.y * 64u + local.x;
  let w_fast_0 = local_index % 8u;
  let w_slow_0 = local_index / 8u;

  let x_fast_0 = local_index % 64u;
  let x_slow_0 = local_index / 64u;
  let x_slow_1 = local_index / 64u + 2u;
  let x_slow_2 = local_index / 64u + 4u;
  let x_slow_3 = local_index / 64u + 6u;

  let pixel_0 = min(tile_p * 128u + x_fast_0 * 2u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow - 1u;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 128u + x_fast_0 * 2u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow - 1u;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let channel_0 = tile_o * 8u + lane_o;
  let channel_1 = tile_o * 8u + 2u + lane_o;
  let channel_2 = tile_o * 8u + 4u + lane_o;
  let channel_3 = tile_o * 8u + 6u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 7u) / 8u;
  let slabs = slabs_of_place * 9u;
  let slabs_of_share = (slabs + 7u) / 8u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 8u;

    let below = place / 3u;
    let beside = place % 3u;
    let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);

    if (local_index < 64u) {
      let w_fetched_0_0 = select(Value(0.0), load_w((place * channels_in + min(start + w_slow_0, channels_in - 1u)) * channel_vectors + min(tile_o * 8u + w_fast_0, channel_vectors - 1u)), start + w_slow_0 < channels_in);

      w_tile[slab % 2u * 72u + w_slow_0 * 9u + w_fast_0] = w_fetched_0_0;
    }

    let x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_0 < channels_in));
    let x_fetched_0_0_1 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_0 < channels_in));
    let x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_1 < channels_in));
    let x_fetched_1_0_1 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_1 < channels_in));
    let x_fetched_2_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_2 < channels_in));
    let x_fetched_2_0_1 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_2 < channels_in));
    let x_fetched_3_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_3 < channels_in));
    let x_fetched_3_0_1 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_3 < channels_in));

    x_tile[slab % 2u * 520u + x_slow_0 * 65u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1);
    x_tile[slab % 2u * 520u + x_slow_1 * 65u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1);
    x_tile[slab % 2u * 520u + x_slow_2 * 65u + x_fast_0] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1);
    x_tile[slab % 2u * 520u + x_slow_3 * 65u + x_fast_0] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1);

    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let w_0_0 = w_tile[slab % 2u * 72u + kk * 9u + lane_o];
      let w_0_1 = w_tile[slab % 2u * 72u + kk * 9u + 2u + lane_o];
      let w_0_2 = w_tile[slab % 2u * 72u + kk * 9u + 4u + lane_o];
      let w_0_3 = w_tile[slab % 2u * 72u + kk * 9u + 6u + lane_o];
      let x_0_0 = x_tile[slab % 2u * 520u + kk * 65u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_0_1 += w_0_1 * x_0_0.x;
      acc_0_2 += w_0_2 * x_0_0.x;
      acc_0_3 += w_0_3 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_1_1 += w_0_1 * x_0_0.y;
      acc_1_2 += w_0_2 * x_0_0.y;
      acc_1_3 += w_0_3 * x_0_0.y;
      let w_1_0 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + lane_o];
      let w_1_1 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + 2u + lane_o];
      let w_1_2 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + 4u + lane_o];
      let w_1_3 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + 6u + lane_o];
      let x_1_0 = x_tile[slab % 2u * 520u + (kk + 1u) * 65u + lane_p];
      acc_0_0 += w_1_0 * x_1_0.x;
      acc_0_1 += w_1_1 * x_1_0.x;
      acc_0_2 += w_1_2 * x_1_0.x;
      acc_0_3 += w_1_3 * x_1_0.x;
      acc_1_0 += w_1_0 * x_1_0.y;
      acc_1_1 += w_1_1 * x_1_0.y;
      acc_1_2 += w_1_2 * x_1_0.y;
      acc_1_3 += w_1_3 * x_1_0.y;
    }
  }

  let outputs = pixels * channels_out;
  let out_0 = tile_p * 128u + lane_p * 2u;
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
  if ((out_0 < pixels) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_2);
  }
  if ((out_0 < pixels) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = ((out_0 / plane) * channels_out + channel) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_3);
  }
  let out_1 = tile_p * 128u + lane_p * 2u + 1u;
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
  if ((out_1 < pixels) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_2);
  }
  if ((out_1 < pixels) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = ((out_1 / plane) * channels_out + channel) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_3);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/256), 1, 1; uniforms n, o, oh, ow; bindings sums, bias, y (written)
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
  v += load_bias(channel);
  v = relu(v);
  store_y(index, v);
}
