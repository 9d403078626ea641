//! A Gaussian process that keeps up with the results of a search, and its predictions for a pool of configs.

use std::sync::Arc;

use crate::model::{Examples, Field, Gp, GpSettings, Model, Prediction};

/// A result as the process sees it.
#[derive(Clone)]
pub struct Example {
    pub row: Vec<f64>,
    pub target: f64,
}

/// A fitted process with its predictions for the pool.
pub struct Surrogate {
    gp: Gp,
    field: Field,
    points: Arc<[Vec<f64>]>,
    /// How many results there were when the last fit began from nothing.
    started: usize,
    /// How many of the results it was fitted to, and how many it knows.
    fitted: usize,
    told: usize,
    /// How many made-up results it was told since.
    fantasies: usize,
}

/// Optimiser steps for a fit that begins at the last shape, which is nearly right.
const STEPS: usize = 15;

/// Optimiser steps for a fit from nothing.
const STEPS_FROM_NOTHING: usize = 50;

/// A fit takes at most so many results, since its cost grows with their cube: the latest half of these, and of the older
/// ones what the [`Thinning`] says.
const MOST_EXAMPLES: usize = 400;

/// So many results are taken in between two fits at most, so that the size of the process stays bounded.
const MOST_BETWEEN: usize = 50;

/// Which of the older results a fit takes where there are too many.
#[derive(Clone, Copy)]
pub enum Thinning {
    /// Those with the smallest targets.
    Best,
    /// Every so many in the order of their targets, so that all kinds are there.
    Even,
}

impl Surrogate {
    /// Whether so many results ask for a new fit: often while there are few, rarely later, so that all fits together
    /// cost a few times the last.
    pub fn is_due(old: Option<&Self>, results: usize) -> bool {
        old.is_none_or(|old| results > old.fitted + (old.fitted / 8).min(MOST_BETWEEN))
    }

    /// Fits a process to the results, beginning at the shape of an earlier one. `None` where there are no results.
    pub fn fit(
        old: Option<Self>,
        examples: &[Example],
        thinning: Thinning,
        points: Arc<[Vec<f64>]>,
        settings: &GpSettings,
    ) -> Option<Self> {
        let chosen = choose(examples, thinning);
        let rows = chosen.iter().map(|example| example.row.clone()).collect();
        let targets = chosen.iter().map(|example| example.target).collect();
        // A shape that was found with few results may be a dead end: where they have doubled, nothing is taken over.
        let old = old.filter(|old| examples.len() < 2 * old.started);
        let started = old.as_ref().map_or(examples.len(), |old| old.started);
        let start = old.map(|old| old.gp.shape());
        let steps = Some(if start.is_some() { STEPS } else { STEPS_FROM_NOTHING });
        let settings = GpSettings { start, steps, ..settings.clone() };
        let gp = Gp::fit(&Examples::new(rows, targets), &settings, 0).ok()?;
        let field = Field::new(points.clone(), &gp);
        Some(Self { gp, field, points, started, fitted: examples.len(), told: examples.len(), fantasies: 0 })
    }

    /// How many results it knows.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Takes in the results that came after those it knows, with the shape left as it is.
    pub fn update(&mut self, examples: &[Example]) {
        for example in examples {
            self.take_in(example.row.clone(), example.target);
        }
        self.told += examples.len();
    }

    /// Takes in what is expected at a row as if it had been measured, until the next [`Self::wake`]. So the configs of
    /// one batch lie apart (D. Ginsbourger et al., "Kriging is well-suited to parallelize optimization", 2010).
    pub fn dream(&mut self, row: &[f64]) {
        let expected = self.gp.predict(row).mean;
        self.take_in(row.to_vec(), expected);
        self.fantasies += 1;
    }

    /// Forgets all dreams.
    pub fn wake(&mut self) {
        for _ in 0..std::mem::take(&mut self.fantasies) {
            self.field.forget_last(&self.gp);
            self.gp.forget_last();
        }
    }

    /// What it expects at a config of the pool.
    pub fn at(&self, point: usize) -> Prediction {
        self.field.prediction(&self.gp, point)
    }

    /// Whether its predictions are about these very points.
    pub fn is_about(&self, points: &Arc<[Vec<f64>]>) -> bool {
        Arc::ptr_eq(&self.points, points)
    }

    /// What it expects of the function at any row.
    pub fn predict(&self, row: &[f64]) -> Prediction {
        self.gp.predict_function(row)
    }

    fn take_in(&mut self, row: Vec<f64>, target: f64) {
        self.gp.update(row, target);
        self.field.update(&self.gp);
    }
}

/// All results, or the latest and some older ones where there are too many.
fn choose(examples: &[Example], thinning: Thinning) -> Vec<&Example> {
    let half = MOST_EXAMPLES / 2;
    if examples.len() <= MOST_EXAMPLES {
        return examples.iter().collect();
    }
    let (older, latest) = examples.split_at(examples.len() - half);
    let mut older: Vec<&Example> = older.iter().collect();
    older.sort_by(|a, b| a.target.total_cmp(&b.target));
    let step = match thinning {
        Thinning::Best => 1,
        Thinning::Even => older.len().div_ceil(half),
    };
    older.into_iter().step_by(step).take(half).chain(latest).collect()
}
