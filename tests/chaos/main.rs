//! A machine that misbehaves, behind a supervisor: whatever a candidate does, the run finishes with the right winner and
//! loses no finished trial. `docs/chaos.md` is what this test prints.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod machine;
mod real;
mod supervised;

use wgtune::backend::worker::{Limits, Supervisor, WorkerCommand, serve};
use wgtune::backend::{Backend, DeviceChoice};

use machine::{Chaotic, ORDERS, Orders};

/// Not a test: the worker process that the tests start, with its orders in a variable.
#[test]
#[ignore = "the worker of other tests"]
fn worker_process() {
    if let Some(orders) = Orders::of_this_process() {
        serve(|_| Ok::<Box<dyn Backend>, String>(Box::new(Chaotic::new(orders)))).unwrap();
    }
}

/// This program, as a worker under such orders. What the test harness itself prints is in the way, as drivers are.
fn worker_command(orders: &Orders) -> WorkerCommand {
    WorkerCommand {
        program: std::env::current_exe().unwrap(),
        args: ["--exact", "worker_process", "--ignored", "--nocapture"].map(Into::into).to_vec(),
        envs: vec![(ORDERS.into(), serde_json::to_string(orders).unwrap().into())],
    }
}

fn supervisor(orders: &Orders, limits: Limits) -> Supervisor {
    Supervisor::start(worker_command(orders), &DeviceChoice::Automatic, limits).unwrap()
}
