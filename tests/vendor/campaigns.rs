//! Campaigns beside the fake: what the folder and the table say, and that a comparison is not made twice.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use wgtune::backend::Backend;
use wgtune::base::DeviceIdentity;
use wgtune::base::stats::Estimate;
use wgtune::record::{PROBE_FORMAT, Probe, Quantity, Reading};
use wgtune::store::Store;

use crate::common::software_device;
use crate::fake_libraries::Fake;

const LIST: &str = "matmul:f32:m33n17k7
matmul:f32:m16n16k16+bias+gelu
conv2d:f16:n1c4h8w8o8k3p1:nhwc+bias+relu
chain:f32:r33c17:x+y
";

/// A folder that knows the device, so that no time goes into probing; none where there is no software device.
fn place() -> Option<(tempfile::TempDir, DeviceIdentity)> {
    let device = software_device().ok()?.facts().identity.clone();
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("list.txt"), LIST).unwrap();
    std::fs::create_dir(place.path().join("out")).unwrap();
    let value = Estimate { value: 1e11, low: 1e11, high: 1e11 };
    let reading = Reading { quantity: Quantity::Copy, value, samples_ns: vec![1.0], how: "made up".to_owned() };
    let probe = Probe {
        format: PROBE_FORMAT,
        tool: "0.0.0".to_owned(),
        device: device.clone(),
        readings: vec![reading],
        missing: Vec::new(),
        at_ms: 0,
    };
    Store::open(place.path().join("out/trials.db")).unwrap().insert_probe(&probe).unwrap();
    Some((place, device))
}

fn campaign(place: &Path, more: &[&str], envs: &[(&str, &str)]) -> Output {
    let words = ["campaign", "--device", "software", "--workloads", "list.txt", "--out", "out", "--time", "300s"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgtune"));
    command.args(words).args(["--trials", "2"]).args(more).current_dir(place).envs(envs.iter().copied());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn results(place: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(place.join("out/results.json")).unwrap()).unwrap()
}

/// The routines of a row, and of each what became of it.
fn endings(row: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rivals = row["versus"]["rivals"].as_array().cloned().unwrap_or_default();
    let told = |met: &Value| ["library", "routine", "computes", "ending"].map(|key| word(&met[key])).join(" ");
    rivals.iter().map(told).collect()
}

#[test]
fn a_campaign_tells_how_its_winners_do_beside_the_libraries() {
    let Some((place, device)) = place() else { return };
    let (place, fake) = (place.path(), Fake::new());
    let (more, envs) = (["--vendor-path", fake.path().to_str().unwrap()], [("FAKE_GPU", device.adapter.as_str())]);
    let output = campaign(place, &more, &envs);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("compared with cublas 13.1.0, cublaslt 13.1.0, cudnn 9.10.2, cuda 13.0 on "));
    let first = results(place);
    let rows = first["rows"].as_array().unwrap();
    let of_product =
        ["cublas f32", "cublas tf32", "cublaslt f32", "cublaslt tf32"].map(|name| format!("{name} same timed"));
    assert_eq!(endings(&rows[0]), of_product);
    assert_eq!(endings(&rows[1]), ["cublas f32 bare timed", "cublas tf32 bare timed"]);
    assert_eq!(endings(&rows[2]), ["cudnn f16 same timed"]);
    assert_eq!(endings(&rows[3]), ["cuda copy copy timed"]);
    for row in rows {
        let versus = &row["versus"];
        let count = |samples: &Value| samples.as_array().map_or(0, Vec::len);
        let rounds = count(&versus["winner"]["samples_ns"]);
        assert!(rounds >= 6 && count(&versus["rivals"][0]["samples_ns"]) == rounds, "side by side: {versus}");
        assert!(versus["rivals"][0]["winner_over"]["low"].as_f64() > Some(0.0), "{versus}");
        let is_judged = versus["rivals"][0]["computes"] == "same";
        assert_eq!(versus["rivals"][0]["worst_error"].is_number(), is_judged, "{versus}");
    }
    let page = std::fs::read_to_string(place.join("out/results.md")).unwrap();
    for part in [
        "## Against the vendor's libraries",
        "no TF32",
        "without the epilogue",
        "cuBLASLt fuses no gelu",
        "cudnn 9.10.2",
        "| `conv2d:f16` | cuDNN | 1 |",
        "| `chain:f32` | a copy | 1 |",
    ] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
    let table = text(&output.stdout);
    assert!(table.contains("against a library") && table.contains(" over cudnn f16"), "{table}");
    let again = campaign(place, &more, &envs);
    assert!(again.status.success());
    assert_eq!(results(place)["rows"], first["rows"], "nothing is compared twice");
}

#[test]
fn a_campaign_without_libraries_says_so_and_loses_nothing() {
    let Some((place, device)) = place() else { return };
    let place = place.path();
    let output = campaign(place, &[], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(place.join("out/results.md")).unwrap();
    let why = format!("Nothing is compared. {} is no GPU of NVIDIA's", device.adapter);
    assert!(page.contains(&why), "{page}");
    assert!(!text(&output.stdout).contains("against a library"));
    // With libraries that are another GPU's, the rows stay as they are.
    let (before, fake) = (results(place), Fake::new());
    let output = campaign(place, &["--vendor-path", fake.path().to_str().unwrap()], &[("FAKE_GPU", "another")]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("not compared: CUDA has no GPU named"), "{}", text(&output.stderr));
    assert_eq!(results(place)["rows"], before["rows"]);
}

#[test]
fn a_library_that_dies_costs_its_comparison_alone() {
    let Some((place, device)) = place() else { return };
    let (place, fake) = (place.path(), Fake::new());
    let envs = [("FAKE_GPU", device.adapter.as_str()), ("FAKE_DIES", "cublasGemmEx")];
    let output = campaign(place, &["--vendor-path", fake.path().to_str().unwrap()], &envs);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let results = results(place);
    let ended = endings(&results["rows"][0]);
    assert_eq!(ended[..2], ["cublas f32 same rejected", "cublas tf32 same rejected"], "{ended:?}");
    assert_eq!(ended[2..], ["cublaslt f32 same timed", "cublaslt tf32 same timed"], "{ended:?}");
    assert!(results["rows"].as_array().unwrap().iter().all(|row| row["state"] == "tuned"));
}

#[test]
fn folders_without_libraries_are_refused_before_anything_is_begun() {
    let Some((place, _)) = place() else { return };
    for (more, part) in [
        (vec!["--vendor-path", "."], "no library of NVIDIA's"),
        (vec!["--vendor-path", ".", "--in-process"], "leave out --in-process"),
    ] {
        let output = campaign(place.path(), &more, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(part), "{}", text(&output.stderr));
    }
}
