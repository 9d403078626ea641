//! The command line as people and programs meet it: the binary itself, its output compared as text.

#[path = "../common/mod.rs"]
mod common;

mod at_once;
mod bad_input;
mod campaigns;
mod converted;
mod exchanged;
mod hostile_kernels;
mod isolated;
mod kernel_tuner;
mod own_kernels;
mod packed;
mod probed;
mod quarantined;
mod rechecked;
mod recorded;
mod repeated;
mod replayed;
mod stopped;
mod stores;
mod texts;
mod tool;
mod tuned;
mod vta;
