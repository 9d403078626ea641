//! The model of an annealed search: what it learns from, and what it says of configs.

use std::sync::Arc;

use super::compiled::{Chosen, Compiled};
use crate::model::{Boosted, BoostedSettings, Examples, Objective};
use crate::record::Prior;
use crate::search::Trial;
use crate::space::{Config, Space};

/// With this many results of its own, a search believes what it was told of elsewhere half as much.
const HALVING: f64 = 64.0;

/// Below this it does not believe it at all.
const LEAST_BELIEF: f64 = 0.05;

/// So many results from elsewhere are enough; the time of a fit grows with their square.
const MOST_WARM: usize = 512;

/// Collects results and makes scorers of them.
pub(super) struct Teacher {
    features: Features,
    settings: BoostedSettings,
    seed: u64,
    own: Results,
    /// What results from elsewhere say.
    base: Option<Boosted>,
    /// What compiling shows, where that is looked at.
    compiled: Option<Compiled>,
}

impl Teacher {
    pub fn new(
        space: Arc<Space>,
        prior: Option<Arc<dyn Prior>>,
        objective: Objective,
        rounds: usize,
        seed: u64,
        warm: &[Trial],
    ) -> Self {
        let settings = BoostedSettings { objective, rounds, ..BoostedSettings::default() };
        let features = Features { space, prior };
        let mut elsewhere = Results::default();
        elsewhere.extend(&thinned(warm), &features);
        let base = elsewhere.fit(0.0, None, &settings, seed);
        Self { features, settings, seed, own: Results::default(), base, compiled: None }
    }

    /// The same with a second model, where something is known by compiling.
    pub fn with_compiled(self, compiled: Option<Compiled>) -> Self {
        Self { compiled, ..self }
    }

    pub fn tell(&mut self, trials: &[Trial]) {
        self.own.extend(trials, &self.features);
        if let Some(compiled) = &mut self.compiled {
            trials.iter().for_each(|trial| compiled.tell(trial, &self.features.row(&trial.config)));
        }
    }

    /// How many configs to offer to [`Teacher::choose`] where so many are to be measured.
    pub fn wanted(&self, measured: usize) -> usize {
        self.compiled.as_ref().map_or(measured, |compiled| compiled.wanted(measured))
    }

    /// Whether a config compiles, as far as that is looked at.
    pub fn compiles(&self, config: &Config) -> bool {
        self.compiled.as_ref().is_none_or(|compiled| compiled.compiles(config))
    }

    /// Those of the configs, best first, that are to be measured.
    pub fn choose(&self, offered: Vec<Config>, measured: usize) -> Chosen {
        let Some(compiled) = &self.compiled else { return Chosen { fastest: offered, refused: Vec::new() } };
        let offered = offered.into_iter().map(|config| (config.clone(), self.features.row(&config))).collect();
        compiled.choose(offered, measured, &self.settings, self.seed)
    }

    /// What all results say; `None` while none has a time.
    pub fn scorer(&self) -> Option<Scorer<'_>> {
        let belief = (-(self.own.rows.len() as f64) / HALVING).exp2();
        let base = self.base.as_ref().filter(|_| belief >= LEAST_BELIEF);
        let model = self.own.fit(belief, base, &self.settings, self.seed);
        let empty = model.is_none() && base.is_none();
        (!empty).then_some(Scorer { features: &self.features, belief, base, model })
    }
}

/// Says how good configs are: higher is faster.
pub(super) struct Scorer<'a> {
    features: &'a Features,
    belief: f64,
    base: Option<&'a Boosted>,
    model: Option<Boosted>,
}

impl Scorer<'_> {
    pub fn scores(&self, configs: &[Config]) -> Vec<f64> {
        let rows: Vec<Vec<f64>> = configs.iter().map(|config| self.features.row(config)).collect();
        let mut scores = margins(self.base, self.belief, &rows);
        if let Some(model) = &self.model {
            scores.iter_mut().zip(model.scores(&rows)).for_each(|(score, own)| *score += own);
        }
        scores
    }
}

/// What is said before own results are heard.
fn margins(base: Option<&Boosted>, belief: f64, rows: &[Vec<f64>]) -> Vec<f64> {
    match base {
        Some(base) => base.scores(rows).into_iter().map(|score| belief * score).collect(),
        None => vec![0.0; rows.len()],
    }
}

/// A config as numbers.
struct Features {
    space: Arc<Space>,
    prior: Option<Arc<dyn Prior>>,
}

impl Features {
    /// Ranks of values, which are as good as the values to trees; what the space's author adds; what a prior says, 0
    /// where it has no opinion.
    fn row(&self, config: &Config) -> Vec<f64> {
        let mut row = self.space.encode(config);
        row.extend(self.space.feature_values(config));
        row.extend(self.prior.as_ref().map(|prior| prior.log_time(config)));
        row.iter_mut().filter(|number| !number.is_finite()).for_each(|number| *number = 0.0);
        row
    }
}

/// Results as rows and times.
#[derive(Default)]
pub(super) struct Results {
    rows: Vec<Vec<f64>>,
    /// In nanoseconds; infinite for a failure.
    times: Vec<f64>,
}

impl Results {
    fn extend(&mut self, trials: &[Trial], features: &Features) {
        trials.iter().for_each(|trial| self.push(features.row(&trial.config), trial));
    }

    pub fn push(&mut self, row: Vec<f64>, trial: &Trial) {
        self.rows.push(row);
        self.times.push(trial.result.unwrap_or(f64::INFINITY));
    }

    /// A model of throughputs as shares of the highest, 0 for failures; `None` while there are but failures.
    pub fn fit(&self, belief: f64, base: Option<&Boosted>, settings: &BoostedSettings, seed: u64) -> Option<Boosted> {
        let best = self.times.iter().copied().fold(f64::INFINITY, f64::min);
        if best.is_infinite() {
            return None;
        }
        let throughputs = self.times.iter().map(|time| best / time).collect();
        let margins = margins(base, belief, &self.rows);
        Boosted::fit_beyond(&Examples::new(self.rows.clone(), throughputs), &margins, settings, seed).ok()
    }
}

/// Some of the trials, evenly over their ranks, the fastest among them.
fn thinned(trials: &[Trial]) -> Vec<Trial> {
    let mut trials = trials.to_vec();
    let time = |trial: &Trial| trial.result.unwrap_or(f64::INFINITY);
    trials.sort_by(|a, b| time(a).total_cmp(&time(b)));
    let stride = trials.len().div_ceil(MOST_WARM).max(1);
    trials.into_iter().step_by(stride).collect()
}
