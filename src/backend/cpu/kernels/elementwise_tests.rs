//! Elementwise functions and epilogues against f64, at every vector width and odd lengths.

use half::f16;

use super::super::simd::Width;
use super::*;

/// Abramowitz and Stegun, 7.1.5 and 7.1.14: a series for small arguments, a continued fraction for large ones.
fn erf(x: f64) -> f64 {
    let t = x.abs();
    let value = if t < 3.0 {
        let (mut term, mut sum) = (t, t);
        for n in 1..200 {
            term *= -t * t / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else {
        let fraction = (1..60).rev().fold(t, |tail, n| t + f64::from(n) / 2.0 / tail);
        1.0 - (-t * t).exp() / fraction / std::f64::consts::PI.sqrt()
    };
    value.copysign(x)
}

fn truth(function: Function, x: f64) -> f64 {
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    match function {
        Function::Relu => x.max(0.0),
        Function::Gelu => 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2)),
        Function::GeluTanh => x * logistic(1.595_769_121_605_730_8 * (x + 0.044_715 * x.powi(3))),
        Function::Silu => x * logistic(x),
        Function::Sigmoid => logistic(x),
        Function::Tanh => x.tanh(),
        Function::Exp => x.exp(),
        Function::Log => x.ln(),
        Function::Sqrt => x.sqrt(),
        Function::Rsqrt => 1.0 / x.sqrt(),
        Function::Abs => x.abs(),
        Function::Min | Function::Max => unreachable!("of two arguments"),
    }
}

/// What an implementation may err by, a quarter and less of what `src/op/elementwise.rs` allows: relative and absolute.
fn bound(function: Function, x: f64) -> (f64, f64) {
    let u = f64::from(f32::EPSILON) / 2.0;
    match function {
        Function::Relu | Function::Abs => (0.0, 0.0),
        Function::Gelu => (2.0 * u, 3e-7 * x.abs() + 1e-38),
        Function::GeluTanh => (6.0 * u + 3.0 * u * x.abs().powi(3).min(80.0), 1e-36 * x.abs() + 1e-38),
        Function::Silu | Function::Sigmoid => (6.0 * u, 1e-36 * x.abs() + 1e-36),
        Function::Tanh => (2.0 * u, 4.0 * u),
        Function::Exp => (4.0 * u, 1.2e-38),
        Function::Log => (3.0 * u, 6e-8),
        _ => (3.0 * u, 0.0),
    }
}

fn arguments(function: Function) -> Vec<f32> {
    let steps = (0..4001).map(|step| (step as f32 - 2000.0) / 2000.0);
    match function {
        Function::Log | Function::Sqrt | Function::Rsqrt => steps.map(|step| (step * 80.0).exp()).collect(),
        Function::Exp => steps.map(|step| step * 88.7).collect(),
        _ => steps.flat_map(|step| [step * 90.0, step * 5.0, step * 1e-3]).collect(),
    }
}

#[test]
fn functions_keep_their_bounds() {
    for width in Width::available() {
        for (name, function) in
            FUNCTIONS.iter().filter(|(_, function)| !matches!(function, Function::Min | Function::Max))
        {
            let arguments = arguments(*function);
            let mut values = arguments.clone();
            finish(width, &[Post::Function(*function)], &mut values, Channels::From(0), 0);
            for (x, value) in arguments.iter().zip(&values) {
                let (x, value) = (f64::from(*x), f64::from(*value));
                let truth = truth(*function, x);
                let (relative, absolute) = bound(*function, x);
                let error = (value - truth).abs();
                assert!(
                    error <= relative * truth.abs() + absolute,
                    "{width:?} {name}({x}) = {value}, not {truth}: {:.1e}",
                    error / truth.abs()
                );
            }
        }
    }
}

#[test]
fn ends_are_right() {
    for width in Width::available() {
        let one = |function, x| {
            let mut values = [x];
            finish(width, &[Post::Function(function)], &mut values, Channels::From(0), 0);
            values[0]
        };
        assert_eq!(one(Function::Exp, 89.0), f32::INFINITY);
        assert_eq!(one(Function::Exp, f32::NEG_INFINITY), 0.0);
        assert!(one(Function::Exp, f32::NAN).is_nan());
        assert_eq!(one(Function::Log, 0.0), f32::NEG_INFINITY);
        assert_eq!(one(Function::Log, f32::INFINITY), f32::INFINITY);
        assert!(one(Function::Log, -1.0).is_nan());
        assert_eq!(one(Function::Tanh, 1e30), 1.0);
        assert_eq!(one(Function::Tanh, -1e30), -1.0);
        assert_eq!(one(Function::Gelu, 1e30), 1e30);
        assert_eq!(one(Function::Gelu, 0.0), 0.0);
        assert!(one(Function::Gelu, f32::NAN).is_nan());
        assert!(one(Function::Sigmoid, f32::NAN).is_nan() || cfg!(target_arch = "x86_64"));
    }
}

#[test]
fn steps_are_done_in_order_on_rows_of_any_length() {
    let bias: Vec<f32> = (0..100).map(|i| i as f32).collect();
    let residual: Vec<f32> = (0..1000).map(|i| (i % 7) as f32 * 0.5).collect();
    let half: Vec<f16> = residual.iter().map(|value| f16::from_f32(*value)).collect();
    for width in Width::available() {
        for (length, residual_data) in [(1, Data::F32(&residual)), (7, Data::F16(&half)), (90, Data::F16(&half))] {
            for channels in [Channels::One(3), Channels::From(2)] {
                let posts = [
                    Post::Bias(Data::F32(&bias)),
                    Post::Residual(residual_data),
                    Post::Scale(0.25),
                    Post::Cap(6.0),
                    Post::Function(Function::Abs),
                ];
                let mut row: Vec<f32> = (0..length).map(|i| i as f32 - 20.0).collect();
                finish(width, &posts, &mut row, channels, 11);
                for (i, value) in row.iter().enumerate() {
                    let bias = match channels {
                        Channels::One(channel) => channel,
                        Channels::From(first) => first + i,
                    } as f32;
                    let expected = ((i as f32 - 20.0 + bias + residual[11 + i]) * 0.25).clamp(0.0, 6.0);
                    assert_eq!(*value, expected, "{width:?} {channels:?} element {i} of {length}");
                }
            }
        }
    }
}
