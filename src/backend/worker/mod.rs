//! Jobs executed by another process, which a hanging or crashing candidate takes with it instead of this one.

mod ledger;
mod memory;
mod process;
mod protocol;
mod serve;
mod supervisor;

pub use process::WorkerCommand;
pub use serve::serve;
pub use supervisor::{Limits, Supervisor, WorkerError};
