//! How long a candidate may run, known before it is launched: so that no dispatch holds a device for long, and what
//! cannot end in time is not launched at all.
//!
//! A program's operations are counted in its IR by [`check`](crate::check); a nanosecond's worth of them is learnt from a
//! kernel that has been timed on the same device and workload. Such a forecast errs by its memory accesses, its
//! occupancy, its caches: [`DOUBT`] says by how much at most, and is on the safe side in both decisions. Of a program with
//! loops that could not be counted nothing is known: it teaches nothing and is refused nothing.

use crate::backend::Deadlines;
use crate::base::DeviceKind;
use crate::check::{Counts, KernelFacts};
use crate::code::{Dispatch, Program};
use crate::record::{Rejection, Stage};

/// What a program does in one run, in weighted operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// For each dispatch that can be split: what one workgroup does, and how many there are.
    dispatches: Vec<(f64, u64)>,
    /// All dispatches of one run together.
    total: f64,
    /// Whether all loops were counted; what could not be counts as one trip.
    known: bool,
}

/// How many times longer or shorter than forecast a candidate may take. `tests/recorded.rs` prints what four recorded
/// spaces took: 0.15 to 4.5 times the forecast.
pub const DOUBT: f64 = 16.0;

/// A dispatch is split so that no part takes longer, if the forecast is right within [`DOUBT`]: desktops reset a GPU
/// that does not answer for two seconds. Nobody resets a processor, and a kernel of few large workgroups would lose the threads
/// that it could run on.
const LONGEST_DISPATCH_NS: f64 = 1e9;

/// What an access to a storage buffer, to workgroup memory, and a costly function weigh in operations.
const STORAGE: f64 = 8.0;
const WORKGROUP: f64 = 2.0;
const CALL: f64 = 8.0;
const BARRIER: f64 = 16.0;

impl Load {
    /// The load of a program whose kernels have these facts. A routine does what its definition says, undivided.
    pub fn new(program: &Program, facts: &[KernelFacts]) -> Self {
        let load = |dispatch: &Dispatch| {
            let KernelFacts { invocations, workgroups, per_invocation, .. } = &facts[dispatch.kernel];
            (weight(per_invocation) * f64::from(*invocations), *workgroups)
        };
        let total: f64 = program.run.iter().map(load).map(|(each, workgroups)| each * workgroups as f64).sum();
        let all = || program.prepare.iter().chain(&program.run);
        // The workgroups of a declared kernel are numbered as WGSL numbers them, from 0 in each dispatch.
        let splits = all().filter(|dispatch| program.kernels[dispatch.kernel].declared.is_none());
        let known = all().all(|dispatch| facts[dispatch.kernel].uncounted.is_empty());
        let routine = program.routine.as_ref().map_or(0.0, |routine| routine.call.operations());
        Self { dispatches: splits.map(load).collect(), total: total + routine, known }
    }
}

/// An invocation costs something even where it does nothing.
fn weight(counts: &Counts) -> f64 {
    let accesses = (counts.storage_loads.count + counts.storage_stores.count) as f64;
    let staged = (counts.workgroup_loads.count + counts.workgroup_stores.count) as f64;
    let plain = (counts.flops + counts.integer_operations + counts.loop_iterations) as f64;
    let shared = (counts.barriers + counts.subgroup_operations) as f64;
    1.0 + plain + STORAGE * accesses + WORKGROUP * staged + CALL * counts.math_calls as f64 + BARRIER * shared
}

/// How fast a device gets through operations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Nanoseconds for one weighted operation.
    ns: f64,
    /// Whether something was timed, or it is a guess.
    known: bool,
    /// How long a dispatch may take, in nanoseconds.
    longest_ns: f64,
}

impl Pace {
    /// Before anything has been timed: slower than any device of that kind is with sensible kernels.
    pub fn guess(kind: DeviceKind) -> Self {
        let ns = match kind {
            DeviceKind::DiscreteGpu => 1e-3,
            DeviceKind::IntegratedGpu | DeviceKind::VirtualGpu => 1e-2,
            DeviceKind::Processor => 0.1,
            // In cycles, of which one has 256 multiply-adds at best.
            DeviceKind::Accelerator => 1.0,
            DeviceKind::Cpu | DeviceKind::Other => 1.0,
        };
        let is_processor = matches!(kind, DeviceKind::Cpu | DeviceKind::Processor);
        let longest_ns = if is_processor { f64::INFINITY } else { LONGEST_DISPATCH_NS };
        Self { ns, known: false, longest_ns }
    }

    /// After this load took so many nanoseconds; as before where it is not known what there was to do.
    pub fn measured(self, load: &Load, ns: f64) -> Self {
        if load.known { Self { ns: ns / load.total, known: true, ..self } } else { self }
    }

    /// Whether something was timed, or it is a guess.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// What one run is forecast to take, in nanoseconds; less where not all loops were counted.
    pub fn forecast_ns(&self, load: &Load) -> f64 {
        load.total * self.ns
    }

    /// The most workgroups that one dispatch of the program may have; `None` where none needs splitting.
    pub fn most_workgroups(&self, load: &Load) -> Option<u64> {
        let most = |&(each, workgroups): &(f64, u64)| {
            let most = (self.longest_ns / (DOUBT * each * self.ns)).max(1.0) as u64;
            (most < workgroups).then_some(most)
        };
        load.dispatches.iter().filter_map(most).min()
    }

    /// Refuses what could not end in time even if it ran [`DOUBT`] times faster than forecast.
    ///
    /// # Errors
    /// At stage `limits`, with the forecast. A guessed pace refuses nothing, nor is a load refused that is not known.
    pub fn admit(&self, load: &Load, deadlines: &Deadlines) -> Result<(), Rejection> {
        let seconds = self.forecast_ns(load) / 1e9;
        let limit = deadlines.run_ms as f64 / 1e3;
        if !self.known || !load.known || seconds <= DOUBT * limit {
            return Ok(());
        }
        let why = format!("a run would take about {seconds:.0} s by its operations, and {limit:.0} s are allowed");
        Err(Rejection::new(Stage::Limits, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{Declared, Formula, Kernel};

    /// One kernel: so many workgroups of 64 invocations with so many operations each.
    fn load(workgroups: u64, flops: u64) -> Load {
        let each = 64.0 * weight(&Counts { flops, ..Counts::default() });
        Load { dispatches: vec![(each, workgroups)], total: each * workgroups as f64, known: true }
    }

    #[test]
    fn long_dispatches_are_split_and_hopeless_ones_refused() {
        let deadlines = Deadlines::default();
        // 64 × 1000 operations in 1 ms: a workgroup of 999 flops takes a microsecond on this device.
        let pace = Pace::guess(DeviceKind::DiscreteGpu).measured(&load(1000, 999), 1e6);
        let cases = [
            (load(1000, 999), 1e6, None, true),
            (load(62_500, 999), 62.5e6, None, true),
            (load(62_501, 999), 62.501e6, Some(62_500), true),
            (load(1_000_000, 999), 1e9, Some(62_500), true),
            (load(1, 999_999_999_999), 1e12, None, false),
            (load(400_000_000, 999), 4e11, Some(62_500), false),
        ];
        for (load, ns, most, admitted) in cases {
            assert!((pace.forecast_ns(&load) / ns - 1.0).abs() < 1e-6, "{load:?}: {}", pace.forecast_ns(&load));
            assert_eq!(pace.most_workgroups(&load), most, "{load:?}");
            assert_eq!(pace.admit(&load, &deadlines).is_ok(), admitted, "{load:?}");
        }
    }

    #[test]
    fn a_guess_splits_and_refuses_nothing() {
        let pace = Pace::guess(DeviceKind::IntegratedGpu);
        let large = load(1 << 31, 1 << 20);
        assert!(pace.admit(&large, &Deadlines::default()).is_ok());
        assert!(pace.most_workgroups(&large).is_some());
        assert_eq!(pace.most_workgroups(&load(10, 10)), None);
    }

    #[test]
    fn nothing_is_split_on_a_processor() {
        let large = load(1 << 31, 1 << 20);
        for kind in [DeviceKind::Cpu, DeviceKind::Processor] {
            let pace = Pace::guess(kind);
            assert_eq!(pace.most_workgroups(&large), None);
            assert_eq!(pace.measured(&load(1000, 999), 1e6).most_workgroups(&large), None);
        }
    }

    /// One kernel of a million long workgroups, and what is known of it.
    fn program(declared: bool, uncounted: bool) -> (Program, Vec<KernelFacts>) {
        let kernel = Kernel {
            entry: "main".to_owned(),
            code: String::new(),
            uniforms: Vec::new(),
            bindings: Vec::new(),
            workgroup_size: [64, 1, 1],
            grid: [1_000_000, 1, 1].map(Formula::from),
            declared: declared.then_some(Declared { slots: Vec::new(), blocks: Vec::new() }),
        };
        let facts = KernelFacts {
            workgroup_bytes: 0,
            private_bytes: 0,
            operations: 0,
            invocations: 64,
            workgroups: 1_000_000,
            per_invocation: Counts { flops: 1 << 30, ..Counts::default() },
            uncounted: Vec::from_iter(uncounted.then(|| "line 3: a loop".to_owned())),
        };
        (Program::single(kernel, 0, 0), vec![facts])
    }

    #[test]
    fn declared_kernels_are_not_split_and_uncounted_ones_not_refused() {
        let pace = Pace::guess(DeviceKind::DiscreteGpu).measured(&load(1000, 999), 1e6);
        // Whether it is declared and has uncounted loops; whether it is split, admitted and learnt from.
        let cases = [
            ((false, false), (true, false, true)),
            ((true, false), (false, false, true)),
            ((true, true), (false, true, false)),
        ];
        for ((declared, uncounted), want) in cases {
            let (program, facts) = program(declared, uncounted);
            let load = Load::new(&program, &facts);
            let splits = pace.most_workgroups(&load).is_some();
            let admits = pace.admit(&load, &Deadlines::default()).is_ok();
            assert_eq!(
                (splits, admits, Pace::guess(DeviceKind::DiscreteGpu).measured(&load, 1.0).is_known()),
                want,
                "{declared} {uncounted}"
            );
        }
    }
}
