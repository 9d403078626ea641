//! Buffers of a job on the device: filled inputs, outputs, temporaries. Kept as long as their rule is in use.

use wgpu::{Buffer, BufferDescriptor, BufferUsages, CommandEncoder, Device, Queue};

use super::scopes::Scopes;
use crate::backend::contents::poison;
use crate::backend::{BufferRule, GUARD_BYTES, Job, filled, initial};
use crate::base::{DeviceLimits, ElementType};
use crate::record::{Rejection, Stage};

/// The inputs and outputs that are on the device now.
#[derive(Default)]
pub(super) struct Tensors {
    /// Set 0 is what is timed on, those from 1 on are what the gates check on.
    pub sets: Vec<Vec<Buffer>>,
    pub outputs: Vec<Output>,
    /// The rules of each set.
    rules: Vec<Vec<BufferRule>>,
    /// Copies of set 0, to cycle through where caches are to be cold.
    pub copies: Vec<Vec<Buffer>>,
    inputs: Vec<(BufferRule, Buffer)>,
    output_rules: Vec<BufferRule>,
}

/// An output with what it is reset to and where it is read back.
#[derive(Clone)]
pub(super) struct Output {
    pub buffer: Buffer,
    /// Poison, or what an in-out buffer has before a run.
    pub initial: Buffer,
    /// Whether a run depends on what is there before it.
    pub in_out: bool,
    pub readback: Buffer,
}

impl Tensors {
    /// Makes what the job needs and keeps what is there already: candidates of one workload share their tensors.
    pub fn provide(
        &mut self,
        device: &Device,
        queue: &Queue,
        limits: &DeviceLimits,
        job: &Job,
    ) -> Result<(), Rejection> {
        refuse_too_large(limits, job)?;
        let scopes = Scopes::open(device);
        let made = self.make(device, queue, job);
        queue.submit([]);
        // Not a candidate's fault, whatever it is.
        scopes.close(Stage::Run)?;
        made.map(|made| *self = made)
    }

    fn make(&self, device: &Device, queue: &Queue, job: &Job) -> Result<Self, Rejection> {
        let mut inputs: Vec<(BufferRule, Buffer)> = Vec::new();
        let rules = std::iter::once(&job.inputs).chain(job.gates.iter().map(|gate| &gate.inputs));
        let rules: Vec<Vec<BufferRule>> = rules.cloned().collect();
        let sets = rules.iter().map(|rules| {
            let mut buffer = |rule: &BufferRule| self.input(device, queue, rule, &mut inputs);
            rules.iter().map(&mut buffer).collect()
        });
        let sets = sets.collect::<Result<Vec<Vec<Buffer>>, Rejection>>()?;
        let outputs = (self.output_rules != job.outputs)
            .then(|| job.outputs.iter().map(|rule| Output::new(device, queue, rule)).collect::<Result<_, _>>())
            .transpose()?;
        let is_same = self.sets.first() == sets.first() && self.copies.len() as u64 == job.cold_copies();
        let copies = (!is_same).then(|| (0..job.cold_copies()).map(|_| copy(device, queue, &sets[0])).collect());
        let outputs = outputs.unwrap_or_else(|| self.outputs.clone());
        let copies = copies.unwrap_or_else(|| self.copies.clone());
        Ok(Self { sets, outputs, rules, copies, inputs, output_rules: job.outputs.clone() })
    }

    /// How an input of a set was made.
    pub fn rule(&self, set: usize, input: usize) -> &BufferRule {
        &self.rules[set][input]
    }

    /// The buffer of a rule: one that this job has already, or one that is there from the job before, or a new one.
    fn input(
        &self,
        device: &Device,
        queue: &Queue,
        rule: &BufferRule,
        taken: &mut Vec<(BufferRule, Buffer)>,
    ) -> Result<Buffer, Rejection> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let known = taken.iter().chain(&self.inputs).find(|(other, _)| other == rule);
        let buffer = match known {
            Some((_, buffer)) => buffer.clone(),
            None => with_contents(device, queue, &rule.name, &filled(rule)?, usage),
        };
        if taken.iter().all(|(other, _)| other != rule) {
            taken.push((rule.clone(), buffer.clone()));
        }
        Ok(buffer)
    }
}

impl Output {
    fn new(device: &Device, queue: &Queue, rule: &BufferRule) -> Result<Self, Rejection> {
        let size = rule.buffer_bytes();
        let make = |usage, label| empty(device, label, size, usage);
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        Ok(Self {
            buffer: make(storage, &rule.name),
            initial: with_contents(device, queue, "initial", &initial(rule)?, BufferUsages::COPY_SRC),
            in_out: rule.is_filled(),
            readback: make(BufferUsages::MAP_READ | BufferUsages::COPY_DST, "readback"),
        })
    }

    /// Makes it what it is before a run.
    pub fn reset(&self, encoder: &mut CommandEncoder) {
        encoder.copy_buffer_to_buffer(&self.initial, 0, &self.buffer, 0, self.buffer.size());
    }
}

/// Refuses a job with a buffer that the device cannot bind, before the host makes its contents.
fn refuse_too_large(limits: &DeviceLimits, job: &Job) -> Result<(), Rejection> {
    let limit = limits.storage_binding_bytes.min(limits.buffer_bytes);
    let rules = job.inputs.iter().chain(&job.outputs).chain(job.gates.iter().flat_map(|gate| &gate.inputs));
    let too_large = rules.into_iter().find(|rule| rule.buffer_bytes() > limit);
    too_large.map_or(Ok(()), |rule| {
        let (name, elements, element) = (&rule.name, rule.elements, rule.element);
        let why =
            format!("`{name}` with {elements} elements of {element} is too large: this device binds {limit} bytes");
        Err(Rejection::new(Stage::Limits, why))
    })
}

/// The same contents in other places.
fn copy(device: &Device, queue: &Queue, set: &[Buffer]) -> Vec<Buffer> {
    let mut encoder = device.create_command_encoder(&Default::default());
    let copies = set.iter().map(|buffer| {
        let copy = empty(device, "copy", buffer.size(), BufferUsages::STORAGE | BufferUsages::COPY_DST);
        encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, buffer.size());
        copy
    });
    let copies = copies.collect();
    queue.submit([encoder.finish()]);
    copies
}

/// A buffer with these contents. Written through the queue: a buffer mapped at its creation would panic where there is
/// no memory for it.
pub(super) fn with_contents(device: &Device, queue: &Queue, label: &str, bytes: &[u8], usage: BufferUsages) -> Buffer {
    let buffer = empty(device, label, bytes.len() as u64, usage | BufferUsages::COPY_DST);
    queue.write_buffer(&buffer, 0, bytes);
    buffer
}

fn empty(device: &Device, label: &str, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}

/// A buffer for a program's own use, with a guard zone at its end.
pub(super) struct Temporary {
    pub name: String,
    pub buffer: Buffer,
    /// Without padding and guard.
    pub bytes: u64,
    readback: Buffer,
}

impl Temporary {
    pub fn new(device: &Device, name: &str, bytes: u64) -> Self {
        let size = bytes.next_multiple_of(16) + GUARD_BYTES;
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        let readback = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        Self {
            name: name.to_owned(),
            buffer: empty(device, name, size, usage),
            bytes,
            readback: empty(device, "guard", GUARD_BYTES, readback),
        }
    }

    /// Fills it with what no program leaves there by accident: NaN, read as floats.
    pub fn poison(&self, queue: &Queue) {
        let pattern = poison(ElementType::F32).repeat(self.buffer.size() as usize / 4);
        queue.write_buffer(&self.buffer, 0, &pattern);
    }

    /// Copies its guard zone to where it can be read.
    pub fn copy_guard(&self, encoder: &mut CommandEncoder) -> &Buffer {
        let guard = self.buffer.size() - GUARD_BYTES;
        encoder.copy_buffer_to_buffer(&self.buffer, guard, &self.readback, 0, GUARD_BYTES);
        &self.readback
    }

    /// Whether a guard zone, as read back, is what [`Temporary::poison`] made it.
    pub fn is_intact(guard: &[u8]) -> bool {
        guard.chunks_exact(4).all(|bytes| bytes == poison(ElementType::F32))
    }
}
