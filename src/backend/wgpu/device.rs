//! One opened device, as a machine that executes jobs; it is opened anew when a candidate has killed it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wgpu::{Device, DeviceDescriptor, ExperimentalFeatures, Features, Queue};

use super::adapters::choose;
use super::buffers::Tensors;
use super::compile::{Compiled, compile};
use super::run::{Runner, Stamps};
use crate::backend::{DeviceChoice, DeviceError, Entrant, Executor, Job, Machine, Sample};
use crate::base::DeviceFacts;
use crate::record::Rejection;

/// A device opened through wgpu, in this process.
pub type WgpuBackend = Executor<WgpuMachine>;

/// One device, its queue and what is on it.
pub struct WgpuMachine {
    facts: DeviceFacts,
    /// Its place on the PCI bus, where the driver tells it.
    bus: String,
    open: Open,
    tensors: Tensors,
    /// Which copy of the inputs is next where caches are to be cold.
    next_copy: usize,
}

/// What is lost with the device.
struct Open {
    device: Device,
    queue: Queue,
    stamps: Option<Stamps>,
    lost: Arc<AtomicBool>,
}

/// What is asked for where an adapter has it.
const WANTED: Features = Features::TIMESTAMP_QUERY
    .union(Features::SHADER_F16)
    .union(Features::SUBGROUP)
    .union(Features::SHADER_FLOAT32_ATOMIC);

/// Leave to use what wgpu does not vouch for yet.
fn unfinished() -> ExperimentalFeatures {
    // SAFETY: kernels that use such a feature are checked as all others are, in a process of their own.
    unsafe { ExperimentalFeatures::enabled() }
}

/// How long a hardware GPU is kept busy before its first sample: they idle at a fraction of their clock.
const WARM_UP: Duration = Duration::from_millis(500);

impl WgpuBackend {
    /// Opens the chosen device with all its limits and the features that templates use.
    pub fn open(choice: &DeviceChoice) -> Result<Self, DeviceError> {
        WgpuMachine::open(choice).map(Self::new)
    }

    /// The same device, timed by the host's clock as where there are no timestamp queries.
    pub fn by_host_clock(mut self) -> Self {
        self.machine.facts.features.timestamps = false;
        self.machine.open.stamps = None;
        self
    }
}

impl WgpuMachine {
    /// As [`WgpuBackend::open`], for another executor.
    pub fn open(choice: &DeviceChoice) -> Result<Self, DeviceError> {
        let (open, facts, bus) = Open::new(choice)?;
        Ok(Self { facts, bus, open, tensors: Tensors::default(), next_copy: 0 })
    }

    /// Its place on the PCI bus as `domain:bus:device.function`; empty where the driver does not tell it.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    fn runner(&self, job: &Job) -> Runner<'_> {
        let Open { device, queue, stamps, .. } = &self.open;
        Runner { device, queue, deadlines: job.deadlines, stamps: stamps.as_ref() }
    }
}

impl Machine for WgpuMachine {
    type Compiled = Compiled;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        self.tensors.provide(&self.open.device, &self.open.queue, &self.facts.limits, job)
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Compiled, Rejection> {
        let Open { device, queue, .. } = &self.open;
        let compiled = compile(device, queue, &self.facts.limits, job, entrant, &self.tensors)?;
        self.runner(job).touch(&compiled)?;
        Ok(compiled)
    }

    fn prepare(&mut self, job: &Job, compiled: &Compiled, set: usize) -> Result<Option<f64>, Rejection> {
        compiled.temporaries.iter().for_each(|temporary| temporary.poison(&self.open.queue));
        match compiled.sets[set].prepare.as_slice() {
            [] => Ok(None),
            launches => Ok(self.runner(job).sample(&[launches])?.map(|sample| sample.ns)),
        }
    }

    fn outputs(&mut self, job: &Job, compiled: &Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        self.runner(job).outputs(compiled, set, &self.tensors)
    }

    fn sample(&mut self, job: &Job, compiled: &Compiled, repeats: u32) -> Result<Option<Sample>, Rejection> {
        let runs = compiled.runs(self.next_copy, repeats);
        // All entrants take turns on the same copies: one that began anew would find what another has just read.
        self.next_copy = self.next_copy.wrapping_add(runs.len());
        let runner = self.runner(job);
        runner.reset_in_out(&self.tensors)?;
        runner.sample(&runs)
    }

    fn empty_pass(&mut self, job: &Job) -> Result<Option<Sample>, Rejection> {
        self.runner(job).sample(&[])
    }

    fn empty_submission(&mut self, job: &Job) -> Result<Option<f64>, Rejection> {
        self.runner(job).submit_nothing().map(Some)
    }

    fn warm_up(&self) -> Duration {
        if self.facts.is_software() { Duration::ZERO } else { WARM_UP }
    }

    fn is_lost(&self) -> bool {
        self.open.lost.load(Ordering::Relaxed)
    }

    /// The old device is leaked, since dropping it may block for ever.
    fn reopen(&mut self) -> Result<(), String> {
        let choice = DeviceChoice::Identity(self.facts.identity.clone());
        let (mut open, ..) = Open::new(&choice).map_err(|error| error.to_string())?;
        open.stamps = open.stamps.filter(|_| self.facts.features.timestamps);
        std::mem::forget(std::mem::replace(&mut self.open, open));
        std::mem::forget(std::mem::take(&mut self.tensors));
        Ok(())
    }
}

impl Open {
    fn new(choice: &DeviceChoice) -> Result<(Self, DeviceFacts, String), DeviceError> {
        let (adapter, facts) = choose(choice)?;
        let mut wanted = WANTED;
        if !facts.features.cooperative.is_empty() {
            wanted |= Features::EXPERIMENTAL_COOPERATIVE_MATRIX;
        }
        let experimental = wanted.contains(Features::EXPERIMENTAL_COOPERATIVE_MATRIX);
        let request = adapter.request_device(&DeviceDescriptor {
            label: Some("wgtune"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            experimental_features: if experimental { unfinished() } else { ExperimentalFeatures::disabled() },
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
        let stamps = facts.features.timestamps.then(|| Stamps::new(&device, &queue));
        Ok((Self { device, queue, stamps, lost }, facts, adapter.get_info().device_pci_bus_id))
    }
}
