//! Times entrants side by side: in rounds of one sample each, in random order.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;

use super::{EntrantReport, Job, Machine, Sample, Step, StepKind, Steps, Timing};
use crate::base::{seeded, stats};
use crate::record::{Clock, Outcome, Rejection, Stage};

/// With fewer samples the median has no 95 % interval.
const LEAST_FOR_AN_INTERVAL: usize = 6;

/// Passes that calibration takes at most, and runs in a pass.
const MOST_CALIBRATIONS: usize = 5;
const MOST_REPEATS: f64 = 20_000.0;

/// Pairs of bad timestamps in a row after which an entrant is given up.
const MOST_BAD_STAMPS: usize = 8;

/// Times all entrants that are still running and writes their outcomes into their reports; before the first round the
/// machine is kept busy for so long.
pub(super) fn race<M: Machine>(
    machine: &mut M,
    job: &Job,
    contestants: &mut [(Option<M::Compiled>, EntrantReport)],
    warm_up: Duration,
    steps: &mut dyn Steps,
) {
    let Some(timing) = job.timing else { return };
    let lanes = contestants.iter().enumerate().filter(|(_, (_, report))| report.is_running());
    let lanes: Vec<Lane<M>> =
        lanes.filter_map(|(entrant, (compiled, _))| Some(Lane::new(entrant, compiled.as_ref()?))).collect();
    let outcomes = Race { machine, job, timing, lanes, steps, started: Instant::now() }.run(warm_up);
    for (entrant, outcome) in outcomes {
        contestants[entrant].1.outcome = outcome;
    }
}

struct Race<'a, M: Machine> {
    machine: &'a mut M,
    job: &'a Job,
    timing: Timing,
    lanes: Vec<Lane<'a, M>>,
    steps: &'a mut dyn Steps,
    started: Instant,
}

impl<M: Machine> Race<'_, M> {
    fn run(mut self, warm_up: Duration) -> Vec<(usize, Outcome)> {
        let mut random = seeded(self.job.seed, "race");
        let mut order: Vec<usize> = (0..self.lanes.len()).collect();
        order.iter().for_each(|&lane| self.calibrate(lane));
        self.keep_busy(warm_up);
        for round in 0..self.timing.most_samples {
            if self.is_over(round) {
                break;
            }
            order.shuffle(&mut random);
            order.iter().for_each(|&lane| self.step(lane));
        }
        self.lanes.into_iter().map(|lane| (lane.entrant, lane.outcome())).collect()
    }

    fn is_over(&self, round: usize) -> bool {
        let spent_ns = self.machine.elapsed_ns(self.started);
        let is_settled = || self.lanes.iter().all(|lane| lane.is_settled(&self.timing));
        let enough = round >= self.timing.least_samples && (spent_ns > self.timing.budget_ns || is_settled());
        enough || (round >= LEAST_FOR_AN_INTERVAL && spent_ns > 5.0 * self.timing.budget_ns)
    }

    /// Runs whole passes until the device's clocks are up.
    fn keep_busy(&mut self, time: Duration) {
        let Some(lane) = self.lanes.iter().position(|lane| lane.failed.is_none()) else { return };
        let started = Instant::now();
        while self.machine.elapsed_ns(started) < time.as_secs_f64() * 1e9 && self.sample(lane).is_ok() {}
    }

    /// Finds how often the program must be repeated for a pass to be long against the clock: a first pass is slow, as
    /// caches and clocks are cold, so the answer is tried out and mended.
    fn calibrate(&mut self, lane: usize) {
        for _ in 0..MOST_CALIBRATIONS {
            let sampled = self.sample(lane);
            let lane = &mut self.lanes[lane];
            match sampled {
                Ok(Some(Sample { ns, clock })) => {
                    lane.clock = clock;
                    let short_by = self.timing.least_pass_ns / (ns * f64::from(lane.repeats)).max(1.0);
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

    fn step(&mut self, lane: usize) {
        if self.lanes[lane].failed.is_some() || self.lanes[lane].is_hopeless(&self.timing) {
            return;
        }
        match self.good_sample(lane) {
            Ok(sample) => self.lanes[lane].samples_ns.push(sample.ns),
            Err(rejection) => self.lanes[lane].failed = Some(rejection),
        }
    }

    /// A sample whose timestamps make sense; impossible ones are thrown away.
    fn good_sample(&mut self, lane: usize) -> Result<Sample, Rejection> {
        for _ in 0..MOST_BAD_STAMPS {
            if let Some(sample) = self.sample(lane)? {
                return Ok(sample);
            }
        }
        let why = format!("the device gave {MOST_BAD_STAMPS} pairs of impossible timestamps in a row");
        Err(Rejection::new(Stage::Run, why))
    }

    fn sample(&mut self, lane: usize) -> Result<Option<Sample>, Rejection> {
        let Lane { entrant, compiled, repeats, .. } = self.lanes[lane];
        self.steps.begin(Step { entrant: Some(entrant), kind: StepKind::Run });
        self.machine.sample(self.job, compiled, repeats)
    }
}

/// So many times as many repeats, within reason.
fn more(repeats: u32, times: f64) -> u32 {
    (f64::from(repeats) * times).ceil().min(MOST_REPEATS) as u32
}

/// One entrant while it is timed.
struct Lane<'a, M: Machine> {
    entrant: usize,
    compiled: &'a M::Compiled,
    repeats: u32,
    clock: Clock,
    samples_ns: Vec<f64>,
    failed: Option<Rejection>,
}

impl<'a, M: Machine> Lane<'a, M> {
    fn new(entrant: usize, compiled: &'a M::Compiled) -> Self {
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
