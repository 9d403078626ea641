//! Rules: what a legal config must obey, and why.

use std::fmt;

/// A condition on some parameters. Made by [`SpaceBuilder::rule`](super::SpaceBuilder::rule) only, so that a rule can
/// read no parameter but those it names.
pub struct Rule {
    /// What is wrong with a config that breaks it.
    pub why: String,
    /// Which parameters it reads, as indices into [`Space::params`](super::Space::params).
    pub reads: Vec<usize>,
    condition: Box<Condition>,
}

/// Asked with a function that gives the number of each parameter read, by its place among them.
pub(super) type Condition = dyn Fn(&dyn Fn(usize) -> i64) -> bool + Send + Sync;

impl Rule {
    pub(super) fn new(why: String, reads: Vec<usize>, condition: Box<Condition>) -> Self {
        Self { why, reads, condition }
    }

    /// Whether it holds, given what rules see of each parameter by its index.
    pub(super) fn holds(&self, number: impl Fn(usize) -> i64) -> bool {
        (self.condition)(&|place| number(self.reads[place]))
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("why", &self.why).field("reads", &self.reads).finish_non_exhaustive()
    }
}
