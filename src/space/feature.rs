//! Features: numbers that follow from several parameters at once and that a model of the space may find useful.

use std::fmt;

/// A quantity that matters to a machine and that no single parameter states, such as the invocations of a workgroup.
/// Made by [`SpaceBuilder::feature`](super::SpaceBuilder::feature) only.
pub struct Feature {
    /// Its name, distinct from those of parameters.
    pub name: String,
    /// Which parameters it reads, as indices into [`Space::params`](super::Space::params).
    pub reads: Vec<usize>,
    quantity: Box<Quantity>,
}

/// Asked with a function that gives the number of each parameter read, by its place among them.
pub(super) type Quantity = dyn Fn(&dyn Fn(usize) -> i64) -> f64 + Send + Sync;

impl Feature {
    pub(super) fn new(name: String, reads: Vec<usize>, quantity: Box<Quantity>) -> Self {
        Self { name, reads, quantity }
    }

    /// Its value, given what rules see of each parameter by its index.
    pub(super) fn of(&self, number: impl Fn(usize) -> i64) -> f64 {
        (self.quantity)(&|place| number(self.reads[place]))
    }
}

impl fmt::Debug for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feature").field("name", &self.name).field("reads", &self.reads).finish_non_exhaustive()
    }
}
