// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=32 wo=2 tp=2 to=1 vec=1 prepack=1 filter_outer=1 stage_w=0 stage_x=1 bk=4 pad=0 vec_k=2 vec_p=2 unroll=4 prefetch=0 stages=2 split=2 band=1 baked=1 packed=0
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
  let c = i / channels_out % channels_in;
  let f = i / (channels_out * channels_in) % 9u;
  let part = i / (channels_out * 9u * channels_in);
  let channel = part * channels_out + o;
  store_packed(i, load_w((channel * 9u + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/3/2), 6; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

@group(0) @binding(1) var<storage, read> x: array<vec2<f32>>;

fn load_x(i: u32) -> vec2<f32> {
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

var<workgroup> x_tile: array<Pixels, 256>;

@compute @workgroup_size(2, 32)
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
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 1u) / 2u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let part = group / (tiles_p * tiles_o) % 3u;
  let share = group / (tiles_p * tiles_o * 3u);

  let local_index = local.y * 2u + local.x;

  let x_fast_0 = local_index % 2u;
  let x_slow_0 = local_index / 2u;

  let pixel_0 = min(tile_p * 64u + x_slow_0 * 2u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * 3u + part * (channels_in / 2u);
  let pixel_1 = min(tile_p * 64u + x_slow_0 * 2u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * 3u + part * (channels_in / 2u);
  let channel_0 = tile_o * 2u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);

  let slabs_of_place = (channels_in + 3u) / 4u;
  let slabs = slabs_of_place * 9u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 4u;

    let below = place / 3u * 2u;
    let beside = place % 3u * 2u;
    let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside) * 3u, is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside) * 3u, is_inside_1);

    let x_fetched_0_0_0 = select(vec2<f32>(0.0), load_x(at_0 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_0 & (start + x_fast_0 * 2u < channels_in));
    let x_fetched_0_0_1 = select(vec2<f32>(0.0), load_x(at_1 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_1 & (start + x_fast_0 * 2u < channels_in));

    x_tile[slab % 2u * 128u + x_fast_0 * 2u * 32u + x_slow_0] = Pixels(x_fetched_0_0_0.x, x_fetched_0_0_1.x);
    x_tile[slab % 2u * 128u + (x_fast_0 * 2u + 1u) * 32u + x_slow_0] = Pixels(x_fetched_0_0_0.y, x_fetched_0_0_1.y);

    workgroupBarrier();
    let w_0_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start, channels_in - 1u)) * channel_vectors + channel_0), start < channels_in);
    let x_0_0 = x_tile[slab % 2u * 128u + lane_p];
    acc_0_0 += w_0_0 * x_0_0.x;
    acc_1_0 += w_0_0 * x_0_0.y;
    let w_1_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 1u, channels_in - 1u)) * channel_vectors + channel_0), start + 1u < channels_in);
    let x_1_0 = x_tile[slab % 2u * 128u + 32u + lane_p];
    acc_0_0 += w_1_0 * x_1_0.x;
    acc_1_0 += w_1_0 * x_1_0.y;
    let w_2_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 2u, channels_in - 1u)) * channel_vectors + channel_0), start + 2u < channels_in);
    let x_2_0 = x_tile[slab % 2u * 128u + 64u + lane_p];
    acc_0_0 += w_2_0 * x_2_0.x;
    acc_1_0 += w_2_0 * x_2_0.y;
    let w_3_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 3u, channels_in - 1u)) * channel_vectors + channel_0), start + 3u < channels_in);
    let x_3_0 = x_tile[slab % 2u * 128u + 96u + lane_p];
    acc_0_0 += w_3_0 * x_3_0.x;
    acc_1_0 += w_3_0 * x_3_0.y;
  }

  let outputs = pixels * channels_out * 3u;
  let out_0 = tile_p * 64u + lane_p * 2u;
  if (out_0 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_0);
  }
  let out_1 = tile_p * 64u + lane_p * 2u + 1u;
  if (out_1 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_1 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_1_0);
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
