//! Reference values with the error a correct kernel may have: running error analysis.
//!
//! Each value carries a bound on how far an implementation in a given precision may lie from it, propagated through
//! every operation (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.3). Sums of n terms
//! use the probabilistic bound λ·√n·u (Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis",
//! 2019), so that the tolerance grows with the length of the sum as errors really do and a single dropped term shows.

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
    /// A value that both sides hold exactly.
    pub fn exact(value: f64) -> Self {
        Self { value, bound: 0.0 }
    }

    /// The sum of `terms` products, given their exact sum and the sum of their magnitudes, accumulated with unit
    /// roundoff `u` in any order, fused or not.
    pub fn sum_of_products(sum: f64, magnitude: f64, terms: u64, u: f64) -> Self {
        Self { value: sum, bound: LAMBDA * ((terms + 1) as f64).sqrt() * u * magnitude }
    }

    /// The same value after one rounding with unit roundoff `u`; `underflow` is the absolute error near zero.
    pub fn rounded(self, u: f64, underflow: f64) -> Self {
        Self { value: self.value, bound: self.bound + u * (self.value.abs() + self.bound) + underflow }
    }

    /// The image under a function with derivative at most `slope` around the value, whose implementation has a
    /// relative error of `relative` and an absolute one of `absolute`.
    pub fn map(self, value: f64, slope: f64, relative: f64, absolute: f64) -> Self {
        Self { value, bound: slope * self.bound + relative * value.abs() + absolute }
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

    /// The quotient; its bound is infinite when the divisor may be zero.
    pub fn over(self, other: Self, u: f64) -> Self {
        let value = self.value / other.value;
        let room = other.value.abs() - other.bound;
        if room <= 0.0 {
            return Self { value, bound: f64::INFINITY };
        }
        // 2.5 ULP is what WGSL allows a division (section 15.7.4, "Accuracy").
        Self { value, bound: (self.bound + value.abs() * other.bound) / room }
            .rounded(5.0 * u, f64::from(f32::MIN_POSITIVE))
    }

    /// Whether an implementation's result is acceptable: any where nothing is defined (an infinite bound); otherwise
    /// NaN matches only NaN, an infinity only itself.
    pub fn admits(&self, got: f64) -> bool {
        if self.bound == f64::INFINITY {
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

    const U: f64 = 5.960_464_477_539_063e-8;

    #[test]
    fn f32_arithmetic_stays_within_the_bounds() {
        let (mut worst, mut sum, mut exact, mut magnitude) = (0f64, 0f32, 0f64, 0f64);
        for i in 1..5000u32 {
            let (a, b) = ((i as f32 * 0.37).sin(), (i as f32 * 0.11).cos());
            sum += a * b;
            exact += f64::from(a) * f64::from(b);
            magnitude += (f64::from(a) * f64::from(b)).abs();
            let bound = Approx::sum_of_products(exact, magnitude, u64::from(i), U);
            assert!(bound.admits(f64::from(sum)), "after {i} terms: {sum} against {bound:?}");
            worst = worst.max((f64::from(sum) - exact).abs() / bound.bound);
        }
        assert!(worst < 0.5, "the bound is not loose by accident: {worst}");
    }

    #[test]
    fn a_dropped_average_term_is_noticed() {
        let terms = 4096u64;
        let reference = Approx::sum_of_products(0.0, terms as f64, terms, U);
        assert!(!reference.admits(1.0));
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
