//! The cheap part of a trial, ahead of it: emits a config's program and checks it, so that no trial is spent on what
//! cannot run.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use serde::Serialize;

use super::Candidate;
use crate::backend::nanoseconds_since;
use crate::base::DeviceFacts;
use crate::op::{Shared, Signature, Template};
use crate::record::{Oracle, Rejection};
use crate::space::Config;

/// How many emitted candidates are kept for whoever measures them; more are emitted again.
const MOST_KEPT: usize = 64;

/// Knows which configs of one template the check refuses for a workload on a device. What it emitted to find out, it
/// hands over: no program is emitted twice.
pub struct Precheck {
    template: Shared<dyn Template>,
    signature: Signature,
    device: DeviceFacts,
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    verdicts: HashMap<Config, Result<(), Rejection>>,
    /// The newest first.
    passed: VecDeque<Candidate>,
    refused: Vec<(Candidate, Rejection)>,
    spent: Prechecks,
}

/// What checking ahead of trials took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Prechecks {
    /// Configs that were emitted and checked.
    pub calls: usize,
    /// Configs that were refused. They cost no trial.
    pub refused: usize,
    /// Wall time of emitting them, in nanoseconds.
    pub emit_ns: f64,
    /// Wall time of checking them, in nanoseconds.
    pub check_ns: f64,
}

impl Prechecks {
    /// Those of two templates together.
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            refused: self.refused + other.refused,
            emit_ns: self.emit_ns + other.emit_ns,
            check_ns: self.check_ns + other.check_ns,
        }
    }
}

impl Precheck {
    /// Before anything was asked.
    pub fn new(template: Shared<dyn Template>, signature: Signature, device: DeviceFacts) -> Self {
        Self { template, signature, device, ledger: Mutex::default() }
    }

    /// The candidate of a config that has just passed; none if it was not asked about, or long ago.
    pub fn take(&self, config: &Config) -> Option<Candidate> {
        let mut ledger = self.ledger();
        let at = ledger.passed.iter().position(|candidate| candidate.config == *config)?;
        ledger.passed.remove(at)
    }

    /// What was refused since the last time, with the reasons.
    pub fn take_refused(&self) -> Vec<(Candidate, Rejection)> {
        std::mem::take(&mut self.ledger().refused)
    }

    /// What it took so far.
    pub fn spent(&self) -> Prechecks {
        self.ledger().spent
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("who holds it does not panic")
    }

    /// Emits and checks a config that was not asked about before.
    fn judge(&self, config: &Config) -> Result<(), Rejection> {
        let started = Instant::now();
        let mut candidate = Candidate::emit(&self.template, &self.signature, config.clone());
        let emit_ns = nanoseconds_since(started);
        let checked = candidate.check(&self.signature, &self.device);
        let verdict = checked.map(|load| candidate.load = Some(load));
        let mut ledger = self.ledger();
        ledger.spent.calls += 1;
        ledger.spent.emit_ns += emit_ns;
        ledger.spent.check_ns += nanoseconds_since(started) - emit_ns;
        ledger.verdicts.insert(config.clone(), verdict.clone());
        ledger.keep(candidate, &verdict);
        verdict
    }
}

impl Ledger {
    fn keep(&mut self, candidate: Candidate, verdict: &Result<(), Rejection>) {
        match verdict {
            Ok(()) => {
                self.passed.truncate(MOST_KEPT - 1);
                self.passed.push_front(candidate);
            }
            Err(rejection) => {
                self.spent.refused += 1;
                self.refused.push((candidate, rejection.clone()));
            }
        }
    }
}

impl Oracle for Precheck {
    fn verdict(&self, config: &Config) -> Result<(), Rejection> {
        let known = self.ledger().verdicts.get(config).cloned();
        known.unwrap_or_else(|| self.judge(config))
    }
}

impl fmt::Debug for Precheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Precheck").field("template", &self.template.name()).finish_non_exhaustive()
    }
}
