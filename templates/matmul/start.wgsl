{#- Zeros for partial sums to be added to.

    C[b,m,n] = 0. Each invocation makes `each` vectors of vec_c neighbouring outputs, as far apart as the workgroup is
    wide, so that neighbours write neighbours.

    Assumes n divisible by vec_c. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{{ grid.uniforms(uniforms) }}

{{ storage.output(c) }}

@compute @workgroup_size({{ threads }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let count = shape.b * shape.m * (shape.n / {{ vec_c }}u);
  let first = group * {{ threads * each }}u + local;
{% for i in range(each) %}
  if (first + {{ i * threads }}u < count) {
    store_c(first + {{ i * threads }}u, {{ storage.value_type(vec_c) }}(0.0));
  }
{% endfor %}
}
