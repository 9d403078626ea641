// matmul:f32:b3m17n36k20:nt+residual+silu
// matmul/tiled
// wx=16 wy=1 tm=1 tn=1 vec_n=1 vec_k=1 stage_a=0 stage_b=1 share_a=8 bk=8 pad=1 unroll=2 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(n/16), ceil(m/1), b; uniforms m, n, k; bindings a, b, residual, c (written)
alias Value = f32;

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

@group(0) @binding(1) var<storage, read> a: array<f32>;

fn load_a(i: u32) -> f32 {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn load_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

const least_subgroup = 8u;

var<workgroup> b_tile: array<f32, 136>;

@compute @workgroup_size(16, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = shape.m;
  let size_n = shape.n;
  let size_k = shape.k;
  let n_vectors = size_n;
  let k_vectors = size_k;
  let tiles_n = (size_n + 15u) / 16u;
  let tiles_m = size_m;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

  let row_0 = tile_m;
  let column_0 = tile_n * 16u + local.x;
  let a_row_0 = (batch * size_m + min(row_0, size_m - 1u)) * k_vectors;

  var acc_0_0 = Value(0.0);

  let lane = subgroup_lane % 8u;
  let local_index = local.x;
  for (var k0 = 0u; k0 < size_k; k0 += 8u) {
    for (var t = local_index; t < 128u; t += 16u) {
      let q = t % 8u;
      let c = t / 8u;
      let start = (batch * size_n + min(tile_n * 16u + c, size_n - 1u)) * k_vectors;
      let value = select(f32(0.0), load_b(start + min(k0 + q, k_vectors - 1u)), k0 + q < k_vectors);
      b_tile[q * 17u + c] = value;
    }
    let a_held_0 = select(f32(0.0), load_a(a_row_0 + min(k0 + lane, k_vectors - 1u)), k0 + lane < k_vectors);
    workgroupBarrier();
    for (var kk = 0u; kk < 8u; kk += 2u) {
      let a_0_0 = subgroupShuffle(a_held_0, kk);
      let b_at_0_0 = kk * 17u + local.x;
      let b_0_0 = Value(b_tile[b_at_0_0]);
      acc_0_0 += b_0_0 * a_0_0;
      let a_0_1 = subgroupShuffle(a_held_0, (kk + 1u));
      let b_at_1_0 = (kk + 1u) * 17u + local.x;
      let b_1_0 = Value(b_tile[b_at_1_0]);
      acc_0_0 += b_1_0 * a_0_1;
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
}
