//! Runs killed at random moments: the store opens every time, no finished trial is missing, resumed runs complete.
//!
//! A few kills by default; `scripts/kill-runs.sh` makes it a hundred.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeSet;
use std::fmt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt;
use rusqlite::Connection;
use wgtune::base::seeded;
use wgtune::record::{Phase, Record};
use wgtune::store::{Filter, Store};

use common::software_device;

/// How many runs to kill.
const KILLS: &str = "WGTUNE_KILLS";
const FEW: usize = 3;

/// After so many kills of one run it is let go to its end, and another begins in a new store.
const KILLS_PER_STORE: usize = 5;

/// When to kill, in milliseconds from the start of the process.
const MOMENTS: std::ops::Range<u64> = 20..2500;

/// A candidate takes a few milliseconds; so a run takes some seconds and its kills meet every part of it.
const TRIALS: &str = "40";
const WORKLOADS: [&str; 4] =
    ["matmul:f32:m33n17k7", "chain:f32:r33c17:x+y", "conv2d:f32:n1c3h7w17o7k3p1", "matmul:f32:m100n33k20+bias+relu"];

/// How long a worker may outlive its tuner on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn killed_runs_lose_nothing() {
    if software_device().is_err() {
        return;
    }
    let kills = std::env::var(KILLS).map_or(FEW, |text| text.parse().expect("WGTUNE_KILLS is a number"));
    let mut random = seeded(1, "kills");
    let mut tally = Tally::default();
    for number in 0.. {
        let mut run = Run::new(WORKLOADS[number % WORKLOADS.len()]);
        for _ in 0..KILLS_PER_STORE.min(kills - tally.kills()) {
            run.kill(Duration::from_millis(random.random_range(MOMENTS)), &mut tally);
        }
        run.complete(&mut tally);
        if tally.kills() == kills {
            break;
        }
    }
    println!("{tally}");
    assert_eq!((tally.twice, tally.quarantined), (0, 0), "measured twice, quarantined");
}

/// What a kill has met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Opening,
    Trial,
    Between,
    Race,
    Ended,
}

const NAMES: [(Moment, &str); 5] = [
    (Moment::Opening, "before the first new trial"),
    (Moment::Trial, "during a trial"),
    (Moment::Between, "between two trials, or after the last"),
    (Moment::Race, "during the final race"),
    (Moment::Ended, "too late: the run had ended"),
];

#[derive(Default)]
struct Tally {
    moments: Vec<Moment>,
    stores: usize,
    /// Records found after kills, each once.
    kept: usize,
    /// Records at the end.
    all: usize,
    twice: usize,
    quarantined: usize,
}

impl Tally {
    /// Those that met a living process.
    fn kills(&self) -> usize {
        self.moments.iter().filter(|moment| **moment != Moment::Ended).count()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} runs killed, {} to {} ms after their start:", self.kills(), MOMENTS.start, MOMENTS.end)?;
        for (moment, name) in NAMES {
            let count = self.moments.iter().filter(|other| **other == moment).count();
            writeln!(f, "{count:>6}  {name}")?;
        }
        writeln!(
            f,
            "After each: the store opens, its integrity_check is ok, no finished trial is missing, no worker is left."
        )?;
        let Self { stores, kept, all, twice, quarantined, .. } = self;
        write!(f, "{stores} stores, then tuned to the end: {kept} records had outlived kills, {all} in the end, ")?;
        write!(f, "{twice} measured twice, {quarantined} quarantined.")
    }
}

/// One run that is killed and resumed, in a store of its own.
struct Run {
    workload: &'static str,
    folder: tempfile::TempDir,
    /// What was seen in the store: it must never be missing.
    kept: Vec<Record>,
}

impl Run {
    fn new(workload: &'static str) -> Self {
        Self { workload, folder: tempfile::tempdir().unwrap(), kept: Vec::new() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("trials.db")
    }

    fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wgtune"));
        command.args(["tune", self.workload, "--device", "software", "--trials", TRIALS, "--json", "--db"]);
        command.arg(self.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn kill(&mut self, after: Duration, tally: &mut Tally) {
        let mut child = self.start();
        sleep(after);
        // Held still, it cannot start a worker that nobody sees.
        signal("-STOP", child.id());
        let ended = child.try_wait().unwrap().is_some();
        let workers = children(child.id());
        let seen = if self.path().exists() { self.glance() } else { Vec::new() };
        child.kill().unwrap();
        child.wait().unwrap();
        workers.iter().for_each(|worker| wait_for_end(worker));
        let moment = self.examine(seen);
        tally.moments.push(if ended { Moment::Ended } else { moment });
    }

    /// What can be read while a run is held still; nothing where it holds the file locked.
    fn glance(&self) -> Vec<Record> {
        let Ok(connection) = Connection::open(self.path()) else { return Vec::new() };
        let is_there = connection.query_row("SELECT count(*) FROM trial", [], |row| row.get::<_, i64>(0));
        // Only then is opening it sure not to wait.
        if is_there.is_ok() { self.records() } else { Vec::new() }
    }

    fn records(&self) -> Vec<Record> {
        Store::open(self.path()).unwrap().query(&Filter::default()).unwrap()
    }

    /// Looks into the store after a kill; what was in flight tells when it was.
    fn examine(&mut self, seen: Vec<Record>) -> Moment {
        if !self.path().exists() {
            return Moment::Opening;
        }
        let connection = Connection::open(self.path()).unwrap();
        let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(integrity, "ok");
        let flights = flights(&connection);
        drop(connection);
        let now = self.records();
        let missing = self.kept.iter().chain(&seen).filter(|record| !now.contains(record)).count();
        assert_eq!(missing, 0, "finished trials are missing after a kill of {}", self.workload);
        let is_new = now.len() > self.kept.len();
        self.kept = now;
        match (&flights[..], is_new) {
            ([phase], _) if phase == "search" => Moment::Trial,
            ([], false) => Moment::Opening,
            ([], true) => Moment::Between,
            _ => Moment::Race,
        }
    }

    /// Lets it go to its end, and counts.
    fn complete(self, tally: &mut Tally) {
        let output = self.start().wait_with_output().unwrap();
        assert!(output.status.success(), "{} was not resumed", self.workload);
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["run"]["trials"].to_string(), TRIALS, "{}: {}", self.workload, told["run"]);
        let all = self.records();
        assert!(self.kept.iter().all(|record| all.contains(record)), "a trial of {} was lost at last", self.workload);
        let searched: Vec<&Record> = all.iter().filter(|record| record.phase == Phase::Search).collect();
        let distinct: BTreeSet<_> = searched.iter().map(|record| (&record.template, &record.code_hash)).collect();
        tally.stores += 1;
        tally.kept += self.kept.len();
        tally.all += all.len();
        tally.twice += searched.len() - distinct.len();
        let quarantined = Filter { quarantined: true, ..Filter::default() };
        tally.quarantined += Store::open(self.path()).unwrap().query(&quarantined).unwrap().len();
    }
}

/// The phases of what was in flight; none where the file has no tables yet.
fn flights(connection: &Connection) -> Vec<String> {
    let sql = "SELECT json_extract(record, '$.phase') FROM flight";
    let Ok(mut statement) = connection.prepare(sql) else { return Vec::new() };
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn signal(name: &str, id: u32) {
    // One that has ended is no failure.
    Command::new("kill").args([name, &id.to_string()]).stderr(Stdio::null()).status().unwrap();
}

/// The processes that one has started.
fn children(parent: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    let ids = processes.map(|name| name.to_string_lossy().into_owned());
    ids.filter(|id| stat(id).is_some_and(|(_, of)| of == parent.to_string())).collect()
}

/// The state of a process and its parent; `None` if it is gone.
fn stat(id: &str) -> Option<(String, String)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name between the parentheses may hold anything.
    let mut fields = text.rsplit_once(") ")?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
}

/// Waits until a process has ended; a zombie has, whoever has yet to ask for it.
fn wait_for_end(id: &str) {
    let started = Instant::now();
    while stat(id).is_some_and(|(state, _)| state != "Z") {
        assert!(started.elapsed() < PATIENCE, "the worker {id} has outlived its tuner");
        sleep(Duration::from_millis(10));
    }
}
