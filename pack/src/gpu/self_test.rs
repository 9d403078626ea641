//! Runs the self-test of a program: small tensors of known contents, poisoned outputs, guard zones within the bound range.

use wgpu::{Buffer, BufferDescriptor, BufferUsages, CommandEncoder, Device, Queue};

use super::Error;
use super::contents::{decode, input, overrun, poison, poisoned};
use super::prepared::{Prepared, padded};
use super::readback::{drain, read, staging, submit};
use super::scopes::guarded;
use crate::{ElementType, Guard, SelfTest, Verdict};

impl Prepared {
    /// Runs the program's self-test on the device at hand; none if it has none. It is done once for each device: the
    /// verdict goes into [`Decisions`](crate::Decisions).
    ///
    /// Errors where nothing can be said of the program, since the device failed or is busy with earlier work; and where the device
    /// was lost meanwhile, which [`Error::Lost`] tells and the program is to blame for.
    pub fn self_test(&self, queue: &Queue) -> Result<Option<Verdict>, Error> {
        let Some(test) = &self.program.program().self_test else { return Ok(None) };
        drain(&self.device)?;
        let found = self.guarded_at(&test.dims, test.guard.bytes.into()).and_then(|small| small.run_test(queue, test));
        match found {
            Ok(None) => Ok(Some(Verdict::Passed)),
            Ok(Some(why)) => Ok(Some(Verdict::Failed(why))),
            Err(error) if error.is_of_the_program() => Ok(Some(Verdict::Failed(error.to_string()))),
            Err(error) => Err(error),
        }
    }

    /// What is wrong with the results, in words.
    fn run_test(&self, queue: &Queue, test: &SelfTest) -> Result<Option<String>, Error> {
        let Results { outputs, zones } = guarded(&self.device, || self.results(queue, test))?;
        let sizes = self.program.outputs();
        let get = |output: usize, index: u64| decode(sizes[output].element, &outputs[output], index);
        let beyond = |name: &str| format!("it writes beyond the end of `{name}`");
        let overrun = sizes.iter().zip(&outputs).find(|(size, bytes)| overrun(size, test.guard, bytes).is_some());
        let names = self.program.program().temporaries.iter().map(|temporary| &temporary.name);
        let clean = poison(ElementType::F32);
        let spoilt = |bytes: &Vec<u8>| bytes.chunks_exact(clean.len()).any(|word| word != clean);
        let spoilt = names.zip(&zones).find(|(_, bytes)| spoilt(bytes));
        let overrun = overrun.map(|(size, _)| beyond(&size.name)).or(spoilt.map(|(name, _)| beyond(name)));
        Ok(overrun.or_else(|| test.failure(get)))
    }

    /// What is there after one run.
    fn results(&self, queue: &Queue, test: &SelfTest) -> Result<Results, Error> {
        let SelfTest { inputs: fills, guard, .. } = test;
        let device = &self.device;
        let inputs = fills.iter().zip(self.program.inputs());
        let inputs: Vec<Buffer> =
            inputs.map(|(fill, size)| with_contents(device, queue, &input(fill, size, guard.bytes))).collect();
        let outputs = self.program.outputs().iter();
        let outputs: Vec<Buffer> = outputs.map(|size| with_contents(device, queue, &poisoned(size, *guard))).collect();
        let mut encoder = device.create_command_encoder(&Default::default());
        let block = poison(ElementType::F32).repeat(BLOCK_BYTES / 4);
        let block = with_contents(device, queue, &block);
        self.temporaries.iter().for_each(|temporary| tile(&mut encoder, &block, temporary));
        let bound = self.bind(&refs(&inputs), &refs(&outputs))?;
        let mut pass = encoder.begin_compute_pass(&Default::default());
        bound.encode_prepare(&mut pass);
        bound.encode(&mut pass);
        drop(pass);
        let whole = outputs.iter().map(|output| copy(device, &mut encoder, output, 0));
        let whole: Vec<Buffer> = whole.collect();
        let zones = zones(self, &mut encoder, *guard);
        submit(device, queue, encoder, "a self-test")?;
        let read_all = |buffers: &[Buffer]| buffers.iter().map(|buffer| read(device, buffer)).collect::<Result<_, _>>();
        Ok(Results { outputs: read_all(&whole)?, zones: read_all(&zones)? })
    }
}

/// What a run has left, as bytes.
struct Results {
    /// All outputs with their guard zones.
    outputs: Vec<Vec<u8>>,
    /// The guard zones of temporaries.
    zones: Vec<Vec<u8>>,
}

/// Copies of the guard zones of all temporaries; of none where there is no zone.
fn zones(prepared: &Prepared, encoder: &mut CommandEncoder, guard: Guard) -> Vec<Buffer> {
    let sized = prepared.temporaries.iter().zip(prepared.program.temporary_bytes());
    let guarded = sized.filter(|_| guard.bytes > 0);
    guarded.map(|(temporary, bytes)| copy(&prepared.device, encoder, temporary, padded(*bytes))).collect()
}

/// A copy of a buffer from a byte on, to be read.
fn copy(device: &Device, encoder: &mut CommandEncoder, buffer: &Buffer, from: u64) -> Buffer {
    let size = buffer.size() - from;
    let copy = staging(device, size);
    encoder.copy_buffer_to_buffer(buffer, from, &copy, 0, size);
    copy
}

/// Bytes of the block that larger buffers are filled with: enough that few copies are needed.
pub(super) const BLOCK_BYTES: usize = 1 << 20;

/// Fills a buffer with a block again and again, on the device.
pub(super) fn tile(encoder: &mut CommandEncoder, block: &Buffer, buffer: &Buffer) {
    let step = block.size();
    let parts = (0..buffer.size()).step_by(step as usize);
    parts.for_each(|at| encoder.copy_buffer_to_buffer(block, 0, buffer, at, step.min(buffer.size() - at)));
}

/// A buffer with these contents. Written through the queue: one mapped at its creation may panic where there is no
/// memory for it.
pub(super) fn with_contents(device: &Device, queue: &Queue, bytes: &[u8]) -> Buffer {
    let buffer = storage(device, bytes.len() as u64);
    queue.write_buffer(&buffer, 0, bytes);
    buffer
}

/// A buffer for tensors that can be copied from and to.
pub(super) fn storage(device: &Device, size: u64) -> Buffer {
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
    device.create_buffer(&BufferDescriptor { label: Some("wgtune"), size, usage, mapped_at_creation: false })
}

pub(super) fn refs(buffers: &[Buffer]) -> Vec<&Buffer> {
    buffers.iter().collect()
}
