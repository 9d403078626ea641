{#- Storage buffers that are read as they lie and understood later, so that loads can be in flight while other work is
    done.

    A buffer is that of storage.wgsl, which may be 8 wide too where it is packed: 16 bytes of halves. -#}
{% macro type(buffer) -%}
{%- if buffer.packed -%}
{{ "vec" ~ buffer.width // 2 ~ "<u32>" if buffer.width > 2 else "u32" }}
{%- else -%}
{{ buffer.element if buffer.width == 1 else "vec" ~ buffer.width ~ "<" ~ buffer.element ~ ">" }}
{%- endif -%}
{%- endmacro %}

{% macro input(buffer) -%}
@group(0) @binding({{ buffer.binding }}) var<storage, read> {{ buffer.name }}: array<{{ type(buffer) }}>;

fn fetch_{{ buffer.name }}(i: u32) -> {{ type(buffer) }} {
{% if buffer.packed and buffer.width == 1 %}
  return {{ buffer.name }}[i >> 1u] >> (16u * (i & 1u));
{% else %}
  return {{ buffer.name }}[i];
{% endif %}
}
{%- endmacro %}

{# What was read as f32: one, two or four numbers; `half` says which four of eight. #}
{% macro understood(buffer, raw, half) -%}
{%- if buffer.packed and buffer.width == 8 -%}
{%- set words = ["xy", "zw"][half] -%}
vec4<f32>(unpack2x16float({{ raw }}.{{ words[0] }}), unpack2x16float({{ raw }}.{{ words[1] }}))
{%- elif buffer.packed and buffer.width == 4 -%}
vec4<f32>(unpack2x16float({{ raw }}.x), unpack2x16float({{ raw }}.y))
{%- elif buffer.packed -%}
unpack2x16float({{ raw }}){{ ".x" if buffer.width == 1 }}
{%- elif buffer.element == "f32" -%}
{{ raw }}
{%- else -%}
{{ "f32" if buffer.width == 1 else "vec" ~ buffer.width ~ "<f32>" }}({{ raw }})
{%- endif -%}
{%- endmacro %}
