//! Random configs, and the list of all legal ones where it is short enough.

use rand::seq::{IndexedRandom, SliceRandom};

use super::eliminate::Elimination;
use super::walk::Descent;
use super::{Config, Law, Space};
use crate::base::Random;

/// Spaces with more legal points than this are not listed.
const MOST_LISTED: usize = 1 << 16;

/// How many settings of a parameter are tried for a list before it is given up: tens of milliseconds.
const LISTING_BUDGET: u64 = 1 << 20;

/// The same where each may ask a slow rule: at a microsecond each less than 70 milliseconds.
const SLOW_LISTING_BUDGET: u64 = 1 << 16;

/// Where fewer than one in so many points is legal, drawing points until one is takes longer than drawing a legal one
/// parameter by parameter.
const RARE: f64 = 64.0;

/// How many random points are tried for one that is legal.
const REJECTION_TRIES: usize = 1000;

/// How many settings of a parameter a single descent tries before it is given up.
const DESCENT_BUDGET: u64 = 1 << 18;

impl Space {
    /// A random legal config.
    ///
    /// All are equally likely where the space can be [listed](Self::listed), where it is cheap to count, and also where
    /// at least one raw point in some hundreds is legal: random points are then drawn until one is. Failing a thousand
    /// times it goes down depth-first in a random order, which favours configs that stand alone behind their first
    /// values. `None` for an empty space, or one in which that descent meets nothing but dead ends for a quarter of a
    /// million steps.
    pub fn sample(&self, random: &mut Random) -> Option<Config> {
        if let Some(points) = self.listed() {
            return points.choose(random).cloned();
        }
        match self.rare() {
            Some(rare) => rare.draw(self.network(self.rules()), random).map(|positions| self.at(&positions)),
            None => self.sample_by_rejection(random).or_else(|| self.sample_by_descent(random)),
        }
    }

    /// All legal configs in ascending order; `None` if there are more than 65 536, or finding them takes too long.
    /// Made at the first call and kept. A space made from a list is always listed.
    pub fn listed(&self) -> Option<&[Config]> {
        match &self.law {
            Law::Points(points) => Some(points),
            Law::Rules { .. } => self.listed.get_or_init(|| self.list()).as_deref(),
        }
    }

    /// What draws legal configs where random points are hardly ever legal.
    fn rare(&self) -> Option<&Elimination> {
        let points: f64 = self.domains.iter().map(|domain| domain.len() as f64).product();
        self.elimination().filter(|elimination| elimination.total() as f64 * RARE < points)
    }

    fn list(&self) -> Option<Vec<Config>> {
        if self.elimination().is_some_and(|elimination| elimination.total() > MOST_LISTED as u128) {
            return None;
        }
        let mut descent = Descent::new(self, self.domains.clone());
        let mut budget = if self.has_few_questions() { LISTING_BUDGET } else { SLOW_LISTING_BUDGET };
        let mut points = Vec::new();
        while let Some(positions) = descent.advance(self, &mut budget) {
            if points.len() == MOST_LISTED {
                return None;
            }
            points.push(self.at(positions));
        }
        (budget > 0).then_some(points)
    }

    fn sample_by_rejection(&self, random: &mut Random) -> Option<Config> {
        let mut positions = vec![0; self.domains.len()];
        for _ in 0..REJECTION_TRIES {
            for (position, domain) in positions.iter_mut().zip(&self.domains) {
                *position = *domain.choose(random)?;
            }
            if self.allows(&positions) {
                return Some(self.at(&positions));
            }
        }
        None
    }

    fn sample_by_descent(&self, random: &mut Random) -> Option<Config> {
        let mut orders = self.domains.clone();
        orders.iter_mut().for_each(|order| order.shuffle(random));
        self.first(orders)
    }

    /// The first config of a depth-first walk in these orders, unless it takes too long.
    pub(super) fn first(&self, orders: Vec<Vec<u16>>) -> Option<Config> {
        let mut budget = DESCENT_BUDGET;
        Descent::new(self, orders).advance(self, &mut budget).map(|positions| self.at(positions))
    }
}
