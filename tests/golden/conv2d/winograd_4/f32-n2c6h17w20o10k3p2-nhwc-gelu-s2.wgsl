// conv2d:f32:n2c6h17w20o10k3p2:nhwc+gelu
// conv2d/winograd_4
// wx=32 wy=16 tm=1 tn=8 vec=1 stage=1 bk=8 pad=1 unroll=4 wt=256 vt=2 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 144*c*ceil(o/4)*4 bytes
// run: kernel 1 on input 0, temporary `pixels` of 144*c*n*ceil(oh/4)*ceil(ow/4) bytes
// run: kernel 2 on temporary `filters` of 144*c*ceil(o/4)*4 bytes, temporary `pixels` of 144*c*n*ceil(oh/4)*ceil(ow/4) bytes, temporary `sums` of 144*n*ceil(oh/4)*ceil(ow/4)*ceil(o/4)*4 bytes
// run: kernel 3 on temporary `sums` of 144*n*ceil(oh/4)*ceil(ow/4)*ceil(o/4)*4 bytes, output 0

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
  let size_c = shape.c;
  let size_o = shape.o;
  let padded_o = (shape.o + 3u) / 4u * 4u;
  if ((group >= shape.workgroups) | (i >= size_o * size_c)) {
    return;
  }
  let o = i % size_o;
  let c = i / size_o;
  let g_0_0 = load_w(o * 9u * size_c + c);
  let g_0_1 = load_w((o * 9u + 1u) * size_c + c);
  let g_0_2 = load_w((o * 9u + 2u) * size_c + c);
  let g_1_0 = load_w((o * 9u + 3u) * size_c + c);
  let g_1_1 = load_w((o * 9u + 4u) * size_c + c);
  let g_1_2 = load_w((o * 9u + 5u) * size_c + c);
  let g_2_0 = load_w((o * 9u + 6u) * size_c + c);
  let g_2_1 = load_w((o * 9u + 7u) * size_c + c);
  let g_2_2 = load_w((o * 9u + 8u) * size_c + c);
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
  store_filters(c * padded_o + o, u_0_0);
  store_filters((size_c + c) * padded_o + o, u_0_1);
  store_filters((2u * size_c + c) * padded_o + o, u_0_2);
  store_filters((3u * size_c + c) * padded_o + o, u_0_3);
  store_filters((4u * size_c + c) * padded_o + o, u_0_4);
  store_filters((5u * size_c + c) * padded_o + o, u_0_5);
  store_filters((6u * size_c + c) * padded_o + o, u_1_0);
  store_filters((7u * size_c + c) * padded_o + o, u_1_1);
  store_filters((8u * size_c + c) * padded_o + o, u_1_2);
  store_filters((9u * size_c + c) * padded_o + o, u_1_3);
  store_filters((10u * size_c + c) * padded_o + o, u_1_4);
  store_filters((11u * size_c + c) * padded_o + o, u_1_5);
  store_filters((12u * size_c + c) * padded_o + o, u_2_0);
  store_filters((13u * size_c + c) * padded_o + o, u_2_1);
  store_filters((14u * size_c + c) * padded_o + o, u_2_2);
  store_filters((15u * size_c + c) * padded_o + o, u_2_3);
  store_filters((16u * size_c + c) * padded_o + o, u_2_4);
  store_filters((17u * size_c + c) * padded_o + o, u_2_5);
  store_filters((18u * size_c + c) * padded_o + o, u_3_0);
  store_filters((19u * size_c + c) * padded_o + o, u_3_1);
  store_filters((20u * size_c + c) * padded_o + o, u_3_2);
  store_filters((21u * size_c + c) * padded_o + o, u_3_3);
  store_filters((22u * size_c + c) * padded_o + o, u_3_4);
  store_filters((23u * size_c + c) * padded_o + o, u_3_5);
  store_filters((24u * size_c + c) * padded_o + o, u_4_0);
  store_filters((25u * size_c + c) * padded_o + o, u_4_1);
  store_filters((26u * size_c + c) * padded_o + o, u_4_2);
  store_filters((27u * size_c + c) * padded_o + o, u_4_3);
  store_filters((28u * size_c + c) * padded_o + o, u_4_4);
  store_filters((29u * size_c + c) * padded_o + o, u_4_5);
  store_filters((30u * size_c + c) * padded_o + o, u_5_0);
  store_filters((31u * size_c + c) * padded_o + o, u_5_1);
  store_filters((32u * size_c + c) * padded_o + o, u_5_2);
  store_filters((33u * size_c + c) * padded_o + o, u_5_3);
  store_filters((34u * size_c + c) * padded_o + o, u_5_4);
  store_filters((35u * size_c + c) * padded_o + o, u_5_5);
}

// kernel 1: grid ceil(c/2*n*ceil(oh/4)*ceil(ow/4)/256), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings x, pixels (written)
alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<vec2<f32>>;

fn load_x(i: u32) -> vec2<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read_write> pixels: array<vec2<f32>>;

fn store_pixels(i: u32, v: vec2<f32>) {
  pixels[i] = v;
}

// One pixel of the input, zero in the padding and beyond the edge.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> Value {
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  let pixel = load_x(((image * size_h + y) * size_w + x) * (size_c / 2u) + channel);
  // By `&`: `&&` would branch, at every pixel.
  return select(Value(0.0), pixel, (at_y < size_h) & (at_x < size_w));
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 256u + local.x;
  let size_c = shape.c;
  let tiles_x = ((shape.ow + 3u) / 4u);
  let tiles_y = ((shape.oh + 3u) / 4u);
  let tiles = shape.n * ((shape.oh + 3u) / 4u) * ((shape.ow + 3u) / 4u);
  let channel_vectors = size_c / 2u;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let channel = i % channel_vectors;
  let tile = i / channel_vectors;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 4u - 2u;
  let first_x = tile_x * 4u - 2u;
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

  store_pixels(i, v_0_0);
  store_pixels(tiles * channel_vectors + i, v_0_1);
  store_pixels(2u * tiles * channel_vectors + i, v_0_2);
  store_pixels(3u * tiles * channel_vectors + i, v_0_3);
  store_pixels(4u * tiles * channel_vectors + i, v_0_4);
  store_pixels(5u * tiles * channel_vectors + i, v_0_5);
  store_pixels(6u * tiles * channel_vectors + i, v_1_0);
  store_pixels(7u * tiles * channel_vectors + i, v_1_1);
  store_pixels(8u * tiles * channel_vectors + i, v_1_2);
  store_pixels(9u * tiles * channel_vectors + i, v_1_3);
  store_pixels(10u * tiles * channel_vectors + i, v_1_4);
  store_pixels(11u * tiles * channel_vectors + i, v_1_5);
  store_pixels(12u * tiles * channel_vectors + i, v_2_0);
  store_pixels(13u * tiles * channel_vectors + i, v_2_1);
  store_pixels(14u * tiles * channel_vectors + i, v_2_2);
  store_pixels(15u * tiles * channel_vectors + i, v_2_3);
  store_pixels(16u * tiles * channel_vectors + i, v_2_4);
  store_pixels(17u * tiles * channel_vectors + i, v_2_5);
  store_pixels(18u * tiles * channel_vectors + i, v_3_0);
  store_pixels(19u * tiles * channel_vectors + i, v_3_1);
  store_pixels(20u * tiles * channel_vectors + i, v_3_2);
  store_pixels(21u * tiles * channel_vectors + i, v_3_3);
  store_pixels(22u * tiles * channel_vectors + i, v_3_4);
  store_pixels(23u * tiles * channel_vectors + i, v_3_5);
  store_pixels(24u * tiles * channel_vectors + i, v_4_0);
  store_pixels(25u * tiles * channel_vectors + i, v_4_1);
  store_pixels(26u * tiles * channel_vectors + i, v_4_2);
  store_pixels(27u * tiles * channel_vectors + i, v_4_3);
  store_pixels(28u * tiles * channel_vectors + i, v_4_4);
  store_pixels(29u * tiles * channel_vectors + i, v_4_5);
  store_pixels(30u * tiles * channel_vectors + i, v_5_0);
  store_pixels(31u * tiles * channel_vectors + i, v_5_1);
  store_pixels(32u * tiles * channel_vectors + i, v_5_2);
  store_pixels(33u * tiles * channel_vectors + i, v_5_3);
  store_pixels(34u * tiles * channel_vectors + i, v_5_4);
  store_pixels(35u * tiles * channel_vectors + i, v_5_5);
}

// kernel 2: grid ceil(ceil(o/4)*4/256), ceil(n*ceil(oh/4)*ceil(ow/4)/16), 36; uniforms n, c, h, w, o, oh, ow; bindings filters, pixels, sums (written)
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

@group(0) @binding(1) var<storage, read> filters: array<f32>;

fn load_filters(i: u32) -> f32 {
  return filters[i];
}

@group(0) @binding(2) var<storage, read> pixels: array<f32>;

fn load_pixels(i: u32) -> f32 {
  return pixels[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> left_tile: array<f32, 136>;
var<workgroup> right_tile: array<Value, 2056>;

@compute @workgroup_size(32, 16)
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
  let rows = shape.n * ((shape.oh + 3u) / 4u) * ((shape.ow + 3u) / 4u);
  let columns = (shape.o + 3u) / 4u * 4u;
  let column_vectors = columns;
  let groups_x = (columns + 255u) / 256u;
  let groups_y = (rows + 15u) / 16u;
  let group_x = group % groups_x;
  let group_y = group / groups_x % groups_y;
  let point = group / (groups_x * groups_y);

  let row_0 = group_y * 16u + local.y;
  let column_0 = group_x * 256u + local.x;
  let column_1 = group_x * 256u + 32u + local.x;
  let column_2 = group_x * 256u + 64u + local.x;
  let column_3 = group_x * 256u + 96u + local.x;
  let column_4 = group_x * 256u + 128u + local.x;
  let column_5 = group_x * 256u + 160u + local.x;
  let column_6 = group_x * 256u + 192u + local.x;
  let column_7 = group_x * 256u + 224u + local.x;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_0_2 = Value(0.0);
  var acc_0_3 = Value(0.0);
  var acc_0_4 = Value(0.0);
  var acc_0_5 = Value(0.0);
  var acc_0_6 = Value(0.0);
  var acc_0_7 = Value(0.0);

  let local_index = local.y * 32u + local.x;
  for (var k0 = 0u; k0 < size_c; k0 += 8u) {
    for (var t = local_index; t < 128u; t += 512u) {
      let s = t % 8u;
      let r = t / 8u;
      let start = (point * rows + min(group_y * 16u + r, rows - 1u)) * size_c;
      left_tile[s * 17u + r] = select(f32(0.0), load_pixels(start + min(k0 + s, size_c - 1u)), k0 + s < size_c);
    }
    for (var t = local_index; t < 2048u; t += 512u) {
      let c = t % 256u;
      let s = t / 256u;
      let start = point * size_c * column_vectors + min(group_x * 256u + c, column_vectors - 1u);
      right_tile[s * 257u + c] = select(Value(0.0), load_filters(start + min(k0 + s, size_c - 1u) * column_vectors), k0 + s < size_c);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let left_0_0 = left_tile[kk * 17u + local.y];
      let right_0_0 = right_tile[kk * 257u + local.x];
      let right_0_1 = right_tile[kk * 257u + 32u + local.x];
      let right_0_2 = right_tile[kk * 257u + 64u + local.x];
      let right_0_3 = right_tile[kk * 257u + 96u + local.x];
      let right_0_4 = right_tile[kk * 257u + 128u + local.x];
      let right_0_5 = right_tile[kk * 257u + 160u + local.x];
      let right_0_6 = right_tile[kk * 257u + 192u + local.x];
      let right_0_7 = right_tile[kk * 257u + 224u + local.x];
      acc_0_0 += right_0_0 * left_0_0;
      acc_0_1 += right_0_1 * left_0_0;
      acc_0_2 += right_0_2 * left_0_0;
      acc_0_3 += right_0_3 * left_0_0;
      acc_0_4 += right_0_4 * left_0_0;
      acc_0_5 += right_0_5 * left_0_0;
      acc_0_6 += right_0_6 * left_0_0;
      acc_0_7 += right_0_7 * left_0_0;
      let left_1_0 = left_tile[(kk + 1u) * 17u + local.y];
      let right_1_0 = right_tile[(kk + 1u) * 257u + local.x];
      let right_1_1 = right_tile[(kk + 1u) * 257u + 32u + local.x];
      let right_1_2 = right_tile[(kk + 1u) * 257u + 64u + local.x];
      let right_1_3 = right_tile[(kk + 1u) * 257u + 96u + local.x];
      let right_1_4 = right_tile[(kk + 1u) * 257u + 128u + local.x];
      let right_1_5 = right_tile[(kk + 1u) * 257u + 160u + local.x];
      let right_1_6 = right_tile[(kk + 1u) * 257u + 192u + local.x];
      let right_1_7 = right_tile[(kk + 1u) * 257u + 224u + local.x];
      acc_0_0 += right_1_0 * left_1_0;
      acc_0_1 += right_1_1 * left_1_0;
      acc_0_2 += right_1_2 * left_1_0;
      acc_0_3 += right_1_3 * left_1_0;
      acc_0_4 += right_1_4 * left_1_0;
      acc_0_5 += right_1_5 * left_1_0;
      acc_0_6 += right_1_6 * left_1_0;
      acc_0_7 += right_1_7 * left_1_0;
      let left_2_0 = left_tile[(kk + 2u) * 17u + local.y];
      let right_2_0 = right_tile[(kk + 2u) * 257u + local.x];
      let right_2_1 = right_tile[(kk + 2u) * 257u + 32u + local.x];
      let right_2_2 = right_tile[(kk + 2u) * 257u + 64u + local.x];
      let right_2_3 = right_tile[(kk + 2u) * 257u + 96u + local.x];
      let right_2_4 = right_tile[(kk + 2u) * 257u + 128u + local.x];
      let right_2_5 = right_tile[(kk + 2u) * 257u + 160u + local.x];
      let right_2_6 = right_tile[(kk + 2u) * 257u + 192u + local.x];
      let right_2_7 = right_tile[(kk + 2u) * 257u + 224u + local.x];
      acc_0_0 += right_2_0 * left_2_0;
      acc_0_1 += right_2_1 * left_2_0;
      acc_0_2 += right_2_2 * left_2_0;
      acc_0_3 += right_2_3 * left_2_0;
      acc_0_4 += right_2_4 * left_2_0;
      acc_0_5 += right_2_5 * left_2_0;
      acc_0_6 += right_2_6 * left_2_0;
      acc_0_7 += right_2_7 * left_2_0;
      let left_3_0 = left_tile[(kk + 3u) * 17u + local.y];
      let right_3_0 = right_tile[(kk + 3u) * 257u + local.x];
      let right_3_1 = right_tile[(kk + 3u) * 257u + 32u + local.x];
      let right_3_2 = right_tile[(kk + 3u) * 257u + 64u + local.x];
      let right_3_3 = right_tile[(kk + 3u) * 257u + 96u + local.x];
      let right_3_4 = right_tile[(kk + 3u) * 257u + 128u + local.x];
      let right_3_5 = right_tile[(kk + 3u) * 257u + 160u + local.x];
      let right_3_6 = right_tile[(kk + 3u) * 257u + 192u + local.x];
      let right_3_7 = right_tile[(kk + 3u) * 257u + 224u + local.x];
      acc_0_0 += right_3_0 * left_3_0;
      acc_0_1 += right_3_1 * left_3_0;
      acc_0_2 += right_3_2 * left_3_0;
      acc_0_3 += right_3_3 * left_3_0;
      acc_0_4 += right_3_4 * left_3_0;
      acc_0_5 += right_3_5 * left_3_0;
      acc_0_6 += right_3_6 * left_3_0;
      acc_0_7 += right_3_7 * left_3_0;
    }
    workgroupBarrier();
  }

  if ((row_0 < rows) & (column_0 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_0, acc_0_0);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_1, acc_0_1);
  }
  if ((row_0 < rows) & (column_2 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_2, acc_0_2);
  }
  if ((row_0 < rows) & (column_3 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_3, acc_0_3);
  }
  if ((row_0 < rows) & (column_4 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_4, acc_0_4);
  }
  if ((row_0 < rows) & (column_5 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_5, acc_0_5);
  }
  if ((row_0 < rows) & (column_6 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_6, acc_0_6);
  }
  if ((row_0 < rows) & (column_7 < column_vectors)) {
    store_sums((point * rows + row_0) * column_vectors + column_7, acc_0_7);
  }
}

// kernel 3: grid ceil(o/2*n*ceil(oh/4)*ceil(ow/4)/256), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings sums, y (written)
alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> sums: array<vec2<f32>>;

fn load_sums(i: u32) -> vec2<f32> {
  return sums[i];
}

@group(0) @binding(2) var<storage, read_write> y: array<vec2<f32>>;

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

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 256u + local.x;
  let size_o = shape.o;
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let tiles_x = ((shape.ow + 3u) / 4u);
  let tiles_y = ((shape.oh + 3u) / 4u);
  let tiles = shape.n * ((shape.oh + 3u) / 4u) * ((shape.ow + 3u) / 4u);
  let padded_o = (shape.o + 3u) / 4u * 4u;
  let channel_vectors = size_o / 2u;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let channel = i % channel_vectors;
  let tile = i / channel_vectors;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let m_0_0 = load_sums(tile * (padded_o / 2u) + channel);
  let m_0_1 = load_sums((tiles + tile) * (padded_o / 2u) + channel);
  let m_0_2 = load_sums((2u * tiles + tile) * (padded_o / 2u) + channel);
  let m_0_3 = load_sums((3u * tiles + tile) * (padded_o / 2u) + channel);
  let m_0_4 = load_sums((4u * tiles + tile) * (padded_o / 2u) + channel);
  let m_0_5 = load_sums((5u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_0 = load_sums((6u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_1 = load_sums((7u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_2 = load_sums((8u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_3 = load_sums((9u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_4 = load_sums((10u * tiles + tile) * (padded_o / 2u) + channel);
  let m_1_5 = load_sums((11u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_0 = load_sums((12u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_1 = load_sums((13u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_2 = load_sums((14u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_3 = load_sums((15u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_4 = load_sums((16u * tiles + tile) * (padded_o / 2u) + channel);
  let m_2_5 = load_sums((17u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_0 = load_sums((18u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_1 = load_sums((19u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_2 = load_sums((20u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_3 = load_sums((21u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_4 = load_sums((22u * tiles + tile) * (padded_o / 2u) + channel);
  let m_3_5 = load_sums((23u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_0 = load_sums((24u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_1 = load_sums((25u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_2 = load_sums((26u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_3 = load_sums((27u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_4 = load_sums((28u * tiles + tile) * (padded_o / 2u) + channel);
  let m_4_5 = load_sums((29u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_0 = load_sums((30u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_1 = load_sums((31u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_2 = load_sums((32u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_3 = load_sums((33u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_4 = load_sums((34u * tiles + tile) * (padded_o / 2u) + channel);
  let m_5_5 = load_sums((35u * tiles + tile) * (padded_o / 2u) + channel);
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
  {
    let index = ((image * size_oh + first_y) * size_ow + first_x) * channel_vectors + channel;
    var v = y_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_x + 1u < size_ow) {
    let index = ((image * size_oh + first_y) * size_ow + first_x + 1u) * channel_vectors + channel;
    var v = y_0_1;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_x + 2u < size_ow) {
    let index = ((image * size_oh + first_y) * size_ow + first_x + 2u) * channel_vectors + channel;
    var v = y_0_2;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_x + 3u < size_ow) {
    let index = ((image * size_oh + first_y) * size_ow + first_x + 3u) * channel_vectors + channel;
    var v = y_0_3;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_y + 1u < size_oh) {
    let index = ((image * size_oh + first_y + 1u) * size_ow + first_x) * channel_vectors + channel;
    var v = y_1_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 1u < size_ow)) {
    let index = ((image * size_oh + first_y + 1u) * size_ow + first_x + 1u) * channel_vectors + channel;
    var v = y_1_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 2u < size_ow)) {
    let index = ((image * size_oh + first_y + 1u) * size_ow + first_x + 2u) * channel_vectors + channel;
    var v = y_1_2;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 1u < size_oh) & (first_x + 3u < size_ow)) {
    let index = ((image * size_oh + first_y + 1u) * size_ow + first_x + 3u) * channel_vectors + channel;
    var v = y_1_3;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_y + 2u < size_oh) {
    let index = ((image * size_oh + first_y + 2u) * size_ow + first_x) * channel_vectors + channel;
    var v = y_2_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 1u < size_ow)) {
    let index = ((image * size_oh + first_y + 2u) * size_ow + first_x + 1u) * channel_vectors + channel;
    var v = y_2_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 2u < size_ow)) {
    let index = ((image * size_oh + first_y + 2u) * size_ow + first_x + 2u) * channel_vectors + channel;
    var v = y_2_2;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 2u < size_oh) & (first_x + 3u < size_ow)) {
    let index = ((image * size_oh + first_y + 2u) * size_ow + first_x + 3u) * channel_vectors + channel;
    var v = y_2_3;
    v = gelu(v);
    store_y(index, v);
  }
  if (first_y + 3u < size_oh) {
    let index = ((image * size_oh + first_y + 3u) * size_ow + first_x) * channel_vectors + channel;
    var v = y_3_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 1u < size_ow)) {
    let index = ((image * size_oh + first_y + 3u) * size_ow + first_x + 1u) * channel_vectors + channel;
    var v = y_3_1;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 2u < size_ow)) {
    let index = ((image * size_oh + first_y + 3u) * size_ow + first_x + 2u) * channel_vectors + channel;
    var v = y_3_2;
    v = gelu(v);
    store_y(index, v);
  }
  if ((first_y + 3u < size_oh) & (first_x + 3u < size_ow)) {
    let index = ((image * size_oh + first_y + 3u) * size_ow + first_x + 3u) * channel_vectors + channel;
    var v = y_3_3;
    v = gelu(v);
    store_y(index, v);
  }
}
