//! Buffers of a job on the device: filled inputs, poisoned outputs, temporaries. Kept as long as their rule is in use.

use wgpu::util::DeviceExt;
use wgpu::{Buffer, BufferDescriptor, BufferUsages, Device, Queue};

use crate::backend::compare::{filled, poisoned};
use crate::backend::{BufferRule, Job};

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
    pub fn provide(&mut self, device: &Device, queue: &Queue, job: &Job) {
        if self.input_rules != job.inputs {
            self.inputs = job.inputs.iter().map(|rule| input(device, rule)).collect();
            self.input_rules = job.inputs.clone();
        }
        if self.output_rules != job.outputs {
            self.outputs = job.outputs.iter().map(|rule| Output::new(device, rule)).collect();
            self.output_rules = job.outputs.clone();
        }
        queue.submit([]);
    }
}

impl Output {
    fn new(device: &Device, rule: &BufferRule) -> Self {
        let contents = poisoned(rule);
        let make = |usage, label| {
            device.create_buffer(&BufferDescriptor {
                label: Some(label),
                size: rule.buffer_bytes(),
                usage,
                mapped_at_creation: false,
            })
        };
        let poison = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("poison"),
            contents: &contents,
            usage: BufferUsages::COPY_SRC,
        });
        Self {
            buffer: make(BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST, &rule.name),
            poison,
            readback: make(BufferUsages::MAP_READ | BufferUsages::COPY_DST, "readback"),
        }
    }
}

fn input(device: &Device, rule: &BufferRule) -> Buffer {
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some(&rule.name),
        contents: &filled(rule),
        usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
    })
}

/// A buffer for a program's own use.
pub(super) fn temporary(device: &Device, name: &str, bytes: u64) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: Some(name),
        size: bytes.max(4).next_multiple_of(16),
        usage: BufferUsages::STORAGE,
        mapped_at_creation: false,
    })
}
