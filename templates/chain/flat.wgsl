{#- A fused elementwise chain: each invocation computes `items` vectors of `width` elements.

    Elements lie flat, the last axis contiguous; `i` counts vectors. Inputs that lack an axis are broadcast along it.
    Neighbouring axes that every input has, or lacks, together are one: what is nowhere broadcast is one long row.

        workgroup:  | wx vectors | wx vectors | ...  items of them, dealt in turn (interleaved)
                    | items | items | ...            or a run for each invocation (not interleaved)

    Parameters
      wx           invocations per workgroup
      width        elements per load and store; 8 of f16 are two vectors of four
      items        vectors per invocation, or per invocation and block where workgroups stride
      interleaved  neighbours in the workgroup take neighbouring vectors
      unroll       vectors whose loads are all issued before the first is computed
      striding     so many workgroups stride through all blocks of wx*items vectors; 0: each workgroup has one block
      baked        sizes as constants in the text instead of uniforms
      packed       f16 as halves of 32-bit words

    Assumes the innermost extent divisible by width. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(text.buffers) }}
alias Value = {{ storage.value_type([width, 4]|min) }};

{{ grid.uniforms(text.uniforms) }}

{% for buffer in text.buffers %}
{{ storage.input(buffer) if buffer.name[:3] == "in_" else storage.output(buffer) }}

{% endfor %}
{{ elementwise.definitions(text.functions) }}
struct Inputs {
{% for input in text.inputs %}
  v_{{ input.name }}: Value,
{% endfor %}
}

{% if width == 8 %}
struct Pair {
  first: Inputs,
  second: Inputs,
}

struct Outputs {
{% for name in text.outputs %}
  v_{{ name }}: Value,
{% endfor %}
}

fn gather(i: u32) -> Pair {
{% for statement in text.coordinates %}
  {{ statement }}
{% endfor %}
{% for input in text.inputs %}
  let v_{{ input.name }} = {{ input.load }};
{% endfor %}
  return Pair(
{% for half in range(2) %}
    Inputs(
{% for input in text.inputs %}
      {{ "Value(v_" ~ input.name ~ ")" if input.is_one else "v_" ~ input.name ~ "[" ~ half ~ "]" }},
{% endfor %}
    ),
{% endfor %}
  );
}

fn compute(inputs: Inputs) -> Outputs {
{% for name, value in text.values %}
  let {{ name }} = {{ value }};
{% endfor %}
  return Outputs({% for name in text.outputs %}v_{{ name }}{{ ", " if not loop.last }}{% endfor %});
}

fn finish(i: u32, inputs: Pair) {
  let first = compute(inputs.first);
  let second = compute(inputs.second);
{% for name in text.outputs %}
  store_out_{{ name }}(i, mat2x4<f32>(first.v_{{ name }}, second.v_{{ name }}));
{% endfor %}
}
{% else %}
fn gather(i: u32) -> Inputs {
{% for statement in text.coordinates %}
  {{ statement }}
{% endfor %}
  return Inputs(
{% for input in text.inputs %}
    {{ "Value(" ~ input.load ~ ")" if input.is_one else input.load }},
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
{% endif %}

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
{% if guard or striding %}
  let vectors = {{ text.vectors }};
{% endif %}
{% if striding %}
  let blocks = (vectors + {{ wx * items - 1 }}u) / {{ wx * items }}u;
  for (var block = group; block < blocks; block += {{ striding }}u) {
{% endif %}
  let start = {{ "block" if striding else "group" }} * {{ wx * items }}u + {{ "local.x" if interleaved else "local.x * " ~ items ~ "u" }};
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
{% if striding %}
  }
{% endif %}
}
