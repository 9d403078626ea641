//! Searches over our own recordings of whole spaces on two software devices: how soon the default strategy is near the
//! best, and what another device's recording saves it. `scripts/record-spaces.sh` makes the recordings.

use std::path::Path;

use wgtune::base::stats::quantile;
use wgtune::base::{DeviceFacts, DeviceKind, Language};
use wgtune::check::check;
use wgtune::interchange::{Recording, read};
use wgtune::measure::{DOUBT, Load, Pace};
use wgtune::op::{resolve, tuned_templates};
use wgtune::replay::{Conditions, Replay, transfer};
use wgtune::search::{Choice, Trial};
use wgtune::space::{Config, Value};

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
        let choice = Choice::default();
        let run = replay.run(&Conditions { warm, ..Conditions::new(&choice, trials, seed) });
        run.reached(NEAR).unwrap_or(trials + 1)
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

/// Parameters that templates got after the recordings, with what kernels did before.
const SINCE: &[(&str, i64)] = &[("striding", 0), ("share_a", 0), ("share_x", 0), ("th", 1)];

/// The time of every recorded config as a share of what is forecast from the default's, and the load of each.
fn against_forecasts(name: &str) -> Vec<f64> {
    let recording = recording(name);
    let signature = resolve(&recording.kernel).unwrap();
    let template = tuned_templates(&signature, Language::Wgsl).remove(0);
    let device = DeviceFacts::boundless();
    let space = template.space(&signature, &device);
    let load = |config: &Config| {
        let program = template.emit(&signature, config).unwrap();
        Load::new(&program, &check(&program, &signature.symbols, &device).unwrap())
    };
    let names = recording.params.iter().map(|param| param.name.clone());
    let names: Vec<String> = names.collect();
    let timed = recording.entries.iter().map(|entry| {
        let values = names.iter().cloned().zip(entry.values.iter().cloned());
        let values = values.chain(SINCE.iter().map(|(name, value)| ((*name).to_owned(), Value::Int(*value))));
        let values = values.filter(|(name, _)| space.params().iter().any(|param| param.name == *name)).collect();
        (load(&space.config(&values).unwrap()), *entry.result.as_ref().unwrap())
    });
    let timed: Vec<(Load, f64)> = timed.collect();
    // The recording is of a part of the space, in which the default need not lie: the middle one stands for it.
    let middle = quantile(&timed.iter().map(|(_, ns)| *ns).collect::<Vec<f64>>(), 0.5);
    let (load, ns) = timed.iter().min_by(|a, b| (a.1 - middle).abs().total_cmp(&(b.1 - middle).abs())).unwrap();
    let pace = Pace::guess(DeviceKind::DiscreteGpu).measured(load, *ns);
    timed.iter().map(|(load, ns)| ns / pace.forecast_ns(load)).collect()
}

/// What is split and what is refused before it is launched stands on this.
#[test]
fn every_recorded_config_takes_about_as_long_as_forecast() {
    for name in ["matmul-lavapipe", "conv2d-lavapipe", "chain-lavapipe", "matmul-swiftshader"] {
        let ratios = against_forecasts(name);
        let [least, low, high, most] = [0.0, 0.05, 0.95, 1.0].map(|share| quantile(&ratios, share));
        println!("{name}: time / forecast {least:.2} to {most:.2}, nine of ten from {low:.2} to {high:.2}");
        assert!(least > 1.0 / DOUBT && most < DOUBT, "{name}: {least} to {most}");
    }
}
