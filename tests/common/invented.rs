//! A device that was never there: a function of the program says how long it takes, or where it is rejected.

use wgtune::backend::{Backend, Conditions, EntrantReport, Job, JobReport, Spent, Steps, Verified};
use wgtune::base::DeviceFacts;
use wgtune::code::Program;
use wgtune::record::{Clock, Outcome, Rejection, Stage};

/// What becomes of a program: its time in nanoseconds, or the stage that rejects it.
pub type Fate = Box<dyn FnMut(&Program) -> Result<f64, Stage>>;

/// A device of WebGPU's guaranteed limits.
pub struct Invented {
    pub facts: DeviceFacts,
    pub fate: Fate,
    /// How many jobs it got.
    pub jobs: usize,
}

impl Invented {
    pub fn new(fate: impl FnMut(&Program) -> Result<f64, Stage> + 'static) -> Self {
        Self { facts: DeviceFacts::portable(), fate: Box::new(fate), jobs: 0 }
    }
}

impl Backend for Invented {
    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn execute(&mut self, job: &Job, _steps: &mut dyn Steps) -> JobReport {
        // Finalists are also verified at other sizes, where nothing is timed and all is well.
        let is_timed = job.timing.is_some();
        self.jobs += usize::from(is_timed);
        let mut fate = |program: &Program| if is_timed { (self.fate)(program) } else { Ok(1.0) };
        let entrants = job.entrants.iter().map(|entrant| match fate(&entrant.program) {
            Err(stage) => EntrantReport::rejected(Rejection::new(stage, "on command")),
            Ok(ns) => EntrantReport {
                outcome: around(ns, &entrant.program),
                verified: Some(Verified::NOTHING),
                prepare_ns: None,
                told: None,
            },
        });
        JobReport { entrants: entrants.collect(), spent: Spent::default(), conditions: Conditions::default() }
    }
}

/// Samples within a per cent of a time, in an order of the program's own, so that ratios too have intervals.
fn around(ns: f64, program: &Program) -> Outcome {
    let first = hash_digits(program) % 20;
    let samples_ns = (0..20).map(|i| ns * (0.99 + 0.001 * f64::from((first + 7 * i) % 20))).collect();
    Outcome::Timed { samples_ns, clock: Clock::Device }
}

/// Microseconds that nothing but the program decides.
pub fn own_time(program: &Program) -> f64 {
    1e6 + f64::from(hash_digits(program))
}

fn hash_digits(program: &Program) -> u32 {
    u32::from_str_radix(&program.hash()[..6], 16).expect("hexadecimal")
}
