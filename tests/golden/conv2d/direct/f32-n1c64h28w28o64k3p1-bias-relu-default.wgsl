// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/direct
// wx=8 wy=4 wz=2 th=1 tw=2 to=4 vec=4 prepack=1 stage_w=0 stage_x=0 share_x=0 bc=1 pad=0 unroll=1 baked=1 packed=0
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

// kernel 1: grid ceil(ow/16), ceil(oh/4), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = vec4<f32>;

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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 28u;
  let size_ow = 28u;
  let channels_in = 64u;
  let channels_out = 64u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 15u) / 16u;
  let tiles_y = (size_oh + 3u) / 4u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_x = local_index % 8u;
  let local_y = local_index / 8u % 4u;
  let local_z = local_index / 32u;
  let out_y = tile_y * 4u + local_y;
  let out_x = tile_x * 16u + local_x * 2u;
  let first_y = out_y - 1u;
  let first_x = out_x - 1u;
  let channel_0 = tile_o * 2u + local_z;

  var acc_0_0_0 = Value(0.0);
  var acc_0_1_0 = Value(0.0);

  for (var c = 0u; c < channels_in; c += 1u) {
    for (var fh = 0u; fh < 3u; fh += 1u) {
      let x_0_0 = pixel_at(image, c, first_y + fh, first_x);
      let x_0_1 = pixel_at(image, c, first_y + fh, first_x + 1u);
      let x_0_2 = pixel_at(image, c, first_y + fh, first_x + 2u);
      let x_0_3 = pixel_at(image, c, first_y + fh, first_x + 3u);
      let w_0_0 = load_w((c * 9u + fh * 3u) * channel_vectors + channel_0);
      acc_0_0_0 += w_0_0 * x_0_0;
      acc_0_1_0 += w_0_0 * x_0_1;
      let w_1_0 = load_w((c * 9u + fh * 3u + 1u) * channel_vectors + channel_0);
      acc_0_0_0 += w_1_0 * x_0_1;
      acc_0_1_0 += w_1_0 * x_0_2;
      let w_2_0 = load_w((c * 9u + fh * 3u + 2u) * channel_vectors + channel_0);
      acc_0_0_0 += w_2_0 * x_0_2;
      acc_0_1_0 += w_2_0 * x_0_3;
    }
  }

  let plane = size_oh * size_ow;
  if ((out_x < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
