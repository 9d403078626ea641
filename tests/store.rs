//! The store as its users see it: what is kept comes back exactly, and every file that is no store is named as what it
//! is.

mod common;

use std::fs;
use std::path::Path;

use common::records::{self, timed};
use wgtune::base::{DeviceFacts, DeviceIdentity, DeviceKind};
use wgtune::record::{Clock, Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::space::Value;
use wgtune::store::{Ending, Filter, Flight, Store, StoreError, TrialKey};

const MATMUL: &str = "matmul:f32:m512n512k256+bias+relu";

/// A timed search trial that tests change where they need to.
fn record(trial: u64) -> Record {
    Record {
        workload: MATMUL.into(),
        template: "tiled".into(),
        values: [("tile_m".to_owned(), Value::Int(64)), ("order".to_owned(), "rows".into())].into(),
        device: DeviceIdentity { adapter: "NVIDIA H200".into(), ..DeviceFacts::portable().identity },
        ..records::record(trial)
    }
}

fn rejected(stage: Stage) -> Outcome {
    Outcome::Rejected(Rejection::new(stage, "out of luck"))
}

/// A processor that runs kernels in software, so that its identity has a host.
fn software() -> DeviceIdentity {
    DeviceIdentity {
        adapter: "llvmpipe „größe“ 显卡".into(),
        vendor: u32::MAX,
        kind: DeviceKind::Cpu,
        host: Some("Xeon, 16 threads".into()),
        ..DeviceFacts::portable().identity
    }
}

/// Records with every kind of content that a column might bend.
fn awkward_records() -> Vec<Record> {
    let samples_ns = vec![0.1 + 0.2, 1.0, f64::MIN_POSITIVE, 1e300, 5e-324, 123_456_789.123_456_79];
    let outcomes = [
        Outcome::Timed { samples_ns, clock: Clock::Host },
        Outcome::Timed { samples_ns: vec![], clock: Clock::Device },
        Outcome::Rejected(Rejection::new(Stage::Verify, "c[3] = 1 ≠ 2\n'); DROP TABLE trial; --")),
        Outcome::Rejected(Rejection::new(Stage::Crash, "")),
    ];
    let values = [Value::Real(1.0), Value::Int(i64::MIN), Value::Text("1".into()), Value::Text("größe\0\"".into())];
    let devices = [software(), DeviceIdentity { host: None, ..software() }];
    (0..16)
        .map(|i| Record {
            outcome: outcomes[i % 4].clone(),
            values: values.iter().take(i % 5).cloned().enumerate().map(|(n, v)| (format!("p{n}"), v)).collect(),
            device: devices[i / 8].clone(),
            seed: u64::MAX - i as u64,
            mode: [Mode::CHECKED, Mode::UNCHECKED][i / 4 % 2],
            phase: [Phase::Search, Phase::Final][i / 2 % 2],
            ..record(i as u64)
        })
        .collect()
}

#[test]
fn what_is_kept_comes_back_exactly_also_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folders/trials.db");
    let mut kept = awkward_records();
    Store::open(&path).unwrap().insert_all(&kept[..4]).unwrap();
    let mut store = Store::open(&path).unwrap();
    kept[4..].iter().for_each(|record| store.insert(record).unwrap());
    for record in &kept {
        assert_eq!(store.find(&TrialKey::of(record)).unwrap().as_ref(), Some(record), "trial {}", record.trial);
    }
    kept.reverse();
    assert_eq!(store.query(&Filter::default()).unwrap(), kept);
}

#[test]
fn only_exactly_the_same_measurement_is_found_and_the_newest_of_it() {
    let mut store = Store::in_memory().unwrap();
    store.insert(&record(0)).unwrap();
    store.insert(&Record { outcome: rejected(Stage::Timeout), ..record(0) }).unwrap();
    let base = record(0);
    let key = TrialKey::of(&base);
    let (host, driver) = (
        DeviceIdentity { host: Some(String::new()), ..base.device.clone() },
        DeviceIdentity { driver: "581".into(), ..base.device.clone() },
    );
    assert_eq!(store.find(&key).unwrap().unwrap().outcome, rejected(Stage::Timeout));
    let others = [
        TrialKey { workload: "matmul:f32:m1n1k1", ..key },
        TrialKey { template: "direct", ..key },
        TrialKey { code_hash: "0", ..key },
        TrialKey { device: &host, ..key },
        TrialKey { device: &driver, ..key },
        TrialKey { mode: Mode::CHECKED, ..key },
        TrialKey { mode: Mode { zero_init: true, ..Mode::UNCHECKED }, ..key },
        TrialKey { phase: Phase::Final, ..key },
    ];
    for other in others {
        assert_eq!(store.find(&other).unwrap(), None, "{other:?}");
    }
}

#[test]
fn best_reads_the_newest_race_first_then_the_searches() {
    let by_host = |ns| Outcome::Timed { samples_ns: vec![ns], clock: Clock::Host };
    let race = |run, trial, outcome| Record { run, phase: Phase::Final, outcome, ..record(trial) };
    // Each step adds records; then the best on the usual device, in the usual mode, is the trial named.
    let steps: [(&str, Vec<Record>, Option<u64>); 8] = [
        ("nothing", vec![], None),
        ("a rejection is no time", vec![Record { outcome: rejected(Stage::Run), ..record(1) }], None),
        ("another workload", vec![Record { workload: "w".into(), outcome: timed(1.0), ..record(2) }], None),
        ("another device", vec![Record { device: software(), outcome: timed(2.0), ..record(3) }], None),
        ("another mode", vec![Record { mode: Mode::CHECKED, outcome: timed(1.0), ..record(4) }], None),
        (
            "the host's clock alone, then beside the device's",
            vec![Record { outcome: by_host(3.0), ..record(5) }],
            Some(5),
        ),
        ("smallest median", vec![record(8), record(6), record(7)], Some(6)),
        (
            "a race, though slower, and its rejected runner",
            vec![race(1, 9, timed(9e3)), race(1, 10, timed(8e3)), race(1, 11, rejected(Stage::Verify))],
            Some(10),
        ),
    ];
    let mut store = Store::in_memory().unwrap();
    let device = record(0).device;
    for (what, records, want) in steps {
        store.insert_all(&records).unwrap();
        let best = store.best(MATMUL, Some(&device), Mode::UNCHECKED).unwrap();
        assert_eq!(best.map(|record| record.trial), want, "{what}");
    }
    store.insert_all(&[race(2, 12, timed(9e4)), race(2, 13, timed(8e4))]).unwrap();
    store.insert(&Record { device: software(), ..race(3, 14, timed(5.0)) }).unwrap();
    let best = |device, mode| store.best(MATMUL, device, mode).unwrap().map(|record| record.trial);
    assert_eq!(best(Some(&device), Mode::UNCHECKED), Some(13), "the newest race");
    assert_eq!(best(None, Mode::UNCHECKED), Some(14), "the newest race on any device");
    assert_eq!(best(None, Mode::CHECKED), Some(4), "no race in this mode");
    let unknown = DeviceIdentity { device: 1, ..device.clone() };
    assert_eq!(best(Some(&unknown), Mode::UNCHECKED), None);
    let trials: Vec<u64> = store.race(2, MATMUL, Phase::Final).unwrap().iter().map(|record| record.trial).collect();
    assert_eq!(trials, [12, 13], "in the order of insertion");
    assert_eq!(store.race(2, "w", Phase::Final).unwrap(), []);
}

#[test]
fn filters_let_through_what_they_say_newest_first() {
    let mut store = Store::in_memory().unwrap();
    let records = [
        record(0),
        Record { workload: "w".into(), template: "direct".into(), ..record(1) },
        Record { device: software(), strategy: "anneal".into(), ..record(2) },
        Record { phase: Phase::Final, run: 2, ..record(3) },
        Record { outcome: rejected(Stage::Compile), run: 2, ..record(4) },
    ];
    store.insert_all(&records).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let none = Filter::default();
    let cases: [(Filter, &[u64]); 13] = [
        (none.clone(), &[4, 3, 2, 1, 0]),
        (Filter { limit: Some(2), ..none.clone() }, &[4, 3]),
        (Filter { limit: Some(0), ..none.clone() }, &[]),
        (Filter { workload: text("w"), ..none.clone() }, &[1]),
        (Filter { workload: text("W"), ..none.clone() }, &[]),
        (Filter { template: text("direct"), ..none.clone() }, &[1]),
        (Filter { device: text("nvidia h"), ..none.clone() }, &[4, 3, 1, 0]),
        (Filter { device: text("größe“ 显"), ..none.clone() }, &[2]),
        (Filter { strategy: text("anneal"), ..none.clone() }, &[2]),
        (Filter { phase: Some(Phase::Final), ..none.clone() }, &[3]),
        (Filter { ending: Some(Ending::Timed), run: Some(2), ..none.clone() }, &[3]),
        (Filter { ending: Some(Ending::Rejected(Stage::Compile)), ..none.clone() }, &[4]),
        (Filter { ending: Some(Ending::Rejected(Stage::Crash)), ..none }, &[]),
    ];
    for (filter, want) in cases {
        let got: Vec<u64> = store.query(&filter).unwrap().iter().map(|record| record.trial).collect();
        assert_eq!(got, want, "{filter:?}");
    }
}

#[test]
fn runs_go_on_above_those_of_imported_records() {
    let mut store = Store::in_memory().unwrap();
    assert_eq!([store.new_run().unwrap(), store.new_run().unwrap()], [1, 2]);
    store.insert(&Record { run: 40, ..record(0) }).unwrap();
    assert_eq!([store.new_run().unwrap(), store.new_run().unwrap()], [41, 42]);
}

/// A store as the first version wrote it: its trials are there, and what newer versions keep can be kept.
#[test]
fn a_store_of_the_first_layout_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    run_sql(&path, include_str!("../src/store/v1.sql"));
    run_sql(&path, "PRAGMA application_id = 2003268725; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;");
    run_sql(
        &path,
        "INSERT INTO device VALUES (1, 'GPU', 1, 2, 'd', 'i', 'vulkan', 'discrete_gpu', 'naga', NULL); \
         INSERT INTO run VALUES (5); \
         INSERT INTO trial VALUES (1, 'w', 't/x', '{\"a\":1}', 'c0de', 1, 0, 0, 'warm', 'search', 'timed', 'device', \
             '[2.0,1.0,3.0]', 2.0, NULL, NULL, NULL, 0.5, 'random', 7, 4, 5, 99, '0.1.0', 1)",
    );
    let mut store = Store::open(&path).unwrap();
    let found = store.query(&Filter::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].trial, found[0].outcome.median_ns(), found[0].at_ms), (4, Some(2.0), 99));
    assert_eq!(store.recover().unwrap(), []);
    let flight = Flight { record: Record { run: 6, ..found[0].clone() }, isolated: false, trusted: false };
    assert_eq!(store.new_run().unwrap(), 6);
    store.depart(std::slice::from_ref(&flight)).unwrap();
    store.land(std::slice::from_ref(&flight.record)).unwrap();
    assert_eq!(store.query(&Filter::default()).unwrap(), [flight.record, found[0].clone()]);
}

/// Makes a file, tries to open it as a store, and compares the sentence. A file that is refused must stay as it is.
fn check_refused(what: &str, make: impl Fn(&Path), want: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    make(&path);
    let before = fs::read(&path).ok();
    let Err(error) = Store::open(&path) else { panic!("{what} was opened") };
    let error = error.to_string();
    assert!(error.contains(want) && error.contains(path.to_str().unwrap()), "{what}: {error}");
    assert_eq!(fs::read(&path).ok(), before, "{what} was changed");
}

fn run_sql(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn filled(path: &Path) -> Result<(), StoreError> {
    let mut store = Store::open(path)?;
    let records: Vec<Record> = (0..200).map(record).collect();
    store.insert_all(&records)
}

#[test]
fn files_that_are_no_store_are_named_and_left_alone() {
    check_refused("a short text", |path| fs::write(path, "hello\n").unwrap(), "is not a database");
    check_refused("a long text", |path| fs::write(path, "hello\n".repeat(9999)).unwrap(), "is not a database");
    check_refused("a folder", |path| fs::create_dir(path).unwrap(), "is a folder");
    check_refused("another program's", |path| run_sql(path, "CREATE TABLE mails (x)"), "of another program");
    let marked = |path: &Path| run_sql(path, "PRAGMA application_id = 77; PRAGMA user_version = 1");
    check_refused("another program's, marked", marked, "of another program");
    let newer = |path: &Path| {
        filled(path).unwrap();
        run_sql(path, "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
    };
    check_refused("a newer one", newer, "newer wgtune (layout 99");
    let truncated = |path: &Path| {
        filled(path).unwrap();
        fs::OpenOptions::new().write(true).open(path).unwrap().set_len(10_000).unwrap();
    };
    check_refused("a truncated one", truncated, "is damaged");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = Store::open(folder.path().join("file/trials.db")).unwrap_err().to_string();
    assert!(error.contains("file`, which is no folder"), "{error}");
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file:trials.db?mode=memory");
    fs::write(&path, "").unwrap();
    filled(&path).unwrap();
    assert_eq!(Store::open(&path).unwrap().query(&Filter::default()).unwrap().len(), 200);
}

#[test]
fn damage_in_the_middle_is_an_error_not_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    filled(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let after_schema = bytes.len() / 4..;
    bytes[after_schema].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let error = Store::open(&path).and_then(|store| store.query(&Filter::default())).unwrap_err().to_string();
    assert!(error.contains("is damaged"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        return eprintln!("skipped: this user may write to read-only folders");
    }
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("make it and its folder writable"), "{error}");
}
