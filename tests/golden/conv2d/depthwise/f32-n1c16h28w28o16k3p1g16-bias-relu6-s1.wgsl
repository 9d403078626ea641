// conv2d:f32:n1c16h28w28o16k3p1g16+bias+relu6
// conv2d/depthwise
// wx=1 wy=16 wc=8 tw=8 th=1 vec=1 vec_x=2 vec_y=1 prepack=0 stage=0 interior=1 unroll=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/8), ceil(oh/16), n*ceil(o/8); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = f32;
alias Pixel = vec2<f32>;

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

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32, is_row: bool) -> Pixel {
  let row_length = shape.w / 2u;
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x(start + min(at, row_length - 1u)), is_row & (at < row_length));
}

@compute @workgroup_size(1, 16, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_c = shape.c;
  let size_h = shape.h;
  let row_length = shape.w / 2u;
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let channel_vectors = shape.o;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 15u) / 16u;
  let tiles_c = (channel_vectors + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * 16u + local.y;
  let out_x = tile_x * 8u + local.x * 8u;
  let channel = tile_c * 8u + local.z;
  let own = min(channel, channel_vectors - 1u);
  let source = own;
  let first_y = out_y - 1u;
  let first_x = tile_x * 4u + local.x * 4u - 1u;

  var acc_0_0 = 0.0;
  var acc_0_1 = 0.0;
  var acc_0_2 = 0.0;
  var acc_0_3 = 0.0;
  var acc_0_4 = 0.0;
  var acc_0_5 = 0.0;
  var acc_0_6 = 0.0;
  var acc_0_7 = 0.0;
  let is_interior = (first_y < size_h) & (first_y + 3u <= size_h) & (first_x < row_length) & (first_x + 6u <= row_length);
  if (is_interior) {
    for (var fh = 0u; fh < 3u; fh += 1u) {
      let w_0 = load_w(own * 9u + fh * 3u);
      let w_1 = load_w(own * 9u + fh * 3u + 1u);
      let w_2 = load_w(own * 9u + fh * 3u + 2u);
      {
        let in_y = first_y + fh;
        let start = ((image * size_c + source) * size_h + in_y) * row_length;
        let x_0 = load_x(start + first_x);
        let x_1 = load_x(start + first_x + 1u);
        let x_2 = load_x(start + first_x + 2u);
        let x_3 = load_x(start + first_x + 3u);
        let x_4 = load_x(start + first_x + 4u);
        let x_5 = load_x(start + first_x + 5u);
        acc_0_0 += w_0 * x_0.y;
        acc_0_1 += w_0 * x_1.x;
        acc_0_2 += w_0 * x_1.y;
        acc_0_3 += w_0 * x_2.x;
        acc_0_4 += w_0 * x_2.y;
        acc_0_5 += w_0 * x_3.x;
        acc_0_6 += w_0 * x_3.y;
        acc_0_7 += w_0 * x_4.x;
        acc_0_0 += w_1 * x_1.x;
        acc_0_1 += w_1 * x_1.y;
        acc_0_2 += w_1 * x_2.x;
        acc_0_3 += w_1 * x_2.y;
        acc_0_4 += w_1 * x_3.x;
        acc_0_5 += w_1 * x_3.y;
        acc_0_6 += w_1 * x_4.x;
        acc_0_7 += w_1 * x_4.y;
        acc_0_0 += w_2 * x_1.y;
        acc_0_1 += w_2 * x_2.x;
        acc_0_2 += w_2 * x_2.y;
        acc_0_3 += w_2 * x_3.x;
        acc_0_4 += w_2 * x_3.y;
        acc_0_5 += w_2 * x_4.x;
        acc_0_6 += w_2 * x_4.y;
        acc_0_7 += w_2 * x_5.x;
      }
    }
  } else {
    for (var fh = 0u; fh < 3u; fh += 1u) {
      let w_0 = load_w(own * 9u + fh * 3u);
      let w_1 = load_w(own * 9u + fh * 3u + 1u);
      let w_2 = load_w(own * 9u + fh * 3u + 2u);
      {
        let in_y = first_y + fh;
        let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
        let x_0 = pixel_at(start, first_x, in_y < size_h);
        let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
        let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
        let x_3 = pixel_at(start, first_x + 3u, in_y < size_h);
        let x_4 = pixel_at(start, first_x + 4u, in_y < size_h);
        let x_5 = pixel_at(start, first_x + 5u, in_y < size_h);
        acc_0_0 += w_0 * x_0.y;
        acc_0_1 += w_0 * x_1.x;
        acc_0_2 += w_0 * x_1.y;
        acc_0_3 += w_0 * x_2.x;
        acc_0_4 += w_0 * x_2.y;
        acc_0_5 += w_0 * x_3.x;
        acc_0_6 += w_0 * x_3.y;
        acc_0_7 += w_0 * x_4.x;
        acc_0_0 += w_1 * x_1.x;
        acc_0_1 += w_1 * x_1.y;
        acc_0_2 += w_1 * x_2.x;
        acc_0_3 += w_1 * x_2.y;
        acc_0_4 += w_1 * x_3.x;
        acc_0_5 += w_1 * x_3.y;
        acc_0_6 += w_1 * x_4.x;
        acc_0_7 += w_1 * x_4.y;
        acc_0_0 += w_2 * x_1.y;
        acc_0_1 += w_2 * x_2.x;
        acc_0_2 += w_2 * x_2.y;
        acc_0_3 += w_2 * x_3.x;
        acc_0_4 += w_2 * x_3.y;
        acc_0_5 += w_2 * x_4.x;
        acc_0_6 += w_2 * x_4.y;
        acc_0_7 += w_2 * x_5.x;
      }
    }
  }

  let own_bias = load_bias(own);
  if ((out_y < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x);
    var v = acc_0_0;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 1u);
    var v = acc_0_1;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 2u);
    var v = acc_0_2;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 3u);
    var v = acc_0_3;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 4u);
    var v = acc_0_4;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 5u);
    var v = acc_0_5;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 6u);
    var v = acc_0_6;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 7u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 7u);
    var v = acc_0_7;
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
}
