//! Random search: legal configs drawn uniformly, none twice. What every other strategy has to beat.

use std::collections::VecDeque;

use super::unseen::Unseen;
use super::{Searcher, Strategy, Task, Trial};
use crate::space::Config;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "random",
    about: "legal configs drawn at random, none twice",
    options: &[],
    start: |task, _| Box::new(RandomSearch::start(&task)),
};

struct RandomSearch {
    /// What a start that knows about validity measures first.
    first: VecDeque<Config>,
    unseen: Unseen,
}

impl RandomSearch {
    fn start(task: &Task) -> Self {
        Self { first: task.judged.first().to_vec().into(), unseen: Unseen::start(task, "random search") }
    }

    fn next(&mut self) -> Option<Config> {
        let first = std::iter::from_fn(|| self.first.pop_front()).find_map(|config| self.unseen.claim(config));
        first.or_else(|| self.unseen.draw())
    }
}

impl Searcher for RandomSearch {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.next()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
    }
}
