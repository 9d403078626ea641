//! How well one strategy did on one recorded space, over its runs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Run;
use crate::base::stats::{mean, mean_interval, median, quantile};

/// After how many evaluations strategies are compared; the last one of a run is added.
const CHECKPOINTS: &[usize] = &[10, 25, 50, 100, 200];

/// What counts as having arrived, as a share of the optimum.
const ARRIVED: f64 = 0.95;

/// Resampling uses one seed, so that the same runs print the same intervals.
pub(super) const BOOTSTRAP_SEED: u64 = 0;

/// One strategy on one space.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The recorded space.
    pub space: String,
    /// The strategy with its options, and whether it started warm.
    pub strategy: String,
    /// How many runs there were.
    pub runs: usize,
    /// The smallest time of the recording, in nanoseconds.
    pub optimum: f64,
    /// The optimum over the best time found so far, by the number of evaluations, failed ones counted.
    pub fraction: BTreeMap<usize, Spread>,
    /// Evaluations until 0.95 of the optimum.
    pub to_95: Reach,
    /// Evaluations that failed, in a whole run.
    pub failed: Counts,
    /// Evaluations that failed, by the number of evaluations.
    pub failed_at: BTreeMap<usize, Counts>,
    /// The searcher's own time per evaluation.
    pub ask_ms: OwnTime,
}

/// How a number spreads over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The lower end of the mean's interval.
    pub low: f64,
    /// The upper end of the mean's interval.
    pub high: f64,
    /// The median.
    pub median: f64,
    /// The lower quartile.
    pub q1: f64,
    /// The upper quartile.
    pub q3: f64,
    /// The smallest.
    pub min: f64,
}

/// Evaluations until a goal. Infinite (`null` in JSON) where too many runs never reach it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// The median over the runs.
    pub median: f64,
    /// The lower quartile.
    pub q1: f64,
    /// The upper quartile.
    pub q3: f64,
    /// How many runs never reach it.
    pub never: usize,
}

/// How a count spreads over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Counts {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The lower quartile.
    pub q1: f64,
    /// The upper quartile.
    pub q3: f64,
}

/// What a searcher takes for itself per evaluation, in milliseconds: starting, asking and being told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OwnTime {
    /// The mean over all evaluations of all runs.
    pub mean: f64,
    /// The longest.
    pub worst: f64,
}

/// The value after so many evaluations of what was noted after each: a run that ended early stays at its last value.
/// Zero where there is none.
pub fn at<T: Copy + Default>(values: &[T], evaluations: usize) -> T {
    values[..evaluations.min(values.len())].last().copied().unwrap_or_default()
}

/// The numbers of evaluations at which runs of this length are looked at.
pub(super) fn checkpoints(trials: usize) -> impl Iterator<Item = usize> {
    CHECKPOINTS.iter().copied().filter(move |&checkpoint| checkpoint < trials).chain([trials])
}

impl Score {
    pub(super) fn new(space: &str, strategy: String, optimum: f64, runs: &[Run], trials: usize) -> Self {
        let failed = |evaluations| Counts::of(&over(runs, |run| at(&run.failed, evaluations) as f64));
        Self {
            space: space.to_owned(),
            strategy,
            runs: runs.len(),
            optimum,
            fraction: checkpoints(trials).map(|n| (n, Spread::of(&fractions(runs, n)))).collect(),
            to_95: Reach::of(runs),
            failed: failed(trials),
            failed_at: checkpoints(trials).map(|n| (n, failed(n))).collect(),
            ask_ms: OwnTime::of(runs),
        }
    }
}

/// The fraction of the optimum after so many evaluations, of each run.
pub(super) fn fractions(runs: &[Run], evaluations: usize) -> Vec<f64> {
    over(runs, |run| at(&run.fraction, evaluations))
}

fn over(runs: &[Run], number: impl Fn(&Run) -> f64) -> Vec<f64> {
    runs.iter().map(number).collect()
}

impl Spread {
    /// Of one number per run.
    pub(super) fn of(numbers: &[f64]) -> Self {
        let interval = mean_interval(numbers, BOOTSTRAP_SEED);
        Self {
            mean: interval.value,
            low: interval.low,
            high: interval.high,
            median: median(numbers),
            q1: quantile(numbers, 0.25),
            q3: quantile(numbers, 0.75),
            min: numbers.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }
}

impl Reach {
    fn of(runs: &[Run]) -> Self {
        let needed = over(runs, |run| run.reached(ARRIVED).map_or(f64::INFINITY, |evaluations| evaluations as f64));
        Self {
            median: median(&needed),
            q1: quantile(&needed, 0.25),
            q3: quantile(&needed, 0.75),
            never: needed.iter().filter(|evaluations| evaluations.is_infinite()).count(),
        }
    }
}

impl Counts {
    fn of(numbers: &[f64]) -> Self {
        Self { mean: mean(numbers), median: median(numbers), q1: quantile(numbers, 0.25), q3: quantile(numbers, 0.75) }
    }
}

impl OwnTime {
    fn of(runs: &[Run]) -> Self {
        let all: Vec<f64> = runs.iter().flat_map(|run| &run.own_ns).map(|ns| ns / 1e6).collect();
        Self { mean: mean(&all), worst: all.iter().copied().fold(0.0, f64::max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fraction: &[f64], failed: &[usize]) -> Run {
        Run {
            fraction: fraction.to_vec(),
            failed: failed.to_vec(),
            own_ns: vec![2e6; fraction.len()],
            ..Run::default()
        }
    }

    /// Four runs of twelve evaluations, worked out by hand. The third ends after two, the fourth finds nothing.
    fn score() -> Score {
        let rising: Vec<f64> = (1..=12).map(|i| f64::from(i) / 12.0).collect();
        let runs = [
            run(&rising, &[0; 12]),
            run(&[0.5; 12], &[1; 12]),
            run(&[0.96, 0.98], &[0, 0]),
            run(&[0.0; 12], &(1..=12).collect::<Vec<_>>()),
        ];
        Score::new("made up", "some".to_owned(), 5.0, &runs, 12)
    }

    #[test]
    fn fractions_and_failures_are_those_worked_out_by_hand() {
        let score = score();
        let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-12, "{got} where {want} is right");
        assert_eq!(score.fraction.keys().copied().collect::<Vec<_>>(), [10, 12]);
        // After ten: 10/12, 0.5, 0.98, 0.
        let ten = score.fraction[&10];
        close(ten.mean, (10.0 / 12.0 + 0.5 + 0.98) / 4.0);
        close(ten.median, (0.5 + 10.0 / 12.0) / 2.0);
        close(ten.q1, 0.375);
        close(ten.q3, 10.0 / 12.0 + 0.25 * (0.98 - 10.0 / 12.0));
        assert_eq!(ten.min, 0.0);
        assert!(ten.low < ten.mean && ten.mean < ten.high && ten.high <= 0.98, "{ten:?}");
        // After ten 0, 1, 0 and 10 had failed, in the end 0, 1, 0 and 12.
        assert_eq!(score.failed_at[&10], Counts { mean: 2.75, median: 0.5, q1: 0.0, q3: 3.25 });
        assert_eq!(score.failed, Counts { mean: 3.25, median: 0.5, q1: 0.0, q3: 3.75 });
        assert_eq!(score.ask_ms, OwnTime { mean: 2.0, worst: 2.0 });
    }

    #[test]
    fn runs_that_never_arrive_count_as_infinite() {
        // 12 evaluations, never, 1, never.
        let never = f64::INFINITY;
        assert_eq!(score().to_95, Reach { median: never, q1: 9.25, q3: never, never: 2 });
        let all = Score::new("", String::new(), 1.0, &[run(&[0.95], &[0]), run(&[0.9, 1.0], &[0, 0])], 2).to_95;
        assert_eq!(all, Reach { median: 1.5, q1: 1.25, q3: 1.75, never: 0 });
    }

    #[test]
    fn checkpoints_end_with_the_last_evaluation() {
        for (trials, want) in
            [(1, vec![1]), (10, vec![10]), (60, vec![10, 25, 50, 60]), (300, vec![10, 25, 50, 100, 200, 300])]
        {
            assert_eq!(checkpoints(trials).collect::<Vec<_>>(), want);
        }
    }
}
