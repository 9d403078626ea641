//! Checks the kernels of a program with naga, and reads facts off its IR, before any device is touched.
//!
//! A kernel passes through parse and validation, its interface, the device's limits, and the count of what one
//! invocation does. Each step rejects with a stage and a sentence that names the thing, its value and the limit.

mod costs;
mod counts;
mod declared;
mod depth;
mod fault;
#[cfg(test)]
mod fixture;
mod interface;
mod layout;
mod limits;
mod members;
mod parse;
mod places;
mod range;
mod reflect;
mod size;
#[cfg(test)]
mod tests;
mod translate;
mod trips;
mod uniforms;
mod values;
mod walk;
mod wording;

use parse::Parsed;
use serde::{Deserialize, Serialize};
use uniforms::Uniforms;
use walk::{Tally, Uncounted};

use crate::base::DeviceFacts;
use crate::code::{Kernel, Program, Symbols};
use crate::record::{Rejection, Stage};

pub use counts::{Counts, Traffic};
pub use fault::Fault;
pub use members::Member;
pub use reflect::{Entry, Global, GlobalKind, Interface, Storage, reflect};
pub use translate::{Translations, translate};

/// What is known about a kernel without running it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelFacts {
    /// Bytes of the `var<workgroup>`s in use, as WebGPU counts them: each rounded up to a multiple of 16.
    pub workgroup_bytes: u64,
    /// Bytes of the entry point's `var`s: accumulators and register tiles, a hint at register pressure.
    pub private_bytes: u64,
    /// Expressions and statements of the text with all calls inlined: what compile time grows with.
    pub operations: u64,
    /// Invocations per workgroup.
    pub invocations: u32,
    /// Workgroups of the whole grid.
    pub workgroups: u64,
    /// What one invocation does.
    pub per_invocation: Counts,
    /// A sentence for each loop of a declared kernel whose trip count can't be read. It counts as one trip, so what one
    /// invocation does is not known where there is such a loop.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncounted: Vec<String>,
}

/// Validates every kernel of a program for a device and these sizes; the facts are in the order of the kernels. A routine
/// has none: whether its machine knows it, that machine says.
///
/// # Errors
/// The first reason why the program can't run: stage `validate` when the text, its interface or a loop is not as it
/// must be, stage `limits` when the device can't hold or run it.
pub fn check(program: &Program, symbols: &Symbols, device: &DeviceFacts) -> Result<Vec<KernelFacts>, Rejection> {
    // How many inputs and outputs there are, the backend knows.
    let references = program.check_references(usize::MAX, usize::MAX);
    references.map_err(|why| Rejection::new(Stage::Validate, why))?;
    if let Some(routine) = &program.routine {
        return limits::check_routine(routine, device).map(|()| Vec::new());
    }
    limits::check_temporaries(program, symbols, device)?;
    program.kernels.iter().map(|kernel| check_kernel(kernel, symbols, device)).collect()
}

fn check_kernel(kernel: &Kernel, symbols: &Symbols, device: &DeviceFacts) -> Result<KernelFacts, Rejection> {
    facts(kernel, symbols, device).map_err(|r| Rejection::new(r.stage, format!("kernel `{}`: {}", kernel.entry, r.why)))
}

fn facts(kernel: &Kernel, symbols: &Symbols, device: &DeviceFacts) -> Result<KernelFacts, Rejection> {
    let parsed = parse::parse(kernel, device)?;
    interface::check(kernel, &parsed)?;
    let grid = kernel.grid(symbols).ok_or_else(|| no_grid(kernel))?;
    let workgroups = kernel.workgroups(symbols).ok_or_else(|| no_grid(kernel))?;
    let mut facts = KernelFacts {
        workgroup_bytes: parsed.workgroup_bytes(),
        private_bytes: parsed.private_bytes(),
        operations: size::operations(&parsed),
        invocations: kernel.workgroup_size.iter().fold(1, |product, &size| product.saturating_mul(size)),
        workgroups,
        per_invocation: Counts::default(),
        uncounted: Vec::new(),
    };
    limits::check(kernel, &facts, device)?;
    limits::check_grid(kernel, grid, device)?;
    let tally = count(kernel, &parsed, symbols, workgroups)?;
    facts.per_invocation = tally.counts;
    facts.uncounted = tally.uncounted;
    limits::check_loops(&facts, device)?;
    Ok(facts)
}

/// What is wrong with the text of a kernel on a device, or with what a declared kernel says of it, at its place; `None`
/// where [`check`] has other reasons to reject it, or none.
pub fn fault(kernel: &Kernel, device: &DeviceFacts) -> Option<Fault> {
    let checked = parse::parse_or_fault(kernel, device).and_then(|parsed| match &kernel.declared {
        Some(declared) => declared::check(kernel, declared, &parsed),
        None => Ok(()),
    });
    checked.err()
}

/// Loops of our own templates must be counted; an author's need not.
fn count(kernel: &Kernel, parsed: &Parsed, symbols: &Symbols, workgroups: u64) -> Result<Tally, Rejection> {
    let (uniforms, uncounted) = match kernel.declared {
        Some(_) => (Uniforms::declared(&parsed.module, kernel), Uncounted::Once),
        None => {
            let words = interface::uniforms(kernel, symbols, workgroups)?;
            (Uniforms::sizes(&parsed.module, &words), Uncounted::Refused)
        }
    };
    walk::count(&kernel.code, parsed, &uniforms, uncounted)
}

fn no_grid(kernel: &Kernel) -> Rejection {
    let [x, y, z] = &kernel.grid;
    let why = format!("the grid `{x}`, `{y}`, `{z}` has no value: a size is missing, a divisor is 0, or it overflows");
    Rejection::new(Stage::Validate, why)
}
