// matmul:f16:m64n48k32:tn+bias+relu
// matmul/cooperative
// edge=8 halves=0 subgroup=32 sg_m=2 sg_n=1 tm=8 tn=2 bk=64 vec_a=1 vec_b=2 vec_n=2 pad=1 baked=1 packed=1
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/16), ceil(m/128), b; uniforms m, n, k; bindings a, b, bias, c (written)
enable wgpu_cooperative_matrix;

alias Value = vec2<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

@group(0) @binding(1) var<storage, read> a: array<u32>;

fn load_a(i: u32) -> f32 {
  return unpack2x16float(a[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> b: array<u32>;

fn load_b(i: u32) -> vec2<f32> {
  return unpack2x16float(b[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<u32>;

fn load_bias(i: u32) -> vec2<f32> {
  return unpack2x16float(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<u32>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = pack2x16float(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> a_tile: array<f32, 8448>;
var<workgroup> b_tile: array<f32, 1280>;
var<workgroup> c_tile: array<f32, 320>;

@compute @workgroup_size(64)
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
  let size_m = 64u;
  let size_n = 48u;
  let size_k = 32u;
  let a_vectors = size_m;
  let b_vectors = size_n / 2u;
  let n_vectors = size_n / 2u;
  let tiles_n = (size_n + 15u) / 16u;
  let tiles_m = (size_m + 127u) / 128u;
  let first_column = group % tiles_n * 16u;
  let first_row = group / tiles_n % tiles_m * 128u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id * 8u;
  let across_n = subgroup_id % 1u * 2u;

  var acc_0_0 = coop_mat8x8<f32, C>();
  var acc_0_1 = coop_mat8x8<f32, C>();
  var acc_1_0 = coop_mat8x8<f32, C>();
  var acc_1_1 = coop_mat8x8<f32, C>();
  var acc_2_0 = coop_mat8x8<f32, C>();
  var acc_2_1 = coop_mat8x8<f32, C>();
  var acc_3_0 = coop_mat8x8<f32, C>();
  var acc_3_1 = coop_mat8x8<f32, C>();
  var acc_4_0 = coop_mat8x8<f32, C>();
  var acc_4_1 = coop_mat8x8<f32, C>();
  var acc_5_0 = coop_mat8x8<f32, C>();
  var acc_5_1 = coop_mat8x8<f32, C>();
  var acc_6_0 = coop_mat8x8<f32, C>();
  var acc_6_1 = coop_mat8x8<f32, C>();
  var acc_7_0 = coop_mat8x8<f32, C>();
  var acc_7_1 = coop_mat8x8<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 64u) {
    for (var t = local_index; t < 8192u; t += 64u) {
      let row = k0 + t / 128u;
      let column = first_row + t % 128u;
      let value = select(f32(), load_a((batch * size_k + min(row, size_k - 1u)) * a_vectors + min(column, a_vectors - 1u)), (row < size_k) & (column < a_vectors));
      a_tile[t / 128u * 132u + t % 128u] = value;
    }

    for (var t = local_index; t < 512u; t += 64u) {
      let row = k0 + t / 8u;
      let column = first_column / 2u + t % 8u;
      let value = select(vec2<f32>(), load_b((batch * size_k + min(row, size_k - 1u)) * b_vectors + column), row < size_k);
      let start = t / 8u * 20u + t % 8u * 2u;
      b_tile[start] = value.x;
      b_tile[start + 1u] = value.y;
    }

    workgroupBarrier();
    let a_0_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[across_m * 8u], 132u);
    let a_0_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 8u], 132u);
    let a_0_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 2u) * 8u], 132u);
    let a_0_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 3u) * 8u], 132u);
    let a_0_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 4u) * 8u], 132u);
    let a_0_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 5u) * 8u], 132u);
    let a_0_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 6u) * 8u], 132u);
    let a_0_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 7u) * 8u], 132u);
    let b_0_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[across_n * 8u], 20u);
    let b_0_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_0_2, b_0_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_0_2, b_0_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_0_3, b_0_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_0_3, b_0_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_0_4, b_0_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_0_4, b_0_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_0_5, b_0_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_0_5, b_0_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_0_6, b_0_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_0_6, b_0_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_0_7, b_0_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_0_7, b_0_1, acc_7_1);
    let a_1_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + across_m * 8u], 132u);
    let a_1_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 1u) * 8u], 132u);
    let a_1_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 2u) * 8u], 132u);
    let a_1_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 3u) * 8u], 132u);
    let a_1_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 4u) * 8u], 132u);
    let a_1_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 5u) * 8u], 132u);
    let a_1_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 6u) * 8u], 132u);
    let a_1_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[1056u + (across_m + 7u) * 8u], 132u);
    let b_1_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[160u + across_n * 8u], 20u);
    let b_1_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[160u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_1_0, b_1_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_1_0, b_1_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_1_1, b_1_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_1_1, b_1_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_1_2, b_1_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_1_2, b_1_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_1_3, b_1_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_1_3, b_1_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_1_4, b_1_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_1_4, b_1_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_1_5, b_1_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_1_5, b_1_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_1_6, b_1_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_1_6, b_1_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_1_7, b_1_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_1_7, b_1_1, acc_7_1);
    let a_2_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + across_m * 8u], 132u);
    let a_2_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 1u) * 8u], 132u);
    let a_2_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 2u) * 8u], 132u);
    let a_2_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 3u) * 8u], 132u);
    let a_2_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 4u) * 8u], 132u);
    let a_2_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 5u) * 8u], 132u);
    let a_2_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 6u) * 8u], 132u);
    let a_2_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[2112u + (across_m + 7u) * 8u], 132u);
    let b_2_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[320u + across_n * 8u], 20u);
    let b_2_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[320u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_2_0, b_2_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_2_0, b_2_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_2_1, b_2_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_2_1, b_2_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_2_2, b_2_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_2_2, b_2_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_2_3, b_2_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_2_3, b_2_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_2_4, b_2_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_2_4, b_2_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_2_5, b_2_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_2_5, b_2_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_2_6, b_2_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_2_6, b_2_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_2_7, b_2_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_2_7, b_2_1, acc_7_1);
    let a_3_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + across_m * 8u], 132u);
    let a_3_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 1u) * 8u], 132u);
    let a_3_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 2u) * 8u], 132u);
    let a_3_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 3u) * 8u], 132u);
    let a_3_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 4u) * 8u], 132u);
    let a_3_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 5u) * 8u], 132u);
    let a_3_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 6u) * 8u], 132u);
    let a_3_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[3168u + (across_m + 7u) * 8u], 132u);
    let b_3_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[480u + across_n * 8u], 20u);
    let b_3_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[480u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_3_0, b_3_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_3_0, b_3_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_3_1, b_3_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_3_1, b_3_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_3_2, b_3_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_3_2, b_3_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_3_3, b_3_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_3_3, b_3_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_3_4, b_3_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_3_4, b_3_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_3_5, b_3_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_3_5, b_3_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_3_6, b_3_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_3_6, b_3_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_3_7, b_3_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_3_7, b_3_1, acc_7_1);
    let a_4_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + across_m * 8u], 132u);
    let a_4_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 1u) * 8u], 132u);
    let a_4_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 2u) * 8u], 132u);
    let a_4_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 3u) * 8u], 132u);
    let a_4_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 4u) * 8u], 132u);
    let a_4_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 5u) * 8u], 132u);
    let a_4_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 6u) * 8u], 132u);
    let a_4_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[4224u + (across_m + 7u) * 8u], 132u);
    let b_4_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[640u + across_n * 8u], 20u);
    let b_4_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[640u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_4_0, b_4_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_4_0, b_4_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_4_1, b_4_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_4_1, b_4_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_4_2, b_4_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_4_2, b_4_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_4_3, b_4_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_4_3, b_4_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_4_4, b_4_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_4_4, b_4_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_4_5, b_4_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_4_5, b_4_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_4_6, b_4_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_4_6, b_4_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_4_7, b_4_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_4_7, b_4_1, acc_7_1);
    let a_5_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + across_m * 8u], 132u);
    let a_5_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 1u) * 8u], 132u);
    let a_5_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 2u) * 8u], 132u);
    let a_5_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 3u) * 8u], 132u);
    let a_5_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 4u) * 8u], 132u);
    let a_5_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 5u) * 8u], 132u);
    let a_5_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 6u) * 8u], 132u);
    let a_5_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[5280u + (across_m + 7u) * 8u], 132u);
    let b_5_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[800u + across_n * 8u], 20u);
    let b_5_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[800u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_5_0, b_5_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_5_0, b_5_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_5_1, b_5_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_5_1, b_5_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_5_2, b_5_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_5_2, b_5_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_5_3, b_5_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_5_3, b_5_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_5_4, b_5_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_5_4, b_5_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_5_5, b_5_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_5_5, b_5_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_5_6, b_5_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_5_6, b_5_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_5_7, b_5_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_5_7, b_5_1, acc_7_1);
    let a_6_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + across_m * 8u], 132u);
    let a_6_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 1u) * 8u], 132u);
    let a_6_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 2u) * 8u], 132u);
    let a_6_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 3u) * 8u], 132u);
    let a_6_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 4u) * 8u], 132u);
    let a_6_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 5u) * 8u], 132u);
    let a_6_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 6u) * 8u], 132u);
    let a_6_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[6336u + (across_m + 7u) * 8u], 132u);
    let b_6_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[960u + across_n * 8u], 20u);
    let b_6_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[960u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_6_0, b_6_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_6_0, b_6_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_6_1, b_6_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_6_1, b_6_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_6_2, b_6_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_6_2, b_6_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_6_3, b_6_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_6_3, b_6_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_6_4, b_6_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_6_4, b_6_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_6_5, b_6_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_6_5, b_6_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_6_6, b_6_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_6_6, b_6_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_6_7, b_6_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_6_7, b_6_1, acc_7_1);
    let a_7_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + across_m * 8u], 132u);
    let a_7_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 1u) * 8u], 132u);
    let a_7_2 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 2u) * 8u], 132u);
    let a_7_3 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 3u) * 8u], 132u);
    let a_7_4 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 4u) * 8u], 132u);
    let a_7_5 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 5u) * 8u], 132u);
    let a_7_6 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 6u) * 8u], 132u);
    let a_7_7 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[7392u + (across_m + 7u) * 8u], 132u);
    let b_7_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1120u + across_n * 8u], 20u);
    let b_7_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[1120u + (across_n + 1u) * 8u], 20u);
    acc_0_0 = coopMultiplyAdd(a_7_0, b_7_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_7_0, b_7_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_7_1, b_7_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_7_1, b_7_1, acc_1_1);
    acc_2_0 = coopMultiplyAdd(a_7_2, b_7_0, acc_2_0);
    acc_2_1 = coopMultiplyAdd(a_7_2, b_7_1, acc_2_1);
    acc_3_0 = coopMultiplyAdd(a_7_3, b_7_0, acc_3_0);
    acc_3_1 = coopMultiplyAdd(a_7_3, b_7_1, acc_3_1);
    acc_4_0 = coopMultiplyAdd(a_7_4, b_7_0, acc_4_0);
    acc_4_1 = coopMultiplyAdd(a_7_4, b_7_1, acc_4_1);
    acc_5_0 = coopMultiplyAdd(a_7_5, b_7_0, acc_5_0);
    acc_5_1 = coopMultiplyAdd(a_7_5, b_7_1, acc_5_1);
    acc_6_0 = coopMultiplyAdd(a_7_6, b_7_0, acc_6_0);
    acc_6_1 = coopMultiplyAdd(a_7_6, b_7_1, acc_6_1);
    acc_7_0 = coopMultiplyAdd(a_7_7, b_7_0, acc_7_0);
    acc_7_1 = coopMultiplyAdd(a_7_7, b_7_1, acc_7_1);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 8u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_2_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_2_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 16u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_3_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_3_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 24u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_4_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_4_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 32u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_5_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_5_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 40u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_6_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_6_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 48u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_7_0, &c_tile[subgroup_id * 160u + across_n * 8u], 20u);
  coopStoreT(acc_7_1, &c_tile[subgroup_id * 160u + (across_n + 1u) * 8u], 20u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 64u + 56u + r % 8u;
    let column = first_column / 2u + s;
    if (row < size_m) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 20u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
}
