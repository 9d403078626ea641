// conv2d:f32:n1c64h28w28o64k3p1+bias+relu
// conv2d/winograd_2
// wx=16 wy=8 tm=4 tn=4 vec=4 stage=1 bk=16 pad=0 unroll=4 wt=64 vt=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 64*c*o bytes
// run: kernel 1 on input 0, temporary `pixels` of 64*c*ceil(n*ceil(oh/2)*ceil(ow/2)/4)*4 bytes
// run: kernel 2 on temporary `filters` of 64*c*o bytes, temporary `pixels` of 64*c*ceil(n*ceil(oh/2)*ceil(ow/2)/4)*4 bytes, temporary `sums` of 64*o*ceil(n*ceil(oh/2)*ceil(ow/2)/4)*4 bytes
// run: kernel 3 on temporary `sums` of 64*o*ceil(n*ceil(oh/2)*ceil(ow/2)/4)*4 bytes, input 2, output 0

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
  store_filters(o * size_c + c, u_0_0);
  store_filters((size_o + o) * size_c + c, u_0_1);
  store_filters((2u * size_o + o) * size_c + c, u_0_2);
  store_filters((3u * size_o + o) * size_c + c, u_0_3);
  store_filters((4u * size_o + o) * size_c + c, u_1_0);
  store_filters((5u * size_o + o) * size_c + c, u_1_1);
  store_filters((6u * size_o + o) * size_c + c, u_1_2);
  store_filters((7u * size_o + o) * size_c + c, u_1_3);
  store_filters((8u * size_o + o) * size_c + c, u_2_0);
  store_filters((9u * size_o + o) * size_c + c, u_2_1);
  store_filters((10u * size_o + o) * size_c + c, u_2_2);
  store_filters((11u * size_o + o) * size_c + c, u_2_3);
  store_filters((12u * size_o + o) * size_c + c, u_3_0);
  store_filters((13u * size_o + o) * size_c + c, u_3_1);
  store_filters((14u * size_o + o) * size_c + c, u_3_2);
  store_filters((15u * size_o + o) * size_c + c, u_3_3);
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
  let size_c = 64u;
  let size_h = 28u;
  let size_w = 28u;
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
  let size_c = 64u;
  let tiles_x = 14u;
  let tiles_y = 14u;
  let tiles = 196u;
  let padded_tiles = 196u;
  let channel_vectors = size_c;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
  let tile = i % tiles;
  let channel = i / tiles;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 2u - 1u;
  let first_x = tile_x * 2u - 1u;
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

  store_pixels(channel * padded_tiles + tile, v_0_0);
  store_pixels((size_c + channel) * padded_tiles + tile, v_0_1);
  store_pixels((2u * size_c + channel) * padded_tiles + tile, v_0_2);
  store_pixels((3u * size_c + channel) * padded_tiles + tile, v_0_3);
  store_pixels((4u * size_c + channel) * padded_tiles + tile, v_1_0);
  store_pixels((5u * size_c + channel) * padded_tiles + tile, v_1_1);
  store_pixels((6u * size_c + channel) * padded_tiles + tile, v_1_2);
  store_pixels((7u * size_c + channel) * padded_tiles + tile, v_1_3);
  store_pixels((8u * size_c + channel) * padded_tiles + tile, v_2_0);
  store_pixels((9u * size_c + channel) * padded_tiles + tile, v_2_1);
  store_pixels((10u * size_c + channel) * padded_tiles + tile, v_2_2);
  store_pixels((11u * size_c + channel) * padded_tiles + tile, v_2_3);
  store_pixels((12u * size_c + channel) * padded_tiles + tile, v_3_0);
  store_pixels((13u * size_c + channel) * padded_tiles + tile, v_3_1);
  store_pixels((14u * size_c + channel) * padded_tiles + tile, v_3_2);
  store_pixels((15u * size_c + channel) * padded_tiles + tile, v_3_3);
}

// kernel 2: grid ceil(ceil(n*ceil(oh/2)*ceil(ow/2)/4)*4/64), ceil(o/32), 16; uniforms n, c, h, w, o, oh, ow; bindings filters, pixels, sums (written)
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
  let size_c = 64u;
  let rows = 64u;
  let columns = 196u;
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
      let start = (point * rows + group_y * 32u + r) * size_c;
      left_tile[s * 32u + r] = load_filters(start + (k0 + s));
    }
    for (var t = local_index; t < 256u; t += 128u) {
      let c = t % 16u;
      let s = t / 16u;
      let start = point * size_c * column_vectors + min(group_x * 16u + c, column_vectors - 1u);
      right_tile[s * 16u + c] = load_pixels(start + (k0 + s) * column_vectors);
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

  if (column_0 < column_vectors) {
    store_sums((point * rows + row_0) * column_vectors + column_0, acc_0_0);
  }
  if (column_0 < column_vectors) {
    store_sums((point * rows + row_1) * column_vectors + column_0, acc_1_0);
  }
  if (column_0 < column_vectors) {
    store_sums((point * rows + row_2) * column_vectors + column_0, acc_2_0);
  }
  if (column_0 < column_vectors) {
    store_sums((point * rows + row_3) * column_vectors + column_0, acc_3_0);
  }
}

// kernel 3: grid ceil(o*n*ceil(oh/2)*ceil(ow/2)/64), 1, 1; uniforms n, c, h, w, o, oh, ow; bindings sums, bias, y (written)
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

@group(0) @binding(2) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let size_o = 64u;
  let size_oh = 28u;
  let size_ow = 28u;
  let tiles_x = 14u;
  let tiles_y = 14u;
  let tiles = 196u;
  let padded_tiles = 196u;
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
  let m_1_0 = load_sums((4u * size_o + channel) * padded_tiles + tile);
  let m_1_1 = load_sums((5u * size_o + channel) * padded_tiles + tile);
  let m_1_2 = load_sums((6u * size_o + channel) * padded_tiles + tile);
  let m_1_3 = load_sums((7u * size_o + channel) * padded_tiles + tile);
  let m_2_0 = load_sums((8u * size_o + channel) * padded_tiles + tile);
  let m_2_1 = load_sums((9u * size_o + channel) * padded_tiles + tile);
  let m_2_2 = load_sums((10u * size_o + channel) * padded_tiles + tile);
  let m_2_3 = load_sums((11u * size_o + channel) * padded_tiles + tile);
  let m_3_0 = load_sums((12u * size_o + channel) * padded_tiles + tile);
  let m_3_1 = load_sums((13u * size_o + channel) * padded_tiles + tile);
  let m_3_2 = load_sums((14u * size_o + channel) * padded_tiles + tile);
  let m_3_3 = load_sums((15u * size_o + channel) * padded_tiles + tile);
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
}
