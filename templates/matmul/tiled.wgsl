{#- Register-tiled matmul: each invocation computes tm x tn outputs, each workgroup (wy*tm) x (wx*tn).

    C[b,m,n] = epilogue(sum over k of A[b,m,k] * B[b,k,n]); A is [k,m] and B [n,k] where transposed.

        columns: vectors of vec_n, dealt to wx invocations in turn        k: slabs of bk (staged) or steps of unroll
        rows:    tm neighbours per invocation

    Parameters
      wx, wy            invocations along N and M
      tm, tn            rows and columns per invocation; accumulators are named, never indexed
      vec_n             columns per vector: of accumulators, stores, and loads of a plain B
      vec_k             elements per load along k: of a plain A and of a transposed B
      stage_a, stage_b  keep the slab of A or B in workgroup memory
      share_a           so many lanes keep the slab of A in their registers: each loads its share of every row, and shuffles hand it
                        to all. Asks for a workgroup of one row, a slab as long as they load at once, and subgroups that large
      bk, pad           length of a slab; unused elements after each row of a staged tile
      unroll            steps of k in the body of the inner loop
      baked             sizes as constants in the text instead of uniforms
      packed            f16 as halves of 32-bit words

    Assumes n divisible by vec_n and k by vec_k. Rows and columns beyond the edge read the last valid one and are not
    stored; staged steps beyond k are zero on both sides, so that no stray infinity reaches a sum. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "lanes.wgsl" as across %}
{% set bm = wy * tm %}
{% set bn = wx * tn %}
{% set groups = tn // vec_n %}
{% set staged = stage_a or stage_b %}
{% set slabs = staged or share_a %}
{% set lanes = ["x", "y", "z", "w"] %}
{% set a_stride = bm + pad %}
{% set b_stride = bn + pad if b_transposed else bn // vec_n + pad %}
{% set kk = "kk" if bk > unroll else "0u" %}
{# In a workgroup of one row every invocation reads the same A, which the text must show: then a compiler may load it once for all. #}
{% set local_y = "local.y" if wy > 1 else "0u" %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{% macro lane(value, i, width) %}{{ value if width == 1 else value ~ "." ~ lanes[i] }}{% endmacro %}
{# Where the load at step `q` of the body lies along k. #}
{% macro k_at(q) %}{{ "k + " ~ q ~ "u" if vec_k == 1 else "(k + " ~ q ~ "u) / " ~ vec_k ~ "u" }}{% endmacro %}
{# A load that yields zero beyond k, where a slab may reach beyond it. #}
{% macro within_k(buffer, before, position, limit, after, type) -%}
{%- if guard_k -%}
select({{ type }}(0.0), load_{{ buffer }}({{ before }}min({{ position }}, {{ limit }} - 1u){{ after }}), {{ position }} < {{ limit }})
{%- else -%}
load_{{ buffer }}({{ before }}{{ "(" ~ position ~ ")" ~ after if after else position }})
{%- endif -%}
{%- endmacro %}
{# `count` steps of k: `k` is global, `kk` counts within the slab. #}
{% macro steps(count) %}
{% for q in range(0, count, vec_k) %}
{% for i in range(tm) %}
{% if stage_a %}
{% for s in range(q, q + vec_k) %}
    let a_{{ i }}_{{ s }} = a_tile[({{ kk }} + {{ s }}u) * {{ a_stride }}u + {{ local_y }} * {{ tm }}u + {{ i }}u];
{% endfor %}
{% elif share_a %}
{% set owner = "(kk + " ~ q ~ "u) / " ~ vec_k ~ "u" if bk > unroll else q // vec_k ~ "u" %}
{% for s in range(q, q + vec_k) %}
    let a_{{ i }}_{{ s }} = {{ across.of_lane(lane("a_held_" ~ i, s - q, vec_k), owner) }};
{% endfor %}
{% elif not a_transposed %}
    let a_{{ i }}_{{ q }} = {{ within_k("a", "a_row_" ~ i ~ " + ", k_at(q), "k_vectors", "", storage.value_type(vec_k)) }};
{% else %}
{% for s in range(q, q + vec_k) %}
    let a_{{ i }}_{{ s }} = {{ within_k("a", "a_row_" ~ i ~ " + ", "k + " ~ s ~ "u", "size_k", " * size_m", "f32") }};
{% endfor %}
{% endif %}
{% endfor %}
{% if b_transposed and not stage_b %}
{% for j in range(groups) %}
{% for c in range(vec_n) %}
    let b_{{ q }}_{{ j }}_{{ c }} = {{ within_k("b", "b_column_" ~ j ~ "_" ~ c ~ " + ", k_at(q), "k_vectors", "", storage.value_type(vec_k)) }};
{% endfor %}
{% endfor %}
{% endif %}
{% for s in range(q, q + vec_k) %}
{% for j in range(groups) %}
{% if stage_b and b_transposed %}
    let b_at_{{ s }}_{{ j }} = ({{ kk }} + {{ s }}u) * {{ b_stride }}u + ({{ j * wx }}u + local.x) * {{ vec_n }}u;
    let b_{{ s }}_{{ j }} = Value({% for c in range(vec_n) %}b_tile[b_at_{{ s }}_{{ j }} + {{ c }}u]{{ ", " if not loop.last }}{% endfor %});
{% elif stage_b %}
    let b_{{ s }}_{{ j }} = b_tile[({{ kk }} + {{ s }}u) * {{ b_stride }}u + {{ j * wx }}u + local.x];
{% elif b_transposed %}
    let b_{{ s }}_{{ j }} = Value({% for c in range(vec_n) %}{{ lane("b_" ~ q ~ "_" ~ j ~ "_" ~ c, s - q, vec_k) }}{{ ", " if not loop.last }}{% endfor %});
{% else %}
    let b_{{ s }}_{{ j }} = {{ within_k("b", "b_column_" ~ j ~ " + ", "k + " ~ s ~ "u", "size_k", " * n_vectors", "Value") }};
{% endif %}
{% endfor %}
{% for i in range(tm) %}
{% set a = lane("a_" ~ i ~ "_" ~ q, s - q, vec_k) if not (stage_a or share_a or a_transposed) else "a_" ~ i ~ "_" ~ s %}
{% for j in range(groups) %}
    acc_{{ i }}_{{ j }} += b_{{ s }}_{{ j }} * {{ a }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# What holds for outputs within C, where tiles reach beyond it. #}
{% macro edge(i, j) -%}
{%- if guard_m and guard_n -%}
if ((row_{{ i }} < size_m) & (column_{{ j }} < n_vectors)) {% elif guard_m -%}
if (row_{{ i }} < size_m) {% elif guard_n -%}
if (column_{{ j }} < n_vectors) {% endif -%}
{%- endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec_n) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{{- across.needed(share_a) }}
{% if stage_a %}
var<workgroup> a_tile: array<f32, {{ bk * a_stride }}>;
{% endif %}
{% if stage_b %}
var<workgroup> b_tile: array<{{ "f32" if b_transposed else "Value" }}, {{ bk * b_stride }}>;
{% endif %}

@compute @workgroup_size({{ wx }}, {{ wy }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
{{ across.parameter(share_a) -}}
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = {{ size_m }};
  let size_n = {{ size_n }};
  let size_k = {{ size_k }};
  let n_vectors = size_n / {{ vec_n }}u;
{% if not a_transposed or b_transposed %}
  let k_vectors = size_k / {{ vec_k }}u;
{% endif %}
  let tiles_n = (size_n + {{ bn - 1 }}u) / {{ bn }}u;
  let tiles_m = (size_m + {{ bm - 1 }}u) / {{ bm }}u;
  let tile_n = group % tiles_n;
  let tile_m = group / tiles_n % tiles_m;
  let batch = group / (tiles_n * tiles_m);

{% for i in range(tm) %}
  let row_{{ i }} = tile_m * {{ bm }}u + {{ local_y }} * {{ tm }}u + {{ i }}u;
{% endfor %}
{% for j in range(groups) %}
  let column_{{ j }} = tile_n * {{ bn // vec_n }}u + {{ j * wx }}u + local.x;
{% endfor %}
{% if not stage_a %}
{% for i in range(tm) %}
  let a_row_{{ i }} = {{ "batch * size_k * size_m + " ~ inside("row_" ~ i, "size_m", guard_m) if a_transposed else "(batch * size_m + " ~ inside("row_" ~ i, "size_m", guard_m) ~ ") * k_vectors" }};
{% endfor %}
{% endif %}
{% if not stage_b %}
{% for j in range(groups) %}
{% if b_transposed %}
{% for c in range(vec_n) %}
  let b_column_{{ j }}_{{ c }} = (batch * size_n + {{ inside("column_" ~ j ~ " * " ~ vec_n ~ "u + " ~ c ~ "u", "size_n", guard_n) }}) * k_vectors;
{% endfor %}
{% else %}
  let b_column_{{ j }} = batch * size_k * n_vectors + {{ inside("column_" ~ j, "n_vectors", guard_n) }};
{% endif %}
{% endfor %}
{% endif %}

{% for i in range(tm) %}
{% for j in range(groups) %}
  var acc_{{ i }}_{{ j }} = Value(0.0);
{% endfor %}
{% endfor %}

{{ across.number(share_a) }}
{%- if slabs %}
{% if staged %}
  let local_index = {{ local_y }} * {{ wx }}u + local.x;
{% endif %}
  for (var k0 = 0u; k0 < size_k; k0 += {{ bk }}u) {
{% if stage_a %}
    for (var t = local_index; t < {{ bm * bk // (1 if a_transposed else vec_k) }}u; t += {{ wx * wy }}u) {
{% if a_transposed %}
      let r = t % {{ bm }}u;
      let s = t / {{ bm }}u;
      let start = batch * size_k * size_m + {{ inside("tile_m * " ~ bm ~ "u + r", "size_m", guard_m) }};
      a_tile[s * {{ a_stride }}u + r] = {{ within_k("a", "start + ", "k0 + s", "size_k", " * size_m", "f32") }};
{% else %}
      let q = t % {{ bk // vec_k }}u;
      let r = t / {{ bk // vec_k }}u;
      let start = (batch * size_m + {{ inside("tile_m * " ~ bm ~ "u + r", "size_m", guard_m) }}) * k_vectors;
      let value = {{ within_k("a", "start + ", "k0 / " ~ vec_k ~ "u + q", "k_vectors", "", storage.value_type(vec_k)) }};
{% for s in range(vec_k) %}
      a_tile[(q * {{ vec_k }}u + {{ s }}u) * {{ a_stride }}u + r] = {{ lane("value", s, vec_k) }};
{% endfor %}
{% endif %}
    }
{% endif %}
{% if stage_b %}
    for (var t = local_index; t < {{ bn * bk // (vec_k if b_transposed else vec_n) }}u; t += {{ wx * wy }}u) {
{% if b_transposed %}
      let q = t % {{ bk // vec_k }}u;
      let c = t / {{ bk // vec_k }}u;
      let start = (batch * size_n + {{ inside("tile_n * " ~ bn ~ "u + c", "size_n", guard_n) }}) * k_vectors;
      let value = {{ within_k("b", "start + ", "k0 / " ~ vec_k ~ "u + q", "k_vectors", "", storage.value_type(vec_k)) }};
{% for s in range(vec_k) %}
      b_tile[(q * {{ vec_k }}u + {{ s }}u) * {{ b_stride }}u + c] = {{ lane("value", s, vec_k) }};
{% endfor %}
{% else %}
      let c = t % {{ bn // vec_n }}u;
      let s = t / {{ bn // vec_n }}u;
      let start = batch * size_k * n_vectors + {{ inside("tile_n * " ~ bn // vec_n ~ "u + c", "n_vectors", guard_n) }};
      b_tile[s * {{ b_stride }}u + c] = {{ within_k("b", "start + ", "k0 + s", "size_k", " * n_vectors", "Value") }};
{% endif %}
    }
{% endif %}
{% if share_a %}
{% for i in range(tm) %}
    let a_held_{{ i }} = {{ within_k("a", "a_row_" ~ i ~ " + ", "k0 / " ~ vec_k ~ "u + lane", "k_vectors", "", storage.value_type(vec_k)) }};
{% endfor %}
{% endif %}
{% if staged %}
    workgroupBarrier();
{% endif %}
{% if bk > unroll %}
    for (var kk = 0u; kk < {{ bk }}u; kk += {{ unroll }}u) {
{% endif %}
{% if not ((stage_a or share_a) and stage_b) %}
    let k = k0 + {{ kk }};
{% endif %}
{{ steps(unroll) }}
{%- if bk > unroll %}
    }
{% endif %}
{% if staged %}
    workgroupBarrier();
{% endif %}
  }
{% else %}
{% if tail %}
  let whole = size_k / {{ unroll }}u * {{ unroll }}u;
{% endif %}
  for (var k = 0u; k < {{ "whole" if tail else "size_k" }}; k += {{ unroll }}u) {
{{ steps(unroll) }}
  }
{% if tail %}
  for (var k = whole; k < size_k; k += {{ vec_k }}u) {
{{ steps(vec_k) }}
  }
{% endif %}
{% endif %}

{% for i in range(tm) %}
{% for j in range(groups) %}
  {{ edge(i, j) }}{
    let index = (batch * size_m + row_{{ i }}) * n_vectors + column_{{ j }};
{% if epilogue[j] %}
    var v = acc_{{ i }}_{{ j }};
{% for statement in epilogue[j] %}
    {{ statement }}
{% endfor %}
{% endif %}
    store_c(index, {{ "v" if epilogue[j] else "acc_" ~ i ~ "_" ~ j }});
  }
{% endfor %}
{% endfor %}
}
