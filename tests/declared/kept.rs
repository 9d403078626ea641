//! Results that a job keeps: what is in the file, and when there is none.

use std::path::Path;

use wgtune::backend::{Backend, Job, JobReport, Unwatched, read_kept};
use wgtune::base::{Distribution, ElementType};
use wgtune::code::{Access, BufferRef, Dispatch, Program, Temporary};
use wgtune::record::{Mode, Numerics, Outcome, Stage};

use crate::common::{software_device, software_worker};
use crate::kernels::{Case, bound, buffer, filled, kernel, values};
use crate::right::two_groups;

#[test]
fn on_a_software_device() {
    if let Ok(mut backend) = software_device() {
        contract(&mut backend);
    }
}

#[test]
fn in_a_worker() {
    if let Ok(mut backend) = software_worker() {
        contract(&mut backend);
    }
}

fn contract(backend: &mut dyn Backend) {
    what_is_kept(backend);
    only_what_is_certain_is_kept(backend);
}

/// Every third element is written, and added to what is there.
fn partial() -> Case {
    let code = "@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= 101) { return; }
  if (id.x % 3 == 0) { y[id.x] = 2 * x[id.x]; }
  sum[id.x] += id.x;
}";
    let buffers = vec![
        bound("x", Access::Read, 0, 0),
        bound("y", Access::ReadWrite, 0, 1),
        bound("sum", Access::ReadWrite, 0, 2),
    ];
    let kernel = kernel(code, buffers, [64, 1, 1], ["2", "1", "1"]);
    let x = filled(buffer("x", ElementType::F32, 101), Distribution::Normal { mean: 0.0, deviation: 3.0 });
    let sum = filled(buffer("sum", ElementType::U32, 101), Distribution::Iota { start: 7.0, step: 2.0 });
    let outputs = vec![buffer("y", ElementType::F32, 101), sum];
    let program = Program::single(kernel, 1, 2);
    Case { name: "partial", program, n: 101, inputs: vec![x], outputs, expected: Vec::new(), wrong: None }
}

/// Just a run, kept there.
fn job(case: &Case, folder: &Path) -> Job {
    let keep = Some(folder.join("kept"));
    Job { gates: Vec::new(), timing: None, keep, ..case.job(Mode::CHECKED, folder) }
}

fn run(backend: &mut dyn Backend, job: &Job) -> Outcome {
    let JobReport { entrants, .. } = backend.execute(job, &mut Unwatched);
    entrants.into_iter().next().unwrap().outcome
}

fn what_is_kept(backend: &mut dyn Backend) {
    let (case, folder) = (partial(), tempfile::tempdir().unwrap());
    let job = job(&case, folder.path());
    assert!(matches!(run(backend, &job), Outcome::Timed { .. }));
    let y = values(&case.inputs[0]).iter().enumerate().map(|(i, x)| (i % 3 == 0).then_some(2.0 * x)).collect();
    let sum: Vec<_> = (0..101).map(|i| Some(f64::from(7 + 3 * i))).collect();
    assert_eq!(read_kept(&folder.path().join("kept"), &case.outputs).unwrap(), [y, sum]);
}

/// Each run adds to a temporary that none resets.
fn changing() -> Case {
    let code = "@group(0) @binding(0) var<storage, read_write> count: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(1)
fn main() { count[0] += 1; y[0] = count[0]; }";
    let buffers = vec![bound("count", Access::ReadWrite, 0, 0), bound("y", Access::ReadWrite, 0, 1)];
    let kernels = vec![kernel(code, buffers, [1, 1, 1], ["1", "1", "1"])];
    let run = vec![Dispatch { kernel: 0, buffers: vec![BufferRef::Temporary(0), BufferRef::Output(0)] }];
    let temporaries = vec![Temporary { name: "count".to_owned(), bytes: "4".parse().unwrap() }];
    let program = Program { kernels, temporaries, run, ..Program::nothing() };
    let outputs = vec![buffer("y", ElementType::U32, 1)];
    Case { name: "changing", program, n: 1, inputs: Vec::new(), outputs, expected: Vec::new(), wrong: None }
}

fn only_what_is_certain_is_kept(backend: &mut dyn Backend) {
    let folder = tempfile::tempdir().unwrap();
    let loose = |case: &Case| {
        let mut job = job(case, folder.path());
        job.entrants[0].numerics = Numerics::Nondeterministic;
        job
    };
    let wrong = two_groups().replace("y[i] =", "y[i + 1] =");
    let checked = Job { keep: Some(folder.path().join("kept")), ..wrong.job(Mode::CHECKED, folder.path()) };
    let nowhere = Job { keep: Some(folder.path().join("none/kept")), ..job(&partial(), folder.path()) };
    let cases = [
        (job(&changing(), folder.path()), Some((Stage::Verify, "two runs on the same inputs give different results"))),
        (loose(&changing()), None),
        (job(&wrong, folder.path()), Some((Stage::Verify, "beyond the end of `y`"))),
        (checked, Some((Stage::Verify, "(inputs: all)"))),
        (nowhere, Some((Stage::Run, "none/kept`: "))),
    ];
    for (job, wrong) in cases {
        match (run(backend, &job), wrong) {
            (Outcome::Timed { .. }, None) => std::fs::remove_file(folder.path().join("kept")).unwrap(),
            (Outcome::Rejected(rejection), Some((stage, part)))
                if rejection.stage == stage && rejection.why.contains(part) => {}
            (got, _) => panic!("{got:?} where {wrong:?} is right"),
        }
        assert!(!folder.path().join("kept").exists(), "{wrong:?}");
    }
}
