{#- The product of two staged slabs: what workgroups, subgroups and invocations do with tiles in workgroup memory.

    A block is bm x bn outputs of a workgroup, summed over slabs of bk steps:

        workgroup   bm x bn                               both slabs in workgroup memory
        sub-tile    (lanes_m * tm) x (lanes_n * tn)       neighbouring invocations, as a subgroup has
        invocation  tm x tn                               named accumulators, vec4 along the columns

    An operand `x` (rows of A, columns of B: its lines) lies in workgroup memory with a row for each step of k
    (`k_major`) or for each line, as vec4 or, where it is turned by single elements, as scalars. Invocations move it in
    pieces: `length` neighbouring elements of `lines` neighbouring rows of what lies in memory. The user of this file
    says where they are loaded from. -#}
{% import "raw.wgsl" as raw %}
{% set lanes = ["x", "y", "z", "w"] %}

{# The staged slabs of an operand: two where the next one is staged during the work on this one. #}
{% macro tile(x, copies) -%}
var<workgroup> {{ x.name }}_tile: array<{{ x.tile_type }}, {{ copies * x.tile_size }}>;
{%- endmacro %}

{# Where this invocation's outputs begin in the workgroup's: by pure arithmetic, so no subgroup feature is needed. #}
{% macro place(block) %}
  let lane = local % {{ block.lanes }}u;
  let sub_tile = local / {{ block.lanes }}u;
  let block_row = sub_tile / {{ block.sub_tiles_n }}u * {{ block.lanes_m * block.tm }}u + lane / {{ block.lanes_n }}u * {{ block.reach_m }}u;
  let block_column = {{ "sub_tile % " ~ block.sub_tiles_n ~ "u * " ~ block.lanes_n * block.tn ~ "u + " if block.sub_tiles_n > 1 }}lane % {{ block.lanes_n }}u * {{ block.reach_n }}u;
  let a_from = {{ first_read(block.a, "block_row") }};
  let b_from = {{ first_read(block.b, "block_column") }};
{% endmacro %}

{# Where the reads of an invocation begin in a staged slab. #}
{% macro first_read(x, line) -%}
{%- if not x.k_major -%}
{{ line }} * {{ x.stride }}u
{%- else -%}
{{ line }}{{ "" if x.single else " / 4u" }}
{%- endif -%}
{%- endmacro %}

{% macro accumulators(block) %}
{% for i in range(block.tm) %}
{% for j in range(block.tn // 4) %}
  var acc_{{ i }}_{{ j }} = vec4<f32>();
{% endfor %}
{% endfor %}
{% endmacro %}

{# The pieces that an invocation moves: their place among those side by side, their first row, where they are put, and
   the registers that they wait in. `step` counts loads along k where an operand lies along it, else steps of k. #}
{% macro pieces(x, threads) %}
{% for p in range(x.pieces) %}
{% set piece = "local" if p == 0 else "(local + " ~ p * threads ~ "u)" %}
  let {{ x.name }}_across_{{ p }} = {{ piece }} % {{ x.across }}u;
  let {{ x.name }}_line_{{ p }} = {{ piece }} / {{ x.across }}u * {{ x.lines }}u;
  let {{ x.name }}_step_{{ p }} = {{ x.name ~ "_across_" ~ p ~ " * " ~ x.loads ~ "u" if x.along_k else x.name ~ "_line_" ~ p }};
  let {{ x.name }}_put_{{ p }} = {{ put_at(x, p) }};
{% for r in range(x.lines) %}
{% for l in range(x.loads) %}
  var {{ x.name }}_{{ p }}_{{ r }}_{{ l }}: {{ raw.type(x.buffer) }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}

{# Where a piece begins in a staged slab. #}
{% macro put_at(x, p) -%}
{%- set across = x.name ~ "_across_" ~ p -%}
{%- set line = x.name ~ "_line_" ~ p -%}
{%- if x.turned -%}
{{ across }} * {{ x.length * x.stride }}u + {{ line }}{{ "" if x.single else " / 4u" }}
{%- else -%}
{{ line }} * {{ x.stride }}u + {{ across }} * {{ x.length // 4 }}u
{%- endif -%}
{%- endmacro %}

{# What a load has brought, or zero where it went beyond k; all loads of a row do so where rows are steps of k. #}
{% macro brought(x, p, r, l, guarded) -%}
{%- set name = x.name ~ "_" ~ p ~ "_" ~ r ~ "_" ~ l -%}
{%- if guarded -%}
select({{ raw.type(x.buffer) }}(), {{ name }}, {{ x.name }}_inside_{{ p }}_{{ l if x.along_k else 0 }})
{%- else -%}
{{ name }}
{%- endif -%}
{%- endmacro %}

{# Elements 4g to 4g + 3 of a row of a piece. #}
{% macro four(x, p, r, g, guarded) -%}
{%- set width = x.buffer.width -%}
{%- if width == 8 -%}
{{ raw.understood(x.buffer, brought(x, p, r, g // 2, guarded), g % 2) }}
{%- elif width == 4 -%}
{{ raw.understood(x.buffer, brought(x, p, r, g, guarded), 0) }}
{%- else -%}
vec4<f32>({% for l in range(4 // width) %}{{ raw.understood(x.buffer, brought(x, p, r, g * (4 // width) + l, guarded), 0) }}{{ ", " if not loop.last }}{% endfor %})
{%- endif -%}
{%- endmacro %}

{# Puts the pieces of an invocation into the staged slab that begins at `tile`. #}
{% macro put(x, tile, guarded) %}
{% for p in range(x.pieces) %}
{% if not x.turned %}
{{ put_as_it_lies(x, p, tile, guarded) -}}
{% elif x.single %}
{{ put_by_elements(x, p, tile, guarded) -}}
{% else %}
{{ put_by_squares(x, p, tile, guarded) -}}
{% endif %}
{% endfor %}
{% endmacro %}

{% macro put_as_it_lies(x, p, tile, guarded) %}
{% for g in range(x.length // 4) %}
    {{ x.name }}_tile[{{ tile }}{{ x.name }}_put_{{ p }} + {{ g }}u] = {{ as_staged(x, four(x, p, 0, g, guarded)) }};
{% endfor %}
{% endmacro %}

{# Turns a row of elements into a column of the staged slab. #}
{% macro put_by_elements(x, p, tile, guarded) %}
{% set width = x.buffer.width %}
{% set several = [width, 4] | min %}
{% for g in range([width // 4, 1] | max) %}
    let {{ x.name }}_{{ p }}_row_{{ g }} = {{ raw.understood(x.buffer, brought(x, p, 0, 0, guarded), g) }};
{% for c in range(several) %}
    {{ x.name }}_tile[{{ tile }}{{ x.name }}_put_{{ p }} + {{ (4 * g + c) * x.stride }}u] = {{ as_staged(x, x.name ~ "_" ~ p ~ "_row_" ~ g ~ ("." ~ lanes[c] if several > 1 else "")) }};
{% endfor %}
{% endfor %}
{% endmacro %}

{# f32, one or four, as the staged slab keeps them. #}
{% macro as_staged(x, value) -%}
{{ value if x.tile_type in ["f32", "vec4<f32>"] else x.tile_type ~ "(" ~ value ~ ")" }}
{%- endmacro %}

{# Turns squares of 4 x 4 elements in registers, so that whole vectors are put. #}
{% macro put_by_squares(x, p, tile, guarded) %}
{% for g in range(x.length // 4) %}
{% for r in range(4) %}
    let {{ x.name }}_{{ p }}_row_{{ r }}_{{ g }} = {{ four(x, p, r, g, guarded) }};
{% endfor %}
{% for c in range(4) %}
    {{ x.name }}_tile[{{ tile }}{{ x.name }}_put_{{ p }} + {{ (4 * g + c) * x.stride }}u] = {{ as_staged(x, square_column(x, p, g, c)) }};
{% endfor %}
{% endfor %}
{% endmacro %}

{# A column of a square: one element of each of its rows. #}
{% macro square_column(x, p, g, c) -%}
vec4<f32>({% for r in range(4) %}{{ x.name }}_{{ p }}_row_{{ r }}_{{ g }}.{{ lanes[c] }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{# Multiplies the staged slabs. Reads begin at `a_{from}` and `b_{from}`. #}
{% macro multiply(block, from) %}
{% set kk = "kk" if block.bk > block.unroll else "0u" %}
{% if block.bk > block.unroll %}
    for (var kk = 0u; kk < {{ block.bk }}u; kk += {{ block.unroll }}u) {
{% endif %}
{% for q in range(0, block.unroll, block.steps) %}
{% if not block.a.k_major %}
{{ four_steps(block.a, block.rows, q, from, kk) -}}
{% endif %}
{% if not block.b.k_major %}
{{ four_steps(block.b, block.columns, q, from, kk) -}}
{% endif %}
{% for s in range(q, q + block.steps) %}
{% if block.a.k_major %}
{{ one_step(block.a, block.rows, s, q, from, kk) -}}
{% endif %}
{{ one_step(block.b, block.columns, s, q, from, kk) -}}
{{ products(block, s, q) -}}
{% endfor %}
{% endfor %}
{% if block.bk > block.unroll %}
    }
{% endif %}
{% endmacro %}

{# Reads four steps of k at once for each line, where they lie side by side. #}
{% macro four_steps(x, offsets, q, from, kk) %}
{% for offset in offsets %}
      let {{ x.name }}_quad_{{ q }}_{{ loop.index0 }} = {{ as_f32(x, x.name ~ "_tile[" ~ x.name ~ "_" ~ from ~ " + " ~ kk ~ " / 4u + " ~ (offset * x.stride + q // 4) ~ "u]") }};
{% endfor %}
{% endmacro %}

{# Four neighbouring lines at a time for one step of k. #}
{% macro one_step(x, offsets, s, q, from, kk) %}
{% for j in range(offsets | length // 4) %}
{% if x.k_major %}
      let {{ x.name }}_{{ s }}_{{ j }} = {{ as_f32(x, neighbours(x, s, offsets[4 * j], from, kk)) }};
{% else %}
      let {{ x.name }}_{{ s }}_{{ j }} = vec4<f32>({% for c in range(4) %}{{ x.name }}_quad_{{ q }}_{{ 4 * j + c }}.{{ lanes[s - q] }}{{ ", " if not loop.last }}{% endfor %});
{% endif %}
{% endfor %}
{% endmacro %}

{# Four neighbouring lines of a staged slab, as it keeps them. #}
{% macro neighbours(x, s, offset, from, kk) -%}
{%- set before = x.name ~ "_tile[" ~ x.name ~ "_" ~ from ~ " + " ~ kk ~ " * " ~ x.stride ~ "u + " -%}
{%- if x.single -%}
vec4<{{ x.tile_type }}>({% for c in range(4) %}{{ before }}{{ s * x.stride + offset + c }}u]{{ ", " if not loop.last }}{% endfor %})
{%- else -%}
{{ before }}{{ s * x.stride + offset // 4 }}u]
{%- endif -%}
{%- endmacro %}

{% macro as_f32(x, value) -%}
{{ value if x.tile_type in ["f32", "vec4<f32>"] else "vec4<f32>(" ~ value ~ ")" }}
{%- endmacro %}

{# One step of k for all outputs of an invocation. Lines of A that lie along k are used as they were read. #}
{% macro products(block, s, q) %}
{% for i in range(block.tm) %}
{% set a = "a_" ~ s ~ "_" ~ i // 4 ~ "." ~ lanes[i % 4] if block.a.k_major else "a_quad_" ~ q ~ "_" ~ i ~ "." ~ lanes[s - q] %}
{% for j in range(block.tn // 4) %}
      acc_{{ i }}_{{ j }} += b_{{ s }}_{{ j }} * {{ a }};
{% endfor %}
{% endfor %}
{% endmacro %}

{# Hands each group of four outputs to `finish`, which gets their row and first column. #}
{% macro finish_all(block, before) %}
{% for i in range(block.tm) %}
{% for j in range(block.tn // 4) %}
  finish({{ before }}row + {{ block.rows[i] }}u, column + {{ block.columns[4 * j] }}u, acc_{{ i }}_{{ j }});
{% endfor %}
{% endfor %}
{% endmacro %}
