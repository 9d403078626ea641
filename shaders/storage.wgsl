{#- Storage buffers of any element type and vector width, read and written as f32.

    A buffer is `{name, binding, element, width, packed}`. Indices count vectors of `width` elements. f16 lies as f16
    where the device has it, else `packed`: two to a u32, unpacked by arithmetic that every device has. Eight halves are
    16 bytes, the widest load: f16 may have a width of 8, as two vectors, `value[0]` and `value[1]`. -#}
{% macro value_type(width) -%}
{{ "f32" if width == 1 else "mat2x4<f32>" if width == 8 else "vec" ~ width ~ "<f32>" }}
{%- endmacro %}

{% macro lane_type(buffer) -%}
{%- if buffer.width == 8 -%}
vec4<u32>
{%- elif buffer.packed -%}
{{ "vec2<u32>" if buffer.width == 4 else "u32" }}
{%- else -%}
{{ buffer.element if buffer.width == 1 else "vec" ~ buffer.width ~ "<" ~ buffer.element ~ ">" }}
{%- endif -%}
{%- endmacro %}

{# An input whose elements are used as they lie. #}
{% macro binding(buffer) -%}
@group(0) @binding({{ buffer.binding }}) var<storage, read> {{ buffer.name }}: array<{{ lane_type(buffer) }}>;
{%- endmacro %}

{% macro input(buffer) -%}
{{ binding(buffer) }}

fn load_{{ buffer.name }}(i: u32) -> {{ value_type(buffer.width) }} {
{% if buffer.width == 8 %}
  let lanes = {{ buffer.name }}[i];
  let first = vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
  return mat2x4<f32>(first, vec4<f32>(unpack2x16float(lanes.z), unpack2x16float(lanes.w)));
{% elif not buffer.packed %}
  return {{ buffer.name ~ "[i]" if buffer.element == "f32" else value_type(buffer.width) ~ "(" ~ buffer.name ~ "[i])" }};
{% elif buffer.width == 1 %}
  return unpack2x16float({{ buffer.name }}[i >> 1u] >> (16u * (i & 1u))).x;
{% elif buffer.width == 2 %}
  return unpack2x16float({{ buffer.name }}[i]);
{% else %}
  let lanes = {{ buffer.name }}[i];
  return vec4<f32>(unpack2x16float(lanes.x), unpack2x16float(lanes.y));
{% endif %}
}
{%- endmacro %}

{% macro output(buffer) -%}
{% set atomic = buffer.packed and buffer.width == 1 %}
@group(0) @binding({{ buffer.binding }}) var<storage, read_write> {{ buffer.name }}: array<{{ "atomic<u32>" if atomic else lane_type(buffer) }}>;

fn store_{{ buffer.name }}(i: u32, v: {{ value_type(buffer.width) }}) {
{% if atomic %}
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&{{ buffer.name }}[i >> 1u], ~(0xffffu << shift));
  atomicOr(&{{ buffer.name }}[i >> 1u], half);
{% elif buffer.width == 8 %}
  let first = vec2<u32>(pack2x16float(v[0].xy), pack2x16float(v[0].zw));
  {{ buffer.name }}[i] = vec4<u32>(first, pack2x16float(v[1].xy), pack2x16float(v[1].zw));
{% elif not buffer.packed %}
  {{ buffer.name }}[i] = {{ "v" if buffer.element == "f32" else lane_type(buffer) ~ "(v)" }};
{% elif buffer.width == 2 %}
  {{ buffer.name }}[i] = pack2x16float(v);
{% else %}
  {{ buffer.name }}[i] = vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw));
{% endif %}
}
{%- endmacro %}

{% macro header(buffers) -%}
{% for buffer in buffers if buffer.element == "f16" and not buffer.packed %}
{% if loop.first %}
enable f16;
{% endif %}
{% endfor %}
{%- endmacro %}
