//! What is known of validity beside what a model says of speed.

use std::collections::HashMap;

use crate::search::Judged;
use crate::space::Config;

/// What a config known to be valid gains. Scores of the model differ by some units (D. Rieber et al., "HW-Aware
/// Initialization of DNN Auto-Tuning to Improve Exploration Time and Robustness", 2022).
const VALID: f64 = 1.0;

/// What a config known to be invalid loses: no chain goes there.
const INVALID: f64 = -1e6;

/// What is added to scores.
pub(super) struct Bias(HashMap<Config, f64>);

impl Bias {
    pub fn new(judged: &Judged) -> Self {
        let valid = judged.valid.iter().map(|config| (config.clone(), VALID));
        let invalid = judged.invalid.iter().map(|trial| (trial.config.clone(), INVALID));
        Self(valid.chain(invalid).collect())
    }

    pub fn applied(&self, configs: &[Config], mut scores: Vec<f64>) -> Vec<f64> {
        let bias = |config| self.0.get(config).copied().unwrap_or(0.0);
        scores.iter_mut().zip(configs).for_each(|(score, config)| *score += bias(config));
        scores
    }
}
