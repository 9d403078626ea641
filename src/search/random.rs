//! Random search: legal configs drawn uniformly, none twice. What every other strategy has to beat.

use std::collections::HashSet;
use std::sync::Arc;

use rand::RngExt;

use super::{Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::{Config, Space};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "random",
    about: "legal configs drawn at random, none twice",
    options: &[],
    start: |task, _| Box::new(RandomSearch::start(task)),
};

/// How many draws in a row may give nothing new before a space that cannot be listed counts as exhausted.
const TRIES: usize = 100;

struct RandomSearch {
    space: Arc<Space>,
    random: Random,
    source: Source,
    /// Asked or told.
    seen: HashSet<Config>,
}

/// Where configs come from.
enum Source {
    /// The positions of the list that were not drawn yet.
    List(Vec<usize>),
    Samples,
}

impl RandomSearch {
    fn start(task: Task) -> Self {
        let source = task.space.listed().map_or(Source::Samples, |points| Source::List((0..points.len()).collect()));
        let seen = task.known.into_iter().map(|trial| trial.config).collect();
        Self { space: task.space, random: seeded(task.seed, "random search"), source, seen }
    }

    fn draw(&mut self) -> Option<Config> {
        match &mut self.source {
            Source::List(left) if left.is_empty() => None,
            Source::List(left) => {
                let index = left.swap_remove(self.random.random_range(0..left.len()));
                self.space.listed().map(|points| points[index].clone())
            }
            Source::Samples => self.space.sample(&mut self.random),
        }
    }

    /// A config that was neither asked nor told.
    fn draw_new(&mut self) -> Option<Config> {
        let mut failures = 0;
        while failures < TRIES {
            let config = self.draw()?;
            if self.seen.insert(config.clone()) {
                return Some(config);
            }
            // The list runs out by itself; only samples repeat without end.
            failures += usize::from(matches!(self.source, Source::Samples));
        }
        None
    }
}

impl Searcher for RandomSearch {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.draw_new()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.seen.extend(trials.iter().map(|trial| trial.config.clone()));
    }
}
