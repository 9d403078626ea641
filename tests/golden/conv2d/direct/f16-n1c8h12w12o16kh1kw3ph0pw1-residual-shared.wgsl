// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/direct
// wx=1 wy=1 wz=32 th=2 tw=2 to=16 vec=1 prepack=1 stage_w=1 stage_x=0 share_x=4 bc=1 pad=1 unroll=1 baked=1 packed=1
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*3*2 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*3*2 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*3/64), 1, 1; uniforms c, o; bindings w, packed (written)
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

@group(0) @binding(1) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read_write> packed: array<atomic<u32>>;

fn store_packed(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&packed[i >> 1u], ~(0xffffu << shift));
  atomicOr(&packed[i >> 1u], half);
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
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 3u)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 3u;
  let c = i / (channels_out * 3u) % channels_in;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 3u + f));
}

// kernel 1: grid ceil(ow/2), ceil(oh/2), n*1*ceil(o/1/512); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
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

@group(0) @binding(1) var<storage, read> x: array<u32>;

fn load_x(i: u32) -> f32 {
  return unpack2x16float(x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> residual: array<u32>;

fn load_residual(i: u32) -> f32 {
  return unpack2x16float(residual[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> y: array<atomic<u32>>;

fn store_y(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&y[i >> 1u], ~(0xffffu << shift));
  atomicOr(&y[i >> 1u], half);
}

const least_subgroup = 4u;

var<workgroup> w_tile: array<Value, 1539>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let y = at_y;
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_x < size_w);
  return select(0.0, load_x(((image * size_c + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 12u;
  let size_ow = 12u;
  let channels_in = 8u;
  let channels_out = 16u;
  let channel_vectors = channels_out;
  let tiles_x = (size_ow + 1u) / 2u;
  let tiles_y = (size_oh + 1u) / 2u;
  let tiles_o = (channels_out + 511u) / 512u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_z = local_index;
  let out_y = tile_y * 2u;
  let out_x = tile_x * 2u;
  let first_y = out_y;
  let first_x = out_x - 1u;
  let channel_0 = tile_o * 512u + local_z * 16u;
  let channel_1 = tile_o * 512u + local_z * 16u + 1u;
  let channel_2 = tile_o * 512u + local_z * 16u + 2u;
  let channel_3 = tile_o * 512u + local_z * 16u + 3u;
  let channel_4 = tile_o * 512u + local_z * 16u + 4u;
  let channel_5 = tile_o * 512u + local_z * 16u + 5u;
  let channel_6 = tile_o * 512u + local_z * 16u + 6u;
  let channel_7 = tile_o * 512u + local_z * 16u + 7u;
  let channel_8 = tile_o * 512u + local_z * 16u + 8u;
  let channel_9 = tile_o * 512u + local_z * 16u + 9u;
  let channel_10 = tile_o * 512u + local_z * 16u + 10u;
  let channel_11 = tile_o * 512u + local_z * 16u + 11u;
  let channel_12 = tile_o * 512u + local_z * 16u + 12u;
  let channel_13 = tile_o * 512u + local_z * 16u + 13u;
  let channel_14 = tile_o * 512u + local_z * 16u + 14u;
  let channel_15 = tile_o * 512u + local_z * 16u + 15u;

  var acc_0_0_0 = Value(0.0);
  var acc_0_0_1 = Value(0.0);
  var acc_0_0_2 = Value(0.0);
  var acc_0_0_3 = Value(0.0);
  var acc_0_0_4 = Value(0.0);
  var acc_0_0_5 = Value(0.0);
  var acc_0_0_6 = Value(0.0);
  var acc_0_0_7 = Value(0.0);
  var acc_0_0_8 = Value(0.0);
  var acc_0_0_9 = Value(0.0);
  var acc_0_0_10 = Value(0.0);
  var acc_0_0_11 = Value(0.0);
  var acc_0_0_12 = Value(0.0);
  var acc_0_0_13 = Value(0.0);
  var acc_0_0_14 = Value(0.0);
  var acc_0_0_15 = Value(0.0);
  var acc_0_1_0 = Value(0.0);
  var acc_0_1_1 = Value(0.0);
  var acc_0_1_2 = Value(0.0);
  var acc_0_1_3 = Value(0.0);
  var acc_0_1_4 = Value(0.0);
  var acc_0_1_5 = Value(0.0);
  var acc_0_1_6 = Value(0.0);
  var acc_0_1_7 = Value(0.0);
  var acc_0_1_8 = Value(0.0);
  var acc_0_1_9 = Value(0.0);
  var acc_0_1_10 = Value(0.0);
  var acc_0_1_11 = Value(0.0);
  var acc_0_1_12 = Value(0.0);
  var acc_0_1_13 = Value(0.0);
  var acc_0_1_14 = Value(0.0);
  var acc_0_1_15 = Value(0.0);
  var acc_1_0_0 = Value(0.0);
  var acc_1_0_1 = Value(0.0);
  var acc_1_0_2 = Value(0.0);
  var acc_1_0_3 = Value(0.0);
  var acc_1_0_4 = Value(0.0);
  var acc_1_0_5 = Value(0.0);
  var acc_1_0_6 = Value(0.0);
  var acc_1_0_7 = Value(0.0);
  var acc_1_0_8 = Value(0.0);
  var acc_1_0_9 = Value(0.0);
  var acc_1_0_10 = Value(0.0);
  var acc_1_0_11 = Value(0.0);
  var acc_1_0_12 = Value(0.0);
  var acc_1_0_13 = Value(0.0);
  var acc_1_0_14 = Value(0.0);
  var acc_1_0_15 = Value(0.0);
  var acc_1_1_0 = Value(0.0);
  var acc_1_1_1 = Value(0.0);
  var acc_1_1_2 = Value(0.0);
  var acc_1_1_3 = Value(0.0);
  var acc_1_1_4 = Value(0.0);
  var acc_1_1_5 = Value(0.0);
  var acc_1_1_6 = Value(0.0);
  var acc_1_1_7 = Value(0.0);
  var acc_1_1_8 = Value(0.0);
  var acc_1_1_9 = Value(0.0);
  var acc_1_1_10 = Value(0.0);
  var acc_1_1_11 = Value(0.0);
  var acc_1_1_12 = Value(0.0);
  var acc_1_1_13 = Value(0.0);
  var acc_1_1_14 = Value(0.0);
  var acc_1_1_15 = Value(0.0);

  let lane = subgroup_lane % 4u;
  let place_0 = lane;
  let place_y_0 = first_y + place_0 / 4u;
  let place_x_0 = first_x + place_0 % 4u;
  let place_1 = lane + 4u;
  let place_y_1 = first_y + place_1 / 4u;
  let place_x_1 = first_x + place_1 % 4u;
  for (var c0 = 0u; c0 < channels_in; c0 += 1u) {
    for (var t = local_index; t < 1536u; t += 32u) {
      let o = t % 512u;
      let f = t / 512u % 3u;
      let s = t / 1536u;
      let source_o = min(tile_o * 512u + o, channel_vectors - 1u);
      let source_c = c0 + s;
      w_tile[(s * 3u + f) * 513u + o] = load_w((source_c * 3u + f) * channel_vectors + source_o);
    }
    workgroupBarrier();
    let c = c0;
    let held_0 = pixel_at(image, c, place_y_0, place_x_0);
    let held_1 = pixel_at(image, c, place_y_1, place_x_1);
    let x_0_0 = subgroupShuffle(held_0, 0u);
    let x_0_1 = subgroupShuffle(held_0, 1u);
    let x_0_2 = subgroupShuffle(held_0, 2u);
    let x_0_3 = subgroupShuffle(held_0, 3u);
    let w_0_0_0 = w_tile[local_z * 16u];
    let w_0_0_1 = w_tile[local_z * 16u + 1u];
    let w_0_0_2 = w_tile[local_z * 16u + 2u];
    let w_0_0_3 = w_tile[local_z * 16u + 3u];
    let w_0_0_4 = w_tile[local_z * 16u + 4u];
    let w_0_0_5 = w_tile[local_z * 16u + 5u];
    let w_0_0_6 = w_tile[local_z * 16u + 6u];
    let w_0_0_7 = w_tile[local_z * 16u + 7u];
    let w_0_0_8 = w_tile[local_z * 16u + 8u];
    let w_0_0_9 = w_tile[local_z * 16u + 9u];
    let w_0_0_10 = w_tile[local_z * 16u + 10u];
    let w_0_0_11 = w_tile[local_z * 16u + 11u];
    let w_0_0_12 = w_tile[local_z * 16u + 12u];
    let w_0_0_13 = w_tile[local_z * 16u + 13u];
    let w_0_0_14 = w_tile[local_z * 16u + 14u];
    let w_0_0_15 = w_tile[local_z * 16u + 15u];
    acc_0_0_0 += w_0_0_0 * x_0_0;
    acc_0_0_1 += w_0_0_1 * x_0_0;
    acc_0_0_2 += w_0_0_2 * x_0_0;
    acc_0_0_3 += w_0_0_3 * x_0_0;
    acc_0_0_4 += w_0_0_4 * x_0_0;
    acc_0_0_5 += w_0_0_5 * x_0_0;
    acc_0_0_6 += w_0_0_6 * x_0_0;
    acc_0_0_7 += w_0_0_7 * x_0_0;
    acc_0_0_8 += w_0_0_8 * x_0_0;
    acc_0_0_9 += w_0_0_9 * x_0_0;
    acc_0_0_10 += w_0_0_10 * x_0_0;
    acc_0_0_11 += w_0_0_11 * x_0_0;
    acc_0_0_12 += w_0_0_12 * x_0_0;
    acc_0_0_13 += w_0_0_13 * x_0_0;
    acc_0_0_14 += w_0_0_14 * x_0_0;
    acc_0_0_15 += w_0_0_15 * x_0_0;
    acc_0_1_0 += w_0_0_0 * x_0_1;
    acc_0_1_1 += w_0_0_1 * x_0_1;
    acc_0_1_2 += w_0_0_2 * x_0_1;
    acc_0_1_3 += w_0_0_3 * x_0_1;
    acc_0_1_4 += w_0_0_4 * x_0_1;
    acc_0_1_5 += w_0_0_5 * x_0_1;
    acc_0_1_6 += w_0_0_6 * x_0_1;
    acc_0_1_7 += w_0_0_7 * x_0_1;
    acc_0_1_8 += w_0_0_8 * x_0_1;
    acc_0_1_9 += w_0_0_9 * x_0_1;
    acc_0_1_10 += w_0_0_10 * x_0_1;
    acc_0_1_11 += w_0_0_11 * x_0_1;
    acc_0_1_12 += w_0_0_12 * x_0_1;
    acc_0_1_13 += w_0_0_13 * x_0_1;
    acc_0_1_14 += w_0_0_14 * x_0_1;
    acc_0_1_15 += w_0_0_15 * x_0_1;
    let w_0_1_0 = w_tile[513u + local_z * 16u];
    let w_0_1_1 = w_tile[513u + local_z * 16u + 1u];
    let w_0_1_2 = w_tile[513u + local_z * 16u + 2u];
    let w_0_1_3 = w_tile[513u + local_z * 16u + 3u];
    let w_0_1_4 = w_tile[513u + local_z * 16u + 4u];
    let w_0_1_5 = w_tile[513u + local_z * 16u + 5u];
    let w_0_1_6 = w_tile[513u + local_z * 16u + 6u];
    let w_0_1_7 = w_tile[513u + local_z * 16u + 7u];
    let w_0_1_8 = w_tile[513u + local_z * 16u + 8u];
    let w_0_1_9 = w_tile[513u + local_z * 16u + 9u];
    let w_0_1_10 = w_tile[513u + local_z * 16u + 10u];
    let w_0_1_11 = w_tile[513u + local_z * 16u + 11u];
    let w_0_1_12 = w_tile[513u + local_z * 16u + 12u];
    let w_0_1_13 = w_tile[513u + local_z * 16u + 13u];
    let w_0_1_14 = w_tile[513u + local_z * 16u + 14u];
    let w_0_1_15 = w_tile[513u + local_z * 16u + 15u];
    acc_0_0_0 += w_0_1_0 * x_0_1;
    acc_0_0_1 += w_0_1_1 * x_0_1;
    acc_0_0_2 += w_0_1_2 * x_0_1;
    acc_0_0_3 += w_0_1_3 * x_0_1;
    acc_0_0_4 += w_0_1_4 * x_0_1;
    acc_0_0_5 += w_0_1_5 * x_0_1;
    acc_0_0_6 += w_0_1_6 * x_0_1;
    acc_0_0_7 += w_0_1_7 * x_0_1;
    acc_0_0_8 += w_0_1_8 * x_0_1;
    acc_0_0_9 += w_0_1_9 * x_0_1;
    acc_0_0_10 += w_0_1_10 * x_0_1;
    acc_0_0_11 += w_0_1_11 * x_0_1;
    acc_0_0_12 += w_0_1_12 * x_0_1;
    acc_0_0_13 += w_0_1_13 * x_0_1;
    acc_0_0_14 += w_0_1_14 * x_0_1;
    acc_0_0_15 += w_0_1_15 * x_0_1;
    acc_0_1_0 += w_0_1_0 * x_0_2;
    acc_0_1_1 += w_0_1_1 * x_0_2;
    acc_0_1_2 += w_0_1_2 * x_0_2;
    acc_0_1_3 += w_0_1_3 * x_0_2;
    acc_0_1_4 += w_0_1_4 * x_0_2;
    acc_0_1_5 += w_0_1_5 * x_0_2;
    acc_0_1_6 += w_0_1_6 * x_0_2;
    acc_0_1_7 += w_0_1_7 * x_0_2;
    acc_0_1_8 += w_0_1_8 * x_0_2;
    acc_0_1_9 += w_0_1_9 * x_0_2;
    acc_0_1_10 += w_0_1_10 * x_0_2;
    acc_0_1_11 += w_0_1_11 * x_0_2;
    acc_0_1_12 += w_0_1_12 * x_0_2;
    acc_0_1_13 += w_0_1_13 * x_0_2;
    acc_0_1_14 += w_0_1_14 * x_0_2;
    acc_0_1_15 += w_0_1_15 * x_0_2;
    let w_0_2_0 = w_tile[1026u + local_z * 16u];
    let w_0_2_1 = w_tile[1026u + local_z * 16u + 1u];
    let w_0_2_2 = w_tile[1026u + local_z * 16u + 2u];
    let w_0_2_3 = w_tile[1026u + local_z * 16u + 3u];
    let w_0_2_4 = w_tile[1026u + local_z * 16u + 4u];
    let w_0_2_5 = w_tile[1026u + local_z * 16u + 5u];
    let w_0_2_6 = w_tile[1026u + local_z * 16u + 6u];
    let w_0_2_7 = w_tile[1026u + local_z * 16u + 7u];
    let w_0_2_8 = w_tile[1026u + local_z * 16u + 8u];
    let w_0_2_9 = w_tile[1026u + local_z * 16u + 9u];
    let w_0_2_10 = w_tile[1026u + local_z * 16u + 10u];
    let w_0_2_11 = w_tile[1026u + local_z * 16u + 11u];
    let w_0_2_12 = w_tile[1026u + local_z * 16u + 12u];
    let w_0_2_13 = w_tile[1026u + local_z * 16u + 13u];
    let w_0_2_14 = w_tile[1026u + local_z * 16u + 14u];
    let w_0_2_15 = w_tile[1026u + local_z * 16u + 15u];
    acc_0_0_0 += w_0_2_0 * x_0_2;
    acc_0_0_1 += w_0_2_1 * x_0_2;
    acc_0_0_2 += w_0_2_2 * x_0_2;
    acc_0_0_3 += w_0_2_3 * x_0_2;
    acc_0_0_4 += w_0_2_4 * x_0_2;
    acc_0_0_5 += w_0_2_5 * x_0_2;
    acc_0_0_6 += w_0_2_6 * x_0_2;
    acc_0_0_7 += w_0_2_7 * x_0_2;
    acc_0_0_8 += w_0_2_8 * x_0_2;
    acc_0_0_9 += w_0_2_9 * x_0_2;
    acc_0_0_10 += w_0_2_10 * x_0_2;
    acc_0_0_11 += w_0_2_11 * x_0_2;
    acc_0_0_12 += w_0_2_12 * x_0_2;
    acc_0_0_13 += w_0_2_13 * x_0_2;
    acc_0_0_14 += w_0_2_14 * x_0_2;
    acc_0_0_15 += w_0_2_15 * x_0_2;
    acc_0_1_0 += w_0_2_0 * x_0_3;
    acc_0_1_1 += w_0_2_1 * x_0_3;
    acc_0_1_2 += w_0_2_2 * x_0_3;
    acc_0_1_3 += w_0_2_3 * x_0_3;
    acc_0_1_4 += w_0_2_4 * x_0_3;
    acc_0_1_5 += w_0_2_5 * x_0_3;
    acc_0_1_6 += w_0_2_6 * x_0_3;
    acc_0_1_7 += w_0_2_7 * x_0_3;
    acc_0_1_8 += w_0_2_8 * x_0_3;
    acc_0_1_9 += w_0_2_9 * x_0_3;
    acc_0_1_10 += w_0_2_10 * x_0_3;
    acc_0_1_11 += w_0_2_11 * x_0_3;
    acc_0_1_12 += w_0_2_12 * x_0_3;
    acc_0_1_13 += w_0_2_13 * x_0_3;
    acc_0_1_14 += w_0_2_14 * x_0_3;
    acc_0_1_15 += w_0_2_15 * x_0_3;
    let x_1_0 = subgroupShuffle(held_1, 0u);
    let x_1_1 = subgroupShuffle(held_1, 1u);
    let x_1_2 = subgroupShuffle(held_1, 2u);
    let x_1_3 = subgroupShuffle(held_1, 3u);
    acc_1_0_0 += w_0_0_0 * x_1_0;
    acc_1_0_1 += w_0_0_1 * x_1_0;
    acc_1_0_2 += w_0_0_2 * x_1_0;
    acc_1_0_3 += w_0_0_3 * x_1_0;
    acc_1_0_4 += w_0_0_4 * x_1_0;
    acc_1_0_5 += w_0_0_5 * x_1_0;
    acc_1_0_6 += w_0_0_6 * x_1_0;
    acc_1_0_7 += w_0_0_7 * x_1_0;
    acc_1_0_8 += w_0_0_8 * x_1_0;
    acc_1_0_9 += w_0_0_9 * x_1_0;
    acc_1_0_10 += w_0_0_10 * x_1_0;
    acc_1_0_11 += w_0_0_11 * x_1_0;
    acc_1_0_12 += w_0_0_12 * x_1_0;
    acc_1_0_13 += w_0_0_13 * x_1_0;
    acc_1_0_14 += w_0_0_14 * x_1_0;
    acc_1_0_15 += w_0_0_15 * x_1_0;
    acc_1_1_0 += w_0_0_0 * x_1_1;
    acc_1_1_1 += w_0_0_1 * x_1_1;
    acc_1_1_2 += w_0_0_2 * x_1_1;
    acc_1_1_3 += w_0_0_3 * x_1_1;
    acc_1_1_4 += w_0_0_4 * x_1_1;
    acc_1_1_5 += w_0_0_5 * x_1_1;
    acc_1_1_6 += w_0_0_6 * x_1_1;
    acc_1_1_7 += w_0_0_7 * x_1_1;
    acc_1_1_8 += w_0_0_8 * x_1_1;
    acc_1_1_9 += w_0_0_9 * x_1_1;
    acc_1_1_10 += w_0_0_10 * x_1_1;
    acc_1_1_11 += w_0_0_11 * x_1_1;
    acc_1_1_12 += w_0_0_12 * x_1_1;
    acc_1_1_13 += w_0_0_13 * x_1_1;
    acc_1_1_14 += w_0_0_14 * x_1_1;
    acc_1_1_15 += w_0_0_15 * x_1_1;
    acc_1_0_0 += w_0_1_0 * x_1_1;
    acc_1_0_1 += w_0_1_1 * x_1_1;
    acc_1_0_2 += w_0_1_2 * x_1_1;
    acc_1_0_3 += w_0_1_3 * x_1_1;
    acc_1_0_4 += w_0_1_4 * x_1_1;
    acc_1_0_5 += w_0_1_5 * x_1_1;
    acc_1_0_6 += w_0_1_6 * x_1_1;
    acc_1_0_7 += w_0_1_7 * x_1_1;
    acc_1_0_8 += w_0_1_8 * x_1_1;
    acc_1_0_9 += w_0_1_9 * x_1_1;
    acc_1_0_10 += w_0_1_10 * x_1_1;
    acc_1_0_11 += w_0_1_11 * x_1_1;
    acc_1_0_12 += w_0_1_12 * x_1_1;
    acc_1_0_13 += w_0_1_13 * x_1_1;
    acc_1_0_14 += w_0_1_14 * x_1_1;
    acc_1_0_15 += w_0_1_15 * x_1_1;
    acc_1_1_0 += w_0_1_0 * x_1_2;
    acc_1_1_1 += w_0_1_1 * x_1_2;
    acc_1_1_2 += w_0_1_2 * x_1_2;
    acc_1_1_3 += w_0_1_3 * x_1_2;
    acc_1_1_4 += w_0_1_4 * x_1_2;
    acc_1_1_5 += w_0_1_5 * x_1_2;
    acc_1_1_6 += w_0_1_6 * x_1_2;
    acc_1_1_7 += w_0_1_7 * x_1_2;
    acc_1_1_8 += w_0_1_8 * x_1_2;
    acc_1_1_9 += w_0_1_9 * x_1_2;
    acc_1_1_10 += w_0_1_10 * x_1_2;
    acc_1_1_11 += w_0_1_11 * x_1_2;
    acc_1_1_12 += w_0_1_12 * x_1_2;
    acc_1_1_13 += w_0_1_13 * x_1_2;
    acc_1_1_14 += w_0_1_14 * x_1_2;
    acc_1_1_15 += w_0_1_15 * x_1_2;
    acc_1_0_0 += w_0_2_0 * x_1_2;
    acc_1_0_1 += w_0_2_1 * x_1_2;
    acc_1_0_2 += w_0_2_2 * x_1_2;
    acc_1_0_3 += w_0_2_3 * x_1_2;
    acc_1_0_4 += w_0_2_4 * x_1_2;
    acc_1_0_5 += w_0_2_5 * x_1_2;
    acc_1_0_6 += w_0_2_6 * x_1_2;
    acc_1_0_7 += w_0_2_7 * x_1_2;
    acc_1_0_8 += w_0_2_8 * x_1_2;
    acc_1_0_9 += w_0_2_9 * x_1_2;
    acc_1_0_10 += w_0_2_10 * x_1_2;
    acc_1_0_11 += w_0_2_11 * x_1_2;
    acc_1_0_12 += w_0_2_12 * x_1_2;
    acc_1_0_13 += w_0_2_13 * x_1_2;
    acc_1_0_14 += w_0_2_14 * x_1_2;
    acc_1_0_15 += w_0_2_15 * x_1_2;
    acc_1_1_0 += w_0_2_0 * x_1_3;
    acc_1_1_1 += w_0_2_1 * x_1_3;
    acc_1_1_2 += w_0_2_2 * x_1_3;
    acc_1_1_3 += w_0_2_3 * x_1_3;
    acc_1_1_4 += w_0_2_4 * x_1_3;
    acc_1_1_5 += w_0_2_5 * x_1_3;
    acc_1_1_6 += w_0_2_6 * x_1_3;
    acc_1_1_7 += w_0_2_7 * x_1_3;
    acc_1_1_8 += w_0_2_8 * x_1_3;
    acc_1_1_9 += w_0_2_9 * x_1_3;
    acc_1_1_10 += w_0_2_10 * x_1_3;
    acc_1_1_11 += w_0_2_11 * x_1_3;
    acc_1_1_12 += w_0_2_12 * x_1_3;
    acc_1_1_13 += w_0_2_13 * x_1_3;
    acc_1_1_14 += w_0_2_14 * x_1_3;
    acc_1_1_15 += w_0_2_15 * x_1_3;
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_4 < channel_vectors)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_5 < channel_vectors)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_6 < channel_vectors)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_7 < channel_vectors)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_8 < channel_vectors)) {
    let channel = channel_8;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_8;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_9 < channel_vectors)) {
    let channel = channel_9;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_9;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_10 < channel_vectors)) {
    let channel = channel_10;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_10;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_11 < channel_vectors)) {
    let channel = channel_11;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_11;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_12 < channel_vectors)) {
    let channel = channel_12;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_12;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_13 < channel_vectors)) {
    let channel = channel_13;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_13;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_14 < channel_vectors)) {
    let channel = channel_14;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_14;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_15 < channel_vectors)) {
    let channel = channel_15;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_15;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_4 < channel_vectors)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_5 < channel_vectors)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_6 < channel_vectors)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_7 < channel_vectors)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_8 < channel_vectors)) {
    let channel = channel_8;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_8;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_9 < channel_vectors)) {
    let channel = channel_9;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_9;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_10 < channel_vectors)) {
    let channel = channel_10;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_10;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_11 < channel_vectors)) {
    let channel = channel_11;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_11;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_12 < channel_vectors)) {
    let channel = channel_12;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_12;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_13 < channel_vectors)) {
    let channel = channel_13;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_13;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_14 < channel_vectors)) {
    let channel = channel_14;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_14;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_15 < channel_vectors)) {
    let channel = channel_15;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_15;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_4 < channel_vectors)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_5 < channel_vectors)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_6 < channel_vectors)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_7 < channel_vectors)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_8 < channel_vectors)) {
    let channel = channel_8;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_8;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_9 < channel_vectors)) {
    let channel = channel_9;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_9;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_10 < channel_vectors)) {
    let channel = channel_10;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_10;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_11 < channel_vectors)) {
    let channel = channel_11;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_11;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_12 < channel_vectors)) {
    let channel = channel_12;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_12;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_13 < channel_vectors)) {
    let channel = channel_13;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_13;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_14 < channel_vectors)) {
    let channel = channel_14;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_14;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_15 < channel_vectors)) {
    let channel = channel_15;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_15;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_4 < channel_vectors)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_5 < channel_vectors)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_6 < channel_vectors)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_7 < channel_vectors)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_8 < channel_vectors)) {
    let channel = channel_8;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_8;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_9 < channel_vectors)) {
    let channel = channel_9;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_9;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_10 < channel_vectors)) {
    let channel = channel_10;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_10;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_11 < channel_vectors)) {
    let channel = channel_11;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_11;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_12 < channel_vectors)) {
    let channel = channel_12;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_12;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_13 < channel_vectors)) {
    let channel = channel_13;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_13;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_14 < channel_vectors)) {
    let channel = channel_14;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_14;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((channel_15 < channel_vectors)) {
    let channel = channel_15;
    let index = (image * channels_out + channel) * plane + (out_y + 1u) * size_ow + out_x + 1u;
    var v = acc_1_1_15;
    v += load_residual(index);
    store_y(index, v);
  }
}
