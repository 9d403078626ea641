//! Candidates that a driver would cut short: rejected at stage `limits`, before they cost anything or lie.

mod common;

use common::{invented_gpu, software_device};
use wgtune::backend::Backend;
use wgtune::base::DeviceFacts;
use wgtune::check::check;
use wgtune::measure::Measure;
use wgtune::op::{find_template, resolve};
use wgtune::record::{Mode, Outcome, Rejection, Stage};
use wgtune::space::Config;

/// What lavapipe stops the loops of an invocation after, in total and without a word.
const LAVAPIPE_STOPS_AT: u64 = 65_535;

/// Workloads of the naive matmul, with the loop iterations that its kernel needs: one for each step along k, and one
/// to leave.
const CASES: &[(&str, u64)] =
    &[("matmul:f32:m1n1k65534", 65_535), ("matmul:f32:m1n1k65535", 65_536), ("matmul:f32:m1n1k70000", 70_001)];

#[test]
fn loops_longer_than_a_driver_allows_are_rejected_by_the_check() {
    for (workload, needed) in CASES {
        for limit in [None, Some(LAVAPIPE_STOPS_AT)] {
            let mut device = invented_gpu();
            device.limits.loop_iterations = limit;
            let signature = resolve(workload).unwrap();
            let program =
                find_template("matmul/naive").unwrap().emit(&signature, &only_config(workload, &device)).unwrap();
            let checked = check(&program, &signature.symbols, &device);
            match limit.filter(|limit| needed > limit) {
                Some(limit) => assert_is_cut_short(&checked.expect_err(workload), *needed, limit),
                None => {
                    let facts = checked.unwrap_or_else(|r| panic!("{workload}: {}", r.why));
                    assert_eq!(facts[0].per_invocation.loop_iterations, *needed, "{workload}");
                }
            }
        }
    }
}

#[test]
fn measuring_on_such_a_driver_gives_the_rejection_as_its_outcome() {
    let Ok(mut backend) = software_device() else { return };
    let Some(limit) = backend.facts().limits.loop_iterations else {
        common::note_skip("this device does not cut loops short");
        return;
    };
    assert_eq!(limit, LAVAPIPE_STOPS_AT);
    for (workload, needed) in CASES {
        let config = only_config(workload, backend.facts());
        let mut measure = Measure::new(&mut backend, resolve(workload).unwrap(), 1);
        let candidate = measure.candidate(&find_template("matmul/naive").unwrap(), config);
        match measure.trial(&candidate, Mode::UNCHECKED, None).unwrap().report.outcome {
            Outcome::Rejected(rejection) if *needed > limit => assert_is_cut_short(&rejection, *needed, limit),
            Outcome::Timed { samples_ns, .. } if *needed <= limit => assert!(!samples_ns.is_empty(), "{workload}"),
            other => panic!("{workload}: {other:?}"),
        }
    }
}

/// The naive template's one config.
fn only_config(workload: &str, device: &DeviceFacts) -> Config {
    let space = find_template("matmul/naive").unwrap().space(&resolve(workload).unwrap(), device);
    space.iter().next().expect("one config")
}

fn assert_is_cut_short(rejection: &Rejection, needed: u64, limit: u64) {
    let says = |part: &str| rejection.why.contains(part);
    let right = rejection.stage == Stage::Limits
        && says(&format!("up to {needed} loop iterations"))
        && says(&format!("stops at {limit}"));
    assert!(right, "{needed} iterations where {limit} are allowed: {rejection:?}");
}
