//! Whatever is wrong with what was typed: one sentence that says so and what to do, and its exit code.

use wgtune::store::Store;

use crate::tool::{Place, Ran, SOFTWARE, has_software_device, report, wgtune};

const MATMUL: &str = "matmul:f32:m8n8k8";

/// Workloads that mean nothing, with what the message must say.
const WORKLOADS: &[(&str, &[&str])] = &[
    ("gemm:f32:m1n1k1", &["unknown operator `gemm`", "matmul, conv2d, conv2d_transpose, chain"]),
    ("", &["`` is no workload", "as in `matmul:f32:m512n512k256+bias+relu`"]),
    ("matmul", &["expected `operator:types:dims`"]),
    ("matmul:f32", &["expected dims after the types"]),
    ("MATMUL:f32:m1n1k1", &["an operator's name in lower case first"]),
    ("matmul:f99:m1n1k1", &["unknown element type `f99`", "f32, f16, i8"]),
    ("matmul:f32:m1n1", &["dim `k` is missing"]),
    ("matmul:f32:m1n1k1q4", &["no dim `q`", "its dims are m, n, k"]),
    ("matmul:f32:m-1n1k1", &["expected a name in lower case and its size at `m-1n1k1`"]),
    ("matmul:f32:m1n1k1+nope", &["step `nope` means nothing here", "relu"]),
    ("matmul:f32:m1n1k1:x+y", &["not an expression", "`+bias+relu`"]),
    ("matmul:i8>i32>i8:m8n8k8", &["must end in `+clip`"]),
    ("matmul:i8>i32>i8:b2m8n8k8+shift8+clip", &["no template can compute", "use f32 or f16"]),
    (
        "conv2d_transpose:f32:n1c3h8w8o4k4s2p1op2",
        &["output padding 2 must be less than the stride 2 or the dilation 1"],
    ),
    ("conv2d:f32:n1c3h2w2o4k7", &["the filter covers 7 pixels where there are 2"]),
    ("chain:f32:r3", &["needs an expression after its dims"]),
    ("chain:f32:r3:foo(x)", &["unknown function `foo`", "gelu"]),
    ("chain:f32:r3:x+", &["expression `x+`, character 3"]),
    // Absurd sizes.
    ("matmul:f32:m0n1k1", &["every size must be at least 1"]),
    ("matmul:f32:m4294967296n1k1", &["4294967296", "choose smaller sizes"]),
    ("matmul:f32:m1000000n1000000k1000000", &["1000000×1000000", "choose smaller sizes"]),
    ("matmul:f32:m99999999999999999999999n1k1", &["too large a size"]),
];

/// Options of `tune` that mean nothing.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (&["--strategy", "foo"], &["'foo'", "known strategies are auto, random, exhaustive"]),
    (&["--trials", "0"], &["write a whole number from 1 to 1000000"]),
    (&["--trials", "-1"], &["write a whole number from 1 to 1000000"]),
    (&["--trials", "many"], &["write a whole number from 1 to 1000000"]),
    (&["--time", "-1"], &["write a time above 0, such as 90s"]),
    (&["--time", "0"], &["write a time above 0, such as 90s"]),
    (&["--time", "abc"], &["write a time above 0, such as 90s"]),
    (&["--time", "nan"], &["write a time above 0, such as 90s"]),
    (&["--seed", "-1"], &["write a whole number from 0 on"]),
    (
        &["--template", "naive"],
        &["no template `naive` is tuned for `matmul:", "there are: matmul/vector, matmul/tiled"],
    ),
    (&["--template", "tiled", "--template", "winograd"], &["no template `winograd` is tuned for `matmul:"]),
    (&["--speed", "1"], &["unexpected argument '--speed'", "--help"]),
];

/// Other commands that mean nothing.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (&[], &["Usage: wgtune <COMMAND>", "Exit codes"]),
    (&["tnue"], &["unrecognized subcommand 'tnue'", "'tune'"]),
    (&["tune"], &["<WORKLOAD>..."]),
    (&["show", "gemm:f32:m1"], &["unknown operator `gemm`"]),
    (&["bench", "gemm:f32:m1"], &["unknown operator `gemm`"]),
    (&["trials", "--workload", "gemm:f32:m1"], &["unknown operator `gemm`"]),
    (&["trials", "--phase", "end"], &["phases are search, knockout, final, recheck, repeat, imported"]),
    (&["trials", "--ending", "bad"], &["endings are timed, limits, validate"]),
    (&["tune", MATMUL, "--repeat-check", "1"], &["write a whole number from 2 to 50"]),
    (&["tune", MATMUL, "--repeat-check", "2", "--cold"], &["cannot be used with", "--cold"]),
    (&["recheck", "gemm:f32:m1"], &["unknown operator `gemm`"]),
    (&["recheck", "--sample", "0"], &["write a whole number from 1 to 1000000"]),
    (&["trials", "--limit", "-1"], &["write a whole number from 0 on"]),
    (&["export", "--workload", "gemm:f32:m1", "--format", "t4", "--output", "-"], &["unknown operator `gemm`"]),
    (&["export", "--workload", MATMUL, "--format", "xml", "--output", "-"], &["formats are t4, kernel-tuner, csv"]),
    (&["export", "--workload", MATMUL, "--format", "t4"], &["--output <FILE>"]),
    (&["import"], &["<FILE>..."]),
    (&["import", "no/such/file"], &["`no/such/file` cannot be read"]),
    (&["campaign"], &["--time <TIME>"]),
    (&["campaign", "--time", "8 min"], &["write a time above 0, such as 90s, 8m or 1.5h"]),
    (&["campaign", "--time", "-1s"], &["write a time above 0"]),
    (&["campaign", "--time", "8m", "--trials", "0"], &["write a whole number from 1 to 1000000"]),
    (
        &["campaign", "--time", "8m", "--workloads", "nonsense"],
        &["`nonsense` is no list, no file and no workload", "quick, all, gemm, conv, matmul"],
    ),
    (&["campaign", "--time", "8m", "--workloads", "gemm:f32:m1"], &["unknown operator `gemm`"]),
    (&["campaign", "--time", "8m", "--workloads", "LICENSE-MIT"], &["LICENSE-MIT:1: `MIT License` is no workload"]),
    (&["campaign", "--time", "8m", "--workloads", "src"], &["the list `src` cannot be read"]),
    (&["campaign", "--time", "8m", "--workloads", ".ci/none.toml"], &["none.toml"]),
    (&["import", "Cargo.toml"], &["`Cargo.toml` is no recording that wgtune knows: it is neither JSON nor a table"]),
];

#[test]
fn what_means_nothing_is_told_before_anything_is_begun() {
    let place = Place::new();
    let workloads = WORKLOADS.iter().map(|(workload, parts)| (vec!["tune", workload], *parts));
    let second = WORKLOADS.iter().map(|(workload, parts)| (vec!["tune", MATMUL, workload], *parts));
    let options = OPTIONS.iter().map(|(options, parts)| ([&["tune", MATMUL], *options].concat(), *parts));
    let commands = COMMANDS.iter().map(|(words, parts)| (words.to_vec(), *parts));
    let cases = workloads.chain(second).chain(options).chain(commands);
    let failures = cases.filter_map(|(words, parts)| in_place(&place, &words).is_failure(2, parts));
    report(failures.collect());
    assert!(!place.path().exists(), "a store was made for nothing");
}

/// With the place's store where the command takes one.
fn in_place(place: &Place, words: &[&str]) -> Ran {
    match words {
        [] | ["tnue"] | ["campaign", ..] => wgtune(words),
        words => place.run(words),
    }
}

#[test]
fn every_input_error_is_one_sentence() {
    let failures = WORKLOADS.iter().filter_map(|(workload, _)| {
        let ran = wgtune(&["tune", workload, "--db", "/nowhere/at/all"]);
        let one = ran.stderr.starts_with("error: ") && ran.stderr.lines().count() == 1;
        (!one).then(|| format!("{workload}: {}", ran.stderr))
    });
    report(failures.collect());
}

#[test]
fn devices_that_are_not_there_are_named() {
    let place = Place::new();
    let listed = wgtune(&["devices", "--json"]);
    // The processor has no number.
    let adapters = listed.json().iter().filter(|device| device["index"].is_number()).count();
    if adapters == 0 {
        crate::common::note_skip("there is no adapter, which is the same message for every choice");
        return;
    }
    let count = format!("lists {adapters}, numbered from 0");
    let tune = |device| place.run(&["tune", MATMUL, "--device", device]);
    let failures = [
        tune("Voodoo").is_failure(3, &["no device's name contains `Voodoo`", "there are: 0 "]),
        tune("77").is_failure(3, &["there is no device 77", "`wgtune devices`", &count]),
        place.run(&["bench", MATMUL, "--device", "77"]).is_failure(3, &["there is no device 77"]),
    ];
    report(failures.into_iter().flatten().collect());
}

#[test]
fn what_was_never_tuned_is_told_with_what_to_type() {
    let place = Place::new();
    let db = place.file("trials.db");
    drop(Store::open(&db).unwrap());
    let command = format!("tune it first: wgtune tune \"{MATMUL}\" --db \"{db}\"");
    let elsewhere = format!("tune it first: wgtune tune \"{MATMUL}\" --device \"Voodoo\" --db \"{db}\"");
    let mut failures = vec![
        place.run(&["show", MATMUL]).is_failure(1, &["knows no result for `matmul:f32:m8n8k8`", &command]),
        place.run(&["show", MATMUL, "--json"]).is_failure(1, &[&command]),
        place.run(&["show", MATMUL, "--device", "Voodoo"]).is_failure(1, &["named like `Voodoo`", &elsewhere]),
    ];
    if has_software_device().is_ok() {
        let command = format!("tune it first: wgtune tune \"{MATMUL}\" --device \"software\" --db \"{db}\"");
        let ran = place.run(&[&["bench", MATMUL], &SOFTWARE[..]].concat());
        failures.push(ran.is_failure(1, &["has not been tuned on ", &command]));
    }
    report(failures.into_iter().flatten().collect());
}
