//! Runs compiled programs: checked against the truth, then timed in rounds.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassDescriptor, ComputePassTimestampWrites, Device,
    MapMode, PollType, QUERY_SIZE, QuerySet, QuerySetDescriptor, QueryType, Queue,
};

use super::buffers::{Output, Tensors};
use super::compile::{Compiled, Launch, Scopes};
use crate::backend::compare::compare;
use crate::backend::{EntrantReport, Expected, Job, Spent, Timing, Verified, nanoseconds_since};
use crate::base::{DeviceFacts, seeded, stats};
use crate::record::{Clock, Outcome, Rejection, Stage};

/// Runs the entrants of one job on one device.
pub(super) struct Runner<'a> {
    device: &'a Device,
    queue: &'a Queue,
    job: &'a Job,
    tensors: &'a Tensors,
    stamps: Option<Stamps>,
}

/// With fewer samples the median has no 95 % interval.
const LEAST_FOR_AN_INTERVAL: usize = 6;

/// Passes that calibration takes at most, and runs in a pass.
const MOST_CALIBRATIONS: usize = 5;
const MOST_REPEATS: f64 = 20_000.0;

/// Pairs of bad timestamps in a row after which an entrant is given up.
const MOST_BAD_STAMPS: usize = 8;

impl<'a> Runner<'a> {
    pub fn new(device: &'a Device, queue: &'a Queue, facts: &DeviceFacts, job: &'a Job, tensors: &'a Tensors) -> Self {
        let stamps = facts.features.timestamps.then(|| Stamps::new(device, queue));
        Self { device, queue, job, tensors, stamps }
    }

    /// Launches every kernel on nothing, so that a driver that compiles at the first launch does it now.
    pub fn touch(&self, compiled: &Compiled) -> Result<(), Rejection> {
        let scopes = Scopes::open(self.device);
        let mut encoder = self.encoder();
        encode(&mut encoder, &compiled.touch, 1, None);
        let submission = self.queue.submit([encoder.finish()]);
        let limit = Duration::from_millis(self.job.deadlines.compile_ms);
        let done = self.wait(submission, limit, "compiling");
        scopes.close(Stage::Compile).and(done)
    }

    /// Runs the prepare part once, then the gate's runs, and rejects what is wrong.
    pub fn verify(
        &mut self,
        compiled: &Compiled,
        expected: Option<&[Expected]>,
        report: &mut EntrantReport,
        spent: &mut Spent,
    ) {
        let started = Instant::now();
        let scopes = Scopes::open(self.device);
        let checked = self.prepare(compiled, report).and_then(|()| match expected {
            Some(expected) => self.gate(compiled, expected).map(Some),
            None => Ok(None),
        });
        match scopes.close(Stage::Run).and(checked) {
            Ok(verified) => report.verified = verified,
            Err(rejection) => *report = EntrantReport::rejected(rejection),
        }
        spent.gate_ns += nanoseconds_since(started);
    }

    fn prepare(&mut self, compiled: &Compiled, report: &mut EntrantReport) -> Result<(), Rejection> {
        if !compiled.prepare.is_empty() {
            report.prepare_ns = self.sample(&compiled.prepare, 1)?.map(|(ns, _)| ns);
        }
        Ok(())
    }

    fn gate(&self, compiled: &Compiled, expected: &[Expected]) -> Result<Verified, Rejection> {
        let runs = self.job.gate.as_ref().map_or(1, |gate| gate.runs.max(1));
        let first = self.outputs_of_a_run(compiled)?;
        let mut verified = Verified { worst: 0.0, compared: 0 };
        for ((rule, bytes), expected) in self.job.outputs.iter().zip(&first).zip(expected) {
            let one = compare(rule, bytes, expected).map_err(|why| Rejection::new(Stage::Verify, why))?;
            verified.worst = verified.worst.max(one.worst);
            verified.compared += one.compared;
        }
        for _ in 1..runs {
            if self.outputs_of_a_run(compiled)? != first {
                return Err(Rejection::new(Stage::Verify, "two runs on the same inputs give different results"));
            }
        }
        Ok(verified)
    }

    /// Poisons the outputs, runs once, and reads the outputs back.
    fn outputs_of_a_run(&self, compiled: &Compiled) -> Result<Vec<Vec<u8>>, Rejection> {
        let mut encoder = self.encoder();
        for output in &self.tensors.outputs {
            encoder.copy_buffer_to_buffer(&output.poison, 0, &output.buffer, 0, output.buffer.size());
        }
        encode(&mut encoder, &compiled.run, 1, None);
        for output in &self.tensors.outputs {
            encoder.copy_buffer_to_buffer(&output.buffer, 0, &output.readback, 0, output.buffer.size());
        }
        let submission = self.queue.submit([encoder.finish()]);
        self.wait_for_run(submission)?;
        self.tensors.outputs.iter().map(|Output { readback, .. }| self.read(readback)).collect()
    }

    /// Times all entrants that are still running, in rounds of one sample each, in random order; before the first
    /// round the device is kept busy for so long.
    pub fn race(&mut self, compiled: &[Result<Compiled, Rejection>], reports: &mut [EntrantReport], warm_up: Duration) {
        let Some(timing) = self.job.timing else { return };
        let scopes = Scopes::open(self.device);
        let mut lanes: Vec<Lane> = Vec::new();
        for (entrant, (compiled, report)) in compiled.iter().zip(reports.iter()).enumerate() {
            if let (Ok(compiled), true) = (compiled, report.is_running()) {
                lanes.push(Lane::new(entrant, compiled));
            }
        }
        let mut random = seeded(self.job.seed, "race");
        let started = Instant::now();
        for lane in &mut lanes {
            self.calibrate(lane, &timing);
        }
        self.keep_busy(&lanes, warm_up);
        for round in 0..timing.most_samples {
            let spent_ns = nanoseconds_since(started);
            let enough = round >= timing.least_samples
                && (spent_ns > timing.budget_ns || lanes.iter().all(|lane| lane.is_settled(&timing)));
            let too_long = round >= LEAST_FOR_AN_INTERVAL && spent_ns > 5.0 * timing.budget_ns;
            if enough || too_long {
                break;
            }
            lanes.shuffle(&mut random);
            for lane in &mut lanes {
                self.step(lane, &timing);
            }
        }
        for lane in lanes {
            let entrant = lane.entrant;
            reports[entrant].outcome = lane.outcome();
        }
        if let Err(rejection) = scopes.close(Stage::Run) {
            // Whose fault it was, nobody knows; but samples of refused work must not count.
            for report in reports.iter_mut().filter(|report| report.is_running()) {
                *report = EntrantReport::rejected(rejection.clone());
            }
        }
    }

    /// Runs whole passes until the device's clocks are up.
    fn keep_busy(&mut self, lanes: &[Lane], time: Duration) {
        let Some(lane) = lanes.iter().find(|lane| lane.failed.is_none()) else { return };
        let started = Instant::now();
        while started.elapsed() < time && self.sample(&lane.compiled.run, lane.repeats).is_ok() {}
    }

    /// Finds how often the program must be repeated for a pass to be long against the clock: a first pass is slow, as
    /// caches and clocks are cold, so the answer is tried out and mended.
    fn calibrate(&mut self, lane: &mut Lane, timing: &Timing) {
        for _ in 0..MOST_CALIBRATIONS {
            match self.sample(&lane.compiled.run, lane.repeats) {
                Ok(Some((ns, clock))) => {
                    lane.clock = clock;
                    let short_by = timing.least_pass_ns / (ns * f64::from(lane.repeats)).max(1.0);
                    if short_by <= 1.0 {
                        return;
                    }
                    lane.repeats = more(lane.repeats, short_by);
                }
                // Shorter than a tick of the clock.
                Ok(None) => lane.repeats = more(lane.repeats, 8.0),
                Err(rejection) => {
                    lane.failed = Some(rejection);
                    return;
                }
            }
        }
    }

    fn step(&mut self, lane: &mut Lane, timing: &Timing) {
        if lane.failed.is_some() || lane.is_hopeless(timing) {
            return;
        }
        match self.good_sample(&lane.compiled.run, lane.repeats) {
            Ok((ns, _)) => lane.samples_ns.push(ns),
            Err(rejection) => lane.failed = Some(rejection),
        }
    }

    /// A sample whose timestamps make sense; impossible ones are thrown away.
    fn good_sample(&mut self, launches: &[Launch], repeats: u32) -> Result<(f64, Clock), Rejection> {
        for _ in 0..MOST_BAD_STAMPS {
            if let Some(sample) = self.sample(launches, repeats)? {
                return Ok(sample);
            }
        }
        let why = format!("the device gave {MOST_BAD_STAMPS} pairs of impossible timestamps in a row");
        Err(Rejection::new(Stage::Run, why))
    }

    /// Nanoseconds of one run, from one pass of `repeats`; `None` where the timestamps are impossible.
    fn sample(&mut self, launches: &[Launch], repeats: u32) -> Result<Option<(f64, Clock)>, Rejection> {
        let mut encoder = self.encoder();
        encode(&mut encoder, launches, repeats, self.stamps.as_ref());
        if let Some(stamps) = &self.stamps {
            encoder.resolve_query_set(&stamps.queries, 0..2, &stamps.resolved, 0);
        }
        let commands = encoder.finish();
        let started = Instant::now();
        let submission = self.queue.submit([commands]);
        self.wait_for_run(submission)?;
        let wall_ns = nanoseconds_since(started);
        let Some(stamps) = &self.stamps else {
            return Ok(Some((wall_ns / f64::from(repeats), Clock::Host)));
        };
        // Resolved and copied in separate submissions: in one, some drivers copy before the stamps have landed.
        let mut encoder = self.encoder();
        encoder.copy_buffer_to_buffer(&stamps.resolved, 0, &stamps.readback, 0, stamps.readback.size());
        let submission = self.queue.submit([encoder.finish()]);
        self.wait_for_run(submission)?;
        let bytes = self.read(&stamps.readback)?;
        let ticks: Vec<u64> = bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().expect("eight"))).collect();
        let ns = elapsed_ns(ticks[0], ticks[1], stamps.period_ns).filter(|ns| *ns <= 1.05 * wall_ns + 1e6);
        Ok(ns.map(|ns| (ns / f64::from(repeats), Clock::Device)))
    }

    fn encoder(&self) -> CommandEncoder {
        self.device.create_command_encoder(&Default::default())
    }

    fn wait_for_run(&self, submission: wgpu::SubmissionIndex) -> Result<(), Rejection> {
        self.wait(submission, Duration::from_millis(self.job.deadlines.run_ms), "a run")
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
        let limit = Duration::from_millis(self.job.deadlines.run_ms);
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

/// Puts `repeats` runs into one pass; runs into the same output are serialised by wgpu's own barriers.
fn encode(encoder: &mut CommandEncoder, launches: &[Launch], repeats: u32, stamps: Option<&Stamps>) {
    let writes = stamps.map(|stamps| ComputePassTimestampWrites {
        query_set: &stamps.queries,
        beginning_of_pass_write_index: Some(0),
        end_of_pass_write_index: Some(1),
    });
    let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor { label: None, timestamp_writes: writes });
    for _ in 0..repeats {
        launches.iter().for_each(|launch| launch.encode(&mut pass));
    }
}

/// So many times as many repeats, within reason.
fn more(repeats: u32, times: f64) -> u32 {
    (f64::from(repeats) * times).ceil().min(MOST_REPEATS) as u32
}

/// Nanoseconds between two stamps; `None` when one is missing or they are reversed.
fn elapsed_ns(begin: u64, end: u64, period_ns: f64) -> Option<f64> {
    (begin != 0 && end > begin).then(|| (end - begin) as f64 * period_ns)
}

/// Timestamp queries at the boundaries of one pass.
struct Stamps {
    queries: QuerySet,
    resolved: Buffer,
    readback: Buffer,
    period_ns: f64,
}

impl Stamps {
    fn new(device: &Device, queue: &Queue) -> Self {
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

/// One entrant while it is timed.
struct Lane<'a> {
    entrant: usize,
    compiled: &'a Compiled,
    repeats: u32,
    clock: Clock,
    samples_ns: Vec<f64>,
    failed: Option<Rejection>,
}

impl<'a> Lane<'a> {
    fn new(entrant: usize, compiled: &'a Compiled) -> Self {
        Self { entrant, compiled, repeats: 1, clock: Clock::Device, samples_ns: Vec::new(), failed: None }
    }

    /// Whether another sample would tell little.
    fn is_settled(&self, timing: &Timing) -> bool {
        self.failed.is_some()
            || self.is_hopeless(timing)
            || stats::relative_half_width(&self.samples_ns) <= timing.precision
    }

    fn is_hopeless(&self, timing: &Timing) -> bool {
        let fastest = self.samples_ns.iter().copied().fold(f64::INFINITY, f64::min);
        self.samples_ns.len() >= 2 && timing.hopeless_ns.is_some_and(|limit| fastest > limit)
    }

    fn outcome(self) -> Outcome {
        match self.failed {
            Some(rejection) => Outcome::Rejected(rejection),
            None => Outcome::Timed { samples_ns: self.samples_ns, clock: self.clock },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_stamps_are_thrown_away() {
        let cases = [(100, 300, Some(400.0)), (0, 300, None), (300, 300, None), (300, 100, None), (5, 0, None)];
        for (begin, end, want) in cases {
            assert_eq!(elapsed_ns(begin, end, 2.0), want, "{begin} {end}");
        }
    }
}
