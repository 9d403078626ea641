{#- Skinny matmul: one matrix is long, the other has at most 16 rows or columns. The long one is read exactly once.

    C[b,m,n] = epilogue(sum over k of A[b,m,k] * B[b,k,n]); A is [k,m] and B [n,k] where transposed.
    With L the long one's side and S the skinny one's: A is long where n < m, else B.

        long along k (L rows of K):                         long along L (K rows of L):
        a line is a row, a step is one load of it           a line is `vec` columns, a step one or more k

          line 0  | 0 1 2 3 0 1 2 3 ...   <- members            line  0 1 2 3 4 5 ...   <- invocations
          line 1  | 0 1 2 3 0 1 2 3 ...      of a team      k = 0 | ---------------
          ...                                               k = 1 | ...  members of a team take the steps in turn

    Each invocation has `tile` lines, which lie all lines / tile apart, times all S; a team sums along k in turn and
    then reduces. Lines are numbered through the batches, so small batches share a workgroup.

    Parameters
      invocations  of a workgroup
      team         invocations that sum a result together
      tile         lines per invocation
      vec          elements per load of the long matrix
      vec_skinny   elements per load of the skinny one, along k or across as it lies; k per step in the latter picture
      unroll       steps in the body of the loop along k
      slab         bodies for which the skinny matrix is staged in workgroup memory at once; 0: loaded where it is used
      split        parts of k that different workgroups sum, into `partial`; `vector_sum.wgsl` adds these
      subgroups    teams reduce by subgroup operations instead of a tree
      baked        sizes as constants in the text instead of uniforms
      packed       f16 as halves of 32-bit words

    Assumes lines and steps without a remainder: vec divides K or L, vec_skinny divides K or S. Lines beyond the last read that and are
    not stored. Teams that share a slab lie in one batch. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "reduction.wgsl" as reduction %}
{% set letters = ["x", "y", "z", "w"] %}
{% set lanes = invocations // team %}
{% set body = team * unroll %}
{% set pieces = 2 if vec == 8 else 1 %}
{% set width = 4 if vec == 8 else vec %}
{% set groups = tile if along_k else tile * pieces %}
{% set sums = count // sum_width if along_k else count %}
{% set output = "partial" if split > 1 else "c" %}
{# Element `i` of a load of so many elements. #}
{% macro element(value, i, width) -%}
{{ value if width == 1 else value ~ "[" ~ i // 4 ~ "]." ~ letters[i % 4] if width == 8 else value ~ "." ~ letters[i] }}
{%- endmacro %}
{% macro piece(value, p) %}{{ value ~ "[" ~ p ~ "]" if pieces == 2 else value }}{% endmacro %}
{# The loads of a step, which lies at `at` in all of k and at `local` in the slab. #}
{% macro loads(u, at, local) %}
{% for i in range(tile) %}
{% if along_k %}
    let w_{{ u }}_{{ i }} = load_{{ long }}(long_{{ i }} + {{ at }});
{% else %}
{% for e in range(step) %}
    let w_{{ u }}_{{ i }}_{{ e }} = load_{{ long }}(long_{{ i }} + ({{ at }} * {{ step }}u + {{ e }}u) * lines);
{% endfor %}
{% endif %}
{% endfor %}
{% for j in range(per_step) %}
{% if slab and skinny_along_k %}
    let v_{{ u }}_{{ j }} = staged[{{ j * slab * body }}u + {{ local }}];
{% elif slab %}
    let v_{{ u }}_{{ j }} = staged[{{ local }} * {{ per_step }}u + {{ j }}u];
{% elif skinny_along_k %}
    let v_{{ u }}_{{ j }} = load_{{ skinny }}(skinny + {{ j }}u * steps + {{ at }});
{% else %}
    let v_{{ u }}_{{ j }} = load_{{ skinny }}(skinny + {{ at }} * {{ per_step }}u + {{ j }}u);
{% endif %}
{% endfor %}
{% endmacro %}
{# The products of a step. #}
{% macro products(u) %}
{% for i in range(tile) %}
{% if along_k and skinny_along_k %}
{% for j in range(sums) %}
{% for p in range(pieces) %}
{% set w, v = piece("w_" ~ u ~ "_" ~ i, p), piece("v_" ~ u ~ "_" ~ j, p) %}
    acc_{{ i }}_{{ j }} += {{ w ~ " * " ~ v if vec == 1 else "dot(" ~ w ~ ", " ~ v ~ ")" }};
{% endfor %}
{% endfor %}
{% elif along_k %}
{% for e in range(vec) %}
{% for j in range(sums) %}
    acc_{{ i }}_{{ j }} += {{ element("w_" ~ u ~ "_" ~ i, e, vec) }} * v_{{ u }}_{{ e * sums + j }};
{% endfor %}
{% endfor %}
{% else %}
{% for e in range(step) %}
{% for p in range(pieces) %}
{% for j in range(sums) %}
{% set v = element("v_" ~ u ~ "_" ~ j, e, vec_skinny) if skinny_along_k else element("v_" ~ u ~ "_" ~ j // vec_skinny, j % vec_skinny, vec_skinny) %}
    acc_{{ i * pieces + p }}_{{ j }} += {{ piece("w_" ~ u ~ "_" ~ i ~ "_" ~ e, p) }} * {{ v }};
{% endfor %}
{% endfor %}
{% endfor %}
{% endif %}
{% endfor %}
{% endmacro %}
{# One result, or vector of results: sum `j` of group `i`, and of it element `q` where these do not lie side by side in C. #}
{% macro store(i, j, q) %}
{% set line = "line_" ~ (i if along_k else i // pieces) %}
{% if along_k %}
{% set l = line %}
{% set s = j * sum_width + q if scattered else j %}
{% elif scattered %}
{% set l = line ~ " * " ~ vec ~ "u + " ~ (i % pieces * width + q) ~ "u" %}
{% set s = j %}
{% else %}
{% set l = line ~ " * " ~ pieces ~ "u + " ~ i % pieces ~ "u" %}
{% set s = j %}
{% endif %}
    {
{% if rows_are_long %}
      let index = (batch * size_l + {{ l }}) * {{ count // out_width }}u + {{ s }}u;
{% else %}
      let index = (batch * {{ count }}u + {{ s }}u) * {{ "size_l" if out_width == 1 else "(size_l / " ~ out_width ~ "u)" }} + {{ l }};
{% endif %}
{% if has_bias and split == 1 %}
      let channel = {{ s ~ "u" if rows_are_long else l }};
{% endif %}
{% set sum = element("acc_" ~ i ~ "_" ~ j, q, sum_width) if scattered else "acc_" ~ i ~ "_" ~ j %}
{% if split > 1 %}
      store_partial(part * (size_b * size_l * {{ count }}u / {{ out_width }}u) + index, {{ sum }});
{% elif epilogue %}
      var v = {{ sum }};
{% for statement in epilogue %}
      {{ statement }}
{% endfor %}
      store_c(index, v);
{% else %}
      store_c(index, {{ sum }});
{% endif %}
    }
{% endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(out_width) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == output else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
{% if slab %}
var<workgroup> staged: array<{{ storage.value_type(vec_skinny) }}, {{ slab * body * per_step }}>;
{% endif %}
{{ reduction.memory(reduce, rounds[0] | length) }}

@compute @workgroup_size({{ invocations }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  {{ reduction.parameters(reduce) }}
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_b = {{ size_b }};
  let size_l = {{ size_l }};
  let size_k = {{ size_k }};
  let lines = size_l{{ "" if along_k else " / " ~ vec ~ "u" }};
  let steps = size_k / {{ step }}u;
  {{ reduction.rank(reduce) }}
{% if along_k %}
  let member = rank % {{ team }}u;
  let lane = rank / {{ team }}u;
{% else %}
  let member = rank / {{ lanes }}u;
  let lane = rank % {{ lanes }}u;
{% endif %}

  let tiles = (lines + {{ tile - 1 }}u) / {{ tile }}u;
{% if split > 1 %}
  let groups = (size_b * tiles + {{ lanes - 1 }}u) / {{ lanes }}u;
  let part = group / groups;
  let own = group % groups * {{ lanes }}u + lane;
{% else %}
  let own = group * {{ lanes }}u + lane;
{% endif %}
  let batch = {{ "min(own / tiles, size_b - 1u)" if guard_own else "own / tiles" }};
  let tile = own % tiles;
{% for i in range(tile) %}
  let line_{{ i }} = tile + {{ i }}u * tiles;
{% set line = "min(line_" ~ i ~ ", lines - 1u)" if guard_lines and i > 0 else "line_" ~ i %}
  let long_{{ i }} = {{ "(batch * lines + " ~ line ~ ") * steps" if along_k else "batch * size_k * lines + " ~ line }};
{% endfor %}
  let skinny = batch * steps * {{ per_step }}u;
{% if split > 1 %}
  let chunk = (steps + {{ split - 1 }}u) / {{ split }}u;
  let first = min(part * chunk, steps);
  let count = min(chunk, steps - first);
{% else %}
  let first = 0u;
  let count = steps;
{% endif %}

{% for i in range(groups) %}
{% for j in range(sums) %}
  var acc_{{ i }}_{{ j }} = {{ storage.value_type(sum_width) }}(0.0);
{% endfor %}
{% endfor %}
{% if slab %}
  for (var start = 0u; start < count; start += {{ slab * body }}u) {
    for (var t = rank; t < {{ slab * body * per_step }}u; t += {{ invocations }}u) {
{% if skinny_along_k %}
      let local = t % {{ slab * body }}u;
      if (start + local < count) {
        staged[t] = load_{{ skinny }}(skinny + t / {{ slab * body }}u * steps + first + start + local);
      }
{% else %}
      if (start + t / {{ per_step }}u < count) {
        staged[t] = load_{{ skinny }}(skinny + (first + start) * {{ per_step }}u + t);
      }
{% endif %}
    }
    workgroupBarrier();
{% if slab > 1 %}
    for (var i = 0u; i < {{ slab * body }}u; i += {{ body }}u) {
{% endif %}
{% for u in range(unroll) %}
      let local_{{ u }} = {{ "i + " if slab > 1 }}member + {{ u * team }}u;
      {{ "" if whole else "if (start + local_" ~ u ~ " < count) {" }}
      let at_{{ u }} = first + start + local_{{ u }};
{{ loads(u, "at_" ~ u, "local_" ~ u) }}
{{ products(u) }}
      {{ "" if whole else "}" }}
{% endfor %}
{% if slab > 1 %}
    }
{% endif %}
    workgroupBarrier();
  }
{% else %}
{% if not whole %}
  let whole = count / {{ body }}u * {{ body }}u;
  let rest = count % {{ body }}u;
{% endif %}
{% if has_bodies %}
  for (var i = 0u; i < {{ "count" if whole else "whole" }}; i += {{ body }}u) {
{% for u in range(unroll) %}
    let at_{{ u }} = first + i + member + {{ u * team }}u;
{{ loads(u, "at_" ~ u, "") }}
{% endfor %}
{% for u in range(unroll) %}
{{ products(u) }}
{% endfor %}
  }
{% endif %}
{% if not whole %}
  for (var i = member; i < rest; i += {{ team }}u) {
    let at = first + whole + i;
{{ loads(0, "at", "") }}
{{ products(0) }}
  }
{% endif %}
{% endif %}

{% for values in rounds %}
{{ reduction.reduce(reduce, values, again=not loop.first) }}
{% endfor %}
{% set first, within = "member == 0u", "own < size_b * tiles" %}
  {{ "if ((" ~ first ~ ") & (" ~ within ~ ")) " if team > 1 and guard_own else "if (" ~ first ~ ") " if team > 1 else "if (" ~ within ~ ") " if guard_own }}{
{% for i in range(groups) %}
{% set line = i if along_k else i // pieces %}
{% set guarded = guard_lines and line > 0 %}
{{ "if (line_" ~ line ~ " < lines) {" if guarded }}
{% for j in range(sums) %}
{% for q in range(sum_width if scattered else 1) %}
{{ store(i, j, q) }}
{% endfor %}
{% endfor %}
{{ "}" if guarded }}
{% endfor %}
  }
}
