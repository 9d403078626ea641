//! How many configs are legal, and how many points each rule takes away, without listing them.

use super::build::domain;
use super::eliminate::{Elimination, Network};
use super::plan::combinations;
use super::{Law, Rule, Space};

/// How many products a count may sum: some tenths of a second.
const MOST_CELLS: u128 = 1 << 24;

/// How many products and questions all of [`Space::removals`] may take together.
const MOST_CELLS_OF_REMOVALS: u128 = 1 << 26;

/// How many products are summed to help drawing and listing, which would take longer without: some milliseconds.
const CHEAP_CELLS: u128 = 1 << 18;

/// How many answers of slow rules are asked for before the first config is drawn: at a microsecond each less than 70
/// milliseconds.
const CHEAP_QUESTIONS: usize = 1 << 16;

/// What a rule takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// How many raw points break it; `None` where that takes too long to count.
    pub raw: Option<u128>,
    /// How many raw points break it and no other rule: without it so many more would be legal. `None` where that takes
    /// too long to count.
    pub only: Option<u128>,
}

impl Space {
    /// The exact number of legal configs, found without going through them (see `src/space/eliminate.rs`).
    ///
    /// `None` where the rules tangle so many parameters that this would take more than 2²⁴ products or 32 MiB, or where
    /// a rule of [`rule_over`](super::SpaceBuilder::rule_over) reads too many combinations to be remembered, or where
    /// there are more raw points than a `u128` counts. [`Self::estimate`] has an answer then.
    pub fn count(&self) -> Option<u128> {
        match &self.law {
            Law::Points(points) => Some(points.len() as u128),
            Law::Rules { rules, .. } => match self.elimination() {
                Some(elimination) => Some(elimination.total()),
                None => Elimination::new(self.network(rules), None, MOST_CELLS).map(|all| all.total()),
            },
        }
    }

    /// What each rule takes away, in the order of [`Self::rules`].
    pub fn removals(&self) -> Vec<Removal> {
        let legal = self.count();
        let mut left = MOST_CELLS_OF_REMOVALS;
        let removal = |index| Removal {
            raw: self.breaking(&self.rules()[index], &mut left),
            only: legal.and_then(|legal| Some(self.count_without(index, &mut left)? - legal)),
        };
        (0..self.rules().len()).map(removal).collect()
    }

    /// What legal points are counted and drawn by, where that is cheap. Made at the first call and kept.
    pub(super) fn elimination(&self) -> Option<&Elimination> {
        let Law::Rules { rules, .. } = &self.law else { return None };
        let make = || Elimination::new(self.network(rules), None, CHEAP_CELLS);
        self.elimination.get_or_init(|| self.has_few_questions().then(make).flatten()).as_ref()
    }

    /// Whether all answers of slow rules can be had before anybody loses patience.
    pub(super) fn has_few_questions(&self) -> bool {
        let questions: Option<usize> = self.rules().iter().map(Rule::slow_questions).sum();
        questions.is_some_and(|questions| questions <= CHEAP_QUESTIONS)
    }

    pub(super) fn network<'a>(&'a self, rules: &'a [Rule]) -> Network<'a> {
        Network { scales: &self.scales, domains: &self.domains, rules }
    }

    /// The number of raw points that break a rule, by the combinations of what it reads.
    fn breaking(&self, rule: &Rule, left: &mut u128) -> Option<u128> {
        let scope = rule.scope();
        let size = |param: usize| self.params[param].values.len();
        let raw = combinations((0..self.params.len()).map(size))?;
        let all = combinations(scope.iter().map(|&param| size(param)))?;
        if rule.is_slow() || all > MOST_CELLS {
            return None;
        }
        *left = left.checked_sub(all)?;
        let mut positions = vec![0u16; self.params.len()];
        let mut breaks = |mut place: usize| {
            for &param in &scope {
                positions[param] = (place % size(param)) as u16;
                place /= size(param);
            }
            !self.holds(rule, &positions)
        };
        let breaking = (0..all as usize).filter(|&place| breaks(place)).count();
        Some(breaking as u128 * (raw / all))
    }

    /// The number of points that break no rule but perhaps this one.
    fn count_without(&self, index: usize, left: &mut u128) -> Option<u128> {
        let mut domains = self.domains.clone();
        if let [param] = self.rules()[index].reads[..] {
            let others = self.rules().iter().enumerate().filter(|(other, _)| *other != index).map(|(_, rule)| rule);
            domains[param] = domain(param, &self.scales, others);
        }
        let network = Network { domains: &domains, ..self.network(self.rules()) };
        let elimination = Elimination::new(network, Some(index), MOST_CELLS.min(*left))?;
        *left -= elimination.cells();
        Some(elimination.total())
    }
}
