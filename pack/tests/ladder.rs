//! Packs of which much is no good: what is sound further down is found.

mod common;

use common::{Fixture, Recipe, a100, h100};
use wgtune_pack::{Decisions, Device, Mode, Pack, Rung, Verdict, Wish, Workload};

const SQUARE: &str = "matmul:f32:m256n256k256";

/// Names of so many entries.
fn names(count: usize) -> Vec<&'static str> {
    (0..count).map(|number| &*format!("bad {number}").leak()).collect()
}

/// A pack with so many entries of this device whose workgroups no device of its kind has, and those others.
fn pack(bad: usize, others: &[Recipe]) -> Pack {
    let mut fixture = Fixture::new();
    for name in names(bad) {
        let text = fixture.builder.text(&common::wgsl(name));
        let mut program = common::program(text);
        program.kernels[0].workgroup_size = [1024, 1, 1];
        let program = fixture.builder.program(&program).unwrap();
        fixture.add_with(&Recipe::new(name, Some(h100())), program);
    }
    others.iter().for_each(|recipe| drop(fixture.add(recipe)));
    Pack::open(fixture.finish()).unwrap()
}

/// Unsound entries, the others, and where the choice ends.
#[test]
fn unsound_programs_on_one_rung_leave_the_others_their_chance() {
    let (default, vendor) = (Recipe::default_of("default", None), Recipe::new("vendor", Some(a100())));
    let unsure = Recipe { ratio: [0.9, 1.0, 1.1], ..vendor.clone() };
    let cases: [(usize, &[Recipe], Rung, &[&str]); 5] = [
        (31, &[vendor.clone(), default.clone()], Rung::Vendor, &["vendor", "default"]),
        (40, &[vendor.clone(), default.clone()], Rung::Vendor, &["vendor", "default"]),
        (40, &[unsure, default.clone()], Rung::Vendor, &["default", "vendor"]),
        (500, &[default], Rung::Default, &["default"]),
        (500, &[], Rung::Miss, &[]),
    ];
    for (bad, others, rung, want) in cases {
        let choice = pack(bad, others).select(&h100(), &Workload::parse(SQUARE).unwrap(), &Wish::default());
        let got: Vec<&str> = choice.contenders().iter().map(|contender| contender.entry.template.as_str()).collect();
        assert_eq!((choice.rung(), got.as_slice()), (rung, want), "{bad} bad ones: {:?}", choice.misses());
        assert!(choice.misses().iter().any(|miss| miss.why.contains("no workgroups of [1024, 1, 1]")));
        let told = choice.misses().iter().any(|miss| miss.why.contains("no more of it are tried"));
        assert_eq!(told, bad > 31, "{:?}", choice.misses());
    }
}

/// A refusal is of one size, a verdict of all.
#[test]
fn refusals_hold_at_their_sizes() {
    let pack = pack(0, &[Recipe::new("tuned", Some(h100())), Recipe::default_of("default", None)]);
    let select = |sizes: &str, decisions: &Decisions, device: &Device, mode| {
        let wish = Wish { mode, decisions: Some(decisions) };
        pack.select(device, &Workload::parse(&format!("matmul:f32:{sizes}")).unwrap(), &wish)
    };
    let (here, sizes, none) = (h100(), "m256n256k256", Decisions::default());
    let program = select(sizes, &none, &here, Mode::Checked).program().unwrap().clone();
    let (mut refused, mut failed) = (none.clone(), none);
    refused.keep_refusal(&here, Mode::Checked, &program, "too many rows");
    failed.keep_verdict(&here, Mode::Checked, program.hash(), Verdict::Failed("element 3 is 0".to_owned()));
    assert_eq!(refused.refusal(&here, Mode::Checked, &program), Some("too many rows"));
    let cases = [
        (&refused, "m256n256k256", Mode::Checked, "default"),
        (&refused, "b1k256m256n256", Mode::Checked, "default"),
        (&refused, "m256n256k256", Mode::Unchecked, "tuned"),
        (&refused, "m256n256k512", Mode::Checked, "tuned"),
        (&refused, "m512n256k256", Mode::Checked, "tuned"),
        (&failed, "m256n256k256", Mode::Checked, "default"),
        (&failed, "m512n256k256", Mode::Checked, "default"),
        (&failed, "m512n256k256", Mode::Unchecked, "tuned"),
    ];
    for (decisions, sizes, mode, want) in cases {
        let choice = select(sizes, decisions, &here, mode);
        assert_eq!(choice.entry().unwrap().template, want, "{sizes} {mode:?}: {:?}", choice.misses());
        let told = choice.misses().iter().any(|miss| miss.why.contains("refuses it at these sizes: too many rows"));
        assert_eq!(told, std::ptr::eq(decisions, &refused) && want == "default", "{sizes}: {:?}", choice.misses());
    }
    let stored: Decisions = serde_json::from_str(&serde_json::to_string(&refused).unwrap()).unwrap();
    assert_eq!(stored, Decisions::default());
}
