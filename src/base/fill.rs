//! How a buffer's contents are made: a rule that host, worker and browser all compute alike.
//!
//! Element `i` depends on the seed and on `i` alone, through 32-bit integer arithmetic (`Math.imul` in a browser),
//! so no tensor ever has to cross a pipe.

use serde::{Deserialize, Serialize};

/// What the values look like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
        ];
        for (distribution, want) in cases {
            let fill = Fill { seed: 1, distribution };
            let got: [f64; 6] = std::array::from_fn(|i| fill.value(i as u64));
            assert_eq!(got.map(f64::to_bits), want.map(f64::to_bits), "{distribution:?}: {got:?}");
        }
    }
}
