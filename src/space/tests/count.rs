//! Slow rules and numbers of configs: against brute force, and where an argument gives the number.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::check_uniform;
use crate::base::seeded;
use crate::space::{Config, Removal, Space, SpaceBuilder, Value};

/// A small space in a form that brute force can read.
#[derive(Clone, Debug)]
struct Model {
    /// The values of each parameter, and whether they are texts.
    params: Vec<(bool, Vec<i64>)>,
    rules: Vec<ModelRule>,
}

/// Forbids the sum over the parameters read, weighted by 2, 3, 4 …, to be ≡ remainder.
#[derive(Clone, Debug)]
struct ModelRule {
    reads: Vec<usize>,
    modulus: i64,
    remainder: i64,
}

impl ModelRule {
    fn holds(&self, numbers: &[i64]) -> bool {
        let sum: i64 = numbers.iter().zip(2..).map(|(number, weight)| number * weight).sum();
        sum.rem_euclid(self.modulus) != self.remainder
    }
}

impl Model {
    /// Whole numbers from 0, in as many values as the sizes say.
    fn of_sizes(sizes: &[i64]) -> Self {
        Self { params: sizes.iter().map(|&size| (false, (0..size).collect())).collect(), rules: Vec::new() }
    }

    fn forbidding(mut self, reads: &[usize], modulus: i64, remainder: i64) -> Self {
        self.rules.push(ModelRule { reads: reads.to_vec(), modulus, remainder });
        self
    }

    fn space(&self) -> Space {
        let mut builder = Space::builder();
        for (i, (text, values)) in self.params.iter().enumerate() {
            let value = |&value: &i64| if *text { Value::Text(value.to_string()) } else { Value::Int(value) };
            builder = builder.param(&format!("p{i}"), "", values.iter().map(value));
        }
        for rule in self.rules.clone() {
            builder = builder.rule_over("", &names(&rule.reads), move |numbers| rule.holds(numbers));
        }
        builder.build().unwrap()
    }

    /// All raw points as rules see them.
    fn raw(&self) -> Vec<Vec<i64>> {
        self.params.iter().fold(vec![vec![]], |points, (text, values)| {
            let seen: Vec<i64> = values.iter().zip(0..).map(|(&value, i)| if *text { i } else { value }).collect();
            points
                .iter()
                .flat_map(|point| seen.iter().map(move |&number| [point.as_slice(), &[number]].concat()))
                .collect()
        })
    }

    /// Which rules a point breaks.
    fn broken(&self, point: &[i64]) -> Vec<usize> {
        let holds = |rule: &ModelRule| rule.holds(&rule.reads.iter().map(|&param| point[param]).collect::<Vec<_>>());
        (0..self.rules.len()).filter(|&rule| !holds(&self.rules[rule])).collect()
    }

    fn check(&self) {
        let space = self.space();
        let broken: Vec<Vec<usize>> = self.raw().iter().map(|point| self.broken(point)).collect();
        let number = |matches: &dyn Fn(&[usize]) -> bool| Some(broken.iter().filter(|b| matches(b)).count() as u128);
        let removal = |rule: usize| Removal {
            raw: number(&|broken| broken.contains(&rule)),
            only: number(&|broken| broken == [rule]),
        };
        let removals: Vec<Removal> = (0..self.rules.len()).map(removal).collect();
        assert_eq!(space.count(), number(&<[usize]>::is_empty), "{self:?}");
        assert_eq!(space.removals(), removals, "{self:?}");
        assert_eq!(space.count(), Some(space.iter().count() as u128), "{self:?}");
        self.check_draws(&space);
    }

    /// Draws parameter by parameter, which spaces as small as these do not use by themselves, reach every legal config.
    fn check_draws(&self, space: &Space) {
        let mut random = seeded(3, "draws");
        let elimination = space.elimination().unwrap();
        let mut drawn = || elimination.draw(space.network(space.rules()), &mut random);
        let legal: Vec<Config> = space.iter().collect();
        assert_eq!(drawn().is_none(), legal.is_empty(), "{self:?}");
        if legal.len() <= 20 {
            let mut met: Vec<_> = (0..20 * legal.len()).map(|_| drawn().unwrap()).collect();
            met.sort();
            met.dedup();
            let want: Vec<_> = legal.iter().map(|config| config.positions().to_vec()).collect();
            assert_eq!(met, want, "{self:?}");
        }
    }
}

fn names(reads: &[usize]) -> Vec<String> {
    reads.iter().map(|param| format!("p{param}")).collect()
}

#[test]
fn small_spaces_are_counted_as_brute_force_does() {
    let cases = [
        Model::of_sizes(&[]),
        Model::of_sizes(&[3, 1, 4]),
        Model::of_sizes(&[]).forbidding(&[], 1, 0),
        Model::of_sizes(&[3, 4]).forbidding(&[], 1, 0),
        Model::of_sizes(&[3, 4]).forbidding(&[], 2, 1),
        Model::of_sizes(&[3, 4]).forbidding(&[], 1, 0).forbidding(&[1], 2, 0).forbidding(&[], 1, 0),
        Model::of_sizes(&[5, 2]).forbidding(&[1], 1, 0),
        Model::of_sizes(&[5, 2]).forbidding(&[1], 1, 0).forbidding(&[0], 3, 1).forbidding(&[1], 1, 0),
        Model::of_sizes(&[4, 4]).forbidding(&[0, 1], 1, 0),
        Model::of_sizes(&[4, 4]).forbidding(&[0, 1], 1, 0).forbidding(&[0, 1], 1, 0),
        Model::of_sizes(&[4, 3]).forbidding(&[0, 0], 3, 1).forbidding(&[1, 0, 1], 3, 2),
        Model::of_sizes(&[3, 3, 3, 3]).forbidding(&[3, 0, 1, 2], 3, 1).forbidding(&[2, 1], 2, 0),
        Model { params: vec![(true, vec![8, 4, 16]), (false, vec![8, -4, 16])], rules: vec![] }
            .forbidding(&[0, 1], 4, 0)
            .forbidding(&[0], 4, 2),
    ];
    cases.iter().for_each(Model::check);
}

fn models() -> impl Strategy<Value = Model> {
    let values = Just((-3i64..4).collect::<Vec<_>>()).prop_shuffle();
    let values = values.prop_flat_map(|all| (1..=4usize).prop_map(move |end| all[..end].to_vec()));
    let params = prop::collection::vec((any::<bool>(), values), 1..=6);
    let reads = prop::collection::vec(any::<prop::sample::Index>(), 0..=4);
    let rules = prop::collection::vec((reads, 1i64..6, 0i64..6), 0..=6);
    (params, rules).prop_map(|(params, rules)| {
        let rule = |(reads, modulus, remainder): (Vec<prop::sample::Index>, i64, i64)| ModelRule {
            reads: reads.iter().map(|index| index.index(params.len())).collect(),
            modulus,
            remainder,
        };
        let rules = rules.into_iter().map(rule).collect();
        Model { params, rules }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_spaces_are_counted_as_brute_force_does(model in models()) {
        model.check();
    }
}

/// So many parameters of so many values.
fn cube(params: usize, values: i64) -> SpaceBuilder {
    (0..params).fold(Space::builder(), |builder, i| builder.param(&format!("p{i}"), "", 0..values))
}

type Numbers = fn(&[i64]) -> bool;

/// 10⁸ raw points. Of the first four digits C(10, 4) = 210 are ascending, and C(11, 2) = 55 triples sum to 9, each with
/// one last digit: 11 550 are legal.
fn digits() -> Space {
    let ascends: Numbers = |n| n[0] < n[1];
    let rules: [(&[usize], Numbers); 5] = [
        (&[0, 1], ascends),
        (&[1, 2], ascends),
        (&[2, 3], ascends),
        (&[4, 5, 6], |n| n.iter().sum::<i64>() == 9),
        (&[6, 7], |n| n[0] + n[1] == 9),
    ];
    rules
        .into_iter()
        .fold(cube(8, 10), |builder, (reads, holds)| builder.rule_over("", &names(reads), holds))
        .build()
        .unwrap()
}

#[test]
fn a_hundred_million_points_are_counted() {
    let space = digits();
    assert_eq!((space.raw_size(), space.count()), (100_000_000, Some(210 * 55)));
    let removal = |raw, only| Removal { raw: Some(raw), only: Some(only) };
    let want = [
        // Three of four ascend in C(10, 3) = 120 ways, and two of two in 45.
        removal(55_000_000, (10 * 120 - 210) * 55),
        removal(55_000_000, (45 * 45 - 210) * 55),
        removal(55_000_000, (10 * 120 - 210) * 55),
        removal(94_500_000, (1000 - 55) * 210),
        removal(90_000_000, (550 - 55) * 210),
    ];
    assert_eq!(space.removals(), want);
}

/// A product of parameters without rules between them may be as large as it likes.
#[test]
fn counts_that_are_too_much_are_not_made() {
    let eight = names(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let any: Numbers = |_| true;
    let reads = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"];
    let cases = [
        ("free", cube(31, 16), Some(1 << 124)),
        ("more points than a number holds", cube(33, 16), None),
        ("a fast rule over 2²⁷ combinations", cube(9, 8).rule("", reads, |_| true), None),
        ("a slow rule over 2²⁷ combinations", cube(9, 8).rule_over("", &eight, any), None),
        ("a slow rule over 2²¹ combinations", cube(7, 8).rule_over("", &eight[..7], any), None),
        ("a slow rule over 2¹⁸ combinations", cube(6, 8).rule_over("", &eight[..6], any), Some(1 << 18)),
    ];
    for (name, builder, want) in cases {
        assert_eq!(builder.build().unwrap().count(), want, "{name}");
    }
}

/// Parameters that all meet in pairs leave nothing to eliminate cheaply.
#[test]
fn tangles_are_not_counted_but_estimated() {
    let pairs = (0..10usize).flat_map(|b| (0..b).map(move |a| (a, b)));
    let differ: Numbers = |n| n[0] != n[1];
    let builder = pairs.fold(cube(10, 16), |builder, (a, b)| builder.rule_over("", &names(&[a, b]), differ));
    let space = builder.build().unwrap();
    assert_eq!(space.count(), None);
    assert_eq!(space.removals()[0], Removal { raw: Some(1 << 36), only: None });
    let truth: f64 = (7..=16).map(f64::from).product();
    let estimated = space.estimate(&mut seeded(1, "tangle"));
    assert!(estimated.legal.low <= truth && truth <= estimated.legal.high, "{estimated:?}");
    assert!(estimated.legal.high / estimated.legal.low < 1.5, "{estimated:?}");
}

/// Intervals of 95 % have the truth in them 95 times of 100; fewer than 80 is no chance of this world, and 100 are too
/// wide.
#[test]
fn estimates_have_the_truth_in_their_intervals() {
    let space =
        Model::of_sizes(&[6, 7, 8]).forbidding(&[0, 1], 3, 1).forbidding(&[1, 2], 5, 2).forbidding(&[2], 4, 0).space();
    let (legal, removals) = (space.count().unwrap(), space.removals());
    let mut hits = [0; 3];
    for seed in 0..100 {
        let estimated = space.estimate(&mut seeded(seed, "estimates"));
        let truths = [legal, removals[1].raw.unwrap(), removals[2].only.unwrap()];
        let intervals = [estimated.legal, estimated.removals[1].raw, estimated.removals[2].only];
        for ((hit, truth), interval) in hits.iter_mut().zip(truths).zip(intervals) {
            *hit += usize::from(interval.low <= truth as f64 && truth as f64 <= interval.high);
        }
    }
    assert!(hits.iter().all(|hits| (80..100).contains(hits)), "{hits:?}");
}

#[test]
fn estimates_of_nothing_and_of_everything_make_sense() {
    let mut random = seeded(1, "extremes");
    let none = Model::of_sizes(&[4, 4]).forbidding(&[0, 1], 1, 0).space().estimate(&mut random);
    assert!(none.legal.value == 0.0 && none.legal.low == 0.0 && none.legal.high < 0.1, "{none:?}");
    let all = Model::of_sizes(&[4, 4]).forbidding(&[0, 1], 1, 7).space().estimate(&mut random);
    assert!(all.legal.value == 16.0 && all.legal.high == 16.0 && all.legal.low > 15.9, "{all:?}");
    let nowhere = Model::of_sizes(&[4]).forbidding(&[0], 1, 0).space().estimate(&mut random);
    assert_eq!((nowhere.legal.value, nowhere.removals[0].raw.value), (0.0, 4.0));
    let list = Space::from_list(digits().params().to_vec(), [vec![Value::Int(3); 8], vec![Value::Int(4); 8]]).unwrap();
    assert_eq!((list.count(), list.removals(), list.estimate(&mut random).legal.high), (Some(2), vec![], 2.0));
}

/// Whatever is done with a space, a slow rule is asked about each combination once, and about none that nobody needs.
#[test]
fn slow_rules_are_asked_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let slow = move |numbers: &[i64]| {
        counter.fetch_add(1, Ordering::Relaxed);
        numbers.iter().sum::<i64>() % 7 != 0
    };
    let space = cube(8, 10).rule_over("", &names(&[5, 1, 3]), slow).build().unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let mut random = seeded(1, "slow");
    for _ in 0..2 {
        assert_eq!(
            space.count(),
            Some(100_000 * (0..1000).filter(|i| (i / 100 + i / 10 % 10 + i % 10) % 7 != 0).count() as u128)
        );
        assert_eq!((space.removals().len(), space.listed()), (1, None));
        assert_eq!((0..1000).filter_map(|_| space.sample(&mut random)).count(), 1000);
        assert_eq!(space.iter().take(1000).count(), 1000);
        assert_eq!(asked.load(Ordering::Relaxed), 1000);
    }
}

/// The answers that were remembered belong to positions, which a narrower space numbers anew.
#[test]
fn restricted_spaces_ask_anew() {
    let model = Model::of_sizes(&[5, 6, 4]).forbidding(&[0, 1], 3, 1).forbidding(&[2, 1, 0], 4, 2);
    let legal = |point: &&Vec<i64>| model.broken(point).is_empty() && [1, 4, 5].contains(&point[1]);
    let whole = model.space();
    assert!(whole.count() > Some(0));
    let narrow = whole.restricted(&[("p1".to_owned(), [5i64, 1, 4].map(Value::Int).to_vec())]).unwrap();
    let points: Vec<Vec<i64>> =
        narrow.iter().map(|config| names(&[0, 1, 2]).iter().map(|p| config.int(p)).collect()).collect();
    assert_eq!(points, model.raw().iter().filter(legal).cloned().collect::<Vec<_>>());
    assert_eq!(narrow.count(), Some(points.len() as u128));
}

/// One in 256 of 2²⁶ points is legal, too many to list.
#[test]
fn rare_configs_are_drawn_uniformly() {
    let equal: Numbers = |n| n[0] == n[1];
    let builder = cube(6, 16).param("p6", "", 0..4i64);
    let builder = builder.rule_over("", &names(&[0, 5]), equal).rule_over("", &names(&[2, 1]), equal);
    let space = builder.build().unwrap();
    assert_eq!((space.count(), space.listed()), (Some(1 << 18), None));
    check_uniform("rare", &space, 256, |c| c.int("p0") * 16 + c.int("p1"));
    check_uniform("rare, the others", &space, 1024, |c| (c.int("p3") * 16 + c.int("p4")) * 4 + c.int("p6"));
}

#[test]
fn a_slow_rule_on_an_unknown_parameter_is_told() {
    let error = cube(2, 3).rule_over("odd", &names(&[1, 2]), |_| true).build().expect_err("p2").to_string();
    assert_eq!(error, "the rule \"odd\" reads `p2`, which is not a parameter; there are: p0, p1");
}
