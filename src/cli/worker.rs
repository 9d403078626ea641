//! `wgtune worker`: runs candidates for another `wgtune`, which starts it and survives it. Not for typing.

use std::io;
use std::path::{Path, PathBuf};

use super::error::Failure;
use crate::backend::cuda::Search;
use crate::backend::worker::{Limits, Supervisor, WorkerCommand, WorkerError, serve};
use crate::backend::{DeviceChoice, open};

pub(super) fn run() -> Result<(), Failure> {
    serve(open).map_err(|error| Failure::work(format!("the worker cannot go on: {error}")))
}

/// Opens a device in a worker process of this same program; a search tells where its vendor's libraries are.
pub(super) fn start(choice: &DeviceChoice, libraries: Option<&Search>) -> Result<Supervisor, Failure> {
    let program = this_program().map_err(|error| WorkerError::Process(error.to_string()))?;
    let command = WorkerCommand {
        program,
        args: vec!["worker".into()],
        envs: libraries.map(Search::environment).into_iter().collect(),
    };
    Ok(Supervisor::start(command, choice, Limits::default())?)
}

/// On Linux the program as it was started, even where its file has been replaced by another version since.
fn this_program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}
