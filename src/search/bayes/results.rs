//! What a search was told, as its models see it.

use super::surrogate::Example;
use crate::space::Config;

/// The results of a search so far.
#[derive(Default)]
pub struct Results {
    /// The configs that ran, in the order of their results.
    pub configs: Vec<Config>,
    /// Their rows, and the natural logarithms of their times in nanoseconds.
    pub times: Vec<Example>,
    /// What was guessed of each before.
    pub guesses: Vec<f64>,
    /// The row of every config that was told or judged, with 1 if it ran or may run and 0 if it failed or would.
    pub labels: Vec<Example>,
    /// How many were told.
    pub told: usize,
    /// How many of the labels, from the first on, are judgements.
    judged: usize,
    failures: usize,
}

impl Results {
    /// Takes in how a config did; an infinite time is a failure.
    pub fn add(&mut self, config: Config, row: Vec<f64>, guess: f64, log_time: f64) {
        let ran = log_time.is_finite();
        self.told += 1;
        // One label says that a config may run and does.
        if !ran || self.labels[..self.judged].iter().all(|label| label.target < 1.0 || label.row != row) {
            self.label(row.clone(), ran);
        }
        if ran {
            self.configs.push(config);
            self.times.push(Example { row, target: log_time });
            self.guesses.push(guess);
        }
    }

    /// Takes in whether a config may run, before anything is told.
    pub fn judge(&mut self, row: Vec<f64>, runs: bool) {
        self.judged += 1;
        self.label(row, runs);
    }

    fn label(&mut self, row: Vec<f64>, runs: bool) {
        self.failures += usize::from(!runs);
        self.labels.push(Example { row, target: f64::from(u8::from(runs)) });
    }

    /// Whether some failed.
    pub fn has_failures(&self) -> bool {
        self.failures > 0
    }

    /// The logarithm of the smallest time.
    pub fn best(&self) -> Option<f64> {
        self.times.iter().map(|time| time.target).min_by(f64::total_cmp)
    }

    /// The fastest configs, the fastest first.
    pub fn fastest(&self, count: usize) -> Vec<Config> {
        let mut order: Vec<usize> = (0..self.times.len()).collect();
        order.sort_by(|&a, &b| self.times[a].target.total_cmp(&self.times[b].target));
        order.into_iter().take(count).map(|index| self.configs[index].clone()).collect()
    }

    /// The results from one on, with a share of the guesses taken off.
    pub fn without_guesses(&self, share: f64, from: usize) -> Vec<Example> {
        let pairs = self.times.iter().zip(&self.guesses).skip(from);
        pairs.map(|(time, guess)| Example { row: time.row.clone(), target: time.target - share * guess }).collect()
    }
}
