//! The mutation test of the gate: mistakes are made in right kernels, and each must be found.
//!
//! `docs/mutants.md` has the table; `WGTUNE_BLESS=1 cargo test --test mutants` writes it anew.

#[path = "../common/mod.rs"]
mod common;
mod mutant;
mod table;

mod blocked;
mod chain;
mod conv2d;
mod conv2d_transpose;
mod depthwise;
mod half;
mod matmul;
mod product;
mod winograd;

use std::sync::Arc;

use common::{Skip, note_skip, software_device};
use mutant::{Family, Mutant};
use table::{Finding, Row, Section};
use wgtune::backend::{Backend, EntrantReport, Timing};
use wgtune::base::Language;
use wgtune::measure::{Candidate, Measure, SEARCH, Tier};
use wgtune::op::{naive_template, resolve};
use wgtune::record::{Mode, Outcome, Stage};

/// Fewest mutants that must be rejected.
const LEAST_REJECTED: usize = 36;

/// Decides what the inputs hold; another makes another table.
const SEED: u64 = 7;

/// A race of which only the checks matter.
const ONCE: Timing = Timing { least_samples: 1, most_samples: 1, budget_ns: 0.0, least_pass_ns: 0.0, ..SEARCH };

#[test]
fn every_mistake_is_found() {
    let mut backend = match software_device() {
        Ok(backend) => backend,
        Err(Skip) => return,
    };
    if !backend.facts().features.f16 {
        return note_skip("the software device has no f16, so some of the kernels cannot be made");
    }
    let mut failures = Vec::new();
    let families = [
        matmul::FAMILIES,
        blocked::FAMILIES,
        half::FAMILIES,
        conv2d::FAMILIES,
        product::FAMILIES,
        depthwise::FAMILIES,
        winograd::FAMILIES,
        conv2d_transpose::FAMILIES,
        chain::FAMILIES,
    ];
    let sections: Vec<Section> =
        families.into_iter().flatten().map(|family| section(&mut backend, family, &mut failures)).collect();
    let rejected = sections.iter().flat_map(|section| &section.rows).filter(|row| row.full.is_some()).count();
    if rejected < LEAST_REJECTED {
        failures.push(format!("{rejected} mutants were rejected, fewer than {LEAST_REJECTED}"));
    }
    failures.extend(table::blessed_or_change(&sections));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Verifies the right kernel of a family, then every mutant of it.
fn section(backend: &mut dyn Backend, family: &'static Family, failures: &mut Vec<String>) -> Section {
    let mut measure = Measure::new(backend, resolve(family.workload).expect("a workload"), SEED);
    let mut rows = Vec::new();
    let mut fail = |why: String| failures.push(format!("{} {}: {why}", family.workload, family.template));
    match family.right(&mut measure) {
        Err(why) => fail(why),
        Ok(right) => {
            match verified(&mut measure, &right, None, Tier::Full) {
                Ok(None) => (),
                Ok(Some(finding)) => fail(format!("rejected without a mistake in it: {finding}")),
                Err(why) => fail(format!("rejected without a mistake in it: {why}")),
            }
            for mutant in family.mutants {
                match row(&mut measure, &right, mutant) {
                    Ok(row) => rows.push(row),
                    Err(why) => fail(format!("{}: {why}", mutant.mistake)),
                }
            }
        }
    }
    Section { family, rows }
}

/// What both tiers say. The full one begins with all of the light one, so it need not run where that has rejected.
fn row(measure: &mut Measure, right: &Candidate, mutant: &'static Mutant) -> Result<Row, String> {
    let wrong = mutant.made_in(right)?;
    let light = verified(measure, &wrong, mutant.split, Tier::Light)?;
    let full = match &light {
        Some(finding) => Some(finding.clone()),
        None => full(measure, &wrong, mutant)?,
    };
    match (&full, mutant.excuse) {
        (None, None) => Err("not found by any check".to_owned()),
        (Some(finding), Some(why)) => Err(format!("found by {finding}, though it is excused: {why}")),
        _ => Ok(Row { mutant, light, full }),
    }
}

/// What the full tier says of a finalist. The last check is made beside the naive kernel, in a race: on the inputs of the
/// light tier, since those of the full one have been passed.
fn full(measure: &mut Measure, wrong: &Candidate, mutant: &Mutant) -> Result<Option<Finding>, String> {
    let alone = verified(measure, wrong, mutant.split, Tier::Full)?;
    if alone.is_some() || mutant.excuse.is_some() {
        return Ok(alone);
    }
    let template = naive_template(measure.signature(), Language::Wgsl).ok_or("no naive kernel applies")?;
    let space = Arc::new(template.space(measure.signature(), measure.device()));
    let config = template.default(measure.signature(), &space).ok_or("no naive kernel fits the device")?;
    let naive = measure.candidate(&template, config);
    let entrants = [(&naive, Mode::UNCHECKED), (wrong, Mode::UNCHECKED)];
    let mut reports = measure.race(&entrants, Some(ONCE), Some(Tier::Light)).map_err(|e| e.to_string())?.into_iter();
    match (reports.next(), reports.next()) {
        (Some(naive), Some(wrong)) if naive.is_running() => finding(&wrong),
        _ => Err("the naive kernel was rejected".to_owned()),
    }
}

/// What rejects a candidate; an error where it is no check of results.
fn verified(
    measure: &mut Measure,
    candidate: &Candidate,
    split: Option<u64>,
    tier: Tier,
) -> Result<Option<Finding>, String> {
    finding(&measure.verify(candidate, Mode::UNCHECKED, split, tier).map_err(|e| e.to_string())?)
}

fn finding(report: &EntrantReport) -> Result<Option<Finding>, String> {
    match &report.outcome {
        Outcome::Timed { .. } if report.verified.is_none() => Err("nothing was compared".to_owned()),
        Outcome::Timed { .. } => Ok(None),
        Outcome::Rejected(rejection) if rejection.stage == Stage::Verify => Finding::read(&rejection.why).map(Some),
        Outcome::Rejected(rejection) => Err(format!("rejected at {}: {}", rejection.stage, rejection.why)),
    }
}
