{#- Lays convolution weights out anew, once: [o, c/g, kh, kw] or [o, kh, kw, c/g] becomes [g, c/g*kh*kw, o/g],
    or with `filter_outer` [g, kh*kw*c/g, o/g].

    One element per invocation; `f` counts filter positions row by row. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{{ storage.header(buffers) }}
{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "packed" else storage.input(buffer) }}

{% endfor %}
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let channels_in = shape.c / {{ parts }}u;
  let channels_out = shape.o / {{ parts }}u;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * {{ filter }}u)) {
    return;
  }
  let o = i % channels_out;
{% if filter_outer %}
  let c = i / channels_out % channels_in;
  let f = i / (channels_out * channels_in) % {{ filter }}u;
{% else %}
  let f = i / channels_out % {{ filter }}u;
  let c = i / (channels_out * {{ filter }}u) % channels_in;
{% endif %}
{% if parts > 1 %}
  let part = i / (channels_out * {{ filter }}u * channels_in);
{% endif %}
  let channel = {{ "part * channels_out + " if parts > 1 }}o;
  store_packed(i, load_w({{ "(channel * " ~ filter ~ "u + f) * channels_in + c" if nhwc else "(channel * channels_in + c) * " ~ filter ~ "u + f" }}));
}
