// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/tiled
// wx=4 wy=4 tm=2 tn=4 vec_n=4 vec_k=2 stage_a=1 stage_b=1 share_a=0 bk=8 pad=0 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/16), ceil(m/8), b; uniforms m, n, k; bindings a, b, residual, c (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> a: array<vec2<f32>>;

fn load_a(i: u32) -> vec2<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn load_b(i: u32) -> vec2<f32> {
  return b[i];
}

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

var<workgroup> a_tile: array<f32, 64>;
var<workgroup> b_tile: array<f32, 128>;

@compute @workgroup_size(4, 4)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let n_vectors = size_n / 4u;
  let k_vectors = size_k / 2u;
  let tiles_n = (size_n + 15u) / 16u;
  let tiles_m = (size_m + 7u) / 8u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m * 8u + local.y * 2u;
  let row_1 = tile_m * 8u + local.y * 2u + 1u;
  let column_0 = tile_n * 4u + local.x;

  var acc_0_0 = Value(0.0);
  var acc_1_0 = Value(0.0);

  let local_index = local.y * 4u + local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 32u; t += 16u) {
      let q = t % 4u;
      let r = t / 4u;
      let start = (batch * size_m + min(tile_m * 8u + r, size_m - 1u)) * k_vectors;
      let value = select(vec2<f32>(0.0), load_a(start + min(k0 / 2u + q, k_vectors - 1u)), k0 / 2u + q < k_vectors);
      a_tile[q * 2u * 8u + r] = value.x;
      a_tile[(q * 2u + 1u) * 8u + r] = value.y;
    }
    for (var t = local_index; t < 64u; t += 16u) {
      let q = t % 4u;
      let c = t / 4u;
      let start = (batch * size_n + min(tile_n * 16u + c, size_n - 1u)) * k_vectors;
      let value = select(vec2<f32>(0.0), load_b(start + min(k0 / 2u + q, k_vectors - 1u)), k0 / 2u + q < k_vectors);
      b_tile[q * 2u * 16u + c] = value.x;
      b_tile[(q * 2u + 1u) * 16u + c] = value.y;
    }
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let a_0_0 = a_tile[kk * 8u + local.y * 2u];
      let a_0_1 = a_tile[(kk + 1u) * 8u + local.y * 2u];
      let a_1_0 = a_tile[kk * 8u + local.y * 2u + 1u];
      let a_1_1 = a_tile[(kk + 1u) * 8u + local.y * 2u + 1u];
      let b_at_0_0 = kk * 16u + local.x * 4u;
      let b_0_0 = Value(b_tile[b_at_0_0], b_tile[b_at_0_0 + 1u], b_tile[b_at_0_0 + 2u], b_tile[b_at_0_0 + 3u]);
      acc_0_0 += b_0_0 * a_0_0;
      acc_1_0 += b_0_0 * a_1_0;
      let b_at_1_0 = (kk + 1u) * 16u + local.x * 4u;
      let b_1_0 = Value(b_tile[b_at_1_0], b_tile[b_at_1_0 + 1u], b_tile[b_at_1_0 + 2u], b_tile[b_at_1_0 + 3u]);
      acc_0_0 += b_1_0 * a_0_1;
      acc_1_0 += b_1_0 * a_1_1;
    }
    workgroupBarrier();
  }

  if ((row_0 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_0) * n_vectors + column_0;
    var v = acc_0_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
  if ((row_1 < size_m) & (column_0 < n_vectors)) {
    let index = (batch * size_m + row_1) * n_vectors + column_0;
    var v = acc_1_0;
    v += load_residual(index);
    v = silu(v);
    store_c(index, v);
  }
}
