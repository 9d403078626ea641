//! How near a time is to what the device allows: the roofline (S. Williams, A. Waterman and D. Patterson, "Roofline: an
//! insightful visual performance model for multicore architectures", 2009).

use crate::base::ElementType;
use crate::op::{Signature, Work};
use crate::record::{Probe, Quantity};

/// What bounds workloads of one arithmetic type on one device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roofline {
    /// Operations per second at most.
    pub operations: f64,
    /// Bytes per second at most, of memory beyond the caches.
    pub bandwidth: f64,
}

impl Roofline {
    /// For the type in which a workload keeps its sums; `None` where the probe lacks a number.
    pub fn of(probe: &Probe, signature: &Signature) -> Option<Self> {
        let measured = match signature.workload.types.accumulator {
            element @ (ElementType::F32 | ElementType::F16) => element,
            ElementType::I8 | ElementType::I32 | ElementType::U32 => ElementType::I32,
        };
        let copying = probe.value(Quantity::Copy)?;
        let reading = probe.value(Quantity::Read)?;
        let operations = probe.value(Quantity::Arithmetic(measured))?;
        Some(Self { operations, bandwidth: copying.max(reading) })
    }

    /// The shortest time in nanoseconds: all operations at the peak, or all bytes once at full bandwidth, whichever takes
    /// longer.
    pub fn bound_ns(&self, work: &Work) -> f64 {
        1e9 * (work.flops / self.operations).max(work.bytes / self.bandwidth)
    }

    /// The share of the roofline that a time reaches: 1 at the bound. Above 1 where caches hold what the bound counts as
    /// read from memory, or where fewer operations do.
    pub fn share(&self, work: &Work, ns: f64) -> f64 {
        self.bound_ns(work) / ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::DeviceFacts;
    use crate::base::stats::Estimate;
    use crate::op::resolve;
    use crate::record::{PROBE_FORMAT, Reading};

    fn probe(numbers: &[(Quantity, f64)]) -> Probe {
        let reading = |(quantity, value): &(Quantity, f64)| Reading {
            quantity: *quantity,
            value: Estimate { value: *value, low: *value, high: *value },
            samples_ns: Vec::new(),
            how: String::new(),
        };
        Probe {
            format: PROBE_FORMAT,
            tool: String::new(),
            device: DeviceFacts::portable().identity,
            readings: numbers.iter().map(reading).collect(),
            missing: Vec::new(),
            at_ms: 0,
        }
    }

    #[test]
    fn the_slower_of_arithmetic_and_memory_bounds() {
        let roof = Roofline { operations: 1e12, bandwidth: 1e11 };
        let cases = [
            ("arithmetic", Work::new(1e9, 1e6), 1e6),
            ("memory", Work::new(1e6, 1e9), 1e7),
            ("both", Work::new(1e10, 1e9), 1e7),
            ("nobody knows its operations", Work::new(0.0, 1e8), 1e6),
        ];
        for (what, work, want) in cases {
            assert!((roof.bound_ns(&work) - want).abs() < 1e-6, "{what}: {}", roof.bound_ns(&work));
            assert!((roof.share(&work, 4.0 * want) - 0.25).abs() < 1e-12, "{what}");
        }
    }

    #[test]
    fn the_peak_is_that_of_the_type_that_sums_are_kept_in() {
        let arithmetic = |element, rate| (Quantity::Arithmetic(element), rate);
        let peaks = [
            arithmetic(ElementType::F32, 1.0),
            arithmetic(ElementType::F16, 2.0),
            arithmetic(ElementType::I32, 3.0),
            (Quantity::Copy, 10.0),
            (Quantity::Read, 12.0),
        ];
        let cases = [
            ("matmul:f32:m8n8k8", Some(1.0)),
            ("matmul:f16:m8n8k8", Some(1.0)),
            ("matmul:i8>i32>i8:m8n8k8+shift8+clip", Some(3.0)),
        ];
        for (workload, want) in cases {
            let signature = resolve(workload).unwrap();
            let roof = Roofline::of(&probe(&peaks), &signature);
            assert_eq!(roof.map(|roof| (roof.operations, roof.bandwidth)), want.map(|peak| (peak, 12.0)), "{workload}");
            assert_eq!(Roofline::of(&probe(&peaks[..4]), &signature), None, "nothing was read");
        }
    }
}
