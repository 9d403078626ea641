//! Rechecks on the software device: what is told of each winner, and what the exit code says.

use rusqlite::Connection;
use serde_json::Value;
use wgtune::record::{Outcome, Phase, Record, Rejection, Stage};
use wgtune::store::Store;

use crate::tool::{Place, has_software_device, report};

const MATMUL: &str = "matmul:f32:m33n17k7";
const CHAIN: &str = "chain:f32:r33c17:x+y";

/// A store in which two workloads were tuned.
fn place() -> Place {
    let place = Place::new();
    place.run_on_software(&["tune", MATMUL, CHAIN, "--trials", "3"]).good();
    place
}

#[test]
fn each_winner_has_a_verdict_and_the_rechecks_are_kept() {
    if has_software_device().is_err() {
        return;
    }
    let place = place();
    let both = place.run_on_software(&["recheck", "--json"]).json();
    let workloads: Vec<&Value> = both.iter().map(|object| &object["workload"]).collect();
    assert_eq!(workloads, [MATMUL, CHAIN]);
    for object in &both {
        let winner = &object["winners"][0];
        let verdict = winner["verdict"].as_str().unwrap();
        assert!(["holds", "faster", "slower"].contains(&verdict), "{verdict}: {object}");
        assert!(winner["claimed"]["value"].is_f64() && winner["speedup"]["value"].is_f64(), "{object}");
        assert_eq!((&winner["winner"]["phase"], &winner["now"]["phase"]), (&"final".into(), &"recheck".into()));
    }
    let text = place.run_on_software(&["recheck", "--sample", "1"]).good();
    assert!(text.starts_with("winners on ") && text.contains("\n1 rechecked: 1 "), "{text}");
    let kept = place.run(&["trials", "--phase", "recheck", "--json", "--limit", "0"]).json();
    assert!(kept.len() >= 2 + 2, "{} records", kept.len());
}

/// As after a recheck that was lost with its winner in flight.
#[test]
fn a_winner_that_fails_makes_the_exit_code_1() {
    if has_software_device().is_err() {
        return;
    }
    let place = place();
    let best = place.run(&["show", MATMUL, "--json"]).json().remove(0)["best"].take();
    let best: Record = serde_json::from_value(best).unwrap();
    let outcome = Outcome::Rejected(Rejection::new(Stage::Crash, "on command"));
    let crashed = Record { phase: Phase::Recheck, run: 99, outcome, ..best };
    Store::open(place.path()).unwrap().insert(&crashed).unwrap();
    let ran = place.run_on_software(&["recheck"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    for part in ["matmul:f32:m33n17k7: fails: rejected at crash: on command\n", "2 rechecked: "] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
    assert!(ran.stderr.contains("error: 1 of 2 stored winners must not be used any more"), "{}", ran.stderr);
}

/// Edits a store by SQL; what the next recheck then says, and with which exit code.
#[test]
fn what_cannot_be_rechecked_is_told() {
    if has_software_device().is_err() {
        return;
    }
    let device = ["--device", "software"];
    let place = place();
    let edit = |sql: &str| Connection::open(place.path()).unwrap().execute_batch(sql).unwrap();
    edit("UPDATE trial SET template = 'matmul/none' WHERE workload LIKE 'matmul%'");
    let gone = place.run(&[&["recheck", MATMUL], &device[..]].concat()).good();
    let other = place.run(&[&["recheck", "matmul:f32:m8n8k8"], &device[..]].concat());
    edit("UPDATE device SET adapter = 'Voodoo'");
    let none = place.run(&[&["recheck"], &device[..]].concat());
    let failures = [
        (!gone.contains("no template has that name") || !gone.contains("1 rechecked: 1 gone")).then_some(gone),
        other.is_failure(1, &["`matmul:f32:m8n8k8` has not been tuned on ", "tune it first: wgtune tune"]),
        none.is_failure(1, &["has nothing that was tuned on ", "tune something first"]),
    ];
    report(failures.into_iter().flatten().collect());
}
