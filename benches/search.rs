//! What a searcher itself takes for one evaluation late in a search: asking for a config and being told its result.
//!
//! Each strategy knows 200 results of a made-up listed space of 18 000 configs, as large as recorded spaces get. The
//! time is the mean over the next 20 evaluations, so that a model that is refitted now and then is paid for; the longest
//! single one, in which a model is fitted, is printed after it, and so is the memory of the process at its highest (Linux).
//! Starting is not timed.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use wgtune::base::seeded;
use wgtune::record::Stage;
use wgtune::search::{Choice, STRATEGIES, Search, Task, Trial};
use wgtune::space::{Config, Param, Space};

/// Configs of the space.
const CANDIDATES: usize = 18_000;

/// Results that are known when the clock starts.
const KNOWN: usize = 200;

/// Evaluations that share the time.
const EVALUATIONS: usize = 20;

criterion_group!(benches, evaluations);
criterion_main!(benches);

fn evaluations(criterion: &mut Criterion) {
    let space = space();
    let known = known(&space);
    let mut group = criterion.benchmark_group("ask and tell");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for strategy in STRATEGIES {
        let mut longest = Duration::ZERO;
        group.bench_function(strategy.name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut search = |seed| {
                    let times = search(&Choice::plain(strategy), &space, &known, seed);
                    longest = times.iter().copied().fold(longest, Duration::max);
                    times.iter().sum::<Duration>() / EVALUATIONS as u32
                };
                (0..rounds).map(&mut search).sum()
            });
        });
        println!("ask and tell/{}: at most {longest:.2?}{}", strategy.name, memory());
    }
    group.finish();
}

/// The process's memory at its highest so far, as Linux tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or(String::new(), |peak| format!(", memory so far at most {}", peak.trim()))
}

/// What each of the next evaluations takes a search that knows these results.
fn search(choice: &Choice, space: &Arc<Space>, known: &[Trial], seed: u64) -> Vec<Duration> {
    let task = Task { known: known.to_vec(), ..Task::new(space.clone(), KNOWN + EVALUATIONS, seed) };
    let mut search = Search::start(choice, task);
    let mut evaluation = || {
        let started = Instant::now();
        let asked = black_box(search.ask(1));
        search.tell(&asked.into_iter().map(measure).collect::<Vec<Trial>>());
        started.elapsed()
    };
    (0..EVALUATIONS).map(|_| evaluation()).collect()
}

/// Ten parameters with the values that those of kernels have. Every config of the list is one of the product's at equal
/// distances, so that all values occur.
fn space() -> Arc<Space> {
    let powers = |from: u32, to: u32| (from..=to).map(|power| 1i64 << power).collect::<Vec<_>>();
    let mut params = vec![Param::new("wx", "", powers(0, 7)), Param::new("wy", "", powers(0, 5))];
    params.extend(["tm", "tn"].map(|name| Param::new(name, "", 1..=8i64)));
    params.extend(["bk", "unroll"].map(|name| Param::new(name, "", powers(0, 4))));
    params.push(Param::new("load", "", ["scalar", "vec2", "vec4"]));
    params.extend(["pad", "stage_a", "stage_b"].map(|name| Param::new(name, "", [0i64, 1])));
    let raw: usize = params.iter().map(|param| param.values.len()).product();
    let row = |number: usize| {
        let mut rest = number * (raw / CANDIDATES);
        let value = |param: &Param| {
            let value = param.values[rest % param.values.len()].clone();
            rest /= param.values.len();
            value
        };
        params.iter().map(value).collect::<Vec<_>>()
    };
    let space = Space::from_list(params.clone(), (0..CANDIDATES).map(row)).expect("a list of its own values");
    assert_eq!(space.iter().count(), CANDIDATES);
    Arc::new(space)
}

fn known(space: &Space) -> Vec<Trial> {
    let mut random = seeded(1, "bench");
    (0..KNOWN).filter_map(|_| space.sample(&mut random)).map(measure).collect()
}

/// A made-up machine with an optimum inside the space, on which one config in ten or so fails.
fn measure(config: Config) -> Trial {
    let positions = config.positions().iter().enumerate();
    let far: f64 = positions.map(|(param, &position)| (f64::from(position) - (param % 4) as f64).powi(2)).sum();
    let fails = config.int("wx") * config.int("wy") > 1024;
    Trial { config, result: if fails { Err(Stage::Limits) } else { Ok(1e5 * (1.0 + 0.05 * far)) } }
}
