{#- A fused elementwise chain: each invocation computes `items` vectors of `width` elements.

    Elements lie flat, the last axis contiguous; `i` counts vectors. Inputs that lack an axis are broadcast along it.

        workgroup:  | wx vectors | wx vectors | ...  items of them, dealt in turn (interleaved)
                    | items | items | ...            or a run for each invocation (not interleaved)

    Parameters
      wx           invocations per workgroup
      width        elements per load and store
      items        vectors per invocation
      interleaved  neighbours in the workgroup take neighbouring vectors
      unroll       vectors whose loads are all issued before the first is computed
      baked        sizes as constants in the text instead of uniforms
      packed       f16 as halves of 32-bit words

    Assumes the innermost extent divisible by width. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(text.buffers) }}
alias Value = {{ storage.value_type(width) }};

{{ grid.uniforms(text.uniforms) }}

{% for buffer in text.buffers %}
{{ storage.input(buffer) if buffer.name[:3] == "in_" else storage.output(buffer) }}

{% endfor %}
{{ elementwise.definitions(text.functions) }}
struct Inputs {
{% for name, load in text.inputs %}
  v_{{ name }}: Value,
{% endfor %}
}

fn gather(i: u32) -> Inputs {
{% for statement in text.coordinates %}
  {{ statement }}
{% endfor %}
  return Inputs(
{% for name, load in text.inputs %}
    {{ load }},
{% endfor %}
  );
}

fn finish(i: u32, inputs: Inputs) {
{% for name, value in text.values %}
  let {{ name }} = {{ value }};
{% endfor %}
{% for name in text.outputs %}
  store_out_{{ name }}(i, v_{{ name }});
{% endfor %}
}

@compute @workgroup_size({{ wx }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
{% if guard %}
  let vectors = {{ text.vectors }};
{% endif %}
  let start = group * {{ wx * items }}u + {{ "local.x" if interleaved else "local.x * " ~ items ~ "u" }};
{% if items > unroll %}
  for (var item = 0u; item < {{ items }}u; item += {{ unroll }}u) {
{% endif %}
{% for s in range(unroll) %}
    let i_{{ s }} = start + ({{ "item" if items > unroll else "0u" }} + {{ s }}u){{ " * " ~ wx ~ "u" if interleaved }};
    let inputs_{{ s }} = gather({{ "min(i_" ~ s ~ ", vectors - 1u)" if guard else "i_" ~ s }});
{% endfor %}
{% for s in range(unroll) %}
{% if guard %}
    if (i_{{ s }} < vectors) {
      finish(i_{{ s }}, inputs_{{ s }});
    }
{% else %}
    finish(i_{{ s }}, inputs_{{ s }});
{% endif %}
{% endfor %}
{% if items > unroll %}
  }
{% endif %}
}
