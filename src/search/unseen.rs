//! What a search has not asked for yet: the bookkeeping behind "no config twice", and random configs that are new.

use std::collections::HashSet;
use std::sync::Arc;

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::{Task, Trial};
use crate::base::{Random, seeded};
use crate::space::{Config, Space};

/// How many draws in a row may give nothing new before a space that cannot be listed counts as exhausted.
const TRIES: usize = 100;

/// The configs of a space that were neither asked for nor told.
pub(super) struct Unseen {
    space: Arc<Space>,
    random: Random,
    source: Source,
    seen: HashSet<Config>,
}

/// Where random configs come from.
enum Source {
    /// The positions of the list that were not drawn yet.
    List(Vec<usize>),
    Samples,
}

impl Unseen {
    /// All but what the task knows, results and refusals. The purpose names the random numbers.
    pub fn start(task: &Task, purpose: &str) -> Self {
        let source = task.space.listed().map_or(Source::Samples, |points| Source::List((0..points.len()).collect()));
        let seen = task.known.iter().chain(&task.judged.invalid).map(|trial| trial.config.clone()).collect();
        Self { space: task.space.clone(), random: seeded(task.seed, purpose), source, seen }
    }

    /// Whether the config may still be asked for.
    pub fn has(&self, config: &Config) -> bool {
        !self.seen.contains(config)
    }

    /// The config, if it was unseen; from now on it is not.
    pub fn claim(&mut self, config: Config) -> Option<Config> {
        self.seen.insert(config.clone()).then_some(config)
    }

    /// Takes out what was told, asked for or not.
    pub fn told(&mut self, trials: &[Trial]) {
        self.seen.extend(trials.iter().map(|trial| trial.config.clone()));
    }

    /// Claims a random config, each that is left equally likely where the space can be listed. `None` when nothing is
    /// left.
    pub fn draw(&mut self) -> Option<Config> {
        let mut failures = 0;
        while failures < TRIES {
            let config = self.draw_any()?;
            if let Some(new) = self.claim(config) {
                return Some(new);
            }
            // The list runs out by itself; only samples repeat without end.
            failures += usize::from(matches!(self.source, Source::Samples));
        }
        None
    }

    /// Claims this config, or else a random one that is a step away, or else one that differs in one parameter, or else
    /// any. `None` when nothing is left.
    pub fn claim_near(&mut self, config: Config) -> Option<Config> {
        if self.has(&config) {
            return self.claim(config);
        }
        let near = self.pick(self.space.clone().neighbours(&config));
        let near = near.or_else(|| self.pick(self.space.clone().variants(&config)));
        near.or_else(|| self.draw())
    }

    fn pick(&mut self, mut configs: Vec<Config>) -> Option<Config> {
        configs.retain(|config| self.has(config));
        let config = configs.choose(&mut self.random)?.clone();
        self.claim(config)
    }

    fn draw_any(&mut self) -> Option<Config> {
        match &mut self.source {
            Source::List(left) if left.is_empty() => None,
            Source::List(left) => {
                let index = left.swap_remove(self.random.random_range(0..left.len()));
                self.space.listed().map(|points| points[index].clone())
            }
            Source::Samples => self.space.sample(&mut self.random),
        }
    }
}
