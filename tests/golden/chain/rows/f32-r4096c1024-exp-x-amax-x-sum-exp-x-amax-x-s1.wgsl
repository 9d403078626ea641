// chain:f32:r4096c1024:exp(x-amax(x))/sum(exp(x-amax(x)))
// chain/rows
// team=4 rows=64 width=4 keep=0 unroll=8 subgroups=1 baked=0 packed=0
// run: kernel 0 on input 0, output 0

// kernel 0: grid ceil(rows/64), 1, 1; uniforms size_r, size_c, rows; bindings in_x, out_out (written)
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

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_id) subgroup_id: u32,
  @builtin(subgroup_invocation_id) subgroup_invocation_id: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let rank = subgroup_id * subgroup_size + subgroup_invocation_id;
  let lane = rank % 4u;
  let place = group * 64u + rank / 4u;
  let is_row = place < shape.rows;
  let row = min(place, shape.rows - 1u);
  let vectors = (shape.size_c / 4u);
  let start_of_row = row * vectors;

  var lanes_1 = Value(-3.4028234663852886e38);
  for (var start = 0u; start < vectors; start += 32u) {
    let column_0 = min(start + lane, vectors - 1u);
    let column_1 = min(start + lane + 4u, vectors - 1u);
    let column_2 = min(start + lane + 8u, vectors - 1u);
    let column_3 = min(start + lane + 12u, vectors - 1u);
    let column_4 = min(start + lane + 16u, vectors - 1u);
    let column_5 = min(start + lane + 20u, vectors - 1u);
    let column_6 = min(start + lane + 24u, vectors - 1u);
    let column_7 = min(start + lane + 28u, vectors - 1u);
    let v0_x = load_in_x(start_of_row + column_0);
    let v1_x = load_in_x(start_of_row + column_1);
    let v2_x = load_in_x(start_of_row + column_2);
    let v3_x = load_in_x(start_of_row + column_3);
    let v4_x = load_in_x(start_of_row + column_4);
    let v5_x = load_in_x(start_of_row + column_5);
    let v6_x = load_in_x(start_of_row + column_6);
    let v7_x = load_in_x(start_of_row + column_7);
    lanes_1 = max(lanes_1, v0_x);
    lanes_1 = max(lanes_1, v1_x);
    lanes_1 = max(lanes_1, v2_x);
    lanes_1 = max(lanes_1, v3_x);
    lanes_1 = max(lanes_1, v4_x);
    lanes_1 = max(lanes_1, v5_x);
    lanes_1 = max(lanes_1, v6_x);
    lanes_1 = max(lanes_1, v7_x);
  }
  var largest_1 = max(max(lanes_1.x, lanes_1.y), max(lanes_1.z, lanes_1.w));
  if (subgroup_size <= 4u) {
    largest_1 = subgroupMax(largest_1);
  } else {
    largest_1 = max(largest_1, subgroupShuffleXor(largest_1, 1u));
    largest_1 = max(largest_1, subgroupShuffleXor(largest_1, 2u));
  }

  var lanes_4 = Value(0.0);
  for (var start = 0u; start < vectors; start += 32u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let column_1 = min(start + lane + 4u, vectors - 1u);
    let inside_1 = start + lane + 4u < vectors;
    let column_2 = min(start + lane + 8u, vectors - 1u);
    let inside_2 = start + lane + 8u < vectors;
    let column_3 = min(start + lane + 12u, vectors - 1u);
    let inside_3 = start + lane + 12u < vectors;
    let column_4 = min(start + lane + 16u, vectors - 1u);
    let inside_4 = start + lane + 16u < vectors;
    let column_5 = min(start + lane + 20u, vectors - 1u);
    let inside_5 = start + lane + 20u < vectors;
    let column_6 = min(start + lane + 24u, vectors - 1u);
    let inside_6 = start + lane + 24u < vectors;
    let column_7 = min(start + lane + 28u, vectors - 1u);
    let inside_7 = start + lane + 28u < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    let v1_x = load_in_x(start_of_row + column_1);
    let v2_x = load_in_x(start_of_row + column_2);
    let v3_x = load_in_x(start_of_row + column_3);
    let v4_x = load_in_x(start_of_row + column_4);
    let v5_x = load_in_x(start_of_row + column_5);
    let v6_x = load_in_x(start_of_row + column_6);
    let v7_x = load_in_x(start_of_row + column_7);
    lanes_4 += select(Value(0.0), exp(v0_x - largest_1), inside_0);
    lanes_4 += select(Value(0.0), exp(v1_x - largest_1), inside_1);
    lanes_4 += select(Value(0.0), exp(v2_x - largest_1), inside_2);
    lanes_4 += select(Value(0.0), exp(v3_x - largest_1), inside_3);
    lanes_4 += select(Value(0.0), exp(v4_x - largest_1), inside_4);
    lanes_4 += select(Value(0.0), exp(v5_x - largest_1), inside_5);
    lanes_4 += select(Value(0.0), exp(v6_x - largest_1), inside_6);
    lanes_4 += select(Value(0.0), exp(v7_x - largest_1), inside_7);
  }
  var sum_4 = (lanes_4.x + lanes_4.y) + (lanes_4.z + lanes_4.w);
  if (subgroup_size <= 4u) {
    sum_4 = subgroupAdd(sum_4);
  } else {
    sum_4 = sum_4 + subgroupShuffleXor(sum_4, 1u);
    sum_4 = sum_4 + subgroupShuffleXor(sum_4, 2u);
  }

  for (var start = 0u; start < vectors; start += 32u) {
    let column_0 = min(start + lane, vectors - 1u);
    let inside_0 = start + lane < vectors;
    let column_1 = min(start + lane + 4u, vectors - 1u);
    let inside_1 = start + lane + 4u < vectors;
    let column_2 = min(start + lane + 8u, vectors - 1u);
    let inside_2 = start + lane + 8u < vectors;
    let column_3 = min(start + lane + 12u, vectors - 1u);
    let inside_3 = start + lane + 12u < vectors;
    let column_4 = min(start + lane + 16u, vectors - 1u);
    let inside_4 = start + lane + 16u < vectors;
    let column_5 = min(start + lane + 20u, vectors - 1u);
    let inside_5 = start + lane + 20u < vectors;
    let column_6 = min(start + lane + 24u, vectors - 1u);
    let inside_6 = start + lane + 24u < vectors;
    let column_7 = min(start + lane + 28u, vectors - 1u);
    let inside_7 = start + lane + 28u < vectors;
    let v0_x = load_in_x(start_of_row + column_0);
    let v1_x = load_in_x(start_of_row + column_1);
    let v2_x = load_in_x(start_of_row + column_2);
    let v3_x = load_in_x(start_of_row + column_3);
    let v4_x = load_in_x(start_of_row + column_4);
    let v5_x = load_in_x(start_of_row + column_5);
    let v6_x = load_in_x(start_of_row + column_6);
    let v7_x = load_in_x(start_of_row + column_7);
    if (inside_0 & is_row) {
      store_out_out(start_of_row + column_0, exp(v0_x - largest_1) / sum_4);
    }
    if (inside_1 & is_row) {
      store_out_out(start_of_row + column_1, exp(v1_x - largest_1) / sum_4);
    }
    if (inside_2 & is_row) {
      store_out_out(start_of_row + column_2, exp(v2_x - largest_1) / sum_4);
    }
    if (inside_3 & is_row) {
      store_out_out(start_of_row + column_3, exp(v3_x - largest_1) / sum_4);
    }
    if (inside_4 & is_row) {
      store_out_out(start_of_row + column_4, exp(v4_x - largest_1) / sum_4);
    }
    if (inside_5 & is_row) {
      store_out_out(start_of_row + column_5, exp(v5_x - largest_1) / sum_4);
    }
    if (inside_6 & is_row) {
      store_out_out(start_of_row + column_6, exp(v6_x - largest_1) / sum_4);
    }
    if (inside_7 & is_row) {
      store_out_out(start_of_row + column_7, exp(v7_x - largest_1) / sum_4);
    }
  }
}
