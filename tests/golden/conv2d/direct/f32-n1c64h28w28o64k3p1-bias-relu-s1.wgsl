// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/direct
// wx=16 wy=1 wz=1 th=1 tw=4 to=4 vec=1 prepack=0 stage_w=1 stage_x=0 share_x=0 bc=8 pad=0 unroll=1 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/64), ceil(oh/1), n*1*ceil(o/1/4); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
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

var<workgroup> w_tile: array<Value, 288>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
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
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let channels_in = shape.c;
  let channels_out = shape.o;
  let channel_vectors = channels_out;
  let tiles_x = (size_ow + 63u) / 64u;
  let tiles_y = size_oh;
  let tiles_o = (channels_out + 3u) / 4u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_x = local_index % 16u;
  let out_y = tile_y;
  let out_x = tile_x * 64u + local_x * 4u;
  let first_y = out_y - 1u;
  let first_x = out_x - 1u;
  let channel_0 = tile_o * 4u;
  let channel_1 = tile_o * 4u + 1u;
  let channel_2 = tile_o * 4u + 2u;
  let channel_3 = tile_o * 4u + 3u;

  var acc_0_0_0 = Value(0.0);
  var acc_0_0_1 = Value(0.0);
  var acc_0_0_2 = Value(0.0);
  var acc_0_0_3 = Value(0.0);
  var acc_0_1_0 = Value(0.0);
  var acc_0_1_1 = Value(0.0);
  var acc_0_1_2 = Value(0.0);
  var acc_0_1_3 = Value(0.0);
  var acc_0_2_0 = Value(0.0);
  var acc_0_2_1 = Value(0.0);
  var acc_0_2_2 = Value(0.0);
  var acc_0_2_3 = Value(0.0);
  var acc_0_3_0 = Value(0.0);
  var acc_0_3_1 = Value(0.0);
  var acc_0_3_2 = Value(0.0);
  var acc_0_3_3 = Value(0.0);

  for (var c0 = 0u; c0 < channels_in; c0 += 8u) {
    for (var t = local_index; t < 288u; t += 16u) {
      let o = t % 4u;
      let f = t / 4u % 9u;
      let s = t / 36u;
      let source_o = min(tile_o * 4u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 9u + f) * 4u + o] = load_w((source_o * channels_in + source_c) * 9u + f);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(8u, channels_in - c0); cl += 1u) {
      let c = c0 + cl;
      for (var fh = 0u; fh < 3u; fh += 1u) {
        let x_0_0 = pixel_at(image, c, first_y + fh, first_x);
        let x_0_1 = pixel_at(image, c, first_y + fh, first_x + 1u);
        let x_0_2 = pixel_at(image, c, first_y + fh, first_x + 2u);
        let x_0_3 = pixel_at(image, c, first_y + fh, first_x + 3u);
        let x_0_4 = pixel_at(image, c, first_y + fh, first_x + 4u);
        let x_0_5 = pixel_at(image, c, first_y + fh, first_x + 5u);
        let w_0_0 = w_tile[(cl * 9u + fh * 3u) * 4u];
        let w_0_1 = w_tile[(cl * 9u + fh * 3u) * 4u + 1u];
        let w_0_2 = w_tile[(cl * 9u + fh * 3u) * 4u + 2u];
        let w_0_3 = w_tile[(cl * 9u + fh * 3u) * 4u + 3u];
        acc_0_0_0 += w_0_0 * x_0_0;
        acc_0_0_1 += w_0_1 * x_0_0;
        acc_0_0_2 += w_0_2 * x_0_0;
        acc_0_0_3 += w_0_3 * x_0_0;
        acc_0_1_0 += w_0_0 * x_0_1;
        acc_0_1_1 += w_0_1 * x_0_1;
        acc_0_1_2 += w_0_2 * x_0_1;
        acc_0_1_3 += w_0_3 * x_0_1;
        acc_0_2_0 += w_0_0 * x_0_2;
        acc_0_2_1 += w_0_1 * x_0_2;
        acc_0_2_2 += w_0_2 * x_0_2;
        acc_0_2_3 += w_0_3 * x_0_2;
        acc_0_3_0 += w_0_0 * x_0_3;
        acc_0_3_1 += w_0_1 * x_0_3;
        acc_0_3_2 += w_0_2 * x_0_3;
        acc_0_3_3 += w_0_3 * x_0_3;
        let w_1_0 = w_tile[(cl * 9u + fh * 3u + 1u) * 4u];
        let w_1_1 = w_tile[(cl * 9u + fh * 3u + 1u) * 4u + 1u];
        let w_1_2 = w_tile[(cl * 9u + fh * 3u + 1u) * 4u + 2u];
        let w_1_3 = w_tile[(cl * 9u + fh * 3u + 1u) * 4u + 3u];
        acc_0_0_0 += w_1_0 * x_0_1;
        acc_0_0_1 += w_1_1 * x_0_1;
        acc_0_0_2 += w_1_2 * x_0_1;
        acc_0_0_3 += w_1_3 * x_0_1;
        acc_0_1_0 += w_1_0 * x_0_2;
        acc_0_1_1 += w_1_1 * x_0_2;
        acc_0_1_2 += w_1_2 * x_0_2;
        acc_0_1_3 += w_1_3 * x_0_2;
        acc_0_2_0 += w_1_0 * x_0_3;
        acc_0_2_1 += w_1_1 * x_0_3;
        acc_0_2_2 += w_1_2 * x_0_3;
        acc_0_2_3 += w_1_3 * x_0_3;
        acc_0_3_0 += w_1_0 * x_0_4;
        acc_0_3_1 += w_1_1 * x_0_4;
        acc_0_3_2 += w_1_2 * x_0_4;
        acc_0_3_3 += w_1_3 * x_0_4;
        let w_2_0 = w_tile[(cl * 9u + fh * 3u + 2u) * 4u];
        let w_2_1 = w_tile[(cl * 9u + fh * 3u + 2u) * 4u + 1u];
        let w_2_2 = w_tile[(cl * 9u + fh * 3u + 2u) * 4u + 2u];
        let w_2_3 = w_tile[(cl * 9u + fh * 3u + 2u) * 4u + 3u];
        acc_0_0_0 += w_2_0 * x_0_2;
        acc_0_0_1 += w_2_1 * x_0_2;
        acc_0_0_2 += w_2_2 * x_0_2;
        acc_0_0_3 += w_2_3 * x_0_2;
        acc_0_1_0 += w_2_0 * x_0_3;
        acc_0_1_1 += w_2_1 * x_0_3;
        acc_0_1_2 += w_2_2 * x_0_3;
        acc_0_1_3 += w_2_3 * x_0_3;
        acc_0_2_0 += w_2_0 * x_0_4;
        acc_0_2_1 += w_2_1 * x_0_4;
        acc_0_2_2 += w_2_2 * x_0_4;
        acc_0_2_3 += w_2_3 * x_0_4;
        acc_0_3_0 += w_2_0 * x_0_5;
        acc_0_3_1 += w_2_1 * x_0_5;
        acc_0_3_2 += w_2_2 * x_0_5;
        acc_0_3_3 += w_2_3 * x_0_5;
      }
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
}
