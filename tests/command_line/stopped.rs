//! Runs that are stopped: a killed one goes on where it was, and Ctrl-C still tells the best so far.

use std::collections::BTreeSet;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use wgtune::record::{Outcome, Phase, Record, Stage};
use wgtune::store::{Filter, Store};

use crate::tool::{Place, Ran, has_software_device, wgtune};

/// Long enough that a run is under way when its first trials are seen.
const TUNE: [&str; 6] = ["tune", "matmul:f32:m33n17k7", "--device", "software", "--trials", "30"];

/// How long a run may take to its first trials on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_killed_run_goes_on_where_it_stopped_and_repeats_nothing() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let mut child = crate::tool::start(&place.with(&TUNE));
    wait_for_trials(&place, &mut child, 5);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = searched(&place);
    assert!((5..30).contains(&kept.len()), "{} trials before the kill", kept.len());

    let again = wgtune(&place.with(&[&TUNE[..], &["--json"]].concat())).json().remove(0);
    let all = searched(&place);
    let lost = kept.iter().filter(|record| !all.contains(record)).count();
    // Where candidates run in the program itself, the one that was running may have ended it.
    let ended = all.iter().filter(|record| !kept.contains(record) && has_ended_the_program(record)).count();
    let distinct: BTreeSet<_> = all.iter().map(|record| (&record.template, &record.code_hash)).collect();
    assert_eq!((lost, distinct.len()), (0, all.len()), "lost, and measured once each");
    let remembered = kept.len() + ended;
    assert_eq!((&again["run"]["trials"], &again["run"]["remembered"]), (&30.into(), &remembered.into()));
    assert!(all.len() == 30 && ended <= 1, "{ended} were in flight");
    let quarantined = place.run(&["trials", "--quarantined", "--json"]).json();
    assert_eq!(quarantined.len(), ended);
    wgtune(&place.with(&[&TUNE[..], &["--retry-quarantined"]].concat())).good();
    // The way there is the same; from there on its time may lead the search elsewhere.
    assert!(place.run(&["trials", "--quarantined"]).good().starts_with("no trials match"));
}

fn has_ended_the_program(record: &Record) -> bool {
    let Outcome::Rejected(rejection) = &record.outcome else { return false };
    rejection.stage == Stage::Crash && rejection.why.contains("it may have been killed by hand")
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_after_the_current_trial_and_prints_the_best() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let args = place.with(&TUNE);
    let mut child = crate::tool::start(&args);
    wait_for_trials(&place, &mut child, 3);
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ran = Ran::of(&args, child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{}{}", ran.stdout, ran.stderr);
    for part in ["naive ", "default ", "best ", "best: matmul/", "trials (interrupted)"] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
    for part in ["Ctrl-C again ends at once", "run the same command to go on"] {
        assert!(ran.stderr.contains(part), "no `{part}` in\n{}", ran.stderr);
    }
    assert!((3..30).contains(&searched(&place).len()));
}

/// Waits until a run has stored so many trials.
pub fn wait_for_trials(place: &Place, child: &mut Child, count: usize) {
    let started = Instant::now();
    while !place.path().exists() || searched(place).len() < count {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before its trials were seen");
        assert!(started.elapsed() < PATIENCE, "no {count} trials in {PATIENCE:?}");
        sleep(Duration::from_millis(20));
    }
}

/// The records of the search, the newest first.
pub fn searched(place: &Place) -> Vec<Record> {
    let filter = Filter { phase: Some(Phase::Search), ..Filter::default() };
    Store::open(place.path()).unwrap().query(&filter).unwrap()
}
