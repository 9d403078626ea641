//! From a config to an outcome: emit, check, compile, verify, time.

mod forecast;
mod precheck;
mod subject;

use std::sync::Arc;
use std::time::Instant;

use crate::backend::{
    Backend, Deadlines, Entrant, EntrantReport, Gate, Job, JobReport, Spent, Timing, Unwatched, nanoseconds_since,
};
use crate::base::DeviceFacts;
use crate::check::check;
use crate::code::Program;
use crate::op::{Signature, Template, naive_template};
use crate::record::{Mode, Numerics, Rejection};
use crate::space::Config;

pub use forecast::{DOUBT, Load, Pace};
pub use precheck::{Precheck, Prechecks};
pub use subject::{Subject, Tier};

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
    /// What it does in one run, where the check let it pass already, on the device it is for.
    pub load: Option<Load>,
}

impl Candidate {
    fn emit(template: &'static dyn Template, signature: &Signature, config: Config) -> Self {
        let program = template.emit(signature, &config);
        let hash = program.hash();
        Self { template, config, program, hash, load: None }
    }

    /// Checks its program for a device, and tells what it does in one run.
    fn check(&self, signature: &Signature, device: &DeviceFacts) -> Result<Load, Rejection> {
        Ok(Load::new(&self.program, &check(&self.program, &signature.symbols, device)?))
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

/// Search: enough samples to rank a candidate, few where it is hopeless.
pub const SEARCH: Timing = Timing {
    least_samples: 5,
    most_samples: 25,
    precision: 0.02,
    budget_ns: 150e6,
    least_pass_ns: 500e3,
    hopeless_ns: None,
};

/// Final: finalists side by side until their medians are known well.
pub const FINAL: Timing = Timing {
    least_samples: 15,
    most_samples: 60,
    precision: 0.01,
    budget_ns: 4e9,
    least_pass_ns: 1e6,
    hopeless_ns: None,
};

/// Once the default has been timed, a run is given up when it takes so many times longer, but not before this time: a
/// candidate that hangs should cost seconds, and one that is merely slow its true time.
const PATIENCE: f64 = 200.0;
const LEAST_PATIENCE_MS: u64 = 3000;

/// Measures candidates of one workload on one backend.
pub struct Measure<'a> {
    backend: &'a mut dyn Backend,
    signature: Signature,
    seed: u64,
    /// Made when it is first needed: a run that is answered by the store needs none.
    subject: Option<Subject>,
    /// How fast the device is, as far as that is known.
    pace: Pace,
    deadlines: Deadlines,
    /// Where the time has gone so far.
    pub costs: Costs,
}

impl<'a> Measure<'a> {
    /// `seed` decides the inputs' contents.
    pub fn new(backend: &'a mut dyn Backend, signature: Signature, seed: u64) -> Self {
        let pace = Pace::guess(backend.facts().identity.kind);
        let deadlines = Deadlines::default();
        Self { backend, signature, seed, subject: None, pace, deadlines, costs: Costs::default() }
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

    /// Checks, verifies and times one candidate; `hopeless_ns` ends the sampling of one that is slower anyway.
    pub fn trial(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        hopeless_ns: Option<f64>,
    ) -> std::io::Result<EntrantReport> {
        self.one(candidate, mode, Some(Timing { hopeless_ns, ..SEARCH }), None, Tier::Light)
    }

    /// Checks, verifies and times several candidates side by side: sample i of all of them is round i.
    pub fn race(&mut self, entrants: &[(&Candidate, Mode)], timing: Timing) -> std::io::Result<Vec<EntrantReport>> {
        self.side_by_side(entrants, timing, Some(Tier::Full))
    }

    /// Times several candidates side by side whose results were verified in an earlier race.
    pub fn race_again(
        &mut self,
        entrants: &[(&Candidate, Mode)],
        timing: Timing,
    ) -> std::io::Result<Vec<EntrantReport>> {
        self.side_by_side(entrants, timing, None)
    }

    fn side_by_side(
        &mut self,
        entrants: &[(&Candidate, Mode)],
        timing: Timing,
        tier: Option<Tier>,
    ) -> std::io::Result<Vec<EntrantReport>> {
        let checked: Vec<_> = entrants.iter().map(|(candidate, mode)| self.entrant(candidate, *mode)).collect();
        let healthy = entrants.iter().zip(&checked).filter(|(_, checked)| checked.is_ok());
        let naive = healthy.clone().position(|((candidate, _), _)| self.is_naive(candidate));
        let healthy = healthy.filter_map(|(_, checked)| checked.as_ref().ok().cloned());
        let mut ended = self.execute(healthy.collect(), naive, Some(timing), tier)?.into_iter();
        let report = |checked: Result<Entrant, Rejection>| match checked {
            Ok(_) => ended.next().expect("one report per entrant"),
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
        self.one(candidate, mode, None, most_workgroups, Tier::Full)
    }

    fn one(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        timing: Option<Timing>,
        most_workgroups: Option<u64>,
        tier: Tier,
    ) -> std::io::Result<EntrantReport> {
        let mut entrant = match self.entrant(candidate, mode) {
            Ok(entrant) => entrant,
            Err(rejection) => return Ok(EntrantReport::rejected(rejection)),
        };
        entrant.most_workgroups = most_workgroups.or(entrant.most_workgroups);
        let reports = self.execute(vec![entrant], None, timing, Some(tier))?;
        Ok(reports.into_iter().next().expect("one report per entrant"))
    }

    /// A candidate as it is handed over: checked, and its grids split where a dispatch might take too long.
    fn entrant(&mut self, candidate: &Candidate, mode: Mode) -> Result<Entrant, Rejection> {
        let load = match &candidate.load {
            Some(load) => load.clone(),
            None => self.check(candidate)?,
        };
        self.pace.admit(&load, &self.deadlines)?;
        Ok(Entrant {
            program: candidate.program.clone(),
            mode,
            numerics: candidate.template.numerics(),
            most_workgroups: self.pace.most_workgroups(&load),
        })
    }

    fn is_naive(&self, candidate: &Candidate) -> bool {
        let naive = naive_template(&self.signature);
        naive.is_some_and(|naive| naive.name() == candidate.template.name())
    }

    fn check(&mut self, candidate: &Candidate) -> Result<Load, Rejection> {
        let started = Instant::now();
        let checked = candidate.check(&self.signature, self.backend.facts());
        self.costs.check_ns += nanoseconds_since(started);
        checked
    }

    /// Learns from a candidate that took so many nanoseconds how long others may take.
    pub fn learn_pace(&mut self, candidate: &Candidate, ns: f64) {
        let load = candidate.load.clone().map_or_else(|| self.check(candidate), Ok);
        if let (Ok(load), true) = (load, ns > 0.0) {
            self.pace = Pace::measured(&load, ns);
            self.deadlines.run_ms = ((PATIENCE * ns / 1e6) as u64).clamp(LEAST_PATIENCE_MS, self.deadlines.run_ms);
        }
    }

    fn execute(
        &mut self,
        entrants: Vec<Entrant>,
        naive: Option<usize>,
        timing: Option<Timing>,
        tier: Option<Tier>,
    ) -> std::io::Result<Vec<EntrantReport>> {
        let started = Instant::now();
        let mut subject = match self.subject.take() {
            Some(subject) => subject,
            None => Subject::new(&self.signature, self.seed)?,
        };
        let gates = tier.map(|tier| gates(&mut subject, tier, &entrants)).transpose()?.unwrap_or_default();
        let job = Job {
            entrants,
            symbols: self.signature.symbols.clone(),
            inputs: subject.inputs.clone(),
            outputs: subject.outputs.clone(),
            gates,
            naive,
            timing,
            deadlines: self.deadlines,
            seed: self.seed,
        };
        self.subject = Some(subject);
        self.costs.gate_ns += nanoseconds_since(started);
        let JobReport { entrants, spent } = self.backend.execute(&job, &mut Unwatched);
        self.costs.add(&spent);
        Ok(entrants)
    }
}

/// The checks of a tier for everything that the entrants promise.
fn gates(subject: &mut Subject, tier: Tier, entrants: &[Entrant]) -> std::io::Result<Vec<Gate>> {
    let mut promises: Vec<Numerics> = Vec::new();
    for entrant in entrants {
        if !promises.contains(&entrant.numerics) {
            promises.push(entrant.numerics);
        }
    }
    let gates = promises.into_iter().map(|numerics| subject.gates(tier, numerics));
    Ok(gates.collect::<std::io::Result<Vec<_>>>()?.concat())
}

impl Costs {
    fn add(&mut self, spent: &Spent) {
        self.compile_ns += spent.compile_ns;
        self.run_ns += spent.run_ns;
        self.gate_ns += spent.gate_ns;
    }
}
