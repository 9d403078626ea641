//! Runs native routines on the host's own processor: kernels of ours and of libraries, timed by the host's clock.

pub mod kernels;
mod machine;
mod memory;
mod naive;
mod operand;
mod pools;
mod processor;
mod routines;
mod tensors;

use super::Executor;
use crate::base::DeviceFacts;

pub use machine::CpuMachine;
pub use processor::{SIMD, THREADS, Unreadable};

/// The host's processor, in this process.
pub type CpuBackend = Executor<CpuMachine>;

impl CpuBackend {
    /// Looks at the processor; there always is one.
    ///
    /// # Errors
    /// When one of the variables that hold it back, [`SIMD`] and [`THREADS`], says what cannot be.
    pub fn open() -> Result<Self, Unreadable> {
        Ok(Self::new(CpuMachine::new(facts()?)))
    }
}

/// What the processor is and can do, as everyone else sees devices.
///
/// # Errors
/// As for [`CpuBackend::open`].
pub fn facts() -> Result<DeviceFacts, Unreadable> {
    processor::facts()
}
