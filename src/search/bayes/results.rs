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
    /// The row of every config that was told, with 1 if it ran and 0 if it failed.
    pub labels: Vec<Example>,
}

impl Results {
    /// Takes in how a config did; an infinite time is a failure.
    pub fn add(&mut self, config: Config, row: Vec<f64>, guess: f64, log_time: f64) {
        let ran = log_time.is_finite();
        self.labels.push(Example { row: row.clone(), target: f64::from(u8::from(ran)) });
        if ran {
            self.configs.push(config);
            self.times.push(Example { row, target: log_time });
            self.guesses.push(guess);
        }
    }

    /// Whether some failed.
    pub fn has_failures(&self) -> bool {
        self.labels.len() > self.times.len()
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
