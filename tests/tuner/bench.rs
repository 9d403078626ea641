//! A store, a workload and an invented device, and runs on them.

use wgtune::backend::{Backend, Conditions, EntrantReport, Job, JobReport, Spent, Steps, Verified};
use wgtune::base::DeviceFacts;
use wgtune::code::Program;
use wgtune::op::{Signature, resolve};
use wgtune::record::{Clock, Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Progress, Settings, Tuned, Watch, tune};

/// The workload of most tests.
pub const HERE: &str = "matmul:f32:m33n17k7";

/// What jobs with so many entrants meet: one in a trial, several in a race.
pub type Trouble = fn(usize) -> Option<Stage>;

/// A device whose times follow from a program's hash, and that misbehaves on command.
pub struct Invented {
    pub facts: DeviceFacts,
    pub trouble: Trouble,
    pub jobs: usize,
}

impl Backend for Invented {
    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn execute(&mut self, job: &Job, _steps: &mut dyn Steps) -> JobReport {
        // Finalists are also verified at other sizes, where nothing is timed.
        let is_timed = job.timing.is_some();
        self.jobs += usize::from(is_timed);
        let trouble = (self.trouble)(job.entrants.len()).filter(|_| is_timed);
        let report = |program: &Program| match trouble {
            Some(stage) => EntrantReport::rejected(Rejection::new(stage, "on command")),
            None => EntrantReport {
                outcome: Outcome::Timed { samples_ns: vec![time(program); 6], clock: Clock::Device },
                verified: Some(Verified { worst: 0.5, compared: 1 }),
                prepare_ns: None,
                told: None,
            },
        };
        let entrants = job.entrants.iter().map(|entrant| report(&entrant.program)).collect();
        JobReport { entrants, spent: Spent::default(), conditions: Conditions::default() }
    }
}

/// Microseconds that nothing but the program decides.
fn time(program: &Program) -> f64 {
    let digits = u32::from_str_radix(&program.hash()[..6], 16).expect("hexadecimal");
    1000.0 + f64::from(digits)
}

pub fn healthy(_: usize) -> Option<Stage> {
    None
}

/// Stops after so many trials.
pub struct Impatient(usize);

impl Watch for Impatient {
    fn trial(&mut self, progress: &Progress) {
        self.0 = self.0.saturating_sub(usize::from(progress.done > 0));
    }

    fn wants_to_stop(&mut self) -> bool {
        self.0 == 0
    }
}

/// A store, a workload, and runs on them one after the other.
pub struct Bench {
    pub store: Store,
    pub signature: Signature,
    pub facts: DeviceFacts,
    pub settings: Settings,
}

/// Which trials a run makes does not depend on how many there are, since one template gets all of them.
pub fn in_random_order() -> Settings {
    Settings { strategy: "random".parse().unwrap(), ..of_one_template() }
}

/// Searches the template of the default and no other.
pub fn of_one_template() -> Settings {
    Settings { templates: vec!["matmul/tiled".to_owned()], ..Settings::default() }
}

impl Bench {
    pub fn new() -> Self {
        Self::of(HERE)
    }

    pub fn of(workload: &str) -> Self {
        let (store, signature) = (Store::in_memory().unwrap(), resolve(workload).unwrap());
        Self { store, signature, facts: DeviceFacts::portable(), settings: in_random_order() }
    }

    /// One run; how it ended, and how many jobs the device got.
    pub fn run(&mut self, trials: usize, seed: u64, trouble: Trouble) -> (Tuned, usize) {
        self.run_watched(trials, seed, trouble, usize::MAX)
    }

    pub fn run_watched(&mut self, trials: usize, seed: u64, trouble: Trouble, patience: usize) -> (Tuned, usize) {
        let mut device = Invented { facts: self.facts.clone(), trouble, jobs: 0 };
        let settings = Settings { trials, seed, ..self.settings.clone() };
        let mut watch = Impatient(patience);
        let tuned = tune(&mut device, &mut self.store, &self.signature, &settings, &mut watch).unwrap();
        (tuned, device.jobs)
    }

    /// One healthy run of another workload or on a device of another name.
    pub fn visit(&mut self, workload: &str, adapter: &str, trials: usize) -> Tuned {
        self.signature = resolve(workload).unwrap();
        self.facts.identity.adapter = adapter.to_owned();
        self.run(trials, 0, healthy).0
    }

    /// The last words of those in quarantine.
    pub fn quarantined(&self) -> Vec<Record> {
        self.store.query(&Filter { quarantined: true, ..Filter::default() }).unwrap()
    }

    /// Makes a further race in which some programs crash, as if it had been lost.
    pub fn crash_in_a_race(&mut self, crashes: impl Fn(&str) -> bool) {
        let run = self.store.new_run().unwrap();
        let outcome = Outcome::Rejected(Rejection::new(Stage::Crash, "on command"));
        let raced = self.records(Phase::Final).into_iter().filter(|record| crashes(&record.code_hash));
        let crashed: Vec<Record> = raced.map(|record| Record { run, outcome: outcome.clone(), ..record }).collect();
        self.store.insert_all(&crashed).unwrap();
    }

    pub fn records(&self, phase: Phase) -> Vec<Record> {
        self.store.query(&Filter { phase: Some(phase), ..Filter::default() }).unwrap()
    }
}

pub fn best_ns(tuned: &Tuned) -> Option<f64> {
    tuned.best(Mode::UNCHECKED)?.outcome.median_ns()
}
