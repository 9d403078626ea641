// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/direct
// wx=8 wy=8 wz=4 th=1 tw=1 to=8 vec=2 prepack=0 stage_w=1 stage_x=1 share_x=0 bc=1 pad=1 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(ow/8), ceil(oh/8), n*3*ceil(o/3/32); uniforms c, h, w, o, oh, ow; bindings x, w, y (written)
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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<vec2<f32>>;

fn store_y(i: u32, v: vec2<f32>) {
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

var<workgroup> w_tile: array<Value, 153>;
var<workgroup> x_tile: array<f32, 380>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_h + y) * size_w + x) * size_c + channel), is_inside);
}

@compute @workgroup_size(256)
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
  let channels_in = shape.c / 3u;
  let channels_out = shape.o / 3u;
  let channel_vectors = channels_out / 2u;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 7u) / 8u;
  let tiles_o = (channels_out + 31u) / 32u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 3u;
  let image = group / (tiles_x * tiles_y * tiles_o * 3u);

  let local_x = local_index % 8u;
  let local_y = local_index / 8u % 8u;
  let local_z = local_index / 64u;
  let out_y = tile_y * 8u + local_y;
  let out_x = tile_x * 8u + local_x;
  let channel_0 = tile_o * 16u + local_z * 4u;
  let channel_1 = tile_o * 16u + local_z * 4u + 1u;
  let channel_2 = tile_o * 16u + local_z * 4u + 2u;
  let channel_3 = tile_o * 16u + local_z * 4u + 3u;

  var acc_0_0_0 = Value(0.0);
  var acc_0_0_1 = Value(0.0);
  var acc_0_0_2 = Value(0.0);
  var acc_0_0_3 = Value(0.0);

  for (var c0 = 0u; c0 < channels_in; c0 += 1u) {
    for (var t = local_index; t < 144u; t += 256u) {
      let o = t % 16u;
      let f = t / 16u % 9u;
      let s = t / 144u;
      let source_o = min(tile_o * 16u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 9u + f) * 17u + o] = Value(
        load_w(((part * channels_out + source_o * 2u) * 9u + f) * channels_in + source_c),
        load_w(((part * channels_out + source_o * 2u + 1u) * 9u + f) * channels_in + source_c),
      );
    }
    for (var t = local_index; t < 361u; t += 256u) {
      let x = t % 19u;
      let y = t / 19u % 19u;
      let s = t / 361u;
      let source_y = tile_y * 16u + y - 2u;
      let source_x = tile_x * 16u + x - 2u;
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      x_tile[(s * 19u + y) * 20u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    let x_0_0 = x_tile[local_y * 2u * 20u + local_x * 2u];
    let x_0_2 = x_tile[local_y * 2u * 20u + local_x * 2u + 2u];
    let x_0_4 = x_tile[local_y * 2u * 20u + local_x * 2u + 4u];
    let w_0_0_0 = w_tile[local_z * 4u];
    let w_0_0_1 = w_tile[local_z * 4u + 1u];
    let w_0_0_2 = w_tile[local_z * 4u + 2u];
    let w_0_0_3 = w_tile[local_z * 4u + 3u];
    acc_0_0_0 += w_0_0_0 * x_0_0;
    acc_0_0_1 += w_0_0_1 * x_0_0;
    acc_0_0_2 += w_0_0_2 * x_0_0;
    acc_0_0_3 += w_0_0_3 * x_0_0;
    let w_0_1_0 = w_tile[17u + local_z * 4u];
    let w_0_1_1 = w_tile[17u + local_z * 4u + 1u];
    let w_0_1_2 = w_tile[17u + local_z * 4u + 2u];
    let w_0_1_3 = w_tile[17u + local_z * 4u + 3u];
    acc_0_0_0 += w_0_1_0 * x_0_2;
    acc_0_0_1 += w_0_1_1 * x_0_2;
    acc_0_0_2 += w_0_1_2 * x_0_2;
    acc_0_0_3 += w_0_1_3 * x_0_2;
    let w_0_2_0 = w_tile[34u + local_z * 4u];
    let w_0_2_1 = w_tile[34u + local_z * 4u + 1u];
    let w_0_2_2 = w_tile[34u + local_z * 4u + 2u];
    let w_0_2_3 = w_tile[34u + local_z * 4u + 3u];
    acc_0_0_0 += w_0_2_0 * x_0_4;
    acc_0_0_1 += w_0_2_1 * x_0_4;
    acc_0_0_2 += w_0_2_2 * x_0_4;
    acc_0_0_3 += w_0_2_3 * x_0_4;
    let x_2_0 = x_tile[(local_y * 2u + 2u) * 20u + local_x * 2u];
    let x_2_2 = x_tile[(local_y * 2u + 2u) * 20u + local_x * 2u + 2u];
    let x_2_4 = x_tile[(local_y * 2u + 2u) * 20u + local_x * 2u + 4u];
    let w_1_0_0 = w_tile[51u + local_z * 4u];
    let w_1_0_1 = w_tile[51u + local_z * 4u + 1u];
    let w_1_0_2 = w_tile[51u + local_z * 4u + 2u];
    let w_1_0_3 = w_tile[51u + local_z * 4u + 3u];
    acc_0_0_0 += w_1_0_0 * x_2_0;
    acc_0_0_1 += w_1_0_1 * x_2_0;
    acc_0_0_2 += w_1_0_2 * x_2_0;
    acc_0_0_3 += w_1_0_3 * x_2_0;
    let w_1_1_0 = w_tile[68u + local_z * 4u];
    let w_1_1_1 = w_tile[68u + local_z * 4u + 1u];
    let w_1_1_2 = w_tile[68u + local_z * 4u + 2u];
    let w_1_1_3 = w_tile[68u + local_z * 4u + 3u];
    acc_0_0_0 += w_1_1_0 * x_2_2;
    acc_0_0_1 += w_1_1_1 * x_2_2;
    acc_0_0_2 += w_1_1_2 * x_2_2;
    acc_0_0_3 += w_1_1_3 * x_2_2;
    let w_1_2_0 = w_tile[85u + local_z * 4u];
    let w_1_2_1 = w_tile[85u + local_z * 4u + 1u];
    let w_1_2_2 = w_tile[85u + local_z * 4u + 2u];
    let w_1_2_3 = w_tile[85u + local_z * 4u + 3u];
    acc_0_0_0 += w_1_2_0 * x_2_4;
    acc_0_0_1 += w_1_2_1 * x_2_4;
    acc_0_0_2 += w_1_2_2 * x_2_4;
    acc_0_0_3 += w_1_2_3 * x_2_4;
    let x_4_0 = x_tile[(local_y * 2u + 4u) * 20u + local_x * 2u];
    let x_4_2 = x_tile[(local_y * 2u + 4u) * 20u + local_x * 2u + 2u];
    let x_4_4 = x_tile[(local_y * 2u + 4u) * 20u + local_x * 2u + 4u];
    let w_2_0_0 = w_tile[102u + local_z * 4u];
    let w_2_0_1 = w_tile[102u + local_z * 4u + 1u];
    let w_2_0_2 = w_tile[102u + local_z * 4u + 2u];
    let w_2_0_3 = w_tile[102u + local_z * 4u + 3u];
    acc_0_0_0 += w_2_0_0 * x_4_0;
    acc_0_0_1 += w_2_0_1 * x_4_0;
    acc_0_0_2 += w_2_0_2 * x_4_0;
    acc_0_0_3 += w_2_0_3 * x_4_0;
    let w_2_1_0 = w_tile[119u + local_z * 4u];
    let w_2_1_1 = w_tile[119u + local_z * 4u + 1u];
    let w_2_1_2 = w_tile[119u + local_z * 4u + 2u];
    let w_2_1_3 = w_tile[119u + local_z * 4u + 3u];
    acc_0_0_0 += w_2_1_0 * x_4_2;
    acc_0_0_1 += w_2_1_1 * x_4_2;
    acc_0_0_2 += w_2_1_2 * x_4_2;
    acc_0_0_3 += w_2_1_3 * x_4_2;
    let w_2_2_0 = w_tile[136u + local_z * 4u];
    let w_2_2_1 = w_tile[136u + local_z * 4u + 1u];
    let w_2_2_2 = w_tile[136u + local_z * 4u + 2u];
    let w_2_2_3 = w_tile[136u + local_z * 4u + 3u];
    acc_0_0_0 += w_2_2_0 * x_4_4;
    acc_0_0_1 += w_2_2_1 * x_4_4;
    acc_0_0_2 += w_2_2_2 * x_4_4;
    acc_0_0_3 += w_2_2_3 * x_4_4;
    workgroupBarrier();
  }

  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_2 < channel_vectors)) {
    let channel = part * channel_vectors + channel_2;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0_2;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_3 < channel_vectors)) {
    let channel = part * channel_vectors + channel_3;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0_3;
    v = gelu(v);
    store_y(index, v);
  }
}
