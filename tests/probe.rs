//! Probing: on a real device every number is there, and a kernel that does less than it should gives none.

mod common;

use common::software_device;
use wgtune::backend::cpu::CpuBackend;
use wgtune::backend::{Backend, Job, JobReport, Steps};
use wgtune::base::{DeviceFacts, ElementType};
use wgtune::code::Program;
use wgtune::probe::probe;
use wgtune::record::{Missing, Probe, Quantity, Unit};

const ALL: [Quantity; 10] = [
    Quantity::Arithmetic(ElementType::F32),
    Quantity::Arithmetic(ElementType::F16),
    Quantity::Arithmetic(ElementType::I32),
    Quantity::Copy,
    Quantity::Read,
    Quantity::WorkgroupMemory,
    Quantity::Dispatch,
    Quantity::Submission,
    Quantity::ClockStep,
    Quantity::Checks,
];

#[test]
fn a_device_tells_every_number_with_its_interval() {
    let Ok(mut device) = software_device() else { return };
    let without_f16 = !device.facts().features.f16;
    let missing = check(&mut device, &ALL);
    let expected: &[Quantity] = if without_f16 { &[Quantity::Arithmetic(ElementType::F16)] } else { &[] };
    assert_eq!(missing, expected);
}

/// What a processor of several threads and three caches is asked.
const OF_A_PROCESSOR: [Quantity; 14] = [
    Quantity::Arithmetic(ElementType::F32),
    Quantity::ThreadArithmetic(ElementType::F32),
    Quantity::Cache(1),
    Quantity::ThreadCache(1),
    Quantity::Cache(2),
    Quantity::ThreadCache(2),
    Quantity::Cache(3),
    Quantity::ThreadCache(3),
    Quantity::Read,
    Quantity::ThreadRead,
    Quantity::Copy,
    Quantity::ThreadCopy,
    Quantity::Dispatch,
    Quantity::ClockStep,
];

#[test]
fn a_processor_tells_every_number_with_its_interval() {
    let mut device = CpuBackend::held_back(None, None).unwrap();
    let processor = device.facts().processor.clone().unwrap();
    let one_thread = [Quantity::ThreadArithmetic(ElementType::F32), Quantity::ThreadRead, Quantity::ThreadCopy];
    let is_asked = |quantity: &Quantity| match quantity {
        Quantity::Cache(3) => processor.l3_bytes > 0,
        Quantity::ThreadCache(level) => processor.threads > 1 && (*level < 3 || processor.l3_bytes > 0),
        quantity => processor.threads > 1 || !one_thread.contains(quantity),
    };
    let asked: Vec<Quantity> = OF_A_PROCESSOR.into_iter().filter(is_asked).collect();
    let missing = check(&mut device, &asked);
    // Where a thread's share of the last cache is no larger than the cache before it.
    let may_be_missing = |quantity: &Quantity| matches!(quantity, Quantity::Cache(3) | Quantity::ThreadCache(3));
    assert!(missing.iter().all(may_be_missing), "{missing:?}");
}

/// Probes a device, looks at its numbers, and says which are missing.
fn check(device: &mut dyn Backend, all: &[Quantity]) -> Vec<Quantity> {
    let mut asked = Vec::new();
    let probe = probe(device, &mut |quantity| asked.push(quantity)).unwrap();
    assert!(all.iter().all(|quantity| asked.contains(quantity)) && asked.len() == all.len(), "{asked:?}");
    assert_eq!(probe.device, device.facts().identity);
    for reading in &probe.readings {
        let value = reading.value;
        assert!(0.0 < value.low && value.low <= value.value && value.value <= value.high, "{reading:?}");
        // No machine on which this runs is further from these than a factor of a thousand.
        let usual = match reading.quantity.unit() {
            Unit::OperationsPerSecond => 1e10,
            Unit::BytesPerSecond => 1e10,
            Unit::Nanoseconds => 1e4,
            Unit::Times => 1.0,
        };
        let is_step = reading.quantity == Quantity::ClockStep;
        assert!(is_step || (usual / 1e3..usual * 1e3).contains(&value.value), "{reading:?}");
        assert!(is_step || (reading.samples_ns.len() >= 6 && !reading.how.is_empty()), "{reading:?}");
    }
    let missing = probe.missing.into_iter();
    missing.inspect(|missing| assert!(!missing.why.is_empty(), "{missing:?}")).map(|missing| missing.quantity).collect()
}

/// A device that runs something else instead of each program.
struct Cheating<B> {
    backend: B,
    cheat: fn(&mut Program),
}

impl<B: Backend> Backend for Cheating<B> {
    fn facts(&self) -> &DeviceFacts {
        self.backend.facts()
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut job = job.clone();
        job.entrants.iter_mut().for_each(|entrant| (self.cheat)(&mut entrant.program));
        self.backend.execute(&job, steps)
    }
}

/// One step in sixty-four less, one vector not copied or not added, the last reads left out.
const LESS: &[(&str, &str)] = &[
    ("step < 64u", "step < 63u"),
    ("copied[first] = vector_0", "copied[first] = vector_0 * 0.5"),
    ("sum += vector_15;", ""),
    ("read < 500u", "read < 496u"),
    ("copied[local.x] = source[local.x]", "copied[local.x] = 0.0"),
    ("k < 16u", "k < 15u"),
];

fn other_texts(program: &mut Program) {
    for kernel in &mut program.kernels {
        LESS.iter().for_each(|(find, other)| kernel.code = kernel.code.replace(find, other));
    }
}

#[test]
fn kernels_that_do_less_give_no_numbers() {
    let Ok(backend) = software_device() else { return };
    let Probe { readings, missing, .. } = probe(&mut Cheating { backend, cheat: other_texts }, &mut |_| ()).unwrap();
    assert_eq!(readings, [], "nothing that was measured is true");
    for missing in missing {
        let is_asked_of_kernels = !matches!(missing.quantity, Quantity::Submission | Quantity::ClockStep);
        let is_refused = missing.why.contains("rejected at verify") || missing.why.contains("no f16");
        assert!(!is_asked_of_kernels || is_refused, "{missing:?}");
    }
}

/// One step or one round less, and parts of nothing where something is to be copied.
fn other_options(program: &mut Program) {
    let routine = program.routine.as_mut().unwrap();
    for name in ["steps", "rounds"] {
        routine.options.entry(name.to_owned()).and_modify(|count| *count -= 1);
    }
    routine.options.entry("part".to_owned()).and_modify(|part| *part = 0);
}

#[test]
fn routines_that_do_less_give_no_numbers() {
    let backend = CpuBackend::held_back(None, None).unwrap();
    let mut cheating = Cheating { backend, cheat: other_options };
    let Probe { readings, missing, .. } = probe(&mut cheating, &mut |_| ()).unwrap();
    assert_eq!(readings, [], "nothing that was measured is true");
    for Missing { quantity, why } in missing {
        let want = match quantity {
            Quantity::ClockStep => "too few passes",
            Quantity::Copy | Quantity::ThreadCopy | Quantity::Dispatch => "rejected at compile",
            Quantity::Cache(3) | Quantity::ThreadCache(3) if why.contains("share") => continue,
            _ => "rejected at verify",
        };
        assert!(why.contains(want), "{quantity}: {why}");
    }
}
