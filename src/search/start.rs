//! Where a search begins: at what did well elsewhere, at what a prior thinks good, and spread over the space.

use std::collections::HashSet;

use super::{Task, Trial};
use crate::base::Random;
use crate::space::{Config, Space};

/// How many random configs a prior is asked about: its scores cost microseconds to milliseconds each.
const SCORED: usize = 500;

/// How many random configs compete for each place of a spread design. Few, since the farthest of many are all corners.
const CANDIDATES: usize = 4;

/// The natural logarithm of a trial's time in nanoseconds; infinite where it failed or its time is no positive number.
pub(super) fn log_time(trial: &Trial) -> f64 {
    match trial.result {
        Ok(ns) if ns.is_finite() && ns > 0.0 => ns.ln(),
        _ => f64::INFINITY,
    }
}

/// Up to `n` distinct configs that are not known, the most promising first: the best of the warm results for half of
/// them, the best of the prior's for half of the rest, then what an oracle found valid, and then a spread design.
pub(super) fn promising(task: &Task, n: usize, random: &mut Random) -> Vec<Config> {
    promising_by(task, n, random, &|config| task.space.encode(config))
}

/// As [`promising`], with the place of a config for the spread: numbers whose absolute differences add up to how far two
/// configs lie apart.
pub(super) fn promising_by(task: &Task, n: usize, random: &mut Random, place: &Place) -> Vec<Config> {
    let mut points = Points::new(task, n);
    points.extend(n.div_ceil(2), best_warm(&task.warm));
    let rest = n - points.chosen.len();
    points.extend(points.chosen.len() + rest.div_ceil(2), best_by_prior(task, random));
    points.extend(n, task.judged.valid.clone());
    points.spread(&task.space, n, random, place);
    points.chosen
}

/// Where a config lies.
type Place<'a> = dyn Fn(&Config) -> Vec<f64> + 'a;

/// What succeeded elsewhere, fastest first.
fn best_warm(warm: &[Trial]) -> Vec<Config> {
    let mut timed: Vec<&Trial> = warm.iter().filter(|trial| log_time(trial).is_finite()).collect();
    timed.sort_by(|a, b| log_time(a).total_cmp(&log_time(b)));
    timed.into_iter().map(|trial| trial.config.clone()).collect()
}

/// Random configs that the prior has an opinion about, best first; none without a prior.
fn best_by_prior(task: &Task, random: &mut Random) -> Vec<Config> {
    let Some(prior) = &task.prior else { return Vec::new() };
    let sampled = (0..SCORED).map_while(|_| task.space.sample(random));
    let mut scored: Vec<(f64, Config)> = sampled.map(|config| (prior.log_time(&config), config)).collect();
    scored.retain(|(score, _)| !score.is_nan());
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    scored.into_iter().map(|(_, config)| config).collect()
}

/// Points chosen so far.
struct Points {
    chosen: Vec<Config>,
    /// Those chosen, and those that nobody may choose.
    taken: HashSet<Config>,
}

impl Points {
    fn new(task: &Task, n: usize) -> Self {
        let taken = task.known.iter().chain(&task.judged.invalid).map(|trial| trial.config.clone()).collect();
        Self { chosen: Vec::with_capacity(n), taken }
    }

    /// Chooses the first that are free until there are `n`.
    fn extend(&mut self, n: usize, configs: Vec<Config>) {
        let free = configs.into_iter().filter(|config| self.taken.insert(config.clone()));
        self.chosen.extend(free.take(n.saturating_sub(self.chosen.len())));
    }

    /// Fills up to `n`, each time with that one of some random configs that lies farthest from those chosen (D. Mitchell,
    /// "Spectrally Optimal Sampling for Distribution Ray Tracing", 1991). Ends early where the space has no more.
    fn spread(&mut self, space: &Space, n: usize, random: &mut Random, place: &Place) {
        let mut places: Vec<Vec<f64>> = self.chosen.iter().map(place).collect();
        while self.chosen.len() < n {
            let candidates: Vec<Config> = (0..CANDIDATES).filter_map(|_| space.sample(random)).collect();
            let free = candidates.into_iter().filter(|config| !self.taken.contains(config));
            let placed =
                free.map(|config| (place(&config), config)).map(|(at, config)| (gap(&places, &at), at, config));
            let Some((_, at, farthest)) = placed.max_by(|a, b| a.0.total_cmp(&b.0)) else { return };
            places.push(at);
            self.extend(n, vec![farthest]);
        }
    }
}

/// The distance to the nearest of some places.
pub(super) fn gap(places: &[Vec<f64>], here: &[f64]) -> f64 {
    places.iter().map(|other| apart(other, here)).fold(f64::INFINITY, f64::min)
}

/// How far two places lie apart.
pub(super) fn apart(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum()
}
