// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=16 wo=1 tp=4 to=2 vec=2 prepack=1 filter_outer=1 stage_w=0 stage_x=0 bk=4 pad=0 vec_k=1 vec_p=1 unroll=2 prefetch=0 split=2 band=1 baked=1 packed=0
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
alias Value = vec2<f32>;

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

@group(0) @binding(2) var<storage, read> w: array<vec2<f32>>;

fn load_w(i: u32) -> vec2<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<vec2<f32>>;

fn store_sums(i: u32, v: vec2<f32>) {
  sums[i] = v;
}

@compute @workgroup_size(1, 16)
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
  let channel_vectors = channels_out / 2u;
  let terms = 18u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 1u) / 2u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let part = group / (tiles_p * tiles_o) % 3u;
  let share = group / (tiles_p * tiles_o * 3u);

  let pixel_0 = min(tile_p * 64u + lane_p, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * 6u + part * channels_in;
  let pixel_1 = min(tile_p * 64u + 16u + lane_p, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * 6u + part * channels_in;
  let pixel_2 = min(tile_p * 64u + 32u + lane_p, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow * 2u - 2u;
  let x_2 = pixel_2 % size_ow * 2u - 2u;
  let origin_2 = (((pixel_2 / plane) * size_h + y_2) * size_w + x_2) * 6u + part * channels_in;
  let pixel_3 = min(tile_p * 64u + 48u + lane_p, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow * 2u - 2u;
  let x_3 = pixel_3 % size_ow * 2u - 2u;
  let origin_3 = (((pixel_3 / plane) * size_h + y_3) * size_w + x_3) * 6u + part * channels_in;
  let channel_0 = tile_o + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

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
    let at_0 = select(0u, origin_0 + (below * size_w + beside) * 6u, is_inside_0);
    let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside) * 6u, is_inside_1);
    let is_inside_2 = (y_2 + below < size_h) & (x_2 + beside < size_w);
    let at_2 = select(0u, origin_2 + (below * size_w + beside) * 6u, is_inside_2);
    let is_inside_3 = (y_3 + below < size_h) & (x_3 + beside < size_w);
    let at_3 = select(0u, origin_3 + (below * size_w + beside) * 6u, is_inside_3);

    for (var kk = 0u; kk < 4u; kk += 2u) {
      let w_0_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + kk, channels_in - 1u)) * channel_vectors + channel_0), start + kk < channels_in);
      let x_0_0 = select(f32(0.0), load_x(at_0 + (min(start + kk, channels_in - 1u))), is_inside_0 & (start + kk < channels_in));
      let x_0_1 = select(f32(0.0), load_x(at_1 + (min(start + kk, channels_in - 1u))), is_inside_1 & (start + kk < channels_in));
      let x_0_2 = select(f32(0.0), load_x(at_2 + (min(start + kk, channels_in - 1u))), is_inside_2 & (start + kk < channels_in));
      let x_0_3 = select(f32(0.0), load_x(at_3 + (min(start + kk, channels_in - 1u))), is_inside_3 & (start + kk < channels_in));
      acc_0_0 += w_0_0 * x_0_0;
      acc_1_0 += w_0_0 * x_0_1;
      acc_2_0 += w_0_0 * x_0_2;
      acc_3_0 += w_0_0 * x_0_3;
      let w_1_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + kk + 1u, channels_in - 1u)) * channel_vectors + channel_0), start + kk + 1u < channels_in);
      let x_1_0 = select(f32(0.0), load_x(at_0 + (min(start + kk + 1u, channels_in - 1u))), is_inside_0 & (start + kk + 1u < channels_in));
      let x_1_1 = select(f32(0.0), load_x(at_1 + (min(start + kk + 1u, channels_in - 1u))), is_inside_1 & (start + kk + 1u < channels_in));
      let x_1_2 = select(f32(0.0), load_x(at_2 + (min(start + kk + 1u, channels_in - 1u))), is_inside_2 & (start + kk + 1u < channels_in));
      let x_1_3 = select(f32(0.0), load_x(at_3 + (min(start + kk + 1u, channels_in - 1u))), is_inside_3 & (start + kk + 1u < channels_in));
      acc_0_0 += w_1_0 * x_1_0;
      acc_1_0 += w_1_0 * x_1_1;
      acc_2_0 += w_1_0 * x_1_2;
      acc_3_0 += w_1_0 * x_1_3;
    }
  }

  let outputs = pixels * channels_out * 3u / 2u;
  let out_0 = tile_p * 64u + lane_p;
  if (out_0 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_0 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_0_0);
  }
  let out_1 = tile_p * 64u + (16u + lane_p);
  if (out_1 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_1 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_1_0);
  }
  let out_2 = tile_p * 64u + (32u + lane_p);
  if (out_2 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_2 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_2_0);
  }
  let out_3 = tile_p * 64u + (48u + lane_p);
  if (out_3 < pixels) {
    let channel = part * channel_vectors + channel_0;
    let index = out_3 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_3_0);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/128), 1, 1; uniforms n, o, oh, ow; bindings sums, y (written)
alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> sums: array<vec2<f32>>;

fn load_sums(i: u32) -> vec2<f32> {
  return sums[i];
}

@group(0) @binding(2) var<storage, read_write> y: array<vec2<f32>>;

fn store_y(i: u32, v: vec2<f32>) {
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
  let outputs = shape.n * shape.o * shape.oh * shape.ow / 2u;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index % (shape.o / 2u);
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v = gelu(v);
  store_y(index, v);
}
