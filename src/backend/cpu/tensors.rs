//! The tensors of a job in host memory: filled inputs and their copies, outputs. Kept as long as their rule is in use.

use std::sync::Arc;

use super::memory::Memory;
use super::operand::{Operand, Target, operand, target};
use crate::backend::{BufferRule, Job, filled, initial};
use crate::record::{Rejection, Stage};

/// The inputs and outputs that there are now.
#[derive(Default)]
pub(super) struct Tensors {
    /// Set 0 is what is timed on, those from 1 on are what the gates check on.
    sets: Vec<Vec<Arc<Input>>>,
    /// Copies of set 0, to cycle through where caches are to be cold.
    copies: Vec<Vec<Memory>>,
    outputs: Vec<Output>,
}

struct Input {
    rule: BufferRule,
    memory: Memory,
    fingerprint: u64,
}

struct Output {
    rule: BufferRule,
    memory: Memory,
    /// Poison, or what an in-out buffer has before a run.
    initial: Vec<u8>,
}

impl Tensors {
    /// Makes what the job needs and keeps what is there already: candidates of one workload share their tensors.
    pub fn provide(&mut self, job: &Job, most_bytes: u64) -> Result<(), Rejection> {
        refuse_too_large(job, most_bytes)?;
        let known: Vec<Arc<Input>> = self.sets.iter().flatten().cloned().collect();
        let mut made = Made(known);
        let rules = std::iter::once(&job.inputs).chain(job.gates.iter().map(|gate| &gate.inputs));
        let sets = rules.map(|rules| rules.iter().map(|rule| made.input(rule)).collect());
        let sets = sets.collect::<Result<Vec<Vec<Arc<Input>>>, Rejection>>()?;
        let is_same = self.sets.first().zip(sets.first()).is_some_and(|(old, new)| is_one(old, new));
        if !is_same || self.copies.len() as u64 != job.cold_copies() {
            let copy = |_| sets[0].iter().map(|input| input.memory.clone()).collect();
            self.copies = (0..job.cold_copies()).map(copy).collect();
        }
        self.sets = sets;
        if !self.outputs.iter().map(|output| &output.rule).eq(&job.outputs) {
            self.outputs = job.outputs.iter().map(Output::new).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    /// The inputs of a set, and the outputs.
    pub fn bind(&mut self, set: usize) -> (Vec<Operand<'_>>, Vec<Target<'_>>) {
        let inputs = self.sets[set].iter().map(|input| operand(&input.memory, &input.rule)).collect();
        (inputs, targets(&mut self.outputs))
    }

    /// The inputs of set 0 or, where there are copies, of one of these; and the outputs.
    pub fn bind_copy(&mut self, copy: usize) -> (Vec<Operand<'_>>, Vec<Target<'_>>) {
        if self.copies.is_empty() {
            return self.bind(0);
        }
        let copy = &self.copies[copy % self.copies.len()];
        let inputs = copy.iter().zip(&self.sets[0]).map(|(memory, input)| operand(memory, &input.rule)).collect();
        (inputs, targets(&mut self.outputs))
    }

    /// Makes all outputs what they are before a checked run.
    pub fn reset(&mut self) {
        self.outputs.iter_mut().for_each(Output::reset);
    }

    /// Makes in-out outputs what they are before a timed pass.
    pub fn reset_in_out(&mut self) {
        self.outputs.iter_mut().filter(|output| output.rule.is_filled()).for_each(Output::reset);
    }

    /// The outputs, guards included.
    pub fn read(&self) -> Vec<Vec<u8>> {
        self.outputs.iter().map(|output| output.memory.bytes().to_vec()).collect()
    }

    /// Refuses what changed an input. It is made right again: others are measured on it.
    pub fn check_inputs(&mut self, set: usize) -> Result<(), Rejection> {
        let is_changed = |input: &&Arc<Input>| input.memory.fingerprint() != input.fingerprint;
        let Some(changed) = self.sets[set].iter().find(is_changed).cloned() else { return Ok(()) };
        let right = Arc::new(Input::new(&changed.rule)?);
        for input in self.sets.iter_mut().flatten().filter(|input| Arc::ptr_eq(input, &changed)) {
            *input = right.clone();
        }
        Err(Rejection::new(Stage::Verify, format!("it changes its input `{}`", changed.rule.name)))
    }
}

fn targets(outputs: &mut [Output]) -> Vec<Target<'_>> {
    outputs.iter_mut().map(|output| target(&mut output.memory, &output.rule)).collect()
}

fn is_one(old: &[Arc<Input>], new: &[Arc<Input>]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| Arc::ptr_eq(old, new))
}

/// The inputs that there are already.
struct Made(Vec<Arc<Input>>);

impl Made {
    fn input(&mut self, rule: &BufferRule) -> Result<Arc<Input>, Rejection> {
        if let Some(known) = self.0.iter().find(|input| input.rule == *rule) {
            return Ok(known.clone());
        }
        let input = Arc::new(Input::new(rule)?);
        self.0.push(input.clone());
        Ok(input)
    }
}

impl Input {
    fn new(rule: &BufferRule) -> Result<Self, Rejection> {
        let memory = Memory::new(&filled(rule)?);
        Ok(Self { rule: rule.clone(), fingerprint: memory.fingerprint(), memory })
    }
}

impl Output {
    fn new(rule: &BufferRule) -> Result<Self, Rejection> {
        let initial = initial(rule)?;
        Ok(Self { rule: rule.clone(), memory: Memory::new(&initial), initial })
    }

    fn reset(&mut self) {
        self.memory.bytes_mut().copy_from_slice(&self.initial);
    }
}

/// Refuses a job with a tensor that is too large, before its contents are made.
fn refuse_too_large(job: &Job, most_bytes: u64) -> Result<(), Rejection> {
    let rules = job.inputs.iter().chain(&job.outputs).chain(job.gates.iter().flat_map(|gate| &gate.inputs));
    let too_large = rules.into_iter().find(|rule| rule.buffer_bytes() > most_bytes);
    too_large.map_or(Ok(()), |rule| {
        let (name, elements, element) = (&rule.name, rule.elements, rule.element);
        let why = format!(
            "`{name}` with {elements} elements of {element} is too large: at most {most_bytes} bytes are possible"
        );
        Err(Rejection::new(Stage::Limits, why))
    })
}
