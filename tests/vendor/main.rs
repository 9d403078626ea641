//! Vendors' libraries from end to end without any: a fake of them, loaded in their place, computes by plain loops what it is
//! called with, and misbehaves on command.
#![cfg(target_os = "linux")]

mod campaigns;
#[path = "../common/mod.rs"]
mod common;
mod fake_libraries;
mod missing;
mod routines;

use wgtune::backend::Backend;
use wgtune::backend::DeviceChoice;
use wgtune::backend::worker::{Limits, Supervisor, WorkerCommand};

use common::{Skip, software_device};
use fake_libraries::Fake;

/// The software device in a worker that finds the fake, with these variables in its environment.
fn device(fake: &Fake, envs: &[(&str, &str)]) -> Result<Supervisor, Skip> {
    let name = software_device()?.facts().identity.adapter.clone();
    let mut envs: Vec<_> = envs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    envs.insert(0, ("FAKE_GPU".into(), name.into()));
    envs.push(fake.environment());
    let program = env!("CARGO_BIN_EXE_wgtune").into();
    let command = WorkerCommand { program, args: vec!["worker".into()], envs };
    Ok(Supervisor::start(command, &DeviceChoice::Software, Limits::default()).unwrap())
}
