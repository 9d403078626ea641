//! Programs on software Vulkan devices: results, self-tests, the way down the ladder, races.

#[path = "../common/mod.rs"]
mod common;
mod kernels;
mod software;

use std::time::{Duration, Instant};

use kernels::{Body, Makings, Plan};
use software::Machine;
use wgpu::{BufferUsages, Features};
use wgtune_pack::gpu::{self, Error, Loader, Prepared};
use wgtune_pack::{
    Decisions, Device, DeviceKind, Dims, ElementType, Mode, Pack, Rung, TensorSize, Verdict, Wish, Workload,
};

fn at(n: u64) -> Workload {
    Workload::parse(&format!("chain:f32:n{n}:2*x*w")).unwrap()
}

/// Runs a program on counting numbers, and compares all results.
fn check(machine: &Machine, program: &Prepared, what: &str) {
    let n = program.program().inputs()[0].elements as usize;
    let x: Vec<f32> = (0..n).map(|i| (i % 13) as f32 - 6.0).collect();
    let w: Vec<f32> = (0..n).map(|i| (i % 7) as f32).collect();
    let want: Vec<f32> = x.iter().zip(&w).map(|(x, w)| 2.0 * x * w).collect();
    let got = machine.run(program, &[&x, &w], n);
    let wrong = got.iter().zip(&want).position(|(got, want)| got != want);
    assert_eq!(wrong.map(|at| (at, got[at], want[at])), None, "{what} on {machine}");
}

fn loader(machine: &Machine, pack: Vec<u8>) -> Loader {
    Loader::new(Pack::open(pack).unwrap(), &machine.adapter, &machine.device, &machine.queue)
}

/// From one element to grids that do not fit one direction, also where kernels have steps between them and before them.
#[test]
fn results_are_right_at_all_sizes() {
    for machine in software::machines(Features::empty()) {
        for plan in [Plan::Plain, Plan::OneByOne, Plan::Prepared, Plan::Declared] {
            let mut makings = Makings::new();
            makings.default(plan, Body::Right);
            let mut loader = loader(&machine, makings.finish());
            for n in [1, 63, 64, 65, 1001, 70_000] {
                let loaded = loader.load(&at(n)).unwrap();
                let program = loaded.program().unwrap_or_else(|| panic!("{plan:?} {n}: {:?}", loaded.choice()));
                check(&machine, program, &format!("{plan:?} {n}"));
            }
        }
    }
}

/// What is wrong with a kernel, and what is said of it.
const FAULTS: [(Plan, Body, &str); 7] = [
    (Plan::Plain, Body::Wrong, "self-test failed on this device: element 70 of output 0 is"),
    (Plan::Plain, Body::Lazy, "is NaN instead of"),
    (Plan::Plain, Body::Overrun, "it writes beyond the end of `y`"),
    (Plan::Prepared, Body::Overrun, "it writes beyond the end of `doubled`"),
    (Plan::Plain, Body::Rejected, "no definition in scope for identifier"),
    (Plan::Plain, Body::Unbound, "cannot run on this device"),
    (Plan::Declared, Body::FarGroup, "has @group(4000000000)"),
];

#[test]
fn what_fails_falls_down_the_ladder() {
    for machine in software::machines(Features::empty()) {
        for (plan, body, message) in FAULTS {
            let mut makings = Makings::new();
            makings.tuned(plan, body, gpu::device(&machine.adapter));
            makings.default(Plan::Plain, Body::Right);
            let pack = makings.finish();
            let mut loader = loader(&machine, pack.clone());
            let first = Pack::open(pack).unwrap().select(loader.described(), &at(1000), &Wish::default());
            assert_eq!(first.rung(), Rung::Exact, "{body:?} on {machine}");
            let loaded = loader.load(&at(1000)).unwrap();
            let choice = loaded.choice();
            assert_eq!(choice.rung(), Rung::Default, "{body:?} on {machine}");
            assert!(choice.misses()[0].why.contains(message), "{body:?}: {:?}", choice.misses());
            check(&machine, loaded.program().unwrap(), "the default");
            let failed = loader.decisions().verdict(loader.described(), Mode::Checked, first.program().unwrap().hash());
            assert!(matches!(failed, Some(Verdict::Failed(_))), "{body:?}: {failed:?}");
        }
    }
}

/// Workgroups in a row, at these sizes: one size more than a device has of its own grids, and one that it has.
#[test]
fn what_is_refused_at_one_size_is_used_at_others() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.tuned(Plan::Declared, Body::Right, gpu::device(&machine.adapter));
        makings.default(Plan::Plain, Body::Right);
        let pack = makings.finish();
        let mut loader = loader(&machine, pack.clone());
        for (n, template) in [(3_000_000, "default"), (1000, "tuned"), (2000, "tuned"), (3_000_000, "default")] {
            let loaded = loader.load(&at(n)).unwrap();
            let choice = loaded.choice();
            let told =
                choice.misses().iter().any(|miss| miss.why.contains("is launched with 93750 workgroups in a row"));
            assert_eq!(told, n > 2_097_120, "{n} on {machine}: {:?}", choice.misses());
            if n != 2000 {
                assert_eq!(choice.entry().unwrap().template, template, "{n} on {machine}: {choice:?}");
            }
            check(&machine, loaded.program().unwrap(), &format!("{n}"));
        }
        // Another opening of the device may have other limits.
        let stored = serde_json::to_string(loader.decisions()).unwrap();
        assert!(!stored.contains("93750"), "{stored}");
    }
}

/// Where the results are wrong, nobody knows at which sizes they are not.
#[test]
fn what_computes_wrong_results_is_not_trusted_at_any_size() {
    for machine in software::machines(Features::empty()) {
        for (plan, body) in [(Plan::Plain, Body::Wrong), (Plan::Plain, Body::Rejected)] {
            let mut makings = Makings::new();
            makings.tuned(plan, body, gpu::device(&machine.adapter));
            makings.default(Plan::Plain, Body::Right);
            let pack = makings.finish();
            let mut first = loader(&machine, pack.clone());
            first.load(&at(1000)).unwrap();
            let stored = first.decisions().clone();
            let again = Pack::open(pack).unwrap();
            let wish = Wish { decisions: Some(&stored), ..Wish::default() };
            for n in [64, 1000, 5000] {
                let choice = again.select(first.described(), &at(n), &wish);
                assert_eq!(choice.rung(), Rung::Default, "{body:?} at {n} on {machine}");
            }
        }
    }
}

/// However many stand above it: what is right is found, on the next rung or at the end.
#[test]
fn many_that_fail_on_one_rung_leave_the_next_its_chance() {
    for machine in software::machines(Features::empty()) {
        let here = gpu::device(&machine.adapter);
        let cousin = Device { adapter: "a cousin".to_owned(), ..here.clone() };
        for (has_cousin, is_default_right, rung) in
            [(true, true, Rung::Vendor), (false, true, Rung::Default), (false, false, Rung::Miss)]
        {
            let mut makings = Makings::new();
            (1..=50).for_each(|error| makings.tuned(Plan::Plain, Body::WrongBy(error), here.clone()));
            if has_cousin {
                makings.tuned(Plan::Plain, Body::Right2, cousin.clone());
            }
            makings.default(Plan::Plain, if is_default_right { Body::Right } else { Body::Wrong });
            let mut loader = loader(&machine, makings.finish()).with_race_budget(Duration::ZERO);
            let loaded = loader.load(&at(1000)).unwrap();
            assert_eq!(loaded.choice().rung(), rung, "{machine}: {:?}", loaded.choice());
            assert_eq!(loaded.program().is_some(), rung != Rung::Miss);
        }
    }
}

#[test]
fn where_nothing_is_sound_there_is_no_program_and_no_error() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.default(Plan::Plain, Body::Wrong);
        let loaded = loader(&machine, makings.finish()).load(&at(100)).unwrap();
        assert!(loaded.program().is_none() && loaded.choice().rung() == Rung::Miss);
    }
}

/// Who is the tuned entry, who the default, and whose program runs at last.
#[test]
fn races_decide_once() {
    for machine in software::machines(Features::TIMESTAMP_QUERY) {
        // Another device of the same class: nobody has measured on this one.
        let cousin = Device { adapter: "a cousin".to_owned(), ..gpu::device(&machine.adapter) };
        for (tuned, default, winner) in [
            (Body::Slow, Body::Right, "default"),
            (Body::Right, Body::Slow, "tuned"),
            (Body::Slow, Body::Slow2, "default"),
        ] {
            let mut makings = Makings::new();
            makings.tuned(Plan::Plain, tuned, cousin.clone());
            makings.default(Plan::Plain, default);
            let pack = makings.finish();
            let mut first = loader(&machine, pack.clone());
            let loaded = first.load(&at(4096)).unwrap();
            let race = loaded.race().unwrap().as_ref().unwrap();
            println!("{machine}: {race:?}");
            if (tuned, default) != (Body::Slow, Body::Slow2) {
                assert_eq!(loaded.choice().entry().unwrap().template, winner, "{machine}: {race:?}");
            }
            check(&machine, loaded.program().unwrap(), winner);
            let stored = serde_json::to_string(first.decisions()).unwrap();
            let stored: Decisions = serde_json::from_str(&stored).unwrap();
            let again = loader(&machine, pack).with_decisions(stored).load(&at(4096)).unwrap();
            assert_eq!(again.choice().entry(), loaded.choice().entry());
            assert!(again.race().is_none(), "{machine}");
        }
    }
}

/// A default of one workgroup runs whole, and once: its time alone tells that it is slower.
#[test]
fn what_cannot_be_divided_and_is_slow_runs_once() {
    for machine in software::machines(Features::TIMESTAMP_QUERY) {
        let cousin = Device { adapter: "a cousin".to_owned(), ..gpu::device(&machine.adapter) };
        let mut makings = Makings::new();
        makings.tuned(Plan::Plain, Body::Right, cousin);
        makings.default(Plan::Plain, Body::Endless);
        let budget = Duration::from_millis(2);
        let mut loader = loader(&machine, makings.finish()).with_race_budget(budget);
        let loaded = loader.load(&at(64)).unwrap();
        let race = loaded.race().unwrap().as_ref().unwrap();
        println!("{machine}: {race:?}");
        let default = Duration::from_nanos(race.laps[1].median_ns as u64);
        assert_eq!(
            (loaded.choice().entry().unwrap().template.as_str(), race.rounds),
            ("tuned", 0),
            "{machine}: {race:?}"
        );
        assert!(default > budget && race.took < default + Duration::from_millis(300), "{machine}: {race:?}");
    }
}

/// The default has always been there: a race that does not end in time leaves it where it is.
#[test]
fn races_keep_to_their_budget() {
    for machine in software::machines(Features::TIMESTAMP_QUERY) {
        let cousin = Device { adapter: "a cousin".to_owned(), ..gpu::device(&machine.adapter) };
        let mut makings = Makings::new();
        makings.tuned(Plan::Plain, Body::Right, cousin);
        makings.default(Plan::Plain, Body::Right2);
        let pack = makings.finish();
        let none = loader(&machine, pack.clone()).with_race_budget(Duration::ZERO).load(&at(4096)).unwrap();
        assert!(none.race().is_none() && none.choice().is_race_due());
        let loaded = loader(&machine, pack).with_race_budget(Duration::from_millis(20)).load(&at(4096)).unwrap();
        let race = loaded.race().unwrap().as_ref().unwrap();
        assert!(race.took < Duration::from_secs(2), "{machine}: {race:?}");
    }
}

#[test]
fn devices_are_themselves_whatever_the_application_asked_for() {
    for machine in software::machines(Features::empty()) {
        let (whole, asked) = (gpu::device(&machine.adapter), gpu::device_of(&machine.adapter, &machine.device));
        assert!(whole.is_same(&asked) && whole.kind == DeviceKind::Cpu && whole.host.is_some());
        assert!(!asked.capability.f16 && asked.architecture().is_some(), "{asked:?}");
    }
}

#[test]
fn a_device_without_f16_is_offered_no_f16() {
    let workload = Workload::parse("chain:f16:n100:2*x*w").unwrap();
    let load = |machine: &Machine| {
        let mut makings = Makings::of(ElementType::F16);
        makings.default(Plan::Plain, Body::Right);
        loader(machine, makings.finish()).load(&workload).unwrap()
    };
    for machine in software::machines(Features::empty()) {
        let loaded = load(&machine);
        assert!(loaded.program().is_none(), "{machine}");
        assert!(loaded.choice().misses()[0].why.contains("lacks `f16`"), "{:?}", loaded.choice().misses());
    }
    for machine in software::machines(Features::SHADER_F16) {
        let has_f16 = machine.device.features().contains(Features::SHADER_F16);
        assert_eq!(load(&machine).program().is_some(), has_f16, "{machine}");
    }
}

/// Evidence of the mode counts, and results are the same.
#[allow(unsafe_code, reason = "it is what is tested")]
#[test]
fn checks_are_left_out_only_on_demand() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.default(Plan::Plain, Body::Right);
        let pack = makings.finish();
        let on = loader(&machine, pack.clone()).load(&at(1001)).unwrap();
        // SAFETY: the kernel is ours, and keeps within its buffers.
        let off = unsafe { loader(&machine, pack).unchecked() }.load(&at(1001)).unwrap();
        for (loaded, mode) in [(on, Mode::Checked), (off, Mode::Unchecked)] {
            assert_eq!(loaded.program().unwrap().mode(), mode);
            check(&machine, loaded.program().unwrap(), mode.name());
        }
    }
}

#[test]
fn buffers_that_do_not_fit_are_one_clear_error() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.default(Plan::Plain, Body::Right);
        let loaded = loader(&machine, makings.finish()).load(&at(100)).unwrap();
        let program = loaded.program().unwrap();
        let storage = |size| machine.buffer(size, BufferUsages::STORAGE);
        let (x, w, y, small) = (storage(400), storage(1024), storage(400), storage(396));
        let uniform = machine.buffer(400, BufferUsages::UNIFORM);
        let cases = [
            (vec![&x, &w], vec![&y], None),
            (vec![&x, &x], vec![&y], None),
            (vec![&x], vec![&y], Some("it has 2 inputs, and 1 were given")),
            (vec![&x, &w], vec![], Some("it has 1 outputs, and 0 were given")),
            (vec![&x, &small], vec![&y], Some("input `w` takes 400 bytes, and its buffer has 396")),
            (vec![&uniform, &w], vec![&y], Some("the buffer of input `x` was made without STORAGE")),
            (vec![&x, &w], vec![&w], Some("output `y` is a buffer of another tensor too")),
        ];
        for (inputs, outputs, message) in cases {
            match (program.bind(&inputs, &outputs), message) {
                (Ok(_), None) => {}
                (Err(Error::Buffers(why)), Some(message)) if why.contains(message) => {}
                (got, _) => panic!("{got:?} where {message:?} is right"),
            }
        }
        let odd = TensorSize { bytes: 5, ..program.program().inputs()[0].clone() };
        assert_eq!(Prepared::least_bytes(&odd), 16);
    }
}

#[test]
fn other_sizes_need_no_compiler() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.default(Plan::Prepared, Body::Right);
        let loaded = loader(&machine, makings.finish()).load(&at(100)).unwrap();
        let of = |n: u64| Dims::from([("n".to_owned(), n)]);
        let other = loaded.program().unwrap().at(&of(2000)).unwrap();
        check(&machine, &other, "at another size");
        assert!(matches!(other.at(&of(1 << 40)), Err(Error::Program(why)) if why.contains("not valid")));
    }
}

/// Two layers of one shape share a program, and each has prepared its own weights.
#[test]
fn layers_do_not_overwrite_each_others_weights() {
    for machine in software::machines(Features::empty()) {
        let mut makings = Makings::new();
        makings.default(Plan::Prepared, Body::Right);
        let loaded = loader(&machine, makings.finish()).load(&at(64)).unwrap();
        let program = loaded.program().unwrap();
        let (x, weights) = (machine.filled(&[1.0; 64]), [3.0, 5.0].map(|weight| machine.filled(&[weight; 64])));
        let outputs = weights.each_ref().map(|_| machine.buffer(256, BufferUsages::STORAGE | BufferUsages::COPY_SRC));
        let layers: Vec<_> = weights.iter().zip(&outputs).map(|(w, y)| program.bind(&[&x, w], &[y]).unwrap()).collect();
        let mut encoder = machine.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        layers.iter().for_each(|layer| layer.encode_prepare(&mut pass));
        layers.iter().for_each(|layer| layer.encode(&mut pass));
        drop(pass);
        machine.queue.submit([encoder.finish()]);
        let got = outputs.each_ref().map(|output| machine.read(output, 64));
        assert_eq!(got, [vec![6.0; 64], vec![10.0; 64]], "{machine}");
    }
}

/// How long the parts take, for those who read the output.
#[test]
fn loading_is_quick() {
    for machine in software::machines(Features::TIMESTAMP_QUERY) {
        let mut makings = Makings::new();
        makings.default(Plan::Plain, Body::Right);
        let pack = makings.finish();
        let mut loader = loader(&machine, pack);
        let started = Instant::now();
        let loaded = loader.load(&at(4096)).unwrap();
        let first = started.elapsed();
        let prepared = loaded.into_program().unwrap();
        let started = Instant::now();
        assert_eq!(prepared.self_test(&machine.queue), Ok(Some(Verdict::Passed)));
        let test = started.elapsed();
        let started = Instant::now();
        loader.load(&at(2048)).unwrap();
        println!("{machine}: first {first:?}, a self-test {test:?}, another size {:?}", started.elapsed());
    }
}
