//! The store under several writers and under a writer that is killed: nothing that was kept is lost.

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use common::records;
use rand::RngExt;
use wgtune::base::{DeviceFacts, DeviceIdentity, seeded};
use wgtune::record::Record;
use wgtune::store::{Filter, Flight, Store};

/// Names the file in which this process is to insert when it is the child of a test.
const CHILD: &str = "WGTUNE_TEST_STORE";
/// Whether the child's flight is isolated.
const ISOLATED: &str = "WGTUNE_TEST_ISOLATED";
/// How many records the child is to insert.
const COUNT: &str = "WGTUNE_TEST_COUNT";

fn record(run: u64, trial: u64) -> Record {
    // Its own device per run, so that writers race for the device table too.
    let adapter = format!("adapter {run}");
    let device = DeviceIdentity { adapter, ..DeviceFacts::portable().identity };
    Record { device, run, ..records::record(trial) }
}

/// Inserts `count` records under a new run number and says each one's number after it is kept.
fn write(path: &Path, count: u64, said: impl Fn(u64)) -> u64 {
    let mut store = Store::open(path).unwrap();
    let run = store.new_run().unwrap();
    for trial in 0..count {
        store.insert(&record(run, trial)).unwrap();
        said(trial);
    }
    run
}

/// Not a test: the process that the tests below start, and kill.
#[test]
#[ignore = "the child process of other tests"]
fn child_process() {
    let (Ok(path), Ok(count)) = (std::env::var(CHILD), std::env::var(COUNT)) else { return };
    write(Path::new(&path), count.parse().unwrap(), |trial| eprintln!("{trial}"));
}

/// Starts this same program as a writer that says on its error stream what it kept.
fn start_child(path: &Path, count: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_process", "--ignored", "--nocapture"])
        .env(CHILD, path)
        .env(COUNT, count.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Not a test: the process that sets out and is killed on the way.
#[test]
#[ignore = "the child process of other tests"]
fn child_in_flight() {
    let (Ok(path), Ok(isolated)) = (std::env::var(CHILD), std::env::var(ISOLATED)) else { return };
    let mut store = Store::open(path).unwrap();
    store.depart(&[Flight { record: record(1, 7), isolated: isolated == "true", trusted: false }]).unwrap();
    eprintln!("aloft");
    thread::sleep(Duration::from_secs(600));
}

/// Starts this same program as one that measures, and waits until it does.
fn start_in_flight(path: &Path, isolated: bool) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_in_flight", "--ignored", "--nocapture"])
        .env(CHILD, path)
        .env(ISOLATED, isolated.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines().map(|line| line.unwrap());
    assert!(said.take(1).eq(["aloft"]), "the child did not set out");
    child
}

/// Only Linux tells one start of the machine from another; elsewhere a kill looks like one of the machine.
#[cfg(target_os = "linux")]
#[test]
fn a_flight_is_its_processs_own_until_that_has_ended() {
    for isolated in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.db");
        let mut store = Store::open(&path).unwrap();
        let mut child = start_in_flight(&path, isolated);
        assert_eq!(store.recover().unwrap(), [], "it is alive");
        assert_eq!(store.recover().unwrap(), [], "and has not been taken for dead");
        child.kill().unwrap();
        child.wait().unwrap();
        let crashed = store.recover().unwrap();
        let blamed: Vec<u64> = crashed.iter().map(|record| record.trial).collect();
        assert_eq!(blamed, if isolated { vec![] } else { vec![7] }, "isolated: {isolated}");
        assert_eq!(store.query(&Filter { quarantined: true, ..Filter::default() }).unwrap(), crashed);
        assert_eq!(store.recover().unwrap(), [], "once");
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = files.filter(|name| name.to_string_lossy().contains("flight")).collect();
        assert!(left.is_empty() && is_sound(&path), "{left:?}");
    }
}

fn kept(path: &Path, run: u64) -> BTreeSet<u64> {
    let filter = Filter { run: Some(run), ..Filter::default() };
    Store::open(path).unwrap().query(&filter).unwrap().iter().map(|record| record.trial).collect()
}

fn is_sound(path: &Path) -> bool {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
}

#[test]
fn writers_at_once_lose_nothing() {
    const EACH: u64 = 200;
    let folder = tempfile::tempdir().unwrap();
    // No store there yet: they race for making it, too.
    let path = folder.path().join("trials.db");
    let children = [start_child(&path, EACH), start_child(&path, EACH)];
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let path = path.clone();
            thread::spawn(move || write(&path, EACH, |_| ()))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for run in 1..=4 {
        assert_eq!(kept(&path, run), (0..EACH).collect(), "run {run}");
    }
    assert_eq!(kept(&path, 5), BTreeSet::new(), "four writers, four runs");
    assert!(is_sound(&path));
}

#[test]
fn run_numbers_are_given_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mut store = Store::open(&path).unwrap();
            thread::spawn(move || (0..25).map(|_| store.new_run().unwrap()).collect::<Vec<_>>())
        })
        .collect();
    let runs: BTreeSet<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(runs, (1..=100).collect());
}

#[test]
fn a_killed_writer_loses_nothing_that_it_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trials.db");
    let mut random = seeded(1, "kills");
    for run in 1..=8 {
        let mut child = start_child(&path, u64::MAX);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(|line| line.unwrap());
        let mut said: Vec<String> = lines.by_ref().take(random.random_range(1..40)).collect();
        thread::sleep(Duration::from_micros(random.random_range(0..3000)));
        child.kill().unwrap();
        child.wait().unwrap();
        said.extend(lines);
        let kept = kept(&path, run);
        let lost: Vec<_> = said.iter().filter(|trial| !kept.contains(&trial.parse().unwrap())).collect();
        assert!(!said.is_empty(), "run {run}: the child did not start");
        assert!(lost.is_empty() && is_sound(&path), "run {run}: lost {lost:?} of {}", said.len());
        assert!(kept.len() <= said.len() + 1, "run {run}: at most one was kept and not yet said");
    }
}
