//! Tunes GPU compute kernels written in WGSL for the machine they will run on.

pub mod backend;
pub mod base;
pub mod check;
pub mod cli;
pub mod code;
pub mod measure;
pub mod op;
pub mod record;
pub mod report;
pub mod search;
pub mod space;
pub mod store;
pub mod tune;
pub mod workload;
