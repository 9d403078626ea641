//! Main effects: how well each value of each parameter did in all that was seen, whatever the others were.

use crate::space::{Config, Space};

/// How many results of a typical config each value begins with, so that one result alone decides little.
const SHRINKAGE: f64 = 1.0;

/// Means of logarithmic times by parameter and value.
pub(super) struct Effects {
    /// The sum and the number of the costs seen, by parameter and position.
    seen: Vec<Vec<(f64, f64)>>,
    total: (f64, f64),
    /// The largest finite cost: what a failure counts as.
    worst: f64,
}

impl Effects {
    pub fn new(space: &Space) -> Self {
        let seen = space.params().iter().map(|param| vec![(0.0, 0.0); param.values.len()]).collect();
        Self { seen, total: (0.0, 0.0), worst: f64::NEG_INFINITY }
    }

    /// Takes in the logarithm of a config's time; infinite if it failed.
    pub fn add(&mut self, config: &Config, cost: f64) {
        if cost.is_finite() {
            self.worst = self.worst.max(cost);
        }
        // Before anything was timed there is nothing that a failure is worse than.
        let cost = if cost.is_finite() { cost } else { self.worst.max(0.0) };
        let of_values =
            self.seen.iter_mut().zip(config.positions()).map(|(values, &position)| &mut values[usize::from(position)]);
        for (sum, count) in of_values.chain([&mut self.total]) {
            *sum += cost;
            *count += 1.0;
        }
    }

    /// The sum of the means of the config's values, each drawn towards the mean of all: smaller promises more.
    pub fn of(&self, config: &Config) -> f64 {
        let mean = self.total.0 / self.total.1.max(1.0);
        let of_values =
            self.seen.iter().zip(config.positions()).map(|(values, &position)| values[usize::from(position)]);
        of_values.map(|(sum, count)| (sum + SHRINKAGE * mean) / (count + SHRINKAGE)).sum()
    }
}
