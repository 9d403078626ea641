//! Exhaustive recordings on a device that was never there: every config in every round, the fastest once more, and a
//! stopped recording that goes on.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};
use wgtune::backend::{Backend, Conditions, EntrantReport, Job, JobReport, Spent, Steps};
use wgtune::base::DeviceFacts;
use wgtune::code::Program;
use wgtune::interchange::Recording;
use wgtune::op::{Signature, resolve};
use wgtune::record::{Clock, Outcome, Rejection, Stage};
use wgtune::space::Value;
use wgtune::tune::exhaustive::{Extent, Recorded, record_space};

/// A device whose times follow from a program's hash and lie a few percent higher or lower in each job; while the fastest
/// are raced, everything takes half as long.
struct Noisy {
    facts: DeviceFacts,
    /// Of each job: the hashes of its programs, and whether results were verified.
    jobs: Vec<(Vec<String>, bool)>,
}

impl Backend for Noisy {
    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn execute(&mut self, job: &Job, _steps: &mut dyn Steps) -> JobReport {
        let hashes: Vec<String> = job.entrants.iter().map(|entrant| entrant.program.hash()).collect();
        let samples = job.timing.unwrap().most_samples;
        let pace = if samples > 3 { 0.5 } else { 1.0 };
        let drift = pace * (1.0 + 0.02 * (self.jobs.len() % 5) as f64);
        self.jobs.push((hashes, !job.gates.is_empty()));
        let report = |program: &Program| EntrantReport {
            outcome: match digits(program) {
                digits if digits % 8 == 0 => Outcome::Rejected(Rejection::new(Stage::Compile, "on command")),
                digits => {
                    Outcome::Timed { samples_ns: vec![drift * (1e6 + f64::from(digits)); samples], clock: Clock::Host }
                }
            },
            verified: None,
            prepare_ns: None,
            told: None,
        };
        let entrants = job.entrants.iter().map(|entrant| report(&entrant.program)).collect();
        JobReport { entrants, spent: Spent::default(), conditions: Conditions::default() }
    }
}

fn digits(program: &Program) -> u32 {
    u32::from_str_radix(&program.hash()[..4], 16).unwrap()
}

fn workload() -> Signature {
    resolve("chain:f32:r33c20:x+1").unwrap()
}

fn extent() -> Extent {
    let fixed = vec![("baked".to_owned(), vec![Value::Int(1)]), ("wx".to_owned(), [64, 128].map(Value::Int).into())];
    Extent {
        template: None,
        fixed,
        limit: None,
        rounds: 3,
        top: 10,
        top_samples: 20,
        seed: 0,
        retry_quarantined: false,
    }
}

/// A recording, and the jobs that it took.
fn record(extent: &Extent, journal: &Path) -> (Recorded, Vec<(Vec<String>, bool)>) {
    let mut device = Noisy { facts: DeviceFacts::portable(), jobs: Vec::new() };
    let recorded = record_space(&mut device, &workload(), extent, journal, &mut |_, _, _| ()).unwrap();
    (recorded, device.jobs)
}

/// How many of the entries have so many samples.
fn with_samples(recording: &Recording, samples: usize) -> usize {
    recording.entries.iter().filter(|entry| entry.samples_ns.len() == samples).count()
}

#[test]
fn every_config_is_visited_in_every_round_and_the_fastest_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, jobs) = record(&extent(), &folder.path().join("journal"));
    let recording = &recorded.recording;
    let failed = recording.entries.iter().filter(|entry| entry.result.is_err()).count();
    let configs = recording.entries.len();
    assert!(configs > 100 && failed > 3, "{failed} of {configs} failed");
    assert_eq!(recording.space().unwrap().0.iter().count(), configs, "no config twice");
    assert!(recorded.raced >= 10);
    let counts = [0, 3, 20].map(|samples| with_samples(recording, samples));
    assert_eq!(counts, [failed, configs - failed - recorded.raced, recorded.raced]);
    let chunks = |configs: usize| configs.div_ceil(8);
    let first = chunks(configs);
    let later = chunks(configs - failed);
    assert!(jobs.len() > first + 2 * later && jobs[..first].iter().all(|(_, verified)| *verified));
    assert!(jobs[first..].iter().all(|(_, verified)| !verified), "verified once");
    let order = |jobs: &[(Vec<String>, bool)]| jobs.iter().flat_map(|(hashes, _)| hashes.clone()).collect::<Vec<_>>();
    let (second, third) = (order(&jobs[first..first + later]), order(&jobs[first + later..first + 2 * later]));
    assert_ne!(second, third, "each round has an order of its own");
    assert_eq!(second.iter().collect::<BTreeSet<_>>(), third.iter().collect::<BTreeSet<_>>());
    assert!(recorded.noise.spread.value > 0.0 && recorded.noise.spread.high < 0.09, "{:?}", recorded.noise);
    assert_eq!((recorded.noise.overtaken, recorded.noise.rounds), (0, 20));
}

/// Those that were lucky in the rounds fall back in the race, and whoever moves up is raced too.
#[test]
fn whoever_is_among_the_fastest_at_the_end_was_raced() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, _) = record(&extent(), &folder.path().join("journal"));
    let mut timed: Vec<_> = recorded.recording.entries.iter().filter(|entry| entry.result.is_ok()).collect();
    timed.sort_by(|a, b| a.result.as_ref().unwrap().total_cmp(b.result.as_ref().unwrap()));
    assert!(timed[..10].iter().all(|entry| entry.samples_ns.len() == 20));
}

/// A machine that runs at another pace while the fastest are raced makes them no faster than the others.
#[test]
fn times_of_races_and_of_rounds_are_at_one_pace() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, _) = record(&extent(), &folder.path().join("journal"));
    let times = recorded.recording.entries.iter().filter_map(|entry| entry.result.as_ref().ok());
    assert!(times.clone().all(|ns| (1e6..1.2e6).contains(ns)), "{:?}", times.collect::<Vec<_>>());
}

#[test]
fn a_stopped_recording_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (whole, all) = record(&extent(), &path);
    let (again, none) = record(&extent(), &path);
    assert_eq!((&again.recording, &again.noise, none.len()), (&whole.recording, &whole.noise, 0));
    let text = std::fs::read_to_string(&path).unwrap();
    for share in [0.1, 0.5, 0.9] {
        std::fs::write(&path, &text[..(share * text.len() as f64) as usize]).unwrap();
        let (resumed, jobs) = record(&extent(), &path);
        let want = (1.0 - share) * all.len() as f64;
        assert!((jobs.len() as f64 - want).abs() < 0.2 * all.len() as f64, "{} jobs after {share}", jobs.len());
        assert_eq!(resumed.recording.entries.len(), whole.recording.entries.len());
        assert_eq!(with_samples(&resumed.recording, 0), with_samples(&whole.recording, 0), "after {share}");
    }
}

/// A journal that ends with what set out and did not land, made from its last line that tells of a departure; then how
/// many configs are tried alone, and how many are taken for crashes.
#[test]
fn what_was_in_flight_when_a_recording_ended_is_judged() {
    type Edit = fn(&str) -> String;
    let other_start: Edit = |line| with(line, "boot", json!("another start"));
    let cases: [(&str, Edit, usize, usize); 5] = [
        ("eight, in the program itself", str::to_owned, 8, 0),
        ("eight, as the machine went down", other_start, 8, 0),
        ("eight, twice", |line| format!("{line}\n{line}"), 0, 8),
        ("one, in the program itself", |line| with(line, "aloft", json!([first(line)])), 0, 1),
        (
            "eight, isolated",
            |line| with(line, "isolated", json!(true)),
            if cfg!(target_os = "linux") { 0 } else { 8 },
            0,
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let whole = record(&extent(), &path).0.recording;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // Somewhere in the second round.
    let half = lines.len() / 2;
    let is_of_eight = |line: &&str| line.contains("\"aloft\"") && line.matches("],[").count() == 7;
    let at = half + lines[half..].iter().position(is_of_eight).unwrap();
    for (what, edit, alone, crashed) in cases {
        std::fs::write(&path, format!("{}\n{}\n", lines[..at].join("\n"), edit(lines[at]))).unwrap();
        let (resumed, jobs) = record(&extent(), &path);
        let tried = jobs.iter().filter(|(hashes, _)| hashes.len() == 1 && lines[at].contains(&hashes[0])).count();

        assert_eq!((tried, with_crash(&resumed.recording)), (alone, crashed), "{what}");
        let again = record(&extent(), &path);
        assert_eq!((with_crash(&again.0.recording), again.1.len()), (crashed, 0), "{what}: judged once");
        let retried = record(&Extent { retry_quarantined: true, ..extent() }, &path).0.recording;
        assert_eq!((with_crash(&retried), retried.entries.len()), (0, whole.entries.len()), "{what}");
    }
}

fn with(line: &str, field: &str, value: Json) -> String {
    let mut departure: Json = serde_json::from_str(line).unwrap();
    departure[field] = value;
    departure.to_string()
}

fn first(line: &str) -> Json {
    serde_json::from_str::<Json>(line).unwrap()["aloft"][0].clone()
}

/// How many configs are said to have ended the recording.
fn with_crash(recording: &Recording) -> usize {
    let is_crash = |entry: &&wgtune::interchange::Entry| {
        entry.result.as_ref().is_err_and(|why| why.stage == Stage::Crash && why.why.contains("while it ran"))
    };
    recording.entries.iter().filter(is_crash).count()
}

#[test]
fn checking_is_told_and_the_fastest_are_raced_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = Noisy { facts: DeviceFacts::portable(), jobs: Vec::new() };
    let mut told: Vec<(String, usize, usize)> = Vec::new();
    let mut tell = |part: &str, done: usize, of: usize| told.push((part.to_owned(), done, of));
    let extent = Extent { top: 80, ..extent() };
    let journal = folder.path().join("journal");
    let recorded = record_space(&mut device, &workload(), &extent, &journal, &mut tell).unwrap();
    let configs = recorded.recording.entries.len();
    let checks: Vec<_> = (1..=configs).map(|done| ("checking".to_owned(), done, configs)).collect();
    assert_eq!(told[..configs], checks);
    let most = device.jobs.iter().map(|(hashes, _)| hashes.len()).max();
    assert!(recorded.raced >= 80 && most == Some(recorded.raced), "{} raced, {most:?} side by side", recorded.raced);
}

/// Each recording goes on with the journal of the one before it, and has what it would have alone.
#[test]
fn a_recording_of_another_extent_takes_over_what_fits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let configs = record(&extent(), &path).0.recording.entries.len();
    let cases = [
        ("more samples in the race", Extent { top_samples: 30, ..extent() }, 0..10),
        ("more rounds", Extent { rounds: 4, top_samples: 30, ..extent() }, configs / 12..configs / 6),
        ("fewer rounds", Extent { rounds: 2, top_samples: 30, ..extent() }, 0..10),
        ("fewer samples in the race", Extent { top_samples: 5, ..extent() }, 0..10),
    ];
    for (what, extent, want) in cases {
        let (recorded, jobs) = record(&extent, &path);
        assert!(want.contains(&jobs.len()), "{what}: {} jobs", jobs.len());
        let failed = recorded.recording.entries.iter().filter(|entry| entry.result.is_err()).count();
        let raced = with_samples(&recorded.recording, extent.top_samples);
        let others = with_samples(&recorded.recording, extent.rounds);
        assert_eq!((raced, others), (recorded.raced, configs - failed - raced), "{what}");
        assert!(raced >= extent.top, "{what}");
    }
}

#[test]
fn what_cannot_be_recorded_is_told() {
    let fix = |name: &str, values: &[i64]| vec![(name.to_owned(), values.iter().copied().map(Value::Int).collect())];
    let mut none = fix("items", &[1]);
    none.extend(fix("unroll", &[8]));
    let cases = [
        (fix("zz", &[1]), "no parameter `zz`; there are: wx, "),
        (fix("wx", &[7]), "`wx` cannot be 7; it can be: 16, 32"),
        (none, "the fixed values leave no legal config of `chain:f32:r33c20:x+1`"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (fixed, want) in cases {
        let mut device = Noisy { facts: DeviceFacts::portable(), jobs: Vec::new() };
        let extent = Extent { fixed, ..extent() };
        let journal = folder.path().join("journal");
        let error = record_space(&mut device, &workload(), &extent, &journal, &mut |_, _, _| ()).unwrap_err();
        assert!(error.to_string().contains(want), "{error}");
        assert!(!journal.exists(), "{want}");
    }
}
