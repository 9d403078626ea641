//! Searches over our own recordings of whole spaces on two software devices: how soon the default strategy is near the
//! best, and what another device's recording saves it. `scripts/record-spaces.sh` makes the recordings.

use std::path::Path;

use wgtune::interchange::{Recording, read};
use wgtune::replay::{Replay, transfer};
use wgtune::search::{Choice, Trial};

const SEEDS: u64 = 10;

/// How near to the best counts as found.
const NEAR: f64 = 0.95;

fn recording(name: &str) -> Recording {
    let file = format!("tests/data/recorded/{name}.json.gz");
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn replay(recording: &Recording) -> Replay {
    Replay::new(recording).unwrap().unwrap()
}

/// The evaluations until a config is near the best, for each seed in ascending order; one more than there are trials
/// where none is found.
fn evaluations(replay: &Replay, trials: usize, warm: &[Trial]) -> Vec<usize> {
    let found = |seed| {
        let run = replay.run(&Choice::default(), trials, seed, warm);
        run.fraction.iter().position(|fraction| *fraction >= NEAR).map_or(trials, |before| before) + 1
    };
    let mut found: Vec<usize> = (0..SEEDS).map(found).collect();
    found.sort_unstable();
    found
}

/// The middle of an even number of seeds, rounded up.
fn median(sorted: &[usize]) -> usize {
    let middle = sorted.len() / 2;
    (sorted[middle - 1] + sorted[middle]).div_ceil(2)
}

fn near_the_best_after_a_tenth(name: &str) {
    let replay = replay(&recording(name));
    let trials = replay.configs() / 10;
    let found = evaluations(&replay, trials, &[]);
    assert!(median(&found) <= trials, "{name}: of {trials} trials {found:?}");
}

#[test]
fn a_matmul_is_near_its_best_after_a_tenth_of_its_configs() {
    near_the_best_after_a_tenth("matmul-lavapipe");
}

#[test]
fn a_convolution_is_near_its_best_after_a_tenth_of_its_configs() {
    near_the_best_after_a_tenth("conv2d-lavapipe");
}

#[test]
fn a_chain_is_near_its_best_after_a_tenth_of_its_configs() {
    near_the_best_after_a_tenth("chain-lavapipe");
}

/// In both directions together: one of the two may be the easier.
#[test]
fn another_devices_recording_halves_the_evaluations() {
    let recordings = ["matmul-lavapipe", "matmul-swiftshader"].map(recording);
    let [mut cold, mut warm] = [0, 0];
    let mut all = Vec::new();
    for (here, there) in [(0, 1), (1, 0)] {
        let replay = replay(&recordings[here]);
        let trials = replay.configs() / 4;
        let known = transfer(&recordings[there], replay.space()).unwrap().trials;
        let found = [evaluations(&replay, trials, &[]), evaluations(&replay, trials, &known)];
        cold += median(&found[0]);
        warm += median(&found[1]);
        all.push(found);
    }
    assert!(2 * warm <= cold, "medians sum to {warm} with and {cold} without: {all:?}");
}
