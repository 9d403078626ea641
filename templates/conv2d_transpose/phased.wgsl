{#- Transposed convolution by gathering: outputs whose positions agree modulo the stride meet the same places of the
    filter, so each such phase is a small convolution of its own, and no place is ever tested.

    NCHW: x [n,c,h,w], weights [c,o/g,kh,kw], y [n,o,oh,ow].  NHWC: x [n,h,w,c], weights [c,kh,kw,o/g], y [n,oh,ow,o].
    With `prepack` the weights of NCHW are first laid as those of NHWC, so that vectors of output channels are contiguous.

    The output is cut into blocks of stride x stride; block j meets the inputs j+e for a few e. A 4x4 filter of stride 2
    with padding 1, along one direction:

        place of the filter   0   1   2   3        column 0 of block j: place 1 meets input j, place 3 input j-1
        column of the block   1   0   1   0        column 1 of block j: place 0 meets input j+1, place 2 input j
        input                j+1  j   j  j-1

        invocation: tw neighbouring blocks of `to` channels, all columns of them; rows: all, or one for each workgroup
        workgroup:  wx*tw blocks along a row, wy rows of blocks, wc*to channels of one group

    Parameters
      wx, wy, wc        invocations along blocks and channels
      tw, to            blocks and channels per invocation; accumulators are named vectors of `vec` channels
      vec               channels per vector: of accumulators, of weights where they lie so, of NHWC stores
      vec_c             NHWC: input channels per load
      vec_y             NCHW: neighbouring pixels per store
      rows              0: a workgroup takes one row of its blocks, with a loop over the rows of the filter that it meets;
                        1: an invocation takes all, with every place of the filter unrolled
      prepack           NCHW: weights laid out anew once, in the prepare part
      stage_w, stage_x  keep the slab of weights or the patch of the input in workgroup memory
      bc                input channels of a staged slab
      baked             sizes as constants in the text instead of uniforms (the filter always is)
      packed            f16 as halves of 32-bit words

    Assumes o/g divisible by vec, c/g by vec_c, output rows by vec_y, and with one row for each workgroup no dilation
    across rows beside a stride. Positions wrap below zero, so one comparison finds both edges of the input. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% set bw = wx * tw %}
{% set bo = wc * to %}
{% set groups = to // vec %}
{% set block_rows = stride_h if rows else 1 %}
{% set columns = tw * stride_w %}
{% set filter = filter_h * filter_w %}
{# Rows of the filter that a workgroup meets. #}
{% set met_rows = filter_h if rows else (filter_h + stride_h - 1) // stride_h %}
{% set slabs = stage_w or stage_x %}
{% set patch_h = wy + span_h %}
{% set patch_w = bw + span_w %}
{% set ordered = nhwc or prepack %}
{% set lanes = ["x", "y", "z", "w"] %}
{# Neighbouring invocations have neighbouring elements: of a row in NCHW, of a pixel in NHWC. #}
{% set local_x = "local.y" if nhwc else "local.x" %}
{% set local_y = "local.z" if nhwc else "local.y" %}
{% set local_c = "local.x" if nhwc else "local.z" %}
{% set cl = "cl" if bc > vec_c else "0u" %}
{# The first input channel of a load, of all groups. #}
{% set source = "source" if parts > 1 else "c" %}
{# Channels of all groups, from a channel of this one. #}
{% macro in_part(channel, channels) %}{{ "part * " ~ channels ~ " + " if parts > 1 }}{{ channel }}{% endmacro %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{% macro lane(value, i, width) %}{{ value if width == 1 else value ~ "." ~ lanes[i] }}{% endmacro %}
{% macro x_index(c, y, x) -%}
{{ "((image * size_h + " ~ y ~ ") * size_w + " ~ x ~ ") * input_vectors + " ~ c if nhwc else "((image * input_vectors + " ~ c ~ ") * size_h + " ~ y ~ ") * size_w + " ~ x }}
{%- endmacro %}
{# A position so many further, which may be backwards. #}
{% macro shifted(by) %}{{ " - " ~ -by ~ "u" if by < 0 else " + " ~ by ~ "u" }}{% endmacro %}
{# One load of the input, zero beyond its edges where there are outputs that meet them. #}
{% macro fetch(c, y, x) -%}
{{ "pixel_at(image, " ~ c ~ ", " ~ y ~ ", " ~ x ~ ")" if check_x or check_y else "load_x(" ~ x_index(c, y, x) ~ ")" }}
{%- endmacro %}
{# The load of block column `offset`, in the row `row` below the first that the invocation reads. #}
{% macro pixel(row, offset) -%}
{%- if stage_x -%}
x_tile[({{ cl }} * {{ patch_h }}u + {{ local_y }} + {{ row }}) * {{ patch_w }}u + {{ local_x }} * {{ tw }}u + {{ offset }}u]
{%- else -%}
{{ fetch(source ~ " / " ~ vec_c ~ "u", "first_y + " ~ row, "first_x + " ~ offset ~ "u") }}
{%- endif -%}
{%- endmacro %}
{# The weights of channel vector `o` of this group, input channel `source` of all, filter position `f` (row-major). #}
{% macro weights(o, source, f) -%}
{%- if ordered -%}
load_w((({{ source }}) * {{ filter }}u + {{ f }}) * channel_vectors + {{ o }})
{%- else -%}
{{ "Sum(\n" if vec > 1 }}
{%- for s in range(vec) -%}
load_w((({{ source }}) * channels_out + {{ o }} * {{ vec }}u + {{ s }}u) * {{ filter }}u + {{ f }}){{ ",\n" if vec > 1 }}
{%- endfor -%}
{{ ")" if vec > 1 }}
{%- endif -%}
{%- endmacro %}
{# The weights of channel vector `q` of this invocation for lane `s` of the input's load; `met` counts the rows of the
   filter that the workgroup meets, `fh` all. #}
{% macro weight(q, s, met, fh, fw) -%}
{%- if stage_w -%}
w_tile[((({{ cl }} + {{ s }}u) * {{ met_rows }}u + {{ met }}) * {{ filter_w }}u + {{ fw }}u) * {{ bo // vec }}u + {{ q * wc }}u + {{ local_c }}]
{%- else -%}
{{ weights("own_" ~ q, source ~ " + " ~ s ~ "u", fh ~ " * " ~ filter_w ~ "u + " ~ fw ~ "u") }}
{%- endif -%}
{%- endmacro %}
{# The loads of a row of the input. #}
{% macro load_row(row) %}
{% for offset in offsets %}
    let x_{{ offset }} = {{ pixel(row, offset) }};
{% endfor %}
{% endmacro %}
{# What such a row adds to row `r` of the blocks, through a row of the filter. #}
{% macro products(r, met, fh) %}
{% for tap in column_taps %}
{% for s in range(vec_c) %}
{% for q in range(groups) %}
    let w_{{ fh }}_{{ tap.place }}_{{ s }}_{{ q }} = {{ weight(q, s, met, fh ~ "u" if rows else "fh", tap.place) }};
{% endfor %}
{% for p in range(tw) %}
{% for q in range(groups) %}
    acc_{{ r }}_{{ p * stride_w + tap.output }}_{{ q }} += w_{{ fh }}_{{ tap.place }}_{{ s }}_{{ q }} * {{ lane("x_" ~ (p + tap.input), s, vec_c) }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# All that one load's input channels add. #}
{% macro channels() %}
{% if parts > 1 and not (stage_w and stage_x) %}
    let source = part * channels_in + c;
{% endif %}
{% if rows %}
{% for row in row_taps %}
    {
{{ load_row(row.input ~ "u") }}
{%- for tap in row.taps %}
{{ products(tap.output, tap.place ~ "u", tap.place) }}
{%- endfor %}
    }
{% endfor %}
{% else %}
{% if met_rows > 1 %}
    for (var met = 0u; met < {{ met_rows }}u; met += 1u) {
{% endif %}
{% set met = "met" if met_rows > 1 else "0u" %}
{% set is_some_row = filter_h % stride_h > 0 %}
{% if is_some_row or not stage_w %}
    let fh = first_place + {{ met }} * {{ stride_h }}u;
{% endif %}
{% if is_some_row %}
    if (fh < {{ filter_h }}u) {
{% endif %}
{{ load_row(span_h ~ "u - " ~ met ~ " * " ~ dilation_h ~ "u" if met_rows > 1 else "0u") }}
{{- products(0, met, "f") }}
{%- if is_some_row %}
    }
{% endif %}
{% if met_rows > 1 %}
    }
{% endif %}
{% endif %}
{% endmacro %}
{# What holds for outputs within y, where tiles reach beyond it. #}
{% macro edge(r, p, q) -%}
{%- if guard_x or guard_y or guard_o -%}
if ({{ "(out_y + " ~ r ~ "u < size_oh)" if guard_y }}{{ " & " if guard_y and guard_x }}{{ "(out_x + " ~ p ~ "u < size_ow)" if guard_x }}
{{- " & " if (guard_y or guard_x) and guard_o }}{{ "(channel_" ~ q ~ " < channel_vectors)" if guard_o }}) {% endif -%}
{%- endmacro %}
{# The sums of one store: a vector of channels, or of pixels of its lane `s`. #}
{% macro stored(r, p, q, s) -%}
{%- if nhwc or (vec_y == 1 and vec == 1) -%}
acc_{{ r }}_{{ p }}_{{ q }}
{%- elif vec_y == 1 -%}
{{ lane("acc_" ~ r ~ "_" ~ p ~ "_" ~ q, s, vec) }}
{%- else -%}
Value({% for i in range(vec_y) %}{{ lane("acc_" ~ r ~ "_" ~ (p + i) ~ "_" ~ q, s, vec) }}{{ ", " if not loop.last }}{% endfor %})
{%- endif -%}
{%- endmacro %}
{# One store, after the epilogue. #}
{% macro store(r, p, q, s) %}
{% if epilogue %}
    var v = {{ stored(r, p, q, s) }};
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
    store_y(index, {{ "v" if epilogue else stored(r, p, q, s) }});
{% endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec if nhwc else vec_y) }};
alias Sum = {{ storage.value_type(vec) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% if stage_w %}
var<workgroup> w_tile: array<Sum, {{ bc * met_rows * filter_w * (bo // vec) }}>;
{% endif %}
{% if stage_x %}
var<workgroup> x_tile: array<f32, {{ bc * patch_h * patch_w }}>;
{% endif %}

{% if check_x or check_y %}
// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> {{ storage.value_type(vec_c) }} {
  let input_vectors = {{ size_c }} / {{ vec_c }}u;
  let size_h = {{ size_h }};
  let size_w = {{ size_w }};
  let y = {{ inside("at_y", "size_h", check_y) }};
  let x = {{ inside("at_x", "size_w", check_x) }};
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = {{ "(at_y < size_h)" if check_y }}{{ " & " if check_y and check_x }}{{ "(at_x < size_w)" if check_x }};
  return select({{ storage.value_type(vec_c) ~ "(0.0)" if vec_c > 1 else "0.0" }}, load_x({{ x_index("channel", "y", "x") }}), is_inside);
}
{% endif %}

@compute @workgroup_size({{ wc if nhwc else wx }}, {{ wx if nhwc else wy }}, {{ wy if nhwc else wc }})
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
  let input_vectors = {{ size_c }} / {{ vec_c }}u;
  let size_h = {{ size_h }};
  let size_w = {{ size_w }};
{% endif %}
  let size_oh = {{ size_oh }};
  let size_ow = {{ size_ow }};
  let channels_in = {{ channels_in }};
  let channels_out = {{ channels_out }};
  let channel_vectors = channels_out / {{ vec }}u;
  let tiles_x = (size_ow + {{ bw * stride_w - 1 }}u) / {{ bw * stride_w }}u;
  let tiles_y = (size_oh + {{ wy * stride_h - 1 }}u) / {{ wy * stride_h }}u{{ " * " ~ stride_h ~ "u" if not rows }};
  let tiles_o = (channels_out + {{ bo - 1 }}u) / {{ bo }}u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
{% if parts > 1 %}
  let part = group / (tiles_x * tiles_y * tiles_o) % {{ parts }}u;
{% endif %}
  let image = group / (tiles_x * tiles_y * tiles_o * {{ parts }}u);
{% if rows %}
  let tile_y = group / tiles_x % tiles_y;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * {{ wy }}u{{ shifted(least_h) }};
{% else %}
  let tile_y = group / tiles_x % tiles_y / {{ stride_h }}u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % {{ stride_h }}u;
  let first_place = (row + {{ padding_h }}u) % {{ stride_h }}u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * {{ wy }}u + (row + {{ padding_h }}u) / {{ stride_h }}u - {{ span_h }}u;
{% endif %}
  let patch_x = tile_x * {{ bw }}u{{ shifted(least_w) }};
{% if not stage_x %}
  let first_y = patch_y + {{ local_y }};
  let first_x = patch_x + {{ local_x }} * {{ tw }}u;
{% endif %}
{% for q in range(groups) %}
  let channel_{{ q }} = tile_o * {{ bo // vec }}u + {{ q * wc }}u + {{ local_c }};
{% if not stage_w %}
  let own_{{ q }} = {{ inside("channel_" ~ q, "channel_vectors", guard_o) }};
{% endif %}
{% endfor %}

{% for r in range(block_rows) %}
{% for p in range(columns) %}
{% for q in range(groups) %}
  var acc_{{ r }}_{{ p }}_{{ q }} = Sum(0.0);
{% endfor %}
{% endfor %}
{% endfor %}

{% if slabs %}
  let local_index = (local.z * {{ wx if nhwc else wy }}u + local.y) * {{ wc if nhwc else wx }}u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += {{ bc }}u) {
{% if stage_w %}
    for (var t = local_index; t < {{ bc * met_rows * filter_w * (bo // vec) }}u; t += {{ wx * wy * wc }}u) {
      let o = t % {{ bo // vec }}u;
      let fw = t / {{ bo // vec }}u % {{ filter_w }}u;
      let met = t / {{ bo // vec * filter_w }}u % {{ met_rows }}u;
      let s = t / {{ bo // vec * filter_w * met_rows }}u;
      let source_o = {{ inside("tile_o * " ~ bo // vec ~ "u + o", "channel_vectors", guard_o) }};
      let source_c = {{ in_part(inside("c0 + s", "channels_in", guard_c), "channels_in") }};
{% if rows %}
      let fh = met;
{% else %}
      let fh = {{ inside("first_place + met * " ~ stride_h ~ "u", filter_h ~ "u", filter_h % stride_h > 0) }};
{% endif %}
      w_tile[t] = {{ weights("source_o", "source_c", "fh * " ~ filter_w ~ "u + fw") }};
    }
{% endif %}
{% if stage_x %}
    for (var t = local_index; t < {{ bc * patch_h * patch_w }}u; t += {{ wx * wy * wc }}u) {
{% if nhwc %}
      let s = t % {{ bc }}u;
      let x = t / {{ bc }}u % {{ patch_w }}u;
      let y = t / {{ bc * patch_w }}u;
{% else %}
      let x = t % {{ patch_w }}u;
      let y = t / {{ patch_w }}u % {{ patch_h }}u;
      let s = t / {{ patch_w * patch_h }}u;
{% endif %}
      let source_c = {{ in_part(inside("c0 + s", "channels_in", guard_c), "channels_in") }};
      x_tile[{{ "(s * " ~ patch_h ~ "u + y) * " ~ patch_w ~ "u + x" if nhwc else "t" }}] = {{ fetch("source_c", "patch_y + y", "patch_x + x") }};
    }
{% endif %}
    workgroupBarrier();
{% if bc > vec_c %}
    for (var cl = 0u; cl < {{ "min(" ~ bc ~ "u, channels_in - c0)" if guard_c else bc ~ "u" }}; cl += {{ vec_c }}u) {
{% endif %}
{% if not (stage_w and stage_x) %}
      let c = c0 + {{ cl }};
{% endif %}
{% else %}
  for (var c = 0u; c < channels_in; c += {{ vec_c }}u) {
{% endif %}
{{ channels() }}
{%- if slabs and bc > vec_c %}
    }
{% endif %}
{% if slabs %}
    workgroupBarrier();
{% endif %}
  }

{% if rows %}
  let out_y = (tile_y * {{ wy }}u + {{ local_y }}) * {{ stride_h }}u;
{% else %}
  let out_y = (tile_y * {{ wy }}u + {{ local_y }}) * {{ stride_h }}u + row;
{% endif %}
  let out_x = tile_x * {{ bw * stride_w }}u + {{ local_x }} * {{ columns }}u;
{% for r in range(block_rows) %}
{% for q in range(groups) %}
{% for p in range(0, columns, vec_y) %}
{% if nhwc %}
  {{ edge(r, p, q) }}{
    let channel = {{ in_part("channel_" ~ q, "channel_vectors") }};
    let index = ((image * size_oh + out_y + {{ r }}u) * size_ow + out_x + {{ p }}u) * (channel_vectors * {{ parts }}u) + channel;
{{ store(r, p, q, 0) }}
  }
{% else %}
  {{ edge(r, p, q) }}{
{% for s in range(vec) %}
    {{ "{" if vec > 1 }}
    let channel = {{ in_part("channel_" ~ q ~ " * " ~ vec ~ "u + " ~ s ~ "u", "channels_out") }};
    let index = (((image * channels_out * {{ parts }}u + channel) * size_oh + out_y + {{ r }}u) * size_ow + out_x + {{ p }}u) / {{ vec_y }}u;
{{ store(r, p, q, s) }}
    {{ "}" if vec > 1 }}
{% endfor %}
  }
{% endif %}
{% endfor %}
{% endfor %}
{% endfor %}
}
