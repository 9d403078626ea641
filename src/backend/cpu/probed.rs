//! The fixed work that a processor is probed with, shared out among threads as other routines share theirs.

use super::kernels::peak::{CHAINS, Chains, PERIOD, READ_AT_ONCE, multiply_add, read};
use super::kernels::share::{self, share};
use super::kernels::{Data, DataMut, Width};
use super::operand::{Operand, Target};
use super::routines::{Ready, Setting};
use crate::code::routine::{Call, ProbeCall};

/// Something of which each part of the output is a task of its own.
pub(super) struct Probed {
    what: What,
    width: Width,
    /// Elements of the output that a task writes.
    part: usize,
    /// One for each thread; they own nothing.
    workers: Vec<()>,
}

#[derive(Clone, Copy)]
enum What {
    /// So many chains of multiply-adds with so many steps.
    Arithmetic {
        chains: usize,
        steps: usize,
    },
    /// As many elements as there are for each result, so many times over.
    Reading {
        rounds: usize,
    },
    Copying,
}

impl Probed {
    /// Multiply-adds on what is in registers; its options are `chains`, which run side by side, and `steps`.
    ///
    /// # Errors
    /// When the call or the options are none of it, as for the others below.
    pub fn arithmetic(setting: &Setting) -> Result<Self, String> {
        let (chains, steps) = (setting.size("chains")?, setting.size("steps")?);
        let ProbeCall { inputs, output, .. } = call(setting)?;
        if !CHAINS.contains(&chains) || *inputs != [PERIOD as u64; 3] || output % PERIOD as u64 != 0 {
            return Err(format!("it takes {CHAINS:?} chains, three inputs of {PERIOD}, and whole periods of results"));
        }
        Self::new(setting, What::Arithmetic { chains, steps }, PERIOD)
    }

    /// Reading an equal part of the input for each result; its option is `rounds`, how many times.
    pub fn reading(setting: &Setting) -> Result<Self, String> {
        let rounds = setting.size("rounds")?;
        let ProbeCall { inputs, output, .. } = call(setting)?;
        let is_whole = |elements: u64| *output > 0 && elements.is_multiple_of(output * READ_AT_ONCE as u64);
        if inputs.len() != 1 || !is_whole(inputs[0]) {
            return Err(format!("it takes one input, of a multiple of {READ_AT_ONCE} for each result"));
        }
        Self::new(setting, What::Reading { rounds }, 1)
    }

    /// Copying; its option is `part`, how many elements a task copies.
    pub fn copying(setting: &Setting) -> Result<Self, String> {
        let part = setting.size("part")?;
        let ProbeCall { inputs, output, .. } = call(setting)?;
        if *inputs != [*output] || part == 0 || output % part as u64 != 0 {
            return Err("it takes as much as it gives, in whole parts".to_owned());
        }
        Self::new(setting, What::Copying, part)
    }

    fn new(setting: &Setting, what: What, part: usize) -> Result<Self, String> {
        Ok(Self { what, width: setting.width()?, part, workers: vec![(); setting.threads] })
    }
}

impl Ready for Probed {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let Self { what, width, part, .. } = *self;
        let (inputs, output) = (inputs.iter().map(|input| elements(*input)).collect::<Vec<_>>(), values(outputs));
        let (count, target) = (output.len(), share::Target::of(output));
        share(&mut self.workers, count / part, |task, ()| {
            // SAFETY: a whole number of parts is the output, no two tasks have the same, and each is done by one thread.
            let results = unsafe { target.slice(task * part, part) };
            match what {
                What::Arithmetic { chains, steps } => {
                    let [start, factor, addend] = [0, 1, 2].map(|input| period(inputs[input]));
                    let results = results.try_into().expect("a part is a period");
                    multiply_add(width, chains, Chains { start, factor, addend, steps, results });
                }
                What::Reading { rounds } => {
                    let each = inputs[0].len() / count;
                    let sum = read(width, &inputs[0][task * each..][..each], rounds);
                    // The upper bits, which an f32 holds; the lowest of whole numbers are always 0.
                    results[0] = (sum >> 8) as f32;
                }
                What::Copying => results.copy_from_slice(&inputs[0][task * part..][..part]),
            }
        });
    }
}

fn call<'a>(setting: &'a Setting) -> Result<&'a ProbeCall, String> {
    match &setting.routine.call {
        Call::Probe(call) => Ok(call),
        _ => Err("it is for probing alone".to_owned()),
    }
}

fn elements<'a>(operand: Operand<'a>) -> &'a [f32] {
    match operand {
        Data::F32(values) => values,
        Data::F16(_) => unreachable!("the elements of a probe are f32"),
    }
}

fn values<'a>(outputs: &'a mut [Target]) -> &'a mut [f32] {
    match &mut outputs[0] {
        DataMut::F32(values) => values,
        DataMut::F16(_) => unreachable!("the elements of a probe are f32"),
    }
}

fn period(input: &[f32]) -> &[f32; PERIOD] {
    input.try_into().expect("an input of chains is a period")
}
