//! A genetic algorithm: children of the best configs so far, with parents drawn by rank, crossover and mutation.
//!
//! One of the two search methods of Y. Liu et al., "Woodpecker-DL: Accelerating Deep Neural Networks via Hardware-Aware
//! Multifaceted Optimizations", 2020, whose settings are not public. The defaults are those of Kernel Tuner's
//! `genetic_algorithm` where they suit hundreds of evaluations rather than thousands. It is a steady-state algorithm
//! (G. Syswerda, "A Study of Reproduction in Generational and Steady-State Genetic Algorithms", 1991): a child joins the
//! population as soon as it is told and the worst leaves, so that the best always survive and no evaluation waits for
//! the end of a generation. Children that break a rule become the nearest legal config.

use rand::RngExt;

use super::start::{log_time, promising};
use super::unseen::Unseen;
use super::{Choice, Opt, Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::Config;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "genetic",
    about: "a genetic algorithm: children of the best so far",
    options: &[
        Opt::whole("population", "how many have children; at most a fifth of the trials", 2, 10_000, 20),
        Opt::real("pressure", "how often the best is a parent, where the average is 1", 1.0, 2.0, 2.0),
        Opt::real("crossover", "how often a child has two parents", 0.0, 1.0, 0.9),
        Opt::real("mutations", "parameters set anew per child, on average", 0.0, 100.0, 1.0),
    ],
    start: |task, choice| Box::new(Genetic::start(task, choice)),
};

struct Genetic {
    task: Task,
    unseen: Unseen,
    random: Random,
    /// First points not asked for yet, the next one last.
    first: Vec<Config>,
    /// The best so far with the logarithms of their times, best first.
    population: Vec<(Config, f64)>,
    most: usize,
    pressure: f64,
    crossover: f64,
    mutations: f64,
}

impl Genetic {
    fn start(task: Task, choice: &Choice) -> Self {
        let mut random = seeded(task.seed, "genetic search");
        let most = choice.whole("population").min(task.budget / 5).max(2);
        let mut first = promising(&task, most, &mut random);
        first.reverse();
        let mut genetic = Self {
            unseen: Unseen::start(&task, "genetic search, unseen"),
            random,
            first,
            population: Vec::new(),
            most,
            pressure: choice.real("pressure"),
            crossover: choice.real("crossover"),
            mutations: choice.real("mutations"),
            task,
        };
        let known = genetic.task.known.clone();
        genetic.tell(&known);
        genetic
    }

    /// A first point, else a child, else anything that is left.
    fn next(&mut self) -> Option<Config> {
        while let Some(config) = self.first.pop() {
            if let Some(new) = self.unseen.claim(config) {
                return Some(new);
            }
        }
        let child = self.child();
        child.and_then(|child| self.unseen.claim_near(child)).or_else(|| self.unseen.draw())
    }

    fn child(&mut self) -> Option<Config> {
        if self.population.is_empty() {
            return None;
        }
        let mut positions = self.parent().to_vec();
        if self.random.random_bool(self.crossover) {
            let other = self.parent().to_vec();
            self.cross(&mut positions, &other);
        }
        self.mutate(&mut positions);
        self.task.space.repair(&positions)
    }

    /// A parent drawn by linear ranking (J. Baker, "Adaptive Selection Methods for Genetic Algorithms", 1985).
    fn parent(&mut self) -> &[u16] {
        let last = (self.population.len() - 1).max(1) as f64;
        let weight = |rank: usize| self.pressure - (2.0 * self.pressure - 2.0) * rank as f64 / last;
        let mut left = self.random.random_range(0.0..self.population.len() as f64);
        let drawn = (0..self.population.len()).find(|&rank| {
            left -= weight(rank);
            left < 0.0
        });
        self.population[drawn.unwrap_or(0)].0.positions()
    }

    /// Uniform crossover: each parameter from either parent.
    fn cross(&mut self, positions: &mut [u16], other: &[u16]) {
        for (mine, &theirs) in positions.iter_mut().zip(other) {
            if self.random.random_bool(0.5) {
                *mine = theirs;
            }
        }
    }

    /// Changes each parameter with more than one value with equal chance: half of the time to any other value, half of
    /// the time by a step along its list, whose ends meet (L. Davis, "Handbook of Genetic Algorithms", 1991, calls it creep).
    fn mutate(&mut self, positions: &mut [u16]) {
        let params = self.task.space.params();
        let open = params.iter().filter(|param| param.values.len() > 1).count().max(1);
        let chance = (self.mutations / open as f64).min(1.0);
        for (position, param) in positions.iter_mut().zip(params).filter(|(_, param)| param.values.len() > 1) {
            if self.random.random_bool(chance) {
                let count = param.values.len();
                let steps = if self.random.random_bool(0.5) { 1..count } else { 1..2 };
                let steps = self.random.random_range(steps);
                let forward = self.random.random_bool(0.5);
                let steps = if forward { steps } else { count - steps };
                *position = ((usize::from(*position) + steps) % count) as u16;
            }
        }
    }

    fn learn(&mut self, trial: &Trial) {
        let cost = log_time(trial);
        if cost.is_finite() {
            let place = self.population.partition_point(|(_, other)| *other <= cost);
            self.population.insert(place, (trial.config.clone(), cost));
            self.population.truncate(self.most);
        }
    }
}

impl Searcher for Genetic {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.next()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
        trials.iter().for_each(|trial| self.learn(trial));
    }
}
