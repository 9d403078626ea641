//! Programs as a pack carries them: kernels with their interface, what they are bound to, and in which order they run.

use serde::{Deserialize, Serialize};

use crate::limits::{
    MOST_BINDINGS, MOST_BLOCK_WORDS, MOST_BLOCKS, MOST_DISPATCHES, MOST_KERNELS, MOST_TEMPORARIES, MOST_UNIFORMS,
};
use crate::{Formula, Numerics, PartHash, SelfTest, Symbols};

/// The program of an entry. `prepare` runs once for each set of constant weights; `run` is what was timed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Program {
    /// What is launched, each once however often it runs.
    pub kernels: Vec<Kernel>,
    /// What lives between the launches.
    #[serde(default)]
    pub temporaries: Vec<Temporary>,
    /// Done once for constant weights, in order.
    #[serde(default)]
    pub prepare: Vec<Dispatch>,
    /// What is done for each result, in order.
    pub run: Vec<Dispatch>,
    /// What its results may be compared with, and how closely.
    #[serde(default)]
    pub numerics: Numerics,
    /// A small run whose results are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_test: Option<SelfTest>,
}

/// One compute entry point with its interface.
///
/// Binding 0 of group 0 is a uniform block of `u32`s: the two of [`RESERVED_UNIFORMS`], then `uniforms` in order.
/// The buffers of `bindings` follow from binding 1. Workgroups are numbered `first_workgroup` + their linear index
/// (x fastest), so a grid can be split over dispatches and folded into the next direction; those from `workgroups` on do
/// nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kernel {
    /// The name of the entry point.
    pub entry: String,
    /// The text: `texts/<hash>.wgsl`.
    pub text: PartHash,
    /// Symbols whose values follow the reserved members of the uniform block.
    #[serde(default)]
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

/// The first members of every uniform block: the number of the first workgroup of this dispatch, and of the first one
/// that is no longer part of it (all workgroups, unless the grid is split).
pub const RESERVED_UNIFORMS: [&str; 2] = ["first_workgroup", "workgroups"];

/// The interface of a text that was not written by the tuner: its groups and binding numbers are its own, so are its
/// uniform blocks, and its workgroups are numbered as WGSL numbers them.
///
/// So [`Kernel::uniforms`] is empty, and its grid is launched as it is and can be neither split nor folded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declared {
    /// Where each of [`Kernel::bindings`] is declared, in their order.
    pub slots: Vec<Slot>,
    /// The uniform blocks.
    pub blocks: Vec<Block>,
}

/// Where a text declares a storage buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// A storage buffer that a kernel is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Binding {
    /// The variable's name.
    pub name: String,
    /// What the kernel does with it.
    pub access: Access,
}

/// How a kernel uses a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It only reads.
    Read,
    /// It writes, and may read.
    ReadWrite,
}

/// A buffer that lives for the program's sake: results of `prepare`, partial sums. Its contents are undefined at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Temporary {
    /// Its name in reports.
    pub name: String,
    /// Its size, in bytes.
    pub bytes: Formula,
}

/// One launch of a kernel: a buffer for each of its bindings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dispatch {
    /// Index into [`Program::kernels`].
    pub kernel: usize,
    /// In the order of the kernel's bindings.
    pub buffers: Vec<BufferRef>,
}

/// Which buffer a binding gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BufferRef {
    /// An input of the operation, by its number.
    Input(usize),
    /// An output of the operation, by its number.
    Output(usize),
    /// A temporary of the program, by its number.
    Temporary(usize),
}

impl Program {
    /// Whether each dispatch names a kernel that exists, as many buffers as it binds, and only buffers that exist among
    /// so many inputs and outputs; what is wrong otherwise.
    pub fn check_references(&self, inputs: usize, outputs: usize) -> Result<(), String> {
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
        dispatch.buffers.iter().zip(&kernel.bindings).try_for_each(|(buffer, binding)| {
            let (what, index, count) = match *buffer {
                BufferRef::Input(index) => ("input", index, inputs),
                BufferRef::Output(index) => ("output", index, outputs),
                BufferRef::Temporary(index) => ("temporary", index, self.temporaries.len()),
            };
            if index >= count {
                return Err(format!("a dispatch names {what} {index} of {count}"));
            }
            if what == "input" && binding.access == Access::ReadWrite {
                return Err(format!("kernel `{}` would write input {index}", kernel.entry));
            }
            Ok(())
        })
    }

    /// Whether it has as many parts as a program may have, and its kernels are in order by themselves.
    pub(crate) fn check_sizes(&self) -> Result<(), String> {
        let dispatches = self.prepare.len() + self.run.len();
        let counts = [
            ("kernels", self.kernels.len(), MOST_KERNELS),
            ("temporaries", self.temporaries.len(), MOST_TEMPORARIES),
            ("dispatches", dispatches, MOST_DISPATCHES),
        ];
        within(&counts)?;
        if self.run.is_empty() {
            return Err("it runs nothing".to_owned());
        }
        self.kernels.iter().try_for_each(Kernel::check)
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

    /// Invocations of a workgroup; `None` when it overflows.
    pub fn invocations(&self) -> Option<u32> {
        let [x, y, z] = self.workgroup_size;
        x.checked_mul(y)?.checked_mul(z)
    }

    fn check(&self) -> Result<(), String> {
        let counts =
            [("bindings", self.bindings.len(), MOST_BINDINGS), ("uniforms", self.uniforms.len(), MOST_UNIFORMS)];
        within(&counts)?;
        if self.invocations().is_none_or(|count| count == 0) {
            return Err(format!("kernel `{}` has workgroups of {:?}", self.entry, self.workgroup_size));
        }
        let Some(declared) = &self.declared else { return Ok(()) };
        if declared.slots.len() != self.bindings.len() || !self.uniforms.is_empty() {
            return Err(format!("kernel `{}` declares another interface than it has", self.entry));
        }
        within(&[("uniform blocks", declared.blocks.len(), MOST_BLOCKS)])?;
        declared
            .blocks
            .iter()
            .try_for_each(|block| within(&[("words in a block", block.words.len(), MOST_BLOCK_WORDS)]))
    }
}

/// Whether there are as many of each as there may be.
fn within(counts: &[(&str, usize, usize)]) -> Result<(), String> {
    match counts.iter().find(|(_, count, most)| count > most) {
        Some((what, count, most)) => Err(format!("it has {count} {what}, more than {most}")),
        None => Ok(()),
    }
}
