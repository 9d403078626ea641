//! What a start by validity asks, how soon it ends, and what it hands to strategies, on a made-up machine.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::base::seeded;
use crate::record::Rejection;
use crate::search::start::gap;
use crate::search::{Choice, STRATEGIES, Search};
use crate::space::Param;

/// Says which configs of a made-up machine are valid, and counts how often it is asked.
#[derive(Debug)]
struct Machine {
    is_valid: fn(&Config) -> bool,
    calls: AtomicUsize,
}

impl Machine {
    fn new(is_valid: fn(&Config) -> bool) -> Arc<Self> {
        Arc::new(Self { is_valid, calls: AtomicUsize::new(0) })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Oracle for Machine {
    fn verdict(&self, config: &Config) -> Result<(), Rejection> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if (self.is_valid)(config) { Ok(()) } else { Err(Rejection::new(Stage::Compile, "made up")) }
    }
}

/// 4096 configs, with values that are no even steps.
fn space() -> Arc<Space> {
    let sizes = [1i64, 2, 4, 7, 14, 28, 56, 112];
    let builder = Space::builder().param("a", "", sizes).param("b", "", sizes);
    Arc::new(builder.param("c", "", sizes).param("d", "", sizes).build().unwrap())
}

/// Two clusters in opposite corners, together 4 % of the space.
fn clustered(config: &Config) -> bool {
    let all = |is_near: fn(u16) -> bool| config.positions().iter().all(|&position| is_near(position));
    all(|position| position < 3) || all(|position| position > 4)
}

fn task(budget: usize, seed: u64) -> Task {
    Task::new(space(), budget, seed)
}

fn valid_of(configs: &[Config]) -> usize {
    configs.iter().filter(|config| clustered(config)).count()
}

/// How many random configs it takes to meet so many valid ones, on average over the seeds.
fn random_calls(wanted: usize) -> f64 {
    let space = space();
    let mut random = seeded(1, "calls");
    let met = (0..20_000).map(|_| clustered(&space.sample(&mut random).unwrap())).filter(|is_valid| *is_valid).count();
    wanted as f64 * 20_000.0 / met as f64
}

#[test]
fn clusters_are_found_with_a_third_of_the_calls_of_chance() {
    let wanted = 50;
    let calls = |seed| {
        let oracle = Machine::new(clustered);
        let plan = Plan { half: 25, enough: wanted, most: MOST_LABELLED };
        let judged = judge(&task(500, seed), &*oracle, plan);
        assert_eq!(valid_of(&judged.valid), wanted, "it ends with enough valid ones");
        assert_eq!((oracle.calls(), judged.measured, judged.lessons), (judged.len(), 25, 25));
        oracle.calls() as f64
    };
    let mean = (0..20).map(calls).sum::<f64>() / 20.0;
    let chance = random_calls(wanted);
    assert!(mean < chance / 3.0, "{mean} calls where chance takes {chance}");
}

#[test]
fn as_many_labels_are_made_as_are_wanted() {
    for (labels, made) in [(0, 0), (300, 300), (100_000, 4096)] {
        let judged = judge(&task(600, 1), &*Machine::new(clustered), Plan::of(600, Some(labels)));
        assert_eq!((judged.len(), judged.is_empty()), (made, made == 0));
    }
}

#[test]
fn nothing_is_asked_twice_and_what_is_known_never() {
    let known: Vec<Trial> =
        space().iter().step_by(3).map(|config| Trial { config, result: Err(Stage::Compile) }).collect();
    let judged = judge(
        &Task { known: known.clone(), ..task(200, 1) },
        &*Machine::new(clustered),
        Plan { half: 10, enough: usize::MAX, most: usize::MAX },
    );
    let known: HashSet<&Config> = known.iter().map(|trial| &trial.config).collect();
    let asked: HashSet<&Config> = judged.valid.iter().chain(judged.invalid.iter().map(|trial| &trial.config)).collect();
    assert_eq!((asked.len(), judged.len()), (4096 - known.len(), 4096 - known.len()));
    assert!(asked.is_disjoint(&known));
}

#[test]
fn the_initial_set_is_balanced_and_lies_apart() {
    let space = space();
    let spread_of = |configs: &[Config]| {
        let places: Vec<Vec<f64>> = configs.iter().map(|config| space.encode(config)).collect();
        (1..places.len()).map(|at| gap(&places[..at], &places[at])).fold(f64::INFINITY, f64::min)
    };
    for seed in 0..5 {
        let judged = judge(&task(600, seed), &*Machine::new(clustered), Plan::of(600, None));
        assert_eq!((judged.first().len(), judged.lessons().len(), initial_set(600)), (20, 20, 40));
        assert!(valid_of(judged.first()) == 20 && judged.lessons().iter().all(|trial| !clustered(&trial.config)));
        let (few, all) = (spread_of(&judged.first()[..5]), spread_of(&judged.valid));
        assert!(few > 2.0 * all, "seed {seed}: {few} apart, where all are {all}");
    }
}

#[test]
fn spaces_in_which_all_or_nothing_is_valid_end() {
    let large = (0..10).fold(Space::builder(), |builder, at| builder.param(&format!("p{at}"), "", 0..10i64));
    let one = Space::builder().param("a", "", [3i64]);
    let empty = Space::from_list(vec![Param::new("a", "", [1i64, 2])], []).unwrap();
    let spaces = [("large", Arc::new(large.build().unwrap())), ("one", Arc::new(one.build().unwrap()))];
    for (name, space) in spaces.into_iter().chain([("empty", Arc::new(empty)), ("middling", space())]) {
        let size = space.raw_size().min(1 << 20) as usize;
        let judge = |is_valid| judge(&Task::new(space.clone(), 100, 1), &*Machine::new(is_valid), Plan::of(100, None));
        let all = judge(|_| true);
        assert!(all.len() <= 12 && all.invalid.is_empty(), "{name}: {} are enough", all.len());
        assert_eq!(all.measured, all.valid.len().min(4), "{name}");
        let nothing = judge(|_| false);
        assert!(nothing.valid.is_empty() && nothing.measured == 0, "{name}");
        assert!(nothing.len() <= size.min(MOST_LABELLED), "{name}: {}", nothing.len());
    }
}

#[test]
fn the_seed_alone_decides() {
    let judge = |seed| judge(&task(200, seed), &*Machine::new(clustered), Plan::of(200, None)).valid;
    assert_eq!(judge(1), judge(1));
    assert_ne!(judge(1), judge(2));
}

/// What is known to be invalid is no trial; what is valid and lies apart is tried first.
#[test]
fn strategies_begin_with_the_initial_set() {
    for strategy in STRATEGIES.iter().filter(|strategy| strategy.name != "exhaustive") {
        let oracle = Machine::new(clustered);
        let start = Task { oracle: Some(oracle.clone()), init: Init::Validity, is_screened: false, ..task(200, 1) };
        let mut search = Search::start(&Choice::plain(strategy), start);
        let calls = oracle.calls();
        let invalid: HashSet<Config> = search.judged().invalid.iter().map(|trial| trial.config.clone()).collect();
        let first = search.judged().first().to_vec();
        let mut asked = Vec::new();
        for _ in 0..60 {
            let config = search.ask(1).pop().unwrap();
            let result = if clustered(&config) { Ok(1e3 + asked.len() as f64) } else { Err(Stage::Compile) };
            search.tell(&[Trial { config: config.clone(), result }]);
            asked.push(config);
        }
        let name = strategy.name;
        assert!(asked.iter().all(|config| !invalid.contains(config)), "{name} tries what is invalid");
        assert!(asked[..5].iter().all(|config| first.contains(config)), "{name} begins elsewhere");
        assert_eq!(oracle.calls(), calls, "{name}: after the start nobody is asked");
    }
}

/// Without an oracle, or without the wish, nothing is different.
#[test]
fn without_an_oracle_a_search_is_as_ever() {
    let asked = |task: Task| Search::start(&Choice::default(), task).ask(8);
    assert_eq!(asked(task(100, 3)), asked(Task { init: Init::Validity, ..task(100, 3) }));
    assert_eq!("validity".parse(), Ok(Init::Validity));
    assert!("neither".parse::<Init>().unwrap_err().contains("random or validity"));
}
