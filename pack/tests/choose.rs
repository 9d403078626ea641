//! What is chosen, and why: every rung, what is passed over, and what was found out before.

mod common;

use common::{Fixture, Recipe, a100, h100, h200, stranger};
use wgtune_pack::{
    Capability, Choice, Decisions, Device, DeviceMatch, Feature, Mode, NeededLimits, Needs, Pack, Portfolio,
    Quarantine, Range, Role, Rung, Verdict, Wish, Workload,
};

const SQUARE: &str = "matmul:f32:m256n256k256";

fn select(pack: &Pack, device: &Device, workload: &str, mode: Mode) -> Choice {
    pack.select(device, &Workload::parse(workload).unwrap(), &Wish { mode, decisions: None })
}

/// The templates' names of the contenders, in order.
fn names(choice: &Choice) -> Vec<&str> {
    choice.contenders().iter().map(|contender| contender.entry.template.as_str()).collect()
}

fn pack(recipes: &[Recipe]) -> Pack {
    let mut fixture = Fixture::new();
    recipes.iter().for_each(|recipe| drop(fixture.add(recipe)));
    Pack::open(fixture.finish()).unwrap()
}

/// What is tried, a pack's entries, a device, the rung, and the contenders.
type Step<'a> = (&'a str, &'a [Recipe], &'a Device, Rung, &'a [&'a str]);

#[test]
fn the_ladder_is_climbed_down() {
    let old_driver = Device { driver_info: "500.0".to_owned(), ..h100() };
    let portable = Device::unknown();
    let default = Recipe::default_of("default", None);
    let on = |name, device: &Device| Recipe::new(name, Some(device.clone()));
    let all = [on("h100", &h100()), on("h200", &h200()), on("a100", &a100()), on("odd", &stranger()), default.clone()];
    let cases: [Step; 9] = [
        ("this device", &all, &h100(), Rung::Exact, &["h100"]),
        ("another driver", &all, &old_driver, Rung::Architecture, &["h100", "h200", "default"]),
        ("the architecture", &all[1..], &h100(), Rung::Architecture, &["h200", "default"]),
        ("the vendor", &all[2..], &h100(), Rung::Vendor, &["a100", "default"]),
        ("the class", &all[3..], &h100(), Rung::Class, &["odd", "default"]),
        ("the default", &all[4..], &h100(), Rung::Default, &["default"]),
        ("nobody in particular", &all, &portable, Rung::Default, &["default"]),
        ("nothing", &all[..4], &portable, Rung::Miss, &[]),
        ("no default", &all[..3], &h200(), Rung::Exact, &["h200"]),
    ];
    for (what, recipes, device, rung, want) in cases {
        let choice = select(&pack(recipes), device, SQUARE, Mode::Checked);
        assert_eq!((choice.rung(), sorted(names(&choice))), (rung, sorted(want.to_vec())), "{what}: {choice:?}");
        assert_eq!(choice.is_race_due(), want.len() > 1, "{what}");
        assert_eq!(choice.program().is_some(), rung != Rung::Miss, "{what}");
        assert!(!choice.reason().is_empty(), "{what}");
    }
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

/// What is tried, a pack's entries, a workload, a mode, the contenders, and how far the first one is.
type Evidence<'a> = (&'a str, &'a [Recipe], &'a str, Mode, &'a [&'a str], f64);

#[test]
fn evidence_decides_among_those_of_a_rung() {
    let tuned = |name, ratio| Recipe { ratio, ..Recipe::new(name, Some(h100())) };
    let at = |name, m, k| Recipe { shape: [m, 256, k], ..tuned(name, [1.9, 2.0, 2.1]) };
    let unchecked = Recipe { modes: &[Mode::Unchecked], ..tuned("unchecked", [8.0, 9.0, 10.0]) };
    let default = Recipe::default_of("default", None);
    let here = Recipe::default_of("default here", Some(h100()));
    let narrow = Recipe { admits: Range { least: 256, most: 256, multiple_of: 1 }, ..tuned("narrow", [7.0, 8.0, 9.0]) };
    let (slow, fast) = (tuned("slow", [1.1, 1.2, 1.3]), tuned("fast", [1.4, 1.5, 1.6]));
    let unsure = tuned("unsure", [0.9, 1.1, 1.3]);
    let cases: [Evidence; 12] = [
        ("the fastest", &[slow.clone(), fast.clone()], SQUARE, Mode::Checked, &["fast"], 0.0),
        (
            "sure before fast",
            &[unsure.clone(), tuned("sure", [1.01, 1.02, 1.03])],
            SQUARE,
            Mode::Checked,
            &["sure"],
            0.0,
        ),
        ("not surely faster", &[unsure.clone(), default.clone()], SQUARE, Mode::Checked, &["default"], 0.0),
        (
            "this device's default",
            &[unsure.clone(), default.clone(), here],
            SQUARE,
            Mode::Checked,
            &["default here"],
            0.0,
        ),
        ("no default to give way to", &[unsure], SQUARE, Mode::Checked, &["unsure"], 0.0),
        ("the mode", &[unchecked.clone(), slow.clone()], SQUARE, Mode::Checked, &["slow"], 0.0),
        ("the other mode", &[unchecked.clone(), slow.clone()], SQUARE, Mode::Unchecked, &["unchecked"], 0.0),
        ("no evidence", &[unchecked], SQUARE, Mode::Checked, &[], 0.0),
        (
            "the shape before speed",
            &[fast.clone(), at("near", 512, 256)],
            "matmul:f32:m512n256k256",
            Mode::Checked,
            &["near"],
            0.0,
        ),
        (
            "the nearest",
            &[at("far", 4096, 256), at("near", 512, 256), default],
            "matmul:f32:k256n256m1024",
            Mode::Checked,
            &["near", "default"],
            2f64.ln(),
        ),
        ("an odd size", std::slice::from_ref(&fast), "matmul:f32:m255n256k256", Mode::Checked, &[], 0.0),
        ("the predicate", &[narrow, fast.clone()], "matmul:f32:m512n256k256", Mode::Checked, &["fast"], 2f64.ln()),
    ];
    for (what, recipes, workload, mode, want, distance) in cases {
        let choice = select(&pack(recipes), &h100(), workload, mode);
        assert_eq!(names(&choice), want, "{what}: {:?}", choice.misses());
        assert!((choice.distance().unwrap_or(0.0) - distance).abs() < 1e-9, "{what}: {:?}", choice.distance());
    }
}

#[test]
fn what_the_device_lacks_is_a_miss_with_its_reason() {
    let small = |storage_binding_bytes| Device {
        capability: Capability { storage_binding_bytes, ..h100().capability },
        ..h100()
    };
    let limits = |limits| Needs { features: Vec::new(), limits };
    let cases = [
        (Needs { features: vec![Feature::Subgroups], ..Needs::default() }, h100(), "lacks `subgroups`"),
        (
            limits(NeededLimits { subgroup_size: 64, ..Default::default() }),
            h100(),
            "needs 64 invocations in every subgroup",
        ),
        (
            limits(NeededLimits { workgroup_storage_bytes: 99_999, ..Default::default() }),
            h100(),
            "99999 bytes of workgroup memory",
        ),
        (limits(NeededLimits { workgroup_size: [1, 1, 65], ..Default::default() }), h100(), "65 invocations in a row"),
        (limits(NeededLimits { storage_buffers_per_stage: 9, ..Default::default() }), h100(), "9 storage buffers"),
        (Needs::default(), small(1 << 10), "has 262144 bytes, and the device binds 1024"),
    ];
    for (needs, device, why) in cases {
        let pack = pack(&[Recipe { needs, ..Recipe::new("needy", Some(h100())) }]);
        let choice = select(&pack, &device, SQUARE, Mode::Checked);
        assert_eq!(choice.rung(), Rung::Miss, "{why}");
        assert!(choice.misses().iter().any(|miss| miss.why.contains(why)), "{why}: {:?}", choice.misses());
    }
}

#[test]
fn portfolios_serve_devices_that_nobody_knows() {
    let mut fixture = Fixture::new();
    let other = Device { capability: Capability { f16: false, ..h100().capability }, ..stranger() };
    let at = |name, m| Recipe { shape: [m, 256, 256], ..Recipe::new(name, Some(h100())) };
    let entries = [at("second", 1024), at("first", 512), at("left out", 256)].map(|recipe| fixture.add(&recipe));
    fixture.add(&Recipe::default_of("default", None));
    let operation = fixture.operation_id();
    let [second, first, _] = entries;
    fixture.builder.portfolio(Portfolio { operation, entries: vec![first, second], regret: 0.04, of_devices: 3 });
    let pack = Pack::open(fixture.finish()).unwrap();
    let choice = select(&pack, &other, SQUARE, Mode::Checked);
    assert_eq!((choice.rung(), names(&choice)), (Rung::Portfolio, vec!["first", "second", "default"]));
    assert!(choice.is_race_due() && choice.reason().contains("within 4 % of the best on each of 3 devices"));
}

/// Nobody knows whether it is faster here: what is right in doubt is the default, until a race has said so.
#[test]
fn what_was_not_faster_elsewhere_waits_for_a_race() {
    let unsure = Recipe { ratio: [0.9, 1.1, 1.3], ..Recipe::new("unsure", Some(h200())) };
    let pack = pack(&[unsure, Recipe::default_of("default", None)]);
    let choice = select(&pack, &h100(), SQUARE, Mode::Checked);
    assert_eq!((choice.rung(), names(&choice)), (Rung::Architecture, vec!["default", "unsure"]));
    assert!(choice.is_race_due() && choice.reason().contains("the default until a race"), "{}", choice.reason());
}

#[test]
fn races_and_self_tests_are_remembered() {
    let recipes =
        [Recipe::new("h200", Some(h200())), Recipe::new("a100", Some(a100())), Recipe::default_of("default", None)];
    let pack = pack(&recipes);
    let workload = Workload::parse(SQUARE).unwrap();
    let mut decisions = Decisions::default();
    let choice = pack.select(&h100(), &workload, &Wish::default());
    let default = choice.contenders().last().unwrap().entry.id.clone();
    decisions.keep_winner(choice.race().unwrap(), &default);
    let stored: Decisions = serde_json::from_str(&serde_json::to_string(&decisions).unwrap()).unwrap();
    let again = pack.select(&h100(), &workload, &Wish { decisions: Some(&stored), ..Wish::default() });
    assert_eq!((again.is_race_due(), names(&again)), (false, vec!["default", "h200"]));
    assert!(again.reason().contains("won the race"), "{}", again.reason());

    let mut decisions = Decisions::default();
    let program = choice.program().unwrap().hash();
    decisions.keep_verdict(&h100(), Mode::Checked, program, Verdict::Failed("element 3 is 0".to_owned()));
    let fallen = pack.select(&h100(), &workload, &Wish { decisions: Some(&decisions), ..Wish::default() });
    assert_eq!((fallen.rung(), fallen.entry().unwrap().template.as_str()), (Rung::Vendor, "a100"));
    assert!(fallen.misses()[0].why.contains("self-test failed on this device: element 3 is 0"));
    let elsewhere = pack.select(&a100(), &workload, &Wish { decisions: Some(&decisions), ..Wish::default() });
    assert_eq!(names(&elsewhere), ["a100"]);
}

#[test]
fn quarantines_hold_where_they_say() {
    let texts = [None, Some("vulkan"), Some("dx12")];
    for (api, holds) in texts.into_iter().zip([true, true, false]) {
        let mut fixture = Fixture::new();
        fixture.add(&Recipe::new("bad", Some(h100())));
        let text = fixture.builder.text(&common::wgsl("bad"));
        let program = fixture.builder.program(&common::program(text)).unwrap();
        let device = DeviceMatch { api: api.map(str::to_owned), ..DeviceMatch::default() };
        fixture.builder.quarantine(Quarantine { program, device, why: "it hangs".to_owned() });
        let choice = select(&Pack::open(fixture.finish()).unwrap(), &h100(), SQUARE, Mode::Checked);
        assert_eq!(choice.rung() == Rung::Miss, holds, "{api:?}");
        assert_eq!(choice.misses().iter().any(|miss| miss.why.contains("it hangs")), holds, "{api:?}");
    }
}

#[test]
fn defaults_that_won_on_a_device_are_chosen_on_its_rung() {
    let pack = pack(&[Recipe::default_of("default here", Some(h100())), Recipe::default_of("default", None)]);
    let choice = select(&pack, &h100(), SQUARE, Mode::Checked);
    assert_eq!((choice.rung(), names(&choice)), (Rung::Exact, vec!["default here"]));
    assert_eq!(choice.entry().unwrap().role, Role::Default);
}
