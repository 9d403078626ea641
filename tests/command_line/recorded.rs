//! Recording a space on the software device: the file that comes of it, and what is told where it cannot be made.

use std::path::Path;

use crate::tool::{Place, Ran, SOFTWARE, has_software_device, report, wgtune};

const CHAIN: &str = "chain:f32:r33c17:x+1";

/// Small enough for a moment.
const SMALL: [&str; 12] =
    ["--fix", "baked=1", "--fix", "wx=64,128", "--limit", "6", "--rounds", "2", "--top", "2", "--top-samples", "3"];

fn record(output: &str, options: &[&str]) -> Ran {
    wgtune(&[&["record", CHAIN, "--output", output], &SOFTWARE[..], options].concat())
}

#[test]
fn a_recording_is_a_file_that_is_read_again() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let output = place.file("chain.json");
    let text = record(&output, &SMALL).good();
    for part in
        [CHAIN, "6 of 70 configs timed in 2 rounds, 0 failed", "between the rounds", "raced with 3 samples each"]
    {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    let recording = wgtune::interchange::read(Path::new(&output)).unwrap();
    assert_eq!((recording.kernel.as_str(), recording.entries.len()), (CHAIN, 6));
    assert!(recording.entries.iter().all(|entry| entry.result.is_ok()), "{recording:?}");
    let wx = recording.params.iter().find(|param| param.name == "wx").unwrap();
    assert_eq!(wx.values, [64.into(), 128.into()]);
    assert!(!Path::new(&format!("{output}.part")).exists(), "the journal has done its work");
    report(
        record(&output, &SMALL).is_failure(2, &["chain.json` exists; remove it or name another"]).into_iter().collect(),
    );
    let other = place.file("other.json");
    let json = record(&other, &[&SMALL[..], &["--json", "--template", "flat"]].concat()).json().remove(0);
    assert_eq!((&json["workload"], &json["timed"], &json["failed"]), (&CHAIN.into(), &6.into(), &0.into()));
    assert_eq!(json["template"], "chain/flat");
    assert_eq!(json["noise"]["rounds"], 3, "{json}");
}

#[test]
fn what_cannot_be_recorded_is_told() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let output = place.file("chain.json");
    let cases: [(&[&str], i32, &str); 7] = [
        (&["--fix", "wx"], 2, "write a parameter and its values, such as wx=8,16"),
        (&["--fix", "zz=1"], 2, "a value cannot be fixed: no parameter `zz`; there are: wx, "),
        (&["--fix", "wx=7,many"], 2, "`wx` cannot be 7; it can be: 16, 32"),
        (&["--fix", "items=1", "--fix", "unroll=8"], 2, "the fixed values leave no legal config of `chain:"),
        (&["--template", "naive"], 2, "no template `naive` is tuned for `chain:f32:r33c17:x+1`; there are: chain/flat"),
        (&["--rounds", "0"], 2, "write a whole number from 1 to 1000"),
        (&["--limit", "0"], 2, "write a whole number from 1 to 1000000"),
    ];
    let tells = |(options, code, part): &(&[&str], i32, &str)| record(&output, options).is_failure(*code, &[part]);
    let mut failures: Vec<String> = cases.iter().filter_map(tells).collect();
    std::fs::write(format!("{output}.part"), "hello\n").unwrap();
    let foreign = "chain.json.part` is of another workload, template, device or seed; remove it";
    failures.extend(record(&output, &SMALL).is_failure(1, &[foreign]));
    report(failures);
}
