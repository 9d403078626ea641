//! Rules: what a legal config must obey, and why.

use std::fmt;

use super::memory::Memory;
use super::{Param, Scale};

/// A condition on some parameters. Made by [`SpaceBuilder::rule`](super::SpaceBuilder::rule) and
/// [`SpaceBuilder::rule_over`](super::SpaceBuilder::rule_over) only, so that a rule can read no parameter but those it
/// names.
pub struct Rule {
    /// What is wrong with a config that breaks it.
    pub why: String,
    /// Which parameters it reads, as indices into [`Space::params`](super::Space::params).
    pub reads: Vec<usize>,
    condition: Box<Condition>,
    pace: Pace,
}

/// Asked with a function that gives the number of each parameter read, by its place among them.
pub(super) type Condition = dyn Fn(&dyn Fn(usize) -> i64) -> bool + Send + Sync;

/// How long a condition takes, and what is done about it.
pub(super) enum Pace {
    /// As long as looking its answer up: it is asked each time.
    Fast,
    /// Its answers are remembered, unless there are too many combinations.
    Slow(Option<Memory>),
}

impl Rule {
    pub(super) fn new(why: String, reads: Vec<usize>, condition: Box<Condition>, pace: Pace) -> Self {
        Self { why, reads, condition, pace }
    }

    /// Makes room to remember a slow condition's answers for parameters with these values, out of what room is left.
    pub(super) fn make_room(&mut self, params: &[Param], room: &mut usize) {
        if let Pace::Slow(memory) = &mut self.pace {
            let sizes = self.reads.iter().map(|&param| params[param].values.len());
            *memory = Memory::of(sizes, room);
        }
    }

    /// Whether every question takes its time.
    pub(super) fn is_slow(&self) -> bool {
        matches!(self.pace, Pace::Slow(None))
    }

    /// How many questions can take their time before all answers are known; `None` if there is no end to it.
    pub(super) fn slow_questions(&self) -> Option<usize> {
        match &self.pace {
            Pace::Fast => Some(0),
            Pace::Slow(memory) => memory.as_ref().map(Memory::len),
        }
    }

    /// The parameters it reads, in ascending order and each once.
    pub(super) fn scope(&self) -> Vec<usize> {
        let mut scope = self.reads.clone();
        scope.sort_unstable();
        scope.dedup();
        scope
    }

    /// Whether it holds at these positions, which are asked for by the parameter's index.
    pub(super) fn holds(&self, scales: &[Scale], position: impl Fn(usize) -> u16) -> bool {
        let ask = || (self.condition)(&|place| scales[self.reads[place]].number(position(self.reads[place])));
        match &self.pace {
            Pace::Slow(Some(memory)) => memory.recall(self.reads.iter().map(|&param| position(param)), ask),
            Pace::Fast | Pace::Slow(None) => ask(),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("why", &self.why).field("reads", &self.reads).finish_non_exhaustive()
    }
}
