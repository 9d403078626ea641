//! The format of packs of tuned WGSL kernels: a reader and a writer, and the choice for a device. Use it through the package
//! `wgtune-pack`, which has all of this and what runs programs.

mod admits;
mod architecture;
mod archive;
mod bounded;
mod builder;
mod decisions;
mod device;
mod element;
mod entry;
mod error;
mod evidence;
mod fill;
mod formula;
mod grid;
mod hash;
mod index;
mod json;
pub mod limits;
mod manifest;
mod needs;
mod numerics;
mod operation;
mod pack;
mod program;
#[cfg(feature = "schema")]
mod schema;
mod select;
mod self_test;
#[cfg(feature = "signature")]
mod signature;
mod verified;
mod workload;

/// What the part that runs programs shares with this one, and nobody else should rely on.
#[doc(hidden)]
pub mod inner {
    pub use crate::error::reason;
    pub use crate::select::Tries;
}

pub use admits::{Admits, Condition, Range, Relation};
pub use architecture::architecture;
pub use builder::Builder;
#[cfg(feature = "signature")]
pub use builder::sign_pack;
pub use decisions::{Decisions, Verdict};
pub use device::{Capability, CooperativeMatrix, Device, DeviceKind, DeviceMatch};
pub use element::ElementType;
pub use entry::{Clock, Entry, Mode, Role, Times};
pub use error::Error;
pub use evidence::{Evidence, Failures, Measured, RunnerUp};
pub use fill::{Distribution, Fill};
pub use formula::{Formula, Symbols};
pub use grid::fold;
pub use hash::PartHash;
pub use index::Skipped;
pub use manifest::{FORMAT, Manifest, Portfolio, Quarantine};
pub use needs::{Feature, NeededLimits, Needs};
pub use numerics::Numerics;
pub use operation::{Operation, Tensor, TensorSize};
pub use pack::Pack;
pub use program::{
    Access, Binding, Block, BufferRef, Declared, Dispatch, Kernel, Program, RESERVED_UNIFORMS, Slot, Temporary,
};
#[cfg(feature = "schema")]
pub use schema::schema;
pub use select::{Choice, Contender, Miss, Rung, Wish};
pub use self_test::{Expected, Guard, SelfTest};
#[cfg(feature = "signature")]
pub use signature::{PublicKey, SecretKey, Signature, keygen, sign, verify};
pub use verified::VerifiedProgram;
pub use workload::{Dims, Workload};
