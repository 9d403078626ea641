//! What every model promises, checked for each one in the list.

use rand::RngExt;
use wgtune::base::{Random, seeded};
use wgtune::model::{
    Boosted, BoostedSettings, Examples, FitError, Forest, ForestSettings, Gp, Linear, MODELS, Model, Objective,
    Prediction,
};

/// The models, and what each must recover: the name of a function, and the least share of its variance (R²) that is
/// explained at points it was not fitted to.
const CASES: &[Case] = &[
    case::<Gp>(
        "gp",
        &[
            ("constant", 1.0),
            ("linear", 0.999),
            ("step", 0.8),
            ("either, not both", 0.5),
            ("product", 0.99),
            ("tiles", 0.8),
        ],
    ),
    case::<Forest>(
        "forest",
        &[
            ("constant", 1.0),
            ("linear", 0.85),
            ("step", 0.95),
            ("either, not both", 0.8),
            ("product", 0.75),
            ("tiles", 0.85),
        ],
    ),
    case::<Boosted>(
        "boosted",
        &[
            ("constant", 1.0),
            ("linear", 0.97),
            ("step", 0.97),
            ("either, not both", 0.8),
            ("product", 0.97),
            ("tiles", 0.92),
        ],
    ),
    case::<Linear>("linear", &[("constant", 1.0), ("linear", 0.999999), ("product", 0.75)]),
];

/// Numbers per row; some functions do not depend on all of them.
const WIDTH: usize = 6;

/// A function of rows of numbers from 0 to 1.
type Function = fn(&[f64]) -> f64;

const FUNCTIONS: &[(&str, Function)] = &[
    ("constant", |_| 3.0),
    ("linear", |x| 5.0 + 3.0 * x[0] - 2.0 * x[1] + 0.5 * x[2]),
    ("step", |x| if x[1] > 0.4 { 10.0 } else { -2.0 }),
    ("either, not both", |x| f64::from((x[0] > 0.5) != (x[1] > 0.5))),
    ("product", |x| (4.0 * x[0] - 1.0) * (3.0 * x[1] + 0.5)),
    ("tiles", tiles),
];

/// The logarithm of a time: best at tiles of a middle size, worse for uneven ones, a step where registers run out.
fn tiles(x: &[f64]) -> f64 {
    let (height, width) = ((x[0] * 5.0).floor(), (x[1] * 5.0).floor());
    let spill = if height + width > 6.0 { 1.0 } else { 0.0 };
    0.2 * (height + width - 5.0).powi(2) + 0.3 * (height - width).abs() + spill + 0.2 * x[2]
}

/// Points that a model is fitted to, and points that it is asked at.
const FITTED: usize = 300;
const ASKED: usize = 1000;

/// The shares of points within one and within two spreads: 0.683 and 0.954 for a normal distribution.
const WITHIN: [(f64, f64, f64); 2] = [(1.0, 0.55, 0.82), (2.0, 0.89, 0.995)];

/// A model to be held to the contract.
struct Case {
    name: &'static str,
    recovers: &'static [(&'static str, f64)],
    fit: fn(&Examples, u64) -> Fit,
}

type Fit = Result<Box<dyn Fitted>, FitError>;

const fn case<M: Model + 'static>(name: &'static str, recovers: &'static [(&'static str, f64)]) -> Case {
    Case { name, recovers, fit: |examples, seed| Ok(Box::new(M::fit(examples, &M::Settings::default(), seed)?)) }
}

/// A fitted model, whichever it is.
trait Fitted {
    fn predict(&self, row: &[f64]) -> Prediction;
    fn predict_all(&self, rows: &[Vec<f64>]) -> Vec<Prediction>;
    fn stored_and_loaded(&self) -> Box<dyn Fitted>;
}

impl<M: Model + 'static> Fitted for M {
    fn predict(&self, row: &[f64]) -> Prediction {
        Model::predict(self, row)
    }

    fn predict_all(&self, rows: &[Vec<f64>]) -> Vec<Prediction> {
        Model::predict_all(self, rows)
    }

    fn stored_and_loaded(&self) -> Box<dyn Fitted> {
        Box::new(serde_json::from_str::<M>(&serde_json::to_string(self).unwrap()).unwrap())
    }
}

fn function(name: &str) -> Function {
    FUNCTIONS.iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("no function {name}")).1
}

fn rows(count: usize, random: &mut Random) -> Vec<Vec<f64>> {
    (0..count).map(|_| (0..WIDTH).map(|_| random.random_range(0.0..1.0)).collect()).collect()
}

/// A number of about the normal distribution: twelve uniform ones added.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| random.random_range(-0.5..0.5)).sum()
}

/// Values of a function at random points, with noise of this standard deviation.
fn examples(name: &str, count: usize, noise: f64, random: &mut Random) -> Examples {
    let rows = rows(count, random);
    let targets = rows.iter().map(|row| function(name)(row) + noise * normal(random)).collect();
    Examples::new(rows, targets)
}

fn fit(case: &Case, examples: &Examples) -> Box<dyn Fitted> {
    (case.fit)(examples, 1).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// The share of the variance that the predictions explain.
fn explained(predicted: &[Prediction], truth: &[f64]) -> f64 {
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let squares = |errors: &mut dyn Iterator<Item = f64>| errors.map(|error| error * error).sum::<f64>();
    let left = squares(&mut predicted.iter().zip(truth).map(|(predicted, truth)| predicted.mean - truth));
    let all = squares(&mut truth.iter().map(|truth| truth - mean));
    // A constant has no variance to explain: what is left must be rounding.
    if all > 0.0 { 1.0 - left / all } else { 1.0 - (left - 1e-12).max(0.0) }
}

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn bits(predictions: &[Prediction]) -> Vec<(u64, u64)> {
    predictions.iter().map(|predicted| (predicted.mean.to_bits(), predicted.spread.to_bits())).collect()
}

#[test]
fn every_model_is_held_to_the_contract() {
    let listed: Vec<&str> = MODELS.iter().map(|(name, _)| *name).collect();
    let checked: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(checked, listed);
}

#[test]
fn known_functions_are_recovered() {
    let mut failures = Vec::new();
    for case in CASES {
        for (name, least) in case.recovers {
            let mut random = seeded(1, name);
            let model = fit(case, &examples(name, FITTED, 0.0, &mut random));
            let asked = examples(name, ASKED, 0.0, &mut random);
            let share = explained(&model.predict_all(&asked.rows), &asked.targets);
            if share < *least {
                failures.push(format!("{} explains {share:.3} of `{name}`, less than {least}", case.name));
            }
        }
    }
    report(failures);
}

#[test]
fn spreads_are_calibrated_on_noisy_data() {
    let mut failures = Vec::new();
    for case in CASES {
        for (name, _) in case.recovers {
            for noise in [0.3, 1.0] {
                let mut random = seeded(2, name);
                let model = fit(case, &examples(name, FITTED, noise, &mut random));
                let asked = examples(name, ASKED, noise, &mut random);
                let predicted = model.predict_all(&asked.rows);
                for (spreads, least, most) in WITHIN {
                    let near = |(predicted, target): &(&Prediction, &f64)| {
                        (predicted.mean - **target).abs() <= spreads * predicted.spread
                    };
                    let share = predicted.iter().zip(&asked.targets).filter(near).count() as f64 / ASKED as f64;
                    if !(least..=most).contains(&share) {
                        let case = format!("{} on `{name}` with noise {noise}", case.name);
                        failures.push(format!("{case}: {share:.3} within {spreads} spreads, not {least} to {most}"));
                    }
                }
            }
        }
    }
    report(failures);
}

#[test]
fn examples_and_seed_decide_to_the_last_bit() {
    for case in CASES {
        let mut random = seeded(3, "deterministic");
        let (examples, asked) = (examples("tiles", 80, 0.1, &mut random), rows(50, &mut random));
        let once = fit(case, &examples).predict_all(&asked);
        assert_eq!(bits(&once), bits(&fit(case, &examples).predict_all(&asked)), "{}", case.name);
    }
}

#[test]
fn what_is_stored_and_loaded_predicts_the_same_bits() {
    for case in CASES {
        let mut random = seeded(4, "stored");
        let model = fit(case, &examples("tiles", 80, 0.1, &mut random));
        let asked = rows(50, &mut random);
        let loaded = model.stored_and_loaded().predict_all(&asked);
        assert_eq!(bits(&model.predict_all(&asked)), bits(&loaded), "{}", case.name);
    }
}

#[test]
fn many_rows_are_predicted_as_one_by_one() {
    for case in CASES {
        let mut random = seeded(5, "many rows");
        let model = fit(case, &examples("tiles", 80, 0.1, &mut random));
        let asked = rows(201, &mut random);
        let single: Vec<Prediction> = asked.iter().map(|row| model.predict(row)).collect();
        for (one, many) in single.iter().zip(model.predict_all(&asked)) {
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
            assert!(close(one.mean, many.mean) && close(one.spread, many.spread), "{}: {one:?}, {many:?}", case.name);
        }
    }
}

#[test]
fn examples_of_more_weight_are_believed() {
    for case in CASES {
        let rows = vec![vec![0.5; WIDTH]; 40];
        let targets: Vec<f64> = (0..40).map(|i| f64::from(i % 2)).collect();
        let weights = targets.iter().map(|target| if *target > 0.0 { 1.5 } else { 0.5 }).collect();
        let mean = fit(case, &Examples { rows, targets, weights }).predict(&[0.5; WIDTH]).mean;
        assert!((0.6..0.9).contains(&mean), "{}: {mean} where three quarters of the weight say 1", case.name);
    }
}

#[test]
fn few_or_strange_examples_are_no_trouble() {
    let lone = Examples::new(vec![vec![1.0, 2.0]], vec![7.0]);
    let equal = Examples::new(vec![vec![1.0, 2.0]; 5], vec![7.0; 5]);
    let opposed = Examples::new(vec![vec![1.0, 2.0]; 2], vec![6.0, 8.0]);
    let narrow = Examples::new(vec![vec![]; 3], vec![7.0; 3]);
    let unequal = Examples { weights: vec![0.0, 1e-9, 1e9], ..Examples::new(vec![vec![1.0, 2.0]; 3], vec![7.0; 3]) };
    for case in CASES {
        for examples in [&lone, &equal, &opposed, &narrow, &unequal] {
            let predicted = fit(case, examples).predict(&examples.rows[0]);
            let finite = predicted.spread.is_finite() && predicted.spread >= 0.0;
            assert!(finite && (6.0..=8.0).contains(&predicted.mean), "{} on {examples:?}: {predicted:?}", case.name);
        }
    }
}

#[test]
fn examples_that_make_no_sense_are_refused() {
    let fine = Examples::new(vec![vec![1.0], vec![2.0]], vec![1.0, 2.0]);
    let with_weights = |weights: &[f64]| Examples { weights: weights.to_vec(), ..fine.clone() };
    let wrong = [
        (Examples::default(), FitError::Empty),
        (Examples::new(fine.rows.clone(), vec![1.0]), FitError::Uneven { rows: 2, targets: 1, weights: 0 }),
        (with_weights(&[1.0]), FitError::Uneven { rows: 2, targets: 2, weights: 1 }),
        (Examples::new(vec![vec![1.0], vec![]], vec![1.0, 2.0]), FitError::Ragged { row: 1, numbers: 0, first: 1 }),
        (Examples::new(vec![vec![1.0], vec![f64::NAN]], vec![1.0, 2.0]), FitError::NotFinite { row: 1 }),
        (Examples::new(fine.rows.clone(), vec![f64::INFINITY, 2.0]), FitError::NotFinite { row: 0 }),
        (with_weights(&[1.0, f64::NAN]), FitError::NotFinite { row: 1 }),
        (with_weights(&[1.0, -1.0]), FitError::Negative { row: 1 }),
        (with_weights(&[0.0, 0.0]), FitError::Weightless),
    ];
    for case in CASES {
        assert!((case.fit)(&fine, 1).is_ok(), "{}", case.name);
        for (examples, error) in &wrong {
            assert_eq!((case.fit)(examples, 1).err().as_ref(), Some(error), "{}", case.name);
        }
    }
}

/// Units, columns without meaning and columns that repeat each other change nothing.
#[test]
fn a_linear_model_looks_through_units_and_copies() {
    let mut random = seeded(9, "units");
    let examples = examples("linear", 60, 0.1, &mut random);
    let asked = rows(50, &mut random);
    let means = |change: fn(&[f64]) -> Vec<f64>| -> Vec<f64> {
        let changed = |rows: &[Vec<f64>]| rows.iter().map(|row| change(row)).collect::<Vec<_>>();
        let examples = Examples::new(changed(&examples.rows), examples.targets.clone());
        let model = Linear::fit(&examples, &Default::default(), 1).unwrap();
        changed(&asked).iter().map(|row| Model::predict(&model, row).mean).collect()
    };
    let plain = means(<[f64]>::to_vec);
    for (change, most) in [
        ((|row| row.iter().map(|x| 1e9 * x - 7e8).collect()) as fn(&[f64]) -> Vec<f64>, 1e-6),
        (|row| [row, &[0.1]].concat(), 1e-6),
        (|row| [row, row].concat(), 0.05),
    ] {
        let farthest = means(change).iter().zip(&plain).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(farthest < most, "predictions changed by {farthest}");
    }
}

/// As a model of feasibility: 0 and 1 as targets, the mean as a probability.
#[test]
fn a_forest_of_votes_gives_probabilities() {
    let mut random = seeded(6, "votes");
    let rows = rows(200, &mut random);
    let feasible = |row: &[f64]| row[0] + row[1] < 1.2;
    let targets: Vec<f64> = rows.iter().map(|row| f64::from(feasible(row))).collect();
    let weights = targets.iter().map(|target| if *target > 0.0 { 0.8 } else { 0.2 }).collect();
    let forest = Forest::fit(&Examples { rows, targets, weights }, &ForestSettings::votes(), 1).unwrap();
    let asked = self::rows(500, &mut random);
    let predicted = Model::predict_all(&forest, &asked);
    assert!(predicted.iter().all(|predicted| (-1e-9..=1.0 + 1e-9).contains(&predicted.mean)));
    let right = predicted.iter().zip(&asked).filter(|(predicted, row)| (predicted.mean > 0.5) == feasible(row)).count();
    assert!(right > 450, "{right} of 500 are told right");
}

/// As the model of an annealed search: only the order of the targets is learnt, whatever their scale.
#[test]
fn boosted_trees_of_pairs_learn_an_order() {
    let mut random = seeded(7, "pairs");
    let examples = examples("tiles", 200, 0.0, &mut random);
    let stretched = Examples::new(examples.rows.clone(), examples.targets.iter().map(|y| y.powi(3) * 1e6).collect());
    let settings = BoostedSettings { objective: Objective::Pairs, ..BoostedSettings::default() };
    let scores = |examples: &Examples, asked: &[Vec<f64>]| Boosted::fit(examples, &settings, 1).unwrap().scores(asked);
    let asked = rows(200, &mut random);
    let scored = scores(&examples, &asked);
    assert_eq!(scored, scores(&stretched, &asked));
    let in_order = |a: usize, b: usize| (scored[a] > scored[b]) == (tiles(&asked[a]) > tiles(&asked[b]));
    let right = (0..199).filter(|&a| in_order(a, a + 1)).count();
    assert!(right > 180, "{right} of 199 pairs are in order");
}

/// A margin that says all leaves nothing to learn; one that says nothing is as none.
#[test]
fn boosted_trees_learn_what_a_margin_leaves() {
    let mut random = seeded(8, "margins");
    let examples = examples("tiles", 100, 0.0, &mut random);
    let mean = examples.targets.iter().sum::<f64>() / 100.0;
    let all: Vec<f64> = examples.targets.iter().map(|target| target - mean).collect();
    let settings = BoostedSettings::default();
    let scores = |margins: &[f64]| {
        Boosted::fit_beyond(&examples, margins, &settings, 1).map(|model| model.scores(&examples.rows))
    };
    assert!(scores(&all).unwrap().iter().all(|score| score.abs() < 1e-9));
    assert_eq!(scores(&[0.0; 100]).unwrap(), Boosted::fit(&examples, &settings, 1).unwrap().scores(&examples.rows));
    assert_eq!(scores(&[0.0; 99]), Err(FitError::Uneven { rows: 100, targets: 99, weights: 0 }));
    assert_eq!(scores(&[f64::NAN; 100]), Err(FitError::NotFinite { row: 0 }));
}
