//! How far products may be off whose factors are rounded to few bits before they are multiplied, as matrix units do.

use crate::base::Approx;
use crate::record::Numerics;

/// The errors of products, added up: rounding in one direction gives them one sign.
#[derive(Clone, Copy)]
pub struct Narrowing {
    bits: u32,
    error: f64,
}

/// Digits of an f64 after the implied one.
const DIGITS: u32 = f64::MANTISSA_DIGITS - 1;

impl Narrowing {
    /// That of a kernel of these numerics, if it rounds its factors.
    pub fn of(numerics: Numerics) -> Option<Self> {
        match numerics {
            Numerics::Narrow { bits } => Some(Self { bits: bits.clamp(1, f64::MANTISSA_DIGITS), error: 0.0 }),
            _ => None,
        }
    }

    /// Adds what a product may be off by.
    pub fn add(&mut self, x: f64, y: f64) {
        let (lost_x, lost_y) = (self.lost(x), self.lost(y));
        self.error += x.abs() * lost_y + y.abs() * lost_x + lost_x * lost_y;
    }

    /// A sum of the products as it may be computed of the true factors, with all that was added.
    pub fn widen(&self, sum: Approx) -> Approx {
        Approx { bound: sum.bound + self.error, ..sum }.rounded(0.0, 0.0)
    }

    /// By how much a factor may change: by less than a unit in the last place that is kept, unless nothing is lost.
    fn lost(&self, value: f64) -> f64 {
        let kept = self.bits - 1;
        let (bits, below) = (value.to_bits(), (1u64 << (DIGITS - kept)) - 1);
        let power = f64::from_bits(bits & (0x7ff << DIGITS));
        if bits & below == 0 { 0.0 } else { power / (1u64 << kept) as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Distribution, Fill, Sum};

    const TF32: Numerics = Numerics::Narrow { bits: 11 };
    const U: f64 = 1.0 / 16_777_216.0;

    fn to_tf32(value: f32, nearest: bool) -> f32 {
        let half = if nearest { 1 << 12 } else { 0 };
        f32::from_bits((value.to_bits() + half) & !0x1fff)
    }

    /// Of one sign, so that the errors of cutting off add up.
    #[test]
    fn tf32_lies_within_the_bound_and_uses_it() {
        let fill = |seed| Fill { seed, distribution: Distribution::Uniform { low: 0.5, high: 1.5 } };
        for nearest in [false, true] {
            let (mut sum, mut narrowing, mut got) = (Sum::EMPTY, Narrowing::of(TF32).unwrap(), 0f32);
            for i in 0..1000 {
                let [x, y] = [1, 2].map(|seed| fill(seed).value(i) as f32);
                got += to_tf32(x, nearest) * to_tf32(y, nearest);
                sum.add(f64::from(x) * f64::from(y));
                narrowing.add(x.into(), y.into());
            }
            let (plain, narrow) = (sum.in_any_order(1000, U), narrowing.widen(sum.in_any_order(1000, U)));
            assert!(!plain.admits(got.into()) || nearest, "TF32 cannot pass for f32");
            assert!(narrow.admits(got.into()), "{got} and {narrow:?}");
            let used = (f64::from(got) - narrow.value).abs() / narrow.bound;
            assert!(nearest || used > 0.2, "the bound is loose, {used} of it is used");
        }
    }

    #[test]
    fn what_has_few_bits_is_exact() {
        let mut narrowing = Narrowing::of(TF32).unwrap();
        for (x, y) in [(3.0, -2048.0), (0.0, 1.0 / 3.0), (2047.0, 0.125), (-308.0, 4096.0)] {
            narrowing.add(x, y);
        }
        assert_eq!(narrowing.error, 0.0);
        narrowing.add(2049.0, 1.0);
        assert_eq!(narrowing.error, 2.0);
        assert!(Narrowing::of(Numerics::Exact).is_none());
    }
}
