//! Tuning on a made-up machine with a clock of its own: through drift and noise the winner is one of the best, what is as
//! fast as the default does not replace it, and coarse clocks are seen through.

mod common;

use common::clockwork::{Clockwork, Manners};
use wgtune::backend::Executor;
use wgtune::op::{Signature, resolve};
use wgtune::record::{Mode, Phase, Record};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Settings, Tuned, Unwatched, tune};

/// How many configs are tried; each takes a per cent longer than the one before.
const CANDIDATES: usize = 64;

/// A run of `wgtune tune` on a machine with these manners.
struct Ran {
    tuned: Tuned,
    machine: Clockwork,
    searched: Vec<Record>,
}

fn run(manners: Manners, trials: usize, seed: u64) -> Ran {
    let mut backend = Executor::new(Clockwork::new(manners, seed));
    let mut store = Store::in_memory().unwrap();
    let settings = Settings { strategy: "random".parse().unwrap(), trials, seed, ..Settings::default() };
    let tuned = tune(&mut backend, &mut store, &signature(), &settings, &mut Unwatched).unwrap();
    let searched = store.query(&Filter { phase: Some(Phase::Search), ..Filter::default() }).unwrap();
    Ran { tuned, machine: backend.into_machine(), searched }
}

/// Cheap to emit and to check, and with more than enough configs.
fn signature() -> Signature {
    resolve("chain:f32:r4c16:x+y").unwrap()
}

impl Ran {
    /// How much slower than the best candidate the winner truly is.
    fn regret(&self) -> f64 {
        self.slower(&self.tuned.best(Mode::UNCHECKED).unwrap().code_hash)
    }

    fn slower(&self, hash: &str) -> f64 {
        self.machine.true_ns(hash) / self.machine.best_ns() - 1.0
    }

    /// The same of the trial with the smallest median, which is what a plain tuner takes.
    fn regret_of_the_smallest_median(&self) -> f64 {
        let median = |record: &&Record| record.outcome.median_ns().unwrap_or(f64::INFINITY);
        let smallest = self.searched.iter().min_by(|a, b| median(a).total_cmp(&median(b))).unwrap();
        self.slower(&smallest.code_hash)
    }
}

#[test]
fn the_winner_is_within_two_per_cent_of_the_best_through_drift_and_noise() {
    let manners = Manners { noise: 0.1, drift_per_second: 0.12, ..Manners::steady(1.01) };
    let seeds: Vec<u64> = (0..100).collect();
    let runs = in_parallel(&seeds, |seed| {
        let ran = run(manners, CANDIDATES, seed);
        assert_eq!((ran.searched.len(), ran.machine.known()), (CANDIDATES, CANDIDATES + 1), "and the naive kernel");
        (ran.regret(), ran.regret_of_the_smallest_median(), ran.machine.drift(), ran.machine.seconds())
    });
    let good = runs.iter().filter(|run| run.0 <= 0.02).count();
    let plain = runs.iter().filter(|run| run.1 <= 0.02).count();
    let drift = runs.iter().map(|run| run.2).fold(f64::INFINITY, f64::min);
    let seconds = runs.iter().map(|run| run.3).sum::<f64>() / runs.len() as f64;
    println!("within 2 %: {good} of 100; by the smallest median of the search: {plain} of 100");
    println!("the clock drifted by at least {:.0} %; a run took {seconds:.1} s of its time", 100.0 * drift);
    assert!(drift >= 0.3, "{drift}");
    assert!(good >= 95, "{good} of 100: {runs:?}");
    assert!(plain < good, "{plain} of 100 without any of it");
}

#[test]
fn the_default_stays_where_nothing_is_faster() {
    let manners = Manners { noise: 0.05, drift_per_second: 0.1, ..Manners::steady(1.0) };
    let kept = in_parallel(&(0..20).collect::<Vec<u64>>(), |seed| {
        let tuned = run(manners, 16, seed).tuned;
        let floor = tuned.noise_floor().unwrap();
        assert!((0.0..0.1).contains(&floor), "a noise floor of {floor}");
        tuned.keeps_default(Mode::UNCHECKED)
    });
    let kept = kept.iter().filter(|kept| **kept).count();
    assert!(kept >= 17, "kept in {kept} of 20");
}

#[test]
fn the_step_of_a_coarse_clock_is_found_and_its_bad_stamps_are_counted() {
    for step_ns in [1.0, 1000.0, 65_536.0] {
        let manners = Manners { noise: 0.02, step_ns, bad_stamps: 0.05, ..Manners::steady(1.05) };
        let Ran { tuned, machine, .. } = run(manners, 8, 3);
        let resolution = tuned.resolution_ns.unwrap();
        assert!(resolution >= 0.999 * step_ns && resolution <= 1.001 * step_ns.max(200.0), "{step_ns}: {resolution}");
        let slower = machine.true_ns(&tuned.best(Mode::UNCHECKED).unwrap().code_hash) / machine.best_ns();
        assert!(slower < 1.01, "{step_ns}: the winner is {slower} times as slow as the best");
        assert!(tuned.impossible > 0, "{step_ns}");
    }
}

/// Answers for each seed, from all cores.
fn in_parallel<T: Send>(seeds: &[u64], run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = seeds.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let run = &run;
        let workers: Vec<_> = seeds
            .chunks(share)
            .map(|seeds| scope.spawn(move || seeds.iter().map(|seed| run(*seed)).collect::<Vec<T>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}
