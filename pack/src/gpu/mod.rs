//! Runs programs through wgpu: pipelines, buffers and dispatches, self-tests, races, and a loader that does all of it.
//!
//! For native applications: errors of wgpu are waited for, which a web page must not do.

mod contents;
mod describe;
mod error;
mod launch;
mod loader;
mod pipeline;
mod places;
mod prepared;
mod race;
mod readback;
mod scopes;
mod self_test;
mod trust;

pub use describe::{COMPILER, device, device_of};
pub use error::Error;
pub use launch::Bound;
pub use loader::{Loaded, Loader};
pub use prepared::Prepared;
pub use race::{Lap, RACE_BUDGET, Race, race};
pub use trust::Prepare;
