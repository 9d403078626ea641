{#- Reductions: the values of a team of invocations become one, which all of them then hold. For any type and operator.

    A reduction is what `src/op/reduction.rs` describes:
      name        of its workgroup arrays
      type        of a value: a scalar or a vector; without subgroup operations also a struct
      combine     "+", "*", or a function of two values: `max`, `min`, or one that the template defines. It must be
                  associative and commutative, but for rounding
      team        invocations whose values become one, a power of two
      stride      distance of neighbours of a team: 1 where its invocations are consecutive
      workgroup   invocations of the workgroup, a multiple of team * stride
      subgroups   by subgroup operations, whatever the subgroup size; else by a tree in workgroup memory. Asks for a
                  stride of 1, and for full subgroups: a workgroup that is a multiple of the largest subgroup

        rank:  0 1 2 3 | 4 5 6 7 | ...   team 4, stride 1         0 4 8 12 | 1 5 9 13 | ...   team 4, stride 4

    How to use it
      memory(r, n)        at module scope: workgroup memory to reduce `n` values at a time
      parameters(r)       parameters of the entry point, each with a comma
      rank(r)             a statement in the entry point: `rank` numbers the invocations of the workgroup. It is the
                          local index, or follows the subgroups: a kernel must deal its work by `rank`
      reduce(r, values)   statements in uniform control flow: each of the named `var`s becomes its team's result.
                          With `again=true` a barrier comes first: where the memory was used before -#}
{% macro memory(r, n) -%}
{% if r.team > 1 and not (r.subgroups and r.team <= 4) %}
{% for i in range(n) %}
var<workgroup> {{ r.name }}_{{ i }}: array<{{ r.type }}, {{ r.workgroup // 4 if r.subgroups else r.workgroup }}>;
{% endfor %}
{% endif %}
{%- endmacro %}

{% macro parameters(r) -%}
{% if r.subgroups %}
@builtin(subgroup_size) subgroup_size: u32,
@builtin(subgroup_id) subgroup_id: u32,
@builtin(subgroup_invocation_id) subgroup_invocation_id: u32,
{%- else %}
@builtin(local_invocation_index) local_index: u32,
{%- endif %}
{%- endmacro %}

{% macro rank(r) -%}
let rank = {{ "subgroup_id * subgroup_size + subgroup_invocation_id" if r.subgroups else "local_index" }};
{%- endmacro %}

{% macro reduce(r, values, again=false) -%}
{% if r.team > 1 %}
{{ across_subgroups(r, values, again) if r.subgroups else tree(r, values, again) }}
{%- endif %}
{%- endmacro %}

{% macro combined(r, left, right) -%}
{{ left ~ " " ~ r.combine ~ " " ~ right if r.combine in ["+", "*"] else r.combine ~ "(" ~ left ~ ", " ~ right ~ ")" }}
{%- endmacro %}

{# Halves are added to halves until two values are left, which each invocation of the team adds for itself. #}
{% macro tree(r, values, again) -%}
{
{% if again %}
  workgroupBarrier();
{% endif %}
{% for value in values %}
  {{ r.name }}_{{ loop.index0 }}[rank] = {{ value }};
{% endfor %}
  workgroupBarrier();
  let member = rank {{ "" if r.stride == 1 else "/ " ~ r.stride ~ "u " }}% {{ r.team }}u;
{% for step in [512, 256, 128, 64, 32, 16, 8, 4, 2] if step < r.team %}
  if (member < {{ step }}u) {
{% for value in values %}
{% set slots = r.name ~ "_" ~ loop.index0 %}
    {{ slots }}[rank] = {{ combined(r, slots ~ "[rank]", slots ~ "[rank + " ~ step * r.stride ~ "u]") }};
{% endfor %}
  }
  workgroupBarrier();
{% endfor %}
  let first = rank - member * {{ r.stride }}u;
{% for value in values %}
{% set slots = r.name ~ "_" ~ loop.index0 %}
  {{ value }} = {{ combined(r, slots ~ "[first]", slots ~ "[first + " ~ r.stride ~ "u]") }};
{% endfor %}
}
{%- endmacro %}

{# Within subgroups by their own operations; where a team has several, these hand over through workgroup memory. #}
{% macro across_subgroups(r, values, again) -%}
{% set whole = {"+": "subgroupAdd", "*": "subgroupMul", "max": "subgroupMax", "min": "subgroupMin"} %}
{% set widest = [r.team, 128]|min %}
{% if r.combine not in whole %}
{{ butterfly(r, values, widest, true) }}
{%- elif r.team < 128 and r.team < r.workgroup %}
if (subgroup_size <= {{ r.team }}u) {
{% for value in values %}
  {{ value }} = {{ whole[r.combine] }}({{ value }});
{% endfor %}
} else {
{{ butterfly(r, values, widest, false) }}
}
{%- else %}
{% for value in values %}
{{ value }} = {{ whole[r.combine] }}({{ value }});
{% endfor %}
{%- endif %}

{% if r.team > 4 %}
if (subgroup_size < {{ r.team }}u) {
{% if again %}
  workgroupBarrier();
{% endif %}
  if (subgroup_invocation_id == 0u) {
{% for value in values %}
    {{ r.name }}_{{ loop.index0 }}[subgroup_id] = {{ value }};
{% endfor %}
  }
  workgroupBarrier();
  let parts = {{ r.team }}u / subgroup_size;
  let first = {{ "0u" if r.team == r.workgroup else "rank / " ~ r.team ~ "u * parts" }};
{% for value in values %}
  {{ value }} = {{ r.name }}_{{ loop.index0 }}[first];
{% endfor %}
  for (var part = 1u; part < min(parts, {{ r.team // 4 }}u); part += 1u) {
{% for value in values %}
    {{ value }} = {{ combined(r, value, r.name ~ "_" ~ loop.index0 ~ "[first + part]") }};
{% endfor %}
  }
}
{%- endif %}
{%- endmacro %}

{# Each invocation exchanges with the one whose number differs in one bit, for all bits below `widest`; none beyond the
   subgroup where that may be smaller. #}
{% macro butterfly(r, values, widest, bounded) -%}
{% for mask in [1, 2, 4, 8, 16, 32, 64] if mask < widest %}
{% if bounded and mask >= 4 %}
if (subgroup_size > {{ mask }}u) {
{% endif %}
{% for value in values %}
{{ value }} = {{ combined(r, value, "subgroupShuffleXor(" ~ value ~ ", " ~ mask ~ "u)") }};
{% endfor %}
{% if bounded and mask >= 4 %}
}
{% endif %}
{% endfor %}
{%- endmacro %}
