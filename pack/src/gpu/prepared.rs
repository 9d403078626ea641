//! A program that is ready to run: pipelines, uniform blocks and temporaries for certain sizes.

use std::sync::Arc;

use wgpu::{Buffer, BufferDescriptor, BufferUsages, ComputePass, Device};

use super::Error;
use super::launch::{Bound, Buffers, workgroups};
use super::pipeline::{Pipeline, pipelines};
use super::scopes::guarded;
use super::trust::Checks;
use crate::{Access, BufferRef, Dims, Kernel, Mode, TensorSize, VerifiedProgram};

/// A program that is ready to run on a device. What it keeps between its kernels is its own: runs of one must not overlap with
/// each other, and do not within one queue. What it prepares of constant weights belongs to each [`Bound`].
#[derive(Debug)]
pub struct Prepared {
    pub(super) program: VerifiedProgram,
    pub(super) device: Device,
    pub(super) pipelines: Arc<Vec<Pipeline>>,
    /// Of each kernel.
    pub(super) shapes: Vec<Shape>,
    pub(super) temporaries: Vec<Buffer>,
    /// Bytes behind every tensor and temporary that are bound with them.
    pub(super) guard: u64,
    mode: Mode,
}

/// What the sizes make of a kernel.
#[derive(Debug)]
pub(super) struct Shape {
    pub workgroups: [u32; 3],
    /// Its uniform blocks, in their order.
    pub uniforms: Vec<Buffer>,
}

impl Prepared {
    pub(super) fn new(program: &VerifiedProgram, device: &Device, checks: Checks) -> Result<Self, Error> {
        let pipelines = Arc::new(pipelines(device, program, checks)?);
        Self::with(pipelines, program, device, checks.mode(), 0)
    }

    /// With pipelines that were made before, for whatever sizes.
    pub(super) fn with(
        pipelines: Arc<Vec<Pipeline>>,
        program: &VerifiedProgram,
        device: &Device,
        mode: Mode,
        guard: u64,
    ) -> Result<Self, Error> {
        guarded(device, || {
            let kernels = program.program().kernels.iter();
            let shapes = kernels.map(|kernel| Shape::new(device, program, kernel)).collect::<Result<_, _>>()?;
            let temporaries = temporaries(device, program, guard);
            let (program, device) = (program.clone(), device.clone());
            Ok(Self { program, device, pipelines, shapes, temporaries, guard, mode })
        })
    }

    /// What is run.
    pub fn program(&self) -> &VerifiedProgram {
        &self.program
    }

    /// Whether it runs with the run-time checks.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The same for other sizes of the free dims: nothing is compiled for it.
    ///
    /// Errors where its entry is not valid for them, or the device has no memory left.
    pub fn at(&self, free: &Dims) -> Result<Self, Error> {
        let program = self.program.at(free).map_err(Error::Program)?;
        Self::with(self.pipelines.clone(), &program, &self.device, self.mode, 0)
    }

    /// The same for the sizes of its self-test, with so many bytes behind every buffer.
    pub(super) fn guarded_at(&self, free: &Dims, guard: u64) -> Result<Self, Error> {
        let program = self.program.sized(free).map_err(Error::Program)?;
        Self::with(self.pipelines.clone(), &program, &self.device, self.mode, guard)
    }

    /// Binds it to tensors, in the order of the operation's. A buffer holds the elements of its tensor from its first
    /// byte on, in row-major order, and is as large as [`Prepared::least_bytes`] says. It may be larger.
    ///
    /// Errors where there are too many or too few, one is too small or was not made for storage, or an output is given
    /// twice.
    pub fn bind(&self, inputs: &[&Buffer], outputs: &[&Buffer]) -> Result<Bound, Error> {
        self.check("input", inputs, self.program.inputs())?;
        self.check("output", outputs, self.program.outputs())?;
        for (at, output) in outputs.iter().enumerate() {
            if inputs.contains(output) || outputs[..at].contains(output) {
                let name = &self.program.outputs()[at].name;
                return Err(Error::Buffers(format!("output `{name}` is a buffer of another tensor too")));
            }
        }
        guarded(&self.device, || {
            let prepared = self.prepared_temporaries();
            let bound = Bound::new(self, &Buffers { inputs, outputs, prepared: &prepared });
            // What wgpu refuses only when it is encoded is refused here, and not in the application's own encoder.
            let mut encoder = self.device.create_command_encoder(&Default::default());
            let mut pass = encoder.begin_compute_pass(&Default::default());
            bound.encode_prepare(&mut pass);
            bound.encode(&mut pass);
            drop(pass);
            drop(encoder.finish());
            Ok(bound)
        })
    }

    /// New buffers for the temporaries that are filled once for constant weights, in the place of those shared by all: weights of two
    /// layers must not overwrite each other's. Where there is a guard zone there is one user, who looks at the shared ones.
    fn prepared_temporaries(&self) -> Vec<Option<Buffer>> {
        let program = self.program.program();
        let is_prepared = |at: usize| {
            program.prepare.iter().any(|dispatch| {
                let bindings = program.kernels[dispatch.kernel].bindings.iter();
                let mut bound = dispatch.buffers.iter().zip(bindings);
                bound
                    .any(|(buffer, binding)| *buffer == BufferRef::Temporary(at) && binding.access == Access::ReadWrite)
            })
        };
        let sized = self.temporaries.iter().enumerate();
        sized
            .map(|(at, shared)| (self.guard == 0 && is_prepared(at)).then(|| temporary(&self.device, shared.size())))
            .collect()
    }

    /// Binds it and encodes all it does, what is done once for constant weights included: the short way to a single
    /// result. Whoever wants many binds once, with [`Prepared::bind`].
    ///
    /// Errors as [`Prepared::bind`] does.
    pub fn encode(&self, pass: &mut ComputePass<'_>, inputs: &[&Buffer], outputs: &[&Buffer]) -> Result<(), Error> {
        let bound = self.bind(inputs, outputs)?;
        bound.encode_prepare(pass);
        bound.encode(pass);
        Ok(())
    }

    /// The least size of a tensor's buffer, in bytes: its elements, rounded up to whole vectors of 16 bytes, which kernels
    /// may read and write as such.
    pub fn least_bytes(tensor: &TensorSize) -> u64 {
        padded(tensor.bytes)
    }

    fn check(&self, what: &str, buffers: &[&Buffer], sizes: &[TensorSize]) -> Result<(), Error> {
        if buffers.len() != sizes.len() {
            return Err(Error::Buffers(format!("it has {} {what}s, and {} were given", sizes.len(), buffers.len())));
        }
        buffers.iter().zip(sizes).try_for_each(|(buffer, tensor)| {
            let (name, needed, size) = (&tensor.name, padded(tensor.bytes).saturating_add(self.guard), buffer.size());
            if size < needed {
                return Err(Error::Buffers(format!("{what} `{name}` takes {needed} bytes, and its buffer has {size}")));
            }
            if !buffer.usage().contains(BufferUsages::STORAGE) {
                return Err(Error::Buffers(format!("the buffer of {what} `{name}` was made without STORAGE")));
            }
            Ok(())
        })
    }
}

impl Shape {
    fn new(device: &Device, program: &VerifiedProgram, kernel: &Kernel) -> Result<Self, Error> {
        let workgroups = workgroups(kernel, program, device.limits().max_compute_workgroups_per_dimension)?;
        let blocks: Vec<Vec<u32>> = match &kernel.declared {
            Some(declared) => declared.blocks.iter().map(|block| block.words.clone()).collect(),
            None => vec![words(program, kernel)?],
        };
        let uniforms = blocks.into_iter().map(|words| uniform(device, words)).collect::<Result<_, _>>()?;
        Ok(Self { workgroups, uniforms })
    }
}

/// The uniform block of a kernel: the whole grid as one part, then the sizes that it asks for.
fn words(program: &VerifiedProgram, kernel: &Kernel) -> Result<Vec<u32>, Error> {
    let symbols = program.symbols();
    let sizes = kernel.uniforms.iter().map(|name| symbols.get(name).copied());
    let words = [Some(0), kernel.workgroups(symbols)].into_iter().chain(sizes);
    let words: Option<Vec<u32>> = words.map(|word| u32::try_from(word?).ok()).collect();
    words.ok_or_else(|| Error::Program(format!("a size of kernel `{}` does not fit 32 bits", kernel.entry)))
}

fn uniform(device: &Device, mut words: Vec<u32>) -> Result<Buffer, Error> {
    words.resize(words.len().max(1).next_multiple_of(4), 0);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some("sizes"),
        size: bytes.len() as u64,
        usage: BufferUsages::UNIFORM,
        mapped_at_creation: true,
    });
    let mut view = buffer.get_mapped_range_mut(..).map_err(|error| Error::Device(error.to_string()))?;
    view.copy_from_slice(&bytes);
    drop(view);
    buffer.unmap();
    Ok(buffer)
}

fn temporaries(device: &Device, program: &VerifiedProgram, guard: u64) -> Vec<Buffer> {
    let sized = program.program().temporaries.iter().zip(program.temporary_bytes());
    sized.map(|(_, bytes)| temporary(device, padded(*bytes) + guard)).collect()
}

/// A buffer for a temporary. Copies are for self-tests, which poison it and look at its end.
fn temporary(device: &Device, size: u64) -> Buffer {
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
    device.create_buffer(&BufferDescriptor { label: Some("temporary"), size, usage, mapped_at_creation: false })
}

/// Whole vectors, and at least one: nothing empty can be bound.
pub(super) fn padded(bytes: u64) -> u64 {
    bytes.max(1).checked_next_multiple_of(16).unwrap_or(u64::MAX)
}
