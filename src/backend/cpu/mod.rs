//! Runs native routines on the host's own processor: kernels of ours and of libraries, timed by the host's clock.

mod chained;
mod convolved;
mod epilogue;
#[allow(clippy::needless_range_loop, reason = "indices count registers in loops that are unrolled")]
pub mod kernels;
mod libraries;
mod lowered;
mod machine;
mod memory;
mod multiplied;
mod naive;
mod operand;
mod pools;
mod probed;
mod processor;
mod products;
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

    /// The same held back as if the variables said this.
    ///
    /// # Errors
    /// As for [`CpuBackend::open`].
    pub fn held_back(simd: Option<&str>, threads: Option<&str>) -> Result<Self, Unreadable> {
        Ok(Self::new(CpuMachine::new(processor::facts(simd, threads)?)))
    }
}

/// What the processor is and can do, as everyone else sees devices.
///
/// # Errors
/// As for [`CpuBackend::open`].
pub fn facts() -> Result<DeviceFacts, Unreadable> {
    let [simd, threads] = [SIMD, THREADS].map(|name| std::env::var(name).ok());
    processor::facts(simd.as_deref(), threads.as_deref())
}
