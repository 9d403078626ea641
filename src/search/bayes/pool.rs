//! The configs that a model scores: the whole space where it can be listed, a sample that follows the search where not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::encode::Encoder;
use crate::base::Random;
use crate::space::{Config, Space};

/// Configs with their rows.
pub struct Pool {
    configs: Vec<Config>,
    rows: Arc<[Vec<f64>]>,
    index: HashMap<Config, usize>,
    /// Which of them were asked for or told.
    taken: Vec<bool>,
    /// Whether these are all the configs of the space.
    whole: bool,
    most: usize,
}

/// A third of a sampled pool stays, a third is made of variants of the best results, and a third is drawn anew.
const SHARES: usize = 3;

impl Pool {
    /// All configs of the space if there are no more than `most`, else a sample.
    pub fn new(space: &Space, most: usize, random: &mut Random) -> (Self, Encoder) {
        let listed = space.listed().filter(|configs| configs.len() <= most);
        let whole = listed.is_some();
        let configs = match listed {
            Some(configs) => configs.to_vec(),
            None => sample(space, most.min(FRESH), random),
        };
        let encoder = Encoder::new(space, &configs);
        (Self::of(space, &encoder, configs, whole, most), encoder)
    }

    fn of(space: &Space, encoder: &Encoder, configs: Vec<Config>, whole: bool, most: usize) -> Self {
        let rows = configs.iter().map(|config| encoder.row(space, config)).collect();
        let index = configs.iter().cloned().enumerate().map(|(index, config)| (config, index)).collect();
        Self { taken: vec![false; configs.len()], configs, rows, index, whole, most }
    }

    /// Whether it is the whole space.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The rows of its configs.
    pub fn rows(&self) -> Arc<[Vec<f64>]> {
        self.rows.clone()
    }

    pub fn config(&self, index: usize) -> &Config {
        &self.configs[index]
    }

    /// The configs that may still be asked for.
    pub fn free(&self) -> impl Iterator<Item = usize> {
        (0..self.configs.len()).filter(|&index| !self.taken[index])
    }

    /// Takes a config out.
    pub fn take(&mut self, config: &Config) {
        if let Some(&index) = self.index.get(config) {
            self.taken[index] = true;
        }
    }

    /// Makes a sample follow the search: the configs with the most merit stay, variants of the best results come in, and
    /// the rest is drawn anew.
    pub fn renew(
        &mut self,
        space: &Space,
        encoder: &Encoder,
        best: &[Config],
        mut merits: Vec<(f64, usize)>,
        is_free: impl Fn(&Config) -> bool,
        random: &mut Random,
    ) {
        let share = self.most.min(FRESH) / SHARES;
        merits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let kept = merits.iter().take(share).map(|(_, index)| self.configs[*index].clone());
        let variants = best.iter().flat_map(|config| space.variants(config)).take(share);
        let fresh = sample(space, share, random);
        let mut seen = HashSet::new();
        let configs = kept.chain(variants).chain(fresh).filter(|c| is_free(c) && seen.insert(c.clone()));
        let configs = configs.collect();
        *self = Self::of(space, encoder, configs, false, self.most);
    }
}

/// How many configs a sample has at most: more are better scored, and cost more to draw and to score.
const FRESH: usize = 6000;

fn sample(space: &Space, count: usize, random: &mut Random) -> Vec<Config> {
    let mut seen = HashSet::new();
    (0..count).map_while(|_| space.sample(random)).filter(|config| seen.insert(config.clone())).collect()
}
