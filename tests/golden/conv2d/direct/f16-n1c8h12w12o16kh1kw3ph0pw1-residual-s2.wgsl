// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/direct
// wx=8 wy=8 wz=8 th=1 tw=7 to=4 vec=1 prepack=1 stage_w=1 stage_x=1 share_x=0 bc=8 pad=0 unroll=0 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*3*2 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*3*2 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*3/64), 1, 1; uniforms c, o; bindings w, packed (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
}

@group(0) @binding(2) var<storage, read_write> packed: array<f16>;

fn store_packed(i: u32, v: f32) {
  packed[i] = f16(v);
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

// kernel 1: grid ceil(ow/56), ceil(oh/8), n*1*ceil(o/1/32); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> x: array<f16>;

fn load_x(i: u32) -> f32 {
  return f32(x[i]);
}

@group(0) @binding(2) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
}

@group(0) @binding(3) var<storage, read> residual: array<f16>;

fn load_residual(i: u32) -> f32 {
  return f32(residual[i]);
}

@group(0) @binding(4) var<storage, read_write> y: array<f16>;

fn store_y(i: u32, v: f32) {
  y[i] = f16(v);
}

var<workgroup> w_tile: array<Value, 768>;
var<workgroup> x_tile: array<f32, 3712>;

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

@compute @workgroup_size(512)
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
  let tiles_x = (size_ow + 55u) / 56u;
  let tiles_y = (size_oh + 7u) / 8u;
  let tiles_o = (channels_out + 31u) / 32u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let local_x = local_index % 8u;
  let local_y = local_index / 8u % 8u;
  let local_z = local_index / 64u;
  let out_y = tile_y * 8u + local_y;
  let out_x = tile_x * 56u + local_x * 7u;
  let channel_0 = tile_o * 32u + local_z * 4u;
  let channel_1 = tile_o * 32u + local_z * 4u + 1u;
  let channel_2 = tile_o * 32u + local_z * 4u + 2u;
  let channel_3 = tile_o * 32u + local_z * 4u + 3u;

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
  var acc_0_4_0 = Value(0.0);
  var acc_0_4_1 = Value(0.0);
  var acc_0_4_2 = Value(0.0);
  var acc_0_4_3 = Value(0.0);
  var acc_0_5_0 = Value(0.0);
  var acc_0_5_1 = Value(0.0);
  var acc_0_5_2 = Value(0.0);
  var acc_0_5_3 = Value(0.0);
  var acc_0_6_0 = Value(0.0);
  var acc_0_6_1 = Value(0.0);
  var acc_0_6_2 = Value(0.0);
  var acc_0_6_3 = Value(0.0);

  for (var c0 = 0u; c0 < channels_in; c0 += 8u) {
    for (var t = local_index; t < 768u; t += 512u) {
      let o = t % 32u;
      let f = t / 32u % 3u;
      let s = t / 96u;
      let source_o = min(tile_o * 32u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 3u + f) * 32u + o] = load_w((source_c * 3u + f) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 3712u; t += 512u) {
      let x = t % 58u;
      let y = t / 58u % 8u;
      let s = t / 464u;
      let source_y = tile_y * 8u + y;
      let source_x = tile_x * 56u + x - 1u;
      let source_c = min(c0 + s, channels_in - 1u);
      x_tile[(s * 8u + y) * 58u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(8u, channels_in - c0); cl += 1u) {
      for (var fw = 0u; fw < 3u; fw += 1u) {
        let w_0 = w_tile[(cl * 3u + fw) * 32u + local_z * 4u];
        let w_1 = w_tile[(cl * 3u + fw) * 32u + local_z * 4u + 1u];
        let w_2 = w_tile[(cl * 3u + fw) * 32u + local_z * 4u + 2u];
        let w_3 = w_tile[(cl * 3u + fw) * 32u + local_z * 4u + 3u];
        let x_0_0 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + fw];
        acc_0_0_0 += w_0 * x_0_0;
        acc_0_0_1 += w_1 * x_0_0;
        acc_0_0_2 += w_2 * x_0_0;
        acc_0_0_3 += w_3 * x_0_0;
        let x_0_1 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 1u + fw];
        acc_0_1_0 += w_0 * x_0_1;
        acc_0_1_1 += w_1 * x_0_1;
        acc_0_1_2 += w_2 * x_0_1;
        acc_0_1_3 += w_3 * x_0_1;
        let x_0_2 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 2u + fw];
        acc_0_2_0 += w_0 * x_0_2;
        acc_0_2_1 += w_1 * x_0_2;
        acc_0_2_2 += w_2 * x_0_2;
        acc_0_2_3 += w_3 * x_0_2;
        let x_0_3 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 3u + fw];
        acc_0_3_0 += w_0 * x_0_3;
        acc_0_3_1 += w_1 * x_0_3;
        acc_0_3_2 += w_2 * x_0_3;
        acc_0_3_3 += w_3 * x_0_3;
        let x_0_4 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 4u + fw];
        acc_0_4_0 += w_0 * x_0_4;
        acc_0_4_1 += w_1 * x_0_4;
        acc_0_4_2 += w_2 * x_0_4;
        acc_0_4_3 += w_3 * x_0_4;
        let x_0_5 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 5u + fw];
        acc_0_5_0 += w_0 * x_0_5;
        acc_0_5_1 += w_1 * x_0_5;
        acc_0_5_2 += w_2 * x_0_5;
        acc_0_5_3 += w_3 * x_0_5;
        let x_0_6 = x_tile[(cl * 8u + local_y) * 58u + local_x * 7u + 6u + fw];
        acc_0_6_0 += w_0 * x_0_6;
        acc_0_6_1 += w_1 * x_0_6;
        acc_0_6_2 += w_2 * x_0_6;
        acc_0_6_3 += w_3 * x_0_6;
      }
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_0_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_0_2_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_0_3_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_0_4_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_0_4_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_0_4_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_0_4_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_0_5_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_0_5_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_0_5_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_0_5_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_0_6_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_0_6_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_0_6_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_0_6_3;
    v += load_residual(index);
    store_y(index, v);
  }
}
