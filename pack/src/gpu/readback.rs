//! Submitting work, waiting for it for a limited time, and reading buffers back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, Device, MapMode, PollError, PollType, Queue,
    SubmissionIndex,
};

use super::Error;

/// How long a self-test or a run of a race may take: systems end what keeps a display waiting after a few seconds.
const LIMIT: Duration = Duration::from_secs(10);

/// Submits what was encoded and waits until it is done.
pub(super) fn submit(device: &Device, queue: &Queue, encoder: CommandEncoder, what: &'static str) -> Result<(), Error> {
    let submission = queue.submit([encoder.finish()]);
    wait(device, Some(submission), what)
}

/// A buffer that others are copied to, to be read.
pub(super) fn staging(device: &Device, size: u64) -> Buffer {
    let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
    device.create_buffer(&BufferDescriptor { label: Some("read back"), size, usage, mapped_at_creation: false })
}

/// What is in a buffer of [`staging`].
pub(super) fn read(device: &Device, buffer: &Buffer) -> Result<Vec<u8>, Error> {
    let failed = |why: &dyn ToString| Error::Device(format!("reading a result back: {}", why.to_string()));
    let (sender, receiver) = mpsc::channel();
    buffer.map_async(MapMode::Read, .., move |result| drop(sender.send(result)));
    wait(device, None, "reading a result back")?;
    let mapped = receiver.try_recv().map_err(|_| failed(&"the device did not answer"))?;
    mapped.map_err(|error| failed(&error))?;
    let bytes = buffer.get_mapped_range(..).map(|range| range.to_vec()).map_err(|error| failed(&error));
    buffer.unmap();
    bytes
}

/// Waits until whatever was submitted before is done, so that it is not taken for the fault of what comes next.
///
/// Errors where that takes too long: of the device, for nobody knows whose work it is.
pub(super) fn drain(device: &Device) -> Result<(), Error> {
    wait(device, None, "earlier work").map_err(|error| match error {
        Error::Timeout { limit_ms, .. } => Error::Device(format!("it is busy with earlier work for {limit_ms} ms")),
        other => other,
    })
}

fn wait(device: &Device, submission: Option<SubmissionIndex>, what: &'static str) -> Result<(), Error> {
    let poll = || device.poll(PollType::Wait { submission_index: submission, timeout: Some(LIMIT) });
    // wgpu panics where the device is lost or has no memory left while it waits.
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(PollError::Timeout)) => Err(Error::Timeout { what, limit_ms: LIMIT.as_millis() }),
        Ok(Err(error)) => Err(Error::Device(error.to_string())),
        Err(_) => Err(Error::Lost { what }),
    }
}
