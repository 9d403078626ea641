//! Repeat checks on a device that was never there: they measure anew, change nothing, and tell what a seed is worth.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::invented::{Invented, own_time};
use wgtune::code::Program;
use wgtune::op::resolve;
use wgtune::record::{Mode, Outcome, Phase, Record, Stage};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Progress, RepeatCheck, Settings, Tuned, Unwatched, Watch, repeat_check, tune};

const MATMUL: &str = "matmul:f32:m33n17k7";
const SEEDS: u64 = 4;

fn settings() -> Settings {
    let templates = vec!["matmul/tiled".to_owned()];
    Settings { strategy: "random".parse().unwrap(), trials: 6, seed: 10, templates, ..Settings::default() }
}

fn tune_on(device: &mut Invented, store: &mut Store) -> Tuned {
    tune(device, store, &resolve(MATMUL).unwrap(), &settings(), &mut Unwatched).unwrap()
}

fn check_on(device: &mut Invented, store: &mut Store, tuned: &Tuned, watch: &mut dyn Watch) -> Option<RepeatCheck> {
    let winner = tuned.best(Mode::UNCHECKED).unwrap();
    repeat_check(device, store, &resolve(MATMUL).unwrap(), &settings(), winner, SEEDS, watch).unwrap()
}

fn device() -> Invented {
    Invented::new(|program| Ok(own_time(program)))
}

fn of_phase(store: &Store, phase: Phase) -> Vec<Record> {
    store.query(&Filter { phase: Some(phase), ..Filter::default() }).unwrap()
}

#[test]
fn repeats_are_measured_anew_and_change_no_winner() {
    let (mut store, mut device) = (Store::in_memory().unwrap(), device());
    let tuned = tune_on(&mut device, &mut store);
    let best = |store: &Store| store.best(MATMUL, Some(&tuned.device), Mode::UNCHECKED).unwrap();
    let (before, jobs) = (best(&store), device.jobs);
    let searched = of_phase(&store, Phase::Search);
    let check = check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    // So many trials, a knockout and a final race for each, then the race of all.
    assert_eq!(device.jobs - jobs, SEEDS as usize * 8 + 1);
    let seeds: Vec<(u64, usize)> = check.repeats.iter().map(|repeat| (repeat.seed, repeat.trials)).collect();
    assert_eq!(seeds, [(11, 6), (12, 6), (13, 6), (14, 6)]);
    let kept = of_phase(&store, Phase::Repeat);
    for (seed, trials) in seeds {
        let of_seed = kept.iter().filter(|record| record.seed == seed && record.mode == Mode::UNCHECKED);
        assert!(of_seed.count() > trials, "the trials and the race of seed {seed}");
    }
    assert_eq!((best(&store), of_phase(&store, Phase::Search)), (before, searched));
    let jobs = device.jobs;
    assert_eq!((tune_on(&mut device, &mut store).remembered, device.jobs), (6, jobs), "it is all recalled");
}

/// On this device the time of a winner is known, and with it what a seed costs.
#[test]
fn the_regret_is_that_of_the_true_times() {
    let (mut store, mut device) = (Store::in_memory().unwrap(), device());
    let tuned = tune_on(&mut device, &mut store);
    let check = check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    let ns = |record: &Record| record.outcome.median_ns().unwrap();
    let found: Vec<&Record> = check.repeats.iter().map(|repeat| &repeat.winner.as_ref().unwrap().record).collect();
    let raced = of_phase(&store, Phase::Recheck);
    let best = raced.iter().map(ns).fold(f64::INFINITY, f64::min);
    let worst = found.iter().map(|record| ns(record) / best - 1.0).fold(0.0, f64::max);
    assert!(worst > 0.05, "some seed finds another winner: {worst}");
    let told = check.worst_regret.unwrap();
    assert!((told - worst).abs() < 0.02, "{told} where {worst} is right");
    assert!(check.median_regret.unwrap() <= told && check.tied < SEEDS as usize && check.same < SEEDS as usize);
    let winner = &check.winner.record;
    assert_eq!(check.same, found.iter().filter(|record| record.code_hash == winner.code_hash).count());
    let programs: BTreeSet<&str> = raced.iter().map(|record| record.code_hash.as_str()).collect();
    assert_eq!(programs.len() + 1, raced.len(), "each is raced once, but for the default's twin");
}

#[test]
fn a_default_that_wins_everywhere_is_no_regret() {
    let default = {
        let mut store = Store::in_memory().unwrap();
        tune_on(&mut device(), &mut store).default_hash.unwrap()
    };
    let mut device =
        Invented::new(move |program| Ok(if program.hash() == default { 1000.0 } else { own_time(program) }));
    let mut store = Store::in_memory().unwrap();
    let tuned = tune_on(&mut device, &mut store);
    let check = check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    assert_eq!((check.same, check.tied), (SEEDS as usize, SEEDS as usize));
    assert_eq!((check.median_regret, check.worst_regret), (Some(0.0), Some(0.0)));
}

/// A winner that is found wrong on the inputs of the common race is told, and has no regret.
#[test]
fn a_winner_that_is_rejected_in_the_race_of_all_is_told() {
    let (mut store, mut good) = (Store::in_memory().unwrap(), device());
    let tuned = tune_on(&mut good, &mut store);
    let hash = tuned.best(Mode::UNCHECKED).unwrap().code_hash.clone();
    let mut device = Invented::new(move |program| match program.hash() == hash {
        true => Err(Stage::Verify),
        false => Ok(own_time(program)),
    });
    let check = check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    assert!(matches!(check.winner.record.outcome, Outcome::Rejected(_)) && check.winner.slowdown.is_none());
    assert!(!check.winner.is_tied() && check.worst_regret.is_some());
}

/// Stops after so many trials in all.
struct Impatient(usize);

impl Watch for Impatient {
    fn trial(&mut self, _: &Progress) {
        self.0 = self.0.saturating_sub(1);
    }

    fn wants_to_stop(&mut self) -> bool {
        self.0 == 0
    }
}

fn scratch_files(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains(".repeat-")).count()
}

#[test]
fn a_check_that_was_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, mut device) = (Store::open(folder.path().join("trials.db")).unwrap(), device());
    let tuned = tune_on(&mut device, &mut store);
    assert!(check_on(&mut device, &mut store, &tuned, &mut Impatient(9)).is_none());
    assert_eq!(scratch_files(folder.path()), 2, "one search is finished, one is not");
    let jobs = device.jobs;
    check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    // Half of the second search with its knockout and its race, the two others, and the race of all.
    assert_eq!((device.jobs - jobs, scratch_files(folder.path())), (3 + 2 + 2 * 8 + 1, 0));
    let jobs = device.jobs;
    check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    assert_eq!(device.jobs - jobs, SEEDS as usize * 8 + 1, "another check is another measurement");
}

/// Whoever crashed is not met again in any repeat.
#[test]
fn the_quarantine_holds_in_repeats() {
    let crashes = |program: &Program| program.hash().starts_with(['0', '1', '2', '3']);
    let met = Arc::new(AtomicUsize::new(0));
    let counter = met.clone();
    let mut device = Invented::new(move |program| {
        counter.fetch_add(usize::from(crashes(program)), Ordering::Relaxed);
        if crashes(program) { Err(Stage::Crash) } else { Ok(own_time(program)) }
    });
    let mut store = Store::in_memory().unwrap();
    let tuned = tune_on(&mut device, &mut store);
    check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    let once = met.load(Ordering::Relaxed);
    let quarantined = store.query(&Filter { quarantined: true, ..Filter::default() }).unwrap();
    assert!(once > 0 && quarantined.iter().any(|record| record.phase == Phase::Repeat), "{once} crashes");
    check_on(&mut device, &mut store, &tuned, &mut Unwatched).unwrap();
    assert_eq!(met.load(Ordering::Relaxed), once, "a second check meets none of them");
}
