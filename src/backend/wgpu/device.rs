//! One opened device: executes jobs, and is opened anew when a candidate has killed it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wgpu::{Device, DeviceDescriptor, Features, Queue};

use super::adapters::{DeviceChoice, DeviceError, choose};
use super::buffers::Tensors;
use super::compile::{Compiled, compile};
use super::run::Runner;
use crate::backend::{Backend, EntrantReport, Expected, ExpectedFile, Job, JobReport, Spent, nanoseconds_since};
use crate::base::DeviceFacts;
use crate::record::{Outcome, Rejection, Stage};

/// A device opened through wgpu, in this process.
pub struct WgpuBackend {
    facts: DeviceFacts,
    open: Open,
    tensors: Tensors,
    expected: HashMap<ExpectedFile, Arc<Vec<Expected>>>,
    /// Whether the clocks have been brought up to speed.
    warm: bool,
}

/// What is lost with the device.
struct Open {
    device: Device,
    queue: Queue,
    lost: Arc<AtomicBool>,
}

/// How long a hardware GPU is kept busy before its first sample: they idle at a fraction of their clock.
const WARM_UP: Duration = Duration::from_millis(500);

impl WgpuBackend {
    /// Opens the chosen device with all its limits and the features that templates use.
    pub fn open(choice: &DeviceChoice) -> Result<Self, DeviceError> {
        let (open, facts) = Open::new(choice)?;
        Ok(Self { facts, open, tensors: Tensors::default(), expected: HashMap::new(), warm: false })
    }

    /// The same device, timed by the host's clock as where there are no timestamp queries.
    pub fn by_host_clock(mut self) -> Self {
        self.facts.features.timestamps = false;
        self
    }

    /// Replaces a device that was lost; the old one is leaked, since dropping it may block for ever.
    fn reopen(&mut self) -> Result<(), DeviceError> {
        let (open, _) = Open::new(&DeviceChoice::Identity(self.facts.identity.clone()))?;
        std::mem::forget(std::mem::replace(&mut self.open, open));
        std::mem::forget(std::mem::take(&mut self.tensors));
        self.warm = false;
        Ok(())
    }

    fn expected(&mut self, file: &ExpectedFile) -> Result<Arc<Vec<Expected>>, Rejection> {
        if let Some(expected) = self.expected.get(file) {
            return Ok(expected.clone());
        }
        let read = file.read();
        let read = read.map_err(|e| Rejection::new(Stage::Run, format!("reading the expected results: {e}")))?;
        // One workload is worked on at a time: the last one's results are no longer needed.
        self.expected.clear();
        let read = Arc::new(read);
        self.expected.insert(file.clone(), read.clone());
        Ok(read)
    }
}

impl Backend for WgpuBackend {
    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn execute(&mut self, job: &Job) -> JobReport {
        let mut spent = Spent::default();
        if self.is_lost()
            && let Err(error) = self.reopen()
        {
            return failed(job, &Rejection::new(Stage::Run, format!("after the device was lost: {error}")));
        }
        let started = Instant::now();
        let expected = match job.gate.as_ref().map(|gate| self.expected(&gate.expected)).transpose() {
            Ok(expected) => expected,
            Err(rejection) => return failed(job, &rejection),
        };
        if let Err(rejection) = self.tensors.provide(&self.open.device, &self.open.queue, job) {
            return failed(job, &rejection);
        }
        spent.gate_ns += nanoseconds_since(started);

        let mut runner = Runner::new(&self.open.device, &self.open.queue, &self.facts, job, &self.tensors);
        let started = Instant::now();
        let compile = |entrant| {
            let compiled =
                compile(&self.open.device, &self.open.queue, &self.facts.limits, job, entrant, &self.tensors)?;
            runner.touch(&compiled).map(|()| compiled)
        };
        let compiled: Vec<Result<Compiled, Rejection>> = job.entrants.iter().map(compile).collect();
        spent.compile_ns += nanoseconds_since(started);

        let mut reports: Vec<EntrantReport> = compiled.iter().map(report).collect();
        for (report, compiled) in reports.iter_mut().zip(&compiled) {
            if let Ok(compiled) = compiled {
                runner.verify(compiled, expected.as_deref().map(Vec::as_slice), report, &mut spent);
            }
        }
        let started = Instant::now();
        let warm_up = if self.warm || self.facts.is_software() { Duration::ZERO } else { WARM_UP };
        self.warm |= job.timing.is_some();
        runner.race(&compiled, &mut reports, warm_up);
        spent.run_ns += nanoseconds_since(started);
        self.blame_the_lost(&mut reports);
        JobReport { entrants: reports, spent }
    }
}

impl WgpuBackend {
    /// A device that went away is the fault of the first entrant that noticed, or of the only one there was; of the
    /// others, and where nobody knows, nothing has been learnt.
    fn blame_the_lost(&self, reports: &mut [EntrantReport]) {
        if !self.is_lost() {
            return;
        }
        let crashed = reports.iter().position(|report| report.is_rejected_at(Stage::Crash));
        let culprit = crashed.or((reports.len() == 1).then_some(0));
        for (at, report) in reports.iter_mut().enumerate() {
            let noticed = report.is_running() || culprit.is_some_and(|culprit| at >= culprit);
            if noticed {
                let stage = if culprit == Some(at) { Stage::Crash } else { Stage::Run };
                *report = EntrantReport::rejected(Rejection::new(stage, "the device was lost"));
            }
        }
    }

    fn is_lost(&self) -> bool {
        self.open.lost.load(Ordering::Relaxed)
    }
}

impl Open {
    fn new(choice: &DeviceChoice) -> Result<(Self, DeviceFacts), DeviceError> {
        let (adapter, facts) = choose(choice)?;
        let wanted = Features::TIMESTAMP_QUERY | Features::SHADER_F16 | Features::SUBGROUP;
        let request = adapter.request_device(&DeviceDescriptor {
            label: Some("wgtune"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            ..Default::default()
        });
        let (device, queue) = pollster::block_on(request)
            .map_err(|e| DeviceError::Open { name: facts.identity.adapter.clone(), why: e.to_string() })?;
        let lost = Arc::new(AtomicBool::new(false));
        let flag = lost.clone();
        device.set_device_lost_callback(move |reason, message| {
            log::warn!("device lost ({reason:?}): {message}");
            flag.store(true, Ordering::Relaxed);
        });
        // The default handler panics; errors of a candidate are caught by scopes before they get here.
        device.on_uncaptured_error(Arc::new(|error| log::warn!("wgpu: {error}")));
        Ok((Self { device, queue, lost }, facts))
    }
}

/// The report of an entrant that has only been compiled.
fn report(compiled: &Result<Compiled, Rejection>) -> EntrantReport {
    match compiled {
        Ok(_) => EntrantReport {
            outcome: Outcome::Timed { samples_ns: Vec::new(), clock: crate::record::Clock::Device },
            verified: None,
            prepare_ns: None,
        },
        Err(rejection) => EntrantReport::rejected(rejection.clone()),
    }
}

/// A report in which every entrant fails for the same reason.
fn failed(job: &Job, rejection: &Rejection) -> JobReport {
    let entrants = job.entrants.iter().map(|_| EntrantReport::rejected(rejection.clone())).collect();
    JobReport { entrants, spent: Spent::default() }
}
