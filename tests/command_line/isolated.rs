//! Candidates run in a worker process, which may die at any time; or on demand in the program's own.

#[cfg(target_os = "linux")]
use crate::stopped::{searched, wait_for_trials};
#[cfg(target_os = "linux")]
use crate::tool::Ran;
use crate::tool::{Place, has_software_device};

#[cfg(target_os = "linux")]
const TUNE: [&str; 6] = ["tune", "matmul:f32:m33n17k7", "--device", "software", "--trials", "30"];

#[test]
fn a_run_in_process_needs_no_worker() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let tuned = place.run_on_software(&["tune", "chain:f32:r4c4:x+1", "--trials", "3", "--in-process"]).good();
    assert!(tuned.contains("3 trials (all trials used)"), "{tuned}");
}

/// Nobody knows who killed it, so the candidate that was under way is tried again, and is fine.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_worker_costs_no_candidate() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let args = place.with(&[&TUNE[..], &["--json"]].concat());
    let mut tuner = crate::tool::start(&args);
    wait_for_trials(&place, &mut tuner, 3);
    let killed = workers_of(tuner.id()).iter().filter(|id| kill(id)).count();
    let tuned = Ran::of(&args, tuner.wait_with_output().unwrap()).json().remove(0);
    assert_eq!(killed, 1, "each run has one worker");
    assert_eq!((&tuned["run"]["trials"], &tuned["run"]["rejected"]), (&30.into(), &serde_json::json!({})));
    assert_eq!(searched(&place).len(), 30);
}

/// The processes that one has started.
#[cfg(target_os = "linux")]
fn workers_of(id: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().map(|process| process.unwrap().path());
    let stats = processes.flat_map(|process| std::fs::read_to_string(process.join("stat")));
    let ids = stats.filter_map(|stat| {
        // The name between the parentheses may hold anything.
        let (name, rest) = stat.rsplit_once(") ")?;
        let parent = rest.split_whitespace().nth(1)?;
        (parent == id.to_string()).then(|| name.split_whitespace().next().unwrap_or_default().to_owned())
    });
    ids.collect()
}

#[cfg(target_os = "linux")]
fn kill(id: &str) -> bool {
    std::process::Command::new("kill").args(["-KILL", id]).status().unwrap().success()
}
