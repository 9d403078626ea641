{#- Direct convolution, tiled in registers: each invocation computes th x tw neighbouring pixels of `to` output
    channels.

    NCHW: x [n,c,h,w], weights [o,c/g,kh,kw], y [n,o,oh,ow].  NHWC: x [n,h,w,c], weights [o,kh,kw,c/g], y [n,oh,ow,o].
    With `prepack` the weights are first laid [g, c/g*kh*kw, o/g], so that vectors of output channels are contiguous.

        workgroup: wx*tw pixels along a row, wy*th rows, wz*to channels of one group; slabs of bc input channels

    Parameters
      wx, wy, wz        invocations along output width, height and channels
      th, tw, to        rows, columns and channels per invocation; accumulators are named vectors of `vec` channels
      vec               channels per vector: of accumulators, of prepacked weights, of NHWC stores
      prepack           weights laid out anew once, in the prepare part
      stage_w, stage_x  keep the slab of weights or the patch of the input in workgroup memory
      share_x           so many lanes keep the patch of the input in their registers: each loads its share, and shuffles hand it to
                        all. Asks for channels alone in a workgroup, a filter that is unrolled, and subgroups that large
      bc, pad           input channels of a slab; unused elements after each row of a staged tile
      unroll            0: loops over the filter; 1: its rows unrolled; 2: all of it
      baked             sizes as constants in the text instead of uniforms (the filter always is)
      packed            f16 as halves of 32-bit words

    Assumes o/g divisible by vec. Positions wrap below zero, so one comparison finds both edges of the padding. Invocations are
    numbered along one direction of the workgroup, since some devices fill vectors with neighbours along x alone. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "lanes.wgsl" as across %}
{% set bw = wx * tw %}
{% set bh = wy * th %}
{% set bo = wz * to %}
{% set groups = to // vec %}
{% set slabs = stage_w or stage_x %}
{% set patch_h = (bh - 1) * stride_h + (filter_h - 1) * dilation_h + 1 %}
{% set patch_w = (bw - 1) * stride_w + (filter_w - 1) * dilation_w + 1 %}
{% set patch_row = patch_w + pad %}
{% set filter = filter_h * filter_w %}
{% set lanes = ["x", "y", "z", "w"] %}
{% set w_row = bo // vec + pad %}
{% set cl = "cl" if bc > 1 else "0u" %}
{# What is the same for a whole workgroup must show in the text: then a compiler may load it once for all. #}
{% set local_x = "local_x" if wx > 1 else "0u" %}
{% set local_y = "local_y" if wy > 1 else "0u" %}
{% set local_z = "local_z" if wz > 1 else "0u" %}
{# What lanes share of a patch, and how often each loads. #}
{% set patch = patch_h * patch_w %}
{% set turns = (patch + share_x - 1) // share_x if share_x else 0 %}
{# Channels of all groups, from a channel of this one. #}
{% macro in_part(channel, channels) %}{{ "part * " ~ channels ~ " + " if parts > 1 }}{{ channel }}{% endmacro %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{% macro x_index(c, y, x) -%}
{{ "((image * size_h + " ~ y ~ ") * size_w + " ~ x ~ ") * size_c + " ~ c if nhwc else "((image * size_c + " ~ c ~ ") * size_h + " ~ y ~ ") * size_w + " ~ x }}
{%- endmacro %}
{# One element of the input, zero in the padding where there is some. #}
{% macro fetch(c, y, x) -%}
{{ "pixel_at(image, " ~ c ~ ", " ~ y ~ ", " ~ x ~ ")" if check_x or check_y else "load_x(" ~ x_index(c, y, x) ~ ")" }}
{%- endmacro %}
{# The vector of weights of channel vector `o` of this group, input channel `c`, filter position `f` (row-major). #}
{% macro weights(o, c, f) -%}
{%- if prepack -%}
load_w(({{ "part * channels_in * " ~ filter ~ "u + " if parts > 1 }}{{ c }} * {{ filter }}u + {{ f }}) * channel_vectors + {{ o }})
{%- else -%}
{{ "Value(\n" if vec > 1 }}
{%- for s in range(vec) -%}
{%- set channel = "(" ~ in_part(o ~ " * " ~ vec ~ "u + " ~ s ~ "u", "channels_out") ~ ")" -%}
load_w({{ "(" ~ channel ~ " * " ~ filter ~ "u + " ~ f ~ ") * channels_in + " ~ c if nhwc else "(" ~ channel ~ " * channels_in + " ~ c ~ ") * " ~ filter ~ "u + " ~ f }}){{ ",\n" if vec > 1 }}
{%- endfor -%}
{{ ")" if vec > 1 }}
{%- endif -%}
{%- endmacro %}
{# One pixel of the input, `y` rows below the invocation's first and `offset` columns right of it. #}
{% macro pixel(y, offset) -%}
{%- if stage_x -%}
x_tile[({{ cl }} * {{ patch_h }}u + {{ local_y }} * {{ th * stride_h }}u + {{ y }}) * {{ patch_row }}u + {{ local_x }} * {{ tw * stride_w }}u + {{ offset }}]
{%- else -%}
{{ fetch(in_part("c", "channels_in"), "first_y + " ~ y, "first_x + " ~ offset) }}
{%- endif -%}
{%- endmacro %}
{# How many rows below it the pixel lies that row `r` of the outputs multiplies with row `fh` of the filter. #}
{% macro below(r, fh) %}{{ r * stride_h ~ "u + " if r > 0 }}{{ fh }} * {{ dilation_h }}u{% endmacro %}
{# The weights of channel vector `q` of this invocation at filter position (fh, fw). #}
{% macro weight(q, fh, fw) -%}
{%- if stage_w -%}
w_tile[({{ cl }} * {{ filter }}u + {{ fh }} * {{ filter_w }}u + {{ fw }}) * {{ w_row }}u + {{ local_z }} * {{ groups }}u + {{ q }}u]
{%- else -%}
{{ weights(inside("channel_" ~ q, "channel_vectors", guard_o), "c", fh ~ " * " ~ filter_w ~ "u + " ~ fw) }}
{%- endif -%}
{%- endmacro %}
{# One pixel of the patch that lanes share. #}
{% macro shared(y, offset) -%}
{%- set place = y * patch_w + offset -%}
{{ across.of_lane("held_" ~ place // share_x, place % share_x ~ "u") }}
{%- endmacro %}
{# A row of pixels, in values whose names begin with `x`. #}
{% macro pixels(x, y) %}
{% for offset in offsets %}
    let {{ x }}_{{ offset }} = {{ pixel(y, offset ~ "u") }};
{% endfor %}
{% endmacro %}
{# Adds products of a row of pixels with a row of the filter, in values whose names begin with `x` and `w`, to row `r` of the outputs.
   The first row of outputs loads the weights. #}
{% macro products(r, x, w, fh) %}
{% for fw in range(filter_w) %}
{% if r == 0 %}
{% for q in range(groups) %}
    let {{ w }}_{{ fw }}_{{ q }} = {{ weight(q, fh, fw ~ "u") }};
{% endfor %}
{% endif %}
{% for p in range(tw) %}
{% for q in range(groups) %}
    acc_{{ r }}_{{ p }}_{{ q }} += {{ w }}_{{ fw }}_{{ q }} * {{ x }}_{{ p * stride_w + fw * dilation_w }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# One row of the filter. #}
{% macro row(fh) %}
{% if unroll == 0 %}
    for (var fw = 0u; fw < {{ filter_w }}u; fw += 1u) {
{% for q in range(groups) %}
      let w_{{ q }} = {{ weight(q, fh, "fw") }};
{% endfor %}
{% for r in range(th) %}
{% for p in range(tw) %}
      let x_{{ r }}_{{ p }} = {{ pixel(below(r, fh), p * stride_w ~ "u + fw * " ~ dilation_w ~ "u") }};
{% for q in range(groups) %}
      acc_{{ r }}_{{ p }}_{{ q }} += w_{{ q }} * x_{{ r }}_{{ p }};
{% endfor %}
{% endfor %}
{% endfor %}
    }
{% else %}
{% for r in range(th) %}
{{ pixels("x_" ~ r, below(r, fh)) }}
{{- products(r, "x_" ~ r, "w", fh) }}
{%- endfor %}
{% endif %}
{% endmacro %}
{# All of the filter, row after row of pixels: each is loaded once, for all outputs that it reaches. #}
{% macro all_rows() %}
{% for y in rows %}
{% if share_x %}
{% for offset in offsets %}
    let x_{{ y }}_{{ offset }} = {{ shared(y, offset) }};
{% endfor %}
{% else %}
{{ pixels("x_" ~ y, y ~ "u") }}
{%- endif %}
{% for fh in range(filter_h) %}
{% for r in range(th) %}
{% if r * stride_h + fh * dilation_h == y %}
{{ products(r, "x_" ~ y, "w_" ~ fh, fh ~ "u") }}
{%- endif %}
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# Row `r` of the outputs. #}
{% macro row_at(r) %}out_y{{ " + " ~ r ~ "u" if r > 0 }}{% endmacro %}
{# What holds for outputs within y, where tiles reach beyond it. #}
{% macro edge(r, p, q) -%}
{%- if guard_x or guard_y or guard_o -%}
if ({{ "(" ~ row_at(r) ~ " < size_oh)" if guard_y }}{{ " & " if guard_y and guard_x }}{{ "(out_x + " ~ p ~ "u < size_ow)" if guard_x }}
{{- " & " if (guard_y or guard_x) and guard_o }}{{ "(channel_" ~ q ~ " < channel_vectors)" if guard_o }}) {% endif -%}
{%- endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{{- across.needed(share_x) }}
{% if stage_w %}
var<workgroup> w_tile: array<Value, {{ bc * filter * w_row }}>;
{% endif %}
{% if stage_x %}
var<workgroup> x_tile: array<f32, {{ bc * patch_h * patch_row }}>;
{% endif %}

{% if check_x or check_y %}
// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = {{ size_c }};
  let size_h = {{ size_h }};
  let size_w = {{ size_w }};
  let y = {{ inside("at_y", "size_h", check_y) }};
  let x = {{ inside("at_x", "size_w", check_x) }};
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = {{ "(at_y < size_h)" if check_y }}{{ " & " if check_y and check_x }}{{ "(at_x < size_w)" if check_x }};
  return select(0.0, load_x({{ x_index("channel", "y", "x") }}), is_inside);
}
{% endif %}

@compute @workgroup_size({{ wx * wy * wz }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
{{ across.parameter(share_x) -}}
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
{% if not (check_x or check_y) %}
  let size_c = {{ size_c }};
  let size_h = {{ size_h }};
  let size_w = {{ size_w }};
{% endif %}
  let size_oh = {{ size_oh }};
  let size_ow = {{ size_ow }};
  let channels_in = {{ channels_in }};
  let channels_out = {{ channels_out }};
  let channel_vectors = channels_out / {{ vec }}u;
  let tiles_x = (size_ow + {{ bw - 1 }}u) / {{ bw }}u;
  let tiles_y = (size_oh + {{ bh - 1 }}u) / {{ bh }}u;
  let tiles_o = (channels_out + {{ bo - 1 }}u) / {{ bo }}u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
{% if parts > 1 %}
  let part = group / (tiles_x * tiles_y * tiles_o) % {{ parts }}u;
{% endif %}
  let image = group / (tiles_x * tiles_y * tiles_o * {{ parts }}u);

{% if wx > 1 %}
  let local_x = local_index % {{ wx }}u;
{% endif %}
{% if wy > 1 %}
  let local_y = local_index / {{ wx }}u % {{ wy }}u;
{% endif %}
{% if wz > 1 %}
  let local_z = local_index / {{ wx * wy }}u;
{% endif %}
  let out_y = tile_y * {{ bh }}u + {{ local_y ~ " * " ~ th ~ "u" if th > 1 else local_y }};
  let out_x = tile_x * {{ bw }}u + {{ local_x }} * {{ tw }}u;
{% if not stage_x %}
  let first_y = out_y * {{ stride_h }}u - {{ padding_h }}u;
  let first_x = out_x * {{ stride_w }}u - {{ padding_w }}u;
{% endif %}
{% for q in range(groups) %}
  let channel_{{ q }} = tile_o * {{ bo // vec }}u + {{ local_z }} * {{ groups }}u + {{ q }}u;
{% endfor %}

{% for r in range(th) %}
{% for p in range(tw) %}
{% for q in range(groups) %}
  var acc_{{ r }}_{{ p }}_{{ q }} = Value(0.0);
{% endfor %}
{% endfor %}
{% endfor %}

{{ across.number(share_x) }}
{%- for turn in range(turns) %}
{% set place = "lane + " ~ turn * share_x ~ "u" %}
  let place_{{ turn }} = {{ "min(" ~ place ~ ", " ~ (patch - 1) ~ "u)" if (turn + 1) * share_x > patch else place }};
  let place_y_{{ turn }} = first_y + place_{{ turn }} / {{ patch_w }}u;
  let place_x_{{ turn }} = first_x + place_{{ turn }} % {{ patch_w }}u;
{% endfor %}
{% if slabs %}
  for (var c0 = 0u; c0 < channels_in; c0 += {{ bc }}u) {
{% if stage_w %}
    for (var t = local_index; t < {{ bc * filter * (bo // vec) }}u; t += {{ wx * wy * wz }}u) {
      let o = t % {{ bo // vec }}u;
      let f = t / {{ bo // vec }}u % {{ filter }}u;
      let s = t / {{ bo // vec * filter }}u;
      let source_o = {{ inside("tile_o * " ~ bo // vec ~ "u + o", "channel_vectors", guard_o) }};
      let source_c = {{ inside("c0 + s", "channels_in", guard_c) }};
      w_tile[(s * {{ filter }}u + f) * {{ w_row }}u + o] = {{ weights("source_o", "source_c", "f") }};
    }
{% endif %}
{% if stage_x %}
    for (var t = local_index; t < {{ bc * patch_h * patch_w }}u; t += {{ wx * wy * wz }}u) {
      let x = t % {{ patch_w }}u;
      let y = t / {{ patch_w }}u % {{ patch_h }}u;
      let s = t / {{ patch_w * patch_h }}u;
      let source_y = tile_y * {{ bh * stride_h }}u + y - {{ padding_h }}u;
      let source_x = tile_x * {{ bw * stride_w }}u + x - {{ padding_w }}u;
      let source_c = {{ in_part(inside("c0 + s", "channels_in", guard_c), "channels_in") }};
      x_tile[(s * {{ patch_h }}u + y) * {{ patch_row }}u + x] = {{ fetch("source_c", "source_y", "source_x") }};
    }
{% endif %}
    workgroupBarrier();
{% if bc > 1 %}
    for (var cl = 0u; cl < {{ "min(" ~ bc ~ "u, channels_in - c0)" if guard_c else bc ~ "u" }}; cl += 1u) {
{% endif %}
{% if not (stage_w and stage_x) %}
      let c = c0 + {{ cl }};
{% endif %}
{% else %}
  for (var c = 0u; c < channels_in; c += 1u) {
{% endif %}
{% for turn in range(turns) %}
    let held_{{ turn }} = {{ fetch(in_part("c", "channels_in"), "place_y_" ~ turn, "place_x_" ~ turn) }};
{% endfor %}
{% if unroll == 2 or share_x %}
{{ all_rows() }}
{%- elif filter_h > 1 %}
    for (var fh = 0u; fh < {{ filter_h }}u; fh += 1u) {
{{ row("fh") }}
    }
{% else %}
{{ row("0u") }}
{%- endif %}
{% if slabs and bc > 1 %}
    }
{% endif %}
{% if slabs %}
    workgroupBarrier();
{% endif %}
  }

{% if not nhwc %}
  let plane = size_oh * size_ow;
{% endif %}
{% for r in range(th) %}
{% for p in range(tw) %}
{% for q in range(groups) %}
{% set v = "v" if epilogue else "acc_" ~ r ~ "_" ~ p ~ "_" ~ q %}
  {{ edge(r, p, q) }}{
    let channel = {{ in_part("channel_" ~ q, "channel_vectors") }};
{% if nhwc %}
    let index = ((image * size_oh + {{ row_at(r) }}) * size_ow + out_x + {{ p }}u) * (channel_vectors * {{ parts }}u) + channel;
{% else %}
    let index = (image * channels_out * {{ parts }}u + channel * {{ vec }}u) * plane + {{ row_at(r) if r == 0 else "(" ~ row_at(r) ~ ")" }} * size_ow + out_x + {{ p }}u;
{% endif %}
{% if epilogue %}
    var v = acc_{{ r }}_{{ p }}_{{ q }};
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
{% if nhwc or vec == 1 %}
    store_y(index, {{ v }});
{% else %}
{% for s in range(vec) %}
    store_y(index + {{ s }}u * plane, {{ v }}.{{ lanes[s] }});
{% endfor %}
{% endif %}
  }
{% endfor %}
{% endfor %}
{% endfor %}
}
