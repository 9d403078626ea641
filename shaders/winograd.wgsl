{#- What the kernels of Winograd's convolution share: sizes, tiles of pixels and their transform, results and their store.

    A tile has form.points² pixels and form.tile² results, form.tile apart in both directions. Tiles are numbered
    through the width, the height and the images. Transforms are statements made in src/op/conv2d/winograd/transforms.rs:
    pixels d_y_x to v_r_s, taps g_y_x to u_r_s, sums of products m_r_s to y_y_x. -#}
{% macro sizes(form, names) -%}
{%- for name in names -%}
  let {{ name }} = {{ form.sizes[name] }};{{ "\n" if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# Where the tile of a number lies. #}
{% macro place(tile) -%}
  let tile_x = {{ tile }} % tiles_x;
  let tile_y = {{ tile }} / tiles_x % tiles_y;
  let image = {{ tile }} / (tiles_x * tiles_y);
{%- endmacro %}

{# `channel` counts vectors of `width` channels. Positions wrap below zero, so one comparison finds both edges. #}
{% macro pixel_function(form, type, width) -%}
{% set check = form.check_x or form.check_y %}
{% if check %}
// One pixel of the input, zero in the padding and beyond the edge.
{% else %}
// One pixel of the input.
{% endif %}
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> {{ type }} {
{{ sizes(form, ["size_c", "size_h", "size_w"]) }}
  let y = {{ "min(at_y, size_h - 1u)" if form.check_y else "at_y" }};
  let x = {{ "min(at_x, size_w - 1u)" if form.check_x else "at_x" }};
  let pixel = load_x({{ "((image * size_h + y) * size_w + x) * (size_c / " ~ width ~ "u) + channel" if form.nhwc else "((image * size_c + channel) * size_h + y) * size_w + x" }});
{% if check %}
  // By `&`: `&&` would branch, at every pixel.
  return select({{ type }}(0.0), pixel, {{ "(at_y < size_h)" if form.check_y }}{{ " & " if form.check_y and form.check_x }}{{ "(at_x < size_w)" if form.check_x }});
{% else %}
  return pixel;
{% endif %}
}
{%- endmacro %}

{# The transformed pixels v_r_s of the tile at tile_x, tile_y of `image`. #}
{% macro transformed_tile(form, channel) -%}
    let first_y = tile_y * {{ form.tile }}u - {{ form.padding_h }}u;
    let first_x = tile_x * {{ form.tile }}u - {{ form.padding_w }}u;
{% for y in range(form.points) %}
{% for x in range(form.points) %}
    let d_{{ y }}_{{ x }} = pixel_at(image, {{ channel }}, first_y + {{ y }}u, first_x + {{ x }}u);
{% endfor %}
{% endfor %}
{% for statement in form.of_pixels %}
    {{ statement }}
{% endfor %}
{%- endmacro %}

{# Stores the results of the sums m_r_s of vector `channel`, one of channel_vectors, where they lie within the output. #}
{% macro store_results(form, width) -%}
{% set lanes = ["x", "y", "z", "w"] %}
{% for statement in form.of_results %}
  {{ statement }}
{% endfor %}
  let first_y = tile_y * {{ form.tile }}u;
  let first_x = tile_x * {{ form.tile }}u;
{% if not form.nhwc %}
  let plane = size_oh * size_ow;
{% endif %}
{% for y in range(form.tile) %}
{% for x in range(form.tile) %}
{% set inside_y = "(first_y + " ~ y ~ "u < size_oh)" if form.guard_y and y > 0 %}
{% set inside_x = "(first_x + " ~ x ~ "u < size_ow)" if form.guard_x and x > 0 %}
{% set v = "v" if form.epilogue else "y_" ~ y ~ "_" ~ x %}
  {{ "if (" ~ inside_y ~ " & " ~ inside_x ~ ") " if inside_y and inside_x else "if " ~ (inside_y or inside_x) ~ " " if inside_y or inside_x }}{
{% if form.nhwc %}
    let index = ((image * size_oh + first_y + {{ y }}u) * size_ow + first_x + {{ x }}u) * channel_vectors + channel;
{% else %}
    let index = (image * size_o + channel * {{ width }}u) * plane + (first_y + {{ y }}u) * size_ow + first_x + {{ x }}u;
{% endif %}
{% if form.epilogue %}
    var v = y_{{ y }}_{{ x }};
{% for statement in form.epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
{% if form.nhwc or width == 1 %}
    store_y(index, {{ v }});
{% else %}
{% for s in range(width) %}
    store_y(index + {{ s }}u * plane, {{ v }}.{{ lanes[s] }});
{% endfor %}
{% endif %}
  }
{% endfor %}
{% endfor %}
{%- endmacro %}
