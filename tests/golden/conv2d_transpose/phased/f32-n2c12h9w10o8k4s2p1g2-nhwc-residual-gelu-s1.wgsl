// conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu
// conv2d_transpose/phased
// wx=16 wy=2 wc=1 tw=1 to=16 vec=1 vec_c=2 vec_y=1 rows=0 prepack=0 stage_w=1 stage_x=0 bc=4 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/32), 2*ceil(oh/4), n*2*ceil(o/2/16); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = f32;
alias Sum = f32;

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

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
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

var<workgroup> w_tile: array<Sum, 512>;

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

@compute @workgroup_size(1, 16, 2)
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
  let channel_vectors = channels_out;
  let tiles_x = (size_ow + 31u) / 32u;
  let tiles_y = (size_oh + 3u) / 4u * 2u;
  let tiles_o = (channels_out + 15u) / 16u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 2u;
  let image = group / (tiles_x * tiles_y * tiles_o * 2u);
  let tile_y = group / tiles_x % tiles_y / 2u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % 2u;
  let first_place = (row + 1u) % 2u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 2u + (row + 1u) / 2u - 1u;
  let patch_x = tile_x * 16u - 1u;
  let first_y = patch_y + local.z;
  let first_x = patch_x + local.y;
  let channel_0 = tile_o * 16u + local.x;
  let channel_1 = tile_o * 16u + 1u + local.x;
  let channel_2 = tile_o * 16u + 2u + local.x;
  let channel_3 = tile_o * 16u + 3u + local.x;
  let channel_4 = tile_o * 16u + 4u + local.x;
  let channel_5 = tile_o * 16u + 5u + local.x;
  let channel_6 = tile_o * 16u + 6u + local.x;
  let channel_7 = tile_o * 16u + 7u + local.x;
  let channel_8 = tile_o * 16u + 8u + local.x;
  let channel_9 = tile_o * 16u + 9u + local.x;
  let channel_10 = tile_o * 16u + 10u + local.x;
  let channel_11 = tile_o * 16u + 11u + local.x;
  let channel_12 = tile_o * 16u + 12u + local.x;
  let channel_13 = tile_o * 16u + 13u + local.x;
  let channel_14 = tile_o * 16u + 14u + local.x;
  let channel_15 = tile_o * 16u + 15u + local.x;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_0_1 = Sum(0.0);
  var acc_0_0_2 = Sum(0.0);
  var acc_0_0_3 = Sum(0.0);
  var acc_0_0_4 = Sum(0.0);
  var acc_0_0_5 = Sum(0.0);
  var acc_0_0_6 = Sum(0.0);
  var acc_0_0_7 = Sum(0.0);
  var acc_0_0_8 = Sum(0.0);
  var acc_0_0_9 = Sum(0.0);
  var acc_0_0_10 = Sum(0.0);
  var acc_0_0_11 = Sum(0.0);
  var acc_0_0_12 = Sum(0.0);
  var acc_0_0_13 = Sum(0.0);
  var acc_0_0_14 = Sum(0.0);
  var acc_0_0_15 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_1_1 = Sum(0.0);
  var acc_0_1_2 = Sum(0.0);
  var acc_0_1_3 = Sum(0.0);
  var acc_0_1_4 = Sum(0.0);
  var acc_0_1_5 = Sum(0.0);
  var acc_0_1_6 = Sum(0.0);
  var acc_0_1_7 = Sum(0.0);
  var acc_0_1_8 = Sum(0.0);
  var acc_0_1_9 = Sum(0.0);
  var acc_0_1_10 = Sum(0.0);
  var acc_0_1_11 = Sum(0.0);
  var acc_0_1_12 = Sum(0.0);
  var acc_0_1_13 = Sum(0.0);
  var acc_0_1_14 = Sum(0.0);
  var acc_0_1_15 = Sum(0.0);

  let local_index = (local.z * 16u + local.y) + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 4u) {
    for (var t = local_index; t < 512u; t += 32u) {
      let o = t % 16u;
      let fw = t / 16u % 4u;
      let met = t / 64u % 2u;
      let s = t / 128u;
      let source_o = min(tile_o * 16u + o, channel_vectors - 1u);
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      let fh = first_place + met * 2u;
      w_tile[t] = load_w((source_c * 16u + fh * 4u + fw) * channel_vectors + source_o);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(4u, channels_in - c0); cl += 2u) {
      let c = c0 + cl;
      let source = part * channels_in + c;
      for (var met = 0u; met < 2u; met += 1u) {
        let x_0 = pixel_at(image, source / 2u, first_y + 1u - met, first_x);
        let x_1 = pixel_at(image, source / 2u, first_y + 1u - met, first_x + 1u);
        let x_2 = pixel_at(image, source / 2u, first_y + 1u - met, first_x + 2u);
        let w_f_0_0_0 = w_tile[((cl * 2u + met) * 4u) * 16u + local.x];
        let w_f_0_0_1 = w_tile[((cl * 2u + met) * 4u) * 16u + 1u + local.x];
        let w_f_0_0_2 = w_tile[((cl * 2u + met) * 4u) * 16u + 2u + local.x];
        let w_f_0_0_3 = w_tile[((cl * 2u + met) * 4u) * 16u + 3u + local.x];
        let w_f_0_0_4 = w_tile[((cl * 2u + met) * 4u) * 16u + 4u + local.x];
        let w_f_0_0_5 = w_tile[((cl * 2u + met) * 4u) * 16u + 5u + local.x];
        let w_f_0_0_6 = w_tile[((cl * 2u + met) * 4u) * 16u + 6u + local.x];
        let w_f_0_0_7 = w_tile[((cl * 2u + met) * 4u) * 16u + 7u + local.x];
        let w_f_0_0_8 = w_tile[((cl * 2u + met) * 4u) * 16u + 8u + local.x];
        let w_f_0_0_9 = w_tile[((cl * 2u + met) * 4u) * 16u + 9u + local.x];
        let w_f_0_0_10 = w_tile[((cl * 2u + met) * 4u) * 16u + 10u + local.x];
        let w_f_0_0_11 = w_tile[((cl * 2u + met) * 4u) * 16u + 11u + local.x];
        let w_f_0_0_12 = w_tile[((cl * 2u + met) * 4u) * 16u + 12u + local.x];
        let w_f_0_0_13 = w_tile[((cl * 2u + met) * 4u) * 16u + 13u + local.x];
        let w_f_0_0_14 = w_tile[((cl * 2u + met) * 4u) * 16u + 14u + local.x];
        let w_f_0_0_15 = w_tile[((cl * 2u + met) * 4u) * 16u + 15u + local.x];
        acc_0_1_0 += w_f_0_0_0 * x_2.x;
        acc_0_1_1 += w_f_0_0_1 * x_2.x;
        acc_0_1_2 += w_f_0_0_2 * x_2.x;
        acc_0_1_3 += w_f_0_0_3 * x_2.x;
        acc_0_1_4 += w_f_0_0_4 * x_2.x;
        acc_0_1_5 += w_f_0_0_5 * x_2.x;
        acc_0_1_6 += w_f_0_0_6 * x_2.x;
        acc_0_1_7 += w_f_0_0_7 * x_2.x;
        acc_0_1_8 += w_f_0_0_8 * x_2.x;
        acc_0_1_9 += w_f_0_0_9 * x_2.x;
        acc_0_1_10 += w_f_0_0_10 * x_2.x;
        acc_0_1_11 += w_f_0_0_11 * x_2.x;
        acc_0_1_12 += w_f_0_0_12 * x_2.x;
        acc_0_1_13 += w_f_0_0_13 * x_2.x;
        acc_0_1_14 += w_f_0_0_14 * x_2.x;
        acc_0_1_15 += w_f_0_0_15 * x_2.x;
        let w_f_0_1_0 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + local.x];
        let w_f_0_1_1 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 1u + local.x];
        let w_f_0_1_2 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 2u + local.x];
        let w_f_0_1_3 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 3u + local.x];
        let w_f_0_1_4 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 4u + local.x];
        let w_f_0_1_5 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 5u + local.x];
        let w_f_0_1_6 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 6u + local.x];
        let w_f_0_1_7 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 7u + local.x];
        let w_f_0_1_8 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 8u + local.x];
        let w_f_0_1_9 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 9u + local.x];
        let w_f_0_1_10 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 10u + local.x];
        let w_f_0_1_11 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 11u + local.x];
        let w_f_0_1_12 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 12u + local.x];
        let w_f_0_1_13 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 13u + local.x];
        let w_f_0_1_14 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 14u + local.x];
        let w_f_0_1_15 = w_tile[(((cl + 1u) * 2u + met) * 4u) * 16u + 15u + local.x];
        acc_0_1_0 += w_f_0_1_0 * x_2.y;
        acc_0_1_1 += w_f_0_1_1 * x_2.y;
        acc_0_1_2 += w_f_0_1_2 * x_2.y;
        acc_0_1_3 += w_f_0_1_3 * x_2.y;
        acc_0_1_4 += w_f_0_1_4 * x_2.y;
        acc_0_1_5 += w_f_0_1_5 * x_2.y;
        acc_0_1_6 += w_f_0_1_6 * x_2.y;
        acc_0_1_7 += w_f_0_1_7 * x_2.y;
        acc_0_1_8 += w_f_0_1_8 * x_2.y;
        acc_0_1_9 += w_f_0_1_9 * x_2.y;
        acc_0_1_10 += w_f_0_1_10 * x_2.y;
        acc_0_1_11 += w_f_0_1_11 * x_2.y;
        acc_0_1_12 += w_f_0_1_12 * x_2.y;
        acc_0_1_13 += w_f_0_1_13 * x_2.y;
        acc_0_1_14 += w_f_0_1_14 * x_2.y;
        acc_0_1_15 += w_f_0_1_15 * x_2.y;
        let w_f_1_0_0 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + local.x];
        let w_f_1_0_1 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 1u + local.x];
        let w_f_1_0_2 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 2u + local.x];
        let w_f_1_0_3 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 3u + local.x];
        let w_f_1_0_4 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 4u + local.x];
        let w_f_1_0_5 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 5u + local.x];
        let w_f_1_0_6 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 6u + local.x];
        let w_f_1_0_7 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 7u + local.x];
        let w_f_1_0_8 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 8u + local.x];
        let w_f_1_0_9 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 9u + local.x];
        let w_f_1_0_10 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 10u + local.x];
        let w_f_1_0_11 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 11u + local.x];
        let w_f_1_0_12 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 12u + local.x];
        let w_f_1_0_13 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 13u + local.x];
        let w_f_1_0_14 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 14u + local.x];
        let w_f_1_0_15 = w_tile[((cl * 2u + met) * 4u + 1u) * 16u + 15u + local.x];
        acc_0_0_0 += w_f_1_0_0 * x_1.x;
        acc_0_0_1 += w_f_1_0_1 * x_1.x;
        acc_0_0_2 += w_f_1_0_2 * x_1.x;
        acc_0_0_3 += w_f_1_0_3 * x_1.x;
        acc_0_0_4 += w_f_1_0_4 * x_1.x;
        acc_0_0_5 += w_f_1_0_5 * x_1.x;
        acc_0_0_6 += w_f_1_0_6 * x_1.x;
        acc_0_0_7 += w_f_1_0_7 * x_1.x;
        acc_0_0_8 += w_f_1_0_8 * x_1.x;
        acc_0_0_9 += w_f_1_0_9 * x_1.x;
        acc_0_0_10 += w_f_1_0_10 * x_1.x;
        acc_0_0_11 += w_f_1_0_11 * x_1.x;
        acc_0_0_12 += w_f_1_0_12 * x_1.x;
        acc_0_0_13 += w_f_1_0_13 * x_1.x;
        acc_0_0_14 += w_f_1_0_14 * x_1.x;
        acc_0_0_15 += w_f_1_0_15 * x_1.x;
        let w_f_1_1_0 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + local.x];
        let w_f_1_1_1 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 1u + local.x];
        let w_f_1_1_2 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 2u + local.x];
        let w_f_1_1_3 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 3u + local.x];
        let w_f_1_1_4 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 4u + local.x];
        let w_f_1_1_5 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 5u + local.x];
        let w_f_1_1_6 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 6u + local.x];
        let w_f_1_1_7 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 7u + local.x];
        let w_f_1_1_8 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 8u + local.x];
        let w_f_1_1_9 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 9u + local.x];
        let w_f_1_1_10 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 10u + local.x];
        let w_f_1_1_11 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 11u + local.x];
        let w_f_1_1_12 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 12u + local.x];
        let w_f_1_1_13 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 13u + local.x];
        let w_f_1_1_14 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 14u + local.x];
        let w_f_1_1_15 = w_tile[(((cl + 1u) * 2u + met) * 4u + 1u) * 16u + 15u + local.x];
        acc_0_0_0 += w_f_1_1_0 * x_1.y;
        acc_0_0_1 += w_f_1_1_1 * x_1.y;
        acc_0_0_2 += w_f_1_1_2 * x_1.y;
        acc_0_0_3 += w_f_1_1_3 * x_1.y;
        acc_0_0_4 += w_f_1_1_4 * x_1.y;
        acc_0_0_5 += w_f_1_1_5 * x_1.y;
        acc_0_0_6 += w_f_1_1_6 * x_1.y;
        acc_0_0_7 += w_f_1_1_7 * x_1.y;
        acc_0_0_8 += w_f_1_1_8 * x_1.y;
        acc_0_0_9 += w_f_1_1_9 * x_1.y;
        acc_0_0_10 += w_f_1_1_10 * x_1.y;
        acc_0_0_11 += w_f_1_1_11 * x_1.y;
        acc_0_0_12 += w_f_1_1_12 * x_1.y;
        acc_0_0_13 += w_f_1_1_13 * x_1.y;
        acc_0_0_14 += w_f_1_1_14 * x_1.y;
        acc_0_0_15 += w_f_1_1_15 * x_1.y;
        let w_f_2_0_0 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + local.x];
        let w_f_2_0_1 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 1u + local.x];
        let w_f_2_0_2 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 2u + local.x];
        let w_f_2_0_3 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 3u + local.x];
        let w_f_2_0_4 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 4u + local.x];
        let w_f_2_0_5 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 5u + local.x];
        let w_f_2_0_6 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 6u + local.x];
        let w_f_2_0_7 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 7u + local.x];
        let w_f_2_0_8 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 8u + local.x];
        let w_f_2_0_9 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 9u + local.x];
        let w_f_2_0_10 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 10u + local.x];
        let w_f_2_0_11 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 11u + local.x];
        let w_f_2_0_12 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 12u + local.x];
        let w_f_2_0_13 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 13u + local.x];
        let w_f_2_0_14 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 14u + local.x];
        let w_f_2_0_15 = w_tile[((cl * 2u + met) * 4u + 2u) * 16u + 15u + local.x];
        acc_0_1_0 += w_f_2_0_0 * x_1.x;
        acc_0_1_1 += w_f_2_0_1 * x_1.x;
        acc_0_1_2 += w_f_2_0_2 * x_1.x;
        acc_0_1_3 += w_f_2_0_3 * x_1.x;
        acc_0_1_4 += w_f_2_0_4 * x_1.x;
        acc_0_1_5 += w_f_2_0_5 * x_1.x;
        acc_0_1_6 += w_f_2_0_6 * x_1.x;
        acc_0_1_7 += w_f_2_0_7 * x_1.x;
        acc_0_1_8 += w_f_2_0_8 * x_1.x;
        acc_0_1_9 += w_f_2_0_9 * x_1.x;
        acc_0_1_10 += w_f_2_0_10 * x_1.x;
        acc_0_1_11 += w_f_2_0_11 * x_1.x;
        acc_0_1_12 += w_f_2_0_12 * x_1.x;
        acc_0_1_13 += w_f_2_0_13 * x_1.x;
        acc_0_1_14 += w_f_2_0_14 * x_1.x;
        acc_0_1_15 += w_f_2_0_15 * x_1.x;
        let w_f_2_1_0 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + local.x];
        let w_f_2_1_1 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 1u + local.x];
        let w_f_2_1_2 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 2u + local.x];
        let w_f_2_1_3 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 3u + local.x];
        let w_f_2_1_4 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 4u + local.x];
        let w_f_2_1_5 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 5u + local.x];
        let w_f_2_1_6 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 6u + local.x];
        let w_f_2_1_7 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 7u + local.x];
        let w_f_2_1_8 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 8u + local.x];
        let w_f_2_1_9 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 9u + local.x];
        let w_f_2_1_10 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 10u + local.x];
        let w_f_2_1_11 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 11u + local.x];
        let w_f_2_1_12 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 12u + local.x];
        let w_f_2_1_13 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 13u + local.x];
        let w_f_2_1_14 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 14u + local.x];
        let w_f_2_1_15 = w_tile[(((cl + 1u) * 2u + met) * 4u + 2u) * 16u + 15u + local.x];
        acc_0_1_0 += w_f_2_1_0 * x_1.y;
        acc_0_1_1 += w_f_2_1_1 * x_1.y;
        acc_0_1_2 += w_f_2_1_2 * x_1.y;
        acc_0_1_3 += w_f_2_1_3 * x_1.y;
        acc_0_1_4 += w_f_2_1_4 * x_1.y;
        acc_0_1_5 += w_f_2_1_5 * x_1.y;
        acc_0_1_6 += w_f_2_1_6 * x_1.y;
        acc_0_1_7 += w_f_2_1_7 * x_1.y;
        acc_0_1_8 += w_f_2_1_8 * x_1.y;
        acc_0_1_9 += w_f_2_1_9 * x_1.y;
        acc_0_1_10 += w_f_2_1_10 * x_1.y;
        acc_0_1_11 += w_f_2_1_11 * x_1.y;
        acc_0_1_12 += w_f_2_1_12 * x_1.y;
        acc_0_1_13 += w_f_2_1_13 * x_1.y;
        acc_0_1_14 += w_f_2_1_14 * x_1.y;
        acc_0_1_15 += w_f_2_1_15 * x_1.y;
        let w_f_3_0_0 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + local.x];
        let w_f_3_0_1 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 1u + local.x];
        let w_f_3_0_2 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 2u + local.x];
        let w_f_3_0_3 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 3u + local.x];
        let w_f_3_0_4 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 4u + local.x];
        let w_f_3_0_5 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 5u + local.x];
        let w_f_3_0_6 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 6u + local.x];
        let w_f_3_0_7 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 7u + local.x];
        let w_f_3_0_8 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 8u + local.x];
        let w_f_3_0_9 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 9u + local.x];
        let w_f_3_0_10 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 10u + local.x];
        let w_f_3_0_11 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 11u + local.x];
        let w_f_3_0_12 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 12u + local.x];
        let w_f_3_0_13 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 13u + local.x];
        let w_f_3_0_14 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 14u + local.x];
        let w_f_3_0_15 = w_tile[((cl * 2u + met) * 4u + 3u) * 16u + 15u + local.x];
        acc_0_0_0 += w_f_3_0_0 * x_0.x;
        acc_0_0_1 += w_f_3_0_1 * x_0.x;
        acc_0_0_2 += w_f_3_0_2 * x_0.x;
        acc_0_0_3 += w_f_3_0_3 * x_0.x;
        acc_0_0_4 += w_f_3_0_4 * x_0.x;
        acc_0_0_5 += w_f_3_0_5 * x_0.x;
        acc_0_0_6 += w_f_3_0_6 * x_0.x;
        acc_0_0_7 += w_f_3_0_7 * x_0.x;
        acc_0_0_8 += w_f_3_0_8 * x_0.x;
        acc_0_0_9 += w_f_3_0_9 * x_0.x;
        acc_0_0_10 += w_f_3_0_10 * x_0.x;
        acc_0_0_11 += w_f_3_0_11 * x_0.x;
        acc_0_0_12 += w_f_3_0_12 * x_0.x;
        acc_0_0_13 += w_f_3_0_13 * x_0.x;
        acc_0_0_14 += w_f_3_0_14 * x_0.x;
        acc_0_0_15 += w_f_3_0_15 * x_0.x;
        let w_f_3_1_0 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + local.x];
        let w_f_3_1_1 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 1u + local.x];
        let w_f_3_1_2 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 2u + local.x];
        let w_f_3_1_3 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 3u + local.x];
        let w_f_3_1_4 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 4u + local.x];
        let w_f_3_1_5 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 5u + local.x];
        let w_f_3_1_6 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 6u + local.x];
        let w_f_3_1_7 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 7u + local.x];
        let w_f_3_1_8 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 8u + local.x];
        let w_f_3_1_9 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 9u + local.x];
        let w_f_3_1_10 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 10u + local.x];
        let w_f_3_1_11 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 11u + local.x];
        let w_f_3_1_12 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 12u + local.x];
        let w_f_3_1_13 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 13u + local.x];
        let w_f_3_1_14 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 14u + local.x];
        let w_f_3_1_15 = w_tile[(((cl + 1u) * 2u + met) * 4u + 3u) * 16u + 15u + local.x];
        acc_0_0_0 += w_f_3_1_0 * x_0.y;
        acc_0_0_1 += w_f_3_1_1 * x_0.y;
        acc_0_0_2 += w_f_3_1_2 * x_0.y;
        acc_0_0_3 += w_f_3_1_3 * x_0.y;
        acc_0_0_4 += w_f_3_1_4 * x_0.y;
        acc_0_0_5 += w_f_3_1_5 * x_0.y;
        acc_0_0_6 += w_f_3_1_6 * x_0.y;
        acc_0_0_7 += w_f_3_1_7 * x_0.y;
        acc_0_0_8 += w_f_3_1_8 * x_0.y;
        acc_0_0_9 += w_f_3_1_9 * x_0.y;
        acc_0_0_10 += w_f_3_1_10 * x_0.y;
        acc_0_0_11 += w_f_3_1_11 * x_0.y;
        acc_0_0_12 += w_f_3_1_12 * x_0.y;
        acc_0_0_13 += w_f_3_1_13 * x_0.y;
        acc_0_0_14 += w_f_3_1_14 * x_0.y;
        acc_0_0_15 += w_f_3_1_15 * x_0.y;
      }
    }
    workgroupBarrier();
  }

  let out_y = (tile_y * 2u + local.z) * 2u + row;
  let out_x = tile_x * 32u + local.y * 2u;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_0;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_1;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_1 < channel_vectors)) {
    let channel = part * channel_vectors + channel_1;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_1;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_2 < channel_vectors)) {
    let channel = part * channel_vectors + channel_2;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_2;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_2 < channel_vectors)) {
    let channel = part * channel_vectors + channel_2;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_2;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_3 < channel_vectors)) {
    let channel = part * channel_vectors + channel_3;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_3;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_3 < channel_vectors)) {
    let channel = part * channel_vectors + channel_3;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_3;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_4 < channel_vectors)) {
    let channel = part * channel_vectors + channel_4;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_4;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_4 < channel_vectors)) {
    let channel = part * channel_vectors + channel_4;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_4;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_5 < channel_vectors)) {
    let channel = part * channel_vectors + channel_5;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_5;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_5 < channel_vectors)) {
    let channel = part * channel_vectors + channel_5;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_5;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_6 < channel_vectors)) {
    let channel = part * channel_vectors + channel_6;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_6;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_6 < channel_vectors)) {
    let channel = part * channel_vectors + channel_6;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_6;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_7 < channel_vectors)) {
    let channel = part * channel_vectors + channel_7;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_7;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_7 < channel_vectors)) {
    let channel = part * channel_vectors + channel_7;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_7;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_8 < channel_vectors)) {
    let channel = part * channel_vectors + channel_8;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_8;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_8 < channel_vectors)) {
    let channel = part * channel_vectors + channel_8;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_8;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_9 < channel_vectors)) {
    let channel = part * channel_vectors + channel_9;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_9;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_9 < channel_vectors)) {
    let channel = part * channel_vectors + channel_9;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_9;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_10 < channel_vectors)) {
    let channel = part * channel_vectors + channel_10;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_10;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_10 < channel_vectors)) {
    let channel = part * channel_vectors + channel_10;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_10;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_11 < channel_vectors)) {
    let channel = part * channel_vectors + channel_11;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_11;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_11 < channel_vectors)) {
    let channel = part * channel_vectors + channel_11;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_11;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_12 < channel_vectors)) {
    let channel = part * channel_vectors + channel_12;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_12;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_12 < channel_vectors)) {
    let channel = part * channel_vectors + channel_12;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_12;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_13 < channel_vectors)) {
    let channel = part * channel_vectors + channel_13;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_13;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_13 < channel_vectors)) {
    let channel = part * channel_vectors + channel_13;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_13;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_14 < channel_vectors)) {
    let channel = part * channel_vectors + channel_14;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_14;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_14 < channel_vectors)) {
    let channel = part * channel_vectors + channel_14;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_14;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_15 < channel_vectors)) {
    let channel = part * channel_vectors + channel_15;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 2u) + channel;
    var v = acc_0_0_15;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_15 < channel_vectors)) {
    let channel = part * channel_vectors + channel_15;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 2u) + channel;
    var v = acc_0_1_15;
    v += load_residual(index);
    v = gelu(v);
    store_y(index, v);
  }
}
