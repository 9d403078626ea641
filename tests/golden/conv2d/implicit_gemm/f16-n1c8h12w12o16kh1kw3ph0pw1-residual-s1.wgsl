// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/implicit_gemm
// wp=16 wo=4 tp=8 to=4 vec=2 prepack=0 filter_outer=1 stage_w=1 stage_x=0 bk=8 pad=1 vec_k=1 vec_p=1 unroll=2 prefetch=1 stages=2 split=1 band=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n*oh*ow/128), ceil(o/1/16), 1; uniforms n, c, h, w, o, oh, ow; bindings x, w, residual, y (written)
enable f16;

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

var<workgroup> w_tile: array<Value, 144>;

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
  let channel_vectors = channels_out / 2u;
  let terms = 24u;
  let tiles_p = (pixels + 127u) / 128u;
  let tiles_o = (channels_out + 15u) / 16u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let local_index = local.y * 16u + local.x;
  let w_fast_0 = local_index % 8u;
  let w_slow_0 = local_index / 8u;

  let pixel_0 = min(tile_p * 128u + lane_p, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 128u + 16u + lane_p, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let pixel_2 = min(tile_p * 128u + 32u + lane_p, pixels - 1u);
  let y_2 = pixel_2 % plane / size_ow;
  let x_2 = pixel_2 % size_ow - 1u;
  let origin_2 = (((pixel_2 / plane) * size_c) * size_h + y_2) * size_w + x_2;
  let pixel_3 = min(tile_p * 128u + 48u + lane_p, pixels - 1u);
  let y_3 = pixel_3 % plane / size_ow;
  let x_3 = pixel_3 % size_ow - 1u;
  let origin_3 = (((pixel_3 / plane) * size_c) * size_h + y_3) * size_w + x_3;
  let pixel_4 = min(tile_p * 128u + 64u + lane_p, pixels - 1u);
  let y_4 = pixel_4 % plane / size_ow;
  let x_4 = pixel_4 % size_ow - 1u;
  let origin_4 = (((pixel_4 / plane) * size_c) * size_h + y_4) * size_w + x_4;
  let pixel_5 = min(tile_p * 128u + 80u + lane_p, pixels - 1u);
  let y_5 = pixel_5 % plane / size_ow;
  let x_5 = pixel_5 % size_ow - 1u;
  let origin_5 = (((pixel_5 / plane) * size_c) * size_h + y_5) * size_w + x_5;
  let pixel_6 = min(tile_p * 128u + 96u + lane_p, pixels - 1u);
  let y_6 = pixel_6 % plane / size_ow;
  let x_6 = pixel_6 % size_ow - 1u;
  let origin_6 = (((pixel_6 / plane) * size_c) * size_h + y_6) * size_w + x_6;
  let pixel_7 = min(tile_p * 128u + 112u + lane_p, pixels - 1u);
  let y_7 = pixel_7 % plane / size_ow;
  let x_7 = pixel_7 % size_ow - 1u;
  let origin_7 = (((pixel_7 / plane) * size_c) * size_h + y_7) * size_w + x_7;
  let channel_0 = tile_o * 8u + lane_o;
  let channel_1 = tile_o * 8u + 4u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_2_1 = Value(0.0);
  var acc_3_0 = Value(0.0);
  var acc_3_1 = Value(0.0);
  var acc_4_0 = Value(0.0);
  var acc_4_1 = Value(0.0);
  var acc_5_0 = Value(0.0);
  var acc_5_1 = Value(0.0);
  var acc_6_0 = Value(0.0);
  var acc_6_1 = Value(0.0);
  var acc_7_0 = Value(0.0);
  var acc_7_1 = Value(0.0);

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 7u) / 8u;
  let slabs = slabs_of_place * 3u;
  let place = 0u / slabs_of_place;
  let start = 0u % slabs_of_place * 8u;

  var w_fetched_0_0 = Value(
    load_w(((tile_o * 8u + w_slow_0) * 2u) * terms + (start + w_fast_0) * 3u + place),
    load_w(((tile_o * 8u + w_slow_0) * 2u + 1u) * terms + (start + w_fast_0) * 3u + place),
  );

  for (var slab = 0u; slab < slabs; slab += 1u) {
    w_tile[slab % 2u * 72u + w_fast_0 * 9u + w_slow_0] = w_fetched_0_0;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let place = min(slab + 1u, slabs - 1u) / slabs_of_place;
      let start = min(slab + 1u, slabs - 1u) % slabs_of_place * 8u;

      w_fetched_0_0 = Value(
        load_w(((tile_o * 8u + w_slow_0) * 2u) * terms + (start + w_fast_0) * 3u + place),
        load_w(((tile_o * 8u + w_slow_0) * 2u + 1u) * terms + (start + w_fast_0) * 3u + place),
      );
    }
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 8u;

    let below = place / 3u;
    let beside = place % 3u;
    let is_inside_0 = (x_0 + beside < size_w);
    let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
    let is_inside_1 = (x_1 + beside < size_w);
    let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);
    let is_inside_2 = (x_2 + beside < size_w);
    let at_2 = select(0u, origin_2 + (below * size_w + beside), is_inside_2);
    let is_inside_3 = (x_3 + beside < size_w);
    let at_3 = select(0u, origin_3 + (below * size_w + beside), is_inside_3);
    let is_inside_4 = (x_4 + beside < size_w);
    let at_4 = select(0u, origin_4 + (below * size_w + beside), is_inside_4);
    let is_inside_5 = (x_5 + beside < size_w);
    let at_5 = select(0u, origin_5 + (below * size_w + beside), is_inside_5);
    let is_inside_6 = (x_6 + beside < size_w);
    let at_6 = select(0u, origin_6 + (below * size_w + beside), is_inside_6);
    let is_inside_7 = (x_7 + beside < size_w);
    let at_7 = select(0u, origin_7 + (below * size_w + beside), is_inside_7);

    for (var kk = 0u; kk < 8u; kk += 2u) {
      let w_0_0 = w_tile[slab % 2u * 72u + kk * 9u + lane_o];
      let w_0_1 = w_tile[slab % 2u * 72u + kk * 9u + 4u + lane_o];
      let x_0_0 = select(f32(0.0), load_x(at_0 + (start + kk) * plane_in), is_inside_0);
      let x_0_1 = select(f32(0.0), load_x(at_1 + (start + kk) * plane_in), is_inside_1);
      let x_0_2 = select(f32(0.0), load_x(at_2 + (start + kk) * plane_in), is_inside_2);
      let x_0_3 = select(f32(0.0), load_x(at_3 + (start + kk) * plane_in), is_inside_3);
      let x_0_4 = select(f32(0.0), load_x(at_4 + (start + kk) * plane_in), is_inside_4);
      let x_0_5 = select(f32(0.0), load_x(at_5 + (start + kk) * plane_in), is_inside_5);
      let x_0_6 = select(f32(0.0), load_x(at_6 + (start + kk) * plane_in), is_inside_6);
      let x_0_7 = select(f32(0.0), load_x(at_7 + (start + kk) * plane_in), is_inside_7);
      acc_0_0 += w_0_0 * x_0_0;
      acc_0_1 += w_0_1 * x_0_0;
      acc_1_0 += w_0_0 * x_0_1;
      acc_1_1 += w_0_1 * x_0_1;
      acc_2_0 += w_0_0 * x_0_2;
      acc_2_1 += w_0_1 * x_0_2;
      acc_3_0 += w_0_0 * x_0_3;
      acc_3_1 += w_0_1 * x_0_3;
      acc_4_0 += w_0_0 * x_0_4;
      acc_4_1 += w_0_1 * x_0_4;
      acc_5_0 += w_0_0 * x_0_5;
      acc_5_1 += w_0_1 * x_0_5;
      acc_6_0 += w_0_0 * x_0_6;
      acc_6_1 += w_0_1 * x_0_6;
      acc_7_0 += w_0_0 * x_0_7;
      acc_7_1 += w_0_1 * x_0_7;
      let w_1_0 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + lane_o];
      let w_1_1 = w_tile[slab % 2u * 72u + (kk + 1u) * 9u + 4u + lane_o];
      let x_1_0 = select(f32(0.0), load_x(at_0 + (start + kk + 1u) * plane_in), is_inside_0);
      let x_1_1 = select(f32(0.0), load_x(at_1 + (start + kk + 1u) * plane_in), is_inside_1);
      let x_1_2 = select(f32(0.0), load_x(at_2 + (start + kk + 1u) * plane_in), is_inside_2);
      let x_1_3 = select(f32(0.0), load_x(at_3 + (start + kk + 1u) * plane_in), is_inside_3);
      let x_1_4 = select(f32(0.0), load_x(at_4 + (start + kk + 1u) * plane_in), is_inside_4);
      let x_1_5 = select(f32(0.0), load_x(at_5 + (start + kk + 1u) * plane_in), is_inside_5);
      let x_1_6 = select(f32(0.0), load_x(at_6 + (start + kk + 1u) * plane_in), is_inside_6);
      let x_1_7 = select(f32(0.0), load_x(at_7 + (start + kk + 1u) * plane_in), is_inside_7);
      acc_0_0 += w_1_0 * x_1_0;
      acc_0_1 += w_1_1 * x_1_0;
      acc_1_0 += w_1_0 * x_1_1;
      acc_1_1 += w_1_1 * x_1_1;
      acc_2_0 += w_1_0 * x_1_2;
      acc_2_1 += w_1_1 * x_1_2;
      acc_3_0 += w_1_0 * x_1_3;
      acc_3_1 += w_1_1 * x_1_3;
      acc_4_0 += w_1_0 * x_1_4;
      acc_4_1 += w_1_1 * x_1_4;
      acc_5_0 += w_1_0 * x_1_5;
      acc_5_1 += w_1_1 * x_1_5;
      acc_6_0 += w_1_0 * x_1_6;
      acc_6_1 += w_1_1 * x_1_6;
      acc_7_0 += w_1_0 * x_1_7;
      acc_7_1 += w_1_1 * x_1_7;
    }
  }

  let out_0 = tile_p * 128u + lane_p;
  if (out_0 < pixels) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel * 2u) * plane + out_0 % plane;
    var v = acc_0_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_0 < pixels) {
    let channel = channel_1;
    let index = ((out_0 / plane) * channels_out + channel * 2u) * plane + out_0 % plane;
    var v = acc_0_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_1 = tile_p * 128u + (16u + lane_p);
  if (out_1 < pixels) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel * 2u) * plane + out_1 % plane;
    var v = acc_1_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_1 < pixels) {
    let channel = channel_1;
    let index = ((out_1 / plane) * channels_out + channel * 2u) * plane + out_1 % plane;
    var v = acc_1_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_2 = tile_p * 128u + (32u + lane_p);
  if (out_2 < pixels) {
    let channel = channel_0;
    let index = ((out_2 / plane) * channels_out + channel * 2u) * plane + out_2 % plane;
    var v = acc_2_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_2 < pixels) {
    let channel = channel_1;
    let index = ((out_2 / plane) * channels_out + channel * 2u) * plane + out_2 % plane;
    var v = acc_2_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_3 = tile_p * 128u + (48u + lane_p);
  if (out_3 < pixels) {
    let channel = channel_0;
    let index = ((out_3 / plane) * channels_out + channel * 2u) * plane + out_3 % plane;
    var v = acc_3_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_3 < pixels) {
    let channel = channel_1;
    let index = ((out_3 / plane) * channels_out + channel * 2u) * plane + out_3 % plane;
    var v = acc_3_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_4 = tile_p * 128u + (64u + lane_p);
  if (out_4 < pixels) {
    let channel = channel_0;
    let index = ((out_4 / plane) * channels_out + channel * 2u) * plane + out_4 % plane;
    var v = acc_4_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_4 < pixels) {
    let channel = channel_1;
    let index = ((out_4 / plane) * channels_out + channel * 2u) * plane + out_4 % plane;
    var v = acc_4_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_5 = tile_p * 128u + (80u + lane_p);
  if (out_5 < pixels) {
    let channel = channel_0;
    let index = ((out_5 / plane) * channels_out + channel * 2u) * plane + out_5 % plane;
    var v = acc_5_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_5 < pixels) {
    let channel = channel_1;
    let index = ((out_5 / plane) * channels_out + channel * 2u) * plane + out_5 % plane;
    var v = acc_5_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_6 = tile_p * 128u + (96u + lane_p);
  if (out_6 < pixels) {
    let channel = channel_0;
    let index = ((out_6 / plane) * channels_out + channel * 2u) * plane + out_6 % plane;
    var v = acc_6_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_6 < pixels) {
    let channel = channel_1;
    let index = ((out_6 / plane) * channels_out + channel * 2u) * plane + out_6 % plane;
    var v = acc_6_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  let out_7 = tile_p * 128u + (112u + lane_p);
  if (out_7 < pixels) {
    let channel = channel_0;
    let index = ((out_7 / plane) * channels_out + channel * 2u) * plane + out_7 % plane;
    var v = acc_7_0;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
  if (out_7 < pixels) {
    let channel = channel_1;
    let index = ((out_7 / plane) * channels_out + channel * 2u) * plane + out_7 % plane;
    var v = acc_7_1;
    v += Value(load_residual(index), load_residual(index + plane));
    store_y(index, v.x);
    store_y(index + plane, v.y);
  }
}
