// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/direct
// wx=4 wy=4 wz=8 th=4 tw=1 to=16 vec=4 prepack=0 stage_w=1 stage_x=1 share_x=0 bc=1 pad=1 unroll=0 baked=1 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/4), ceil(oh/16), n*1*ceil(o/1/128); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
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

var<workgroup> w_tile: array<Value, 99>;
var<workgroup> x_tile: array<f32, 112>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_c + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 12u;
  let size_ow = 12u;
  let channels_in = 8u;
  let channels_out = 16u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 3u) / 4u;
  let tiles_y = (size_oh + 15u) / 16u;
  let tiles_o = (channels_out + 127u) / 128u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_x = local_index % 4u;
  let local_y = local_index / 4u % 4u;
  let local_z = local_index / 16u;
  let out_y = tile_y * 16u + local_y * 4u;
  let out_x = tile_x * 4u + local_x;
  let channel_0 = tile_o * 32u + local_z * 4u;
  let channel_1 = tile_o * 32u + local_z * 4u + 1u;
  let channel_2 = tile_o * 32u + local_z * 4u + 2u;
  let channel_3 = tile_o * 32u + local_z * 4u + 3u;

  var acc_0_0_0 = Value(0.0);
  var acc_0_0_1 = Value(0.0);
  var acc_0_0_2 = Value(0.0);
  var acc_0_0_3 = Value(0.0);
  var acc_1_0_0 = Value(0.0);
  var acc_1_0_1 = Value(0.0);
  var acc_1_0_2 = Value(0.0);
  var acc_1_0_3 = Value(0.0);
  var acc_2_0_0 = Value(0.0);
  var acc_2_0_1 = Value(0.0);
  var acc_2_0_2 = Value(0.0);
  var acc_2_0_3 = Value(0.0);
  var acc_3_0_0 = Value(0.0);
  var acc_3_0_1 = Value(0.0);
  var acc_3_0_2 = Value(0.0);
  var acc_3_0_3 = Value(0.0);

  for (var c0 = 0u; c0 < channels_in; c0 += 1u) {
    for (var t = local_index; t < 96u; t += 128u) {
      let o = t % 32u;
      let f = t / 32u % 3u;
      let s = t / 96u;
      let source_o = min(tile_o * 32u + o, channel_vectors - 1u);
      let source_c = c0 + s;
      w_tile[(s * 3u + f) * 33u + o] = Value(
        load_w((source_o * 4u * channels_in + source_c) * 3u + f),
        load_w(((source_o * 4u + 1u) * channels_in + source_c) * 3u + f),
        load_w(((source_o * 4u + 2u) * channels_in + source_c) * 3u + f),
        load_w(((source_o * 4u + 3u) * channels_in + source_c) * 3u + f),
      );
    }
    for (var t = local_index; t < 96u; t += 128u) {
      let x = t % 6u;
      let y = t / 6u % 16u;
      let s = t / 96u;
      let source_y = tile_y * 16u + y;
      let source_x = tile_x * 4u + x - 1u;
      let source_c = c0 + s;
      x_tile[(s * 16u + y) * 7u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var fw = 0u; fw < 3u; fw += 1u) {
      let w_0 = w_tile[fw * 33u + local_z * 4u];
      let w_1 = w_tile[fw * 33u + local_z * 4u + 1u];
      let w_2 = w_tile[fw * 33u + local_z * 4u + 2u];
      let w_3 = w_tile[fw * 33u + local_z * 4u + 3u];
      let x_0_0 = x_tile[local_y * 4u * 7u + local_x + fw];
      acc_0_0_0 += w_0 * x_0_0;
      acc_0_0_1 += w_1 * x_0_0;
      acc_0_0_2 += w_2 * x_0_0;
      acc_0_0_3 += w_3 * x_0_0;
      let x_1_0 = x_tile[(local_y * 4u + 1u) * 7u + local_x + fw];
      acc_1_0_0 += w_0 * x_1_0;
      acc_1_0_1 += w_1 * x_1_0;
      acc_1_0_2 += w_2 * x_1_0;
      acc_1_0_3 += w_3 * x_1_0;
      let x_2_0 = x_tile[(local_y * 4u + 2u) * 7u + local_x + fw];
      acc_2_0_0 += w_0 * x_2_0;
      acc_2_0_1 += w_1 * x_2_0;
      acc_2_0_2 += w_2 * x_2_0;
      acc_2_0_3 += w_3 * x_2_0;
      let x_3_0 = x_tile[(local_y * 4u + 3u) * 7u + local_x + fw];
      acc_3_0_0 += w_0 * x_3_0;
      acc_3_0_1 += w_1 * x_3_0;
      acc_3_0_2 += w_2 * x_3_0;
      acc_3_0_3 += w_3 * x_3_0;
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_y < size_oh) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_2;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y < size_oh) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel * 4u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_3;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 1u < size_oh) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 1u < size_oh) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 1u < size_oh) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_2;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 1u < size_oh) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 1u) * size_ow + out_x;
    var v = acc_1_0_3;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 2u < size_oh) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 2u) * size_ow + out_x;
    var v = acc_2_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 2u < size_oh) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 2u) * size_ow + out_x;
    var v = acc_2_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 2u < size_oh) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 2u) * size_ow + out_x;
    var v = acc_2_0_2;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 2u < size_oh) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 2u) * size_ow + out_x;
    var v = acc_2_0_3;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 3u < size_oh) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 3u) * size_ow + out_x;
    var v = acc_3_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 3u < size_oh) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 3u) * size_ow + out_x;
    var v = acc_3_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 3u < size_oh) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 3u) * size_ow + out_x;
    var v = acc_3_0_2;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  if ((out_y + 3u < size_oh) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel * 4u) * plane + (out_y + 3u) * size_ow + out_x;
    var v = acc_3_0_3;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
