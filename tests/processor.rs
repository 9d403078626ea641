//! The processor as a device: what it refuses, what it falls back for, and that no driver is needed.

mod common;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use common::programs::{RIGHT, single};
use wgtune::backend::cpu::CpuBackend;
use wgtune::backend::{Backend, BufferRule, Deadlines, Entrant, Job, Unwatched};
use wgtune::base::{DeviceKind, Fill};
use wgtune::code::Program;
use wgtune::code::routine::{Call, Routine};
use wgtune::op::{Signature, resolve, usual_inputs};
use wgtune::record::{Mode, Outcome, Record, Rejection, Stage};

const WORKLOAD: &str = "matmul:f32:m24n20k16+bias+relu";

#[test]
fn what_it_cannot_run_is_refused_by_name() {
    let signature = resolve(WORKLOAD).unwrap();
    let call = || signature.operator.call(&signature).unwrap();
    let routine = |library: &str, name: &str, call: Call, options: &[(&str, i64)]| {
        Program::routine(Routine {
            library: library.to_owned(),
            version: String::new(),
            name: name.to_owned(),
            call,
            options: options.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect::<BTreeMap<_, _>>(),
        })
    };
    let other = resolve("matmul:f32:m24n20k17+bias+relu").unwrap();
    let chain = resolve("chain:f32:n480:x+y*z").unwrap();
    let cases = [
        (single(RIGHT), "native routines and no WGSL"),
        (routine("native", "brilliant", call(), &[]), "brilliant of native"),
        (routine("cublas", "sgemm", call(), &[]), "no such routine"),
        (routine("native", "naive", call(), &[("threads", 0)]), "asks for 0 threads"),
        (routine("native", "blocked", call(), &[]), "its option `lanes` is missing"),
        (routine("native", "naive", other.operator.call(&other).unwrap(), &[]), "other sizes"),
        (routine("gemm", "gemm", chain.operator.call(&chain).unwrap(), &[]), "other sizes"),
    ];
    for (program, part) in cases {
        let rejection = outcome(&signature, program).unwrap_err();
        assert!(rejection.stage == Stage::Compile && rejection.why.contains(part), "{rejection:?}: {part}");
    }
    assert!(outcome(&signature, routine("native", "naive", call(), &[("threads", 1)])).is_ok());
}

fn outcome(signature: &Signature, program: Program) -> Result<(), Rejection> {
    let fills: Vec<Fill> = usual_inputs(signature, 1);
    let job = Job {
        entrants: vec![Entrant::whole(program, Mode::UNCHECKED)],
        symbols: signature.symbols.clone(),
        inputs: signature.inputs.iter().zip(fills).map(|(tensor, fill)| BufferRule::input(tensor, fill)).collect(),
        outputs: signature.outputs.iter().map(BufferRule::output).collect(),
        gates: Vec::new(),
        naive: Vec::new(),
        timing: None,
        sentinel: None,
        keep: None,
        deadlines: Deadlines::default(),
        seed: 1,
    };
    let mut backend = CpuBackend::held_back(None, None).unwrap();
    match backend.execute(&job, &mut Unwatched).entrants.remove(0).outcome {
        Outcome::Rejected(rejection) => Err(rejection),
        Outcome::Timed { .. } => Ok(()),
    }
}

#[test]
fn it_says_what_it_is_and_what_holds_it_back() {
    let whole = CpuBackend::held_back(None, None).unwrap();
    let held = CpuBackend::held_back(Some("scalar"), Some("1")).unwrap();
    let facts = whole.facts();
    assert_eq!(facts.identity.kind, DeviceKind::Processor);
    assert!(facts.processor.as_ref().is_some_and(|processor| processor.l1_bytes >= 8 << 10), "{facts:?}");
    assert_eq!(held.facts().processor.as_ref().unwrap().lanes, [1]);
    assert_ne!(held.facts().identity, facts.identity);
    assert!(CpuBackend::held_back(Some("fast"), None).is_err());
}

/// Where Vulkan is the only way to a GPU, none is left.
fn without_vulkan(arguments: &[&str]) -> Output {
    blinded(Command::new(env!("CARGO_BIN_EXE_wgtune")).args(arguments))
}

fn blinded(command: &mut Command) -> Output {
    command.env("VK_DRIVER_FILES", "/nowhere").env("VK_ICD_FILENAMES", "/nowhere").output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn no_driver_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("trials.db");
    let listed = without_vulkan(&["devices"]);
    assert!(listed.status.success() && String::from_utf8_lossy(&listed.stdout).contains("cpu"), "{listed:?}");
    let tuned = without_vulkan(&["tune", WORKLOAD, "--trials", "4", "--db", db.to_str().unwrap()]);
    check_fallback(&tuned);
    let shown = without_vulkan(&["show", WORKLOAD, "--wgsl", "--db", db.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("routine "), "{shown:?}");
}

/// Said once, and nothing is wrong.
fn check_fallback(tuned: &Output) {
    let said = String::from_utf8_lossy(&tuned.stderr);
    assert!(tuned.status.success(), "{said}");
    assert_eq!(said.matches("there is no hardware GPU here, so this runs on the processor").count(), 1, "{said}");
    assert!(!said.contains("WARNING"), "{said}");
}

/// What the shell makes of it, with this build for the one that the script would make, and with fewer trials.
#[cfg(target_os = "linux")]
#[test]
fn the_first_command_of_the_readme_needs_no_driver() {
    let readme = include_str!("../README.md");
    let (_, after) = readme.split_once("```sh\n").unwrap();
    let (command, _) = after.split_once("\n```").unwrap();
    let arguments = command.strip_prefix("scripts/run.sh ").unwrap();
    assert!(!include_str!("../scripts/run.sh").contains("ensure_vulkan"), "the script sees to a driver");
    let folder = tempfile::tempdir().unwrap();
    let (binary, db) = (env!("CARGO_BIN_EXE_wgtune"), folder.path().join("trials.db"));
    let line = format!("'{binary}' {arguments} --trials 3 --db '{}'", db.display());
    let tuned = blinded(Command::new("sh").args(["-c", &line]));
    check_fallback(&tuned);
    let told = String::from_utf8_lossy(&tuned.stdout);
    assert_eq!(told.matches("\nbest: ").count(), 3, "{told}");
}

/// Run-time checks are matters of WGSL: who is in the final race runs once, and stands in the records of both modes.
#[test]
fn finalists_run_once_for_both_modes() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("trials.db");
    let run = |words: &[&str]| {
        let words = [words, &["--db", db.to_str().unwrap()]].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_wgtune")).args(&words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let told = run(&["tune", WORKLOAD, "--trials", "3", "--device", "cpu"]);
    assert!(told.contains("\nbest ") && !told.contains("checked"), "{told}");
    let finals = run(&["trials", "--json", "--limit", "0", "--phase", "final"]);
    let records: Vec<Record> = finals.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (checked, plain): (Vec<&Record>, Vec<&Record>) = records.iter().partition(|record| record.mode.checks);
    assert!(checked.len() >= 2, "the default and the naive routine at least: {records:?}");
    for record in checked {
        let same = |other: &&&Record| other.code_hash == record.code_hash && other.outcome == record.outcome;
        assert!(plain.iter().any(|other| same(&other)), "{record:?}");
    }
    run(&["show", WORKLOAD, "--checked"]);
}
