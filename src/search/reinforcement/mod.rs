//! Reinforcement learning: an agent that walks through the space, one parameter at a time, and learns which moves pay.
//!
//! The other of the two search methods of Y. Liu et al., "Woodpecker-DL: Accelerating Deep Neural Networks via
//! Hardware-Aware Multifaceted Optimizations", 2020, whose design is not public. Here it is this:
//!
//! - **State**: the config where the agent stands, as a one for the value of each parameter (grouped into 16 levels
//!   where there are more) and the space's encoding from 0 to 1.
//! - **Action**: set one parameter to a value of one level. Masked are moves to configs that are illegal, that were
//!   measured or are being measured: so each step is a trial.
//! - **Reward**: the logarithm of the time before over the time after; a fixed penalty for a failure.
//! - **Episode**: steps from one of the best configs so far, until one does not pay or no move is left.
//! - **Network**: one hidden layer of tanh; its outputs are a logit for each action and the value of the state.
//! - **Training**: one-step advantage actor-critic (V. Mnih et al., "Asynchronous Methods for Deep Reinforcement
//!   Learning", 2016) with an entropy bonus, some passes over the latest steps after each result, held near the policy
//!   that made them by the clipped ratio of proximal policy optimisation.

mod agent;
mod network;

use std::collections::HashMap;

use rand::RngExt;

use super::start::{log_time, promising};
use super::unseen::Unseen;
use super::{Choice, Opt, Searcher, Strategy, Task, Trial};
use crate::base::{Random, seeded};
use crate::space::Config;
use agent::{Agent, Move, Schooling, Step};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "reinforcement",
    about: "an agent that learns which changes of one parameter pay",
    options: &[
        Opt::whole("starts", "first points, spread over the space; at most a fifth of the trials", 1, 10_000, 20),
        Opt::whole("steps", "the most moves in an episode", 1, 1000, 2),
        Opt::whole("elite", "how many of the best an episode may begin at", 1, 1000, 5),
        Opt::real("discount", "what a reward one step later is worth", 0.0, 1.0, 0.3),
        Opt::real("penalty", "what a failed move costs, in logarithms of time", 0.0, 100.0, 1.0),
        Opt::real("entropy", "the bonus for an undecided policy", 0.0, 10.0, 0.01),
        Opt::whole("hidden", "units of the hidden layer", 1, 1000, 32),
        Opt::real("rate", "the rate of learning", 1e-6, 1.0, 0.01),
        Opt::whole("passes", "how often the latest steps are learnt from after each result", 0, 1000, 2),
    ],
    start: |task, choice| Box::new(Reinforcement::start(task, choice)),
};

/// Rewards beyond this count as this: a factor of some seven in time.
const MOST_REWARD: f64 = 2.0;

struct Reinforcement {
    task: Task,
    unseen: Unseen,
    random: Random,
    /// First points not asked for yet, the next one last.
    first: Vec<Config>,
    agent: Agent,
    /// The best so far with the logarithms of their times, best first.
    best: Vec<(Config, f64)>,
    /// Walkers that stand somewhere and may move.
    idle: Vec<Walker>,
    /// Walkers that wait for a result, by the config it is of.
    waiting: HashMap<Config, (Walker, Move)>,
    elite: usize,
    steps: usize,
    penalty: f64,
}

/// An episode under way.
struct Walker {
    at: Config,
    /// The logarithm of its time.
    cost: f64,
    /// How many moves are left.
    left: usize,
}

impl Reinforcement {
    fn start(task: Task, choice: &Choice) -> Self {
        let mut random = seeded(task.seed, "reinforcement learning");
        let starts = choice.whole("starts").min(task.budget / 5).max(1);
        let mut first = promising(&task, starts, &mut random);
        first.reverse();
        let schooling = Schooling {
            hidden: choice.whole("hidden"),
            rate: choice.real("rate"),
            passes: choice.whole("passes"),
            discount: choice.real("discount"),
            entropy: choice.real("entropy"),
        };
        let mut reinforcement = Self {
            unseen: Unseen::start(&task, "reinforcement learning, unseen"),
            first,
            agent: Agent::new(&task.space, schooling, &mut random),
            random,
            best: Vec::new(),
            idle: Vec::new(),
            waiting: HashMap::new(),
            elite: choice.whole("elite"),
            steps: choice.whole("steps"),
            penalty: choice.real("penalty"),
            task,
        };
        let known = reinforcement.task.known.clone();
        reinforcement.tell(&known);
        reinforcement
    }

    /// A first point, else a move of a walker, else anything that is left.
    fn next(&mut self) -> Option<Config> {
        while let Some(config) = self.first.pop() {
            if let Some(new) = self.unseen.claim(config) {
                return Some(new);
            }
        }
        while let Some(walker) = self.idle.pop() {
            if let Some(config) = self.walk(walker) {
                return Some(config);
            }
        }
        let moved = self.walker().and_then(|walker| self.walk(walker));
        moved.or_else(|| self.unseen.draw())
    }

    /// A walker at one of the best configs, the better the likelier.
    fn walker(&mut self) -> Option<Walker> {
        let ranks = self.best.len();
        if ranks == 0 {
            return None;
        }
        let rank = self.random.random_range(0..ranks).min(self.random.random_range(0..ranks));
        let (at, cost) = self.best[rank].clone();
        Some(Walker { at, cost, left: self.steps })
    }

    fn walk(&mut self, walker: Walker) -> Option<Config> {
        let mut to = self.task.space.variants(&walker.at);
        to.retain(|config| self.unseen.has(config));
        let state = self.agent.state(&self.task.space, &walker.at);
        let (choice, config) = self.agent.choose(state, &walker.at, &to, &mut self.random)?;
        let config = self.unseen.claim(config)?;
        self.waiting.insert(config.clone(), (walker, choice));
        Some(config)
    }

    fn learn(&mut self, trial: &Trial) {
        let cost = log_time(trial);
        if cost.is_finite() {
            let place = self.best.partition_point(|(_, other)| *other <= cost);
            self.best.insert(place, (trial.config.clone(), cost));
            self.best.truncate(self.elite);
        }
        let Some((walker, choice)) = self.waiting.remove(&trial.config) else { return };
        let change = walker.cost - cost;
        let reward = if cost.is_finite() { change.clamp(-MOST_REWARD, MOST_REWARD) } else { -self.penalty };
        let moved = Walker { at: trial.config.clone(), cost, left: walker.left - 1 };
        let goes_on = change > 0.0 && moved.left > 0;
        let next = goes_on.then(|| self.agent.state(&self.task.space, &moved.at));
        self.agent.learn(Step { choice, reward, next });
        if goes_on {
            self.idle.push(moved);
        }
    }
}

impl Searcher for Reinforcement {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        std::iter::from_fn(|| self.next()).take(n).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.unseen.told(trials);
        trials.iter().for_each(|trial| self.learn(trial));
    }
}
