//! A GPU as a machine whose only programs are routines of NVIDIA's libraries.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::blas::Blas;
use super::copy::Copy;
use super::device::Device;
use super::dnn::Dnn;
use super::graph::{Graph, RUNS};
use super::lt::Lt;
use super::memory::Tensors;
use super::plan::{Buffers, COPY, Family, Plan, Precision};
use crate::backend::{Entrant, Job, Machine, Sample};
use crate::base::DeviceFacts;
use crate::code::routine::{Call, Routine};
use crate::record::{CacheState, Clock, Library, Rejection, Stage, Vendor};

/// A GPU with what there is of NVIDIA's libraries. A device that is lost stays lost for this process.
pub struct CudaMachine {
    facts: DeviceFacts,
    vendor: Vendor,
    // The libraries and the buffers end before the device does.
    blas: Result<Rc<Blas>, String>,
    lt: Result<Rc<Lt>, String>,
    dnn: Result<Rc<Dnn>, String>,
    tensors: Tensors,
    device: Device,
    lost: bool,
}

/// A routine bound to what the job provides.
pub struct Compiled {
    plan: Box<dyn Plan>,
    /// For short runs, of which there are many in a pass.
    graph: RefCell<Batch>,
}

enum Batch {
    Untried,
    Made(Graph),
    /// A routine that cannot be taken down is launched run by run.
    Impossible,
}

/// How long a GPU is kept busy before its first sample: they idle at a fraction of their clock.
const WARM_UP: Duration = Duration::from_millis(500);

impl CudaMachine {
    /// Opens the GPU that another interface calls by this name and finds at this place on the bus; where that tells no
    /// place, the name must be that of one GPU alone.
    ///
    /// # Errors
    /// As a sentence, where CUDA has no such GPU or none of its libraries is there.
    pub fn open(facts: &DeviceFacts, bus: &str) -> Result<Self, String> {
        let device = Device::open(&facts.identity.adapter, bus)?;
        let (blas, lt, dnn) = (Blas::open(&device), Lt::open(), Dnn::open(&device));
        let mut vendor = Vendor { device: format!("{}, CUDA {}", device.name, device.version), ..Vendor::default() };
        let copying = Ok(device.version.clone());
        let of = |name: &str, version: Result<String, &String>| (name.to_owned(), version.map_err(String::clone));
        for (name, version) in [
            of("cublas", blas.as_ref().map(|blas| blas.version.clone())),
            of("cublaslt", lt.as_ref().map(|lt| lt.version.clone())),
            of("cudnn", dnn.as_ref().map(|dnn| dnn.version.clone())),
            of("cuda", copying),
        ] {
            match version {
                Ok(version) => vendor.libraries.push(Library { name, version }),
                Err(why) => vendor.missing.push(why),
            }
        }
        Ok(Self { facts: facts.clone(), vendor, blas, lt, dnn, tensors: Tensors::default(), device, lost: false })
    }

    fn buffers(&self, set: usize) -> Buffers<'_> {
        Buffers::new(&self.tensors.sets[set], &self.tensors.outputs)
    }

    fn plan(&self, job: &Job, routine: &Routine) -> Result<Box<dyn Plan>, String> {
        let (device, buffers) = (&self.device, self.buffers(0));
        let precision = || Precision::of(&routine.name, routine.call.element());
        Ok(match (routine.library.as_str(), &routine.call) {
            ("cublas", Call::Matmul(call)) => Box::new(self.blas.as_ref()?.plan(precision()?, call)?),
            ("cublaslt", Call::Matmul(call)) => {
                Box::new(self.lt.as_ref()?.plan(device, buffers, precision()?, call)?)
            }
            ("cudnn", Call::Convolution(call)) => {
                let family = Family::of(routine.option(Family::OPTION))?;
                Box::new(self.dnn.as_ref()?.plan(device, buffers, precision()?, family, call)?)
            }
            ("cuda", _) if routine.name == COPY => Box::new(Copy::plan(device, buffers, moved(job))?),
            _ => return Err(format!("NVIDIA's libraries have no routine {routine}")),
        })
    }

    /// A failure of something that ran: the device may have gone with it.
    fn failed(&mut self, stage: Stage, why: String) -> Rejection {
        self.lost = self.device.finish().is_err();
        Rejection::new(stage, why)
    }

    fn enter(&self) -> Result<(), Rejection> {
        if self.lost {
            return Err(Rejection::new(Stage::Run, "CUDA lost the device in this process"));
        }
        self.device.enter().map_err(|why| Rejection::new(Stage::Run, why))
    }

    /// Puts so many runs into the stream, many short ones as few launches.
    fn enqueue(&self, compiled: &Compiled, runs: u32) -> Result<(), String> {
        let buffers = self.buffers(0);
        let (batches, rest) = match &*compiled.graph.borrow() {
            Batch::Made(graph) => {
                (0..runs / RUNS).try_for_each(|_| graph.launch(&self.device))?;
                (runs / RUNS, runs % RUNS)
            }
            Batch::Untried | Batch::Impossible => (0, runs),
        };
        debug_assert_eq!(batches * RUNS + rest, runs);
        (0..rest).try_for_each(|_| compiled.plan.enqueue(&self.device, buffers))
    }

    fn make_batch(&self, compiled: &Compiled, runs: u32) {
        let mut batch = compiled.graph.borrow_mut();
        if runs < RUNS || !matches!(*batch, Batch::Untried) {
            return;
        }
        let made = Graph::of(&self.device, || compiled.plan.enqueue(&self.device, self.buffers(0)));
        *batch = made.map_or_else(
            |why| {
                log::info!("a routine is launched run by run: {why}");
                Batch::Impossible
            },
            Batch::Made,
        );
    }
}

/// Bytes of a job's inputs and outputs, each touched once.
fn moved(job: &Job) -> u64 {
    job.inputs.iter().chain(&job.outputs).map(|rule| rule.data_bytes()).sum()
}

/// Whether a job's tensors are those that a call is about. A call may leave out inputs of an epilogue that it does without.
fn refuse_others(job: &Job, call: &Call) -> Result<(), String> {
    let extents = call.extents();
    let given = |rules: &[crate::backend::BufferRule]| rules.iter().map(|rule| rule.elements).collect::<Vec<_>>();
    let (inputs, outputs) = (given(&job.inputs), given(&job.outputs));
    if inputs.starts_with(&extents.inputs) && outputs == extents.outputs {
        return Ok(());
    }
    Err(format!(
        "a routine for {:?} and {:?} elements is given {inputs:?} and {outputs:?}",
        extents.inputs, extents.outputs
    ))
}

impl Machine for CudaMachine {
    type Compiled = Compiled;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        self.enter()?;
        self.tensors.provide(&self.device, job)
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Compiled, Rejection> {
        self.enter()?;
        let refused = |why: &str| Rejection::new(Stage::Compile, why);
        let routine = entrant.program.routine.as_ref().ok_or_else(|| refused("CUDA runs no WGSL here"))?;
        if entrant.mode.cache == CacheState::Cold {
            return Err(refused("routines of libraries are timed with warm caches only"));
        }
        refuse_others(job, &routine.call).map_err(|why| refused(&why))?;
        match self.plan(job, routine) {
            Ok(plan) => {
                let compiled = Compiled { plan, graph: RefCell::new(Batch::Untried) };
                // What a library puts off until its first run counts as compiling.
                let ran = self.enqueue(&compiled, 1).and_then(|()| self.device.finish());
                ran.map_err(|why| self.failed(Stage::Run, why))?;
                Ok(compiled)
            }
            Err(why) => Err(self.failed(Stage::Compile, why)),
        }
    }

    fn prepare(&mut self, _job: &Job, _compiled: &Compiled, _set: usize) -> Result<Option<f64>, Rejection> {
        Ok(None)
    }

    /// A library writes nothing but its output, guard zone included in what is read back.
    fn outputs(&mut self, _job: &Job, compiled: &Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        self.enter()?;
        let run = || -> Result<Vec<Vec<u8>>, String> {
            let outputs = &self.tensors.outputs;
            outputs.iter().try_for_each(|(memory, before)| memory.copy(&self.device, before))?;
            compiled.plan.enqueue(&self.device, self.buffers(set))?;
            outputs.iter().map(|(memory, _)| memory.read(&self.device)).collect()
        };
        run().map_err(|why| self.failed(Stage::Run, why))
    }

    fn sample(&mut self, _job: &Job, compiled: &Compiled, repeats: u32) -> Result<Option<Sample>, Rejection> {
        self.enter()?;
        self.make_batch(compiled, repeats);
        let timed = self.device.timed(|| self.enqueue(compiled, repeats));
        let ns = timed.map_err(|why| self.failed(Stage::Run, why))?;
        Ok(ns.map(|ns| Sample { ns: ns / f64::from(repeats), clock: Clock::Device }))
    }

    fn empty_pass(&mut self, _job: &Job) -> Result<Option<Sample>, Rejection> {
        self.enter()?;
        let timed = self.device.timed(|| Ok(())).map_err(|why| self.failed(Stage::Run, why))?;
        Ok(timed.map(|ns| Sample { ns, clock: Clock::Device }))
    }

    fn warm_up(&self) -> Duration {
        WARM_UP
    }

    fn is_lost(&self) -> bool {
        self.lost
    }

    fn reopen(&mut self) -> Result<(), String> {
        Err("CUDA opens a device that is lost in another process only".to_owned())
    }

    fn told(&self, compiled: &Compiled) -> Option<String> {
        compiled.plan.told()
    }

    fn vendor(&mut self) -> Vendor {
        self.vendor.clone()
    }
}
