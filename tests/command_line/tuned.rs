//! Tuning on the software device: what is printed, what is stored, and what the other commands make of it.

use std::collections::BTreeSet;

use serde_json::Value;
use wgtune::backend::Backend;
use wgtune::check::check;
use wgtune::code::Program;
use wgtune::op::resolve;

use crate::common::golden::{Goldens, Texts};
use crate::common::{note_skip, software_device};
use crate::tool::{Place, has_software_device, report};

const MATMUL: &str = "matmul:f32:m33n17k7";
const CHAIN: &str = "chain:f32:r33c17:x+y";
const TRIALS: usize = 5;
const TUNE: [&str; 3] = ["tune", "--trials", "5"];
/// The matmul by one template, whatever others there are.
const TILED: [&str; 3] = [MATMUL, "--template", "tiled"];

/// What a filter asks of a trial.
type Holds = fn(&Value) -> bool;

/// Small, odd, of every operator, one in f16.
const WORKLOADS: [&str; 4] =
    [MATMUL, "matmul:f16:m33n17k7+relu", "conv2d:f32:n1c3h7w17o7k3p1", "chain:f32:r33c17:gelu(x*w[c]+b[c])"];

#[test]
fn tuned_workloads_are_told_as_json_and_stored() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let tune = [&TUNE[..], &WORKLOADS, &["--json"]].concat();
    let first = place.run_on_software(&tune).json();
    let stored = place.trials();
    let second = place.run_on_software(&tune).json();
    assert_eq!(place.trials(), stored, "the second run measured something again");
    assert_eq!((first.len(), second.len()), (WORKLOADS.len(), WORKLOADS.len()));
    let both = WORKLOADS.iter().zip(first.iter().zip(&second));
    let failures = both.flat_map(|(workload, (first, second))| {
        let of_this = stored.iter().filter(|trial| trial["workload"] == *workload);
        let in_search = of_this.filter(|trial| trial["phase"] == "search").count();
        let facts = [
            ("names the workload", first["workload"] == *workload),
            ("timed the best", is_timed(&first["best"])),
            ("timed the default", is_timed(&first["default"])),
            ("timed the naive kernel", is_timed(&first["naive"])),
            ("raced the best against the default", first["speedup_over_default"]["value"].as_f64() > Some(0.5)),
            ("used all trials", first["run"]["trials"] == TRIALS && first["run"]["stop"] == "trials"),
            ("stored all trials", in_search == TRIALS),
            ("measured first", first["run"]["remembered"] == 0),
            ("remembered then", second["run"]["remembered"] == TRIALS),
            ("remembered the same best", second["best"] == first["best"]),
        ];
        let wrong = facts.into_iter().filter(|(_, holds)| !holds);
        wrong.map(|(what, _)| format!("not {what}: {first}\n{second}")).collect::<Vec<_>>()
    });
    report(failures.collect());
}

/// Only what was verified is timed.
fn is_timed(record: &Value) -> bool {
    record["phase"] == "final"
        && record["outcome"]["timed"]["samples_ns"].as_array().is_some_and(|samples| !samples.is_empty())
}

#[test]
fn tables_are_as_reviewed() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let adapter = |text: String| text.replace(&software_device().ok().unwrap().facts().identity.adapter, "DEVICE");
    let pages = [
        ("tune.txt", place.run_on_software(&[&TUNE[..], &TILED].concat()).good()),
        ("tune-again.txt", place.run_on_software(&[&TUNE[..], &TILED].concat()).good()),
        ("bench.txt", place.run_on_software(&["bench", MATMUL]).good()),
    ];
    let texts: Texts = pages.into_iter().map(|(name, text)| (name.into(), without_figures(&adapter(text)))).collect();
    let goldens = Goldens { folder: "tests/golden/output", others: &[], test: "command_line" };
    report(goldens.blessed_or_differences(&texts));
}

/// What does not change from run to run: every time, count and ratio is `#`, columns are one space apart, and the best
/// config is left out.
fn without_figures(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix("best: ") {
        Some(_) => "best: CONFIG".to_owned(),
        None if line.starts_with("matmul:") => line.to_owned(),
        None => line.split_whitespace().map(figureless).collect::<Vec<_>>().join(" "),
    });
    let text = lines.map(|line| line + "\n").collect::<String>();
    ["ns", "µs", "ms", "s"].iter().fold(text, |text, unit| {
        [",", "]", ";", ":", " ", "\n"]
            .iter()
            .fold(text, |text, end| text.replace(&format!("# {unit}{end}"), &format!("#{end}")))
    })
}

/// A word with `#` for its number; `0` has no unit and stays, as does the confidence of the intervals.
fn figureless(word: &str) -> String {
    let number: String = word.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    match number.parse::<f64>() {
        Ok(_) if word != "95" => word.replace(&number, "#"),
        _ => word.to_owned(),
    }
}

#[test]
fn a_warm_start_is_told_and_can_be_turned_off() {
    let Ok(backend) = software_device() else { return };
    let place = Place::new();
    place.run_on_software(&[&TUNE[..], &["matmul:f32:m66n17k7", "--template", "tiled"]].concat()).good();
    let told = format!("warm start: 5 trials of matmul:f32:m66n17k7 on {}\n", backend.facts().identity.adapter);
    let cold = [&TUNE[..], &TILED, &["--no-warm-start"]].concat();
    let json = place.run_on_software(&[&cold[..], &["--json"]].concat()).json().remove(0);
    let cold = place.run_on_software(&cold).good();
    let warm = place.run_on_software(&[&TUNE[..], &TILED].concat()).good();
    assert!(!cold.contains("warm start"), "{cold}");
    assert!(warm.contains(&told), "no `{told}` in\n{warm}");
    assert!(json["run"]["templates"][0]["warm"].is_null() && json["run"]["prechecks"]["calls"] == TRIALS - 1, "{json}");
}

/// On lavapipe the naive kernel's loop would be cut short; elsewhere it may run.
#[test]
fn what_the_check_rejects_is_not_raced_either() {
    let Ok(backend) = software_device() else { return };
    if backend.facts().limits.loop_iterations.is_none_or(|most| most > 70_000) {
        note_skip("this device does not cut loops short");
        return;
    }
    let place = Place::new();
    let tune = ["tune", "matmul:f32:m2n2k70000", "--trials", "2"];
    let text = place.run_on_software(&tune);
    assert!(text.stdout.contains("naive             rejected at limits"), "{}{}", text.stdout, text.stderr);
    assert!(text.stdout.contains("the driver silently stops at"), "{}", text.stdout);
    let wrong = place.trials().into_iter().filter(|trial| trial["outcome"]["rejected"]["stage"] == "verify").count();
    assert_eq!(wrong, 0, "a kernel that the check rejects reached the device");
}

#[test]
fn what_is_shown_is_a_kernel_that_passes_the_check() {
    let Ok(backend) = software_device() else { return };
    let place = Place::new();
    let tuned = place.run_on_software(&[&TUNE[..], &[MATMUL, "--json", "--wgsl"]].concat()).json().remove(0);
    let shown = place.run(&["show", MATMUL, "--json", "--wgsl"]).json().remove(0);
    assert_eq!((&shown["best"], &shown["program"]), (&tuned["best"], &tuned["program"]));
    let program: Program = serde_json::from_value(shown["program"].clone()).unwrap();
    assert_eq!(program.hash(), tuned["best"]["code_hash"]);
    check(&program, &resolve(MATMUL).unwrap().symbols, backend.facts()).unwrap();
    let template = tuned["best"]["template"].as_str().unwrap();
    let text = place.run(&["show", MATMUL, "--wgsl"]).good();
    let again = place.run_on_software(&[&TUNE[..], &[MATMUL, "--wgsl"]].concat()).good();
    for part in [MATMUL, template, "samples, unchecked, phase final", program.kernels[0].code.as_str()] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert!(again.contains(&program.kernels[0].code), "{again}");
    assert!(place.run(&["show", MATMUL, "--checked"]).good().contains("samples, checked, phase final"));
    let plain = place.run(&["show", MATMUL]).good();
    assert!(
        plain.contains("kernel 0: ") && !plain.contains("@compute"),
        "facts, but no kernel unless asked for:\n{plain}"
    );
}

#[test]
fn trials_are_filtered_and_seeds_search_elsewhere() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    place.run_on_software(&[&TUNE[..], &TILED].concat()).good();
    place.run_on_software(&[&TUNE[..], &[CHAIN]].concat()).good();
    place.run_on_software(&[&TUNE[..], &TILED, &["--seed", "1"]].concat()).good();
    place.run_on_software(&["bench", CHAIN]).good();
    let all = place.trials();
    let cases: [(&[&str], Holds); 9] = [
        (&["--phase", "search"], |trial| trial["phase"] == "search"),
        (&["--phase", "final"], |trial| trial["phase"] == "final"),
        (&["--phase", "recheck"], |trial| trial["phase"] == "recheck"),
        (&["--workload", CHAIN], |trial| trial["workload"] == CHAIN),
        (&["--template", "matmul/naive"], |trial| trial["template"] == "matmul/naive"),
        (&["--run", "1"], |trial| trial["run"] == 1),
        (&["--ending", "timed"], |trial| !trial["outcome"]["timed"].is_null()),
        (&["--strategy", "exhaustive"], |_| false),
        (&["--device", "Voodoo"], |_| false),
    ];
    let mut failures = Vec::new();
    for (filter, holds) in cases {
        let listed = place.run(&[&["trials", "--json", "--limit", "0"], filter].concat()).json();
        let wanted: Vec<&Value> = all.iter().filter(|trial| holds(trial)).collect();
        if listed.iter().collect::<Vec<_>>() != wanted {
            failures.push(format!("{filter:?}: {} trials where {} are right", listed.len(), wanted.len()));
        }
        let text = place.run(&[&["trials", "--limit", "3"], filter].concat()).good();
        let rows = if wanted.is_empty() { 1 } else { 1 + wanted.len().min(3) };
        if text.trim().lines().count() != rows || wanted.is_empty() != text.starts_with("no trials match") {
            failures.push(format!("{filter:?} as a table:\n{text}"));
        }
    }
    report(failures);
    let [first, second] = [0, 1].map(|seed| searched(&all, seed));
    // The default, and what else a search on a device with such subgroups begins with.
    let remembered = first.len() - second.len();
    assert!(first.len() == TRIALS && (1..=2).contains(&remembered), "{first:?} {second:?}");
    assert!(first.intersection(&second).count() < 2, "{first:?} {second:?}");
}

/// The configs that a seed's search of the matmul measured.
fn searched(trials: &[Value], seed: u64) -> BTreeSet<String> {
    let of_seed = trials.iter().filter(|trial| trial["seed"] == seed && trial["workload"] == MATMUL);
    of_seed.filter(|trial| trial["phase"] == "search").map(|trial| trial["values"].to_string()).collect()
}

#[test]
fn cold_caches_are_asked_for_told_and_kept_apart() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let cold = [&TUNE[..], &[MATMUL, "--cold"]].concat();
    let small = place.run_on_software(&[&cold[..], &["--cache-bytes", "1000000000"]].concat());
    assert_eq!(small.is_failure(2, &["fit any cache"]), None);
    let text = place.run_on_software(&[&cold[..], &["--cache-bytes", "4096"]].concat()).good();
    assert!(text.lines().next().is_some_and(|line| line.ends_with(", cold")), "{text}");
    assert!(place.trials().iter().all(|trial| trial["mode"]["cache"] == "cold"));
    let shown = place.run(&["show", MATMUL, "--cold", "--json"]).json().remove(0);
    assert!(is_timed(&shown["best"]), "{shown}");
    assert_eq!(place.run(&["show", MATMUL]).code, Some(1), "nothing is known of warm caches");
    let bench = ["bench", MATMUL, "--cold", "--cache-bytes", "4096"];
    assert!(place.run_on_software(&bench).good().contains("unchecked, cold"));
}
