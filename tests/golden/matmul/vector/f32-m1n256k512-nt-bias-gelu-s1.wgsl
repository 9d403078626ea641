// matmul:f32:m1n256k512:nt+bias+gelu
// matmul/vector
// invocations=1024 team=4 tile=2 vec=1 vec_skinny=1 unroll=8 slab=2 split=4 subgroups=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `partial` of 16*b*m*n bytes
// run: kernel 1 on temporary `partial` of 16*b*m*n bytes, input 2, output 0

// kernel 0: grid ceil(b*ceil(n/2)/256), 4, 1; uniforms b, m, n, k; bindings a, b, partial (written)
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

@group(0) @binding(1) var<storage, read> a: array<f32>;

fn load_a(i: u32) -> f32 {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<f32>;

fn load_b(i: u32) -> f32 {
  return b[i];
}

@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

fn store_partial(i: u32, v: f32) {
  partial[i] = v;
}

var<workgroup> staged: array<f32, 64>;
var<workgroup> sums_0: array<f32, 1024>;
var<workgroup> sums_1: array<f32, 1024>;

@compute @workgroup_size(1024)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_b = shape.b;
  let size_l = shape.n;
  let size_k = shape.k;
  let lines = size_l;
  let steps = size_k;
  let rank = local_index;
  let member = rank % 4u;
  let lane = rank / 4u;

  let tiles = (lines + 1u) / 2u;
  let groups = (size_b * tiles + 255u) / 256u;
  let part = group / groups;
  let own = group % groups * 256u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = (batch * lines + line_0) * steps;
  let line_1 = tile + tiles;
  let long_1 = (batch * lines + min(line_1, lines - 1u)) * steps;
  let skinny = batch * steps;
  let chunk = (steps + 3u) / 4u;
  let first = min(part * chunk, steps);
  let count = min(chunk, steps - first);

  var acc_0_0 = f32(0.0);
  var acc_1_0 = f32(0.0);
  for (var start = 0u; start < count; start += 64u) {
    for (var t = rank; t < 64u; t += 1024u) {
      let local = t % 64u;
      if (start + local < count) {
        staged[t] = load_a(skinny + t / 64u * steps + first + start + local);
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < 64u; i += 32u) {
      let local_0 = i + member;
      if (start + local_0 < count) {
        let at_0 = first + start + local_0;
        let w_0_0 = load_b(long_0 + at_0);
        let w_0_1 = load_b(long_1 + at_0);
        let v_0_0 = staged[local_0];

        acc_0_0 += w_0_0 * v_0_0;
        acc_1_0 += w_0_1 * v_0_0;
      }
      let local_1 = i + member + 4u;
      if (start + local_1 < count) {
        let at_1 = first + start + local_1;
        let w_1_0 = load_b(long_0 + at_1);
        let w_1_1 = load_b(long_1 + at_1);
        let v_1_0 = staged[local_1];

        acc_0_0 += w_1_0 * v_1_0;
        acc_1_0 += w_1_1 * v_1_0;
      }
      let local_2 = i + member + 8u;
      if (start + local_2 < count) {
        let at_2 = first + start + local_2;
        let w_2_0 = load_b(long_0 + at_2);
        let w_2_1 = load_b(long_1 + at_2);
        let v_2_0 = staged[local_2];

        acc_0_0 += w_2_0 * v_2_0;
        acc_1_0 += w_2_1 * v_2_0;
      }
      let local_3 = i + member + 12u;
      if (start + local_3 < count) {
        let at_3 = first + start + local_3;
        let w_3_0 = load_b(long_0 + at_3);
        let w_3_1 = load_b(long_1 + at_3);
        let v_3_0 = staged[local_3];

        acc_0_0 += w_3_0 * v_3_0;
        acc_1_0 += w_3_1 * v_3_0;
      }
      let local_4 = i + member + 16u;
      if (start + local_4 < count) {
        let at_4 = first + start + local_4;
        let w_4_0 = load_b(long_0 + at_4);
        let w_4_1 = load_b(long_1 + at_4);
        let v_4_0 = staged[local_4];

        acc_0_0 += w_4_0 * v_4_0;
        acc_1_0 += w_4_1 * v_4_0;
      }
      let local_5 = i + member + 20u;
      if (start + local_5 < count) {
        let at_5 = first + start + local_5;
        let w_5_0 = load_b(long_0 + at_5);
        let w_5_1 = load_b(long_1 + at_5);
        let v_5_0 = staged[local_5];

        acc_0_0 += w_5_0 * v_5_0;
        acc_1_0 += w_5_1 * v_5_0;
      }
      let local_6 = i + member + 24u;
      if (start + local_6 < count) {
        let at_6 = first + start + local_6;
        let w_6_0 = load_b(long_0 + at_6);
        let w_6_1 = load_b(long_1 + at_6);
        let v_6_0 = staged[local_6];

        acc_0_0 += w_6_0 * v_6_0;
        acc_1_0 += w_6_1 * v_6_0;
      }
      let local_7 = i + member + 28u;
      if (start + local_7 < count) {
        let at_7 = first + start + local_7;
        let w_7_0 = load_b(long_0 + at_7);
        let w_7_1 = load_b(long_1 + at_7);
        let v_7_0 = staged[local_7];

        acc_0_0 += w_7_0 * v_7_0;
        acc_1_0 += w_7_1 * v_7_0;
      }
    }
    workgroupBarrier();
  }

  {
    sums_0[rank] = acc_0_0;
    sums_1[rank] = acc_1_0;
    workgroupBarrier();
    let member = rank % 4u;
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 2u];
      sums_1[rank] = sums_1[rank] + sums_1[rank + 2u];
    }
    workgroupBarrier();
    let first = rank - member;
    acc_0_0 = sums_0[first] + sums_0[first + 1u];
    acc_1_0 = sums_1[first] + sums_1[first + 1u];
  }
  if ((member == 0u) & (own < size_b * tiles)) {
    {
      let index = batch * size_l + line_0;
      store_partial(part * (size_b * size_l) + index, acc_0_0);
    }

    if (line_1 < lines) {
      {
        let index = batch * size_l + line_1;
        store_partial(part * (size_b * size_l) + index, acc_1_0);
      }
    }
  }
}

// kernel 1: grid ceil(b*m*n/256), 1, 1; uniforms b, m, n; bindings partial, bias, c (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  b: u32,
  m: u32,
  n: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> partial: array<vec4<f32>>;

fn load_partial(i: u32) -> vec4<f32> {
  return partial[i];
}

@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;

fn load_bias(i: u32) -> vec4<f32> {
  return bias[i];
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn store_c(i: u32, v: vec4<f32>) {
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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  let columns = shape.n / 4u;
  let vectors = shape.b * shape.m * columns;
  let index = group * 64u + local_index;
  if ((group >= shape.workgroups) | (index >= vectors)) {
    return;
  }
  var v = load_partial(index);
  for (var part = 1u; part < 4u; part += 1u) {
    v += load_partial(part * vectors + index);
  }
  v += load_bias(index % columns);
  v = gelu(v);
  store_c(index, v);
}
