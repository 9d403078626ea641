// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/direct
// wx=1 wy=1 wz=16 th=1 tw=1 to=1 vec=1 prepack=1 stage_w=1 stage_x=0 share_x=4 bc=4 pad=0 unroll=2 baked=1 packed=0
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
  let f = i / channels_out % 9u;
  let c = i / (channels_out * 9u) % channels_in;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 9u + f));
}

// kernel 1: grid ceil(ow/1), ceil(oh/1), n*1*ceil(o/1/16); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

const least_subgroup = 4u;

var<workgroup> w_tile: array<Value, 576>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 64u;
  let size_h = 28u;
  let size_w = 28u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_c + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(16)
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
  let size_oh = 28u;
  let size_ow = 28u;
  let channels_in = 64u;
  let channels_out = 64u;
  let channel_vectors = channels_out;
  let tiles_x = size_ow;
  let tiles_y = size_oh;
  let tiles_o = (channels_out + 15u) / 16u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_z = local_index;
  let out_y = tile_y;
  let out_x = tile_x;
  let first_y = out_y - 1u;
  let first_x = out_x - 1u;
  let channel_0 = tile_o * 16u + local_z;

  var acc_0_0_0 = Value(0.0);

  let lane = subgroup_lane % 4u;
  let place_0 = lane;
  let place_y_0 = first_y + place_0 / 3u;
  let place_x_0 = first_x + place_0 % 3u;
  let place_1 = lane + 4u;
  let place_y_1 = first_y + place_1 / 3u;
  let place_x_1 = first_x + place_1 % 3u;
  let place_2 = min(lane + 8u, 8u);
  let place_y_2 = first_y + place_2 / 3u;
  let place_x_2 = first_x + place_2 % 3u;
  for (var c0 = 0u; c0 < channels_in; c0 += 4u) {
    for (var t = local_index; t < 576u; t += 16u) {
      let o = t % 16u;
      let f = t / 16u % 9u;
      let s = t / 144u;
      let source_o = tile_o * 16u + o;
      let source_c = c0 + s;
      w_tile[(s * 9u + f) * 16u + o] = load_w((source_c * 9u + f) * channel_vectors + source_o);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < 4u; cl += 1u) {
      let c = c0 + cl;
      let held_0 = pixel_at(image, c, place_y_0, place_x_0);
      let held_1 = pixel_at(image, c, place_y_1, place_x_1);
      let held_2 = pixel_at(image, c, place_y_2, place_x_2);
      let x_0_0 = subgroupShuffle(held_0, 0u);
      let x_0_1 = subgroupShuffle(held_0, 1u);
      let x_0_2 = subgroupShuffle(held_0, 2u);
      let w_0_0_0 = w_tile[cl * 9u * 16u + local_z];
      acc_0_0_0 += w_0_0_0 * x_0_0;
      let w_0_1_0 = w_tile[(cl * 9u + 1u) * 16u + local_z];
      acc_0_0_0 += w_0_1_0 * x_0_1;
      let w_0_2_0 = w_tile[(cl * 9u + 2u) * 16u + local_z];
      acc_0_0_0 += w_0_2_0 * x_0_2;
      let x_1_0 = subgroupShuffle(held_0, 3u);
      let x_1_1 = subgroupShuffle(held_1, 0u);
      let x_1_2 = subgroupShuffle(held_1, 1u);
      let w_1_0_0 = w_tile[(cl * 9u + 3u) * 16u + local_z];
      acc_0_0_0 += w_1_0_0 * x_1_0;
      let w_1_1_0 = w_tile[(cl * 9u + 4u) * 16u + local_z];
      acc_0_0_0 += w_1_1_0 * x_1_1;
      let w_1_2_0 = w_tile[(cl * 9u + 5u) * 16u + local_z];
      acc_0_0_0 += w_1_2_0 * x_1_2;
      let x_2_0 = subgroupShuffle(held_1, 2u);
      let x_2_1 = subgroupShuffle(held_1, 3u);
      let x_2_2 = subgroupShuffle(held_2, 0u);
      let w_2_0_0 = w_tile[(cl * 9u + 6u) * 16u + local_z];
      acc_0_0_0 += w_2_0_0 * x_2_0;
      let w_2_1_0 = w_tile[(cl * 9u + 7u) * 16u + local_z];
      acc_0_0_0 += w_2_1_0 * x_2_1;
      let w_2_2_0 = w_tile[(cl * 9u + 8u) * 16u + local_z];
      acc_0_0_0 += w_2_2_0 * x_2_2;
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
}
