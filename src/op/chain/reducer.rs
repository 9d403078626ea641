//! Functions that reduce the last axis to one value, which then holds along all of it.

use crate::base::{Approx, Sum};
use crate::op::summed;
use crate::record::Numerics;

/// A function of chains that reduces.
pub struct Reducer {
    /// Its name in workloads.
    pub name: &'static str,
    /// Its meaning, in a line.
    pub about: &'static str,
    /// How two values become one.
    pub(super) fold: Fold,
    /// Whether the result is divided by the number of values.
    pub(super) averages: bool,
}

/// Every one, in the order in which help lists them.
pub const REDUCERS: &[Reducer] = &[
    Reducer { name: "sum", about: "sum along the last axis", fold: Fold::Sum, averages: false },
    Reducer { name: "mean", about: "arithmetic mean along the last axis", fold: Fold::Sum, averages: true },
    Reducer { name: "amax", about: "largest value along the last axis", fold: Fold::Max, averages: false },
    Reducer { name: "amin", about: "smallest value along the last axis", fold: Fold::Min, averages: false },
];

/// The one of that name.
pub(super) fn find(name: &str) -> Option<&'static Reducer> {
    REDUCERS.iter().find(|reducer| reducer.name == name)
}

/// The names of all, for messages.
pub(super) fn names() -> String {
    REDUCERS.iter().map(|reducer| reducer.name).collect::<Vec<_>>().join(", ")
}

/// An associative function of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Max,
    Min,
}

impl Fold {
    pub const ALL: [Fold; 3] = [Self::Sum, Self::Max, Self::Min];

    /// What `shaders/reduction.wgsl` calls it.
    pub fn combine(self) -> &'static str {
        match self {
            Self::Sum => "+",
            Self::Max => "max",
            Self::Min => "min",
        }
    }

    /// What changes nothing; WGSL has no infinities.
    pub fn neutral(self) -> &'static str {
        match self {
            Self::Sum => "0.0",
            Self::Max => "-3.4028234663852886e38",
            Self::Min => "3.4028234663852886e38",
        }
    }

    /// Its name in WGSL texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Max => "largest",
            Self::Min => "smallest",
        }
    }
}

impl Reducer {
    /// The true value, with the error that an f32 implementation may have.
    pub(super) fn apply(&self, values: &[Approx], numerics: Numerics) -> Approx {
        match self.fold {
            Fold::Sum if self.averages => sum(values, numerics).times(share(values.len()), U),
            Fold::Sum => sum(values, numerics),
            Fold::Max => largest(values.iter().copied()),
            Fold::Min => negated(largest(values.iter().map(|value| negated(*value)))),
        }
    }
}

/// Unit roundoff of f32, in which kernels compute.
const U: f64 = 1.0 / 16_777_216.0;

/// One of `count` equal parts, as kernels hold it: the f32 nearest to it.
fn share(count: usize) -> Approx {
    let share = 1.0 / count as f64;
    Approx { value: share, bound: (share - f64::from(share as f32)).abs() }
}

/// What each value may be off by adds up: such errors have causes in common, as that of a mean that was subtracted.
fn sum(values: &[Approx], numerics: Numerics) -> Approx {
    let sum: Sum = values.iter().map(|value| value.value).collect();
    let errors: f64 = values.iter().map(|value| value.bound).sum();
    let terms = values.len() as u64;
    if errors == 0.0 {
        return summed(&sum, terms, U, numerics);
    }
    let rounded = sum.of_rounded(terms, U);
    Approx { bound: rounded.bound + errors, ..rounded }.rounded(0.0, 0.0)
}

/// A selection rounds nothing, so the result lies where the largest of all values may lie.
fn largest(values: impl Iterator<Item = Approx> + Clone) -> Approx {
    let most = |of: fn(Approx) -> f64| values.clone().map(of).fold(f64::NEG_INFINITY, f64::max);
    if values.clone().any(|value| !value.bound.is_finite()) {
        return Approx::UNDEFINED;
    }
    let value = most(|v| v.value);
    let (low, high) = (most(|v| v.value - v.bound), most(|v| v.value + v.bound));
    Approx { value, bound: (high - value).max(value - low) }
}

fn negated(value: Approx) -> Approx {
    Approx { value: -value.value, ..value }
}
