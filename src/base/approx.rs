//! Reference values with the error a correct kernel may have: running error analysis.
//!
//! Each value carries a bound on how far an implementation in a given precision may lie from it, propagated through
//! every operation (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.3). Sums use a
//! probabilistic bound for independent terms (Higham and Mary, "A New Approach to Probabilistic Rounding Error
//! Analysis", 2019; "Sharper Probabilistic Backward Error Analysis", 2020), so that the tolerance grows with the length
//! of the sum as errors really do and a single dropped term shows.
//!
//! Where nothing has to be rounded the bound is 0: sums, differences and products of exact values that lie on a common
//! grid which the type can hold. WGSL asks that an operation gives the true result where that can be represented
//! (section 15.7.4, "Floating Point Accuracy"), so every right kernel computes the same bits. Quotients are never exact.

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

    /// The sum, rounded with unit roundoff `u`; exact where both sides are and have room on their common grid.
    pub fn plus(self, other: Self, u: f64) -> Self {
        let sum = Self { value: self.value + other.value, bound: self.bound + other.bound };
        let grid = quantum(self.value).min(quantum(other.value));
        if sum.bound == 0.0 && holds(self.value.abs() + other.value.abs(), grid, u) {
            return sum.defined();
        }
        sum.rounded(u, 0.0)
    }

    /// The difference, as [`Approx::plus`].
    pub fn minus(self, other: Self, u: f64) -> Self {
        self.plus(Self { value: -other.value, ..other }, u)
    }

    /// The product, rounded with unit roundoff `u`; exact where both sides are and it has few enough digits.
    pub fn times(self, other: Self, u: f64) -> Self {
        let bound = self.value.abs() * other.bound + other.value.abs() * self.bound + self.bound * other.bound;
        let product = Self { value: self.value * other.value, bound };
        if bound == 0.0 && holds(product.value.abs(), quantum(self.value) * quantum(other.value), u) {
            return product.defined();
        }
        product.rounded(u, f64::from(f32::MIN_POSITIVE))
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

/// The largest power of two of which a value is a whole multiple; zero is a multiple of all.
fn quantum(value: f64) -> f64 {
    if value == 0.0 {
        return f64::INFINITY;
    }
    let (value, bits) = (value.abs(), value.abs().to_bits());
    // A power of two has no digits after the implied one; otherwise the last digit is what is lost without it.
    if bits << 12 == 0 { value } else { value - f64::from_bits(bits & (bits - 1)) }
}

/// Whether every multiple of `grid` up to `magnitude` is a number with unit roundoff `u`, and none is subnormal.
fn holds(magnitude: f64, grid: f64, u: f64) -> bool {
    magnitude * u <= grid && grid >= f64::from(f32::MIN_POSITIVE)
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

    /// What needs no rounding has no room for error, and nothing else has none.
    #[test]
    fn results_that_fit_are_exact() {
        let exact = Approx::exact;
        let largest = 16_777_216.0;
        let cases = [
            ("3 + 4", exact(3.0).plus(exact(4.0), U), true),
            ("3 - 4.5", exact(3.0).minus(exact(4.5), U), true),
            ("the largest", exact(largest - 1.0).plus(exact(1.0), U), true),
            ("beyond the largest", exact(largest).plus(exact(1.0), U), false),
            ("terms that cancel beyond it", exact(largest).minus(exact(largest - 1.0), U), false),
            ("digits too far apart", exact(1.0).plus(exact(2f64.powi(-24)), U), false),
            ("digits lost in f64 too", exact(1.0).plus(exact(2f64.powi(-80)), U), false),
            ("nothing added", exact(1.0 / 3.0).plus(exact(0.0), U), false),
            ("4095 * 4097", exact(4095.0).times(exact(4097.0), U), true),
            ("4097 * 4097", exact(4097.0).times(exact(4097.0), U), false),
            ("by a power of two", exact(1001.0).times(exact(0.125), U), true),
            ("by a tenth", exact(1001.0).times(exact(f64::from(0.1f32)), U), false),
            ("by zero", exact(0.1).times(exact(0.0), U), true),
            ("below normal numbers", exact(2f64.powi(-100)).times(exact(2f64.powi(-30)), U), false),
            ("of what is not exact", Approx { value: 1.0, bound: 1e-9 }.plus(exact(1.0), U), false),
            ("a quotient", exact(6.0).over(exact(2.0), U), false),
            ("a copy", exact(-3.0).map(0.0, 1.0, 0.0, 0.0), true),
        ];
        for (what, got, is_exact) in cases {
            assert_eq!(got.bound == 0.0, is_exact, "{what}: {got:?}");
        }
    }

    #[test]
    fn zeros_of_both_signs_are_one_value() {
        assert!(Approx::exact(0.0).admits(-0.0) && Approx::exact(-0.0).admits(0.0));
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
