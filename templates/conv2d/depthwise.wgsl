{#- Depthwise convolution: each input channel has filters of its own, o/c of them, so nothing is summed over channels.

    NCHW: x [n,c,h,w], weights [o,1,kh,kw], y [n,o,oh,ow].  NHWC: x [n,h,w,c], weights [o,kh,kw,1], y [n,oh,ow,o].
    With `prepack` the weights are first laid [kh*kw, o], so that vectors of channels are contiguous.

        invocation: th rows of tw pixels, of one channel (NCHW) or of one vector of channels (NHWC)
        workgroup:  wx*tw pixels along a row, wy*th rows, wc channels or vectors

          input row 0   > x x x x x x      a row is loaded once, for all pixels of the strip; with `unroll` for all of
          input row 1   > x x x x x x      its output rows too, so that the filter slides over rows in registers
          input row 2   > x x x x x x

    Parameters
      wx, wy, wc        invocations along output width, height and channels
      tw, th            pixels per invocation; accumulators are named
      vec               NHWC: channels per vector
      vec_x, vec_y      NCHW: neighbouring pixels per load and per store
      prepack           NHWC: weights laid out anew once, in the prepare part
      stage             the patch of the input in workgroup memory, zeros of the padding included
      interior          invocations that see no padding take a way without checks; the text has both
      unroll            0: a loop over the rows of the filter; 1: all of it unrolled
      baked             sizes as constants in the text instead of uniforms (the filter always is)
      packed            f16 as halves of 32-bit words

    Assumes channels divisible by vec, rows by vec_x and vec_y, and that strips begin at whole vectors. Positions wrap
    below zero, so one comparison finds both edges of the padding. With wc = 1 a workgroup has one channel, which
    depends on the workgroup's number alone: so its filter is the same for all, and may be loaded once. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% set bw = wx * tw %}
{% set bh = wy * th %}
{% set filter = filter_h * filter_w %}
{% set patch_h = (bh - 1) * stride_h + (filter_h - 1) * dilation_h + 1 %}
{% set patch_w = (bw - 1) * stride_w + (filter_w - 1) * dilation_w + 1 %}
{% set lanes = ["x", "y", "z", "w"] %}
{# Neighbouring invocations have neighbouring elements: of a row in NCHW, of a pixel in NHWC. #}
{% set local_x = "local.y" if nhwc else "local.x" %}
{% set local_y = "local.z" if nhwc else "local.y" %}
{% set local_c = "local.x" if nhwc else "local.z" %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{# The pixel `offset` columns right of the strip's first: a load, or a lane of one. #}
{% macro x(offset) %}x_{{ (lead + offset) // vec_x }}{{ "." ~ lanes[(lead + offset) % vec_x] if vec_x > 1 }}{% endmacro %}
{# Element `at` of a row that begins at `start`. #}
{% macro in_row(start, at) %}{{ start ~ " + " ~ (at ~ " * step" if nhwc else at) }}{% endmacro %}
{# Where row `y` of the input begins. #}
{% macro row_start(y, source) -%}
{{ "(image * size_h + " ~ y ~ ") * row_length * step + " ~ source if nhwc else "((image * size_c + " ~ source ~ ") * size_h + " ~ y ~ ") * row_length" }}
{%- endmacro %}
{# The loads of input row `row`, counted from the strip's first. #}
{% macro load_row(row, checked) %}
{% if stage %}
      let start = {{ "(" ~ local_y ~ " * " ~ th * stride_h ~ "u + " ~ row ~ ") * " ~ patch_w * wc ~ "u + " ~ local_x ~ " * " ~ tw * stride_w * wc ~ "u + " ~ local_c if nhwc else "(" ~ local_c ~ " * " ~ patch_h ~ "u + " ~ local_y ~ " * " ~ th * stride_h ~ "u + " ~ row ~ ") * " ~ patch_w ~ "u + " ~ local_x ~ " * " ~ tw * stride_w ~ "u" }};
{% for v in vectors %}
      let x_{{ v }} = x_tile[start + {{ v * wc if nhwc else v }}u];
{% endfor %}
{% else %}
      let in_y = first_y + {{ row }};
      let start = {{ row_start(inside("in_y", "size_h", checked and check_y), "source") }};
{% for v in vectors %}
{% set at = "first_x + " ~ v ~ "u" %}
      let x_{{ v }} = {{ "pixel_at(start, " ~ at ~ (", in_y < size_h)" if check_y else ")") if checked else "load_x(" ~ in_row("start", "(" ~ at ~ ")" if nhwc else at) ~ ")" }};
{% endfor %}
{% endif %}
{% endmacro %}
{# The weights of this channel, or of this vector of them, at filter position `f` (row-major). #}
{% macro weight(f) -%}
{%- if prepack -%}
load_w({{ "(" ~ f ~ ")" }} * channel_vectors + own)
{%- elif vec == 1 -%}
load_w(own * {{ filter }}u + {{ f }})
{%- else -%}
Value({% for s in range(vec) %}load_w((own * {{ vec }}u + {{ s }}u) * {{ filter }}u + {{ f }}){{ ", " if not loop.last }}{% endfor %})
{%- endif -%}
{%- endmacro %}
{# One row of the filter, from row `first` of the weights on: named w_<name>_<column>. #}
{% macro load_weights(name, first) %}
{% for fw in range(filter_w) %}
    let w_{{ name }}{{ fw }} = {{ weight(first ~ " + " ~ fw ~ "u") }};
{% endfor %}
{% endmacro %}
{# What a row of the input adds to output row `r`, through a row of the filter. #}
{% macro products(r, name) %}
{% for fw in range(filter_w) %}
{% for p in range(tw) %}
      acc_{{ r }}_{{ p }} += w_{{ name }}{{ fw }} * {{ x(p * stride_w + fw * dilation_w) }};
{% endfor %}
{% endfor %}
{% endmacro %}
{# All sums of the invocation. #}
{% macro sums(checked) %}
{% if unroll %}
{% for row in rows %}
{% if row.weights is not none %}
{{ load_weights(row.weights ~ "_", row.weights * filter_w ~ "u") }}
{%- endif %}
    {
{{ load_row(row.offset ~ "u", checked) }}
{%- for use in row.uses %}
{{ products(use.output, use.filter ~ "_") }}
{%- endfor %}
    }
{% endfor %}
{% else %}
    for (var fh = 0u; fh < {{ filter_h }}u; fh += 1u) {
{{ load_weights("", "fh * " ~ filter_w ~ "u") }}
{%- for r in range(th) %}
    {
{{ load_row("fh * " ~ dilation_h ~ "u + " ~ r * stride_h ~ "u", checked) }}
{{- products(r, "") }}
    }
{% endfor %}
    }
{% endif %}
{% endmacro %}
{# Where the channel vector `c` finds its input. #}
{% macro source_of(c) %}{{ c if multiplier == 1 else "(" ~ c ~ ") / " ~ multiplier // vec ~ "u" }}{% endmacro %}
{# What holds for outputs within y, where tiles reach beyond it. #}
{% macro edge(r, p) -%}
{%- if guard_x or guard_y or guard_c -%}
if ({{ "(out_y + " ~ r ~ "u < size_oh)" if guard_y }}{{ " & " if guard_y and guard_x }}{{ "(out_x + " ~ p ~ "u < size_ow)" if guard_x }}
{{- " & " if (guard_y or guard_x) and guard_c }}{{ "(channel < channel_vectors)" if guard_c }}) {% endif -%}
{%- endmacro %}
{# The sums of one store. #}
{% macro stored(r, p) -%}
{%- if vec_y == 1 -%}
acc_{{ r }}_{{ p }}
{%- else -%}
Value({% for s in range(vec_y) %}acc_{{ r }}_{{ p + s }}{{ ", " if not loop.last }}{% endfor %})
{%- endif -%}
{%- endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec * vec_y) }};
alias Pixel = {{ storage.value_type(x_width) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% if stage %}
var<workgroup> x_tile: array<Pixel, {{ patch_h * patch_w * wc }}>;
{% endif %}

{% if check_x or check_y %}
// One load from a row of the input, zero in the padding.
fn pixel_at(start: u32, at: u32{{ ", is_row: bool" if check_y }}) -> Pixel {
{% if check_x %}
  let row_length = {{ size_w }} / {{ vec_x }}u;
{% endif %}
{% if nhwc %}
  let step = {{ size_c }} / {{ x_width }}u;
{% endif %}
  // By `&`: `&&` would branch, at every pixel.
  return select(Pixel(0.0), load_x({{ in_row("start", inside("at", "row_length", check_x)) }}), {{ "is_row" if check_y }}{{ " & " if check_y and check_x }}{{ "(at < row_length)" if check_x }});
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
{% if not nhwc %}
  let size_c = {{ size_c }};
{% endif %}
  let size_h = {{ size_h }};
  let row_length = {{ size_w }} / {{ vec_x }}u;
  let size_oh = {{ size_oh }};
  let size_ow = {{ size_ow }};
  let channel_vectors = {{ size_o }} / {{ vec }}u;
{% if nhwc %}
  let step = {{ size_c }} / {{ x_width }}u;
{% endif %}
  let tiles_x = (size_ow + {{ bw - 1 }}u) / {{ bw }}u;
  let tiles_y = (size_oh + {{ bh - 1 }}u) / {{ bh }}u;
  let tiles_c = (channel_vectors + {{ wc - 1 }}u) / {{ wc }}u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_c = group / (tiles_x * tiles_y) % tiles_c;
  let image = group / (tiles_x * tiles_y * tiles_c);

  let out_y = tile_y * {{ bh }}u + {{ local_y }} * {{ th }}u;
  let out_x = tile_x * {{ bw }}u + {{ local_x }} * {{ tw }}u;
  let channel = {{ "tile_c * " ~ wc ~ "u + " ~ local_c if wc > 1 else "tile_c" }};
  let own = {{ inside("channel", "channel_vectors", guard_c) }};
{% if not stage %}
  let source = {{ source_of("own") }};
  let first_y = out_y * {{ stride_h }}u - {{ padding_h }}u;
  let first_x = tile_x * {{ bw * stride_w // vec_x }}u + {{ local_x }} * {{ tw * stride_w // vec_x }}u - {{ (padding_w + lead) // vec_x }}u;
{% else %}

  let local_index = (local.z * {{ wx if nhwc else wy }}u + local.y) * {{ wc if nhwc else wx }}u + local.x;
  for (var t = local_index; t < {{ patch_h * patch_w * wc }}u; t += {{ wx * wy * wc }}u) {
{% if nhwc %}
    let c = t % {{ wc }}u;
    let x = t / {{ wc }}u % {{ patch_w }}u;
    let y = t / {{ wc * patch_w }}u;
{% else %}
    let x = t % {{ patch_w }}u;
    let y = t / {{ patch_w }}u % {{ patch_h }}u;
    let c = t / {{ patch_w * patch_h }}u;
{% endif %}
    let in_y = tile_y * {{ bh * stride_h }}u + y - {{ padding_h }}u;
    let in_x = tile_x * {{ bw * stride_w }}u + x - {{ padding_w }}u;
    let source = {{ source_of(inside("tile_c * " ~ wc ~ "u + c", "channel_vectors", guard_c)) }};
    let start = {{ row_start(inside("in_y", "size_h", check_y), "source") }};
    x_tile[t] = {{ "pixel_at(start, in_x" ~ (", in_y < size_h)" if check_y else ")") if check_x or check_y else "load_x(" ~ in_row("start", "in_x") ~ ")" }};
  }
  workgroupBarrier();
{% endif %}

{% for r in range(th) %}
{% for p in range(tw) %}
  var acc_{{ r }}_{{ p }} = {{ "Value(0.0)" if nhwc else "0.0" }};
{% endfor %}
{% endfor %}
{% if interior %}
  let is_interior = {{ "(first_y < size_h) & (first_y + " ~ span_h ~ "u <= size_h)" if check_y }}{{ " & " if check_y and check_x }}{{ "(first_x < row_length) & (first_x + " ~ span_w ~ "u <= row_length)" if check_x }};
  if (is_interior) {
{{ sums(false) }}
  } else {
{{ sums(true) }}
  }
{% else %}
{{ sums(check_x or check_y) }}
{% endif %}

{% if biased %}
  let own_bias = load_bias(own);
{% endif %}
{% for r in range(th) %}
{% for p in range(0, tw, vec_y) %}
{% set v = "v" if epilogue else stored(r, p) %}
  {{ edge(r, p) }}{
{% if nhwc %}
    let index = ((image * size_oh + out_y + {{ r }}u) * size_ow + out_x + {{ p }}u) * channel_vectors + channel;
{% else %}
    let index = (((image * channel_vectors + channel) * size_oh + out_y + {{ r }}u) * size_ow + out_x + {{ p }}u) / {{ vec_y }}u;
{% endif %}
{% if epilogue %}
    var v = {{ stored(r, p) }};
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
    store_y(index, {{ v }});
  }
{% endfor %}
{% endfor %}
}
