// matmul:f32:m256n256k256
// matmul/cooperative
// edge=8 halves=0 subgroup=32 sg_m=2 sg_n=2 tm=2 tn=2 bk=32 vec_a=4 vec_b=4 vec_n=4 pad=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/32), ceil(m/32), b; uniforms m, n, k; bindings a, b, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

var<workgroup> a_tile: array<f32, 1152>;
var<workgroup> b_tile: array<f32, 1152>;
var<workgroup> c_tile: array<f32, 576>;

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
  let size_m = 256u;
  let size_n = 256u;
  let size_k = 256u;
  let a_vectors = size_k / 4u;
  let b_vectors = size_n / 4u;
  let n_vectors = size_n / 4u;
  let tiles_n = (size_n + 31u) / 32u;
  let tiles_m = (size_m + 31u) / 32u;
  let first_column = group % tiles_n * 32u;
  let first_row = group / tiles_n % tiles_m * 32u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id / 2u * 2u;
  let across_n = subgroup_id % 2u * 2u;

  var acc_0_0 = coop_mat8x8<f32, C>();
  var acc_0_1 = coop_mat8x8<f32, C>();
  var acc_1_0 = coop_mat8x8<f32, C>();
  var acc_1_1 = coop_mat8x8<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    for (var t = local_index; t < 256u; t += 128u) {
      let row = first_row + t / 8u;
      let column = k0 / 4u + t % 8u;
      let value = a[(batch * size_m + row) * a_vectors + column];
      let start = t / 8u * 36u + t % 8u * 4u;
      a_tile[start] = value.x;
      a_tile[start + 1u] = value.y;
      a_tile[start + 2u] = value.z;
      a_tile[start + 3u] = value.w;
    }

    for (var t = local_index; t < 256u; t += 128u) {
      let row = k0 + t / 8u;
      let column = first_column / 4u + t % 8u;
      let value = b[(batch * size_k + row) * b_vectors + column];
      let start = t / 8u * 36u + t % 8u * 4u;
      b_tile[start] = value.x;
      b_tile[start + 1u] = value.y;
      b_tile[start + 2u] = value.z;
      b_tile[start + 3u] = value.w;
    }

    workgroupBarrier();
    let a_0_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 288u], 36u);
    let a_0_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 288u], 36u);
    let b_0_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[across_n * 8u], 36u);
    let b_0_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 1u) * 8u], 36u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    let a_1_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 288u + 8u], 36u);
    let a_1_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 288u + 8u], 36u);
    let b_1_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[288u + across_n * 8u], 36u);
    let b_1_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[288u + (across_n + 1u) * 8u], 36u);
    acc_0_0 = coopMultiplyAdd(a_1_0, b_1_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_1_0, b_1_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_1_1, b_1_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_1_1, b_1_1, acc_1_1);
    let a_2_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 288u + 16u], 36u);
    let a_2_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 288u + 16u], 36u);
    let b_2_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[576u + across_n * 8u], 36u);
    let b_2_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[576u + (across_n + 1u) * 8u], 36u);
    acc_0_0 = coopMultiplyAdd(a_2_0, b_2_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_2_0, b_2_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_2_1, b_2_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_2_1, b_2_1, acc_1_1);
    let a_3_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 288u + 24u], 36u);
    let a_3_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 288u + 24u], 36u);
    let b_3_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[864u + across_n * 8u], 36u);
    let b_3_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[864u + (across_n + 1u) * 8u], 36u);
    acc_0_0 = coopMultiplyAdd(a_3_0, b_3_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_3_0, b_3_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_3_1, b_3_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_3_1, b_3_1, acc_1_1);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id / 2u * 288u + across_n * 8u], 36u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id / 2u * 288u + (across_n + 1u) * 8u], 36u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 128u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 16u + r % 8u;
    let column = first_column / 4u + s;
    {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 36u + s * 4u;
      let v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id / 2u * 288u + across_n * 8u], 36u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id / 2u * 288u + (across_n + 1u) * 8u], 36u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 128u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 16u + 8u + r % 8u;
    let column = first_column / 4u + s;
    {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 36u + s * 4u;
      let v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      store_c(index, v);
    }
  }
}
