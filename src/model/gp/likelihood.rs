//! How likely a shape of the kernel makes the examples, with its gradient.

use faer::linalg::solvers::{DenseSolveCore, Solve};
use faer::{Col, Mat, Side};

use super::kernel::{Parts, Shape, parts};

/// What the likelihood needs of the examples and can be worked out once: for every pair of rows `(i, j < i)`, in order.
pub struct Pairs {
    rows: usize,
    /// For each number, the squared difference of every pair.
    squared: Vec<Vec<f64>>,
    /// For each category, 1 where the pair differs and 0 elsewhere.
    differs: Vec<Vec<f64>>,
}

impl Pairs {
    /// `rows` have the numbers first and then so many categories.
    pub fn new(rows: &[Vec<f64>], numbers: usize) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        let each_pair = |column: usize, of: fn(f64, f64) -> f64| -> Vec<f64> {
            let pairs = (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
            pairs.map(|(i, j)| of(rows[i][column], rows[j][column])).collect()
        };
        let squared = (0..numbers).map(|column| each_pair(column, |a, b| (a - b) * (a - b))).collect();
        let differs = (numbers..columns).map(|column| each_pair(column, |a, b| f64::from(a != b))).collect();
        Self { rows: rows.len(), squared, differs }
    }

    /// The logarithm of the marginal likelihood of the targets (Rasmussen and Williams, eq. 5.8) and its gradient by
    /// the logarithms of the shape (eq. 5.9). `noise` scales the noise's variance for each row. `None` where the
    /// covariance is not positive definite.
    pub fn log_likelihood(&self, shape: &Shape, targets: &[f64], noise: &[f64]) -> Option<(f64, Vec<f64>)> {
        let parts = self.parts(shape);
        let covariance = self.covariance(shape, &parts, noise);
        let factor = covariance.llt(Side::Lower).ok()?;
        let targets = Col::from_fn(self.rows, |i| targets[i]);
        let solved = factor.solve(&targets);
        let log_determinant: f64 = (0..self.rows).map(|i| factor.L()[(i, i)].ln()).sum();
        let fit = targets.transpose() * &solved;
        let constant = 0.5 * self.rows as f64 * std::f64::consts::TAU.ln();
        let inverse = factor.inverse();
        let pull = |i: usize, j: usize| solved[i] * solved[j] - inverse[(i, j)];
        let gradient = self.gradient(shape, &parts, noise, pull);
        Some((-0.5 * fit - log_determinant - constant, gradient))
    }

    /// The covariance of all rows, with noise on the diagonal.
    fn covariance(&self, shape: &Shape, parts: &[Parts], noise: &[f64]) -> Mat<f64> {
        let [smooth, rough, noise_variance] = shape.variances();
        let mut covariance = Mat::zeros(self.rows, self.rows);
        let mut pair = parts.iter();
        for i in 0..self.rows {
            for j in 0..i {
                let part = pair.next().expect("one part per pair");
                let value = smooth * part.smooth + rough * part.rough;
                covariance[(i, j)] = value;
                covariance[(j, i)] = value;
            }
            covariance[(i, i)] = smooth + rough + noise_variance * noise[i] + JITTER;
        }
        covariance
    }

    fn parts(&self, shape: &Shape) -> Vec<Parts> {
        let count = self.rows * self.rows.saturating_sub(1) / 2;
        let squares: Vec<f64> = shape.inverse_lengths().iter().map(|a| a * a).collect();
        let squared = weighted_sum(count, &self.squared, &squares);
        let differing = weighted_sum(count, &self.differs, &shape.weights());
        squared.into_iter().zip(differing).map(|(squared, differing)| parts(squared, differing)).collect()
    }

    /// ½ Σ pull · ∂K/∂θ. A pair counts twice, once on either side of the diagonal.
    fn gradient(&self, shape: &Shape, parts: &[Parts], noise: &[f64], pull: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let [smooth, rough, noise_variance] = shape.variances();
        let pairs = (0..self.rows).flat_map(|i| (0..i).map(move |j| (i, j)));
        let pulls: Vec<f64> = pairs.map(|(i, j)| pull(i, j)).collect();
        let of = |value: fn(&Parts) -> f64| -> Vec<f64> {
            parts.iter().zip(&pulls).map(|(part, pull)| pull * value(part)).collect()
        };
        let by_smooth = of(|part| part.smooth);
        let by_rough = of(|part| part.rough);
        let by_squared = of(|part| part.by_squared);
        let covariance: Vec<f64> = by_smooth.iter().zip(&by_rough).map(|(s, r)| smooth * s + rough * r).collect();
        let diagonal: f64 = (0..self.rows).map(|i| pull(i, i)).sum();
        let noisy: f64 = (0..self.rows).map(|i| pull(i, i) * noise[i]).sum();
        let lengths = shape.inverse_lengths();
        let by_length =
            self.squared.iter().zip(&lengths).map(|(pair, a)| 2.0 * a * a * smooth * dot(pair, &by_squared));
        let by_weight = self.differs.iter().zip(shape.weights()).map(|(pair, w)| -w * dot(pair, &covariance));
        let by_variance = [
            smooth * (by_smooth.iter().sum::<f64>() + 0.5 * diagonal),
            rough * (by_rough.iter().sum::<f64>() + 0.5 * diagonal),
            0.5 * noise_variance * noisy,
        ];
        by_length.chain(by_weight).chain(by_variance).collect()
    }
}

/// Added to the diagonal so that rows that are nearly equal do not make the covariance singular.
pub const JITTER: f64 = 1e-8;

fn weighted_sum(count: usize, columns: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; count];
    for (column, weight) in columns.iter().zip(weights) {
        sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += weight * value);
    }
    sum
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums at once: the compiler may not reorder one.
    let mut sums = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a4.zip(b4) {
        (0..4).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    sums.iter().sum::<f64>() + rest
}
