//! The supervisor alone: what it makes of workers that cannot be had, die between jobs or over the inputs; and that no
//! process is left behind.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use wgtune::backend::worker::{Limits, Supervisor, WorkerCommand, WorkerError};
use wgtune::backend::{Backend, Deadlines, DeviceChoice, Entrant, Job, JobReport, Step, Steps, Unwatched};
use wgtune::base::DeviceFacts;
use wgtune::op::{Shared, Template, resolve};
use wgtune::record::{Mode, Outcome, Stage};

use crate::common::programs::TIMING;
use crate::machine::{Fault, Orders, WORKLOAD};
use crate::{supervisor, worker_command};

/// The first templates' defaults, timed and not checked.
fn job() -> Job {
    let signature = resolve(WORKLOAD).unwrap();
    let emit = |template: &Shared<dyn Template>| {
        let space = template.space(&signature, &DeviceFacts::portable());
        let config = template.default(&signature, &space).unwrap();
        Entrant::whole(template.emit(&signature, &config).unwrap(), Mode::UNCHECKED)
    };
    Job {
        entrants: signature.operator.templates().iter().take(FINE.len()).map(emit).collect(),
        symbols: signature.symbols.clone(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        gates: Vec::new(),
        naive: Vec::new(),
        sentinel: None,
        timing: Some(TIMING),
        keep: None,
        deadlines: Deadlines::default(),
        seed: 1,
    }
}

fn outcomes(report: &JobReport) -> Vec<Option<Stage>> {
    let stage = |outcome: &Outcome| match outcome {
        Outcome::Timed { .. } => None,
        Outcome::Rejected(rejection) => Some(rejection.stage),
    };
    report.entrants.iter().map(|report| stage(&report.outcome)).collect()
}

const FINE: [Option<Stage>; 2] = [None, None];
const UNKNOWN: [Option<Stage>; 2] = [Some(Stage::Run), Some(Stage::Run)];

#[test]
fn a_worker_that_died_between_jobs_is_replaced() {
    let mut supervisor = supervisor(&Orders::default(), Limits::default());
    assert!(supervisor.is_isolated());
    for workers in 1..4 {
        assert_eq!(outcomes(&supervisor.execute(&job(), &mut Unwatched)), FINE);
        assert_eq!(supervisor.workers(), workers);
        kill(supervisor.worker_id().unwrap());
    }
}

#[test]
fn what_no_entrant_is_to_blame_for_rejects_nobody_for_good() {
    let orders = Orders { fault: Some(Fault::AbortOverInputs), ..Orders::default() };
    let mut supervisor = supervisor(&orders, Limits::default());
    assert_eq!(outcomes(&supervisor.execute(&job(), &mut Unwatched)), UNKNOWN);
    assert_eq!(supervisor.workers(), 2, "tried twice");
}

/// The steps of a job that was sent again are told with the places of the whole job.
#[test]
fn of_a_race_only_the_culprit_is_rejected() {
    #[derive(Default)]
    struct Begun(Vec<Step>);
    impl Steps for Begun {
        fn begin(&mut self, step: Step) {
            self.0.push(step);
        }
    }
    let job = job();
    for culprit in 0..2 {
        let hash = job.entrants[culprit].program.hash();
        let orders = Orders { fault: Some(Fault::Abort), culprit: Some(hash), late: false };
        let mut begun = Begun::default();
        let report = supervisor(&orders, Limits::default()).execute(&job, &mut begun);
        let mut want = FINE;
        want[culprit] = Some(Stage::Crash);
        assert_eq!(outcomes(&report), want);
        assert_eq!(begun.0.last().unwrap().entrant, Some(1 - culprit));
    }
}

#[test]
fn a_worker_that_cannot_be_had_is_tried_again_with_the_next_job() {
    let none = WorkerCommand { program: "/nowhere/at/all".into(), args: Vec::new(), envs: Vec::new() };
    let error = Supervisor::start(none, &DeviceChoice::Automatic, Limits::default()).err().unwrap();
    assert!(matches!(&error, WorkerError::Process(why) if why.contains("/nowhere/at/all")), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let command = worker_command(&Orders::default());
    let link = folder.path().join("program");
    symlink(&command.program, &link).unwrap();
    let linked = WorkerCommand { program: link.clone(), ..command.clone() };
    let mut supervisor = Supervisor::start(linked, &DeviceChoice::Automatic, Limits::default()).unwrap();
    kill(supervisor.worker_id().unwrap());
    std::fs::remove_file(&link).unwrap();
    assert_eq!(outcomes(&supervisor.execute(&job(), &mut Unwatched)), UNKNOWN);
    assert!(supervisor.gone().is_some_and(|why| why.contains("program")), "{:?}", supervisor.gone());
    symlink(&command.program, &link).unwrap();
    assert_eq!(outcomes(&supervisor.execute(&job(), &mut Unwatched)), FINE);
    assert_eq!(supervisor.gone(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn no_process_is_left_behind() {
    let worker = supervisor(&Orders::default(), Limits::default());
    let id = worker.worker_id().unwrap();
    assert!(is_running(id));
    drop(worker);
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists(), "killed and reaped");
}

/// A terminal sends Ctrl-C to a whole group of processes, and it is meant for the tuner.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_is_a_group_of_its_own() {
    let worker = supervisor(&Orders::default(), Limits::default());
    let id = worker.worker_id().unwrap().to_string();
    // State, parent, group.
    assert_eq!(stat(id.parse().unwrap()).split_whitespace().nth(2), Some(id.as_str()));
}

/// Makes this process a tuner with a worker that hangs.
const TUNER: &str = "WGTUNE_TEST_TUNER";

/// Not a test: the tuner that the test below kills.
#[test]
#[ignore = "the tuner of another test"]
fn tuner_process() {
    if std::env::var_os(TUNER).is_some() {
        let orders = Orders { fault: Some(Fault::HangInRun), ..Orders::default() };
        let mut supervisor = supervisor(&orders, Limits::default());
        let id = supervisor.worker_id().unwrap();
        supervisor.execute(&job(), &mut Speaking { id });
    }
}

/// Says the worker's number when its first run begins.
struct Speaking {
    id: u32,
}

impl Steps for Speaking {
    fn begin(&mut self, step: Step) {
        if step.kind == wgtune::backend::StepKind::Run {
            eprintln!("worker {}", self.id);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_hangs_dies_with_its_tuner() {
    let mut tuner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "supervised::tuner_process", "--ignored", "--nocapture"])
        .env(TUNER, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(tuner.stderr.take().unwrap()).lines().map_while(Result::ok);
    let id = said.into_iter().find_map(|line| line.strip_prefix("worker ")?.parse().ok()).unwrap();
    assert!(is_running(id));
    tuner.kill().unwrap();
    tuner.wait().unwrap();
    let started = Instant::now();
    while is_running(id) {
        assert!(started.elapsed() < Duration::from_secs(60), "worker {id} still runs");
        sleep(Duration::from_millis(10));
    }
}

fn kill(id: u32) {
    assert!(Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
}

/// Whether there is such a process, other than one that nobody has reaped yet.
#[cfg(target_os = "linux")]
fn is_running(id: u32) -> bool {
    let stat = stat(id);
    !stat.is_empty() && !stat.starts_with('Z')
}

/// What Linux says of a process after its name; nothing where there is none.
#[cfg(target_os = "linux")]
fn stat(id: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}
