{#- The uniform block, and the numbering of workgroups that every kernel shares.

    Workgroups are numbered through x, y and z, from `first_workgroup` on: so a grid can be split over dispatches and
    counts above the limit of one direction can be folded into the next. Those from `workgroups` on do nothing. -#}
{% macro uniforms(names) -%}
{{ block(names) }}

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return {{ index("id", "count") }};
}
{%- endmacro %}

{# The uniform block alone. #}
{% macro block(names) -%}
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
{% for name in names %}
  {{ name }}: u32,
{% endfor %}
}

@group(0) @binding(0) var<uniform> shape: Shape;
{%- endmacro %}

{# The number of a workgroup, for kernels whose control flow naga must see to be uniform: it takes no call to be so. #}
{% macro index(id, count) -%}
shape.first_workgroup + ({{ id }}.z * {{ count }}.y + {{ id }}.y) * {{ count }}.x + {{ id }}.x
{%- endmacro %}
