//! Machines that run kernels: jobs go in as plain data, reports come out as plain data.

mod compare;
mod expected;
mod job;
pub mod wgpu;

pub use compare::{Compared, compare};
pub use expected::{Expected, ExpectedFile};
pub use job::{
    BufferRule, Deadlines, Entrant, EntrantReport, GUARD_BYTES, Gate, Job, JobReport, Spent, Timing, Verified,
    nanoseconds_since,
};

use crate::base::DeviceFacts;

/// Something that executes jobs: this process, a worker process, a browser, a simulator.
pub trait Backend {
    /// What it can do and who it is.
    fn facts(&self) -> &DeviceFacts;

    /// Compiles, verifies and times the entrants of a job. A candidate that fails is an outcome, never a panic.
    fn execute(&mut self, job: &Job) -> JobReport;
}
