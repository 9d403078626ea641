// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/cooperative
// edge=8 halves=0 subgroup=32 sg_m=4 sg_n=1 tm=2 tn=8 bk=8 vec_a=1 vec_b=4 vec_n=4 pad=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/64), b; uniforms m, n, k; bindings a, b, residual, c (written)
enable wgpu_cooperative_matrix;

alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

@group(0) @binding(1) var<storage, read> a: array<f32>;

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;

fn load_residual(i: u32) -> vec4<f32> {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

var<workgroup> a_tile: array<f32, 512>;
var<workgroup> b_tile: array<f32, 512>;
var<workgroup> c_tile: array<f32, 2048>;

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
  @builtin(subgroup_id) subgroup_id: u32,
) {
  let group = shape.first_workgroup + (workgroup.z * workgroups.y + workgroup.y) * workgroups.x + workgroup.x;
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let a_vectors = size_k;
  let b_vectors = size_k / 4u;
  let n_vectors = size_n / 4u;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 63u) / 64u;
  let first_column = group % tiles_n * 64u;
  let first_row = group / tiles_n % tiles_m * 64u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id * 2u;
  let across_n = subgroup_id % 1u * 8u;

  var acc_0_0 = coop_mat8x8<f32, C>();
  var acc_0_1 = coop_mat8x8<f32, C>();
  var acc_0_2 = coop_mat8x8<f32, C>();
  var acc_0_3 = coop_mat8x8<f32, C>();
  var acc_0_4 = coop_mat8x8<f32, C>();
  var acc_0_5 = coop_mat8x8<f32, C>();
  var acc_0_6 = coop_mat8x8<f32, C>();
  var acc_0_7 = coop_mat8x8<f32, C>();
  var acc_1_0 = coop_mat8x8<f32, C>();
  var acc_1_1 = coop_mat8x8<f32, C>();
  var acc_1_2 = coop_mat8x8<f32, C>();
  var acc_1_3 = coop_mat8x8<f32, C>();
  var acc_1_4 = coop_mat8x8<f32, C>();
  var acc_1_5 = coop_mat8x8<f32, C>();
  var acc_1_6 = coop_mat8x8<f32, C>();
  var acc_1_7 = coop_mat8x8<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 512u; t += 128u) {
      let row = first_row + t / 8u;
      let column = k0 + t % 8u;
      let value = select(f32(), a[(batch * size_m + min(row, size_m - 1u)) * a_vectors + min(column, a_vectors - 1u)], (row < size_m) & (column < a_vectors));
      a_tile[t / 8u * 8u + t % 8u] = value;
    }

    for (var t = local_index; t < 128u; t += 128u) {
      let row = first_column + t / 2u;
      let column = k0 / 4u + t % 2u;
      let value = select(vec4<f32>(), b[(batch * size_n + min(row, size_n - 1u)) * b_vectors + min(column, b_vectors - 1u)], (row < size_n) & (column < b_vectors));
      let start = t / 2u * 8u + t % 2u * 4u;
      b_tile[start] = value.x;
      b_tile[start + 1u] = value.y;
      b_tile[start + 2u] = value.z;
      b_tile[start + 3u] = value.w;
    }

    workgroupBarrier();
    let a_0_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 64u], 8u);
    let a_0_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 64u], 8u);
    let b_0_0 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[across_n * 64u], 8u);
    let b_0_1 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 1u) * 64u], 8u);
    let b_0_2 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 2u) * 64u], 8u);
    let b_0_3 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 3u) * 64u], 8u);
    let b_0_4 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 4u) * 64u], 8u);
    let b_0_5 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 5u) * 64u], 8u);
    let b_0_6 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 6u) * 64u], 8u);
    let b_0_7 = coopLoad<coop_mat8x8<f32, B>>(&b_tile[(across_n + 7u) * 64u], 8u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_0_0, b_0_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_0_0, b_0_3, acc_0_3);
    acc_0_4 = coopMultiplyAdd(a_0_0, b_0_4, acc_0_4);
    acc_0_5 = coopMultiplyAdd(a_0_0, b_0_5, acc_0_5);
    acc_0_6 = coopMultiplyAdd(a_0_0, b_0_6, acc_0_6);
    acc_0_7 = coopMultiplyAdd(a_0_0, b_0_7, acc_0_7);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_0_1, b_0_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_0_1, b_0_3, acc_1_3);
    acc_1_4 = coopMultiplyAdd(a_0_1, b_0_4, acc_1_4);
    acc_1_5 = coopMultiplyAdd(a_0_1, b_0_5, acc_1_5);
    acc_1_6 = coopMultiplyAdd(a_0_1, b_0_6, acc_1_6);
    acc_1_7 = coopMultiplyAdd(a_0_1, b_0_7, acc_1_7);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id * 512u + across_n * 8u], 64u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id * 512u + (across_n + 1u) * 8u], 64u);
  coopStoreT(acc_0_2, &c_tile[subgroup_id * 512u + (across_n + 2u) * 8u], 64u);
  coopStoreT(acc_0_3, &c_tile[subgroup_id * 512u + (across_n + 3u) * 8u], 64u);
  coopStoreT(acc_0_4, &c_tile[subgroup_id * 512u + (across_n + 4u) * 8u], 64u);
  coopStoreT(acc_0_5, &c_tile[subgroup_id * 512u + (across_n + 5u) * 8u], 64u);
  coopStoreT(acc_0_6, &c_tile[subgroup_id * 512u + (across_n + 6u) * 8u], 64u);
  coopStoreT(acc_0_7, &c_tile[subgroup_id * 512u + (across_n + 7u) * 8u], 64u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 128u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 8u * 16u + r % 8u;
    let column = first_column / 4u + s;
    if ((row < size_m) & (column < n_vectors)) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 64u + s * 4u;
      var v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id * 512u + across_n * 8u], 64u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id * 512u + (across_n + 1u) * 8u], 64u);
  coopStoreT(acc_1_2, &c_tile[subgroup_id * 512u + (across_n + 2u) * 8u], 64u);
  coopStoreT(acc_1_3, &c_tile[subgroup_id * 512u + (across_n + 3u) * 8u], 64u);
  coopStoreT(acc_1_4, &c_tile[subgroup_id * 512u + (across_n + 4u) * 8u], 64u);
  coopStoreT(acc_1_5, &c_tile[subgroup_id * 512u + (across_n + 5u) * 8u], 64u);
  coopStoreT(acc_1_6, &c_tile[subgroup_id * 512u + (across_n + 6u) * 8u], 64u);
  coopStoreT(acc_1_7, &c_tile[subgroup_id * 512u + (across_n + 7u) * 8u], 64u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 128u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 8u * 16u + 8u + r % 8u;
    let column = first_column / 4u + s;
    if ((row < size_m) & (column < n_vectors)) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 64u + s * 4u;
      var v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      v += load_residual(index);
      v = silu(v);
      store_c(index, v);
    }
  }
}
