//! Chains of simulated annealing, which climb a score side by side and stay where they are between two plans.

use std::collections::HashSet;

use rand::RngExt;
use rand::seq::IteratorRandom;

use crate::base::Random;
use crate::search::unseen::Unseen;
use crate::space::{Config, Space};

/// How many steps to somewhere illegal a chain may think of before it stays where it is for once.
const TRIES: usize = 16;

/// How long to anneal.
#[derive(Clone, Copy)]
pub(super) struct Schedule {
    /// Steps of each chain at most, over which the temperature falls from 1 to 0 in a straight line.
    pub steps: usize,
    /// Steps without a better plan after which it is done.
    pub patience: usize,
}

pub(super) struct Chains {
    count: usize,
    /// Where they are; nowhere before the first plan.
    places: Vec<Config>,
}

impl Chains {
    pub fn new(count: usize) -> Self {
        Self { count, places: Vec::new() }
    }

    /// The configs with the highest scores that were met, unseen ones only, best first.
    pub fn best(
        &mut self,
        space: &Space,
        score: &dyn Fn(&[Config]) -> Vec<f64>,
        unseen: &Unseen,
        wanted: usize,
        schedule: Schedule,
        random: &mut Random,
    ) -> Vec<Config> {
        let missing = self.count - self.places.len();
        self.places.extend((0..missing).map_while(|_| space.sample(random)));
        let mut scores = score(&self.places);
        let mut top = Top::new(wanted);
        top.offer_all(&self.places, &scores, unseen);
        let mut idle = 0;
        for step in 0..schedule.steps {
            if idle >= schedule.patience {
                break;
            }
            let temperature = 1.0 - step as f64 / schedule.steps as f64;
            let moved: Vec<Config> = self.places.iter().map(|place| step_from(space, place, random)).collect();
            let offered = score(&moved);
            idle = if top.offer_all(&moved, &offered, unseen) { 0 } else { idle + 1 };
            for (chain, (config, score)) in moved.into_iter().zip(offered).enumerate() {
                if accepts(score - scores[chain], temperature, random) {
                    (self.places[chain], scores[chain]) = (config, score);
                }
            }
        }
        top.configs()
    }
}

/// N. Metropolis et al., "Equation of State Calculations by Fast Computing Machines" (1953).
fn accepts(gain: f64, temperature: f64, random: &mut Random) -> bool {
    gain > 0.0 || random.random_range(0.0..1.0) < (gain / temperature).exp()
}

/// Another value for one parameter.
fn step_from(space: &Space, place: &Config, random: &mut Random) -> Config {
    (0..TRIES).find_map(|_| try_step(space, place, random)).unwrap_or_else(|| place.clone())
}

fn try_step(space: &Space, place: &Config, random: &mut Random) -> Option<Config> {
    let (param, values) = space.params().iter().map(|param| param.values.len()).enumerate().choose(random)?;
    let other = (values > 1).then(|| random.random_range(1..values))?;
    let mut positions = place.positions().to_vec();
    positions[param] = ((usize::from(positions[param]) + other) % values) as u16;
    space.legal(&positions)
}

/// The best so many, none twice.
struct Top {
    wanted: usize,
    /// Best first.
    best: Vec<(f64, Config)>,
    met: HashSet<Config>,
}

impl Top {
    fn new(wanted: usize) -> Self {
        Self { wanted, best: Vec::new(), met: HashSet::new() }
    }

    /// Whether any is among the best now.
    fn offer_all(&mut self, configs: &[Config], scores: &[f64], unseen: &Unseen) -> bool {
        configs.iter().zip(scores).fold(false, |any, (config, &score)| self.offer(config, score, unseen) || any)
    }

    fn offer(&mut self, config: &Config, score: f64, unseen: &Unseen) -> bool {
        let full = self.best.len() >= self.wanted;
        let worst = self.best.last().map_or(f64::INFINITY, |(score, _)| *score);
        if (full && score <= worst) || !unseen.has(config) || !self.met.insert(config.clone()) {
            return false;
        }
        let place = self.best.partition_point(|(other, _)| *other >= score);
        self.best.insert(place, (score, config.clone()));
        self.best.truncate(self.wanted);
        true
    }

    fn configs(self) -> Vec<Config> {
        self.best.into_iter().map(|(_, config)| config).collect()
    }
}
