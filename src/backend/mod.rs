//! Machines that run kernels: jobs go in as plain data, reports come out as plain data.

mod beside;
mod choice;
mod clock;
mod compare;
mod contents;
pub mod cpu;
pub mod cuda;
mod elimination;
mod executor;
mod expected;
mod job;
mod keep;
mod lane;
mod machine;
mod race;
mod sentinel;
mod step;
pub mod vta;
pub mod wgpu;
pub mod worker;

pub use beside::{Beside, Either};
pub use choice::{DeviceChoice, DeviceError, open};
pub use compare::{Compared, compare, differs};
pub use contents::{filled, initial, poisoned};
pub use executor::Executor;
pub use expected::{Expected, ExpectedFile};
pub use job::{
    BufferRule, Conditions, Deadlines, Elimination, Entrant, EntrantReport, GUARD_BYTES, Gate, Job, JobReport, Spent,
    Timing, Verified, When, cold_copies, nanoseconds_since,
};
pub use keep::read_kept;
pub use machine::{Machine, Sample, stamped_ns};
pub use step::{Step, StepKind, Steps, Unwatched};

use crate::base::DeviceFacts;
use crate::record::Vendor;

/// Something that executes jobs: this process, a worker process, a browser, a simulator.
pub trait Backend {
    /// What it can do and who it is.
    fn facts(&self) -> &DeviceFacts;

    /// Compiles, verifies and times the entrants of a job, and tells each step before it begins. A candidate that fails
    /// is an outcome, never a panic.
    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport;

    /// Whether jobs run in another process: one that hangs or crashes does not take this one with it.
    fn is_isolated(&self) -> bool {
        false
    }

    /// Goes on in a fresh process, where nothing is left of earlier jobs; whether it does. One that lives in this process
    /// cannot.
    fn renew(&mut self) -> bool {
        false
    }

    /// What there is of the libraries of the device's vendor, which is found out now. Their routines can be entrants of jobs.
    fn vendor(&mut self) -> Vendor {
        Vendor::none("no library of the device's vendor can be called through this backend")
    }

    /// Whether the device went away in the last job; the next job opens it anew.
    fn is_lost(&self) -> bool {
        false
    }

    /// Why the device could not be opened for the last job, after it had been lost; the next job tries again.
    fn gone(&self) -> Option<&str> {
        None
    }
}
