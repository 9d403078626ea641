{#- The naive chain with reductions: one row per invocation, which reads it again for each reduction that needs another
    one. What tuned kernels are measured against. -#}
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
@compute @workgroup_size({{ wx }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let row = group * {{ wx }}u + local.x;
  if ((group >= shape.workgroups) | (row >= {{ text.rows }})) {
    return;
  }
  let start_of_row = row * {{ text.vectors }};
{% for statement in text.coordinates + text.before %}
  {{ statement }}
{% endfor %}
{% for sweep in text.sweeps %}

{% for name, neutral in sweep.lanes %}
  var {{ name }} = {{ neutral }};
{% endfor %}
  for (var column_0 = 0u; column_0 < {{ text.vectors }}; column_0 += 1u) {
{% for statement in sweep.items[0].loads + sweep.items[0].statements %}
    {{ statement }}
{% endfor %}
  }
{% for group in sweep.groups %}
{% for result in group.results %}
  let {{ result }} = {{ group.lanes[loop.index0] }};
{% endfor %}
{% endfor %}
{% for statement in sweep.after %}
  {{ statement }}
{% endfor %}
{% endfor %}
}
