//! From a config to an outcome: emit, check, compile, verify, time.

mod precheck;
mod subject;

use std::sync::Arc;
use std::time::Instant;

use crate::backend::{
    Backend, Conditions, Deadlines, Elimination, Entrant, EntrantReport, Job, JobReport, Spent, Timing, Unwatched,
    nanoseconds_since,
};
use crate::base::stats::CONFIDENCE;
use crate::base::{DeviceFacts, paired, stats};
use crate::check::check;
use crate::code::Program;
use crate::op::{Signature, Template};
use crate::record::{Mode, Outcome, Rejection};
use crate::space::Config;

pub use precheck::{Precheck, Prechecks};
pub use subject::Subject;

/// A config with the program it emits.
#[derive(Clone)]
pub struct Candidate {
    /// What emitted it.
    pub template: &'static dyn Template,
    /// The config it was emitted for.
    pub config: Config,
    /// What is measured.
    pub program: Program,
    /// Hash of the program: what decides whether it was measured already.
    pub hash: String,
    /// Whether the check let it pass already, on the device it is for.
    pub passed: bool,
}

impl Candidate {
    fn emit(template: &'static dyn Template, signature: &Signature, config: Config) -> Self {
        let program = template.emit(signature, &config);
        let hash = program.hash();
        Self { template, config, program, hash, passed: false }
    }
}

/// Where the time of measuring went, in nanoseconds of wall time.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Costs {
    /// Emitting programs.
    pub emit_ns: f64,
    /// Validating them and reading facts off them.
    pub check_ns: f64,
    /// Making modules and pipelines.
    pub compile_ns: f64,
    /// Warm-up and timed samples.
    pub run_ns: f64,
    /// Making inputs and references, and checking results.
    pub gate_ns: f64,
}

/// What trials are timed beside: a verified program, and what it took when that was laid down.
#[derive(Clone, Debug)]
pub struct Sentinel {
    /// The program with its mode.
    pub entrant: Entrant,
    /// Its median in nanoseconds, which stays the same for all runs that share their trials.
    pub reference_ns: f64,
}

/// A trial's report, with the machine's pace meanwhile.
pub struct Paced {
    /// Its samples as they were taken.
    pub report: EntrantReport,
    /// The sentinel's time over its reference, where it was timed.
    pub pace: Option<f64>,
}

/// Search: enough samples to rank a candidate, few where it is hopeless.
pub const SEARCH: Timing = Timing {
    least_samples: 5,
    most_samples: 25,
    precision: 0.02,
    budget_ns: 150e6,
    least_pass_ns: 500e3,
    hopeless_ns: None,
    elimination: None,
    cold_bytes: None,
};

/// Knockout: the best of the search side by side, until those that are slower have left and nobody who stays may be faster
/// than the leader by more than the precision.
pub const KNOCKOUT: Timing = Timing {
    least_samples: 10,
    most_samples: 400,
    precision: 0.01,
    budget_ns: 3e9,
    least_pass_ns: 500e3,
    hopeless_ns: None,
    elimination: Some(Elimination { first: 0 }),
    cold_bytes: None,
};

/// Final: finalists beside the default, which stays to the end, until it is decided which of them are faster.
pub const FINAL: Timing = Timing {
    least_samples: 20,
    most_samples: 400,
    precision: 0.01,
    budget_ns: 4e9,
    least_pass_ns: 1e6,
    hopeless_ns: None,
    elimination: Some(Elimination { first: 0 }),
    cold_bytes: None,
};

/// Measures candidates of one workload on one backend.
pub struct Measure<'a> {
    backend: &'a mut dyn Backend,
    signature: Signature,
    seed: u64,
    /// Made when it is first needed: a run that is answered by the store needs none.
    subject: Option<Subject>,
    /// Where the time has gone so far.
    pub costs: Costs,
    /// What trials are timed beside.
    pub sentinel: Option<Sentinel>,
    /// How many bytes of inputs are cycled through where caches are to be cold.
    pub cold_bytes: Option<u64>,
    /// The step of the clock in nanoseconds, once something was timed.
    pub resolution_ns: Option<f64>,
    /// Pairs of impossible timestamps so far.
    pub impossible: u64,
}

impl<'a> Measure<'a> {
    /// `seed` decides the inputs' contents.
    pub fn new(backend: &'a mut dyn Backend, signature: Signature, seed: u64) -> Self {
        Self {
            backend,
            signature,
            seed,
            subject: None,
            costs: Costs::default(),
            sentinel: None,
            cold_bytes: None,
            resolution_ns: None,
            impossible: 0,
        }
    }

    /// What the backend says of its device.
    pub fn device(&self) -> &DeviceFacts {
        self.backend.facts()
    }

    /// What is measured.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Emits the program of a config.
    pub fn candidate(&mut self, template: &'static dyn Template, config: Config) -> Candidate {
        let started = Instant::now();
        let candidate = Candidate::emit(template, &self.signature, config);
        self.costs.emit_ns += nanoseconds_since(started);
        candidate
    }

    /// Emits and checks configs of a template ahead of their trials. Its costs are its own.
    pub fn precheck(&self, template: &'static dyn Template) -> Arc<Precheck> {
        Arc::new(Precheck::new(template, self.signature.clone(), self.device().clone()))
    }

    /// Goes on in a fresh process, if the backend can; whether it does.
    pub fn renew(&mut self) -> bool {
        self.backend.renew()
    }

    /// Checks, verifies and times one candidate beside the sentinel; `hopeless_ns` ends the sampling of one that is slower anyway.
    pub fn trial(&mut self, candidate: &Candidate, mode: Mode, hopeless_ns: Option<f64>) -> std::io::Result<Paced> {
        let (report, beside_ns) = self.one(candidate, mode, Some(Timing { hopeless_ns, ..SEARCH }), None)?;
        let pace = self.sentinel.as_ref().and_then(|sentinel| pace(&report.outcome, &beside_ns, sentinel.reference_ns));
        Ok(Paced { report, pace })
    }

    /// Checks, verifies and times several candidates side by side: sample i of all of them is round i.
    pub fn race(&mut self, entrants: &[(&Candidate, Mode)], timing: Timing) -> std::io::Result<Vec<EntrantReport>> {
        self.side_by_side(entrants, timing, true)
    }

    /// Times several candidates side by side whose results were verified in an earlier race.
    pub fn race_again(
        &mut self,
        entrants: &[(&Candidate, Mode)],
        timing: Timing,
    ) -> std::io::Result<Vec<EntrantReport>> {
        self.side_by_side(entrants, timing, false)
    }

    fn side_by_side(
        &mut self,
        entrants: &[(&Candidate, Mode)],
        timing: Timing,
        gated: bool,
    ) -> std::io::Result<Vec<EntrantReport>> {
        let checked: Vec<_> = entrants.iter().map(|(candidate, _)| self.check(candidate)).collect();
        let healthy = entrants.iter().zip(&checked).filter(|(_, checked)| checked.is_ok());
        let healthy = healthy.map(|((candidate, mode), _)| Entrant::whole(candidate.program.clone(), *mode));
        let mut ended = self.execute(healthy.collect(), Some(timing), gated)?.0.into_iter();
        let report = |checked: Result<(), Rejection>| match checked {
            Ok(()) => ended.next().expect("one report per entrant"),
            Err(rejection) => EntrantReport::rejected(rejection),
        };
        Ok(checked.into_iter().map(report).collect())
    }

    /// Verifies one candidate without timing it; `most_workgroups` splits its grid.
    pub fn verify(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        most_workgroups: Option<u64>,
    ) -> std::io::Result<EntrantReport> {
        Ok(self.one(candidate, mode, None, most_workgroups)?.0)
    }

    fn one(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        timing: Option<Timing>,
        most_workgroups: Option<u64>,
    ) -> std::io::Result<(EntrantReport, Vec<f64>)> {
        if let Err(rejection) = self.check(candidate) {
            return Ok((EntrantReport::rejected(rejection), Vec::new()));
        }
        let entrants = vec![Entrant { program: candidate.program.clone(), mode, most_workgroups }];
        let (reports, beside_ns) = self.execute(entrants, timing, true)?;
        Ok((reports.into_iter().next().expect("one report per entrant"), beside_ns))
    }

    fn check(&mut self, candidate: &Candidate) -> Result<(), Rejection> {
        if candidate.passed {
            return Ok(());
        }
        let started = Instant::now();
        let checked = check(&candidate.program, &self.signature.symbols, self.backend.facts());
        self.costs.check_ns += nanoseconds_since(started);
        checked.map(drop)
    }

    /// What became of the entrants, and the sentinel's time in each round. Races need none: entrants are compared among
    /// themselves.
    fn execute(
        &mut self,
        entrants: Vec<Entrant>,
        timing: Option<Timing>,
        gated: bool,
    ) -> std::io::Result<(Vec<EntrantReport>, Vec<f64>)> {
        let started = Instant::now();
        let subject = match self.subject.take() {
            Some(subject) => subject,
            None => Subject::new(&self.signature, self.seed)?,
        };
        let sentinel = self.sentinel.as_ref().filter(|_| timing.is_some_and(|timing| timing.elimination.is_none()));
        let sentinel = sentinel.map(|sentinel| sentinel.entrant.clone());
        let job = Job {
            entrants,
            symbols: self.signature.symbols.clone(),
            inputs: subject.gate.inputs.clone(),
            outputs: subject.outputs.clone(),
            gates: if gated { vec![subject.gate.clone()] } else { Vec::new() },
            timing: timing.map(|timing| Timing { cold_bytes: self.cold_bytes, ..timing }),
            sentinel,
            deadlines: Deadlines::default(),
            seed: self.seed,
        };
        self.subject = Some(subject);
        self.costs.gate_ns += nanoseconds_since(started);
        let JobReport { entrants, spent, conditions } = self.backend.execute(&job, &mut Unwatched);
        self.costs.add(&spent);
        let Conditions { resolution_ns, impossible, sentinel_ns } = conditions;
        self.resolution_ns = resolution_ns.or(self.resolution_ns);
        self.impossible += impossible;
        Ok((entrants, sentinel_ns))
    }
}

/// The pace at which samples were taken: their median over what they took in sentinels of the same rounds, which are worth
/// the reference.
fn pace(outcome: &Outcome, sentinel_ns: &[f64], reference_ns: f64) -> Option<f64> {
    let samples_ns = outcome.samples_ns();
    let ratio = paired::ratio(sentinel_ns, samples_ns, CONFIDENCE).value;
    let pace = stats::median(samples_ns) / (ratio * reference_ns);
    (pace.is_finite() && pace > 0.0).then_some(pace)
}

impl Costs {
    fn add(&mut self, spent: &Spent) {
        self.compile_ns += spent.compile_ns;
        self.run_ns += spent.run_ns;
        self.gate_ns += spent.gate_ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Clock;

    #[test]
    fn the_pace_is_the_sentinels_and_cancels() {
        let timed = |samples_ns: &[f64]| Outcome::Timed { samples_ns: samples_ns.to_vec(), clock: Clock::Device };
        let cases: [(&[f64], &[f64], Option<f64>); 4] = [
            (&[20.0, 20.0, 20.0], &[10.0, 10.0, 10.0], Some(1.0)),
            (&[26.0, 26.0, 26.0], &[13.0, 13.0, 13.0], Some(1.3)),
            (&[20.0, 24.0, 28.0], &[10.0, 12.0, 14.0], Some(1.2)),
            (&[20.0], &[], None),
        ];
        for (samples, sentinel, want) in cases {
            let pace = pace(&timed(samples), sentinel, 10.0);
            let same = pace.zip(want).map_or(pace == want, |(pace, want)| (pace - want).abs() < 1e-12);
            assert!(same, "{samples:?} beside {sentinel:?}: {pace:?}");
        }
    }
}
