// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/implicit_gemm
// wp=4 wo=4 tp=8 to=2 vec=1 prepack=1 filter_outer=1 stage_w=0 stage_x=1 bk=4 pad=0 vec_k=2 vec_p=1 unroll=4 prefetch=1 stages=2 split=2 band=1 baked=0 packed=0
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

// kernel 1: grid ceil(n*oh*ow/32), ceil(o/3/8), 6; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

var<workgroup> x_tile: array<f32, 256>;

@compute @workgroup_size(4, 4)
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
  let tiles_p = (pixels + 31u) / 32u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let part = group / (tiles_p * tiles_o) % 3u;
  let share = group / (tiles_p * tiles_o * 3u);

  let local_index = local.y * 4u + local.x;

  let x_fast_0 = local_index % 2u;
  let x_slow_0 = local_index / 2u;
  let x_slow_1 = local_index / 2u + 8u;
  let x_slow_2 = local_index / 2u + 16u;
  let x_slow_3 = local_index / 2u + 24u;

  let pixel_0 = min(tile_p * 32u + x_slow_0, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow * 2u - 2u;
  let x_0 = pixel_0 % size_ow * 2u - 2u;
  let origin_0 = (((pixel_0 / plane) * size_h + y_0) * size_w + x_0) * (size_c / 2u) + part * (channels_in / 2u);
  let pixel_1 = min(tile_p * 32u + x_slow_1, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow * 2u - 2u;
  let x_1 = pixel_1 % size_ow * 2u - 2u;
  let origin_1 = (((pixel_1 / plane) * size_h + y_1) * size_w + x_1) * (size_c / 2u) + part * (channels_in / 2u);
  let pixel_2 = min(tile_p * 32u + x_slow_2, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow * 2u - 2u;
  let x_2 = pixel_2 % size_ow * 2u - 2u;
  let origin_2 = (((pixel_2 / plane) * size_h + y_2) * size_w + x_2) * (size_c / 2u) + part * (channels_in / 2u);
  let pixel_3 = min(tile_p * 32u + x_slow_3, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow * 2u - 2u;
  let x_3 = pixel_3 % size_ow * 2u - 2u;
  let origin_3 = (((pixel_3 / plane) * size_h + y_3) * size_w + x_3) * (size_c / 2u) + part * (channels_in / 2u);
  let channel_0 = tile_o * 8u + lane_o;
  let channel_1 = tile_o * 8u + 4u + lane_o;

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

  let slabs_of_place = (channels_in + 3u) / 4u;
  let slabs = slabs_of_place * 9u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  let place = min(first_slab, slabs - 1u) / slabs_of_place;
  let start = min(first_slab, slabs - 1u) % slabs_of_place * 4u;

  let below = place / 3u * 2u;
  let beside = place % 3u * 2u;
  let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
  let at_0 = select(0u, origin_0 + (below * size_w + beside) * (size_c / 2u), is_inside_0);
  let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
  let at_1 = select(0u, origin_1 + (below * size_w + beside) * (size_c / 2u), is_inside_1);
  let is_inside_2 = (y_2 + below < size_h) & (x_2 + beside < size_w);
  let at_2 = select(0u, origin_2 + (below * size_w + beside) * (size_c / 2u), is_inside_2);
  let is_inside_3 = (y_3 + below < size_h) & (x_3 + beside < size_w);
  let at_3 = select(0u, origin_3 + (below * size_w + beside) * (size_c / 2u), is_inside_3);

  var x_fetched_0_0_0 = select(vec2<f32>(0.0), load_x(at_0 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_0 & (start + x_fast_0 * 2u < channels_in));
  var x_fetched_1_0_0 = select(vec2<f32>(0.0), load_x(at_1 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_1 & (start + x_fast_0 * 2u < channels_in));
  var x_fetched_2_0_0 = select(vec2<f32>(0.0), load_x(at_2 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_2 & (start + x_fast_0 * 2u < channels_in));
  var x_fetched_3_0_0 = select(vec2<f32>(0.0), load_x(at_3 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_3 & (start + x_fast_0 * 2u < channels_in));

  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    x_tile[slab % 2u * 128u + x_fast_0 * 2u * 32u + x_slow_0] = x_fetched_0_0_0.x;
    x_tile[slab % 2u * 128u + (x_fast_0 * 2u + 1u) * 32u + x_slow_0] = x_fetched_0_0_0.y;
    x_tile[slab % 2u * 128u + x_fast_0 * 2u * 32u + x_slow_1] = x_fetched_1_0_0.x;
    x_tile[slab % 2u * 128u + (x_fast_0 * 2u + 1u) * 32u + x_slow_1] = x_fetched_1_0_0.y;
    x_tile[slab % 2u * 128u + x_fast_0 * 2u * 32u + x_slow_2] = x_fetched_2_0_0.x;
    x_tile[slab % 2u * 128u + (x_fast_0 * 2u + 1u) * 32u + x_slow_2] = x_fetched_2_0_0.y;
    x_tile[slab % 2u * 128u + x_fast_0 * 2u * 32u + x_slow_3] = x_fetched_3_0_0.x;
    x_tile[slab % 2u * 128u + (x_fast_0 * 2u + 1u) * 32u + x_slow_3] = x_fetched_3_0_0.y;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let place = min(slab + 1u, slabs - 1u) / slabs_of_place;
      let start = min(slab + 1u, slabs - 1u) % slabs_of_place * 4u;

      let below = place / 3u * 2u;
      let beside = place % 3u * 2u;
      let is_inside_0 = (y_0 + below < size_h) & (x_0 + beside < size_w);
      let at_0 = select(0u, origin_0 + (below * size_w + beside) * (size_c / 2u), is_inside_0);
      let is_inside_1 = (y_1 + below < size_h) & (x_1 + beside < size_w);
      let at_1 = select(0u, origin_1 + (below * size_w + beside) * (size_c / 2u), is_inside_1);
      let is_inside_2 = (y_2 + below < size_h) & (x_2 + beside < size_w);
      let at_2 = select(0u, origin_2 + (below * size_w + beside) * (size_c / 2u), is_inside_2);
      let is_inside_3 = (y_3 + below < size_h) & (x_3 + beside < size_w);
      let at_3 = select(0u, origin_3 + (below * size_w + beside) * (size_c / 2u), is_inside_3);

      x_fetched_0_0_0 = select(vec2<f32>(0.0), load_x(at_0 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_0 & (start + x_fast_0 * 2u < channels_in));
      x_fetched_1_0_0 = select(vec2<f32>(0.0), load_x(at_1 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_1 & (start + x_fast_0 * 2u < channels_in));
      x_fetched_2_0_0 = select(vec2<f32>(0.0), load_x(at_2 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_2 & (start + x_fast_0 * 2u < channels_in));
      x_fetched_3_0_0 = select(vec2<f32>(0.0), load_x(at_3 + (min(start + x_fast_0 * 2u, channels_in - 2u)) / 2u), is_inside_3 & (start + x_fast_0 * 2u < channels_in));
    }
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 4u;

    let w_0_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start < channels_in);
    let w_0_1 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start < channels_in);
    let x_0_0 = x_tile[slab % 2u * 128u + lane_p];
    let x_0_1 = x_tile[slab % 2u * 128u + 4u + lane_p];
    let x_0_2 = x_tile[slab % 2u * 128u + 8u + lane_p];
    let x_0_3 = x_tile[slab % 2u * 128u + 12u + lane_p];
    let x_0_4 = x_tile[slab % 2u * 128u + 16u + lane_p];
    let x_0_5 = x_tile[slab % 2u * 128u + 20u + lane_p];
    let x_0_6 = x_tile[slab % 2u * 128u + 24u + lane_p];
    let x_0_7 = x_tile[slab % 2u * 128u + 28u + lane_p];
    acc_0_0 += w_0_0 * x_0_0;
    acc_0_1 += w_0_1 * x_0_0;
    acc_1_0 += w_0_0 * x_0_1;
    acc_1_1 += w_0_1 * x_0_1;
    acc_2_0 += w_0_0 * x_0_2;
    acc_2_1 += w_0_1 * x_0_2;
    acc_3_0 += w_0_0 * x_0_3;
    acc_3_1 += w_0_1 * x_0_3;
    acc_4_0 += w_0_0 * x_0_4;
    acc_4_1 += w_0_1 * x_0_4;
    acc_5_0 += w_0_0 * x_0_5;
    acc_5_1 += w_0_1 * x_0_5;
    acc_6_0 += w_0_0 * x_0_6;
    acc_6_1 += w_0_1 * x_0_6;
    acc_7_0 += w_0_0 * x_0_7;
    acc_7_1 += w_0_1 * x_0_7;
    let w_1_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 1u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 1u < channels_in);
    let w_1_1 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 1u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 1u < channels_in);
    let x_1_0 = x_tile[slab % 2u * 128u + 32u + lane_p];
    let x_1_1 = x_tile[slab % 2u * 128u + 36u + lane_p];
    let x_1_2 = x_tile[slab % 2u * 128u + 40u + lane_p];
    let x_1_3 = x_tile[slab % 2u * 128u + 44u + lane_p];
    let x_1_4 = x_tile[slab % 2u * 128u + 48u + lane_p];
    let x_1_5 = x_tile[slab % 2u * 128u + 52u + lane_p];
    let x_1_6 = x_tile[slab % 2u * 128u + 56u + lane_p];
    let x_1_7 = x_tile[slab % 2u * 128u + 60u + lane_p];
    acc_0_0 += w_1_0 * x_1_0;
    acc_0_1 += w_1_1 * x_1_0;
    acc_1_0 += w_1_0 * x_1_1;
    acc_1_1 += w_1_1 * x_1_1;
    acc_2_0 += w_1_0 * x_1_2;
    acc_2_1 += w_1_1 * x_1_2;
    acc_3_0 += w_1_0 * x_1_3;
    acc_3_1 += w_1_1 * x_1_3;
    acc_4_0 += w_1_0 * x_1_4;
    acc_4_1 += w_1_1 * x_1_4;
    acc_5_0 += w_1_0 * x_1_5;
    acc_5_1 += w_1_1 * x_1_5;
    acc_6_0 += w_1_0 * x_1_6;
    acc_6_1 += w_1_1 * x_1_6;
    acc_7_0 += w_1_0 * x_1_7;
    acc_7_1 += w_1_1 * x_1_7;
    let w_2_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 2u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 2u < channels_in);
    let w_2_1 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 2u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 2u < channels_in);
    let x_2_0 = x_tile[slab % 2u * 128u + 64u + lane_p];
    let x_2_1 = x_tile[slab % 2u * 128u + 68u + lane_p];
    let x_2_2 = x_tile[slab % 2u * 128u + 72u + lane_p];
    let x_2_3 = x_tile[slab % 2u * 128u + 76u + lane_p];
    let x_2_4 = x_tile[slab % 2u * 128u + 80u + lane_p];
    let x_2_5 = x_tile[slab % 2u * 128u + 84u + lane_p];
    let x_2_6 = x_tile[slab % 2u * 128u + 88u + lane_p];
    let x_2_7 = x_tile[slab % 2u * 128u + 92u + lane_p];
    acc_0_0 += w_2_0 * x_2_0;
    acc_0_1 += w_2_1 * x_2_0;
    acc_1_0 += w_2_0 * x_2_1;
    acc_1_1 += w_2_1 * x_2_1;
    acc_2_0 += w_2_0 * x_2_2;
    acc_2_1 += w_2_1 * x_2_2;
    acc_3_0 += w_2_0 * x_2_3;
    acc_3_1 += w_2_1 * x_2_3;
    acc_4_0 += w_2_0 * x_2_4;
    acc_4_1 += w_2_1 * x_2_4;
    acc_5_0 += w_2_0 * x_2_5;
    acc_5_1 += w_2_1 * x_2_5;
    acc_6_0 += w_2_0 * x_2_6;
    acc_6_1 += w_2_1 * x_2_6;
    acc_7_0 += w_2_0 * x_2_7;
    acc_7_1 += w_2_1 * x_2_7;
    let w_3_0 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 3u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 3u < channels_in);
    let w_3_1 = select(Value(0.0), load_w((part * terms + place * channels_in + min(start + 3u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 3u < channels_in);
    let x_3_0 = x_tile[slab % 2u * 128u + 96u + lane_p];
    let x_3_1 = x_tile[slab % 2u * 128u + 100u + lane_p];
    let x_3_2 = x_tile[slab % 2u * 128u + 104u + lane_p];
    let x_3_3 = x_tile[slab % 2u * 128u + 108u + lane_p];
    let x_3_4 = x_tile[slab % 2u * 128u + 112u + lane_p];
    let x_3_5 = x_tile[slab % 2u * 128u + 116u + lane_p];
    let x_3_6 = x_tile[slab % 2u * 128u + 120u + lane_p];
    let x_3_7 = x_tile[slab % 2u * 128u + 124u + lane_p];
    acc_0_0 += w_3_0 * x_3_0;
    acc_0_1 += w_3_1 * x_3_0;
    acc_1_0 += w_3_0 * x_3_1;
    acc_1_1 += w_3_1 * x_3_1;
    acc_2_0 += w_3_0 * x_3_2;
    acc_2_1 += w_3_1 * x_3_2;
    acc_3_0 += w_3_0 * x_3_3;
    acc_3_1 += w_3_1 * x_3_3;
    acc_4_0 += w_3_0 * x_3_4;
    acc_4_1 += w_3_1 * x_3_4;
    acc_5_0 += w_3_0 * x_3_5;
    acc_5_1 += w_3_1 * x_3_5;
    acc_6_0 += w_3_0 * x_3_6;
    acc_6_1 += w_3_1 * x_3_6;
    acc_7_0 += w_3_0 * x_3_7;
    acc_7_1 += w_3_1 * x_3_7;
  }

  let outputs = pixels * channels_out * 3u;
  let out_0 = tile_p * 32u + lane_p;
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
  let out_1 = tile_p * 32u + (4u + lane_p);
  if ((out_1 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_1 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_1_0);
  }
  if ((out_1 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_1 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_1_1);
  }
  let out_2 = tile_p * 32u + (8u + lane_p);
  if ((out_2 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_2 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_2_0);
  }
  if ((out_2 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_2 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_2_1);
  }
  let out_3 = tile_p * 32u + (12u + lane_p);
  if ((out_3 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_3 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_3_0);
  }
  if ((out_3 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_3 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_3_1);
  }
  let out_4 = tile_p * 32u + (16u + lane_p);
  if ((out_4 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_4 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_4_0);
  }
  if ((out_4 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_4 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_4_1);
  }
  let out_5 = tile_p * 32u + (20u + lane_p);
  if ((out_5 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_5 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_5_0);
  }
  if ((out_5 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_5 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_5_1);
  }
  let out_6 = tile_p * 32u + (24u + lane_p);
  if ((out_6 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_6 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_6_0);
  }
  if ((out_6 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_6 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_6_1);
  }
  let out_7 = tile_p * 32u + (28u + lane_p);
  if ((out_7 < pixels) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = out_7 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_7_0);
  }
  if ((out_7 < pixels) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = out_7 * (channel_vectors * 3u) + channel;
    store_sums(share * outputs + index, acc_7_1);
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
