{#- A whole kernel that lays weights out anew, once: [blocks, rows, columns] becomes [blocks, columns, rows].

    So what lay `columns` apart lies in a row, and can be loaded in vectors. One element per invocation. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{{ storage.header(buffers) }}
{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "packed" else storage.input(buffer) }}

{% endfor %}
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let rows = {{ rows }};
  if ((group >= shape.workgroups) | (i >= {{ blocks ~ " * " if blocks }}rows * {{ columns }}u)) {
    return;
  }
  let row = i % rows;
  let column = i / rows{{ " % " ~ columns ~ "u" if blocks }};
{% if blocks %}
  let block = i / (rows * {{ columns }}u);
{% endif %}
  store_packed(i, load_w(({{ "block * rows + " if blocks }}row) * {{ columns }}u + column));
}
