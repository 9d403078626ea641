//! Campaigns on an invented device: everyone has a result, what is known is kept, and whatever ends one, it goes on.

mod common;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::invented::{Invented, own_time};
use wgtune::campaign::{Campaign, CampaignError, Folder, Plan, Results, State};
use wgtune::op::resolve;
use wgtune::probe::probe;
use wgtune::record::{Probe, Stage, Vendor};
use wgtune::store::Store;
use wgtune::tune::{Progress, Settings, StopReason, Watch};

const MATMUL: &str = "matmul:f32:m64n64k64";
const CHAIN: &str = "chain:f32:r33c20:x+y";
const WITHOUT_TEMPLATE: &str = "matmul:i8>i32>i8:b2m8n8k8+shift8+clip";
const TOO_LARGE: &str = "matmul:f32:m40000n40000k8";
const TRIALS: usize = 6;

fn plan(workloads: &[&str]) -> Plan {
    Plan {
        tasks: workloads.iter().map(|text| ((*text).to_owned(), resolve(text).unwrap())).collect(),
        settings: Settings { trials: TRIALS, ..Settings::default() },
        time: Duration::from_secs(600),
        started: Instant::now(),
        command: "wgtune campaign".to_owned(),
        vendor: Vendor::none("nothing is looked for"),
    }
}

fn device() -> Invented {
    Invented::new(|program| Ok(own_time(program)))
}

fn device_probe() -> Probe {
    static PROBE: OnceLock<Probe> = OnceLock::new();
    PROBE.get_or_init(|| probe(&mut device(), &mut |_| ()).unwrap()).clone()
}

/// Plays a campaign to its end, or to the so many-th trial.
fn play(plan: Plan, place: &Path, device: &mut Invented, stop_at: usize) -> Results {
    let folder = Folder::open(place, &device.facts.identity).unwrap();
    let mut store = Store::open(folder.store()).unwrap();
    let mut campaign = Campaign::open(plan, folder, device, device_probe()).unwrap();
    let mut watch = Stop { left: stop_at };
    while let Some(turn) = campaign.next() {
        campaign.take(&turn, device, &mut store, &mut watch).unwrap();
        assert_eq!(&on_disk(place), campaign.results(), "written after each turn");
        if watch.left == 0 {
            break;
        }
    }
    campaign.results().clone()
}

fn on_disk(place: &Path) -> Results {
    serde_json::from_str(&fs::read_to_string(place.join("results.json")).unwrap()).unwrap()
}

/// Stops after so many trials.
struct Stop {
    left: usize,
}

impl Watch for Stop {
    fn wants_to_stop(&mut self) -> bool {
        self.left == 0
    }

    fn trial(&mut self, _progress: &Progress) {
        self.left = self.left.saturating_sub(1);
    }
}

#[test]
fn every_workload_has_a_row_and_failures_say_why() {
    let place = tempfile::tempdir().unwrap();
    let list = [WITHOUT_TEMPLATE, MATMUL, TOO_LARGE, CHAIN];
    let results = play(plan(&list), place.path(), &mut device(), usize::MAX);
    let rows: Vec<&str> = results.rows.iter().map(|row| row.workload.as_str()).collect();
    assert_eq!(rows, list);
    for (row, want) in results.rows.iter().zip([Some("no template"), None, Some("choose smaller sizes"), None]) {
        match (&row.state, want) {
            (State::Failed { why }, Some(part)) => assert!(why.contains(part), "{why}"),
            (State::Tuned(found), None) => {
                assert_eq!((found.trials, found.stop, found.turns), (TRIALS, StopReason::Trials, 1));
                let has_all = found.over_default.is_some() && found.over_naive.is_some() && found.checked_ns.is_some();
                assert!(has_all && found.roofline.is_some_and(|share| share > 0.0), "{found:?}");
            }
            (state, _) => panic!("{}: {state:?}", row.workload),
        }
    }
    let page = fs::read_to_string(place.path().join("results.md")).unwrap();
    for part in [MATMUL, "no template can compute", "of the roofline", "f32 arithmetic", "wgtune campaign"] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
    for name in ["trials.db", "device.json", "probe.json"] {
        assert!(place.path().join(name).exists(), "{name}");
    }
}

#[test]
fn what_is_done_is_not_done_again_and_more_trials_go_on() {
    let place = tempfile::tempdir().unwrap();
    let first = play(plan(&[MATMUL]), place.path(), &mut device(), usize::MAX);
    let mut again = device();
    let second = play(plan(&[MATMUL, CHAIN]), place.path(), &mut again, usize::MAX);
    assert_eq!(second.rows[0], first.rows[0], "it is over, and has no further turn");
    assert!(second.rows[1].found().is_some() && second.spent_s >= first.spent_s);
    let more = Settings { trials: 2 * TRIALS, ..Settings::default() };
    let third = play(Plan { settings: more, ..plan(&[CHAIN]) }, place.path(), &mut device(), usize::MAX);
    let turns: Vec<u64> = third.rows.iter().map(|row| row.found().unwrap().turns).collect();
    assert_eq!((turns, third.rows.len()), (vec![1, 2], 2), "rows of other lists stay");
}

#[test]
fn a_broken_off_search_is_taken_up_again() {
    let place = tempfile::tempdir().unwrap();
    let stopped = play(plan(&[MATMUL, CHAIN]), place.path(), &mut device(), 3);
    let found = stopped.rows[0].found().unwrap();
    assert_eq!((found.stop, found.trials), (StopReason::Interrupted, 3));
    assert_eq!(stopped.rows[1].state, State::Waiting);
    let whole = play(plan(&[MATMUL, CHAIN]), place.path(), &mut device(), usize::MAX);
    assert!(whole.rows.iter().all(|row| row.found().is_some_and(|found| found.trials == TRIALS)), "{whole:?}");
    let untouched = tempfile::tempdir().unwrap();
    let at_once = play(plan(&[MATMUL, CHAIN]), untouched.path(), &mut device(), usize::MAX);
    let winners = |results: &Results| -> Vec<String> {
        results.rows.iter().map(|row| row.found().unwrap().code_hash.clone()).collect()
    };
    assert_eq!(winners(&whole), winners(&at_once));
}

#[test]
fn a_device_on_which_nothing_runs_is_told_and_costs_one_turn_each() {
    let place = tempfile::tempdir().unwrap();
    let mut broken = Invented::new(|_| Err(Stage::Compile));
    let results = play(plan(&[MATMUL, CHAIN]), place.path(), &mut broken, usize::MAX);
    for row in &results.rows {
        let State::Failed { why } = &row.state else { panic!("{row:?}") };
        assert!(why.contains("no candidate was both right and timed; at compile: on command"), "{why}");
    }
}

#[test]
fn foreign_and_damaged_folders_are_left_alone() {
    let place = tempfile::tempdir().unwrap();
    play(plan(&[CHAIN]), place.path(), &mut device(), usize::MAX);
    let mut other = device();
    other.facts.identity.adapter = "another one".to_owned();
    let open = |device: &Invented| Folder::open(place.path(), &device.facts.identity).map(drop);
    let error = open(&other).unwrap_err();
    assert!(matches!(&error, CampaignError::Elsewhere { .. }), "{error}");
    assert!(error.to_string().contains("another one") && error.to_string().contains("--out"), "{error}");
    let good = fs::read_to_string(place.path().join("results.json")).unwrap();
    let newer = good.replacen("\"format\": 1", "\"format\": 9", 1);
    for (damaged, part) in [("", "EOF"), ("{}", "missing field"), (&good[..200], "EOF"), (&newer, "it has format 9")] {
        fs::write(place.path().join("results.json"), damaged).unwrap();
        let error = open(&device()).unwrap_err();
        assert!(matches!(&error, CampaignError::Unread { .. }) && error.to_string().contains(part), "{error}");
        assert_eq!(fs::read_to_string(place.path().join("results.json")).unwrap(), damaged);
    }
}
