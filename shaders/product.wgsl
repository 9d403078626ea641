{#- What the tiled matrix products inside convolutions share: places at the edge, the order of tiles, staging.

    A deal is `{fast, slow, some}`: the places of a tile that one invocation stages, along the direction in which
    neighbouring invocations stage neighbours (`fast`) and along the other; each with each. `some` is how many
    invocations stage at all, where not all do. -#}
{# The position, or the last valid one of `width` places. #}
{% macro inside(position, limit, guard, width=1) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - " ~ width ~ "u)" if guard else position }}{% endmacro %}

{% macro lane(value, i, width) %}{{ value if width == 1 else value ~ "." ~ ["x", "y", "z", "w"][i] }}{% endmacro %}

{# What holds for outputs within the result, where tiles reach beyond it. #}
{% macro edge(a, b) -%}
{{ "if (" if a or b }}{{ "(" ~ a ~ ") & (" ~ b ~ ")" if a and b else a ~ b }}{{ ") " if a or b }}
{%- endmacro %}

{# Which tile a workgroup computes: bands of `band` tiles in the second direction are walked along the first. #}
{% macro banded_tiles(band, first, firsts, second, seconds) %}
{% if band == 1 %}
  let {{ first }} = group % {{ firsts }};
  let {{ second }} = group / {{ firsts }} % {{ seconds }};
{% else %}
  let tile = group % ({{ firsts }} * {{ seconds }});
  let band_start = tile / ({{ band }}u * {{ firsts }}) * {{ band }}u;
  let band_width = min({{ band }}u, {{ seconds }} - band_start);
  let {{ first }} = tile % ({{ band }}u * {{ firsts }}) / band_width;
  let {{ second }} = band_start + tile % ({{ band }}u * {{ firsts }}) % band_width;
{% endif %}
{% endmacro %}

{# The places of a deal, named for the operand. #}
{% macro dealt(deal, operand) %}
{% for place in deal.fast %}
  let {{ operand }}_fast_{{ loop.index0 }} = {{ place }};
{% endfor %}
{% for place in deal.slow %}
  let {{ operand }}_slow_{{ loop.index0 }} = {{ place }};
{% endfor %}
{% endmacro %}

{# Lets only those stage that have something to; `done` ends it. #}
{% macro some(deal) %}{{ "if (local_index < " ~ deal.some ~ "u) {" if deal.some }}{% endmacro %}
{% macro done(deal) %}{{ "}" if deal.some }}{% endmacro %}
