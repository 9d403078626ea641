// conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu
// conv2d/pointwise
// wp=8 wo=4 tp=2 to=2 vec=1 stage_a=0 stage_b=1 bk=8 pad=1 vec_k=4 vec_r=1 unroll=8 prefetch=1 stages=2 split=2 band=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/1)*1*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/1)*1*4 bytes, temporary `sums` of 2*n*o*oh*ow*4 bytes
// run: kernel 2 on temporary `sums` of 2*n*o*oh*ow*4 bytes, input 2, output 0

// kernel 0: grid ceil(o*(c/1)*1/64), 1, 1; uniforms c, o; bindings w, packed (written)
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

@group(0) @binding(1) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

fn store_packed(i: u32, v: f32) {
  packed[i] = v;
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
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 1u;
  let c = i / channels_out % channels_in;
  let channel = o;
  store_packed(i, load_w((channel + f) * channels_in + c));
}

// kernel 1: grid ceil(n*oh*ow/16), ceil(o/8), 2; uniforms n, c, o, oh, ow; bindings x, w, sums (written)
alias Value = f32;

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

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;

fn load_x(i: u32) -> vec4<f32> {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn store_sums(i: u32, v: f32) {
  sums[i] = v;
}

var<workgroup> b_tile: array<Value, 144>;

@compute @workgroup_size(4, 8)
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
  let size_k = 20u;
  let rows = 70u;
  let columns = 12u;
  let column_vectors = columns;
  let tiles_r = (rows + 15u) / 16u;
  let tiles_c = (columns + 7u) / 8u;
  let tile_r = group % tiles_r;
  let tile_c = group / tiles_r % tiles_c;

  let share = group / (tiles_r * tiles_c);

  let local_index = local.y * 4u + local.x;

  let b_fast_0 = local_index % 8u;
  let b_slow_0 = local_index / 8u;
  let b_slow_1 = local_index / 8u + 4u;

  let a_at_0 = min(tile_r * 16u + lane_r, rows - 1u) * (size_k / 4u);
  let a_at_1 = min(tile_r * 16u + 8u + lane_r, rows - 1u) * (size_k / 4u);
  let column_0 = tile_c * 8u + lane_c;
  let column_1 = tile_c * 8u + 4u + lane_c;
  let b_at_0 = min(tile_c * 8u + b_fast_0, column_vectors - 1u);

  var acc_0_0 = Value(0.0);
  var acc_0_1 = Value(0.0);
  var acc_1_0 = Value(0.0);
  var acc_1_1 = Value(0.0);

  let slabs = (size_k + 7u) / 8u;
  let slabs_of_share = (slabs + 1u) / 2u;
  let first_slab = share * slabs_of_share;
  let start = min(first_slab, slabs - 1u) * 8u;

  var b_fetched_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);
  var b_fetched_1_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_1, size_k - 1u)) * column_vectors), start + b_slow_1 < size_k);

  for (var slab = first_slab; slab < min(first_slab + slabs_of_share, slabs); slab += 1u) {
    b_tile[slab % 2u * 72u + b_slow_0 * 9u + b_fast_0] = b_fetched_0_0;
    b_tile[slab % 2u * 72u + b_slow_1 * 9u + b_fast_0] = b_fetched_1_0;

    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let start = min(slab + 1u, slabs - 1u) * 8u;

      b_fetched_0_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_0, size_k - 1u)) * column_vectors), start + b_slow_0 < size_k);
      b_fetched_1_0 = select(Value(0.0), load_w(b_at_0 + (min(start + b_slow_1, size_k - 1u)) * column_vectors), start + b_slow_1 < size_k);
    }
    let start = slab * 8u;
    let a_0_0 = select(vec4<f32>(0.0), load_x(a_at_0 + (min(start, size_k - 4u)) / 4u), start < size_k);
    let a_0_1 = select(vec4<f32>(0.0), load_x(a_at_1 + (min(start, size_k - 4u)) / 4u), start < size_k);
    let b_0_0 = b_tile[slab % 2u * 72u + lane_c];
    let b_0_1 = b_tile[slab % 2u * 72u + 4u + lane_c];
    acc_0_0 += b_0_0 * a_0_0.x;
    acc_0_1 += b_0_1 * a_0_0.x;
    acc_1_0 += b_0_0 * a_0_1.x;
    acc_1_1 += b_0_1 * a_0_1.x;
    let b_1_0 = b_tile[slab % 2u * 72u + 9u + lane_c];
    let b_1_1 = b_tile[slab % 2u * 72u + 13u + lane_c];
    acc_0_0 += b_1_0 * a_0_0.y;
    acc_0_1 += b_1_1 * a_0_0.y;
    acc_1_0 += b_1_0 * a_0_1.y;
    acc_1_1 += b_1_1 * a_0_1.y;
    let b_2_0 = b_tile[slab % 2u * 72u + 18u + lane_c];
    let b_2_1 = b_tile[slab % 2u * 72u + 22u + lane_c];
    acc_0_0 += b_2_0 * a_0_0.z;
    acc_0_1 += b_2_1 * a_0_0.z;
    acc_1_0 += b_2_0 * a_0_1.z;
    acc_1_1 += b_2_1 * a_0_1.z;
    let b_3_0 = b_tile[slab % 2u * 72u + 27u + lane_c];
    let b_3_1 = b_tile[slab % 2u * 72u + 31u + lane_c];
    acc_0_0 += b_3_0 * a_0_0.w;
    acc_0_1 += b_3_1 * a_0_0.w;
    acc_1_0 += b_3_0 * a_0_1.w;
    acc_1_1 += b_3_1 * a_0_1.w;
    let a_4_0 = select(vec4<f32>(0.0), load_x(a_at_0 + (min(start + 4u, size_k - 4u)) / 4u), start + 4u < size_k);
    let a_4_1 = select(vec4<f32>(0.0), load_x(a_at_1 + (min(start + 4u, size_k - 4u)) / 4u), start + 4u < size_k);
    let b_4_0 = b_tile[slab % 2u * 72u + 36u + lane_c];
    let b_4_1 = b_tile[slab % 2u * 72u + 40u + lane_c];
    acc_0_0 += b_4_0 * a_4_0.x;
    acc_0_1 += b_4_1 * a_4_0.x;
    acc_1_0 += b_4_0 * a_4_1.x;
    acc_1_1 += b_4_1 * a_4_1.x;
    let b_5_0 = b_tile[slab % 2u * 72u + 45u + lane_c];
    let b_5_1 = b_tile[slab % 2u * 72u + 49u + lane_c];
    acc_0_0 += b_5_0 * a_4_0.y;
    acc_0_1 += b_5_1 * a_4_0.y;
    acc_1_0 += b_5_0 * a_4_1.y;
    acc_1_1 += b_5_1 * a_4_1.y;
    let b_6_0 = b_tile[slab % 2u * 72u + 54u + lane_c];
    let b_6_1 = b_tile[slab % 2u * 72u + 58u + lane_c];
    acc_0_0 += b_6_0 * a_4_0.z;
    acc_0_1 += b_6_1 * a_4_0.z;
    acc_1_0 += b_6_0 * a_4_1.z;
    acc_1_1 += b_6_1 * a_4_1.z;
    let b_7_0 = b_tile[slab % 2u * 72u + 63u + lane_c];
    let b_7_1 = b_tile[slab % 2u * 72u + 67u + lane_c];
    acc_0_0 += b_7_0 * a_4_0.w;
    acc_0_1 += b_7_1 * a_4_0.w;
    acc_1_0 += b_7_0 * a_4_1.w;
    acc_1_1 += b_7_1 * a_4_1.w;
  }

  let outputs = rows * column_vectors;
  let row_0 = tile_r * 16u + lane_r;
  if ((row_0 < rows) & (column_0 < column_vectors)) {
    let index = row_0 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_0_0);
  }
  if ((row_0 < rows) & (column_1 < column_vectors)) {
    let index = row_0 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_0_1);
  }
  let row_1 = tile_r * 16u + (8u + lane_r);
  if ((row_1 < rows) & (column_0 < column_vectors)) {
    let index = row_1 * column_vectors + column_0;
    store_sums(share * outputs + index, acc_1_0);
  }
  if ((row_1 < rows) & (column_1 < column_vectors)) {
    let index = row_1 * column_vectors + column_1;
    store_sums(share * outputs + index, acc_1_1);
  }
}

// kernel 2: grid ceil(n*o*oh*ow/64), 1, 1; uniforms n, o, oh, ow; bindings sums, residual, y (written)
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

@group(0) @binding(2) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
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
  let channel = index % shape.o;
  var v = load_sums(index);
  v += load_sums(index + outputs);
  v += load_residual(index);
  v = silu(v);
  store_y(index, v);
}
