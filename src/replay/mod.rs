//! Searches answered from recordings: how good each strategy is after so many evaluations, without any device.

mod bench;
mod compare;
mod score;
mod warm;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use crate::interchange::Recording;
use crate::record::Stage;
use crate::search::{Choice, Search, Task, Trial};
use crate::space::{Config, Space, SpaceError};

pub use bench::{Bench, Contestant, Subject};
pub use compare::{Against, Report, Standing, Summary, Worst};
pub use score::{Counts, OwnTime, Reach, Score, Spread, at};
pub use warm::{TransferError, Transferred, transfer};

/// A recording made ready to answer.
#[derive(Clone, Debug)]
pub struct Replay {
    space: Arc<Space>,
    answers: HashMap<Config, Result<f64, Stage>>,
    best_ns: f64,
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
        Ok(best_ns.map(|best_ns| Self { space, answers, best_ns }))
    }

    /// The configs that were recorded, as a space.
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// The smallest time that was recorded, in nanoseconds.
    pub fn best_ns(&self) -> f64 {
        self.best_ns
    }

    /// How many configs were recorded.
    pub fn configs(&self) -> usize {
        self.answers.len()
    }

    /// How many of them failed.
    pub fn failures(&self) -> usize {
        self.answers.values().filter(|result| result.is_err()).count()
    }

    /// How a config did.
    pub fn answer(&self, config: &Config) -> Trial {
        Trial { config: config.clone(), result: self.answers[config] }
    }

    /// Searches once. Ends early where the searcher has nothing left to ask.
    pub fn run(&self, choice: &Choice, trials: usize, seed: u64, warm: &[Trial]) -> Run {
        let started = Instant::now();
        let task = Task { warm: warm.to_vec(), ..Task::new(self.space.clone(), trials, seed) };
        let mut search = Search::start(choice, task);
        let mut own_ns = started.elapsed().as_nanos() as f64;
        let mut run = Run::default();
        let mut best_ns = f64::INFINITY;
        let mut failed = 0;
        while run.fraction.len() < trials {
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
        }
        run
    }
}
