//! Libraries that are not there, too old, broken, or of another GPU: a sentence each, and nothing is lost.

use wgtune::backend::Backend;
use wgtune::record::Vendor;

use crate::device;
use crate::fake_libraries::{ALL, Fake};

/// The libraries that can be called, and what is said of the others.
fn found(fake: &Fake, envs: &[(&str, &str)]) -> Option<(Vec<String>, Vec<String>)> {
    let Vendor { libraries, missing, .. } = device(fake, envs).ok()?.vendor();
    Some((libraries.into_iter().map(|library| library.name).collect(), missing))
}

fn check(fake: &Fake, envs: &[(&str, &str)], libraries: &[&str], told: &[&str]) {
    let Some((names, missing)) = found(fake, envs) else { return };
    assert_eq!(names, libraries, "{envs:?}: {missing:?}");
    assert_eq!(missing.len(), told.len(), "{envs:?}: {missing:?}");
    for (why, part) in missing.iter().zip(told) {
        assert!(why.contains(part) && !why.contains('\n'), "{why}");
    }
}

const EVERY: [&str; 4] = ["cublas", "cublaslt", "cudnn", "cuda"];

#[test]
fn what_is_there_is_used_and_what_is_not_is_told() {
    let fake = Fake::new();
    let Ok(mut device) = device(&fake, &[]) else { return };
    let vendor = device.vendor();
    assert_eq!(vendor.version("cudnn"), Some("9.10.2"));
    assert!(vendor.device.ends_with(", CUDA 13.0"), "{vendor:?}");
    check(&Fake::new(), &[], &EVERY, &[]);
    // What a test can take away, a machine of its own may have.
    let is_elsewhere = |stem: &str| {
        std::process::Command::new("ldconfig")
            .arg("-p")
            .output()
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(stem))
    };
    if is_elsewhere("libcudnn") || is_elsewhere("libcuda.so") {
        return crate::common::note_skip("this machine has NVIDIA's libraries");
    }
    check(
        &Fake::named(&ALL[..3]),
        &[],
        &["cublas", "cublaslt", "cuda"],
        &["cuDNN was not found: there is no `libcudnn`"],
    );
    check(&Fake::named(&ALL[1..]), &[], &[], &["CUDA's driver was not found: there is no `libcuda`"]);
}

#[test]
fn old_and_incomplete_libraries_are_told_by_name() {
    check(&Fake::compiled("old"), &[], &EVERY[1..], &["cuBLAS 10.2.0 is too old"]);
    let why = "cuBLAS is of a version that has no cublasGemmStridedBatchedEx";
    check(&Fake::compiled("without_batches"), &[], &EVERY[1..], &[why]);
}

#[test]
fn what_fails_to_open_is_told() {
    let fake = Fake::new();
    check(&fake, &[("FAKE_FAILS", "cuInit")], &[], &["cuInit answers CUDA_ERROR_NO_DEVICE"]);
    check(
        &fake,
        &[("FAKE_FAILS", "cudnnCreate")],
        &["cublas", "cublaslt", "cuda"],
        &["cudnnCreate answers CUDNN_STATUS_"],
    );
    let memory = "cuMemAlloc_v2 answers CUDA_ERROR_OUT_OF_MEMORY for 33554432 bytes";
    check(&fake, &[("FAKE_FAILS", "cuMemAlloc_v2")], &["cudnn", "cuda"], &[memory, memory]);
    check(&fake, &[("FAKE_GPU", "another GPU")], &[], &["CUDA has no GPU named "]);
}
