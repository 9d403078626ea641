//! Programs: the kernels of one candidate, what they are bound to, and in which order they run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// The interface of a text that was not written for wgtune: its groups and binding numbers are its own, so are its
/// uniform blocks, and its workgroups are numbered as WGSL numbers them.
///
/// So [`Kernel::uniforms`] is empty, its grid is launched as it is and can be neither split nor folded, and its loops
/// need not be counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Where each of [`Kernel::bindings`] is declared, in their order.
    pub slots: Vec<Slot>,
    /// The uniform blocks.
    pub blocks: Vec<Block>,
}

/// Where a text declares a storage buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The number in `@group`.
    pub group: u32,
    /// The number in `@binding`.
    pub binding: u32,
    /// Whether it is bound to its elements alone: the text asks for the array's length, which must not count the guard
    /// zone.
    pub exact: bool,
    /// That length, where it is known beforehand: loops up to it can be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
}

/// A uniform block with its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The variable's name.
    pub name: String,
    /// The number in `@group`.
    pub group: u32,
    /// The number in `@binding`.
    pub binding: u32,
    /// Its bytes as little-endian words, padding included.
    pub words: Vec<u32>,
}

/// The first members of every uniform block: the number of the first workgroup of this dispatch, and of the first one
/// that is no longer part of it (all workgroups, unless the grid is split).
pub const RESERVED_UNIFORMS: [&str; 2] = ["first_workgroup", "workgroups"];

/// A storage buffer that a kernel is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The variable's name.
    pub name: String,
    /// What the kernel does with it.
    pub access: Access,
}

/// How a kernel uses a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It only reads.
    Read,
    /// It writes, and may read.
    ReadWrite,
}

/// A buffer that lives for the program's sake: results of `prepare`, partial sums. Its contents are undefined at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temporary {
    /// Its name in reports.
    pub name: String,
    /// Its size.
    pub bytes: Formula,
}

/// One launch of a kernel: a buffer for each of its bindings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Index into [`Program::kernels`].
    pub kernel: usize,
    /// In the order of the kernel's bindings.
    pub buffers: Vec<BufferRef>,
}

/// Which buffer of the job a binding gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BufferRef {
    /// An input of the workload, by its number.
    Input(usize),
    /// An output of the workload, by its number.
    Output(usize),
    /// A temporary of the program, by its number.
    Temporary(usize),
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
