// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/implicit_gemm
// wp=16 wo=4 tp=4 to=4 vec=4 prepack=1 filter_outer=0 stage_w=1 stage_x=1 bk=16 pad=0 vec_k=1 vec_p=4 unroll=4 prefetch=0 stages=1 split=1 band=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*3*2 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*3*2 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*3/64), 1, 1; uniforms c, o; bindings w, packed (written)
enable f16;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  c: u32,
  o: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
}

@group(0) @binding(2) var<storage, read_write> packed: array<f16>;

fn store_packed(i: u32, v: f32) {
  packed[i] = f16(v);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let channels_in = shape.c;
  let channels_out = shape.o;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 3u)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 3u;
  let c = i / (channels_out * 3u) % channels_in;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 3u + f));
}

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/1/16), 1; uniforms n, c, h, w, o, oh, ow; bindings x, w, residual, y (written)
enable f16;

alias Value = vec4<f32>;
alias Pixels = vec4<f32>;

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

@group(0) @binding(2) var<storage, read> w: array<vec4<f16>>;

fn load_w(i: u32) -> vec4<f32> {
  return vec4<f32>(w[i]);
}

@group(0) @binding(3) var<storage, read> residual: array<f16>;

fn load_residual(i: u32) -> f32 {
  return f32(residual[i]);
}

@group(0) @binding(4) var<storage, read_write> y: array<f16>;

fn store_y(i: u32, v: f32) {
  y[i] = f16(v);
}

var<workgroup> w_tile: array<Value, 64>;
var<workgroup> x_tile: array<Pixels, 256>;

// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / 3u;
  let below = k % 3u / 3u;
  let beside = k % 3u;
  let at = origin + (channel * 12u + below) * 12u + beside;
  let is_inside = (k < 24u) & (x + beside < 12u);
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
}

@compute @workgroup_size(16, 4)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_p = local.x;
  let lane_o = local.y;
  let size_c = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let size_ow = 12u;
  let plane = 12u * size_ow;
  let pixels = plane;
  let channels_in = 8u;
  let channels_out = 16u;
  let channel_vectors = channels_out / 4u;
  let terms = 24u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 15u) / 16u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let local_index = local.y * 16u + local.x;
  let w_fast_0 = local_index % 4u;
  let w_slow_0 = local_index / 4u;

  let x_fast_0 = local_index % 16u;
  let x_slow_0 = local_index / 16u;
  let x_slow_1 = local_index / 16u + 4u;
  let x_slow_2 = local_index / 16u + 8u;
  let x_slow_3 = local_index / 16u + 12u;

  let pixel_0 = min(tile_p * 64u + x_fast_0 * 4u, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 64u + x_fast_0 * 4u + 1u, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let pixel_2 = min(tile_p * 64u + x_fast_0 * 4u + 2u, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow;
  let x_2 = pixel_2 % size_ow - 1u;
  let origin_2 = (((pixel_2 / plane) * size_c) * size_h + y_2) * size_w + x_2;
  let pixel_3 = min(tile_p * 64u + x_fast_0 * 4u + 3u, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow;
  let x_3 = pixel_3 % size_ow - 1u;
  let origin_3 = (((pixel_3 / plane) * size_c) * size_h + y_3) * size_w + x_3;
  let channel_0 = tile_o * 4u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (terms + 15u) / 16u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 16u;

    let w_fetched_0_0 = select(Value(0.0), load_w((min(start + w_slow_0, terms - 1u)) * channel_vectors + tile_o * 4u + w_fast_0), start + w_slow_0 < terms);

    w_tile[w_slow_0 * 4u + w_fast_0] = w_fetched_0_0;

    let x_fetched_0_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_0);
    let x_fetched_0_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_0);
    let x_fetched_0_0_2 = pixel_at(origin_2, y_2, x_2, start + x_slow_0);
    let x_fetched_0_0_3 = pixel_at(origin_3, y_3, x_3, start + x_slow_0);
    let x_fetched_1_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_1);
    let x_fetched_1_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_1);
    let x_fetched_1_0_2 = pixel_at(origin_2, y_2, x_2, start + x_slow_1);
    let x_fetched_1_0_3 = pixel_at(origin_3, y_3, x_3, start + x_slow_1);
    let x_fetched_2_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_2);
    let x_fetched_2_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_2);
    let x_fetched_2_0_2 = pixel_at(origin_2, y_2, x_2, start + x_slow_2);
    let x_fetched_2_0_3 = pixel_at(origin_3, y_3, x_3, start + x_slow_2);
    let x_fetched_3_0_0 = pixel_at(origin_0, y_0, x_0, start + x_slow_3);
    let x_fetched_3_0_1 = pixel_at(origin_1, y_1, x_1, start + x_slow_3);
    let x_fetched_3_0_2 = pixel_at(origin_2, y_2, x_2, start + x_slow_3);
    let x_fetched_3_0_3 = pixel_at(origin_3, y_3, x_3, start + x_slow_3);

    x_tile[x_slow_0 * 16u + x_fast_0] = Pixels(x_fetched_0_0_0, x_fetched_0_0_1, x_fetched_0_0_2, x_fetched_0_0_3);
    x_tile[x_slow_1 * 16u + x_fast_0] = Pixels(x_fetched_1_0_0, x_fetched_1_0_1, x_fetched_1_0_2, x_fetched_1_0_3);
    x_tile[x_slow_2 * 16u + x_fast_0] = Pixels(x_fetched_2_0_0, x_fetched_2_0_1, x_fetched_2_0_2, x_fetched_2_0_3);
    x_tile[x_slow_3 * 16u + x_fast_0] = Pixels(x_fetched_3_0_0, x_fetched_3_0_1, x_fetched_3_0_2, x_fetched_3_0_3);

    workgroupBarrier();
    for (var kk = 0u; kk < 16u; kk += 4u) {
      let w_0_0 = w_tile[kk * 4u + lane_o];
      let x_0_0 = x_tile[kk * 16u + lane_p];
      acc_0_0 += w_0_0 * x_0_0.x;
      acc_1_0 += w_0_0 * x_0_0.y;
      acc_2_0 += w_0_0 * x_0_0.z;
      acc_3_0 += w_0_0 * x_0_0.w;
      let w_1_0 = w_tile[(kk + 1u) * 4u + lane_o];
      let x_1_0 = x_tile[(kk + 1u) * 16u + lane_p];
      acc_0_0 += w_1_0 * x_1_0.x;
      acc_1_0 += w_1_0 * x_1_0.y;
      acc_2_0 += w_1_0 * x_1_0.z;
      acc_3_0 += w_1_0 * x_1_0.w;
      let w_2_0 = w_tile[(kk + 2u) * 4u + lane_o];
      let x_2_0 = x_tile[(kk + 2u) * 16u + lane_p];
      acc_0_0 += w_2_0 * x_2_0.x;
      acc_1_0 += w_2_0 * x_2_0.y;
      acc_2_0 += w_2_0 * x_2_0.z;
      acc_3_0 += w_2_0 * x_2_0.w;
      let w_3_0 = w_tile[(kk + 3u) * 4u + lane_o];
      let x_3_0 = x_tile[(kk + 3u) * 16u + lane_p];
      acc_0_0 += w_3_0 * x_3_0.x;
      acc_1_0 += w_3_0 * x_3_0.y;
      acc_2_0 += w_3_0 * x_3_0.z;
      acc_3_0 += w_3_0 * x_3_0.w;
    }
    workgroupBarrier();
  }

  let out_0 = tile_p * 64u + lane_p * 4u;
  if (out_0 < pixels) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    var v = acc_0_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_1 = tile_p * 64u + lane_p * 4u + 1u;
  if (out_1 < pixels) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    var v = acc_1_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_2 = tile_p * 64u + lane_p * 4u + 2u;
  if (out_2 < pixels) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel * 4u) * plane + out_2 % plane;
    var v = acc_2_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
  let out_3 = tile_p * 64u + lane_p * 4u + 3u;
  if (out_3 < pixels) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel * 4u) * plane + out_3 % plane;
    var v = acc_3_0;
    v += Value(load_residual(index), load_residual(index + plane), load_residual(index + 2u * plane), load_residual(index + 3u * plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
    store_y(index + 2u * plane, v.z);
    store_y(index + 3u * plane, v.w);
  }
}
