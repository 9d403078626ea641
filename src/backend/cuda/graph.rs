//! Many short runs as one launch: else the host, which puts each of them into the stream, would be what is timed.

use cudarc::driver::sys;

use super::device::Device;
use super::plan::Held;
use super::status::call;

/// Runs in one launch.
pub(super) const RUNS: u32 = 64;

/// What is launched at once.
pub(super) struct Graph {
    executable: Held<sys::CUgraphExec_st>,
}

impl Graph {
    /// Takes down what is put into the stream instead of doing it.
    ///
    /// # Errors
    /// Where that cannot be taken down. The stream is as before.
    pub fn of(device: &Device, mut enqueue: impl FnMut() -> Result<(), String>) -> Result<Self, String> {
        let stream = device.stream;
        // What libraries do beside is their business: nothing else happens in this process meanwhile.
        let mode = sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
        call!(sys::cuStreamBeginCapture_v2(stream, mode))?;
        let enqueued = (0..RUNS).try_for_each(|_| enqueue());
        let free = |raw| drop(call!(sys::cuGraphDestroy(raw)));
        // It ends also where something was refused, or the stream would stay as it is.
        let graph = Held::make(|raw| call!(sys::cuStreamEndCapture(stream, raw)), free);
        enqueued?;
        let graph = graph?;
        let free = |raw| drop(call!(sys::cuGraphExecDestroy(raw)));
        let executable = Held::make(|raw| call!(sys::cuGraphInstantiateWithFlags(raw, graph.raw, 0)), free)?;
        Ok(Self { executable })
    }

    /// Puts all of its runs into the stream.
    pub fn launch(&self, device: &Device) -> Result<(), String> {
        call!(sys::cuGraphLaunch(self.executable.raw, device.stream))
    }
}
