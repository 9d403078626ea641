{#- Functions of one value, over `Value` (a scalar or a vector of f32): only those in `functions` are emitted.

    Meanings are fixed in src/op/elementwise.rs, beside the reference and its error bounds. Exponents are clamped so
    that nothing overflows where the true result does not. -#}
{% macro definitions(functions) -%}
{% if "relu" in functions %}
fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

{% endif %}
{% if "sigmoid" in functions or "silu" in functions or "gelu_tanh" in functions or "tanh" in functions %}
fn sigmoid(v: Value) -> Value {
  return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));
}

{% endif %}
{% if "silu" in functions %}
fn silu(v: Value) -> Value {
  return v * sigmoid(v);
}

{% endif %}
{% if "gelu_tanh" in functions %}
fn gelu_tanh(v: Value) -> Value {
  return v * sigmoid(1.5957691216057308 * (v + 0.044715 * v * v * v));
}

{% endif %}
{% if "tanh" in functions %}
fn hyperbolic_tangent(v: Value) -> Value {
  return 2.0 * sigmoid(2.0 * v) - 1.0;
}

{% endif %}
{% if "gelu" in functions %}
// erf by Abramowitz and Stegun, 7.1.26: absolute error below 1.5e-7.
fn gelu(v: Value) -> Value {
  let x = abs(v) * 0.7071067811865476;
  let t = Value(1.0) / (1.0 + 0.3275911 * x);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf = 1.0 - series * exp(max(-x * x, Value(-80.0)));
  return 0.5 * (v + abs(v) * erf);
}

{% endif %}
{%- endmacro %}
