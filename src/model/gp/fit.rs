//! Fits the shape of the kernel: the most probable one under the examples and weak beliefs about each part.

use super::kernel::Shape;
use super::likelihood::Pairs;

/// A belief about the logarithm of one part of the shape: normal, with this mean and standard deviation.
#[derive(Clone, Copy, Debug)]
pub struct Belief {
    pub mean: f64,
    pub spread: f64,
}

/// Steps of resilient propagation, as for the logarithms of a kernel's parameters (M. Blum and M. Riedmiller,
/// "Optimization of Gaussian Process Hyperparameters using Rprop", 2013): a step per coordinate that grows while the
/// gradient keeps its sign and shrinks where it does not. The best shape met is kept, so that it never gets worse.
pub fn climb(pairs: &Pairs, start: Shape, targets: &[f64], noise: &[f64], beliefs: &[Belief], steps: usize) -> Shape {
    let mut best = (f64::NEG_INFINITY, start.clone());
    let mut shape = start;
    let mut step = vec![FIRST_STEP; shape.logs.len()];
    let mut last = vec![0.0; shape.logs.len()];
    for _ in 0..steps {
        let Some((value, gradient)) = posterior(pairs, &shape, targets, noise, beliefs) else { break };
        let gain = value - best.0;
        if gain > 0.0 {
            best = (value, shape.clone());
        }
        for (i, slope) in gradient.into_iter().enumerate() {
            let agreement = slope * last[i];
            let factor = match agreement {
                a if a > 0.0 => GROWTH,
                a if a < 0.0 => SHRINKAGE,
                _ => 1.0,
            };
            step[i] = (step[i] * factor).clamp(LEAST_STEP, MOST_STEP);
            last[i] = if agreement < 0.0 { 0.0 } else { slope };
            if last[i] != 0.0 {
                shape.logs[i] = (shape.logs[i] + step[i] * last[i].signum()).clamp(LEAST_LOG, MOST_LOG);
            }
        }
    }
    best.1
}

const FIRST_STEP: f64 = 0.2;
const LEAST_STEP: f64 = 1e-3;
const MOST_STEP: f64 = 0.7;
const GROWTH: f64 = 1.2;
const SHRINKAGE: f64 = 0.5;
const LEAST_LOG: f64 = -14.0;
const MOST_LOG: f64 = 7.0;

/// The logarithm of likelihood times beliefs, and its gradient.
fn posterior(
    pairs: &Pairs,
    shape: &Shape,
    targets: &[f64],
    noise: &[f64],
    beliefs: &[Belief],
) -> Option<(f64, Vec<f64>)> {
    let (mut value, mut gradient) = pairs.log_likelihood(shape, targets, noise)?;
    for ((log, belief), slope) in shape.logs.iter().zip(beliefs).zip(&mut gradient) {
        let off = (log - belief.mean) / belief.spread;
        value -= 0.5 * off * off;
        *slope -= off / belief.spread;
    }
    value.is_finite().then_some((value, gradient))
}
