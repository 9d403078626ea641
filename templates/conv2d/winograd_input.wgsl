{#- Winograd's convolution, the first of three kernels: v = Bᵀ d B for each tile and input channel.

    x: NCHW [n,c,h,w], NHWC [n,h,w,c]. pixels: one matrix for each of points² points, where NCHW [c,tiles], its rows padded to
    whole vectors of 4, whose contents nobody uses; where NHWC [tiles,c].

    One tile per invocation, unrolled: neighbours take neighbouring tiles (NCHW) or vectors of channels (NHWC).

    Parameters
      wt                invocations of a workgroup
      vt                channels per vector (NHWC)
      baked             sizes as constants in the text instead of uniforms (padding always is)
      packed            f16 as halves of 32-bit words

    Assumes c divisible by vt. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "winograd.wgsl" as winograd %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(form.vt) }};

{{ grid.uniforms(form.uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "pixels" else storage.input(buffer) }}

{% endfor %}
{{ winograd.pixel_function(form, "Value", form.vt) }}

@compute @workgroup_size({{ form.wt }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * {{ form.wt }}u + local.x;
{{ winograd.sizes(form, ["size_c", "tiles_x", "tiles_y", "tiles"] if form.nhwc else ["size_c", "tiles_x", "tiles_y", "tiles", "padded_tiles"]) }}
  let channel_vectors = size_c / {{ form.vt }}u;
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
{{ winograd.transformed_tile(form, "channel") }}
{% for r in range(form.points) %}
{% for s in range(form.points) %}
{% set point = form.points * r + s %}
{% if form.nhwc %}
  store_pixels({{ point }}u * tiles * channel_vectors + i, v_{{ r }}_{{ s }});
{% else %}
  store_pixels(({{ point }}u * size_c + channel) * padded_tiles + tile, v_{{ r }}_{{ s }});
{% endif %}
{% endfor %}
{% endfor %}
}
