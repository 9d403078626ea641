{#- Memory bandwidth where as much is written as read: one buffer copied to another.

    source[vectors]  of `width` numbers each
    copied[vectors]  the same

        a workgroup copies `items` runs of `workgroup` neighbouring vectors; its invocations lie side by side

    Parameters
      workgroup  invocations of a workgroup
      items      vectors per invocation
      width      numbers of a vector: 1 or 4

    Assumes that the number of vectors is a multiple of workgroup * items. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> source: array<{{ storage.value_type(width) }}>;
@group(0) @binding(2) var<storage, read_write> copied: array<{{ storage.value_type(width) }}>;

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
  let first = group * {{ workgroup * items }}u + local.x;
{% for item in range(items) %}
  let vector_{{ item }} = source[first + {{ item * workgroup }}u];
{% endfor %}
{% for item in range(items) %}
  copied[first + {{ item * workgroup }}u] = vector_{{ item }};
{% endfor %}
}
