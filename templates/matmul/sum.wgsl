{#- Finishes a matmul that was split along k: adds its partial sums, or takes those that C holds, and applies its epilogue.

    C[b,m,n] = epilogue(sum over s of partial[s,b,m,n]), or epilogue(C[b,m,n]). Each invocation makes `each` vectors of
    vec_c neighbouring outputs, as far apart as the workgroup is wide, so that neighbours read neighbours.

    Parameters
      split    partial sums of each output, added in their order; 0 where C holds the sum
      unroll   of them in the body of the loop; divides split
      packed   f16 as halves of 32-bit words

    Assumes n divisible by vec_c. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(buffers) }}
alias Value = {{ storage.value_type(vec_c) }};

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
fn finish(index: u32, count: u32) {
  if (index < count) {
{% if split == 0 %}
    var v = c[index];
{% else %}
    var v = Value(0.0);
    for (var part = 0u; part < {{ split }}u; part += {{ unroll }}u) {
{% for s in range(unroll) %}
      let part_{{ s }} = load_partial((part + {{ s }}u) * count + index);
{% endfor %}
{% for s in range(unroll) %}
      v += part_{{ s }};
{% endfor %}
    }
{% endif %}
{% if reads_bias %}
    let column = index % (shape.n / {{ vec_c }}u);
{% endif %}
{% for statement in epilogue %}
    {{ statement }}
{% endfor %}
    store_c(index, v);
  }
}

@compute @workgroup_size({{ threads }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let count = shape.b * shape.m * (shape.n / {{ vec_c }}u);
  let first = group * {{ threads * each }}u + local;
{% for i in range(each) %}
  finish(first + {{ i * threads }}u, count);
{% endfor %}
}
