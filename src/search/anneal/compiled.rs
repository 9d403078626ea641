//! A second model, which also knows what compiling shows: of more configs than are measured it chooses those that are.
//!
//! J. Cha et al., "ML²Tuner: Efficient Code Tuning via Multi-Level Machine Learning Models", 2024: a first model proposes by
//! parameters alone, what does not compile is left out, and a model that is given what the compiler shows decides.

use std::sync::Arc;

use super::scorer::Results;
use crate::model::BoostedSettings;
use crate::record::Insight;
use crate::search::Trial;
use crate::space::Config;

/// What was measured, with what compiling showed of it.
pub(super) struct Compiled {
    insight: Arc<dyn Insight>,
    /// How many configs are compiled for each one that is measured.
    factor: usize,
    results: Results,
}

/// What is to be measured, and what does not compile.
pub(super) struct Chosen {
    /// Best first.
    pub fastest: Vec<Config>,
    pub refused: Vec<Config>,
}

impl Compiled {
    pub fn new(insight: Arc<dyn Insight>, factor: usize) -> Self {
        Self { insight, factor, results: Results::default() }
    }

    /// How many configs to compile where so many are to be measured.
    pub fn wanted(&self, measured: usize) -> usize {
        measured.saturating_mul(self.factor)
    }

    pub fn compiles(&self, config: &Config) -> bool {
        self.insight.seen(config).is_some()
    }

    /// Learns from a trial whose config compiles; `row` is what the first model knows of it.
    pub fn tell(&mut self, trial: &Trial, row: &[f64]) {
        if let Some(seen) = self.insight.seen(&trial.config) {
            self.results.push([row, &seen].concat(), trial);
        }
    }

    /// The most promising so many of these configs, which come with the rows of the first model, best first; in that order
    /// while nothing is known.
    pub fn choose(
        &self,
        offered: Vec<(Config, Vec<f64>)>,
        measured: usize,
        settings: &BoostedSettings,
        seed: u64,
    ) -> Chosen {
        let (mut rows, mut compiled, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (config, row) in offered {
            match self.insight.seen(&config) {
                Some(seen) => {
                    rows.push([row, seen].concat());
                    compiled.push(config);
                }
                None => refused.push(config),
            }
        }
        let model = self.results.fit(0.0, None, settings, seed);
        let scores = model.map_or_else(|| vec![0.0; rows.len()], |model| model.scores(&rows));
        let mut ranked: Vec<(f64, Config)> = scores.into_iter().zip(compiled).collect();
        ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Chosen { fastest: ranked.into_iter().take(measured).map(|(_, config)| config).collect(), refused }
    }
}
