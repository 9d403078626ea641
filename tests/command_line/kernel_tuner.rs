//! Kernel Tuner itself reads what we export: its simulation mode replays our cache file, its schema accepts our T4.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::common::{Skip, note_skip};
use crate::exchanged::{MATMUL, export, place_with, trials};

/// Set by continuous integration, which installs Kernel Tuner: then a missing one is a failure, not a skip.
const REQUIRE: &str = "WGTUNE_REQUIRE_PYTHON";

/// A Python that has Kernel Tuner: the one that `scripts/kernel-tuner.sh` has made.
fn python() -> Result<PathBuf, Skip> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let python = manifest.join(target).join("python/kernel-tuner/bin/python");
    let tried = Command::new(&python).args(["-c", "import kernel_tuner"]).output();
    let why = match tried {
        Ok(output) if output.status.success() => return Ok(python),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    let why = format!("Kernel Tuner is not installed ({why}); scripts/kernel-tuner.sh does it");
    assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, but {why}");
    note_skip(&why);
    Err(Skip)
}

#[test]
fn kernel_tuner_replays_what_we_export() {
    let Ok(python) = python() else { return };
    let place = place_with(&trials());
    let cache = export(&place, MATMUL, "kernel-tuner", &[]);
    // Kernel Tuner adds the ending where it is missing.
    let named = format!("{cache}.json");
    std::fs::rename(&cache, &named).unwrap();
    let t4 = export(&place, MATMUL, "t4", &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command_line/replay.py");
    let output = Command::new(python).arg(script).args([named, t4]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    let last = stdout.lines().last().unwrap_or_default();
    let got: Json = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    // Seven of the eight configs were timed; the fastest has the tile nearest to 30 and the smaller scale.
    let best = json!({ "block_size_x": 32, "order": "rows", "scale": 0.5, "time": 0.0075001 });
    assert_eq!(got, json!({ "kernel": MATMUL, "evaluated": 7, "best": best }));
}
