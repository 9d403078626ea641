//! Gaussian processes with a kernel that treats each parameter as a number and as a category.

mod field;
mod fit;
mod kernel;
mod likelihood;
#[cfg(test)]
mod tests;

use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

use super::{Examples, FitError, Model, Prediction};
pub use field::Field;
use fit::{Belief, climb};
use kernel::{Shape, covariance};
use likelihood::{JITTER, Pairs};

pub(super) const ABOUT: (&str, &str) = ("gp", "Gaussian process, for targets at few and costly examples");

/// What decides how a Gaussian process is fitted.
#[derive(Clone, Debug, Default)]
pub struct GpSettings {
    /// How many of the last columns are categories: equal or different, and nothing in between.
    pub categories: usize,
    /// Where to begin: the shape of an earlier fit to fewer examples of the same columns.
    pub start: Option<GpShape>,
    /// Steps of the optimiser of the likelihood; 0 keeps the start as it is, and none given means enough from scratch.
    pub steps: Option<usize>,
    /// For each number, the natural logarithm of the inverse length scale to be expected; 0 for all if empty.
    pub expected: Vec<f64>,
}

/// The fitted shape of a kernel: length scales, weights, variances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GpShape(Shape);

/// A fitted Gaussian process. Numbers should be scaled to about 0…1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gp {
    shape: Shape,
    rows: Vec<Vec<f64>>,
    /// The mean and standard deviation of the targets, which are standardised.
    centre: f64,
    scale: f64,
    /// The factor of the covariance of the rows, row by row, lower half.
    factor: Vec<Vec<f64>>,
    /// The factor's inverse times the standardised targets.
    whitened: Vec<f64>,
}

/// With as much on the diagonal as this, many times the signal, every covariance can be factorised that has finite
/// numbers.
const MOST_EXTRA: f64 = 1e6;

/// Optimiser steps for a fit from scratch.
const FULL_STEPS: usize = 60;

impl Model for Gp {
    type Settings = GpSettings;

    /// Weights divide the variance of the noise. The seed is not used: nothing is drawn.
    fn fit(examples: &Examples, settings: &GpSettings, _seed: u64) -> Result<Self, FitError> {
        examples.check()?;
        let columns = examples.rows[0].len();
        let numbers = columns.saturating_sub(settings.categories);
        let (centre, scale) = centre_and_scale(&examples.targets);
        if !(centre.is_finite() && scale.is_finite()) {
            return Err(FitError::Singular);
        }
        let targets: Vec<f64> = examples.targets.iter().map(|target| (target - centre) / scale).collect();
        let noise: Vec<f64> = examples.relative_weights().iter().map(|weight| 1.0 / weight.max(1e-6)).collect();
        let beliefs = beliefs(numbers, columns - numbers, &settings.expected);
        let start = settings.start.as_ref().filter(|start| start.0.logs.len() == beliefs.len()).map(|s| s.0.clone());
        let start = start.unwrap_or_else(|| Shape {
            numbers,
            categories: columns - numbers,
            logs: beliefs.iter().map(|belief| belief.mean).collect(),
        });
        let steps = settings.steps.unwrap_or(FULL_STEPS);
        let shape = match steps {
            0 => start,
            _ => climb(&Pairs::new(&examples.rows, numbers), start, &targets, &noise, &beliefs, steps),
        };
        Self::with_shape(shape, &examples.rows, &targets, &noise, centre, scale)
    }

    fn predict(&self, row: &[f64]) -> Prediction {
        let function = self.predict_function(row);
        let noise = self.scale * self.scale * self.shape.variances()[2];
        Prediction { spread: (function.spread.powi(2) + noise).sqrt(), ..function }
    }
}

impl Gp {
    /// What it expects of the function itself at a row: the spread is without the noise of an observation.
    pub fn predict_function(&self, row: &[f64]) -> Prediction {
        let covariances: Vec<f64> = self.rows.iter().map(|other| self.covariance(row, other)).collect();
        let whitened = self.whiten(&covariances);
        let mean: f64 = whitened.iter().zip(&self.whitened).map(|(a, b)| a * b).sum();
        let explained: f64 = whitened.iter().map(|a| a * a).sum();
        let variance = (self.shape.signal() - explained).max(0.0);
        Prediction { mean: self.centre + self.scale * mean, spread: self.scale * variance.sqrt() }
    }

    /// The shape, to begin the next fit with.
    pub fn shape(&self) -> GpShape {
        GpShape(self.shape.clone())
    }

    /// The number of examples it knows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it knows no example.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes in one more example, with the shape left as it is: O(n²).
    pub fn update(&mut self, row: Vec<f64>, target: f64) {
        let covariances: Vec<f64> = self.rows.iter().map(|other| self.covariance(&row, other)).collect();
        let mut whitened = self.whiten(&covariances);
        let explained: f64 = whitened.iter().map(|a| a * a).sum();
        let own = self.shape.signal() + self.shape.variances()[2] + JITTER;
        let rest = (own - explained).max(JITTER).sqrt();
        let known: f64 = whitened.iter().zip(&self.whitened).map(|(a, b)| a * b).sum();
        self.whitened.push(((target - self.centre) / self.scale - known) / rest);
        whitened.push(rest);
        self.factor.push(whitened);
        self.rows.push(row);
    }

    /// Forgets the example that was taken in last.
    pub fn forget_last(&mut self) {
        self.rows.pop();
        self.factor.pop();
        self.whitened.pop();
    }

    fn with_shape(
        shape: Shape,
        rows: &[Vec<f64>],
        targets: &[f64],
        noise: &[f64],
        centre: f64,
        scale: f64,
    ) -> Result<Self, FitError> {
        let mut gp = Self { shape, rows: rows.to_vec(), centre, scale, factor: Vec::new(), whitened: Vec::new() };
        let mut extra = JITTER;
        let factor = loop {
            match gp.covariances(noise, extra).llt(Side::Lower) {
                Ok(factor) => break factor,
                Err(_) if extra < MOST_EXTRA => extra *= 10.0,
                Err(_) => return Err(FitError::Singular),
            }
        };
        let lower = factor.L();
        gp.factor = (0..rows.len()).map(|i| (0..=i).map(|j| lower[(i, j)]).collect()).collect();
        let whitened = gp.whiten(targets);
        gp.whitened = whitened;
        Ok(gp)
    }

    fn covariances(&self, noise: &[f64], extra: f64) -> Mat<f64> {
        let noise_variance = self.shape.variances()[2];
        Mat::from_fn(self.rows.len(), self.rows.len(), |i, j| {
            let own = if i == j { noise_variance * noise[i] + extra } else { 0.0 };
            self.covariance(&self.rows[i], &self.rows[j]) + own
        })
    }

    fn covariance(&self, a: &[f64], b: &[f64]) -> f64 {
        let [smooth, rough, _] = self.shape.variances();
        let numbers = self.shape.numbers;
        let lengths = self.shape.inverse_lengths();
        let scaled = lengths.iter().zip(a.iter().zip(b)).map(|(length, (a, b))| length * (a - b));
        let squared: f64 = scaled.map(|difference| difference * difference).sum();
        let weights = self.shape.weights();
        let differing = weights.iter().zip(a[numbers..].iter().zip(&b[numbers..])).filter(|(_, (a, b))| a != b);
        let differing: f64 = differing.map(|(weight, _)| weight).sum();
        (-differing).exp() * covariance(smooth, rough, squared)
    }

    /// Solves with the factor, as far as it goes.
    fn whiten(&self, values: &[f64]) -> Vec<f64> {
        let mut whitened: Vec<f64> = Vec::with_capacity(values.len());
        for (row, value) in self.factor.iter().zip(values) {
            let known: f64 = row.iter().zip(&whitened).map(|(a, b)| a * b).sum();
            whitened.push((value - known) / row[row.len() - 1]);
        }
        whitened
    }
}

/// What is believed of each part of the shape before any example: smooth functions in which few numbers matter much.
fn beliefs(numbers: usize, categories: usize, expected: &[f64]) -> Vec<Belief> {
    let number = |i: usize| Belief { mean: expected.get(i).copied().unwrap_or(0.0), spread: 1.0 };
    let belief = |mean: f64, spread| Belief { mean, spread };
    let weights = (0..categories).map(|_| belief(-1.5, 1.0));
    let variances = [belief(0.0, 1.0), belief(-1.0, 1.5), belief(-6.0, 1.5)];
    (0..numbers).map(number).chain(weights).chain(variances).collect()
}

fn centre_and_scale(targets: &[f64]) -> (f64, f64) {
    let count = targets.len() as f64;
    let centre = targets.iter().sum::<f64>() / count;
    let variance = targets.iter().map(|target| (target - centre).powi(2)).sum::<f64>() / count;
    (centre, if variance > 1e-18 { variance.sqrt() } else { 1.0 })
}
