//! Who gets the next trial where several templates compute the same: successive halving over templates.
//!
//! K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016:
//! one half of the budget goes to rungs of equal size. In a rung all templates in the running get as many trials as each
//! other, and at its end the slower half of them leaves. The other half of the budget belongs to the one that is left. What
//! is hopeless after a few trials leaves at once. What has left comes back when nobody else has anything left to try.

use std::fmt;

/// What is this many times slower than the best is hopeless: a search seldom makes that much of a hand-made default.
const HOPELESS: f64 = 4.0;

/// Before so many trials nothing is hopeless, and no rung ends where the budget is not tiny.
const FEW: usize = 4;

/// What a rung gives to each at most. By then a search has found most of what it finds, and whoever limits the time may
/// have asked for a million trials.
const MOST: usize = 100;

/// How a template has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Score {
    /// The trials that it had.
    pub trials: usize,
    /// Its smallest time in nanoseconds.
    pub best_ns: Option<f64>,
    /// Whether it has nothing left to try.
    pub is_over: bool,
}

impl Score {
    fn ns(&self) -> f64 {
        self.best_ns.unwrap_or(f64::INFINITY)
    }
}

/// When and why a template has left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dropped {
    /// The trials that it had then.
    pub trials: usize,
    /// How many times longer than the best it took then; infinite where nothing of it was timed.
    pub behind: f64,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trials, behind } = self;
        match behind.is_finite() {
            true => write!(f, "dropped after {trials} trials, {behind:.2} times the best time"),
            false => write!(f, "dropped after {trials} trials, of which none was right and timed"),
        }
    }
}

/// Deals a budget of trials to some templates. What it does follows from their scores alone.
#[derive(Debug)]
pub(super) struct Allotment {
    /// For each template, if it has left.
    dropped: Vec<Option<Dropped>>,
    budget: usize,
    /// The trials of one rung.
    rung: usize,
    /// What each in the running has had when this rung ends.
    goal: usize,
    /// How many stay then: half of those that began it.
    stay: usize,
}

impl Allotment {
    pub fn new(templates: usize, budget: usize) -> Self {
        let rungs = templates.max(2).next_power_of_two().ilog2() as usize;
        let rung = budget / 2 / rungs;
        let few = FEW.min(budget / (2 * templates.max(1)));
        let (goal, stay) = (each(rung, templates).max(few), templates.div_ceil(2));
        Self { dropped: vec![None; templates], budget, rung, goal, stay }
    }

    /// The trials of one that stays to the end while others leave at the ends of rungs: what a search may plan with.
    pub fn of_the_survivor(&self) -> usize {
        let (mut running, mut goal, mut others) = (self.dropped.len(), self.goal, 0);
        while running > 1 {
            let left = running.div_ceil(2);
            others += (running - left) * goal;
            running = left;
            goal += each(self.rung, running);
        }
        self.budget.saturating_sub(others).max(1)
    }

    /// Whose trial is next: of those in the running who had the fewest, and of these the first. `None` when nobody has
    /// anything left to try.
    pub fn next(&mut self, scores: &[Score]) -> Option<usize> {
        if let Some(best_ns) = scores.iter().filter_map(|score| score.best_ns).min_by(f64::total_cmp) {
            self.drop_hopeless(scores, best_ns);
            self.end_rungs(scores, best_ns);
        }
        let next = self.ranked(scores, false).into_iter().min_by_key(|&at| (scores[at].trials, at));
        next.or_else(|| self.bring_back(scores))
    }

    /// When and why it has left.
    pub fn dropped(&self, template: usize) -> Option<Dropped> {
        self.dropped[template]
    }

    /// Drops what is hopeless but for the fastest that can go on, hopeless or not.
    fn drop_hopeless(&mut self, scores: &[Score], best_ns: f64) {
        for at in self.ranked(scores, false).into_iter().skip(1) {
            if scores[at].trials >= FEW && scores[at].ns() > HOPELESS * best_ns {
                self.drop(at, scores, best_ns);
            }
        }
    }

    /// Drops the slower half of those that began a rung, unless they have left already, once all have had what it gives.
    fn end_rungs(&mut self, scores: &[Score], best_ns: f64) {
        let mut running = self.ranked(scores, false);
        while running.len() > 1 && running.iter().all(|&at| scores[at].trials >= self.goal) {
            for at in running.split_off(self.stay.min(running.len())) {
                self.drop(at, scores, best_ns);
            }
            self.stay = self.stay.div_ceil(2);
            self.goal += each(self.rung, running.len());
        }
    }

    fn drop(&mut self, at: usize, scores: &[Score], best_ns: f64) {
        self.dropped[at] = Some(Dropped { trials: scores[at].trials, behind: scores[at].ns() / best_ns });
    }

    /// The fastest of those that have left and could go on.
    fn bring_back(&mut self, scores: &[Score]) -> Option<usize> {
        let back = *self.ranked(scores, true).first()?;
        self.dropped[back] = None;
        Some(back)
    }

    /// Those that can go on and have left, or have not, the fastest first; of equals, the first.
    fn ranked(&self, scores: &[Score], have_left: bool) -> Vec<usize> {
        let is_one = |at: &usize| !scores[*at].is_over && self.dropped[*at].is_some() == have_left;
        let mut ranked: Vec<usize> = (0..scores.len()).filter(is_one).collect();
        ranked.sort_by(|a, b| scores[*a].ns().total_cmp(&scores[*b].ns()));
        ranked
    }
}

/// The trials of a rung for each of those in the running.
fn each(rung: usize, running: usize) -> usize {
    (rung / running.max(1)).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A template that is always as fast, or never timed, and has so many configs.
    #[derive(Clone, Copy)]
    struct Made(Option<f64>, usize);

    const ENDLESS: usize = usize::MAX;

    /// Deals a whole budget, and tells the order and who has left.
    fn dealt(budget: usize, made: &[Made]) -> (Vec<usize>, Allotment) {
        let mut allotment = Allotment::new(made.len(), budget);
        let mut scores = vec![Score::default(); made.len()];
        let mut order = Vec::new();
        while order.len() < budget {
            let Some(at) = allotment.next(&scores) else { break };
            let Made(best_ns, configs) = made[at];
            if scores[at].trials == configs {
                scores[at].is_over = true;
                continue;
            }
            scores[at] = Score { trials: scores[at].trials + 1, best_ns, is_over: false };
            order.push(at);
        }
        (order, allotment)
    }

    fn counts(order: &[usize], templates: usize) -> Vec<usize> {
        (0..templates).map(|at| order.iter().filter(|one| **one == at).count()).collect()
    }

    /// The budget, the time of each template in nanoseconds (0 for one that is never timed) with its configs, and the
    /// trials of each.
    type Case<'a> = (usize, &'a [(f64, usize)], &'a [usize]);

    #[test]
    fn half_of_the_budget_finds_the_template_that_gets_the_rest() {
        let cases: [Case; 17] = [
            (100, &[(9.0, ENDLESS)], &[100]),
            (100, &[(1.0, ENDLESS), (1.5, ENDLESS)], &[75, 25]),
            (100, &[(1.5, ENDLESS), (1.0, ENDLESS)], &[25, 75]),
            (100, &[(2.0, ENDLESS), (1.0, ENDLESS), (3.0, ENDLESS), (3.5, ENDLESS)], &[18, 70, 6, 6]),
            (100, &[(2.0, ENDLESS), (1.0, ENDLESS), (1.5, ENDLESS)], &[8, 72, 20]),
            // Hopeless after a few.
            (100, &[(1.0, ENDLESS), (4.1, ENDLESS)], &[96, 4]),
            (100, &[(5.0, ENDLESS), (1.0, ENDLESS), (1.1, ENDLESS)], &[4, 76, 20]),
            (100, &[(0.0, ENDLESS), (9.0, ENDLESS)], &[4, 96]),
            // Nothing is known of anybody.
            (100, &[(0.0, ENDLESS), (0.0, ENDLESS)], &[50, 50]),
            // Of equals the first.
            (100, &[(1.0, ENDLESS), (1.0, ENDLESS)], &[75, 25]),
            // Spaces that end: others get what is left, those that had left come back, the fastest first.
            (100, &[(1.0, 10), (2.0, ENDLESS)], &[10, 90]),
            (100, &[(1.0, 40), (2.0, ENDLESS), (3.0, ENDLESS)], &[40, 52, 8]),
            (100, &[(1.0, 40), (9.0, 20), (5.0, 30)], &[40, 20, 30]),
            // Little to deal.
            (1, &[(9.0, ENDLESS), (1.0, ENDLESS), (1.0, ENDLESS)], &[1, 0, 0]),
            (3, &[(9.0, ENDLESS), (2.0, ENDLESS), (1.0, ENDLESS)], &[1, 1, 1]),
            (12, &[(3.0, ENDLESS), (2.0, ENDLESS), (1.0, ENDLESS)], &[2, 3, 7]),
            // A lot.
            (10_000, &[(2.0, ENDLESS), (1.0, ENDLESS)], &[100, 9900]),
        ];
        for (budget, templates, want) in cases {
            let made: Vec<Made> =
                templates.iter().map(|&(ns, configs)| Made(Some(ns).filter(|ns| *ns > 0.0), configs)).collect();
            let (order, _) = dealt(budget, &made);
            assert_eq!(counts(&order, made.len()), want, "{budget} trials of {templates:?}");
        }
    }

    #[test]
    fn all_begin_before_anybody_goes_on_and_who_leaves_is_told_why() {
        let made = [Made(Some(1.0), ENDLESS), Made(Some(2.0), ENDLESS), Made(None, ENDLESS)];
        let (order, allotment) = dealt(100, &made);
        assert_eq!(order[..6], [0, 1, 2, 0, 1, 2]);
        let told: Vec<Option<Dropped>> = (0..3).map(|at| allotment.dropped(at)).collect();
        let dropped = |trials, behind| Some(Dropped { trials, behind });
        assert_eq!(told, [None, dropped(20, 2.0), dropped(4, f64::INFINITY)]);
    }

    /// Searches plan with what they may get; and that is most of the budget.
    #[test]
    fn the_survivor_gets_what_was_foreseen() {
        for templates in 1..=8 {
            for budget in [0, 1, 2, 5, 10, 50, 100, 333, 1000, 1_000_000] {
                let made: Vec<Made> = (0..templates).map(|at| Made(Some(1.0 + 0.01 * at as f64), ENDLESS)).collect();
                let (order, _) = dealt(budget.min(2000), &made);
                let foreseen = Allotment::new(templates, budget).of_the_survivor();
                if (2 * templates..=2000).contains(&budget) {
                    assert_eq!(counts(&order, templates)[0], foreseen, "{budget} for {templates}");
                }
                if budget >= 100 {
                    assert!(2 * foreseen >= budget, "{budget} for {templates}: {foreseen}");
                }
            }
        }
    }
}
