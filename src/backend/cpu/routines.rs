//! Which routines there are, by library and name, and how each is made ready for a call.

use std::sync::Arc;

use rayon::ThreadPool;

use super::chained::Chained;
use super::convolved::Convolved;
use super::kernels::Width;
use super::libraries::{Library, Threads};
use super::lowered::Lowered;
use super::multiplied::Multiplied;
use super::naive::Naive;
use super::operand::{Operand, Target};
use super::probed::Probed;
use super::products::Product;
use crate::base::Processor;
use crate::code::routine::{NATIVE, Routine};

/// A routine that is ready for one call, on whatever data.
pub(super) trait Ready: Send {
    /// Whether there is something to prepare once per set of constant weights.
    fn prepares(&self) -> bool {
        false
    }

    /// Prepares for these inputs, as the next runs have them.
    fn prepare(&mut self, _inputs: &[Operand]) {}

    /// Computes all outputs.
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]);
}

/// What a routine is made ready with.
pub(super) struct Setting<'a> {
    pub routine: &'a Routine,
    pub processor: &'a Processor,
    /// How many threads it may use.
    pub threads: usize,
    /// A pool of just so many, for whoever has none.
    pub pool: Arc<ThreadPool>,
}

/// Makes a routine ready for its call, or says why it cannot be.
type Make = fn(&Setting) -> Result<Box<dyn Ready>, String>;

/// Every routine.
const ROUTINES: &[(&str, &str, Make)] = &[
    (NATIVE, "blocked", |setting| boxed(Product::in_blocks(setting))),
    (NATIVE, "skinny", |setting| boxed(Product::streamed(setting))),
    (NATIVE, "direct", |setting| boxed(Convolved::direct(setting))),
    (NATIVE, "by_channels", |setting| boxed(Convolved::by_channels(setting))),
    (NATIVE, "winograd", |setting| boxed(Convolved::winograd(setting))),
    (NATIVE, "depthwise", |setting| boxed(Convolved::depthwise(setting))),
    (NATIVE, "sweeps", |setting| boxed(Chained::new(setting))),
    (NATIVE, "naive", |setting| boxed(Naive::new(setting))),
    (NATIVE, "probe_arithmetic", |setting| boxed(Probed::arithmetic(setting))),
    (NATIVE, "probe_read", |setting| boxed(Probed::reading(setting))),
    (NATIVE, "probe_copy", |setting| boxed(Probed::copying(setting))),
    ("gemm", "gemm", |setting| boxed(Multiplied::new(Library::Gemm, setting))),
    ("gemm", "im2col", |setting| boxed(Lowered::new(Library::Gemm, setting))),
    ("faer", "matmul", |setting| boxed(Multiplied::new(Library::Faer, setting))),
    ("faer", "im2col", |setting| boxed(Lowered::new(Library::Faer, setting))),
    ("matrixmultiply", "sgemm", |setting| boxed(Multiplied::new(Library::MatrixMultiply, setting))),
    ("matrixmultiply", "im2col", |setting| boxed(Lowered::new(Library::MatrixMultiply, setting))),
];

fn boxed<R: Ready + 'static>(made: Result<R, String>) -> Result<Box<dyn Ready>, String> {
    made.map(|made| Box::new(made) as Box<dyn Ready>)
}

/// Makes a routine ready.
///
/// # Errors
/// When there is none of that name, or it cannot do what is asked on this processor; half a sentence.
pub(super) fn ready(setting: &Setting) -> Result<Box<dyn Ready>, String> {
    let routine = setting.routine;
    let is_it = |(library, name, _): &&(&str, &str, Make)| *library == routine.library && *name == routine.name;
    let (_, _, make) = ROUTINES.iter().find(is_it).ok_or("this device has no such routine")?;
    make(setting)
}

impl Setting<'_> {
    /// An option that is a size.
    pub fn size(&self, name: &str) -> Result<usize, String> {
        let value = self.routine.option(name).ok_or_else(|| format!("its option `{name}` is missing"))?;
        usize::try_from(value).map_err(|_| format!("its option `{name}` is {value}"))
    }

    /// The vectors that it is to use, if the processor has them and is not held back.
    pub fn width(&self) -> Result<Width, String> {
        let lanes = self.size("lanes")?;
        let has = self.processor.lanes.contains(&(lanes as u32));
        let width = Width::of(lanes).filter(|width| has && width.is_available());
        width.ok_or_else(|| format!("this processor has no vectors of {lanes}"))
    }

    /// The threads of its pool.
    pub fn threads(&self) -> Threads {
        Threads { count: self.threads, pool: self.pool.clone() }
    }
}
