{#- Winograd's convolution in one kernel: the sums of products of a tile stay in registers, so nothing lies between.

    x: NCHW [n,c,h,w], NHWC [n,h,w,c]. filters [c,points²,o], their rows padded to whole vectors of 4.
    y: NCHW [n,o,oh,ow], NHWC [n,oh,ow,o].

        workgroup: wx tiles, wy*vec output channels; slabs of bk input channels
        invocation: one tile, one vector of output channels; points² accumulators, m_r_s

    Parameters
      wx, wy            invocations along tiles and output channels
      vec               output channels per vector
      stage             slab of the weights in workgroup memory (that of the transformed tiles always is)
      bk                input channels of a slab
      baked             sizes as constants in the text instead of uniforms (padding always is)
      packed            f16 as halves of 32-bit words

    Assumes o divisible by vec. Tiles and channels beyond the edge repeat the last one and are not stored. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "winograd.wgsl" as winograd %}
{% set wx = form.wx %}
{% set wy = form.wy %}
{% set vec = form.vec %}
{% set bk = form.bk %}
{% set all = form.points * form.points %}
{% macro inside(position, limit, guard) %}{{ "min(" ~ position ~ ", " ~ limit ~ " - 1u)" if guard else position }}{% endmacro %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec) }};

{{ grid.uniforms(form.uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(form.functions) }}
var<workgroup> v_tile: array<f32, {{ bk * all * wx }}>;
{% if form.stage %}
var<workgroup> u_tile: array<Value, {{ bk * all * wy }}>;
{% endif %}

{{ winograd.pixel_function(form, "f32", 1) }}

// Transforms the tile of a number, of one channel, into its place in the slab.
fn stage_tile(tile: u32, channel: u32, place: u32) {
{{ winograd.sizes(form, ["tiles_x", "tiles_y"]) }}
{{ winograd.place("tile") }}
{{ winograd.transformed_tile(form, "channel") }}
{% for r in range(form.points) %}
{% for s in range(form.points) %}
  v_tile[place + {{ (form.points * r + s) * wx }}u] = v_{{ r }}_{{ s }};
{% endfor %}
{% endfor %}
}

@compute @workgroup_size({{ wx }}, {{ wy }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
{{ winograd.sizes(form, ["size_c", "size_o", "size_oh", "size_ow", "tiles_x", "tiles_y", "tiles", "padded_o"]) }}
  let channel_vectors = size_o / {{ vec }}u;
  let u_vectors = padded_o / {{ vec }}u;
  let groups_x = (tiles + {{ wx - 1 }}u) / {{ wx }}u;
  let group_x = group % groups_x;
  let group_y = group / groups_x;
  let local_index = local.y * {{ wx }}u + local.x;
  let tile = group_x * {{ wx }}u + local.x;
  let channel = group_y * {{ wy }}u + local.y;
{% if not form.stage %}
  let u_start = {{ inside("channel", "channel_vectors", form.guard_wy) }};
{% endif %}

{% for r in range(form.points) %}
{% for s in range(form.points) %}
  var m_{{ r }}_{{ s }} = Value(0.0);
{% endfor %}
{% endfor %}

  for (var c0 = 0u; c0 < size_c; c0 += {{ bk }}u) {
    for (var t = local_index; t < {{ bk * wx }}u; t += {{ wx * wy }}u) {
{% if form.nhwc %}
      let s = t % {{ bk }}u;
      let p = t / {{ bk }}u;
{% else %}
      let p = t % {{ wx }}u;
      let s = t / {{ wx }}u;
{% endif %}
      stage_tile({{ inside("group_x * " ~ wx ~ "u + p", "tiles", form.guard_wx) }}, {{ inside("c0 + s", "size_c", form.guard_c) }}, s * {{ all * wx }}u + p);
    }
{% if form.stage %}
    for (var t = local_index; t < {{ bk * all * wy }}u; t += {{ wx * wy }}u) {
      let q = t % {{ wy }}u;
      let point = t / {{ wy }}u % {{ all }}u;
      let s = t / {{ wy * all }}u;
      let source_c = {{ inside("c0 + s", "size_c", form.guard_c) }};
      u_tile[t] = load_filters((source_c * {{ all }}u + point) * u_vectors + {{ inside("group_y * " ~ wy ~ "u + q", "channel_vectors", form.guard_wy) }});
    }
{% endif %}
    workgroupBarrier();
    for (var cl = 0u; cl < {{ "min(" ~ bk ~ "u, size_c - c0)" if form.guard_c else bk ~ "u" }}; cl += 1u) {
{% for r in range(form.points) %}
{% for s in range(form.points) %}
{% set point = form.points * r + s %}
      m_{{ r }}_{{ s }} += {{ "u_tile[(cl * " ~ all ~ "u + " ~ point ~ "u) * " ~ wy ~ "u + local.y]" if form.stage else "load_filters(((c0 + cl) * " ~ all ~ "u + " ~ point ~ "u) * u_vectors + u_start)" }} * v_tile[(cl * {{ all }}u + {{ point }}u) * {{ wx }}u + local.x];
{% endfor %}
{% endfor %}
    }
    workgroupBarrier();
  }

{% if form.guard_wx or form.guard_wy %}
  if ({{ "(tile >= tiles)" if form.guard_wx }}{{ " | " if form.guard_wx and form.guard_wy }}{{ "(channel >= channel_vectors)" if form.guard_wy }}) {
    return;
  }
{% endif %}
{{ winograd.place("tile") }}
{{ winograd.store_results(form, vec) }}
}
