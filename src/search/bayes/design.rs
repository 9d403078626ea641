//! The first configs of a search: what did well elsewhere, and then a spread over the space.

use super::models::Models;
use crate::base::Random;
use crate::search::Task;
use crate::search::start::promising;
use crate::space::{Config, Space};

/// How many random configs compete for each place. Few: the farthest of many are all corners of the space, and what is
/// extreme in every parameter at once is seldom fast.
const CANDIDATES: usize = 5;

/// Up to `count` distinct configs. With something to go by they are what that promises; without, each is that one of some
/// random configs which lies farthest from those before it (D. Mitchell, "Spectrally Optimal Sampling for Distribution
/// Ray Tracing", 1991).
pub fn design(task: &Task, models: &Models, count: usize, random: &mut Random) -> Vec<Config> {
    if models.has_guess() {
        return promising(task, count, random);
    }
    let mut chosen: Vec<(Vec<f64>, Config)> = Vec::new();
    while chosen.len() < count {
        let Some(next) = farthest(&task.space, models, &chosen, random) else { break };
        chosen.push(next);
    }
    chosen.into_iter().map(|(_, config)| config).collect()
}

fn farthest(
    space: &Space,
    models: &Models,
    chosen: &[(Vec<f64>, Config)],
    random: &mut Random,
) -> Option<(Vec<f64>, Config)> {
    let candidates = (0..CANDIDATES).filter_map(|_| space.sample(random));
    let placed = candidates.map(|config| (models.place(&config), config));
    let gap = |place: &[f64]| {
        let apart = |(other, _): &(Vec<f64>, Config)| place.iter().zip(other).map(|(a, b)| (a - b).abs()).sum::<f64>();
        chosen.iter().map(apart).fold(f64::INFINITY, f64::min)
    };
    let scored = placed.map(|(place, config)| (gap(&place), place, config)).filter(|(gap, ..)| *gap > 0.0);
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place, config)| (place, config))
}
