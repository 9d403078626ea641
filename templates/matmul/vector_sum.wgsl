{#- What parts of k have left in `partial` is added up: C = epilogue(sum over parts of partial[part]).

    `partial` is [split, b, m, n] of f32. Each invocation makes `width` neighbours of C. Assumes n divisible by width. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(width) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
@compute @workgroup_size({{ invocations }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  let columns = shape.n / {{ width }}u;
  let vectors = shape.b * shape.m * columns;
  let index = group * {{ invocations }}u + local_index;
  if ((group >= shape.workgroups) | (index >= vectors)) {
    return;
  }
  var v = load_partial(index);
  for (var part = 1u; part < {{ split }}u; part += 1u) {
    v += load_partial(part * vectors + index);
  }
{% for statement in epilogue %}
  {{ statement }}
{% endfor %}
  store_c(index, v);
}
