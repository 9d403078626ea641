{#- Bandwidth of workgroup memory: invocations read a small tile again and again.

    source[tile]       vec4 each: what the tile holds
    sums[invocations]  one number per invocation: the sum of what it reads

        invocation i reads place (i + r) % tile for r from 0 to `reads`: neighbours read neighbours

    Parameters
      workgroup  invocations of a workgroup; at least `tile`
      tile       vectors of the tile; a power of two
      reads      vectors that each invocation reads; a multiple of 4, and not of `tile`, so that sums differ

    Assumes numbers so small that sums are exact. -#}
{% import "grid.wgsl" as grid %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

var<workgroup> shared_tile: array<vec4<f32>, {{ tile }}>;

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
{% if workgroup > tile %}
  if (local.x < {{ tile }}u) {
    shared_tile[local.x] = source[local.x];
  }
{% else %}
  shared_tile[local.x] = source[local.x];
{% endif %}
  workgroupBarrier();
{% for part in range(4) %}
  var sum_{{ part }} = vec4<f32>(0.0);
{% endfor %}
  for (var read = 0u; read < {{ reads }}u; read += 4u) {
{% for part in range(4) %}
    sum_{{ part }} += shared_tile[(local.x + read + {{ part }}u) & {{ tile - 1 }}u];
{% endfor %}
  }
  let sum = (sum_0 + sum_1) + (sum_2 + sum_3);
  sums[group * {{ workgroup }}u + local.x] = sum.x + sum.y + sum.z + sum.w;
}
