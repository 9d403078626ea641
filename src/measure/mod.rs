//! From a config to an outcome: emit, check, compile, verify, time.

mod error;
mod forecast;
mod insight;
mod nearby;
mod plain;
mod precheck;
mod race;
mod sentinel;
mod subject;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::{
    Backend, Conditions, Deadlines, Elimination, Entrant, EntrantReport, Job, JobReport, Spent, Timing, Unwatched,
    nanoseconds_since,
};
use crate::base::DeviceFacts;
use crate::check::check;
use crate::code::{Program, text_hash};
use crate::op::{Shared, Signature, Template, naive_template, tuned_templates};
use crate::record::{Mode, Numerics, Rejection, Stage};
use crate::space::Config;
use nearby::Nearby;
use sentinel::{pace, tells};

pub use error::MeasureError;
pub use forecast::{DOUBT, Load, Pace};
pub use insight::Compiled;
pub use precheck::{Precheck, Prechecks};
pub use subject::{Subject, Tier};

/// A config with the program it emits.
#[derive(Clone)]
pub struct Candidate {
    /// What emitted it.
    pub template: Shared<dyn Template>,
    /// The config it was emitted for.
    pub config: Config,
    /// What is measured.
    pub program: Program,
    /// Hash of the program: what decides whether it was measured already.
    pub hash: String,
    /// What it does in one run, where the check let it pass already, on the device it is for.
    pub load: Option<Load>,
    /// Why there is no program, where a user's text has none for this config.
    pub refused: Option<Rejection>,
}

/// What stands for the hash of a program that could not be written: nothing else has it.
fn unwritten_hash(config: &Config, rejection: &Rejection) -> String {
    text_hash(&format!("{config}: {}", rejection.why))
}

impl Candidate {
    fn emit(template: &Shared<dyn Template>, signature: &Signature, config: Config) -> Self {
        let (program, refused) = match template.emit(signature, &config) {
            Ok(program) => (program, None),
            Err(rejection) => (Program::nothing(), Some(rejection)),
        };
        let hash = refused.as_ref().map_or_else(|| program.hash(), |why| unwritten_hash(&config, why));
        Self { template: template.clone(), config, program, hash, load: None, refused }
    }

    /// Checks its program for a device, and tells what it does in one run.
    fn check(&self, signature: &Signature, device: &DeviceFacts) -> Result<Load, Rejection> {
        self.refused.clone().map_or(Ok(()), Err)?;
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
    fewest_samples: 3,
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
    fewest_samples: 3,
    least_pass_ns: 500e3,
    hopeless_ns: None,
    elimination: Some(Elimination { first: 0 }),
    cold_bytes: None,
};

/// Final: finalists beside the default, until it is decided which of them are faster. The default stays until then or until it
/// has the least samples: more of them would take the time that close finalists need.
pub const FINAL: Timing = Timing {
    least_samples: 20,
    most_samples: 400,
    precision: 0.01,
    budget_ns: 4e9,
    fewest_samples: 6,
    least_pass_ns: 1e6,
    hopeless_ns: None,
    elimination: Some(Elimination { first: 0 }),
    cold_bytes: None,
};

/// Once the default has been timed, a run is given up when it takes so many times longer, but not before this time: a
/// candidate that hangs should cost seconds, and one that is merely slow its true time.
const PATIENCE: f64 = 200.0;
const LEAST_PATIENCE_MS: u64 = 3000;

/// How long a device that is gone is waited for, before each further try: one that was reset needs a moment.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

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
    nearby: Nearby,
    /// Where the time has gone so far.
    pub costs: Costs,
    /// What trials are timed beside.
    sentinel: Option<Sentinel>,
    /// The pace of the trial before.
    last_pace: f64,
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
            pace: Pace::guess(backend.facts().identity.kind),
            backend,
            signature,
            seed,
            subject: None,
            deadlines: Deadlines::default(),
            nearby: Nearby::default(),
            costs: Costs::default(),
            sentinel: None,
            last_pace: 1.0,
            cold_bytes: None,
            resolution_ns: None,
            impossible: 0,
        }
    }

    /// Gives up when these say so.
    pub fn with_deadlines(self, deadlines: Deadlines) -> Self {
        Self { deadlines, ..self }
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
    pub fn candidate(&mut self, template: &Shared<dyn Template>, config: Config) -> Candidate {
        let started = Instant::now();
        let candidate = Candidate::emit(template, &self.signature, config);
        self.costs.emit_ns += nanoseconds_since(started);
        candidate
    }

    /// Emits and checks configs of a template ahead of their trials. Its costs are its own.
    pub fn precheck(&self, template: &Shared<dyn Template>) -> Arc<Precheck> {
        Arc::new(Precheck::new(template.clone(), self.signature.clone(), self.device().clone()))
    }

    /// Compiles configs of a template to see what that shows. Its costs are its own.
    pub fn insight(&self, template: &Shared<dyn Template>) -> Arc<Compiled> {
        Arc::new(Compiled::new(template.clone(), self.signature.clone(), self.device().clone()))
    }

    /// Goes on in a fresh process, if the backend can; whether it does.
    pub fn renew(&mut self) -> bool {
        self.backend.renew()
    }

    /// Checks, verifies and times one candidate beside the sentinel; `hopeless_ns` ends the sampling of one that is slower
    /// anyway.
    pub fn trial(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        hopeless_ns: Option<f64>,
    ) -> Result<Paced, MeasureError> {
        // The limit is a time at the sentinel's pace, samples are taken at that of the machine.
        let hopeless_ns = hopeless_ns.map(|ns| ns * self.last_pace.max(1.0));
        let timing = Timing { hopeless_ns, ..SEARCH };
        let (mut report, mut beside_ns) = self.one(candidate, mode, Some(timing), None, Tier::Light)?;
        if self.was_split_by_guess(candidate)
            && let Some(ns) = report.outcome.median_ns()
        {
            self.learn_pace(candidate, ns);
            (report, beside_ns) = self.one(candidate, mode, Some(timing), None, Tier::Light)?;
        }
        let sentinel = self.sentinel.as_ref().filter(|sentinel| tells(&sentinel.entrant.program, &candidate.program));
        let pace = sentinel.and_then(|sentinel| pace(&report.outcome, &beside_ns, sentinel.reference_ns));
        self.last_pace = pace.unwrap_or(self.last_pace);
        Ok(Paced { report, pace })
    }

    /// Verifies routines of libraries on every data set, without timing them.
    pub fn verify_routines(&mut self, routines: &[Entrant]) -> Result<Vec<EntrantReport>, MeasureError> {
        Ok(self.execute(routines.to_vec(), Vec::new(), None, Some(Tier::Qualify))?.0)
    }

    /// Verifies one candidate without timing it; `most_workgroups` splits its grid.
    pub fn verify(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        most_workgroups: Option<u64>,
        tier: Tier,
    ) -> Result<EntrantReport, MeasureError> {
        Ok(self.one(candidate, mode, None, most_workgroups, tier)?.0)
    }

    fn one(
        &mut self,
        candidate: &Candidate,
        mode: Mode,
        timing: Option<Timing>,
        most_workgroups: Option<u64>,
        tier: Tier,
    ) -> Result<(EntrantReport, Vec<f64>), MeasureError> {
        let mut entrant = match self.entrant(candidate, mode) {
            Ok(entrant) => entrant,
            Err(rejection) => return Ok((EntrantReport::rejected(rejection), Vec::new())),
        };
        entrant.most_workgroups = most_workgroups.or(entrant.most_workgroups);
        let (reports, beside_ns) = self.execute(vec![entrant], Vec::new(), timing, Some(tier))?;
        Ok((reports.into_iter().next().expect("one report per entrant"), beside_ns))
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

    /// Whether it is the plain kernel beside those that are tuned. Where only one template applies, that is the one that is
    /// tuned, and takes all checks.
    fn is_naive(&self, candidate: &Candidate) -> bool {
        let language = self.device().language();
        let is_its = |template: &Shared<dyn Template>| template.name() == candidate.template.name();
        let naive = naive_template(&self.signature, language);
        naive.as_ref().is_some_and(is_its) && !tuned_templates(&self.signature, language).iter().any(is_its)
    }

    fn check(&mut self, candidate: &Candidate) -> Result<Load, Rejection> {
        let started = Instant::now();
        let checked = candidate.check(&self.signature, self.backend.facts());
        self.costs.check_ns += nanoseconds_since(started);
        checked
    }

    /// Whether a grid was split though nothing had been timed yet: times of that would not be the kernel's own.
    fn was_split_by_guess(&mut self, candidate: &Candidate) -> bool {
        if self.knows_pace() {
            return false;
        }
        let load = candidate.load.clone().map_or_else(|| self.check(candidate), Ok);
        load.is_ok_and(|load| self.pace.most_workgroups(&load).is_some())
    }

    /// From now on trials are timed beside this candidate, which was verified and took so many nanoseconds. It also tells how
    /// long others may take.
    pub fn time_beside(&mut self, candidate: &Candidate, mode: Mode, reference_ns: f64) {
        self.learn_pace(candidate, reference_ns);
        let entrant = self.entrant(candidate, mode).ok().filter(|_| reference_ns.is_finite());
        self.sentinel = entrant.map(|entrant| Sentinel { entrant, reference_ns });
    }

    /// Whether it has learnt from a candidate how fast the device is.
    pub fn knows_pace(&self) -> bool {
        self.pace.is_known()
    }

    /// Learns from a candidate that took so many nanoseconds how long others may take.
    pub fn learn_pace(&mut self, candidate: &Candidate, ns: f64) {
        let load = candidate.load.clone().map_or_else(|| self.check(candidate), Ok);
        if let (Ok(load), true) = (load, ns > 0.0) {
            self.pace = self.pace.measured(&load, ns);
            self.deadlines.run_ms = ((PATIENCE * ns / 1e6) as u64).clamp(LEAST_PATIENCE_MS, self.deadlines.run_ms);
        }
    }

    /// The report of a job, for which a device that is gone is given some time to come back.
    fn executed(&mut self, job: &Job) -> Result<JobReport, MeasureError> {
        let mut report = self.backend.execute(job, &mut Unwatched);
        for pause in PAUSES {
            if !self.is_gone(&report) {
                return Ok(report);
            }
            thread::sleep(pause);
            report = self.backend.execute(job, &mut Unwatched);
        }
        match self.backend.gone().filter(|_| self.is_gone(&report)) {
            Some(why) => {
                let (device, why) = (self.device().identity.adapter.clone(), why.to_owned());
                Err(MeasureError::Gone { device, why })
            }
            None => Ok(report),
        }
    }

    /// Whether the device went away before anything was learnt.
    fn is_gone(&self, report: &JobReport) -> bool {
        self.backend.gone().is_some() && report.entrants.iter().all(|entrant| entrant.is_rejected_at(Stage::Run))
    }

    /// What became of the entrants, and the sentinel's time in each round. Races need none: entrants are compared among
    /// themselves.
    fn execute(
        &mut self,
        entrants: Vec<Entrant>,
        naive: Vec<usize>,
        timing: Option<Timing>,
        tier: Option<Tier>,
    ) -> Result<(Vec<EntrantReport>, Vec<f64>), MeasureError> {
        let started = Instant::now();
        let mut subject = match self.subject.take() {
            Some(subject) => subject,
            None => Subject::new(&self.signature, self.seed)?,
        };
        let mut gates = Vec::new();
        if let Some(tier) = tier {
            for numerics in promises(&entrants) {
                gates.extend(subject.gates(tier, numerics, &mut self.plain(&subject.outputs.clone()))?);
            }
        }
        let sentinel = self.sentinel.as_ref().filter(|_| timing.is_some_and(|timing| timing.elimination.is_none()));
        let sentinel = sentinel.map(|sentinel| sentinel.entrant.clone());
        let job = Job {
            entrants,
            symbols: self.signature.symbols.clone(),
            inputs: subject.inputs.clone(),
            outputs: subject.outputs.clone(),
            gates,
            naive,
            timing: timing.map(|timing| Timing { cold_bytes: self.cold_bytes, ..timing }),
            sentinel,
            keep: None,
            deadlines: self.deadlines,
            seed: self.seed,
        };
        self.subject = Some(subject);
        self.costs.gate_ns += nanoseconds_since(started);
        let JobReport { entrants, spent, conditions } = self.executed(&job)?;
        self.costs.add(&spent);
        let Conditions { resolution_ns, impossible, sentinel_ns, .. } = conditions;
        self.resolution_ns = resolution_ns.or(self.resolution_ns);
        self.impossible += impossible;
        Ok((entrants, sentinel_ns))
    }
}

/// Everything that the entrants promise; a yardstick promises nothing.
fn promises(entrants: &[Entrant]) -> Vec<Numerics> {
    let mut promises: Vec<Numerics> = Vec::new();
    for entrant in entrants.iter().filter(|entrant| entrant.numerics != Numerics::Yardstick) {
        if !promises.contains(&entrant.numerics) {
            promises.push(entrant.numerics);
        }
    }
    promises
}

impl Costs {
    fn add(&mut self, spent: &Spent) {
        self.compile_ns += spent.compile_ns;
        self.run_ns += spent.run_ns;
        self.gate_ns += spent.gate_ns;
    }
}
