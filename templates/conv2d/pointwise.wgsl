{#- Convolution with a filter of one pixel: a matrix product of the tensors as they lie.

    Y = epilogue(A * B), summed over the input channels k.
    NCHW: per image Y[o, pixels] = W[o, k] * x[k, pixels].  NHWC: Y[pixels, o] = x[pixels, k] * W[k, o], with weights
    laid out anew as [k, o] once, in the prepare part, and pixels numbered through all images.
    So A, the weights or the pixels, is contiguous along k, and B along the columns of Y.

        columns (x): pixels in NCHW, channels in NHWC; vectors of vec, dealt to the invocations in turn
        rows (y):    channels in NCHW, pixels in NHWC; dealt in vectors of vec_r
        k:           slabs of bk, in steps of unroll; the slabs are shared by `split` workgroups

    Parameters
      wp, wo            invocations along pixels and channels
      tp, to            pixels and channels per invocation; accumulators are named, never indexed
      vec               columns per vector: of accumulators, of stores, and of loads of B
      stage_a, stage_b  keep the slab of A or B in workgroup memory
      bk, pad           length of a slab; unused vectors after each row of a staged tile
      vec_k             input channels per load of A
      vec_r             rows per vector of the staged A
      unroll            steps of k in the body of the inner loop
      prefetch          load the next slab into registers while one is multiplied
      stages            slabs in workgroup memory at a time: two take turns, with one barrier for each
      split             workgroups that share a sum; their parts are added in a second pass, which has the epilogue
      band              tiles of channels that follow each other, for each tile of pixels
      baked             sizes as constants in the text instead of uniforms
      packed            f16 as halves of 32-bit words

    Assumes columns divisible by vec, input channels by vec_k, one group, no padding, and powers of two for all tiles.
    Rows and columns beyond the edge read the last valid ones and are not stored; steps beyond k are zero on both
    sides, so that no stray infinity reaches a sum. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "product.wgsl" as product %}
{% set a = "x" if nhwc else "w" %}
{% set b = "w" if nhwc else "x" %}
{% set br = wr * tr %}
{% set bc = wc * tc %}
{% set groups = tc // vec %}
{% set slabs = stage_a or stage_b %}
{% set a_row = br // vec_r + pad %}
{% set b_row = bc // vec + pad %}
{% set kk = "kk" if bk > unroll else "0u" %}
{% set output = "y" if split == 1 else "sums" %}
{# The rows that this invocation loads: those it stages, or else its own. #}
{% set sources = a_deal.slow | length * vec_r if stage_a else tr %}
{# A load that yields zero beyond k, where a slab may reach beyond it. #}
{% macro within_k(load, s, type) -%}
{{ "select(" ~ type ~ "(0.0), " ~ load ~ ", start + " ~ s ~ " < size_k)" if guard_k else load }}
{%- endmacro %}
{# Row source `n` of A at step `s` of the slab: as many steps as a load has. #}
{% macro load_of_a(n, s) -%}
{%- set k = product.inside("start + " ~ s, "size_k", guard_k, vec_k) -%}
{{ within_k("load_" ~ a ~ "(a_at_" ~ n ~ " + (" ~ k ~ ") / " ~ vec_k ~ "u)", s, storage.value_type(vec_k)) }}
{%- endmacro %}
{# The vector of B at step `s` of the slab, in the column that begins at `at`. #}
{% macro load_of_b(at, s) -%}
{%- set k = product.inside("start + " ~ s, "size_k", guard_k) -%}
{{ within_k("load_" ~ b ~ "(" ~ at ~ " + (" ~ k ~ ") * column_vectors)", s, "Value") }}
{%- endmacro %}
{# What this invocation stages, loaded into registers: declared, or assigned anew. #}
{% macro fetch_a(declare) %}
{% for slow in a_deal.slow %}
{% set i = loop.index0 %}
{% for fast in a_deal.fast %}
{% set j = loop.index0 %}
{% for v in range(vec_r) %}
    {{ declare }}a_fetched_{{ i }}_{{ j }}_{{ v }} = {{ load_of_a(i * vec_r + v, "a_fast_" ~ j ~ " * " ~ vec_k ~ "u") }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{% macro fetch_b(declare) %}
{% for slow in b_deal.slow %}
{% set i = loop.index0 %}
{% for fast in b_deal.fast %}
{% set j = loop.index0 %}
    {{ declare }}b_fetched_{{ i }}_{{ j }} = {{ load_of_b("b_at_" ~ j, "b_slow_" ~ i) }};
{% endfor %}
{% endfor %}
{% endmacro %}
{# Where the tile of this slab begins, of rows as long. #}
{% macro turn(row) %}{{ "slab % 2u * " ~ bk * row ~ "u + " if stages == 2 }}{% endmacro %}
{# What was fetched, put into the tiles. #}
{% macro put_a() %}
{% for slow in a_deal.slow %}
{% set i = loop.index0 %}
{% for fast in a_deal.fast %}
{% set j = loop.index0 %}
{% for e in range(vec_k) %}
    a_tile[{{ turn(a_row) }}(a_fast_{{ j }} * {{ vec_k }}u + {{ e }}u) * {{ a_row }}u + a_slow_{{ i }}] = {{ "Rows(" if vec_r > 1 }}
{%- for v in range(vec_r) %}{{ product.lane("a_fetched_" ~ i ~ "_" ~ j ~ "_" ~ v, e, vec_k) }}{{ ", " if not loop.last }}{% endfor %}{{ ")" if vec_r > 1 }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{% macro put_b() %}
{% for slow in b_deal.slow %}
{% set i = loop.index0 %}
{% for fast in b_deal.fast %}
{% set j = loop.index0 %}
    b_tile[{{ turn(b_row) }}b_slow_{{ i }} * {{ b_row }}u + b_fast_{{ j }}] = b_fetched_{{ i }}_{{ j }};
{% endfor %}
{% endfor %}
{% endmacro %}
{# `count` steps of k from `kk` on. #}
{% macro steps(count) %}
{% for s in range(count) %}
{% for j in range(tr // vec_r) %}
{% if stage_a %}
    let a_{{ s }}_{{ j }} = a_tile[{{ turn(a_row) }}({{ kk }} + {{ s }}u) * {{ a_row }}u + {{ j * wr }}u + lane_r];
{% elif s % vec_k == 0 %}
    let a_{{ s }}_{{ j }} = {{ load_of_a(j, kk ~ " + " ~ s ~ "u") }};
{% endif %}
{% endfor %}
{% for q in range(groups) %}
{% if stage_b %}
    let b_{{ s }}_{{ q }} = b_tile[{{ turn(b_row) }}({{ kk }} + {{ s }}u) * {{ b_row }}u + {{ q * wc }}u + lane_c];
{% else %}
    let b_{{ s }}_{{ q }} = {{ load_of_b("b_at_" ~ q, kk ~ " + " ~ s ~ "u") }};
{% endif %}
{% endfor %}
{% for i in range(tr) %}
{% set factor = product.lane("a_" ~ s ~ "_" ~ i // vec_r, i % vec_r, vec_r) if stage_a else product.lane("a_" ~ (s - s % vec_k) ~ "_" ~ i, s % vec_k, vec_k) %}
{% for q in range(groups) %}
    acc_{{ i }}_{{ q }} += b_{{ s }}_{{ q }} * {{ factor }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec) }};
{% if vec_r > 1 %}
alias Rows = {{ storage.value_type(vec_r) }};
{% endif %}

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == output else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% if stage_a %}
var<workgroup> a_tile: array<{{ "Rows" if vec_r > 1 else "f32" }}, {{ stages * bk * a_row }}>;
{% endif %}
{% if stage_b %}
var<workgroup> b_tile: array<Value, {{ stages * bk * b_row }}>;
{% endif %}

@compute @workgroup_size({{ wc }}, {{ wr }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let lane_c = local.x;
  let lane_r = local.y;
  let size_k = {{ size_k }};
  let rows = {{ rows }};
  let columns = {{ columns }};
  let column_vectors = columns / {{ vec }}u;
  let tiles_r = (rows + {{ br - 1 }}u) / {{ br }}u;
  let tiles_c = (columns + {{ bc - 1 }}u) / {{ bc }}u;
{% if nhwc %}
{{ product.banded_tiles(band, "tile_r", "tiles_r", "tile_c", "tiles_c") }}
{% else %}
{{ product.banded_tiles(band, "tile_c", "tiles_c", "tile_r", "tiles_r") }}
{% endif %}
{% if batched %}
  let image = group / (tiles_r * tiles_c) % {{ images }};
{% endif %}
{% if split > 1 %}
  let share = group / (tiles_r * tiles_c{{ " * " ~ images if batched }});
{% endif %}

{% if slabs %}
  let local_index = local.y * {{ wc }}u + local.x;
{{ product.dealt(a_deal, "a") if stage_a }}
{{ product.dealt(b_deal, "b") if stage_b }}
{% endif %}
{% for n in range(sources) %}
{% set row = "tile_r * " ~ br ~ "u + a_slow_" ~ n // vec_r ~ " * " ~ vec_r ~ "u + " ~ n % vec_r ~ "u" if stage_a else "tile_r * " ~ br ~ "u + " ~ n * wr ~ "u + lane_r" %}
  let a_at_{{ n }} = {{ product.inside(row, "rows", guard_r) if guard_r else "(" ~ row ~ ")" }} * (size_k / {{ vec_k }}u);
{% endfor %}
{% for q in range(groups) %}
  let column_{{ q }} = tile_c * {{ bc // vec }}u + {{ q * wc }}u + lane_c;
{% endfor %}
{% set first_column = "image * size_k * column_vectors + " if batched else "" %}
{% if stage_b %}
{% for fast in b_deal.fast %}
  let b_at_{{ loop.index0 }} = {{ first_column }}{{ product.inside("tile_c * " ~ bc // vec ~ "u + b_fast_" ~ loop.index0, "column_vectors", guard_c) }};
{% endfor %}
{% else %}
{% for q in range(groups) %}
  let b_at_{{ q }} = {{ first_column }}{{ product.inside("column_" ~ q, "column_vectors", guard_c) }};
{% endfor %}
{% endif %}

{% for i in range(tr) %}
{% for q in range(groups) %}
  var acc_{{ i }}_{{ q }} = Value(0.0);
{% endfor %}
{% endfor %}

  let slabs = (size_k + {{ bk - 1 }}u) / {{ bk }}u;
{% if split > 1 %}
  let slabs_of_share = (slabs + {{ split - 1 }}u) / {{ split }}u;
  let first_slab = share * slabs_of_share;
{% endif %}
{% set first = "first_slab" if split > 1 else "0u" %}
{% set end = "min(first_slab + slabs_of_share, slabs)" if split > 1 else "slabs" %}
{% if prefetch %}
  let start = {{ "min(first_slab, slabs - 1u)" if split > 1 else "0u" }} * {{ bk }}u;
{{ fetch_a("var ") if stage_a }}
{{ fetch_b("var ") if stage_b }}
{% endif %}
  for (var slab = {{ first }}; slab < {{ end }}; slab += 1u) {
{% if prefetch %}
{{ put_a() if stage_a }}
{{ put_b() if stage_b }}
    workgroupBarrier();
    {
      // While this slab is multiplied the next one is on its way; the last one is fetched twice.
      let start = min(slab + 1u, slabs - 1u) * {{ bk }}u;
{{ fetch_a("") if stage_a }}
{{ fetch_b("") if stage_b }}
    }
{% endif %}
    let start = slab * {{ bk }}u;
{% if slabs and not prefetch %}
{% if stage_a %}
    {{ product.some(a_deal) }}
{{ fetch_a("let ") }}
{{ put_a() }}
    {{ product.done(a_deal) }}
{% endif %}
{% if stage_b %}
    {{ product.some(b_deal) }}
{{ fetch_b("let ") }}
{{ put_b() }}
    {{ product.done(b_deal) }}
{% endif %}
    workgroupBarrier();
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
  let outputs = {{ images ~ " * " if batched }}rows * column_vectors;
{% endif %}
{% for i in range(tr) %}
  let row_{{ i }} = tile_r * {{ br }}u + ({{ i // vec_r * wr }}u + lane_r) * {{ vec_r }}u + {{ i % vec_r }}u;
{% for q in range(groups) %}
  {{ product.edge("row_" ~ i ~ " < rows" if guard_r else "", "column_" ~ q ~ " < column_vectors" if guard_c else "") }}{
    let index = {{ "(image * rows + row_" ~ i ~ ")" if batched else "row_" ~ i }} * column_vectors + column_{{ q }};
{% if epilogue %}
    let channel = {{ "column_" ~ q if nhwc else "row_" ~ i }};
    var v = acc_{{ i }}_{{ q }};
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
{% endif %}
    store_{{ output }}({{ "share * outputs + " if split > 1 }}index, {{ "v" if epilogue else "acc_" ~ i ~ "_" ~ q }});
  }
{% endfor %}
{% endfor %}
}
