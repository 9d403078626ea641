//! What a Gaussian process must get right: its gradient, its incremental forms, its two kinds of columns.

use rand::RngExt;

use super::fit::{Belief, climb};
use super::kernel::Shape;
use super::likelihood::Pairs;
use super::*;
use crate::base::seeded;

/// Rows of three numbers and two categories of three values each, with a target that depends on both kinds.
fn examples(count: usize) -> Examples {
    let mut random = seeded(7, "gp tests");
    let mut row = || -> Vec<f64> {
        let numbers: Vec<f64> = (0..3).map(|_| random.random::<f64>()).collect();
        let categories = (0..2).map(|_| f64::from(random.random_range(0..3)));
        numbers.into_iter().chain(categories).collect()
    };
    let rows: Vec<Vec<f64>> = (0..count).map(|_| row()).collect();
    let target = |row: &Vec<f64>| 2.0 * row[0] - (4.0 * row[1]).sin() + [0.0, 1.5, -0.5][row[3] as usize];
    let targets = rows.iter().map(target).collect();
    Examples::new(rows, targets)
}

fn settings() -> GpSettings {
    GpSettings { categories: 2, ..GpSettings::default() }
}

#[test]
fn the_gradient_is_that_of_the_likelihood() {
    let examples = examples(12);
    let pairs = Pairs::new(&examples.rows, 3);
    let noise = vec![1.0; 12];
    let shape = Shape { numbers: 3, categories: 2, logs: vec![0.3, -0.2, 0.5, -1.0, -0.4, 0.1, -0.8, -3.0] };
    let value = |shape: &Shape| pairs.log_likelihood(shape, &examples.targets, &noise).unwrap();
    let (_, gradient) = value(&shape);
    for (i, slope) in gradient.into_iter().enumerate() {
        let moved = |by: f64| {
            let mut moved = shape.clone();
            moved.logs[i] += by;
            value(&moved).0
        };
        let estimate = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((estimate - slope).abs() < 1e-4 * (1.0 + slope.abs()), "log {i}: {slope} is not {estimate}");
    }
}

#[test]
fn climbing_never_ends_lower_than_it_began() {
    let examples = examples(30);
    let pairs = Pairs::new(&examples.rows, 3);
    let noise = vec![1.0; 30];
    let start = Shape { numbers: 3, categories: 2, logs: vec![0.0; 8] };
    let belief = Belief { mean: 0.0, spread: 10.0 };
    let value = |shape: &Shape| pairs.log_likelihood(shape, &examples.targets, &noise).unwrap().0;
    let mut last = value(&start);
    for steps in [1, 5, 20, 60] {
        let found = value(&climb(&pairs, start.clone(), &examples.targets, &noise, &[belief; 8], steps));
        assert!(found >= last - 0.5, "{steps} steps: {found} after {last}");
        last = found;
    }
    assert!(last > value(&start) + 10.0, "{last}");
}

#[test]
fn numbers_and_categories_are_both_learnt() {
    let all = examples(260);
    let (rows, targets) = (all.rows[..60].to_vec(), all.targets[..60].to_vec());
    let gp = Gp::fit(&Examples::new(rows, targets), &settings(), 0).unwrap();
    let errors = all.rows[60..].iter().zip(&all.targets[60..]).map(|(row, target)| gp.predict(row).mean - target);
    let squared = errors.map(|error| error * error).sum::<f64>() / 200.0;
    assert!(squared < 0.03, "mean squared error {squared} of a variance near 1");
}

/// An example taken in one at a time must change nothing but the cost.
#[test]
fn updates_and_fields_agree_with_the_whole() {
    let all = examples(40);
    let part = Examples::new(all.rows[..25].to_vec(), all.targets[..25].to_vec());
    let mut gp = Gp::fit(&part, &settings(), 0).unwrap();
    let points: std::sync::Arc<[Vec<f64>]> = all.rows[30..].to_vec().into();
    let mut field = Field::new(points.clone(), &gp);
    let check = |gp: &Gp, field: &Field, case: &str| {
        for (index, row) in points.iter().enumerate() {
            let (whole, kept) = (gp.predict_function(row), field.prediction(gp, index));
            let near = |a: f64, b: f64| (a - b).abs() < 1e-4;
            assert!(near(whole.mean, kept.mean) && near(whole.spread, kept.spread), "{case}: {whole:?} {kept:?}");
        }
    };
    check(&gp, &field, "fitted");
    let before = gp.predict(&all.rows[0]);
    for i in 25..30 {
        gp.update(all.rows[i].clone(), all.targets[i]);
        field.update(&gp);
        check(&gp, &field, "updated");
    }
    for _ in 25..30 {
        field.forget_last(&gp);
        gp.forget_last();
        check(&gp, &field, "forgotten");
    }
    assert_eq!(gp.predict(&all.rows[0]), before);
}

#[test]
fn odd_examples_do_no_harm() {
    let row = vec![0.5, 0.5, 0.5, 1.0, 1.0];
    for (case, rows, targets) in [
        ("one", vec![row.clone()], vec![3.0]),
        ("the same twice", vec![row.clone(); 2], vec![3.0, 3.0]),
        ("the same with different targets", vec![row.clone(); 3], vec![1.0, 2.0, 3.0]),
        ("too far apart", vec![vec![1e200, 0.0, 0.0, 1.0, 1.0], vec![-1e200, 0.0, 0.0, 1.0, 1.0]], vec![1.0, 2.0]),
        ("no numbers", vec![vec![1.0, 0.0], vec![0.0, 1.0]], vec![1.0, 2.0]),
    ] {
        let gp = Gp::fit(&Examples::new(rows.clone(), targets.clone()), &settings(), 0).unwrap();
        let prediction = gp.predict(&rows[0]);
        assert!(prediction.mean.is_finite() && prediction.spread.is_finite(), "{case}: {prediction:?}");
        let range = targets.iter().fold((f64::MAX, f64::MIN), |(l, m), &t| (l.min(t), m.max(t)));
        assert!((range.0 - 1e-6..=range.1 + 1e-6).contains(&prediction.mean), "{case}: {prediction:?}");
    }
}
