//! The order in which parameters are eliminated, and what that will cost, found without asking any rule.

/// What stands between some parameters: a rule, or the table that an earlier step left.
struct Factor {
    /// In ascending order.
    scope: Vec<usize>,
    source: Source,
}

enum Source {
    Rule(usize),
    Step(usize),
}

/// One parameter summed out: for each combination of the others that its factors read, a sum over its values.
pub(super) struct Step {
    pub param: usize,
    /// Indices of the rules that read it and were not used before.
    pub rules: Vec<usize>,
    /// Indices of earlier steps whose tables read it.
    pub steps: Vec<usize>,
    /// The other parameters that these read, in ascending order: those of its own table.
    pub scope: Vec<usize>,
}

/// All steps, in an order that keeps tables small.
pub(super) struct Plan {
    pub steps: Vec<Step>,
    /// How many products all sums have together.
    pub cells: u128,
    /// How many sums there are, which are all kept.
    pub entries: u128,
}

impl Plan {
    /// Always takes the parameter whose sums have the fewest products next (the min-weight order of R. Dechter,
    /// "Reasoning with Probabilistic and Deterministic Graphical Models", 2013, section 3.4), of equals the first. `sizes`
    /// are the numbers of values that parameters have, `rules` those that are met with their scopes.
    pub fn new(sizes: &[usize], rules: impl Iterator<Item = (usize, Vec<usize>)>) -> Self {
        let mut factors: Vec<Factor> =
            rules.map(|(rule, scope)| Factor { scope, source: Source::Rule(rule) }).collect();
        let mut costs: Vec<u128> = (0..sizes.len()).map(|param| cells(&around(&factors, param), sizes)).collect();
        let mut left: Vec<usize> = (0..sizes.len()).collect();
        let mut plan = Self { steps: Vec::new(), cells: 0, entries: 0 };
        while let Some(next) = (0..left.len()).min_by_key(|&place| costs[left[place]]) {
            let param = left.remove(next);
            plan.cells = plan.cells.saturating_add(costs[param]);
            let scope = plan.eliminate(param, &mut factors);
            plan.entries = plan.entries.saturating_add(cells(&scope, sizes));
            scope.iter().for_each(|&other| costs[other] = cells(&around(&factors, other), sizes));
        }
        plan
    }

    /// Adds the step that sums a parameter out, and leaves its table among the factors. Says what that one reads.
    fn eliminate(&mut self, param: usize, factors: &mut Vec<Factor>) -> Vec<usize> {
        let mut scope = around(factors, param);
        scope.retain(|&other| other != param);
        let mut step = Step { param, rules: Vec::new(), steps: Vec::new(), scope: scope.clone() };
        for factor in factors.extract_if(.., |factor| factor.scope.contains(&param)) {
            match factor.source {
                Source::Rule(rule) => step.rules.push(rule),
                Source::Step(earlier) => step.steps.push(earlier),
            }
        }
        factors.push(Factor { scope: scope.clone(), source: Source::Step(self.steps.len()) });
        self.steps.push(step);
        scope
    }
}

/// The parameters of all factors that read this one, and it itself, in ascending order.
fn around(factors: &[Factor], param: usize) -> Vec<usize> {
    let near = factors.iter().filter(|factor| factor.scope.contains(&param));
    let mut scope: Vec<usize> = near.flat_map(|factor| factor.scope.iter().copied()).chain([param]).collect();
    scope.sort_unstable();
    scope.dedup();
    scope
}

fn cells(scope: &[usize], sizes: &[usize]) -> u128 {
    scope.iter().fold(1, |cells, &param| u128::saturating_mul(cells, sizes[param] as u128))
}

/// How many combinations there are of so many values each; `None` if they are more than a `u128` counts.
pub(super) fn combinations(mut sizes: impl Iterator<Item = usize>) -> Option<u128> {
    sizes.try_fold(1, |all: u128, size| all.checked_mul(size as u128))
}
