//! Executes jobs on a machine: provide, compile, check, time, check again.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::compare::{compare, differs, overrun};
use super::keep::write_kept;
use super::race::race;
use super::sentinel::{Kept, stand_by};
use super::{
    Backend, EntrantReport, Expected, ExpectedFile, Gate, Job, JobReport, Machine, Spent, Step, StepKind, Steps,
    Verified, When, nanoseconds_since,
};
use crate::base::DeviceFacts;
use crate::record::{Numerics, Rejection, Stage, Vendor};

/// A backend in this process.
pub struct Executor<M: Machine> {
    pub(super) machine: M,
    expected: HashMap<ExpectedFile, Arc<Vec<Expected>>>,
    kept: Kept<M::Compiled>,
    gone: Option<String>,
}

impl<M: Machine> Executor<M> {
    /// Around a machine.
    pub fn new(machine: M) -> Self {
        Self { machine, expected: HashMap::new(), kept: Kept::nothing(), gone: None }
    }

    /// The machine, with whatever it has seen.
    pub fn into_machine(self) -> M {
        self.machine
    }

    fn reopen(&mut self) -> Result<(), Rejection> {
        // What was compiled for the old device is leaked with it, since dropping it may block for ever.
        std::mem::forget(std::mem::replace(&mut self.kept, Kept::nothing()));
        let why = |why: &String| Rejection::new(Stage::Run, format!("after the device was lost: {why}"));
        self.gone = self.machine.reopen().err();
        self.gone.as_ref().map(why).map_or(Ok(()), Err)
    }

    /// What the gates of a job expect; what earlier jobs expected and this one does not is forgotten.
    fn expected(&mut self, job: &Job) -> Result<Vec<Arc<Vec<Expected>>>, Rejection> {
        self.expected.retain(|file, _| job.gates.iter().any(|gate| gate.expected == *file));
        job.gates.iter().map(|gate| self.expected_of(gate)).collect()
    }

    fn expected_of(&mut self, gate: &Gate) -> Result<Arc<Vec<Expected>>, Rejection> {
        if let Some(expected) = self.expected.get(&gate.expected) {
            return Ok(expected.clone());
        }
        let read = gate.expected.read();
        let read = read.map_err(|e| Rejection::new(Stage::Run, format!("reading the expected results: {e}")))?;
        let read = Arc::new(read);
        self.expected.insert(gate.expected.clone(), read.clone());
        Ok(read)
    }
}

impl<M: Machine> Backend for Executor<M> {
    fn facts(&self) -> &DeviceFacts {
        self.machine.facts()
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        steps.begin(Step { entrant: None, kind: StepKind::Data });
        if self.machine.is_lost()
            && let Err(rejection) = self.reopen()
        {
            return JobReport::failed(job, &rejection);
        }
        let started = Instant::now();
        let expected = self.expected(job).and_then(|expected| self.machine.provide(job).map(|()| expected));
        let expected = match expected {
            Ok(expected) => expected,
            Err(rejection) => return JobReport::failed(job, &rejection),
        };
        let spent = Spent { gate_ns: nanoseconds_since(started), ..Spent::default() };
        let warm_up = if self.kept.warm { Duration::ZERO } else { self.machine.warm_up() };
        self.kept.warm |= job.timing.is_some();
        let kept = &mut self.kept;
        let mut report = Run { machine: &mut self.machine, job, expected, kept, spent, steps }.go(warm_up);
        blame_the_lost(&self.machine, &mut report.entrants);
        report
    }

    fn vendor(&mut self) -> Vendor {
        self.machine.vendor()
    }

    fn is_lost(&self) -> bool {
        self.machine.is_lost()
    }

    fn gone(&self) -> Option<&str> {
        self.gone.as_deref()
    }
}

/// One job on its way.
struct Run<'a, M: Machine> {
    machine: &'a mut M,
    job: &'a Job,
    /// For each gate.
    expected: Vec<Arc<Vec<Expected>>>,
    kept: &'a mut Kept<M::Compiled>,
    spent: Spent,
    steps: &'a mut dyn Steps,
}

/// An entrant, compiled or refused, with its report so far.
type Contestant<M> = (Option<<M as Machine>::Compiled>, EntrantReport);

impl<M: Machine> Run<'_, M> {
    fn go(mut self, warm_up: Duration) -> JobReport {
        let mut contestants: Vec<Contestant<M>> = (0..self.job.entrants.len()).map(|at| self.compile(at)).collect();
        self.stand_by();
        self.check_all(&mut contestants, When::Before);
        self.prepare_all(&mut contestants);
        self.keep(&mut contestants);
        let started = Instant::now();
        let conditions = race(self.machine, self.job, &mut contestants, self.kept, warm_up, self.steps);
        self.spent.run_ns += nanoseconds_since(started);
        self.check_all(&mut contestants, When::After);
        let entrants = contestants.into_iter().map(|(_, report)| report).collect();
        JobReport { entrants, spent: self.spent, conditions }
    }

    /// Brings the sentinel up, whose compiling is counted as such.
    fn stand_by(&mut self) {
        let started = Instant::now();
        self.kept.sentinel = stand_by(self.machine, self.job, self.kept.sentinel.take(), self.steps);
        self.spent.compile_ns += nanoseconds_since(started);
    }

    fn compile(&mut self, at: usize) -> Contestant<M> {
        self.steps.begin(Step { entrant: Some(at), kind: StepKind::Compile });
        let started = Instant::now();
        let compiled = self.machine.compile(self.job, &self.job.entrants[at]);
        self.spent.compile_ns += nanoseconds_since(started);
        match compiled {
            Ok(compiled) => {
                let told = self.machine.told(&compiled);
                (Some(compiled), EntrantReport { told, ..EntrantReport::running() })
            }
            Err(rejection) => (None, EntrantReport::rejected(rejection)),
        }
    }

    /// Every gate of one time, for everyone who is still running.
    fn check_all(&mut self, contestants: &mut [Contestant<M>], when: When) {
        let started = Instant::now();
        let gates = self.job.gates.iter().enumerate().filter(|(_, gate)| gate.when == when);
        for (number, gate) in gates {
            // What the naive kernel computed, where others must agree with it.
            let mut plain: Option<Vec<Vec<u8>>> = None;
            let naive = self.job.naive.first().copied().filter(|_| gate.agreement);
            let others = (0..contestants.len()).filter(|at| Some(*at) != naive);
            for at in naive.into_iter().chain(others) {
                let (compiled, report) = &mut contestants[at];
                let promises_it = self.job.entrants[at].numerics == gate.numerics;
                let concerned =
                    promises_it && report.is_running() && (gate.even_naive || !self.job.naive.contains(&at));
                let Some(compiled) = compiled.as_ref().filter(|_| concerned) else { continue };
                match self.check(at, compiled, number, plain.as_deref()) {
                    Ok((verified, outputs)) => {
                        report.verified = Some(report.verified.map_or(verified, |before| before.and(verified)));
                        plain = plain.or((Some(at) == naive).then_some(outputs));
                    }
                    Err(rejection) => *report = EntrantReport::rejected(rejection),
                }
            }
        }
        self.spent.gate_ns += nanoseconds_since(started);
    }

    /// One gate for one entrant; its outputs, if they are right.
    fn check(
        &mut self,
        at: usize,
        compiled: &M::Compiled,
        number: usize,
        plain: Option<&[Vec<u8>]>,
    ) -> Result<(Verified, Vec<Vec<u8>>), Rejection> {
        let (gate, set) = (&self.job.gates[number], number + 1);
        let run = Step { entrant: Some(at), kind: StepKind::Run };
        self.steps.begin(run);
        self.machine.prepare(self.job, compiled, set)?;
        self.steps.begin(run);
        let first = self.machine.outputs(self.job, compiled, set)?;
        // What follows is the host's work, which takes its time on large results.
        self.steps.begin(Step { entrant: Some(at), kind: StepKind::Data });
        let wrong = |why: String| Rejection::new(Stage::Verify, format!("{why} (inputs: {})", gate.name));
        let mut verified = Verified::NOTHING;
        for ((rule, bytes), expected) in self.job.outputs.iter().zip(&first).zip(self.expected[number].iter()) {
            verified = verified.and(compare(rule, bytes, expected).map_err(wrong)?);
        }
        for _ in 1..gate.runs {
            self.steps.begin(run);
            if self.machine.outputs(self.job, compiled, set)? != first {
                return Err(wrong("two runs on the same inputs give different results".to_owned()));
            }
        }
        self.steps.begin(Step { entrant: Some(at), kind: StepKind::Data });
        let mut pairs = self.job.outputs.iter().zip(&first).zip(plain.unwrap_or_default());
        if let Some(why) = pairs.find_map(|((rule, bytes), plain)| differs(rule, bytes, plain)) {
            return Err(wrong(why));
        }
        Ok((verified, first))
    }

    /// Prepares everyone for what is timed on; the time of it is part of the report.
    fn prepare_all(&mut self, contestants: &mut [Contestant<M>]) {
        let started = Instant::now();
        for (at, (compiled, report)) in contestants.iter_mut().enumerate() {
            if let (Some(compiled), true) = (compiled, report.is_running()) {
                self.steps.begin(Step { entrant: Some(at), kind: StepKind::Run });
                match self.machine.prepare(self.job, compiled, 0) {
                    Ok(ns) => report.prepare_ns = ns,
                    Err(rejection) => *report = EntrantReport::rejected(rejection),
                }
            }
        }
        self.spent.gate_ns += nanoseconds_since(started);
    }

    /// Writes what the first entrant computes from what is timed on, if that is wanted; without it, it is rejected.
    fn keep(&mut self, contestants: &mut [Contestant<M>]) {
        let started = Instant::now();
        let first = contestants.first_mut().filter(|(_, report)| report.is_running());
        if let (Some(path), Some((Some(compiled), report))) = (&self.job.keep, first)
            && let Err(rejection) = self.keep_results(compiled, path)
        {
            *report = EntrantReport::rejected(rejection);
        }
        self.spent.gate_ns += nanoseconds_since(started);
    }

    fn keep_results(&mut self, compiled: &M::Compiled, path: &Path) -> Result<(), Rejection> {
        let step = |kind| Step { entrant: Some(0), kind };
        self.steps.begin(step(StepKind::Run));
        let kept = self.machine.outputs(self.job, compiled, 0)?;
        self.steps.begin(step(StepKind::Run));
        let again = self.machine.outputs(self.job, compiled, 0)?;
        self.steps.begin(step(StepKind::Data));
        let wrong = |why: String| Rejection::new(Stage::Verify, format!("{why} (inputs: what is timed on)"));
        self.job.outputs.iter().zip(&kept).try_for_each(|(rule, bytes)| overrun(rule, bytes)).map_err(wrong)?;
        if again != kept && self.job.entrants[0].numerics != Numerics::Nondeterministic {
            return Err(wrong("two runs on the same inputs give different results".to_owned()));
        }
        let failed = |error| format!("the results cannot be written to `{}`: {error}", path.display());
        write_kept(path, &self.job.outputs, &kept).map_err(|error| Rejection::new(Stage::Run, failed(error)))
    }
}

/// A device that went away is the fault of the first entrant that noticed, or of the only one there was; of the
/// others, and where nobody knows, nothing has been learnt.
fn blame_the_lost(machine: &impl Machine, reports: &mut [EntrantReport]) {
    if !machine.is_lost() {
        return;
    }
    let crashed = reports.iter().position(|report| report.is_rejected_at(Stage::Crash));
    let culprit = crashed.or((reports.len() == 1).then_some(0));
    for (at, report) in reports.iter_mut().enumerate() {
        let noticed = report.is_running() || culprit.is_some_and(|culprit| at >= culprit);
        if noticed {
            let stage = if culprit == Some(at) { Stage::Crash } else { Stage::Run };
            *report = EntrantReport::rejected(Rejection::new(stage, "the device was lost"));
        }
    }
}
