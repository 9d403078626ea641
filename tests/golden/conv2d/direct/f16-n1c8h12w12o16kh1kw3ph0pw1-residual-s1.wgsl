// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/direct
// wx=8 wy=8 wz=2 tw=8 to=4 vec=2 prepack=1 stage_w=0 stage_x=1 bc=2 pad=0 unroll=0 baked=0 packed=1
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

// kernel 1: grid ceil(ow/64), ceil(oh/8), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = vec2<f32>;

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

fn load_w(i: u32) -> vec2<f32> {
  return unpack2x16float(w[i]);
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

var<workgroup> x_tile: array<f32, 1056>;

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

@compute @workgroup_size(8, 8, 2)
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
  let channel_vectors = channels_out / 2u;
  let tiles_x = (size_ow + 63u) / 64u;
  let tiles_y = (size_oh + 7u) / 8u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let out_y = tile_y * 8u + local.y;
  let out_x = tile_x * 64u + local.x * 8u;
  let channel_0 = tile_o * 4u + local.z * 2u;
  let channel_1 = tile_o * 4u + local.z * 2u + 1u;

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

  let local_index = (local.z * 8u + local.y) * 8u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 2u) {
    for (var t = local_index; t < 1056u; t += 128u) {
      let x = t % 66u;
      let y = t / 66u % 8u;
      let s = t / 528u;
      let source_y = tile_y * 8u + y;
      let source_x = tile_x * 64u + x - 1u;
      let source_c = min(c0 + s, channels_in - 1u);
      x_tile[(s * 8u + y) * 66u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(2u, channels_in - c0); cl += 1u) {
      let c = c0 + cl;
      for (var fw = 0u; fw < 3u; fw += 1u) {
        let w_0 = load_w((c * 3u + fw) * channel_vectors + min(channel_0, channel_vectors - 1u));
        let w_1 = load_w((c * 3u + fw) * channel_vectors + min(channel_1, channel_vectors - 1u));
        let x_0 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + fw];
        acc_0_0 += w_0 * x_0;
        acc_0_1 += w_1 * x_0;
        let x_1 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 1u + fw];
        acc_1_0 += w_0 * x_1;
        acc_1_1 += w_1 * x_1;
        let x_2 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 2u + fw];
        acc_2_0 += w_0 * x_2;
        acc_2_1 += w_1 * x_2;
        let x_3 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 3u + fw];
        acc_3_0 += w_0 * x_3;
        acc_3_1 += w_1 * x_3;
        let x_4 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 4u + fw];
        acc_4_0 += w_0 * x_4;
        acc_4_1 += w_1 * x_4;
        let x_5 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 5u + fw];
        acc_5_0 += w_0 * x_5;
        acc_5_1 += w_1 * x_5;
        let x_6 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 6u + fw];
        acc_6_0 += w_0 * x_6;
        acc_6_1 += w_1 * x_6;
        let x_7 = x_tile[(cl * 8u + local.y) * 66u + local.x * 8u + 7u + fw];
        acc_7_0 += w_0 * x_7;
        acc_7_1 += w_1 * x_7;
      }
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x;
    var v = acc_0_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x;
    var v = acc_0_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 7u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 7u;
    var v = acc_7_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if ((out_y < size_oh) & (out_x + 7u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = (image * channels_out + channel * 2u) * plane + out_y * size_ow + out_x + 7u;
    var v = acc_7_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
}
