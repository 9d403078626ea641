// conv2d:f32:n2c6h17w20o12k3s2p2d2g6:nhwc+gelu
// conv2d/depthwise
// wx=16 wy=8 wc=4 tw=2 th=4 vec=2 vec_x=1 vec_y=1 prepack=0 stage=0 interior=0 unroll=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(ow/32), ceil(oh/32), n*ceil(o/8); uniforms c, h, w, o, oh, ow; bindings x, w, y (written)
alias Value = vec2<f32>;
alias Pixel = f32;

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

// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32, is_row: bool) -> Pixel {
  let row_length = 20u;
  let step = 6u;
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x(start + min(at, row_length - 1u) * step), is_row & (at < row_length));
}

@compute @workgroup_size(4, 16, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_h = 17u;
  let row_length = 20u;
  let size_oh = 9u;
  let size_ow = 10u;
  let channel_vectors = 6u;
  let step = 6u;
  let tiles_x = (size_ow + 31u) / 32u;
  let tiles_y = (size_oh + 31u) / 32u;
  let tiles_c = (channel_vectors + 3u) / 4u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * 32u + local.z * 4u;
  let out_x = tile_x * 32u + local.y * 2u;
  let channel = tile_c * 4u + local.x;
  let own = min(channel, channel_vectors - 1u);
  let source = own;
  let first_y = out_y * 2u - 2u;
  let first_x = tile_x * 64u + local.y * 4u - 2u;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  for (var fh = 0u; fh < 3u; fh += 1u) {
    let w_0 = Value(load_w(own * 2u * 9u + fh * 3u), load_w((own * 2u + 1u) * 9u + fh * 3u));
    let w_1 = Value(load_w(own * 2u * 9u + fh * 3u + 1u), load_w((own * 2u + 1u) * 9u + fh * 3u + 1u));
    let w_2 = Value(load_w(own * 2u * 9u + fh * 3u + 2u), load_w((own * 2u + 1u) * 9u + fh * 3u + 2u));
    {
      let in_y = first_y + fh * 2u;
      let start = (image * size_h + min(in_y, size_h - 1u)) * row_length * step + source;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_4 = pixel_at(start, first_x + 4u, in_y < size_h);
      let x_6 = pixel_at(start, first_x + 6u, in_y < size_h);
      acc_0_0 += w_0 * x_0;
      acc_0_1 += w_0 * x_2;
      acc_0_0 += w_1 * x_2;
      acc_0_1 += w_1 * x_4;
      acc_0_0 += w_2 * x_4;
      acc_0_1 += w_2 * x_6;
    }
    {
      let in_y = first_y + fh * 2u + 2u;
      let start = (image * size_h + min(in_y, size_h - 1u)) * row_length * step + source;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_4 = pixel_at(start, first_x + 4u, in_y < size_h);
      let x_6 = pixel_at(start, first_x + 6u, in_y < size_h);
      acc_1_0 += w_0 * x_0;
      acc_1_1 += w_0 * x_2;
      acc_1_0 += w_1 * x_2;
      acc_1_1 += w_1 * x_4;
      acc_1_0 += w_2 * x_4;
      acc_1_1 += w_2 * x_6;
    }
    {
      let in_y = first_y + fh * 2u + 4u;
      let start = (image * size_h + min(in_y, size_h - 1u)) * row_length * step + source;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_4 = pixel_at(start, first_x + 4u, in_y < size_h);
      let x_6 = pixel_at(start, first_x + 6u, in_y < size_h);
      acc_2_0 += w_0 * x_0;
      acc_2_1 += w_0 * x_2;
      acc_2_0 += w_1 * x_2;
      acc_2_1 += w_1 * x_4;
      acc_2_0 += w_2 * x_4;
      acc_2_1 += w_2 * x_6;
    }
    {
      let in_y = first_y + fh * 2u + 6u;
      let start = (image * size_h + min(in_y, size_h - 1u)) * row_length * step + source;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_4 = pixel_at(start, first_x + 4u, in_y < size_h);
      let x_6 = pixel_at(start, first_x + 6u, in_y < size_h);
      acc_3_0 += w_0 * x_0;
      acc_3_1 += w_0 * x_2;
      acc_3_0 += w_1 * x_2;
      acc_3_1 += w_1 * x_4;
      acc_3_0 += w_2 * x_4;
      acc_3_1 += w_2 * x_6;
    }
  }

  if ((out_y < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y) * size_ow + out_x) * channel_vectors + channel;
    var v = acc_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * channel_vectors + channel;
    var v = acc_0_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x) * channel_vectors + channel;
    var v = acc_1_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 1u) * size_ow + out_x + 1u) * channel_vectors + channel;
    var v = acc_1_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 2u) * size_ow + out_x) * channel_vectors + channel;
    var v = acc_2_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 2u) * size_ow + out_x + 1u) * channel_vectors + channel;
    var v = acc_2_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 3u) * size_ow + out_x) * channel_vectors + channel;
    var v = acc_3_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = ((image * size_oh + out_y + 3u) * size_ow + out_x + 1u) * channel_vectors + channel;
    var v = acc_3_1;
    v = gelu(v);
    store_y(index, v);
  }
}
