//! What the models of searches cost: fitting to 200 examples of 30 numbers, and predicting 18 000 candidates.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::RngExt;
use wgtune::base::seeded;
use wgtune::model::{Boosted, BoostedSettings, Examples, Forest, ForestSettings, Linear, Model, Objective};

const EXAMPLES: usize = 200;
const NUMBERS: usize = 30;
const CANDIDATES: usize = 18_000;

criterion_group!(benches, models);
criterion_main!(benches);

fn models(criterion: &mut Criterion) {
    bench::<Forest>(criterion, "forest", &ForestSettings::default());
    bench::<Forest>(criterion, "forest of votes", &ForestSettings::votes());
    bench::<Boosted>(criterion, "boosted", &BoostedSettings::default());
    let pairs = BoostedSettings { objective: Objective::Pairs, folds: 0, ..BoostedSettings::default() };
    bench::<Boosted>(criterion, "boosted by pairs, no folds", &pairs);
    bench::<Linear>(criterion, "linear", &Default::default());
}

fn bench<M: Model>(criterion: &mut Criterion, name: &str, settings: &M::Settings) {
    let rows = rows(EXAMPLES, "examples");
    let targets = rows.iter().map(|row| row[0] + (5.0 * row[1]).floor() * row[2]).collect();
    let examples = Examples::new(rows, targets);
    let candidates = self::rows(CANDIDATES, "candidates");
    criterion.bench_function(&format!("{name}: fit"), |bencher| {
        bencher.iter(|| M::fit(black_box(&examples), settings, 1));
    });
    let model = M::fit(&examples, settings, 1).expect("the examples make sense");
    criterion.bench_function(&format!("{name}: predict"), |bencher| {
        bencher.iter(|| model.predict_all(black_box(&candidates)));
    });
}

/// Rows as those of a tuning space: each number has ten values.
fn rows(count: usize, purpose: &str) -> Vec<Vec<f64>> {
    let mut random = seeded(1, purpose);
    (0..count).map(|_| (0..NUMBERS).map(|_| f64::from(random.random_range(0..10)) / 9.0).collect()).collect()
}
