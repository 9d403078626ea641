//! Local search: hill climbing from the best of some first points, with kicks out of each local optimum.
//!
//! First-improvement descent over the steps of single parameters, then over other values of single parameters (coordinate
//! descent). Where none of these helps any more, some parameters of the best config are set anew, and if that is not bad
//! at once another climb begins there: iterated local search (H. Lourenço, O. Martin, T. Stützle, "Iterated Local Search", 2003),
//! the "greedy ILS" of R. Schoonhoven, B. van Werkhoven, K. Batenburg, "Benchmarking Optimization Algorithms for
//! Auto-Tuning GPU Kernels", 2022. Which neighbour is tried first is learnt: values that did well in other configs first.

use std::collections::HashSet;

use rand::RngExt;
use rand::seq::SliceRandom;

use super::effects::Effects;
use super::start::{log_time, promising};
use super::unseen::Unseen;
use super::{Choice, Opt, Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::Config;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "local",
    about: "hill climbing from several first points, kicked out of local optima",
    options: &[
        Opt::whole("starts", "first points, spread over the space; at most a fifth of the trials", 1, 10_000, 20),
        Opt::whole("kick", "parameters set anew to leave a local optimum", 1, 100, 2),
        Opt::whole("far", "other values of single parameters tried where no step helps", 0, 100_000, 10),
        Opt::word("order", "which neighbour comes first", &["learnt", "random"], "learnt"),
    ],
    start: |task, choice| Box::new(Local::start(task, choice)),
};

struct Local {
    task: Task,
    unseen: Unseen,
    random: Random,
    /// First points not asked for yet, the next one last.
    first: Vec<Config>,
    kick: usize,
    far: usize,
    effects: Option<Effects>,
    best: Option<(Config, f64)>,
    climb: Option<Climb>,
    /// Kicked configs that were not told yet.
    kicks: HashSet<Config>,
    /// All logarithms of times, in ascending order.
    costs: Vec<f64>,
}

/// A descent under way.
struct Climb {
    at: Config,
    /// The logarithm of its time.
    cost: f64,
    /// Neighbours not asked for yet, the next one last.
    queue: Vec<Config>,
    /// What was asked for in this climb: only that moves it.
    asked: HashSet<Config>,
    /// Whether the queue holds all values of single parameters, not only steps.
    wide: bool,
}

impl Local {
    fn start(task: Task, choice: &Choice) -> Self {
        let mut random = seeded(task.seed, "local search");
        let starts = choice.whole("starts").min(task.budget / 5).max(1);
        let mut first = promising(&task, starts, &mut random);
        first.reverse();
        let mut local = Self {
            unseen: Unseen::start(&task, "local search, unseen"),
            random,
            first,
            kick: choice.whole("kick"),
            far: choice.whole("far"),
            effects: choice.is("order", "learnt").then(|| Effects::new(&task.space)),
            best: None,
            climb: None,
            kicks: HashSet::new(),
            costs: Vec::new(),
            task,
        };
        let known = local.task.known.clone();
        local.tell(&known);
        local
    }

    /// A first point, else the next neighbour, else a kicked start of another climb, else anything that is left.
    fn next(&mut self) -> Option<Config> {
        while let Some(config) = self.first.pop() {
            if let Some(new) = self.unseen.claim(config) {
                return Some(new);
            }
        }
        self.next_neighbour().or_else(|| self.kicked()).or_else(|| self.unseen.draw())
    }

    /// The next neighbour in the climb under way, or in one that begins at the best.
    fn next_neighbour(&mut self) -> Option<Config> {
        if self.climb.is_none() {
            let (at, cost) = self.best.clone()?;
            self.climb = Some(self.climb_from(at, cost));
        }
        let mut climb = self.climb.take()?;
        loop {
            if let Some(config) = climb.queue.pop() {
                if let Some(new) = self.unseen.claim(config) {
                    climb.asked.insert(new.clone());
                    self.climb = Some(climb);
                    return Some(new);
                }
            } else if climb.wide {
                return None;
            } else {
                climb.wide = true;
                climb.queue = self.ordered(self.task.space.variants(&climb.at));
                climb.queue.drain(..climb.queue.len().saturating_sub(self.far));
            }
        }
    }

    /// The best config with some parameters set anew.
    fn kicked(&mut self) -> Option<Config> {
        let mut positions = self.best.as_ref()?.0.positions().to_vec();
        if positions.is_empty() {
            return None;
        }
        for _ in 0..self.kick {
            let param = self.random.random_range(0..positions.len());
            positions[param] = self.random.random_range(0..self.task.space.params()[param].values.len()) as u16;
        }
        let start = self.unseen.claim_near(self.task.space.repair(&positions)?)?;
        self.kicks.insert(start.clone());
        Some(start)
    }

    fn climb_from(&mut self, at: Config, cost: f64) -> Climb {
        let queue = self.ordered(self.task.space.neighbours(&at));
        Climb { at, cost, queue, asked: HashSet::new(), wide: false }
    }

    /// The unseen ones of these, the most promising last.
    fn ordered(&mut self, mut configs: Vec<Config>) -> Vec<Config> {
        configs.retain(|config| self.unseen.has(config));
        configs.shuffle(&mut self.random);
        if let Some(effects) = &self.effects {
            configs.sort_by(|a, b| effects.of(b).total_cmp(&effects.of(a)));
        }
        configs
    }

    fn learn(&mut self, trial: &Trial) {
        let cost = log_time(trial);
        if let Some(effects) = &mut self.effects {
            effects.add(&trial.config, cost);
        }
        if self.best.as_ref().is_none_or(|(_, best)| cost < *best) && cost.is_finite() {
            self.best = Some((trial.config.clone(), cost));
        }
        let place = self.costs.partition_point(|other| *other < cost);
        self.costs.insert(place, cost);
        if self.kicks.remove(&trial.config) {
            self.land(trial, cost);
        } else if self.climb.as_ref().is_some_and(|climb| cost < climb.cost && climb.asked.contains(&trial.config)) {
            let asked = self.climb.take().map(|climb| climb.asked).unwrap_or_default();
            let moved = self.climb_from(trial.config.clone(), cost);
            self.climb = Some(Climb { asked, ..moved });
        }
    }

    /// Climbs from where a kick led, if that is among the better quarter of all results and no better climb is under way.
    fn land(&mut self, trial: &Trial, cost: f64) {
        let fair = cost.is_finite() && cost <= self.costs[self.costs.len() / 4];
        if fair && self.climb.as_ref().is_none_or(|climb| cost < climb.cost) {
            self.climb = Some(self.climb_from(trial.config.clone(), cost));
        }
    }
}

impl Searcher for Local {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.next()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
        trials.iter().for_each(|trial| self.learn(trial));
    }
}
