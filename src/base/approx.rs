//! Reference values with the error a correct kernel may have: running error analysis.
//!
//! Each value carries a bound on how far an implementation in a given precision may lie from it, propagated through
//! every operation (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.3). Sums use a
//! probabilistic bound for independent terms (Higham and Mary, "A New Approach to Probabilistic Rounding Error
//! Analysis", 2019; "Sharper Probabilistic Backward Error Analysis", 2020), so that the tolerance grows with the length
//! of the sum as errors really do and a single dropped term shows.

/// A reference value and the absolute error allowed to an implementation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approx {
    /// The true value.
    pub value: f64,
    /// At least 0; what an implementation computes lies within `value ± bound`.
    pub bound: f64,
}

/// λ of the probabilistic bound: the chance that a correct sum of a million terms exceeds it is far below 1e-9.
const LAMBDA: f64 = 8.0;

impl Approx {
    /// A result that is not defined: any is right, and so is whatever follows from it.
    pub const UNDEFINED: Approx = Approx { value: f64::NAN, bound: f64::INFINITY };

    /// A value that both sides hold exactly.
    pub fn exact(value: f64) -> Self {
        Self { value, bound: 0.0 }
    }

    /// The sum of `terms` independent products, given their exact sum and the sum of their squares, accumulated with
    /// unit roundoff `u` in any order, fused or not: λ·u·√n·(√Σx² + |Σx|). Each of n roundings errs by u times a partial
    /// sum, none of which is much larger than √Σx² + |Σx| where terms are independent.
    pub fn sum_of_products(sum: f64, squares: f64, terms: u64, u: f64) -> Self {
        Self { value: sum, bound: LAMBDA * u * (terms as f64).sqrt() * (squares.sqrt() + sum.abs()) }.defined()
    }

    /// The same, unless f32 could have overflowed or nothing is known: then any result is right.
    fn defined(self) -> Self {
        if self.value.abs() + self.bound <= f64::from(f32::MAX) { self } else { Self::UNDEFINED }
    }

    /// The same value after one rounding with unit roundoff `u`; `underflow` is the absolute error near zero.
    pub fn rounded(self, u: f64, underflow: f64) -> Self {
        Self { value: self.value, bound: self.bound + u * (self.value.abs() + self.bound) + underflow }.defined()
    }

    /// The image under a function with derivative at most `slope` around the value, whose implementation has a
    /// relative error of `relative` and an absolute one of `absolute`.
    pub fn map(self, value: f64, slope: f64, relative: f64, absolute: f64) -> Self {
        Self { value, bound: slope * self.bound + relative * value.abs() + absolute }.defined()
    }

    /// The sum, rounded with unit roundoff `u`.
    pub fn plus(self, other: Self, u: f64) -> Self {
        Self { value: self.value + other.value, bound: self.bound + other.bound }.rounded(u, 0.0)
    }

    /// The difference, rounded with unit roundoff `u`.
    pub fn minus(self, other: Self, u: f64) -> Self {
        Self { value: self.value - other.value, bound: self.bound + other.bound }.rounded(u, 0.0)
    }

    /// The product, rounded with unit roundoff `u`.
    pub fn times(self, other: Self, u: f64) -> Self {
        let bound = self.value.abs() * other.bound + other.value.abs() * self.bound + self.bound * other.bound;
        Self { value: self.value * other.value, bound }.rounded(u, f64::from(f32::MIN_POSITIVE))
    }

    /// The quotient; undefined when the divisor may be zero.
    pub fn over(self, other: Self, u: f64) -> Self {
        let value = self.value / other.value;
        let room = other.value.abs() - other.bound;
        if room.is_nan() || room <= 0.0 {
            return Self::UNDEFINED;
        }
        // 2.5 ULP is what WGSL allows a division (section 15.7.4, "Accuracy").
        Self { value, bound: (self.bound + value.abs() * other.bound) / room }
            .rounded(5.0 * u, f64::from(f32::MIN_POSITIVE))
    }

    /// Whether an implementation's result is acceptable: any where nothing is defined (an infinite bound); otherwise
    /// NaN matches only NaN, an infinity only itself.
    pub fn admits(&self, got: f64) -> bool {
        if !self.bound.is_finite() {
            return true;
        }
        if !self.value.is_finite() || !got.is_finite() {
            return got == self.value || (got.is_nan() && self.value.is_nan());
        }
        (got - self.value).abs() <= self.bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Distribution, Fill};

    const U: f64 = 5.960_464_477_539_063e-8;

    /// Independent terms, as fills make them: evenly spread around zero, and all of one sign.
    #[test]
    fn f32_arithmetic_stays_within_the_bounds() {
        for low in [-1.0, 0.5] {
            let fill = |seed| Fill { seed, distribution: Distribution::Uniform { low, high: 1.0 } };
            let (mut worst, mut sum, mut exact, mut squares) = (0f64, 0f32, 0f64, 0f64);
            for i in 1..20_000u64 {
                let (a, b) = (fill(1).value(i) as f32, fill(2).value(i) as f32);
                sum += a * b;
                exact += f64::from(a) * f64::from(b);
                squares += (f64::from(a) * f64::from(b)).powi(2);
                let reference = Approx::sum_of_products(exact, squares, i, U);
                assert!(reference.admits(f64::from(sum)), "from {low}, after {i} terms: {sum} against {reference:?}");
                worst = worst.max((f64::from(sum) - exact).abs() / reference.bound);
            }
            assert!(worst > 0.01, "from {low}: the bound is loose, {worst} of it is used");
        }
    }

    #[test]
    fn a_dropped_average_term_is_noticed() {
        for terms in [16, 4096, 65_536] {
            let squares = terms as f64 / 9.0;
            assert!(!Approx::sum_of_products(0.0, squares, terms, U).admits(0.25), "of {terms}");
        }
    }

    /// What follows from an undefined value is undefined, whatever the operation.
    #[test]
    fn the_undefined_stays_so() {
        let (none, one, huge) = (Approx::UNDEFINED, Approx::exact(1.0), Approx::exact(1e30));
        let results = [
            none.plus(one, U),
            one.minus(none, U),
            none.times(Approx::exact(0.0), U),
            one.over(none, U),
            none.over(one, U),
            none.map(0.0, 1.0, U, 0.0),
            none.rounded(U, 0.0),
            huge.times(huge, U),
            huge.times(huge, U).times(Approx::exact(1e-30), U),
            one.over(Approx::exact(0.0), U),
        ];
        for (i, result) in results.into_iter().enumerate() {
            assert!([0.0, 1e30, f64::NAN, f64::INFINITY].into_iter().all(|got| result.admits(got)), "{i}: {result:?}");
        }
    }

    #[test]
    fn infinities_and_nan_match_themselves_only() {
        let cases = [
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, f64::MAX, false),
            (f64::NAN, f64::NAN, true),
            (1.0, f64::NAN, false),
            (f64::NEG_INFINITY, f64::INFINITY, false),
        ];
        for (value, got, admitted) in cases {
            assert_eq!(Approx { value, bound: 1.0 }.admits(got), admitted, "{value} {got}");
            assert!(Approx { value, bound: f64::INFINITY }.admits(got), "{value} {got}");
        }
    }
}
