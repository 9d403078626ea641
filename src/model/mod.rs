//! Models of number vectors: fitted to examples, they predict with a spread. They know neither kernels nor GPUs.

mod boosted;
mod forest;
mod gp;
mod grow;
mod linear;
mod tree;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use boosted::{Boosted, BoostedSettings, Objective};
pub use forest::{Forest, ForestSettings};
pub use gp::{Field, Gp, GpSettings, GpShape};
pub use linear::{Linear, LinearSettings};

/// The name of each model and what it is, in a line. The contract tests are held against this list.
pub const MODELS: &[(&str, &str)] = &[gp::ABOUT, forest::ABOUT, boosted::ABOUT, linear::ABOUT];

/// What a model learns from: rows of numbers, each with a target and a weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examples {
    /// One row of numbers per example, all of one length.
    pub rows: Vec<Vec<f64>>,
    /// The target of each row.
    pub targets: Vec<f64>,
    /// How much each counts, 1 for all if empty.
    pub weights: Vec<f64>,
}

/// What a model expects at a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The expected target.
    pub mean: f64,
    /// The standard deviation of what would be observed there.
    pub spread: f64,
}

/// A model that can be fitted, asked, stored and loaded.
pub trait Model: Serialize + DeserializeOwned {
    /// What decides its shape, with the usual values as default.
    type Settings: Default;

    /// Fits the model. The same examples and seed give the same model.
    ///
    /// # Errors
    /// With one sentence when the examples make no sense: none at all, rows of different lengths, numbers that are not
    /// finite.
    fn fit(examples: &Examples, settings: &Self::Settings, seed: u64) -> Result<Self, FitError>;

    /// What it expects at a row as long as those it learnt from.
    fn predict(&self, row: &[f64]) -> Prediction;

    /// What it expects at each of many rows: the same as one by one, but faster where a model can.
    fn predict_all(&self, rows: &[Vec<f64>]) -> Vec<Prediction> {
        rows.iter().map(|row| self.predict(row)).collect()
    }
}

/// Why a model cannot be fitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum FitError {
    #[error("there are no examples to fit a model to")]
    Empty,
    #[error("{rows} rows have {targets} targets and {weights} weights; there must be one of each per row")]
    Uneven { rows: usize, targets: usize, weights: usize },
    #[error("row {row} has {numbers} numbers where the first has {first}")]
    Ragged { row: usize, numbers: usize, first: usize },
    #[error("the examples lie so that their covariance cannot be factorised; scale their numbers to about 0 to 1")]
    Singular,
    #[error("row {row} has a number, target or weight that is not finite")]
    NotFinite { row: usize },
    #[error("row {row} has a negative weight; a weight is 0 or more")]
    Negative { row: usize },
    #[error("all examples have weight 0; at least one must count")]
    Weightless,
}

impl Examples {
    /// Examples that all count the same.
    pub fn new(rows: Vec<Vec<f64>>, targets: Vec<f64>) -> Self {
        Self { rows, targets, weights: Vec::new() }
    }

    /// The weight of an example.
    pub fn weight(&self, index: usize) -> f64 {
        self.weights.get(index).copied().unwrap_or(1.0)
    }

    /// Refuses examples that no model can learn from.
    pub fn check(&self) -> Result<(), FitError> {
        let (rows, targets, weights) = (self.rows.len(), self.targets.len(), self.weights.len());
        let Some(first) = self.rows.first().map(Vec::len) else { return Err(FitError::Empty) };
        if targets != rows || (weights != rows && weights != 0) {
            return Err(FitError::Uneven { rows, targets, weights });
        }
        for (index, row) in self.rows.iter().enumerate() {
            if row.len() != first {
                return Err(FitError::Ragged { row: index, numbers: row.len(), first });
            }
            let numbers = row.iter().chain([&self.targets[index], &self.weight(index)]).copied().collect::<Vec<f64>>();
            if !numbers.iter().all(|number| number.is_finite()) {
                return Err(FitError::NotFinite { row: index });
            }
        }
        self.check_weights()
    }

    fn check_weights(&self) -> Result<(), FitError> {
        if let Some(row) = self.weights.iter().position(|&weight| weight < 0.0) {
            return Err(FitError::Negative { row });
        }
        let weightless = !self.weights.is_empty() && self.weights.iter().all(|&weight| weight == 0.0);
        if weightless { Err(FitError::Weightless) } else { Ok(()) }
    }

    /// The weights, scaled to a mean of 1.
    fn relative_weights(&self) -> Vec<f64> {
        let weights = || (0..self.rows.len()).map(|index| self.weight(index));
        let mean = weights().sum::<f64>() / self.rows.len() as f64;
        weights().map(|weight| weight / mean).collect()
    }

    /// Some of the examples.
    fn some(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut some = Self::default();
        for row in rows {
            some.rows.push(self.rows[row].clone());
            some.targets.push(self.targets[row]);
            some.weights.push(self.weight(row));
        }
        some
    }

    /// The weighted mean of the targets.
    fn mean_target(&self) -> f64 {
        let weights: f64 = (0..self.targets.len()).map(|index| self.weight(index)).sum();
        let sum: f64 = self.targets.iter().enumerate().map(|(index, target)| self.weight(index) * target).sum();
        sum / weights
    }
}
