// matmul:f32:m1n256k512:nt+bias+gelu
// matmul/vector
// invocations=256 team=128 tile=1 vec=4 vec_skinny=4 unroll=1 slab=0 split=1 subgroups=0 baked=1 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(b*ceil(n/1)/2), 1, 1; uniforms b, m, n, k; bindings a, b, bias, c (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;

fn load_a(i: u32) -> vec4<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

fn load_b(i: u32) -> vec4<f32> {
  return b[i];
}

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> c: array<f32>;

fn store_c(i: u32, v: f32) {
  c[i] = v;
}

// erf by Abramowitz and Stegun, 7.1.26: absolute error below 1.5e-7.
fn gelu(v: Value) -> Value {
  let x = abs(v) * 0.7071067811865476;
  let t = Value(1.0) / (1.0 + 0.3275911 * x);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf = 1.0 - series * exp(max(-x * x, Value(-80.0)));
  return 0.5 * (v + abs(v) * erf);
}

var<workgroup> sums_0: array<f32, 256>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_b = 1u;
  let size_l = 256u;
  let size_k = 512u;
  let lines = size_l;
  let steps = size_k / 4u;
  let rank = local_index;
  let member = rank % 128u;
  let lane = rank / 128u;

  let tiles = lines;
  let own = group * 2u + lane;
  let batch = own / tiles;
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = (batch * lines + line_0) * steps;
  let skinny = batch * steps;
  let first = 0u;
  let count = steps;

  var acc_0_0 = f32(0.0);
  for (var i = 0u; i < count; i += 128u) {
    let at_0 = first + i + member;
    let w_0_0 = load_b(long_0 + at_0);
    let v_0_0 = load_a(skinny + at_0);

    acc_0_0 += dot(w_0_0, v_0_0);
  }

  {
    sums_0[rank] = acc_0_0;
    workgroupBarrier();
    let member = rank % 128u;
    if (member < 64u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 64u];
    }
    workgroupBarrier();
    if (member < 32u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 32u];
    }
    workgroupBarrier();
    if (member < 16u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 16u];
    }
    workgroupBarrier();
    if (member < 8u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 8u];
    }
    workgroupBarrier();
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 4u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 2u];
    }
    workgroupBarrier();
    let first = rank - member;
    acc_0_0 = sums_0[first] + sums_0[first + 1u];
  }
  if (member == 0u) {
    {
      let index = batch * size_l + line_0;
      let channel = line_0;
      var v = acc_0_0;
      v += load_bias(channel);
      v = gelu(v);
      store_c(index, v);
    }
  }
}
