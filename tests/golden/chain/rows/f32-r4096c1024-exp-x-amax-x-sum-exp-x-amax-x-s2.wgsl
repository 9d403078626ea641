// chain:f32:r4096c1024:exp(x-amax(x))/sum(exp(x-amax(x)))
// chain/rows
// team=2 rows=32 width=2 keep=0 unroll=1 subgroups=0 baked=0 packed=0
// run: kernel 0 on input 0, output 0

// kernel 0: grid ceil(rows/32), 1, 1; uniforms size_r, size_c, rows; bindings in_x, out_out (written)
alias Value = vec2<f32>;

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

@group(0) @binding(1) var<storage, read> in_x: array<vec2<f32>>;

fn load_in_x(i: u32) -> vec2<f32> {
  return in_x[i];
}

@group(0) @binding(2) var<storage, read_write> out_out: array<vec2<f32>>;

fn store_out_out(i: u32, v: vec2<f32>) {
  out_out[i] = v;
}

var<workgroup> parts_0: array<f32, 64>;

@compute @workgroup_size(64)
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
  let lane = rank % 2u;
  let place = group * 32u + rank / 2u;
  let is_row = place < shape.rows;
  let row = min(place, shape.rows - 1u);
  let vectors = (shape.size_c / 2u);
  let start_of_row = row * vectors;

  var lanes_1 = Value(-3.4028234663852886e38);
  for (var start = 0u; start < vectors; start += 2u) {
    let column_0 = min(start + lane, vectors - 1u);
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_1 = max(lanes_1, v0_x);
  }
  var largest_1 = max(lanes_1.x, lanes_1.y);
  {
    parts_0[rank] = largest_1;
    workgroupBarrier();
    let member = rank % 2u;
    let first = rank - member;
    largest_1 = max(parts_0[first], parts_0[first + 1u]);
  }

  var lanes_4 = Value(0.0);
  for (var start = 0u; start < vectors; start += 2u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    lanes_4 += select(Value(0.0), exp(v0_x - largest_1), inside_0);
  }
  var sum_4 = lanes_4.x + lanes_4.y;
  {
    workgroupBarrier();
    parts_0[rank] = sum_4;
    workgroupBarrier();
    let member = rank % 2u;
    let first = rank - member;
    sum_4 = parts_0[first] + parts_0[first + 1u];
  }

  for (var start = 0u; start < vectors; start += 2u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    if (inside_0 & is_row) {
      store_out_out(start_of_row + column_0, exp(v0_x - largest_1) / sum_4);
    }
  }
}
