{#- The most multiply-adds that a device can do: chains that touch no memory on their way.

    start[64]       where lanes of chains begin
    factor[64]      what each step multiplies by
    addend[64]      what each step adds
    result[invocations]

        chain c of invocation i, four lanes:  v = start[(4i + lane) % 64] + c
                                              steps times: v = v * factor[i % 64] + addend[i % 64]
        result[i] = sum of all lanes of all its chains

    Parameters
      element    f32, f16 or i32
      workgroup  invocations of a workgroup
      chains     vec4s that do not wait for each other
      steps      multiply-adds of each chain; a multiple of 16

    Factors and addends come from memory, so that no compiler knows them. Assumes that every value on the way is a whole
    number that the type holds exactly: then rounding, fused or not, changes nothing, and a step left out shows. -#}
{% import "grid.wgsl" as grid %}
{% set vector = "vec4<" ~ element ~ ">" %}
{% macro step(c) %}
{{ "chain_" ~ c ~ " * factors + addends" if element == "i32" else "fma(chain_" ~ c ~ ", factors, addends)" }}
{%- endmacro %}
{% if element == "f16" %}
enable f16;

{% endif %}
{{ grid.uniforms([]) }}

@group(0) @binding(1) var<storage, read> start: array<{{ element }}>;
@group(0) @binding(2) var<storage, read> factor: array<{{ element }}>;
@group(0) @binding(3) var<storage, read> addend: array<{{ element }}>;
@group(0) @binding(4) var<storage, read_write> result: array<{{ element }}>;

@compute @workgroup_size({{ workgroup }})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let i = group * {{ workgroup }}u + local.x;
  let lanes = 4u * i;
  let first = lanes & 63u;
  let begin = {{ vector }}(start[first], start[first + 1u], start[first + 2u], start[first + 3u]);
  let factors = {{ vector }}(factor[i & 63u]);
  let addends = {{ vector }}(addend[i & 63u]);
{% for c in range(chains) %}
  var chain_{{ c }} = begin + {{ vector }}({{ element }}({{ c }}));
{% endfor %}
  for (var step = 0u; step < {{ steps // 16 }}u; step += 1u) {
{% for unrolled in range(16) %}
{% for c in range(chains) %}
    chain_{{ c }} = {{ step(c) }};
{% endfor %}
{% endfor %}
  }
{% for c in range(1, chains) %}
  chain_0 += chain_{{ c }};
{% endfor %}
  result[i] = chain_0.x + chain_0.y + chain_0.z + chain_0.w;
}
