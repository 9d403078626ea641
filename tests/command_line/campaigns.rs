//! Campaigns and probes on the software device: the folder, killed and interrupted runs, tables that tell the roofline.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use wgtune::backend::Backend;
use wgtune::base::stats::Estimate;
use wgtune::base::{DeviceIdentity, ElementType};
use wgtune::record::{PROBE_FORMAT, Phase, Probe, Quantity, Reading};
use wgtune::store::{Filter, Store};

use crate::common::software_device;
use crate::tool::{Place, Ran, report, start};

const MATMUL: &str = "matmul:f32:m33n17k7";
const CHAIN: &str = "chain:f32:r33c17:x+y";

const LIST: &str = "# small ones
matmul:f32:m33n17k7
matmul:i8>i32>i8:b2m8n8k8+shift8+clip  # has no template
chain:f32:r33c17:x+y
";

/// How long a run may take to its first row on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A list, and a folder whose store knows the device: probing is tested where it is timed.
fn place() -> Option<Place> {
    let device = software_device().ok()?.facts().identity.clone();
    let place = Place::new();
    place.write("list.txt", LIST);
    for store in ["out/trials.db", "trials.db"] {
        Store::open(place.file(store)).unwrap().insert_probe(&probe(&device)).unwrap();
    }
    Some(place)
}

/// Numbers that no machine has, so that every share is known.
fn probe(device: &DeviceIdentity) -> Probe {
    let reading = |quantity, value: f64| Reading {
        quantity,
        value: Estimate { value, low: value, high: value },
        samples_ns: vec![1.0],
        how: "made up".to_owned(),
    };
    Probe {
        format: PROBE_FORMAT,
        tool: "0.0.0".to_owned(),
        device: device.clone(),
        readings: vec![
            reading(Quantity::Arithmetic(ElementType::F32), 1e12),
            reading(Quantity::Copy, 1e11),
            reading(Quantity::Read, 2e11),
        ],
        missing: Vec::new(),
        at_ms: 0,
    }
}

fn campaign<'a>(time: &'a str, trials: &'a str) -> Vec<&'a str> {
    let words = ["campaign", "--device", "software", "--workloads", "list.txt", "--out", "out"];
    [&words[..], &["--time", time, "--trials", trials]].concat()
}

fn results(place: &Place) -> Value {
    serde_json::from_str(&place.read("out/results.json")).unwrap()
}

#[test]
fn a_short_campaign_leaves_a_folder_that_says_it_all() {
    let Some(place) = place() else { return };
    let table = place.here(&campaign("300s", "3")).good();
    let results = results(&place);
    let rows = results["rows"].as_array().unwrap();
    let told = |at: usize| rows[at]["workload"].as_str().unwrap();
    assert_eq!((told(0), told(2), rows.len()), (MATMUL, CHAIN, 3));
    // All bytes at the faster of copying and reading.
    let share = rows[2]["roofline"].as_f64().unwrap();
    let want = rows[2]["bytes"].as_f64().unwrap() / 200.0 / rows[2]["time_ns"]["value"].as_f64().unwrap();
    assert!((share / want - 1.0).abs() < 1e-9, "{share} where {want} is right");
    assert_eq!(rows[1]["state"], "failed");
    let command = results["command"].as_str().unwrap();
    assert_eq!(command, format!("wgtune {}", campaign("300s", "3").join(" ")));
    let page = place.read("out/results.md");
    let mut failures = Vec::new();
    for part in [MATMUL, CHAIN, "no template can compute", "of the roofline", "made up", command] {
        failures.extend((!page.contains(part)).then(|| format!("no `{part}` in\n{page}")));
    }
    for part in [MATMUL, "no template can compute", "of the roofline", "results.md"] {
        failures.extend((!table.contains(part)).then(|| format!("no `{part}` in\n{table}")));
    }
    for name in ["device.json", "probe.json"] {
        let json: Result<Value, _> = serde_json::from_str(&place.read(&format!("out/{name}")));
        failures.extend(json.err().map(|error| format!("{name}: {error}")));
    }
    report(failures);
    let again = place.here(&[&campaign("300s", "3")[..], &["--json"]].concat()).json().remove(0);
    assert_eq!(again["rows"], results["rows"], "everything was over");
}

#[test]
fn a_killed_campaign_goes_on_and_measures_nothing_twice() {
    let Some(place) = place() else { return };
    let mut child = begin(&place, "200s", "12");
    wait_for_a_row(&place, &mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = results(&place);
    assert_eq!(before["rows"][2]["state"], "waiting", "it was killed in time");
    let after = place.here(&[&campaign("200s", "12")[..], &["--json"]].concat()).json().remove(0);
    assert_eq!(after["rows"][2]["state"], "tuned");
    assert!(after["rows"][0]["trials"].as_u64() >= before["rows"][0]["trials"].as_u64());
    let filter = Filter { phase: Some(Phase::Search), ..Filter::default() };
    let trials = Store::open(place.file("out/trials.db")).unwrap().query(&filter).unwrap();
    let mut keys: Vec<_> = trials.iter().map(|trial| (&trial.workload, &trial.template, &trial.code_hash)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), trials.len());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_what_was_found() {
    let Some(place) = place() else { return };
    let mut child = begin(&place, "200s", "40");
    wait_for_a_row(&place, &mut child);
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ran = Ran::of(&["campaign"], child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("run the same command to go on") && ran.stdout.contains(MATMUL), "{}", ran.stdout);
    assert_eq!(results(&place)["rows"][0]["state"], "tuned");
}

fn begin(place: &Place, time: &str, trials: &str) -> Child {
    let (list, out) = (place.file("list.txt"), place.file("out"));
    let words = ["campaign", "--device", "software", "--workloads", &list, "--out", &out];
    start(&[&words[..], &["--time", time, "--trials", trials]].concat())
}

/// Waits until the first workload has its row.
fn wait_for_a_row(place: &Place, child: &mut Child) {
    let started = Instant::now();
    let path = place.file("out/results.json");
    while !std::fs::read_to_string(&path).is_ok_and(|text| text.contains("\"tuned\"")) {
        assert!(child.try_wait().unwrap().is_none(), "the campaign ended before its first row was seen");
        assert!(started.elapsed() < PATIENCE, "no row in {PATIENCE:?}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn tables_tell_the_roofline_where_the_device_was_probed() {
    let Some(place) = place() else { return };
    let tuned = place.run_on_software(&["tune", MATMUL, "--trials", "2"]).good();
    let benched = place.run_on_software(&["bench", MATMUL]).good();
    let shown = place.run(&["show", MATMUL]).good();
    let probed = place.run(&["probe", "--show"]).good();
    for (text, part) in [(&tuned, "of the roofline"), (&benched, "of the roofline"), (&shown, " % of the roofline")] {
        assert!(text.contains(part), "{text}");
    }
    for part in ["f32 arithmetic  1.00 TFLOP/s", "copying         100 GB/s", "made up"] {
        assert!(probed.contains(part), "no `{part}` in\n{probed}");
    }
    let json = place.run(&["probe", "--show", "--json"]).json();
    assert_eq!((json.len(), &json[0]["readings"][1]["quantity"]), (1, &"copy".into()));
    let stranger = place.run(&["probe", "--show", "--device", "Voodoo"]);
    assert_eq!(stranger.is_failure(1, &["no probe of a device named like `voodoo`", "wgtune probe"]), None);
}
