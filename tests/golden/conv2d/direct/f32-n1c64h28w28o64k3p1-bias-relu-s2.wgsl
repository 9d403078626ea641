// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/direct
// wx=16 wy=4 wz=1 tw=4 to=8 vec=4 prepack=0 stage_w=1 stage_x=1 bc=1 pad=0 unroll=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/64), ceil(oh/4), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
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

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
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

var<workgroup> w_tile: array<Value, 18>;
var<workgroup> x_tile: array<f32, 396>;

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

@compute @workgroup_size(16, 4, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let channels_in = shape.c;
  let channels_out = shape.o;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 63u) / 64u;
  let tiles_y = (size_oh + 3u) / 4u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let out_y = tile_y * 4u + local.y;
  let out_x = tile_x * 64u + local.x * 4u;
  let channel_0 = tile_o * 2u;
  let channel_1 = tile_o * 2u + 1u;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 1u) {
    for (var t = local_index; t < 18u; t += 64u) {
      let o = t % 2u;
      let f = t / 2u % 9u;
      let s = t / 18u;
      let source_o = min(tile_o * 2u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 9u + f) * 2u + o] = Value(
        load_w((source_o * 4u * channels_in + source_c) * 9u + f),
        load_w(((source_o * 4u + 1u) * channels_in + source_c) * 9u + f),
        load_w(((source_o * 4u + 2u) * channels_in + source_c) * 9u + f),
        load_w(((source_o * 4u + 3u) * channels_in + source_c) * 9u + f),
      );
    }
    for (var t = local_index; t < 396u; t += 64u) {
      let x = t % 66u;
      let y = t / 66u % 6u;
      let s = t / 396u;
      let source_y = tile_y * 4u + y - 1u;
      let source_x = tile_x * 64u + x - 1u;
      let source_c = min(c0 + s, channels_in - 1u);
      x_tile[(s * 6u + y) * 66u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var fh = 0u; fh < 3u; fh += 1u) {
      for (var fw = 0u; fw < 3u; fw += 1u) {
        let w_0 = w_tile[(fh * 3u + fw) * 2u];
        let w_1 = w_tile[(fh * 3u + fw) * 2u + 1u];
        let x_0 = x_tile[(local.y + fh) * 66u + local.x * 4u + fw];
        acc_0_0 += w_0 * x_0;
        acc_0_1 += w_1 * x_0;
        let x_1 = x_tile[(local.y + fh) * 66u + local.x * 4u + 1u + fw];
        acc_1_0 += w_0 * x_1;
        acc_1_1 += w_1 * x_1;
        let x_2 = x_tile[(local.y + fh) * 66u + local.x * 4u + 2u + fw];
        acc_2_0 += w_0 * x_2;
        acc_2_1 += w_1 * x_2;
        let x_3 = x_tile[(local.y + fh) * 66u + local.x * 4u + 3u + fw];
        acc_3_0 += w_0 * x_3;
        acc_3_1 += w_1 * x_3;
      }
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
