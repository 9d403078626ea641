// conv2d:f32:n2c6h17w20o10k3p2:nhwc+gelu
// conv2d/winograd_2
// wx=32 wy=2 tm=4 tn=4 vec=4 stage=0 bk=4 pad=0 unroll=4 wt=64 vt=1 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 64*c*ceil(o/4)*4 bytes
// run: kernel 1 on input 0, temporary `pixels` of 64*c*n*ceil(oh/2)*ceil(ow/2) bytes
// run: kernel 2 on temporary `filters` of 64*c*ceil(o/4)*4 bytes, temporary `pixels` of 64*c*n*ceil(oh/2)*ceil(ow/2) bytes, temporary `sums` of 64*n*ceil(oh/2)*ceil(ow/2)*ceil(o/4)*4 bytes
// run: kernel 3 on temporary `sums` of 64*n*ceil(oh/2)*ceil(ow/2)*ceil(o/4)*4 bytes, output 0

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
  let q_0_0 = g_0_0;
  let q_1_0_even = 0.5 * g_0_0 + 0.5 * g_2_0;
  let q_1_0_odd = 0.5 * g_1_0;
  let q_1_0 = q_1_0_even + q_1_0_odd;
  let q_2_0 = q_1_0_even - q_1_0_odd;
  let q_3_0 = g_2_0;
  let q_0_1 = g_0_1;
  let q_1_1_even = 0.5 * g_0_1 + 0.5 * g_2_1;
  let q_1_1_odd = 0.5 * g_1_1;
  let q_1_1 = q_1_1_even + q_1_1_odd;
  let q_2_1 = q_1_1_even - q_1_1_odd;
  let q_3_1 = g_2_1;
  let q_0_2 = g_0_2;
  let q_1_2_even = 0.5 * g_0_2 + 0.5 * g_2_2;
  let q_1_2_odd = 0.5 * g_1_2;
  let q_1_2 = q_1_2_even + q_1_2_odd;
  let q_2_2 = q_1_2_even - q_1_2_odd;
  let q_3_2 = g_2_2;
  let u_0_0 = q_0_0;
  let u_0_1_even = 0.5 * q_0_0 + 0.5 * q_0_2;
  let u_0_1_odd = 0.5 * q_0_1;
  let u_0_1 = u_0_1_even + u_0_1_odd;
  let u_0_2 = u_0_1_even - u_0_1_odd;
  let u_0_3 = q_0_2;
  let u_1_0 = q_1_0;
  let u_1_1_even = 0.5 * q_1_0 + 0.5 * q_1_2;
  let u_1_1_odd = 0.5 * q_1_1;
  let u_1_1 = u_1_1_even + u_1_1_odd;
  let u_1_2 = u_1_1_even - u_1_1_odd;
  let u_1_3 = q_1_2;
  let u_2_0 = q_2_0;
  let u_2_1_even = 0.5 * q_2_0 + 0.5 * q_2_2;
  let u_2_1_odd = 0.5 * q_2_1;
  let u_2_1 = u_2_1_even + u_2_1_odd;
  let u_2_2 = u_2_1_even - u_2_1_odd;
  let u_2_3 = q_2_2;
  let u_3_0 = q_3_0;
  let u_3_1_even = 0.5 * q_3_0 + 0.5 * q_3_2;
  let u_3_1_odd = 0.5 * q_3_1;
  let u_3_1 = u_3_1_even + u_3_1_odd;
  let u_3_2 = u_3_1_even - u_3_1_odd;
  let u_3_3 = q_3_2;
  store_filters(c * padded_o + o, u_0_0);
  store_filters((size_c + c) * padded_o + o, u_0_1);
  store_filters((2u * size_c + c) * padded_o + o, u_0_2);
  store_filters((3u * size_c + c) * padded_o + o, u_0_3);
  store_filters((4u * size_c + c) * padded_o + o, u_1_0);
  store_filters((5u * size_c + c) * padded_o + o, u_1_1);
  store_filters((6u * size_c + c) * padded_o + o, u_1_2);
  store_filters((7u * size_c + c) * padded_o + o, u_1_3);
  store_filters((8u * size_c + c) * padded_o + o, u_2_0);
  store_filters((9u * size_c + c) * padded_o + o, u_2_1);
  store_filters((10u * size_c + c) * padded_o + o, u_2_2);
  store_filters((11u * size_c + c) * padded_o + o, u_2_3);
  store_filters((12u * size_c + c) * padded_o + o, u_3_0);
  store_filters((13u * size_c + c) * padded_o + o, u_3_1);
  store_filters((14u * size_c + c) * padded_o + o, u_3_2);
  store_filters((15u * size_c + c) * padded_o + o, u_3_3);
}

// kernel 1: grid ceil(c*n*ceil(oh/2)*ceil(ow/2)/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings x, pixels (written)
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

@group(0) @binding(2) var<storage, read_write> pixels: array<f32>;

fn store_pixels(i: u32, v: f32) {
  pixels[i] = v;
}

// One pixel of the input, zero in the padding and beyond the edge.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> Value {
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  let pixel = load_x(((image * size_h + y) * size_w + x) * size_c + channel);
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
  let size_c = shape.c;
  let tiles_x = ((shape.ow + 1u) / 2u);
  let tiles_y = ((shape.oh + 1u) / 2u);
  let tiles = shape.n * ((shape.oh + 1u) / 2u) * ((shape.ow + 1u) / 2u);
  let channel_vectors = size_c;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let channel = i % channel_vectors;
  let tile = i / channel_vectors;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 2u - 2u;
  let first_x = tile_x * 2u - 2u;
  let d_0_0 = pixel_at(image, channel, first_y, first_x);
  let d_0_1 = pixel_at(image, channel, first_y, first_x + 1u);
  let d_0_2 = pixel_at(image, channel, first_y, first_x + 2u);
  let d_0_3 = pixel_at(image, channel, first_y, first_x + 3u);
  let d_1_0 = pixel_at(image, channel, first_y + 1u, first_x);
  let d_1_1 = pixel_at(image, channel, first_y + 1u, first_x + 1u);
  let d_1_2 = pixel_at(image, channel, first_y + 1u, first_x + 2u);
  let d_1_3 = pixel_at(image, channel, first_y + 1u, first_x + 3u);
  let d_2_0 = pixel_at(image, channel, first_y + 2u, first_x);
  let d_2_1 = pixel_at(image, channel, first_y + 2u, first_x + 1u);
  let d_2_2 = pixel_at(image, channel, first_y + 2u, first_x + 2u);
  let d_2_3 = pixel_at(image, channel, first_y + 2u, first_x + 3u);
  let d_3_0 = pixel_at(image, channel, first_y + 3u, first_x);
  let d_3_1 = pixel_at(image, channel, first_y + 3u, first_x + 1u);
  let d_3_2 = pixel_at(image, channel, first_y + 3u, first_x + 2u);
  let d_3_3 = pixel_at(image, channel, first_y + 3u, first_x + 3u);
  let p_0_0 = d_0_0 - d_2_0;
  let p_1_0 = d_1_0 + d_2_0;
  let p_2_0 = d_2_0 - d_1_0;
  let p_3_0 = d_1_0 - d_3_0;
  let p_0_1 = d_0_1 - d_2_1;
  let p_1_1 = d_1_1 + d_2_1;
  let p_2_1 = d_2_1 - d_1_1;
  let p_3_1 = d_1_1 - d_3_1;
  let p_0_2 = d_0_2 - d_2_2;
  let p_1_2 = d_1_2 + d_2_2;
  let p_2_2 = d_2_2 - d_1_2;
  let p_3_2 = d_1_2 - d_3_2;
  let p_0_3 = d_0_3 - d_2_3;
  let p_1_3 = d_1_3 + d_2_3;
  let p_2_3 = d_2_3 - d_1_3;
  let p_3_3 = d_1_3 - d_3_3;
  let v_0_0 = p_0_0 - p_0_2;
  let v_0_1 = p_0_1 + p_0_2;
  let v_0_2 = p_0_2 - p_0_1;
  let v_0_3 = p_0_1 - p_0_3;
  let v_1_0 = p_1_0 - p_1_2;
  let v_1_1 = p_1_1 + p_1_2;
  let v_1_2 = p_1_2 - p_1_1;
  let v_1_3 = p_1_1 - p_1_3;
  let v_2_0 = p_2_0 - p_2_2;
  let v_2_1 = p_2_1 + p_2_2;
  let v_2_2 = p_2_2 - p_2_1;
  let v_2_3 = p_2_1 - p_2_3;
  let v_3_0 = p_3_0 - p_3_2;
  let v_3_1 = p_3_1 + p_3_2;
  let v_3_2 = p_3_2 - p_3_1;
  let v_3_3 = p_3_1 - p_3_3;

  store_pixels(i, v_0_0);
  store_pixels(tiles * channel_vectors + i, v_0_1);
  store_pixels(2u * tiles * channel_vectors + i, v_0_2);
  store_pixels(3u * tiles * channel_vectors + i, v_0_3);
  store_pixels(4u * tiles * channel_vectors + i, v_1_0);
  store_pixels(5u * tiles * channel_vectors + i, v_1_1);
  store_pixels(6u * tiles * channel_vectors + i, v_1_2);
  store_pixels(7u * tiles * channel_vectors + i, v_1_3);
  store_pixels(8u * tiles * channel_vectors + i, v_2_0);
  store_pixels(9u * tiles * channel_vectors + i, v_2_1);
  store_pixels(10u * tiles * channel_vectors + i, v_2_2);
  store_pixels(11u * tiles * channel_vectors + i, v_2_3);
  store_pixels(12u * tiles * channel_vectors + i, v_3_0);
  store_pixels(13u * tiles * channel_vectors + i, v_3_1);
  store_pixels(14u * tiles * channel_vectors + i, v_3_2);
  store_pixels(15u * tiles * channel_vectors + i, v_3_3);
}

// kernel 2: grid ceil(ceil(o/4)*4/128), ceil(n*ceil(oh/2)*ceil(ow/2)/8), 16; uniforms n, c, h, w, o, oh, ow; bindings filters, pixels, sums (written)
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

@group(0) @binding(1) var<storage, read> filters: array<vec4<f32>>;

fn load_filters(i: u32) -> vec4<f32> {
  return filters[i];
}

@group(0) @binding(2) var<storage, read> pixels: array<f32>;

fn load_pixels(i: u32) -> f32 {
  return pixels[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;

fn store_sums(i: u32, v: vec4<f32>) {
  sums[i] = v;
}

@compute @workgroup_size(32, 2)
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
  let rows = shape.n * ((shape.oh + 1u) / 2u) * ((shape.ow + 1u) / 2u);
  let columns = (shape.o + 3u) / 4u * 4u;
  let column_vectors = columns / 4u;
  let groups_x = (columns + 127u) / 128u;
  let groups_y = (rows + 7u) / 8u;
  let group_x = group % groups_x;
  let group_y = group / groups_x % groups_y;
  let point = group / (groups_x * groups_y);

  let row_0 = group_y * 8u + local.y * 4u;
  let row_1 = group_y * 8u + local.y * 4u + 1u;
  let row_2 = group_y * 8u + local.y * 4u + 2u;
  let row_3 = group_y * 8u + local.y * 4u + 3u;
  let column_0 = group_x * 32u + local.x;
  let row_start_0 = (point * rows + min(row_0, rows - 1u)) * size_c;
  let row_start_1 = (point * rows + min(row_1, rows - 1u)) * size_c;
  let row_start_2 = (point * rows + min(row_2, rows - 1u)) * size_c;
  let row_start_3 = (point * rows + min(row_3, rows - 1u)) * size_c;
  let column_start_0 = point * size_c * column_vectors + min(column_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let whole = size_c / 4u * 4u;
  for (var k = 0u; k < whole; k += 4u) {
    let left_0_0 = load_pixels(row_start_0 + k);
    let left_0_1 = load_pixels(row_start_1 + k);
    let left_0_2 = load_pixels(row_start_2 + k);
    let left_0_3 = load_pixels(row_start_3 + k);
    let right_0_0 = load_filters(column_start_0 + k * column_vectors);
    acc_0_0 += right_0_0 * left_0_0;
    acc_1_0 += right_0_0 * left_0_1;
    acc_2_0 += right_0_0 * left_0_2;
    acc_3_0 += right_0_0 * left_0_3;
    let left_1_0 = load_pixels(row_start_0 + k + 1u);
    let left_1_1 = load_pixels(row_start_1 + k + 1u);
    let left_1_2 = load_pixels(row_start_2 + k + 1u);
    let left_1_3 = load_pixels(row_start_3 + k + 1u);
    let right_1_0 = load_filters(column_start_0 + (k + 1u) * column_vectors);
    acc_0_0 += right_1_0 * left_1_0;
    acc_1_0 += right_1_0 * left_1_1;
    acc_2_0 += right_1_0 * left_1_2;
    acc_3_0 += right_1_0 * left_1_3;
    let left_2_0 = load_pixels(row_start_0 + k + 2u);
    let left_2_1 = load_pixels(row_start_1 + k + 2u);
    let left_2_2 = load_pixels(row_start_2 + k + 2u);
    let left_2_3 = load_pixels(row_start_3 + k + 2u);
    let right_2_0 = load_filters(column_start_0 + (k + 2u) * column_vectors);
    acc_0_0 += right_2_0 * left_2_0;
    acc_1_0 += right_2_0 * left_2_1;
    acc_2_0 += right_2_0 * left_2_2;
    acc_3_0 += right_2_0 * left_2_3;
    let left_3_0 = load_pixels(row_start_0 + k + 3u);
    let left_3_1 = load_pixels(row_start_1 + k + 3u);
    let left_3_2 = load_pixels(row_start_2 + k + 3u);
    let left_3_3 = load_pixels(row_start_3 + k + 3u);
    let right_3_0 = load_filters(column_start_0 + (k + 3u) * column_vectors);
    acc_0_0 += right_3_0 * left_3_0;
    acc_1_0 += right_3_0 * left_3_1;
    acc_2_0 += right_3_0 * left_3_2;
    acc_3_0 += right_3_0 * left_3_3;
  }
  for (var k = whole; k < size_c; k += 1u) {
    let left_0_0 = load_pixels(row_start_0 + k);
    let left_0_1 = load_pixels(row_start_1 + k);
    let left_0_2 = load_pixels(row_start_2 + k);
    let left_0_3 = load_pixels(row_start_3 + k);
    let right_0_0 = load_filters(column_start_0 + k * column_vectors);
    acc_0_0 += right_0_0 * left_0_0;
    acc_1_0 += right_0_0 * left_0_1;
    acc_2_0 += right_0_0 * left_0_2;
    acc_3_0 += right_0_0 * left_0_3;
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

// kernel 3: grid ceil(o*n*ceil(oh/2)*ceil(ow/2)/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings sums, y (written)
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

@group(0) @binding(2) var<storage, read_write> y: array<f32>;

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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let size_o = shape.o;
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let tiles_x = ((shape.ow + 1u) / 2u);
  let tiles_y = ((shape.oh + 1u) / 2u);
  let tiles = shape.n * ((shape.oh + 1u) / 2u) * ((shape.ow + 1u) / 2u);
  let padded_o = (shape.o + 3u) / 4u * 4u;
  let channel_vectors = size_o;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let channel = i % channel_vectors;
  let tile = i / channel_vectors;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let m_0_0 = load_sums(tile * padded_o + channel);
  let m_0_1 = load_sums((tiles + tile) * padded_o + channel);
  let m_0_2 = load_sums((2u * tiles + tile) * padded_o + channel);
  let m_0_3 = load_sums((3u * tiles + tile) * padded_o + channel);
  let m_1_0 = load_sums((4u * tiles + tile) * padded_o + channel);
  let m_1_1 = load_sums((5u * tiles + tile) * padded_o + channel);
  let m_1_2 = load_sums((6u * tiles + tile) * padded_o + channel);
  let m_1_3 = load_sums((7u * tiles + tile) * padded_o + channel);
  let m_2_0 = load_sums((8u * tiles + tile) * padded_o + channel);
  let m_2_1 = load_sums((9u * tiles + tile) * padded_o + channel);
  let m_2_2 = load_sums((10u * tiles + tile) * padded_o + channel);
  let m_2_3 = load_sums((11u * tiles + tile) * padded_o + channel);
  let m_3_0 = load_sums((12u * tiles + tile) * padded_o + channel);
  let m_3_1 = load_sums((13u * tiles + tile) * padded_o + channel);
  let m_3_2 = load_sums((14u * tiles + tile) * padded_o + channel);
  let m_3_3 = load_sums((15u * tiles + tile) * padded_o + channel);
  let m_1_0_plus = m_1_0 + m_2_0;
  let m_1_0_minus = m_1_0 - m_2_0;
  let a_0_0 = m_0_0 + m_1_0_plus;
  let a_1_0 = m_1_0_minus - m_3_0;
  let m_1_1_plus = m_1_1 + m_2_1;
  let m_1_1_minus = m_1_1 - m_2_1;
  let a_0_1 = m_0_1 + m_1_1_plus;
  let a_1_1 = m_1_1_minus - m_3_1;
  let m_1_2_plus = m_1_2 + m_2_2;
  let m_1_2_minus = m_1_2 - m_2_2;
  let a_0_2 = m_0_2 + m_1_2_plus;
  let a_1_2 = m_1_2_minus - m_3_2;
  let m_1_3_plus = m_1_3 + m_2_3;
  let m_1_3_minus = m_1_3 - m_2_3;
  let a_0_3 = m_0_3 + m_1_3_plus;
  let a_1_3 = m_1_3_minus - m_3_3;
  let a_0_1_plus = a_0_1 + a_0_2;
  let a_0_1_minus = a_0_1 - a_0_2;
  let y_0_0 = a_0_0 + a_0_1_plus;
  let y_0_1 = a_0_1_minus - a_0_3;
  let a_1_1_plus = a_1_1 + a_1_2;
  let a_1_1_minus = a_1_1 - a_1_2;
  let y_1_0 = a_1_0 + a_1_1_plus;
  let y_1_1 = a_1_1_minus - a_1_3;
  let first_y = tile_y * 2u;
  let first_x = tile_x * 2u;
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
}
