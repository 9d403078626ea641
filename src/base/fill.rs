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
            Distribution::Integers { low, high } => {
                let choices = (i64::from(high) - i64::from(low) + 1 - i64::from(low <= 0 && 0 <= high)).max(1);
                let pick = i64::from(low) + i64::from(bits) % choices;
                (pick + i64::from(low <= 0 && pick >= 0)) as f64
            }
        }
    }
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

    /// The same numbers must come out of every implementation of this rule: these are its test vectors.
    #[test]
    fn the_hash_is_pinned() {
        let got: Vec<u32> = [(0, 0), (1, 0), (1, 1), (7, 1 << 33)].into_iter().map(|(s, i)| hash(s, i)).collect();
        assert_eq!(got, [2488251732, 3330041933, 2670120927, 253736718]);
    }
}
