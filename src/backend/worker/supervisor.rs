//! The supervisor's side: a backend that gives its jobs to a worker process, and replaces a worker that is lost.

use std::borrow::Cow;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::ledger::{Death, Ledger, Rest};
use super::memory::{LOOK, Memory, machine_bytes};
use super::process::{Worker, WorkerCommand};
use super::protocol::{Answer, Reply, Request};
use super::serve::QUIET;
use crate::backend::{Backend, Deadlines, DeviceChoice, Job, JobReport, Step, StepKind, Steps};
use crate::base::DeviceFacts;
use crate::record::{Rejection, Stage, Vendor};

/// What a worker may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For opening the device.
    pub opening: Duration,
    /// Beyond each deadline of a job, so that a worker that notices by itself can say so.
    pub grace: Duration,
    /// Bytes of resident memory.
    pub memory_bytes: u64,
}

impl Default for Limits {
    /// A minute, a second, and three quarters of the machine's memory.
    fn default() -> Self {
        let memory_bytes = machine_bytes() / 4 * 3;
        Self { opening: Duration::from_secs(60), grace: Duration::from_secs(1), memory_bytes }
    }
}

/// Why there is no worker.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum WorkerError {
    /// As the worker says it.
    #[error("{0}")]
    Device(String),
    #[error("no worker process could be started: {0}")]
    Process(String),
}

/// A device in a worker process.
pub struct Supervisor {
    command: WorkerCommand,
    limits: Limits,
    facts: DeviceFacts,
    /// None after the last one was lost: the next job starts another.
    worker: Option<Worker>,
    memory: Memory,
    workers: u64,
    /// Why no worker could be had for the last job.
    gone: Option<String>,
}

/// Why no reply has come that makes sense.
enum Silence {
    Garbled(String),
    /// Resident bytes above the limit.
    TooLarge(u64),
    TooLate,
    /// Its output has ended.
    Gone,
}

impl Supervisor {
    /// Starts a worker and has it open the device.
    ///
    /// # Errors
    /// When the worker finds no such device, or cannot be started.
    pub fn start(command: WorkerCommand, choice: &DeviceChoice, limits: Limits) -> Result<Self, WorkerError> {
        let mut memory = Memory::new();
        let (worker, facts) = open(&command, choice, &limits, &mut memory)?;
        Ok(Self { command, limits, facts, worker: Some(worker), memory, workers: 1, gone: None })
    }

    /// Workers that were started so far.
    pub fn workers(&self) -> u64 {
        self.workers
    }

    /// The process that has the device now, if there is one.
    pub fn worker_id(&self) -> Option<u32> {
        self.worker.as_ref()?.id()
    }

    /// The worker, or another one for the same device.
    fn worker(&mut self) -> Result<Worker, WorkerError> {
        if let Some(worker) = self.worker.take() {
            return Ok(worker);
        }
        let choice = DeviceChoice::Identity(self.facts.identity.clone());
        let (worker, _) = open(&self.command, &choice, &self.limits, &mut self.memory)?;
        self.workers += 1;
        Ok(worker)
    }

    /// Asks a worker what there is of the vendor's libraries. One that this takes down is replaced by the next job.
    fn ask_vendor(&mut self) -> Result<Vendor, String> {
        let worker = self.worker().map_err(|error| error.to_string())?;
        worker.ask(&Request::Vendor);
        let deadline = Instant::now() + self.limits.opening;
        let silence = match hear(&worker, deadline, self.limits.memory_bytes, &mut self.memory) {
            Ok(Reply::Vendor(vendor)) => {
                self.worker = Some(worker);
                return Ok(vendor);
            }
            Ok(other) => Silence::Garbled(format!("{other:?}")),
            Err(silence) => silence,
        };
        let late = format!("opening the vendor's libraries took longer than {} s", self.limits.opening.as_secs());
        Err(silence.why(worker, &self.limits, late))
    }

    /// Has a worker do what is left of a job.
    fn attempt(&mut self, rest: &Rest, steps: &mut dyn Steps) -> Result<Answer, Death> {
        let started = Instant::now();
        let found = self.worker();
        self.gone = found.as_ref().err().map(ToString::to_string);
        let mut worker = found.map_err(|error| Death::of_none(error.to_string(), started.elapsed()))?;
        let was_used = worker.jobs > 0;
        worker.jobs += 1;
        let mut step = None;
        let answer = self.listen(&worker, rest, &mut |begun| {
            step = Some(begun);
            steps.begin(rest.in_whole(begun));
        });
        match answer {
            Ok(answer) => {
                // Dropping a device that is lost may block for ever: its process goes.
                self.worker = Some(worker).filter(|_| !answer.lost);
                Ok(answer)
            }
            Err(silence) => {
                let late = overrun(kind_of(step), rest.job.deadlines);
                let rejection = Rejection::new(silence.stage(), silence.why(worker, &self.limits, late));
                Err(Death { step, rejection, was_used, is_final: false, after: started.elapsed() })
            }
        }
    }

    /// Sends what is left of a job and waits for the answer, step by step.
    fn listen(&mut self, worker: &Worker, rest: &Rest, begin: &mut dyn FnMut(Step)) -> Result<Answer, Silence> {
        worker.ask(&Request::Execute(Box::new(Cow::Borrowed(&rest.job))));
        let mut step = None;
        loop {
            let limit = Duration::from_millis(kind_of(step).limit_ms(&rest.job.deadlines));
            let deadline = Instant::now() + limit + self.limits.grace + QUIET;
            match hear(worker, deadline, self.limits.memory_bytes, &mut self.memory)? {
                Reply::Step(begun) => {
                    step = Some(begun);
                    begin(begun);
                }
                Reply::Report(answer) if answer.report.entrants.len() == rest.job.entrants.len() => return Ok(answer),
                other => return Err(Silence::Garbled(format!("{other:?}"))),
            }
        }
    }
}

/// Before it has said anything a worker reads its job.
fn kind_of(step: Option<Step>) -> StepKind {
    step.map_or(StepKind::Data, |step| step.kind)
}

fn overrun(kind: StepKind, deadlines: Deadlines) -> String {
    format!("{} took longer than {} ms", kind.what(), kind.limit_ms(&deadlines))
}

impl Backend for Supervisor {
    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut ledger = Ledger::new(job);
        while let Some(rest) = ledger.rest() {
            match self.attempt(&rest, steps) {
                Ok(answer) => ledger.answered(&rest, answer),
                Err(death) => {
                    log::warn!("a worker was lost: {death:?}");
                    ledger.died(&rest, death);
                }
            }
        }
        ledger.report()
    }

    fn is_isolated(&self) -> bool {
        true
    }

    fn renew(&mut self) -> bool {
        self.worker = None;
        true
    }

    fn vendor(&mut self) -> Vendor {
        self.ask_vendor().unwrap_or_else(Vendor::none)
    }

    fn gone(&self) -> Option<&str> {
        self.gone.as_deref()
    }
}

/// Starts a process and has it open a device.
fn open(
    command: &WorkerCommand,
    choice: &DeviceChoice,
    limits: &Limits,
    memory: &mut Memory,
) -> Result<(Worker, DeviceFacts), WorkerError> {
    let unstarted = |error| WorkerError::Process(format!("`{}`: {error}", command.program.display()));
    let worker = Worker::spawn(command).map_err(unstarted)?;
    worker.ask(&Request::Open(Cow::Borrowed(choice)));
    let silence = match hear(&worker, Instant::now() + limits.opening, limits.memory_bytes, memory) {
        Ok(Reply::Facts(facts)) => return Ok((worker, *facts)),
        Ok(Reply::NoDevice(why)) => return Err(WorkerError::Device(why)),
        Ok(other) => Silence::Garbled(format!("{other:?}")),
        Err(silence) => silence,
    };
    let late = format!("opening the device took longer than {} s", limits.opening.as_secs());
    Err(WorkerError::Process(silence.why(worker, limits, late)))
}

/// Waits for a reply, and watches the worker's memory meanwhile.
fn hear(worker: &Worker, deadline: Instant, most_bytes: u64, memory: &mut Memory) -> Result<Reply, Silence> {
    loop {
        let bytes = worker.id().and_then(|id| memory.resident_bytes(id)).unwrap_or(0);
        if bytes > most_bytes {
            return Err(Silence::TooLarge(bytes));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match worker.next_reply(left.min(LOOK)) {
            Ok(reply) => return reply.map_err(Silence::Garbled),
            Err(RecvTimeoutError::Disconnected) => return Err(Silence::Gone),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if left.is_zero() {
            return Err(Silence::TooLate);
        }
    }
}

impl Silence {
    fn stage(&self) -> Stage {
        match self {
            Self::TooLate => Stage::Timeout,
            Self::Garbled(_) | Self::TooLarge(_) | Self::Gone => Stage::Crash,
        }
    }

    /// What there is to say about it; the worker's last words are part of it where it died.
    fn why(self, worker: Worker, limits: &Limits, late: String) -> String {
        match self {
            Self::Garbled(line) => format!("the worker process said what cannot be understood: {line}"),
            Self::TooLarge(bytes) => {
                let (used, most) = (gib(bytes), gib(limits.memory_bytes));
                format!("the worker process used {used:.2} GiB of memory, more than the {most:.2} GiB it may")
            }
            Self::TooLate => late,
            Self::Gone => worker.obituary(),
        }
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}
