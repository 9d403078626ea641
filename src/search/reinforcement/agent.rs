//! The agent: what it sees of a config, the moves it can make, and how it learns which of them pay.

use rand::RngExt;

use super::network::Network;
use crate::base::Random;
use crate::space::{Config, Space};

/// The most levels of a parameter: the values of a longer list are grouped, so that the network stays small.
const MOST_LEVELS: usize = 16;

/// How many of the latest steps each training pass goes over.
const WINDOW: usize = 64;

/// How far the chance of a move may be pushed from what it was when it was made, as a ratio: proximal policy
/// optimisation (J. Schulman et al., "Proximal Policy Optimization Algorithms", 2017) with their value.
const CLIP: f64 = 0.2;

/// How much the critic's error counts beside the actor's gain.
const CRITIC: f64 = 0.5;

/// How an agent learns.
pub(super) struct Schooling {
    pub hidden: usize,
    pub rate: f64,
    pub passes: usize,
    pub discount: f64,
    pub entropy: f64,
}

/// An actor and a critic in one network.
pub(super) struct Agent {
    schooling: Schooling,
    /// Where the levels of each parameter begin among all levels, and how many values it has.
    levels: Vec<Levels>,
    network: Network,
    steps: Vec<Step>,
}

struct Levels {
    first: usize,
    count: usize,
    values: usize,
}

/// A move made and what came of it.
pub(super) struct Step {
    pub choice: Move,
    pub reward: f64,
    /// Where it led; none where the episode ended.
    pub next: Option<Vec<f64>>,
}

/// A move chosen: setting one parameter to a value of one level.
#[derive(Clone)]
pub(super) struct Move {
    pub state: Vec<f64>,
    /// For each level whether going there was possible.
    mask: Vec<bool>,
    level: usize,
    /// How likely it was.
    chance: f64,
}

impl Agent {
    pub fn new(space: &Space, schooling: Schooling, random: &mut Random) -> Self {
        let mut first = 0;
        let levels: Vec<Levels> = space
            .params()
            .iter()
            .map(|param| {
                let values = param.values.len();
                let levels = Levels { first, count: values.min(MOST_LEVELS), values };
                first += levels.count;
                levels
            })
            .collect();
        let network = Network::new(first + levels.len(), schooling.hidden, first + 1, schooling.rate, random);
        Self { schooling, levels, network, steps: Vec::new() }
    }

    /// What the agent sees of a config: a one for the level of each parameter, and the encoding of the space.
    pub fn state(&self, space: &Space, config: &Config) -> Vec<f64> {
        let mut state = vec![0.0; self.count()];
        for (levels, &position) in self.levels.iter().zip(config.positions()) {
            state[levels.of(position)] = 1.0;
        }
        state.extend(space.encode(config));
        state
    }

    /// Chooses among some configs that each differ from that of the state in one parameter; none if there are none.
    pub fn choose(&self, state: Vec<f64>, from: &Config, to: &[Config], random: &mut Random) -> Option<(Move, Config)> {
        let ways: Vec<usize> = to.iter().map(|config| self.way(from, config)).collect();
        let mut mask = vec![false; self.count()];
        ways.iter().for_each(|&level| mask[level] = true);
        let chances = self.chances(&state, &mask);
        let mut left = random.random_range(0.0..1.0);
        let hit = chances.iter().position(|chance| {
            left -= chance;
            left < 0.0
        });
        let level = hit.or_else(|| mask.iter().rposition(|&possible| possible))?;
        let there: Vec<&Config> =
            to.iter().zip(&ways).filter(|(_, way)| **way == level).map(|(config, _)| config).collect();
        let config = there[random.random_range(0..there.len())].clone();
        Some((Move { state, mask, level, chance: chances[level] }, config))
    }

    /// Takes in what came of a move, and trains.
    pub fn learn(&mut self, step: Step) {
        self.steps.push(step);
        for _ in 0..self.schooling.passes {
            self.train();
        }
    }

    /// One step of Adam on the latest moves.
    fn train(&mut self) {
        let batch = &self.steps[self.steps.len().saturating_sub(WINDOW)..];
        let gains: Vec<f64> = batch.iter().map(|step| self.gain(step)).collect();
        let size = gains.len() as f64;
        let scale = (gains.iter().map(|gain| gain * gain).sum::<f64>() / size).sqrt().max(1e-3);
        let mut gradient = self.network.gradient();
        for (step, gain) in batch.iter().zip(gains) {
            let pass = self.network.pass(&step.choice.state);
            let mut by_out = self.policy_slopes(&step.choice, &pass.out, gain / scale);
            by_out.push(-CRITIC * gain);
            by_out.iter_mut().for_each(|slope| *slope /= size);
            self.network.backward(&step.choice.state, &pass, &by_out, &mut gradient);
        }
        self.network.step(&gradient);
    }

    /// The advantage: by how much a move paid more than the critic expected.
    fn gain(&self, step: &Step) -> f64 {
        let value = |state: &Vec<f64>| *self.network.pass(state).out.last().expect("the last output is the critic's");
        let after = step.next.as_ref().map_or(0.0, value);
        step.reward + self.schooling.discount * after - value(&step.choice.state)
    }

    /// The gradient of what the actor loses with respect to its outputs: the clipped gain, and the entropy's bonus.
    fn policy_slopes(&self, choice: &Move, out: &[f64], gain: f64) -> Vec<f64> {
        let chances = softmax(&out[..self.count()], &choice.mask);
        let ratio = chances[choice.level] / choice.chance;
        let clipped = if gain > 0.0 { ratio > 1.0 + CLIP } else { ratio < 1.0 - CLIP };
        let push = if clipped { 0.0 } else { gain * ratio };
        let entropy: f64 = chances.iter().filter(|chance| **chance > 0.0).map(|chance| -chance * chance.ln()).sum();
        let slope = |(level, &chance): (usize, &f64)| {
            let chosen = f64::from(u8::from(level == choice.level));
            let spread = if chance > 0.0 { chance * (chance.ln() + entropy) } else { 0.0 };
            push * (chance - chosen) + self.schooling.entropy * spread
        };
        chances.iter().enumerate().map(slope).collect()
    }

    /// How likely the actor goes to each level.
    fn chances(&self, state: &[f64], mask: &[bool]) -> Vec<f64> {
        softmax(&self.network.pass(state).out[..self.count()], mask)
    }

    /// The level that a config goes to from another one that differs in one parameter.
    fn way(&self, from: &Config, to: &Config) -> usize {
        let pairs = from.positions().iter().zip(to.positions()).zip(&self.levels);
        let changed = pairs.map(|((a, b), levels)| (a != b, levels.of(*b))).find(|(changed, _)| *changed);
        changed.map_or(0, |(_, level)| level)
    }

    /// How many levels there are.
    fn count(&self) -> usize {
        self.network.outputs() - 1
    }
}

impl Levels {
    fn of(&self, position: u16) -> usize {
        self.first + usize::from(position) * self.count / self.values
    }
}

/// Exponentials that sum to one, and zero where the mask says no.
fn softmax(logits: &[f64], mask: &[bool]) -> Vec<f64> {
    let possible =
        || logits.iter().zip(mask).map(|(&logit, &possible)| if possible { logit } else { f64::NEG_INFINITY });
    let most = possible().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return vec![0.0; logits.len()];
    }
    let raw: Vec<f64> = possible().map(|logit| (logit - most).exp()).collect();
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|chance| chance / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::seeded;

    const SCHOOLING: Schooling = Schooling { hidden: 16, rate: 0.01, passes: 2, discount: 0.3, entropy: 0.01 };

    /// Only `a` matters: a walk at random teaches to go to its fourth value and not to its first, wherever the agent
    /// stands, and that where `b` stands is all the same.
    #[test]
    fn good_moves_become_likely_and_bad_ones_rare() {
        let space = Space::builder().param("a", "", 0..5i64).param("b", "", 0..5i64).param("c", "", ["x", "y"]);
        let space = space.build().unwrap();
        let cost = |config: &Config| [2.0, 1.0, 1.0, 0.0, 1.0][usize::from(config.positions()[0])];
        let mut random = seeded(1, "agent test");
        let mut agent = Agent::new(&space, SCHOOLING, &mut random);
        let chances =
            |agent: &Agent, from: &[u16]| agent.chances(&agent.state(&space, &space.legal(from).unwrap()), &[true; 12]);
        let even = chances(&agent, &[1, 2, 0]);
        assert!(even.iter().all(|chance| (chance - 1.0 / 12.0).abs() < 0.01), "untrained: {even:?}");
        for _ in 0..150 {
            let at = space.sample(&mut random).unwrap();
            let (choice, to) = agent.choose(agent.state(&space, &at), &at, &space.variants(&at), &mut random).unwrap();
            agent.learn(Step { choice, reward: cost(&at) - cost(&to), next: None });
        }
        for from in [[1, 2, 0], [2, 4, 1], [4, 0, 1]] {
            let chances = chances(&agent, &from);
            let (good, bad) = (chances[3], chances[0]);
            assert!(good > 2.0 / 12.0 && bad < 0.5 / 12.0, "from {from:?}: {chances:?}");
        }
    }

    #[test]
    fn long_lists_are_grouped() {
        let levels = Levels { first: 3, count: 16, values: 100 };
        let of: Vec<usize> = [0, 6, 7, 50, 99].map(|position| levels.of(position)).into();
        assert_eq!(of, [3, 3, 4, 11, 18]);
    }
}
