//! Troubles that need a hand inside the connection: a full disk, a lock that stays, and rows that we did not write.

use std::time::Duration;

use super::*;
use crate::base::DeviceFacts;
use crate::record::{Clock, Outcome, RECORD_FORMAT};
use crate::space::Value;

pub(super) fn record(trial: u64) -> Record {
    Record {
        format: RECORD_FORMAT,
        tool: "0".into(),
        workload: "matmul:f32:m1n1k1".into(),
        template: "direct".into(),
        values: [("tile".to_owned(), Value::Real(0.5))].into(),
        code_hash: "c0de".into(),
        device: DeviceFacts::portable().identity,
        mode: Mode::UNCHECKED,
        phase: Phase::Search,
        outcome: Outcome::Timed { samples_ns: vec![1.0; 1000], clock: Clock::Host },
        prepare_ns: None,
        worst_error: None,
        strategy: "random".into(),
        seed: 0,
        trial,
        run: 1,
        at_ms: 0,
        pace: None,
        chosen: false,
    }
}

#[test]
fn a_full_disk_loses_no_finished_trial() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("trials.db")).unwrap();
    store.connection.pragma_update(None, "max_page_count", 24).unwrap();
    let kept = (0..1000).take_while(|&trial| store.insert(&record(trial)).is_ok()).count();
    let error = store.insert(&record(1000)).unwrap_err();
    assert!(error.to_string().contains("does not fit on its disk"), "{error}");
    store.connection.pragma_update(None, "max_page_count", 1 << 20).unwrap();
    assert!(kept > 0 && store.query(&Filter::default()).unwrap().len() == kept, "{kept} kept");
    store.insert(&record(1001)).unwrap();
}

#[test]
fn a_lock_that_stays_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    let (mut ours, mut theirs) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    ours.connection.busy_timeout(Duration::from_millis(10)).unwrap();
    let lock = writing(&mut theirs.connection).unwrap();
    for error in [ours.insert(&record(0)).unwrap_err(), ours.new_run().unwrap_err()] {
        assert!(error.to_string().contains("locked by another process"), "{error}");
    }
    assert_eq!(ours.query(&Filter::default()).unwrap(), [], "reading goes on");
    drop(lock);
    ours.insert(&record(0)).unwrap();
}

#[test]
fn numbers_that_json_lacks_are_refused() {
    let mut store = Store::in_memory().unwrap();
    let infinite = Outcome::Timed { samples_ns: vec![1.0, f64::INFINITY], clock: Clock::Host };
    let cases = [
        (Record { outcome: infinite, ..record(3) }, "a sample of inf ns (trial 3 of `matmul:f32:m1n1k1`)"),
        (Record { values: [("tile".to_owned(), Value::Real(f64::NAN))].into(), ..record(3) }, "tile = NaN"),
    ];
    for (unfit, want) in cases {
        let error = store.insert_all(&[record(2), unfit]).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
    assert_eq!(store.query(&Filter::default()).unwrap(), [], "all or none");
}

#[test]
fn rows_that_we_did_not_write_are_named_damaged() {
    for edit in ["outcome = 'lost'", "clock = 'sun'", "samples_ns = '[1,'", "config = x'00'", "seed = 0.5"] {
        let mut store = Store::in_memory().unwrap();
        store.insert(&record(0)).unwrap();
        store.connection.execute(&format!("UPDATE trial SET {edit}"), []).unwrap();
        let error = store.query(&Filter::default()).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Damaged(_)), "{edit}: {error}");
    }
}

/// The safety that nobody sees until the power fails.
#[test]
fn every_commit_is_synced_and_readers_do_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("trials.db")).unwrap();
    let sql = "SELECT journal_mode || ' ' || synchronous FROM pragma_journal_mode, pragma_synchronous";
    let settings: String = store.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(settings, "wal 2");
}
