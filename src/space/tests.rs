//! Spaces against brute force, and spaces too large for it.

mod count;

use proptest::prelude::*;

use super::*;
use crate::base::seeded;

/// A small space in a form that brute force can read.
#[derive(Clone, Debug)]
struct Model {
    /// The values of each parameter, and whether they are texts.
    params: Vec<(bool, Vec<i64>)>,
    rules: Vec<ModelRule>,
}

/// Of the parameters a and b, forbids 3·a + b ≡ remainder.
#[derive(Clone, Debug)]
struct ModelRule {
    reads: [usize; 2],
    modulus: i64,
    remainder: i64,
}

impl ModelRule {
    fn holds(&self, [a, b]: [i64; 2]) -> bool {
        (3 * a + b).rem_euclid(self.modulus) != self.remainder
    }
}

impl Model {
    fn of_sizes(sizes: &[i64]) -> Self {
        Self { params: sizes.iter().map(|&size| (false, (0..size).collect())).collect(), rules: Vec::new() }
    }

    fn forbidding(mut self, reads: [usize; 2], modulus: i64, remainder: i64) -> Self {
        self.rules.push(ModelRule { reads, modulus, remainder });
        self
    }

    fn params(&self) -> Vec<Param> {
        let value = |text: bool, value: i64| if text { Value::Text(value.to_string()) } else { Value::Int(value) };
        let param = |(i, (text, values)): (usize, &(bool, Vec<i64>))| {
            Param::new(format!("p{i}"), "", values.iter().map(|&v| value(*text, v)))
        };
        self.params.iter().enumerate().map(param).collect()
    }

    fn space(&self) -> Space {
        let mut builder = Space::builder();
        for param in self.params() {
            builder = builder.param(&param.name, "", param.values);
        }
        for rule in self.rules.clone() {
            let [a, b] = rule.reads.map(|i| format!("p{i}"));
            builder = match a == b {
                true => builder.rule("single", [a.as_str()], move |[a]| rule.holds([a, a])),
                false => builder.rule("pair", [a.as_str(), b.as_str()], move |pair| rule.holds(pair)),
            };
        }
        builder.build().unwrap()
    }

    /// All combinations in ascending order.
    fn raw(&self) -> Vec<Vec<u16>> {
        self.params.iter().fold(vec![vec![]], |points, (_, values)| {
            let with = |point: &Vec<u16>, position: usize| [point.as_slice(), &[position as u16]].concat();
            points.iter().flat_map(|point| (0..values.len()).map(move |i| with(point, i))).collect()
        })
    }

    fn is_legal(&self, point: &[u16]) -> bool {
        let number = |i: usize| match &self.params[i] {
            (true, _) => i64::from(point[i]),
            (false, values) => values[usize::from(point[i])],
        };
        self.rules.iter().all(|rule| rule.holds(rule.reads.map(number)))
    }

    fn distance(&self, from: &[u16], to: &[u16]) -> usize {
        let steps = |((text, values), (&a, &b)): (&(bool, Vec<i64>), (&u16, &u16))| {
            let rank = |position: u16| values.iter().filter(|&&v| v < values[usize::from(position)]).count();
            if *text { usize::from(a != b) } else { rank(a).abs_diff(rank(b)) }
        };
        self.params.iter().zip(from.iter().zip(to)).map(steps).sum()
    }

    /// Compares everything a space answers with brute force.
    fn check(&self, space: &Space) {
        let raw = self.raw();
        let legal: Vec<Vec<u16>> = raw.iter().filter(|point| self.is_legal(point)).cloned().collect();
        assert_eq!(space.raw_size(), raw.len() as u128, "{self:?}");
        assert_eq!(positions(space.iter()), legal, "{self:?}");
        assert_eq!(positions(space.listed().unwrap().iter().cloned()), legal, "{self:?}");
        assert_eq!(space.is_empty(), legal.is_empty(), "{self:?}");
        for config in space {
            self.check_legal(space, &config, &legal);
        }
        for point in &raw {
            self.check_repair(space, point, &legal);
            let named = space.config(&space.at(point).values());
            assert_eq!(named.is_ok(), self.is_legal(point), "{self:?}: {point:?} gives {named:?}");
        }
    }

    fn check_legal(&self, space: &Space, config: &Config, legal: &[Vec<u16>]) {
        let beside = legal.iter().filter(|other| self.distance(config.positions(), other) == 1);
        let mut neighbours = positions(space.neighbours(config));
        neighbours.sort();
        assert_eq!(neighbours, beside.cloned().collect::<Vec<_>>(), "{self:?}: neighbours of {config}");
        assert_eq!(space.config(&config.values()).as_ref(), Ok(config), "{self:?}");
        assert!(space.contains(config), "{self:?}: {config}");
        assert!(space.encode(config).iter().all(|x| (0.0..=1.0).contains(x)), "{self:?}: {config}");
    }

    fn check_repair(&self, space: &Space, point: &[u16], legal: &[Vec<u16>]) {
        let nearest = legal.iter().map(|other| self.distance(point, other)).min();
        let repaired = space.repair(point).inspect(|config| assert!(self.is_legal(config.positions())));
        let steps = repaired.map(|config| self.distance(point, config.positions()));
        assert_eq!(steps, nearest, "{self:?}: repair of {point:?}");
    }
}

fn positions(configs: impl IntoIterator<Item = Config>) -> Vec<Vec<u16>> {
    configs.into_iter().map(|config| config.positions().to_vec()).collect()
}

fn rows(space: &Space) -> Vec<Vec<Value>> {
    let row = |config: Config| space.params().iter().map(|p| config.value(&p.name).unwrap().clone()).collect();
    space.iter().map(row).collect()
}

#[test]
fn small_spaces_agree_with_brute_force() {
    let cases = [
        ("no parameters", Model::of_sizes(&[])),
        ("one point", Model::of_sizes(&[1, 1])),
        ("no rules", Model::of_sizes(&[3, 2, 4])),
        ("everything forbidden by the last parameter alone", Model::of_sizes(&[5, 2]).forbidding([1, 1], 1, 0)),
        ("everything forbidden by a pair", Model::of_sizes(&[3, 3, 3]).forbidding([0, 2], 1, 0)),
        ("a rule on the last", Model::of_sizes(&[3, 5]).forbidding([1, 1], 2, 0)),
        ("two rules", Model::of_sizes(&[6, 6, 4]).forbidding([0, 1], 2, 0).forbidding([2, 0], 3, 1)),
        (
            "values not in order",
            Model { params: vec![(false, vec![8, -4, 16, 2]), (true, vec![3, 1, 2])], rules: vec![] },
        ),
    ];
    for (name, model) in cases {
        model.check(&model.space());
        model.check(&Space::from_list(model.params(), rows(&model.space())).unwrap_or_else(|e| panic!("{name}: {e}")));
    }
}

/// Models of at most so many parameters, values for each, and rules.
fn models(params: usize, values: usize, rules: usize) -> impl Strategy<Value = Model> {
    let values = Just((-3i64..6).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_flat_map(move |all| (1..=values).prop_map(move |end| all[..end].to_vec()));
    let params = prop::collection::vec((any::<bool>(), values), 1..=params);
    let rules = prop::collection::vec((any::<[prop::sample::Index; 2]>(), 1i64..5, 0i64..5), 0..=rules);
    (params, rules).prop_map(|(params, rules)| {
        let rule = |(reads, modulus, remainder): ([prop::sample::Index; 2], i64, i64)| ModelRule {
            reads: reads.map(|index| index.index(params.len())),
            modulus,
            remainder,
        };
        let rules = rules.into_iter().map(rule).collect();
        Model { params, rules }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_spaces_agree_with_brute_force(model in models(4, 5, 4)) {
        let space = model.space();
        model.check(&space);
        model.check(&Space::from_list(model.params(), rows(&space)).unwrap());
    }

    /// Many rules, so that walks meet dead ends and jump back.
    #[test]
    fn walks_through_tangled_spaces_miss_nothing(model in models(8, 3, 16)) {
        let legal: Vec<Vec<u16>> = model.raw().into_iter().filter(|point| model.is_legal(point)).collect();
        prop_assert_eq!(positions(model.space().iter()), legal);
    }
}

type Triple = fn([i64; 3]) -> bool;

/// 12 parameters of 8 values: 6.9·10¹⁰ raw points.
fn large(rule: Triple) -> SpaceBuilder {
    let names: Vec<String> = (0..12).map(|i| format!("p{i}")).collect();
    let mut builder = Space::builder();
    for name in &names {
        builder = builder.param(name, "", (0..8).map(|i| 1i64 << i));
    }
    for [a, b, c] in names.as_chunks().0 {
        builder = builder.rule("triple", [a.as_str(), b, c], rule);
    }
    builder
}

/// Walking through all of any of these spaces would take hours.
#[test]
fn large_spaces_answer_at_once() {
    let corner = |[a, b, c, d]: [i64; 4]| a * b * c * d == 1;
    let cases = [
        ("free", large(|_| true)),
        ("loose", large(|[a, b, c]| a * b * c <= 4096)),
        ("one point in 16 million", large(|[a, b, c]| a * b == 128 && c == b)),
        ("one point in 4096, far apart", large(|_| true).rule("", ["p0", "p1", "p2", "p11"], corner)),
    ];
    for (name, builder) in cases {
        let space = builder.build().unwrap();
        let mut random = seeded(1, name);
        assert!(!space.is_empty(), "{name}");
        assert_eq!(space.raw_size(), 1 << 36);
        assert_eq!(space.iter().take(1000).filter(|config| space.contains(config)).count(), 1000, "{name}");
        for _ in 0..20 {
            let config = space.sample(&mut random).unwrap();
            assert!(space.contains(&config), "{name}: {config}");
            assert!(space.neighbours(&config).iter().all(|next| space.contains(next)), "{name}: {config}");
            let repaired = space.repair(&config.positions().iter().map(|p| p ^ 7).collect::<Vec<_>>()).unwrap();
            assert!(space.contains(&repaired), "{name}: {repaired}");
            assert_eq!(space.repair(config.positions()), Some(config));
        }
    }
}

/// Rules that cannot be met are noticed without going through what the other parameters could be.
#[test]
fn large_empty_spaces_are_known_to_be_empty() {
    let free = || large(|_| true);
    let cases = [
        ("one value of the last", free().rule("", ["p11"], |[a]| a > 128)),
        ("the last two", free().rule("", ["p10", "p11"], |[a, b]| a * b < 0)),
        ("two far apart", free().rule("", ["p0", "p11"], |[a, b]| a == 3 * b)),
        (
            "a ring",
            free().rule("", ["p9", "p10"], |[a, b]| a < b).rule("", ["p10", "p11"], |[a, b]| a < b).rule(
                "",
                ["p11", "p9"],
                |[a, b]| a < b,
            ),
        ),
    ];
    for (name, builder) in cases {
        let space = builder.build().unwrap();
        assert!(space.is_empty(), "{name}");
        assert_eq!(space.listed(), Some(&[][..]), "{name}");
        assert_eq!(space.sample(&mut seeded(1, name)), None, "{name}");
        assert_eq!(space.repair(&[3; 12]), None, "{name}");
    }
}

/// Pearson's statistic of draws that should be uniform over `cells`; its mean is near their number, its standard
/// deviation √(2·cells), and five of those pass.
fn check_uniform(name: &str, space: &Space, cells: usize, cell: impl Fn(&Config) -> i64) {
    let mut random = seeded(5, name);
    let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
    let expected = 50.0;
    for _ in 0..cells * 50 {
        *counts.entry(cell(&space.sample(&mut random).unwrap())).or_default() += 1.0;
    }
    let statistic: f64 = counts.values().map(|count| (count - expected).powi(2) / expected).sum();
    assert_eq!(counts.len(), cells, "{name}");
    assert!(statistic < cells as f64 + 5.0 * (2.0 * cells as f64).sqrt(), "{name}: {statistic}");
}

#[test]
fn samples_are_uniform() {
    let listed = Model::of_sizes(&[6, 6, 4]).forbidding([0, 1], 2, 0).space();
    check_uniform("listed", &listed, 72, |c| (c.int("p0") * 6 + c.int("p1")) * 4 + c.int("p2"));
    let unlisted = Model::of_sizes(&[10, 20, 30, 40]).forbidding([0, 1], 3, 0).space();
    assert_eq!(unlisted.listed(), None);
    check_uniform("unlisted", &unlisted, 130, |c| c.int("p0") * 20 + c.int("p1"));
}

#[test]
fn configs_print_and_encode() {
    let builder = Space::builder().param("wx", "", [4i64, 8, 16, 32, 64]).param("load", "", ["scalar", "vec4"]);
    let space = builder.param("one", "", [7i64]).build().unwrap();
    let cases = [
        ([0, 0, 0], "wx=4 load=scalar one=7", [0.0, 0.0, 0.0]),
        ([3, 1, 0], "wx=32 load=vec4 one=7", [0.75, 1.0, 0.0]),
        ([9, 9, 9], "wx=64 load=vec4 one=7", [1.0, 1.0, 0.0]),
    ];
    for (positions, text, encoded) in cases {
        let config = space.repair(&positions).unwrap();
        assert_eq!(config.to_string(), text);
        assert_eq!(space.encode(&config), encoded, "{text}");
        assert_eq!(config.value("load").unwrap().to_string(), text.split(['=', ' ']).nth(3).unwrap());
    }
    assert!(!Model::of_sizes(&[9, 9, 9]).space().contains(&space.repair(&[0, 0, 0]).unwrap()), "other parameters");
}

#[test]
fn a_rule_that_reads_nothing_allows_everything_or_nothing() {
    for allowed in [true, false] {
        let space = Space::builder().param("a", "", [1i64, 2]).rule("no f16", [], move |[]| allowed).build().unwrap();
        assert_eq!((space.iter().count(), space.is_empty()), (if allowed { 2 } else { 0 }, !allowed));
        assert_eq!(space.repair(&[1]).is_some(), allowed);
        assert_eq!(space.sample(&mut seeded(1, "nothing")).is_some(), allowed);
    }
}

/// The texts of all configs.
fn lines(space: &Space) -> Vec<String> {
    space.iter().map(|config| config.to_string()).collect()
}

/// Rules see a text as its position in the whole list, however few are left.
#[test]
fn restricted_spaces_are_parts_of_the_whole() {
    let whole = || {
        let builder = Space::builder().param("a", "", [8i64, 4, 16]).param("b", "", ["x", "y", "z"]);
        let builder =
            builder.param("c", "", [1i64, 2, 3, 4]).feature("b and c", ["b", "c"], |[b, c]| (10 * b + c) as f64);
        builder.rule("a needs b", ["a", "b"], |[a, b]| a > 4 || b == 2).build().unwrap()
    };
    let list = |space: Space| Space::from_list(space.params().to_vec(), rows(&space)).unwrap();
    let choice = |name: &str, values: &[Value]| (name.to_owned(), values.to_vec());
    let cases = [
        vec![],
        vec![choice("a", &[4.into(), 16.into()])],
        vec![choice("b", &["z".into()]), choice("c", &[3.into()])],
        vec![choice("c", &[4.into()]), choice("c", &[2.into(), 4.into()])],
        vec![choice("a", &[4.into()]), choice("b", &["x".into(), "y".into()])],
    ];
    for choices in cases {
        let allows = |name: &str, value: &Value| {
            let mut named = choices.iter().filter(|(other, _)| other == name).peekable();
            named.peek().is_none() || named.any(|(_, values)| values.contains(value))
        };
        let is_left = |config: &Config| config.values().iter().all(|(name, value)| allows(name, value));
        let left: Vec<Config> = whole().iter().filter(is_left).collect();
        let want: Vec<String> = left.iter().map(Config::to_string).collect();
        let [ruled, listed] = [whole(), list(whole())].map(|space| space.restricted(&choices).unwrap());
        assert_eq!((lines(&ruled), lines(&listed)), (want.clone(), want), "{choices:?}");
        for (config, old) in ruled.iter().zip(&left) {
            assert_eq!(ruled.feature_values(&config), whole().feature_values(old), "{config}");
        }
    }
}

#[test]
fn mistakes_of_restrictions_are_told() {
    let cases: [(&str, &[Value], &str); 3] = [
        ("z", &[], "no parameter `z`; there are: a"),
        ("a", &[3.into()], "`a` cannot be 3; it can be: 1, 2"),
        ("a", &[], "`a` has no values"),
    ];
    for (name, values, message) in cases {
        let space = Space::builder().param("a", "", [1i64, 2]).build().unwrap();
        let error = space.restricted(&[(name.to_owned(), values.to_vec())]).expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn mistakes_of_spaces_are_told() {
    let one = || Space::builder().param("a", "", [1i64, 2]);
    let list = |row: Vec<Value>| Space::from_list(vec![Param::new("a", "", [1i64, 2])], [row]);
    let cases = [
        (one().param("a", "", [1i64]).build(), "`a` is declared twice"),
        (one().param("b", "", [0i64; 0]).build(), "`b` has no values"),
        (one().param("b", "", 0..70_000i64).build(), "70000 values"),
        (one().param("b", "", [3i64, 4, 3]).build(), "`b` lists 3 twice"),
        (one().rule("odd", ["a", "z"], |_| true).build(), "\"odd\" reads `z`, which is not a parameter; there are: a"),
        (list(vec![]), "0 values where there are 1 parameters"),
        (list(vec![3.into()]), "`a` cannot be 3; it can be: 1, 2"),
    ];
    for (result, message) in cases {
        let error = result.expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn mistakes_of_configs_are_told() {
    let ruled = Space::builder().param("a", "", [1i64, 2]).param("b", "", ["x", "y"]);
    let ruled = ruled.rule("a2 needs x", ["a", "b"], |[a, b]| a == 1 || b == 0).build().unwrap();
    let listed = Space::from_list(ruled.params().to_vec(), rows(&ruled)).unwrap();
    let cases = [
        (vec![("a", 1.into()), ("c", 1.into())], "no parameter `c`; there are: a, b", "no parameter `c`"),
        (vec![("a", 1.into())], "no value for parameter `b`", "no value for parameter `b`"),
        (vec![("a", 3.into()), ("b", "x".into())], "`a` cannot be 3; it can be: 1, 2", "`a` cannot be 3"),
        (
            vec![("a", 2.into()), ("b", "y".into())],
            "`a=2 b=y` is not legal: a2 needs x",
            "not one of the listed points",
        ),
    ];
    for (values, of_rules, of_list) in cases {
        let values = values.into_iter().map(|(name, value)| (str::to_owned(name), value)).collect();
        for (space, message) in [(&ruled, of_rules), (&listed, of_list)] {
            let error = space.config(&values).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
