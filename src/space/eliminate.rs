//! Variable elimination: parameters are summed out one by one, which counts the legal points and draws from them without
//! going through them.
//!
//! R. Dechter, "Bucket elimination: A unifying framework for reasoning", 1999. Rules are factors that are 1 where they
//! hold and 0 where not; the sum of their products over all points is the number of legal ones. Summing a parameter out
//! leaves a table over the others that its factors read. Groups of parameters that share no rule never meet in a table,
//! so their numbers multiply. Going back through the steps draws a point with every legal one equally likely.

use rand::RngExt;

use super::plan::{Plan, Step, combinations};
use super::{Rule, Scale};
use crate::base::Random;

/// Tables of more sums than this are not kept: they would take more than 32 MiB.
const MOST_ENTRIES: u128 = 1 << 21;

/// What is counted: the values that parameters may have, and the rules between them.
#[derive(Clone, Copy)]
pub(super) struct Network<'a> {
    pub scales: &'a [Scale],
    /// The positions of each parameter that rules about it alone allow.
    pub domains: &'a [Vec<u16>],
    pub rules: &'a [Rule],
}

/// Every step with its table.
pub(super) struct Elimination {
    steps: Vec<Step>,
    /// The sums of each step, over the combinations of its scope's values with the last of them fastest.
    tables: Vec<Vec<u128>>,
    total: u128,
    cells: u128,
}

impl Elimination {
    /// Sums all parameters out under all rules but one that may be left out. `None` where that takes more than so many
    /// products, or tables that are too large, or where a rule takes its time for every answer, or where points are too
    /// many for their number.
    pub fn new(network: Network, without: Option<usize>, most_cells: u128) -> Option<Self> {
        let sizes: Vec<usize> = network.domains.iter().map(Vec::len).collect();
        combinations(sizes.iter().copied())?;
        let rules = || network.rules.iter().enumerate().filter(|(index, _)| Some(*index) != without);
        if rules().any(|(_, rule)| rule.is_slow()) {
            return None;
        }
        // Rules about one parameter are in its domain already.
        let between = rules().filter(|(_, rule)| rule.reads.len() > 1).map(|(index, rule)| (index, rule.scope()));
        let plan = Plan::new(&sizes, between);
        if plan.cells > most_cells || plan.entries > MOST_ENTRIES {
            return None;
        }
        let open = rules().filter(|(_, rule)| rule.reads.is_empty()).all(|(_, rule)| rule.holds(network.scales, |_| 0));
        Some(Self::by_plan(network, plan, open))
    }

    fn by_plan(network: Network, plan: Plan, open: bool) -> Self {
        let mut elimination =
            Self { steps: Vec::new(), tables: Vec::new(), total: u128::from(open), cells: plan.cells };
        let mut point = Point::new(network);
        for step in plan.steps {
            let table = elimination.table(&step, &mut point);
            // Nothing else reads what a step without a scope found.
            elimination.total *= if step.scope.is_empty() { table[0] } else { 1 };
            elimination.tables.push(table);
            elimination.steps.push(step);
        }
        elimination
    }

    /// The number of points that break none of the rules.
    pub fn total(&self) -> u128 {
        self.total
    }

    /// How many products were summed.
    pub fn cells(&self) -> u128 {
        self.cells
    }

    /// The positions of a point that breaks none of the rules, all equally likely; `None` if there is none. The network
    /// must be the one that was counted.
    pub fn draw(&self, network: Network, random: &mut Random) -> Option<Vec<u16>> {
        if self.total == 0 {
            return None;
        }
        let mut point = Point::new(network);
        for step in self.steps.iter().rev() {
            let left = random.random_range(0..self.sum(step, &mut point));
            self.choose(step, &mut point, left);
        }
        Some(point.positions)
    }

    fn table(&self, step: &Step, point: &mut Point) -> Vec<u128> {
        let count = step.scope.iter().map(|&param| point.network.domains[param].len()).product();
        let mut sum = |combination| {
            point.set_all(&step.scope, combination);
            self.sum(step, point)
        };
        (0..count).map(&mut sum).collect()
    }

    /// How many points the values of a step's parameter lead to, given those of its scope. Never more than all points
    /// there are, which have a number.
    fn sum(&self, step: &Step, point: &mut Point) -> u128 {
        let mut sum = 0;
        for pick in 0..point.network.domains[step.param].len() {
            point.set(step.param, pick);
            sum += self.product(step, point);
        }
        sum
    }

    /// Sets a step's parameter to the value that this number below the sum falls on.
    fn choose(&self, step: &Step, point: &mut Point, mut left: u128) {
        for pick in 0..point.network.domains[step.param].len() {
            point.set(step.param, pick);
            match left.checked_sub(self.product(step, point)) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    }

    fn product(&self, step: &Step, point: &Point) -> u128 {
        if !step.rules.iter().all(|&rule| point.obeys(rule)) {
            return 0;
        }
        step.steps.iter().map(|&earlier| self.tables[earlier][point.place(&self.steps[earlier].scope)]).product()
    }
}

/// Values of parameters, as far as they are set.
struct Point<'a> {
    network: Network<'a>,
    /// Where each value stands in its parameter's domain.
    picks: Vec<usize>,
    positions: Vec<u16>,
}

impl<'a> Point<'a> {
    fn new(network: Network<'a>) -> Self {
        let count = network.domains.len();
        Self { network, picks: vec![0; count], positions: vec![0; count] }
    }

    fn set(&mut self, param: usize, pick: usize) {
        self.picks[param] = pick;
        self.positions[param] = self.network.domains[param][pick];
    }

    /// Sets the parameters of a scope to one of their combinations, by its place in a table.
    fn set_all(&mut self, scope: &[usize], mut place: usize) {
        for &param in scope.iter().rev() {
            let size = self.network.domains[param].len();
            self.set(param, place % size);
            place /= size;
        }
    }

    /// The place in a table over this scope: the inverse of [`Self::set_all`].
    fn place(&self, scope: &[usize]) -> usize {
        scope.iter().fold(0, |place, &param| place * self.network.domains[param].len() + self.picks[param])
    }

    fn obeys(&self, rule: usize) -> bool {
        self.network.rules[rule].holds(self.network.scales, |param| self.positions[param])
    }
}

impl std::fmt::Debug for Elimination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elimination").field("total", &self.total).field("cells", &self.cells).finish_non_exhaustive()
    }
}
