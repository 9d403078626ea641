{#- A chain with reductions over the last axis: a team of invocations goes through each row, once per sweep.

    A sweep computes what is known so far, reduces it, and stores the outputs that can be. Reductions that need another
    one's result are done in a later sweep. A softmax has three: the maximum, the sum of exponentials, the quotients.

        workgroup:  rows side by side        row:  | team vectors | team vectors | ...
                    | team | team | ...            vector v belongs to invocation v % team

    Parameters
      team         invocations per row, a power of two
      rows         rows side by side in a workgroup
      width        elements per load and store along the row
      keep         values needed by a later sweep: 0 read and computed again, 1 kept in registers, 2 in workgroup memory
      unroll       vectors of an invocation loaded before the first is used, where a row is looped over (keep 0 and 2)
      subgroups    reductions by subgroup operations instead of a tree in workgroup memory
      baked        sizes as constants in the text instead of uniforms
      packed       f16 as halves of 32-bit words

    Assumes the row's length divisible by width. A vector beyond the end of the row, or a row beyond the last, reads the
    last valid one, and enters no sum and no output. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "reduction.wgsl" as reduction %}
{% set step = team * items %}
{{ storage.header(text.buffers) }}
alias Value = {{ storage.value_type(width) }};

{{ grid.uniforms(text.uniforms) }}

{% for buffer in text.buffers %}
{{ storage.input(buffer) if buffer.name[:3] == "in_" else storage.output(buffer) }}

{% endfor %}
{{ elementwise.definitions(text.functions) }}
{{ reduction.memory(reductions["+"], text.reduced_together) }}
{% for place in range(text.places) %}
var<workgroup> kept_{{ place }}: array<Value, {{ rows * slots }}>;
{% endfor %}

{# Where the vectors of an invocation lie; `start` counts what came before in the row, `tells` whether they lie in it. #}
{% macro columns(start, tells) %}
{% for guard in guards %}
{% set column = start ~ "lane + " ~ loop.index0 * team ~ "u" %}
{% if guard %}
  let column_{{ loop.index0 }} = min({{ column }}, vectors - 1u);
{% if tells %}
  let inside_{{ loop.index0 }} = {{ column }} < vectors;
{% endif %}
{% else %}
  let column_{{ loop.index0 }} = {{ column }};
{% endif %}
{% if text.places %}
  let slot_{{ loop.index0 }} = rank / {{ team }}u * {{ slots }}u + {{ column }};
{% endif %}
{% endfor %}
{% endmacro %}
@compute @workgroup_size({{ team * rows }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  {{ reduction.parameters(reductions["+"]) }}
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  {{ reduction.rank(reductions["+"]) }}
  let lane = {{ "0u" if team == 1 else "rank" if rows == 1 else "rank % " ~ team ~ "u" }};
{% if guards_rows %}
  let place = group * {{ rows }}u + rank / {{ team }}u;
  let is_row = place < {{ text.rows }};
  let row = min(place, {{ text.rows }} - 1u);
{% elif rows > 1 %}
  let row = group * {{ rows }}u + rank / {{ team }}u;
{% else %}
  let row = group;
{% endif %}
  let vectors = {{ text.vectors }};
  let start_of_row = row * vectors;
{% for statement in text.coordinates %}
  {{ statement }}
{% endfor %}
{% for statement in text.before %}
  {{ statement }}
{% endfor %}
{% if not looped %}
{{ columns("", true) }}
{%- endif %}
{% for sweep in text.sweeps %}
{% set first = loop.first %}

{% for name, neutral in sweep.lanes %}
  var {{ name }} = Value({{ neutral }});
{% endfor %}
{% if looped %}
  for (var start = 0u; start < vectors; start += {{ step }}u) {
{{ columns("start + ", sweep.guards) }}
{%- endif %}
{% for item in sweep.items %}
{% for statement in item.loads %}
    {{ statement }}
{% endfor %}
{% endfor %}
{% for item in sweep.items %}
{% for statement in item.statements %}
    {{ statement }}
{% endfor %}
{% endfor %}
{% if looped %}
  }
{% endif %}
{% for group in sweep.groups %}
{% for result in group.results %}
{% set lanes = group.lanes[loop.index0] %}
{% if width == 1 %}
  var {{ result }} = {{ lanes }};
{% elif group.combine == "+" %}
  var {{ result }} = {{ "(" ~ lanes ~ ".x + " ~ lanes ~ ".y) + (" ~ lanes ~ ".z + " ~ lanes ~ ".w)" if width == 4 else lanes ~ ".x + " ~ lanes ~ ".y" }};
{% elif width == 4 %}
  var {{ result }} = {{ group.combine }}({{ group.combine }}({{ lanes }}.x, {{ lanes }}.y), {{ group.combine }}({{ lanes }}.z, {{ lanes }}.w));
{% else %}
  var {{ result }} = {{ group.combine }}({{ lanes }}.x, {{ lanes }}.y);
{% endif %}
{% endfor %}
{{ reduction.reduce(reductions[group.combine], group.results, again=not (first and loop.first)) }}

{% endfor %}
{% for statement in sweep.after %}
  {{ statement }}
{% endfor %}
{% endfor %}
}
