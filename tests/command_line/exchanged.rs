//! Trials go out as files and come in from files, and stay what they are.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use wgtune::base::{DeviceFacts, DeviceIdentity};
use wgtune::interchange::{Recording, read};
use wgtune::record::{Clock, Outcome, Phase, Record, Rejection, Stage};
use wgtune::space::Value;
use wgtune::store::Store;

use crate::common::records;
use crate::tool::{Place, report};

pub const MATMUL: &str = "matmul:f32:m64n64k64";
const FORMATS: [&str; 3] = ["t4", "kernel-tuner", "csv"];

/// A search trial of one config; its samples lie around a time that the config decides.
pub fn record(trial: u64) -> Record {
    let tile = [8, 16, 32, 64][trial as usize % 4];
    let scale = [0.5, 1.25][trial as usize / 4 % 2];
    let ns = 1000.0 * ((tile as f64 - 30.0).powi(2) + 7.0 * scale);
    let outcome = match (tile, scale) {
        (64, 0.5) => Outcome::Rejected(Rejection::new(Stage::Compile, "too many, \"registers\"")),
        _ => Outcome::Timed { samples_ns: vec![ns + 0.1, ns, ns + 100.25], clock: Clock::Device },
    };
    Record {
        values: [
            ("block_size_x".to_owned(), Value::Int(tile)),
            ("order".to_owned(), "rows".into()),
            ("scale".to_owned(), Value::Real(scale)),
        ]
        .into(),
        device: DeviceIdentity { adapter: "An invented GPU".into(), ..DeviceFacts::portable().identity },
        outcome,
        ..records::record(trial)
    }
}

/// A place whose store has these trials.
pub fn place_with(records: &[Record]) -> Place {
    let place = Place::new();
    Store::open(place.path()).unwrap().insert_all(records).unwrap();
    place
}

/// All configs of [`record`], each once.
pub fn trials() -> Vec<Record> {
    (0..8).map(record).collect()
}

/// Exports into a file of the place, with more options.
pub fn export(place: &Place, workload: &str, format: &str, more: &[&str]) -> String {
    let file = place.file(&format!("{}-{format}", more.len()));
    let words = ["export", "--workload", workload, "--format", format, "--output", &file];
    assert_eq!(place.run(&[&words, more].concat()).good(), "");
    file
}

fn recording(file: &str) -> Recording {
    read(Path::new(file)).unwrap()
}

#[test]
fn what_is_exported_and_imported_is_exported_the_same() {
    for format in FORMATS {
        let here = place_with(&trials());
        let file = export(&here, MATMUL, format, &[]);
        let there = Place::new();
        let said = there.run(&["import", &file]).good();
        assert!(said.ends_with(&format!(": 8 trials of {MATMUL} on An invented GPU\n")), "{said}");
        let again = export(&there, MATMUL, format, &["--phase", "imported"]);
        assert_eq!(fs::read(&file).unwrap(), fs::read(&again).unwrap(), "{format}");
        assert_eq!(recording(&file).entries.len(), 8);
    }
}

#[test]
fn importing_twice_adds_nothing_twice() {
    let here = place_with(&trials());
    let file = export(&here, MATMUL, "csv", &[]);
    let there = Place::new();
    there.run(&["import", &file]).good();
    let said = there.run(&["import", &file, &file]).good();
    assert_eq!(said.matches(": 0 trials of").count(), 2, "{said}");
    assert_eq!(said.matches(", 8 were there already").count(), 2, "{said}");
    assert_eq!(there.trials().len(), 8);
    // A trial that came out otherwise is another one, and the newer of the two is exported.
    let changed = fs::read_to_string(&file).unwrap().replacen("compile,", "run,", 1);
    fs::write(&file, changed).unwrap();
    assert!(there.run(&["import", &file]).good().contains(": 1 trials of"));
    let stages = |recording: Recording| -> Vec<Stage> {
        recording.entries.into_iter().filter_map(|entry| entry.result.err().map(|rejection| rejection.stage)).collect()
    };
    let again = export(&there, MATMUL, "csv", &["--phase", "imported"]);
    assert_eq!(stages(recording(&again)), [Stage::Run]);
}

#[test]
fn imported_trials_are_marked_and_decide_nothing() {
    let here = place_with(&trials());
    let file = export(&here, MATMUL, "t4", &[]);
    let there = Place::new();
    there.run(&["import", &file, "--device", "Another GPU", "--workload", "matmul:f32:n64m64k64"]).good();
    for trial in there.trials() {
        assert_eq!(trial["phase"], "imported", "{trial}");
        assert_eq!(trial["workload"], MATMUL, "{trial}");
        assert_eq!(trial["device"]["adapter"], "Another GPU", "{trial}");
        assert_eq!(trial["device"]["driver"], "", "{trial}");
    }
    let failure = there.run(&["show", MATMUL]).is_failure(1, &[MATMUL]);
    report(failure.into_iter().collect());
}

#[test]
fn kernels_of_others_are_filed_under_their_names() {
    let place = Place::new();
    fs::write(
        place.file("cache.json"),
        r#"{"device_name": "A GPU", "kernel_name": "vector_add", "problem_size": 1, "objective": "time",
        "tune_params_keys": ["x"], "tune_params": {"x": [1, 2]}, "cache": {
        "1": {"x": 1, "time": 2.5, "times": [2, 3]},"#,
    )
    .unwrap();
    let said = place.run(&["import", &place.file("cache.json")]).good();
    assert!(said.ends_with(": 1 trials of vector_add on A GPU\n"), "{said}");
    let listed = place.run(&["trials", "--workload", "vector_add", "--phase", "imported", "--json"]).json();
    let samples: Vec<&Json> = listed.iter().map(|trial| &trial["outcome"]["timed"]["samples_ns"]).collect();
    assert_eq!(samples, [&serde_json::json!([2e6, 3e6])]);
    let unknown = place.run(&["trials", "--workload", "vector_sub"]);
    report(unknown.is_failure(2, &["`vector_sub` is no workload"]).into_iter().collect());
}

#[test]
fn the_newest_search_trial_of_a_config_is_exported() {
    let again = |outcome| Record { outcome, run: 2, trial: 9, code_hash: "changed".into(), ..record(0) };
    let newer = again(Outcome::Timed { samples_ns: vec![7.0], clock: Clock::Device });
    let other = Record { phase: Phase::Final, ..again(Outcome::Timed { samples_ns: vec![1.0], clock: Clock::Device }) };
    let place = place_with(&[record(0), record(1), newer, other]);
    let times = |more: &[&str]| -> Vec<f64> {
        let recording = recording(&export(&place, MATMUL, "csv", more));
        recording.entries.into_iter().map(|entry| entry.result.unwrap()).collect()
    };
    assert_eq!(times(&[])[0], 7.0);
    assert_eq!(times(&[]).len(), 2);
    assert_eq!(times(&["--phase", "final"]), [1.0]);
    assert_eq!(times(&["--run", "1"]).len(), 2);
    assert_ne!(times(&["--run", "1"])[0], 7.0);
}

#[test]
fn trials_of_several_things_must_be_told_apart() {
    let device = |driver_info: &str| DeviceIdentity { driver_info: driver_info.into(), ..record(1).device };
    let place = place_with(&[
        record(0),
        Record { device: device("580.1"), ..record(1) },
        Record { template: "matmul/other".into(), ..record(2) },
    ]);
    let words = ["export", "--workload", MATMUL, "--format", "csv", "--output", "-"];
    let mut failures: Vec<String> = Vec::new();
    for (more, code, parts) in [
        (&[][..], 2, &["of several devices: An invented GPU, 580.1", "; An invented GPU", "by --device"][..]),
        (&["--device", "580"], 0, &[]),
        (&["--template", "matmul/other"], 0, &[]),
        (&["--mode", "checked"], 1, &["no checked trials of phase search", "`wgtune trials --workload"]),
        (&["--device", "Radeon"], 1, &["no unchecked trials of phase search"]),
        (&["--mode", "fast"], 2, &["modes are checked, unchecked"]),
    ] {
        let ran = place.run(&[&words, more].concat());
        match code {
            0 => assert!(ran.good().starts_with("kernel,device,block_size_x,order,scale,time_ns")),
            _ => failures.extend(ran.is_failure(code, parts)),
        }
    }
    let templates = place_with(&[record(0), Record { template: "matmul/other".into(), ..record(2) }]);
    let parts = ["of several templates: matmul/other; matmul/tiled; choose one by --template"];
    failures.extend(templates.run(&words).is_failure(2, &parts));
    report(failures);
}
