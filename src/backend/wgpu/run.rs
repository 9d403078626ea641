//! Runs compiled programs: once for their results, or in passes for their time.

use std::time::{Duration, Instant};

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassDescriptor, ComputePassTimestampWrites, Device,
    MapMode, PollType, QUERY_SIZE, QuerySet, QuerySetDescriptor, QueryType, Queue,
};

use super::buffers::{Output, Temporary, Tensors};
use super::compile::Compiled;
use super::launch::Launch;
use super::scopes::Scopes;
use crate::backend::{Deadlines, Sample, filled, nanoseconds_since, stamped_ns};
use crate::record::{Clock, Rejection, Stage};

/// Runs programs on one device.
pub(super) struct Runner<'a> {
    pub device: &'a Device,
    pub queue: &'a Queue,
    pub deadlines: Deadlines,
    /// Where the device has timestamp queries.
    pub stamps: Option<&'a Stamps>,
}

impl Runner<'_> {
    /// Launches every kernel on nothing, so that a driver that compiles at the first launch does it now.
    pub fn touch(&self, compiled: &Compiled) -> Result<(), Rejection> {
        let scopes = Scopes::open(self.device);
        let mut encoder = self.encoder();
        encode(&mut encoder, &[&compiled.touch], None);
        let submission = self.queue.submit([encoder.finish()]);
        let limit = Duration::from_millis(self.deadlines.compile_ms);
        let done = self.wait(submission, limit, "compiling");
        scopes.close(Stage::Compile).and(done)
    }

    /// Resets the outputs, runs once on a set of inputs, and reads the outputs back.
    pub fn outputs(&self, compiled: &Compiled, set: usize, tensors: &Tensors) -> Result<Vec<Vec<u8>>, Rejection> {
        let scopes = Scopes::open(self.device);
        let outputs = self.outputs_of_a_run(compiled, set, tensors);
        scopes.close(Stage::Run).and(outputs)
    }

    fn outputs_of_a_run(&self, compiled: &Compiled, set: usize, tensors: &Tensors) -> Result<Vec<Vec<u8>>, Rejection> {
        let mut encoder = self.encoder();
        tensors.outputs.iter().for_each(|output| output.reset(&mut encoder));
        encode(&mut encoder, &[compiled.sets[set].run.as_slice()], None);
        for output in &tensors.outputs {
            encoder.copy_buffer_to_buffer(&output.buffer, 0, &output.readback, 0, output.buffer.size());
        }
        let guards = compiled.temporaries.iter().map(|temporary| (temporary, temporary.copy_guard(&mut encoder)));
        let guards: Vec<(&Temporary, &Buffer)> = guards.collect();
        let submission = self.queue.submit([encoder.finish()]);
        self.wait_for_run(submission)?;
        for (temporary, guard) in guards {
            if !Temporary::is_intact(&self.read(guard)?) {
                let why = format!("it writes beyond the end of its temporary `{}`", temporary.name);
                return Err(Rejection::new(Stage::Verify, why));
            }
        }
        self.check_inputs(compiled, set, tensors)?;
        tensors.outputs.iter().map(|Output { readback, .. }| self.read(readback)).collect()
    }

    /// Refuses what changes an input. It is made right again: others are measured on it.
    fn check_inputs(&self, compiled: &Compiled, set: usize, tensors: &Tensors) -> Result<(), Rejection> {
        for &input in &compiled.writable {
            let (buffer, rule) = (&tensors.sets[set][input], tensors.rule(set, input));
            let contents = filled(rule)?;
            if self.read_copy(buffer)? != contents {
                self.queue.write_buffer(buffer, 0, &contents);
                return Err(Rejection::new(Stage::Verify, format!("it changes its input `{}`", rule.name)));
            }
        }
        Ok(())
    }

    fn read_copy(&self, buffer: &Buffer) -> Result<Vec<u8>, Rejection> {
        let usage = BufferUsages::COPY_DST | BufferUsages::MAP_READ;
        let size = buffer.size();
        let readback =
            self.device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
        let mut encoder = self.encoder();
        encoder.copy_buffer_to_buffer(buffer, 0, &readback, 0, size);
        let submission = self.queue.submit([encoder.finish()]);
        self.wait_for_run(submission)?;
        self.read(&readback)
    }

    /// Makes in-out buffers what they are before a run. In a submission of its own, over before the next pass begins: no
    /// clock counts it.
    pub fn reset_in_out(&self, tensors: &Tensors) -> Result<(), Rejection> {
        let in_out: Vec<&Output> = tensors.outputs.iter().filter(|output| output.in_out).collect();
        if in_out.is_empty() {
            return Ok(());
        }
        let scopes = Scopes::open(self.device);
        let mut encoder = self.encoder();
        in_out.iter().for_each(|output| output.reset(&mut encoder));
        let submission = self.queue.submit([encoder.finish()]);
        let done = self.wait_for_run(submission);
        scopes.close(Stage::Run).and(done)
    }

    /// One pass of these runs, or of nothing; `None` where the timestamps are impossible.
    pub fn sample(&self, runs: &[&[Launch]]) -> Result<Option<Sample>, Rejection> {
        let scopes = Scopes::open(self.device);
        let sample = self.pass(runs);
        scopes.close(Stage::Run).and(sample)
    }

    /// Encodes a pass of nothing without timestamps, submits it and waits for it; how long that took by the host's clock.
    pub fn submit_nothing(&self) -> Result<f64, Rejection> {
        let scopes = Scopes::open(self.device);
        let started = Instant::now();
        let mut encoder = self.encoder();
        encode(&mut encoder, &[], None);
        let submission = self.queue.submit([encoder.finish()]);
        let done = self.wait_for_run(submission);
        let ns = nanoseconds_since(started);
        scopes.close(Stage::Run).and(done).map(|()| ns)
    }

    fn pass(&self, runs: &[&[Launch]]) -> Result<Option<Sample>, Rejection> {
        let repeats = runs.len().max(1) as f64;
        let mut encoder = self.encoder();
        encode(&mut encoder, runs, self.stamps);
        if let Some(stamps) = self.stamps {
            encoder.resolve_query_set(&stamps.queries, 0..2, &stamps.resolved, 0);
        }
        let commands = encoder.finish();
        let started = Instant::now();
        let submission = self.queue.submit([commands]);
        self.wait_for_run(submission)?;
        let wall_ns = nanoseconds_since(started);
        let Some(stamps) = self.stamps else {
            return Ok(Some(Sample { ns: wall_ns / repeats, clock: Clock::Host }));
        };
        // Resolved and copied in separate submissions: in one, some drivers copy before the stamps have landed.
        let mut encoder = self.encoder();
        encoder.copy_buffer_to_buffer(&stamps.resolved, 0, &stamps.readback, 0, stamps.readback.size());
        let submission = self.queue.submit([encoder.finish()]);
        self.wait_for_run(submission)?;
        let bytes = self.read(&stamps.readback)?;
        let ticks: Vec<u64> = bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().expect("eight"))).collect();
        let ns = stamped_ns(ticks[0], ticks[1], stamps.period_ns).filter(|ns| *ns <= 1.05 * wall_ns + 1e6);
        Ok(ns.map(|ns| Sample { ns: ns / repeats, clock: Clock::Device }))
    }

    fn encoder(&self) -> CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }

    fn wait_for_run(&self, submission: wgpu::SubmissionIndex) -> Result<(), Rejection> {
        self.wait(submission, Duration::from_millis(self.deadlines.run_ms), "a run")
    }

    fn wait(&self, submission: wgpu::SubmissionIndex, limit: Duration, what: &str) -> Result<(), Rejection> {
        let polled = self.device.poll(PollType::Wait { submission_index: Some(submission), timeout: Some(limit) });
        match polled {
            Ok(_) => Ok(()),
            Err(wgpu::PollError::Timeout) => {
                // Nothing can stop it: what comes next on this device must wait until it is done.
                let _ = self.device.poll(PollType::wait_indefinitely());
                Err(Rejection::new(Stage::Timeout, format!("{what} took longer than {} ms", limit.as_millis())))
            }
            Err(error) => Err(Rejection::new(Stage::Crash, error.to_string())),
        }
    }

    fn read(&self, buffer: &Buffer) -> Result<Vec<u8>, Rejection> {
        let bytes = self.read_mapped(buffer);
        // Also where it failed: a buffer that is still to be mapped could not be used again.
        buffer.unmap();
        bytes
    }

    fn read_mapped(&self, buffer: &Buffer) -> Result<Vec<u8>, Rejection> {
        let failed = |why: String| Rejection::new(Stage::Crash, format!("reading a result back: {why}"));
        let (sender, receiver) = std::sync::mpsc::channel();
        buffer.map_async(MapMode::Read, .., move |result| drop(sender.send(result)));
        let limit = Duration::from_millis(self.deadlines.run_ms);
        let polled = self.device.poll(PollType::Wait { submission_index: None, timeout: Some(limit) });
        polled.map_err(|e| match e {
            wgpu::PollError::Timeout => Rejection::new(Stage::Timeout, "reading a result back took too long"),
            error => failed(error.to_string()),
        })?;
        let mapped = receiver.try_recv().map_err(|_| failed("the device did not answer".to_owned()))?;
        mapped.map_err(|e| failed(e.to_string()))?;
        let range = buffer.get_mapped_range(..).map_err(|e| failed(e.to_string()))?;
        Ok(range.to_vec())
    }
}

/// Puts runs into one pass; runs into the same output are serialised by wgpu's own barriers.
fn encode(encoder: &mut CommandEncoder, runs: &[&[Launch]], stamps: Option<&Stamps>) {
    let writes = stamps.map(|stamps| ComputePassTimestampWrites {
        query_set: &stamps.queries,
        beginning_of_pass_write_index: Some(0),
        end_of_pass_write_index: Some(1),
    });
    let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor { label: None, timestamp_writes: writes });
    runs.iter().copied().flatten().for_each(|launch| launch.encode(&mut pass));
}

/// Timestamp queries at the boundaries of one pass.
pub(super) struct Stamps {
    queries: QuerySet,
    resolved: Buffer,
    readback: Buffer,
    period_ns: f64,
}

impl Stamps {
    pub fn new(device: &Device, queue: &Queue) -> Self {
        let buffer = |usage| {
            let size = 2 * u64::from(QUERY_SIZE);
            device.create_buffer(&BufferDescriptor { label: Some("stamps"), size, usage, mapped_at_creation: false })
        };
        Self {
            queries: device.create_query_set(&QuerySetDescriptor { label: None, ty: QueryType::Timestamp, count: 2 }),
            resolved: buffer(BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC),
            readback: buffer(BufferUsages::COPY_DST | BufferUsages::MAP_READ),
            period_ns: f64::from(queue.get_timestamp_period()),
        }
    }
}
