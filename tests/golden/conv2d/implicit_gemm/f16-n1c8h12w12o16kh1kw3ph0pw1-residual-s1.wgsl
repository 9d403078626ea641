// conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual
// conv2d/implicit_gemm
// wp=32 wo=1 tp=2 to=8 vec=4 prepack=1 filter_outer=1 stage_w=0 stage_x=1 bk=4 pad=0 vec_k=1 vec_p=1 unroll=4 prefetch=1 split=4 band=1 baked=0 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*3*2 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*3*2 bytes, temporary `sums` of 4*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 4*n*o*oh*ow*4 bytes, input 2, output 0

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
  let c = i / channels_out % channels_in;
  let f = i / (channels_out * channels_in) % 3u;
  let channel = o;
  store_packed(i, load_w((channel * channels_in + c) * 3u + f));
}

// kernel 1: grid ceil(n*oh*ow/64), ceil(o/1/8), 4; uniforms n, c, h, w, o, oh, ow; bindings x, w, sums (written)
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

@group(0) @binding(2) var<storage, read> w: array<vec4<f16>>;

fn load_w(i: u32) -> vec4<f32> {
  return vec4<f32>(w[i]);
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> x_tile: array<f32, 256>;

@compute @workgroup_size(32, 1)
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
  let size_c = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let size_ow = shape.ow;
  let plane = shape.oh * size_ow;
  let pixels = shape.n * plane;
  let channels_in = shape.c;
  let channels_out = shape.o;
  let channel_vectors = channels_out / 4u;
  let terms = shape.c * 3u;
  let tiles_p = (pixels + 63u) / 64u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_p = group % tiles_p;
  let tile_o = group / tiles_p % tiles_o;

  let share = group / (tiles_p * tiles_o);

  let local_index = local.y * 32u + local.x;

  let x_fast_0 = local_index;
  let x_fast_1 = local_index + 32u;
  let x_slow_0 = 0u;
  let x_slow_1 = 1u;
  let x_slow_2 = 2u;
  let x_slow_3 = 3u;

  let pixel_0 = min(tile_p * 64u + x_fast_0, pixels - 1u);
  let y_0 = pixel_0 % plane / size_ow;
  let x_0 = pixel_0 % size_ow - 1u;
  let origin_0 = (((pixel_0 / plane) * size_c) * size_h + y_0) * size_w + x_0;
  let pixel_1 = min(tile_p * 64u + x_fast_1, pixels - 1u);
  let y_1 = pixel_1 % plane / size_ow;
  let x_1 = pixel_1 % size_ow - 1u;
  let origin_1 = (((pixel_1 / plane) * size_c) * size_h + y_1) * size_w + x_1;
  let channel_0 = tile_o * 2u + lane_o;
  let channel_1 = tile_o * 2u + 1u + lane_o;

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);

  let plane_in = size_h * size_w;
  let slabs_of_place = (channels_in + 3u) / 4u;
  let slabs = slabs_of_place * 3u;
  let slabs_of_share = (slabs + 3u) / 4u;
  let first_slab = share * slabs_of_share;
  let place = min(first_slab, slabs - 1u) / slabs_of_place;
  let start = min(first_slab, slabs - 1u) % slabs_of_place * 4u;

  let below = place / 3u;
  let beside = place % 3u;
  let is_inside_0 = (x_0 + beside < size_w);
  let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
  let is_inside_1 = (x_1 + beside < size_w);
  let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);

  var x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_0 < channels_in));
  var x_fetched_0_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_0 < channels_in));
  var x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_1 < channels_in));
  var x_fetched_1_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_1 < channels_in));
  var x_fetched_2_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_2 < channels_in));
  var x_fetched_2_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_2 < channels_in));
  var x_fetched_3_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_3 < channels_in));
  var x_fetched_3_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_3 < channels_in));

  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    x_tile[x_slow_0 * 64u + x_fast_0] = x_fetched_0_0_0;
    x_tile[x_slow_0 * 64u + x_fast_1] = x_fetched_0_1_0;
    x_tile[x_slow_1 * 64u + x_fast_0] = x_fetched_1_0_0;
    x_tile[x_slow_1 * 64u + x_fast_1] = x_fetched_1_1_0;
    x_tile[x_slow_2 * 64u + x_fast_0] = x_fetched_2_0_0;
    x_tile[x_slow_2 * 64u + x_fast_1] = x_fetched_2_1_0;
    x_tile[x_slow_3 * 64u + x_fast_0] = x_fetched_3_0_0;
    x_tile[x_slow_3 * 64u + x_fast_1] = x_fetched_3_1_0;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let place = min(slab + 1u, slabs - 1u) / slabs_of_place;
      let start = min(slab + 1u, slabs - 1u) % slabs_of_place * 4u;

      let below = place / 3u;
      let beside = place % 3u;
      let is_inside_0 = (x_0 + beside < size_w);
      let at_0 = select(0u, origin_0 + (below * size_w + beside), is_inside_0);
      let is_inside_1 = (x_1 + beside < size_w);
      let at_1 = select(0u, origin_1 + (below * size_w + beside), is_inside_1);

      x_fetched_0_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_0 < channels_in));
      x_fetched_0_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_0, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_0 < channels_in));
      x_fetched_1_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_1 < channels_in));
      x_fetched_1_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_1, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_1 < channels_in));
      x_fetched_2_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_2 < channels_in));
      x_fetched_2_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_2, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_2 < channels_in));
      x_fetched_3_0_0 = select(f32(0.0), load_x(at_0 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_0 & (start + x_slow_3 < channels_in));
      x_fetched_3_1_0 = select(f32(0.0), load_x(at_1 + (min(start + x_slow_3, channels_in - 1u)) * plane_in), is_inside_1 & (start + x_slow_3 < channels_in));
    }
    let place = slab / slabs_of_place;
    let start = slab % slabs_of_place * 4u;

    let w_0_0 = select(Value(0.0), load_w((place * channels_in + min(start, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start < channels_in);
    let w_0_1 = select(Value(0.0), load_w((place * channels_in + min(start, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start < channels_in);
    let x_0_0 = x_tile[lane_p];
    let x_0_1 = x_tile[32u + lane_p];
    acc_0_0 += w_0_0 * x_0_0;
    acc_0_1 += w_0_1 * x_0_0;
    acc_1_0 += w_0_0 * x_0_1;
    acc_1_1 += w_0_1 * x_0_1;
    let w_1_0 = select(Value(0.0), load_w((place * channels_in + min(start + 1u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 1u < channels_in);
    let w_1_1 = select(Value(0.0), load_w((place * channels_in + min(start + 1u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 1u < channels_in);
    let x_1_0 = x_tile[64u + lane_p];
    let x_1_1 = x_tile[96u + lane_p];
    acc_0_0 += w_1_0 * x_1_0;
    acc_0_1 += w_1_1 * x_1_0;
    acc_1_0 += w_1_0 * x_1_1;
    acc_1_1 += w_1_1 * x_1_1;
    let w_2_0 = select(Value(0.0), load_w((place * channels_in + min(start + 2u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 2u < channels_in);
    let w_2_1 = select(Value(0.0), load_w((place * channels_in + min(start + 2u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 2u < channels_in);
    let x_2_0 = x_tile[128u + lane_p];
    let x_2_1 = x_tile[160u + lane_p];
    acc_0_0 += w_2_0 * x_2_0;
    acc_0_1 += w_2_1 * x_2_0;
    acc_1_0 += w_2_0 * x_2_1;
    acc_1_1 += w_2_1 * x_2_1;
    let w_3_0 = select(Value(0.0), load_w((place * channels_in + min(start + 3u, channels_in - 1u)) * channel_vectors + min(channel_0, channel_vectors - 1u)), start + 3u < channels_in);
    let w_3_1 = select(Value(0.0), load_w((place * channels_in + min(start + 3u, channels_in - 1u)) * channel_vectors + min(channel_1, channel_vectors - 1u)), start + 3u < channels_in);
    let x_3_0 = x_tile[192u + lane_p];
    let x_3_1 = x_tile[224u + lane_p];
    acc_0_0 += w_3_0 * x_3_0;
    acc_0_1 += w_3_1 * x_3_0;
    acc_1_0 += w_3_0 * x_3_1;
    acc_1_1 += w_3_1 * x_3_1;
    workgroupBarrier();
  }

  let outputs = pixels * channels_out;
  let out_0 = tile_p * 64u + lane_p;
  if ((out_0 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_0.x);
    store_sums(share * outputs + index + plane, acc_0_0.y);
    store_sums(share * outputs + index + 2u * plane, acc_0_0.z);
    store_sums(share * outputs + index + 3u * plane, acc_0_0.w);
  }
  if ((out_0 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_0 / plane) * channels_out + channel * 4u) * plane + out_0 % plane;
    store_sums(share * outputs + index, acc_0_1.x);
    store_sums(share * outputs + index + plane, acc_0_1.y);
    store_sums(share * outputs + index + 2u * plane, acc_0_1.z);
    store_sums(share * outputs + index + 3u * plane, acc_0_1.w);
  }
  let out_1 = tile_p * 64u + (32u + lane_p);
  if ((out_1 < pixels) & (channel_0 < channel_vectors)) {
    let channel = channel_0;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_0.x);
    store_sums(share * outputs + index + plane, acc_1_0.y);
    store_sums(share * outputs + index + 2u * plane, acc_1_0.z);
    store_sums(share * outputs + index + 3u * plane, acc_1_0.w);
  }
  if ((out_1 < pixels) & (channel_1 < channel_vectors)) {
    let channel = channel_1;
    let index = ((out_1 / plane) * channels_out + channel * 4u) * plane + out_1 % plane;
    store_sums(share * outputs + index, acc_1_1.x);
    store_sums(share * outputs + index + plane, acc_1_1.y);
    store_sums(share * outputs + index + 2u * plane, acc_1_1.z);
    store_sums(share * outputs + index + 3u * plane, acc_1_1.w);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, residual, y (written)
enable f16;

alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
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
  let index = group * 64u + local.x;
  let outputs = shape.n * shape.o * shape.oh * shape.ow;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
  let channel = index / (shape.oh * shape.ow) % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_sums(index + 2u * outputs);
  v += load_sums(index + 3u * outputs);
  v += load_residual(index);
  store_y(index, v);
}
