//! Programs: the kernels of one candidate, what they are bound to, and in which order they run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use wgtune_pack::{Access, Binding, Block, BufferRef, Declared, Dispatch, RESERVED_UNIFORMS, Slot, Temporary};

use super::routine::{Call, Routine};
use super::{Formula, Symbols};
use crate::base::Language;

/// The kernels of one candidate and how they are run. Plain data: it can be stored, diffed, hashed and shipped.
///
/// `prepare` runs once per set of constant weights (packing, transforms) and is timed apart; `run` is what is timed,
/// as one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// What is launched, each once however often it runs.
    pub kernels: Vec<Kernel>,
    /// What lives between the launches.
    pub temporaries: Vec<Temporary>,
    /// Done once for constant weights, in order.
    pub prepare: Vec<Dispatch>,
    /// What is timed, in order.
    pub run: Vec<Dispatch>,
    /// What is done where there are no kernels: a native routine, or one of a library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routine: Option<Routine>,
}

/// One compute entry point with its interface.
///
/// Binding 0 of group 0 is a uniform block of `u32`s: the two of [`RESERVED_UNIFORMS`], then `uniforms` in order.
/// The buffers of `bindings` follow from binding 1. Workgroups are numbered `first_workgroup` + their linear index
/// (x fastest), so a grid can be split over dispatches and folded into the next direction; those from `workgroups` on do nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    /// The name of the entry point.
    pub entry: String,
    /// The text, complete: no includes, no placeholders.
    pub code: String,
    /// Symbols whose values follow the reserved members of the uniform block.
    pub uniforms: Vec<String>,
    /// The storage buffers, from binding 1 on.
    pub bindings: Vec<Binding>,
    /// Invocations of a workgroup in each direction, as the text has them.
    pub workgroup_size: [u32; 3],
    /// Workgroups in each direction; their product is the number of workgroups.
    pub grid: [Formula; 3],
    /// What its author declared, where the interface is not the one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

impl Program {
    /// A program that does nothing.
    pub fn nothing() -> Self {
        Self { kernels: Vec::new(), temporaries: Vec::new(), prepare: Vec::new(), run: Vec::new(), routine: None }
    }

    /// A program that is not written in WGSL.
    pub fn routine(routine: Routine) -> Self {
        Self { routine: Some(routine), ..Self::nothing() }
    }

    /// Whether run-time checks and zeroed workgroup memory make another program of it: those are matters of WGSL.
    pub fn has_modes(&self) -> bool {
        self.routine.is_none()
    }

    /// A program of one kernel bound to all `inputs` and then all `outputs`.
    pub fn single(kernel: Kernel, inputs: usize, outputs: usize) -> Self {
        let buffers = (0..inputs).map(BufferRef::Input).chain((0..outputs).map(BufferRef::Output)).collect();
        let run = vec![Dispatch { kernel: 0, buffers }];
        Self { kernels: vec![kernel], run, ..Self::nothing() }
    }

    /// What its text or its routine is written in.
    pub fn language(&self) -> Language {
        match self.routine.as_ref().map(|routine| &routine.call) {
            None => Language::Wgsl,
            Some(Call::Accelerated(_)) => Language::Vta,
            Some(_) => Language::Native,
        }
    }

    /// Whether each dispatch names a kernel that exists, as many buffers as it binds, and only buffers that exist among
    /// so many inputs and outputs; what is wrong otherwise. A routine has no dispatches.
    pub fn check_references(&self, inputs: usize, outputs: usize) -> Result<(), String> {
        if self.routine.is_some() && (self.kernels.len() + self.temporaries.len() + self.run.len()) > 0 {
            return Err("a routine stands beside kernels, and a program is one or the other".to_owned());
        }
        self.prepare.iter().chain(&self.run).try_for_each(|dispatch| self.check_dispatch(dispatch, inputs, outputs))
    }

    fn check_dispatch(&self, dispatch: &Dispatch, inputs: usize, outputs: usize) -> Result<(), String> {
        let (number, kernels) = (dispatch.kernel, self.kernels.len());
        let missing = || format!("a dispatch names kernel {number} of {kernels}");
        let kernel = self.kernels.get(number).ok_or_else(missing)?;
        let (given, bound) = (dispatch.buffers.len(), kernel.bindings.len());
        if given != bound {
            return Err(format!("a dispatch gives kernel `{}` {given} buffers for {bound}", kernel.entry));
        }
        dispatch.buffers.iter().try_for_each(|buffer| {
            let (what, index, count) = match *buffer {
                BufferRef::Input(index) => ("input", index, inputs),
                BufferRef::Output(index) => ("output", index, outputs),
                BufferRef::Temporary(index) => ("temporary", index, self.temporaries.len()),
            };
            if index < count { Ok(()) } else { Err(format!("a dispatch names {what} {index} of {count}")) }
        })
    }

    /// SHA-256 over everything that decides what is executed, in hexadecimal.
    pub fn hash(&self) -> String {
        text_hash(&serde_json::to_string(self).expect("plain data serialises"))
    }
}

impl Kernel {
    /// The number of workgroups in each direction; `None` when a formula has no value for these symbols.
    pub fn grid(&self, symbols: &Symbols) -> Option<[u64; 3]> {
        let [x, y, z] = &self.grid;
        Some([x.eval(symbols)?, y.eval(symbols)?, z.eval(symbols)?])
    }

    /// The number of workgroups; `None` as for [`Kernel::grid`], or when it overflows.
    pub fn workgroups(&self, symbols: &Symbols) -> Option<u64> {
        let [x, y, z] = self.grid(symbols)?;
        x.checked_mul(y)?.checked_mul(z)
    }
}

/// SHA-256 of a text, in hexadecimal: the hash that browsers have too.
pub fn text_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangling_references_are_told() {
        let binding = |name: &str| Binding { name: name.to_owned(), access: Access::Read };
        let kernel = Kernel {
            entry: "main".to_owned(),
            code: String::new(),
            uniforms: Vec::new(),
            bindings: vec![binding("x"), binding("y")],
            workgroup_size: [1, 1, 1],
            grid: [1, 1, 1].map(Formula::from),
            declared: None,
        };
        let cases = [
            (0, vec![BufferRef::Input(0), BufferRef::Output(0)], None),
            (1, vec![], Some("kernel 1 of 1")),
            (0, vec![BufferRef::Input(0)], Some("gives kernel `main` 1 buffers for 2")),
            (0, vec![BufferRef::Input(1), BufferRef::Output(0)], Some("input 1 of 1")),
            (0, vec![BufferRef::Input(0), BufferRef::Output(1)], Some("output 1 of 1")),
            (0, vec![BufferRef::Input(0), BufferRef::Temporary(0)], Some("temporary 0 of 0")),
        ];
        for (number, buffers, wrong) in cases {
            let run = vec![Dispatch { kernel: number, buffers }];
            let program = Program { kernels: vec![kernel.clone()], run, ..Program::nothing() };
            match (program.check_references(1, 1), wrong) {
                (Ok(()), None) => {}
                (Err(why), Some(part)) if why.contains(part) => {}
                (got, _) => panic!("{got:?} where {wrong:?} is right"),
            }
        }
    }
}
