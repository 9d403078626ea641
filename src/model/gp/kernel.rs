//! The mixed kernel: each parameter is at once a number and a category.
//!
//! k(x, x') = (s₁ · M(r) + s₂) · H + noise, with r² = Σ (aᵢ (xᵢ − xᵢ'))² over the numbers, M(r) the Matérn-5/2 function
//! (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, eq. 4.17), and
//! H = exp(−Σ wⱼ [cⱼ ≠ cⱼ']) over the categories. Where neighbours in value are neighbours in time, the first term
//! carries over; where single values are special, H does.

use serde::{Deserialize, Serialize};

/// Everything that shapes the kernel, as natural logarithms, so that each may take any value while it is fitted.
///
/// The order in `logs`: the inverse length scale aᵢ of each number, the weight wⱼ of each category, s₁, s₂, and the
/// variance of the noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub numbers: usize,
    pub categories: usize,
    pub logs: Vec<f64>,
}

/// Beyond this distance the first term is smaller than any number; distances may be infinite.
const VANISHED: f64 = 700.0;

const SQRT_5: f64 = 2.236_067_977_499_79;

impl Shape {
    /// The inverse length scale of each number.
    pub fn inverse_lengths(&self) -> Vec<f64> {
        self.logs[..self.numbers].iter().map(|log| log.exp()).collect()
    }

    /// The weight of each category.
    pub fn weights(&self) -> Vec<f64> {
        self.logs[self.numbers..self.numbers + self.categories].iter().map(|log| log.exp()).collect()
    }

    /// s₁, s₂ and the variance of the noise.
    pub fn variances(&self) -> [f64; 3] {
        let first = self.numbers + self.categories;
        std::array::from_fn(|i| self.logs[first + i].exp())
    }

    /// The variance of the function itself at any one point.
    pub fn signal(&self) -> f64 {
        let [smooth, rough, _] = self.variances();
        smooth + rough
    }
}

/// The covariance of the function at two points of the same categories, with this squared distance between their numbers.
pub fn covariance(smooth: f64, rough: f64, squared: f64) -> f64 {
    let distance = SQRT_5 * squared.max(0.0).sqrt();
    if distance > VANISHED {
        return rough;
    }
    let matern = 1.0 + distance + distance * distance / 3.0;
    smooth * matern * (-distance).exp() + rough
}

/// The covariance with the parts that its derivatives are made of.
pub struct Parts {
    /// M(r) · H.
    pub smooth: f64,
    /// H.
    pub rough: f64,
    /// The derivative of M(r) · H by r².
    pub by_squared: f64,
}

/// Both terms of the kernel without their variances, and the slope of the first.
pub fn parts(squared: f64, differing: f64) -> Parts {
    let distance = (SQRT_5 * squared.sqrt()).min(VANISHED);
    let rough = (-differing).exp();
    let decay = (-distance).exp() * rough;
    Parts {
        smooth: (1.0 + distance + distance * distance / 3.0) * decay,
        rough,
        by_squared: -5.0 / 6.0 * (1.0 + distance) * decay,
    }
}
