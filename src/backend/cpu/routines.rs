//! Which routines there are, by library and name, and how each is made ready for a call.

use std::sync::Arc;

use rayon::ThreadPool;

use super::naive::Naive;
use super::operand::{Operand, Target};
use crate::base::Processor;
use crate::code::routine::{NATIVE, Routine};

/// A routine that is ready for one call, on whatever data.
pub(super) trait Ready {
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
const ROUTINES: &[(&str, &str, Make)] = &[(NATIVE, "naive", |setting| Ok(Box::new(Naive::new(setting)?)))];

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
