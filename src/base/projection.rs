//! Checking a large result by weighted sums of it: errors anywhere in a line of elements change its sum.

use serde::{Deserialize, Serialize};

use super::{Distribution, Fill};

/// Sums of an output along one of its axes, weighted ±1, and what they must be exactly (R. Freivalds, "Probabilistic
/// Machines Can Use Less Running Time", 1977). One wrong element in a line always shows; several hide each other with
/// a chance of at most one half, independently for each seed. All lines have the same weights.
///
/// The output is seen as `[outer, mid, inner]` in row-major order; `mid` is summed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// What lies before the summed axis.
    pub outer: u64,
    /// The summed axis.
    pub mid: u64,
    /// What lies after the summed axis.
    pub inner: u64,
    /// The weights along the summed axis.
    pub weights: Fill,
    /// The true sums, `[outer, inner]` in row-major order.
    pub expected: Vec<f64>,
}

/// Where a projection and a result disagree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// The sum's position in [`Projection::expected`].
    pub line: u64,
    /// The flat index of the first element that the sum covers.
    pub first: u64,
    /// What the elements add up to.
    pub got: f64,
    /// What they should add up to.
    pub want: f64,
}

impl Projection {
    /// A view of an output with the weights of a seed, nothing expected yet.
    pub fn new([outer, mid, inner]: [u64; 3], seed: u32) -> Self {
        let weights = Fill { seed, distribution: Distribution::Integers { low: -1, high: 1 } };
        Self { outer, mid, inner, weights, expected: Vec::new() }
    }

    /// The weights, one for each position along the summed axis: 1 or −1.
    pub fn signs(&self) -> Vec<f64> {
        (0..self.mid).map(|position| self.weights.value(position)).collect()
    }

    /// The sums of an output whose element at a flat index is `at`, each element read once and in order.
    pub fn sums(&self, at: impl Fn(u64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; (self.outer * self.inner) as usize];
        let signs = self.signs();
        let mut index = 0;
        for line in sums.chunks_exact_mut(self.inner as usize) {
            for sign in &signs {
                for sum in &mut *line {
                    *sum += sign * at(index);
                    index += 1;
                }
            }
        }
        sums
    }

    /// The first line whose sum is not what is expected. Elements that are not numbers never add up.
    pub fn disagreement(&self, at: impl Fn(u64) -> f64) -> Option<Disagreement> {
        let pairs = self.sums(at).into_iter().zip(&self.expected);
        let (line, (got, want)) = pairs.enumerate().find(|(_, (got, want))| got != *want)?;
        let line = line as u64;
        let first = line / self.inner * self.mid * self.inner + line % self.inner;
        Some(Disagreement { line, first, got, want: *want })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_element_shows_in_its_own_line() {
        let values: Vec<f64> = (0..2 * 5 * 3).map(f64::from).collect();
        let mut projection = Projection::new([2, 5, 3], 9);
        assert!(projection.signs().iter().all(|sign| sign.abs() == 1.0));
        projection.expected = projection.sums(|i| values[i as usize]);
        let by_hand = (0..5).map(|mid| projection.signs()[mid] * values[15 + mid * 3 + 2]).sum::<f64>();
        assert_eq!(projection.expected[5], by_hand);
        assert_eq!(projection.disagreement(|i| values[i as usize]), None);
        for (wrong, line, first) in [(0, 0, 0), (14, 2, 2), (16, 4, 16), (29, 5, 17)] {
            for error in [1.0, -0.5, f64::NAN] {
                let at = |i| values[i as usize] + if i == wrong { error } else { 0.0 };
                let found = projection.disagreement(at).expect("the element is wrong");
                assert_eq!((found.line, found.first), (line, first), "{wrong}");
            }
        }
    }
}
