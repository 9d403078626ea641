// conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu
// conv2d_transpose/phased
// wx=4 wy=4 wc=8 tw=1 to=1 vec=1 vec_c=1 vec_y=1 rows=0 prepack=0 stage_w=1 stage_x=1 bc=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/8), 2*ceil(oh/8), n*2*ceil(o/2/8); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
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

var<workgroup> w_tile: array<Sum, 128>;
var<workgroup> x_tile: array<f32, 60>;

// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let input_vectors = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_h + y) * size_w + x) * input_vectors + channel), is_inside);
}

@compute @workgroup_size(8, 4, 4)
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
  let channels_in = shape.c / 2u;
  let channels_out = shape.o / 2u;
  let channel_vectors = channels_out;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 7u) / 8u * 2u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 2u;
  let image = group / (tiles_x * tiles_y * tiles_o * 2u);
  let tile_y = group / tiles_x % tiles_y / 2u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % 2u;
  let first_place = (row + 1u) % 2u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 4u + (row + 1u) / 2u - 1u;
  let patch_x = tile_x * 4u - 1u;
  let channel_0 = tile_o * 8u + local.x;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);

  let local_index = (local.z * 4u + local.y) * 8u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 2u) {
    for (var t = local_index; t < 128u; t += 128u) {
      let o = t % 8u;
      let fw = t / 8u % 4u;
      let met = t / 32u % 2u;
      let s = t / 64u;
      let source_o = min(tile_o * 8u + o, channel_vectors - 1u);
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      let fh = first_place + met * 2u;
      w_tile[t] = load_w((source_c * 16u + fh * 4u + fw) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 60u; t += 128u) {
      let s = t % 2u;
      let x = t / 2u % 6u;
      let y = t / 12u;
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      x_tile[(s * 5u + y) * 6u + x] = pixel_at(image, source_c, patch_y + y, patch_x + x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(2u, channels_in - c0); cl += 1u) {
      for (var met = 0u; met < 2u; met += 1u) {
        let x_0 = x_tile[(cl * 5u + local.z + 1u - met) * 6u + local.y];
        let x_1 = x_tile[(cl * 5u + local.z + 1u - met) * 6u + local.y + 1u];
        let x_2 = x_tile[(cl * 5u + local.z + 1u - met) * 6u + local.y + 2u];
        let w_f_0_0_0 = w_tile[((cl * 2u + met) * 4u) * 8u + local.x];
        acc_0_1_0 += w_f_0_0_0 * x_2;
        let w_f_1_0_0 = w_tile[((cl * 2u + met) * 4u + 1u) * 8u + local.x];
        acc_0_0_0 += w_f_1_0_0 * x_1;
        let w_f_2_0_0 = w_tile[((cl * 2u + met) * 4u + 2u) * 8u + local.x];
        acc_0_1_0 += w_f_2_0_0 * x_1;
        let w_f_3_0_0 = w_tile[((cl * 2u + met) * 4u + 3u) * 8u + local.x];
        acc_0_0_0 += w_f_3_0_0 * x_0;
      }
    }
    workgroupBarrier();
  }

  let out_y = (tile_y * 4u + local.z) * 2u + row;
  let out_x = tile_x * 8u + local.y * 2u;
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
}
