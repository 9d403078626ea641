//! A start that knows about validity: a cheap oracle labels configs before the search, beside what is valid above all.
//!
//! D. Rieber, M. Reiber, O. Bringmann, H. Fröning, "HW-Aware Initialization of DNN Auto-Tuning to Improve Exploration Time
//! and Robustness", 2022: where few configs are valid, these lie together on the grid of the parameters, so that neighbours
//! of a valid one are asked about first. Of what was labelled, a set of configs that lie apart is what the search begins
//! with, half of them valid and half of them not.
//!
//! Where the paper labels up to a thousand configs, this ends as soon as there are enough valid ones to choose from.

mod frontier;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use super::start::apart;
use super::{Task, Trial};
use crate::record::{Oracle, Stage};
use crate::space::{Config, Space};
use frontier::Frontier;

/// What a search begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// What the strategy begins with by itself.
    #[default]
    Random,
    /// What an oracle says is valid. Without an oracle it is as [`Self::Random`].
    Validity,
}

impl Init {
    /// Each of them, the default first.
    pub const ALL: [Init; 2] = [Self::Random, Self::Validity];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Validity => "validity",
        }
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Init {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|init| init.name() == text);
        found.ok_or_else(|| format!("a search begins with {}", Self::ALL.map(Self::name).join(" or ")))
    }
}

/// What an oracle said before a search began.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// What may run. The first hundred lie apart: after each the next is the one farthest from all before it.
    pub valid: Vec<Config>,
    /// What would be rejected, in the same order. None of it is ever proposed.
    pub invalid: Vec<Trial>,
    /// How many of the valid ones, from the first on, belong to the initial set: these are measured first.
    pub measured: usize,
    /// How many of the invalid ones, from the first on, belong to it: models learn from these without a measurement.
    pub lessons: usize,
}

impl Judged {
    /// The valid half of the initial set, which is measured before anything else.
    pub fn first(&self) -> &[Config] {
        &self.valid[..self.measured]
    }

    /// The invalid half of the initial set, which is told to models.
    pub fn lessons(&self) -> &[Trial] {
        &self.invalid[..self.lessons]
    }

    /// How many configs were labelled.
    pub fn len(&self) -> usize {
        self.valid.len() + self.invalid.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How much to find out before a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Configs in each half of the initial set, at most.
    pub half: usize,
    /// So many valid configs are enough to choose from.
    pub enough: usize,
    /// So many are labelled at most.
    pub most: usize,
}

/// One in so many trials would go to the initial set if all of it were measured: the paper's has 50 configs for 750 trials.
const INITIAL_PER_BUDGET: usize = 15;

/// The smallest initial set that can tell valid from invalid, and the largest, which is the paper's.
const INITIAL: (usize, usize) = (8, 50);

/// How many times as many valid configs as are measured are looked for: of these the ones that lie apart are chosen, and all
/// of them teach what runs.
const CHOICE: usize = 3;

/// How many configs are chosen for lying apart: more than any strategy begins with.
const MOST_SPREAD: usize = 100;

/// As many labels as the paper has at most.
const MOST_LABELLED: usize = 1000;

impl Plan {
    /// For so many trials; with so many labels where that is wanted, however many of them are valid.
    pub fn of(budget: usize, labels: Option<usize>) -> Self {
        let half = (budget / INITIAL_PER_BUDGET).clamp(INITIAL.0, INITIAL.1) / 2;
        match labels {
            Some(most) => Self { half, enough: usize::MAX, most },
            None => Self { half, enough: CHOICE * half, most: MOST_LABELLED },
        }
    }
}

/// How many configs the initial set of a search with so many trials has: half of them valid, half of them not.
pub fn initial_set(budget: usize) -> usize {
    2 * Plan::of(budget, None).half
}

/// Asks an oracle about configs of a task until enough is known, and says what to begin with.
pub(super) fn judge(task: &Task, oracle: &dyn Oracle, plan: Plan) -> Judged {
    let mut frontier = Frontier::start(task);
    let (mut valid, mut invalid) = (Vec::new(), Vec::new());
    while valid.len() < plan.enough && valid.len() + invalid.len() < plan.most {
        let Some(config) = frontier.next() else { break };
        let verdict = oracle.verdict(&config).map_err(|rejection| rejection.stage);
        frontier.grow(&config, verdict.is_ok());
        match verdict {
            Ok(()) => valid.push(config),
            Err(stage) => invalid.push((config, stage)),
        }
    }
    let (measured, lessons) = (plan.half.min(valid.len()), plan.half.min(invalid.len()));
    let place = |config: &Config| task.space.encode(config);
    Judged { valid: spread(valid, &place), invalid: told(invalid, &task.space), measured, lessons }
}

fn told(invalid: Vec<(Config, Stage)>, space: &Space) -> Vec<Trial> {
    let spread = spread(invalid, &|(config, _)| space.encode(config));
    spread.into_iter().map(|(config, stage)| Trial { config, result: Err(stage) }).collect()
}

/// The same, each of the first ones the farthest from all before it (T. Gonzalez, "Clustering to Minimize the Maximum
/// Intercluster Distance", 1985), so that any number of them lies about as far apart as can be.
fn spread<T>(items: Vec<T>, place: &dyn Fn(&T) -> Vec<f64>) -> Vec<T> {
    let mut left: Vec<(f64, Vec<f64>, T)> = items.into_iter().map(|item| (f64::INFINITY, place(&item), item)).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while ordered.len() < MOST_SPREAD {
        // Of equals the one that was met first.
        let farthest = (0..left.len()).rev().max_by(|&a, &b| left[a].0.total_cmp(&left[b].0));
        let Some(next) = farthest else { break };
        let (_, here, item) = left.remove(next);
        left.iter_mut().for_each(|(nearest, place, _)| *nearest = nearest.min(apart(place, &here)));
        ordered.push(item);
    }
    ordered.extend(left.into_iter().map(|(_, _, item)| item));
    ordered
}
