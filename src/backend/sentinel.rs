//! A fixed program that trials are timed beside, compiled once and kept: ratios to it do not follow the machine's pace.

use super::{BufferRule, Entrant, Job, Machine, Step, StepKind, Steps};
use crate::code::Symbols;

/// What is learnt and made once per opened device.
pub(super) struct Kept<C> {
    /// Whether the clocks have been brought up to speed.
    pub warm: bool,
    /// The step of the device's clock in nanoseconds.
    pub resolution_ns: Option<f64>,
    pub sentinel: Option<Sentinel<C>>,
}

impl<C> Kept<C> {
    /// Of a device that has just been opened.
    pub fn nothing() -> Self {
        Self { warm: false, resolution_ns: None, sentinel: None }
    }
}

/// A sentinel that is ready to be timed.
pub(super) struct Sentinel<C> {
    bound: Bound,
    pub compiled: C,
    /// Runs in a pass, as they were found last.
    pub repeats: u32,
    /// How long such a pass took then, at least; zero before the first.
    pub pass_ns: f64,
}

/// What it was compiled from and bound to.
#[derive(PartialEq)]
struct Bound {
    entrant: Entrant,
    symbols: Symbols,
    inputs: Vec<BufferRule>,
    outputs: Vec<BufferRule>,
    copies: u64,
}

impl<C> Sentinel<C> {
    /// Whether it runs on the data of this job. If not, its buffers are not those of the machine any more.
    pub fn is_at_home(&self, job: &Job) -> bool {
        let same_data = self.bound.inputs == job.inputs && self.bound.outputs == job.outputs;
        same_data && self.bound.symbols == job.symbols && self.bound.copies == job.cold_copies()
    }
}

/// Keeps the sentinel of the job before, or makes the one that this job asks for. `None` where it asks for none or it
/// fails: then the trial is timed without.
pub(super) fn stand_by<M: Machine>(
    machine: &mut M,
    job: &Job,
    before: Option<Sentinel<M::Compiled>>,
    steps: &mut dyn Steps,
) -> Option<Sentinel<M::Compiled>> {
    let before = before.filter(|sentinel| sentinel.is_at_home(job));
    let Some(entrant) = job.sentinel.as_ref() else { return before };
    if before.as_ref().is_some_and(|sentinel| sentinel.bound.entrant == *entrant) {
        return before;
    }
    steps.begin(Step { entrant: None, kind: StepKind::Compile });
    let compiled = machine.compile(job, entrant).ok()?;
    steps.begin(Step { entrant: None, kind: StepKind::Run });
    machine.prepare(job, &compiled, 0).ok()?;
    let bound = Bound {
        entrant: entrant.clone(),
        symbols: job.symbols.clone(),
        inputs: job.inputs.clone(),
        outputs: job.outputs.clone(),
        copies: job.cold_copies(),
    };
    Some(Sentinel { bound, compiled, repeats: 1, pass_ns: 0.0 })
}
