//! What a searcher itself takes for one evaluation late in a search: asking for a config and being told its result.
//!
//! Each strategy knows 200 results of a made-up listed space of 18 000 configs, as large as recorded spaces get. The
//! time is the mean over the next 20 evaluations, so that a model that is refitted now and then is paid for; the longest
//! single one, in which a model is fitted, is printed after it, and so is the memory of the process at its highest (Linux).
//! Starting is not timed.
//!
//! Before that: what spaces of 10⁸ raw points take whose five rules are slow, as those of kernel files are. How long the
//! legal configs and what each rule removes take to count, and how long it is from opening the space to the first
//! config of each strategy. Every time is that of a space of which nothing is known yet.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use wgtune::base::seeded;
use wgtune::record::Stage;
use wgtune::search::{Choice, STRATEGIES, Search, Task, Trial};
use wgtune::space::{Config, Param, Space, SpaceBuilder};

/// Configs of the space.
const CANDIDATES: usize = 18_000;

/// Results that are known when the clock starts.
const KNOWN: usize = 200;

/// Evaluations that share the time.
const EVALUATIONS: usize = 20;

criterion_group!(benches, large_spaces, evaluations);
criterion_main!(benches);

/// What one question to a slow rule takes.
const QUESTION: Duration = Duration::from_micros(1);

/// Trials that a search in a large space is planned for.
const BUDGET: usize = 200;

fn large_spaces(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("large");
    group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for (name, most) in [("loose", 1000), ("rare", 25), ("strict", 10)] {
        let opened = large(most);
        println!("large/{name}: {:?} of {} configs are legal", opened.count(), opened.raw_size());
        group.bench_function(format!("{name}/count"), |bencher| bencher.iter(|| large(most).count()));
        group.bench_function(format!("{name}/removals"), |bencher| bencher.iter(|| large(most).removals()));
        for strategy in STRATEGIES {
            let first = |seed| {
                let task = Task::new(Arc::new(large(most)), BUDGET, seed);
                assert_eq!(Search::start(&Choice::plain(strategy), task).ask(1).len(), 1);
            };
            group.bench_function(format!("{name}/first ask/{}", strategy.name), |bencher| bencher.iter(|| first(1)));
        }
        println!("large/{name}:{}", memory().trim_start_matches(','));
    }
    group.finish();
}

/// Eight parameters of ten values, with five slow rules on two to four of them. The smaller `most`, the stricter they are.
fn large(most: i64) -> Space {
    let names: Vec<String> = (0..8).map(|i| format!("p{i}")).collect();
    let builder = names.iter().fold(Space::builder(), |builder, name| builder.param(name, "", 1..=10i64));
    let reads: [&[usize]; 5] = [&[0, 1], &[1, 2, 3], &[3, 4], &[2, 4, 5, 6], &[5, 6, 7, 0]];
    let rule = |builder: SpaceBuilder, reads: &[usize]| {
        let read: Vec<String> = reads.iter().map(|&param| names[param].clone()).collect();
        builder.rule_over("the product is too large", &read, move |numbers| {
            let asked = Instant::now();
            while asked.elapsed() < QUESTION {}
            numbers.iter().product::<i64>() <= most
        })
    };
    reads.into_iter().fold(builder, rule).build().expect("rules on its own parameters")
}

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
