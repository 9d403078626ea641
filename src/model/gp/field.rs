//! Predictions at many fixed points, kept up to date as examples come in one by one.

use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use super::kernel::covariance;
use super::{Gp, Prediction};

/// Points at which a Gaussian process is asked again and again, such as all configs of a space.
///
/// After a fit everything is worked out anew, O(points · examples²); one example more costs O(points · examples).
pub struct Field {
    /// A row per point.
    points: Arc<[Vec<f64>]>,
    /// The points' numbers over the length scales of the fit.
    scaled: Mat<f64>,
    lengths: Vec<f64>,
    categories: Categories,
    /// For each example, its part in the explanation of each point. Halved precision: there are as many numbers as
    /// points times examples.
    columns: Vec<Vec<f32>>,
    /// Standardised, as are the variances.
    means: Vec<f64>,
    variances: Vec<f64>,
}

impl Field {
    /// What a process expects at points with the columns of its examples.
    pub fn new(points: Arc<[Vec<f64>]>, gp: &Gp) -> Self {
        let lengths = gp.shape.inverse_lengths();
        let mut field = Self {
            scaled: scale(&points, &lengths),
            lengths,
            categories: Categories::new(&points, gp),
            columns: Vec::with_capacity(gp.rows.len()),
            means: vec![0.0; points.len()],
            variances: vec![gp.shape.signal(); points.len()],
            points,
        };
        let explained = field.explained(gp);
        for (example, &whitened) in gp.whitened.iter().enumerate() {
            field.add(explained.col(example).iter().map(|&value| value as f32).collect(), whitened);
        }
        field
    }

    /// Takes in the example that the process took in last.
    pub fn update(&mut self, gp: &Gp) {
        let last = gp.rows.len() - 1;
        let factor = &gp.factor[last];
        let mut column: Vec<f32> = self.covariances_with(gp, &gp.rows[last]);
        for (known, &weight) in self.columns.iter().zip(factor) {
            let weight = weight as f32;
            column.iter_mut().zip(known).for_each(|(value, known)| *value -= weight * known);
        }
        let scale = (1.0 / factor[last]) as f32;
        column.iter_mut().for_each(|value| *value *= scale);
        self.add(column, gp.whitened[last]);
    }

    /// Forgets the example that the process took in last, and is about to forget.
    pub fn forget_last(&mut self, gp: &Gp) {
        let Some(column) = self.columns.pop() else { return };
        let whitened = gp.whitened[gp.rows.len() - 1];
        for ((mean, variance), value) in self.means.iter_mut().zip(&mut self.variances).zip(&column) {
            let value = f64::from(*value);
            *mean -= whitened * value;
            *variance += value * value;
        }
    }

    /// What the process expects of the function itself, without noise, at a point.
    pub fn prediction(&self, gp: &Gp, point: usize) -> Prediction {
        let spread = self.variances[point].max(0.0).sqrt();
        Prediction { mean: gp.centre + gp.scale * self.means[point], spread: gp.scale * spread }
    }

    fn add(&mut self, column: Vec<f32>, whitened: f64) {
        for ((mean, variance), value) in self.means.iter_mut().zip(&mut self.variances).zip(&column) {
            let value = f64::from(*value);
            *mean += whitened * value;
            *variance -= value * value;
        }
        self.columns.push(column);
    }

    /// For each point (row) and example (column), the covariance with the factor of the examples taken off.
    fn explained(&self, gp: &Gp) -> Mat<f64> {
        let count = gp.rows.len();
        let lower = Mat::from_fn(count, count, |i, j| if j <= i { gp.factor[i][j] } else { 0.0 });
        let mut covariances = self.covariances(gp);
        lower.solve_lower_triangular_in_place(covariances.transpose_mut());
        covariances
    }

    /// The covariance of each point (row) with each example (column), by way of one product of matrices.
    fn covariances(&self, gp: &Gp) -> Mat<f64> {
        let [smooth, rough, _] = gp.shape.variances();
        let (examples, points) = (scale(&gp.rows, &self.lengths), &self.scaled);
        let square = |m: &Mat<f64>, row: usize| m.row(row).iter().map(|value| value * value).sum::<f64>();
        let theirs: Vec<f64> = (0..points.nrows()).map(|row| square(points, row)).collect();
        let mut products = Mat::zeros(points.nrows(), examples.nrows());
        matmul(&mut products, Accum::Replace, points, examples.transpose(), 1.0, Par::Seq);
        for (example, row) in gp.rows.iter().enumerate() {
            let own = square(&examples, example);
            let decay = self.categories.decay(row);
            let column = products.col_mut(example).iter_mut().zip(&theirs).zip(decay);
            column.for_each(|((product, theirs), decay)| {
                *product = decay * covariance(smooth, rough, own + theirs - 2.0 * *product);
            });
        }
        products
    }

    fn covariances_with(&self, gp: &Gp, row: &[f64]) -> Vec<f32> {
        let [smooth, rough, _] = gp.shape.variances();
        let mut squared = vec![0.0; self.points.len()];
        for (column, (length, value)) in self.lengths.iter().zip(row).enumerate() {
            let own = length * value;
            let theirs = self.scaled.col(column);
            squared.iter_mut().zip(theirs.iter()).for_each(|(sum, value)| *sum += (own - value) * (own - value));
        }
        let pairs = squared.into_iter().zip(self.categories.decay(row));
        pairs.map(|(squared, decay)| (decay * covariance(smooth, rough, squared)) as f32).collect()
    }
}

fn scale(rows: &[Vec<f64>], lengths: &[f64]) -> Mat<f64> {
    Mat::from_fn(rows.len(), lengths.len(), |row, number| rows[row][number] * lengths[number])
}

/// The categories of all points, and what each takes off the covariance of two rows that differ in it.
struct Categories {
    /// Where they begin in a row.
    first: usize,
    points: usize,
    /// A column per category.
    values: Vec<Vec<f64>>,
    factors: Vec<f64>,
}

impl Categories {
    fn new(points: &[Vec<f64>], gp: &Gp) -> Self {
        let first = gp.shape.numbers;
        let factors: Vec<f64> = gp.shape.weights().iter().map(|weight| (-weight).exp()).collect();
        let column = |category: usize| points.iter().map(|row| row[first + category]).collect();
        Self { first, points: points.len(), values: (0..factors.len()).map(column).collect(), factors }
    }

    /// What is left of the covariance of a row with each point.
    fn decay(&self, row: &[f64]) -> Vec<f64> {
        let mut decay = vec![1.0; self.points];
        for ((values, factor), own) in self.values.iter().zip(&self.factors).zip(&row[self.first..]) {
            decay.iter_mut().zip(values).for_each(|(decay, value)| *decay *= if value == own { 1.0 } else { *factor });
        }
        decay
    }
}
