//! Search strategies: they propose configs and are told results, and see neither kernels nor devices nor clocks.

mod anneal;
mod auto;
mod bayes;
mod effects;
mod evolution;
mod exhaustive;
mod genetic;
mod local;
mod options;
mod random;
mod reinforcement;
mod screen;
mod start;
mod unseen;
mod validity;

use std::sync::Arc;

use crate::record::{Insight, Oracle, Prior, Stage};
use crate::space::{Config, Space};

pub use options::{Choice, Kind, Opt, SWITCH};
pub use screen::Search;
pub use validity::{Init, Judged, initial_set};

/// All strategies, the default first. The command line's choices, its help and the contract tests are made from this list.
pub const STRATEGIES: &[Strategy] = &[
    auto::STRATEGY,
    random::STRATEGY,
    exhaustive::STRATEGY,
    local::STRATEGY,
    genetic::STRATEGY,
    reinforcement::STRATEGY,
    anneal::STRATEGY,
    evolution::STRATEGY,
    bayes::STRATEGY,
];

/// A way to search, by name.
#[derive(Clone, Copy, Debug)]
pub struct Strategy {
    /// Its name on the command line and in records.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// What can be set, for its help and for the check of what was set.
    pub options: &'static [Opt],
    /// Starts a search. Use [`Search::start`], which also asks the oracle.
    pub start: fn(Task, &Choice) -> Box<dyn Searcher>,
}

/// The strategy of this name.
pub fn find(name: &str) -> Option<&'static Strategy> {
    STRATEGIES.iter().find(|strategy| strategy.name == name)
}

/// What a search starts from.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where to search.
    pub space: Arc<Space>,
    /// How many trials there will be at most. For planning only: whoever asks does the counting.
    pub budget: usize,
    /// The same seed and the same results give the same configs.
    pub seed: u64,
    /// Scores without running.
    pub prior: Option<Arc<dyn Prior>>,
    /// Cheap validity. Only [`Search`] asks it, never a strategy.
    pub oracle: Option<Arc<dyn Oracle>>,
    /// What compiling shows. A strategy asks it only where its options say so.
    pub insight: Option<Arc<dyn Insight>>,
    /// Whether the oracle is asked about each config before it is proposed to anyone, and not at the start alone.
    pub is_screened: bool,
    /// Whether the oracle is asked before the search begins.
    pub init: Init,
    /// How many configs it is asked about then; unless that is said, until enough of them are valid.
    pub labels: Option<usize>,
    /// What it said then: [`Search::start`] fills it in where `init` wants that. What is invalid is not asked for.
    pub judged: Arc<Judged>,
    /// Results of this very search, made earlier. Their configs are not asked for again.
    pub known: Vec<Trial>,
    /// Results from elsewhere: another device, a near workload. Their times are comparable among themselves, not with
    /// those of this search; they say where to look first and are believed less with every result of its own.
    pub warm: Vec<Trial>,
}

impl Task {
    /// A task with nothing known beforehand.
    pub fn new(space: Arc<Space>, budget: usize, seed: u64) -> Self {
        Self {
            space,
            budget,
            seed,
            prior: None,
            oracle: None,
            insight: None,
            is_screened: true,
            init: Init::Random,
            labels: None,
            judged: Arc::default(),
            known: Vec::new(),
            warm: Vec::new(),
        }
    }
}

/// How one config did.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What was tried.
    pub config: Config,
    /// Its time in nanoseconds, or where it was rejected.
    pub result: Result<f64, Stage>,
}

/// A search under way.
///
/// No config is asked for twice, nor one that was told without having been asked for, such as the default.
pub trait Searcher {
    /// Up to `n` configs to try next. An empty answer to `n > 0` means that nothing is left.
    fn ask(&mut self, n: usize) -> Vec<Config>;

    /// Takes results in, failures too, in any order and number.
    fn tell(&mut self, trials: &[Trial]);
}
