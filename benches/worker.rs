//! What isolation costs per trial: one small job of instant runs, in this process and through a worker.
//!
//! The made-up machine is that of `tests/chaos`, without a fault. A trial is a candidate that is compiled, checked by one
//! gate of two runs and timed as in a search; criterion prints both, and after them stands the difference.

#[path = "../tests/chaos/machine.rs"]
#[allow(dead_code, reason = "nothing misbehaves here")]
mod machine;

use std::time::{Duration, Instant};

use criterion::Criterion;
use wgtune::backend::worker::{Limits, Supervisor, WorkerCommand, serve};
use wgtune::backend::{Backend, DeviceChoice};
use wgtune::check::check;
use wgtune::measure::{Load, Measure};
use wgtune::op::resolve;
use wgtune::record::Mode;

use machine::{Chaotic, ORDERS, Orders, WORKLOAD};

/// Trials whose mean is printed at the end.
const TRIALS: u32 = 500;

fn main() {
    // The worker is this program itself.
    if let Some(orders) = Orders::of_this_process() {
        return serve(|_| Ok::<Box<dyn Backend>, String>(Box::new(Chaotic::new(orders))))
            .expect("the supervisor lives as long");
    }
    let command = WorkerCommand {
        program: std::env::current_exe().expect("a program knows where it is"),
        args: Vec::new(),
        envs: vec![(ORDERS.into(), serde_json::to_string(&Orders::default()).expect("plain data serialises").into())],
    };
    let mut here = Chaotic::new(Orders::default());
    let mut worker = Supervisor::start(command, &DeviceChoice::Automatic, Limits::default()).expect("this program");
    let mut criterion = Criterion::default().configure_from_args();
    let alone = trials(&mut criterion, "trial in this process", &mut here);
    let isolated = trials(&mut criterion, "trial in a worker", &mut worker);
    println!("isolation costs {:.3} ms per trial", (isolated.as_secs_f64() - alone.as_secs_f64()) * 1e3);
}

/// Benches the default's trial; its mean time over some more of them.
fn trials(criterion: &mut Criterion, name: &str, backend: &mut dyn Backend) -> Duration {
    let signature = resolve(WORKLOAD).expect("it is one of ours");
    let template = &signature.operator.templates()[0];
    let space = template.space(&signature, backend.facts());
    let default = template.default(&signature, &space).expect("the space is not empty");
    let device = backend.facts().clone();
    let mut measure = Measure::new(backend, signature.clone(), 0);
    let mut candidate = measure.candidate(template, default);
    // What is asked is what comes after the check.
    let facts = check(&candidate.program, &signature.symbols, &device).expect("it is one of ours");
    candidate.load = Some(Load::new(&candidate.program, &facts));
    let mut trial = || {
        let trial = measure.trial(&candidate, Mode::UNCHECKED, None);
        let report = trial.expect("the temporary folder can be written").report;
        assert!(report.is_running(), "{:?}", report.outcome);
    };
    criterion.bench_function(name, |bencher| bencher.iter(&mut trial));
    let started = Instant::now();
    (0..TRIALS).for_each(|_| trial());
    started.elapsed() / TRIALS
}
