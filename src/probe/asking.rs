//! What is asked of a device to have one of its numbers: a program, its data, and the true results that it is held to.

use crate::backend::{BufferRule, Expected};
use crate::base::{Approx, Distribution, ElementType, Fill};
use crate::code::Program;

/// One program with its data, how much it does, and what must come of it.
pub(super) struct Asking {
    /// What tells it from others that ask the same.
    pub how: String,
    pub program: Program,
    pub inputs: Vec<BufferRule>,
    pub output: BufferRule,
    pub expected: Expected,
    /// Operations or bytes of one run.
    pub amount: f64,
}

/// What is added up: so small that sums of some are exact in f32.
pub(super) const NUMBERS: Distribution = Distribution::WholeNumbers { low: 0, high: 1000 };

pub(super) fn input(name: &str, element: ElementType, elements: u64, distribution: Distribution) -> BufferRule {
    BufferRule { fill: Some(Fill { seed: 1, distribution }), ..output(name, element, elements) }
}

pub(super) fn output(name: &str, element: ElementType, elements: u64) -> BufferRule {
    BufferRule { name: name.to_owned(), element, elements, fill: None, file: None }
}

/// Element `index` of an input.
pub(super) fn value(rule: &BufferRule, index: u64) -> f64 {
    rule.fill.map_or(0.0, |fill| rule.element.quantise(fill.value(index)))
}

/// Elements that are checked, at most: a wrong program of ours is wrong in more than a few.
const MOST_CHECKED: u64 = 4096;

/// True results, exact, spread evenly over an output: at an odd distance, so that all invocations of a workgroup occur.
pub(super) fn sampled(elements: u64, at: impl Fn(u64) -> f64) -> Expected {
    let distance = (elements / MOST_CHECKED) | 1;
    let indices: Vec<u64> = (0..elements).step_by(distance as usize).chain([elements - 1]).collect();
    let values = indices.iter().map(|index| Approx::exact(at(*index))).collect();
    Expected { indices: Some(indices), ..Expected::all(values) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_reach_the_ends_and_every_invocation() {
        let expected = sampled(1 << 20, |i| i as f64);
        let indices = expected.indices.unwrap();
        assert!((4000..4300).contains(&indices.len()));
        assert_eq!((indices[0], *indices.last().unwrap()), (0, (1 << 20) - 1));
        assert!((0..256).all(|local| indices.iter().any(|index| index % 256 == local)));
        assert_eq!(sampled(32, |_| 0.0).values.len(), 33, "the last one twice");
    }
}
