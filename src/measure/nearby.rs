//! Finalists at sizes just above and below: a config that is right only where its tiles divide the sizes is luck.

use std::collections::HashMap;

use super::{Candidate, Costs, Measure, MeasureError, Subject, Tier};
use crate::op::{Shared, Signature, Template};
use crate::record::{Mode, Outcome, Rejection, Stage};
use crate::space::Config;

/// How many neighbours are tried at most: one above and one below, as a rule.
const NEIGHBOURS: usize = 2;

/// What is known of candidates at other sizes.
#[derive(Default)]
pub(super) struct Nearby {
    /// Their data is made when it is first needed, and kept for the next finalist.
    neighbours: Option<Vec<(Signature, Option<Subject>)>>,
    /// By the hash of the program at its own size.
    verdicts: HashMap<String, Result<(), Rejection>>,
}

impl Measure<'_> {
    /// Whether a candidate's config computes what it should at sizes just above and below its own, where it is legal.
    ///
    /// # Errors
    /// When the temporary folder fails. That it is wrong there is the verdict.
    pub(super) fn verdict_nearby(&mut self, candidate: &Candidate) -> Result<Result<(), Rejection>, MeasureError> {
        if let Some(verdict) = self.nearby.verdicts.get(&candidate.hash) {
            return Ok(verdict.clone());
        }
        let near =
            || self.signature.operator.neighbours(&self.signature).into_iter().map(|near| (near, None)).collect();
        let mut neighbours = self.nearby.neighbours.take().unwrap_or_else(near);
        let verdict = self.try_nearby(candidate, &mut neighbours);
        self.nearby.neighbours = Some(neighbours);
        if let Ok(verdict) = &verdict
            && verdict.as_ref().err().is_none_or(|rejection| rejection.stage != Stage::Run)
        {
            self.nearby.verdicts.insert(candidate.hash.clone(), verdict.clone());
        }
        verdict
    }

    fn try_nearby(
        &mut self,
        candidate: &Candidate,
        neighbours: &mut [(Signature, Option<Subject>)],
    ) -> Result<Result<(), Rejection>, MeasureError> {
        // The sizes that a user names are all tried.
        let is_asked = self.signature.operator.fills_are_given();
        let mut tried = 0;
        for (near, subject) in neighbours {
            let Some(config) = self.config_at(near, candidate) else { continue };
            match self.try_at(near, subject, &candidate.template, config)? {
                // What does not fit there says nothing of here.
                Err(rejection) if rejection.stage == Stage::Limits => continue,
                Err(rejection) => {
                    let why = format!("at {}: {}", near.workload, rejection.why);
                    return Ok(Err(Rejection::new(rejection.stage, why)));
                }
                Ok(()) => tried += 1,
            }
            if tried == NEIGHBOURS && !is_asked {
                break;
            }
        }
        Ok(Ok(()))
    }

    /// The candidate's config in the space of another size, if it is legal there.
    fn config_at(&self, near: &Signature, candidate: &Candidate) -> Option<Config> {
        let template = &candidate.template;
        template.applies(near).then(|| template.space(near, self.device()).config(&candidate.config.values()).ok())?
    }

    /// Verifies a config at another size, in both modes where they differ. What the check refuses there does not fit.
    fn try_at(
        &mut self,
        near: &Signature,
        subject: &mut Option<Subject>,
        template: &Shared<dyn Template>,
        config: Config,
    ) -> Result<Result<(), Rejection>, MeasureError> {
        let mut there = Measure::new(&mut *self.backend, near.clone(), self.seed);
        there.pace = self.pace;
        there.deadlines = self.deadlines;
        there.subject = subject.take();
        let mut candidate = there.candidate(template, config);
        let checked = there.check(&candidate);
        // Our own kernels are valid everywhere; what the check refuses there is too large.
        let stage = |why: &Rejection| if near.operator.fills_are_given() { why.stage } else { Stage::Limits };
        let mut verdict = Ok(checked.as_ref().map(|_| ()).map_err(|why| Rejection::new(stage(why), &*why.why)));
        candidate.load = checked.ok();
        let modes =
            [Mode::UNCHECKED, Mode::CHECKED].into_iter().filter(|mode| !mode.checks || candidate.program.has_modes());
        for mode in modes {
            if matches!(verdict, Ok(Ok(()))) {
                let report = there.one(&candidate, mode, None, None, Tier::Light).map(|(report, _)| report);
                verdict = report.map(|report| match report.outcome {
                    Outcome::Rejected(rejection) => Err(rejection),
                    Outcome::Timed { .. } => Ok(()),
                });
            }
        }
        let costs = there.costs;
        *subject = there.subject.take();
        self.costs.gate_ns += costs.total_ns();
        verdict
    }
}

impl Costs {
    fn total_ns(&self) -> f64 {
        self.emit_ns + self.check_ns + self.compile_ns + self.run_ns + self.gate_ns
    }
}
