//! What the wgpu backend promises of kernels whose author declared the interface: groups and bindings of their own, uniform
//! blocks, grids as they are, buffers that are in and out, contents from files, results kept.

#[path = "../common/mod.rs"]
mod common;
mod kept;
mod kernels;
mod right;
mod runs;
mod wrong;

use std::path::Path;

use common::{software_device, software_worker};
use kernels::Case;
use wgtune::backend::{Backend, EntrantReport, Unwatched};
use wgtune::record::{CacheState, Mode, Outcome, Stage};

#[test]
fn on_a_software_device() {
    if let Ok(mut backend) = software_device() {
        contract(&mut backend, &[Mode::UNCHECKED, Mode::CHECKED, Mode::UNCHECKED.with_cache(CacheState::Cold)]);
    }
}

#[test]
fn in_a_worker() {
    if let Ok(mut backend) = software_worker() {
        contract(&mut backend, &[Mode::UNCHECKED]);
    }
}

/// Checks every case, and after each of them that a right program still is.
fn contract(backend: &mut dyn Backend, modes: &[Mode]) {
    let folder = tempfile::tempdir().unwrap();
    let after = right::two_groups();
    let mut failures = Vec::new();
    for case in right::cases(folder.path()).into_iter().chain(wrong::cases(folder.path())) {
        for mode in modes {
            let mut check = |what: &str, case: &Case| {
                let wrong = check(backend, case, *mode, folder.path()).err();
                failures.extend(
                    wrong.map(|why| format!("{what} ({}, {}, {:?}): {why}", case.name, mode.name(), mode.cache)),
                );
            };
            check("a case", &case);
            check(&format!("after `{}`", case.name), &after);
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What is not as the case wants it.
fn check(backend: &mut dyn Backend, case: &Case, mode: Mode, folder: &Path) -> Result<(), String> {
    let report = backend.execute(&case.job(mode, folder), &mut Unwatched);
    let [report] = report.entrants.as_slice() else { return Err(format!("{} reports", report.entrants.len())) };
    match &case.wrong {
        None => check_right(report, case.expected.iter().map(|values| values.len() as u64).sum()),
        Some((stage, part)) => check_rejected(report, *stage, part),
    }
}

/// Both gates compare all elements, before timing and afterwards.
fn check_right(report: &EntrantReport, elements: u64) -> Result<(), String> {
    match (&report.outcome, report.verified) {
        (Outcome::Timed { samples_ns, .. }, Some(verified))
            if samples_ns.len() == 5 && samples_ns.iter().all(|ns| *ns > 0.0) && verified.compared == 2 * elements =>
        {
            Ok(())
        }
        _ => Err(format!("{report:?} where {elements} elements are right")),
    }
}

fn check_rejected(report: &EntrantReport, stage: Stage, part: &str) -> Result<(), String> {
    match &report.outcome {
        Outcome::Rejected(rejection) if rejection.stage == stage && rejection.why.contains(part) => Ok(()),
        other => Err(format!("{other:?} instead of stage {stage} with `{part}`")),
    }
}
