// matmul:f32:m1n256k512:nt+bias+gelu
// matmul/vector
// invocations=32 team=1 tile=4 vec=2 vec_skinny=2 unroll=1 slab=2 split=1 subgroups=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(b*ceil(n/4)/32), 1, 1; uniforms b, m, n, k; bindings a, b, bias, c (written)
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

@group(0) @binding(1) var<storage, read> a: array<vec2<f32>>;

fn load_a(i: u32) -> vec2<f32> {
  return a[i];
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f32>>;

fn load_b(i: u32) -> vec2<f32> {
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

var<workgroup> staged: array<vec2<f32>, 2>;

@compute @workgroup_size(32)
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
  let steps = size_k / 2u;
  let rank = local_index;
  let member = rank % 1u;
  let lane = rank;

  let tiles = (lines + 3u) / 4u;
  let own = group * 32u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = (batch * lines + line_0) * steps;
  let line_1 = tile + tiles;
  let long_1 = (batch * lines + min(line_1, lines - 1u)) * steps;
  let line_2 = tile + 2u * tiles;
  let long_2 = (batch * lines + min(line_2, lines - 1u)) * steps;
  let line_3 = tile + 3u * tiles;
  let long_3 = (batch * lines + min(line_3, lines - 1u)) * steps;
  let skinny = batch * steps;
  let first = 0u;
  let count = steps;

  var acc_0_0 = f32(0.0);
  var acc_1_0 = f32(0.0);
  var acc_2_0 = f32(0.0);
  var acc_3_0 = f32(0.0);
  for (var start = 0u; start < count; start += 2u) {
    for (var t = rank; t < 2u; t += 32u) {
      let local = t % 2u;
      if (start + local < count) {
        staged[t] = load_a(skinny + t / 2u * steps + first + start + local);
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < 2u; i += 1u) {
      let local_0 = i + member;
      if (start + local_0 < count) {
        let at_0 = first + start + local_0;
        let w_0_0 = load_b(long_0 + at_0);
        let w_0_1 = load_b(long_1 + at_0);
        let w_0_2 = load_b(long_2 + at_0);
        let w_0_3 = load_b(long_3 + at_0);
        let v_0_0 = staged[local_0];

        acc_0_0 += dot(w_0_0, v_0_0);
        acc_1_0 += dot(w_0_1, v_0_0);
        acc_2_0 += dot(w_0_2, v_0_0);
        acc_3_0 += dot(w_0_3, v_0_0);
      }
    }
    workgroupBarrier();
  }

  if (own < size_b * tiles) {
    {
      let index = batch * size_l + line_0;
      let channel = line_0;
      var v = acc_0_0;
      v += load_bias(channel);
      v = gelu(v);
      store_c(index, v);
    }

    if (line_1 < lines) {
      {
        let index = batch * size_l + line_1;
        let channel = line_1;
        var v = acc_1_0;
        v += load_bias(channel);
        v = gelu(v);
        store_c(index, v);
      }
    }
    if (line_2 < lines) {
      {
        let index = batch * size_l + line_2;
        let channel = line_2;
        var v = acc_2_0;
        v += load_bias(channel);
        v = gelu(v);
        store_c(index, v);
      }
    }
    if (line_3 < lines) {
      {
        let index = batch * size_l + line_3;
        let channel = line_3;
        var v = acc_3_0;
        v += load_bias(channel);
        v = gelu(v);
        store_c(index, v);
      }
    }
  }
}
