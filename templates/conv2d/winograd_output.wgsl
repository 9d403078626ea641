{#- Winograd's convolution, the last of three kernels: y = Aᵀ m A for each tile and output channel, with the epilogue.

    sums: one matrix for each of points² points, where NCHW [o,tiles], where NHWC [tiles,o]; its rows are padded to whole
    vectors of 4, whose contents nobody uses. y: NCHW [n,o,oh,ow], NHWC [n,oh,ow,o].

    One tile per invocation, unrolled: neighbours take neighbouring tiles (NCHW) or vectors of channels (NHWC).

    Parameters
      wt                invocations of a workgroup
      vt                channels per vector (NHWC)
      baked             sizes as constants in the text instead of uniforms
      packed            f16 as halves of 32-bit words

    Assumes o divisible by vt. Results beyond the output are not stored. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{% import "winograd.wgsl" as winograd %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(form.vt) }};

{{ grid.uniforms(form.uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(form.functions) }}
@compute @workgroup_size({{ form.wt }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * {{ form.wt }}u + local.x;
{{ winograd.sizes(form, ["size_o", "size_oh", "size_ow", "tiles_x", "tiles_y", "tiles", "padded_o" if form.nhwc else "padded_tiles"]) }}
  let channel_vectors = size_o / {{ form.vt }}u;
  if ((group >= shape.workgroups) | (i >= channel_vectors * tiles)) {
    return;
  }
{% if form.nhwc %}
  let channel = i % channel_vectors;
  let tile = i / channel_vectors;
{% else %}
  let tile = i % tiles;
  let channel = i / tiles;
{% endif %}
{{ winograd.place("tile") }}
{% for r in range(form.points) %}
{% for s in range(form.points) %}
{% set point = form.points * r + s %}
  let m_{{ r }}_{{ s }} = load_sums({{ "(" ~ point ~ "u * tiles + tile) * (padded_o / " ~ form.vt ~ "u) + channel" if form.nhwc else "(" ~ point ~ "u * size_o + channel) * padded_tiles + tile" }});
{% endfor %}
{% endfor %}
{{ winograd.store_results(form, form.vt) }}
}
