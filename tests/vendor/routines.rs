//! Every routine on every small workload, checked by the gates of our kernels: transposes, layouts, batches, groups, strides,
//! epilogues, types, sizes that divide nothing.

use wgtune::backend::{Backend, Entrant, EntrantReport};
use wgtune::measure::Measure;
use wgtune::op::{OPERATORS, resolve};
use wgtune::record::{Mode, Numerics, Outcome, Stage};
use wgtune::vendor::{Computes, Rival, rivals};

use crate::device;
use crate::fake_libraries::Fake;

/// What becomes of each routine that computes all of a workload.
fn verified(device: &mut dyn Backend, text: &str) -> Vec<(Rival, EntrantReport)> {
    let signature = resolve(text).unwrap();
    let vendor = device.vendor();
    assert_eq!(vendor.libraries.len(), 4, "{vendor:?}");
    let same = rivals(&signature, &vendor).routines.into_iter().filter(|rival| rival.computes == Computes::Same);
    let same: Vec<Rival> = same.collect();
    let entrant =
        |rival: &Rival| Entrant { numerics: rival.numerics, ..Entrant::whole(rival.program(), Mode::UNCHECKED) };
    let entrants: Vec<Entrant> = same.iter().map(entrant).collect();
    if entrants.is_empty() {
        return Vec::new();
    }
    let reports = Measure::new(device, signature, 1).verify_routines(&entrants).unwrap();
    same.into_iter().zip(reports).collect()
}

/// The small workloads of the operators that libraries have.
fn workloads() -> Vec<&'static str> {
    OPERATORS
        .iter()
        .flat_map(|operator| operator.contract())
        .copied()
        .filter(|text| !text.starts_with("chain"))
        .collect()
}

#[test]
fn every_routine_is_right_on_every_small_workload() {
    let fake = Fake::new();
    let Ok(mut device) = device(&fake, &[]) else { return };
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for text in workloads() {
        for (rival, report) in verified(&mut device, text) {
            checked += 1;
            if let Outcome::Rejected(why) = report.outcome {
                wrong.push(format!("{text}, {} ({}): {why:?}", rival.name(), rival.about));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 60, "{checked} are few");
}

#[test]
fn what_a_library_chose_is_told() {
    let fake = Fake::new();
    let Ok(mut device) = device(&fake, &[]) else { return };
    let mut told = |text: &str, at: usize| verified(&mut device, text)[at].1.told.clone().unwrap_or_default();
    assert!(told("matmul:f32:m7n17k33", 2).contains("the fastest of 2 algorithms that ran, of 3"));
    assert!(told("conv2d:f32:n1c3h8w8o4k3p1", 0).starts_with("IMPLICIT_PRECOMP_GEMM"));
    assert!(told("conv2d:f32:n1c3h8w8o4k3p1", 1).starts_with("WINOGRAD_NONFUSED"));
}

/// Who is wrong, and where, when these are wrong.
fn wrong(envs: &[(&str, &str)], text: &str) -> Option<Vec<String>> {
    let fake = Fake::new();
    let mut device = device(&fake, envs).ok()?;
    let rejected = |(rival, report): (Rival, EntrantReport)| match report.outcome {
        Outcome::Rejected(why) => Some(format!("{} {}", rival.name(), why.stage)),
        Outcome::Timed { .. } => None,
    };
    Some(verified(&mut device, text).into_iter().filter_map(rejected).collect())
}

#[test]
fn a_wrong_result_and_tf32_in_disguise_are_found() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("cublasGemmEx", "matmul:f32:m7n17k33", &["cublas f32 verify", "cublas tf32 verify"]),
        ("cublasGemmStridedBatchedEx", "matmul:f16:b2m7n9k8", &["cublas f16 verify"]),
        ("cublasLtMatmul", "matmul:f16:m8n8k8+bias", &["cublaslt f16 verify"]),
        ("cudnnConvolutionBiasActivationForward", "conv2d:f16:n1c3h8w8o4k3p1+bias+relu", &["cudnn f16 verify"]),
        ("tf32", "matmul:f32:m7n17k33", &["cublas f32 verify", "cublaslt f32 verify"]),
        ("tf32", "conv2d:f32:n1c3h8w8o4k3s2", &["cudnn f32 verify"]),
    ];
    for (what, text, want) in cases {
        let Some(got) = wrong(&[("FAKE_WRONG", what)], text) else { return };
        assert_eq!(got, want, "{what} on {text}");
    }
}

#[test]
fn a_call_that_fails_is_told_and_takes_nobody_with_it() {
    let cases: [(&str, &str, &[&str]); 3] = [
        ("cublasGemmEx", "matmul:f32:m7n17k33", &["cublas f32 run", "cublas tf32 run"]),
        ("cublasLtMatmulAlgoGetHeuristic", "matmul:f16:m8n8k8+bias", &["cublaslt f16 compile"]),
        ("cudnnFindConvolutionForwardAlgorithmEx", "conv2d:f16:n1c3h8w8o4k3p1", &["cudnn f16 compile"]),
    ];
    for (what, text, want) in cases {
        let Some(got) = wrong(&[("FAKE_FAILS", what)], text) else { return };
        assert_eq!(got, want, "{what} on {text}");
    }
}

/// Short runs are taken down as a graph; where that fails they are launched one by one, with the same results.
#[test]
fn many_short_runs_are_timed_either_way() {
    for envs in [&[][..], &[("FAKE_FAILS", "cuStreamBeginCapture_v2")]] {
        let fake = Fake::new();
        let Ok(mut device) = device(&fake, envs) else { return };
        let signature = resolve("matmul:f32:m2n2k2").unwrap();
        let vendor = device.vendor();
        let entrants: Vec<Entrant> = rivals(&signature, &vendor)
            .routines
            .iter()
            .map(|rival| Entrant { numerics: rival.numerics, ..Entrant::whole(rival.program(), Mode::UNCHECKED) })
            .collect();
        let timing = crate::common::programs::TIMING;
        let reports = Measure::new(&mut device, signature, 1).against(&[], &entrants, timing).unwrap();
        for report in reports {
            assert!(
                report.is_running() && report.verified.is_some() && !report.is_rejected_at(Stage::Verify),
                "{report:?}"
            );
            assert!(!report.outcome.samples_ns().is_empty());
        }
    }
}

#[test]
fn a_yardstick_is_timed_and_not_judged() {
    let fake = Fake::new();
    let Ok(mut device) = device(&fake, &[]) else { return };
    let signature = resolve("chain:f32:r64c64:gelu(x)+y").unwrap();
    let rivals = rivals(&signature, &device.vendor()).routines;
    let [copy] = rivals.as_slice() else { panic!("{rivals:?}") };
    let entrant = Entrant { numerics: Numerics::Yardstick, ..Entrant::whole(copy.program(), Mode::UNCHECKED) };
    let timing = crate::common::programs::TIMING;
    let reports = Measure::new(&mut device, signature, 1).against(&[], &[entrant], timing).unwrap();
    assert!(reports[0].verified.is_none() && !reports[0].outcome.samples_ns().is_empty(), "{reports:?}");
    assert_eq!(reports[0].told.as_deref(), Some("24576 bytes read and as many written"));
}
