// conv2d:f16:n2c8h6w6o16k1+bias+residual
// conv2d/pointwise
// wp=16 wo=1 tp=2 to=4 vec=2 stage_a=1 stage_b=0 bk=8 pad=1 vec_k=2 vec_r=4 unroll=2 prefetch=0 split=1 band=4 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, input 3, output 0

// kernel 0: grid n*ceil(oh*ow/32), ceil(o/4), 1; uniforms n, c, o, oh, ow; bindings x, w, bias, residual, y (written)
enable f16;

alias Value = vec2<f32>;
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

var<workgroup> a_tile: array<Rows, 16>;

@compute @workgroup_size(16, 1)
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
  let size_k = shape.c;
  let rows = shape.o;
  let columns = shape.oh * shape.ow;
  let column_vectors = columns / 2u;
  let tiles_r = (rows + 3u) / 4u;
  let tiles_c = (columns + 31u) / 32u;
  let tile = group % (tiles_c * tiles_r);
  let band_start = tile / (4u * tiles_c) * 4u;
  let band_width = min(4u, tiles_r - band_start);
  let tile_c = tile % (4u * tiles_c) / band_width;
  let tile_r = band_start + tile % (4u * tiles_c) % band_width;

  let image = group / (tiles_r * tiles_c) % shape.n;

  let local_index = local.y * 16u + local.x;
  let a_fast_0 = local_index % 4u;
  let a_slow_0 = local_index / 4u;

  let a_at_0 = min(tile_r * 4u + a_slow_0 * 4u, rows - 1u) * (size_k / 2u);
  let a_at_1 = min(tile_r * 4u + a_slow_0 * 4u + 1u, rows - 1u) * (size_k / 2u);
  let a_at_2 = min(tile_r * 4u + a_slow_0 * 4u + 2u, rows - 1u) * (size_k / 2u);
  let a_at_3 = min(tile_r * 4u + a_slow_0 * 4u + 3u, rows - 1u) * (size_k / 2u);
  let column_0 = tile_c * 16u + lane_c;
  let b_at_0 = image * size_k * column_vectors + min(column_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_2_0 = Value(0.0);
  var acc_3_0 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  for (var slab = 0u; slab < slabs; slab += 1u) {
    let start = slab * 8u;
    if (local_index < 4u) {
      let a_fetched_0_0_0 = select(vec2<f32>(0.0), load_w(a_at_0 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);
      let a_fetched_0_0_1 = select(vec2<f32>(0.0), load_w(a_at_1 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);
      let a_fetched_0_0_2 = select(vec2<f32>(0.0), load_w(a_at_2 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);
      let a_fetched_0_0_3 = select(vec2<f32>(0.0), load_w(a_at_3 + (min(start + a_fast_0 * 2u, size_k - 2u)) / 2u), start + a_fast_0 * 2u < size_k);

      a_tile[a_fast_0 * 2u * 2u + a_slow_0] = Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x, a_fetched_0_0_2.x, a_fetched_0_0_3.x);
      a_tile[(a_fast_0 * 2u + 1u) * 2u + a_slow_0] = Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y, a_fetched_0_0_2.y, a_fetched_0_0_3.y);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let a_0_0 = a_tile[kk * 2u + lane_r];
      let b_0_0 = select(Value(0.0), load_x(b_at_0 + (min(start + kk, size_k - 1u)) * column_vectors), start + kk < size_k);
      acc_0_0 += b_0_0 * a_0_0.x;
      acc_1_0 += b_0_0 * a_0_0.y;
      acc_2_0 += b_0_0 * a_0_0.z;
      acc_3_0 += b_0_0 * a_0_0.w;
      let a_1_0 = a_tile[(kk + 1u) * 2u + lane_r];
      let b_1_0 = select(Value(0.0), load_x(b_at_0 + (min(start + kk + 1u, size_k - 1u)) * column_vectors), start + kk + 1u < size_k);
      acc_0_0 += b_1_0 * a_1_0.x;
      acc_1_0 += b_1_0 * a_1_0.y;
      acc_2_0 += b_1_0 * a_1_0.z;
      acc_3_0 += b_1_0 * a_1_0.w;
    }
    workgroupBarrier();
  }

  let row_0 = tile_r * 4u + lane_r * 4u;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_0) * column_vectors + column_0;
    let channel = row_0;
    var v = acc_0_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_1 = tile_r * 4u + lane_r * 4u + 1u;
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_1) * column_vectors + column_0;
    let channel = row_1;
    var v = acc_1_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_2 = tile_r * 4u + lane_r * 4u + 2u;
  if ((row_2 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_2) * column_vectors + column_0;
    let channel = row_2;
    var v = acc_2_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
  let row_3 = tile_r * 4u + lane_r * 4u + 3u;
  if ((row_3 < rows) & (column_0 < column_vectors)) {
    let index = (image * rows + row_3) * column_vectors + column_0;
    let channel = row_3;
    var v = acc_3_0;
    v += load_bias(channel);
    v += load_residual(index);
    store_y(index, v);
  }
}
