//! What boosted trees are asked for: targets, or only their order.

use crate::model::Examples;
use crate::model::grow::Slope;

/// How many others each row is weighed against: the sum over all pairs is scaled as if it had met so many in a round,
/// so that the settings mean the same whatever the number of rows.
const OTHERS: f64 = 2.0;

/// Scores are not taken to be further from their mean than this: beyond it exponentials leave the range of numbers.
const FARTHEST: f64 = 300.0;

/// Below this a second derivative is taken to be this, as rows without any have no part in a tree.
const LEAST_HESSIAN: f64 = 1e-16;

/// What is asked of the predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// To be near the targets: squared errors.
    Squares,
    /// To be in the order of the targets: the logistic loss over all pairs of rows with different targets (C. Burges et
    /// al., "Learning to Rank using Gradient Descent", ICML 2005). Takes time in the square of the number of rows.
    Pairs,
}

impl Objective {
    /// Its loss at these examples.
    pub(super) fn loss(self, examples: &Examples) -> Loss<'_> {
        let rows = examples.rows.len();
        let mut falling: Vec<usize> = (0..rows).collect();
        falling.sort_by(|&a, &b| examples.targets[b].total_cmp(&examples.targets[a]));
        Loss {
            objective: self,
            targets: &examples.targets,
            weights: examples.relative_weights(),
            falling,
            mean: examples.mean_target(),
        }
    }
}

/// An objective at given examples.
pub(super) struct Loss<'a> {
    objective: Objective,
    targets: &'a [f64],
    /// 1 in the mean.
    weights: Vec<f64>,
    /// The rows from the highest target down.
    falling: Vec<usize>,
    /// The weighted mean of the targets.
    mean: f64,
}

impl Loss<'_> {
    /// The derivatives of the loss by the score of each row.
    pub fn slopes(&self, scores: &[f64]) -> Vec<Slope> {
        match self.objective {
            Objective::Squares => self.squares(scores),
            Objective::Pairs => self.pairs(scores),
        }
    }

    fn squares(&self, scores: &[f64]) -> Vec<Slope> {
        let rows = scores.iter().zip(self.targets).zip(&self.weights);
        rows.map(|((score, target), &weight)| Slope {
            gradient: weight * (score + self.mean - target),
            hessian: weight,
        })
        .collect()
    }

    /// For rows i above j the chance of the wrong order is p = exp(sj) / (exp(si) + exp(sj)); the loss is −ln(1 − p).
    fn pairs(&self, scores: &[f64]) -> Vec<Slope> {
        let rows = scores.len();
        let mean = scores.iter().sum::<f64>() / rows as f64;
        let odds: Vec<f64> =
            self.falling.iter().map(|&row| (scores[row] - mean).clamp(-FARTHEST, FARTHEST).exp()).collect();
        let weights: Vec<f64> = self.falling.iter().map(|&row| self.weights[row]).collect();
        let mut slopes = vec![Slope::default(); rows];
        for high in 0..rows {
            let (mut gradient, mut hessian) = (0.0, 0.0);
            for low in self.first_below(high)..rows {
                let wrong = odds[low] / (odds[high] + odds[low]);
                let weight = weights[high] * weights[low];
                let curve = weight * wrong * (1.0 - wrong);
                gradient += weight * wrong;
                hessian += curve;
                slopes[low].gradient += weight * wrong;
                slopes[low].hessian += curve;
            }
            slopes[high].gradient -= gradient;
            slopes[high].hessian += hessian;
        }
        self.in_order(&slopes)
    }

    /// The place of the first row in falling order whose target is below that of another place.
    fn first_below(&self, place: usize) -> usize {
        let target = |place: usize| self.targets[self.falling[place]];
        place + self.falling[place..].partition_point(|&row| self.targets[row] >= target(place))
    }

    /// Slopes from falling order back in the order of the rows, scaled.
    fn in_order(&self, falling: &[Slope]) -> Vec<Slope> {
        let scale = OTHERS / (falling.len() - 1).max(1) as f64;
        let mut slopes = vec![Slope::default(); falling.len()];
        for (&row, slope) in self.falling.iter().zip(falling) {
            let hessian = if self.weights[row] > 0.0 { (slope.hessian * scale).max(LEAST_HESSIAN) } else { 0.0 };
            slopes[row] = Slope { gradient: slope.gradient * scale, hessian };
        }
        slopes
    }

    /// Base and slope of the line from scores to targets: for an order the one of least squares.
    pub fn line(&self, scores: &[f64]) -> (f64, f64) {
        if self.objective == Objective::Squares {
            return (self.mean, 1.0);
        }
        let rows = || scores.iter().zip(self.targets).zip(&self.weights);
        let weights: f64 = self.weights.iter().sum();
        let centre = rows().map(|((score, _), weight)| weight * score).sum::<f64>() / weights;
        let variance: f64 = rows().map(|((score, _), weight)| weight * (score - centre).powi(2)).sum();
        let product: f64 =
            rows().map(|((score, target), weight)| weight * (score - centre) * (target - self.mean)).sum();
        let slope = if variance > 0.0 { product / variance } else { 0.0 };
        (self.mean - slope * centre, slope)
    }
}
