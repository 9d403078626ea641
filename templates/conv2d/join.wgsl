{#- The second pass of a convolution whose sums were split: adds the parts of each output and applies the epilogue.

    Parts [split, ...], each laid out like y; `width` neighbours per invocation: channels in NHWC, pixels of one
    channel in NCHW.

    Assumes o (NHWC) or oh*ow (NCHW) divisible by width. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(width) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let index = group * 64u + local.x;
  let outputs = shape.n * shape.o * shape.oh * shape.ow / {{ width }}u;
  if ((group >= shape.workgroups) | (index >= outputs)) {
    return;
  }
{% if nhwc %}
  let channel = index % (shape.o / {{ width }}u);
{% else %}
  let channel = index / (shape.oh * shape.ow / {{ width }}u) % shape.o;
{% endif %}
  var v = load_sums(index);
{% for s in range(1, split) %}
  v += load_sums(index + {{ s }}u * outputs);
{% endfor %}
{% for statement in epilogue %}
  {{ statement }}
{% endfor %}
  store_y(index, v);
}
