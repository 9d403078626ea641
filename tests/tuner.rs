//! The loop on a device that was never there: what is recalled, what is measured again, and that no winner is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wgtune::backend::{Backend, Conditions, EntrantReport, Job, JobReport, Spent, Steps, Verified};
use wgtune::base::DeviceFacts;
use wgtune::code::Program;
use wgtune::interchange::{Import, Recording};
use wgtune::op::{Signature, resolve};
use wgtune::record::{Clock, Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::search::{Choice, Searcher, Strategy, Trial};
use wgtune::space::{Config, Value};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Progress, Settings, StopReason, Tuned, Unwatched, WarmStart, Watch, tune};

/// What jobs with so many entrants meet: one in a trial, several in a race.
type Trouble = fn(usize) -> Option<Stage>;

/// A device whose times follow from a program's hash, and that misbehaves on command.
struct Invented {
    facts: DeviceFacts,
    trouble: Trouble,
    jobs: usize,
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

fn healthy(_: usize) -> Option<Stage> {
    None
}

/// Stops after so many trials.
struct Impatient(usize);

impl Watch for Impatient {
    fn trial(&mut self, progress: &Progress) {
        self.0 = self.0.saturating_sub(usize::from(progress.done > 0));
    }

    fn wants_to_stop(&mut self) -> bool {
        self.0 == 0
    }
}

/// A store, a workload, and runs on them one after the other.
struct Bench {
    store: Store,
    signature: Signature,
    facts: DeviceFacts,
    settings: Settings,
}

/// Which trials a run makes does not depend on how many there are.
fn in_random_order() -> Settings {
    Settings { strategy: "random".parse().unwrap(), ..Settings::default() }
}

impl Bench {
    fn new() -> Self {
        Self::of("matmul:f32:m33n17k7")
    }

    fn of(workload: &str) -> Self {
        let (store, signature) = (Store::in_memory().unwrap(), resolve(workload).unwrap());
        Self { store, signature, facts: DeviceFacts::portable(), settings: in_random_order() }
    }

    /// One run; how it ended, and how many jobs the device got.
    fn run(&mut self, trials: usize, seed: u64, trouble: Trouble) -> (Tuned, usize) {
        self.run_watched(trials, seed, trouble, usize::MAX)
    }

    fn run_watched(&mut self, trials: usize, seed: u64, trouble: Trouble, patience: usize) -> (Tuned, usize) {
        let mut device = Invented { facts: self.facts.clone(), trouble, jobs: 0 };
        let settings = Settings { trials, seed, ..self.settings.clone() };
        let mut watch = Impatient(patience);
        let tuned = tune(&mut device, &mut self.store, &self.signature, &settings, &mut watch).unwrap();
        (tuned, device.jobs)
    }

    /// One healthy run of another workload or on a device of another name.
    fn visit(&mut self, workload: &str, adapter: &str, trials: usize) -> Tuned {
        self.signature = resolve(workload).unwrap();
        self.facts.identity.adapter = adapter.to_owned();
        self.run(trials, 0, healthy).0
    }

    /// The last words of those in quarantine.
    fn quarantined(&self) -> Vec<Record> {
        self.store.query(&Filter { quarantined: true, ..Filter::default() }).unwrap()
    }

    /// Makes a further race in which some programs crash, as if it had been lost.
    fn crash_in_a_race(&mut self, crashes: impl Fn(&str) -> bool) {
        let run = self.store.new_run().unwrap();
        let outcome = Outcome::Rejected(Rejection::new(Stage::Crash, "on command"));
        let raced = self.records(Phase::Final).into_iter().filter(|record| crashes(&record.code_hash));
        let crashed: Vec<Record> = raced.map(|record| Record { run, outcome: outcome.clone(), ..record }).collect();
        self.store.insert_all(&crashed).unwrap();
    }

    fn records(&self, phase: Phase) -> Vec<Record> {
        self.store.query(&Filter { phase: Some(phase), ..Filter::default() }).unwrap()
    }
}

fn best_ns(tuned: &Tuned) -> Option<f64> {
    tuned.best(Mode::UNCHECKED)?.outcome.median_ns()
}

#[test]
fn a_second_run_asks_the_store_alone() {
    let mut bench = Bench::new();
    let (first, jobs) = bench.run(20, 0, healthy);
    assert_eq!((first.trials, first.remembered, jobs), (20, 0, 22));
    let (second, jobs) = bench.run(20, 0, healthy);
    assert_eq!((second.trials, second.remembered, jobs), (20, 20, 0));
    assert_eq!(best_ns(&first), best_ns(&second));
}

#[test]
fn more_trials_measure_only_what_is_new() {
    let mut bench = Bench::new();
    bench.run(10, 0, healthy);
    let (tuned, _) = bench.run(30, 0, healthy);
    assert_eq!((tuned.trials, tuned.remembered), (30, 10));
    let mut hashes = BTreeMap::new();
    for record in bench.records(Phase::Search) {
        *hashes.entry(record.code_hash).or_insert(0) += 1;
    }
    assert_eq!(hashes.len(), 30);
    assert!(hashes.values().all(|count| *count == 1), "each program is searched once");
}

#[test]
fn a_shorter_run_cannot_lose_the_winner() {
    let mut bench = Bench::new();
    let (long, _) = bench.run(60, 0, healthy);
    let (short, _) = bench.run(2, 9, healthy);
    assert_eq!(best_ns(&short), best_ns(&long));
    let device = DeviceFacts::portable().identity;
    let stored = bench.store.best(&long.workload, Some(&device), Mode::UNCHECKED).unwrap().unwrap();
    assert_eq!(stored.outcome.median_ns(), best_ns(&long));
}

/// What a bad moment rejects is measured again; what a candidate brought about is remembered.
#[test]
fn only_what_the_candidate_is_to_blame_for_is_remembered() {
    let cases: [(Trouble, usize); 3] =
        [(|_| Some(Stage::Run), 0), (|_| Some(Stage::Compile), 5), (|_| Some(Stage::Crash), 5)];
    for (trouble, remembered) in cases {
        let mut bench = Bench::new();
        let (first, _) = bench.run(5, 0, trouble);
        assert_eq!(best_ns(&first), None);
        let (second, _) = bench.run(5, 0, healthy);
        assert_eq!(second.remembered, remembered, "{:?}", first.rejected);
    }
}

/// A race in which the device went away is no race.
#[test]
fn a_race_without_a_winner_is_run_again() {
    for stage in ["crash", "run"] {
        let mut bench = Bench::new();
        let trouble: Trouble = match stage {
            "crash" => |entrants| (entrants > 1).then_some(Stage::Crash),
            _ => |entrants| (entrants > 1).then_some(Stage::Run),
        };
        let (lost, _) = bench.run(10, 0, trouble);
        assert_eq!(best_ns(&lost), None, "{stage}");
        let (found, jobs) = bench.run(10, 0, healthy);
        assert_eq!((found.remembered, jobs), (10, 2), "{stage}: only the knockout and the race are run again");
        assert!(best_ns(&found).is_some(), "{stage}");
    }
}

/// Whoever is in quarantine is not measured again, unless one asks for it; and a good result is the last word.
#[test]
fn quarantined_candidates_are_measured_again_only_when_asked() {
    let in_trials: [Trouble; 2] =
        [|entrants| (entrants == 1).then_some(Stage::Crash), |entrants| (entrants == 1).then_some(Stage::Timeout)];
    for trouble in in_trials {
        let mut bench = Bench::new();
        bench.run(5, 0, trouble);
        assert_eq!((bench.quarantined().len(), bench.run(5, 0, healthy).0.remembered), (5, 5));
        bench.settings.retry_quarantined = true;
        let (tuned, _) = bench.run(5, 0, healthy);
        assert_eq!((tuned.remembered, bench.quarantined().len()), (0, 0));
        assert!(best_ns(&tuned).is_some());
        assert_eq!(bench.run(5, 0, healthy).1, 0, "nothing is left to retry");
    }
}

/// What took a race down before, in which others fell too or not, stays out of the next one.
#[test]
fn who_crashed_in_a_race_is_not_raced_again() {
    for all in [false, true] {
        let mut bench = Bench::new();
        let (first, _) = bench.run(10, 0, healthy);
        let best = first.best(Mode::UNCHECKED).unwrap().code_hash.clone();
        let default = first.default_hash.clone().unwrap();
        assert_ne!(best, default);
        bench.crash_in_a_race(|hash| if all { hash != default } else { hash == best });
        let entrants = first.finalists.len();
        let crashed = bench.quarantined().len();
        let (second, jobs) = bench.run(10, 0, healthy);
        assert_eq!((jobs, second.finalists.len()), (1, entrants), "all: {all}");
        let timed = second.finalists.iter().filter(|record| record.outcome.median_ns().is_some()).count();
        assert_eq!((timed, bench.quarantined().len()), (entrants - crashed, crashed), "all: {all}");
        assert_eq!(bench.run(10, 0, healthy).1, 0, "all: {all}: the race without them stands");
        bench.settings.retry_quarantined = true;
        let (third, jobs) = bench.run(10, 0, healthy);
        assert_eq!((jobs, best_ns(&third), bench.quarantined().len()), (1, best_ns(&first), 0), "all: {all}");
    }
}

#[test]
fn what_is_measured_is_on_record_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    let facts = DeviceFacts::portable();
    let mut device = Watching { device: Invented { facts, trouble: healthy, jobs: 0 }, path: path.clone() };
    let mut store = Store::open(&path).unwrap();
    let settings = Settings { trials: 5, ..in_random_order() };
    let tuned = tune(&mut device, &mut store, &resolve(HERE).unwrap(), &settings, &mut Unwatched).unwrap();
    // Five trials, the knockout and the final race.
    assert_eq!((device.device.jobs, flights(&path)), (7, 0));
    assert!(tuned.store_ns > 0.0 && tuned.store_ns < tuned.total_ns);
}

/// Compares each job with what the store says is in flight.
struct Watching {
    device: Invented,
    path: PathBuf,
}

impl Backend for Watching {
    fn facts(&self) -> &DeviceFacts {
        &self.device.facts
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        if job.timing.is_some() {
            assert_eq!(flights(&self.path), job.entrants.len(), "in flight");
        }
        self.device.execute(job, steps)
    }
}

fn flights(path: &Path) -> usize {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM flight", [], |row| row.get::<_, i64>(0)).unwrap() as usize
}

#[test]
fn an_interrupted_run_has_its_best_and_goes_on_where_it_was() {
    let mut bench = Bench::new();
    let (stopped, jobs) = bench.run_watched(40, 0, healthy, 7);
    assert_eq!((stopped.stop, stopped.trials, jobs), (StopReason::Interrupted, 7, 8));
    assert!(best_ns(&stopped).is_some());
    assert!(stopped.finalists.len() <= 3, "the best beside the default, in one mode");
    let (whole, _) = bench.run(40, 0, healthy);
    assert_eq!((whole.trials, whole.remembered), (40, 7));
    assert!(best_ns(&whole) <= best_ns(&stopped));
}

/// Short loops leave some configs without a chance, which is known before a trial.
#[test]
fn what_the_check_refuses_costs_no_trial_and_is_kept() {
    let mut bench = Bench::of("matmul:f32:m33n17k997");
    bench.facts.limits.loop_iterations = Some(1500);
    let (first, jobs) = bench.run(20, 0, healthy);
    let refused = first.prechecks.refused;
    assert_eq!((first.trials, jobs), (20, 22), "{:?}", first.rejected);
    assert!(refused > 3, "{refused} refused");
    assert!(first.rejected.is_empty(), "no trial was rejected: {:?}", first.rejected);
    assert_eq!((first.refused.len(), first.refused[&Stage::Limits].count), (1, refused));
    let is_refused = |record: &Record| matches!(record.outcome, Outcome::Rejected(_));
    let kept = bench.records(Phase::Search);
    assert_eq!((kept.len(), kept.iter().filter(|record| is_refused(record)).count()), (20 + refused, refused));
    let (second, jobs) = bench.run(20, 0, healthy);
    assert_eq!((second.remembered, second.prechecks.refused, jobs), (20, refused, 0));
    assert_eq!(bench.records(Phase::Search).len(), kept.len(), "refused once, kept once");
}

/// No loop may turn even twice: everything is refused, though not everything was asked for.
#[test]
fn a_search_that_only_meets_refusals_says_so() {
    let mut bench = Bench::of("matmul:f32:m33n17k997");
    bench.facts.limits.loop_iterations = Some(1);
    let (tuned, _) = bench.run(20, 0, healthy);
    let refused: usize = tuned.refused.values().map(|refused| refused.count).sum();
    assert_eq!((tuned.stop, tuned.trials, refused), (StopReason::Refused, 1, 1000));
    bench.settings.fixed = only_one(&bench);
    assert_eq!(bench.run(20, 0, healthy).0.stop, StopReason::Exhausted, "nothing is left of one config");
}

/// The values of a config that was asked for, as a narrowing that leaves no other.
fn only_one(bench: &Bench) -> Vec<(String, Vec<Value>)> {
    let record = bench.records(Phase::Search).remove(0);
    record.values.into_iter().map(|(name, value)| (name, vec![value])).collect()
}

/// Asks for what it was told beforehand, the fastest first, and for nothing else.
static FOLLOWER: Strategy = Strategy {
    name: "follower",
    about: "a test's own",
    options: &[],
    start: |task, _| {
        let mut warm = task.warm;
        warm.sort_by(|a, b| b.result.unwrap_or(f64::MAX).total_cmp(&a.result.unwrap_or(f64::MAX)));
        Box::new(Follower(warm.into_iter().map(|trial| trial.config).collect()))
    },
};

struct Follower(Vec<Config>);

impl Searcher for Follower {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        (0..n).filter_map(|_| self.0.pop()).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.0.retain(|config| trials.iter().all(|trial| trial.config != *config));
    }
}

const HERE: &str = "matmul:f32:m33n17k7";

#[test]
fn a_warm_start_leads_the_searcher_and_is_no_result() {
    let mut runs = [true, false, true].map(|warm_start| {
        let mut bench = Bench::new();
        let elsewhere = bench.visit(HERE, "another device", 30);
        bench.settings = Settings { strategy: Choice::plain(&FOLLOWER), warm_start, ..Settings::default() };
        let here = bench.visit(HERE, "this device", 10);
        let asked = bench.records(Phase::Search).into_iter().filter(|record| record.device.adapter == "this device");
        (elsewhere, here, asked.map(|record| record.values).collect::<Vec<_>>())
    });
    let (elsewhere, warm, asked) = &mut runs[0];
    let want = WarmStart { workload: HERE.to_owned(), device: "another device".to_owned(), trials: 30 };
    assert_eq!((warm.warm.as_ref(), warm.trials, warm.remembered), (Some(&want), 10, 0));
    asked.reverse();
    assert_eq!(asked[1], elsewhere.best(Mode::UNCHECKED).unwrap().values, "the first after the default");
    asked.reverse();
    let (_, cold, asked_cold) = &runs[1];
    assert_eq!((&cold.warm, cold.trials, asked_cold.len()), (&None, 1, 1), "without hints it asks for nothing");
    assert_eq!(runs[0].2, runs[2].2, "the same store gives the same search");
}

/// What lies in the store by workload, device and trials, and where the search of [`HERE`] on `this device` starts.
type Choosing<'a> = (&'a [(&'a str, &'a str, usize)], Option<(&'a str, &'a str)>);

#[test]
fn a_warm_start_has_one_source_the_nearest_with_enough_trials() {
    let (near, nearer, far) = ("matmul:f32:m66n34k7", "matmul:f32:m33n17k8", "matmul:f32:m33n17k700");
    let cases: [Choosing; 9] = [
        (&[], None),
        (&[(HERE, "this device", 20)], None),
        (&[(far, "this device", 20), (near, "another device", 20)], None),
        (&[("matmul:f32:m33n17k7+relu", "this device", 20), ("matmul:f16:m33n17k7", "this device", 20)], None),
        (&[(near, "this device", 20)], Some((near, "this device"))),
        (&[(near, "this device", 20), (nearer, "this device", 20)], Some((nearer, "this device"))),
        (&[(near, "this device", 40), (nearer, "this device", 4)], Some((near, "this device"))),
        (&[(near, "this device", 20), (HERE, "another device", 20)], Some((HERE, "another device"))),
        (&[(nearer, "this device", 2), (HERE, "another device", 2)], None),
    ];
    for (kept, want) in cases {
        let mut bench = Bench::new();
        for (workload, adapter, trials) in kept {
            bench.visit(workload, adapter, *trials);
        }
        let warm = bench.visit(HERE, "this device", 1).warm;
        let source = warm.as_ref().map(|warm| (warm.workload.as_str(), warm.device.as_str()));
        assert_eq!(source, want, "from {kept:?}");
    }
}

/// What others have recorded: so many trials of a workload on a device, under the names of our parameters or others.
fn import(bench: &mut Bench, workload: &str, device: &str, trials: usize, foreign: bool) {
    let mut elsewhere = Bench::new();
    elsewhere.visit(workload, device, trials);
    let mut recording = Recording::from_records(&elsewhere.records(Phase::Search)).unwrap();
    if foreign {
        recording.params.iter_mut().for_each(|param| param.name.insert_str(0, "their_"));
    }
    let run = bench.store.new_run().unwrap();
    let import = Import { workload: workload.to_owned(), device: device.to_owned(), run, at_ms: 0 };
    bench.store.insert_all(&recording.records(&import)).unwrap();
}

/// What is imported (workload, device, trials, whether its names are not ours), what was searched (workload, device,
/// trials), and where the search of [`HERE`] on `this device` starts: the source and its trials.
type Importing<'a> =
    (&'a [(&'a str, &'a str, usize, bool)], &'a [(&'a str, &'a str, usize)], Option<(&'a str, &'a str, usize)>);

#[test]
fn imported_trials_start_a_search_where_their_names_are_ours() {
    let (near, far) = ("matmul:f32:m66n34k7", "matmul:f32:m33n17k700");
    let foreign = ["a", "b", "c", "d", "e"].map(|device| (HERE, device, 30, true));
    let cases: [Importing; 9] = [
        (&[(HERE, "another device", 20, false)], &[], Some((HERE, "another device", 20))),
        (&[(HERE, "this device", 20, false)], &[], Some((HERE, "this device", 20))),
        (&[(near, "this device", 20, false)], &[], Some((near, "this device", 9))),
        (&[(near, "another device", 20, false), (far, "this device", 20, false)], &[], None),
        (&[(HERE, "another device", 20, true)], &[], None),
        (&[(HERE, "another device", 2, false)], &[], None),
        (&foreign, &[(HERE, "another device", 4)], Some((HERE, "another device", 4))),
        (&[(HERE, "theirs", 20, false)], &[(HERE, "ours", 20)], Some((HERE, "ours", 20))),
        (&[(HERE, "theirs", 21, false)], &[(HERE, "ours", 20)], Some((HERE, "theirs", 21))),
    ];
    for (imported, searched, want) in cases {
        let mut bench = Bench::new();
        for (workload, device, trials, foreign) in imported {
            import(&mut bench, workload, device, *trials, *foreign);
        }
        bench.settings.warm_start = false;
        for (workload, device, trials) in searched {
            bench.visit(workload, device, *trials);
        }
        bench.settings.warm_start = true;
        let tuned = bench.visit(HERE, "this device", 2);
        let warm = tuned.warm.as_ref().map(|warm| (warm.workload.as_str(), warm.device.as_str(), warm.trials));
        assert_eq!((warm, tuned.remembered), (want, 0), "from {imported:?} and {searched:?}");
    }
}

/// A device on which one program is right only where it is checked lightly.
struct Flattering {
    device: Invented,
    wrong: String,
}

impl Backend for Flattering {
    fn facts(&self) -> &DeviceFacts {
        &self.device.facts
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut report = self.device.execute(job, steps);
        for (entrant, told) in job.entrants.iter().zip(&mut report.entrants) {
            if job.gates.len() > 2 && entrant.program.hash() == self.wrong {
                *told = EntrantReport::rejected(Rejection::new(Stage::Verify, "on command"));
            }
        }
        report
    }
}

/// It is left out, those that it knocked out are given another chance, and later runs know.
#[test]
fn what_does_not_qualify_costs_nobody_else_the_win() {
    let mut bench = Bench::new();
    let (plain, _) = bench.run(20, 0, healthy);
    let wrong = plain.best(Mode::UNCHECKED).unwrap().code_hash.clone();
    let mut searched = bench.records(Phase::Search);
    searched.sort_by(|a, b| a.outcome.median_ns().unwrap().total_cmp(&b.outcome.median_ns().unwrap()));
    let second = searched.iter().map(|record| &record.code_hash).find(|hash| **hash != wrong).unwrap().clone();
    let mut store = Store::in_memory().unwrap();
    let settings = Settings { trials: 20, ..in_random_order() };
    for run in 0..2 {
        let device = Invented { facts: bench.facts.clone(), trouble: healthy, jobs: 0 };
        let mut device = Flattering { device, wrong: wrong.clone() };
        let tuned = tune(&mut device, &mut store, &bench.signature, &settings, &mut Unwatched).unwrap();
        assert_eq!(tuned.best(Mode::UNCHECKED).unwrap().code_hash, second, "run {run}");
        // Twenty trials, two knockouts and the final race; then all is recalled.
        assert_eq!(device.device.jobs, [23, 0][run], "run {run}");
        let best = store.best(&tuned.workload, Some(&tuned.device), Mode::UNCHECKED).unwrap().unwrap();
        assert_eq!(best.code_hash, second, "run {run}");
    }
}
