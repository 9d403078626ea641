// matmul:f32:m256n256k256
// matmul/cooperative
// edge=8 halves=0 subgroup=32 sg_m=4 sg_n=2 tm=2 tn=4 bk=64 vec_a=1 vec_b=2 vec_n=4 pad=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, output 0

// kernel 0: grid ceil(n/64), ceil(m/64), b; uniforms m, n, k; bindings a, b, c (written)
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

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = v;
}

var<workgroup> a_tile: array<f32, 4096>;
var<workgroup> b_tile: array<f32, 4096>;
var<workgroup> c_tile: array<f32, 2048>;

@compute @workgroup_size(256)
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
  let b_vectors = size_n / 2u;
  let n_vectors = size_n / 4u;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 63u) / 64u;
  let first_column = group % tiles_n * 64u;
  let first_row = group / tiles_n % tiles_m * 64u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id / 2u * 2u;
  let across_n = subgroup_id % 2u * 4u;

  var acc_0_0 = coop_mat8x8<f32, C>();
  var acc_0_1 = coop_mat8x8<f32, C>();
  var acc_0_2 = coop_mat8x8<f32, C>();
  var acc_0_3 = coop_mat8x8<f32, C>();
  var acc_1_0 = coop_mat8x8<f32, C>();
  var acc_1_1 = coop_mat8x8<f32, C>();
  var acc_1_2 = coop_mat8x8<f32, C>();
  var acc_1_3 = coop_mat8x8<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 64u) {
    for (var t = local_index; t < 4096u; t += 256u) {
      let row = first_row + t / 64u;
      let column = k0 + t % 64u;
      let value = select(f32(), a[(batch * size_m + min(row, size_m - 1u)) * a_vectors + min(column, a_vectors - 1u)], (row < size_m) & (column < a_vectors));
      a_tile[t / 64u * 64u + t % 64u] = value;
    }

    for (var t = local_index; t < 2048u; t += 256u) {
      let row = k0 + t / 32u;
      let column = first_column / 2u + t % 32u;
      let value = select(vec2<f32>(), b[(batch * size_k + min(row, size_k - 1u)) * b_vectors + min(column, b_vectors - 1u)], (row < size_k) & (column < b_vectors));
      let start = t / 32u * 64u + t % 32u * 2u;
      b_tile[start] = value.x;
      b_tile[start + 1u] = value.y;
    }

    workgroupBarrier();
    let a_0_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u], 64u);
    let a_0_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u], 64u);
    let b_0_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[across_n * 8u], 64u);
    let b_0_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 1u) * 8u], 64u);
    let b_0_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 2u) * 8u], 64u);
    let b_0_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_0_0, b_0_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_0_0, b_0_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_0_1, b_0_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_0_1, b_0_3, acc_1_3);
    let a_1_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 8u], 64u);
    let a_1_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 8u], 64u);
    let b_1_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[512u + across_n * 8u], 64u);
    let b_1_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[512u + (across_n + 1u) * 8u], 64u);
    let b_1_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[512u + (across_n + 2u) * 8u], 64u);
    let b_1_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[512u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_1_0, b_1_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_1_0, b_1_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_1_0, b_1_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_1_0, b_1_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_1_1, b_1_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_1_1, b_1_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_1_1, b_1_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_1_1, b_1_3, acc_1_3);
    let a_2_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 16u], 64u);
    let a_2_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 16u], 64u);
    let b_2_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1024u + across_n * 8u], 64u);
    let b_2_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1024u + (across_n + 1u) * 8u], 64u);
    let b_2_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1024u + (across_n + 2u) * 8u], 64u);
    let b_2_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1024u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_2_0, b_2_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_2_0, b_2_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_2_0, b_2_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_2_0, b_2_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_2_1, b_2_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_2_1, b_2_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_2_1, b_2_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_2_1, b_2_3, acc_1_3);
    let a_3_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 24u], 64u);
    let a_3_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 24u], 64u);
    let b_3_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1536u + across_n * 8u], 64u);
    let b_3_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1536u + (across_n + 1u) * 8u], 64u);
    let b_3_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1536u + (across_n + 2u) * 8u], 64u);
    let b_3_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1536u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_3_0, b_3_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_3_0, b_3_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_3_0, b_3_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_3_0, b_3_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_3_1, b_3_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_3_1, b_3_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_3_1, b_3_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_3_1, b_3_3, acc_1_3);
    let a_4_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 32u], 64u);
    let a_4_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 32u], 64u);
    let b_4_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2048u + across_n * 8u], 64u);
    let b_4_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2048u + (across_n + 1u) * 8u], 64u);
    let b_4_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2048u + (across_n + 2u) * 8u], 64u);
    let b_4_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2048u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_4_0, b_4_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_4_0, b_4_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_4_0, b_4_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_4_0, b_4_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_4_1, b_4_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_4_1, b_4_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_4_1, b_4_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_4_1, b_4_3, acc_1_3);
    let a_5_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 40u], 64u);
    let a_5_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 40u], 64u);
    let b_5_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2560u + across_n * 8u], 64u);
    let b_5_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2560u + (across_n + 1u) * 8u], 64u);
    let b_5_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2560u + (across_n + 2u) * 8u], 64u);
    let b_5_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[2560u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_5_0, b_5_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_5_0, b_5_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_5_0, b_5_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_5_0, b_5_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_5_1, b_5_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_5_1, b_5_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_5_1, b_5_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_5_1, b_5_3, acc_1_3);
    let a_6_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 48u], 64u);
    let a_6_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 48u], 64u);
    let b_6_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3072u + across_n * 8u], 64u);
    let b_6_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3072u + (across_n + 1u) * 8u], 64u);
    let b_6_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3072u + (across_n + 2u) * 8u], 64u);
    let b_6_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3072u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_6_0, b_6_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_6_0, b_6_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_6_0, b_6_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_6_0, b_6_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_6_1, b_6_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_6_1, b_6_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_6_1, b_6_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_6_1, b_6_3, acc_1_3);
    let a_7_0 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[across_m * 512u + 56u], 64u);
    let a_7_1 = coopLoadT<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 512u + 56u], 64u);
    let b_7_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3584u + across_n * 8u], 64u);
    let b_7_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3584u + (across_n + 1u) * 8u], 64u);
    let b_7_2 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3584u + (across_n + 2u) * 8u], 64u);
    let b_7_3 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[3584u + (across_n + 3u) * 8u], 64u);
    acc_0_0 = coopMultiplyAdd(a_7_0, b_7_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_7_0, b_7_1, acc_0_1);
    acc_0_2 = coopMultiplyAdd(a_7_0, b_7_2, acc_0_2);
    acc_0_3 = coopMultiplyAdd(a_7_0, b_7_3, acc_0_3);
    acc_1_0 = coopMultiplyAdd(a_7_1, b_7_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_7_1, b_7_1, acc_1_1);
    acc_1_2 = coopMultiplyAdd(a_7_1, b_7_2, acc_1_2);
    acc_1_3 = coopMultiplyAdd(a_7_1, b_7_3, acc_1_3);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id / 2u * 512u + across_n * 8u], 64u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id / 2u * 512u + (across_n + 1u) * 8u], 64u);
  coopStoreT(acc_0_2, &c_tile[subgroup_id / 2u * 512u + (across_n + 2u) * 8u], 64u);
  coopStoreT(acc_0_3, &c_tile[subgroup_id / 2u * 512u + (across_n + 3u) * 8u], 64u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 256u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 8u * 16u + r % 8u;
    let column = first_column / 4u + s;
    if ((row < size_m) & (column < n_vectors)) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 64u + s * 4u;
      let v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id / 2u * 512u + across_n * 8u], 64u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id / 2u * 512u + (across_n + 1u) * 8u], 64u);
  coopStoreT(acc_1_2, &c_tile[subgroup_id / 2u * 512u + (across_n + 2u) * 8u], 64u);
  coopStoreT(acc_1_3, &c_tile[subgroup_id / 2u * 512u + (across_n + 3u) * 8u], 64u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 256u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 8u * 16u + 8u + r % 8u;
    let column = first_column / 4u + s;
    if ((row < size_m) & (column < n_vectors)) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 64u + s * 4u;
      let v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      store_c(index, v);
    }
  }
}
