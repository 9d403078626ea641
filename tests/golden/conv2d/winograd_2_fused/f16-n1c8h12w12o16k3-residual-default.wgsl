// conv2d:f16:n1c8h12w12o16k3+residual
// conv2d/winograd_2_fused
// wx=8 wy=16 vec=4 stage=0 bk=2 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `filters` of 64*c*ceil(o/4)*4 bytes
// run: kernel 1 on input 0, temporary `filters` of 64*c*ceil(o/4)*4 bytes, input 2, output 0

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
  let padded_o = 16u;
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
  store_filters(c * 16u * padded_o + o, u_0_0);
  store_filters((c * 16u + 1u) * padded_o + o, u_0_1);
  store_filters((c * 16u + 2u) * padded_o + o, u_0_2);
  store_filters((c * 16u + 3u) * padded_o + o, u_0_3);
  store_filters((c * 16u + 4u) * padded_o + o, u_1_0);
  store_filters((c * 16u + 5u) * padded_o + o, u_1_1);
  store_filters((c * 16u + 6u) * padded_o + o, u_1_2);
  store_filters((c * 16u + 7u) * padded_o + o, u_1_3);
  store_filters((c * 16u + 8u) * padded_o + o, u_2_0);
  store_filters((c * 16u + 9u) * padded_o + o, u_2_1);
  store_filters((c * 16u + 10u) * padded_o + o, u_2_2);
  store_filters((c * 16u + 11u) * padded_o + o, u_2_3);
  store_filters((c * 16u + 12u) * padded_o + o, u_3_0);
  store_filters((c * 16u + 13u) * padded_o + o, u_3_1);
  store_filters((c * 16u + 14u) * padded_o + o, u_3_2);
  store_filters((c * 16u + 15u) * padded_o + o, u_3_3);
}

// kernel 1: grid ceil(n*ceil(oh/2)*ceil(ow/2)/8), ceil(o/64), 1; uniforms n, c, h, w, o, oh, ow; bindings x, filters, residual, y (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> x: array<f16>;

fn load_x(i: u32) -> f32 {
  return f32(x[i]);
}

@group(0) @binding(2) var<storage, read> filters: array<vec4<f32>>;

fn load_filters(i: u32) -> vec4<f32> {
  return filters[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f16>;

fn load_residual(i: u32) -> f32 {
  return f32(residual[i]);
}

@group(0) @binding(4) var<storage, read_write> y: array<f16>;

fn store_y(i: u32, v: f32) {
  y[i] = f16(v);
}

var<workgroup> v_tile: array<f32, 256>;

// One pixel of the input.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let y = at_y;
  let x = at_x;
  let pixel = load_x(((image * size_c + channel) * size_h + y) * size_w + x);
  return pixel;
}

// Transforms the tile of a number, of one channel, into its place in the slab.
fn stage_tile(tile: u32, channel: u32, place: u32) {
  let tiles_x = 5u;
  let tiles_y = 5u;
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
  let first_y = tile_y * 2u;
  let first_x = tile_x * 2u;
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

  v_tile[place] = v_0_0;
  v_tile[place + 8u] = v_0_1;
  v_tile[place + 16u] = v_0_2;
  v_tile[place + 24u] = v_0_3;
  v_tile[place + 32u] = v_1_0;
  v_tile[place + 40u] = v_1_1;
  v_tile[place + 48u] = v_1_2;
  v_tile[place + 56u] = v_1_3;
  v_tile[place + 64u] = v_2_0;
  v_tile[place + 72u] = v_2_1;
  v_tile[place + 80u] = v_2_2;
  v_tile[place + 88u] = v_2_3;
  v_tile[place + 96u] = v_3_0;
  v_tile[place + 104u] = v_3_1;
  v_tile[place + 112u] = v_3_2;
  v_tile[place + 120u] = v_3_3;
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
  let size_c = 8u;
  let size_o = 16u;
  let size_oh = 10u;
  let size_ow = 10u;
  let tiles_x = 5u;
  let tiles_y = 5u;
  let tiles = 25u;
  let padded_o = 16u;
  let channel_vectors = size_o / 4u;
  let u_vectors = padded_o / 4u;
  let groups_x = (tiles + 7u) / 8u;
  let group_x = group % groups_x;
  let group_y = group / groups_x;
  let local_index = local.y * 8u + local.x;
  let tile = group_x * 8u + local.x;
  let channel = group_y * 16u + local.y;
  let u_start = min(channel, channel_vectors - 1u);

  var m_0_0 = Value(0.0);
  var m_0_1 = Value(0.0);
  var m_0_2 = Value(0.0);
  var m_0_3 = Value(0.0);
  var m_1_0 = Value(0.0);
  var m_1_1 = Value(0.0);
  var m_1_2 = Value(0.0);
  var m_1_3 = Value(0.0);
  var m_2_0 = Value(0.0);
  var m_2_1 = Value(0.0);
  var m_2_2 = Value(0.0);
  var m_2_3 = Value(0.0);
  var m_3_0 = Value(0.0);
  var m_3_1 = Value(0.0);
  var m_3_2 = Value(0.0);
  var m_3_3 = Value(0.0);

  for (var c0 = 0u; c0 < size_c; c0 += 2u) {
    for (var t = local_index; t < 16u; t += 128u) {
      let p = t % 8u;
      let s = t / 8u;
      stage_tile(min(group_x * 8u + p, tiles - 1u), c0 + s, s * 128u + p);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < 2u; cl += 1u) {
      m_0_0 += load_filters(((c0 + cl) * 16u) * u_vectors + u_start) * v_tile[cl * 16u * 8u + local.x];
      m_0_1 += load_filters(((c0 + cl) * 16u + 1u) * u_vectors + u_start) * v_tile[(cl * 16u + 1u) * 8u + local.x];
      m_0_2 += load_filters(((c0 + cl) * 16u + 2u) * u_vectors + u_start) * v_tile[(cl * 16u + 2u) * 8u + local.x];
      m_0_3 += load_filters(((c0 + cl) * 16u + 3u) * u_vectors + u_start) * v_tile[(cl * 16u + 3u) * 8u + local.x];
      m_1_0 += load_filters(((c0 + cl) * 16u + 4u) * u_vectors + u_start) * v_tile[(cl * 16u + 4u) * 8u + local.x];
      m_1_1 += load_filters(((c0 + cl) * 16u + 5u) * u_vectors + u_start) * v_tile[(cl * 16u + 5u) * 8u + local.x];
      m_1_2 += load_filters(((c0 + cl) * 16u + 6u) * u_vectors + u_start) * v_tile[(cl * 16u + 6u) * 8u + local.x];
      m_1_3 += load_filters(((c0 + cl) * 16u + 7u) * u_vectors + u_start) * v_tile[(cl * 16u + 7u) * 8u + local.x];
      m_2_0 += load_filters(((c0 + cl) * 16u + 8u) * u_vectors + u_start) * v_tile[(cl * 16u + 8u) * 8u + local.x];
      m_2_1 += load_filters(((c0 + cl) * 16u + 9u) * u_vectors + u_start) * v_tile[(cl * 16u + 9u) * 8u + local.x];
      m_2_2 += load_filters(((c0 + cl) * 16u + 10u) * u_vectors + u_start) * v_tile[(cl * 16u + 10u) * 8u + local.x];
      m_2_3 += load_filters(((c0 + cl) * 16u + 11u) * u_vectors + u_start) * v_tile[(cl * 16u + 11u) * 8u + local.x];
      m_3_0 += load_filters(((c0 + cl) * 16u + 12u) * u_vectors + u_start) * v_tile[(cl * 16u + 12u) * 8u + local.x];
      m_3_1 += load_filters(((c0 + cl) * 16u + 13u) * u_vectors + u_start) * v_tile[(cl * 16u + 13u) * 8u + local.x];
      m_3_2 += load_filters(((c0 + cl) * 16u + 14u) * u_vectors + u_start) * v_tile[(cl * 16u + 14u) * 8u + local.x];
      m_3_3 += load_filters(((c0 + cl) * 16u + 15u) * u_vectors + u_start) * v_tile[(cl * 16u + 15u) * 8u + local.x];
    }
    workgroupBarrier();
  }

  if ((tile >= tiles) | (channel >= channel_vectors)) {
    return;
  }
  let tile_x = tile % tiles_x;
  let tile_y = tile / tiles_x % tiles_y;
  let image = tile / (tiles_x * tiles_y);
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
    let index = (image * size_o + channel * 4u) * plane + first_y * size_ow + first_x;
    var v = y_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  {
    let index = (image * size_o + channel * 4u) * plane + first_y * size_ow + first_x + 1u;
    var v = y_0_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  {
    let index = (image * size_o + channel * 4u) * plane + (first_y + 1u) * size_ow + first_x;
    var v = y_1_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  {
    let index = (image * size_o + channel * 4u) * plane + (first_y + 1u) * size_ow + first_x + 1u;
    var v = y_1_1;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
