// conv2d:f16:n2c8h6w6o16k1+bias+residual
// conv2d/pointwise
// wp=16 wo=4 tp=4 to=4 vec=4 stage_a=1 stage_b=1 bk=8 pad=0 vec_k=4 vec_r=4 unroll=4 prefetch=0 stages=1 split=1 band=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, input 3, output 0

// kernel 0: grid n*ceil(oh*ow/64), ceil(o/16), 1; uniforms n, c, o, oh, ow; bindings x, w, bias, residual, y (written)
enable f16;

alias Value = vec4<f32>;
alias Rows = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<vec4<f16>>;

fn load_x(i: u32) -> vec4<f32> {
  return vec4<f32>(x[i]);
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f16>>;

fn load_w(i: u32) -> vec4<f32> {
  return vec4<f32>(w[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<f16>;

fn load_bias(i: u32) -> f32 {
  return f32(bias[i]);
}

@group(0) @binding(4) var<storage, read> residual: array<vec4<f16>>;

fn load_residual(i: u32) -> vec4<f32> {
  return vec4<f32>(residual[i]);
}

@group(0) @binding(5) var<storage, read_write> y: array<vec4<f16>>;

fn store_y(i: u32, v: vec4<f32>) {
  y[i] = vec4<f16>(v);
}

var<workgroup> a_tile: array<Rows, 32>;
var<workgroup> b_tile: array<Value, 128>;

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
  let column_vectors = columns / 4u;
  let tiles_r = (rows + 15u) / 16u;
  let tiles_c = (columns + 63u) / 64u;
  let tile_c = group % tiles_c;
  let tile_r = group / tiles_c % tiles_r;

  let image = group / (tiles_r * tiles_c) % 2u;

  let local_index = local.y * 16u + local.x;
  let a_fast_0 = local_index % 2u;
  let a_slow_0 = local_index / 2u;

  let b_fast_0 = local_index % 16u;
  let b_slow_0 = local_index / 16u;
  let b_slow_1 = local_index / 16u + 4u;

  let a_at_0 = (tile_r * 16u + a_slow_0 * 4u) * (size_k / 4u);
  let a_at_1 = (tile_r * 16u + a_slow_0 * 4u + 1u) * (size_k / 4u);
  let a_at_2 = (tile_r * 16u + a_slow_0 * 4u + 2u) * (size_k / 4u);
  let a_at_3 = (tile_r * 16u + a_slow_0 * 4u + 3u) * (size_k / 4u);
  let column_0 = tile_c * 16u + lane_c;
  let b_at_0 = image * size_k * column_vectors + min(tile_c * 16u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 8u;
    if (local_index < 8u) {
      let a_fetched_0_0_0 = load_w(a_at_0 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_1 = load_w(a_at_1 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_2 = load_w(a_at_2 + (start + a_fast_0 * 4u) / 4u);
      let a_fetched_0_0_3 = load_w(a_at_3 + (start + a_fast_0 * 4u) / 4u);

      a_tile[a_fast_0 * 4u * 4u + a_slow_0] = Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x, a_fetched_0_0_2.x, a_fetched_0_0_3.x);
      a_tile[(a_fast_0 * 4u + 1u) * 4u + a_slow_0] = Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y, a_fetched_0_0_2.y, a_fetched_0_0_3.y);
      a_tile[(a_fast_0 * 4u + 2u) * 4u + a_slow_0] = Rows(a_fetched_0_0_0.z, a_fetched_0_0_1.z, a_fetched_0_0_2.z, a_fetched_0_0_3.z);
      a_tile[(a_fast_0 * 4u + 3u) * 4u + a_slow_0] = Rows(a_fetched_0_0_0.w, a_fetched_0_0_1.w, a_fetched_0_0_2.w, a_fetched_0_0_3.w);
    }

    let b_fetched_0_0 = load_x(b_at_0 + (start + b_slow_0) * column_vectors);
    let b_fetched_1_0 = load_x(b_at_0 + (start + b_slow_1) * column_vectors);

    b_tile[b_slow_0 * 16u + b_fast_0] = b_fetched_0_0;
    b_tile[b_slow_1 * 16u + b_fast_0] = b_fetched_1_0;

    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 4u) {
      let a_0_0 = a_tile[kk * 4u + lane_r];
      let b_0_0 = b_tile[kk * 16u + lane_c];
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[(kk + 1u) * 4u + lane_r];
      let b_1_0 = b_tile[(kk + 1u) * 16u + lane_c];
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
      let a_2_0 = a_tile[(kk + 2u) * 4u + lane_r];
      let b_2_0 = b_tile[(kk + 2u) * 16u + lane_c];
      acc_0_0 += b_2_0 * a_2_0.x;
      acc_1_0 += b_2_0 * a_2_0.y;
      acc_2_0 += b_2_0 * a_2_0.z;
      acc_3_0 += b_2_0 * a_2_0.w;
      let a_3_0 = a_tile[(kk + 3u) * 4u + lane_r];
      let b_3_0 = b_tile[(kk + 3u) * 16u + lane_c];
      acc_0_0 += b_3_0 * a_3_0.x;
      acc_1_0 += b_3_0 * a_3_0.y;
      acc_2_0 += b_3_0 * a_3_0.z;
      acc_3_0 += b_3_0 * a_3_0.w;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 16u + lane_r * 4u;
  if (column_0 < column_vectors) {
    let index = (image * rows + row_0) * column_vectors + column_0;
    let channel = row_0;
    var v = acc_0_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_1 = tile_r * 16u + lane_r * 4u + 1u;
  if (column_0 < column_vectors) {
    let index = (image * rows + row_1) * column_vectors + column_0;
    let channel = row_1;
    var v = acc_1_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_2 = tile_r * 16u + lane_r * 4u + 2u;
  if (column_0 < column_vectors) {
    let index = (image * rows + row_2) * column_vectors + column_0;
    let channel = row_2;
    var v = acc_2_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_3 = tile_r * 16u + lane_r * 4u + 3u;
  if (column_0 < column_vectors) {
    let index = (image * rows + row_3) * column_vectors + column_0;
    let channel = row_3;
    var v = acc_3_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
}
