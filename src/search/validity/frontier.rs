//! What may be asked of an oracle next: neighbours of what is valid, and something new for all that is not.

use std::sync::Arc;

use rand::RngExt;

use crate::base::{Random, seeded};
use crate::search::Task;
use crate::search::unseen::Unseen;
use crate::space::{Config, Space};

/// How many random configs it begins with: enough that one of them is likely valid where a tenth is, and few enough to
/// waste little where all are.
const FIRST: usize = 16;

/// Configs that were neither asked about nor known, each at most once.
pub(super) struct Frontier {
    space: Arc<Space>,
    random: Random,
    /// Whatever is neither in the frontier nor was, so that nothing comes twice.
    unseen: Unseen,
    waiting: Vec<Config>,
}

impl Frontier {
    pub fn start(task: &Task) -> Self {
        let mut unseen = Unseen::start(task, "validity, random configs");
        let waiting = std::iter::from_fn(|| unseen.draw()).take(FIRST).collect();
        Self { space: task.space.clone(), random: seeded(task.seed, "validity"), unseen, waiting }
    }

    /// Any of those that wait, or a random one where none does; `None` when there is nothing left.
    pub fn next(&mut self) -> Option<Config> {
        if self.waiting.is_empty() {
            return self.unseen.draw();
        }
        let place = self.random.random_range(0..self.waiting.len());
        Some(self.waiting.swap_remove(place))
    }

    /// Goes on from a config that was asked about: to what lies one step beside a valid one, to somewhere else otherwise.
    pub fn grow(&mut self, config: &Config, is_valid: bool) {
        if is_valid {
            let beside = self.space.neighbours(config);
            self.waiting.extend(beside.into_iter().filter_map(|config| self.unseen.claim(config)));
        } else {
            self.waiting.extend(self.unseen.draw());
        }
    }
}
