//! How a buffer's contents are made: a rule that host, worker and browser all compute alike.
//!
//! Element `i` depends on the seed and on `i` alone, through 32-bit integer arithmetic (`Math.imul` in a browser),
//! so no tensor ever has to cross a pipe.

use serde::{Deserialize, Serialize};

/// What the values look like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Real values spread evenly over `low..high`, never exactly zero before rounding.
    Uniform {
        /// The least value.
        low: f64,
        /// Above every value.
        high: f64,
    },
    /// Whole numbers spread evenly over `low..=high`, zero left out.
    Integers {
        /// The least value.
        low: i32,
        /// The greatest value.
        high: i32,
    },
    /// Whole numbers spread evenly over `low..=high`, zero among them. Of more than 2³² numbers only the lowest 2³² occur;
    /// where `high` is below `low`, only `low`.
    WholeNumbers {
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// Real values with a bell curve around `mean`, none further from it than six times `deviation`: the sum of twelve even
    /// spreads (M. E. Muller, "A comparison of methods for generating normal deviates on digital computers", 1959).
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; finite.
        deviation: f64,
    },
    /// This value everywhere; finite.
    Constant(f64),
    /// `start`, `start + step`, `start + 2·step` and so on.
    Iota {
        /// Element 0; finite.
        start: f64,
        /// From one element to the next; finite.
        step: f64,
    },
    /// Whole numbers of either sign up to `high` in magnitude; a quarter each is 0 and −0 instead.
    SignedZeros {
        /// The greatest magnitude.
        high: i32,
    },
    /// Magnitudes spread evenly over whole numbers, with signs such that neighbours along one axis nearly cancel: sums
    /// stay small where the terms are large. The members of a pair have opposite signs, and each pair's own are
    /// random. An odd extent ends in three weighted 1, −½, −½, an extent of 1 is weighted ¼.
    Cancelling {
        /// The least magnitude; above 0.
        low: i32,
        /// The greatest magnitude.
        high: i32,
        /// From one position along the axis to the next, in elements.
        stride: u64,
        /// Positions along the axis.
        extent: u64,
    },
}

/// A seeded rule for the contents of one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fill {
    /// What distinguishes buffers of one distribution.
    pub seed: u32,
    /// What the values look like.
    pub distribution: Distribution,
}

impl Fill {
    /// Element `index`, before it is rounded to the element type.
    pub fn value(&self, index: u64) -> f64 {
        let bits = hash(self.seed, index);
        match self.distribution {
            Distribution::Uniform { low, high } => {
                let unit = (f64::from(bits) + 0.5) / 4_294_967_296.0;
                low + (high - low) * unit
            }
            Distribution::Integers { low, high } => whole(low, high, bits),
            Distribution::WholeNumbers { low, high } => {
                let choices = (i128::from(high) - i128::from(low) + 1).max(1);
                (i128::from(low) + i128::from(bits) % choices) as f64
            }
            Distribution::Normal { mean, deviation } => mean + deviation * bell(self.seed, index),
            Distribution::Constant(value) => value,
            Distribution::Iota { start, step } => start + step * index as f64,
            Distribution::SignedZeros { high } => match bits % 4 {
                0 => 0.0,
                1 => -0.0,
                _ => whole(-high, high, bits / 4),
            },
            Distribution::Cancelling { low, high, stride, extent } => {
                let (first, weight) = cancelling(index / stride % extent, extent);
                let is_negative = hash(!self.seed, index - (index / stride % extent - first) * stride) % 2 == 1;
                whole(low, high, bits) * if is_negative { -weight } else { weight }
            }
        }
    }
}

/// Terms of a bell curve: a spread over 0 to 1 has variance 1/12, so twelve of them need no scaling.
const TERMS: u64 = 12;

/// A value with mean 0 and deviation 1. Its terms are added as integers, so nothing is rounded before the end and no
/// machine's logarithm or sine decides a bit.
fn bell(seed: u32, index: u64) -> f64 {
    let first = index.wrapping_mul(TERMS);
    let sum: u64 = (0..TERMS).map(|term| u64::from(hash(seed, first.wrapping_add(term)))).sum();
    let middle = (TERMS << 31) as f64;
    (sum as f64 + 0.5 * TERMS as f64 - middle) / 4_294_967_296.0
}

/// One of the whole numbers of a range, zero left out.
fn whole(low: i32, high: i32, bits: u32) -> f64 {
    let choices = (i64::from(high) - i64::from(low) + 1 - i64::from(low <= 0 && 0 <= high)).max(1);
    let pick = i64::from(low) + i64::from(bits) % choices;
    (pick + i64::from(low <= 0 && pick >= 0)) as f64
}

/// The first of those that a position cancels with, and the position's weight among them.
fn cancelling(position: u64, extent: u64) -> (u64, f64) {
    if extent == 1 {
        return (0, 0.25);
    }
    if extent % 2 == 1 && position + 3 >= extent {
        let first = extent - 3;
        return (first, if position == first { 1.0 } else { -0.5 });
    }
    (position & !1, if position.is_multiple_of(2) { 1.0 } else { -1.0 })
}

/// 32 well-mixed bits for one element of one buffer.
fn hash(seed: u32, index: u64) -> u32 {
    let high = mix((index >> 32) as u32 ^ 0x9e37_79b9);
    mix(mix(seed ^ high).wrapping_add(index as u32))
}

/// A bijection of 32-bit words with low bias ("lowbias32", C. Wellons, "Prospecting for Hash Functions").
fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_range_and_are_never_zero() {
        let cases = [
            (Distribution::Uniform { low: -1.0, high: 1.0 }, -1.0, 1.0),
            (Distribution::Uniform { low: 0.5, high: 2.0 }, 0.5, 2.0),
            (Distribution::Integers { low: -3, high: 3 }, -3.0, 3.0),
            (Distribution::Integers { low: 1, high: 4 }, 1.0, 4.0),
        ];
        for (distribution, low, high) in cases {
            let fill = Fill { seed: 7, distribution };
            let values: Vec<f64> = (0..2000).map(|i| fill.value(i)).collect();
            assert!(values.iter().all(|v| (low..=high).contains(v) && *v != 0.0), "{distribution:?}");
            let mean = values.iter().sum::<f64>() / 2000.0;
            assert!((mean - (low + high) / 2.0).abs() < 0.1 * (high - low), "{distribution:?}: mean {mean}");
        }
    }

    #[test]
    fn zeros_of_both_signs_lie_among_the_others() {
        let fill = Fill { seed: 3, distribution: Distribution::SignedZeros { high: 4 } };
        let values: Vec<f64> = (0..4000).map(|i| fill.value(i)).collect();
        for sign in [1.0, -1.0] {
            let zeros = values.iter().filter(|v| **v == 0.0 && v.signum() == sign).count();
            assert!((800..1200).contains(&zeros), "{zeros} zeros of sign {sign}");
            assert!((1..=4).all(|size| values.contains(&(sign * f64::from(size)))), "sizes of sign {sign}");
        }
    }

    /// Whatever the stride and the extent, and with signs of its own for each row.
    #[test]
    fn neighbours_along_the_axis_cancel() {
        for (stride, extent) in [(1, 2), (1, 7), (6, 4), (6, 3), (5, 64), (1, 5)] {
            let distribution = Distribution::Cancelling { low: 99, high: 101, stride, extent };
            let fill = Fill { seed: 5, distribution };
            let row = |start: u64| (0..extent).map(move |p| fill.value(start + p * stride));
            for start in (0..50).map(|block| block * stride * extent + block % stride) {
                let (sum, most) = (row(start).sum::<f64>(), 2.0 * extent as f64);
                assert!(sum.abs() <= most, "stride {stride}, extent {extent}: {sum}");
                assert!(row(start).all(|v| (49.0..102.0).contains(&v.abs())), "stride {stride}, extent {extent}");
            }
            let positive = (0..200).filter(|block| fill.value(block * stride * extent) > 0.0).count();
            assert!((60..140).contains(&positive), "stride {stride}, extent {extent}: {positive} of 200 begin above 0");
        }
        let one =
            Fill { seed: 5, distribution: Distribution::Cancelling { low: 100, high: 100, stride: 1, extent: 1 } };
        assert!((0..50).all(|i| one.value(i).abs() == 25.0));
    }

    #[test]
    fn normal_values_have_the_moments_of_the_bell_curve() {
        let fill = Fill { seed: 11, distribution: Distribution::Normal { mean: 5.0, deviation: 2.0 } };
        let values: Vec<f64> = (0..20_000).map(|i| (fill.value(i) - 5.0) / 2.0).collect();
        let moment = |power| values.iter().map(|v| v.powi(power)).sum::<f64>() / values.len() as f64;
        // The fourth moment of twelve terms is 2.9 where that of the bell curve is 3.
        for (power, want) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 2.9)] {
            assert!((moment(power) - want).abs() < 0.1, "moment {power}: {} instead of {want}", moment(power));
        }
        let within = values.iter().filter(|v| v.abs() < 1.0).count();
        assert!((13_300..14_000).contains(&within), "{within} of 20000 within one deviation");
    }

    /// Whatever a range is, also where it has no or more numbers than 32 bits can choose from.
    #[test]
    fn whole_numbers_stay_in_range_and_reach_its_ends() {
        let cases =
            [(0, 3), (-2, 2), (7, 7), (i64::from(u32::MAX) - 1, i64::from(u32::MAX)), (5, 4), (i64::MIN, i64::MAX)];
        for (low, high) in cases {
            let fill = Fill { seed: 2, distribution: Distribution::WholeNumbers { low, high } };
            let values: Vec<f64> = (0..200).map(|i| fill.value(i)).collect();
            let (low, high) = (low as f64, high.max(low) as f64);
            assert!(values.iter().all(|v| (low..=high).contains(v)), "{low}..={high}: {values:?}");
            assert!(high - low > 9.0 || values.contains(&low) && values.contains(&high), "{low}..={high}");
        }
    }

    /// The same numbers must come out of every implementation of this rule: these are its test vectors.
    #[test]
    fn the_hash_is_pinned() {
        let got: Vec<u32> = [(0, 0), (1, 0), (1, 1), (7, 1 << 33)].into_iter().map(|(s, i)| hash(s, i)).collect();
        assert_eq!(got, [2488251732, 3330041933, 2670120927, 253736718]);
    }

    #[test]
    fn the_values_are_pinned() {
        let cases = [
            (Distribution::Integers { low: -3, high: 3 }, [3.0, 1.0, 2.0, 3.0, 3.0, 2.0]),
            (Distribution::SignedZeros { high: 3 }, [-0.0, 1.0, 0.0, -0.0, -1.0, -1.0]),
            (
                Distribution::Cancelling { low: 98, high: 102, stride: 1, extent: 3 },
                [101.0, -50.0, -51.0, 99.0, -50.5, -50.5],
            ),
            (Distribution::WholeNumbers { low: -1, high: 2 }, [0.0, 2.0, -1.0, 0.0, 2.0, 1.0]),
            (
                Distribution::WholeNumbers { low: 0, high: 4_294_967_295 },
                [3330041933.0, 2670120927.0, 4278987184.0, 4072912181.0, 2153269163.0, 2823148498.0],
            ),
            (
                Distribution::Normal { mean: 1.0, deviation: 0.5 },
                [
                    1.2002169213956222,
                    0.8774719433858991,
                    0.7154094078578055,
                    0.6146000555017963,
                    0.7994008075911552,
                    1.660114643862471,
                ],
            ),
            (Distribution::Constant(0.1), [0.1; 6]),
            (Distribution::Iota { start: -1.0, step: 0.25 }, [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25]),
        ];
        for (distribution, want) in cases {
            let fill = Fill { seed: 1, distribution };
            let got: [f64; 6] = std::array::from_fn(|i| fill.value(i as u64));
            assert_eq!(got.map(f64::to_bits), want.map(f64::to_bits), "{distribution:?}: {got:?}");
        }
    }
}
