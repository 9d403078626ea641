// chain:f32:r4096c1024:exp(x-amax(x))/sum(exp(x-amax(x)))
// chain/rows
// team=64 rows=2 width=4 keep=1 unroll=1 subgroups=0 baked=1 packed=0
// run: kernel 0 on input 0, output 0

// kernel 0: grid ceil(rows/2), 1, 1; uniforms size_r, size_c, rows; bindings in_x, out_out (written)
alias Value = vec4<f32>;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  size_r: u32,
  size_c: u32,
  rows: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> in_x: array<vec4<f32>>;

fn load_in_x(i: u32) -> vec4<f32> {
  return in_x[i];
}

@group(0) @binding(2) var<storage, read_write> out_out: array<vec4<f32>>;

fn store_out_out(i: u32, v: vec4<f32>) {
  out_out[i] = v;
}

var<workgroup> parts_0: array<f32, 128>;

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let rank = local_index;
  let lane = rank % 64u;
  let row = group * 2u + rank / 64u;
  let vectors = 256u;
  let start_of_row = row * vectors;
  let column_0 = lane;
  let column_1 = lane + 64u;
  let column_2 = lane + 128u;
  let column_3 = lane + 192u;

  var lanes_1 = Value(-3.4028234663852886e38);
  let v0_x = load_in_x(start_of_row + column_0);
  let v1_x = load_in_x(start_of_row + column_1);
  let v2_x = load_in_x(start_of_row + column_2);
  let v3_x = load_in_x(start_of_row + column_3);
  lanes_1 = max(lanes_1, v0_x);
  lanes_1 = max(lanes_1, v1_x);
  lanes_1 = max(lanes_1, v2_x);
  lanes_1 = max(lanes_1, v3_x);
  var largest_1 = max(max(lanes_1.x, lanes_1.y), max(lanes_1.z, lanes_1.w));
  {
    parts_0[rank] = largest_1;
    workgroupBarrier();
    let member = rank % 64u;
    if (member < 32u) {
      parts_0[rank] = max(parts_0[rank], parts_0[rank + 32u]);
    }
    workgroupBarrier();
    if (member < 16u) {
      parts_0[rank] = max(parts_0[rank], parts_0[rank + 16u]);
    }
    workgroupBarrier();
    if (member < 8u) {
      parts_0[rank] = max(parts_0[rank], parts_0[rank + 8u]);
    }
    workgroupBarrier();
    if (member < 4u) {
      parts_0[rank] = max(parts_0[rank], parts_0[rank + 4u]);
    }
    workgroupBarrier();
    if (member < 2u) {
      parts_0[rank] = max(parts_0[rank], parts_0[rank + 2u]);
    }
    workgroupBarrier();
    let first = rank - member;
    largest_1 = max(parts_0[first], parts_0[first + 1u]);
  }

  var lanes_4 = Value(0.0);
  let t0_3 = exp(v0_x - largest_1);
  lanes_4 += t0_3;
  let t1_3 = exp(v1_x - largest_1);
  lanes_4 += t1_3;
  let t2_3 = exp(v2_x - largest_1);
  lanes_4 += t2_3;
  let t3_3 = exp(v3_x - largest_1);
  lanes_4 += t3_3;
  var sum_4 = (lanes_4.x + lanes_4.y) + (lanes_4.z + lanes_4.w);
  {
    workgroupBarrier();
    parts_0[rank] = sum_4;
    workgroupBarrier();
    let member = rank % 64u;
    if (member < 32u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 32u];
    }
    workgroupBarrier();
    if (member < 16u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 16u];
    }
    workgroupBarrier();
    if (member < 8u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 8u];
    }
    workgroupBarrier();
    if (member < 4u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 4u];
    }
    workgroupBarrier();
    if (member < 2u) {
      parts_0[rank] = parts_0[rank] + parts_0[rank + 2u];
    }
    workgroupBarrier();
    let first = rank - member;
    sum_4 = parts_0[first] + parts_0[first + 1u];
  }

  store_out_out(start_of_row + column_0, t0_3 / sum_4);
  store_out_out(start_of_row + column_1, t1_3 / sum_4);
  store_out_out(start_of_row + column_2, t2_3 / sum_4);
  store_out_out(start_of_row + column_3, t3_3 / sum_4);
}
