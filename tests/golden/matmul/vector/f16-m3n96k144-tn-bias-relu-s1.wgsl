// matmul:f16:m3n96k144:tn+bias+relu
// matmul/vector
// invocations=1024 team=1 tile=4 vec=2 vec_skinny=1 unroll=1 slab=4 split=2 subgroups=0 baked=0 packed=0
// run: kernel 0 on input 0, input 1, temporary `partial` of 8*b*m*n bytes
// run: kernel 1 on temporary `partial` of 8*b*m*n bytes, input 2, output 0

// kernel 0: grid ceil(b*ceil(n/2/4)/1024), 2, 1; uniforms b, m, n, k; bindings a, b, partial (written)
enable f16;

alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> a: array<f16>;

fn load_a(i: u32) -> f32 {
  return f32(a[i]);
}

@group(0) @binding(2) var<storage, read> b: array<vec2<f16>>;

fn load_b(i: u32) -> vec2<f32> {
  return vec2<f32>(b[i]);
}

@group(0) @binding(3) var<storage, read_write> partial: array<vec2<f32>>;

fn store_partial(i: u32, v: vec2<f32>) {
  partial[i] = v;
}

var<workgroup> staged: array<f32, 12>;

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
  let lines = size_l / 2u;
  let steps = size_k;
  let rank = local_index;
  let member = rank / 1024u;
  let lane = rank % 1024u;

  let tiles = (lines + 3u) / 4u;
  let groups = (size_b * tiles + 1023u) / 1024u;
  let part = group / groups;
  let own = group % groups * 1024u + lane;
  let batch = min(own / tiles, size_b - 1u);
  let tile = own % tiles;
  let line_0 = tile;
  let long_0 = batch * size_k * lines + line_0;
  let line_1 = tile + tiles;
  let long_1 = batch * size_k * lines + min(line_1, lines - 1u);
  let line_2 = tile + 2u * tiles;
  let long_2 = batch * size_k * lines + min(line_2, lines - 1u);
  let line_3 = tile + 3u * tiles;
  let long_3 = batch * size_k * lines + min(line_3, lines - 1u);
  let skinny = batch * steps * 3u;
  let chunk = (steps + 1u) / 2u;
  let first = min(part * chunk, steps);
  let count = min(chunk, steps - first);

  var acc_0_0 = vec2<f32>(0.0);
  var acc_0_1 = vec2<f32>(0.0);
  var acc_0_2 = vec2<f32>(0.0);
  var acc_1_0 = vec2<f32>(0.0);
  var acc_1_1 = vec2<f32>(0.0);
  var acc_1_2 = vec2<f32>(0.0);
  var acc_2_0 = vec2<f32>(0.0);
  var acc_2_1 = vec2<f32>(0.0);
  var acc_2_2 = vec2<f32>(0.0);
  var acc_3_0 = vec2<f32>(0.0);
  var acc_3_1 = vec2<f32>(0.0);
  var acc_3_2 = vec2<f32>(0.0);
  for (var start = 0u; start < count; start += 4u) {
    for (var t = rank; t < 12u; t += 1024u) {
      if (start + t / 3u < count) {
        staged[t] = load_a(skinny + (first + start) * 3u + t);
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < 4u; i += 1u) {
      let local_0 = i + member;
      if (start + local_0 < count) {
        let at_0 = first + start + local_0;
        let w_0_0_0 = load_b(long_0 + at_0 * lines);
        let w_0_1_0 = load_b(long_1 + at_0 * lines);
        let w_0_2_0 = load_b(long_2 + at_0 * lines);
        let w_0_3_0 = load_b(long_3 + at_0 * lines);
        let v_0_0 = staged[local_0 * 3u];
        let v_0_1 = staged[local_0 * 3u + 1u];
        let v_0_2 = staged[local_0 * 3u + 2u];

        acc_0_0 += w_0_0_0 * v_0_0;
        acc_0_1 += w_0_0_0 * v_0_1;
        acc_0_2 += w_0_0_0 * v_0_2;
        acc_1_0 += w_0_1_0 * v_0_0;
        acc_1_1 += w_0_1_0 * v_0_1;
        acc_1_2 += w_0_1_0 * v_0_2;
        acc_2_0 += w_0_2_0 * v_0_0;
        acc_2_1 += w_0_2_0 * v_0_1;
        acc_2_2 += w_0_2_0 * v_0_2;
        acc_3_0 += w_0_3_0 * v_0_0;
        acc_3_1 += w_0_3_0 * v_0_1;
        acc_3_2 += w_0_3_0 * v_0_2;
      }
    }
    workgroupBarrier();
  }

  if (own < size_b * tiles) {
    {
      let index = batch * 3u * (size_l / 2u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_0_0);
    }

    {
      let index = (batch * 3u + 1u) * (size_l / 2u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_0_1);
    }

    {
      let index = (batch * 3u + 2u) * (size_l / 2u) + line_0;
      store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_0_2);
    }

    if (line_1 < lines) {
      {
        let index = batch * 3u * (size_l / 2u) + line_1;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_1_0);
      }

      {
        let index = (batch * 3u + 1u) * (size_l / 2u) + line_1;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_1_1);
      }

      {
        let index = (batch * 3u + 2u) * (size_l / 2u) + line_1;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_1_2);
      }
    }
    if (line_2 < lines) {
      {
        let index = batch * 3u * (size_l / 2u) + line_2;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_2_0);
      }

      {
        let index = (batch * 3u + 1u) * (size_l / 2u) + line_2;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_2_1);
      }

      {
        let index = (batch * 3u + 2u) * (size_l / 2u) + line_2;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_2_2);
      }
    }
    if (line_3 < lines) {
      {
        let index = batch * 3u * (size_l / 2u) + line_3;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_3_0);
      }

      {
        let index = (batch * 3u + 1u) * (size_l / 2u) + line_3;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_3_1);
      }

      {
        let index = (batch * 3u + 2u) * (size_l / 2u) + line_3;
        store_partial(part * (size_b * size_l * 3u / 2u) + index, acc_3_2);
      }
    }
  }
}

// kernel 1: grid ceil(b*m*n/256), 1, 1; uniforms b, m, n; bindings partial, bias, c (written)
enable f16;

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

@group(0) @binding(2) var<storage, read> bias: array<vec4<f16>>;

fn load_bias(i: u32) -> vec4<f32> {
  return vec4<f32>(bias[i]);
}

@group(0) @binding(3) var<storage, read_write> c: array<vec4<f16>>;

fn store_c(i: u32, v: vec4<f32>) {
  c[i] = vec4<f16>(v);
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
  for (var part = 1u; part < 2u; part += 1u) {
    v += load_partial(part * vectors + index);
  }
  v += load_bias(index % columns);
  v = relu(v);
  store_c(index, v);
}
