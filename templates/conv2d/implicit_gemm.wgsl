{#- Convolution as a matrix product whose second factor is never stored: pixels are gathered as they are needed.

    Y[o/g, pixels] = epilogue(sum over k of W[o/g, k] * X[k, pixels]) for each group: k runs through c/g*kh*kw, pixels
    through n*oh*ow, and X[k, pixel] is the element of the input that meets place k of the filter there.
    NCHW: x [n,c,h,w], weights [o,c/g,kh,kw], y [n,o,oh,ow].  NHWC: x [n,h,w,c], weights [o,kh,kw,c/g], y [n,oh,ow,o].
    With `prepack` the weights are first laid [g, k, o/g], k in the order of the sum.

        workgroup:   wp*tp pixels x wo*to channels of one group; NCHW has the pixels in x, NHWC the channels
        invocation:  tp pixels, dealt in turn in vectors of vec_p, x `to` channels, dealt in vectors of vec
        k:           slabs of bk, in steps of unroll; the slabs are shared by `split` workgroups

    Parameters
      wp, wo            invocations along pixels and channels
      tp, to            pixels and channels per invocation; accumulators are named, never indexed
      vec               channels per vector: of accumulators, of prepacked weights, of NHWC stores
      prepack           weights laid out anew once, in the prepare part
      filter_outer      1: k runs through all channels at each place of the filter, a slab being at one place;
                        0: through the whole filter at each channel, slabs beginning anywhere
      stage_w, stage_x  keep the slab of weights or of pixels in workgroup memory
      bk, pad           length of a slab; unused vectors after each row of a staged tile
      vec_k             input channels per load (NHWC, filter_outer)
      vec_p             pixels per vector of the staged tile
      unroll            steps of k in the body of the inner loop
      prefetch          load the next slab into registers while one is multiplied
      stages            slabs in workgroup memory at a time: two take turns, with one barrier for each
      split             workgroups that share a sum; their parts are added in a second pass, which has the epilogue
      band              tiles of channels that follow each other, for each tile of pixels
      baked             sizes as constants in the text instead of uniforms (the filter always is)
      packed            f16 as halves of 32-bit words

    Assumes o/g divisible by vec, c/g by vec_k, and powers of two for all tiles, so that staging is dealt evenly. An
    input that is not staged needs filter_outer. Pixels and channels beyond the edge read the last valid ones and are
    not stored; steps beyond k are zero on both sides, so that no stray infinity reaches a sum. Positions wrap below
    zero, so one comparison finds both edges of the padding. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "product.wgsl" as product %}
{% set bp = wp * tp %}
{% set bo = wo * to %}
{% set groups = to // vec %}
{% set slabs = stage_w or stage_x %}
{% set filter = filter_h * filter_w %}
{% set x_row = bp // vec_p + pad %}
{% set w_row = bo // vec + pad %}
{% set kk = "kk" if bk > unroll else "0u" %}
{% set output = "y" if split == 1 else "sums" %}
{# The pixels whose input this invocation loads: those it stages, or else its own. #}
{% set sources = (x_deal.fast if not nhwc else x_deal.slow) | length * vec_p if stage_x else tp %}
{# Channels of all groups, from a channel of this one. #}
{% macro in_part(channel, channels) %}{{ "part * " ~ channels ~ " + " if parts > 1 }}{{ channel }}{% endmacro %}
{# Both conditions, or the one there is. #}
{% macro both(a, b) %}{{ a }}{{ " & " if a and b }}{{ b }}{% endmacro %}
{# Whether y and x lie in the image, as far as they can lie outside. #}
{% macro in_image(y, x) -%}
{{ both("(" ~ y ~ " < size_h)" if check_y else "", "(" ~ x ~ " < size_w)" if check_x else "") }}
{%- endmacro %}
{# Which of the pixels of all images source `n` is. #}
{% macro source_pixel(n) -%}
{%- if stage_x -%}
tile_p * {{ bp }}u + x_{{ "slow" if nhwc else "fast" }}_{{ n // vec_p }} * {{ vec_p }}u + {{ n % vec_p }}u
{%- else -%}
tile_p * {{ bp }}u + {{ n * wp }}u + lane_p
{%- endif -%}
{%- endmacro %}
{# Where the slab begins, and at which place of the filter. #}
{% macro locate(slab) %}
{% if not filter_outer or filter == 1 %}
    let start = {{ slab }} * {{ bk }}u;
{% else %}
    let place = {{ slab }} / slabs_of_place;
    let start = {{ slab }} % slabs_of_place * {{ bk }}u;
{% endif %}
{% endmacro %}
{# Where each source is at that place of the filter. #}
{% macro locate_sources() %}
{% if filter_outer %}
{% if filter > 1 %}
    let below = place / {{ filter_w }}u * {{ dilation_h }}u;
    let beside = place % {{ filter_w }}u * {{ dilation_w }}u;
{% endif %}
{% for n in range(sources) %}
{% set at = "origin_" ~ n ~ (" + (below * size_w + beside) * " ~ pixel_step if filter > 1 else "") %}
{% if check_y or check_x %}
    let is_inside_{{ n }} = {{ in_image("y_" ~ n ~ (" + below" if filter > 1 else ""), "x_" ~ n ~ (" + beside" if filter > 1 else "")) }};
    let at_{{ n }} = select(0u, {{ at }}, is_inside_{{ n }});
{% else %}
    let at_{{ n }} = {{ at }};
{% endif %}
{% endfor %}
{% endif %}
{% endmacro %}
{# A load that yields zero where the condition does not hold, if there is one. #}
{% macro zero_unless(condition, load, type) -%}
{{ "select(" ~ type ~ "(0.0), " ~ load ~ ", " ~ condition ~ ")" if condition else load }}
{%- endmacro %}
{# The input of source `n` at step `s` of the slab: as many channels as a load has. #}
{% macro source(n, s) -%}
{%- if not filter_outer -%}
pixel_at(origin_{{ n }}, y_{{ n }}, x_{{ n }}, start + {{ s }})
{%- else -%}
{%- set channel = product.inside("start + " ~ s, "channels_in", guard_k, vec_k) -%}
{%- set step = "(" ~ channel ~ ") / " ~ vec_k ~ "u" if nhwc else "(" ~ channel ~ ") * plane_in" -%}
{{ zero_unless(both("is_inside_" ~ n if check_y or check_x else "", "(start + " ~ s ~ " < channels_in)" if guard_k else ""), "load_x(at_" ~ n ~ " + " ~ step ~ ")", storage.value_type(vec_k)) }}
{%- endif -%}
{%- endmacro %}
{# The vector of weights of channel vector `o` of this group at step `s` of the slab. #}
{% macro weights(o, s) -%}
{%- set k = product.inside("start + " ~ s, "channels_in" if filter_outer else "terms", guard_k) -%}
{%- set places = "place * channels_in + " if filter_outer and filter > 1 else "" -%}
{%- set load -%}
{%- if prepack -%}
load_w(({{ "part * terms + " if parts > 1 }}{{ places ~ k }}) * channel_vectors + {{ o }})
{%- else -%}
{{ "Value(\n" if vec > 1 }}
{%- for c in range(vec) -%}
{%- set channel = "(" ~ in_part("(" ~ o ~ ") * " ~ vec ~ "u + " ~ c ~ "u", "channels_out") ~ ")" -%}
load_w({{ channel }} * terms + {% if filter_outer == nhwc -%}
{{ places ~ k }}
{%- elif nhwc -%}
({{ k }}) % {{ filter }}u * channels_in + ({{ k }}) / {{ filter }}u
{%- else -%}
({{ k }}) * {{ filter }}u{{ " + place" if filter > 1 }}
{%- endif -%}
){{ ",\n" if vec > 1 }}
{%- endfor -%}
{{ ")" if vec > 1 }}
{%- endif -%}
{%- endset -%}
{{ zero_unless("start + " ~ s ~ " < " ~ ("channels_in" if filter_outer else "terms") if guard_k else "", load, "Value") }}
{%- endmacro %}
{# What this invocation stages of the weights, loaded into registers: declared, or assigned anew. #}
{% macro fetch_w(declare) %}
{% for slow in w_deal.slow %}
{% set i = loop.index0 %}
{% for fast in w_deal.fast %}
{% set j = loop.index0 %}
{% set o = "w_fast_" ~ j if prepack else "w_slow_" ~ i %}
    {{ declare }}w_fetched_{{ i }}_{{ j }} = {{ weights(product.inside("tile_o * " ~ bo // vec ~ "u + " ~ o, "channel_vectors", guard_o), "w_slow_" ~ i if prepack else "w_fast_" ~ j) }};
{% endfor %}
{% endfor %}
{% endmacro %}
{# The same of the pixels. #}
{% macro fetch_x(declare) %}
{% for slow in x_deal.slow %}
{% set i = loop.index0 %}
{% for fast in x_deal.fast %}
{% set j = loop.index0 %}
{% for v in range(vec_p) %}
    {{ declare }}x_fetched_{{ i }}_{{ j }}_{{ v }} = {{ source((i if nhwc else j) * vec_p + v, ("x_fast_" ~ j if nhwc else "x_slow_" ~ i) ~ " * " ~ vec_k ~ "u") }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# Where the tile of this slab begins, of rows as long. #}
{% macro turn(row) %}{{ "slab % 2u * " ~ bk * row ~ "u + " if stages == 2 }}{% endmacro %}
{# What was fetched, put into the tiles. #}
{% macro put_w() %}
{% for slow in w_deal.slow %}
{% set i = loop.index0 %}
{% for fast in w_deal.fast %}
{% set j = loop.index0 %}
    w_tile[{{ turn(w_row) }}{{ "w_slow_" ~ i if prepack else "w_fast_" ~ j }} * {{ w_row }}u + {{ "w_fast_" ~ j if prepack else "w_slow_" ~ i }}] = w_fetched_{{ i }}_{{ j }};
{% endfor %}
{% endfor %}
{% endmacro %}
{% macro put_x() %}
{% for slow in x_deal.slow %}
{% set i = loop.index0 %}
{% for fast in x_deal.fast %}
{% set j = loop.index0 %}
{% for e in range(vec_k) %}
    x_tile[{{ turn(x_row) }}({{ "x_fast_" ~ j if nhwc else "x_slow_" ~ i }} * {{ vec_k }}u + {{ e }}u) * {{ x_row }}u + {{ "x_slow_" ~ i if nhwc else "x_fast_" ~ j }}] = {{ "Pixels(" if vec_p > 1 }}
{%- for v in range(vec_p) %}{{ product.lane("x_fetched_" ~ i ~ "_" ~ j ~ "_" ~ v, e, vec_k) }}{{ ", " if not loop.last }}{% endfor %}{{ ")" if vec_p > 1 }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# `count` steps of k from `kk` on. #}
{% macro steps(count) %}
{% for s in range(count) %}
{% for q in range(groups) %}
{% if stage_w %}
    let w_{{ s }}_{{ q }} = w_tile[{{ turn(w_row) }}({{ kk }} + {{ s }}u) * {{ w_row }}u + {{ q * wo }}u + lane_o];
{% else %}
    let w_{{ s }}_{{ q }} = {{ weights(product.inside("channel_" ~ q, "channel_vectors", guard_o), kk ~ " + " ~ s ~ "u") }};
{% endif %}
{% endfor %}
{% for j in range(tp // vec_p) %}
{% if stage_x %}
    let x_{{ s }}_{{ j }} = x_tile[{{ turn(x_row) }}({{ kk }} + {{ s }}u) * {{ x_row }}u + {{ j * wp }}u + lane_p];
{% elif s % vec_k == 0 %}
    let x_{{ s }}_{{ j }} = {{ source(j, kk ~ " + " ~ s ~ "u") }};
{% endif %}
{% endfor %}
{% for p in range(tp) %}
{% set x = product.lane("x_" ~ s ~ "_" ~ p // vec_p, p % vec_p, vec_p) if stage_x else product.lane("x_" ~ (s - s % vec_k) ~ "_" ~ p, s % vec_k, vec_k) %}
{% for q in range(groups) %}
    acc_{{ p }}_{{ q }} += w_{{ s }}_{{ q }} * {{ x }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec) }};
{% if vec_p > 1 %}
alias Pixels = {{ storage.value_type(vec_p) }};
{% endif %}

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == output else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% if stage_w %}
var<workgroup> w_tile: array<Value, {{ stages * bk * w_row }}>;
{% endif %}
{% if stage_x %}
var<workgroup> x_tile: array<{{ "Pixels" if vec_p > 1 else "f32" }}, {{ stages * bk * x_row }}>;
{% endif %}

{% if not filter_outer %}
// The element of the input that meets place `k` of the filter, zero in the padding and beyond the sum.
fn pixel_at(origin: u32, y: u32, x: u32, k: u32) -> f32 {
  let channel = k / {{ filter }}u;
  let below = k % {{ filter }}u / {{ filter_w }}u * {{ dilation_h }}u;
  let beside = k % {{ filter_w }}u * {{ dilation_w }}u;
{% if nhwc %}
  let at = origin + (below * {{ size_w }} + beside) * {{ size_c }} + channel;
{% else %}
  let at = origin + (channel * {{ size_h }} + below) * {{ size_w }} + beside;
{% endif %}
{% set condition %}{{ both("(k < " ~ terms ~ ")" if guard_k else "", both("(y + below < " ~ size_h ~ ")" if check_y else "", "(x + beside < " ~ size_w ~ ")" if check_x else "")) }}{% endset %}
{% if condition %}
  let is_inside = {{ condition }};
  return select(0.0, load_x(select(0u, at, is_inside)), is_inside);
{% else %}
  return load_x(at);
{% endif %}
}
{% endif %}

@compute @workgroup_size({{ wo if nhwc else wp }}, {{ wp if nhwc else wo }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_p = local.{{ "y" if nhwc else "x" }};
  let lane_o = local.{{ "x" if nhwc else "y" }};
  let size_c = {{ size_c }};
  let size_h = {{ size_h }};
  let size_w = {{ size_w }};
  let size_ow = {{ size_ow }};
  let plane = {{ size_oh }} * size_ow;
  let pixels = {{ size_n }} * plane;
  let channels_in = {{ channels_in }};
  let channels_out = {{ channels_out }};
  let channel_vectors = channels_out / {{ vec }}u;
  let terms = {{ terms }};
  let tiles_p = (pixels + {{ bp - 1 }}u) / {{ bp }}u;
  let tiles_o = (channels_out + {{ bo - 1 }}u) / {{ bo }}u;
{{ product.banded_tiles(band, "tile_p", "tiles_p", "tile_o", "tiles_o") }}
{% if parts > 1 %}
  let part = group / (tiles_p * tiles_o) % {{ parts }}u;
{% endif %}
{% if split > 1 %}
  let share = group / (tiles_p * tiles_o * {{ parts }}u);
{% endif %}

{% if slabs %}
  let local_index = local.y * {{ wo if nhwc else wp }}u + local.x;
{{ product.dealt(w_deal, "w") if stage_w }}
{{ product.dealt(x_deal, "x") if stage_x }}
{% endif %}
{% for n in range(sources) %}
  let pixel_{{ n }} = {{ product.inside(source_pixel(n), "pixels", guard_p) }};
  let y_{{ n }} = pixel_{{ n }} % plane / size_ow * {{ stride_h }}u - {{ padding_h }}u;
  let x_{{ n }} = pixel_{{ n }} % size_ow * {{ stride_w }}u - {{ padding_w }}u;
{% if nhwc %}
  let origin_{{ n }} = (((pixel_{{ n }} / plane) * size_h + y_{{ n }}) * size_w + x_{{ n }}) * {{ pixel_step }}{{ " + part * (channels_in / " ~ vec_k ~ "u)" if parts > 1 }};
{% else %}
  let origin_{{ n }} = (((pixel_{{ n }} / plane) * size_c{{ " + part * channels_in" if parts > 1 }}) * size_h + y_{{ n }}) * size_w + x_{{ n }};
{% endif %}
{% endfor %}
{% for q in range(groups) %}
  let channel_{{ q }} = tile_o * {{ bo // vec }}u + {{ q * wo }}u + lane_o;
{% endfor %}

{% for p in range(tp) %}
{% for q in range(groups) %}
  var acc_{{ p }}_{{ q }} = Value(0.0);
{% endfor %}
{% endfor %}

{% if filter_outer and not nhwc %}
  let plane_in = size_h * size_w;
{% endif %}
{% if filter_outer and filter > 1 %}
  let slabs_of_place = (channels_in + {{ bk - 1 }}u) / {{ bk }}u;
  let slabs = slabs_of_place * {{ filter }}u;
{% elif filter_outer %}
  let slabs = (channels_in + {{ bk - 1 }}u) / {{ bk }}u;
{% else %}
  let slabs = (terms + {{ bk - 1 }}u) / {{ bk }}u;
{% endif %}
{% if split > 1 %}
  let slabs_of_share = (slabs + {{ split - 1 }}u) / {{ split }}u;
  let first_slab = share * slabs_of_share;
{% endif %}
{% set first = "first_slab" if split > 1 else "0u" %}
{% set end = "min(first_slab + slabs_of_share, slabs)" if split > 1 else "slabs" %}
{% if prefetch %}
{{ locate("min(first_slab, slabs - 1u)" if split > 1 else "0u") }}
{{ locate_sources() if stage_x }}
{{ fetch_w("var ") if stage_w }}
{{ fetch_x("var ") if stage_x }}
{% endif %}
  for (var slab = {{ first }}; slab < {{ end }}; slab += 1u) {
{% if prefetch %}
{{ put_w() if stage_w }}
{{ put_x() if stage_x }}
    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
{{ locate("min(slab + 1u, slabs - 1u)") }}
{{ locate_sources() if stage_x }}
{{ fetch_w("") if stage_w }}
{{ fetch_x("") if stage_x }}
    }
{% if not (stage_w and stage_x) %}
{{ locate("slab") }}
{{ locate_sources() if not stage_x }}
{% endif %}
{% else %}
{{ locate("slab") }}
{{ locate_sources() }}
{% if stage_w %}
    {{ product.some(w_deal) }}
{{ fetch_w("let ") }}
{{ put_w() }}
    {{ product.done(w_deal) }}
{% endif %}
{% if stage_x %}
    {{ product.some(x_deal) }}
{{ fetch_x("let ") }}
{{ put_x() }}
    {{ product.done(x_deal) }}
{% endif %}
{% if slabs %}
    workgroupBarrier();
{% endif %}
{% endif %}
{% if bk > unroll %}
    for (var kk = 0u; kk < {{ bk }}u; kk += {{ unroll }}u) {
{% endif %}
{{ steps(unroll) }}
{%- if bk > unroll %}
    }
{% endif %}
{% if slabs and stages == 1 %}
    workgroupBarrier();
{% endif %}
  }

{% if split > 1 %}
  let outputs = pixels * channels_out * {{ parts }}u{{ " / " ~ vec ~ "u" if nhwc }};
{% endif %}
{% for p in range(tp) %}
  let out_{{ p }} = tile_p * {{ bp }}u + ({{ p // vec_p * wp }}u + lane_p) * {{ vec_p }}u + {{ p % vec_p }}u;
{% for q in range(groups) %}
{% set v = "v" if epilogue else "acc_" ~ p ~ "_" ~ q %}
  {{ product.edge("out_" ~ p ~ " < pixels" if guard_p else "", "channel_" ~ q ~ " < channel_vectors" if guard_o else "") }}{
    let channel = {{ in_part("channel_" ~ q, "channel_vectors") }};
{% if nhwc %}
    let index = out_{{ p }} * (channel_vectors * {{ parts }}u) + channel;
{% else %}
    let index = ((out_{{ p }} / plane) * (channels_out * {{ parts }}u) + channel * {{ vec }}u) * plane + out_{{ p }} % plane;
{% endif %}
{% if epilogue %}
    var v = acc_{{ p }}_{{ q }};
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
{% if nhwc or vec == 1 %}
    store_{{ output }}({{ "share * outputs + " if split > 1 }}index, {{ v }});
{% else %}
{% for s in range(vec) %}
    store_{{ output }}({{ "share * outputs + " if split > 1 }}index + {{ s }}u * plane, {{ product.lane(v, s, vec) }});
{% endfor %}
{% endif %}
  }
{% endfor %}
{% endfor %}
}
