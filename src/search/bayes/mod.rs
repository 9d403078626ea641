//! Bayesian optimisation: a Gaussian process on the logarithm of time says what to try next.
//!
//! After a spread of first configs the next one is that with the largest expected improvement times the probability that
//! it runs at all (D. R. Jones et al., "Efficient Global Optimization of Expensive Black-Box Functions", 1998;
//! M. A. Gelbart et al., "Bayesian Optimization with Unknown Constraints", 2014). The last trials look beside the best.
//! What the kernel is made of stands in `src/model/gp/kernel.rs`, and what it sees of a config in `encode.rs`.

mod encode;
mod guess;
mod models;
mod pool;
mod results;
mod surrogate;

use std::collections::VecDeque;
use std::sync::Arc;

use super::start::{log_time, promising_by};
use super::unseen::Unseen;
use super::{Choice, Judged, Opt, SWITCH, Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::{Config, Space};
use models::Models;
use results::Results;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "bayes",
    about: "expected improvement of a Gaussian process, times the probability that a config runs",
    options: &[
        Opt::whole("initial", "trials spread over the space before the model is asked", 1, 10_000, 12),
        Opt::real("local", "share of the budget that looks beside the best at the end", 0.0, 1.0, 0.05),
        Opt::word("feasibility", "whether failures teach what will fail", SWITCH, "on"),
        Opt::whole("candidates", "configs that are scored for each trial, at most", 100, 65_536, 20_000),
        Opt::real("half-life", "own results after which what was learnt elsewhere counts half", 1.0, 1e6, 64.0),
    ],
    start: |task, choice| Box::new(Bayes::start(task, choice)),
};

struct Bayes {
    space: Arc<Space>,
    random: Random,
    unseen: Unseen,
    models: Models,
    results: Results,
    /// What is still to be tried before the model is asked, and how many trials that were.
    design: VecDeque<Config>,
    initial: usize,
    /// After how many trials the last phase begins.
    local_from: usize,
    /// Asked for and not told yet.
    pending: Vec<Config>,
}

/// Even the shortest search begins with so many of its trials spread over the space.
const LEAST_INITIAL: usize = 4;

/// With this many valid results the model is asked even if fewer of the initial trials were valid than planned.
const LEAST_VALID: usize = 3;

/// How many of the fastest configs the last phase looks beside.
const LOCAL_CENTRES: usize = 3;

impl Bayes {
    fn start(task: Task, choice: &Choice) -> Self {
        let mut random = seeded(task.seed, "bayes");
        let models = Models::new(&task, choice, &mut random);
        // What is known from elsewhere stands in for most of the spread.
        let initial = choice.whole("initial").div_ceil(if models.has_guess() { 3 } else { 1 });
        let initial = initial.min((task.budget / 3).max(LEAST_INITIAL));
        let local = (task.budget as f64 * choice.real("local")) as usize;
        let mut bayes = Self {
            unseen: Unseen::start(&task, "bayes, whatever is left"),
            design: promising_by(&task, initial, &mut random, &|config| models.place(config)).into(),
            local_from: task.budget.saturating_sub(local),
            space: task.space,
            random,
            models,
            results: Results::default(),
            initial,
            pending: Vec::new(),
        };
        bayes.learn_validity(&task.judged);
        bayes.tell(&task.known);
        bayes
    }

    /// What an oracle said teaches what will run, as results do.
    fn learn_validity(&mut self, judged: &Judged) {
        for trial in &judged.invalid {
            self.models.pool.take(&trial.config);
            self.results.judge(self.models.look_at(&trial.config).0, false);
        }
        for config in &judged.valid {
            self.results.judge(self.models.look_at(config).0, true);
        }
    }

    /// The next config, claimed.
    fn pick(&mut self) -> Option<Config> {
        let config = self.first().or_else(|| self.by_models()).or_else(|| self.unseen.draw())?;
        self.models.pool.take(&config);
        self.pending.push(config.clone());
        Some(config)
    }

    /// The next of the initial trials. While few configs run, it looks beside those that do: what is valid lies together
    /// (D. Rieber et al., "HW-Aware Initialization of DNN Auto-Tuning to Improve Exploration Time and Robustness", 2022).
    fn first(&mut self) -> Option<Config> {
        let (told, valid) = (self.results.told, self.results.times.len());
        let is_over = valid >= self.initial || (told >= 2 * self.initial && valid >= LEAST_VALID);
        // In a batch nothing is told: the design is what there is to say, and then the models.
        if is_over || (self.design.is_empty() && valid >= LEAST_VALID && self.pending.len() >= self.initial) {
            return None;
        }
        if valid > 0 && told > 2 * valid {
            let beside = self.results.configs[told % valid].clone();
            return self.unseen.claim_near(beside);
        }
        let planned = std::iter::from_fn(|| self.design.pop_front()).find_map(|config| self.unseen.claim(config));
        planned.or_else(|| self.unseen.draw())
    }

    /// What the models want.
    fn by_models(&mut self) -> Option<Config> {
        let best = self.results.best()?;
        let unseen = &self.unseen;
        self.models.learn(&self.results, &self.pending, |config| unseen.has(config), &mut self.random);
        let wanted = if self.results.told + self.pending.len() < self.local_from {
            self.models.best_of_pool(best, |config| unseen.has(config))
        } else {
            let centres = self.results.fastest(LOCAL_CENTRES);
            let beside = centres.iter().flat_map(|config| self.space.variants(config));
            self.models.fastest_of(beside.filter(|config| unseen.has(config)))
        };
        self.unseen.claim(wanted?)
    }
}

impl Searcher for Bayes {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.pick()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
        for trial in trials {
            self.pending.retain(|config| *config != trial.config);
            self.models.pool.take(&trial.config);
            let (row, guess) = self.models.look_at(&trial.config);
            self.results.add(trial.config.clone(), row, guess, log_time(trial));
        }
    }
}
