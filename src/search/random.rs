//! Random search: legal configs drawn uniformly, none twice. What every other strategy has to beat.

use super::unseen::Unseen;
use super::{Searcher, Strategy, Trial};
use crate::space::Config;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "random",
    about: "legal configs drawn at random, none twice",
    options: &[],
    start: |task, _| Box::new(RandomSearch { unseen: Unseen::start(&task, "random search") }),
};

struct RandomSearch {
    unseen: Unseen,
}

impl Searcher for RandomSearch {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.unseen.draw()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
    }
}
