//! Replays of made-up recordings: tables and JSON as reviewed, the same whatever the threads, pictures that are whole.

use std::fs;

use serde_json::Value;
use wgtune::base::DeviceIdentity;
use wgtune::record::{Clock, Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::store::Store;

use crate::common::golden::{Goldens, Texts};
use crate::common::recordings::{BROKEN, LARGE, SMALL, cache, counts};
use crate::exchanged::{MATMUL, place_with, record, trials};
use crate::tool::{Place, Ran, report, wgtune};

/// A folder with recordings in it.
struct Folder(Place);

impl Folder {
    fn new() -> Self {
        let folder = Self(Place::new());
        let with_machines = [("small.json", SMALL), ("large.json", LARGE), ("broken.json", BROKEN)];
        with_machines.iter().for_each(|(name, machine)| folder.write(name, &cache(*machine)));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.file(name), text).unwrap();
    }

    /// Runs `wgtune replay` with the words that end in `.json` or `.svg` as files of this folder.
    fn replay(&self, words: &[&str]) -> Ran {
        let is_file = |word: &str| word.ends_with(".json") || word.ends_with(".svg");
        let word = |word: &&str| if is_file(word) { self.0.file(word) } else { (*word).to_owned() };
        let mut args = vec!["replay".to_owned()];
        args.extend(words.iter().map(word));
        wgtune(&args)
    }
}

const BOTH: [&str; 6] = ["small.json", "large.json", "--strategy", "random", "exhaustive", "--runs"];

#[test]
fn tables_are_as_reviewed() {
    let folder = Folder::new();
    let warm = ["small.json", "--strategy", "random", "--runs", "3", "--trials", "30", "--warm-from", "large.json"];
    let pages = [
        ("two-spaces.txt", folder.replay(&[&BOTH[..], &["7"]].concat()).good()),
        ("warm.txt", folder.replay(&warm).good()),
    ];
    let wide = pages.iter().flat_map(|(_, text)| text.lines()).filter(|line| line.chars().count() > 100);
    let mut failures: Vec<String> = wide.map(|line| format!("wider than 100 columns: {line}")).collect();
    let texts: Texts = pages.iter().map(|(name, text)| (name.into(), without_own_times(text))).collect();
    let goldens = Goldens { folder: "tests/golden/replay", others: &[], test: "command_line" };
    failures.extend(goldens.blessed_or_differences(&texts));
    report(failures);
}

/// Both last columns of the tables that end in a searcher's own time are `#`, one space apart from the rest.
fn without_own_times(text: &str) -> String {
    let mut in_table = false;
    let lines = text.lines().map(|line| {
        in_table = line.contains("own ms") || (in_table && !line.is_empty());
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.len().checked_sub(2) {
            Some(kept) if in_table && !line.contains("own ms") => format!("{} # #", words[..kept].join(" ")),
            _ if in_table => words.join(" "),
            _ => line.to_owned(),
        }
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn json_has_all_that_was_asked_for() {
    let folder = Folder::new();
    let mut json = folder.replay(&[&BOTH[..], &["5", "--trials", "60", "--json"]].concat()).json();
    assert_eq!(json.len(), 1, "one object");
    let json = json.remove(0);
    let results = json["results"].as_array().unwrap();
    let of = |name: &str| results.iter().map(|result| result[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("space"), ["small", "small", "large", "large"]);
    assert_eq!(of("strategy"), ["random", "exhaustive", "random", "exhaustive"]);
    let mut missing: Vec<String> = results.iter().flat_map(missing_numbers).collect();
    for (strategy, name) in json["summary"]["strategies"].as_array().unwrap().iter().zip(["random", "exhaustive"]) {
        let is_there = strategy["strategy"] == name
            && strategy["worst"]["fraction"].is_f64()
            && strategy["against_best"]["low"].is_number()
            && strategy["by_space"].as_array().is_some_and(|spaces| spaces.len() == 2);
        missing.extend((!is_there).then(|| format!("no standing of {name}: {strategy}")));
    }
    report(missing);
}

/// Where a result has no number and must have one.
fn missing_numbers(result: &Value) -> Vec<String> {
    let mut places: Vec<String> = ["mean", "worst"].map(|key| format!("/ask_ms/{key}")).to_vec();
    places.extend(["/runs", "/optimum", "/to_95/never"].map(str::to_owned));
    places.extend(["mean", "median", "q1", "q3"].map(|key| format!("/failed/{key}")));
    for evaluations in ["10", "25", "50", "60"] {
        places.extend(
            ["mean", "median", "q1", "q3", "low", "high", "min"].map(|key| format!("/fraction/{evaluations}/{key}")),
        );
        places.push(format!("/failed_at/{evaluations}/mean"));
    }
    let missing = places.into_iter().filter(|place| !result.pointer(place).is_some_and(Value::is_number));
    missing.map(|place| format!("no number at {place} of {result}")).collect()
}

/// Exhaustive search finds the optimum of a space smaller than its trials, fails as often as configs do, and stays.
#[test]
fn a_space_that_is_used_up_has_been_seen_whole() {
    let folder = Folder::new();
    for (name, machine) in [("small.json", SMALL), ("large.json", LARGE)] {
        let result = folder.replay(&[name, "--strategy", "exhaustive", "--runs", "1", "--trials", "1000", "--json"]);
        let result = result.json()[0]["results"][0].clone();
        let (configs, failures) = counts(machine);
        assert!(failures > 0 && configs < 200, "{configs} configs, {failures} fail");
        assert_eq!(result["fraction"]["200"]["min"], 1.0, "{result}");
        assert_eq!(result["fraction"]["1000"]["min"], 1.0, "{result}");
        assert_eq!(result["failed"]["mean"], failures as f64, "{result}");
        assert_eq!(result["failed_at"]["200"]["mean"], failures as f64, "{result}");
        assert_eq!(result["to_95"]["never"], 0, "{result}");
    }
}

#[test]
fn threads_change_nothing_and_seeds_do() {
    let folder = Folder::new();
    let results = |more: &[&str]| {
        let mut json = folder.replay(&[&BOTH[..], &["6", "--trials", "40", "--json"], more].concat()).json().remove(0);
        let results = json["results"].as_array_mut().unwrap();
        results.iter_mut().for_each(|result| drop(result.as_object_mut().unwrap().remove("ask_ms")));
        json
    };
    let one = results(&["--threads", "1"]);
    assert_eq!(one, results(&["--threads", "5"]));
    assert_eq!(one, results(&[]));
    assert_ne!(one, results(&["--seed", "1"]));
}

#[test]
fn seeds_pair_up_and_runs_go_on_from_each_other() {
    let folder = Folder::new();
    let min = |seed: &str, runs: &str| {
        let words = ["small.json", "--strategy", "random", "--trials", "10", "--json", "--runs", runs, "--seed", seed];
        folder.replay(&words).json()[0]["results"][0]["fraction"]["10"]["min"].as_f64().unwrap()
    };
    let single = ["4", "5", "6"].map(|seed| min(seed, "1"));
    assert_eq!(min("4", "3"), single.iter().copied().fold(1.0, f64::min), "{single:?}");
}

#[test]
fn all_strategies_but_exhaustive_run_unless_some_are_named() {
    let folder = Folder::new();
    let json = folder.replay(&["small.json", "--runs", "1", "--trials", "3", "--json"]).json().remove(0);
    let ran: Vec<&str> =
        json["results"].as_array().unwrap().iter().map(|result| result["strategy"].as_str().unwrap()).collect();
    let all = wgtune::search::STRATEGIES.iter().map(|strategy| strategy.name);
    assert_eq!(ran, all.filter(|name| *name != "exhaustive").collect::<Vec<_>>());
}

#[test]
fn pictures_are_whole() {
    let folder = Folder::new();
    folder.replay(&[&BOTH[..], &["3", "--trials", "30", "--plot", "curves.svg"]].concat()).good();
    let svg = fs::read_to_string(folder.0.file("curves.svg")).unwrap();
    // Each of two strategies has a line two pixels wide in each space and in the panel of both.
    let lines = svg.lines().filter(|line| line.starts_with("<polyline") && line.contains("stroke-width=\"2\""));
    assert_eq!(lines.count(), 2 * 3);
    assert!(!svg.contains("NaN"), "{svg}");
    for name in ["small", "large", "all 2 spaces", "random", "exhaustive"] {
        assert!(svg.lines().any(|line| line == name), "no text `{name}`");
    }
    assert_eq!(unclosed(&svg), Vec::<String>::new());
}

/// The elements that are open at the end; an element closed in the wrong order counts as open too.
fn unclosed(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').expect("every tag ends");
        let name = inside.split(|c: char| c.is_whitespace() || c == '/').find(|word| !word.is_empty()).unwrap();
        match (inside.starts_with('/'), inside.ends_with('/')) {
            (true, _) if open.last().is_some_and(|last| last == name) => drop(open.pop()),
            (false, true) => {}
            _ => open.push(name.to_owned()),
        }
    }
    open
}

/// A start that asks the recording has a balanced initial set, and spends fewer trials on what fails.
#[test]
fn a_start_by_validity_fails_less() {
    let folder = Folder::new();
    let failed = |init: &str| {
        let words = ["small.json", "--strategy", "anneal", "--trials", "40", "--json", "--init", init];
        let result = folder.replay(&words).json()[0]["results"][0].clone();
        (result["strategy"].as_str().unwrap().to_owned(), result["failed"]["mean"].as_f64().unwrap())
    };
    let [(plain, before), (named, after)] = ["random", "validity"].map(failed);
    assert_eq!([plain, named], ["anneal", "anneal +validity"]);
    assert!(after < before, "{after} fail with it, {before} without");
    let labelled = ["small.json", "--strategy", "anneal", "--trials", "40", "--init", "validity", "--labels", "3"];
    assert!(folder.replay(&labelled).good().contains("anneal +validity"));
    let compiled = ["small.json", "--strategy", "anneal:compiled=2"];
    let wrong = [
        folder.replay(&["small.json", "--init", "luck"]).is_failure(2, &["a search begins with random or validity"]),
        folder.replay(&["small.json", "--labels", "3"]).is_failure(2, &["--labels is for", "add --init validity"]),
        folder.replay(&compiled).is_failure(2, &["a strategy compiles configs, and its kernel is none of ours"]),
    ];
    report(wrong.into_iter().flatten().collect());
}

#[test]
fn starts_are_compared_over_a_folder() {
    let folder = Folder::new();
    let inside = folder.0.file("spaces");
    fs::create_dir(&inside).unwrap();
    [("a.json", SMALL), ("b.json", LARGE)]
        .iter()
        .for_each(|(name, machine)| fs::write(format!("{inside}/{name}"), cache(*machine)).unwrap());
    fs::write(format!("{inside}/notes.txt"), "no recording").unwrap();
    let (numbers, curves) = (folder.0.file("starts.out.json"), folder.0.file("starts.svg"));
    let words = ["experiment", "vta-init", &inside, "--seeds", "4", "--trials", "60", "--json", &numbers];
    let text = wgtune(&[&words[..], &["--plot", &curves, "--screened"]].concat()).good();
    for part in ["a: ", "b: ", "the oracle knows", "anneal +validity", "auto +validity +screened", "all 2 spaces"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert_eq!(unclosed(&fs::read_to_string(&curves).unwrap()), Vec::<String>::new());
    let json: Value = serde_json::from_str(&fs::read_to_string(&numbers).unwrap()).unwrap();
    let results = json["results"].as_array().unwrap();
    assert_eq!((results.len(), json["pairs"].as_array().unwrap().len()), (2 * 16, 8));
    let wrong = results.iter().filter(|row| {
        let name = row["contestant"].as_str().unwrap();
        let calls = row["calls"]["median"].as_f64().unwrap();
        let is_balanced = row["initial_valid"]["median"].as_f64() >= Some(0.5);
        let is_fine = (calls > 0.0) == name.contains('+') && is_balanced >= name.contains("+validity");
        !is_fine || row["needed"].as_array().is_none_or(|needed| needed.len() != 3)
    });
    report(wrong.map(Value::to_string).collect());
    let again = wgtune(&[&words[..7], &["--screened", "--threads", "1"]].concat()).good();
    assert_eq!(again, text, "threads change nothing");
}

#[test]
fn what_cannot_be_compared_is_told_in_one_sentence() {
    let folder = Folder::new();
    let empty = folder.0.file("empty");
    fs::create_dir(&empty).unwrap();
    let small = folder.0.file("small.json");
    let cases: [(&[&str], &[&str]); 4] = [
        (&[], &["<FILES or FOLDER>"]),
        (&[&empty], &["there is no recording in it"]),
        (&[&small, "--knows", "luck"], &["stages are limits, validate, compile, run"]),
        (&[&small, "--json", &empty], &["is a folder"]),
    ];
    let failure = |(words, says): &(&[&str], &[&str])| {
        wgtune(&[&["experiment", "vta-init"], *words].concat()).is_failure(2, says)
    };
    report(cases.iter().filter_map(failure).collect());
}

#[test]
fn what_cannot_be_replayed_is_told_in_one_sentence() {
    let folder = Folder::new();
    folder.write("torn.json", "{\"tune_params_keys\": [1, 2");
    folder.write("other.json", &cache(SMALL).replace("padding", "unroll"));
    folder.write("one.json", &only_one_config());
    let cases: [(&[&str], &[&str]); 13] = [
        (&[], &["<FILE>..."]),
        (&["nothing.json"], &["error: `", "nothing.json` cannot be read ("]),
        (&["torn.json"], &["error: `", "torn.json` is malformed in line 1: "]),
        (&["small.json", "torn.json"], &["torn.json` is malformed in line 1: "]),
        (&["broken.json"], &["broken.json`: none of its 190 configs was timed", "no optimum"]),
        (&["small.json", "small.json"], &["small.json`: is given twice"]),
        (&["small.json", "--strategy", "foo"], &["'foo'", "known strategies are auto, random, exhaustive"]),
        (&["small.json", "--strategy", "random:a=1"], &["`random` has no options"]),
        (&["--strategy", "random", "small.json"], &["write files before --strategy"]),
        (&["small.json", "--runs", "0"], &["write a whole number from 1 to 10000"]),
        (&["small.json", "--plot", "curves.png"], &["write a file name that ends in .svg"]),
        (
            &["small.json", "--warm-from", "other.json"],
            &["other.json`: cannot warm `", "block_size_x, block_size_y, padding, tile"],
        ),
        (&["small.json", "--warm-from", "one.json"], &["one.json`: cannot warm", "none of its 1 configs exists"]),
    ];
    report(cases.into_iter().filter_map(|(words, parts)| folder.replay(words).is_failure(2, parts)).collect());
}

/// Replays a place's store, and says which spaces it has, each with its optimum.
fn spaces(place: &Place, more: &[&str]) -> Vec<(String, f64)> {
    let words = ["replay", &place.file("trials.db"), "--strategy", "random", "--runs", "1", "--trials", "9", "--json"];
    let json = wgtune(&[&words, more].concat()).json().remove(0);
    let results = json["results"].as_array().unwrap().iter();
    let space = |result: &Value| (result["space"].as_str().unwrap().to_owned(), result["optimum"].as_f64().unwrap());
    results.map(space).collect()
}

#[test]
fn stores_are_a_space_for_each_workload_device_and_template() {
    let device = DeviceIdentity { adapter: "Other GPU".into(), ..record(0).device };
    let driver = DeviceIdentity { driver_info: "580.1".into(), ..device.clone() };
    let imported = Record { template: "unknown".into(), phase: Phase::Imported, ..record(1) };
    let failed = Outcome::Rejected(Rejection::new(Stage::Run, "it fell"));
    let others = [
        Record { device: device.clone(), ..record(1) },
        // Neither what the search did not time nor what was checked counts.
        Record { device: device.clone(), phase: Phase::Final, ..record(5) },
        Record { device: device.clone(), mode: Mode::CHECKED, ..record(5) },
        Record { device: device.clone(), phase: Phase::Imported, ..record(5) },
        Record { workload: "broken".into(), outcome: failed, ..record(0) },
        Record { workload: "vector_add".into(), ..imported.clone() },
    ];
    let place = place_with(&[trials(), others.to_vec()].concat());
    let best = |trials: &[Record]| {
        let medians = trials.iter().filter_map(|record| record.outcome.median_ns());
        medians.min_by(f64::total_cmp).unwrap()
    };
    let other = format!("trials: {MATMUL} on Other GPU");
    let invented = (format!("trials: {MATMUL} on An invented GPU"), best(&trials()));
    let added = ("trials: vector_add on An invented GPU".to_owned(), best(&[record(1)]));
    assert_eq!(spaces(&place, &[]), [invented.clone(), (other.clone(), best(&[record(1)])), added.clone()]);
    // A name that two would have is longer.
    Store::open(place.path()).unwrap().insert(&Record { device: driver, ..record(2) }).unwrap();
    let long = |more: &str| format!("{other}{more} with matmul/tiled");
    let [newer, older] = [(long(", 580.1, none"), best(&[record(2)])), (long(", none"), best(&[record(1)]))];
    assert_eq!(spaces(&place, &[]), [invented, newer, older, added]);
}

#[test]
fn a_store_with_one_recording_can_be_started_warm_from() {
    let place = place_with(&trials());
    let from = place.file("trials.db");
    assert_eq!(spaces(&place, &["--warm-from", &from]).len(), 2);
    let other = Record { workload: "other".into(), ..record(0) };
    Store::open(place.path()).unwrap().insert(&other).unwrap();
    let ran = wgtune(&["replay", &from, "--warm-from", &from]);
    let parts = ["trials.db`: the store has 2 recordings", "`wgtune export`"];
    report(ran.is_failure(2, &parts).into_iter().collect());
}

#[test]
fn stores_that_cannot_be_replayed_are_told_in_one_sentence() {
    let clock = Outcome::Timed { samples_ns: vec![5.0], clock: Clock::Host };
    let cases: [(Vec<Record>, &str); 3] = [
        (vec![], "trials.db`: the store has no timed trials of a search or an import; tune something into it"),
        (vec![Record { phase: Phase::Final, ..record(0) }], "trials.db`: the store has no timed trials"),
        (vec![record(0), Record { outcome: clock, ..record(1) }], "are of several clocks: device; host; write those"),
    ];
    let failures = cases.into_iter().filter_map(|(records, part)| {
        let place = place_with(&records);
        wgtune(&["replay", &place.file("trials.db")]).is_failure(2, &[part])
    });
    report(failures.collect());
}

/// A recording of one config that no other has.
fn only_one_config() -> String {
    let mut file: Value = serde_json::from_str(&cache(SMALL)).unwrap();
    let mut entry = file["cache"].as_object().unwrap().values().next().unwrap().clone();
    entry["tile"] = 5.into();
    file["tune_params"]["tile"] = serde_json::json!([5]);
    let key = ["block_size_x", "block_size_y", "tile", "padding"].map(|name| entry[name].to_string()).join(",");
    file["cache"] = serde_json::json!({ key: entry });
    file.to_string()
}
