//! How good search strategies are on made-up machines: better than chance by a stated margin, and better when warm.

use std::sync::Arc;

use wgtune::record::{Prior, Stage};
use wgtune::search::{Choice, STRATEGIES, Strategy, Task, Trial, find};
use wgtune::space::{Config, Space};

/// Strategies that need not beat chance, and why.
const CHANCE: &[(&str, &str)] =
    &[("random", "it is chance"), ("exhaustive", "goes in ascending order, wherever the good ones lie")];

/// Strategies that begin the same whatever warm data or a prior say, and why.
const HINTLESS: &[(&str, &str)] =
    &[("random", "what others are compared with takes no hints"), ("exhaustive", "goes in ascending order")];

const SEEDS: u64 = 8;

/// A made-up device: what its kernels like, all as exponents of two or shares.
#[derive(Clone, Copy, Debug)]
struct Machine {
    /// Invocations per workgroup that hide its latencies best.
    invocations: f64,
    /// Elements of a tile per invocation that its registers hold.
    registers: f64,
    /// The loop step that its caches like.
    depth: f64,
    /// What staging in workgroup memory costs or, below zero, gains.
    staged: f64,
}

const NEAR: Machine = Machine { invocations: 8.0, registers: 4.0, depth: 4.0, staged: -0.3 };
const OTHER: Machine = Machine { invocations: 7.0, registers: 4.0, depth: 3.0, staged: -0.2 };
const ODD: Machine = Machine { invocations: 6.0, registers: 2.0, depth: 5.0, staged: 0.4 };

/// A space like that of a tiled matmul: some thousands of configs, few of them good.
fn tiles() -> Arc<Space> {
    let builder = Space::builder().param("wx", "", [4i64, 8, 16, 32, 64]).param("wy", "", [2i64, 4, 8, 16, 32]);
    let builder = builder.param("tx", "", [1i64, 2, 3, 4, 6, 8]).param("ty", "", [1i64, 2, 3, 4, 6, 8]);
    let builder = builder.param("k", "", [4i64, 8, 16, 32, 64]).param("load", "", ["scalar", "vec2", "vec4"]);
    let builder = builder.param("staged", "", [0i64, 1]).rule("too many", ["wx", "wy"], |[x, y]| x * y <= 1024);
    Arc::new(builder.build().unwrap())
}

/// The time of a tile: a product of what each choice costs, with a hash for all that no model explains. What needs too
/// many registers fails.
fn time(machine: Machine, config: &Config) -> Trial {
    let log = |name: &str| (config.int(name) as f64).log2();
    let tile = log("tx") + log("ty");
    let load = config.value("load").unwrap().to_string();
    let vectors = match (load.as_str(), config.int("tx") % 4 == 0) {
        ("vec4", true) => -0.4,
        ("vec4", false) => 0.3,
        ("vec2", _) => -0.1,
        _ => 0.0,
    };
    let hash =
        config.positions().iter().fold(17u64, |hash, &p| (hash ^ u64::from(p)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let cost = 0.15 * (log("wx") + log("wy") - machine.invocations).powi(2)
        + 0.2 * (tile - machine.registers).powi(2)
        + 0.1 * (log("k") - machine.depth).powi(2)
        + f64::from(config.int("staged") as u32) * machine.staged
        + 0.1 * (log("wx") - 4.0).abs()
        + vectors
        + 0.1 * (hash >> 40) as f64 / (1u64 << 24) as f64;
    let result = if tile > machine.registers + 1.2 { Err(Stage::Compile) } else { Ok(1e6 * cost.exp()) };
    Trial { config: config.clone(), result }
}

fn best(trials: impl Iterator<Item = Trial>) -> f64 {
    trials.filter_map(|trial| trial.result.ok()).fold(f64::INFINITY, f64::min)
}

/// The mean over the seeds of what is left to the optimum after so many of 100 trials, one after another.
fn gap(strategy: &'static Strategy, space: &Arc<Space>, machine: Machine, warm: &[Trial], trials: usize) -> f64 {
    let task = Task { warm: warm.to_vec(), ..Task::new(space.clone(), 100, 0) };
    gap_of(strategy, &task, machine, trials)
}

/// The same for a task, under several seeds.
fn gap_of(strategy: &'static Strategy, task: &Task, machine: Machine, trials: usize) -> f64 {
    let space = &task.space;
    let optimum = best(space.iter().map(|config| time(machine, &config)));
    let fraction = |seed| {
        let task = Task { seed, ..task.clone() };
        let mut searcher = (strategy.start)(task, &Choice::plain(strategy));
        let next = || {
            let trial = time(machine, &searcher.ask(1).pop()?);
            searcher.tell(std::slice::from_ref(&trial));
            Some(trial)
        };
        optimum / best(std::iter::from_fn(next).take(trials))
    };
    1.0 - (0..SEEDS).map(fraction).sum::<f64>() / SEEDS as f64
}

fn without(reviewed: &'static [(&str, &str)]) -> impl Iterator<Item = &'static Strategy> {
    STRATEGIES.iter().filter(|strategy| reviewed.iter().all(|(name, _)| *name != strategy.name))
}

/// At 100 trials no strategy leaves more than three quarters of what chance leaves to the optimum, on average over seeds
/// and machines.
#[test]
fn strategies_beat_chance_by_a_quarter() {
    let space = tiles();
    let mean = |strategy| (gap(strategy, &space, NEAR, &[], 100) + gap(strategy, &space, ODD, &[], 100)) / 2.0;
    let chance = mean(find("random").unwrap());
    let gaps = without(CHANCE).map(|strategy| (strategy.name, mean(strategy)));
    let wrong: Vec<_> = gaps.filter(|(_, gap)| *gap > 0.75 * chance).collect();
    assert!(wrong.is_empty(), "chance leaves {chance:.3}, but {wrong:.3?}");
}

/// Results of a machine like this one help in the first 15 trials, though all its times are of another size.
#[test]
fn warm_data_help_at_the_beginning() {
    let space = tiles();
    let near = recorded(&space, OTHER);
    let gaps = |strategy| (gap(strategy, &space, NEAR, &near, 15), gap(strategy, &space, NEAR, &[], 15));
    let gaps = without(HINTLESS).map(|strategy| (strategy.name, gaps(strategy)));
    let wrong: Vec<_> = gaps.filter(|(_, (warm, cold))| *warm > 0.75 * cold).collect();
    assert!(wrong.is_empty(), "left with and without warm data: {wrong:.3?}");
}

/// Results of a machine that likes quite other kernels do not keep a search from beating chance.
#[test]
fn misleading_warm_data_do_no_lasting_harm() {
    let space = tiles();
    let odd = recorded(&space, ODD);
    let chance = gap(find("random").unwrap(), &space, NEAR, &[], 100);
    let gaps = without(CHANCE).map(|strategy| (strategy.name, gap(strategy, &space, NEAR, &odd, 100)));
    let wrong: Vec<_> = gaps.filter(|(_, gap)| *gap > chance).collect();
    assert!(wrong.is_empty(), "chance leaves {chance:.3}, but {wrong:.3?}");
}

/// Every 37th config on another machine, seven times as slow.
fn recorded(space: &Space, machine: Machine) -> Vec<Trial> {
    let slow = |trial: Trial| Trial { result: trial.result.map(|ns| 7.0 * ns), ..trial };
    space.iter().step_by(37).map(|config| slow(time(machine, &config))).collect()
}

/// Takes a kernel to be as fast as on another machine, and has no opinion about kernels with deep loops.
#[derive(Debug)]
struct Guess(Machine);

impl Prior for Guess {
    fn log_time(&self, config: &Config) -> f64 {
        if config.int("k") > 32 { f64::NAN } else { time(self.0, config).result.map_or(f64::MAX, f64::ln) }
    }
}

#[test]
fn a_prior_helps_at_the_beginning() {
    let guess = Arc::new(Guess(OTHER));
    let task = Task { prior: Some(guess), ..Task::new(tiles(), 100, 0) };
    let gaps = |strategy| (gap_of(strategy, &task, NEAR, 15), gap(strategy, &task.space, NEAR, &[], 15));
    let gaps = without(HINTLESS).map(|strategy| (strategy.name, gaps(strategy)));
    let wrong: Vec<_> = gaps.filter(|(_, (with, without))| *with > 0.75 * without).collect();
    assert!(wrong.is_empty(), "left with and without the prior: {wrong:.3?}");
}
