{#- Loads that the lanes of a subgroup share: each lane loads a share into a register, and shuffles hand it to all.

    `lanes` is how many share, none if 0: a power of two, of which the workgroup is a multiple. A subgroup must have as many. In a
    larger one lanes hold the same again, so all invocations of a workgroup must share the same. A subgroup that is not full is
    taken to be filled from its first lane on, as all known drivers do. -#}

{# What a device must have, for those who read the text. #}
{% macro needed(lanes) %}
{% if lanes %}

const least_subgroup = {{ lanes }}u;
{% endif %}
{% endmacro %}
{# The parameter of the entry that numbers them. #}
{% macro parameter(lanes) %}
{% if lanes %}
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
{% endif %}
{% endmacro %}
{# Which share this invocation loads. #}
{% macro number(lanes) %}
{% if lanes %}
  let lane = subgroup_lane % {{ lanes }}u;
{% endif %}
{% endmacro %}
{# What a lane holds. A shuffle and no broadcast: some drivers look for the first active lane in that. #}
{% macro of_lane(value, lane) -%}
subgroupShuffle({{ value }}, {{ lane }})
{%- endmacro %}
