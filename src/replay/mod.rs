//! Searches answered from recordings: how good each strategy is after so many evaluations, without any device.

mod bench;
mod compare;
mod oracle;
mod score;
mod starts;
mod warm;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use crate::interchange::{Recording, Unit};
use crate::record::{Insight, Oracle, Stage};
use crate::search::{Choice, Init, Search, Task, Trial, initial_set};
use crate::space::{Config, Space, SpaceError};

pub use bench::{Bench, Contestant, Subject};
pub use compare::{Against, Report, Standing, Summary, Worst};
pub use oracle::Foresight;
use oracle::{Recorded, Watched};
pub use score::{Counts, OwnTime, Reach, Score, Spread, at};
pub use starts::{Comparison, GOALS, Goal, Middle, Needed, Quartiles, Ratio, Row, SpaceFacts, Starts, Widths};
pub use warm::{TransferError, Transferred, transfer};

/// A recording made ready to answer.
#[derive(Clone, Debug)]
pub struct Replay {
    space: Arc<Space>,
    answers: Arc<HashMap<Config, Result<f64, Stage>>>,
    best_ns: f64,
    unit: Unit,
    insight: Option<Arc<dyn Insight>>,
}

/// How to search once.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// Who searches.
    pub choice: &'a Choice,
    /// Evaluations at most.
    pub trials: usize,
    /// What repeats the search.
    pub seed: u64,
    /// What is known from elsewhere.
    pub warm: &'a [Trial],
    /// What may be asked of validity.
    pub foresight: Foresight,
    /// Whether the search ends when it has found the optimum, which it cannot know in earnest.
    pub stops_at_optimum: bool,
}

impl<'a> Conditions<'a> {
    /// A search that knows nothing beforehand.
    pub fn new(choice: &'a Choice, trials: usize, seed: u64) -> Self {
        Self { choice, trials, seed, warm: &[], foresight: Foresight::default(), stops_at_optimum: false }
    }
}

/// One search over a recording.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// After each evaluation, failed ones counted: the optimum over the best time so far, 0 while there is none.
    pub fraction: Vec<f64>,
    /// How many evaluations had failed after each.
    pub failed: Vec<usize>,
    /// What the searcher itself took for each evaluation, asking and telling, in nanoseconds.
    pub own_ns: Vec<f64>,
    /// How many configs the oracle had been asked about after each evaluation, and were compiled for the strategy to see.
    pub calls: Vec<usize>,
    /// What it began with.
    pub initial: Initial,
}

/// The configs that a search began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Initial {
    /// How many there are: the initial set of a start that knows about validity, and as many first evaluations of others.
    pub size: usize,
    /// How many of them are valid.
    pub valid: usize,
    /// How many of them were labelled by the oracle and not measured.
    pub unmeasured: usize,
}

impl Run {
    /// After how many evaluations it had so much of the optimum; `None` if it never had.
    pub fn reached(&self, fraction: f64) -> Option<usize> {
        self.fraction.iter().position(|&reached| reached >= fraction).map(|place| place + 1)
    }

    /// The initial set of a search that had none: its first evaluations.
    fn first(&self, size: usize) -> Initial {
        let size = size.min(self.failed.len());
        Initial { size, valid: size - at(&self.failed, size), unmeasured: 0 }
    }
}

impl Replay {
    /// Makes a recording ready; `None` inside if nothing in it was timed.
    ///
    /// # Errors
    /// When the recording makes no space.
    pub fn new(recording: &Recording) -> Result<Option<Self>, SpaceError> {
        let (space, trials) = recording.space()?;
        let answers: HashMap<_, _> = trials.into_iter().map(|trial| (trial.config, trial.result)).collect();
        // Of the answers, not of the recording: where a config was recorded twice, only one of the two can be found.
        let best_ns = answers.values().filter_map(|result| result.ok()).min_by(f64::total_cmp);
        Ok(best_ns.map(|best_ns| Self {
            space,
            answers: Arc::new(answers),
            best_ns,
            unit: recording.unit,
            insight: None,
        }))
    }

    /// The same with configs that can be compiled, for strategies that look at what that shows.
    pub fn with_insight(self, insight: Option<Arc<dyn Insight>>) -> Self {
        Self { insight, ..self }
    }

    /// The configs that were recorded, as a space.
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// The smallest time that was recorded, in nanoseconds.
    pub fn best_ns(&self) -> f64 {
        self.best_ns
    }

    /// What the recorded times count.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// How many configs were recorded.
    pub fn configs(&self) -> usize {
        self.answers.len()
    }

    /// How many of them failed.
    pub fn failures(&self) -> usize {
        self.answers.values().filter(|result| result.is_err()).count()
    }

    /// How many of them failed at a stage no later than this.
    pub fn known_failures(&self, knows: Stage) -> usize {
        self.answers.values().filter(|result| result.is_err_and(|stage| stage <= knows)).count()
    }

    /// How a config did.
    pub fn answer(&self, config: &Config) -> Trial {
        Trial { config: config.clone(), result: self.answers[config] }
    }

    /// Searches once. Ends early where the searcher has nothing left to ask.
    pub fn run(&self, conditions: &Conditions) -> Run {
        let started = Instant::now();
        let oracle = Arc::new(Recorded::new(self.answers.clone(), conditions.foresight.knows));
        let watched = self.insight.clone().map(|insight| Arc::new(Watched::new(insight)));
        let asked = || oracle.calls() + watched.as_ref().map_or(0, |watched| watched.calls());
        let mut search = Search::start(conditions.choice, self.task(conditions, &oracle, watched.clone()));
        let mut own_ns = started.elapsed().as_nanos() as f64;
        let mut run = Run::default();
        let mut best_ns = f64::INFINITY;
        let mut failed = 0;
        while run.fraction.len() < conditions.trials && !(conditions.stops_at_optimum && best_ns <= self.best_ns) {
            let started = Instant::now();
            let Some(config) = search.ask(1).pop() else { break };
            let trial = self.answer(&config);
            match trial.result {
                Ok(ns) => best_ns = best_ns.min(ns),
                Err(_) => failed += 1,
            }
            search.tell(&[trial]);
            own_ns += started.elapsed().as_nanos() as f64;
            run.fraction.push(self.best_ns / best_ns);
            run.failed.push(failed);
            run.own_ns.push(std::mem::take(&mut own_ns));
            run.calls.push(asked());
        }
        let judged = search.judged();
        run.initial = match conditions.foresight.init {
            Init::Random => run.first(initial_set(conditions.trials)),
            Init::Validity => {
                Initial { size: judged.measured + judged.lessons, valid: judged.measured, unmeasured: judged.lessons }
            }
        };
        run
    }

    fn task(&self, conditions: &Conditions, oracle: &Arc<Recorded>, watched: Option<Arc<Watched>>) -> Task {
        let Foresight { init, labels, is_screened, .. } = conditions.foresight;
        let asked: Arc<dyn Oracle> = oracle.clone();
        let oracle = conditions.foresight.asks().then_some(asked);
        let insight = watched.map(|watched| -> Arc<dyn Insight> { watched });
        let plain = Task::new(self.space.clone(), conditions.trials, conditions.seed);
        Task { warm: conditions.warm.to_vec(), init, labels, is_screened, oracle, insight, ..plain }
    }
}
