// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/direct
// wx=32 wy=2 wz=8 tw=4 to=4 vec=4 prepack=0 stage_w=1 stage_x=1 bc=4 pad=1 unroll=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(ow/128), ceil(oh/2), n*3*ceil(o/3/32); uniforms c, h, w, o, oh, ow; bindings x, w, y (written)
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

@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

fn store_y(i: u32, v: vec4<f32>) {
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

var<workgroup> w_tile: array<Value, 324>;
var<workgroup> x_tile: array<f32, 7280>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 6u;
  let size_h = 17u;
  let size_w = 20u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_h + y) * size_w + x) * size_c + channel), is_inside);
}

@compute @workgroup_size(32, 2, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 9u;
  let size_ow = 10u;
  let channels_in = 2u;
  let channels_out = 4u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 127u) / 128u;
  let tiles_y = (size_oh + 1u) / 2u;
  let tiles_o = (channels_out + 31u) / 32u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 3u;
  let image = group / (tiles_x * tiles_y * tiles_o * 3u);

  let out_y = tile_y * 2u + local.y;
  let out_x = tile_x * 128u + local.x * 4u;
  let channel_0 = tile_o * 8u + local.z;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let local_index = (local.z * 2u + local.y) * 32u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 4u) {
    for (var t = local_index; t < 288u; t += 512u) {
      let o = t % 8u;
      let f = t / 8u % 9u;
      let s = t / 72u;
      let source_o = min(tile_o * 8u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 9u + f) * 9u + o] = Value(
        load_w(((part * channels_out + source_o * 4u) * 9u + f) * channels_in + source_c),
        load_w(((part * channels_out + source_o * 4u + 1u) * 9u + f) * channels_in + source_c),
        load_w(((part * channels_out + source_o * 4u + 2u) * 9u + f) * channels_in + source_c),
        load_w(((part * channels_out + source_o * 4u + 3u) * 9u + f) * channels_in + source_c),
      );
    }
    for (var t = local_index; t < 7252u; t += 512u) {
      let x = t % 259u;
      let y = t / 259u % 7u;
      let s = t / 1813u;
      let source_y = tile_y * 4u + y - 2u;
      let source_x = tile_x * 256u + x - 2u;
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      x_tile[(s * 7u + y) * 260u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(4u, channels_in - c0); cl += 1u) {
      for (var fh = 0u; fh < 3u; fh += 1u) {
        let x_0 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u];
        let x_2 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u + 2u];
        let x_4 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u + 4u];
        let x_6 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u + 6u];
        let x_8 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u + 8u];
        let x_10 = x_tile[(cl * 7u + local.y * 2u + fh * 2u) * 260u + local.x * 8u + 10u];
        let w_0_0 = w_tile[(cl * 9u + fh * 3u) * 9u + local.z];
        acc_0_0 += w_0_0 * x_0;
        acc_1_0 += w_0_0 * x_2;
        acc_2_0 += w_0_0 * x_4;
        acc_3_0 += w_0_0 * x_6;
        let w_1_0 = w_tile[(cl * 9u + fh * 3u + 1u) * 9u + local.z];
        acc_0_0 += w_1_0 * x_2;
        acc_1_0 += w_1_0 * x_4;
        acc_2_0 += w_1_0 * x_6;
        acc_3_0 += w_1_0 * x_8;
        let w_2_0 = w_tile[(cl * 9u + fh * 3u + 2u) * 9u + local.z];
        acc_0_0 += w_2_0 * x_4;
        acc_1_0 += w_2_0 * x_6;
        acc_2_0 += w_2_0 * x_8;
        acc_3_0 += w_2_0 * x_10;
      }
    }
    workgroupBarrier();
  }

  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 3u) + channel;
    var v = acc_1_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 2u) * (channel_vectors * 3u) + channel;
    var v = acc_2_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 3u) * (channel_vectors * 3u) + channel;
    var v = acc_3_0;
    v = gelu(v);
    store_y(index, v);
  }
}
