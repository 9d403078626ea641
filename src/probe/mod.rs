//! What a device can do at most, asked with fixed kernels, or routines: arithmetic, bandwidths, the cost of launches and
//! of checks.
//!
//! Each kernel passes the gate that candidates pass, so that one that is wrong, or that a compiler has made away with, gives
//! no number. Of several kernels for one quantity the fastest is chosen first and timed anew, so that luck is not
//! reported as speed.

mod asking;
mod kernels;
mod routines;
mod scale;

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::backend::{
    Backend, Conditions, Deadlines, Entrant, EntrantReport, ExpectedFile, Gate, Job, JobReport, Timing, Unwatched, When,
};
use crate::base::stats::{CONFIDENCE, Estimate, median_interval};
use crate::base::{DeviceFacts, ElementType, paired};
use crate::check::check;
use crate::code::Symbols;
use crate::record::{Clock, Missing, Mode, Numerics, Outcome, PROBE_FORMAT, Probe, Quantity, Reading, Rejection, Unit};
use asking::Asking;
use scale::Scale;

/// To choose the fastest of several kernels.
const ROUGH: Timing = Timing {
    least_samples: 3,
    most_samples: 9,
    precision: 0.02,
    budget_ns: 60e6,
    fewest_samples: 3,
    least_pass_ns: 500e3,
    hopeless_ns: None,
    elimination: None,
    cold_bytes: None,
};

/// For the numbers that are told.
const FINE: Timing = Timing { least_samples: 10, most_samples: 100, precision: 0.005, budget_ns: 500e6, ..ROUGH };

/// Why a device cannot be probed at all. What it does not tell is part of the result.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ProbeError {
    #[error("the results to check against could not be written to the temporary folder: {0}; free some space there")]
    Files(#[from] io::Error),
}

/// Asks a device for its numbers; `told` hears what is asked next. Seconds, mostly of timing.
///
/// # Errors
/// When the temporary folder fails.
pub fn probe(backend: &mut dyn Backend, told: &mut dyn FnMut(Quantity)) -> Result<Probe, ProbeError> {
    let folder = tempfile::Builder::new().prefix("wgtune-").tempdir()?;
    let asked = quantities(backend.facts());
    let mut prober = Prober { backend, folder, jobs: 0, conditions: Conditions::default(), clock: Clock::Host };
    let (mut readings, mut missing) = (Vec::new(), Vec::new());
    for quantity in asked {
        told(quantity);
        match prober.ask(quantity)?.and_then(bounded) {
            Ok(reading) => readings.push(reading),
            Err(why) => missing.push(Missing { quantity, why }),
        }
    }
    Ok(Probe {
        format: PROBE_FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        device: prober.backend.facts().identity.clone(),
        readings,
        missing,
        at_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
    })
}

/// What is asked of a device, in order: hard work first, which brings the clocks up. The first job of a device also tells of
/// its clock and its submissions.
fn quantities(facts: &DeviceFacts) -> Vec<Quantity> {
    // What a simulated one can do at most is what it is told to.
    if facts.accelerator.is_some() {
        return Vec::new();
    }
    if let Some(processor) = &facts.processor {
        return routines::quantities(processor);
    }
    vec![
        Quantity::Arithmetic(ElementType::F32),
        Quantity::Arithmetic(ElementType::F16),
        Quantity::Arithmetic(ElementType::I32),
        Quantity::Copy,
        Quantity::Read,
        Quantity::WorkgroupMemory,
        Quantity::Checks,
        Quantity::Dispatch,
        Quantity::Submission,
        Quantity::ClockStep,
    ]
}

/// What a quantity is found out with; the best of it counts.
///
/// # Errors
/// Why it cannot be asked of this device.
fn asking(quantity: Quantity, facts: &DeviceFacts) -> Result<Vec<Asking>, String> {
    match &facts.processor {
        Some(processor) => routines::asking(quantity, processor),
        None => Ok(kernels::asking(quantity, &Scale::of(facts))),
    }
}

struct Prober<'a> {
    backend: &'a mut dyn Backend,
    /// Where true results lie meanwhile.
    folder: TempDir,
    jobs: usize,
    /// How the samples of the first job that was timed were taken.
    conditions: Conditions,
    /// The clock of the newest sample.
    clock: Clock,
}

/// A number, or why there is none.
type Answer = Result<Reading, String>;

impl Prober<'_> {
    fn ask(&mut self, quantity: Quantity) -> Result<Answer, ProbeError> {
        match quantity {
            Quantity::Submission => Ok(self.submission()),
            Quantity::ClockStep => Ok(self.clock_step()),
            Quantity::Arithmetic(ElementType::F16) if !self.backend.facts().features.f16 => {
                Ok(Err("the device has no f16 arithmetic".to_owned()))
            }
            Quantity::Checks => self.checks(),
            _ => self.rate(quantity),
        }
    }

    /// The fastest of the kernels for a quantity, timed anew.
    fn rate(&mut self, quantity: Quantity) -> Result<Answer, ProbeError> {
        let kernels = match asking(quantity, self.backend.facts()) {
            Ok(kernels) => kernels,
            Err(why) => return Ok(Err(why)),
        };
        let (mut fastest, mut why): (Option<(f64, &Asking)>, _) = (None, String::new());
        for asking in &kernels {
            match self.time(asking, &[Mode::UNCHECKED], ROUGH)?.as_deref() {
                Ok([samples_ns]) => {
                    let rate = asking.amount / median_interval(samples_ns).value;
                    fastest = fastest.filter(|(best, _)| *best >= rate).or(Some((rate, asking)));
                }
                Ok(_) => {}
                Err(rejection) => why = told(rejection),
            }
        }
        let Some((_, asking)) = fastest else { return Ok(Err(why)) };
        let timed = self.time(asking, &[Mode::UNCHECKED], FINE)?;
        Ok(timed.map_err(|rejection| told(&rejection)).map(|mut timed| {
            let samples_ns = timed.remove(0);
            let of = if kernels.len() > 1 { format!(", the fastest of {}", kernels.len()) } else { String::new() };
            let how = format!("{}{of}; {}", asking.how, self.samples(samples_ns.len()));
            Reading { quantity, value: value(quantity, asking.amount, &samples_ns), samples_ns, how }
        }))
    }

    /// The same kernel with checks and without, in paired rounds.
    fn checks(&mut self) -> Result<Answer, ProbeError> {
        let quantity = Quantity::Checks;
        let asking = kernels::checks(&Scale::of(self.backend.facts()));
        let timed = self.time(&asking, &[Mode::UNCHECKED, Mode::CHECKED], FINE)?;
        Ok(timed.map_err(|rejection| told(&rejection)).map(|mut timed| {
            let samples_ns = timed.remove(1);
            let value = paired::ratio(&timed[0], &samples_ns, CONFIDENCE);
            let how =
                format!("{}, checked over unchecked in paired rounds; {}", asking.how, self.samples(samples_ns.len()));
            Reading { quantity, value, samples_ns, how }
        }))
    }

    fn submission(&self) -> Answer {
        let samples_ns = self.conditions.submissions_ns.clone();
        if samples_ns.is_empty() {
            return Err("only the first job of an opened device tells".to_owned());
        }
        let how = format!("encoded, submitted and waited for; {} samples by the host's clock", samples_ns.len());
        Ok(Reading { quantity: Quantity::Submission, value: median_interval(&samples_ns), samples_ns, how })
    }

    fn clock_step(&self) -> Answer {
        let step = self.conditions.resolution_ns.ok_or("too few passes were short enough to show it")?;
        let value = Estimate { value: step, low: step, high: step };
        let how = format!("the smallest difference between passes of nothing, by the {}", clock_name(self.clock));
        Ok(Reading { quantity: Quantity::ClockStep, value, samples_ns: Vec::new(), how })
    }

    /// Checks and times a kernel in some modes side by side; the samples of each, or why there are none.
    fn time(
        &mut self,
        asking: &Asking,
        modes: &[Mode],
        timing: Timing,
    ) -> Result<Result<Vec<Vec<f64>>, Rejection>, ProbeError> {
        if let Err(rejection) = check(&asking.program, &Symbols::new(), self.backend.facts()) {
            return Ok(Err(rejection));
        }
        let job = self.job(asking, modes, timing)?;
        let JobReport { entrants, conditions, .. } = self.backend.execute(&job, &mut Unwatched);
        if self.conditions.resolution_ns.is_none() {
            self.conditions = conditions;
        }
        Ok(entrants.into_iter().map(|EntrantReport { outcome, .. }| self.samples_of(outcome)).collect())
    }

    fn samples_of(&mut self, outcome: Outcome) -> Result<Vec<f64>, Rejection> {
        match outcome {
            Outcome::Timed { samples_ns, clock } => {
                self.clock = clock;
                Ok(samples_ns)
            }
            Outcome::Rejected(rejection) => Err(rejection),
        }
    }

    fn job(&mut self, asking: &Asking, modes: &[Mode], timing: Timing) -> Result<Job, ProbeError> {
        // A path of its own for each job: backends remember what they have read.
        self.jobs += 1;
        let path = self.folder.path().join(self.jobs.to_string());
        let expected = ExpectedFile::write(&path, std::slice::from_ref(&asking.expected))?;
        let gate = |when: When| Gate {
            name: "what is probed with".to_owned(),
            inputs: asking.inputs.clone(),
            numerics: Numerics::Exact,
            expected: expected.clone(),
            runs: 2,
            agreement: false,
            even_naive: true,
            when,
        };
        Ok(Job {
            entrants: modes.iter().map(|mode| Entrant::whole(asking.program.clone(), *mode)).collect(),
            symbols: Symbols::new(),
            inputs: asking.inputs.clone(),
            outputs: vec![asking.output.clone()],
            gates: [When::Before, When::After].map(gate).to_vec(),
            naive: Vec::new(),
            timing: Some(timing),
            sentinel: None,
            keep: None,
            deadlines: Deadlines::default(),
            seed: 0,
        })
    }

    fn samples(&self, count: usize) -> String {
        format!("{count} samples by the {}", clock_name(self.clock))
    }
}

/// Refuses a number without an interval.
fn bounded(reading: Reading) -> Answer {
    let Estimate { value, low, high } = reading.value;
    let is_bounded = value.is_finite() && low.is_finite() && high.is_finite();
    if is_bounded { Ok(reading) } else { Err("too few samples for an interval".to_owned()) }
}

fn clock_name(clock: Clock) -> &'static str {
    match clock {
        Clock::Device => "device's clock",
        Clock::Host => "host's clock",
        Clock::Cycles => "simulated cycles",
    }
}

fn told(rejection: &Rejection) -> String {
    format!("rejected at {}: {}", rejection.stage, rejection.why)
}

/// Times of an amount in the quantity's unit.
fn value(quantity: Quantity, amount: f64, samples_ns: &[f64]) -> Estimate {
    let Estimate { value, low, high } = median_interval(samples_ns);
    match quantity.unit() {
        Unit::OperationsPerSecond | Unit::BytesPerSecond => {
            let rate = |ns: f64| amount / ns * 1e9;
            Estimate { value: rate(value), low: rate(high), high: rate(low) }
        }
        Unit::Nanoseconds | Unit::Times => Estimate { value, low, high },
    }
}
