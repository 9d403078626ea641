//! Repair: the legal config nearest to positions that may be illegal, such as those of a crossover.

use super::{Config, Param, Scale, Space};

/// How many settings of a parameter are tried within each limit of distance: less than a millisecond.
const BUDGET: u64 = 1 << 14;

impl Space {
    /// The legal config that is the fewest steps away, where a step is that of [`Self::neighbours`]. Legal positions
    /// come back as they are; positions past the end of a parameter's list count as its last.
    ///
    /// Always the same config for the same positions. It is the nearest unless the rules make thousands of dead ends,
    /// and then the nearest of the list or, where there is none, some config whose first values are near. `None` for an
    /// empty space, or one so large and strict that no legal config was met.
    ///
    /// # Panics
    /// When there is not one position for each parameter.
    pub fn repair(&self, positions: &[u16]) -> Option<Config> {
        assert_eq!(positions.len(), self.params.len(), "one position for each parameter");
        if !self.is_open() {
            return None;
        }
        let last = |param: &Param| (param.values.len() - 1) as u16;
        let wanted: Vec<u16> = positions.iter().zip(self.params()).map(|(&p, param)| p.min(last(param))).collect();
        let orders = self.orders_by_distance(&wanted);
        let bare = |order: &Order| order.iter().map(|&(_, position)| position).collect();
        self.nearest(&orders).or_else(|| match self.listed() {
            Some(points) => points.iter().min_by_key(|config| self.distance(&wanted, config.positions())).cloned(),
            None => self.first(orders.iter().map(bare).collect()),
        })
    }

    /// The domain of each parameter with the steps to each position, nearest first.
    fn orders_by_distance(&self, wanted: &[u16]) -> Vec<Order> {
        let order = |((scale, domain), &here): ((&Scale, &Vec<u16>), &u16)| {
            let mut order: Order = domain.iter().map(|&there| (scale.steps(here, there), there)).collect();
            order.sort_unstable();
            order
        };
        self.scales.iter().zip(&self.domains).zip(wanted).map(order).collect()
    }

    /// The nearest config, by searches within limits that double: one nearby is found without walking through the
    /// whole neighbourhood of one far away.
    fn nearest(&self, orders: &[Order]) -> Option<Config> {
        let farthest: u32 = orders.iter().filter_map(|order| order.last()).map(|(steps, _)| steps).sum();
        let mut limits = (0..).map(|doublings| 1 << doublings).take_while(|limit| limit / 2 <= farthest);
        limits.find_map(|limit| Search::within(self, orders, limit)).map(|positions| self.at(&positions))
    }

    /// The number of steps from one set of positions to another.
    fn distance(&self, from: &[u16], to: &[u16]) -> u32 {
        self.scales.iter().zip(from.iter().zip(to)).map(|(scale, (&a, &b))| scale.steps(a, b)).sum()
    }
}

/// Positions of a parameter, each behind the steps to it.
type Order = Vec<(u32, u16)>;

/// A branch-and-bound search for the nearest legal positions.
struct Search<'a> {
    space: &'a Space,
    orders: &'a [Order],
    budget: u64,
    /// Only what is nearer than this many steps is of interest.
    limit: u32,
    positions: Vec<u16>,
    best: Option<Vec<u16>>,
}

impl<'a> Search<'a> {
    /// The nearest positions that are fewer steps away than the limit.
    fn within(space: &'a Space, orders: &'a [Order], limit: u32) -> Option<Vec<u16>> {
        let mut search = Self { space, orders, budget: BUDGET, limit, positions: Vec::new(), best: None };
        search.descend(0);
        search.best
    }

    fn descend(&mut self, steps: u32) {
        let Some(order) = self.orders.get(self.positions.len()) else {
            self.limit = steps;
            self.best = Some(self.positions.clone());
            return;
        };
        for &(more, position) in order {
            if steps + more >= self.limit || self.budget == 0 {
                return;
            }
            self.budget -= 1;
            self.positions.push(position);
            if self.space.admits(&self.positions) {
                self.descend(steps + more);
            }
            self.positions.pop();
        }
    }
}
