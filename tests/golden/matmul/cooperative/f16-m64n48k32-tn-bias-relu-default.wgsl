// matmul:f16:m64n48k32:tn+bias+relu
// matmul/cooperative
// edge=16 halves=1 subgroup=32 sg_m=2 sg_n=2 tm=2 tn=2 bk=32 vec_a=4 vec_b=4 vec_n=4 pad=1 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/64), ceil(m/64), b; uniforms m, n, k; bindings a, b, bias, c (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> a: array<vec4<f16>>;

@group(0) @binding(2) var<storage, read> b: array<vec4<f16>>;

@group(0) @binding(3) var<storage, read> bias: array<vec4<f16>>;

fn load_bias(i: u32) -> vec4<f32> {
  return vec4<f32>(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f16>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = vec4<f16>(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> a_tile: array<vec4<f16>, 576>;
var<workgroup> b_tile: array<vec4<f16>, 576>;
var<workgroup> c_tile: array<f32, 2176>;

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
  let size_m = 64u;
  let size_n = 48u;
  let size_k = 32u;
  let a_vectors = size_m / 4u;
  let b_vectors = size_n / 4u;
  let n_vectors = size_n / 4u;
  let tiles_n = (size_n + 63u) / 64u;
  let tiles_m = (size_m + 63u) / 64u;
  let first_column = group % tiles_n * 64u;
  let first_row = group / tiles_n % tiles_m * 64u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id / 2u * 2u;
  let across_n = subgroup_id % 2u * 2u;

  var acc_0_0 = coop_mat16x16<f32, C>();
  var acc_0_1 = coop_mat16x16<f32, C>();
  var acc_1_0 = coop_mat16x16<f32, C>();
  var acc_1_1 = coop_mat16x16<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 32u) {
    for (var t = local_index; t < 512u; t += 128u) {
      let row = k0 + t / 16u;
      let column = first_row / 4u + t % 16u;
      let value = a[(batch * size_k + row) * a_vectors + column];
      a_tile[t / 16u * 18u + t % 16u] = value;
    }

    for (var t = local_index; t < 512u; t += 128u) {
      let row = k0 + t / 16u;
      let column = first_column / 4u + t % 16u;
      let value = select(vec4<f16>(), b[(batch * size_k + row) * b_vectors + min(column, b_vectors - 1u)], column < b_vectors);
      b_tile[t / 16u * 18u + t % 16u] = value;
    }

    workgroupBarrier();
    let a_0_0 = coopLoad<coop_mat16x16<f16, A>>(&a_tile[across_m * 4u], 18u);
    let a_0_1 = coopLoad<coop_mat16x16<f16, A>>(&a_tile[(across_m + 1u) * 4u], 18u);
    let b_0_0 = coopLoadT<coop_mat16x16<f16, B>>(&b_tile[across_n * 4u], 18u);
    let b_0_1 = coopLoadT<coop_mat16x16<f16, B>>(&b_tile[(across_n + 1u) * 4u], 18u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    let a_1_0 = coopLoad<coop_mat16x16<f16, A>>(&a_tile[288u + across_m * 4u], 18u);
    let a_1_1 = coopLoad<coop_mat16x16<f16, A>>(&a_tile[288u + (across_m + 1u) * 4u], 18u);
    let b_1_0 = coopLoadT<coop_mat16x16<f16, B>>(&b_tile[288u + across_n * 4u], 18u);
    let b_1_1 = coopLoadT<coop_mat16x16<f16, B>>(&b_tile[288u + (across_n + 1u) * 4u], 18u);
    acc_0_0 = coopMultiplyAdd(a_1_0, b_1_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_1_0, b_1_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_1_1, b_1_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_1_1, b_1_1, acc_1_1);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id / 2u * 1088u + across_n * 16u], 68u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id / 2u * 1088u + (across_n + 1u) * 16u], 68u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 128u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 16u * 32u + r % 16u;
    let column = first_column / 4u + s;
    if (column < n_vectors) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 68u + s * 4u;
      var v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id / 2u * 1088u + across_n * 16u], 68u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id / 2u * 1088u + (across_n + 1u) * 16u], 68u);
  workgroupBarrier();
  for (var t = local_index; t < 512u; t += 128u) {
    let r = t / 16u;
    let s = t % 16u;
    let row = first_row + r / 16u * 32u + 16u + r % 16u;
    let column = first_column / 4u + s;
    if (column < n_vectors) {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 68u + s * 4u;
      var v = Value(c_tile[start], c_tile[start + 1u], c_tile[start + 2u], c_tile[start + 3u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
}
