//! What compiling a config shows of it, as numbers for models: what its kernels do, or what its stream has.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use super::Candidate;
use crate::base::DeviceFacts;
use crate::check::{Counts, KernelFacts, check};
use crate::code::Program;
use crate::code::routine::Call;
use crate::code::vta::StreamCounts;
use crate::op::{Shared, Signature, Template};
use crate::record::Insight;
use crate::space::Config;

/// Compiles configs of one template for a workload on a device, each once, and runs none.
pub struct Compiled {
    template: Shared<dyn Template>,
    signature: Signature,
    device: DeviceFacts,
    seen: Mutex<HashMap<Config, Option<Vec<f64>>>>,
}

impl Compiled {
    /// Before anything was asked.
    pub fn new(template: Shared<dyn Template>, signature: Signature, device: DeviceFacts) -> Self {
        Self { template, signature, device, seen: Mutex::default() }
    }

    fn look(&self, config: &Config) -> Option<Vec<f64>> {
        let candidate = Candidate::emit(&self.template, &self.signature, config.clone());
        if candidate.refused.is_some() {
            return None;
        }
        let facts = check(&candidate.program, &self.signature.symbols, &self.device).ok()?;
        numbers(&candidate.program, &facts, &self.device)
    }
}

impl Insight for Compiled {
    fn seen(&self, config: &Config) -> Option<Vec<f64>> {
        let known = self.seen.lock().expect("who holds it does not panic").get(config).cloned();
        known.unwrap_or_else(|| {
            let seen = self.look(config);
            self.seen.lock().expect("as above").insert(config.clone(), seen.clone());
            seen
        })
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("template", &self.template.name()).finish_non_exhaustive()
    }
}

/// Of kernels what all of them do together; of a stream its counts; of other routines nothing, for nothing shows before they run.
fn numbers(program: &Program, facts: &[KernelFacts], device: &DeviceFacts) -> Option<Vec<f64>> {
    let counts = match program.routine.as_ref().map(|routine| &routine.call) {
        None => kernels(program, facts),
        Some(Call::Accelerated(call)) => {
            let hardware = device.accelerator.as_ref()?.parse().ok()?;
            let stream = call.lower(&hardware).ok()?.instructions;
            StreamCounts::of(&stream).numbers().into_iter().map(|count| count as f64).collect()
        }
        Some(_) => Vec::new(),
    };
    Some(counts.into_iter().map(f64::ln_1p).collect())
}

fn kernels(program: &Program, facts: &[KernelFacts]) -> Vec<f64> {
    let largest = |of: fn(&KernelFacts) -> u64| facts.iter().map(of).max().unwrap_or(0) as f64;
    let mut numbers = vec![
        largest(|kernel| kernel.workgroup_bytes),
        largest(|kernel| kernel.private_bytes),
        largest(|kernel| kernel.operations),
        largest(|kernel| kernel.workgroups),
    ];
    let all = program.run.iter().map(|dispatch| {
        let KernelFacts { invocations, workgroups, per_invocation, .. } = &facts[dispatch.kernel];
        counts(per_invocation).map(|count| count as f64 * f64::from(*invocations) * *workgroups as f64)
    });
    let none = counts(&Counts::default()).map(|count| count as f64);
    numbers.extend(all.fold(none, |sum, more| std::array::from_fn(|at| sum[at] + more[at])));
    numbers
}

fn counts(of: &Counts) -> [u64; 10] {
    [
        of.loop_iterations,
        of.barriers,
        of.subgroup_operations,
        of.storage_loads.bytes,
        of.storage_stores.bytes,
        of.workgroup_loads.bytes,
        of.workgroup_stores.bytes,
        of.flops,
        of.integer_operations,
        of.math_calls,
    ]
}
