// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/direct
// wx=16 wy=2 wz=1 tw=7 to=8 vec=1 prepack=1 stage_w=1 stage_x=1 bc=2 pad=1 unroll=1 baked=1 packed=0
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

// kernel 1: grid ceil(ow/112), ceil(oh/2), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
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

var<workgroup> w_tile: array<Value, 54>;
var<workgroup> x_tile: array<f32, 460>;

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

@compute @workgroup_size(16, 2, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
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
  let tiles_x = (size_ow + 111u) / 112u;
  let tiles_y = (size_oh + 1u) / 2u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);

  let out_y = tile_y * 2u + local.y;
  let out_x = tile_x * 112u + local.x * 7u;
  let channel_0 = tile_o * 8u;
  let channel_1 = tile_o * 8u + 1u;
  let channel_2 = tile_o * 8u + 2u;
  let channel_3 = tile_o * 8u + 3u;
  let channel_4 = tile_o * 8u + 4u;
  let channel_5 = tile_o * 8u + 5u;
  let channel_6 = tile_o * 8u + 6u;
  let channel_7 = tile_o * 8u + 7u;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_1_2 = Value(0.0);
  var acc_1_3 = Value(0.0);
  var acc_1_4 = Value(0.0);
  var acc_1_5 = Value(0.0);
  var acc_1_6 = Value(0.0);
  var acc_1_7 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_2_2 = Value(0.0);
  var acc_2_3 = Value(0.0);
  var acc_2_4 = Value(0.0);
  var acc_2_5 = Value(0.0);
  var acc_2_6 = Value(0.0);
  var acc_2_7 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_3_2 = Value(0.0);
  var acc_3_3 = Value(0.0);
  var acc_3_4 = Value(0.0);
  var acc_3_5 = Value(0.0);
  var acc_3_6 = Value(0.0);
  var acc_3_7 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_4_2 = Value(0.0);
  var acc_4_3 = Value(0.0);
  var acc_4_4 = Value(0.0);
  var acc_4_5 = Value(0.0);
  var acc_4_6 = Value(0.0);
  var acc_4_7 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_5_2 = Value(0.0);
  var acc_5_3 = Value(0.0);
  var acc_5_4 = Value(0.0);
  var acc_5_5 = Value(0.0);
  var acc_5_6 = Value(0.0);
  var acc_5_7 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_6_2 = Value(0.0);
  var acc_6_3 = Value(0.0);
  var acc_6_4 = Value(0.0);
  var acc_6_5 = Value(0.0);
  var acc_6_6 = Value(0.0);
  var acc_6_7 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 2u) {
    for (var t = local_index; t < 48u; t += 32u) {
      let o = t % 8u;
      let f = t / 8u % 3u;
      let s = t / 24u;
      let source_o = tile_o * 8u + o;
      let source_c = c0 + s;
      w_tile[(s * 3u + f) * 9u + o] = load_w((source_c * 3u + f) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 456u; t += 32u) {
      let x = t % 114u;
      let y = t / 114u % 2u;
      let s = t / 228u;
      let source_y = tile_y * 2u + y;
      let source_x = tile_x * 112u + x - 1u;
      let source_c = c0 + s;
      x_tile[(s * 2u + y) * 115u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < 2u; cl += 1u) {
      let x_0 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u];
      let x_1 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 1u];
      let x_2 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 2u];
      let x_3 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 3u];
      let x_4 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 4u];
      let x_5 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 5u];
      let x_6 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 6u];
      let x_7 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 7u];
      let x_8 = x_tile[(cl * 2u + local.y) * 115u + local.x * 7u + 8u];
      let w_0_0 = w_tile[cl * 3u * 9u];
      let w_0_1 = w_tile[cl * 3u * 9u + 1u];
      let w_0_2 = w_tile[cl * 3u * 9u + 2u];
      let w_0_3 = w_tile[cl * 3u * 9u + 3u];
      let w_0_4 = w_tile[cl * 3u * 9u + 4u];
      let w_0_5 = w_tile[cl * 3u * 9u + 5u];
      let w_0_6 = w_tile[cl * 3u * 9u + 6u];
      let w_0_7 = w_tile[cl * 3u * 9u + 7u];
      acc_0_0 += w_0_0 * x_0;
      acc_0_1 += w_0_1 * x_0;
      acc_0_2 += w_0_2 * x_0;
      acc_0_3 += w_0_3 * x_0;
      acc_0_4 += w_0_4 * x_0;
      acc_0_5 += w_0_5 * x_0;
      acc_0_6 += w_0_6 * x_0;
      acc_0_7 += w_0_7 * x_0;
      acc_1_0 += w_0_0 * x_1;
      acc_1_1 += w_0_1 * x_1;
      acc_1_2 += w_0_2 * x_1;
      acc_1_3 += w_0_3 * x_1;
      acc_1_4 += w_0_4 * x_1;
      acc_1_5 += w_0_5 * x_1;
      acc_1_6 += w_0_6 * x_1;
      acc_1_7 += w_0_7 * x_1;
      acc_2_0 += w_0_0 * x_2;
      acc_2_1 += w_0_1 * x_2;
      acc_2_2 += w_0_2 * x_2;
      acc_2_3 += w_0_3 * x_2;
      acc_2_4 += w_0_4 * x_2;
      acc_2_5 += w_0_5 * x_2;
      acc_2_6 += w_0_6 * x_2;
      acc_2_7 += w_0_7 * x_2;
      acc_3_0 += w_0_0 * x_3;
      acc_3_1 += w_0_1 * x_3;
      acc_3_2 += w_0_2 * x_3;
      acc_3_3 += w_0_3 * x_3;
      acc_3_4 += w_0_4 * x_3;
      acc_3_5 += w_0_5 * x_3;
      acc_3_6 += w_0_6 * x_3;
      acc_3_7 += w_0_7 * x_3;
      acc_4_0 += w_0_0 * x_4;
      acc_4_1 += w_0_1 * x_4;
      acc_4_2 += w_0_2 * x_4;
      acc_4_3 += w_0_3 * x_4;
      acc_4_4 += w_0_4 * x_4;
      acc_4_5 += w_0_5 * x_4;
      acc_4_6 += w_0_6 * x_4;
      acc_4_7 += w_0_7 * x_4;
      acc_5_0 += w_0_0 * x_5;
      acc_5_1 += w_0_1 * x_5;
      acc_5_2 += w_0_2 * x_5;
      acc_5_3 += w_0_3 * x_5;
      acc_5_4 += w_0_4 * x_5;
      acc_5_5 += w_0_5 * x_5;
      acc_5_6 += w_0_6 * x_5;
      acc_5_7 += w_0_7 * x_5;
      acc_6_0 += w_0_0 * x_6;
      acc_6_1 += w_0_1 * x_6;
      acc_6_2 += w_0_2 * x_6;
      acc_6_3 += w_0_3 * x_6;
      acc_6_4 += w_0_4 * x_6;
      acc_6_5 += w_0_5 * x_6;
      acc_6_6 += w_0_6 * x_6;
      acc_6_7 += w_0_7 * x_6;
      let w_1_0 = w_tile[(cl * 3u + 1u) * 9u];
      let w_1_1 = w_tile[(cl * 3u + 1u) * 9u + 1u];
      let w_1_2 = w_tile[(cl * 3u + 1u) * 9u + 2u];
      let w_1_3 = w_tile[(cl * 3u + 1u) * 9u + 3u];
      let w_1_4 = w_tile[(cl * 3u + 1u) * 9u + 4u];
      let w_1_5 = w_tile[(cl * 3u + 1u) * 9u + 5u];
      let w_1_6 = w_tile[(cl * 3u + 1u) * 9u + 6u];
      let w_1_7 = w_tile[(cl * 3u + 1u) * 9u + 7u];
      acc_0_0 += w_1_0 * x_1;
      acc_0_1 += w_1_1 * x_1;
      acc_0_2 += w_1_2 * x_1;
      acc_0_3 += w_1_3 * x_1;
      acc_0_4 += w_1_4 * x_1;
      acc_0_5 += w_1_5 * x_1;
      acc_0_6 += w_1_6 * x_1;
      acc_0_7 += w_1_7 * x_1;
      acc_1_0 += w_1_0 * x_2;
      acc_1_1 += w_1_1 * x_2;
      acc_1_2 += w_1_2 * x_2;
      acc_1_3 += w_1_3 * x_2;
      acc_1_4 += w_1_4 * x_2;
      acc_1_5 += w_1_5 * x_2;
      acc_1_6 += w_1_6 * x_2;
      acc_1_7 += w_1_7 * x_2;
      acc_2_0 += w_1_0 * x_3;
      acc_2_1 += w_1_1 * x_3;
      acc_2_2 += w_1_2 * x_3;
      acc_2_3 += w_1_3 * x_3;
      acc_2_4 += w_1_4 * x_3;
      acc_2_5 += w_1_5 * x_3;
      acc_2_6 += w_1_6 * x_3;
      acc_2_7 += w_1_7 * x_3;
      acc_3_0 += w_1_0 * x_4;
      acc_3_1 += w_1_1 * x_4;
      acc_3_2 += w_1_2 * x_4;
      acc_3_3 += w_1_3 * x_4;
      acc_3_4 += w_1_4 * x_4;
      acc_3_5 += w_1_5 * x_4;
      acc_3_6 += w_1_6 * x_4;
      acc_3_7 += w_1_7 * x_4;
      acc_4_0 += w_1_0 * x_5;
      acc_4_1 += w_1_1 * x_5;
      acc_4_2 += w_1_2 * x_5;
      acc_4_3 += w_1_3 * x_5;
      acc_4_4 += w_1_4 * x_5;
      acc_4_5 += w_1_5 * x_5;
      acc_4_6 += w_1_6 * x_5;
      acc_4_7 += w_1_7 * x_5;
      acc_5_0 += w_1_0 * x_6;
      acc_5_1 += w_1_1 * x_6;
      acc_5_2 += w_1_2 * x_6;
      acc_5_3 += w_1_3 * x_6;
      acc_5_4 += w_1_4 * x_6;
      acc_5_5 += w_1_5 * x_6;
      acc_5_6 += w_1_6 * x_6;
      acc_5_7 += w_1_7 * x_6;
      acc_6_0 += w_1_0 * x_7;
      acc_6_1 += w_1_1 * x_7;
      acc_6_2 += w_1_2 * x_7;
      acc_6_3 += w_1_3 * x_7;
      acc_6_4 += w_1_4 * x_7;
      acc_6_5 += w_1_5 * x_7;
      acc_6_6 += w_1_6 * x_7;
      acc_6_7 += w_1_7 * x_7;
      let w_2_0 = w_tile[(cl * 3u + 2u) * 9u];
      let w_2_1 = w_tile[(cl * 3u + 2u) * 9u + 1u];
      let w_2_2 = w_tile[(cl * 3u + 2u) * 9u + 2u];
      let w_2_3 = w_tile[(cl * 3u + 2u) * 9u + 3u];
      let w_2_4 = w_tile[(cl * 3u + 2u) * 9u + 4u];
      let w_2_5 = w_tile[(cl * 3u + 2u) * 9u + 5u];
      let w_2_6 = w_tile[(cl * 3u + 2u) * 9u + 6u];
      let w_2_7 = w_tile[(cl * 3u + 2u) * 9u + 7u];
      acc_0_0 += w_2_0 * x_2;
      acc_0_1 += w_2_1 * x_2;
      acc_0_2 += w_2_2 * x_2;
      acc_0_3 += w_2_3 * x_2;
      acc_0_4 += w_2_4 * x_2;
      acc_0_5 += w_2_5 * x_2;
      acc_0_6 += w_2_6 * x_2;
      acc_0_7 += w_2_7 * x_2;
      acc_1_0 += w_2_0 * x_3;
      acc_1_1 += w_2_1 * x_3;
      acc_1_2 += w_2_2 * x_3;
      acc_1_3 += w_2_3 * x_3;
      acc_1_4 += w_2_4 * x_3;
      acc_1_5 += w_2_5 * x_3;
      acc_1_6 += w_2_6 * x_3;
      acc_1_7 += w_2_7 * x_3;
      acc_2_0 += w_2_0 * x_4;
      acc_2_1 += w_2_1 * x_4;
      acc_2_2 += w_2_2 * x_4;
      acc_2_3 += w_2_3 * x_4;
      acc_2_4 += w_2_4 * x_4;
      acc_2_5 += w_2_5 * x_4;
      acc_2_6 += w_2_6 * x_4;
      acc_2_7 += w_2_7 * x_4;
      acc_3_0 += w_2_0 * x_5;
      acc_3_1 += w_2_1 * x_5;
      acc_3_2 += w_2_2 * x_5;
      acc_3_3 += w_2_3 * x_5;
      acc_3_4 += w_2_4 * x_5;
      acc_3_5 += w_2_5 * x_5;
      acc_3_6 += w_2_6 * x_5;
      acc_3_7 += w_2_7 * x_5;
      acc_4_0 += w_2_0 * x_6;
      acc_4_1 += w_2_1 * x_6;
      acc_4_2 += w_2_2 * x_6;
      acc_4_3 += w_2_3 * x_6;
      acc_4_4 += w_2_4 * x_6;
      acc_4_5 += w_2_5 * x_6;
      acc_4_6 += w_2_6 * x_6;
      acc_4_7 += w_2_7 * x_6;
      acc_5_0 += w_2_0 * x_7;
      acc_5_1 += w_2_1 * x_7;
      acc_5_2 += w_2_2 * x_7;
      acc_5_3 += w_2_3 * x_7;
      acc_5_4 += w_2_4 * x_7;
      acc_5_5 += w_2_5 * x_7;
      acc_5_6 += w_2_6 * x_7;
      acc_5_7 += w_2_7 * x_7;
      acc_6_0 += w_2_0 * x_8;
      acc_6_1 += w_2_1 * x_8;
      acc_6_2 += w_2_2 * x_8;
      acc_6_3 += w_2_3 * x_8;
      acc_6_4 += w_2_4 * x_8;
      acc_6_5 += w_2_5 * x_8;
      acc_6_6 += w_2_6 * x_8;
      acc_6_7 += w_2_7 * x_8;
    }
    workgroupBarrier();
  }

  let plane = size_oh * size_ow;
  if ((out_x < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x;
    var v = acc_0_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 1u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 1u;
    var v = acc_1_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 2u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 2u;
    var v = acc_2_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 3u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 3u;
    var v = acc_3_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 4u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 4u;
    var v = acc_4_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 5u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 5u;
    var v = acc_5_7;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_0;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_1;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_2;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_3;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_4;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_4;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_5;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_5;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_6;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_6;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_x + 6u < size_ow)) {
    let channel = channel_7;
    let index = (image * channels_out + channel) * plane + out_y * size_ow + out_x + 6u;
    var v = acc_6_7;
    v += load_residual(index);
    store_y(index, v);
  }
}
