//! What kernels are written in: programs of WGSL kernels, their grids as formulas, their text from templates, routines that
//! are no text, instructions of VTA, and the languages of users' kernel files.

mod formula;
pub mod language;
mod program;
pub mod routine;
mod tidy;
pub mod vta;
pub mod wgsl;

pub use formula::{Formula, Symbols};
pub use program::{
    Access, Binding, Block, BufferRef, Declared, Dispatch, Kernel, Program, RESERVED_UNIFORMS, Slot, Temporary,
    text_hash,
};
pub use wgtune_pack::fold;
