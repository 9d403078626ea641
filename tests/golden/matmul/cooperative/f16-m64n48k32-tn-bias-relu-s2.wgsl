// matmul:f16:m64n48k32:tn+bias+relu
// matmul/cooperative
// edge=8 halves=0 subgroup=32 sg_m=2 sg_n=1 tm=2 tn=2 bk=8 vec_a=1 vec_b=4 vec_n=2 pad=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/16), ceil(m/32), b; uniforms m, n, k; bindings a, b, bias, c (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> a: array<f16>;

fn load_a(i: u32) -> f32 {
  return f32(a[i]);
}

@group(0) @binding(2) var<storage, read> b: array<vec4<f16>>;

fn load_b(i: u32) -> vec4<f32> {
  return vec4<f32>(b[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<vec2<f16>>;

fn load_bias(i: u32) -> vec2<f32> {
  return vec2<f32>(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> c: array<vec2<f16>>;

fn store_c(i: u32, v: vec2<f32>) {
  c[i] = vec2<f16>(v);
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> a_tile: array<f32, 256>;
var<workgroup> b_tile: array<f32, 128>;
var<workgroup> c_tile: array<f32, 256>;

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
  let b_vectors = size_n / 4u;
  let n_vectors = size_n / 2u;
  let tiles_n = (size_n + 15u) / 16u;
  let tiles_m = (size_m + 31u) / 32u;
  let first_column = group % tiles_n * 16u;
  let first_row = group / tiles_n % tiles_m * 32u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id * 2u;
  let across_n = subgroup_id % 1u * 2u;

  var acc_0_0 = coop_mat8x8<f32, C>();
  var acc_0_1 = coop_mat8x8<f32, C>();
  var acc_1_0 = coop_mat8x8<f32, C>();
  var acc_1_1 = coop_mat8x8<f32, C>();
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 256u; t += 64u) {
      let row = k0 + t / 32u;
      let column = first_row + t % 32u;
      let value = load_a((batch * size_k + row) * a_vectors + column);
      a_tile[t / 32u * 32u + t % 32u] = value;
    }

    for (var t = local_index; t < 32u; t += 64u) {
      let row = k0 + t / 4u;
      let column = first_column / 4u + t % 4u;
      let value = load_b((batch * size_k + row) * b_vectors + column);
      let start = t / 4u * 16u + t % 4u * 4u;
      b_tile[start] = value.x;
      b_tile[start + 1u] = value.y;
      b_tile[start + 2u] = value.z;
      b_tile[start + 3u] = value.w;
    }

    workgroupBarrier();
    let a_0_0 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[across_m * 8u], 32u);
    let a_0_1 = coopLoad<coop_mat8x8<f32, A>>(&a_tile[(across_m + 1u) * 8u], 32u);
    let b_0_0 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[across_n * 8u], 16u);
    let b_0_1 = coopLoadT<coop_mat8x8<f32, B>>(&b_tile[(across_n + 1u) * 8u], 16u);
    acc_0_0 = coopMultiplyAdd(a_0_0, b_0_0, acc_0_0);
    acc_0_1 = coopMultiplyAdd(a_0_0, b_0_1, acc_0_1);
    acc_1_0 = coopMultiplyAdd(a_0_1, b_0_0, acc_1_0);
    acc_1_1 = coopMultiplyAdd(a_0_1, b_0_1, acc_1_1);
    workgroupBarrier();
  }

  coopStoreT(acc_0_0, &c_tile[subgroup_id * 128u + across_n * 8u], 16u);
  coopStoreT(acc_0_1, &c_tile[subgroup_id * 128u + (across_n + 1u) * 8u], 16u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 16u + r % 8u;
    let column = first_column / 2u + s;
    {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 16u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
  workgroupBarrier();
  coopStoreT(acc_1_0, &c_tile[subgroup_id * 128u + across_n * 8u], 16u);
  coopStoreT(acc_1_1, &c_tile[subgroup_id * 128u + (across_n + 1u) * 8u], 16u);
  workgroupBarrier();
  for (var t = local_index; t < 128u; t += 64u) {
    let r = t / 8u;
    let s = t % 8u;
    let row = first_row + r / 8u * 16u + 8u + r % 8u;
    let column = first_column / 2u + s;
    {
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * 16u + s * 2u;
      var v = Value(c_tile[start], c_tile[start + 1u]);
      v += load_bias(column);
      v = relu(v);
      store_c(index, v);
    }
  }
}
