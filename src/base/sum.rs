//! Sums as references take them: term by term, knowing when every order of summation must give the same number.

use super::Approx;

/// A sum of products in f64, with what its error bound depends on.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    value: f64,
    squares: f64,
    magnitude: f64,
    /// Above 0 as soon as one term is no whole number.
    fractions: f64,
}

/// Adding and subtracting it rounds what is below 2⁵¹ to a whole number: several times as fast as a cast, in loops
/// that references spend all their time in.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

impl Sum {
    /// No terms yet.
    pub const EMPTY: Sum = Sum { value: 0.0, squares: 0.0, magnitude: 0.0, fractions: 0.0 };

    /// Adds one term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        self.value += term;
        self.squares += term * term;
        self.magnitude += term.abs();
        self.fractions += (term + ROUNDER - ROUNDER - term).abs();
    }

    /// The sum as an implementation with unit roundoff `u` may compute it, in any order, fused or not. Of whole terms
    /// with Σ|x| ≤ 1/u every partial sum is a whole number that the type holds, so all of them agree: the bound is 0.
    /// `terms` counts those that are zero and were not added, too.
    pub fn in_any_order(&self, terms: u64, u: f64) -> Approx {
        if self.fractions == 0.0 && self.magnitude * u <= 1.0 {
            return Approx::exact(self.value);
        }
        self.of_rounded(terms, u)
    }

    /// The sum in any order, of terms that may be off by a little themselves: never exact.
    pub fn of_rounded(&self, terms: u64, u: f64) -> Approx {
        Approx::sum_of_products(self.value, self.squares, terms, u)
    }

    /// The sum as a method may compute it that transforms the factors first, as Winograd's does: never exact, and
    /// `factor` times as far off as a plain sum of the size of what is `mixed` in the transforms, √Σx² + |Σx| of all
    /// products whose factors meet there: a small sum carries the errors of its large neighbours.
    pub fn transformed(&self, mixed: f64, terms: u64, u: f64, factor: f64) -> Approx {
        let size = factor * mixed.max(self.squares.sqrt() + self.value.abs());
        Approx::sum_of_products(self.value, size * size, terms, u)
    }
}

impl Extend<f64> for Sum {
    fn extend<T: IntoIterator<Item = f64>>(&mut self, terms: T) {
        terms.into_iter().for_each(|term| self.add(term));
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<T: IntoIterator<Item = f64>>(terms: T) -> Self {
        let mut sum = Self::EMPTY;
        sum.extend(terms);
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::{Distribution, Fill};

    const U: f64 = 1.0 / 16_777_216.0;

    proptest! {
        /// Up to Σ|x| = 2²⁴ every order and every grouping gives the same bits.
        #[test]
        fn whole_terms_are_exact_in_every_order(
            (terms, shuffled) in prop::collection::vec(-4096i32..=4096, 1..4000)
                .prop_flat_map(|terms| (Just(terms.clone()), Just(terms).prop_shuffle())),
            lanes in 1usize..9,
        ) {
            let sum: Sum = terms.iter().map(|term| f64::from(*term)).collect();
            let reference = sum.in_any_order(terms.len() as u64, U);
            prop_assert_eq!(reference.bound, 0.0);
            let partial = |lane| shuffled.iter().skip(lane).step_by(lanes).map(|term| *term as f32).sum::<f32>();
            prop_assert!(reference.admits(f64::from((0..lanes).map(partial).sum::<f32>())));
        }
    }

    #[test]
    fn only_whole_terms_within_reach_are_exact() {
        let cases = [
            (vec![1.0, 2.0, -3.0], true),
            (vec![16_777_215.0, 1.0], true),
            (vec![16_777_215.0, 2.0], false),
            (vec![16_777_215.0, 1.0, -1.0], false),
            (vec![1.0, 2.5], false),
            (vec![1.0, 2f64.powi(-40)], false),
            (vec![1.0, 1e-200], false),
            (vec![1.0, f64::NAN], false),
            (vec![0.0, -0.0], true),
            (vec![], true),
            (vec![1e30, -1e30], false),
        ];
        for (terms, exact) in cases {
            let sum: Sum = terms.iter().copied().collect();
            assert_eq!(sum.in_any_order(terms.len() as u64, U).bound == 0.0, exact, "{terms:?}");
        }
        let integers: Sum = [2f64.powi(30), 1.0].into_iter().collect();
        assert_eq!(integers.in_any_order(2, 0.0), Approx::exact(1_073_741_825.0), "integers do not round");
    }

    /// Eight channels of a filter with three taps by Winograd's F(2,3) (A. Lavin and S. Gray, "Fast Algorithms for
    /// Convolutional Neural Networks", 2016, section 4.1), all in f32.
    #[test]
    fn a_transformed_sum_has_room_and_misses_nothing() {
        let fill = |seed| Fill { seed, distribution: Distribution::Uniform { low: -1.0, high: 1.0 } };
        let value = |seed, i| fill(seed).value(i) as f32;
        let mut used = 0f64;
        for case in 0..500u64 {
            let (mut y, mut sums) = ([0f32; 2], [Sum::EMPTY; 2]);
            for channel in 0..8 {
                let d: [f32; 4] = std::array::from_fn(|i| value(1, (case * 8 + channel) * 4 + i as u64));
                let g: [f32; 3] = std::array::from_fn(|i| value(2, (case * 8 + channel) * 3 + i as u64));
                let products = [
                    (d[0] - d[2]) * g[0],
                    (d[1] + d[2]) * ((g[0] + g[1] + g[2]) * 0.5),
                    (d[2] - d[1]) * ((g[0] - g[1] + g[2]) * 0.5),
                    (d[1] - d[3]) * g[2],
                ];
                y[0] += products[0] + products[1] + products[2];
                y[1] += products[1] - products[2] - products[3];
                for (out, sum) in sums.iter_mut().enumerate() {
                    sum.extend((0..3).map(|tap| f64::from(d[out + tap]) * f64::from(g[tap])));
                }
            }
            for (got, sum) in y.into_iter().zip(&sums) {
                let reference = sum.transformed(0.0, 24, U, 4.0);
                assert!(reference.admits(f64::from(got)), "{got} against {reference:?}");
                assert!(!reference.admits(f64::from(got) + 0.01), "a dropped term of a hundredth");
                used = used.max((f64::from(got) - reference.value).abs() / reference.bound);
            }
        }
        assert!(used > 0.005, "the bound is loose, {used} of it is used");
    }

    #[test]
    fn transformed_whole_sums_keep_a_bound() {
        let sum: Sum = [3.0, -2.0, 5.0].into_iter().collect();
        let reference = sum.transformed(0.0, 3, U, 4.0);
        assert!(reference.bound > 0.0 && reference.admits(6.0) && !reference.admits(5.0), "{reference:?}");
        let zero = Sum::EMPTY.transformed(1000.0, 3, U, 4.0);
        assert!(zero.admits(1e-3) && !zero.admits(1e-2), "beside large neighbours: {zero:?}");
        assert_eq!(Sum::EMPTY.transformed(1e39, 3, U, 1e9).bound, f64::INFINITY, "beyond the range anything is right");
    }
}
