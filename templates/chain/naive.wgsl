{#- The naive chain: one element per invocation. What tuned kernels are measured against. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(text.buffers) }}
alias Value = f32;

{{ grid.uniforms(text.uniforms) }}

{% for buffer in text.buffers %}
{{ storage.input(buffer) if buffer.name[:3] == "in_" else storage.output(buffer) }}

{% endfor %}
{{ elementwise.definitions(text.functions) }}
struct Inputs {
{% for input in text.inputs %}
  v_{{ input.name }}: Value,
{% endfor %}
}

@compute @workgroup_size({{ wx }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * {{ wx }}u + local.x;
  if ((group >= shape.workgroups) | (i >= {{ text.vectors }})) {
    return;
  }
{% for statement in text.coordinates %}
  {{ statement }}
{% endfor %}
  let inputs = Inputs(
{% for input in text.inputs %}
    {{ input.load }},
{% endfor %}
  );
{% for name, value in text.values %}
  let {{ name }} = {{ value }};
{% endfor %}
{% for name in text.outputs %}
  store_out_{{ name }}(i, v_{{ name }});
{% endfor %}
}
