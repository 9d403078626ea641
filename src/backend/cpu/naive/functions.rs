//! Elementwise functions by their definitions, in f64, rounded once.

use std::f64::consts::SQRT_2;

/// A function of as many values as it is given.
pub(super) type Function = fn(&[f32]) -> f32;

/// The function of that name in workloads.
pub(super) fn find(name: &str) -> Result<Function, String> {
    let found = FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function);
    found.ok_or_else(|| format!("no routine knows the function `{name}`"))
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("relu", |v| v[0].max(0.0)),
    ("gelu", |v| one(v, |x| 0.5 * x * (1.0 + statrs::function::erf::erf(x / SQRT_2)))),
    ("gelu_tanh", |v| one(v, |x| x * logistic(1.595_769_121_605_730_8 * (x + 0.044_715 * x.powi(3))))),
    ("silu", |v| one(v, |x| x * logistic(x))),
    ("sigmoid", |v| one(v, logistic)),
    ("tanh", |v| one(v, f64::tanh)),
    ("exp", |v| one(v, f64::exp)),
    ("log", |v| one(v, f64::ln)),
    ("sqrt", |v| v[0].sqrt()),
    ("rsqrt", |v| one(v, |x| 1.0 / x.sqrt())),
    ("abs", |v| v[0].abs()),
    ("min", |v| v[0].min(v[1])),
    ("max", |v| v[0].max(v[1])),
];

fn one(values: &[f32], function: fn(f64) -> f64) -> f32 {
    function(f64::from(values[0])) as f32
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
