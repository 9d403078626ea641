//! Buffers of a job on the device: filled inputs, poisoned outputs, temporaries. Kept as long as their rule is in use.

use wgpu::{Buffer, BufferDescriptor, BufferUsages, Device, Queue};

use super::compile::Scopes;

use crate::backend::compare::{filled, poisoned};
use crate::backend::{BufferRule, Job};
use crate::record::{Rejection, Stage};

/// The inputs and outputs that are on the device now.
#[derive(Default)]
pub(super) struct Tensors {
    pub inputs: Vec<Buffer>,
    pub outputs: Vec<Output>,
    input_rules: Vec<BufferRule>,
    output_rules: Vec<BufferRule>,
}

/// An output with what it is reset to and where it is read back.
pub(super) struct Output {
    pub buffer: Buffer,
    pub poison: Buffer,
    pub readback: Buffer,
}

impl Tensors {
    /// Makes what the job needs and keeps what is there already: candidates of one workload share their tensors.
    pub fn provide(&mut self, device: &Device, queue: &Queue, job: &Job) -> Result<(), Rejection> {
        if self.input_rules == job.inputs && self.output_rules == job.outputs {
            return Ok(());
        }
        let scopes = Scopes::open(device);
        let tensors = Self {
            inputs: job.inputs.iter().map(|rule| input(device, queue, rule)).collect(),
            outputs: job.outputs.iter().map(|rule| Output::new(device, queue, rule)).collect(),
            input_rules: job.inputs.clone(),
            output_rules: job.outputs.clone(),
        };
        queue.submit([]);
        // Not a candidate's fault, whatever it is.
        scopes.close(Stage::Run)?;
        *self = tensors;
        Ok(())
    }
}

impl Output {
    fn new(device: &Device, queue: &Queue, rule: &BufferRule) -> Self {
        let size = rule.buffer_bytes();
        let make = |usage, label| empty(device, label, size, usage);
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        Self {
            buffer: make(storage, &rule.name),
            poison: with_contents(device, queue, "poison", &poisoned(rule), BufferUsages::COPY_SRC),
            readback: make(BufferUsages::MAP_READ | BufferUsages::COPY_DST, "readback"),
        }
    }
}

fn input(device: &Device, queue: &Queue, rule: &BufferRule) -> Buffer {
    with_contents(device, queue, &rule.name, &filled(rule), BufferUsages::STORAGE)
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

/// A buffer for a program's own use.
pub(super) fn temporary(device: &Device, name: &str, bytes: u64) -> Buffer {
    empty(device, name, bytes.max(4).next_multiple_of(16), BufferUsages::STORAGE)
}
