// matmul:f16:m3n96k144:tn+bias+relu
// matmul/vector
// invocations=512 team=8 tile=2 vec=4 vec_skinny=1 unroll=1 slab=0 split=4 subgroups=0 baked=1 packed=1
// run: kernel 0 on input 0, input 1, temporary `partial` of 16*b*m*n bytes
// run: kernel 1 on temporary `partial` of 16*b*m*n bytes, input 2, output 0

// kernel 0: grid ceil(b*ceil(n/4/2)/64), 4, 1; uniforms b, m, n, k; bindings a, b, partial (written)
alias Value = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> a: array<u32>;

fn load_a(i: u32) -> f32 {
  return unpack2x16float(a[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> b: array<vec2<u32>>;

fn load_b(i: u32) -> vec4<f32> {
  let lanes = b[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
}

@group(0) @binding(3) var<storage, read_write> partial: array<vec4<f32>>;

fn store_partial(i: u32, v: vec4<f32>) {
  partial[i] = v;
}

var<workgroup> sums_0: array<vec4<f32>, 512>;

@compute @workgroup_size(512)
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
  let size_l = 96u;
  let size_k = 144u;
  let lines = size_l / 4u;
  let steps = size_k;
  let rank = local_index;
  let member = rank / 64u;
  let lane = rank % 64u;

  let tiles = (lines + 1u) / 2u;
  let groups = (size_b * tiles + 63u) / 64u;
  let part = group / groups;
  let own = group % groups * 64u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = batch * size_k * lines + line_0;
  let line_1 = tile + tiles;
  let long_1 = batch * size_k * lines + line_1;
  let skinny = batch * steps * 3u;
  let chunk = (steps + 3u) / 4u;
  let first = min(part * chunk, steps);
  let count = min(chunk, steps - first);

  var acc_0_0 = vec4<f32>(0.0);
  var acc_0_1 = vec4<f32>(0.0);
  var acc_0_2 = vec4<f32>(0.0);
  var acc_1_0 = vec4<f32>(0.0);
  var acc_1_1 = vec4<f32>(0.0);
  var acc_1_2 = vec4<f32>(0.0);
  let whole = count / 8u * 8u;
  let rest = count % 8u;
  for (var i = 0u; i < whole; i += 8u) {
    let at_0 = first + i + member;
    let w_0_0_0 = load_b(long_0 + at_0 * lines);
    let w_0_1_0 = load_b(long_1 + at_0 * lines);
    let v_0_0 = load_a(skinny + at_0 * 3u);
    let v_0_1 = load_a(skinny + at_0 * 3u + 1u);
    let v_0_2 = load_a(skinny + at_0 * 3u + 2u);

    acc_0_0 += w_0_0_0 * v_0_0;
    acc_0_1 += w_0_0_0 * v_0_1;
    acc_0_2 += w_0_0_0 * v_0_2;
    acc_1_0 += w_0_1_0 * v_0_0;
    acc_1_1 += w_0_1_0 * v_0_1;
    acc_1_2 += w_0_1_0 * v_0_2;
  }
  for (var i = member; i < rest; i += 8u) {
    let at = first + whole + i;
    let w_0_0_0 = load_b(long_0 + at * lines);
    let w_0_1_0 = load_b(long_1 + at * lines);
    let v_0_0 = load_a(skinny + at * 3u);
    let v_0_1 = load_a(skinny + at * 3u + 1u);
    let v_0_2 = load_a(skinny + at * 3u + 2u);

    acc_0_0 += w_0_0_0 * v_0_0;
    acc_0_1 += w_0_0_0 * v_0_1;
    acc_0_2 += w_0_0_0 * v_0_2;
    acc_1_0 += w_0_1_0 * v_0_0;
    acc_1_1 += w_0_1_0 * v_0_1;
    acc_1_2 += w_0_1_0 * v_0_2;
  }

  {
    sums_0[rank] = acc_0_0;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_0_0 = sums_0[first] + sums_0[first + 64u];
  }
  {
    workgroupBarrier();
    sums_0[rank] = acc_0_1;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_0_1 = sums_0[first] + sums_0[first + 64u];
  }
  {
    workgroupBarrier();
    sums_0[rank] = acc_0_2;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_0_2 = sums_0[first] + sums_0[first + 64u];
  }
  {
    workgroupBarrier();
    sums_0[rank] = acc_1_0;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_1_0 = sums_0[first] + sums_0[first + 64u];
  }
  {
    workgroupBarrier();
    sums_0[rank] = acc_1_1;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_1_1 = sums_0[first] + sums_0[first + 64u];
  }
  {
    workgroupBarrier();
    sums_0[rank] = acc_1_2;
    workgroupBarrier();
    let member = rank / 64u % 8u;
    if (member < 4u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 256u];
    }
    workgroupBarrier();
    if (member < 2u) {
      sums_0[rank] = sums_0[rank] + sums_0[rank + 128u];
    }
    workgroupBarrier();
    let first = rank - member * 64u;
    acc_1_2 = sums_0[first] + sums_0[first + 64u];
  }
  if ((member == 0u) & (own < size_b * tiles)) {
    {
      let index = batch * 3u * (size_l / 4u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_0_0);
    }

    {
      let index = (batch * 3u + 1u) * (size_l / 4u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_0_1);
    }

    {
      let index = (batch * 3u + 2u) * (size_l / 4u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_0_2);
    }

    {
      let index = batch * 3u * (size_l / 4u) + line_1;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_1_0);
    }

    {
      let index = (batch * 3u + 1u) * (size_l / 4u) + line_1;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_1_1);
    }

    {
      let index = (batch * 3u + 2u) * (size_l / 4u) + line_1;
      store_partial(part * (size_b * size_l * 3u / 4u) + index, acc_1_2);
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

@group(0) @binding(2) var<storage, read> bias: array<vec2<u32>>;

fn load_bias(i: u32) -> vec4<f32> {
  let lanes = bias[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
}

@group(0) @binding(3) var<storage, read_write> c: array<vec2<u32>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw));
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
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
  v = relu(v);
  store_c(index, v);
}
