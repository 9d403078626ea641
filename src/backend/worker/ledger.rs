//! Who has an outcome and who has not, over all the workers that one job takes.

use std::borrow::Cow;
use std::time::Duration;

use super::protocol::Answer;
use crate::backend::{Conditions, Elimination, EntrantReport, Job, JobReport, Spent, Step, StepKind, Timing};
use crate::record::{Rejection, Stage};

/// How often a worker may die of what no entrant is to blame for.
const MOST_STRIKES: u32 = 2;

/// The outcomes of one job so far.
pub(super) struct Ledger<'a> {
    job: &'a Job,
    reports: Vec<Option<EntrantReport>>,
    spent: Spent,
    /// As the last worker found them.
    conditions: Conditions,
    strikes: u32,
}

/// The part of a job that has no outcome yet.
pub(super) struct Rest<'a> {
    pub job: Cow<'a, Job>,
    /// The places of its entrants in the whole job.
    places: Vec<usize>,
}

/// The end of a worker before that of its job.
#[derive(Debug)]
pub(super) struct Death {
    /// What it was at, as it said; nothing yet, perhaps.
    pub step: Option<Step>,
    pub rejection: Rejection,
    /// Whether the worker had executed other jobs before. One of these may have spoilt its memory.
    pub was_used: bool,
    /// Whether another worker would be no better.
    pub is_final: bool,
    /// How long the job had been with it.
    pub after: Duration,
}

impl<'a> Ledger<'a> {
    pub fn new(job: &'a Job) -> Self {
        Self {
            job,
            reports: vec![None; job.entrants.len()],
            spent: Spent::default(),
            conditions: Conditions::default(),
            strikes: 0,
        }
    }

    /// What is left to do; the job itself as long as that is all of it.
    pub fn rest(&self) -> Option<Rest<'a>> {
        let places: Vec<usize> = (0..self.reports.len()).filter(|&place| self.reports[place].is_none()).collect();
        if places.is_empty() {
            return None;
        }
        if places.len() == self.reports.len() {
            return Some(Rest { job: Cow::Borrowed(self.job), places });
        }
        let entrants = places.iter().map(|&place| self.job.entrants[place].clone()).collect();
        let naive = (0..places.len()).filter(|&at| self.job.naive.contains(&places[at])).collect();
        let stay = |Elimination { first }| Elimination { first: places.iter().filter(|&&place| place < first).count() };
        let timing = |timing: Timing| Timing { elimination: timing.elimination.map(stay), ..timing };
        let timing = self.job.timing.map(timing);
        // It is the whole job's first entrant whose results are kept.
        let keep = self.job.keep.clone().filter(|_| places[0] == 0);
        Some(Rest { job: Cow::Owned(Job { entrants, naive, timing, keep, ..self.job.clone() }), places })
    }

    /// A worker has reported. Where it lost its device, only those that the device was not taken from have an outcome.
    pub fn answered(&mut self, rest: &Rest, answer: Answer) {
        let Answer { report, lost } = answer;
        self.spend(&report.spent);
        self.conditions = report.conditions;
        let is_settled = |report: &EntrantReport| !lost || !report.is_running() && !report.is_rejected_at(Stage::Run);
        let has_culprit = report.entrants.iter().any(is_settled);
        self.strikes += u32::from(!has_culprit);
        let is_over = self.strikes >= MOST_STRIKES;
        for (&place, report) in rest.places.iter().zip(report.entrants) {
            if is_settled(&report) || is_over {
                self.reports[place] = Some(report);
            }
        }
    }

    /// A worker has died.
    pub fn died(&mut self, rest: &Rest, death: Death) {
        self.spend(&death.spent());
        let Rejection { stage, why } = &death.rejection;
        if death.is_final {
            return self.reject_all(rest, why);
        }
        match death.step.and_then(|step| rest.place(step)) {
            // Once more in a fresh process: a crash need not be the fault of the one that it hit.
            Some(_) if death.was_used && *stage == Stage::Crash => {}
            Some(place) => self.reports[place] = Some(EntrantReport::rejected(death.rejection)),
            None => {
                self.strikes += 1;
                if self.strikes >= MOST_STRIKES {
                    self.reject_all(rest, why);
                }
            }
        }
    }

    /// Nothing has been learnt about those that are left.
    fn reject_all(&mut self, rest: &Rest, why: &str) {
        let rejected = || Some(EntrantReport::rejected(Rejection::new(Stage::Run, why)));
        rest.places.iter().for_each(|&place| self.reports[place] = rejected());
    }

    fn spend(&mut self, spent: &Spent) {
        self.spent.compile_ns += spent.compile_ns;
        self.spent.gate_ns += spent.gate_ns;
        self.spent.run_ns += spent.run_ns;
    }

    /// The report, when nothing is left.
    pub fn report(self) -> JobReport {
        let entrants = self.reports.into_iter().map(|report| report.expect("nobody is left")).collect();
        JobReport { entrants, spent: self.spent, conditions: self.conditions }
    }
}

impl Rest<'_> {
    /// Whose step it is, as the place in the whole job.
    fn place(&self, step: Step) -> Option<usize> {
        self.places.get(step.entrant?).copied()
    }

    /// A step of this part as one of the whole job.
    pub fn in_whole(&self, step: Step) -> Step {
        Step { entrant: self.place(step), ..step }
    }
}

impl Death {
    /// No worker could be had, for a reason.
    pub fn of_none(why: String, after: Duration) -> Self {
        Self { step: None, rejection: Rejection::new(Stage::Run, why), was_used: false, is_final: true, after }
    }

    /// Its worker took the details with it: all of the time counts as that of the last step's kind.
    fn spent(&self) -> Spent {
        let (ns, nothing) = (self.after.as_secs_f64() * 1e9, Spent::default());
        match self.step.map(|step| step.kind) {
            Some(StepKind::Compile) => Spent { compile_ns: ns, ..nothing },
            Some(StepKind::Run) => Spent { run_ns: ns, ..nothing },
            Some(StepKind::Data) | None => Spent { gate_ns: ns, ..nothing },
        }
    }
}
