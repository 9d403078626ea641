{#- Memory bandwidth of reading: every vector of a buffer is read once, and hardly anything is written.

    source[vectors]        of `width` numbers each
    sums[vectors / reads]  one number per invocation: the sum of what it reads

        a workgroup reads `reads` runs of `workgroup` neighbouring vectors; its invocations lie side by side

    Parameters
      workgroup  invocations of a workgroup
      reads      vectors per invocation
      width      numbers of a vector: 1 or 4

    Assumes that the number of vectors is a multiple of workgroup * reads, and numbers so small that sums are exact. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> source: array<{{ storage.value_type(width) }}>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let first = group * {{ workgroup * reads }}u + local.x;
{% for item in range(reads) %}
  let vector_{{ item }} = source[first + {{ item * workgroup }}u];
{% endfor %}
  var sum = vector_0;
{% for item in range(1, reads) %}
  sum += vector_{{ item }};
{% endfor %}
  sums[group * {{ workgroup }}u + local.x] = {{ "sum" if width == 1 else "sum.x + sum.y + sum.z + sum.w" }};
}
