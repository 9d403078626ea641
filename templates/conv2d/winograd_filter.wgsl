{#- Winograd's convolution, the filters, once: u = G g Gᵀ for each pair of an output and an input channel.

    w: NCHW [o,c,3,3], NHWC [o,3,3,c]. filters: one matrix for each of points² points, where NCHW [o,c], where NHWC [c,o]; for
    the fused kernel [c,points²,o]. Rows along o are padded to whole vectors of 4, whose contents nobody uses.

    One filter per invocation, unrolled. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "winograd.wgsl" as winograd %}
{% set by_channels = form.nhwc or form.fused %}
{{ storage.header(buffers) }}
{{ grid.uniforms(form.uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "filters" else storage.input(buffer) }}

{% endfor %}
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
{{ winograd.sizes(form, ["size_c", "size_o", "padded_o"] if by_channels else ["size_c", "size_o"]) }}
  if ((group >= shape.workgroups) | (i >= size_o * size_c)) {
    return;
  }
{% if by_channels %}
  let o = i % size_o;
  let c = i / size_o;
{% else %}
  let c = i % size_c;
  let o = i / size_c;
{% endif %}
{% for y in range(3) %}
{% for x in range(3) %}
  let g_{{ y }}_{{ x }} = load_w({{ "(o * 9u + " ~ (3 * y + x) ~ "u) * size_c + c" if form.nhwc else "(o * size_c + c) * 9u + " ~ (3 * y + x) ~ "u" }});
{% endfor %}
{% endfor %}
{% for statement in form.of_taps %}
  {{ statement }}
{% endfor %}
{% for r in range(form.points) %}
{% for s in range(form.points) %}
{% set point = form.points * r + s %}
{% if form.fused %}
  store_filters((c * {{ form.points * form.points }}u + {{ point }}u) * padded_o + o, u_{{ r }}_{{ s }});
{% elif form.nhwc %}
  store_filters(({{ point }}u * size_c + c) * padded_o + o, u_{{ r }}_{{ s }});
{% else %}
  store_filters(({{ point }}u * size_o + o) * size_c + c, u_{{ r }}_{{ s }});
{% endif %}
{% endfor %}
{% endfor %}
}
