//! The default: leads with the strategy that fits the space and the budget, and hedges.
//!
//! A few strategies search together. Each is told the results of all, so none repeats another's work, and each can go on
//! from what another found. One leads; every so many trials belong to the others in turn, so that a space on which the
//! leader is lost costs a share of the budget and not the run. Whoever brought the larger improvements lately leads.

use super::start::log_time;
use super::{Choice, Opt, Searcher, Strategy, Task, Trial, bayes, evolution, local};
use crate::space::Config;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "auto",
    about: "leads with what fits the space and the budget, and gives the others a share",
    options: &[
        Opt::whole("hedge", "every so many trials one belongs to a strategy that does not lead", 2, 1_000_000, 10),
        Opt::whole("alone", "trials before the others get theirs", 0, 1_000_000, 30),
    ],
    start: |task, choice| Box::new(Auto::start(task, choice)),
};

struct Auto {
    /// The one that leads until another has earned it first.
    arms: Vec<Arm>,
    /// Who asked for the configs that were not told yet.
    pending: Vec<(Config, usize)>,
    /// The logarithm of the smallest time.
    best: f64,
    asked: usize,
    hedged: usize,
    hedge: usize,
    alone: usize,
}

/// A strategy that takes part.
struct Arm {
    searcher: Box<dyn Searcher>,
    /// Lately: by how much its trials improved the best, as logarithms, and how many they were.
    improvement: f64,
    trials: f64,
}

/// What counts as lately: with each trial of its own an arm forgets this share of its past.
const FORGETTING: f64 = 0.03;

/// What the first arm is believed to gain per trial before it shows it, and as if how many trials had shown it.
const BELIEF: f64 = 0.01;
const BELIEF_TRIALS: f64 = 10.0;

/// Budgets above this are too long for a model to lead all the way: see [`arms`].
const LONG: usize = 2000;

/// Who takes part, the leader first. A model learns the most from few results. In a long search its lead has been had by
/// the time its cost per trial begins to tell, and a walk from the best goes on where it stops to gain.
fn arms(task: &Task) -> Vec<&'static Strategy> {
    match task.budget {
        0..=LONG if task.space.listed().is_some() => vec![&bayes::STRATEGY, &local::STRATEGY],
        _ => vec![&bayes::STRATEGY, &local::STRATEGY, &evolution::STRATEGY],
    }
}

impl Auto {
    fn start(task: Task, choice: &Choice) -> Self {
        let arm = |strategy: &'static Strategy| Arm {
            searcher: (strategy.start)(task.clone(), &Choice::plain(strategy)),
            improvement: 0.0,
            trials: BELIEF_TRIALS,
        };
        let mut arms: Vec<Arm> = arms(&task).into_iter().map(arm).collect();
        arms[0].improvement = BELIEF * BELIEF_TRIALS;
        let best = task.known.iter().map(log_time).fold(f64::INFINITY, f64::min);
        Self {
            arms,
            pending: Vec::new(),
            best,
            asked: 0,
            hedged: 0,
            hedge: choice.whole("hedge"),
            alone: choice.whole("alone"),
        }
    }

    /// Whose turn it is.
    fn turn(&mut self) -> usize {
        let leader = self.leader();
        if self.asked < self.alone || !self.asked.is_multiple_of(self.hedge) {
            return leader;
        }
        self.hedged += 1;
        let others = self.arms.len() - 1;
        (leader + 1 + self.hedged % others) % self.arms.len()
    }

    /// The one with the largest gain per trial lately; of equals the first.
    fn leader(&self) -> usize {
        let gain = |arm: &Arm| arm.improvement / arm.trials;
        (1..self.arms.len()).fold(0, |best, i| if gain(&self.arms[i]) > gain(&self.arms[best]) { i } else { best })
    }

    /// The next config, which no arm will ask for again.
    fn pick(&mut self) -> Option<Config> {
        let first = self.turn();
        let count = self.arms.len();
        for arm in (0..count).map(|step| (first + step) % count) {
            while let Some(config) = self.arms[arm].searcher.ask(1).pop() {
                // In a batch another arm may have asked for it, and not been told yet.
                if self.pending.iter().any(|(other, _)| *other == config) {
                    continue;
                }
                self.asked += 1;
                self.pending.push((config.clone(), arm));
                return Some(config);
            }
        }
        None
    }

    fn credit(&mut self, trial: &Trial) {
        let Some(place) = self.pending.iter().position(|(config, _)| *config == trial.config) else { return };
        let (_, arm) = self.pending.swap_remove(place);
        // The first of all improves on nothing.
        let gained = if self.best.is_finite() { (self.best - log_time(trial)).max(0.0) } else { 0.0 };
        let arm = &mut self.arms[arm];
        arm.improvement = arm.improvement * (1.0 - FORGETTING) + gained;
        arm.trials = arm.trials * (1.0 - FORGETTING) + 1.0;
    }
}

impl Searcher for Auto {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.pick()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        for trial in trials {
            self.credit(trial);
            self.best = self.best.min(log_time(trial));
        }
        self.arms.iter_mut().for_each(|arm| arm.searcher.tell(trials));
    }
}
