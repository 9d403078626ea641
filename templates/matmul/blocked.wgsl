{#- Blocked matmul: workgroups compute bm x bn outputs, subgroups (lanes_m * tm) x (lanes_n * tn) of them, invocations
    tm x tn; slabs of A and B lie in workgroup memory.

    C[b,m,n] = epilogue(sum over k of A[b,m,k] * B[b,k,n]); A is [k,m] and B [n,k] where transposed.

                      bn                         sub-tile, lanes = 8, lanes_n = 4        deal = 1, tm = tn = 8
              +---------+---------+                +---+---+---+---+                   rows    0..3 of each lane, then
              |sub-tile |         |                | 0 | 1 | 2 | 3 |                           the next 4 of each
           bm +---------+---------+                +---+---+---+---+                   columns likewise: a lane's vec4
              |         |         |                | 4 | 5 | 6 | 7 |                           lies beside those of its
              +---------+---------+                +---+---+---+---+                           neighbours

    Parameters
      bm, bn, bk        tile of a workgroup, and length of a slab along k
      tm, tn            rows and columns per invocation; accumulators are named vec4, never indexed
      lanes, lanes_n    invocations of a sub-tile, as many as a subgroup has, and how many of them lie along N
      deal              rows and columns dealt to the lanes in turn, four at a time, instead of tm and tn neighbours;
                        rows one at a time where A is staged as it lies along k
      turn_a, turn_b    an operand that lies along k is staged 0 as it lies, or with a row for each step of k: turned
                        1 by single elements, 2 by squares of 4 x 4 in registers
      vec_a, vec_b      elements of one load along whatever lies side by side in memory; 8 are 16 bytes of packed f16
      pad               unused elements after each row of a staged slab
      half_tiles        staged as f16
      pipeline          0 loads a slab, then multiplies; 1 loads the next one into registers while this one is
                        multiplied; 2 stages it in a second pair of tiles, so that one barrier per slab is enough
      unroll            steps of k in the body of the inner loop
      band              rows of tiles that are visited together (shaders/order.wgsl)
      split             parts of the sum over k, each a workgroup's
      baked             sizes as constants in the text instead of uniforms
      packed            f16 as halves of 32-bit words

    `target` is where a workgroup's sums go: `c`, through the epilogue; `partial`, [split,b,m,n], to be added by sum.wgsl;
    or `atomic`, added to what C holds already.

    Assumes that what lies side by side in memory is divisible by the loads along it: k by vec_a for a plain A, n by
    vec_b for a plain B. No part of the sum is empty. Lines beyond the edge read the last valid ones and are not
    stored. Steps beyond k are zero on both sides, so that no stray infinity reaches a sum. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "raw.wgsl" as raw %}
{% import "order.wgsl" as order %}
{% import "block.wgsl" as tiles %}
{% set a = block.a %}
{% set b = block.b %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}

{# Where the loads of each piece begin, apart from the slab. #}
{% macro addresses(x, tile, size, guard) %}
{% for p in range(x.pieces) %}
{% if x.along_k %}
{% for r in range(x.lines) %}
  let {{ x.name }}_at_{{ p }}_{{ r }} = (batch * {{ size }} + {{ inside(tile ~ " * " ~ x.extent ~ "u + " ~ x.name ~ "_line_" ~ p ~ " + " ~ r ~ "u", size, guard) }}) * {{ x.name }}_loads;
{% endfor %}
{% else %}
{% for l in range(x.loads) %}
  let {{ x.name }}_at_{{ p }}_{{ l }} = batch * size_k * {{ x.name }}_loads + {{ inside(tile ~ " * " ~ x.extent // x.buffer.width ~ "u + " ~ x.name ~ "_across_" ~ p ~ " * " ~ x.loads ~ "u + " ~ l ~ "u", x.name ~ "_loads", guard) }};
{% endfor %}
{% endif %}
{% endfor %}
{% endmacro %}

{# Which load along k, or which step of k, a load of a piece is in the slab that begins at `k`. #}
{% macro step(x, p, l, k) -%}
{{ k }} / {{ x.buffer.width if x.along_k else 1 }}u + {{ x.name }}_step_{{ p }} + {{ l if x.along_k else 0 }}u
{%- endmacro %}

{# Loads the pieces of the slab that begins at `k` into registers. Where there are more invocations than pieces, the
   others have nothing to do. #}
{% macro fetch(x, k) %}
{% if x.crowded %}
    if (local < {{ x.all_pieces }}u) {
{% endif %}
{% for p in range(x.pieces) %}
{% for r in range(x.lines) %}
{% for l in range(x.loads) %}
{% set position = inside(step(x, p, l, k), x.name ~ "_loads" if x.along_k else "size_k", guard_k) %}
{% if x.along_k %}
    {{ x.name }}_{{ p }}_{{ r }}_{{ l }} = fetch_{{ x.name }}({{ x.name }}_at_{{ p }}_{{ r }} + {{ position }});
{% else %}
    {{ x.name }}_{{ p }}_{{ r }}_{{ l }} = fetch_{{ x.name }}({{ x.name }}_at_{{ p }}_{{ l }} + {{ position if guard_k else "(" ~ position ~ ")" }} * {{ x.name }}_loads);
{% endif %}
{% endfor %}
{% endfor %}
{% endfor %}
{% if x.crowded %}
    }
{% endif %}
{% endmacro %}

{# Stages the pieces of the slab that begins at `k`, with zeros beyond the end of k. #}
{% macro stage(x, k, copy) %}
{% if x.crowded %}
    if (local < {{ x.all_pieces }}u) {
{% endif %}
{% if guard_k %}
{% for p in range(x.pieces) %}
{% for l in range(x.loads if x.along_k else 1) %}
    let {{ x.name }}_inside_{{ p }}_{{ l }} = {{ step(x, p, l, k) }} < {{ x.name ~ "_loads" if x.along_k else "size_k" }};
{% endfor %}
{% endfor %}
{% endif %}
{{ tiles.put(x, offset(x, copy), guard_k) -}}
{% if x.crowded %}
    }
{% endif %}
{% endmacro %}

{# Where one of the two copies of a staged slab begins. #}
{% macro offset(x, copy) %}{{ copy ~ " * " ~ x.tile_size ~ "u + " if pipeline == 2 }}{% endmacro %}

{% macro fetch_both(k) %}
{{ fetch(a, k) -}}
{{ fetch(b, k) -}}
{% endmacro %}

{% macro stage_both(k, copy) %}
{{ stage(a, k, copy) -}}
{{ stage(b, k, copy) -}}
{% endmacro %}

{# The slab after the one that begins at k0. Where slabs fit, the last one is loaded again instead of one beyond it. #}
{% macro next_slab() %}
    let next = {{ "k0 + " ~ block.bk ~ "u" if guard_k else "min(k0 + " ~ block.bk ~ "u, size_k - " ~ block.bk ~ "u)" }};
{% endmacro %}

{# Leaves what lies beyond C, where tiles reach there. #}
{% macro edge() %}
{% if guard_m or guard_n %}
  if ({{ "(row >= " ~ size_m ~ ") | (column >= " ~ size_n ~ ")" if guard_m and guard_n else "row >= " ~ size_m if guard_m else "column >= " ~ size_n }}) {
    return;
  }
{% endif %}
{% endmacro %}

{# Where an output lies, in vectors of `width`. #}
{% macro index(width) %}(matrix * {{ size_m }} + row) * ({{ size_n }} / {{ width }}u) + column / {{ width }}u{% endmacro %}

{# Keeps neighbouring sums of one row, as many as a vector of the result has. #}
{% macro keep(name) %}
fn {{ name }}(matrix: u32, row: u32, column: u32, sum: Value) {
{{ edge() -}}
  let index = {{ index(vec_c) }};
{% if epilogue %}
  var v = sum;
{% for statement in epilogue %}
  {{ statement }}
{% endfor %}
{% endif %}
  store_{{ target }}(index, {{ "v" if epilogue else "sum" }});
}
{% endmacro %}

{# Adds neighbouring sums of one row to what C holds, as other parts of them do. #}
{% macro add(name) %}
fn {{ name }}(matrix: u32, row: u32, column: u32, sum: Value) {
{{ edge() -}}
  let index = {{ index(1) }};
{% for c in range(vec_c) %}
  atomicAdd(&c[index + {{ c }}u], sum{{ "." ~ ["x", "y", "z", "w"][c] if vec_c > 1 }});
{% endfor %}
}
{% endmacro %}
{{ storage.header(buffers) }}
{% if needs_f16 %}
enable f16;
{% endif %}
alias Value = {{ storage.value_type(vec_c) }};

{{ grid.uniforms(uniforms) }}

{{ raw.input(a.buffer) }}

{{ raw.input(b.buffer) }}

{% for buffer in buffers %}
{% if buffer.name == "c" and target == "atomic" %}
@group(0) @binding({{ buffer.binding }}) var<storage, read_write> c: array<atomic<f32>>;
{% elif buffer.name == target %}
{{ storage.output(buffer) }}
{% elif buffer.name not in ["a", "b"] %}
{{ storage.input(buffer) }}
{% endif %}

{% endfor %}
{{ elementwise.definitions(functions) }}
{{ order.definition(band) }}

{% set name = "finish" if vec_c == 4 else "finish_vector" %}
{{ add(name) if target == "atomic" else keep(name) }}

{% if vec_c < 4 %}
// Four sums of one row, as vectors that C can be stored in.
fn finish(matrix: u32, row: u32, column: u32, sum: vec4<f32>) {
{% for lanes in ["xy", "zw"] if vec_c == 2 %}
  finish_vector(matrix, row, column + {{ 2 * loop.index0 }}u, sum.{{ lanes }});
{% endfor %}
{% for lanes in ["x", "y", "z", "w"] if vec_c == 1 %}
  finish_vector(matrix, row, column + {{ loop.index0 }}u, sum.{{ lanes }});
{% endfor %}
}

{% endif %}
{{ tiles.tile(a, 2 if pipeline == 2 else 1) }}
{{ tiles.tile(b, 2 if pipeline == 2 else 1) }}

@compute @workgroup_size({{ block.threads }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_m = {{ size_m }};
  let size_n = {{ size_n }};
  let size_k = {{ size_k }};
  let a_loads = {{ "size_k" if a.along_k else "size_m" }} / {{ a.buffer.width }}u;
  let b_loads = {{ "size_k" if b.along_k else "size_n" }} / {{ b.buffer.width }}u;
  let tiles_m = (size_m + {{ block.bm - 1 }}u) / {{ block.bm }}u;
  let tiles_n = (size_n + {{ block.bn - 1 }}u) / {{ block.bn }}u;
  let tile = tile_at(group % (tiles_m * tiles_n), tiles_m, tiles_n);
{% if split == 1 %}
  let batch = group / (tiles_m * tiles_n);
{% else %}
  let part = group / (tiles_m * tiles_n) % {{ split }}u;
  let batch = group / (tiles_m * tiles_n * {{ split }}u);
  // Parts of whole slabs.
  let slabs = (size_k + {{ block.bk - 1 }}u) / {{ block.bk }}u;
  let length = (slabs + {{ split - 1 }}u) / {{ split }}u * {{ block.bk }}u;
  let first = part * length;
{% endif %}
{% set first = "0u" if split == 1 else "first" %}
{% set end = "size_k" if split == 1 else "min(first + length, size_k)" %}

{{ tiles.place(block) }}
{{ tiles.accumulators(block) }}

{{ tiles.pieces(a, block.threads) -}}
{{ tiles.pieces(b, block.threads) }}
{{ addresses(a, "tile.y", "size_m", guard_m) -}}
{{ addresses(b, "tile.x", "size_n", guard_n) }}

{% if pipeline == 0 %}
  for (var k0 = {{ first }}; k0 < {{ end }}; k0 += {{ block.bk }}u) {
{{ fetch_both("k0") -}}
{{ stage_both("k0", "") -}}
    workgroupBarrier();
{{ tiles.multiply(block, "from") -}}
    workgroupBarrier();
  }
{% elif pipeline == 1 %}
{{ fetch_both(first) -}}
  for (var k0 = {{ first }}; k0 < {{ end }}; k0 += {{ block.bk }}u) {
{{ stage_both("k0", "") -}}
    workgroupBarrier();
{{ next_slab() -}}
{{ fetch_both("next") -}}
{{ tiles.multiply(block, "from") -}}
    workgroupBarrier();
  }
{% else %}
  let first_copy = {{ first }} / {{ block.bk }}u % 2u;
{{ fetch_both(first) -}}
{{ stage_both(first, "first_copy") -}}
  workgroupBarrier();
  for (var k0 = {{ first }}; k0 < {{ end }}; k0 += {{ block.bk }}u) {
    let this_copy = k0 / {{ block.bk }}u % 2u;
    let other_copy = 1u - this_copy;
{{ next_slab() -}}
{{ fetch_both("next") -}}
    let a_now = {{ offset(a, "this_copy") }}a_from;
    let b_now = {{ offset(b, "this_copy") }}b_from;
{{ tiles.multiply(block, "now") -}}
{{ stage_both("next", "other_copy") -}}
    workgroupBarrier();
  }
{% endif %}

  let row = tile.y * {{ block.bm }}u + block_row;
  let column = tile.x * {{ block.bn }}u + block_column;
{% if target == "partial" %}
  let matrix = part * {{ size_b }} + batch;
{% else %}
  let matrix = batch;
{% endif %}
{{ tiles.finish_all(block, "matrix, ") -}}
}
