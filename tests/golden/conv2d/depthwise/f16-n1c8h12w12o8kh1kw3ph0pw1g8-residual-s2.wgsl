// conv2d:f16:n1c8h12w12o8kh1kw3ph0pw1g8+residual
// conv2d/depthwise
// wx=2 wy=1 wc=16 tw=4 th=8 vec=1 vec_x=4 vec_y=1 prepack=0 stage=0 interior=1 unroll=1 baked=1 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/8), ceil(oh/8), n*ceil(o/16); uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = f32;
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

@group(0) @binding(1) var<storage, read> x: array<vec2<u32>>;

fn load_x(i: u32) -> vec4<f32> {
  let lanes = x[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
}

@group(0) @binding(2) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(3) var<storage, read> residual: array<u32>;

fn load_residual(i: u32) -> f32 {
  return unpack2x16float(residual[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> y: array<atomic<u32>>;

fn store_y(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&y[i >> 1u], ~(0xffffu << shift));
  atomicOr(&y[i >> 1u], half);
}

// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32, is_row: bool) -> Pixel {
  let row_length = 3u;
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x(start + min(at, row_length - 1u)), is_row & (at < row_length));
}

@compute @workgroup_size(2, 1, 16)
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
  let row_length = 3u;
  let size_oh = 12u;
  let size_ow = 12u;
  let channel_vectors = 8u;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 7u) / 8u;
  let tiles_c = (channel_vectors + 15u) / 16u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * 8u + local.y * 8u;
  let out_x = tile_x * 8u + local.x * 4u;
  let channel = tile_c * 16u + local.z;
  let own = min(channel, channel_vectors - 1u);
  let source = own;
  let first_y = out_y;
  let first_x = tile_x * 2u + local.x - 1u;

  var acc_0_0 = 0.0;
  var acc_0_1 = 0.0;
  var acc_0_2 = 0.0;
  var acc_0_3 = 0.0;
  var acc_1_0 = 0.0;
  var acc_1_1 = 0.0;
  var acc_1_2 = 0.0;
  var acc_1_3 = 0.0;
  var acc_2_0 = 0.0;
  var acc_2_1 = 0.0;
  var acc_2_2 = 0.0;
  var acc_2_3 = 0.0;
  var acc_3_0 = 0.0;
  var acc_3_1 = 0.0;
  var acc_3_2 = 0.0;
  var acc_3_3 = 0.0;
  var acc_4_0 = 0.0;
  var acc_4_1 = 0.0;
  var acc_4_2 = 0.0;
  var acc_4_3 = 0.0;
  var acc_5_0 = 0.0;
  var acc_5_1 = 0.0;
  var acc_5_2 = 0.0;
  var acc_5_3 = 0.0;
  var acc_6_0 = 0.0;
  var acc_6_1 = 0.0;
  var acc_6_2 = 0.0;
  var acc_6_3 = 0.0;
  var acc_7_0 = 0.0;
  var acc_7_1 = 0.0;
  var acc_7_2 = 0.0;
  var acc_7_3 = 0.0;
  let is_interior = (first_y < size_h) & (first_y + 8u <= size_h) & (first_x < row_length) & (first_x + 3u <= row_length);
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
      acc_0_0 += w_0_0 * x_0.w;
      acc_0_1 += w_0_0 * x_1.x;
      acc_0_2 += w_0_0 * x_1.y;
      acc_0_3 += w_0_0 * x_1.z;
      acc_0_0 += w_0_1 * x_1.x;
      acc_0_1 += w_0_1 * x_1.y;
      acc_0_2 += w_0_1 * x_1.z;
      acc_0_3 += w_0_1 * x_1.w;
      acc_0_0 += w_0_2 * x_1.y;
      acc_0_1 += w_0_2 * x_1.z;
      acc_0_2 += w_0_2 * x_1.w;
      acc_0_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_1_0 += w_0_0 * x_0.w;
      acc_1_1 += w_0_0 * x_1.x;
      acc_1_2 += w_0_0 * x_1.y;
      acc_1_3 += w_0_0 * x_1.z;
      acc_1_0 += w_0_1 * x_1.x;
      acc_1_1 += w_0_1 * x_1.y;
      acc_1_2 += w_0_1 * x_1.z;
      acc_1_3 += w_0_1 * x_1.w;
      acc_1_0 += w_0_2 * x_1.y;
      acc_1_1 += w_0_2 * x_1.z;
      acc_1_2 += w_0_2 * x_1.w;
      acc_1_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_2_0 += w_0_0 * x_0.w;
      acc_2_1 += w_0_0 * x_1.x;
      acc_2_2 += w_0_0 * x_1.y;
      acc_2_3 += w_0_0 * x_1.z;
      acc_2_0 += w_0_1 * x_1.x;
      acc_2_1 += w_0_1 * x_1.y;
      acc_2_2 += w_0_1 * x_1.z;
      acc_2_3 += w_0_1 * x_1.w;
      acc_2_0 += w_0_2 * x_1.y;
      acc_2_1 += w_0_2 * x_1.z;
      acc_2_2 += w_0_2 * x_1.w;
      acc_2_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 3u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_3_0 += w_0_0 * x_0.w;
      acc_3_1 += w_0_0 * x_1.x;
      acc_3_2 += w_0_0 * x_1.y;
      acc_3_3 += w_0_0 * x_1.z;
      acc_3_0 += w_0_1 * x_1.x;
      acc_3_1 += w_0_1 * x_1.y;
      acc_3_2 += w_0_1 * x_1.z;
      acc_3_3 += w_0_1 * x_1.w;
      acc_3_0 += w_0_2 * x_1.y;
      acc_3_1 += w_0_2 * x_1.z;
      acc_3_2 += w_0_2 * x_1.w;
      acc_3_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 4u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_4_0 += w_0_0 * x_0.w;
      acc_4_1 += w_0_0 * x_1.x;
      acc_4_2 += w_0_0 * x_1.y;
      acc_4_3 += w_0_0 * x_1.z;
      acc_4_0 += w_0_1 * x_1.x;
      acc_4_1 += w_0_1 * x_1.y;
      acc_4_2 += w_0_1 * x_1.z;
      acc_4_3 += w_0_1 * x_1.w;
      acc_4_0 += w_0_2 * x_1.y;
      acc_4_1 += w_0_2 * x_1.z;
      acc_4_2 += w_0_2 * x_1.w;
      acc_4_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 5u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_5_0 += w_0_0 * x_0.w;
      acc_5_1 += w_0_0 * x_1.x;
      acc_5_2 += w_0_0 * x_1.y;
      acc_5_3 += w_0_0 * x_1.z;
      acc_5_0 += w_0_1 * x_1.x;
      acc_5_1 += w_0_1 * x_1.y;
      acc_5_2 += w_0_1 * x_1.z;
      acc_5_3 += w_0_1 * x_1.w;
      acc_5_0 += w_0_2 * x_1.y;
      acc_5_1 += w_0_2 * x_1.z;
      acc_5_2 += w_0_2 * x_1.w;
      acc_5_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 6u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_6_0 += w_0_0 * x_0.w;
      acc_6_1 += w_0_0 * x_1.x;
      acc_6_2 += w_0_0 * x_1.y;
      acc_6_3 += w_0_0 * x_1.z;
      acc_6_0 += w_0_1 * x_1.x;
      acc_6_1 += w_0_1 * x_1.y;
      acc_6_2 += w_0_1 * x_1.z;
      acc_6_3 += w_0_1 * x_1.w;
      acc_6_0 += w_0_2 * x_1.y;
      acc_6_1 += w_0_2 * x_1.z;
      acc_6_2 += w_0_2 * x_1.w;
      acc_6_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 7u;
      let start = ((image * size_c + source) * size_h + in_y) * row_length;
      let x_0 = load_x(start + first_x);
      let x_1 = load_x(start + first_x + 1u);
      let x_2 = load_x(start + first_x + 2u);
      acc_7_0 += w_0_0 * x_0.w;
      acc_7_1 += w_0_0 * x_1.x;
      acc_7_2 += w_0_0 * x_1.y;
      acc_7_3 += w_0_0 * x_1.z;
      acc_7_0 += w_0_1 * x_1.x;
      acc_7_1 += w_0_1 * x_1.y;
      acc_7_2 += w_0_1 * x_1.z;
      acc_7_3 += w_0_1 * x_1.w;
      acc_7_0 += w_0_2 * x_1.y;
      acc_7_1 += w_0_2 * x_1.z;
      acc_7_2 += w_0_2 * x_1.w;
      acc_7_3 += w_0_2 * x_2.x;
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
      acc_0_0 += w_0_0 * x_0.w;
      acc_0_1 += w_0_0 * x_1.x;
      acc_0_2 += w_0_0 * x_1.y;
      acc_0_3 += w_0_0 * x_1.z;
      acc_0_0 += w_0_1 * x_1.x;
      acc_0_1 += w_0_1 * x_1.y;
      acc_0_2 += w_0_1 * x_1.z;
      acc_0_3 += w_0_1 * x_1.w;
      acc_0_0 += w_0_2 * x_1.y;
      acc_0_1 += w_0_2 * x_1.z;
      acc_0_2 += w_0_2 * x_1.w;
      acc_0_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 1u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_1_0 += w_0_0 * x_0.w;
      acc_1_1 += w_0_0 * x_1.x;
      acc_1_2 += w_0_0 * x_1.y;
      acc_1_3 += w_0_0 * x_1.z;
      acc_1_0 += w_0_1 * x_1.x;
      acc_1_1 += w_0_1 * x_1.y;
      acc_1_2 += w_0_1 * x_1.z;
      acc_1_3 += w_0_1 * x_1.w;
      acc_1_0 += w_0_2 * x_1.y;
      acc_1_1 += w_0_2 * x_1.z;
      acc_1_2 += w_0_2 * x_1.w;
      acc_1_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 2u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_2_0 += w_0_0 * x_0.w;
      acc_2_1 += w_0_0 * x_1.x;
      acc_2_2 += w_0_0 * x_1.y;
      acc_2_3 += w_0_0 * x_1.z;
      acc_2_0 += w_0_1 * x_1.x;
      acc_2_1 += w_0_1 * x_1.y;
      acc_2_2 += w_0_1 * x_1.z;
      acc_2_3 += w_0_1 * x_1.w;
      acc_2_0 += w_0_2 * x_1.y;
      acc_2_1 += w_0_2 * x_1.z;
      acc_2_2 += w_0_2 * x_1.w;
      acc_2_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 3u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_3_0 += w_0_0 * x_0.w;
      acc_3_1 += w_0_0 * x_1.x;
      acc_3_2 += w_0_0 * x_1.y;
      acc_3_3 += w_0_0 * x_1.z;
      acc_3_0 += w_0_1 * x_1.x;
      acc_3_1 += w_0_1 * x_1.y;
      acc_3_2 += w_0_1 * x_1.z;
      acc_3_3 += w_0_1 * x_1.w;
      acc_3_0 += w_0_2 * x_1.y;
      acc_3_1 += w_0_2 * x_1.z;
      acc_3_2 += w_0_2 * x_1.w;
      acc_3_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 4u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_4_0 += w_0_0 * x_0.w;
      acc_4_1 += w_0_0 * x_1.x;
      acc_4_2 += w_0_0 * x_1.y;
      acc_4_3 += w_0_0 * x_1.z;
      acc_4_0 += w_0_1 * x_1.x;
      acc_4_1 += w_0_1 * x_1.y;
      acc_4_2 += w_0_1 * x_1.z;
      acc_4_3 += w_0_1 * x_1.w;
      acc_4_0 += w_0_2 * x_1.y;
      acc_4_1 += w_0_2 * x_1.z;
      acc_4_2 += w_0_2 * x_1.w;
      acc_4_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 5u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_5_0 += w_0_0 * x_0.w;
      acc_5_1 += w_0_0 * x_1.x;
      acc_5_2 += w_0_0 * x_1.y;
      acc_5_3 += w_0_0 * x_1.z;
      acc_5_0 += w_0_1 * x_1.x;
      acc_5_1 += w_0_1 * x_1.y;
      acc_5_2 += w_0_1 * x_1.z;
      acc_5_3 += w_0_1 * x_1.w;
      acc_5_0 += w_0_2 * x_1.y;
      acc_5_1 += w_0_2 * x_1.z;
      acc_5_2 += w_0_2 * x_1.w;
      acc_5_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 6u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_6_0 += w_0_0 * x_0.w;
      acc_6_1 += w_0_0 * x_1.x;
      acc_6_2 += w_0_0 * x_1.y;
      acc_6_3 += w_0_0 * x_1.z;
      acc_6_0 += w_0_1 * x_1.x;
      acc_6_1 += w_0_1 * x_1.y;
      acc_6_2 += w_0_1 * x_1.z;
      acc_6_3 += w_0_1 * x_1.w;
      acc_6_0 += w_0_2 * x_1.y;
      acc_6_1 += w_0_2 * x_1.z;
      acc_6_2 += w_0_2 * x_1.w;
      acc_6_3 += w_0_2 * x_2.x;
    }
    {
      let in_y = first_y + 7u;
      let start = ((image * size_c + source) * size_h + min(in_y, size_h - 1u)) * row_length;
      let x_0 = pixel_at(start, first_x, in_y < size_h);
      let x_1 = pixel_at(start, first_x + 1u, in_y < size_h);
      let x_2 = pixel_at(start, first_x + 2u, in_y < size_h);
      acc_7_0 += w_0_0 * x_0.w;
      acc_7_1 += w_0_0 * x_1.x;
      acc_7_2 += w_0_0 * x_1.y;
      acc_7_3 += w_0_0 * x_1.z;
      acc_7_0 += w_0_1 * x_1.x;
      acc_7_1 += w_0_1 * x_1.y;
      acc_7_2 += w_0_1 * x_1.z;
      acc_7_3 += w_0_1 * x_1.w;
      acc_7_0 += w_0_2 * x_1.y;
      acc_7_1 += w_0_2 * x_1.z;
      acc_7_2 += w_0_2 * x_1.w;
      acc_7_3 += w_0_2 * x_2.x;
    }
  }

  if ((out_y < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x);
    var v = acc_0_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 1u);
    var v = acc_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 2u);
    var v = acc_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y) * size_ow + out_x + 3u);
    var v = acc_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 1u) * size_ow + out_x);
    var v = acc_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
    var v = acc_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 1u) * size_ow + out_x + 2u);
    var v = acc_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 1u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 1u) * size_ow + out_x + 3u);
    var v = acc_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 2u) * size_ow + out_x);
    var v = acc_2_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 2u) * size_ow + out_x + 1u);
    var v = acc_2_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 2u) * size_ow + out_x + 2u);
    var v = acc_2_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 2u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 2u) * size_ow + out_x + 3u);
    var v = acc_2_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 3u) * size_ow + out_x);
    var v = acc_3_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 3u) * size_ow + out_x + 1u);
    var v = acc_3_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 3u) * size_ow + out_x + 2u);
    var v = acc_3_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 3u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 3u) * size_ow + out_x + 3u);
    var v = acc_3_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 4u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 4u) * size_ow + out_x);
    var v = acc_4_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 4u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 4u) * size_ow + out_x + 1u);
    var v = acc_4_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 4u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 4u) * size_ow + out_x + 2u);
    var v = acc_4_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 4u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 4u) * size_ow + out_x + 3u);
    var v = acc_4_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 5u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 5u) * size_ow + out_x);
    var v = acc_5_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 5u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 5u) * size_ow + out_x + 1u);
    var v = acc_5_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 5u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 5u) * size_ow + out_x + 2u);
    var v = acc_5_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 5u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 5u) * size_ow + out_x + 3u);
    var v = acc_5_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 6u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 6u) * size_ow + out_x);
    var v = acc_6_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 6u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 6u) * size_ow + out_x + 1u);
    var v = acc_6_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 6u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 6u) * size_ow + out_x + 2u);
    var v = acc_6_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 6u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 6u) * size_ow + out_x + 3u);
    var v = acc_6_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 7u < size_oh) & (out_x < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 7u) * size_ow + out_x);
    var v = acc_7_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 7u < size_oh) & (out_x + 1u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 7u) * size_ow + out_x + 1u);
    var v = acc_7_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 7u < size_oh) & (out_x + 2u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 7u) * size_ow + out_x + 2u);
    var v = acc_7_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((out_y + 7u < size_oh) & (out_x + 3u < size_ow) & (channel < channel_vectors)) {
    let index = (((image * channel_vectors + channel) * size_oh + out_y + 7u) * size_ow + out_x + 3u);
    var v = acc_7_3;
    v += load_residual(index);
    store_y(index, v);
  }
}
