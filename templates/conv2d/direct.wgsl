{#- Direct convolution, tiled in registers: each invocation computes tw neighbouring pixels of `to` output channels.

    NCHW: x [n,c,h,w], weights [o,c/g,kh,kw], y [n,o,oh,ow].  NHWC: x [n,h,w,c], weights [o,kh,kw,c/g], y [n,oh,ow,o].
    With `prepack` the weights are first laid [g, c/g*kh*kw, o/g], so that vectors of output channels are contiguous.

        workgroup: wx*tw pixels along a row, wy rows, wz*to channels of one group; slabs of bc input channels

    Parameters
      wx, wy, wz        invocations along output width, height and channels
      tw, to            pixels and channels per invocation; accumulators are named vectors of `vec` channels
      vec               channels per vector: of accumulators, of prepacked weights, of NHWC stores
      prepack           weights laid out anew once, in the prepare part
      stage_w, stage_x  keep the slab of weights or the patch of the input in workgroup memory
      bc, pad           input channels of a slab; unused elements after each row of a staged tile
      unroll            0: loops over the filter; 1: its rows unrolled; 2: all of it
      baked             sizes as constants in the text instead of uniforms (the filter always is)
      packed            f16 as halves of 32-bit words

    Assumes o/g divisible by vec. Positions wrap below zero, so one comparison finds both edges of the padding. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% set bw = wx * tw %}
{% set bo = wz * to %}
{% set groups = to // vec %}
{% set slabs = stage_w or stage_x %}
{% set patch_h = (wy - 1) * stride_h + (filter_h - 1) * dilation_h + 1 %}
{% set patch_w = (bw - 1) * stride_w + (filter_w - 1) * dilation_w + 1 %}
{% set patch_row = patch_w + pad %}
{% set filter = filter_h * filter_w %}
{% set lanes = ["x", "y", "z", "w"] %}
{% set w_row = bo // vec + pad %}
{% set cl = "cl" if bc > 1 else "0u" %}
{# What is the same for a whole workgroup must show in the text: then it is loaded once for all. #}
{% set local_x = "local.x" if wx > 1 else "0u" %}
{% set local_y = "local.y" if wy > 1 else "0u" %}
{% set local_z = "local.z" if wz > 1 else "0u" %}
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
{# One pixel of the input at filter row `fh`, `offset` columns right of the invocation's first. #}
{% macro pixel(fh, offset) -%}
{%- if stage_x -%}
x_tile[({{ cl }} * {{ patch_h }}u + {{ local_y }} * {{ stride_h }}u + {{ fh }} * {{ dilation_h }}u) * {{ patch_row }}u + {{ local_x }} * {{ tw * stride_w }}u + {{ offset }}]
{%- else -%}
{{ fetch(in_part("c", "channels_in"), "first_y + " ~ fh ~ " * " ~ dilation_h ~ "u", "first_x + " ~ offset) }}
{%- endif -%}
{%- endmacro %}
{# The weights of channel vector `q` of this invocation at filter position (fh, fw). #}
{% macro weight(q, fh, fw) -%}
{%- if stage_w -%}
w_tile[({{ cl }} * {{ filter }}u + {{ fh }} * {{ filter_w }}u + {{ fw }}) * {{ w_row }}u + {{ local_z }} * {{ groups }}u + {{ q }}u]
{%- else -%}
{{ weights(inside("channel_" ~ q, "channel_vectors", guard_o), "c", fh ~ " * " ~ filter_w ~ "u + " ~ fw) }}
{%- endif -%}
{%- endmacro %}
{# One row of the filter. #}
{% macro row(fh) %}
{% if unroll == 0 %}
    for (var fw = 0u; fw < {{ filter_w }}u; fw += 1u) {
{% for q in range(groups) %}
      let w_{{ q }} = {{ weight(q, fh, "fw") }};
{% endfor %}
{% for p in range(tw) %}
      let x_{{ p }} = {{ pixel(fh, p * stride_w ~ "u + fw * " ~ dilation_w ~ "u") }};
{% for q in range(groups) %}
      acc_{{ p }}_{{ q }} += w_{{ q }} * x_{{ p }};
{% endfor %}
{% endfor %}
    }
{% else %}
{% for offset in offsets %}
    let x_{{ offset }} = {{ pixel(fh, offset ~ "u") }};
{% endfor %}
{% for fw in range(filter_w) %}
{% for q in range(groups) %}
    let w_{{ fw }}_{{ q }} = {{ weight(q, fh, fw ~ "u") }};
{% endfor %}
{% for p in range(tw) %}
{% for q in range(groups) %}
    acc_{{ p }}_{{ q }} += w_{{ fw }}_{{ q }} * x_{{ p * stride_w + fw * dilation_w }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endif %}
{% endmacro %}
{# What holds for outputs within y, where tiles reach beyond it. #}
{% macro edge(p, q) -%}
{%- if guard_x or guard_y or guard_o -%}
if ({{ "(out_y < size_oh)" if guard_y }}{{ " & " if guard_y and guard_x }}{{ "(out_x + " ~ p ~ "u < size_ow)" if guard_x }}
{{- " & " if (guard_y or guard_x) and guard_o }}{{ "(channel_" ~ q ~ " < channel_vectors)" if guard_o }}) {% endif -%}
{%- endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
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

@compute @workgroup_size({{ wx }}, {{ wy }}, {{ wz }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
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
  let tiles_y = (size_oh + {{ wy - 1 }}u) / {{ wy }}u;
  let tiles_o = (channels_out + {{ bo - 1 }}u) / {{ bo }}u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
{% if parts > 1 %}
  let part = group / (tiles_x * tiles_y * tiles_o) % {{ parts }}u;
{% endif %}
  let image = group / (tiles_x * tiles_y * tiles_o * {{ parts }}u);

  let out_y = tile_y * {{ wy }}u + {{ local_y }};
  let out_x = tile_x * {{ bw }}u + {{ local_x }} * {{ tw }}u;
{% if not stage_x %}
  let first_y = out_y * {{ stride_h }}u - {{ padding_h }}u;
  let first_x = out_x * {{ stride_w }}u - {{ padding_w }}u;
{% endif %}
{% for q in range(groups) %}
  let channel_{{ q }} = tile_o * {{ bo // vec }}u + {{ local_z }} * {{ groups }}u + {{ q }}u;
{% endfor %}

{% for p in range(tw) %}
{% for q in range(groups) %}
  var acc_{{ p }}_{{ q }} = Value(0.0);
{% endfor %}
{% endfor %}

{% if slabs %}
  let local_index = ({{ local_z }} * {{ wy }}u + {{ local_y }}) * {{ wx }}u + {{ local_x }};
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
      let source_y = tile_y * {{ wy * stride_h }}u + y - {{ padding_h }}u;
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
{% if unroll == 2 %}
{% for fh in range(filter_h) %}
    {
{{ row(fh ~ "u") }}
    }
{% endfor %}
{% elif filter_h > 1 %}
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
{% for p in range(tw) %}
{% for q in range(groups) %}
{% set v = "v" if epilogue else "acc_" ~ p ~ "_" ~ q %}
  {{ edge(p, q) }}{
    let channel = {{ in_part("channel_" ~ q, "channel_vectors") }};
{% if nhwc %}
    let index = ((image * size_oh + out_y) * size_ow + out_x + {{ p }}u) * (channel_vectors * {{ parts }}u) + channel;
{% else %}
    let index = (image * channels_out * {{ parts }}u + channel * {{ vec }}u) * plane + out_y * size_ow + out_x + {{ p }}u;
{% endif %}
{% if epilogue %}
    var v = acc_{{ p }}_{{ q }};
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
}
