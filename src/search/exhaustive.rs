//! Exhaustive search: every legal config, in ascending order.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Searcher, Strategy, Task, Trial};
use crate::space::{Config, Space, Walk};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "exhaustive",
    about: "every legal config, in order",
    options: &[],
    start: |task, _| Box::new(Exhaustive::start(task)),
};

struct Exhaustive {
    /// Finds configs as they are asked for, so that a space too large to list can be begun.
    walk: Walk<Arc<Space>>,
    told: HashSet<Config>,
}

impl Exhaustive {
    fn start(task: Task) -> Self {
        let known = task.known.iter().chain(&task.judged.invalid);
        Self { told: known.map(|trial| trial.config.clone()).collect(), walk: Walk::new(task.space) }
    }
}

impl Searcher for Exhaustive {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        self.walk.by_ref().filter(|config| !self.told.contains(config)).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.told.extend(trials.iter().map(|trial| trial.config.clone()));
    }
}
