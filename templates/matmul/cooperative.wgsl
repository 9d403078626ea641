{#- Matmul by cooperative matrices: a subgroup multiplies small square matrices together, on the units that GPUs have for
    that. Only for devices that report the combination of element types and size (`DeviceFeatures::cooperative`).

    C[b,m,n] = epilogue(sum over k of A[b,m,k] * B[b,k,n]); A is [k,m] and B [n,k] where transposed.

        workgroup: sg_m x sg_n subgroups         subgroup: tm x tn matrices of edge x edge     k: slabs of bk
          +------+------+                          +----+----+
          | 0    | 1    |  bm = sg_m * tm * edge   | 00 | 01 |   acc_0_0, acc_0_1 ...
          +------+------+                          +----+----+
          | 2    | 3    |                          | 10 | 11 |
          +------+------+                          +----+----+
             bn = sg_n * tn * edge

    Slabs of A and B are staged as they lie in memory, so nothing is transposed by hand: the load of a matrix says which
    way it lies. Elements of matrices cannot be reached, so C passes through workgroup memory, one row of matrices of
    each subgroup at a time, and from there through the epilogue to where it belongs.

    Parameters
      edge          rows and columns of a matrix
      halves        A and B are multiplied as f16, else as f32; sums are f32
      subgroup      invocations of a subgroup, which the device must always have
      sg_m, sg_n    subgroups along M and N
      tm, tn        matrices per subgroup along M and N
      bk            length of a slab along k
      vec_a, vec_b  elements per load and per element of a staged tile; Metal takes tiles of scalars only (`scalars`)
      vec_n         columns per store
      pad           16 unused bytes after each row of a staged tile, against bank conflicts
      baked         sizes as constants in the text instead of uniforms
      packed        f16 as halves of 32-bit words, where it is multiplied as f32

    Assumes full subgroups of one size, A's and B's contiguous sides divisible by their vectors and n by vec_n. Rows of
    tiles are multiples of 16 bytes, as Vulkan asks. What lies beyond A and B is zero in the tiles.

    Hazard: naga declares Vulkan's memory model and leaves out the operands that make accesses to workgroup memory
    visible to others (gfx-rs/wgpu#8805). Every hand-over here has a workgroupBarrier, which drivers are seen to honour;
    where one does not, results are wrong at random, and the gate runs everything twice and compares. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% set bm = sg_m * tm * edge %}
{% set bn = sg_n * tn * edge %}
{% set invocations = sg_m * sg_n * subgroup %}
{% set factor = "f16" if halves else "f32" %}
{% set unused = pad * (8 if halves else 4) %}
{% set c_stride = bn + 4 * pad %}
{% set letters = ["x", "y", "z", "w"] %}
{% macro vector(element, width) %}{{ element if width == 1 else "vec" ~ width ~ "<" ~ element ~ ">" }}{% endmacro %}
{# The slab of a matrix: so many rows and columns of what lies in memory, from this row and this column on. #}
{% macro stage(name, width, rows, columns, row, column, size, guard_row, guard_column) %}
{% set across = columns // width %}
{% set type = vector(factor, width) %}
{% set at_row = "min(row, " ~ size ~ " - 1u)" if guard_row else "row" %}
{% set at_column = "min(column, " ~ name ~ "_vectors - 1u)" if guard_column else "column" %}
{% set index = "(batch * " ~ size ~ " + " ~ at_row ~ ") * " ~ name ~ "_vectors + " ~ at_column %}
{% set loaded = name ~ "[" ~ index ~ "]" if native else "load_" ~ name ~ "(" ~ index ~ ")" %}
{% set inside_row, inside_column = "row < " ~ size, "column < " ~ name ~ "_vectors" %}
{% set inside = "(" ~ inside_row ~ ") & (" ~ inside_column ~ ")" if guard_row and guard_column else inside_row if guard_row else inside_column %}
    for (var t = local_index; t < {{ rows * across }}u; t += {{ invocations }}u) {
      let row = {{ row }} + t / {{ across }}u;
      let column = {{ column }} / {{ width }}u + t % {{ across }}u;
      let value = {{ "select(" ~ type ~ "(), " ~ loaded ~ ", " ~ inside ~ ")" if guard_row or guard_column else loaded }};
{% if scalars and width > 1 %}
      let start = t / {{ across }}u * {{ columns + unused }}u + t % {{ across }}u * {{ width }}u;
{% for i in range(width) %}
      {{ name }}_tile[start + {{ i }}u] = value.{{ letters[i] }};
{% endfor %}
{% else %}
      {{ name }}_tile[t / {{ across }}u * {{ (columns + unused) // width }}u + t % {{ across }}u] = value;
{% endif %}
    }
{% endmacro %}
{# Matrix number `i` of the subgroup at step `q` of a slab, whose rows in memory are `rows` of the matrix or of k. #}
{% macro matrix(role, name, across, i, q, columns, width, rows_are_k, row_major) %}
{% set unit = 1 if scalars else width %}
{% set stride = (columns + unused) // unit %}
{% if rows_are_k %}
{% set offset = q * edge * stride ~ "u + (" ~ across ~ " + " ~ i ~ "u) * " ~ edge // unit ~ "u" %}
{% else %}
{% set offset = "(" ~ across ~ " + " ~ i ~ "u) * " ~ edge * stride ~ "u + " ~ q * edge // unit ~ "u" %}
{% endif %}
    let {{ name }}_{{ q }}_{{ i }} = coopLoad{{ "T" if row_major }}<coop_mat{{ edge }}x{{ edge }}<{{ factor }}, {{ role }}>>(&{{ name }}_tile[{{ offset }}], {{ stride }}u);
{% endmacro %}
{{ storage.header(buffers) }}
enable wgpu_cooperative_matrix;

alias Value = {{ storage.value_type(vec_n) }};

{{ grid.block(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.binding(buffer) if native and buffer.name in ["a", "b"] else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% set a_rows, a_columns = (bk, bm) if a_transposed else (bm, bk) %}
{% set b_rows, b_columns = (bn, bk) if b_transposed else (bk, bn) %}
{% set a_unit, b_unit = (1, 1) if scalars else (vec_a, vec_b) %}
var<workgroup> a_tile: array<{{ vector(factor, a_unit) }}, {{ a_rows * (a_columns + unused) // a_unit }}>;
var<workgroup> b_tile: array<{{ vector(factor, b_unit) }}, {{ b_rows * (b_columns + unused) // b_unit }}>;
var<workgroup> c_tile: array<f32, {{ sg_m * edge * c_stride }}>;

@compute @workgroup_size({{ invocations }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
  @builtin(subgroup_id) subgroup_id: u32,
) {
  let group = {{ grid.index("workgroup", "workgroups") }};
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = {{ size_m }};
  let size_n = {{ size_n }};
  let size_k = {{ size_k }};
  let a_vectors = {{ "size_m" if a_transposed else "size_k" }} / {{ vec_a }}u;
  let b_vectors = {{ "size_k" if b_transposed else "size_n" }} / {{ vec_b }}u;
  let n_vectors = size_n / {{ vec_n }}u;
  let tiles_n = (size_n + {{ bn - 1 }}u) / {{ bn }}u;
  let tiles_m = (size_m + {{ bm - 1 }}u) / {{ bm }}u;
  let first_column = group % tiles_n * {{ bn }}u;
  let first_row = group / tiles_n % tiles_m * {{ bm }}u;
  let batch = group / (tiles_n * tiles_m);
  let across_m = subgroup_id / {{ sg_n }}u * {{ tm }}u;
  let across_n = subgroup_id % {{ sg_n }}u * {{ tn }}u;

{% for i in range(tm) %}
{% for j in range(tn) %}
  var acc_{{ i }}_{{ j }} = coop_mat{{ edge }}x{{ edge }}<f32, C>();
{% endfor %}
{% endfor %}
  for (var k0 = 0u; k0 < size_k; k0 += {{ bk }}u) {
{% if a_transposed %}
{{ stage("a", vec_a, a_rows, a_columns, "k0", "first_row", "size_k", guard_k, guard_m) }}
{% else %}
{{ stage("a", vec_a, a_rows, a_columns, "first_row", "k0", "size_m", guard_m, guard_k) }}
{% endif %}
{% if b_transposed %}
{{ stage("b", vec_b, b_rows, b_columns, "first_column", "k0", "size_n", guard_n, guard_k) }}
{% else %}
{{ stage("b", vec_b, b_rows, b_columns, "k0", "first_column", "size_k", guard_k, guard_n) }}
{% endif %}
    workgroupBarrier();
{% for q in range(bk // edge) %}
{% for i in range(tm) %}
{{ matrix("A", "a", "across_m", i, q, a_columns, vec_a, a_transposed, not a_transposed) }}
{%- endfor %}
{% for j in range(tn) %}
{{ matrix("B", "b", "across_n", j, q, b_columns, vec_b, not b_transposed, not b_transposed) }}
{%- endfor %}
{% for i in range(tm) %}
{% for j in range(tn) %}
    acc_{{ i }}_{{ j }} = coopMultiplyAdd(a_{{ q }}_{{ i }}, b_{{ q }}_{{ j }}, acc_{{ i }}_{{ j }});
{% endfor %}
{% endfor %}
{% endfor %}
    workgroupBarrier();
  }

{% for i in range(tm) %}
{% for j in range(tn) %}
  coopStoreT(acc_{{ i }}_{{ j }}, &c_tile[subgroup_id / {{ sg_n }}u * {{ edge * c_stride }}u + (across_n + {{ j }}u) * {{ edge }}u], {{ c_stride }}u);
{% endfor %}
  workgroupBarrier();
  for (var t = local_index; t < {{ sg_m * edge * bn // vec_n }}u; t += {{ invocations }}u) {
    let r = t / {{ bn // vec_n }}u;
    let s = t % {{ bn // vec_n }}u;
    let row = first_row + r / {{ edge }}u * {{ tm * edge }}u + {{ i * edge }}u + r % {{ edge }}u;
    let column = first_column / {{ vec_n }}u + s;
    {{ "if ((row < size_m) & (column < n_vectors)) " if guard_m and guard_n else "if (row < size_m) " if guard_m else "if (column < n_vectors) " if guard_n }}{
      let index = (batch * size_m + row) * n_vectors + column;
      let start = r * {{ c_stride }}u + s * {{ vec_n }}u;
      {{ "var" if epilogue else "let" }} v = Value({% for lane in range(vec_n) %}c_tile[start + {{ lane }}u]{{ ", " if not loop.last }}{% endfor %});
{% for statement in epilogue %}
      {{ statement }}
{% endfor %}
      store_c(index, v);
    }
  }
{% if not loop.last %}
  workgroupBarrier();
{% endif %}
{% endfor %}
}
