//! Bayesian linear regression: a weighted sum of the numbers and an intercept, as certain as the examples make it.
//!
//! The weights are normal beforehand, the noise is normal; how large both are is found by maximising the evidence (D.
//! MacKay, "Bayesian Interpolation", Neural Computation 4 (1992); C. Bishop, "Pattern Recognition and Machine Learning"
//! (2006), section 3.5).

use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

use super::{Examples, FitError, Model, Prediction};

pub(super) const ABOUT: (&str, &str) = ("linear", "Bayesian linear regression");

/// What decides how a linear model is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearSettings {
    /// Rounds of the evidence at most; each solves one system as large as a row is long.
    pub rounds: usize,
}

impl Default for LinearSettings {
    /// 100 rounds; some tens are enough as a rule.
    fn default() -> Self {
        Self { rounds: 100 }
    }
}

/// A fitted linear model. Columns are standardised by it, so that their units do not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    columns: Vec<Scale>,
    target: Scale,
    /// What each standardised number is multiplied by.
    slopes: Vec<f64>,
    /// The covariance of the slopes over the variance of the noise.
    covariance: Vec<Vec<f64>>,
    /// The variance of the noise over that of the targets.
    noise: f64,
    /// The sum of the examples' weights, which are 1 in the mean.
    weight: f64,
}

impl Model for Linear {
    type Settings = LinearSettings;

    /// An example of twice the weight counts as two. The seed is not used: nothing is drawn.
    fn fit(examples: &Examples, settings: &LinearSettings, _seed: u64) -> Result<Self, FitError> {
        examples.check()?;
        let weights = examples.relative_weights();
        let column = |i: usize| -> Vec<f64> { examples.rows.iter().map(|row| row[i]).collect() };
        let columns: Vec<Scale> = (0..examples.rows[0].len()).map(|i| Scale::of(&column(i), &weights)).collect();
        let target = Scale::of(&examples.targets, &weights);
        let system = System::new(examples, &weights, &columns, target);
        let Solution { slopes, covariance, noise } = system.solve(settings.rounds);
        Ok(Self { columns, target, slopes, covariance, noise, weight: system.weight })
    }

    fn predict(&self, row: &[f64]) -> Prediction {
        let numbers: Vec<f64> = self.columns.iter().zip(row).map(|(scale, &number)| scale.apply(number)).collect();
        let doubt: f64 = numbers.iter().zip(&self.covariance).map(|(number, row)| number * dot(row, &numbers)).sum();
        // The intercept is the mean of the targets, and as uncertain as that.
        let variance = self.noise * (1.0 + 1.0 / self.weight + doubt.max(0.0));
        let mean = self.target.centre + self.target.width * dot(&self.slopes, &numbers);
        Prediction { mean, spread: self.target.width * variance.sqrt() }
    }
}

/// Mean and standard deviation of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Scale {
    centre: f64,
    width: f64,
}

impl Scale {
    fn of(numbers: &[f64], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let centre = dot(numbers, weights) / total;
        let squares = numbers.iter().zip(weights).map(|(number, weight)| weight * (number - centre).powi(2));
        let width = (squares.sum::<f64>() / total).sqrt();
        // What does not vary but by rounding says nothing, and must not be made large.
        let varies = width > 1e-12 * centre.abs();
        Self { centre, width: if varies { width } else { 0.0 } }
    }

    fn apply(self, number: f64) -> f64 {
        if self.width > 0.0 { (number - self.centre) / self.width } else { 0.0 }
    }
}

/// The normal equations of the standardised examples.
struct System {
    gram: Mat<f64>,
    moments: Vec<f64>,
    /// The sum of the squared targets.
    squares: f64,
    weight: f64,
}

struct Solution {
    slopes: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    noise: f64,
}

impl System {
    fn new(examples: &Examples, weights: &[f64], columns: &[Scale], target: Scale) -> Self {
        let width = columns.len();
        let standard = |row: &Vec<f64>| -> Vec<f64> {
            columns.iter().zip(row).map(|(scale, &number)| scale.apply(number)).collect()
        };
        let mut system = Self { gram: Mat::zeros(width, width), moments: vec![0.0; width], squares: 0.0, weight: 0.0 };
        for ((row, &number), &weight) in examples.rows.iter().zip(&examples.targets).zip(weights) {
            system.add(&standard(row), target.apply(number), weight);
        }
        system
    }

    fn add(&mut self, row: &[f64], target: f64, weight: f64) {
        for (i, a) in row.iter().enumerate() {
            self.moments[i] += weight * a * target;
            row.iter().enumerate().for_each(|(j, b)| self.gram[(i, j)] += weight * a * b);
        }
        self.squares += weight * target * target;
        self.weight += weight;
    }

    /// Finds the ratio of the variances of noise and slopes (λ of ridge regression), and the slopes.
    fn solve(&self, rounds: usize) -> Solution {
        // Below the least ratio a factorisation would lose all its digits to columns that repeat each other.
        let (least, most) = (1e-9 * self.weight, 1e9 * self.weight);
        let mut ratio = self.weight.min(1.0);
        for _ in 0..rounds {
            let next = self.better(ratio).clamp(least, most);
            let settled = (next / ratio).ln().abs() < 1e-4;
            ratio = next;
            if settled {
                break;
            }
        }
        let inverse = self.inverse(ratio);
        let slopes = self.slopes(&inverse);
        let noise = self.left(&slopes) / self.freedom(&inverse, ratio);
        let rows = 0..slopes.len();
        let covariance = rows.clone().map(|i| rows.clone().map(|j| inverse[(i, j)]).collect()).collect();
        Solution { slopes, covariance, noise }
    }

    /// One step of the evidence's fixed point (Bishop, eq. 3.91, 3.92 and 3.95).
    fn better(&self, ratio: f64) -> f64 {
        let inverse = self.inverse(ratio);
        let slopes = self.slopes(&inverse);
        let noise = self.left(&slopes) / self.freedom(&inverse, ratio);
        let determined = slopes.len() as f64 - ratio * trace(&inverse);
        let spread = dot(&slopes, &slopes) / determined;
        // Where nothing is determined by the examples, slopes are none.
        if spread > 0.0 { noise / spread } else { f64::MAX }
    }

    /// The inverse of the gram matrix plus the ratio on its diagonal.
    fn inverse(&self, ratio: f64) -> Mat<f64> {
        let width = self.moments.len();
        let ridged = Mat::from_fn(width, width, |i, j| self.gram[(i, j)] + if i == j { ratio } else { 0.0 });
        // A matrix that is beyond rounding leaves the slopes as they were beforehand: 0.
        ridged.llt(Side::Lower).map_or_else(|_| Mat::zeros(width, width), |factor| factor.inverse())
    }

    fn slopes(&self, inverse: &Mat<f64>) -> Vec<f64> {
        let row = |i: usize| self.moments.iter().enumerate().map(|(j, moment)| inverse[(i, j)] * moment).sum();
        (0..self.moments.len()).map(row).collect()
    }

    /// The sum of squares that the slopes leave, at least what rounding leaves.
    fn left(&self, slopes: &[f64]) -> f64 {
        let product = |i: usize| (0..slopes.len()).map(|j| self.gram[(i, j)] * slopes[j]).sum::<f64>();
        let explained: f64 = (0..slopes.len()).map(|i| slopes[i] * (2.0 * self.moments[i] - product(i))).sum();
        (self.squares - explained).max(1e-15 * self.squares)
    }

    /// How many examples are left over once intercept and slopes are determined; at least one.
    fn freedom(&self, inverse: &Mat<f64>, ratio: f64) -> f64 {
        let determined = self.moments.len() as f64 - ratio * trace(inverse);
        (self.weight - 1.0 - determined).max(1.0)
    }
}

fn trace(matrix: &Mat<f64>) -> f64 {
    (0..matrix.nrows()).map(|i| matrix[(i, i)]).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
