//! What kernels are written in: programs of WGSL kernels, their grids as formulas, their text from templates.

mod formula;
mod program;
mod tidy;
pub mod wgsl;

pub use formula::{Formula, Symbols};
pub use program::{Access, Binding, BufferRef, Dispatch, Kernel, Program, RESERVED_UNIFORMS, Temporary, text_hash};
