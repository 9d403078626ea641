//! Runs every example and looks for the lines that its readers are promised.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use common::software_device;

/// Each example with parts of its output, in order.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "01_tune_matmul",
        &[
            "matmul:f32:m64n48k32+bias+relu on ",
            "after 12 trials the best takes ",
            "best: matmul/",
            "@compute @workgroup_size(",
        ],
    ),
    ("02_your_operator", &["best of 12 trials: ", "UNROLL", "against the first config: "]),
    ("03_your_searcher", &["trial 1: ", " with ", "trial 12: ", "12 trials by hill, then a race of "]),
    (
        "04_fused_chain",
        &["input x [256, 1024]", "input w [1024]", "the best is faster by", "chain/", "unchecked", "GB/s", "1.00×"],
    ),
    (
        "05_pack",
        &[
            "a pack of ",
            " entries, ",
            "conv2d:f32:n1c3h16w16o8k3p1+bias+relu: ",
            // Only where the loader tells the device as the tuner does.
            "on this device and driver at this shape",
            "matmul:f32:m1n10k1024+bias: ",
            "largest error ",
        ],
    ),
];

#[test]
fn every_example_says_what_it_promises() {
    if software_device().is_err() {
        return;
    }
    let failures: Vec<String> = EXAMPLES.iter().filter_map(|(name, parts)| failure(name, parts)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_without_a_device_says_so() {
    let failures = EXAMPLES.iter().filter_map(|(name, _)| {
        // Where Vulkan is the only way to a device, none is left.
        let output =
            example(name).env("VK_DRIVER_FILES", "/nowhere").env("VK_ICD_FILENAMES", "/nowhere").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let clear = said.starts_with("error: no Vulkan, Metal or DX12 adapter was found; install")
            && !said.contains("panicked");
        (output.status.code() != Some(1) || !clear).then(|| format!("{name}: {said}"))
    });
    let failures: Vec<String> = if cfg!(target_os = "linux") { failures.collect() } else { Vec::new() };
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut names: Vec<String> = names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, EXAMPLES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

/// Why an example's output is not as promised.
fn failure(name: &str, parts: &[&str]) -> Option<String> {
    let Output { status, stdout, stderr } = example(name).output().unwrap();
    let (said, wailed) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    let mut rest: &str = &said;
    let missing = parts.iter().find(|part| match rest.split_once(**part) {
        Some((_, after)) => {
            rest = after;
            false
        }
        None => true,
    });
    let right = status.success() && missing.is_none();
    (!right).then(|| format!("{name}: {status}, without {missing:?} in its place\n{said}{wailed}"))
}

fn example(name: &str) -> Command {
    let path = folder().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    // `cargo test` builds examples; with `--test` it leaves them as they are.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{name}.rs"));
    let is_fresh = time(&path).is_some_and(|built| Some(built) >= time(&source));
    assert!(is_fresh, "{} is not of today's source; type `cargo build --examples` first", path.display());
    let mut command = Command::new(path);
    command.env_remove("RUST_LOG");
    command
}

fn time(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

/// Cargo puts examples beside the folder of the tests, and builds them with all tests.
fn folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples")
}
