//! How many configs are legal, about: by random points, where an exact count would take too long.

use rand::seq::IndexedRandom;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{Law, Space};
use crate::base::Random;
use crate::base::stats::{CONFIDENCE, Estimate};

/// How many random points are looked at: shares near a half are known to within a hundredth. With five rules that take a
/// microsecond each it is done in a tenth of a second.
const DRAWS: usize = 1 << 13;

/// How many points are legal and how many each rule takes away, with 95 % intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimated {
    /// Legal configs.
    pub legal: Estimate,
    /// What each rule takes away, in the order of [`Space::rules`].
    pub removals: Vec<Sampled>,
}

/// What a rule takes away, about: see [`Removal`](super::Removal).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// Raw points that break it.
    pub raw: Estimate,
    /// Raw points that break it and no other rule.
    pub only: Estimate,
}

impl Space {
    /// What [`Self::count`] and [`Self::removals`] give, estimated from some thousands of random points. The numbers are
    /// exact for a space made from a list.
    pub fn estimate(&self, random: &mut Random) -> Estimated {
        match &self.law {
            Law::Points(points) => {
                let count = points.len() as f64;
                Estimated { legal: Estimate { value: count, low: count, high: count }, removals: Vec::new() }
            }
            Law::Rules { .. } => Estimated { legal: self.legal_about(random), removals: self.removals_about(random) },
        }
    }

    /// From points that obey the rules about one parameter: their number is known.
    fn legal_about(&self, random: &mut Random) -> Estimate {
        let legal = (0..DRAWS).filter(|_| draw(&self.domains, random).is_some_and(|point| self.allows(&point)));
        times(share(legal.count()), size(&self.domains))
    }

    fn removals_about(&self, random: &mut Random) -> Vec<Sampled> {
        let all: Vec<Vec<u16>> = self.scales.iter().map(|scale| scale.positions().collect()).collect();
        let mut counts = vec![(0, 0); self.rules().len()];
        for point in (0..DRAWS).filter_map(|_| draw(&all, random)) {
            let broken: Vec<usize> =
                (0..counts.len()).filter(|&rule| !self.holds(&self.rules()[rule], &point)).collect();
            broken.iter().for_each(|&rule| counts[rule].0 += 1);
            if let [rule] = broken[..] {
                counts[rule].1 += 1;
            }
        }
        let about = |count| times(share(count), size(&all));
        counts.into_iter().map(|(raw, only)| Sampled { raw: about(raw), only: about(only) }).collect()
    }
}

/// A random point; none if there is none.
fn draw(domains: &[Vec<u16>], random: &mut Random) -> Option<Vec<u16>> {
    domains.iter().map(|domain| domain.choose(random).copied()).collect()
}

/// The number of points.
fn size(domains: &[Vec<u16>]) -> f64 {
    domains.iter().map(|domain| domain.len() as f64).product()
}

/// A share from how many of the draws hit, with the score interval of E. B. Wilson, "Probable Inference, the Law of
/// Succession, and Statistical Inference", 1927, which also says something where none or all did.
fn share(hits: usize) -> Estimate {
    let (n, value) = (DRAWS as f64, hits as f64 / DRAWS as f64);
    let z = Normal::standard().inverse_cdf(0.5 + 0.5 * CONFIDENCE);
    let stretch = 1.0 / (1.0 + z * z / n);
    let middle = stretch * (value + 0.5 * z * z / n);
    let half = stretch * z * (value * (1.0 - value) / n + 0.25 * z * z / (n * n)).sqrt();
    // Rounding must not exclude what was seen.
    Estimate { value, low: (middle - half).clamp(0.0, value), high: (middle + half).clamp(value, 1.0) }
}

fn times(share: Estimate, factor: f64) -> Estimate {
    Estimate { value: share.value * factor, low: share.low * factor, high: share.high * factor }
}
