//! Simulates VTA, the open tensor accelerator: exact to the byte, its cycles by events, its faults by name.

mod chip;
mod compute;
mod device;
mod dram;
mod engine;
mod fault;
mod machine;
mod operands;
mod places;
mod port;
mod profile;
mod races;
mod reads;
mod run;
mod strict;
mod tensors;
#[cfg(test)]
mod tests;
mod timing;

pub use chip::Counters;
pub use device::{NoVta, VTA, VtaBackend, facts, hardware_of};
pub use dram::Dram;
pub use engine::Engine;
pub use fault::{Fault, FaultKind};
pub use machine::VtaMachine;
pub use profile::{PROFILES, Profile};
pub use run::{Checks, Ran, run};
pub use timing::{Timed, time};
