//! The noise floor of a recording: how finely its times can tell two configs apart.

use serde::Serialize;

use crate::base::stats::{Estimate, median, median_interval, relative_half_width};

/// How far the times of a recording can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// The largest less the smallest time of a config over the rounds, as a share of its median: the median over the
    /// configs.
    pub spread: Estimate,
    /// Half the 95 % interval of a median among the fastest, as a share of it: the median over the fastest.
    pub half_width: f64,
    /// Of how many rounds of the fastest side by side another one than the best of all rounds was ahead.
    pub overtaken: usize,
    /// How many such rounds there were.
    pub rounds: usize,
}

impl Noise {
    /// From the times of each config over the rounds, and the samples of the fastest side by side: sample i of all of
    /// them is round i. Configs with fewer than two rounds say nothing.
    pub fn of(rounds: &[Vec<f64>], fastest: &[Vec<f64>]) -> Self {
        let spreads: Vec<f64> = rounds.iter().filter(|times| times.len() > 1).map(|times| spread(times)).collect();
        let half_widths: Vec<f64> = fastest.iter().map(|samples| relative_half_width(samples)).collect();
        let length = fastest.iter().map(Vec::len).min().unwrap_or(0);
        let best = ahead(fastest, median);
        let overtaken = (0..length).filter(|&round| ahead(fastest, |samples| samples[round]) != best).count();
        Self { spread: median_interval(&spreads), half_width: median(&half_widths), overtaken, rounds: length }
    }
}

fn spread(times: &[f64]) -> f64 {
    let most = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    (most - least) / median(times)
}

/// The one with the smallest time.
fn ahead(fastest: &[Vec<f64>], time: impl Fn(&[f64]) -> f64) -> Option<usize> {
    (0..fastest.len()).min_by(|&a, &b| time(&fastest[a]).total_cmp(&time(&fastest[b])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_counted_as_by_hand() {
        let rounds = [vec![10.0, 11.0, 12.0], vec![100.0, 100.0, 110.0], vec![5.0]];
        let fastest = [vec![1.0, 1.0, 3.0, 1.0], vec![2.0, 2.0, 2.0, 2.0], vec![9.0, 0.5, 9.0, 9.0]];
        let noise = Noise::of(&rounds, &fastest);
        assert!((noise.spread.value - 0.5 * (2.0 / 11.0 + 0.1)).abs() < 1e-12, "{noise:?}");
        assert_eq!((noise.overtaken, noise.rounds), (2, 4));
        let none = Noise::of(&[], &[]);
        assert!(none.spread.value.is_nan() && none.rounds == 0, "{none:?}");
    }
}
