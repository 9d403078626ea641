//! What the store answers, what is measured again, and that no winner is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wgtune::backend::{Backend, Job, JobReport, Steps};
use wgtune::base::DeviceFacts;
use wgtune::op::resolve;
use wgtune::record::{Mode, Phase, Stage};
use wgtune::store::Store;
use wgtune::tune::{Settings, StopReason, Unwatched, tune};

use super::bench::{Bench, HERE, Invented, Trouble, best_ns, healthy, in_random_order};

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

/// How many are in flight.
pub fn flights(path: &Path) -> usize {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM flight", [], |row| row.get::<_, i64>(0)).unwrap() as usize
}
