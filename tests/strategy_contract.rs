//! What every search strategy promises, checked for each one in the list.

use std::collections::HashSet;
use std::sync::Arc;

use wgtune::record::{Oracle, Rejection, Stage};
use wgtune::search::{Choice, Init, STRATEGIES, Search, Searcher, Strategy, Task, Trial, find};
use wgtune::space::{Config, Param, Space};

/// Strategies that ask the same whatever the seed, and why.
const SEEDLESS: &[(&str, &str)] = &[("exhaustive", "goes in ascending order")];

fn ruled() -> Arc<Space> {
    let sizes = [1i64, 2, 4, 8, 16];
    let builder = Space::builder().param("wx", "", sizes).param("wy", "", sizes).param("load", "", ["scalar", "vec4"]);
    let space = builder.param("unroll", "", [1i64, 2, 4]).rule("too many", ["wx", "wy"], |[x, y]| x * y <= 64);
    Arc::new(space.build().unwrap())
}

/// Every third point of [`ruled`], as replay makes its spaces.
fn listed() -> Arc<Space> {
    let space = ruled();
    let row = |c: Config| space.params().iter().map(|p| c.value(&p.name).unwrap().clone()).collect();
    Arc::new(Space::from_list(space.params().to_vec(), space.iter().step_by(3).map(row)).unwrap())
}

fn one_point() -> Arc<Space> {
    Arc::new(Space::builder().param("a", "", [3i64]).build().unwrap())
}

fn empty() -> Arc<Space> {
    Arc::new(Space::from_list(vec![Param::new("a", "", [1i64, 2])], []).unwrap())
}

/// 10¹⁰ raw points, half of them legal.
fn large() -> Arc<Space> {
    let mut builder = Space::builder();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        builder = builder.param(name, "", 0..10i64);
    }
    Arc::new(builder.rule("odd", ["a", "j"], |[a, j]| (a + j) % 2 == 0).build().unwrap())
}

/// One config, that without a choice.
fn no_parameters() -> Arc<Space> {
    Arc::new(Space::builder().build().unwrap())
}

fn small() -> [(&'static str, Arc<Space>); 5] {
    [
        ("no parameters", no_parameters()),
        ("ruled", ruled()),
        ("listed", listed()),
        ("one point", one_point()),
        ("empty", empty()),
    ]
}

/// Results of a made-up machine: smaller codes are faster, and every seventh is rejected.
fn measure(config: Config) -> Trial {
    let code = config.positions().iter().fold(1u64, |code, &p| code * 31 + u64::from(p));
    let result = if code.is_multiple_of(7) { Err(Stage::Verify) } else { Ok(1e3 + code as f64) };
    Trial { config, result }
}

fn fail(config: Config) -> Trial {
    Trial { config, result: Err(Stage::Run) }
}

fn start(strategy: &'static Strategy, space: &Arc<Space>, seed: u64, known: Vec<Trial>) -> Box<dyn Searcher> {
    let task = Task { known, ..Task::new(space.clone(), 200, seed) };
    (strategy.start)(task, &Choice::plain(strategy))
}

/// What is asked until nothing is left or there are `most`, told in batches.
fn run(searcher: &mut dyn Searcher, batch: usize, most: usize, trial: fn(Config) -> Trial) -> Vec<Config> {
    let mut asked = Vec::new();
    while asked.len() < most {
        let configs = searcher.ask(batch.min(most - asked.len()));
        if configs.is_empty() {
            break;
        }
        assert!(configs.len() <= batch, "asked for {batch}, got {}", configs.len());
        searcher.tell(&configs.iter().cloned().map(trial).collect::<Vec<_>>());
        asked.extend(configs);
    }
    asked
}

fn sorted(mut configs: Vec<Config>) -> Vec<Config> {
    configs.sort();
    configs
}

#[test]
fn strategies_are_found_by_their_names() {
    for strategy in STRATEGIES {
        assert_eq!(find(strategy.name).map(|found| found.about), Some(strategy.about));
    }
    assert!(find("").is_none());
}

#[test]
fn a_small_space_is_exhausted_exactly_once_even_if_all_fails() {
    for strategy in STRATEGIES {
        for (name, space) in small() {
            for (batch, trial) in [(1, measure as fn(Config) -> Trial), (7, measure), (1, fail), (1000, fail)] {
                let mut searcher = start(strategy, &space, 1, vec![]);
                let asked = run(searcher.as_mut(), batch, usize::MAX, trial);
                let case = format!("{} on {name} by {batch}", strategy.name);
                assert_eq!(sorted(asked), space.iter().collect::<Vec<_>>(), "{case}");
                assert!(searcher.ask(1).is_empty(), "{case}: nothing is left");
            }
        }
    }
}

#[test]
fn large_spaces_are_asked_legally_and_without_repeats() {
    let space = large();
    for strategy in STRATEGIES {
        let asked = run(start(strategy, &space, 1, vec![]).as_mut(), 10, 500, measure);
        assert!(asked.iter().all(|config| space.contains(config)), "{}", strategy.name);
        assert_eq!(asked.iter().collect::<HashSet<_>>().len(), 500, "{}", strategy.name);
    }
}

#[test]
fn the_seed_alone_decides() {
    for space in [ruled(), large()] {
        for strategy in STRATEGIES {
            let asked = |seed| run(start(strategy, &space, seed, vec![]).as_mut(), 5, 60, measure);
            assert_eq!(asked(1), asked(1), "{}", strategy.name);
            let seedless = SEEDLESS.iter().any(|(name, _)| *name == strategy.name);
            assert_eq!(asked(1) == asked(2), seedless, "{} under another seed", strategy.name);
        }
    }
}

/// The loop may time a batch one by one and tell each as it ends.
#[test]
fn a_batch_may_be_told_one_by_one() {
    for strategy in STRATEGIES {
        let (mut whole, mut single) = (start(strategy, &ruled(), 1, vec![]), start(strategy, &ruled(), 1, vec![]));
        loop {
            let configs = whole.ask(5);
            assert_eq!(configs, single.ask(5), "{}", strategy.name);
            if configs.is_empty() {
                break;
            }
            let trials: Vec<Trial> = configs.into_iter().map(measure).collect();
            whole.tell(&trials);
            trials.iter().for_each(|trial| single.tell(std::slice::from_ref(trial)));
        }
    }
}

#[test]
fn what_is_known_is_not_asked() {
    for strategy in STRATEGIES {
        for (name, space) in small() {
            let all: Vec<Config> = space.iter().collect();
            let (warm, rest) = all.split_at(all.len() / 3);
            let (told, left) = rest.split_at(rest.len() / 3);
            let trials = |configs: &[Config]| configs.iter().cloned().map(measure).collect::<Vec<_>>();
            let mut searcher = start(strategy, &space, 1, trials(warm));
            searcher.tell(&trials(told));
            let asked = run(searcher.as_mut(), 4, usize::MAX, measure);
            assert_eq!(sorted(asked), left, "{} on {name}", strategy.name);
        }
    }
}

/// Times that no machine takes teach nothing and harm nothing.
#[test]
fn times_that_are_no_numbers_do_no_harm() {
    for strategy in STRATEGIES {
        for ns in [f64::INFINITY, f64::NAN, 0.0, -1.0] {
            let all: Vec<Config> = ruled().iter().collect();
            let known = vec![Trial { config: all[0].clone(), result: Ok(ns) }];
            let mut searcher = start(strategy, &ruled(), 1, known);
            let mut asked = vec![all[0].clone()];
            while let Some(config) = searcher.ask(1).pop() {
                let result = if asked.len() % 3 == 0 { Ok(ns) } else { measure(config.clone()).result };
                searcher.tell(&[Trial { config: config.clone(), result }]);
                asked.push(config);
            }
            assert_eq!(sorted(asked), all, "{} with {ns}", strategy.name);
        }
    }
}

/// Several devices may work at once: results come late, in another order, twice, or never.
#[test]
fn results_may_come_late_and_in_any_order() {
    for strategy in STRATEGIES {
        for space in [ruled(), large()] {
            let mut searcher = start(strategy, &space, 1, vec![]);
            let mut asked = Vec::new();
            for round in 0..12 {
                let configs = searcher.ask(8);
                assert_eq!(configs.len(), 8, "{}", strategy.name);
                asked.extend(configs);
                let late = asked.iter().rev().skip(round % 5).step_by(2).take(8).cloned();
                searcher.tell(&late.map(measure).collect::<Vec<_>>());
            }
            assert!(asked.iter().all(|config| space.contains(config)), "{}", strategy.name);
            assert_eq!(asked.iter().collect::<HashSet<_>>().len(), asked.len(), "{}", strategy.name);
        }
    }
}

/// What is told without having been asked for is learnt from: the default, or what another search found.
#[test]
fn what_was_never_asked_may_be_told_at_any_time() {
    for strategy in STRATEGIES {
        let space = ruled();
        let mut searcher = start(strategy, &space, 1, vec![]);
        let mut done = Vec::new();
        let foreign: Vec<Config> = space.iter().step_by(5).collect();
        for config in foreign {
            if !done.contains(&config) {
                searcher.tell(&[measure(config.clone())]);
                done.push(config);
            }
            let asked = searcher.ask(1);
            searcher.tell(&asked.iter().cloned().map(measure).collect::<Vec<_>>());
            done.extend(asked);
        }
        done.extend(run(searcher.as_mut(), 3, usize::MAX, measure));
        assert_eq!(sorted(done), space.iter().collect::<Vec<_>>(), "{}", strategy.name);
    }
}

/// Warm data are hints, not results: what they hold is still asked for, and nothing else is left out.
#[test]
fn warm_data_are_not_results_of_this_search() {
    for strategy in STRATEGIES {
        for (name, space) in small() {
            let all: Vec<Config> = space.iter().collect();
            let warm = all.iter().cloned().map(measure).collect();
            let task = Task { warm, ..Task::new(space.clone(), 200, 1) };
            let mut searcher = (strategy.start)(task, &Choice::plain(strategy));
            assert_eq!(sorted(run(searcher.as_mut(), 4, usize::MAX, measure)), all, "{} on {name}", strategy.name);
        }
    }
}

/// Refuses what [`measure`] would reject.
#[derive(Debug)]
struct Machine;

impl Oracle for Machine {
    fn verdict(&self, config: &Config) -> Result<(), Rejection> {
        measure(config.clone()).result.map(|_| ()).map_err(|stage| Rejection::new(stage, "made up"))
    }
}

/// A search that asked [`Machine`] before it began, and asks it about each proposal if it is screened.
fn start_with_validity(strategy: &'static Strategy, space: &Arc<Space>, is_screened: bool, seed: u64) -> Search {
    let oracle: Option<Arc<dyn Oracle>> = Some(Arc::new(Machine));
    let plain = Task::new(space.clone(), 200, seed);
    Search::start(&Choice::plain(strategy), Task { oracle, init: Init::Validity, is_screened, ..plain })
}

fn run_search(search: &mut Search, batch: usize, most: usize) -> Vec<Config> {
    let mut asked = Vec::new();
    while asked.len() < most {
        let configs = search.ask(batch.min(most - asked.len()));
        if configs.is_empty() {
            break;
        }
        search.tell(&configs.iter().cloned().map(measure).collect::<Vec<_>>());
        asked.extend(configs);
    }
    asked
}

/// What was found to be invalid before the search is the only thing that is not asked for.
#[test]
fn after_a_start_by_validity_all_that_is_left_is_asked_once() {
    for strategy in STRATEGIES {
        for (name, space) in small() {
            for (batch, is_screened) in [(1, false), (7, false), (1, true), (7, true)] {
                let mut search = start_with_validity(strategy, &space, is_screened, 1);
                let known: Vec<Config> = search.judged().invalid.iter().map(|trial| trial.config.clone()).collect();
                let is_left = |config: &Config| match is_screened {
                    true => Machine.verdict(config).is_ok(),
                    false => !known.contains(config),
                };
                let left: Vec<Config> = space.iter().filter(is_left).collect();
                let asked = run_search(&mut search, batch, usize::MAX);
                let case = format!("{} on {name} by {batch}, screened: {is_screened}", strategy.name);
                assert_eq!(sorted(asked), left, "{case}");
                assert!(search.ask(1).is_empty(), "{case}: nothing is left");
            }
        }
    }
}

#[test]
fn large_spaces_are_begun_by_validity_without_repeats() {
    let space = large();
    for strategy in STRATEGIES {
        let asked = |seed| run_search(&mut start_with_validity(strategy, &space, false, seed), 10, 200);
        let configs = asked(1);
        assert!(configs.iter().all(|config| space.contains(config)), "{}", strategy.name);
        assert_eq!(configs.iter().collect::<HashSet<_>>().len(), 200, "{}", strategy.name);
        assert_eq!(configs, asked(1), "{}", strategy.name);
    }
}
