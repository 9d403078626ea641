//! What the search believes: how long each config takes, and whether it runs at all.

use std::sync::Arc;

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::encode::Encoder;
use super::guess::Guess;
use super::pool::Pool;
use super::results::Results;
use super::surrogate::{Surrogate, Thinning};
use crate::base::Random;
use crate::model::{GpSettings, Prediction};
use crate::search::{Choice, Task};
use crate::space::{Config, Space};

/// The pool of configs with everything that is believed of them.
pub struct Models {
    space: Arc<Space>,
    encoder: Encoder,
    settings: GpSettings,
    pub pool: Pool,
    guess: Option<Guess>,
    /// The guess at each config of the pool; empty without a guess.
    guesses: Vec<f64>,
    /// The share of the guess that was taken off before the process of times was fitted.
    share: f64,
    models_failures: bool,
    time: Option<Surrogate>,
    feasible: Option<Surrogate>,
}

/// How many of the fastest configs a sampled pool is made to follow.
const FOLLOWED: usize = 10;

impl Models {
    pub fn new(task: &Task, choice: &Choice, random: &mut Random) -> Self {
        let (pool, encoder) = Pool::new(&task.space, choice.whole("candidates"), random);
        let expected = |single: &bool| if *single { 0.0 } else { DERIVED };
        let settings = GpSettings {
            categories: encoder.categories(),
            expected: encoder.singles().iter().map(expected).collect(),
            ..GpSettings::default()
        };
        let guess = Guess::new(task, &encoder, &pool, &settings, choice.real("half-life"));
        let mut models = Self {
            space: task.space.clone(),
            encoder,
            settings,
            pool,
            guess,
            guesses: Vec::new(),
            share: 1.0,
            models_failures: choice.is("feasibility", "on"),
            time: None,
            feasible: None,
        };
        models.guess_pool();
        models
    }

    /// Whether there was something to go by before the first result.
    pub fn has_guess(&self) -> bool {
        self.guess.is_some()
    }

    /// A config's row and what is guessed of it.
    pub fn look_at(&self, config: &Config) -> (Vec<f64>, f64) {
        let row = self.encoder.row(&self.space, config);
        let guess = self.guess.as_ref().map_or(0.0, |guess| guess.at(config, &row));
        (row, guess)
    }

    /// Where a config lies: its parameters' own numbers, and half a step for each category in which two configs differ.
    pub fn place(&self, config: &Config) -> Vec<f64> {
        self.encoder.place(&self.space, config)
    }

    /// Brings the models up to date. Configs that were asked for and not told yet count as having done as expected.
    pub fn learn(
        &mut self,
        results: &Results,
        pending: &[Config],
        is_free: impl Fn(&Config) -> bool,
        random: &mut Random,
    ) {
        [&mut self.time, &mut self.feasible].into_iter().flatten().for_each(Surrogate::wake);
        if Surrogate::is_due(self.time.as_ref(), results.times.len()) {
            self.renew_pool(results, is_free, random);
            self.share = self.guess.as_ref().map_or(0.0, |guess| guess.share(&results.guesses, &results.times));
            let targets = results.without_guesses(self.share, 0);
            self.time = Surrogate::fit(self.time.take(), &targets, Thinning::Best, self.pool.rows(), &self.settings);
        } else if let Some(time) = &mut self.time {
            time.update(&results.without_guesses(self.share, time.told()));
        }
        if self.models_failures && results.has_failures() {
            self.learn_failures(results);
        }
        for config in pending {
            let (row, _) = self.look_at(config);
            [&mut self.time, &mut self.feasible].into_iter().flatten().for_each(|model| model.dream(&row));
        }
    }

    fn learn_failures(&mut self, results: &Results) {
        // A pool that was renewed asks for new predictions too.
        let is_stale = self.feasible.as_ref().is_none_or(|feasible| !feasible.is_about(&self.pool.rows()));
        match &mut self.feasible {
            Some(feasible) if !is_stale && !Surrogate::is_due(Some(feasible), results.labels.len()) => {
                feasible.update(&results.labels[feasible.told()..]);
            }
            feasible => {
                let (old, rows) = (feasible.take(), self.pool.rows());
                *feasible = Surrogate::fit(old, &results.labels, Thinning::Even, rows, &self.settings);
            }
        }
    }

    /// Of the pool's free configs the one with the most merit, or one that is better still where the pool is a sample.
    pub fn best_of_pool(&self, best: f64, is_free: impl Fn(&Config) -> bool) -> Option<Config> {
        let mut top: Option<(f64, usize)> = None;
        for index in self.pool.free() {
            let least = top.map_or(0.0, |(merit, _)| merit);
            let merit = self.merit_in_pool(index, best, least);
            if merit > least || top.is_none() {
                top = Some((merit, index));
            }
        }
        let (merit, index) = top?;
        let config = self.pool.config(index).clone();
        Some(if self.pool.is_whole() { config } else { self.climb(config, merit, best, is_free) })
    }

    /// Of some configs the one that is expected to be fastest, where one that may fail must be the faster for it.
    pub fn fastest_of(&self, configs: impl Iterator<Item = Config>) -> Option<Config> {
        let scored = configs.map(|config| {
            let (row, guess) = self.look_at(&config);
            let time = self.time.as_ref().map_or(0.0, |time| time.predict(&row).mean) + self.share * guess;
            let feasible = self.feasible.as_ref().map_or(1.0, |model| probability(model.predict(&row)));
            (time - feasible.ln(), config)
        });
        scored.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, config)| config)
    }

    /// Goes on to variants of a config for as long as they have more merit.
    fn climb(&self, from: Config, merit: f64, best: f64, is_free: impl Fn(&Config) -> bool) -> Config {
        let (mut here, mut merit) = (from, merit);
        for _ in 0..MOST_CLIMBS {
            let free = self.space.variants(&here).into_iter().filter(&is_free);
            let scored = free.map(|config| (self.merit(&config, best), config));
            match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((better, config)) if better > merit => (here, merit) = (config, better),
                _ => break,
            }
        }
        here
    }

    fn merit(&self, config: &Config, best: f64) -> f64 {
        let Some(time) = &self.time else { return 0.0 };
        let (row, guess) = self.look_at(config);
        let feasible = self.feasible.as_ref().map_or(1.0, |model| probability(model.predict(&row)));
        expected_improvement(best - self.share * guess, time.predict(&row)) * feasible
    }

    /// As [`Self::merit`], for a config of the pool; whether it runs is only asked if it could exceed `least`.
    fn merit_in_pool(&self, index: usize, best: f64, least: f64) -> f64 {
        let Some(time) = &self.time else { return 0.0 };
        let guess = self.guesses.get(index).copied().unwrap_or(0.0);
        let improvement = expected_improvement(best - self.share * guess, time.at(index));
        match &self.feasible {
            Some(model) if improvement > least => improvement * probability(model.at(index)),
            _ => improvement,
        }
    }

    fn renew_pool(&mut self, results: &Results, is_free: impl Fn(&Config) -> bool, random: &mut Random) {
        let Some(best) = results.best().filter(|_| self.time.is_some() && !self.pool.is_whole()) else { return };
        let merits = self.pool.free().map(|index| (self.merit_in_pool(index, best, 0.0), index)).collect();
        self.pool.renew(&self.space, &self.encoder, &results.fastest(FOLLOWED), merits, is_free, random);
        self.guess_pool();
    }

    fn guess_pool(&mut self) {
        self.guesses = self.guess.as_ref().map(|guess| guess.over(&self.pool)).unwrap_or_default();
    }
}

/// The expected inverse length scale, as a logarithm, of numbers that several parameters make: few of them matter.
const DERIVED: f64 = -1.0;

/// How many steps a config is improved by at most.
const MOST_CLIMBS: usize = 3;

/// By how much a normal variable is expected to lie below `best`, where it does (Jones et al., eq. 15).
fn expected_improvement(best: f64, prediction: Prediction) -> f64 {
    let spread = prediction.spread.max(1e-9);
    let gain = best - prediction.mean;
    let normal = Normal::standard();
    gain * normal.cdf(gain / spread) + spread * normal.pdf(gain / spread)
}

/// The probability that a config runs, from a process fitted to ones and zeros: that a normal variable lies above one
/// half. What a single label cannot say is taken as a spread of its own.
fn probability(label: Prediction) -> f64 {
    let spread = (label.spread.powi(2) + 0.05).sqrt();
    Normal::standard().cdf((label.mean - 0.5) / spread).max(1e-3)
}
