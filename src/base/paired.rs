//! Comparisons of things measured side by side: sample `i` of all of them was taken in round `i`, so that what is common
//! to a round cancels.

use statrs::distribution::{ContinuousCDF, Normal};

use super::stats::Estimate;

/// Up to so many differences the signed-rank distribution is counted out; above, it is as good as normal.
const MOST_COUNTED: usize = 30;

/// How many times as long `new` takes as `base`: the Hodges–Lehmann estimate of the logarithms' differences, with its
/// interval. Surplus samples of one of them are ignored.
///
/// Where the noise of both is alike, these differences lie symmetrically, which is all that the interval assumes.
pub fn ratio(base: &[f64], new: &[f64], confidence: f64) -> Estimate {
    let differences: Vec<f64> = base.iter().zip(new).map(|(base, new)| (new / base).ln()).collect();
    let Estimate { value, low, high } = shift(&differences, confidence);
    Estimate { value: value.exp(), low: low.exp(), high: high.exp() }
}

/// The one that takes least, judged by the rounds that all of them have: each sample counts as a share of its round.
/// `None` where there is nobody or no common round.
pub fn fastest(lanes: &[&[f64]]) -> Option<usize> {
    let rounds = lanes.iter().map(|lane| lane.len()).min().filter(|rounds| *rounds > 0)?;
    let level = |round: usize| lanes.iter().map(|lane| lane[round].ln()).sum::<f64>() / lanes.len() as f64;
    let levels: Vec<f64> = (0..rounds).map(level).collect();
    let place = |lane: &&[f64]| {
        let shares: Vec<f64> = lane.iter().zip(&levels).map(|(ns, level)| ns.ln() - level).collect();
        middle_of_walsh_averages(&shares)
    };
    let places: Vec<f64> = lanes.iter().map(place).collect();
    (0..lanes.len()).min_by(|&a, &b| places[a].total_cmp(&places[b]))
}

/// Where symmetrically distributed numbers have their middle: the median of their Walsh averages (J. L. Hodges and
/// E. L. Lehmann, 1963), with the interval that inverts Wilcoxon's signed-rank test (M. Hollander and D. A. Wolfe,
/// "Nonparametric Statistical Methods", section 3.3). Too few numbers for the confidence leave it unbounded; no numbers
/// give NaN.
pub fn shift(numbers: &[f64], confidence: f64) -> Estimate {
    let mut averages = walsh_averages(numbers);
    let value = middle(&mut averages);
    match lower_rank(numbers.len(), (1.0 - confidence) / 2.0) {
        Some(rank) => {
            let opposite = averages.len() - 1 - rank;
            Estimate { value, low: nth(&mut averages, rank), high: nth(&mut averages, opposite) }
        }
        None => Estimate { value, low: f64::NEG_INFINITY, high: f64::INFINITY },
    }
}

fn middle_of_walsh_averages(numbers: &[f64]) -> f64 {
    middle(&mut walsh_averages(numbers))
}

/// The averages of all pairs, each number with itself included.
fn walsh_averages(numbers: &[f64]) -> Vec<f64> {
    let from = |(at, a): (usize, &f64)| {
        let a = *a;
        numbers[at..].iter().map(move |b| 0.5 * (a + b))
    };
    numbers.iter().enumerate().flat_map(from).collect()
}

fn middle(averages: &mut [f64]) -> f64 {
    match averages.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => nth(averages, n / 2),
        n => 0.5 * (nth(averages, n / 2 - 1) + nth(averages, n / 2)),
    }
}

fn nth(averages: &mut [f64], rank: usize) -> f64 {
    *averages.select_nth_unstable_by(rank, f64::total_cmp).1
}

/// The largest number r with P(the signed-rank sum of n numbers ≤ r) ≤ `tail`, which is the rank (from 0) of the Walsh
/// average where the interval begins; `None` where there is none.
fn lower_rank(n: usize, tail: f64) -> Option<usize> {
    if n > MOST_COUNTED {
        return normal_rank(n as f64, tail);
    }
    let mut below = 0.0;
    let counted = rank_sums(n).into_iter().take_while(|probability| {
        below += probability;
        below <= tail
    });
    counted.count().checked_sub(1)
}

/// By the normal distribution with the same mean and variance, with the correction for whole numbers.
fn normal_rank(n: f64, tail: f64) -> Option<usize> {
    let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
    let rank = n * (n + 1.0) / 4.0 + Normal::standard().inverse_cdf(tail) * deviation - 0.5;
    (rank >= 0.0).then_some(rank as usize)
}

/// The probability of each signed-rank sum: every subset of 1 to n is as likely as any other.
fn rank_sums(n: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n * (n + 1) / 2 + 1];
    sums[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..sums.len()).rev() {
            let with = sum.checked_sub(rank).map_or(0.0, |rest| sums[rest]);
            sums[sum] = 0.5 * (sums[sum] + with);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::base::seeded;

    /// The critical values of the two-sided table: n, confidence, and the largest sum that is rejected.
    #[test]
    fn ranks_agree_with_the_tables_of_the_signed_rank_test() {
        let cases =
            [(5, 0.95, None), (6, 0.95, Some(0)), (10, 0.95, Some(8)), (20, 0.95, Some(52)), (20, 0.99, Some(37))];
        for (n, confidence, want) in cases {
            assert_eq!(lower_rank(n, (1.0 - confidence) / 2.0), want, "n = {n}, {confidence}");
        }
        assert_eq!(
            (lower_rank(10, 0.0005), lower_rank(11, 0.0005)),
            (None, Some(0)),
            "2^-11 is the first below 1/2000"
        );
    }

    #[test]
    fn counting_and_the_normal_distribution_agree_where_they_meet() {
        for tail in [0.025, 0.0005] {
            let (counted, normal) = (lower_rank(MOST_COUNTED, tail).unwrap(), normal_rank(30.0, tail).unwrap());
            // Far out the normal distribution is on the safe side.
            assert!((normal..normal + 8).contains(&counted), "{counted} and {normal}");
        }
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_stated_and_drift_cancels() {
        let mut random = seeded(1, "paired");
        let mut noisy = |true_ns: f64, round: usize| {
            let noise: f64 = (0..4).map(|_| random.random_range(-0.1..0.1)).sum::<f64>();
            true_ns * noise.exp() * (1.0 + 0.05 * round as f64)
        };
        let held = (0..500).filter(|_| {
            let (base, new): (Vec<f64>, Vec<f64>) = (0..25).map(|round| (noisy(3.0, round), noisy(6.0, round))).unzip();
            let Estimate { low, high, .. } = ratio(&base, &new, 0.95);
            (low..=high).contains(&2.0)
        });
        let held = held.count();
        assert!((460..=490).contains(&held), "{held} of 500");
    }

    #[test]
    fn the_fastest_is_found_through_drift_and_an_outlier() {
        let slow = [2.0, 4.0, 8.0, 16.0, 32.0];
        let fast = [1.9, 3.8, 70.0, 15.2, 30.4];
        assert_eq!(fastest(&[&slow, &fast]), Some(1));
        assert_eq!(fastest(&[&slow, &fast[..1]]), Some(1), "by the rounds that both have");
        assert_eq!((fastest(&[]), fastest(&[&slow, &[]])), (None, None));
    }
}
