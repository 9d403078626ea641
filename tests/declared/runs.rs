//! Which runs there are, as a kernel sees it: none when it is compiled, and each timed pass starts from the same contents.

use wgtune::backend::{Job, Machine};
use wgtune::base::{Distribution, ElementType};
use wgtune::code::{Access, Program};
use wgtune::record::Mode;

use crate::common::software_device;
use crate::kernels::{Case, bound, buffer, filled, kernel};

/// Changes its input where the in-out buffer is not what it is at first, and leaves it so.
fn watchful() -> Case {
    let code = "@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> state: array<u32>;

@compute @workgroup_size(1)
fn main() {
  x[0] += u32(state[0] != 5);
  state[0] = 6;
}";
    let buffers = vec![bound("x", Access::ReadWrite, 0, 0), bound("state", Access::ReadWrite, 0, 1)];
    let kernel = kernel(code, buffers, [1, 1, 1], ["1", "1", "1"]);
    let filled = |name, value| filled(buffer(name, ElementType::U32, 1), Distribution::Constant(value));
    let (inputs, outputs) = (vec![filled("x", 1.0)], vec![filled("state", 5.0)]);
    Case {
        name: "watchful",
        program: Program::single(kernel, 1, 1),
        n: 1,
        inputs,
        outputs,
        expected: vec![],
        wrong: None,
    }
}

#[test]
fn compiling_runs_nothing_and_passes_start_anew() {
    let Ok(backend) = software_device() else { return };
    let (mut machine, folder) = (backend.into_machine(), tempfile::tempdir().unwrap());
    let job = Job { gates: Vec::new(), ..watchful().job(Mode::CHECKED, folder.path()) };
    machine.provide(&job).unwrap();
    let compiled = machine.compile(&job, &job.entrants[0]).unwrap();
    machine.outputs(&job, &compiled, 0).expect("compiling runs nothing");
    for _ in 0..3 {
        machine.sample(&job, &compiled, 1).unwrap();
    }
    machine.outputs(&job, &compiled, 0).expect("each pass of one run starts anew");
    // So a run on other contents does show.
    machine.sample(&job, &compiled, 2).unwrap();
    let rejection = machine.outputs(&job, &compiled, 0).unwrap_err();
    assert!(rejection.why.contains("changes its input `x`"), "{rejection:?}");
}
