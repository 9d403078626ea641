//! `wgtune worker`: runs candidates for another `wgtune`, which starts it and survives it. Not for typing.

use super::error::Failure;
use crate::backend::wgpu::{DeviceChoice, WgpuBackend};
use crate::backend::worker::{Limits, Supervisor, WorkerCommand, WorkerError, serve};

pub(super) fn run() -> Result<(), Failure> {
    serve(WgpuBackend::open).map_err(|error| Failure::work(format!("the worker cannot go on: {error}")))
}

/// Opens a device in a worker process of this same program.
pub(super) fn start(choice: &DeviceChoice) -> Result<Supervisor, Failure> {
    let program = std::env::current_exe().map_err(|error| WorkerError::Process(error.to_string()))?;
    let command = WorkerCommand { program, args: vec!["worker".into()], envs: Vec::new() };
    Ok(Supervisor::start(command, choice, Limits::default())?)
}
