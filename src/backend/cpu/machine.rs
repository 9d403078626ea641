//! The processor as a machine that executes jobs. A routine that panics is rejected, and the machine goes on.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::operand::{Operand, Target};
use super::pools::Pools;
use super::routines::{Ready, Setting, ready};
use super::tensors::Tensors;
use crate::backend::{Entrant, Job, Machine, Sample, nanoseconds_since};
use crate::base::{DeviceFacts, Processor};
use crate::code::routine::Routine;
use crate::record::{Clock, Rejection, Stage};

/// The host's processor with what lies in its memory.
pub struct CpuMachine {
    facts: DeviceFacts,
    processor: Processor,
    tensors: Tensors,
    pools: Pools,
    /// Which copy of the inputs is next where caches are to be cold.
    next_copy: usize,
}

/// A routine that is ready to run, with the pool of its threads where it has more than one.
pub struct Compiled {
    ready: RefCell<Box<dyn Ready>>,
    pool: Option<Arc<ThreadPool>>,
}

/// How long a processor is kept busy before its first sample: clocks rise within some milliseconds.
const WARM_UP: Duration = Duration::from_millis(100);

impl CpuMachine {
    pub(super) fn new(facts: DeviceFacts) -> Self {
        let processor = facts.processor.clone().unwrap_or_else(Processor::boundless);
        Self { facts, processor, tensors: Tensors::default(), pools: Pools::default(), next_copy: 0 }
    }

    /// Makes a routine ready, with the threads that it asks for.
    fn ready(&mut self, routine: &Routine) -> Result<Compiled, String> {
        let most = i64::from(self.processor.threads);
        let threads = routine.threads().unwrap_or(most);
        if !(1..=most).contains(&threads) {
            return Err(format!("it asks for {threads} threads of {most}"));
        }
        let threads = threads as usize;
        let pool = self.pools.of(threads)?;
        let ready = ready(&Setting { routine, processor: &self.processor, threads, pool: pool.clone() })?;
        Ok(Compiled { ready: RefCell::new(ready), pool: (threads > 1).then_some(pool) })
    }
}

impl Machine for CpuMachine {
    type Compiled = Compiled;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        self.tensors.provide(job, self.facts.limits.buffer_bytes)
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Compiled, Rejection> {
        let refused = |why: String| Rejection::new(Stage::Compile, why);
        let no_routine = || refused("this device runs native routines and no WGSL".to_owned());
        let routine = entrant.program.routine.as_ref().ok_or_else(no_routine)?;
        let of_routine = |why: String| refused(format!("{routine}: {why}"));
        check_tensors(job, routine).map_err(of_routine)?;
        self.ready(routine).map_err(of_routine)
    }

    fn prepare(&mut self, _: &Job, compiled: &Compiled, set: usize) -> Result<Option<f64>, Rejection> {
        let (inputs, _) = self.tensors.bind(set);
        let ready = &mut *compiled.ready.borrow_mut();
        if !ready.prepares() {
            return Ok(None);
        }
        let started = Instant::now();
        unpanicked(|| compiled.on_its_threads(|| ready.prepare(&inputs)))?;
        Ok(Some(nanoseconds_since(started)))
    }

    fn outputs(&mut self, job: &Job, compiled: &Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        self.tensors.reset();
        let started = Instant::now();
        let (inputs, mut outputs) = self.tensors.bind(set);
        compiled.run(&inputs, &mut outputs)?;
        in_time(nanoseconds_since(started), job)?;
        self.tensors.check_inputs(set)?;
        Ok(self.tensors.read())
    }

    fn sample(&mut self, job: &Job, compiled: &Compiled, repeats: u32) -> Result<Option<Sample>, Rejection> {
        self.tensors.reset_in_out();
        let Self { tensors, next_copy, .. } = self;
        let ready = &mut *compiled.ready.borrow_mut();
        let mut ns = 0.0;
        // The clock starts on the pool: a program whose threads already run pays nothing for entering one at each call.
        let runs = || {
            let started = Instant::now();
            // All entrants take turns on the same copies: one that began anew would find what another has just read.
            for _ in 0..repeats {
                let (inputs, mut outputs) = tensors.bind_copy(*next_copy);
                *next_copy = next_copy.wrapping_add(1);
                ready.run(&inputs, &mut outputs);
            }
            ns = nanoseconds_since(started);
        };
        unpanicked(|| compiled.on_its_threads(runs))?;
        let ns = ns / f64::from(repeats);
        in_time(ns, job)?;
        Ok(Some(Sample { ns, clock: Clock::Host }))
    }

    fn empty_pass(&mut self, _: &Job) -> Result<Option<Sample>, Rejection> {
        let started = Instant::now();
        Ok(Some(Sample { ns: nanoseconds_since(started), clock: Clock::Host }))
    }

    fn warm_up(&self) -> Duration {
        WARM_UP
    }

    fn is_lost(&self) -> bool {
        false
    }

    fn reopen(&mut self) -> Result<(), String> {
        Ok(())
    }
}

impl Compiled {
    fn run(&self, inputs: &[Operand], outputs: &mut [Target]) -> Result<(), Rejection> {
        let ready = &mut *self.ready.borrow_mut();
        unpanicked(|| self.on_its_threads(|| ready.run(inputs, outputs)))
    }

    /// Works within the pool, so that tasks that are spawned on the way go there; a single thread is this one.
    fn on_its_threads(&self, work: impl FnOnce() + Send) {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Turns a panic into a rejection; what it left half done is poisoned before it is used again.
fn unpanicked(work: impl FnOnce()) -> Result<(), Rejection> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("nobody knows why");
        Rejection::new(Stage::Crash, format!("the routine panicked: {text}"))
    })
}

/// Whether a run was short enough, noticed afterwards.
fn in_time(run_ns: f64, job: &Job) -> Result<(), Rejection> {
    let limit = Duration::from_millis(job.deadlines.run_ms);
    if run_ns <= limit.as_secs_f64() * 1e9 {
        return Ok(());
    }
    Err(Rejection::new(Stage::Timeout, format!("a run took longer than {} ms", limit.as_millis())))
}

/// Whether the job's tensors are those that a routine is about: it is trusted with their lengths.
fn check_tensors(job: &Job, routine: &Routine) -> Result<(), String> {
    let extents = routine.call.extents();
    let gates = job.gates.iter().map(|gate| &gate.inputs);
    for inputs in std::iter::once(&job.inputs).chain(gates) {
        if !inputs.iter().map(|rule| rule.elements).eq(extents.inputs.iter().copied()) {
            return Err("the inputs have other sizes than it was asked for".to_owned());
        }
    }
    if !job.outputs.iter().map(|rule| rule.elements).eq(extents.outputs) {
        return Err("the outputs have other sizes than it was asked for".to_owned());
    }
    let mut rules = job.inputs.iter().chain(&job.outputs).chain(job.gates.iter().flat_map(|gate| &gate.inputs));
    match rules.find(|rule| rule.element != routine.call.element() || !rule.element.is_float()) {
        Some(rule) => {
            Err(format!("`{}` is of {}, and it was asked for {}", rule.name, rule.element, routine.call.element()))
        }
        None => Ok(()),
    }
}
