//! Probing: on a real device every number is there, and a kernel that does less than it should gives none.

mod common;

use common::software_device;
use wgtune::backend::{Backend, Job, JobReport, Steps};
use wgtune::base::{DeviceFacts, ElementType};
use wgtune::probe::probe;
use wgtune::record::{Probe, Quantity, Unit};

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
    let mut asked = Vec::new();
    let probe = probe(&mut device, &mut |quantity| asked.push(quantity)).unwrap();
    assert!(ALL.iter().all(|quantity| asked.contains(quantity)) && asked.len() == ALL.len(), "{asked:?}");
    let without_f16 = !device.facts().features.f16;
    let missing: Vec<Quantity> = probe.missing.iter().map(|missing| missing.quantity).collect();
    let expected: &[Quantity] = if without_f16 { &[Quantity::Arithmetic(ElementType::F16)] } else { &[] };
    assert_eq!(missing, expected, "{:?}", probe.missing);
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
}

/// A device on which one text stands for another in every kernel.
struct Cheating<B> {
    backend: B,
    instead: &'static [(&'static str, &'static str)],
}

impl<B: Backend> Backend for Cheating<B> {
    fn facts(&self) -> &DeviceFacts {
        self.backend.facts()
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut job = job.clone();
        for kernel in job.entrants.iter_mut().flat_map(|entrant| &mut entrant.program.kernels) {
            self.instead.iter().for_each(|(find, other)| kernel.code = kernel.code.replace(find, other));
        }
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

#[test]
fn kernels_that_do_less_give_no_numbers() {
    let Ok(backend) = software_device() else { return };
    let Probe { readings, missing, .. } = probe(&mut Cheating { backend, instead: LESS }, &mut |_| ()).unwrap();
    assert_eq!(readings, [], "nothing that was measured is true");
    for missing in missing {
        let is_asked_of_kernels = !matches!(missing.quantity, Quantity::Submission | Quantity::ClockStep);
        let is_refused = missing.why.contains("rejected at verify") || missing.why.contains("no f16");
        assert!(!is_asked_of_kernels || is_refused, "{missing:?}");
    }
}
