//! Kernels of files: written by `new`, taken wherever a workload is, and told apart by their versions.

use crate::tool::{Place, SOFTWARE, has_software_device, report, wgtune};

const SMALL: &str = "smooth.toml:n1000";
const TUNE: [&str; 4] = ["tune", SMALL, "--trials", "3"];

/// A place with the starter's two files.
fn place() -> Place {
    let place = Place::new();
    place.here(&["new", "smooth"]).good();
    place
}

/// The same, tuned.
fn tuned_place() -> Place {
    let place = place();
    on_software(&place, &TUNE);
    place
}

fn on_software(place: &Place, words: &[&str]) -> String {
    place.here_stored(&[words, &SOFTWARE].concat()).good()
}

#[test]
fn new_writes_what_can_be_checked_and_overwrites_nothing() {
    let place = place();
    let checked = place.here(&["check", "smooth.toml"]).good();
    assert!(checked.contains("25 combinations of values, 24 legal configs"), "{checked}");
    assert!(checked.contains("16 configs looked at, 0 of them invalid"), "{checked}");
    let long = "a".repeat(65);
    let names = ["Smooth", "1a", "", "../x", "a b", "smooth.toml", "é", "a\u{1b}", &long];
    let refused = |name: &&str| place.here(&["new", name]).is_failure(2, &["is no name for a kernel: use up to 64"]);
    let mut failures: Vec<String> = names.iter().filter_map(refused).collect();
    let toml = place.read("smooth.toml");
    let again = || place.here(&["new", "smooth"]).is_failure(2, &["`smooth.toml` or `smooth.wgsl` is here already"]);
    failures.extend(again());
    std::fs::remove_file(place.file("smooth.toml")).unwrap();
    failures.extend(again());
    assert!(!std::path::Path::new(&place.file("smooth.toml")).exists(), "half a starter was written");
    place.write("smooth.toml", toml);
    report(failures);
}

#[test]
fn what_follows_a_file_must_be_sizes() {
    let place = place();
    let cases = [
        ("smooth.toml:m5", "the kernel `smooth` has no size `m`"),
        ("smooth.toml:n0", "the size `n` is 0"),
        ("smooth.toml:n4294967297", "the size `n` is 4294967297"),
        ("smooth.toml:n99999999999999999999", "is too large a size"),
        ("smooth.toml:n1n2", "`n` occurs twice"),
        ("smooth.toml:nonsense", "write sizes after the file as smooth.toml:n1000"),
        ("smooth.toml:", "write sizes after the file as"),
        ("rough.toml", "the file `rough.toml` cannot be read"),
        ("smooth@1a2b3c4d:f32:w1h1", "is a version of a user's kernel: name its kernel file instead"),
    ];
    let failure = |(text, part): &(&str, &str)| {
        let ran = place.here_stored(&["tune", text]);
        let one = ran.stderr.matches("error: ").count() == 1 && ran.stderr.lines().count() <= 3;
        ran.is_failure(2, &[part]).or_else(|| (!one).then(|| format!("{text}: {}", ran.stderr)))
    };
    let mut failures: Vec<String> = cases.iter().filter_map(failure).collect();
    failures.extend(place.here(&["check", "smooth.wgsl"]).is_failure(2, &["`smooth.wgsl` is no kernel file"]));
    report(failures);
    assert!(!place.path().exists(), "a store was made for nothing");
}

#[test]
fn every_command_takes_the_file() {
    if has_software_device().is_err() {
        return;
    }
    let place = tuned_place();
    on_software(&place, &["tune", "chain:f32:r4c4:x+1", "--trials", "2"]);
    let shown = place.here_stored(&["show", SMALL, "--wgsl"]).good();
    let rechecked = place.here_stored(&["recheck", "--device", "software"]);
    let note = "leaving out 1 workloads of kernel files; name the files to recheck them";
    let record: &[&str] = &["--fix", "WG=64", "--fix", "ITEMS=1,2", "--rounds", "1", "--top", "0"];
    let record = [&["record", SMALL, "--output", "space.json"], record, &SOFTWARE[..]].concat();
    let csv = ["export", "--workload", SMALL, "--format", "csv", "--output", "-"];
    let texts = [
        (shown, ":f32:n1000 on "),
        (on_software(&place, &["bench", SMALL]), "default"),
        (place.here_stored(&["trials", "--workload", SMALL]).good(), "smooth/kernel"),
        (place.here_stored(&csv).good(), "ITEMS"),
        (on_software(&place, &["recheck", SMALL]), "1 rechecked: "),
        (rechecked.stderr.clone(), note),
        (rechecked.good(), "chain:f32:r4c4:x+1"),
        (place.here(&record).good(), "2 of 2 configs timed"),
    ];
    let missing = texts.iter().filter(|(text, part)| !text.contains(part));
    report(missing.map(|(text, part)| format!("no `{part}` in\n{text}")).collect());
    assert!(texts[0].0.contains("@compute @workgroup_size(WG)"), "{}", texts[0].0);
}

#[test]
fn other_sizes_are_other_workloads() {
    if has_software_device().is_err() {
        return;
    }
    let place = tuned_place();
    let other = place.here_stored(&["show", "smooth.toml:n1001"]);
    let command = "tune it first: wgtune tune \"smooth.toml:n1001\" --db \"trials.db\"";
    assert_eq!(other.is_failure(1, &["knows no result for `smooth@", ":f32:n1001`", command]), None);
    assert!(!other.stderr.contains("has changed"), "{}", other.stderr);
    let none = place.here_stored(&["recheck", "smooth.toml:n1001", "--device", "software"]);
    let typed = "wgtune tune \"smooth.toml:n1001\" --device \"software\"";
    assert_eq!(none.is_failure(1, &["has not been tuned on", typed]), None);
}

#[test]
fn another_text_is_another_version_and_another_value_is_not() {
    if has_software_device().is_err() {
        return;
    }
    let place = tuned_place();
    let show = || place.here_stored(&["show", SMALL]);
    let trials = place.trials().len();
    let before = show().good();
    place.edit("smooth.toml", "values = [1, 2, 4, 8, 16]", "values = [1, 2, 4, 8, 16, 32]");
    place.edit("smooth.toml", "n = 1000000", "n = 2000000");
    assert_eq!(show().good(), before, "a value more, or another usual size, is the same version");
    place.edit("smooth.wgsl", "(left + x[at] + right)", "(right + x[at] + left)");
    let others = format!(": `smooth` has changed, and its {trials} trials so far are of other versions");
    assert_eq!(show().is_failure(1, &[&others, "tune it first: wgtune tune \"smooth.toml:n1000\""]), None);
    let note = format!("`smooth` has changed: its {trials} trials so far are of other versions");
    let told = || place.here_stored(&[&TUNE[..], &SOFTWARE].concat()).stderr.contains(&note);
    assert_eq!([told(), told()], [true, false], "it is said once");
    assert_ne!(show().good(), before);
}

#[test]
fn the_schema_is_printed() {
    let schema = wgtune(&["schema"]).good();
    assert!(serde_json::from_str::<serde_json::Value>(&schema).is_ok_and(|schema| schema["title"].is_string()));
}
