{#- The naive transposed convolution: one output per invocation. What tuned kernels are measured against. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{# The output channel within its group. #}
{% set own = "channel % channels_out" if parts > 1 else "channel" %}
{{ storage.header(buffers) }}
alias Value = f32;

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "y" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
@compute @workgroup_size({{ wx }}, {{ wy }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let tiles_x = (shape.ow + {{ wx - 1 }}u) / {{ wx }}u;
  let tiles_y = (shape.oh + {{ wy - 1 }}u) / {{ wy }}u;
  let out_x = group % tiles_x * {{ wx }}u + local.x;
  let out_y = group / tiles_x % tiles_y * {{ wy }}u + local.y;
  let channel = group / (tiles_x * tiles_y) % shape.o;
  let image = group / (tiles_x * tiles_y * shape.o);
  if ((group >= shape.workgroups) | (out_x >= shape.ow) | (out_y >= shape.oh)) {
    return;
  }
  let channels_in = shape.c / {{ parts }}u;
  let channels_out = shape.o / {{ parts }}u;
{% if parts > 1 %}
  let first_channel = channel / channels_out * channels_in;
{% endif %}
  var sum = 0.0;
  for (var fh = 0u; fh < {{ filter_h }}u; fh += 1u) {
    for (var fw = 0u; fw < {{ filter_w }}u; fw += 1u) {
      // Where this place of the filter lies on a pixel, it is `stride` times the pixel's position. Below zero it wraps.
      let at_y = out_y + {{ padding_h }}u - fh * {{ dilation_h }}u;
      let at_x = out_x + {{ padding_w }}u - fw * {{ dilation_w }}u;
      let is_row = (at_y < shape.h * {{ stride_h }}u) & (at_y % {{ stride_h }}u == 0u);
      let is_column = (at_x < shape.w * {{ stride_w }}u) & (at_x % {{ stride_w }}u == 0u);
      if (is_row & is_column) {
        let in_y = at_y / {{ stride_h }}u;
        let in_x = at_x / {{ stride_w }}u;
        for (var c = 0u; c < channels_in; c += 1u) {
          let source = {{ "first_channel + c" if parts > 1 else "c" }};
          let pixel = load_x({{ "((image * shape.h + in_y) * shape.w + in_x) * shape.c + source" if nhwc else "((image * shape.c + source) * shape.h + in_y) * shape.w + in_x" }});
          sum += pixel * load_w({{ "((source * " ~ filter_h ~ "u + fh) * " ~ filter_w ~ "u + fw) * channels_out + " ~ own if nhwc else "((source * channels_out + " ~ own ~ ") * " ~ filter_h ~ "u + fh) * " ~ filter_w ~ "u + fw" }});
        }
      }
    }
  }
  let index = {{ "((image * shape.oh + out_y) * shape.ow + out_x) * shape.o + channel" if nhwc else "((image * shape.o + channel) * shape.oh + out_y) * shape.ow + out_x" }};
{% if epilogue %}
  var v = sum;
{% for statement in epilogue %}
  {{ statement }}
{% endfor %}
{% endif %}
  store_y(index, {{ "v" if epilogue else "sum" }});
}
