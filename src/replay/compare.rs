//! Strategies side by side: over all spaces, and against the best of each space.

use std::collections::BTreeMap;

use serde::Serialize;

use super::score::{BOOTSTRAP_SEED, Score, Spread, checkpoints, fractions};
use super::{Bench, Run};
use crate::base::stats::{Estimate, mean, mean_interval, ratio_of_means};

/// After how many evaluations strategies are compared with the best of a space; the end of shorter runs otherwise.
const COMPARED_AT: usize = 100;

/// All that a bench found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Each strategy on each space.
    pub results: Vec<Score>,
    /// All spaces together.
    pub summary: Summary,
}

/// Strategies over all spaces, each of which counts the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many spaces there are.
    pub spaces: usize,
    /// Runs of each strategy on each space.
    pub runs: usize,
    /// Evaluations per run.
    pub trials: usize,
    /// The seed of the first run.
    pub seed: u64,
    /// After how many evaluations the best of each space is found, and the others are compared with it.
    pub compared_at: usize,
    /// One for each strategy.
    pub strategies: Vec<Standing>,
}

/// One strategy over all spaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The strategy with its options, and whether it started warm.
    pub strategy: String,
    /// The fraction of the optimum over all runs of all spaces, by the number of evaluations. The interval of the mean
    /// takes the spaces as given: it comes from the runs alone.
    pub fraction: BTreeMap<usize, Spread>,
    /// The worst run at its end.
    pub worst: Worst,
    /// The mean over all spaces over that of a strategy that is on each space the best one: what hindsight would have
    /// brought.
    pub against_best: Estimate,
    /// The same on each space.
    pub by_space: Vec<Against>,
}

/// The run that ended worst.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Its fraction of the optimum.
    pub fraction: f64,
    /// Where that was.
    pub space: String,
    /// What repeats it.
    pub seed: u64,
}

/// A strategy against the best one of a space, run by run under the same seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// The space.
    pub space: String,
    /// The strategy with the highest mean there.
    pub best: String,
    /// Its mean fraction under that of the strategy compared: 1 for the best itself.
    pub ratio: Estimate,
}

impl Report {
    /// Works out what the runs of a bench show; they come by subject, contestant and run.
    pub fn new(bench: &Bench, runs: &[Vec<Vec<Run>>]) -> Self {
        let mut results = Vec::new();
        for (subject, runs) in bench.subjects.iter().zip(runs) {
            for (contestant, runs) in bench.contestants.iter().zip(runs) {
                let best_ns = subject.replay.best_ns();
                results.push(Score::new(&subject.name, contestant.label(), best_ns, runs, bench.trials));
            }
        }
        Self { results, summary: Summary::new(bench, runs) }
    }
}

impl Summary {
    fn new(bench: &Bench, runs: &[Vec<Vec<Run>>]) -> Self {
        let compared_at = COMPARED_AT.min(bench.trials);
        let best: Vec<usize> = runs.iter().map(|runs| best_at(runs, compared_at)).collect();
        let standing = |contestant| View { bench, runs, best: &best, compared_at }.standing(contestant);
        Self {
            spaces: bench.subjects.len(),
            runs: bench.runs,
            trials: bench.trials,
            seed: bench.seed,
            compared_at,
            strategies: (0..bench.contestants.len()).map(standing).collect(),
        }
    }
}

/// The contestant with the highest mean, the first of several.
fn best_at(contestants: &[Vec<Run>], evaluations: usize) -> usize {
    let means: Vec<f64> = contestants.iter().map(|runs| mean(&fractions(runs, evaluations))).collect();
    (0..means.len()).rev().max_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0)
}

/// All runs, and which contestant is the best on each subject.
struct View<'a> {
    bench: &'a Bench,
    runs: &'a [Vec<Vec<Run>>],
    best: &'a [usize],
    compared_at: usize,
}

impl View<'_> {
    fn standing(&self, contestant: usize) -> Standing {
        let fraction = checkpoints(self.bench.trials).map(|n| (n, self.spread(contestant, n))).collect();
        Standing {
            strategy: self.bench.contestants[contestant].label(),
            fraction,
            worst: self.worst(contestant),
            against_best: self.against_hindsight(contestant),
            by_space: (0..self.runs.len()).map(|subject| self.against(contestant, subject)).collect(),
        }
    }

    fn spread(&self, contestant: usize, evaluations: usize) -> Spread {
        let all: Vec<f64> = self.runs.iter().flat_map(|runs| fractions(&runs[contestant], evaluations)).collect();
        let interval = mean_interval(&self.over_spaces(|_| contestant, evaluations), BOOTSTRAP_SEED);
        Spread { low: interval.low, high: interval.high, ..Spread::of(&all) }
    }

    fn worst(&self, contestant: usize) -> Worst {
        let runs = self.runs.iter().zip(&self.bench.subjects).flat_map(|(runs, subject)| {
            let ends = fractions(&runs[contestant], self.bench.trials).into_iter().enumerate();
            ends.map(|(run, fraction)| (fraction, &subject.name, self.bench.seed_of(run)))
        });
        let worst = runs.min_by(|a, b| a.0.total_cmp(&b.0));
        worst.map_or(Worst { fraction: 0.0, space: String::new(), seed: self.bench.seed }, |(fraction, space, seed)| {
            Worst { fraction, space: space.clone(), seed }
        })
    }

    fn against_hindsight(&self, contestant: usize) -> Estimate {
        let best = self.over_spaces(|subject| self.best[subject], self.compared_at);
        ratio_of_means(&best, &self.over_spaces(|_| contestant, self.compared_at), BOOTSTRAP_SEED)
    }

    fn against(&self, contestant: usize, subject: usize) -> Against {
        let of = |contestant: usize| fractions(&self.runs[subject][contestant], self.compared_at);
        let best = self.best[subject];
        Against {
            space: self.bench.subjects[subject].name.clone(),
            best: self.bench.contestants[best].label(),
            ratio: ratio_of_means(&of(best), &of(contestant), BOOTSTRAP_SEED),
        }
    }

    /// For each seed the mean over the spaces, of the contestant chosen for each.
    fn over_spaces(&self, contestant: impl Fn(usize) -> usize, evaluations: usize) -> Vec<f64> {
        let chosen = self.runs.iter().enumerate().map(|(subject, runs)| &runs[contestant(subject)]);
        let by_space: Vec<Vec<f64>> = chosen.map(|runs| fractions(runs, evaluations)).collect();
        let of_seed = |run: usize| mean(&by_space.iter().map(|fractions| fractions[run]).collect::<Vec<f64>>());
        (0..self.bench.runs).map(of_seed).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::interchange::{Entry, Recording};
    use crate::replay::{Contestant, Replay, Subject};
    use crate::search::{Choice, STRATEGIES};
    use crate::space::{Param, Value};

    /// Two spaces and two strategies, two runs of one evaluation each, from seed 5.
    fn bench() -> Bench {
        let entries = vec![Entry { values: vec![Value::Int(1)], result: Ok(10.0), samples_ns: Vec::new() }];
        let recording = Recording { params: vec![Param::new("a", "", [1i64])], entries, ..Recording::default() };
        let replay = Replay::new(&recording).unwrap().unwrap();
        let subject = |name: &str| Subject { name: name.to_owned(), replay: replay.clone(), warm: Vec::new() };
        let contestant = |strategy| Contestant::plain(Choice::plain(strategy));
        Bench {
            subjects: ["first", "second"].map(subject).to_vec(),
            contestants: STRATEGIES[..2].iter().map(contestant).collect(),
            trials: 1,
            runs: 2,
            seed: 5,
            stops_at_optimum: false,
            threads: 1,
        }
    }

    fn ended(fraction: f64) -> Run {
        Run { fraction: vec![fraction], failed: vec![0], own_ns: vec![1.0], ..Run::default() }
    }

    /// The second strategy is the better one on the first space, the first one on the second.
    #[test]
    fn the_best_of_each_space_is_what_hindsight_would_pick() {
        let runs = [[[0.4, 0.6], [0.8, 0.8]], [[0.9, 0.7], [0.5, 0.5]]];
        let runs = runs.map(|space| space.map(|strategy| strategy.map(ended).to_vec()).to_vec());
        let bench = bench();
        let summary = Report::new(&bench, &runs).summary;
        let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-12, "{got} where {want} is right");
        let [first, second] = [&summary.strategies[0], &summary.strategies[1]];
        close(first.fraction[&1].mean, 0.65);
        close(first.fraction[&1].median, 0.65);
        // Over both spaces each run of the first has 0.65: runs alone give the interval no width.
        close(first.fraction[&1].low, first.fraction[&1].high);
        let worst = Worst { fraction: 0.4, space: "first".to_owned(), seed: 5 };
        assert_eq!((&first.worst, second.worst.fraction), (&worst, 0.5));
        // Hindsight has 0.85 and 0.75 with its two seeds.
        close(first.against_best.value, 1.3 / 1.6);
        close(second.against_best.value, 1.3 / 1.6);
        close(first.by_space[0].ratio.value, 0.5 / 0.8);
        close(first.by_space[1].ratio.value, 1.0);
        let names: Vec<&str> = first.by_space.iter().map(|against| against.best.as_str()).collect();
        assert_eq!(names, [STRATEGIES[1].name, STRATEGIES[0].name]);
    }

    #[test]
    fn a_bench_runs_everything_in_order() {
        let bench = bench();
        let ended = Mutex::new(0);
        let runs = Bench { threads: 3, ..bench.clone() }.run(&|| *ended.lock().unwrap() += 1);
        assert_eq!((ended.into_inner().unwrap(), bench.len()), (8, 8));
        assert!(
            runs.len() == 2 && runs.iter().all(|space| space.len() == 2 && space.iter().all(|runs| runs.len() == 2))
        );
        let report = Report::new(&bench, &runs);
        assert!(report.results.iter().all(|score| score.fraction[&1].min == 1.0), "{report:?}");
    }
}
