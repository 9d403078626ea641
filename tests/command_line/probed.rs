//! Probing the processor: what is printed, what is kept, and the tables that tell the roofline from then on.

use serde_json::Value;

use crate::tool::{Place, report};

const MATMUL: &str = "matmul:f32:m33n17k7";
const CPU: [&str; 2] = ["--device", "cpu"];

/// What a line begins with, and what else stands in it.
const LINES: [(&str, &[&str]); 7] = [
    ("f32 arithmetic ", &["FLOP/s", "chains of multiply-adds", "the fastest of 4", "by the host's clock"]),
    ("reading L1 ", &["B/s", "KiB for each thread again and again"]),
    ("reading L2 ", &["B/s", "for each thread again and again"]),
    ("reading ", &["B/s", "MiB, "]),
    ("copying ", &["B/s", "MiB in parts of"]),
    ("a dispatch ", &["32 elements on each", "each launch after the one before"]),
    ("the clock's step ", &["passes of nothing", "by the host's clock"]),
];

#[test]
fn a_probed_processor_has_a_roofline() {
    let place = Place::new();
    let told = place.run(&[&["probe"], &CPU[..]].concat()).good();
    let lacking = |(begin, parts): &(&str, &[&str])| {
        let is_it = |line: &&str| line.starts_with(begin) && parts.iter().all(|part| line.contains(part));
        let line = told.lines().find(is_it);
        line.is_none().then(|| format!("no line `{begin}` with {parts:?} in\n{told}"))
    };
    report(LINES.iter().filter_map(lacking).collect());
    let kept = place.run(&["probe", "--show", "--json"]).json();
    let quantities: Vec<&Value> =
        kept[0]["readings"].as_array().unwrap().iter().map(|reading| &reading["quantity"]).collect();
    let want = [serde_json::json!({ "arithmetic": "f32" }), serde_json::json!({ "cache": 1 }), "read".into()];
    assert!(kept.len() == 1 && want.iter().all(|one| quantities.contains(&one)), "{quantities:?}");
    assert_eq!(place.run(&["probe", "--show"]).good(), told, "what is kept is what was told");
    let tables = [
        [&["tune", MATMUL, "--trials", "2"], &CPU[..]].concat(),
        [&["bench", MATMUL], &CPU[..]].concat(),
        vec!["show", MATMUL],
    ];
    let bare = tables.iter().map(|words| place.run(words).good()).filter(|text| !text.contains("of the roofline"));
    report(bare.collect());
}
