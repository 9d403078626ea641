// conv2d:f16:n1c8h12w12o16k3+residual
// conv2d/winograd_4
// wx=16 wy=8 tm=4 tn=4 vec=4 stage=1 bk=16 pad=0 unroll=4 wt=64 vt=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 144*c*o bytes
// run: kernel 1 on input 0, temporary `pixels` of 144*c*ceil(n*ceil(oh/4)*ceil(ow/4)/4)*4 bytes
// run: kernel 2 on temporary `filters` of 144*c*o bytes, temporary `pixels` of 144*c*ceil(n*ceil(oh/4)*ceil(ow/4)/4)*4 bytes, temporary `sums` of 144*o*ceil(n*ceil(oh/4)*ceil(ow/4)/4)*4 bytes
// run: kernel 3 on temporary `sums` of 144*o*ceil(n*ceil(oh/4)*ceil(ow/4)/4)*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*c/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings w, filters (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
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
  let size_c = 8u;
  let size_o = 16u;
  if ((group >= shape.workgroups) | (i >= size_o * size_c)) {
    return;
  }
  let c = i % size_c;
  let o = i / size_c;
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
  store_filters(o * size_c + c, u_0_0);
  store_filters((size_o + o) * size_c + c, u_0_1);
  store_filters((2u * size_o + o) * size_c + c, u_0_2);
  store_filters((3u * size_o + o) * size_c + c, u_0_3);
  store_filters((4u * size_o + o) * size_c + c, u_0_4);
  store_filters((5u * size_o + o) * size_c + c, u_0_5);
  store_filters((6u * size_o + o) * size_c + c, u_1_0);
  store_filters((7u * size_o + o) * size_c + c, u_1_1);
  store_filters((8u * size_o + o) * size_c + c, u_1_2);
  store_filters((9u * size_o + o) * size_c + c, u_1_3);
  store_filters((10u * size_o + o) * size_c + c, u_1_4);
  store_filters((11u * size_o + o) * size_c + c, u_1_5);
  store_filters((12u * size_o + o) * size_c + c, u_2_0);
  store_filters((13u * size_o + o) * size_c + c, u_2_1);
  store_filters((14u * size_o + o) * size_c + c, u_2_2);
  store_filters((15u * size_o + o) * size_c + c, u_2_3);
  store_filters((16u * size_o + o) * size_c + c, u_2_4);
  store_filters((17u * size_o + o) * size_c + c, u_2_5);
  store_filters((18u * size_o + o) * size_c + c, u_3_0);
  store_filters((19u * size_o + o) * size_c + c, u_3_1);
  store_filters((20u * size_o + o) * size_c + c, u_3_2);
  store_filters((21u * size_o + o) * size_c + c, u_3_3);
  store_filters((22u * size_o + o) * size_c + c, u_3_4);
  store_filters((23u * size_o + o) * size_c + c, u_3_5);
  store_filters((24u * size_o + o) * size_c + c, u_4_0);
  store_filters((25u * size_o + o) * size_c + c, u_4_1);
  store_filters((26u * size_o + o) * size_c + c, u_4_2);
  store_filters((27u * size_o + o) * size_c + c, u_4_3);
  store_filters((28u * size_o + o) * size_c + c, u_4_4);
  store_filters((29u * size_o + o) * size_c + c, u_4_5);
  store_filters((30u * size_o + o) * size_c + c, u_5_0);
  store_filters((31u * size_o + o) * size_c + c, u_5_1);
  store_filters((32u * size_o + o) * size_c + c, u_5_2);
  store_filters((33u * size_o + o) * size_c + c, u_5_3);
  store_filters((34u * size_o + o) * size_c + c, u_5_4);
  store_filters((35u * size_o + o) * size_c + c, u_5_5);
}

// kernel 1: grid ceil(c*n*ceil(oh/4)*ceil(ow/4)/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings x, pixels (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> x: array<f16>;

fn load_x(i: u32) -> f32 {
  return f32(x[i]);
}

@group(0) @binding(2) var<storage, read_write> pixels: array<f32>;

fn store_pixels(i: u32, v: f32) {
  pixels[i] = v;
}

// One pixel of the input, zero in the padding and beyond the edge.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> Value {
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  let pixel = load_x(((image * size_c + channel) * size_h + y) * size_w + x);
  // By `&`: `&&` would branch, at every pixel.
  return select(Value(0.0), pixel, (at_y < size_h) & (at_x < size_w));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let size_c = 8u;
  let tiles_x = 3u;
  let tiles_y = 3u;
  let tiles = 9u;
  let padded_tiles = 12u;
  let channel_vectors = size_c;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let tile = i % tiles;
  let channel = i / tiles;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 4u;
  let first_x = tile_x * 4u;
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

  store_pixels(channel * padded_tiles + tile, v_0_0);
  store_pixels((size_c + channel) * padded_tiles + tile, v_0_1);
  store_pixels((2u * size_c + channel) * padded_tiles + tile, v_0_2);
  store_pixels((3u * size_c + channel) * padded_tiles + tile, v_0_3);
  store_pixels((4u * size_c + channel) * padded_tiles + tile, v_0_4);
  store_pixels((5u * size_c + channel) * padded_tiles + tile, v_0_5);
  store_pixels((6u * size_c + channel) * padded_tiles + tile, v_1_0);
  store_pixels((7u * size_c + channel) * padded_tiles + tile, v_1_1);
  store_pixels((8u * size_c + channel) * padded_tiles + tile, v_1_2);
  store_pixels((9u * size_c + channel) * padded_tiles + tile, v_1_3);
  store_pixels((10u * size_c + channel) * padded_tiles + tile, v_1_4);
  store_pixels((11u * size_c + channel) * padded_tiles + tile, v_1_5);
  store_pixels((12u * size_c + channel) * padded_tiles + tile, v_2_0);
  store_pixels((13u * size_c + channel) * padded_tiles + tile, v_2_1);
  store_pixels((14u * size_c + channel) * padded_tiles + tile, v_2_2);
  store_pixels((15u * size_c + channel) * padded_tiles + tile, v_2_3);
  store_pixels((16u * size_c + channel) * padded_tiles + tile, v_2_4);
  store_pixels((17u * size_c + channel) * padded_tiles + tile, v_2_5);
  store_pixels((18u * size_c + channel) * padded_tiles + tile, v_3_0);
  store_pixels((19u * size_c + channel) * padded_tiles + tile, v_3_1);
  store_pixels((20u * size_c + channel) * padded_tiles + tile, v_3_2);
  store_pixels((21u * size_c + channel) * padded_tiles + tile, v_3_3);
  store_pixels((22u * size_c + channel) * padded_tiles + tile, v_3_4);
  store_pixels((23u * size_c + channel) * padded_tiles + tile, v_3_5);
  store_pixels((24u * size_c + channel) * padded_tiles + tile, v_4_0);
  store_pixels((25u * size_c + channel) * padded_tiles + tile, v_4_1);
  store_pixels((26u * size_c + channel) * padded_tiles + tile, v_4_2);
  store_pixels((27u * size_c + channel) * padded_tiles + tile, v_4_3);
  store_pixels((28u * size_c + channel) * padded_tiles + tile, v_4_4);
  store_pixels((29u * size_c + channel) * padded_tiles + tile, v_4_5);
  store_pixels((30u * size_c + channel) * padded_tiles + tile, v_5_0);
  store_pixels((31u * size_c + channel) * padded_tiles + tile, v_5_1);
  store_pixels((32u * size_c + channel) * padded_tiles + tile, v_5_2);
  store_pixels((33u * size_c + channel) * padded_tiles + tile, v_5_3);
  store_pixels((34u * size_c + channel) * padded_tiles + tile, v_5_4);
  store_pixels((35u * size_c + channel) * padded_tiles + tile, v_5_5);
}

// kernel 2: grid ceil(ceil(n*ceil(oh/4)*ceil(ow/4)/4)*4/64), ceil(o/32), 36; uniforms n, c, h, w, o, oh, ow; bindings filters, pixels, sums (written)
alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> filters: array<f32>;

fn load_filters(i: u32) -> f32 {
  return filters[i];
}

@group(0) @binding(2) var<storage, read> pixels: array<vec4<f32>>;

fn load_pixels(i: u32) -> vec4<f32> {
  return pixels[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;

fn store_sums(i: u32, v: vec4<f32>) {
  sums[i] = v;
}

var<workgroup> left_tile: array<f32, 512>;
var<workgroup> right_tile: array<Value, 256>;

@compute @workgroup_size(16, 8)
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
  let rows = 16u;
  let columns = 12u;
  let column_vectors = columns / 4u;
  let groups_x = (columns + 63u) / 64u;
  let groups_y = (rows + 31u) / 32u;
  let group_x = group % groups_x;
  let group_y = group / groups_x % groups_y;
  let point = group / (groups_x * groups_y);

  let row_0 = group_y * 32u + local.y * 4u;
  let row_1 = group_y * 32u + local.y * 4u + 1u;
  let row_2 = group_y * 32u + local.y * 4u + 2u;
  let row_3 = group_y * 32u + local.y * 4u + 3u;
  let column_0 = group_x * 16u + local.x;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let local_index = local.y * 16u + local.x;
  for (var k0 = 0u; k0 < size_c; k0 += 16u) {
    for (var t = local_index; t < 512u; t += 128u) {
      let s = t % 16u;
      let r = t / 16u;
      let start = (point * rows + min(group_y * 32u + r, rows - 1u)) * size_c;
      left_tile[s * 32u + r] = select(f32(0.0), load_filters(start + min(k0 + s, size_c - 1u)), k0 + s < size_c);
    }
    for (var t = local_index; t < 256u; t += 128u) {
      let c = t % 16u;
      let s = t / 16u;
      let start = point * size_c * column_vectors + min(group_x * 16u + c, column_vectors - 1u);
      right_tile[s * 16u + c] = select(Value(0.0), load_pixels(start + min(k0 + s, size_c - 1u) * column_vectors), k0 + s < size_c);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let left_0_0 = left_tile[kk * 32u + local.y * 4u];
      let left_0_1 = left_tile[kk * 32u + local.y * 4u + 1u];
      let left_0_2 = left_tile[kk * 32u + local.y * 4u + 2u];
      let left_0_3 = left_tile[kk * 32u + local.y * 4u + 3u];
      let right_0_0 = right_tile[kk * 16u + local.x];
      acc_0_0 += right_0_0 * left_0_0;
      acc_1_0 += right_0_0 * left_0_1;
      acc_2_0 += right_0_0 * left_0_2;
      acc_3_0 += right_0_0 * left_0_3;
      let left_1_0 = left_tile[(kk + 1u) * 32u + local.y * 4u];
      let left_1_1 = left_tile[(kk + 1u) * 32u + local.y * 4u + 1u];
      let left_1_2 = left_tile[(kk + 1u) * 32u + local.y * 4u + 2u];
      let left_1_3 = left_tile[(kk + 1u) * 32u + local.y * 4u + 3u];
      let right_1_0 = right_tile[(kk + 1u) * 16u + local.x];
      acc_0_0 += right_1_0 * left_1_0;
      acc_1_0 += right_1_0 * left_1_1;
      acc_2_0 += right_1_0 * left_1_2;
      acc_3_0 += right_1_0 * left_1_3;
      let left_2_0 = left_tile[(kk + 2u) * 32u + local.y * 4u];
      let left_2_1 = left_tile[(kk + 2u) * 32u + local.y * 4u + 1u];
      let left_2_2 = left_tile[(kk + 2u) * 32u + local.y * 4u + 2u];
      let left_2_3 = left_tile[(kk + 2u) * 32u + local.y * 4u + 3u];
      let right_2_0 = right_tile[(kk + 2u) * 16u + local.x];
      acc_0_0 += right_2_0 * left_2_0;
      acc_1_0 += right_2_0 * left_2_1;
      acc_2_0 += right_2_0 * left_2_2;
      acc_3_0 += right_2_0 * left_2_3;
      let left_3_0 = left_tile[(kk + 3u) * 32u + local.y * 4u];
      let left_3_1 = left_tile[(kk + 3u) * 32u + local.y * 4u + 1u];
      let left_3_2 = left_tile[(kk + 3u) * 32u + local.y * 4u + 2u];
      let left_3_3 = left_tile[(kk + 3u) * 32u + local.y * 4u + 3u];
      let right_3_0 = right_tile[(kk + 3u) * 16u + local.x];
      acc_0_0 += right_3_0 * left_3_0;
      acc_1_0 += right_3_0 * left_3_1;
      acc_2_0 += right_3_0 * left_3_2;
      acc_3_0 += right_3_0 * left_3_3;
    }
    workgroupBarrier();
  }

  if ((row_0 < rows) & (column_0 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_0, acc_0_0);
  }
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    store_sums((point * rows + row_1) * column_vectors + column_0, acc_1_0);
  }
  if ((row_2 < rows) & (column_0 < column_vectors)) {
    store_sums((point * rows + row_2) * column_vectors + column_0, acc_2_0);
  }
  if ((row_3 < rows) & (column_0 < column_vectors)) {
    store_sums((point * rows + row_3) * column_vectors + column_0, acc_3_0);
  }
}

// kernel 3: grid ceil(o*n*ceil(oh/4)*ceil(ow/4)/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings sums, residual, y (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> sums: array<f32>;

fn load_sums(i: u32) -> f32 {
  return sums[i];
}

@group(0) @binding(2) var<storage, read> residual: array<f16>;

fn load_residual(i: u32) -> f32 {
  return f32(residual[i]);
}

@group(0) @binding(3) var<storage, read_write> y: array<f16>;

fn store_y(i: u32, v: f32) {
  y[i] = f16(v);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let size_o = 16u;
  let size_oh = 10u;
  let size_ow = 10u;
  let tiles_x = 3u;
  let tiles_y = 3u;
  let tiles = 9u;
  let padded_tiles = 12u;
  let channel_vectors = size_o;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let tile = i % tiles;
  let channel = i / tiles;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let m_0_0 = load_sums(channel * padded_tiles + tile);
  let m_0_1 = load_sums((size_o + channel) * padded_tiles + tile);
  let m_0_2 = load_sums((2u * size_o + channel) * padded_tiles + tile);
  let m_0_3 = load_sums((3u * size_o + channel) * padded_tiles + tile);
  let m_0_4 = load_sums((4u * size_o + channel) * padded_tiles + tile);
  let m_0_5 = load_sums((5u * size_o + channel) * padded_tiles + tile);
  let m_1_0 = load_sums((6u * size_o + channel) * padded_tiles + tile);
  let m_1_1 = load_sums((7u * size_o + channel) * padded_tiles + tile);
  let m_1_2 = load_sums((8u * size_o + channel) * padded_tiles + tile);
  let m_1_3 = load_sums((9u * size_o + channel) * padded_tiles + tile);
  let m_1_4 = load_sums((10u * size_o + channel) * padded_tiles + tile);
  let m_1_5 = load_sums((11u * size_o + channel) * padded_tiles + tile);
  let m_2_0 = load_sums((12u * size_o + channel) * padded_tiles + tile);
  let m_2_1 = load_sums((13u * size_o + channel) * padded_tiles + tile);
  let m_2_2 = load_sums((14u * size_o + channel) * padded_tiles + tile);
  let m_2_3 = load_sums((15u * size_o + channel) * padded_tiles + tile);
  let m_2_4 = load_sums((16u * size_o + channel) * padded_tiles + tile);
  let m_2_5 = load_sums((17u * size_o + channel) * padded_tiles + tile);
  let m_3_0 = load_sums((18u * size_o + channel) * padded_tiles + tile);
  let m_3_1 = load_sums((19u * size_o + channel) * padded_tiles + tile);
  let m_3_2 = load_sums((20u * size_o + channel) * padded_tiles + tile);
  let m_3_3 = load_sums((21u * size_o + channel) * padded_tiles + tile);
  let m_3_4 = load_sums((22u * size_o + channel) * padded_tiles + tile);
  let m_3_5 = load_sums((23u * size_o + channel) * padded_tiles + tile);
  let m_4_0 = load_sums((24u * size_o + channel) * padded_tiles + tile);
  let m_4_1 = load_sums((25u * size_o + channel) * padded_tiles + tile);
  let m_4_2 = load_sums((26u * size_o + channel) * padded_tiles + tile);
  let m_4_3 = load_sums((27u * size_o + channel) * padded_tiles + tile);
  let m_4_4 = load_sums((28u * size_o + channel) * padded_tiles + tile);
  let m_4_5 = load_sums((29u * size_o + channel) * padded_tiles + tile);
  let m_5_0 = load_sums((30u * size_o + channel) * padded_tiles + tile);
  let m_5_1 = load_sums((31u * size_o + channel) * padded_tiles + tile);
  let m_5_2 = load_sums((32u * size_o + channel) * padded_tiles + tile);
  let m_5_3 = load_sums((33u * size_o + channel) * padded_tiles + tile);
  let m_5_4 = load_sums((34u * size_o + channel) * padded_tiles + tile);
  let m_5_5 = load_sums((35u * size_o + channel) * padded_tiles + tile);
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
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_x + 1u < size_ow) {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 1u;
    var v = y_0_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_x + 2u < size_ow) {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 2u;
    var v = y_0_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_x + 3u < size_ow) {
    let index = (image * size_o + channel) * plane + first_y * size_ow + first_x + 3u;
    var v = y_0_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_y + 1u < size_oh) {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x;
    var v = y_1_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 1u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 1u;
    var v = y_1_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 2u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 2u;
    var v = y_1_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 3u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 1u) * size_ow + first_x + 3u;
    var v = y_1_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_y + 2u < size_oh) {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x;
    var v = y_2_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 1u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 1u;
    var v = y_2_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 2u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 2u;
    var v = y_2_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 3u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 2u) * size_ow + first_x + 3u;
    var v = y_2_3;
    v += load_residual(index);
    store_y(index, v);
  }
  if (first_y + 3u < size_oh) {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x;
    var v = y_3_0;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 1u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 1u;
    var v = y_3_1;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 2u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 2u;
    var v = y_3_2;
    v += load_residual(index);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 3u < size_ow)) {
    let index = (image * size_o + channel) * plane + (first_y + 3u) * size_ow + first_x + 3u;
    var v = y_3_3;
    v += load_residual(index);
    store_y(index, v);
  }
}
