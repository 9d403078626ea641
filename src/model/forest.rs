//! Random forests: many deep trees, each grown on other rows and columns, whose mean is predicted.
//!
//! L. Breiman, "Random Forests", Machine Learning 45 (2001). On targets of 0 and 1 the mean is the share of votes: the
//! probability of a class. [`ForestSettings::votes`] has the values of BaCO's feasibility model (E. Hellsten et al., "BaCO",
//! ASPLOS 2023).

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::grow::{Columns, Limits, Slope, grow};
use super::tree::Tree;
use super::{Examples, FitError, Model, Prediction};
use crate::base::{Random, seeded};

pub(super) const ABOUT: (&str, &str) = ("forest", "random forest, for targets and for probabilities of classes");

/// Rows that are taken through all trees before the next: few enough to stay in the nearest cache.
const BLOCK: usize = 64;

/// The share of a normal distribution that lies within one standard deviation.
const WITHIN_ONE_SPREAD: f64 = 0.683;

/// What decides the shape of a forest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForestSettings {
    /// How many trees.
    pub trees: usize,
    /// The share of the columns, drawn anew for each node, that a split is looked for in.
    pub columns: f64,
    /// The fewest rows in a leaf.
    pub least_rows: usize,
    /// Whether each tree learns from rows drawn with replacement, as many as there are, or from all.
    pub bootstrap: bool,
}

impl Default for ForestSettings {
    /// For targets that are numbers: 50 trees, 0.75 of the columns, leaves of one row, bootstrap.
    fn default() -> Self {
        Self { trees: 50, columns: 0.75, least_rows: 1, bootstrap: true }
    }
}

impl ForestSettings {
    /// For targets of 0 and 1: as the default, but every tree learns from all rows. What a class counts is said by the
    /// weights of its examples; BaCO gives 0.8 to what is feasible and 0.2 to what is not.
    pub fn votes() -> Self {
        Self { bootstrap: false, ..Self::default() }
    }
}

/// A fitted forest.
///
/// Its spread has three parts: how the trees disagree, how the targets vary inside a leaf, and a factor that makes both
/// together as large as the errors at rows that a tree has not learnt from. Without bootstrap there are none such, and
/// the factor is 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    trees: Vec<Noted>,
    /// The mean of the targets, which the trees' values are added to.
    centre: f64,
    /// What the variance is multiplied by.
    factor: f64,
}

/// A tree, and the variance of the targets in each of its leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Noted {
    tree: Tree,
    variance: Vec<f64>,
}

impl Model for Forest {
    type Settings = ForestSettings;

    fn fit(examples: &Examples, settings: &ForestSettings, seed: u64) -> Result<Self, FitError> {
        examples.check()?;
        let centre = examples.mean_target();
        let mut random = seeded(seed, "random forest");
        let columns = Columns::new(&examples.rows);
        let limits = limits(settings, columns.width());
        let mut outside = vec![Votes::default(); examples.rows.len()];
        let mut trees = Vec::with_capacity(settings.trees);
        for _ in 0..settings.trees.max(1) {
            let weights = weights(examples, settings.bootstrap, &mut random);
            let slope = |(row, &weight)| Slope { gradient: weight * (centre - examples.targets[row]), hessian: weight };
            let slopes: Vec<Slope> = weights.iter().enumerate().map(slope).collect();
            let tree = grow(&columns, &slopes, &limits, &mut random);
            let noted = Noted::new(tree, examples, &weights, centre);
            noted.vote(&examples.rows, |row, value, variance| {
                if weights[row] == 0.0 {
                    outside[row].add(value, variance);
                }
            });
            trees.push(noted);
        }
        Ok(Self { trees, centre, factor: factor(examples, &outside, centre) })
    }

    fn predict(&self, row: &[f64]) -> Prediction {
        let mut votes = Votes::default();
        for noted in &self.trees {
            let place = noted.tree.leaf(row);
            votes.add(noted.tree.value_at(place), noted.variance[place]);
        }
        self.prediction(&votes)
    }

    fn predict_all(&self, rows: &[Vec<f64>]) -> Vec<Prediction> {
        let mut predictions = Vec::with_capacity(rows.len());
        for block in rows.chunks(BLOCK) {
            let mut votes = [Votes::default(); BLOCK];
            for noted in &self.trees {
                noted.vote(block, |row, value, variance| votes[row].add(value, variance));
            }
            predictions.extend(votes[..block.len()].iter().map(|votes| self.prediction(votes)));
        }
        predictions
    }
}

impl Forest {
    fn prediction(&self, votes: &Votes) -> Prediction {
        Prediction { mean: self.centre + votes.mean(), spread: (self.factor * votes.variance()).sqrt() }
    }
}

impl Noted {
    fn new(tree: Tree, examples: &Examples, weights: &[f64], centre: f64) -> Self {
        let mut sums = vec![(0.0, 0.0); tree.len()];
        tree.leaves(&examples.rows, |row, place| {
            let error = examples.targets[row] - centre - tree.value_at(place);
            sums[place].0 += weights[row] * error * error;
            sums[place].1 += weights[row];
        });
        let variance = sums.into_iter().map(|(squares, weight)| if weight > 0.0 { squares / weight } else { 0.0 });
        Self { variance: variance.collect(), tree }
    }

    /// Calls back with the number of each row and its leaf's value and variance.
    fn vote(&self, rows: &[Vec<f64>], mut found: impl FnMut(usize, f64, f64)) {
        self.tree.leaves(rows, |row, place| found(row, self.tree.value_at(place), self.variance[place]));
    }
}

/// What some trees say of one row.
#[derive(Clone, Copy, Debug, Default)]
struct Votes {
    count: f64,
    sum: f64,
    squares: f64,
    variances: f64,
}

impl Votes {
    fn add(&mut self, value: f64, variance: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
        self.variances += variance;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Between the trees and inside the leaves, by the law of total variance (F. Hutter et al., "Algorithm runtime
    /// prediction: Methods & evaluation", Artificial Intelligence 206 (2014), section 4.3.2).
    fn variance(&self) -> f64 {
        let between = self.squares / self.count - self.mean() * self.mean();
        between.max(0.0) + self.variances / self.count
    }
}

fn limits(settings: &ForestSettings, width: usize) -> Limits {
    let tried = (settings.columns * width as f64).round().max(1.0) as usize;
    let least_rows = settings.least_rows;
    Limits { depth: u32::MAX, least_rows, least_hessian: 0.0, l2: 0.0, least_gain: 0.0, tried }
}

/// The weight of each row for one tree: times how often it was drawn.
fn weights(examples: &Examples, bootstrap: bool, random: &mut Random) -> Vec<f64> {
    let rows = examples.rows.len();
    if !bootstrap {
        return (0..rows).map(|row| examples.weight(row)).collect();
    }
    let mut weights = vec![0.0; rows];
    for _ in 0..rows {
        let row = random.random_range(0..rows);
        weights[row] += examples.weight(row);
    }
    weights
}

/// What the variances must be multiplied by, so that the errors lie within one spread as often as normal ones do. They
/// are taken at the rows, where only trees count that have not learnt from them.
fn factor(examples: &Examples, outside: &[Votes], centre: f64) -> f64 {
    let ratio = |(row, votes): (usize, &Votes)| {
        let error = examples.targets[row] - centre - votes.mean();
        // The variance between trees takes two of them.
        (votes.count > 1.0 && votes.variance() > 0.0).then(|| error * error / votes.variance())
    };
    let mut ratios: Vec<f64> = outside.iter().enumerate().filter_map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let at = (ratios.len() as f64 * WITHIN_ONE_SPREAD) as usize;
    ratios.get(at).copied().filter(|&factor| factor > 0.0).unwrap_or(1.0)
}
