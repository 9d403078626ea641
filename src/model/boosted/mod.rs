//! Gradient-boosted trees: small trees, each grown on what those before it leave over.
//!
//! Trees, regularisation and names of settings are those of XGBoost (T. Chen, C. Guestrin, "XGBoost: A Scalable Tree
//! Boosting System", KDD 2016), the values those of AutoTVM (T. Chen et al., "Learning to Optimize Tensor Programs",
//! NeurIPS 2018).

mod loss;

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::grow::{Columns, Limits, grow};
use super::tree::Tree;
use super::{Examples, FitError, Model, Prediction};
use crate::base::seeded;
pub use loss::Objective;

pub(super) const ABOUT: (&str, &str) = ("boosted", "gradient-boosted trees, fitted to targets or to their order");

/// Rows that are taken through all trees before the next: few enough to stay in the nearest cache.
const BLOCK: usize = 64;

/// What decides the shape of boosted trees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoostedSettings {
    /// What is asked of the predictions.
    pub objective: Objective,
    /// How many trees.
    pub rounds: usize,
    /// The most questions on a way down a tree.
    pub depth: u32,
    /// Which share of a tree's values counts (eta).
    pub rate: f64,
    /// What a split must take off the loss (gamma).
    pub least_gain: f64,
    /// The smallest sum of hessians in a leaf: of weights, for squares (min child weight).
    pub least_hessian: f64,
    /// Pulls the values of leaves towards 0 (lambda).
    pub l2: f64,
    /// In how many parts the rows are left out in turn to find the spread; below 2 the errors at the rows that were
    /// learnt from must do, which are too small.
    pub folds: usize,
}

impl Default for BoostedSettings {
    /// 100 trees of depth 3, eta 0.3, gamma 1e-4, min child weight 1, lambda 1, squares, 5 folds.
    fn default() -> Self {
        Self {
            objective: Objective::Squares,
            rounds: 100,
            depth: 3,
            rate: 0.3,
            least_gain: 1e-4,
            least_hessian: 1.0,
            l2: 1.0,
            folds: 5,
        }
    }
}

/// Fitted boosted trees.
///
/// Their spread is the same everywhere: the root of the mean squared error at rows that were left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boosted {
    trees: Vec<Tree>,
    rate: f64,
    /// What scores are multiplied by, and what is then added, to make targets of them.
    slope: f64,
    base: f64,
    spread: f64,
}

impl Model for Boosted {
    type Settings = BoostedSettings;

    fn fit(examples: &Examples, settings: &BoostedSettings, seed: u64) -> Result<Self, FitError> {
        examples.check()?;
        let mut model = Self::boost(examples, &vec![0.0; examples.rows.len()], settings, seed);
        model.spread = match settings.folds.min(examples.rows.len()) {
            0 | 1 => model.error(examples),
            folds => left_out_error(examples, settings, folds, seed),
        };
        Ok(model)
    }

    fn predict(&self, row: &[f64]) -> Prediction {
        Prediction { mean: self.base + self.slope * self.score(row), spread: self.spread }
    }

    fn predict_all(&self, rows: &[Vec<f64>]) -> Vec<Prediction> {
        let prediction = |score| Prediction { mean: self.base + self.slope * score, spread: self.spread };
        self.scores(rows).into_iter().map(prediction).collect()
    }
}

impl Boosted {
    /// Fits trees to what margins leave over: one for each example, on the scale of [`Self::score`]. Whoever asks for
    /// scores then must add the margin to them. Finds no spread.
    ///
    /// # Errors
    /// As does [`Model::fit`]; also when there is not one margin, a finite number, for each example.
    pub fn fit_beyond(
        examples: &Examples,
        margins: &[f64],
        settings: &BoostedSettings,
        seed: u64,
    ) -> Result<Self, FitError> {
        examples.check()?;
        let rows = examples.rows.len();
        if margins.len() != rows {
            return Err(FitError::Uneven { rows, targets: margins.len(), weights: examples.weights.len() });
        }
        match margins.iter().position(|margin| !margin.is_finite()) {
            Some(row) => Err(FitError::NotFinite { row }),
            None => Ok(Self::boost(examples, margins, settings, seed)),
        }
    }

    /// The sum of the trees: higher where the target is. For [`Objective::Squares`] a difference of scores is one of
    /// targets, for [`Objective::Pairs`] the logarithm of the odds that the higher one has the higher target.
    pub fn score(&self, row: &[f64]) -> f64 {
        self.trees.iter().map(|tree| self.rate * tree.value_at(tree.leaf(row))).sum()
    }

    /// The score of each of many rows.
    pub fn scores(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let mut scores = vec![0.0; rows.len()];
        for (rows, scores) in rows.chunks(BLOCK).zip(scores.chunks_mut(BLOCK)) {
            self.trees.iter().for_each(|tree| add(tree, self.rate, rows, scores));
        }
        scores
    }

    fn boost(examples: &Examples, margins: &[f64], settings: &BoostedSettings, seed: u64) -> Self {
        let mut random = seeded(seed, "boosted trees");
        let columns = Columns::new(&examples.rows);
        let limits = limits(settings, columns.width());
        let loss = settings.objective.loss(examples);
        let mut scores = margins.to_vec();
        let mut trees = Vec::with_capacity(settings.rounds);
        for _ in 0..settings.rounds {
            let tree = grow(&columns, &loss.slopes(&scores), &limits, &mut random);
            // Nothing is drawn, so that later rounds would find no split either.
            if tree.len() == 1 && settings.objective == Objective::Pairs {
                break;
            }
            add(&tree, settings.rate, &examples.rows, &mut scores);
            trees.push(tree);
        }
        let own: Vec<f64> = scores.iter().zip(margins).map(|(score, margin)| score - margin).collect();
        let (base, slope) = loss.line(&own);
        Self { trees, rate: settings.rate, slope, base, spread: 0.0 }
    }

    /// The root of the mean squared error at examples.
    fn error(&self, examples: &Examples) -> f64 {
        squared_error(self, examples, 0..examples.rows.len()).root_mean()
    }
}

fn limits(settings: &BoostedSettings, width: usize) -> Limits {
    let BoostedSettings { depth, least_hessian, l2, least_gain, .. } = *settings;
    Limits { depth, least_rows: 1, least_hessian, l2, least_gain, tried: width }
}

/// Adds a tree's values to scores.
fn add(tree: &Tree, rate: f64, rows: &[Vec<f64>], scores: &mut [f64]) {
    tree.leaves(rows, |row, place| scores[row] += rate * tree.value_at(place));
}

/// The root of the mean squared error at rows that were left out, each part of them in turn.
fn left_out_error(examples: &Examples, settings: &BoostedSettings, folds: usize, seed: u64) -> f64 {
    let mut order: Vec<usize> = (0..examples.rows.len()).collect();
    order.shuffle(&mut seeded(seed, "boosted trees, folds"));
    let mut total = Squares::default();
    for fold in 0..folds {
        let (out, kept): (Vec<_>, Vec<_>) = order.iter().enumerate().partition(|(place, _)| place % folds == fold);
        let kept = examples.some(kept.into_iter().map(|(_, &row)| row));
        // Those left may all have weight 0: then there is nothing to learn from them.
        if kept.check().is_ok() {
            let model = Boosted::boost(&kept, &vec![0.0; kept.rows.len()], settings, seed);
            let part = squared_error(&model, examples, out.into_iter().map(|(_, &row)| row));
            total = Squares { sum: total.sum + part.sum, weight: total.weight + part.weight };
        }
    }
    total.root_mean()
}

/// Squared errors and the weights that they are summed with.
#[derive(Clone, Copy, Default)]
struct Squares {
    sum: f64,
    weight: f64,
}

impl Squares {
    fn root_mean(self) -> f64 {
        if self.weight > 0.0 { (self.sum / self.weight).sqrt() } else { 0.0 }
    }
}

fn squared_error(model: &Boosted, examples: &Examples, rows: impl Iterator<Item = usize>) -> Squares {
    rows.fold(Squares::default(), |squares, row| {
        let error = examples.targets[row] - model.predict(&examples.rows[row]).mean;
        let weight = examples.weight(row);
        Squares { sum: squares.sum + weight * error * error, weight: squares.weight + weight }
    })
}
