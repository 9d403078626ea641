//! Packs from a store to other programs: made, shown, checked, joined, compared, signed, exported; and what is told where that fails.

use std::path::Path;

use serde_json::Value;
use wgtune_pack::{Device, Mode, Pack, Role, Rung, Wish, Workload};

use crate::tool::{Place, Ran, SOFTWARE, has_software_device, report, wgtune};

const MATMUL: &str = "matmul:f32:m64n48k40+bias+relu";
const CHAIN: &str = "chain:f32:r33c64:gelu(x)*w[c]";
const BOTH: [&str; 2] = [MATMUL, CHAIN];

/// A store with two tuned workloads.
fn tuned() -> Place {
    let place = Place::new();
    wgtune(&place.with(&[&["tune", MATMUL, CHAIN, "--trials", "8"], &SOFTWARE[..]].concat())).good();
    place
}

fn build(place: &Place, name: &str, more: &[&str]) -> Ran {
    let words = ["pack", "build", "--from", "trials.db", "--workloads", MATMUL, CHAIN, "-o", name];
    place.here(&[&words[..], more].concat())
}

fn open(place: &Place, name: &str) -> Pack {
    Pack::open(std::fs::read(place.file(name)).unwrap()).unwrap()
}

#[test]
fn winners_are_packed_and_chosen() {
    if has_software_device().is_err() {
        return;
    }
    let place = tuned();
    let told = build(&place, "app.wgpack", &[]).good();
    for part in [MATMUL, CHAIN, "its entry", "portable default", "100.0 %"] {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
    build(&place, "again.wgpack", &["--name", "app"]).good();
    let bytes = |name: &str| std::fs::read(place.file(name)).unwrap();
    assert_eq!(bytes("app.wgpack"), bytes("again.wgpack"), "the same records make the same bytes");

    let pack = open(&place, "app.wgpack");
    assert!(pack.skipped().is_empty(), "{:?}", pack.skipped());
    let manifest = pack.manifest();
    let size = serde_json::to_vec(manifest).unwrap().len() / manifest.entries.len();
    assert!(size < 3000, "{size} bytes of the index for each entry");
    let device = manifest.devices.values().next().unwrap().clone();
    for line in BOTH {
        let wish = Wish { mode: Mode::Checked, ..Wish::default() };
        let workload = Workload::parse(line).unwrap();
        let here = pack.select(&device, &workload, &wish);
        assert_eq!((here.rung(), here.distance()), (Rung::Exact, Some(0.0)), "{line}: {}", here.reason());
        let program = here.program().unwrap();
        let test = program.program().self_test.as_ref().unwrap();
        assert!(!test.expected.is_empty() && test.expected.len() <= 96, "{line}");
        let elsewhere = pack.select(&Device::unknown(), &workload, &wish);
        assert!(elsewhere.program().is_some(), "{line}: {}", elsewhere.reason());
        let has_default = manifest.entries.iter().any(|entry| entry.role == Role::Default && entry.device.is_none());
        assert!(has_default);
    }
    // Sizes that nobody measured, where a program reads its sizes from the uniform block.
    let near = Workload::parse("matmul:f32:m65n48k40+bias+relu").unwrap();
    let near = pack.select(&Device::unknown(), &near, &Wish::default());
    assert!(near.program().is_some() && near.distance() > Some(0.0), "{}", near.reason());
    assert!(place.here(&["pack", "verify", "app.wgpack"]).good().contains("entries hold"));
}

#[test]
fn packs_are_looked_at_joined_signed_and_exported() {
    if has_software_device().is_err() {
        return;
    }
    let place = tuned();
    build(&place, "app.wgpack", &[]).good();
    let shown = place.here(&["pack", "show", "app.wgpack"]).good();
    for part in
        ["app: format 1", "naga 30", "matmul:f32:k40m64n48+bias+relu", "any: the default", "portfolio of matmul"]
    {
        assert!(shown.contains(part), "no `{part}` in\n{shown}");
    }
    let manifest = place.here(&["pack", "show", "app.wgpack", "--json"]).json().remove(0);
    let id =
        manifest["entries"].as_array().unwrap().iter().find(|entry| entry["role"] == "tuned").unwrap()["id"].clone();
    let entry = place.here(&["pack", "show", "app.wgpack", "--json", "--entry", id.as_str().unwrap()]).json().remove(0);
    assert!(entry["evidence"]["modes"]["checked"]["samples_ns"].as_array().unwrap().len() > 4, "{entry}");
    assert!(entry["evidence"]["candidates"].as_u64() > Some(1), "{entry}");

    let one = ["pack", "build", "--from", "trials.db", "--workloads", MATMUL, "-o", "one.wgpack"];
    let other = ["pack", "build", "--from", "trials.db", "--workloads", CHAIN, "-o", "other.wgpack"];
    [one, other].iter().for_each(|words| drop(place.here(words).good()));
    let merged = ["pack", "merge", "one.wgpack", "other.wgpack", "-o", "merged.wgpack"];
    place.here(&merged).good();
    let same = place.here(&["pack", "diff", "app.wgpack", "merged.wgpack"]).good();
    assert!(same.contains("the same programs"), "{same}");
    let lost = place.here(&["pack", "diff", "app.wgpack", "one.wgpack", "--json"]).json().remove(0);
    let is_lost =
        |change: &Value| change["after"].is_null() && change["workload"].as_str().unwrap().starts_with("chain");
    assert!(lost.as_array().unwrap().iter().all(is_lost) && !lost.as_array().unwrap().is_empty(), "{lost}");

    place.here(&["pack", "keygen", "release.key"]).good();
    place.here(&["pack", "sign", "merged.wgpack", "--key", "release.key"]).good();
    place.here(&["pack", "keygen", "foreign.key"]).good();
    let verify = |key: &str| place.here(&["pack", "verify", "merged.wgpack", "--key", key]);
    assert!(verify("release.key.pub").good().contains("signed by a key that was named"));
    report(verify("foreign.key.pub").is_failure(2, &["merged.wgpack", "not to be trusted"]).into_iter().collect());

    place.here(&["pack", "export", "app.wgpack", "--format", "raw", "--output", "raw"]).good();
    let files: Vec<_> = std::fs::read_dir(place.file("raw")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let of_kind =
        |kind: &str| files.iter().filter(|file| file.extension().is_some_and(|ending| ending == kind)).count();
    assert_eq!(of_kind("json"), open(&place, "app.wgpack").manifest().entries.len());
    assert!(of_kind("wgsl") > 0);
    place.here(&["pack", "export", "app.wgpack", "--format", "cpp", "--output", "tuned.inc"]).good();
    assert!(place.read("tuned.inc").contains("WGTUNE_ENTRY("));
    place.here(&["pack", "export", "app.wgpack", "--format", "t4", "--output", "t4"]).good();
    let results = std::fs::read_dir(place.file("t4")).unwrap();
    for file in results {
        wgtune::interchange::read(&file.unwrap().path()).unwrap();
    }
}

#[test]
fn what_is_no_pack_is_told() {
    let place = Place::new();
    std::fs::write(place.file("text.wgpack"), "no archive").unwrap();
    std::fs::write(place.file("bad.key"), "00").unwrap();
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["pack", "show", "nowhere.wgpack"], 2, &["`nowhere.wgpack` cannot be read"]),
        (&["pack", "show", "text.wgpack"], 2, &["`text.wgpack`: this is no pack"]),
        (&["pack", "verify", "text.wgpack"], 2, &["this is no pack"]),
        (&["pack", "verify", "text.wgpack", "--key", "zz"], 2, &["neither a public key"]),
        (&["pack", "merge", "text.wgpack", "-o", "out.wgpack"], 2, &["2 values required"]),
        (&["pack", "sign", "text.wgpack", "--key", "bad.key.pub"], 2, &["public key by its name"]),
        (&["pack", "sign", "text.wgpack", "--key", "bad.key"], 2, &["`bad.key`: `the secret` is no key"]),
        (
            &["pack", "build", "--from", "none.db", "--workloads", MATMUL, "-o", "out.wgpack"],
            4,
            &["no store at `none.db`"],
        ),
        (&["pack", "build", "--workloads", "matmul:f32:m1", "-o", "out.wgpack"], 2, &["matmul:f32:m1"]),
        (&["pack", "build", "--workloads", MATMUL, "-o", "out.wgpack", "--regret", "-1"], 2, &["--regret"]),
        (&["pack", "keygen", "bad.key"], 2, &["`bad.key` exists"]),
    ];
    let failures = cases.iter().filter_map(|(words, code, says)| place.here(words).is_failure(*code, says));
    report(failures.collect());
    assert!(!Path::new(&place.file("out.wgpack")).exists());
}

/// Two invented devices with favourites of their own.
#[test]
fn portfolios_are_judged_over_recordings() {
    let place = Place::new();
    let sheet = |device: &str, times: [f64; 3]| {
        let rows: Vec<String> = (0..3).map(|at| format!("k,{device},{at},{},,,", times[at])).collect();
        format!("kernel,device,a,time_ns,stage,reason,samples_ns\n{}\n", rows.join("\n"))
    };
    std::fs::write(place.file("one.csv"), sheet("one", [100.0, 125.0, 400.0])).unwrap();
    std::fs::write(place.file("two.csv"), sheet("two", [400.0, 125.0, 100.0])).unwrap();
    let told = place.here(&["pack", "portfolio", "one.csv", "two.csv"]).good();
    assert!(told.starts_with("2 configs chosen over 2 devices"), "{told}");
    for part in ["100.0 %", "80.0 %", "25.0 %"] {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
    let other = "kernel,device,b,time_ns,stage,reason,samples_ns\nk,three,1,5,,,\n";
    std::fs::write(place.file("three.csv"), other).unwrap();
    let wrong = place.here(&["pack", "portfolio", "one.csv", "three.csv"]);
    report(wrong.is_failure(2, &["different kernels", "parameters a and b"]).into_iter().collect());
}
