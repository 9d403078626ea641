{#- The naive matmul: one output per invocation, one multiply-add per step, nothing shared.

    C[b,m,n] = epilogue(sum over k of A[b,m,k] * B[b,k,n]); A is [k,m] and B [n,k] where transposed.
    What tuned kernels are measured against. -#}
{% import "grid.wgsl" as grid %}
{% import "storage.wgsl" as storage %}
{% import "elementwise.wgsl" as elementwise %}
{{ storage.header(buffers) }}
alias Value = f32;

{{ grid.uniforms(uniforms) }}

{% for buffer in buffers %}
{{ storage.output(buffer) if buffer.name == "c" else storage.input(buffer) }}

{% endfor %}
{{ elementwise.definitions(functions) }}
@compute @workgroup_size({{ wx }}, {{ wy }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let tiles_n = (shape.n + {{ wx - 1 }}u) / {{ wx }}u;
  let tiles_m = (shape.m + {{ wy - 1 }}u) / {{ wy }}u;
  let column = group % tiles_n * {{ wx }}u + local.x;
  let row = group / tiles_n % tiles_m * {{ wy }}u + local.y;
  let batch = group / (tiles_n * tiles_m);
  if ((group >= shape.workgroups) | (row >= shape.m) | (column >= shape.n)) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < shape.k; k += 1u) {
    let a_index = {{ "(batch * shape.k + k) * shape.m + row" if a_transposed else "(batch * shape.m + row) * shape.k + k" }};
    let b_index = {{ "(batch * shape.n + column) * shape.k + k" if b_transposed else "(batch * shape.k + k) * shape.n + column" }};
    sum += load_a(a_index) * load_b(b_index);
  }
  let index = (batch * shape.m + row) * shape.n + column;
{% if epilogue %}
  var v = sum;
{% for statement in epilogue %}
  {{ statement }}
{% endfor %}
{% endif %}
  store_c(index, {{ "v" if epilogue else "sum" }});
}
