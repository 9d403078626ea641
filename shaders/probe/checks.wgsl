{#- What run-time checks cost: a matmul as people write it, every access by a computed index.

    a[size, size], b[size, size]  in rows
    c[size, size] = a * b

        each workgroup computes 16 x 16 of c and stages 16 x 16 of a and b; each invocation computes one element

    Parameters
      size  rows and columns; a multiple of 16

    Assumes numbers so small that sums are exact. -#}
{% import "grid.wgsl" as grid %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

var<workgroup> a_tile: array<f32, 256>;
var<workgroup> b_tile: array<f32, 256>;

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let row = group / {{ size // 16 }}u * 16u + local.y;
  let column = group % {{ size // 16 }}u * 16u + local.x;
  let place = local.y * 16u + local.x;
  var sum = 0.0;
  for (var slab = 0u; slab < {{ size }}u; slab += 16u) {
    a_tile[place] = a[row * {{ size }}u + slab + local.x];
    b_tile[place] = b[(slab + local.y) * {{ size }}u + column];
    workgroupBarrier();
    for (var k = 0u; k < 16u; k += 1u) {
      sum += a_tile[local.y * 16u + k] * b_tile[k * 16u + local.x];
    }
    workgroupBarrier();
  }
  c[row * {{ size }}u + column] = sum;
}
