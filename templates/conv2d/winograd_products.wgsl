{#- Winograd's convolution, the second of three kernels: for each of points² points one product of matrices.

    sums[point] = left[point] * right[point], all row-major; rows of `right` and `sums` are padded to whole vectors of 4.
      NCHW: filters [o,c] * pixels [c,tiles] = sums [o,tiles]
      NHWC: pixels [tiles,c] * filters [c,o] = sums [tiles,o]

        columns: vectors of vec, dealt to wx invocations in turn        k: slabs of bk (staged) or steps of unroll
        rows:    tm neighbours per invocation                           points: one after the other along the grid

    Parameters
      wx, wy            invocations along columns and rows
      tm, tn            rows and columns per invocation; accumulators are named, never indexed
      vec               columns per vector: of accumulators, of loads of `right`, of stores
      stage             slabs of both factors in workgroup memory
      bk, pad           input channels of a slab; unused elements after each row of a staged tile
      unroll            input channels in the body of the inner loop
      baked             sizes as constants in the text instead of uniforms

    Rows and columns beyond the edge read the last valid one and are not stored; staged steps beyond the channels are zero
    on both sides. What lies in the padding of a row meets no other column. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "winograd.wgsl" as winograd %}
{% set left = "pixels" if form.nhwc else "filters" %}
{% set right = "filters" if form.nhwc else "pixels" %}
{% set wx = form.wx %}
{% set tm = form.tm %}
{% set vec = form.vec %}
{% set bk = form.bk %}
{% set unroll = form.unroll %}
{% set bm = form.wy * tm %}
{% set bn = wx * form.tn %}
{% set groups = form.tn // vec %}
{% set left_stride = bm + form.pad %}
{% set right_stride = bn // vec + form.pad %}
{% set kk = "kk" if bk > unroll else "0u" %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{# A load at step `k` of the input channels that yields zero beyond them, where a slab may reach beyond. #}
{% macro within_c(buffer, before, k, after, type) -%}
{%- if form.guard_c -%}
select({{ type }}(0.0), load_{{ buffer }}({{ before }}min({{ k }}, size_c - 1u){{ after }}), {{ k }} < size_c)
{%- else -%}
load_{{ buffer }}({{ before }}({{ k }}){{ after }})
{%- endif -%}
{%- endmacro %}
{# `count` input channels: `k` counts all of them, `kk` those of the slab. #}
{% macro steps(count) %}
{% for s in range(count) %}
{% for i in range(tm) %}
    let left_{{ s }}_{{ i }} = {{ "left_tile[(" ~ kk ~ " + " ~ s ~ "u) * " ~ left_stride ~ "u + local.y * " ~ tm ~ "u + " ~ i ~ "u]" if form.stage else "load_" ~ left ~ "(row_start_" ~ i ~ " + k + " ~ s ~ "u)" }};
{% endfor %}
{% for j in range(groups) %}
    let right_{{ s }}_{{ j }} = {{ "right_tile[(" ~ kk ~ " + " ~ s ~ "u) * " ~ right_stride ~ "u + " ~ j * wx ~ "u + local.x]" if form.stage else "load_" ~ right ~ "(column_start_" ~ j ~ " + (k + " ~ s ~ "u) * column_vectors)" }};
{% endfor %}
{% for i in range(tm) %}
{% for j in range(groups) %}
    acc_{{ i }}_{{ j }} += right_{{ s }}_{{ j }} * left_{{ s }}_{{ i }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endmacro %}
{# What holds for sums within the matrix, where tiles reach beyond it. #}
{% macro edge(i, j) -%}
{%- if form.guard_wy and form.guard_wx -%}
if ((row_{{ i }} < rows) & (column_{{ j }} < column_vectors)) {% elif form.guard_wy -%}
if (row_{{ i }} < rows) {% elif form.guard_wx -%}
if (column_{{ j }} < column_vectors) {% endif -%}
{%- endmacro %}
alias Value = {{ storage.value_type(vec) }};

{{ grid.uniforms(form.uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "sums" else storage.input(buffer) }}

{% endfor %}
{% if form.stage %}
var<workgroup> left_tile: array<f32, {{ bk * left_stride }}>;
var<workgroup> right_tile: array<Value, {{ bk * right_stride }}>;
{% endif %}

@compute @workgroup_size({{ wx }}, {{ form.wy }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_c = {{ form.sizes["size_c"] }};
  let rows = {{ form.sizes["tiles" if form.nhwc else "size_o"] }};
  let columns = {{ form.sizes["padded_o" if form.nhwc else "padded_tiles"] }};
  let column_vectors = columns / {{ vec }}u;
  let groups_x = (columns + {{ bn - 1 }}u) / {{ bn }}u;
  let groups_y = (rows + {{ bm - 1 }}u) / {{ bm }}u;
  let group_x = group % groups_x;
  let group_y = group / groups_x % groups_y;
  let point = group / (groups_x * groups_y);

{% for i in range(tm) %}
  let row_{{ i }} = group_y * {{ bm }}u + local.y * {{ tm }}u + {{ i }}u;
{% endfor %}
{% for j in range(groups) %}
  let column_{{ j }} = group_x * {{ bn // vec }}u + {{ j * wx }}u + local.x;
{% endfor %}
{% if not form.stage %}
{% for i in range(tm) %}
  let row_start_{{ i }} = (point * rows + {{ inside("row_" ~ i, "rows", form.guard_wy) }}) * size_c;
{% endfor %}
{% for j in range(groups) %}
  let column_start_{{ j }} = point * size_c * column_vectors + {{ inside("column_" ~ j, "column_vectors", form.guard_wx) }};
{% endfor %}
{% endif %}

{% for i in range(tm) %}
{% for j in range(groups) %}
  var acc_{{ i }}_{{ j }} = Value(0.0);
{% endfor %}
{% endfor %}

{% if form.stage %}
  let local_index = local.y * {{ wx }}u + local.x;
  for (var k0 = 0u; k0 < size_c; k0 += {{ bk }}u) {
    for (var t = local_index; t < {{ bm * bk }}u; t += {{ wx * form.wy }}u) {
      let s = t % {{ bk }}u;
      let r = t / {{ bk }}u;
      let start = (point * rows + {{ inside("group_y * " ~ bm ~ "u + r", "rows", form.guard_wy) }}) * size_c;
      left_tile[s * {{ left_stride }}u + r] = {{ within_c(left, "start + ", "k0 + s", "", "f32") }};
    }
    for (var t = local_index; t < {{ bk * (bn // vec) }}u; t += {{ wx * form.wy }}u) {
      let c = t % {{ bn // vec }}u;
      let s = t / {{ bn // vec }}u;
      let start = point * size_c * column_vectors + {{ inside("group_x * " ~ bn // vec ~ "u + c", "column_vectors", form.guard_wx) }};
      right_tile[s * {{ right_stride }}u + c] = {{ within_c(right, "start + ", "k0 + s", " * column_vectors", "Value") }};
    }
    workgroupBarrier();
{% if bk > unroll %}
    for (var kk = 0u; kk < {{ bk }}u; kk += {{ unroll }}u) {
{% endif %}
{{ steps(unroll) }}
{%- if bk > unroll %}
    }
{% endif %}
    workgroupBarrier();
  }
{% else %}
{% if form.tail %}
  let whole = size_c / {{ unroll }}u * {{ unroll }}u;
{% endif %}
  for (var k = 0u; k < {{ "whole" if form.tail else "size_c" }}; k += {{ unroll }}u) {
{{ steps(unroll) }}
  }
{% if form.tail %}
  for (var k = whole; k < size_c; k += 1u) {
{{ steps(1) }}
  }
{% endif %}
{% endif %}

{% for i in range(tm) %}
{% for j in range(groups) %}
  {{ edge(i, j) }}{
    store_sums((point * rows + row_{{ i }}) * column_vectors + column_{{ j }}, acc_{{ i }}_{{ j }});
  }
{% endfor %}
{% endfor %}
}
