//! Configs that were neither asked nor told.

use std::collections::HashSet;
use std::sync::Arc;

use rand::RngExt;

use crate::base::Random;
use crate::space::{Config, Space};

/// How many draws in a row may give nothing new before a space that cannot be listed counts as exhausted.
const TRIES: usize = 100;

pub(super) struct Fresh {
    space: Arc<Space>,
    /// The positions of the list that were not drawn yet; `None` where there is no list.
    left: Option<Vec<usize>>,
    taken: HashSet<Config>,
}

impl Fresh {
    pub fn new(space: Arc<Space>) -> Self {
        let left = space.listed().map(|points| (0..points.len()).collect());
        Self { space, left, taken: HashSet::new() }
    }

    /// Whether a config is fresh.
    pub fn has(&self, config: &Config) -> bool {
        !self.taken.contains(config)
    }

    /// Whether a config was fresh, which it is no longer.
    pub fn take(&mut self, config: &Config) -> bool {
        self.taken.insert(config.clone())
    }

    /// A fresh config at random; `None` when none is found.
    pub fn draw(&mut self, random: &mut Random) -> Option<Config> {
        let Some(left) = &mut self.left else {
            let mut drawn = (0..TRIES).map_while(|_| self.space.sample(random));
            return drawn.find(|config| self.taken.insert(config.clone()));
        };
        let points = self.space.listed()?;
        while !left.is_empty() {
            let config = &points[left.swap_remove(random.random_range(0..left.len()))];
            if self.taken.insert(config.clone()) {
                return Some(config.clone());
            }
        }
        None
    }
}
