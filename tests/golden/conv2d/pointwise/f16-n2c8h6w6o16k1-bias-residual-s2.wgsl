// conv2d:f16:n2c8h6w6o16k1+bias+residual
// conv2d/pointwise
// wp=16 wo=4 tp=4 to=1 vec=2 stage_a=1 stage_b=1 bk=8 pad=0 vec_k=2 vec_r=1 unroll=2 prefetch=0 stages=1 split=1 band=4 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, input 3, output 0

// kernel 0: grid n*ceil(oh*ow/64), ceil(o/4), 1; uniforms n, c, o, oh, ow; bindings x, w, bias, residual, y (written)
enable f16;

alias Value = vec2<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  n: u32,
  c: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> x: array<vec2<f16>>;

fn load_x(i: u32) -> vec2<f32> {
  return vec2<f32>(x[i]);
}

@group(0) @binding(2) var<storage, read> w: array<vec2<f16>>;

fn load_w(i: u32) -> vec2<f32> {
  return vec2<f32>(w[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<f16>;

fn load_bias(i: u32) -> f32 {
  return f32(bias[i]);
}

@group(0) @binding(4) var<storage, read> residual: array<vec2<f16>>;

fn load_residual(i: u32) -> vec2<f32> {
  return vec2<f32>(residual[i]);
}

@group(0) @binding(5) var<storage, read_write> y: array<vec2<f16>>;

fn store_y(i: u32, v: vec2<f32>) {
  y[i] = vec2<f16>(v);
}

var<workgroup> a_tile: array<f32, 32>;
var<workgroup> b_tile: array<Value, 256>;

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
  let lane_c = local.x;
  let lane_r = local.y;
  let size_k = 8u;
  let rows = 16u;
  let columns = 36u;
  let column_vectors = columns / 2u;
  let tiles_r = (rows + 3u) / 4u;
  let tiles_c = (columns + 63u) / 64u;
  let tile = group % (tiles_c * tiles_r);
  let band_start = tile / (4u * tiles_c) * 4u;
  let band_width = min(4u, tiles_r - band_start);
  let tile_c = tile % (4u * tiles_c) / band_width;
  let tile_r = band_start + tile % (4u * tiles_c) % band_width;

  let image = group / (tiles_r * tiles_c) % 2u;

  let local_index = local.y * 16u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;

  let b_fast_0 = local_index % 32u;
  let b_slow_0 = local_index / 32u;
  let b_slow_1 = local_index / 32u + 2u;
  let b_slow_2 = local_index / 32u + 4u;
  let b_slow_3 = local_index / 32u + 6u;

  let a_at_0 = (tile_r * 4u + a_slow_0) * (size_k / 2u);
  let column_0 = tile_c * 32u + lane_c;
  let column_1 = tile_c * 32u + 16u + lane_c;
  let b_at_0 = image * size_k * column_vectors + min(tile_c * 32u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 8u;
    if (local_index < 16u) {
      let a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0 * 2u) / 2u);

      a_tile[a_fast_0 * 2u * 4u + a_slow_0] = a_fetched_0_0_0.x;
      a_tile[(a_fast_0 * 2u + 1u) * 4u + a_slow_0] = a_fetched_0_0_0.y;
    }

    let b_fetched_0_0 = load_x(b_at_0 + (start + b_slow_0) * column_vectors);
    let b_fetched_1_0 = load_x(b_at_0 + (start + b_slow_1) * column_vectors);
    let b_fetched_2_0 = load_x(b_at_0 + (start + b_slow_2) * column_vectors);
    let b_fetched_3_0 = load_x(b_at_0 + (start + b_slow_3) * column_vectors);

    b_tile[b_slow_0 * 32u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 32u + b_fast_0] = b_fetched_1_0;
    b_tile[b_slow_2 * 32u + b_fast_0] = b_fetched_2_0;
    b_tile[b_slow_3 * 32u + b_fast_0] = b_fetched_3_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let a_0_0 = a_tile[kk * 4u + lane_r];
      let b_0_0 = b_tile[kk * 32u + lane_c];
      let b_0_1 = b_tile[kk * 32u + 16u + lane_c];
      acc_0_0 += b_0_0 * a_0_0;
      acc_0_1 += b_0_1 * a_0_0;
      let a_1_0 = a_tile[(kk + 1u) * 4u + lane_r];
      let b_1_0 = b_tile[(kk + 1u) * 32u + lane_c];
      let b_1_1 = b_tile[(kk + 1u) * 32u + 16u + lane_c];
      acc_0_0 += b_1_0 * a_1_0;
      acc_0_1 += b_1_1 * a_1_0;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 4u + lane_r;
  if (column_0 < column_vectors) {
    let index = (image * rows + row_0) * column_vectors + column_0;
    let channel = row_0;
    var v = acc_0_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  if (column_1 < column_vectors) {
    let index = (image * rows + row_0) * column_vectors + column_1;
    let channel = row_0;
    var v = acc_0_1;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
}
