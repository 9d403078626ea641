//! The quarantine as people meet it: what a run left in flight is judged, listed and filtered.

use rusqlite::Connection;
use serde_json::Value;
use wgtune::record::{Outcome, Phase, Record, Rejection, Stage};
use wgtune::store::Store;

use crate::common::golden::{Goldens, Texts};
use crate::common::records;
use crate::tool::{Place, report};

fn record(trial: u64) -> Record {
    Record { values: [("wx".to_owned(), (8 << trial).into())].into(), ..records::record(trial) }
}

fn ended(trial: u64, stage: Stage, why: &str) -> Record {
    Record { outcome: Outcome::Rejected(Rejection::new(stage, why)), ..record(trial) }
}

/// A store with some that crashed or hung, one of them timed since, and one that was in flight as the machine went down.
fn place() -> Place {
    let place = Place::new();
    let records = [
        record(0),
        ended(1, Stage::Crash, "the worker ended with signal 11"),
        ended(2, Stage::Timeout, "a run took longer than 20 s"),
        ended(3, Stage::Verify, "c[3] = 1, not 2"),
        ended(4, Stage::Crash, "the device was lost"),
        Record { run: 2, ..record(4) },
    ];
    Store::open(place.path()).unwrap().insert_all(&records).unwrap();
    let aloft = Record { run: 2, phase: Phase::Final, ..ended(5, Stage::Crash, "") };
    let sql = "INSERT INTO flight (owner, boot, isolated, trusted, record) VALUES ('gone', 'another start', 1, 0, ?)";
    let text = serde_json::to_string(&aloft).unwrap();
    Connection::open(place.path()).unwrap().execute(sql, [text]).unwrap();
    place
}

#[cfg(target_os = "linux")]
#[test]
fn the_quarantine_is_listed_as_reviewed() {
    let place = place();
    let texts: Texts = [("quarantined.txt".into(), place.run(&["trials", "--quarantined"]).good())].into();
    let goldens = Goldens { folder: "tests/golden/trials", others: &[], test: "command_line" };
    report(goldens.blessed_or_differences(&texts));
}

#[test]
fn the_quarantine_is_filtered_like_all_trials() {
    let place = place();
    let cases: [(&[&str], &[u64]); 6] = [
        (&[], &[5, 2, 1]),
        (&["--phase", "final"], &[5]),
        (&["--ending", "timeout"], &[2]),
        (&["--ending", "timed"], &[]),
        (&["--run", "1"], &[2, 1]),
        (&["--limit", "1"], &[5]),
    ];
    let differs = |(filter, want): (&[&str], &[u64])| {
        let listed = place.run(&[&["trials", "--quarantined", "--json"], filter].concat()).json();
        let trials: Vec<Option<u64>> = listed.iter().map(|record: &Value| record["trial"].as_u64()).collect();
        let right = trials.iter().flatten().eq(want);
        (!right).then(|| format!("{filter:?}: {trials:?} where {want:?} are right"))
    };
    report(cases.into_iter().filter_map(differs).collect());
}
