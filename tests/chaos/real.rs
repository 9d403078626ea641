//! Kernels that really hang and really crash, on the software device, through the program's own worker.

use std::time::{Duration, Instant};

use wgtune::backend::{Backend, Deadlines, Unwatched};
use wgtune::code::Program;
use wgtune::record::{Mode, Outcome, Stage};

use crate::common::programs::{RIGHT, job, kernel, single};
use crate::common::software_worker;

/// Runs a bad program and then a right one; the stage and the reason that the bad one was rejected for.
fn after_a_bad_one(program: Program, elements: u64, run_ms: u64) -> Option<(Stage, String)> {
    let mut worker = software_worker().ok()?;
    let folder = tempfile::tempdir().unwrap();
    let mut bad = job(&[program], elements, Mode::UNCHECKED, folder.path());
    bad.deadlines = Deadlines { run_ms, ..Deadlines::default() };
    let report = worker.execute(&bad, &mut Unwatched);
    let right = job(&[single(RIGHT)], 1000, Mode::UNCHECKED, folder.path());
    let after = worker.execute(&right, &mut Unwatched);
    assert!(after.entrants[0].is_running(), "after it: {:?}", after.entrants);
    match &report.entrants[0].outcome {
        Outcome::Rejected(rejection) => Some((rejection.stage, rejection.why.clone())),
        Outcome::Timed { .. } => panic!("it was timed"),
    }
}

/// lavapipe ends every loop after 65 535 iterations: so there are many workgroups of long loops, hours of work in all.
#[test]
fn a_kernel_without_end_is_killed() {
    let body = "var a = x[i]; for (var k = 0u; k < 60000u; k += 1u) { a = sin(a) + cos(a * 1.5); } y[i] = a;";
    let started = Instant::now();
    let Some((stage, why)) = after_a_bad_one(single(body), 1 << 22, 1000) else { return };
    assert_eq!((stage, why.as_str()), (Stage::Timeout, "a run took longer than 1000 ms"));
    // The deadline, the grace, another worker; and patience with a busy machine.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

/// Stores beyond a buffer are contained by the driver; stores beyond an array of the workgroup are not.
#[test]
fn a_write_far_out_of_bounds_kills_the_worker_alone() {
    let body = "w[i * 16777213u + u32(x[i])] = x[i]; workgroupBarrier(); y[i] = w[local.x];";
    let mut kernel = kernel(body, 64);
    kernel.code = format!("var<workgroup> w: array<f32, 64>;\n{}", kernel.code);
    let Some((stage, why)) = after_a_bad_one(Program::single(kernel, 1, 1), 1024, 20_000) else { return };
    assert_eq!(stage, Stage::Crash, "{why}");
    assert!(why.contains("SIGSEGV") || why.contains("SIGBUS") || why.contains("SIGABRT"), "{why}");
}
