//! The search: the default first, then whatever the searchers of the templates ask for, each trial stored as it ends.

use std::sync::Arc;
use std::time::Instant;

use super::allot::Score;
use super::arm::Arm;
use super::knockout::MOST_TIED;
use super::session::{Session, Standing};
use super::{Fate, Progress, Rejected, Settings, StopReason, TuneError, Watch};
use crate::backend::EntrantReport;
use crate::base::stats::{Estimate, median_interval};
use crate::measure::{Candidate, Measure};
use crate::record::{Insight, Oracle, Outcome, Phase, Record, Stage};
use crate::search::{Search, Task, Trial};

/// Where its trials belong.
const PHASE: Phase = Phase::Search;

/// A candidate whose fastest samples are this many times slower than the best so far is not sampled on.
const HOPELESS: f64 = 2.0;

impl Session<'_> {
    /// Tries configs until something ends it.
    pub fn search(&mut self, watch: &mut dyn Watch) -> Result<StopReason, TuneError> {
        let started = Instant::now();
        let workload = self.measure.signature().workload.to_string();
        let raw = self.arms.iter().map(|arm| arm.space.raw_size()).fold(0, u128::saturating_add);
        watch.started(&workload, raw, self.settings);
        let first = self.try_default(watch)?;
        let mut searchers = (0..self.arms.len()).map(|arm| self.searcher(arm)).collect::<Result<Vec<_>, _>>()?;
        if let Some((arm, trial)) = first {
            searchers[arm].tell(&[trial]);
        }
        loop {
            if let Some(reason) = self.is_over(started, watch) {
                return Ok(reason);
            }
            let scores: Vec<Score> = self.arms.iter().map(Arm::score).collect();
            let Some(arm) = self.allotment.next(&scores) else {
                let gave_up = self.arms.iter().any(|arm| arm.over == Some(Fate::Refused));
                return Ok(if gave_up { StopReason::Refused } else { StopReason::Exhausted });
            };
            if let Some(candidate) = self.next_of(arm, &mut searchers[arm])? {
                let trial = self.try_candidate(candidate, Some(arm), watch)?;
                searchers[arm].tell(&[trial]);
            }
        }
    }

    /// Tries the default. Where it is a config of an arm, it is the first trial of that: in a narrowed space it may have no
    /// place, or another than in the whole space.
    fn try_default(&mut self, watch: &mut dyn Watch) -> Result<Option<(usize, Trial)>, TuneError> {
        let default = self.default.clone();
        let values = default.config.values();
        let place = self.arms.iter().enumerate().find_map(|(at, arm)| {
            let is_its = arm.template.name() == default.template.name();
            let config = is_its.then(|| arm.space.config(&values).ok()).flatten()?;
            Some((at, config))
        });
        let trial = self.try_candidate(default, place.as_ref().map(|(arm, _)| *arm), watch)?;
        Ok(place.map(|(arm, config)| (arm, Trial { config, ..trial })))
    }

    /// The search over the space of an arm, which plans with what it may get.
    fn searcher(&mut self, arm: usize) -> Result<Search, TuneError> {
        let warm = self.warm_start(arm)?;
        let Arm { space, precheck, template, .. } = &self.arms[arm];
        let oracle: Arc<dyn Oracle> = precheck.clone();
        let insight: Arc<dyn Insight> = self.measure.insight(template);
        let plan = Task::new(space.clone(), self.allotment.of_the_survivor(), self.settings.seed);
        let Settings { init, labels, .. } = *self.settings;
        let task = Task { oracle: Some(oracle), insight: Some(insight), init, labels, warm, ..plan };
        Ok(Search::start(&self.settings.strategy, task))
    }

    /// What an arm tries next: what it begins with, then what its searcher asks for. `None` when nothing is left.
    fn next_of(&mut self, arm: usize, searcher: &mut Search) -> Result<Option<Candidate>, TuneError> {
        if let Some(first) = self.arms[arm].begins.pop_front() {
            return Ok(Some(first));
        }
        let asked = searcher.ask(1);
        self.keep_refused(arm)?;
        let Some(config) = asked.into_iter().next() else {
            self.arms[arm].over = Some(if searcher.gave_up() { Fate::Refused } else { Fate::Exhausted });
            return Ok(None);
        };
        let Arm { template, precheck, .. } = &self.arms[arm];
        let emitted = precheck.take(&config);
        Ok(Some(emitted.unwrap_or_else(|| self.measure.candidate(template, config))))
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
    fn keep_refused(&mut self, arm: usize) -> Result<(), TuneError> {
        let mode = self.modes[0];
        let mut records = Vec::new();
        for (candidate, rejection) in self.arms[arm].precheck.take_refused() {
            Rejected::count(&mut self.refused, &rejection);
            let report = EntrantReport::rejected(rejection);
            if self.logbook.recall(&self.measure, &candidate, mode, PHASE)?.is_none() {
                records.push(self.logbook.record(&self.measure, PHASE, (&candidate, mode, self.trials as u64), report));
            }
        }
        self.logbook.keep(&records)
    }

    /// Recalls or measures one candidate, of an arm unless it is the default and has no place in any, and keeps what came
    /// of it.
    fn try_candidate(
        &mut self,
        candidate: Candidate,
        arm: Option<usize>,
        watch: &mut dyn Watch,
    ) -> Result<Trial, TuneError> {
        let known = self.logbook.recall(&self.measure, &candidate, self.modes[0], PHASE)?;
        let known = known.filter(|record| self.logbook.stands(record));
        let remembered = known.is_some();
        let record = match known {
            Some(record) => record,
            None => self.measure_candidate(&candidate)?,
        };
        self.trials += 1;
        self.remembered += usize::from(remembered);
        let result = self.note(&candidate, &record);
        if let Some(arm) = arm {
            self.arms[arm].note(&candidate, &result);
        }
        self.tell(watch, &candidate, &record.outcome, remembered);
        Ok(Trial { config: candidate.config, result: result.map(|paced_ns| paced_ns.value) })
    }

    fn measure_candidate(&mut self, candidate: &Candidate) -> Result<Record, TuneError> {
        let hopeless_ns = self.best_ns().map(|ns| HOPELESS * ns);
        let mode = self.modes[0];
        let seat = (candidate, mode, self.trials as u64);
        let trial = |measure: &mut Measure| measure.trial(candidate, mode, hopeless_ns).map(|paced| vec![paced]);
        let records = self.logbook.measured(&mut self.measure, PHASE, &[seat], &self.default.hash, trial, |_| ())?;
        Ok(records.into_iter().next().expect("one record per seat"))
    }

    /// Its time at the sentinel's pace, or where it was rejected.
    fn note(&mut self, candidate: &Candidate, record: &Record) -> Result<Estimate, Stage> {
        match &record.outcome {
            Outcome::Timed { .. } => {
                let ns = record.paced_ns().filter(|ns| ns.is_finite()).unwrap_or(f64::INFINITY);
                if candidate.hash == self.default.hash {
                    self.default_ns = Some(ns);
                    self.measure.time_beside(candidate, self.modes[0], ns);
                }
                let paced_ns = Estimate { value: ns, ..paced_interval(record) };
                self.keep_if_fast(candidate, paced_ns);
                Ok(paced_ns)
            }
            Outcome::Rejected(rejection) => {
                Rejected::count(&mut self.rejected, rejection);
                Err(rejection.stage)
            }
        }
    }

    fn keep_if_fast(&mut self, candidate: &Candidate, paced_ns: Estimate) {
        let place = self.fastest.partition_point(|other| other.paced_ns.value <= paced_ns.value);
        if place < MOST_TIED && self.fastest.iter().all(|other| other.candidate.hash != candidate.hash) {
            self.fastest.insert(place, Standing { candidate: candidate.clone(), paced_ns });
            self.fastest.truncate(MOST_TIED);
        }
    }

    fn best_ns(&self) -> Option<f64> {
        self.fastest.first().map(|best| best.paced_ns.value)
    }

    fn tell(&self, watch: &mut dyn Watch, candidate: &Candidate, outcome: &Outcome, remembered: bool) {
        watch.trial(&Progress {
            done: self.trials,
            template: candidate.template.name(),
            templates: self.arms.len(),
            config: &candidate.config,
            outcome,
            remembered,
            default_ns: self.default_ns,
            best_ns: self.best_ns(),
            rejected: self.rejected.values().map(|rejected| rejected.count).sum(),
        });
    }
}

/// The interval of a trial's paced time. The noise of the sentinel is taken to be as large as that of the trial.
fn paced_interval(record: &Record) -> Estimate {
    let Estimate { value, low, high } = median_interval(record.outcome.samples_ns());
    let pace = record.pace.unwrap_or(1.0);
    let widened = if record.pace.is_some() { std::f64::consts::SQRT_2 } else { 1.0 };
    // As ratios, so that no time becomes negative.
    let end = |end: f64| value * (end / value).powf(widened) / pace;
    Estimate { value: value / pace, low: end(low), high: end(high) }
}
