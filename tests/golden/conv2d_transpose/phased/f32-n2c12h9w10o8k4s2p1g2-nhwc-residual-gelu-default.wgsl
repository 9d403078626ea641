// conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu
// conv2d_transpose/phased
// wx=8 wy=8 wc=1 tw=4 to=4 vec=4 vec_c=2 vec_y=1 rows=1 prepack=0 stage_w=0 stage_x=0 bc=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/64), 1*ceil(oh/16), n*2*ceil(o/2/4); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = vec4<f32>;
alias Sum = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<vec2<f32>>;

fn load_x(i: u32) -> vec2<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

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

// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> vec2<f32> {
  let input_vectors = 6u;
  let size_h = 9u;
  let size_w = 10u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(vec2<f32>(0.0), load_x(((image * size_h + y) * size_w + x) * input_vectors + channel), is_inside);
}

@compute @workgroup_size(1, 8, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 18u;
  let size_ow = 20u;
  let channels_in = 6u;
  let channels_out = 4u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 63u) / 64u;
  let tiles_y = (size_oh + 15u) / 16u;
  let tiles_o = (channels_out + 3u) / 4u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 2u;
  let image = group / (tiles_x * tiles_y * tiles_o * 2u);
  let tile_y = group / tiles_x % tiles_y;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 8u - 1u;
  let patch_x = tile_x * 32u - 1u;
  let first_y = patch_y + local.z;
  let first_x = patch_x + local.y * 4u;
  let channel_0 = tile_o + local.x;
  let own_0 = channel_0;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_2_0 = Sum(0.0);
  var acc_0_3_0 = Sum(0.0);
  var acc_0_4_0 = Sum(0.0);
  var acc_0_5_0 = Sum(0.0);
  var acc_0_6_0 = Sum(0.0);
  var acc_0_7_0 = Sum(0.0);
  var acc_1_0_0 = Sum(0.0);
  var acc_1_1_0 = Sum(0.0);
  var acc_1_2_0 = Sum(0.0);
  var acc_1_3_0 = Sum(0.0);
  var acc_1_4_0 = Sum(0.0);
  var acc_1_5_0 = Sum(0.0);
  var acc_1_6_0 = Sum(0.0);
  var acc_1_7_0 = Sum(0.0);

  for (var c = 0u; c < channels_in; c += 2u) {
    let source = part * channels_in + c;
    {
      let x_0 = pixel_at(image, source / 2u, first_y, first_x);
      let x_1 = pixel_at(image, source / 2u, first_y, first_x + 1u);
      let x_2 = pixel_at(image, source / 2u, first_y, first_x + 2u);
      let x_3 = pixel_at(image, source / 2u, first_y, first_x + 3u);
      let x_4 = pixel_at(image, source / 2u, first_y, first_x + 4u);
      let x_5 = pixel_at(image, source / 2u, first_y, first_x + 5u);
      let w_3_0_0_0 = load_w((source * 16u + 12u) * channel_vectors + own_0);
      acc_0_1_0 += w_3_0_0_0 * x_2.x;
      acc_0_3_0 += w_3_0_0_0 * x_3.x;
      acc_0_5_0 += w_3_0_0_0 * x_4.x;
      acc_0_7_0 += w_3_0_0_0 * x_5.x;
      let w_3_0_1_0 = load_w(((source + 1u) * 16u + 12u) * channel_vectors + own_0);
      acc_0_1_0 += w_3_0_1_0 * x_2.y;
      acc_0_3_0 += w_3_0_1_0 * x_3.y;
      acc_0_5_0 += w_3_0_1_0 * x_4.y;
      acc_0_7_0 += w_3_0_1_0 * x_5.y;
      let w_3_1_0_0 = load_w((source * 16u + 13u) * channel_vectors + own_0);
      acc_0_0_0 += w_3_1_0_0 * x_1.x;
      acc_0_2_0 += w_3_1_0_0 * x_2.x;
      acc_0_4_0 += w_3_1_0_0 * x_3.x;
      acc_0_6_0 += w_3_1_0_0 * x_4.x;
      let w_3_1_1_0 = load_w(((source + 1u) * 16u + 13u) * channel_vectors + own_0);
      acc_0_0_0 += w_3_1_1_0 * x_1.y;
      acc_0_2_0 += w_3_1_1_0 * x_2.y;
      acc_0_4_0 += w_3_1_1_0 * x_3.y;
      acc_0_6_0 += w_3_1_1_0 * x_4.y;
      let w_3_2_0_0 = load_w((source * 16u + 14u) * channel_vectors + own_0);
      acc_0_1_0 += w_3_2_0_0 * x_1.x;
      acc_0_3_0 += w_3_2_0_0 * x_2.x;
      acc_0_5_0 += w_3_2_0_0 * x_3.x;
      acc_0_7_0 += w_3_2_0_0 * x_4.x;
      let w_3_2_1_0 = load_w(((source + 1u) * 16u + 14u) * channel_vectors + own_0);
      acc_0_1_0 += w_3_2_1_0 * x_1.y;
      acc_0_3_0 += w_3_2_1_0 * x_2.y;
      acc_0_5_0 += w_3_2_1_0 * x_3.y;
      acc_0_7_0 += w_3_2_1_0 * x_4.y;
      let w_3_3_0_0 = load_w((source * 16u + 15u) * channel_vectors + own_0);
      acc_0_0_0 += w_3_3_0_0 * x_0.x;
      acc_0_2_0 += w_3_3_0_0 * x_1.x;
      acc_0_4_0 += w_3_3_0_0 * x_2.x;
      acc_0_6_0 += w_3_3_0_0 * x_3.x;
      let w_3_3_1_0 = load_w(((source + 1u) * 16u + 15u) * channel_vectors + own_0);
      acc_0_0_0 += w_3_3_1_0 * x_0.y;
      acc_0_2_0 += w_3_3_1_0 * x_1.y;
      acc_0_4_0 += w_3_3_1_0 * x_2.y;
      acc_0_6_0 += w_3_3_1_0 * x_3.y;
    }
    {
      let x_0 = pixel_at(image, source / 2u, first_y + 1u, first_x);
      let x_1 = pixel_at(image, source / 2u, first_y + 1u, first_x + 1u);
      let x_2 = pixel_at(image, source / 2u, first_y + 1u, first_x + 2u);
      let x_3 = pixel_at(image, source / 2u, first_y + 1u, first_x + 3u);
      let x_4 = pixel_at(image, source / 2u, first_y + 1u, first_x + 4u);
      let x_5 = pixel_at(image, source / 2u, first_y + 1u, first_x + 5u);
      let w_1_0_0_0 = load_w((source * 16u + 4u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_0_0_0 * x_2.x;
      acc_0_3_0 += w_1_0_0_0 * x_3.x;
      acc_0_5_0 += w_1_0_0_0 * x_4.x;
      acc_0_7_0 += w_1_0_0_0 * x_5.x;
      let w_1_0_1_0 = load_w(((source + 1u) * 16u + 4u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_0_1_0 * x_2.y;
      acc_0_3_0 += w_1_0_1_0 * x_3.y;
      acc_0_5_0 += w_1_0_1_0 * x_4.y;
      acc_0_7_0 += w_1_0_1_0 * x_5.y;
      let w_1_1_0_0 = load_w((source * 16u + 5u) * channel_vectors + own_0);
      acc_0_0_0 += w_1_1_0_0 * x_1.x;
      acc_0_2_0 += w_1_1_0_0 * x_2.x;
      acc_0_4_0 += w_1_1_0_0 * x_3.x;
      acc_0_6_0 += w_1_1_0_0 * x_4.x;
      let w_1_1_1_0 = load_w(((source + 1u) * 16u + 5u) * channel_vectors + own_0);
      acc_0_0_0 += w_1_1_1_0 * x_1.y;
      acc_0_2_0 += w_1_1_1_0 * x_2.y;
      acc_0_4_0 += w_1_1_1_0 * x_3.y;
      acc_0_6_0 += w_1_1_1_0 * x_4.y;
      let w_1_2_0_0 = load_w((source * 16u + 6u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_2_0_0 * x_1.x;
      acc_0_3_0 += w_1_2_0_0 * x_2.x;
      acc_0_5_0 += w_1_2_0_0 * x_3.x;
      acc_0_7_0 += w_1_2_0_0 * x_4.x;
      let w_1_2_1_0 = load_w(((source + 1u) * 16u + 6u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_2_1_0 * x_1.y;
      acc_0_3_0 += w_1_2_1_0 * x_2.y;
      acc_0_5_0 += w_1_2_1_0 * x_3.y;
      acc_0_7_0 += w_1_2_1_0 * x_4.y;
      let w_1_3_0_0 = load_w((source * 16u + 7u) * channel_vectors + own_0);
      acc_0_0_0 += w_1_3_0_0 * x_0.x;
      acc_0_2_0 += w_1_3_0_0 * x_1.x;
      acc_0_4_0 += w_1_3_0_0 * x_2.x;
      acc_0_6_0 += w_1_3_0_0 * x_3.x;
      let w_1_3_1_0 = load_w(((source + 1u) * 16u + 7u) * channel_vectors + own_0);
      acc_0_0_0 += w_1_3_1_0 * x_0.y;
      acc_0_2_0 += w_1_3_1_0 * x_1.y;
      acc_0_4_0 += w_1_3_1_0 * x_2.y;
      acc_0_6_0 += w_1_3_1_0 * x_3.y;
      let w_2_0_0_0 = load_w((source * 16u + 8u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_0_0_0 * x_2.x;
      acc_1_3_0 += w_2_0_0_0 * x_3.x;
      acc_1_5_0 += w_2_0_0_0 * x_4.x;
      acc_1_7_0 += w_2_0_0_0 * x_5.x;
      let w_2_0_1_0 = load_w(((source + 1u) * 16u + 8u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_0_1_0 * x_2.y;
      acc_1_3_0 += w_2_0_1_0 * x_3.y;
      acc_1_5_0 += w_2_0_1_0 * x_4.y;
      acc_1_7_0 += w_2_0_1_0 * x_5.y;
      let w_2_1_0_0 = load_w((source * 16u + 9u) * channel_vectors + own_0);
      acc_1_0_0 += w_2_1_0_0 * x_1.x;
      acc_1_2_0 += w_2_1_0_0 * x_2.x;
      acc_1_4_0 += w_2_1_0_0 * x_3.x;
      acc_1_6_0 += w_2_1_0_0 * x_4.x;
      let w_2_1_1_0 = load_w(((source + 1u) * 16u + 9u) * channel_vectors + own_0);
      acc_1_0_0 += w_2_1_1_0 * x_1.y;
      acc_1_2_0 += w_2_1_1_0 * x_2.y;
      acc_1_4_0 += w_2_1_1_0 * x_3.y;
      acc_1_6_0 += w_2_1_1_0 * x_4.y;
      let w_2_2_0_0 = load_w((source * 16u + 10u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_2_0_0 * x_1.x;
      acc_1_3_0 += w_2_2_0_0 * x_2.x;
      acc_1_5_0 += w_2_2_0_0 * x_3.x;
      acc_1_7_0 += w_2_2_0_0 * x_4.x;
      let w_2_2_1_0 = load_w(((source + 1u) * 16u + 10u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_2_1_0 * x_1.y;
      acc_1_3_0 += w_2_2_1_0 * x_2.y;
      acc_1_5_0 += w_2_2_1_0 * x_3.y;
      acc_1_7_0 += w_2_2_1_0 * x_4.y;
      let w_2_3_0_0 = load_w((source * 16u + 11u) * channel_vectors + own_0);
      acc_1_0_0 += w_2_3_0_0 * x_0.x;
      acc_1_2_0 += w_2_3_0_0 * x_1.x;
      acc_1_4_0 += w_2_3_0_0 * x_2.x;
      acc_1_6_0 += w_2_3_0_0 * x_3.x;
      let w_2_3_1_0 = load_w(((source + 1u) * 16u + 11u) * channel_vectors + own_0);
      acc_1_0_0 += w_2_3_1_0 * x_0.y;
      acc_1_2_0 += w_2_3_1_0 * x_1.y;
      acc_1_4_0 += w_2_3_1_0 * x_2.y;
      acc_1_6_0 += w_2_3_1_0 * x_3.y;
    }
    {
      let x_0 = pixel_at(image, source / 2u, first_y + 2u, first_x);
      let x_1 = pixel_at(image, source / 2u, first_y + 2u, first_x + 1u);
      let x_2 = pixel_at(image, source / 2u, first_y + 2u, first_x + 2u);
      let x_3 = pixel_at(image, source / 2u, first_y + 2u, first_x + 3u);
      let x_4 = pixel_at(image, source / 2u, first_y + 2u, first_x + 4u);
      let x_5 = pixel_at(image, source / 2u, first_y + 2u, first_x + 5u);
      let w_0_0_0_0 = load_w(source * 16u * channel_vectors + own_0);
      acc_1_1_0 += w_0_0_0_0 * x_2.x;
      acc_1_3_0 += w_0_0_0_0 * x_3.x;
      acc_1_5_0 += w_0_0_0_0 * x_4.x;
      acc_1_7_0 += w_0_0_0_0 * x_5.x;
      let w_0_0_1_0 = load_w(((source + 1u) * 16u) * channel_vectors + own_0);
      acc_1_1_0 += w_0_0_1_0 * x_2.y;
      acc_1_3_0 += w_0_0_1_0 * x_3.y;
      acc_1_5_0 += w_0_0_1_0 * x_4.y;
      acc_1_7_0 += w_0_0_1_0 * x_5.y;
      let w_0_1_0_0 = load_w((source * 16u + 1u) * channel_vectors + own_0);
      acc_1_0_0 += w_0_1_0_0 * x_1.x;
      acc_1_2_0 += w_0_1_0_0 * x_2.x;
      acc_1_4_0 += w_0_1_0_0 * x_3.x;
      acc_1_6_0 += w_0_1_0_0 * x_4.x;
      let w_0_1_1_0 = load_w(((source + 1u) * 16u + 1u) * channel_vectors + own_0);
      acc_1_0_0 += w_0_1_1_0 * x_1.y;
      acc_1_2_0 += w_0_1_1_0 * x_2.y;
      acc_1_4_0 += w_0_1_1_0 * x_3.y;
      acc_1_6_0 += w_0_1_1_0 * x_4.y;
      let w_0_2_0_0 = load_w((source * 16u + 2u) * channel_vectors + own_0);
      acc_1_1_0 += w_0_2_0_0 * x_1.x;
      acc_1_3_0 += w_0_2_0_0 * x_2.x;
      acc_1_5_0 += w_0_2_0_0 * x_3.x;
      acc_1_7_0 += w_0_2_0_0 * x_4.x;
      let w_0_2_1_0 = load_w(((source + 1u) * 16u + 2u) * channel_vectors + own_0);
      acc_1_1_0 += w_0_2_1_0 * x_1.y;
      acc_1_3_0 += w_0_2_1_0 * x_2.y;
      acc_1_5_0 += w_0_2_1_0 * x_3.y;
      acc_1_7_0 += w_0_2_1_0 * x_4.y;
      let w_0_3_0_0 = load_w((source * 16u + 3u) * channel_vectors + own_0);
      acc_1_0_0 += w_0_3_0_0 * x_0.x;
      acc_1_2_0 += w_0_3_0_0 * x_1.x;
      acc_1_4_0 += w_0_3_0_0 * x_2.x;
      acc_1_6_0 += w_0_3_0_0 * x_3.x;
      let w_0_3_1_0 = load_w(((source + 1u) * 16u + 3u) * channel_vectors + own_0);
      acc_1_0_0 += w_0_3_1_0 * x_0.y;
      acc_1_2_0 += w_0_3_1_0 * x_1.y;
      acc_1_4_0 += w_0_3_1_0 * x_2.y;
      acc_1_6_0 += w_0_3_1_0 * x_3.y;
    }
  }

  let out_y = (tile_y * 8u + local.z) * 2u;
  let out_x = tile_x * 64u + local.y * 8u;
  if ((out_y < size_oh) & (out_x < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 2u) * (channel_vectors * 2u) + channel;
    var v = acc_0_2_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 3u) * (channel_vectors * 2u) + channel;
    var v = acc_0_3_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 4u) * (channel_vectors * 2u) + channel;
    var v = acc_0_4_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 5u) * (channel_vectors * 2u) + channel;
    var v = acc_0_5_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 6u) * (channel_vectors * 2u) + channel;
    var v = acc_0_6_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 7u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 7u) * (channel_vectors * 2u) + channel;
    var v = acc_0_7_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_1_0_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 1u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_1_1_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 2u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 2u) * (channel_vectors * 2u) + channel;
    var v = acc_1_2_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 3u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 3u) * (channel_vectors * 2u) + channel;
    var v = acc_1_3_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 4u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 4u) * (channel_vectors * 2u) + channel;
    var v = acc_1_4_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 5u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 5u) * (channel_vectors * 2u) + channel;
    var v = acc_1_5_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 6u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 6u) * (channel_vectors * 2u) + channel;
    var v = acc_1_6_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 7u < size_ow)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 7u) * (channel_vectors * 2u) + channel;
    var v = acc_1_7_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
}
