//! What every backend promises, on small hand-written programs: right ones are verified and timed, each kind of wrong
//! one is rejected at its stage with its reason, and no failure spoils the job after it.

mod common;

use std::path::Path;

use common::programs::{self, RIGHT, TIMING, kernel, kernel_over, single};
use common::{software_device, software_worker};
use wgtune::backend::{Backend, EntrantReport, Job, Timing, Unwatched};
use wgtune::code::{Access, BufferRef, Dispatch, Kernel, Program, Temporary};
use wgtune::record::{CacheState, Clock, Mode, Outcome, Stage};

#[test]
fn wgpu_on_a_software_device() {
    if let Ok(mut backend) = software_device() {
        contract(&mut backend);
    }
}

#[test]
fn wgpu_without_timestamps() {
    if let Ok(backend) = software_device() {
        contract(&mut backend.by_host_clock());
    }
}

#[test]
fn wgpu_in_a_worker() {
    if let Ok(mut backend) = software_worker() {
        contract(&mut backend);
    }
}

/// Elements of most cases: more than one workgroup, the last one partly idle, the end on a multiple of 16 bytes.
const ELEMENTS: u64 = 1000;

/// Entrants that all compute y = 2x + 1, or should, with what is expected of each.
struct Case {
    name: &'static str,
    programs: Vec<Program>,
    elements: u64,
    most_workgroups: Option<u64>,
    timing: Timing,
    want: Want,
}

enum Want {
    /// Each entrant is verified, has a time for its prepare part if there is one, and so many samples.
    Samples(usize),
    /// Each entrant is rejected at this stage, with this in its reason.
    Rejected(Stage, &'static str),
}

fn case(name: &'static str, program: Program, want: Want) -> Case {
    Case { name, programs: vec![program], elements: ELEMENTS, most_workgroups: None, timing: TIMING, want }
}

fn split(name: &'static str, most_workgroups: u64) -> Case {
    Case { most_workgroups: Some(most_workgroups), ..case(name, single(RIGHT), Want::Samples(5)) }
}

fn cases() -> Vec<Case> {
    use Want::{Rejected, Samples};
    let wrong = |name, body, part| case(name, single(body), Rejected(Stage::Verify, part));
    let refused = |name, kernel, part| case(name, Program::single(kernel, 1, 1), Rejected(Stage::Compile, part));
    vec![
        case("a right program", single(RIGHT), Samples(5)),
        wrong("a wrong result", "y[i] = 2.0 * x[i];", "1000 of 1000 checked elements of `y` are wrong"),
        wrong("one wrong element", "y[i] = 2.0 * x[i] + select(1.0, 0.0, i == 7u);", "1 of 1000"),
        wrong("an output never written", "let nothing = x[i];", "never written"),
        wrong("one element never written", "if (i != 998u) { y[i] = 2.0 * x[i] + 1.0; }", "first [998]: never written"),
        wrong("a write beyond the end", "y[i] = 2.0 * x[i] + 1.0; y[i + 1u] = 0.0 * x[0];", "beyond the end of `y`"),
        wrong(
            "a read beyond the end",
            "y[i] = 2.0 * x[i] + 1.0 + select(0.0, x[i + 1u], i == 999u);",
            "first [999]: NaN",
        ),
        refused("text that is no WGSL", kernel("y[i] = ;", 64), "expected"),
        refused("text of wrong types", kernel("y[i] = i;", 64), "type"),
        refused("no such entry point", Kernel { entry: "other".to_owned(), ..kernel(RIGHT, 64) }, "other"),
        refused("a workgroup too large", kernel(RIGHT, 1 << 20), "Workgroup size"),
        case("two kernels with a temporary", staged(false), Samples(5)),
        case("a part to prepare", staged(true), Samples(5)),
        case(
            "a write beyond a temporary",
            overrunning(),
            Rejected(Stage::Verify, "beyond the end of its temporary `t`"),
        ),
        case("a changed input", greedy(), Rejected(Stage::Verify, "changes its input `x`")),
        case("results that change", changing(), Rejected(Stage::Verify, "two runs on the same inputs")),
        split("a workgroup at a time", 1),
        split("two workgroups at a time", 2),
        split("three workgroups at a time", 3),
        Case {
            most_workgroups: Some(2),
            ..case("a kernel that ignores the split", unsplittable(), Rejected(Stage::Verify, "never written"))
        },
        Case {
            elements: 70_001,
            ..case("more workgroups than one direction holds", Program::single(kernel(RIGHT, 1), 1, 1), Samples(5))
        },
        Case {
            programs: vec![single(RIGHT), staged(true), staged(false)],
            ..case("a race", single(RIGHT), Samples(5))
        },
        Case {
            timing: Timing { hopeless_ns: Some(0.0), ..TIMING },
            ..case("a hopeless program", single(RIGHT), Samples(1))
        },
    ]
}

/// Two steps with a temporary between them; the first of them prepared once or part of each run.
fn staged(prepared: bool) -> Program {
    let launch = |kernel, from, to| Dispatch { kernel, buffers: vec![from, to] };
    let first = launch(0, BufferRef::Input(0), BufferRef::Temporary(0));
    let second = launch(1, BufferRef::Temporary(0), BufferRef::Output(0));
    let (prepare, run) = if prepared { (vec![first], vec![second]) } else { (vec![], vec![first, second]) };
    let kernels = vec![kernel("y[i] = 2.0 * x[i];", 64), kernel("y[i] = x[i] + 1.0;", 32)];
    Program { kernels, temporaries: vec![temporary()], prepare, run, routine: None }
}

/// Right in its first run only: each run adds to a temporary that none resets.
fn changing() -> Program {
    let add = "x[i] += 1.0; y[i] = x[i];";
    let add = kernel_over(add, 64, "var<storage, read_write> x: array<f32>", Access::ReadWrite);
    let mut program = staged(true);
    program.kernels[1] = add;
    program
}

/// The right result, and a stray write into the zone after the temporary.
fn overrunning() -> Program {
    let mut program = staged(false);
    program.kernels[0] = kernel("y[i] = 2.0 * x[i]; if (i == 999u) { y[1000u] = 1.0; }", 64);
    program
}

/// The right result, and an input that is no longer what it was.
fn greedy() -> Program {
    let body = format!("{RIGHT} if (i == 7u) {{ x[i] = 0.5; }}");
    Program::single(kernel_over(&body, 64, "var<storage, read_write> x: array<f32>", Access::ReadWrite), 1, 1)
}

fn unsplittable() -> Program {
    let mut kernel = kernel(RIGHT, 64);
    kernel.code = kernel.code.replace("shape.first_workgroup + ", "");
    Program::single(kernel, 1, 1)
}

fn temporary() -> Temporary {
    Temporary { name: "t".to_owned(), bytes: "n*4".parse().unwrap() }
}

/// Checks every case in both modes, and after each of them that a right program still is.
fn contract(backend: &mut dyn Backend) {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for case in cases() {
        for mode in [Mode::UNCHECKED, Mode::CHECKED, Mode::UNCHECKED.with_cache(CacheState::Cold)] {
            let what = format!("{}, {}, {:?}", case.name, mode.name(), mode.cache);
            failures.extend(check(backend, &case, mode, folder.path()).into_iter().map(|why| format!("{what}: {why}")));
            let after = self::case("after", single(RIGHT), Want::Samples(5));
            let spoilt = check(backend, &after, mode, folder.path()).into_iter();
            failures.extend(spoilt.map(|why| format!("a right program after {what}: {why}")));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Everything that is not as the case wants it.
fn check(backend: &mut dyn Backend, case: &Case, mode: Mode, folder: &Path) -> Vec<String> {
    let clock = if backend.facts().features.timestamps { Clock::Device } else { Clock::Host };
    let report = backend.execute(&job(case, mode, folder), &mut Unwatched);
    if report.entrants.len() != case.programs.len() {
        return vec![format!("{} reports for {} entrants", report.entrants.len(), case.programs.len())];
    }
    let wrong = report.entrants.iter().zip(&case.programs).map(|(report, program)| match &case.want {
        Want::Samples(count) => check_timed(report, program, *count, clock, case.elements),
        Want::Rejected(stage, part) => check_rejected(report, *stage, part),
    });
    wrong.filter_map(Result::err).collect()
}

fn check_timed(
    report: &EntrantReport,
    program: &Program,
    count: usize,
    clock: Clock,
    elements: u64,
) -> Result<(), String> {
    let Outcome::Timed { samples_ns, clock: by } = &report.outcome else {
        return Err(format!("{:?}", report.outcome));
    };
    let compared = report.verified.map(|verified| verified.compared);
    let prepared = report.prepare_ns.is_some_and(|ns| ns > 0.0);
    let facts = [
        (compared == Some(elements), format!("{compared:?} elements were compared of {elements}")),
        (samples_ns.len() == count, format!("{} samples instead of {count}", samples_ns.len())),
        (samples_ns.iter().all(|ns| *ns > 0.0), format!("impossible samples {samples_ns:?}")),
        (*by == clock, format!("timed by {by:?}, not by {clock:?}")),
        (prepared != program.prepare.is_empty(), format!("prepared in {:?} ns", report.prepare_ns)),
    ];
    let wrong: Vec<String> = facts.into_iter().filter(|(holds, _)| !holds).map(|(_, why)| why).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn check_rejected(report: &EntrantReport, stage: Stage, part: &str) -> Result<(), String> {
    match &report.outcome {
        Outcome::Rejected(rejection) if rejection.stage == stage && rejection.why.contains(part) => Ok(()),
        other => Err(format!("{other:?} instead of stage {stage} with `{part}`")),
    }
}

/// The job of a case.
fn job(case: &Case, mode: Mode, folder: &Path) -> Job {
    let mut job = programs::job(&case.programs, case.elements, mode, folder);
    job.timing = Some(case.timing);
    job.entrants.iter_mut().for_each(|entrant| entrant.most_workgroups = case.most_workgroups);
    job
}
