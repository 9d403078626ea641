// conv2d:f16:n1c8h12w12o8kh1kw3ph0pw1g8+residual
// conv2d/depthwise
// wx=8 wy=4 wc=8 tw=1 th=7 vec=1 vec_x=1 vec_y=1 prepack=0 stage=0 interior=1 unroll=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/8), ceil(oh/28), n*ceil(o/8); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
enable f16;

alias Value = f32;
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

// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32, is_row: bool) -> Pixel {
  let row_length = 12u;
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x(start + min(at, row_length - 1u)), is_row & (at < row_length));
}

@compute @workgroup_size(8, 4, 8)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_c = 8u;
  let size_h = 12u;
  let row_length = 12u;
  let size_oh = 12u;
  let size_ow = 12u;
  let channel_vectors = 8u;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 27u) / 28u;
  let tiles_c = (channel_vectors + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * 28u + local.y * 7u;
  let out_x = tile_x * 8u + local.x;
  let channel = tile_c * 8u + local.z;
  let own = channel;
  let source = own;
  let first_y = out_y;
  let first_x = tile_x * 8u + local.x - 1u;

  var acc_0_0 = 0.0;
  var acc_1_0 = 0.0;
  var acc_2_0 = 0.0;
  var acc_3_0 = 0.0;
  var acc_4_0 = 0.0;
  var acc_5_0 = 0.0;
  var acc_6_0 = 0.0;
  let is_interior = (first_y < size_h) & (first_y + 7u <= size_h) & (first_x < row_length) & (first_x + 3u <= row_length);
  if (is_interior) {
    let w_0_0 = load_w(own * 3u);
    let w_0_1 = load_w(own * 3u + 1u);
    let w_0_2 = load_w(own * 3u + 2u);
    {
      let in_y = first_y;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_0_0 += w_0_0 * x_0;
      acc_0_0 += w_0_1 * x_1;
      acc_0_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_1_0 += w_0_0 * x_0;
      acc_1_0 += w_0_1 * x_1;
      acc_1_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_2_0 += w_0_0 * x_0;
      acc_2_0 += w_0_1 * x_1;
      acc_2_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 3u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_3_0 += w_0_0 * x_0;
      acc_3_0 += w_0_1 * x_1;
      acc_3_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 4u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_4_0 += w_0_0 * x_0;
      acc_4_0 += w_0_1 * x_1;
      acc_4_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 5u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_5_0 += w_0_0 * x_0;
      acc_5_0 += w_0_1 * x_1;
      acc_5_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 6u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_6_0 += w_0_0 * x_0;
      acc_6_0 += w_0_1 * x_1;
      acc_6_0 += w_0_2 * x_2;
    }
  } else {
    let w_0_0 = load_w(own * 3u);
    let w_0_1 = load_w(own * 3u + 1u);
    let w_0_2 = load_w(own * 3u + 2u);
    {
      let in_y = first_y;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_0_0 += w_0_0 * x_0;
      acc_0_0 += w_0_1 * x_1;
      acc_0_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_1_0 += w_0_0 * x_0;
      acc_1_0 += w_0_1 * x_1;
      acc_1_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_2_0 += w_0_0 * x_0;
      acc_2_0 += w_0_1 * x_1;
      acc_2_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 3u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_3_0 += w_0_0 * x_0;
      acc_3_0 += w_0_1 * x_1;
      acc_3_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 4u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_4_0 += w_0_0 * x_0;
      acc_4_0 += w_0_1 * x_1;
      acc_4_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 5u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_5_0 += w_0_0 * x_0;
      acc_5_0 += w_0_1 * x_1;
      acc_5_0 += w_0_2 * x_2;
    }
    {
      let in_y = first_y + 6u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_6_0 += w_0_0 * x_0;
      acc_6_0 += w_0_1 * x_1;
      acc_6_0 += w_0_2 * x_2;
    }
  }

  if ((out_y < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x);
    var v = acc_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 1u) * size_ow + out_x);
    var v = acc_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 2u) * size_ow + out_x);
    var v = acc_2_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 3u) * size_ow + out_x);
    var v = acc_3_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 4u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 4u) * size_ow + out_x);
    var v = acc_4_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 5u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 5u) * size_ow + out_x);
    var v = acc_5_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 6u < size_oh) & (out_x < size_ow)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 6u) * size_ow + out_x);
    var v = acc_6_0;
    v += load_residual(index);
    store_y(index, v);
  }
}
