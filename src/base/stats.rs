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

/// The mean with its interval by percentile bootstrap over the samples, so that the ends stay within their range. NaN for
/// no samples; a single one is its own interval.
pub fn mean_interval(samples: &[f64], seed: u64) -> Estimate {
    let value = mean(samples);
    if samples.len() < 2 {
        return Estimate { value, low: value, high: value };
    }
    let (low, high) = bootstrap(samples.len(), seed, |rounds| mean(&pick(samples, rounds)));
    Estimate { value, low, high }
}

/// The mean of `new` over the mean of `base`, with a percentile bootstrap over pairs (B. Efron,
/// "Bootstrap Methods", 1979): sample `i` of both must have been
/// drawn alike, such as under one seed, and surplus samples are ignored. NaN where there is no pair or `base` is zero.
pub fn ratio_of_means(base: &[f64], new: &[f64], seed: u64) -> Estimate {
    let pairs = base.len().min(new.len());
    let ratio = |rounds: &[usize]| mean(&pick(new, rounds)) / mean(&pick(base, rounds));
    let value = ratio(&(0..pairs).collect::<Vec<usize>>());
    if pairs < 2 {
        return Estimate { value, low: value, high: value };
    }
    let (low, high) = bootstrap(pairs, seed, ratio);
    Estimate { value, low, high }
}

/// The arithmetic mean. NaN for no samples.
pub fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

/// The value below which a share of the samples lies, from 0 to 1, interpolated between the two nearest (R. J. Hyndman
/// and Y. Fan, "Sample Quantiles in Statistical Packages", 1996, definition 7, as NumPy does). Samples may be infinite.
/// NaN for no samples.
pub fn quantile(samples: &[f64], share: f64) -> f64 {
    let sorted = sorted(samples);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Two infinite neighbours have no difference.
    if below == above { below } else { below + place.fract() * (above - below) }
}

/// Between which values a statistic of `samples` indices lies when they are drawn again with replacement.
fn bootstrap(samples: usize, seed: u64, statistic: impl Fn(&[usize]) -> f64) -> (f64, f64) {
    let mut random = seeded(seed, "bootstrap");
    let mut resampled: Vec<f64> = (0..1000)
        .map(|_| statistic(&(0..samples).map(|_| random.random_range(0..samples)).collect::<Vec<usize>>()))
        .collect();
    resampled.sort_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at = |q: f64| resampled[((resampled.len() - 1) as f64 * q).round() as usize];
    (at(tail), at(1.0 - tail))
}

fn pick(samples: &[f64], indices: &[usize]) -> Vec<f64> {
    indices.iter().map(|&index| samples[index]).collect()
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

    /// By hand, and as `numpy.quantile` gives them.
    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let never = f64::INFINITY;
        for (samples, share, want) in [
            (vec![7.0], 0.25, 7.0),
            (vec![4.0, 1.0, 3.0, 2.0], 0.25, 1.75),
            (vec![4.0, 1.0, 3.0, 2.0], 0.75, 3.25),
            (vec![1.0, 2.0, 3.0, 4.0, 5.0], 0.5, 3.0),
            (vec![1.0, 2.0, never, never, never], 0.75, never),
            (vec![1.0, 2.0, 3.0, never], 0.75, never),
            (vec![1.0, 2.0, 3.0, 4.0, never], 0.75, 4.0),
        ] {
            assert_eq!(quantile(&samples, share), want, "{share} of {samples:?}");
        }
        assert!(quantile(&[], 0.5).is_nan());
    }

    /// For the mean of 100 numbers spread evenly over 0 to 1 the normal interval is 0.5 ± 1.96 · 0.289 / 10.
    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        let samples: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let Estimate { value, low, high } = mean_interval(&samples, 1);
        assert!(
            (value - 0.5).abs() < 1e-12 && (low - 0.4434).abs() < 0.01 && (high - 0.5566).abs() < 0.01,
            "{low} {high}"
        );
        assert_eq!(mean_interval(&[0.3], 1), Estimate { value: 0.3, low: 0.3, high: 0.3 });
    }

    #[test]
    fn what_is_common_to_a_pair_cancels_in_the_ratio_of_means() {
        let base = [1.0, 2.0, 4.0, 8.0];
        let half: Vec<f64> = base.iter().map(|sample| 0.5 * sample).collect();
        assert_eq!(ratio_of_means(&base, &half, 1), Estimate { value: 0.5, low: 0.5, high: 0.5 });
        let other = ratio_of_means(&base, &[2.0, 2.0, 2.0, 2.0], 1);
        assert!(other.value == 8.0 / 15.0 && other.low < 0.5 && other.high > 0.7, "{other:?}");
    }
}
