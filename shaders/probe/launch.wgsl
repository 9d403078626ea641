{#- The cost of a launch: one workgroup that does next to nothing, each launch after the one before.

    source[32]  numbers
    copied[32]  the same; each launch writes them, so that none may overtake another -#}
{% import "grid.wgsl" as grid %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> copied: array<f32>;

@compute @workgroup_size(32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  copied[local.x] = source[local.x];
}
