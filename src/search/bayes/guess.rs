//! What is believed about times before the search has results of its own: from results elsewhere, and from a prior.
//!
//! The search models what is left of the logarithm of time after a share of the guess has been taken off. The share
//! begins at one, is corrected by how well the guess explains the search's own results, and halves every so many of
//! these: what was measured here needs no guess.

use std::sync::Arc;

use super::encode::Encoder;
use super::pool::Pool;
use super::surrogate::Example;
use crate::model::{Examples, Field, Gp, GpSettings, Model};
use crate::record::Prior;
use crate::search::start::log_time;
use crate::search::{Task, Trial};
use crate::space::{Config, Space};

/// A guess at the logarithm of the time of each config, up to a constant.
pub struct Guess {
    warm: Option<Gp>,
    prior: Option<Arc<dyn Prior>>,
    /// What is taken off the prior, whose scores have a constant of their own.
    offset: f64,
    /// After so many results of the search's own its share has halved.
    half_life: f64,
}

/// How many results of its own weigh as much as the belief that the guess is right as it stands.
const BELIEF: f64 = 6.0;

/// How many configs a prior is compared at with results from elsewhere.
const COMPARED: usize = 200;

impl Guess {
    /// What the task gives to go by; `None` if nothing.
    pub fn new(task: &Task, encoder: &Encoder, pool: &Pool, settings: &GpSettings, half_life: f64) -> Option<Self> {
        let warm = learn(&task.warm, &task.space, encoder, settings);
        let prior = task.prior.clone();
        let mut guess = (warm.is_some() || prior.is_some()).then_some(Self { warm, prior, offset: 0.0, half_life })?;
        guess.offset = guess.mean_difference(pool);
        Some(guess)
    }

    /// By how much the prior lies above the results from elsewhere, or above zero without any: the mean over configs at
    /// even steps of the pool.
    fn mean_difference(&self, pool: &Pool) -> f64 {
        let rows = pool.rows();
        let compared = (0..rows.len()).step_by(rows.len() / COMPARED + 1).filter_map(|index| {
            let score = self.prior.as_ref()?.log_time(pool.config(index));
            let warm = self.warm.as_ref().map_or(0.0, |gp| gp.predict(&rows[index]).mean);
            score.is_finite().then_some(score - warm)
        });
        let (sum, count) = compared.fold((0.0, 0), |(sum, count), difference| (sum + difference, count + 1));
        sum / f64::from(count.max(1))
    }

    /// The guess for a config.
    pub fn at(&self, config: &Config, row: &[f64]) -> f64 {
        self.mix(self.warm.as_ref().map(|gp| gp.predict(row).mean), config)
    }

    /// The guess for each config of a pool.
    pub fn over(&self, pool: &Pool) -> Vec<f64> {
        let field = self.warm.as_ref().map(|gp| (gp, Field::new(pool.rows(), gp)));
        let warm = |index| field.as_ref().map(|(gp, field)| field.prediction(gp, index).mean);
        (0..pool.rows().len()).map(|index| self.mix(warm(index), pool.config(index))).collect()
    }

    fn mix(&self, warm: Option<f64>, config: &Config) -> f64 {
        let prior = self.prior.as_ref().map(|prior| prior.log_time(config) - self.offset);
        match (warm, prior.filter(|score| score.is_finite())) {
            (Some(warm), Some(prior)) => 0.5 * (warm + prior),
            (warm, prior) => warm.or(prior).unwrap_or(0.0),
        }
    }

    /// How much of the guess to take off, given the guess at each result so far: the slope of a regression that begins at
    /// one, times what is left of it after so many results.
    pub fn share(&self, guesses: &[f64], results: &[Example]) -> f64 {
        let count = guesses.len().max(1) as f64;
        let mean_guess = guesses.iter().sum::<f64>() / count;
        let mean_result = results.iter().map(|result| result.target).sum::<f64>() / count;
        let mut together = 0.0;
        let mut alone = 0.0;
        for (guess, result) in guesses.iter().zip(results) {
            together += (guess - mean_guess) * (result.target - mean_result);
            alone += (guess - mean_guess).powi(2);
        }
        let belief = BELIEF * (alone / count).max(1e-6);
        let slope = (together + belief) / (alone + belief);
        slope.clamp(0.0, 1.5) * 0.5f64.powf(guesses.len() as f64 / self.half_life)
    }
}

/// A process fitted to results from elsewhere; `None` where nothing was timed.
fn learn(warm: &[Trial], space: &Space, encoder: &Encoder, settings: &GpSettings) -> Option<Gp> {
    let mut timed: Vec<(f64, &Trial)> = warm.iter().map(|trial| (log_time(trial), trial)).collect();
    timed.retain(|(log_time, _)| log_time.is_finite());
    timed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let chosen = thinned(&timed);
    let rows = chosen.iter().map(|(_, trial)| encoder.row(space, &trial.config)).collect();
    let targets = chosen.iter().map(|(log_time, _)| *log_time).collect();
    Gp::fit(&Examples::new(rows, targets), settings, 0).ok()
}

/// How many results from elsewhere are learnt from at most: a fit takes as long as hundreds of them are worth.
const MOST_WARM: usize = 200;

/// Of sorted results the best, and others at even steps down to the worst.
fn thinned<T: Copy>(sorted: &[T]) -> Vec<T> {
    if sorted.len() <= MOST_WARM {
        return sorted.to_vec();
    }
    let (best, rest) = sorted.split_at(MOST_WARM / 2);
    let steps = MOST_WARM - best.len();
    best.iter().copied().chain((0..steps).map(|step| rest[step * rest.len() / steps])).collect()
}
