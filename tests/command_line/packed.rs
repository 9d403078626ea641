//! Packs from a store to other programs: made, shown, checked, joined, compared, signed, exported; and what is told where that fails.

#[path = "../../pack/tests/common/mod.rs"]
mod fixtures;

use std::path::Path;

use serde_json::Value;
use wgtune_pack::{Builder, Device, Manifest, Mode, Pack, Portfolio, Role, Rung, Wish, Workload};

use self::fixtures::{Fixture, Recipe, h100, h200};
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

/// A pack of these entries, with a portfolio of each shape if one is wanted and with another index.
fn invented(recipes: &[Recipe], has_portfolios: bool, change: impl Fn(&mut Manifest)) -> Vec<u8> {
    let mut fixture = Fixture::new();
    let mut manifest = fixture.builder.manifest().clone();
    change(&mut manifest);
    fixture.builder = Builder::new(manifest);
    for recipe in recipes {
        let entries = vec![fixture.add(recipe)];
        if has_portfolios {
            let operation = fixture.operation_id();
            fixture.builder.portfolio(Portfolio { operation, entries, regret: 0.04, of_devices: 1 });
        }
    }
    fixture.finish()
}

/// Packs of two devices with two workloads of one operation each.
fn merged(change: impl Fn(&mut Manifest)) -> Manifest {
    let of = |device: Device, names: [&'static str; 2]| {
        let on = |name, shape| Recipe { shape, ..Recipe::new(name, Some(device.clone())) };
        [on(names[0], [256; 3]), on(names[1], [512; 3])]
    };
    let one = invented(&of(h100(), ["a", "b"]), true, |_| ());
    let other = invented(&of(h200(), ["c", "d"]), true, change);
    let packs = [one, other].map(|bytes| Pack::open(bytes).unwrap());
    Pack::open(wgtune::pack::merge(&packs, "merged", None).unwrap()).unwrap().manifest().clone()
}

#[test]
fn each_workload_keeps_its_portfolio_in_a_merge() {
    let manifest = merged(|_| ());
    let template = |id: &String| manifest.entries.iter().find(|entry| entry.id == *id).unwrap().template.clone();
    let portfolios = manifest.portfolios.iter();
    let said: Vec<(Vec<String>, f64, u32)> = portfolios
        .map(|portfolio| (portfolio.entries.iter().map(template).collect(), portfolio.regret, portfolio.of_devices))
        .collect();
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    assert_eq!(said, [(names(["a", "c"]), 0.04, 2), (names(["b", "d"]), 0.04, 2)]);
}

#[test]
fn merges_say_of_all_only_what_holds_for_all() {
    type Case = (fn(&mut Manifest), [&'static str; 2]);
    let cases: [Case; 4] = [
        (|_| (), ["wgtune 0.1.0", "MIT"]),
        (|manifest| manifest.tool = "wgtune 0.0.9".to_owned(), ["", "MIT"]),
        (|manifest| manifest.licence = String::new(), ["wgtune 0.1.0", "(NOASSERTION) AND (MIT)"]),
        (|manifest| manifest.licence = "Zlib".to_owned(), ["wgtune 0.1.0", "(MIT) AND (Zlib)"]),
    ];
    for (change, want) in cases {
        let manifest = merged(change);
        assert_eq!([manifest.tool, manifest.licence], want);
    }
}

/// Entries that share a device and a mode, or an adapter's name.
#[test]
fn changes_do_not_hide_behind_each_other() {
    let updated = || Device { driver_info: "580.1".to_owned(), ..h100() };
    let on = |name, device: Device| Recipe { modes: &[Mode::Checked], ..Recipe::new(name, Some(device)) };
    let default = |name| Recipe { modes: &[], ..Recipe::default_of(name, None) };
    type Case = ([Recipe; 2], [Recipe; 2], &'static [(&'static str, Option<&'static str>, Option<&'static str>)]);
    let cases: [Case; 5] = [
        ([on("a", h100()), on("b", h100())], [on("b", h100()), on("a", h100())], &[]),
        (
            [on("a", h100()), on("b", h100())],
            [on("c", h100()), on("b", h100())],
            &[("NVIDIA H100 80GB HBM3", Some("a"), Some("c"))],
        ),
        (
            [on("a", h100()), on("b", h100())],
            [on("a", h100()), on("c", h100())],
            &[("NVIDIA H100 80GB HBM3", Some("b"), Some("c"))],
        ),
        (
            [default("baked"), default("read")],
            [default("baked"), default("other")],
            &[("portable default", Some("read"), Some("other"))],
        ),
        (
            [on("a", h100()), on("b", updated())],
            [on("a", h100()), on("c", updated())],
            &[("NVIDIA H100 80GB HBM3, 580.1", Some("b"), Some("c"))],
        ),
    ];
    for (one, other, want) in cases {
        let [one, other] = [one, other].map(|recipes| Pack::open(invented(&recipes, false, |_| ())).unwrap());
        let changes = wgtune::pack::diff(&one, &other);
        let name = |found: &Option<(String, Option<f64>)>| found.as_ref().map(|(template, _)| template.clone());
        let got: Vec<_> =
            changes.iter().map(|change| (change.device.clone(), name(&change.before), name(&change.after))).collect();
        let owned = |(device, before, after): &(&str, Option<&str>, Option<&str>)| {
            ((*device).to_owned(), before.map(str::to_owned), after.map(str::to_owned))
        };
        assert_eq!(got, want.iter().map(owned).collect::<Vec<_>>());
    }
}

/// What cannot be read of one entry hides nothing of the others.
#[test]
fn evidence_that_cannot_be_read_is_a_finding() {
    let recipes = [Recipe::new("a", Some(h100())), Recipe::new("b", Some(h200()))];
    let mut bytes = invented(&recipes, false, |_| ());
    // The names of files stand in the archive as they are, and the index does not.
    let places: Vec<usize> = (0..bytes.len() - 9).filter(|at| bytes[*at..].starts_with(b"evidence/")).collect();
    places.into_iter().for_each(|at| bytes[at] = b'E');
    let pack = Pack::open(bytes).unwrap();
    let findings = wgtune::pack::verify(&pack);
    for entry in &pack.manifest().entries {
        let is_told = |finding: &wgtune::pack::Finding| {
            finding.entry == entry.id
                && finding.why.starts_with("its evidence cannot be read: the pack has no `evidence/")
        };
        assert!(findings.iter().any(is_told), "{}: {findings:?}", entry.id);
    }
}

/// What a name says stays a name: in a table for C++, and on a terminal.
#[test]
fn control_characters_of_names_do_nothing() {
    let place = Place::new();
    let hostile = |manifest: &mut Manifest| manifest.name = "app\nint evil;\u{1b}[2J".to_owned();
    let device = Device { adapter: "GPU\u{1b}[2J".to_owned(), ..h100() };
    let bytes = invented(&[Recipe::new("a", Some(device))], false, hostile);
    std::fs::write(place.file("app.wgpack"), bytes).unwrap();
    place.here(&["pack", "export", "app.wgpack", "--format", "cpp", "--output", "tuned.inc"]).good();
    let table = place.read("tuned.inc");
    let is_known = |line: &str| line.starts_with("//") || line.starts_with("WGTUNE_ENTRY(");
    assert!(table.lines().all(is_known) && !table.contains('\u{1b}') && !table.contains("u001b"), "{table}");
    let shown = place.here(&["pack", "show", "app.wgpack"]).good();
    assert!(shown.contains("app?int evil;?[2J") && !shown.contains('\u{1b}'), "{shown}");
}
