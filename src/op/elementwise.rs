//! Functions of single values: their one meaning, their error bounds, and how WGSL calls them.
//!
//! Epilogue steps and chain expressions both draw on [`FUNCTIONS`]; the WGSL of those that are no built-ins is in
//! `shaders/elementwise.wgsl`.

use crate::base::{Approx, ElementType};

/// An elementwise function, evaluated in f32 by kernels.
pub struct Function {
    /// Its name in workloads.
    pub name: &'static str,
    /// Its meaning, in a line.
    pub about: &'static str,
    /// What WGSL calls it: a built-in, or a function of `shaders/elementwise.wgsl`.
    pub wgsl: &'static str,
    /// The true value, with the error that an f32 implementation may have.
    pub value: Call,
}

/// How a function takes its arguments.
#[derive(Clone, Copy)]
pub enum Call {
    One(fn(Approx) -> Approx),
    Two(fn(Approx, Approx) -> Approx),
}

impl Function {
    /// The number of arguments.
    pub fn arity(&self) -> usize {
        match self.value {
            Call::One(_) => 1,
            Call::Two(_) => 2,
        }
    }

    /// The true value for as many arguments as [`Function::arity`] says.
    pub fn apply(&self, arguments: &[Approx]) -> Approx {
        match self.value {
            Call::One(value) => value(arguments[0]),
            Call::Two(value) => value(arguments[0], arguments[1]),
        }
    }
}

/// Unit roundoff of f32, in which kernels compute.
const U: f64 = 1.0 / 16_777_216.0;

/// Relative error of WGSL's `exp(x)`: 3 + 2·|x| ULP ("Accuracy of built-in functions").
fn exp_error(x: f64) -> f64 {
    2.0 * U * (3.0 + 2.0 * x.abs())
}

/// Relative error of 1/(1+exp(−x)): that of the exponential, of which only its share of the divisor counts.
fn logistic_error(x: f64) -> f64 {
    8.0 * U + exp_error(x.abs().min(80.0)) * logistic(-x)
}

/// Exponents are clamped at 80 so that nothing overflows: below −80 a sigmoid stays at exp(−80), half of this, instead
/// of falling on.
const CLAMPED: f64 = 4e-35;

/// Every function, in the order in which help lists them.
pub const FUNCTIONS: &[Function] = &[
    unary("relu", "max(x, 0)", "relu", |x| x.map(x.value.max(0.0), 1.0, 0.0, 0.0)),
    unary("gelu", "x·Φ(x), by erf", "gelu", |x| {
        let value = 0.5 * x.value * (1.0 + erf(x.value / std::f64::consts::SQRT_2));
        // 1.5e-7 of the erf formula and the rounding of its series and exponential, on half of |x|.
        x.map(value, 1.13, 8.0 * U, 1.5e-6 * x.value.abs() + TINY)
    }),
    unary("gelu_tanh", "x·Φ(x), by tanh", "gelu_tanh", |x| {
        let inner = 1.595_769_121_605_730_8 * (x.value + 0.044_715 * x.value.powi(3));
        // The rounding of the inner polynomial counts as the sigmoid's slope lets it.
        let relative = 8.0 * U + 6.0 * U * inner.abs() * logistic(-inner) + logistic_error(inner);
        x.map(x.value * logistic(inner), 1.13, relative, CLAMPED * x.value.abs() + TINY)
    }),
    unary("silu", "x·sigmoid(x)", "silu", |x| {
        x.map(x.value * logistic(x.value), 1.1, logistic_error(x.value), CLAMPED * x.value.abs() + TINY)
    }),
    unary("sigmoid", "1/(1+exp(-x))", "sigmoid", |x| {
        x.map(logistic(x.value), 0.25, logistic_error(x.value), CLAMPED + TINY)
    }),
    unary("tanh", "hyperbolic tangent", "hyperbolic_tangent", |x| x.map(x.value.tanh(), 1.0, 4.0 * U, 32.0 * U)),
    unary("exp", "e to the x", "exp", |x| {
        let value = x.value.exp();
        let slope = (x.value + x.bound).exp();
        x.map(value, slope, exp_error(x.value.abs() + x.bound), TINY)
    }),
    unary("log", "natural logarithm", "log", |x| {
        if x.value - x.bound <= 0.0 {
            return Approx::UNDEFINED;
        }
        x.map(x.value.ln(), 1.0 / (x.value - x.bound), 6.0 * U, 2f64.powi(-21))
    }),
    unary("sqrt", "square root", "sqrt", |x| {
        if x.value - x.bound < 0.0 {
            return Approx::UNDEFINED;
        }
        let value = x.value.sqrt();
        let slope = if x.bound == 0.0 { 0.0 } else { 0.5 / (x.value - x.bound).sqrt() };
        x.map(value, slope, 10.0 * U, TINY)
    }),
    unary("rsqrt", "1/sqrt(x)", "inverseSqrt", |x| {
        let least = x.value - x.bound;
        if least <= 0.0 {
            return Approx::UNDEFINED;
        }
        // 2 ULP is what WGSL allows.
        x.map(1.0 / x.value.sqrt(), 0.5 / (least * least.sqrt()), 4.0 * U, TINY)
    }),
    unary("abs", "magnitude", "abs", |x| x.map(x.value.abs(), 1.0, 0.0, 0.0)),
    binary("min", "the smaller", "min", |x, y| select(x, y, x.value <= y.value)),
    binary("max", "the larger", "max", |x, y| select(x, y, x.value >= y.value)),
];

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The names of all functions, for messages.
pub fn names() -> String {
    FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>().join(", ")
}

/// Below this f32 may flush to zero.
const TINY: f64 = f32::MIN_POSITIVE as f64;

/// A value after storing it in `element`: one rounding (either way, as WGSL allows) unless it fits as it is, perhaps
/// zero instead of a subnormal number, undefined beyond the range.
pub fn stored(value: Approx, element: ElementType) -> Approx {
    let largest = match element {
        ElementType::F32 => f64::from(f32::MAX),
        ElementType::F16 => 65_504.0,
        ElementType::I8 | ElementType::I32 | ElementType::U32 => return value,
    };
    let magnitude = value.value.abs();
    if !value.bound.is_finite() || magnitude + value.bound > largest {
        return Approx::UNDEFINED;
    }
    let may_be_flushed = magnitude - value.bound < element.underflow();
    if value.bound == 0.0 && element.quantise(value.value) == value.value && (magnitude == 0.0 || !may_be_flushed) {
        return value;
    }
    value.rounded(2.0 * element.roundoff(), if may_be_flushed { 2.0 * element.underflow() } else { 0.0 })
}

fn select(x: Approx, y: Approx, first: bool) -> Approx {
    Approx { value: if first { x.value } else { y.value }, bound: x.bound.max(y.bound) }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn erf(x: f64) -> f64 {
    statrs::function::erf::erf(x)
}

const fn unary(name: &'static str, about: &'static str, wgsl: &'static str, value: fn(Approx) -> Approx) -> Function {
    Function { name, about, wgsl, value: Call::One(value) }
}

const fn binary(
    name: &'static str,
    about: &'static str,
    wgsl: &'static str,
    value: fn(Approx, Approx) -> Approx,
) -> Function {
    Function { name, about, wgsl, value: Call::Two(value) }
}
