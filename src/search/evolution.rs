//! Evolution strategies: a distribution over configs that moves towards what did well, one generation after another.
//!
//! The way Y. Wang et al., "Tuna: A Static Analysis Approach to Optimizing Deep Neural Networks", 2021, search. Where
//! they move a Gaussian along an estimated gradient of the expected score, parameters of kernels are choices from short
//! lists: so the distribution here is a categorical one for each parameter, moved along the natural gradient of the
//! expected utility (L. Arnold, Y. Ollivier et al., "Information-Geometric Optimization Algorithms: A Unifying Picture
//! via Invariance Principles", 2017, section 5.1), which is a plain weighted average. Utilities depend on ranks alone, as
//! in natural evolution strategies (D. Wierstra et al., "Natural Evolution Strategies", 2014, section 3.1), so that
//! neither outliers nor failures matter by their size. Each parameter of a draw leaves the distribution with a small
//! chance, so that the search never freezes.

use std::sync::Arc;

use rand::RngExt;

use super::start::{log_time, promising};
use super::unseen::Unseen;
use super::{Choice, Opt, Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::{Config, Space};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "evolution",
    about: "evolution strategies: a distribution over values that follows the best",
    options: &[
        Opt::whole("population", "trials per generation; at most a tenth of all", 2, 10_000, 10),
        Opt::real("rate", "how far a generation moves the distribution", 0.001, 1.0, 0.5),
        Opt::real("margin", "parameters that leave a settled distribution, on average", 0.0, 10.0, 1.0),
    ],
    start: |task, choice| Box::new(Evolution::start(task, choice)),
};

/// How often a config is drawn anew that was asked for before, until one near it has to do.
const TRIES: usize = 5;

struct Evolution {
    space: Arc<Space>,
    unseen: Unseen,
    random: Random,
    /// First points not asked for yet, the next one last.
    first: Vec<Config>,
    distribution: Distribution,
    /// Results with the logarithms of their times, which the distribution has not followed yet.
    generation: Vec<(Config, f64)>,
    population: usize,
    best: Option<(Config, f64)>,
}

impl Evolution {
    fn start(task: Task, choice: &Choice) -> Self {
        let mut random = seeded(task.seed, "evolution strategies");
        let population = choice.whole("population").min(task.budget / 10).max(2);
        let mut first = promising(&task, population, &mut random);
        first.reverse();
        let mut evolution = Self {
            unseen: Unseen::start(&task, "evolution strategies, unseen"),
            random,
            first,
            distribution: Distribution::new(&task.space, choice),
            generation: Vec::new(),
            population,
            best: None,
            space: task.space,
        };
        let mut warm: Vec<_> = task.warm.iter().map(|trial| (trial.config.clone(), log_time(trial))).collect();
        evolution.distribution.follow(&mut warm);
        evolution.tell(&task.known);
        evolution
    }

    /// A first point, else a draw from the distribution, else anything that is left.
    fn next(&mut self) -> Option<Config> {
        while let Some(config) = self.first.pop() {
            if let Some(new) = self.unseen.claim(config) {
                return Some(new);
            }
        }
        let mut config = self.drawn()?;
        for _ in 0..TRIES {
            if self.unseen.has(&config) {
                break;
            }
            config = self.drawn()?;
        }
        self.unseen.claim_near(config)
    }

    fn drawn(&mut self) -> Option<Config> {
        let positions = self.distribution.draw(&mut self.random);
        self.space.repair(&positions)
    }

    fn learn(&mut self, trial: &Trial) {
        let result = (trial.config.clone(), log_time(trial));
        if result.1.is_finite() && self.best.as_ref().is_none_or(|(_, best)| result.1 < *best) {
            self.best = Some(result.clone());
        }
        self.generation.push(result);
        if self.generation.len() >= self.population {
            let mut generation = std::mem::take(&mut self.generation);
            // The best so far is a member of every generation.
            let elite = self.best.iter().filter(|(best, _)| generation.iter().all(|(config, _)| config != best));
            generation.extend(elite.cloned().collect::<Vec<_>>());
            self.distribution.follow(&mut generation);
        }
    }
}

impl Searcher for Evolution {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.next().or_else(|| self.unseen.draw())).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
        trials.iter().for_each(|trial| self.learn(trial));
    }
}

/// Independent chances of the values of each parameter.
struct Distribution {
    chances: Vec<Vec<f64>>,
    rate: f64,
    margin: f64,
}

impl Distribution {
    /// All values equally likely.
    fn new(space: &Space, choice: &Choice) -> Self {
        let params = space.params();
        let open = params.iter().filter(|param| param.values.len() > 1).count().max(1);
        Self {
            chances: params.iter().map(|param| vec![1.0 / param.values.len() as f64; param.values.len()]).collect(),
            rate: choice.real("rate"),
            margin: (choice.real("margin") / open as f64).min(1.0),
        }
    }

    /// Positions drawn independently, with the margin's chance of any value at all.
    fn draw(&self, random: &mut Random) -> Vec<u16> {
        let draw = |chances: &Vec<f64>| match random.random_bool(self.margin) {
            true => random.random_range(0..chances.len()) as u16,
            false => drawn(chances, random.random_range(0.0..1.0)),
        };
        self.chances.iter().map(draw).collect()
    }

    /// Moves towards the better half of some results and away from none.
    fn follow(&mut self, results: &mut [(Config, f64)]) {
        results.sort_by(|a, b| a.1.total_cmp(&b.1));
        let utilities = utilities(results.len());
        let timed = results.iter().take_while(|(_, cost)| cost.is_finite());
        let good: Vec<(&Config, f64)> = timed.map(|(config, _)| config).zip(utilities).collect();
        let total: f64 = good.iter().map(|(_, utility)| utility).sum();
        for (param, chances) in self.chances.iter_mut().enumerate() {
            chances.iter_mut().for_each(|chance| *chance *= 1.0 - self.rate * total);
            for (config, utility) in &good {
                chances[usize::from(config.positions()[param])] += self.rate * utility;
            }
        }
    }
}

/// The value that a number from 0 to 1 falls on.
fn drawn(chances: &[f64], mut left: f64) -> u16 {
    let hit = chances.iter().position(|chance| {
        left -= chance;
        left < 0.0
    });
    hit.unwrap_or(chances.len() - 1) as u16
}

/// The weight of each rank, best first: they fall as the logarithm does, are zero for the worse half and sum to 1.
fn utilities(count: usize) -> Vec<f64> {
    let raw = |rank: usize| ((count as f64 / 2.0 + 1.0).ln() - (rank as f64 + 1.0).ln()).max(0.0);
    let total: f64 = (0..count).map(raw).sum();
    (0..count).map(|rank| raw(rank) / total).collect()
}
