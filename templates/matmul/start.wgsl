{#- What C holds before partial sums are added to it: zero, or what a linear epilogue adds.

    C[b,m,n] = sum over the tensors that the epilogue adds, each times its factor. Each invocation makes `each` vectors of
    vec_c neighbouring outputs, as far apart as the workgroup is wide, so that neighbours write neighbours.

    Assumes n divisible by vec_c. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
alias Value = {{ storage.value_type(vec_c) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.input(buffer) }}

{% endfor %}
fn start(index: u32, count: u32) {
  if (index < count) {
    var v = Value(0.0);
{% for term in terms %}
    v += {{ term }};
{% endfor %}
    store_c(index, v);
  }
}

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
  start(first + {{ i * threads }}u, count);
{% endfor %}
}
