// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/winograd_4_fused
// wx=8 wy=16 vec=1 stage=0 bk=2 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 144*c*ceil(o/4)*4 bytes
// run: kernel 1 on input 0, temporary `filters` of 144*c*ceil(o/4)*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*c/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings w, filters (written)
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
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

@group(0) @binding(1) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(2) var<storage, read_write> filters: array<f32>;

fn store_filters(i: u32, v: f32) {
  filters[i] = v;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let size_c = 64u;
  let size_o = 64u;
  let padded_o = 64u;
  if ((group >= shape.workgroups) | (i >= size_o * size_c)) {
    return;
  }
  let o = i % size_o;
  let c = i / size_o;
  let g_0_0 = load_w((o * size_c + c) * 9u);
  let g_0_1 = load_w((o * size_c + c) * 9u + 1u);
  let g_0_2 = load_w((o * size_c + c) * 9u + 2u);
  let g_1_0 = load_w((o * size_c + c) * 9u + 3u);
  let g_1_1 = load_w((o * size_c + c) * 9u + 4u);
  let g_1_2 = load_w((o * size_c + c) * 9u + 5u);
  let g_2_0 = load_w((o * size_c + c) * 9u + 6u);
  let g_2_1 = load_w((o * size_c + c) * 9u + 7u);
  let g_2_2 = load_w((o * size_c + c) * 9u + 8u);
  let q_0_0 = 0.25 * g_0_0;
  let q_1_0_even = -0.16666667 * g_0_0 - 0.16666667 * g_2_0;
  let q_1_0_odd = -0.16666667 * g_1_0;
  let q_1_0 = q_1_0_even + q_1_0_odd;
  let q_2_0 = q_1_0_even - q_1_0_odd;
  let q_3_0_even = 0.041666668 * g_0_0 + 0.16666667 * g_2_0;
  let q_3_0_odd = 0.083333336 * g_1_0;
  let q_3_0 = q_3_0_even + q_3_0_odd;
  let q_4_0 = q_3_0_even - q_3_0_odd;
  let q_5_0 = g_2_0;
  let q_0_1 = 0.25 * g_0_1;
  let q_1_1_even = -0.16666667 * g_0_1 - 0.16666667 * g_2_1;
  let q_1_1_odd = -0.16666667 * g_1_1;
  let q_1_1 = q_1_1_even + q_1_1_odd;
  let q_2_1 = q_1_1_even - q_1_1_odd;
  let q_3_1_even = 0.041666668 * g_0_1 + 0.16666667 * g_2_1;
  let q_3_1_odd = 0.083333336 * g_1_1;
  let q_3_1 = q_3_1_even + q_3_1_odd;
  let q_4_1 = q_3_1_even - q_3_1_odd;
  let q_5_1 = g_2_1;
  let q_0_2 = 0.25 * g_0_2;
  let q_1_2_even = -0.16666667 * g_0_2 - 0.16666667 * g_2_2;
  let q_1_2_odd = -0.16666667 * g_1_2;
  let q_1_2 = q_1_2_even + q_1_2_odd;
  let q_2_2 = q_1_2_even - q_1_2_odd;
  let q_3_2_even = 0.041666668 * g_0_2 + 0.16666667 * g_2_2;
  let q_3_2_odd = 0.083333336 * g_1_2;
  let q_3_2 = q_3_2_even + q_3_2_odd;
  let q_4_2 = q_3_2_even - q_3_2_odd;
  let q_5_2 = g_2_2;
  let u_0_0 = 0.25 * q_0_0;
  let u_0_1_even = -0.16666667 * q_0_0 - 0.16666667 * q_0_2;
  let u_0_1_odd = -0.16666667 * q_0_1;
  let u_0_1 = u_0_1_even + u_0_1_odd;
  let u_0_2 = u_0_1_even - u_0_1_odd;
  let u_0_3_even = 0.041666668 * q_0_0 + 0.16666667 * q_0_2;
  let u_0_3_odd = 0.083333336 * q_0_1;
  let u_0_3 = u_0_3_even + u_0_3_odd;
  let u_0_4 = u_0_3_even - u_0_3_odd;
  let u_0_5 = q_0_2;
  let u_1_0 = 0.25 * q_1_0;
  let u_1_1_even = -0.16666667 * q_1_0 - 0.16666667 * q_1_2;
  let u_1_1_odd = -0.16666667 * q_1_1;
  let u_1_1 = u_1_1_even + u_1_1_odd;
  let u_1_2 = u_1_1_even - u_1_1_odd;
  let u_1_3_even = 0.041666668 * q_1_0 + 0.16666667 * q_1_2;
  let u_1_3_odd = 0.083333336 * q_1_1;
  let u_1_3 = u_1_3_even + u_1_3_odd;
  let u_1_4 = u_1_3_even - u_1_3_odd;
  let u_1_5 = q_1_2;
  let u_2_0 = 0.25 * q_2_0;
  let u_2_1_even = -0.16666667 * q_2_0 - 0.16666667 * q_2_2;
  let u_2_1_odd = -0.16666667 * q_2_1;
  let u_2_1 = u_2_1_even + u_2_1_odd;
  let u_2_2 = u_2_1_even - u_2_1_odd;
  let u_2_3_even = 0.041666668 * q_2_0 + 0.16666667 * q_2_2;
  let u_2_3_odd = 0.083333336 * q_2_1;
  let u_2_3 = u_2_3_even + u_2_3_odd;
  let u_2_4 = u_2_3_even - u_2_3_odd;
  let u_2_5 = q_2_2;
  let u_3_0 = 0.25 * q_3_0;
  let u_3_1_even = -0.16666667 * q_3_0 - 0.16666667 * q_3_2;
  let u_3_1_odd = -0.16666667 * q_3_1;
  let u_3_1 = u_3_1_even + u_3_1_odd;
  let u_3_2 = u_3_1_even - u_3_1_odd;
  let u_3_3_even = 0.041666668 * q_3_0 + 0.16666667 * q_3_2;
  let u_3_3_odd = 0.083333336 * q_3_1;
  let u_3_3 = u_3_3_even + u_3_3_odd;
  let u_3_4 = u_3_3_even - u_3_3_odd;
  let u_3_5 = q_3_2;
  let u_4_0 = 0.25 * q_4_0;
  let u_4_1_even = -0.16666667 * q_4_0 - 0.16666667 * q_4_2;
  let u_4_1_odd = -0.16666667 * q_4_1;
  let u_4_1 = u_4_1_even + u_4_1_odd;
  let u_4_2 = u_4_1_even - u_4_1_odd;
  let u_4_3_even = 0.041666668 * q_4_0 + 0.16666667 * q_4_2;
  let u_4_3_odd = 0.083333336 * q_4_1;
  let u_4_3 = u_4_3_even + u_4_3_odd;
  let u_4_4 = u_4_3_even - u_4_3_odd;
  let u_4_5 = q_4_2;
  let u_5_0 = 0.25 * q_5_0;
  let u_5_1_even = -0.16666667 * q_5_0 - 0.16666667 * q_5_2;
  let u_5_1_odd = -0.16666667 * q_5_1;
  let u_5_1 = u_5_1_even + u_5_1_odd;
  let u_5_2 = u_5_1_even - u_5_1_odd;
  let u_5_3_even = 0.041666668 * q_5_0 + 0.16666667 * q_5_2;
  let u_5_3_odd = 0.083333336 * q_5_1;
  let u_5_3 = u_5_3_even + u_5_3_odd;
  let u_5_4 = u_5_3_even - u_5_3_odd;
  let u_5_5 = q_5_2;
  store_filters(c * 36u * padded_o + o, u_0_0);
  store_filters((c * 36u + 1u) * padded_o + o, u_0_1);
  store_filters((c * 36u + 2u) * padded_o + o, u_0_2);
  store_filters((c * 36u + 3u) * padded_o + o, u_0_3);
  store_filters((c * 36u + 4u) * padded_o + o, u_0_4);
  store_filters((c * 36u + 5u) * padded_o + o, u_0_5);
  store_filters((c * 36u + 6u) * padded_o + o, u_1_0);
  store_filters((c * 36u + 7u) * padded_o + o, u_1_1);
  store_filters((c * 36u + 8u) * padded_o + o, u_1_2);
  store_filters((c * 36u + 9u) * padded_o + o, u_1_3);
  store_filters((c * 36u + 10u) * padded_o + o, u_1_4);
  store_filters((c * 36u + 11u) * padded_o + o, u_1_5);
  store_filters((c * 36u + 12u) * padded_o + o, u_2_0);
  store_filters((c * 36u + 13u) * padded_o + o, u_2_1);
  store_filters((c * 36u + 14u) * padded_o + o, u_2_2);
  store_filters((c * 36u + 15u) * padded_o + o, u_2_3);
  store_filters((c * 36u + 16u) * padded_o + o, u_2_4);
  store_filters((c * 36u + 17u) * padded_o + o, u_2_5);
  store_filters((c * 36u + 18u) * padded_o + o, u_3_0);
  store_filters((c * 36u + 19u) * padded_o + o, u_3_1);
  store_filters((c * 36u + 20u) * padded_o + o, u_3_2);
  store_filters((c * 36u + 21u) * padded_o + o, u_3_3);
  store_filters((c * 36u + 22u) * padded_o + o, u_3_4);
  store_filters((c * 36u + 23u) * padded_o + o, u_3_5);
  store_filters((c * 36u + 24u) * padded_o + o, u_4_0);
  store_filters((c * 36u + 25u) * padded_o + o, u_4_1);
  store_filters((c * 36u + 26u) * padded_o + o, u_4_2);
  store_filters((c * 36u + 27u) * padded_o + o, u_4_3);
  store_filters((c * 36u + 28u) * padded_o + o, u_4_4);
  store_filters((c * 36u + 29u) * padded_o + o, u_4_5);
  store_filters((c * 36u + 30u) * padded_o + o, u_5_0);
  store_filters((c * 36u + 31u) * padded_o + o, u_5_1);
  store_filters((c * 36u + 32u) * padded_o + o, u_5_2);
  store_filters((c * 36u + 33u) * padded_o + o, u_5_3);
  store_filters((c * 36u + 34u) * padded_o + o, u_5_4);
  store_filters((c * 36u + 35u) * padded_o + o, u_5_5);
}

// kernel 1: grid ceil(n*ceil(oh/4)*ceil(ow/4)/8), ceil(o/16), 1; uniforms n, c, h, w, o, oh, ow; bindings x, filters, bias, y (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
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

@group(0) @binding(2) var<storage, read> filters: array<f32>;

fn load_filters(i: u32) -> f32 {
  return filters[i];
}

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> v_tile: array<f32, 576>;

// One pixel of the input, zero in the padding and beyond the edge.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 64u;
  let size_h = 28u;
  let size_w = 28u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  let pixel = load_x(((image * size_c + channel) * size_h + y) * size_w + x);
  // By `&`: `&&` would branch, at every pixel.
  return select(f32(0.0), pixel, (at_y < size_h) & (at_x < size_w));
}

// Transforms the tile of a number, of one channel, into its place in the slab.
fn stage_tile(tile: u32, channel: u32, place: u32) {
  let tiles_x = 7u;
  let tiles_y = 7u;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 4u - 1u;
  let first_x = tile_x * 4u - 1u;
  let d_0_0 = pixel_at(image, channel, first_y, first_x);
  let d_0_1 = pixel_at(image, channel, first_y, first_x + 1u);
  let d_0_2 = pixel_at(image, channel, first_y, first_x + 2u);
  let d_0_3 = pixel_at(image, channel, first_y, first_x + 3u);
  let d_0_4 = pixel_at(image, channel, first_y, first_x + 4u);
  let d_0_5 = pixel_at(image, channel, first_y, first_x + 5u);
  let d_1_0 = pixel_at(image, channel, first_y + 1u, first_x);
  let d_1_1 = pixel_at(image, channel, first_y + 1u, first_x + 1u);
  let d_1_2 = pixel_at(image, channel, first_y + 1u, first_x + 2u);
  let d_1_3 = pixel_at(image, channel, first_y + 1u, first_x + 3u);
  let d_1_4 = pixel_at(image, channel, first_y + 1u, first_x + 4u);
  let d_1_5 = pixel_at(image, channel, first_y + 1u, first_x + 5u);
  let d_2_0 = pixel_at(image, channel, first_y + 2u, first_x);
  let d_2_1 = pixel_at(image, channel, first_y + 2u, first_x + 1u);
  let d_2_2 = pixel_at(image, channel, first_y + 2u, first_x + 2u);
  let d_2_3 = pixel_at(image, channel, first_y + 2u, first_x + 3u);
  let d_2_4 = pixel_at(image, channel, first_y + 2u, first_x + 4u);
  let d_2_5 = pixel_at(image, channel, first_y + 2u, first_x + 5u);
  let d_3_0 = pixel_at(image, channel, first_y + 3u, first_x);
  let d_3_1 = pixel_at(image, channel, first_y + 3u, first_x + 1u);
  let d_3_2 = pixel_at(image, channel, first_y + 3u, first_x + 2u);
  let d_3_3 = pixel_at(image, channel, first_y + 3u, first_x + 3u);
  let d_3_4 = pixel_at(image, channel, first_y + 3u, first_x + 4u);
  let d_3_5 = pixel_at(image, channel, first_y + 3u, first_x + 5u);
  let d_4_0 = pixel_at(image, channel, first_y + 4u, first_x);
  let d_4_1 = pixel_at(image, channel, first_y + 4u, first_x + 1u);
  let d_4_2 = pixel_at(image, channel, first_y + 4u, first_x + 2u);
  let d_4_3 = pixel_at(image, channel, first_y + 4u, first_x + 3u);
  let d_4_4 = pixel_at(image, channel, first_y + 4u, first_x + 4u);
  let d_4_5 = pixel_at(image, channel, first_y + 4u, first_x + 5u);
  let d_5_0 = pixel_at(image, channel, first_y + 5u, first_x);
  let d_5_1 = pixel_at(image, channel, first_y + 5u, first_x + 1u);
  let d_5_2 = pixel_at(image, channel, first_y + 5u, first_x + 2u);
  let d_5_3 = pixel_at(image, channel, first_y + 5u, first_x + 3u);
  let d_5_4 = pixel_at(image, channel, first_y + 5u, first_x + 4u);
  let d_5_5 = pixel_at(image, channel, first_y + 5u, first_x + 5u);
  let p_0_0 = 4.0 * d_0_0 + d_4_0 - 5.0 * d_2_0;
  let p_1_0_even = d_4_0 - 4.0 * d_2_0;
  let p_1_0_odd = d_3_0 - 4.0 * d_1_0;
  let p_1_0 = p_1_0_even + p_1_0_odd;
  let p_2_0 = p_1_0_even - p_1_0_odd;
  let p_3_0_even = d_4_0 - d_2_0;
  let p_3_0_odd = 2.0 * d_3_0 - 2.0 * d_1_0;
  let p_3_0 = p_3_0_even + p_3_0_odd;
  let p_4_0 = p_3_0_even - p_3_0_odd;
  let p_5_0 = 4.0 * d_1_0 + d_5_0 - 5.0 * d_3_0;
  let p_0_1 = 4.0 * d_0_1 + d_4_1 - 5.0 * d_2_1;
  let p_1_1_even = d_4_1 - 4.0 * d_2_1;
  let p_1_1_odd = d_3_1 - 4.0 * d_1_1;
  let p_1_1 = p_1_1_even + p_1_1_odd;
  let p_2_1 = p_1_1_even - p_1_1_odd;
  let p_3_1_even = d_4_1 - d_2_1;
  let p_3_1_odd = 2.0 * d_3_1 - 2.0 * d_1_1;
  let p_3_1 = p_3_1_even + p_3_1_odd;
  let p_4_1 = p_3_1_even - p_3_1_odd;
  let p_5_1 = 4.0 * d_1_1 + d_5_1 - 5.0 * d_3_1;
  let p_0_2 = 4.0 * d_0_2 + d_4_2 - 5.0 * d_2_2;
  let p_1_2_even = d_4_2 - 4.0 * d_2_2;
  let p_1_2_odd = d_3_2 - 4.0 * d_1_2;
  let p_1_2 = p_1_2_even + p_1_2_odd;
  let p_2_2 = p_1_2_even - p_1_2_odd;
  let p_3_2_even = d_4_2 - d_2_2;
  let p_3_2_odd = 2.0 * d_3_2 - 2.0 * d_1_2;
  let p_3_2 = p_3_2_even + p_3_2_odd;
  let p_4_2 = p_3_2_even - p_3_2_odd;
  let p_5_2 = 4.0 * d_1_2 + d_5_2 - 5.0 * d_3_2;
  let p_0_3 = 4.0 * d_0_3 + d_4_3 - 5.0 * d_2_3;
  let p_1_3_even = d_4_3 - 4.0 * d_2_3;
  let p_1_3_odd = d_3_3 - 4.0 * d_1_3;
  let p_1_3 = p_1_3_even + p_1_3_odd;
  let p_2_3 = p_1_3_even - p_1_3_odd;
  let p_3_3_even = d_4_3 - d_2_3;
  let p_3_3_odd = 2.0 * d_3_3 - 2.0 * d_1_3;
  let p_3_3 = p_3_3_even + p_3_3_odd;
  let p_4_3 = p_3_3_even - p_3_3_odd;
  let p_5_3 = 4.0 * d_1_3 + d_5_3 - 5.0 * d_3_3;
  let p_0_4 = 4.0 * d_0_4 + d_4_4 - 5.0 * d_2_4;
  let p_1_4_even = d_4_4 - 4.0 * d_2_4;
  let p_1_4_odd = d_3_4 - 4.0 * d_1_4;
  let p_1_4 = p_1_4_even + p_1_4_odd;
  let p_2_4 = p_1_4_even - p_1_4_odd;
  let p_3_4_even = d_4_4 - d_2_4;
  let p_3_4_odd = 2.0 * d_3_4 - 2.0 * d_1_4;
  let p_3_4 = p_3_4_even + p_3_4_odd;
  let p_4_4 = p_3_4_even - p_3_4_odd;
  let p_5_4 = 4.0 * d_1_4 + d_5_4 - 5.0 * d_3_4;
  let p_0_5 = 4.0 * d_0_5 + d_4_5 - 5.0 * d_2_5;
  let p_1_5_even = d_4_5 - 4.0 * d_2_5;
  let p_1_5_odd = d_3_5 - 4.0 * d_1_5;
  let p_1_5 = p_1_5_even + p_1_5_odd;
  let p_2_5 = p_1_5_even - p_1_5_odd;
  let p_3_5_even = d_4_5 - d_2_5;
  let p_3_5_odd = 2.0 * d_3_5 - 2.0 * d_1_5;
  let p_3_5 = p_3_5_even + p_3_5_odd;
  let p_4_5 = p_3_5_even - p_3_5_odd;
  let p_5_5 = 4.0 * d_1_5 + d_5_5 - 5.0 * d_3_5;
  let v_0_0 = 4.0 * p_0_0 + p_0_4 - 5.0 * p_0_2;
  let v_0_1_even = p_0_4 - 4.0 * p_0_2;
  let v_0_1_odd = p_0_3 - 4.0 * p_0_1;
  let v_0_1 = v_0_1_even + v_0_1_odd;
  let v_0_2 = v_0_1_even - v_0_1_odd;
  let v_0_3_even = p_0_4 - p_0_2;
  let v_0_3_odd = 2.0 * p_0_3 - 2.0 * p_0_1;
  let v_0_3 = v_0_3_even + v_0_3_odd;
  let v_0_4 = v_0_3_even - v_0_3_odd;
  let v_0_5 = 4.0 * p_0_1 + p_0_5 - 5.0 * p_0_3;
  let v_1_0 = 4.0 * p_1_0 + p_1_4 - 5.0 * p_1_2;
  let v_1_1_even = p_1_4 - 4.0 * p_1_2;
  let v_1_1_odd = p_1_3 - 4.0 * p_1_1;
  let v_1_1 = v_1_1_even + v_1_1_odd;
  let v_1_2 = v_1_1_even - v_1_1_odd;
  let v_1_3_even = p_1_4 - p_1_2;
  let v_1_3_odd = 2.0 * p_1_3 - 2.0 * p_1_1;
  let v_1_3 = v_1_3_even + v_1_3_odd;
  let v_1_4 = v_1_3_even - v_1_3_odd;
  let v_1_5 = 4.0 * p_1_1 + p_1_5 - 5.0 * p_1_3;
  let v_2_0 = 4.0 * p_2_0 + p_2_4 - 5.0 * p_2_2;
  let v_2_1_even = p_2_4 - 4.0 * p_2_2;
  let v_2_1_odd = p_2_3 - 4.0 * p_2_1;
  let v_2_1 = v_2_1_even + v_2_1_odd;
  let v_2_2 = v_2_1_even - v_2_1_odd;
  let v_2_3_even = p_2_4 - p_2_2;
  let v_2_3_odd = 2.0 * p_2_3 - 2.0 * p_2_1;
  let v_2_3 = v_2_3_even + v_2_3_odd;
  let v_2_4 = v_2_3_even - v_2_3_odd;
  let v_2_5 = 4.0 * p_2_1 + p_2_5 - 5.0 * p_2_3;
  let v_3_0 = 4.0 * p_3_0 + p_3_4 - 5.0 * p_3_2;
  let v_3_1_even = p_3_4 - 4.0 * p_3_2;
  let v_3_1_odd = p_3_3 - 4.0 * p_3_1;
  let v_3_1 = v_3_1_even + v_3_1_odd;
  let v_3_2 = v_3_1_even - v_3_1_odd;
  let v_3_3_even = p_3_4 - p_3_2;
  let v_3_3_odd = 2.0 * p_3_3 - 2.0 * p_3_1;
  let v_3_3 = v_3_3_even + v_3_3_odd;
  let v_3_4 = v_3_3_even - v_3_3_odd;
  let v_3_5 = 4.0 * p_3_1 + p_3_5 - 5.0 * p_3_3;
  let v_4_0 = 4.0 * p_4_0 + p_4_4 - 5.0 * p_4_2;
  let v_4_1_even = p_4_4 - 4.0 * p_4_2;
  let v_4_1_odd = p_4_3 - 4.0 * p_4_1;
  let v_4_1 = v_4_1_even + v_4_1_odd;
  let v_4_2 = v_4_1_even - v_4_1_odd;
  let v_4_3_even = p_4_4 - p_4_2;
  let v_4_3_odd = 2.0 * p_4_3 - 2.0 * p_4_1;
  let v_4_3 = v_4_3_even + v_4_3_odd;
  let v_4_4 = v_4_3_even - v_4_3_odd;
  let v_4_5 = 4.0 * p_4_1 + p_4_5 - 5.0 * p_4_3;
  let v_5_0 = 4.0 * p_5_0 + p_5_4 - 5.0 * p_5_2;
  let v_5_1_even = p_5_4 - 4.0 * p_5_2;
  let v_5_1_odd = p_5_3 - 4.0 * p_5_1;
  let v_5_1 = v_5_1_even + v_5_1_odd;
  let v_5_2 = v_5_1_even - v_5_1_odd;
  let v_5_3_even = p_5_4 - p_5_2;
  let v_5_3_odd = 2.0 * p_5_3 - 2.0 * p_5_1;
  let v_5_3 = v_5_3_even + v_5_3_odd;
  let v_5_4 = v_5_3_even - v_5_3_odd;
  let v_5_5 = 4.0 * p_5_1 + p_5_5 - 5.0 * p_5_3;

  v_tile[place] = v_0_0;
  v_tile[place + 8u] = v_0_1;
  v_tile[place + 16u] = v_0_2;
  v_tile[place + 24u] = v_0_3;
  v_tile[place + 32u] = v_0_4;
  v_tile[place + 40u] = v_0_5;
  v_tile[place + 48u] = v_1_0;
  v_tile[place + 56u] = v_1_1;
  v_tile[place + 64u] = v_1_2;
  v_tile[place + 72u] = v_1_3;
  v_tile[place + 80u] = v_1_4;
  v_tile[place + 88u] = v_1_5;
  v_tile[place + 96u] = v_2_0;
  v_tile[place + 104u] = v_2_1;
  v_tile[place + 112u] = v_2_2;
  v_tile[place + 120u] = v_2_3;
  v_tile[place + 128u] = v_2_4;
  v_tile[place + 136u] = v_2_5;
  v_tile[place + 144u] = v_3_0;
  v_tile[place + 152u] = v_3_1;
  v_tile[place + 160u] = v_3_2;
  v_tile[place + 168u] = v_3_3;
  v_tile[place + 176u] = v_3_4;
  v_tile[place + 184u] = v_3_5;
  v_tile[place + 192u] = v_4_0;
  v_tile[place + 200u] = v_4_1;
  v_tile[place + 208u] = v_4_2;
  v_tile[place + 216u] = v_4_3;
  v_tile[place + 224u] = v_4_4;
  v_tile[place + 232u] = v_4_5;
  v_tile[place + 240u] = v_5_0;
  v_tile[place + 248u] = v_5_1;
  v_tile[place + 256u] = v_5_2;
  v_tile[place + 264u] = v_5_3;
  v_tile[place + 272u] = v_5_4;
  v_tile[place + 280u] = v_5_5;
}

@compute @workgroup_size(8, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_c = 64u;
  let size_o = 64u;
  let size_oh = 28u;
  let size_ow = 28u;
  let tiles_x = 7u;
  let tiles_y = 7u;
  let tiles = 49u;
  let padded_o = 64u;
  let channel_vectors = size_o;
  let u_vectors = padded_o;
  let groups_x = (tiles + 7u) / 8u;
  let group_x = group % groups_x;
  let group_y = group / groups_x;
  let local_index = local.y * 8u + local.x;
  let tile = group_x * 8u + local.x;
  let channel = group_y * 16u + local.y;
  let u_start = channel;

  var m_0_0 = Value(0.0);
  var m_0_1 = Value(0.0);
  var m_0_2 = Value(0.0);
  var m_0_3 = Value(0.0);
  var m_0_4 = Value(0.0);
  var m_0_5 = Value(0.0);
  var m_1_0 = Value(0.0);
  var m_1_1 = Value(0.0);
  var m_1_2 = Value(0.0);
  var m_1_3 = Value(0.0);
  var m_1_4 = Value(0.0);
  var m_1_5 = Value(0.0);
  var m_2_0 = Value(0.0);
  var m_2_1 = Value(0.0);
  var m_2_2 = Value(0.0);
  var m_2_3 = Value(0.0);
  var m_2_4 = Value(0.0);
  var m_2_5 = Value(0.0);
  var m_3_0 = Value(0.0);
  var m_3_1 = Value(0.0);
  var m_3_2 = Value(0.0);
  var m_3_3 = Value(0.0);
  var m_3_4 = Value(0.0);
  var m_3_5 = Value(0.0);
  var m_4_0 = Value(0.0);
  var m_4_1 = Value(0.0);
  var m_4_2 = Value(0.0);
  var m_4_3 = Value(0.0);
  var m_4_4 = Value(0.0);
  var m_4_5 = Value(0.0);
  var m_5_0 = Value(0.0);
  var m_5_1 = Value(0.0);
  var m_5_2 = Value(0.0);
  var m_5_3 = Value(0.0);
  var m_5_4 = Value(0.0);
  var m_5_5 = Value(0.0);

  for (var c0 = 0u; c0 < size_c; c0 += 2u) {
    for (var t = local_index; t < 16u; t += 128u) {
      let p = t % 8u;
      let s = t / 8u;
      stage_tile(min(group_x * 8u + p, tiles - 1u), c0 + s, s * 288u + p);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < 2u; cl += 1u) {
      m_0_0 += load_filters(((c0 + cl) * 36u) * u_vectors + u_start) * v_tile[cl * 36u * 8u + local.x];
      m_0_1 += load_filters(((c0 + cl) * 36u + 1u) * u_vectors + u_start) * v_tile[(cl * 36u + 1u) * 8u + local.x];
      m_0_2 += load_filters(((c0 + cl) * 36u + 2u) * u_vectors + u_start) * v_tile[(cl * 36u + 2u) * 8u + local.x];
      m_0_3 += load_filters(((c0 + cl) * 36u + 3u) * u_vectors + u_start) * v_tile[(cl * 36u + 3u) * 8u + local.x];
      m_0_4 += load_filters(((c0 + cl) * 36u + 4u) * u_vectors + u_start) * v_tile[(cl * 36u + 4u) * 8u + local.x];
      m_0_5 += load_filters(((c0 + cl) * 36u + 5u) * u_vectors + u_start) * v_tile[(cl * 36u + 5u) * 8u + local.x];
      m_1_0 += load_filters(((c0 + cl) * 36u + 6u) * u_vectors + u_start) * v_tile[(cl * 36u + 6u) * 8u + local.x];
      m_1_1 += load_filters(((c0 + cl) * 36u + 7u) * u_vectors + u_start) * v_tile[(cl * 36u + 7u) * 8u + local.x];
      m_1_2 += load_filters(((c0 + cl) * 36u + 8u) * u_vectors + u_start) * v_tile[(cl * 36u + 8u) * 8u + local.x];
      m_1_3 += load_filters(((c0 + cl) * 36u + 9u) * u_vectors + u_start) * v_tile[(cl * 36u + 9u) * 8u + local.x];
      m_1_4 += load_filters(((c0 + cl) * 36u + 10u) * u_vectors + u_start) * v_tile[(cl * 36u + 10u) * 8u + local.x];
      m_1_5 += load_filters(((c0 + cl) * 36u + 11u) * u_vectors + u_start) * v_tile[(cl * 36u + 11u) * 8u + local.x];
      m_2_0 += load_filters(((c0 + cl) * 36u + 12u) * u_vectors + u_start) * v_tile[(cl * 36u + 12u) * 8u + local.x];
      m_2_1 += load_filters(((c0 + cl) * 36u + 13u) * u_vectors + u_start) * v_tile[(cl * 36u + 13u) * 8u + local.x];
      m_2_2 += load_filters(((c0 + cl) * 36u + 14u) * u_vectors + u_start) * v_tile[(cl * 36u + 14u) * 8u + local.x];
      m_2_3 += load_filters(((c0 + cl) * 36u + 15u) * u_vectors + u_start) * v_tile[(cl * 36u + 15u) * 8u + local.x];
      m_2_4 += load_filters(((c0 + cl) * 36u + 16u) * u_vectors + u_start) * v_tile[(cl * 36u + 16u) * 8u + local.x];
      m_2_5 += load_filters(((c0 + cl) * 36u + 17u) * u_vectors + u_start) * v_tile[(cl * 36u + 17u) * 8u + local.x];
      m_3_0 += load_filters(((c0 + cl) * 36u + 18u) * u_vectors + u_start) * v_tile[(cl * 36u + 18u) * 8u + local.x];
      m_3_1 += load_filters(((c0 + cl) * 36u + 19u) * u_vectors + u_start) * v_tile[(cl * 36u + 19u) * 8u + local.x];
      m_3_2 += load_filters(((c0 + cl) * 36u + 20u) * u_vectors + u_start) * v_tile[(cl * 36u + 20u) * 8u + local.x];
      m_3_3 += load_filters(((c0 + cl) * 36u + 21u) * u_vectors + u_start) * v_tile[(cl * 36u + 21u) * 8u + local.x];
      m_3_4 += load_filters(((c0 + cl) * 36u + 22u) * u_vectors + u_start) * v_tile[(cl * 36u + 22u) * 8u + local.x];
      m_3_5 += load_filters(((c0 + cl) * 36u + 23u) * u_vectors + u_start) * v_tile[(cl * 36u + 23u) * 8u + local.x];
      m_4_0 += load_filters(((c0 + cl) * 36u + 24u) * u_vectors + u_start) * v_tile[(cl * 36u + 24u) * 8u + local.x];
      m_4_1 += load_filters(((c0 + cl) * 36u + 25u) * u_vectors + u_start) * v_tile[(cl * 36u + 25u) * 8u + local.x];
      m_4_2 += load_filters(((c0 + cl) * 36u + 26u) * u_vectors + u_start) * v_tile[(cl * 36u + 26u) * 8u + local.x];
      m_4_3 += load_filters(((c0 + cl) * 36u + 27u) * u_vectors + u_start) * v_tile[(cl * 36u + 27u) * 8u + local.x];
      m_4_4 += load_filters(((c0 + cl) * 36u + 28u) * u_vectors + u_start) * v_tile[(cl * 36u + 28u) * 8u + local.x];
      m_4_5 += load_filters(((c0 + cl) * 36u + 29u) * u_vectors + u_start) * v_tile[(cl * 36u + 29u) * 8u + local.x];
      m_5_0 += load_filters(((c0 + cl) * 36u + 30u) * u_vectors + u_start) * v_tile[(cl * 36u + 30u) * 8u + local.x];
      m_5_1 += load_filters(((c0 + cl) * 36u + 31u) * u_vectors + u_start) * v_tile[(cl * 36u + 31u) * 8u + local.x];
      m_5_2 += load_filters(((c0 + cl) * 36u + 32u) * u_vectors + u_start) * v_tile[(cl * 36u + 32u) * 8u + local.x];
      m_5_3 += load_filters(((c0 + cl) * 36u + 33u) * u_vectors + u_start) * v_tile[(cl * 36u + 33u) * 8u + local.x];
      m_5_4 += load_filters(((c0 + cl) * 36u + 34u) * u_vectors + u_start) * v_tile[(cl * 36u + 34u) * 8u + local.x];
      m_5_5 += load_filters(((c0 + cl) * 36u + 35u) * u_vectors + u_start) * v_tile[(cl * 36u + 35u) * 8u + local.x];
    }
    workgroupBarrier();
  }

  if ((tile >= tiles)) {
    return;
  }
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let m_1_0_plus = m_1_0 + m_2_0;
  let m_1_0_minus = m_1_0 - m_2_0;
  let m_3_0_plus = m_3_0 + m_4_0;
  let m_3_0_minus = m_3_0 - m_4_0;
  let a_0_0 = m_0_0 + m_1_0_plus + m_3_0_plus;
  let a_1_0 = m_1_0_minus + 2.0 * m_3_0_minus;
  let a_2_0 = m_1_0_plus + 4.0 * m_3_0_plus;
  let a_3_0 = m_1_0_minus + 8.0 * m_3_0_minus + m_5_0;
  let m_1_1_plus = m_1_1 + m_2_1;
  let m_1_1_minus = m_1_1 - m_2_1;
  let m_3_1_plus = m_3_1 + m_4_1;
  let m_3_1_minus = m_3_1 - m_4_1;
  let a_0_1 = m_0_1 + m_1_1_plus + m_3_1_plus;
  let a_1_1 = m_1_1_minus + 2.0 * m_3_1_minus;
  let a_2_1 = m_1_1_plus + 4.0 * m_3_1_plus;
  let a_3_1 = m_1_1_minus + 8.0 * m_3_1_minus + m_5_1;
  let m_1_2_plus = m_1_2 + m_2_2;
  let m_1_2_minus = m_1_2 - m_2_2;
  let m_3_2_plus = m_3_2 + m_4_2;
  let m_3_2_minus = m_3_2 - m_4_2;
  let a_0_2 = m_0_2 + m_1_2_plus + m_3_2_plus;
  let a_1_2 = m_1_2_minus + 2.0 * m_3_2_minus;
  let a_2_2 = m_1_2_plus + 4.0 * m_3_2_plus;
  let a_3_2 = m_1_2_minus + 8.0 * m_3_2_minus + m_5_2;
  let m_1_3_plus = m_1_3 + m_2_3;
  let m_1_3_minus = m_1_3 - m_2_3;
  let m_3_3_plus = m_3_3 + m_4_3;
  let m_3_3_minus = m_3_3 - m_4_3;
  let a_0_3 = m_0_3 + m_1_3_plus + m_3_3_plus;
  let a_1_3 = m_1_3_minus + 2.0 * m_3_3_minus;
  let a_2_3 = m_1_3_plus + 4.0 * m_3_3_plus;
  let a_3_3 = m_1_3_minus + 8.0 * m_3_3_minus + m_5_3;
  let m_1_4_plus = m_1_4 + m_2_4;
  let m_1_4_minus = m_1_4 - m_2_4;
  let m_3_4_plus = m_3_4 + m_4_4;
  let m_3_4_minus = m_3_4 - m_4_4;
  let a_0_4 = m_0_4 + m_1_4_plus + m_3_4_plus;
  let a_1_4 = m_1_4_minus + 2.0 * m_3_4_minus;
  let a_2_4 = m_1_4_plus + 4.0 * m_3_4_plus;
  let a_3_4 = m_1_4_minus + 8.0 * m_3_4_minus + m_5_4;
  let m_1_5_plus = m_1_5 + m_2_5;
  let m_1_5_minus = m_1_5 - m_2_5;
  let m_3_5_plus = m_3_5 + m_4_5;
  let m_3_5_minus = m_3_5 - m_4_5;
  let a_0_5 = m_0_5 + m_1_5_plus + m_3_5_plus;
  let a_1_5 = m_1_5_minus + 2.0 * m_3_5_minus;
  let a_2_5 = m_1_5_plus + 4.0 * m_3_5_plus;
  let a_3_5 = m_1_5_minus + 8.0 * m_3_5_minus + m_5_5;
  let a_0_1_plus = a_0_1 + a_0_2;
  let a_0_1_minus = a_0_1 - a_0_2;
  let a_0_3_plus = a_0_3 + a_0_4;
  let a_0_3_minus = a_0_3 - a_0_4;
  let y_0_0 = a_0_0 + a_0_1_plus + a_0_3_plus;
  let y_0_1 = a_0_1_minus + 2.0 * a_0_3_minus;
  let y_0_2 = a_0_1_plus + 4.0 * a_0_3_plus;
  let y_0_3 = a_0_1_minus + 8.0 * a_0_3_minus + a_0_5;
  let a_1_1_plus = a_1_1 + a_1_2;
  let a_1_1_minus = a_1_1 - a_1_2;
  let a_1_3_plus = a_1_3 + a_1_4;
  let a_1_3_minus = a_1_3 - a_1_4;
  let y_1_0 = a_1_0 + a_1_1_plus + a_1_3_plus;
  let y_1_1 = a_1_1_minus + 2.0 * a_1_3_minus;
  let y_1_2 = a_1_1_plus + 4.0 * a_1_3_plus;
  let y_1_3 = a_1_1_minus + 8.0 * a_1_3_minus + a_1_5;
  let a_2_1_plus = a_2_1 + a_2_2;
  let a_2_1_minus = a_2_1 - a_2_2;
  let a_2_3_plus = a_2_3 + a_2_4;
  let a_2_3_minus = a_2_3 - a_2_4;
  let y_2_0 = a_2_0 + a_2_1_plus + a_2_3_plus;
  let y_2_1 = a_2_1_minus + 2.0 * a_2_3_minus;
  let y_2_2 = a_2_1_plus + 4.0 * a_2_3_plus;
  let y_2_3 = a_2_1_minus + 8.0 * a_2_3_minus + a_2_5;
  let a_3_1_plus = a_3_1 + a_3_2;
  let a_3_1_minus = a_3_1 - a_3_2;
  let a_3_3_plus = a_3_3 + a_3_4;
  let a_3_3_minus = a_3_3 - a_3_4;
  let y_3_0 = a_3_0 + a_3_1_plus + a_3_3_plus;
  let y_3_1 = a_3_1_minus + 2.0 * a_3_3_minus;
  let y_3_2 = a_3_1_plus + 4.0 * a_3_3_plus;
  let y_3_3 = a_3_1_minus + 8.0 * a_3_3_minus + a_3_5;
  let first_y = tile_y * 4u;
  let first_x = tile_x * 4u;
  let plane = size_oh * size_ow;
  {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x;
    var v = y_0_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 1u;
    var v = y_0_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 2u;
    var v = y_0_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 3u;
    var v = y_0_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x;
    var v = y_1_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 1u;
    var v = y_1_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 2u;
    var v = y_1_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 3u;
    var v = y_1_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x;
    var v = y_2_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 1u;
    var v = y_2_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 2u;
    var v = y_2_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 3u;
    var v = y_2_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x;
    var v = y_3_0;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 1u;
    var v = y_3_1;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 2u;
    var v = y_3_2;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
  {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 3u;
    var v = y_3_3;
    v += load_bias(channel);
    v = relu(v);
    store_y(index, v);
  }
}
