//! The search: the default first, then whatever the searcher asks for, each trial stored as it ends.

use std::sync::Arc;
use std::time::Instant;

use super::finals::MOST_FINALISTS;
use super::session::Session;
use super::{Progress, Rejected, StopReason, TuneError, Watch};
use crate::backend::EntrantReport;
use crate::measure::Candidate;
use crate::record::{Mode, Oracle, Outcome, Phase};
use crate::search::{Search, Task, Trial};
use crate::space::Config;

/// How candidates are compiled while searching.
const MODE: Mode = Mode::UNCHECKED;

/// Where its trials belong.
const PHASE: Phase = Phase::Search;

/// A candidate whose fastest samples are this many times slower than the best so far is not sampled on.
const HOPELESS: f64 = 2.0;

impl Session<'_> {
    /// Tries configs until something ends it.
    pub fn search(&mut self, watch: &mut dyn Watch) -> Result<StopReason, TuneError> {
        let started = Instant::now();
        let workload = self.measure.signature().workload.to_string();
        watch.started(&workload, self.space.raw_size(), self.settings);
        let default = self.default.clone();
        let first = self.try_candidate(default, watch)?;
        let oracle: Arc<dyn Oracle> = self.precheck.clone();
        let plan = Task::new(self.space.clone(), self.settings.trials, self.settings.seed);
        let task = Task { oracle: Some(oracle), warm: self.warm_start(MODE)?, ..plan };
        let mut searcher = Search::start(&self.settings.strategy, task);
        // In a narrowed space the default may have no place; where it has one, that is another than in the whole space.
        let place = self.space.config(&first.config.values()).ok();
        let first = place.map(|config| Trial { config, ..first });
        searcher.tell(first.as_slice());
        loop {
            if let Some(reason) = self.is_over(started, watch) {
                return Ok(reason);
            }
            let asked = searcher.ask(1);
            self.keep_refused()?;
            let Some(config) = asked.into_iter().next() else {
                return Ok(if searcher.gave_up() { StopReason::Refused } else { StopReason::Exhausted });
            };
            let emitted = self.precheck.take(&config);
            let candidate = emitted.unwrap_or_else(|| self.measure.candidate(self.template, config));
            let trial = self.try_candidate(candidate, watch)?;
            searcher.tell(&[trial]);
        }
    }

    fn is_over(&self, started: Instant, watch: &mut dyn Watch) -> Option<StopReason> {
        if watch.wants_to_stop() {
            return Some(StopReason::Interrupted);
        }
        if self.trials >= self.settings.trials {
            return Some(StopReason::Trials);
        }
        self.settings.time.filter(|limit| started.elapsed() >= *limit).map(|_| StopReason::Time)
    }

    /// Keeps what the check refused before a trial was spent on it, unless the store has it already.
    fn keep_refused(&mut self) -> Result<(), TuneError> {
        let mut records = Vec::new();
        for (candidate, rejection) in self.precheck.take_refused() {
            Rejected::count(&mut self.refused, &rejection);
            let report = EntrantReport::rejected(rejection);
            if self.logbook.recall(&self.measure, &candidate, MODE, PHASE)?.is_none() {
                records.push(self.logbook.record(&self.measure, PHASE, (&candidate, MODE, self.trials as u64), report));
            }
        }
        self.logbook.keep(&records)
    }

    /// Recalls or measures one candidate, and keeps what came of it.
    fn try_candidate(&mut self, candidate: Candidate, watch: &mut dyn Watch) -> Result<Trial, TuneError> {
        let known = self.logbook.recall(&self.measure, &candidate, MODE, PHASE)?;
        let known = known.filter(|record| self.logbook.stands(record));
        let remembered = known.is_some();
        let outcome = match known {
            Some(record) => record.outcome,
            None => self.measure_candidate(&candidate)?,
        };
        self.trials += 1;
        self.remembered += usize::from(remembered);
        let result = self.note(&candidate, &outcome);
        self.tell(watch, &candidate.config, &outcome, remembered);
        Ok(Trial { config: candidate.config, result })
    }

    fn measure_candidate(&mut self, candidate: &Candidate) -> Result<Outcome, TuneError> {
        let hopeless_ns = self.best_ns().map(|ns| HOPELESS * ns);
        let seat = (candidate, MODE, self.trials as u64);
        let records = self.logbook.measured(&mut self.measure, PHASE, &[seat], &self.default.hash, |measure| {
            Ok(vec![measure.trial(candidate, MODE, hopeless_ns)?])
        })?;
        Ok(records.into_iter().next().expect("one record per seat").outcome)
    }

    fn note(&mut self, candidate: &Candidate, outcome: &Outcome) -> Result<f64, crate::record::Stage> {
        match outcome {
            Outcome::Timed { .. } => {
                let ns = outcome.median_ns().filter(|ns| ns.is_finite()).unwrap_or(f64::INFINITY);
                self.keep_if_fast(candidate, ns);
                Ok(ns)
            }
            Outcome::Rejected(rejection) => {
                Rejected::count(&mut self.rejected, rejection);
                Err(rejection.stage)
            }
        }
    }

    fn keep_if_fast(&mut self, candidate: &Candidate, ns: f64) {
        if candidate.hash == self.default.hash {
            self.default_ns = Some(ns);
            self.measure.learn_pace(candidate, ns);
        }
        let place = self.fastest.partition_point(|(_, other)| *other <= ns);
        if place < MOST_FINALISTS && self.fastest.iter().all(|(other, _)| other.hash != candidate.hash) {
            self.fastest.insert(place, (candidate.clone(), ns));
            self.fastest.truncate(MOST_FINALISTS);
        }
    }

    fn best_ns(&self) -> Option<f64> {
        self.fastest.first().map(|(_, ns)| *ns)
    }

    fn tell(&self, watch: &mut dyn Watch, config: &Config, outcome: &Outcome, remembered: bool) {
        watch.trial(&Progress {
            done: self.trials,
            config,
            outcome,
            remembered,
            default_ns: self.default_ns,
            best_ns: self.best_ns(),
            rejected: self.rejected.values().map(|rejected| rejected.count).sum(),
        });
    }
}
