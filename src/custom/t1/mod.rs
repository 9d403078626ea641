//! T1, the tuning community's description of a kernel and its space, as far as it applies to WGSL.
//!
//! F.-J. Willemsen and others, "A Methodology for Comparing Auto-Tuning Optimization Algorithms" (2024), and the schemas of
//! the Auto-Tuning Association. Expressions there are Python's; a subset is understood, the rest refused by name.

mod format;
mod python;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Imported, read_t1};
pub use write::{Exported, write_t1};
