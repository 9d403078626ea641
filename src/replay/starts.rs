//! Searches with and without a start that knows about validity: what each needs to arrive, and what the start saves.

use serde::Serialize;

use super::{Bench, Run};
use crate::base::stats::{median, quantile};
use crate::record::Clock;
use crate::search::Init;

/// How near to the optimum counts as having arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Its name in reports.
    pub name: &'static str,
    /// The least fraction of the optimum.
    pub fraction: f64,
}

/// The goals of every search.
pub const GOALS: [Goal; 3] = [
    Goal { name: "optimum", fraction: 1.0 },
    Goal { name: "within 2 %", fraction: 1.0 / 1.02 },
    Goal { name: "within 5 %", fraction: 1.0 / 1.05 },
];

/// Who stands in for AutoTVM: no start, no screening, and each invalid config that it proposes is a trial.
const STAND_IN: &str = "anneal";

/// All that was found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Starts {
    /// Evaluations per run at most.
    pub trials: usize,
    /// Runs of each contestant on each space.
    pub runs: usize,
    /// The seed of the first run.
    pub seed: u64,
    /// How many configs were labelled before a search, where that was said.
    pub labels: Option<usize>,
    /// What was searched.
    pub spaces: Vec<SpaceFacts>,
    /// Each contestant on each space.
    pub results: Vec<Row>,
    /// Each contestant that knew about validity, against the same one that did not.
    pub pairs: Vec<Comparison>,
    /// Everyone against the one that stands in for AutoTVM, if it took part.
    pub against_stand_in: Vec<Comparison>,
    /// Who needs the smallest share of the stand-in's trials to the optimum.
    pub best: Option<String>,
}

/// A recorded space.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpaceFacts {
    /// Its name.
    pub space: String,
    /// How many configs it has.
    pub configs: usize,
    /// How many of them fail.
    pub failures: usize,
    /// How many of these the oracle knows.
    pub known: usize,
    /// The smallest time, in nanoseconds, or cycles where the clock counts these.
    pub optimum: f64,
    /// What the times were taken by.
    pub clock: Clock,
}

/// One contestant on one space.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The space.
    pub space: String,
    /// Who searched.
    pub contestant: String,
    /// The valid share of the initial set.
    pub initial_valid: Quartiles,
    /// How many configs of the initial set were labelled and not measured.
    pub unmeasured: Quartiles,
    /// How many configs the oracle was asked about in a whole run.
    pub calls: Quartiles,
    /// What it needed, by goal.
    pub needed: Vec<Needed>,
}

/// What it took to arrive. A run that never did counts as one evaluation more than it had.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// Where to.
    pub goal: &'static str,
    /// How many runs never arrived.
    pub never: usize,
    /// Whether so many did not that the median is but a bound.
    pub is_bound: bool,
    /// Evaluations.
    pub trials: Quartiles,
    /// Evaluations and what of the initial set was labelled instead.
    pub with_initial: Quartiles,
    /// Evaluations and all questions to the oracle, as if each took as long.
    pub with_calls: Quartiles,
}

/// The middle of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quartiles {
    /// The median.
    pub median: f64,
    /// The lower quartile.
    pub q1: f64,
    /// The upper quartile.
    pub q3: f64,
}

/// One contestant against another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Whose numbers are divided.
    pub one: String,
    /// By whose.
    pub other: String,
    /// By goal.
    pub ratios: Vec<Ratio>,
}

/// Ratios of medians, over the spaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Where to.
    pub goal: &'static str,
    /// Of evaluations.
    pub trials: Middle,
    /// Of evaluations and what of the initial set was labelled instead.
    pub with_initial: Middle,
    /// Of evaluations and all questions to the oracle.
    pub with_calls: Middle,
    /// On how many spaces the median of the one is but a bound, so that the ratio is larger than it says.
    pub one_bounds: usize,
    /// The same of the other: the ratio is smaller than it says.
    pub other_bounds: usize,
    /// How evaluations spread over the seeds.
    pub widths: Widths,
}

/// A number over several spaces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Middle {
    /// The median.
    pub median: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

/// Widths between the quartiles of evaluations: medians over the spaces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Widths {
    /// Of the one.
    pub one: f64,
    /// Of the other.
    pub other: f64,
    /// On how many spaces that of the one is smaller.
    pub narrower: usize,
}

impl Starts {
    /// Works out what the runs of a bench show; they come by subject, contestant and run.
    pub fn new(bench: &Bench, runs: &[Vec<Vec<Run>>]) -> Self {
        let rows: Vec<Vec<Row>> = bench
            .subjects
            .iter()
            .zip(runs)
            .map(|(subject, runs)| {
                let contestants = bench.contestants.iter().zip(runs);
                contestants
                    .map(|(contestant, runs)| Row::new(&subject.name, contestant.label(), runs, bench.trials))
                    .collect()
            })
            .collect();
        let against_stand_in = against_stand_in(bench, &rows);
        let share = |comparison: &&Comparison| comparison.ratios.first().map_or(f64::INFINITY, |r| r.trials.median);
        let best = against_stand_in.iter().min_by(|a, b| share(a).total_cmp(&share(b)));
        Self {
            trials: bench.trials,
            runs: bench.runs,
            seed: bench.seed,
            labels: bench.contestants.iter().find_map(|contestant| contestant.foresight.labels),
            spaces: spaces(bench),
            best: best.map(|comparison| comparison.one.clone()),
            pairs: pairs(bench, &rows),
            against_stand_in,
            results: rows.into_iter().flatten().collect(),
        }
    }
}

fn spaces(bench: &Bench) -> Vec<SpaceFacts> {
    let knows = bench.contestants.iter().find(|contestant| contestant.foresight.asks());
    let facts = |subject: &super::Subject| SpaceFacts {
        space: subject.name.clone(),
        configs: subject.replay.configs(),
        failures: subject.replay.failures(),
        known: knows.map_or(0, |contestant| subject.replay.known_failures(contestant.foresight.knows)),
        optimum: subject.replay.best_ns(),
        clock: subject.replay.unit().clock(),
    };
    bench.subjects.iter().map(facts).collect()
}

fn pairs(bench: &Bench, rows: &[Vec<Row>]) -> Vec<Comparison> {
    let all = || bench.contestants.iter().enumerate();
    let with = all().filter(|(_, contestant)| contestant.foresight.init == Init::Validity);
    let pair = |(one, with): (usize, &super::Contestant)| {
        let mut without = with.clone();
        without.foresight.init = Init::Random;
        let (other, _) = all().find(|(_, contestant)| contestant.label() == without.label())?;
        Some(Comparison::new(rows, one, other))
    };
    with.filter_map(pair).collect()
}

fn against_stand_in(bench: &Bench, rows: &[Vec<Row>]) -> Vec<Comparison> {
    let found = bench.contestants.iter().position(|contestant| contestant.label() == STAND_IN);
    let against = |stand_in| (0..bench.contestants.len()).map(move |one| Comparison::new(rows, one, stand_in));
    found.into_iter().flat_map(against).collect()
}

impl Row {
    fn new(space: &str, contestant: String, runs: &[Run], trials: usize) -> Self {
        let share = |run: &Run| run.initial.valid as f64 / run.initial.size.max(1) as f64;
        Self {
            space: space.to_owned(),
            contestant,
            initial_valid: Quartiles::of(runs, share),
            unmeasured: Quartiles::of(runs, |run| run.initial.unmeasured as f64),
            calls: Quartiles::of(runs, |run| run.calls.last().copied().unwrap_or(0) as f64),
            needed: GOALS.iter().map(|goal| Needed::new(goal, runs, trials)).collect(),
        }
    }
}

impl Needed {
    fn new(goal: &Goal, runs: &[Run], trials: usize) -> Self {
        let arrived = |run: &Run| run.reached(goal.fraction);
        let needed = |run: &Run| arrived(run).unwrap_or(trials + 1) as f64;
        let calls = |run: &Run| run.calls.get(needed(run) as usize - 1).or(run.calls.last()).map_or(0, |calls| *calls);
        let never = runs.iter().filter(|run| arrived(run).is_none()).count();
        Self {
            goal: goal.name,
            never,
            is_bound: 2 * never >= runs.len(),
            trials: Quartiles::of(runs, needed),
            with_initial: Quartiles::of(runs, |run| needed(run) + run.initial.unmeasured as f64),
            with_calls: Quartiles::of(runs, |run| needed(run) + calls(run) as f64),
        }
    }
}

impl Quartiles {
    fn of(runs: &[Run], number: impl Fn(&Run) -> f64) -> Self {
        let numbers: Vec<f64> = runs.iter().map(number).collect();
        Self { median: median(&numbers), q1: quantile(&numbers, 0.25), q3: quantile(&numbers, 0.75) }
    }

    /// The width between the quartiles.
    pub fn width(&self) -> f64 {
        self.q3 - self.q1
    }
}

impl Comparison {
    /// Rows come by space and contestant.
    fn new(rows: &[Vec<Row>], one: usize, other: usize) -> Self {
        let name = |contestant: usize| rows.first().map_or(String::new(), |rows| rows[contestant].contestant.clone());
        let pairs = |goal: usize| rows.iter().map(|rows| [one, other].map(|who| &rows[who].needed[goal])).collect();
        let ratios = (0..GOALS.len()).map(|goal| Ratio::new(goal, pairs(goal))).collect();
        Self { one: name(one), other: name(other), ratios }
    }
}

impl Ratio {
    /// What the one and the other needed, by space.
    fn new(goal: usize, pairs: Vec<[&Needed; 2]>) -> Self {
        let over = |of: fn(&Needed) -> Quartiles| {
            Middle::of(pairs.iter().map(|[one, other]| of(one).median / of(other).median).collect())
        };
        let bounds = |who: usize| pairs.iter().filter(|pair| pair[who].is_bound).count();
        Self {
            goal: GOALS[goal].name,
            trials: over(|needed| needed.trials),
            with_initial: over(|needed| needed.with_initial),
            with_calls: over(|needed| needed.with_calls),
            one_bounds: bounds(0),
            other_bounds: bounds(1),
            widths: Widths::of(&pairs),
        }
    }
}

impl Middle {
    fn of(numbers: Vec<f64>) -> Self {
        Self {
            median: median(&numbers),
            low: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            high: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

impl Widths {
    fn of(pairs: &[[&Needed; 2]]) -> Self {
        let widths = |who: usize| pairs.iter().map(|pair| pair[who].trials.width()).collect::<Vec<f64>>();
        let (one, other) = (widths(0), widths(1));
        let narrower = one.iter().zip(&other).filter(|(one, other)| one < other).count();
        Self { one: median(&one), other: median(&other), narrower }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Initial;

    /// A run that has these fractions, and had asked an oracle so often before it began.
    fn run(fraction: &[f64], calls: usize, unmeasured: usize) -> Run {
        let initial = Initial { size: 4, valid: 4 - unmeasured, unmeasured };
        Run { fraction: fraction.to_vec(), calls: vec![calls; fraction.len()], initial, ..Run::default() }
    }

    #[test]
    fn who_never_arrives_counts_as_one_evaluation_more() {
        let runs =
            [run(&[0.5, 0.96, 1.0], 7, 2), run(&[0.5, 0.5, 0.5, 0.5], 7, 2), run(&[0.99, 0.99, 0.99, 1.0], 7, 2)];
        let row = Row::new("a space", "who".to_owned(), &runs, 4);
        let [optimum, within_2, within_5] = &row.needed[..] else { panic!("three goals") };
        assert_eq!((optimum.never, optimum.is_bound, optimum.trials.median), (1, false, 4.0));
        assert_eq!((within_2.trials.median, within_5.trials.median, within_5.trials.q3), (3.0, 2.0, 3.5));
        assert_eq!((optimum.with_initial.median, optimum.with_calls.median), (6.0, 11.0));
        assert_eq!((row.initial_valid.median, row.calls.median, row.unmeasured.median), (0.5, 7.0, 2.0));
        let lost = Row::new("a space", "who".to_owned(), &runs[1..2], 4);
        assert!(lost.needed[0].is_bound && lost.needed[0].trials.median == 5.0);
    }

    #[test]
    fn ratios_are_of_medians_and_over_spaces() {
        let space = |with: &[f64], without: &[f64]| {
            vec![
                Row::new("", "with".to_owned(), &[run(with, 3, 1)], 9),
                Row::new("", "without".to_owned(), &[run(without, 0, 0)], 9),
            ]
        };
        let late = [&[0.1; 7][..], &[1.0]].concat();
        let rows = [space(&[0.1, 1.0], &late), space(&[1.0], &[0.2, 1.0]), space(&[0.1, 0.1, 1.0], &[0.1; 9])];
        let comparison = Comparison::new(&rows, 0, 1);
        let ratio = &comparison.ratios[0];
        assert_eq!((comparison.one.as_str(), comparison.other.as_str(), ratio.goal), ("with", "without", "optimum"));
        assert_eq!(ratio.trials, Middle { median: 0.3, low: 0.25, high: 0.5 });
        assert_eq!(ratio.with_calls, Middle { median: 0.625, low: 0.6, high: 2.0 });
        assert_eq!((ratio.one_bounds, ratio.other_bounds), (0, 1));
    }
}
