//! Statistics of noisy timings: medians and intervals that assume nothing about the distribution.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF};

use super::seeded;

/// A value with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// Confidence of every interval that is printed.
pub const CONFIDENCE: f64 = 0.95;

/// The middle value (the mean of the two middle ones for an even count). NaN for no samples.
pub fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

/// The median with its distribution-free interval from order statistics: the ranks come from the binomial
/// distribution with p = ½ (H. A. David, "Order Statistics", section 7.1). With fewer than six samples no pair of
/// ranks reaches 95 %, and the interval is the whole range.
pub fn median_interval(samples: &[f64]) -> Estimate {
    let sorted = sorted(samples);
    if sorted.is_empty() {
        return Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    }
    let rank = lower_rank(sorted.len());
    Estimate { value: median(samples), low: sorted[rank], high: sorted[sorted.len() - 1 - rank] }
}

/// Half the width of the median's interval, relative to the median: how well a timing is known.
pub fn relative_half_width(samples: &[f64]) -> f64 {
    let estimate = median_interval(samples);
    0.5 * (estimate.high - estimate.low) / estimate.value
}

/// How many times faster `new` is than `base`: the median of the ratios of rounds measured side by side, with a
/// percentile bootstrap over rounds (B. Efron, "Bootstrap Methods", 1979), so that drift common to a round cancels.
///
/// Sample `i` of both must come from the same round; surplus samples are ignored.
pub fn speedup(base: &[f64], new: &[f64], seed: u64) -> Estimate {
    let ratios: Vec<f64> = base.iter().zip(new).map(|(b, n)| b / n).collect();
    let value = median(&ratios);
    if ratios.len() < 2 {
        return Estimate { value, low: value, high: value };
    }
    let mut random = seeded(seed, "bootstrap");
    let mut resampled: Vec<f64> = (0..1000)
        .map(|_| {
            let draw: Vec<f64> = ratios.iter().map(|_| ratios[random.random_range(0..ratios.len())]).collect();
            median(&draw)
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at = |q: f64| resampled[((resampled.len() - 1) as f64 * q).round() as usize];
    Estimate { value, low: at(tail), high: at(1.0 - tail) }
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The largest rank r (from 0) with P(fewer than r + 1 of n samples below the median) ≤ (1 − confidence) / 2.
fn lower_rank(n: usize) -> usize {
    let Ok(binomial) = Binomial::new(0.5, n as u64) else { return 0 };
    let tail = (1.0 - CONFIDENCE) / 2.0;
    (0..n / 2).take_while(|&r| binomial.cdf(r as u64) <= tail).last().map_or(0, |r| r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (samples, want) in [(vec![3.0], 3.0), (vec![1.0, 2.0], 1.5), (vec![5.0, 1.0, 3.0], 3.0)] {
            assert_eq!(median(&samples), want, "{samples:?}");
        }
        assert!(median(&[]).is_nan());
    }

    /// Ranks from the tables of the sign test: for n = 10 the interval runs from the 2nd to the 9th value.
    #[test]
    fn order_statistic_ranks_agree_with_the_tables() {
        for (n, want) in [(1, 0), (5, 0), (6, 0), (9, 1), (10, 1), (20, 5), (100, 39)] {
            assert_eq!(lower_rank(n), want, "n = {n}");
        }
    }

    #[test]
    fn intervals_cover_the_true_median_as_often_as_stated() {
        let mut random = seeded(1, "coverage");
        let covered = (0..1000).filter(|_| {
            let samples: Vec<f64> = (0..15).map(|_| random.random::<f64>().powi(3)).collect();
            let interval = median_interval(&samples);
            (interval.low..=interval.high).contains(&0.125)
        });
        let share = covered.count();
        assert!((945..=1000).contains(&share), "{share} of 1000");
    }

    #[test]
    fn drift_common_to_both_sides_cancels() {
        let base: Vec<f64> = (0..20).map(|i| 2.0 * (1.0 + 0.1 * f64::from(i))).collect();
        let new: Vec<f64> = (0..20).map(|i| 1.0 + 0.1 * f64::from(i)).collect();
        let speedup = speedup(&base, &new, 3);
        assert!((speedup.value - 2.0).abs() < 1e-12 && (speedup.high - speedup.low) < 1e-12, "{speedup:?}");
    }
}
