//! A recording as an oracle: whether a config is valid, with a count of who asks; and what compiling shows, counted too.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::record::{Insight, Oracle, Rejection, Stage};
use crate::search::Init;
use crate::space::Config;

/// What a search may ask of validity before it spends a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foresight {
    /// What the search begins with.
    pub init: Init,
    /// How many configs are asked about before it; unless that is said, until enough of them are valid.
    pub labels: Option<usize>,
    /// Whether each config is asked about before it is tried, so that what the oracle knows costs no trial.
    pub is_screened: bool,
    /// The last stage at which the oracle knows of failures. What is rejected later is found by trials alone.
    pub knows: Stage,
}

/// Nothing is asked; who asks all the same is told what a compiler knows.
impl Default for Foresight {
    fn default() -> Self {
        Self { init: Init::Random, labels: None, is_screened: false, knows: Stage::Compile }
    }
}

impl Foresight {
    /// Whether an oracle is asked at all.
    pub fn asks(self) -> bool {
        self.is_screened || self.init == Init::Validity
    }
}

/// Answers from a recording, and counts.
#[derive(Debug)]
pub(super) struct Recorded {
    answers: Arc<HashMap<Config, Result<f64, Stage>>>,
    knows: Stage,
    calls: AtomicUsize,
}

impl Recorded {
    pub fn new(answers: Arc<HashMap<Config, Result<f64, Stage>>>, knows: Stage) -> Self {
        Self { answers, knows, calls: AtomicUsize::new(0) }
    }

    /// How often it was asked.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Has configs compiled, and counts.
#[derive(Debug)]
pub(super) struct Watched {
    insight: Arc<dyn Insight>,
    met: Mutex<HashSet<Config>>,
}

impl Watched {
    pub fn new(insight: Arc<dyn Insight>) -> Self {
        Self { insight, met: Mutex::default() }
    }

    /// How many configs were compiled.
    pub fn calls(&self) -> usize {
        self.met.lock().expect("who holds it does not panic").len()
    }
}

impl Insight for Watched {
    fn seen(&self, config: &Config) -> Option<Vec<f64>> {
        self.met.lock().expect("as above").insert(config.clone());
        self.insight.seen(config)
    }
}

impl Oracle for Recorded {
    fn verdict(&self, config: &Config) -> Result<(), Rejection> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match self.answers.get(config) {
            Some(Err(stage)) if *stage <= self.knows => Err(Rejection::new(*stage, "as it was recorded")),
            _ => Ok(()),
        }
    }
}
