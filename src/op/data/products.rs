//! The contents for sums of products: chosen so that sums of this length are exact, large or tiny as they should be.

use super::DataSet;
use crate::base::{Distribution, ElementType};
use crate::op::Signature;

/// An operator that sums products of its first two inputs; further inputs are added in its epilogue.
pub struct Products {
    /// Products in each sum.
    pub terms: u64,
    /// From one term to the next in the second input, in elements.
    pub stride: u64,
    /// Terms after which the second input begins another sum, or another part of this one.
    pub extent: u64,
}

/// Whole numbers up to this size at most: enough to tell elements apart.
const LARGEST_INTEGER: i32 = 8;

/// Sums of whole numbers stay within these whatever their signs: below 2²⁴ and, for f16, below 2048, with room for the
/// epilogue's own inputs.
const EXACT_F32: f64 = 8_388_608.0;
const EXACT_F16: f64 = 2040.0;

/// Standard deviations within which a sum of random signs stays: not even one of 10⁹ sums is expected beyond.
const DEVIATIONS: f64 = 8.0;

/// Magnitude of large factors: their products, 90 000, overflow f16.
const LARGE: i32 = 300;

/// Sums of large products stay within this for all but few: below f16's 65 504, with room for the epilogue.
const LARGE_SUM: f64 = 60_000.0;

/// Sums of tiny products, well above f16's smallest normal number of 2⁻¹⁴, and their factors, none of which is below.
const TINY_SUM: f64 = 1.0 / 2048.0;
const TINY_FACTOR: [f64; 2] = [1.0 / 8192.0, 1.0 / 256.0];

/// Fewer tiny products have a sum that f16 cannot tell from zero.
const LEAST_TINY: u64 = 16;

impl Products {
    /// What each input of the signature is filled with.
    pub fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        let is_f16 = signature.inputs.iter().chain(&signature.outputs).any(|t| t.element == ElementType::F16);
        let is_float = signature.inputs.iter().all(|tensor| tensor.element.is_float());
        let [first, second, added] = match data {
            DataSet::Random => return Some(signature.inputs.iter().map(|tensor| tensor.distribution).collect()),
            // Sums of bytes are exact, and small ones would vanish in a shift.
            DataSet::Integers if !is_float => [Distribution::Integers { low: -64, high: 64 }; 3],
            DataSet::Integers => [self.integers(is_f16); 3],
            // The others are about what floats can do and integers cannot.
            _ if !is_float => return None,
            DataSet::OneSign => [Distribution::Uniform { low: 0.5, high: 1.5 }; 3],
            DataSet::Large => self.large(),
            DataSet::Tiny if is_f16 && self.terms < LEAST_TINY => return None,
            DataSet::Tiny => self.tiny(),
            DataSet::SignedZero => [Distribution::SignedZeros { high: self.largest_integer(is_f16) }; 3],
        };
        let all = [first, second].into_iter().chain(std::iter::repeat(added));
        Some(all.take(signature.inputs.len()).collect())
    }

    fn integers(&self, is_f16: bool) -> Distribution {
        let high = self.largest_integer(is_f16);
        Distribution::Integers { low: -high, high }
    }

    /// The largest range −h..=h whose sums are exact. The mean square of such a factor is (h+1)(2h+1)/6.
    fn largest_integer(&self, is_f16: bool) -> i32 {
        let terms = self.terms as f64;
        let fits = |high: &i32| {
            let h = f64::from(*high);
            let deviation = terms.sqrt() * (h + 1.0) * (2.0 * h + 1.0) / 6.0;
            terms * h * h <= EXACT_F32 && (!is_f16 || DEVIATIONS * deviation <= EXACT_F16)
        };
        (1..=LARGEST_INTEGER).rev().find(fits).unwrap_or(1)
    }

    /// Neighbouring products cancel but for the spread of their factors.
    fn large(&self) -> [Distribution; 3] {
        // Of each pair remain two differences of variance 2·s(s+1)/3 each, times the other factor.
        let deviation = |s: f64| f64::from(LARGE) * (self.terms as f64 * 2.0 * s * (s + 1.0) / 3.0).sqrt();
        let spread = (1..=LARGEST_INTEGER).rev().find(|s| 3.0 * deviation(f64::from(*s)) <= LARGE_SUM).unwrap_or(1);
        let (low, high) = (LARGE - spread, LARGE + spread);
        [
            Distribution::Integers { low, high },
            Distribution::Cancelling { low, high, stride: self.stride, extent: self.extent },
            Distribution::Uniform { low: -1000.0, high: 1000.0 },
        ]
    }

    fn tiny(&self) -> [Distribution; 3] {
        let factor = (TINY_SUM / self.terms as f64).sqrt().clamp(TINY_FACTOR[0], TINY_FACTOR[1]);
        let positive = Distribution::Uniform { low: 0.5 * factor, high: 1.5 * factor };
        [positive, positive, Distribution::Uniform { low: -TINY_SUM, high: TINY_SUM }]
    }
}
