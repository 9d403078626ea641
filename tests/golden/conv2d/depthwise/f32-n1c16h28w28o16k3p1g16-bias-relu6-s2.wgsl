// conv2d:f32:n1c16h28w28o16k3p1g16+bias+relu6
// conv2d/depthwise
// wx=32 wy=4 wc=4 tw=8 th=1 vec=1 vec_x=4 vec_y=2 prepack=0 stage=0 interior=1 unroll=1 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/256), ceil(oh/4), n*ceil(o/4); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = vec2<f32>;
alias Pixel = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;

fn load_x(i: u32) -> vec4<f32> {
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

@group(0) @binding(4) var<storage, read_write> y: array<vec2<f32>>;

fn store_y(i: u32, v: vec2<f32>) {
  y[i] = v;
}

// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32, is_row: bool) -> Pixel {
  let row_length = shape.w / 4u;
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x(start + min(at, row_length - 1u)), is_row & (at < row_length));
}

@compute @workgroup_size(32, 4, 4)
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
  let row_length = shape.w / 4u;
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let channel_vectors = shape.o;
  let tiles_x = (size_ow + 255u) / 256u;
  let tiles_y = (size_oh + 3u) / 4u;
  let tiles_c = (channel_vectors + 3u) / 4u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * 4u + local.y;
  let out_x = tile_x * 256u + local.x * 8u;
  let channel = tile_c * 4u + local.z;
  let own = min(channel, channel_vectors - 1u);
  let source = own;
  let first_y = out_y - 1u;
  let first_x = tile_x * 64u + local.x * 2u - 1u;

  var acc_0_0 = 0.0;
  var acc_0_1 = 0.0;
  var acc_0_2 = 0.0;
  var acc_0_3 = 0.0;
  var acc_0_4 = 0.0;
  var acc_0_5 = 0.0;
  var acc_0_6 = 0.0;
  var acc_0_7 = 0.0;
  let is_interior = (first_y < size_h) & (first_y + 3u <= size_h) & (first_x < row_length) & (first_x + 4u <= row_length);
  if (is_interior) {
    let w_0_0 = load_w(own * 9u);
    let w_0_1 = load_w(own * 9u + 1u);
    let w_0_2 = load_w(own * 9u + 2u);
    {
      let in_y = first_y;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      let x_3 = load_x(start + first_x + 3u);
      acc_0_0 += w_0_0 * x_0.w;
      acc_0_1 += w_0_0 * x_1.x;
      acc_0_2 += w_0_0 * x_1.y;
      acc_0_3 += w_0_0 * x_1.z;
      acc_0_4 += w_0_0 * x_1.w;
      acc_0_5 += w_0_0 * x_2.x;
      acc_0_6 += w_0_0 * x_2.y;
      acc_0_7 += w_0_0 * x_2.z;
      acc_0_0 += w_0_1 * x_1.x;
      acc_0_1 += w_0_1 * x_1.y;
      acc_0_2 += w_0_1 * x_1.z;
      acc_0_3 += w_0_1 * x_1.w;
      acc_0_4 += w_0_1 * x_2.x;
      acc_0_5 += w_0_1 * x_2.y;
      acc_0_6 += w_0_1 * x_2.z;
      acc_0_7 += w_0_1 * x_2.w;
      acc_0_0 += w_0_2 * x_1.y;
      acc_0_1 += w_0_2 * x_1.z;
      acc_0_2 += w_0_2 * x_1.w;
      acc_0_3 += w_0_2 * x_2.x;
      acc_0_4 += w_0_2 * x_2.y;
      acc_0_5 += w_0_2 * x_2.z;
      acc_0_6 += w_0_2 * x_2.w;
      acc_0_7 += w_0_2 * x_3.x;
    }
    let w_1_0 = load_w(own * 9u + 3u);
    let w_1_1 = load_w(own * 9u + 4u);
    let w_1_2 = load_w(own * 9u + 5u);
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      let x_3 = load_x(start + first_x + 3u);
      acc_0_0 += w_1_0 * x_0.w;
      acc_0_1 += w_1_0 * x_1.x;
      acc_0_2 += w_1_0 * x_1.y;
      acc_0_3 += w_1_0 * x_1.z;
      acc_0_4 += w_1_0 * x_1.w;
      acc_0_5 += w_1_0 * x_2.x;
      acc_0_6 += w_1_0 * x_2.y;
      acc_0_7 += w_1_0 * x_2.z;
      acc_0_0 += w_1_1 * x_1.x;
      acc_0_1 += w_1_1 * x_1.y;
      acc_0_2 += w_1_1 * x_1.z;
      acc_0_3 += w_1_1 * x_1.w;
      acc_0_4 += w_1_1 * x_2.x;
      acc_0_5 += w_1_1 * x_2.y;
      acc_0_6 += w_1_1 * x_2.z;
      acc_0_7 += w_1_1 * x_2.w;
      acc_0_0 += w_1_2 * x_1.y;
      acc_0_1 += w_1_2 * x_1.z;
      acc_0_2 += w_1_2 * x_1.w;
      acc_0_3 += w_1_2 * x_2.x;
      acc_0_4 += w_1_2 * x_2.y;
      acc_0_5 += w_1_2 * x_2.z;
      acc_0_6 += w_1_2 * x_2.w;
      acc_0_7 += w_1_2 * x_3.x;
    }
    let w_2_0 = load_w(own * 9u + 6u);
    let w_2_1 = load_w(own * 9u + 7u);
    let w_2_2 = load_w(own * 9u + 8u);
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      let x_3 = load_x(start + first_x + 3u);
      acc_0_0 += w_2_0 * x_0.w;
      acc_0_1 += w_2_0 * x_1.x;
      acc_0_2 += w_2_0 * x_1.y;
      acc_0_3 += w_2_0 * x_1.z;
      acc_0_4 += w_2_0 * x_1.w;
      acc_0_5 += w_2_0 * x_2.x;
      acc_0_6 += w_2_0 * x_2.y;
      acc_0_7 += w_2_0 * x_2.z;
      acc_0_0 += w_2_1 * x_1.x;
      acc_0_1 += w_2_1 * x_1.y;
      acc_0_2 += w_2_1 * x_1.z;
      acc_0_3 += w_2_1 * x_1.w;
      acc_0_4 += w_2_1 * x_2.x;
      acc_0_5 += w_2_1 * x_2.y;
      acc_0_6 += w_2_1 * x_2.z;
      acc_0_7 += w_2_1 * x_2.w;
      acc_0_0 += w_2_2 * x_1.y;
      acc_0_1 += w_2_2 * x_1.z;
      acc_0_2 += w_2_2 * x_1.w;
      acc_0_3 += w_2_2 * x_2.x;
      acc_0_4 += w_2_2 * x_2.y;
      acc_0_5 += w_2_2 * x_2.z;
      acc_0_6 += w_2_2 * x_2.w;
      acc_0_7 += w_2_2 * x_3.x;
    }
  } else {
    let w_0_0 = load_w(own * 9u);
    let w_0_1 = load_w(own * 9u + 1u);
    let w_0_2 = load_w(own * 9u + 2u);
    {
      let in_y = first_y;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_3 = pixel_at(start, first_x + 3u, in_y < size_h);
      acc_0_0 += w_0_0 * x_0.w;
      acc_0_1 += w_0_0 * x_1.x;
      acc_0_2 += w_0_0 * x_1.y;
      acc_0_3 += w_0_0 * x_1.z;
      acc_0_4 += w_0_0 * x_1.w;
      acc_0_5 += w_0_0 * x_2.x;
      acc_0_6 += w_0_0 * x_2.y;
      acc_0_7 += w_0_0 * x_2.z;
      acc_0_0 += w_0_1 * x_1.x;
      acc_0_1 += w_0_1 * x_1.y;
      acc_0_2 += w_0_1 * x_1.z;
      acc_0_3 += w_0_1 * x_1.w;
      acc_0_4 += w_0_1 * x_2.x;
      acc_0_5 += w_0_1 * x_2.y;
      acc_0_6 += w_0_1 * x_2.z;
      acc_0_7 += w_0_1 * x_2.w;
      acc_0_0 += w_0_2 * x_1.y;
      acc_0_1 += w_0_2 * x_1.z;
      acc_0_2 += w_0_2 * x_1.w;
      acc_0_3 += w_0_2 * x_2.x;
      acc_0_4 += w_0_2 * x_2.y;
      acc_0_5 += w_0_2 * x_2.z;
      acc_0_6 += w_0_2 * x_2.w;
      acc_0_7 += w_0_2 * x_3.x;
    }
    let w_1_0 = load_w(own * 9u + 3u);
    let w_1_1 = load_w(own * 9u + 4u);
    let w_1_2 = load_w(own * 9u + 5u);
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_3 = pixel_at(start, first_x + 3u, in_y < size_h);
      acc_0_0 += w_1_0 * x_0.w;
      acc_0_1 += w_1_0 * x_1.x;
      acc_0_2 += w_1_0 * x_1.y;
      acc_0_3 += w_1_0 * x_1.z;
      acc_0_4 += w_1_0 * x_1.w;
      acc_0_5 += w_1_0 * x_2.x;
      acc_0_6 += w_1_0 * x_2.y;
      acc_0_7 += w_1_0 * x_2.z;
      acc_0_0 += w_1_1 * x_1.x;
      acc_0_1 += w_1_1 * x_1.y;
      acc_0_2 += w_1_1 * x_1.z;
      acc_0_3 += w_1_1 * x_1.w;
      acc_0_4 += w_1_1 * x_2.x;
      acc_0_5 += w_1_1 * x_2.y;
      acc_0_6 += w_1_1 * x_2.z;
      acc_0_7 += w_1_1 * x_2.w;
      acc_0_0 += w_1_2 * x_1.y;
      acc_0_1 += w_1_2 * x_1.z;
      acc_0_2 += w_1_2 * x_1.w;
      acc_0_3 += w_1_2 * x_2.x;
      acc_0_4 += w_1_2 * x_2.y;
      acc_0_5 += w_1_2 * x_2.z;
      acc_0_6 += w_1_2 * x_2.w;
      acc_0_7 += w_1_2 * x_3.x;
    }
    let w_2_0 = load_w(own * 9u + 6u);
    let w_2_1 = load_w(own * 9u + 7u);
    let w_2_2 = load_w(own * 9u + 8u);
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      let x_3 = pixel_at(start, first_x + 3u, in_y < size_h);
      acc_0_0 += w_2_0 * x_0.w;
      acc_0_1 += w_2_0 * x_1.x;
      acc_0_2 += w_2_0 * x_1.y;
      acc_0_3 += w_2_0 * x_1.z;
      acc_0_4 += w_2_0 * x_1.w;
      acc_0_5 += w_2_0 * x_2.x;
      acc_0_6 += w_2_0 * x_2.y;
      acc_0_7 += w_2_0 * x_2.z;
      acc_0_0 += w_2_1 * x_1.x;
      acc_0_1 += w_2_1 * x_1.y;
      acc_0_2 += w_2_1 * x_1.z;
      acc_0_3 += w_2_1 * x_1.w;
      acc_0_4 += w_2_1 * x_2.x;
      acc_0_5 += w_2_1 * x_2.y;
      acc_0_6 += w_2_1 * x_2.z;
      acc_0_7 += w_2_1 * x_2.w;
      acc_0_0 += w_2_2 * x_1.y;
      acc_0_1 += w_2_2 * x_1.z;
      acc_0_2 += w_2_2 * x_1.w;
      acc_0_3 += w_2_2 * x_2.x;
      acc_0_4 += w_2_2 * x_2.y;
      acc_0_5 += w_2_2 * x_2.z;
      acc_0_6 += w_2_2 * x_2.w;
      acc_0_7 += w_2_2 * x_3.x;
    }
  }

  let own_bias = load_bias(own);
  if ((out_y < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x) / 2u;
    var v = Value(acc_0_0, acc_0_1);
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 2u) / 2u;
    var v = Value(acc_0_2, acc_0_3);
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 4u) / 2u;
    var v = Value(acc_0_4, acc_0_5);
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 6u) / 2u;
    var v = Value(acc_0_6, acc_0_7);
    v += own_bias;
    v = clamp(v, Value(0.0), Value(6.0));
    store_y(index, v);
  }
}
