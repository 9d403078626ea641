//! Times entrants side by side: in rounds of one sample each, in random order, a sentinel beside them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;

use super::clock::{self, least_pass_ns};
use super::elimination::{judge, next_look};
use super::lane::{LONG, Lane};
use super::sentinel::Kept;
use super::{Conditions, EntrantReport, Job, Machine, Sample, Step, StepKind, Steps, Timing};
use crate::base::seeded;
use crate::record::{Mode, Outcome, Rejection, Stage};

/// With fewer samples the median has no 95 % interval.
const LEAST_FOR_AN_INTERVAL: usize = 6;

/// Passes that calibration takes at most.
const MOST_CALIBRATIONS: usize = 5;

/// Pairs of bad timestamps in a row after which an entrant is given up.
const MOST_BAD_STAMPS: usize = 8;

/// Times all entrants that are still running and writes their outcomes into their reports; before the first round the
/// machine is kept busy for so long. Says how the samples were taken.
pub(super) fn race<M: Machine>(
    machine: &mut M,
    job: &Job,
    contestants: &mut [(Option<M::Compiled>, EntrantReport)],
    kept: &mut Kept<M::Compiled>,
    warm_up: Duration,
    steps: &mut dyn Steps,
) -> Conditions {
    let Some(timing) = job.timing else { return Conditions::default() };
    let running = contestants.iter().enumerate().filter(|(_, (_, report))| report.is_running());
    let lanes: Vec<Lane<M>> =
        running.filter_map(|(at, (compiled, _))| Some(Lane::new(at, &job.entrants[at], compiled.as_ref()?))).collect();
    if lanes.is_empty() {
        return Conditions::default();
    }
    let sentinel = job.sentinel.as_ref().zip(kept.sentinel.as_ref());
    let sentinel = sentinel.map(|(entrant, sentinel)| Lane::of_sentinel(entrant, sentinel));
    let conditions = Conditions { resolution_ns: kept.resolution_ns, ..Conditions::default() };
    let entrants = lanes.len();
    let lanes = lanes.into_iter().chain(sentinel).collect();
    let mut race = Race { machine, job, timing, lanes, entrants, conditions, steps, started: Instant::now() };
    race.run(warm_up);
    let Race { mut lanes, conditions, .. } = race;
    let found = lanes.split_off(entrants).pop().map(|sentinel| (sentinel.repeats, sentinel.fastest_pass_ns()));
    let outcomes: Vec<(Option<usize>, Outcome)> =
        lanes.into_iter().map(|lane| (lane.entrant, lane.outcome())).collect();
    for (entrant, outcome) in outcomes {
        contestants[entrant.expect("the sentinel is split off")].1.outcome = outcome;
    }
    kept.resolution_ns = conditions.resolution_ns;
    if let (Some(sentinel), Some((repeats, pass_ns))) = (&mut kept.sentinel, found) {
        (sentinel.repeats, sentinel.pass_ns) = (repeats, pass_ns);
    }
    conditions
}

/// Calibration lets no pass grow beyond this, by the host's clock.
const LONGEST_PASS_NS: f64 = 1e9;

/// Beside somebody who stays, this share of the budget goes to the least samples even where it is plain who is the fastest:
/// they tell how large the noise is.
const FOR_NOISE: f64 = 0.25;

struct Race<'a, M: Machine> {
    machine: &'a mut M,
    job: &'a Job,
    timing: Timing,
    /// The entrants, then the sentinel if there is one.
    lanes: Vec<Lane<'a, M>>,
    entrants: usize,
    conditions: Conditions,
    steps: &'a mut dyn Steps,
    started: Instant,
}

impl<M: Machine> Race<'_, M> {
    fn run(&mut self, warm_up: Duration) {
        self.find_resolution();
        self.calibrate_all();
        if !warm_up.is_zero() {
            self.keep_busy(warm_up);
            // What was long for a device that idled may be short now.
            self.calibrate_all();
        }
        self.rounds();
    }

    fn rounds(&mut self) {
        let stride = self.stride();
        let mut random = seeded(self.job.seed, "race");
        let mut look = self.timing.fewest_samples;
        for round in 0..self.timing.most_samples {
            let is_decided = round == look && self.look();
            look = if round == look { next_look(round) } else { look };
            let mut order: Vec<usize> = (0..self.entrants).filter(|&lane| self.is_live(lane)).collect();
            if is_decided || order.is_empty() || self.is_over(round) {
                return;
            }
            order.extend((self.entrants..self.lanes.len()).filter(|_| round % stride == 0));
            order.shuffle(&mut random);
            order.iter().for_each(|&lane| self.step(lane));
            self.note_sentinel();
        }
    }

    fn is_live(&self, lane: usize) -> bool {
        self.lanes[lane].is_live(&self.timing)
    }

    fn is_over(&self, round: usize) -> bool {
        let spent_ns = self.machine.elapsed_ns(self.started);
        let is_settled = || {
            self.timing.elimination.is_none()
                && self.lanes[..self.entrants].iter().all(|lane| lane.is_settled(&self.timing))
        };
        let enough = round >= self.timing.least_samples && (spent_ns > self.timing.budget_ns || is_settled());
        let fewest = match self.timing.elimination {
            Some(_) => LEAST_FOR_AN_INTERVAL.max(self.timing.fewest_samples),
            None => self.timing.fewest_samples,
        };
        enough || (round >= fewest && spent_ns > 5.0 * self.timing.budget_ns)
    }

    /// Lets those leave who are slower than the leader of their mode, and all of a mode that is decided; whether every mode is.
    fn look(&mut self) -> bool {
        let Some(stay) = self.timing.elimination else { return false };
        let modes: HashSet<Mode> = self.lanes[..self.entrants].iter().map(|lane| lane.mode).collect();
        let open = modes.into_iter().filter(|mode| !self.look_at(*mode, stay.first));
        open.count() == 0
    }

    /// The same for one mode. Those who stay have enough samples to be compared with before they leave too: what others
    /// leave undecided needs the time more.
    fn look_at(&mut self, mode: Mode, stay: usize) -> bool {
        let live: Vec<usize> =
            (0..self.entrants).filter(|&lane| self.lanes[lane].mode == mode && self.is_live(lane)).collect();
        let samples: Vec<&[f64]> = live.iter().map(|&lane| self.lanes[lane].samples_ns.as_slice()).collect();
        let enough = samples.first().is_some_and(|samples| samples.len() >= self.timing.least_samples);
        let enough_of_noise =
            enough || stay == 0 || self.machine.elapsed_ns(self.started) > FOR_NOISE * self.timing.budget_ns;
        let verdict = judge(&samples, self.timing.precision);
        let is_decided = live.is_empty() || (verdict.is_decided && enough_of_noise);
        for lane in verdict.slower.into_iter().map(|place| live[place]) {
            let stays = self.lanes[lane].entrant.is_none_or(|entrant| entrant < stay);
            self.lanes[lane].has_left = !stays || enough;
        }
        if is_decided {
            live.iter().for_each(|&lane| self.lanes[lane].has_left = true);
        }
        is_decided
    }

    /// Reads the clock's resolution off passes of nothing, or where that says nothing off short passes; once per device.
    fn find_resolution(&mut self) {
        self.steps.begin(Step { entrant: None, kind: StepKind::Run });
        if self.conditions.resolution_ns.is_some() {
            return;
        }
        self.time_submissions();
        let seen = self.resolution_in(|race| race.machine.empty_pass(race.job));
        self.conditions.resolution_ns = seen.or_else(|| self.resolution_in(|race| race.sample(0)));
    }

    /// Takes the time of submissions of nothing, where there is such a thing.
    fn time_submissions(&mut self) {
        let started = Instant::now();
        while self.conditions.submissions_ns.len() < clock::MOST_PASSES {
            match self.machine.empty_submission(self.job) {
                Ok(Some(ns)) => self.conditions.submissions_ns.push(ns),
                // An error is met again by calibration, which says so.
                Ok(None) | Err(_) => return,
            }
            if self.machine.elapsed_ns(started) > clock::PASSES_NS {
                return;
            }
        }
    }

    fn resolution_in(&mut self, pass: impl Fn(&mut Self) -> Result<Option<Sample>, Rejection>) -> Option<f64> {
        let started = Instant::now();
        let mut passes = Vec::new();
        for _ in 0..clock::MOST_PASSES {
            // An error is met again by calibration, which says so.
            passes.extend(pass(self).ok()?.map(|sample| sample.ns));
            if self.machine.elapsed_ns(started) > clock::PASSES_NS {
                break;
            }
        }
        clock::resolution(&passes)
    }

    /// Runs whole passes until the device's clocks are up.
    fn keep_busy(&mut self, time: Duration) {
        let Some(lane) = self.lanes.iter().position(|lane| lane.failed.is_none()) else { return };
        let started = Instant::now();
        while self.machine.elapsed_ns(started) < time.as_secs_f64() * 1e9 && self.sample(lane).is_ok() {}
    }

    fn calibrate_all(&mut self) {
        for lane in 0..self.lanes.len() {
            // A sentinel whose pass was long before is not short now.
            let is_long =
                self.lanes[lane].entrant.is_none() && self.lanes[lane].pass_ns > LONG * self.timing.least_pass_ns;
            if self.lanes[lane].failed.is_none() && !is_long {
                self.calibrate(lane);
            }
        }
    }

    /// Finds how often the program must be repeated for a pass to be long against the clock: a first pass is slow, as
    /// caches and clocks are cold, so the answer is tried out and mended.
    fn calibrate(&mut self, lane: usize) {
        let least_ns = least_pass_ns(self.timing.least_pass_ns, self.conditions.resolution_ns);
        for _ in 0..MOST_CALIBRATIONS {
            let before_ns = self.machine.elapsed_ns(self.started);
            let sampled = self.sample(lane);
            // Stamps may be wrong, and the host's clock is not: no pass may become long enough to look like a hang.
            let most = (LONGEST_PASS_NS / (self.machine.elapsed_ns(self.started) - before_ns).max(1.0)).max(1.0);
            let lane = &mut self.lanes[lane];
            match sampled {
                Ok(Some(Sample { ns, clock })) => {
                    lane.clock = clock;
                    lane.pass_ns = ns * f64::from(lane.repeats);
                    let short_by = least_ns / lane.pass_ns.max(1.0);
                    if short_by <= 1.0 {
                        return;
                    }
                    lane.repeat_more(short_by.min(most));
                }
                // Shorter than a tick of the clock.
                Ok(None) => lane.repeat_more(most.min(8.0)),
                Err(rejection) => {
                    lane.failed = Some(rejection);
                    return;
                }
            }
        }
    }

    /// In every how many rounds the sentinel is sampled, so that it takes no longer than the entrants do.
    fn stride(&self) -> usize {
        let (entrants, sentinel) = self.lanes.split_at(self.entrants);
        let all_ns: f64 = entrants.iter().map(|lane| lane.pass_ns).sum();
        let sentinel_ns = sentinel.first().map_or(0.0, |lane| lane.pass_ns);
        (sentinel_ns / all_ns.max(1.0)).round().clamp(1.0, self.timing.most_samples.max(1) as f64) as usize
    }

    /// Carries the sentinel's newest sample into this round; without one, or once it has failed, there is nothing.
    fn note_sentinel(&mut self) {
        let newest = self.lanes.get(self.entrants).filter(|lane| lane.failed.is_none());
        self.conditions.sentinel_ns.extend(newest.and_then(|lane| lane.samples_ns.last()));
    }

    fn step(&mut self, lane: usize) {
        if self.lanes[lane].failed.is_some() {
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
            self.conditions.impossible += 1;
        }
        let why = format!("the device gave {MOST_BAD_STAMPS} pairs of impossible timestamps in a row");
        Err(Rejection::new(Stage::Run, why))
    }

    fn sample(&mut self, lane: usize) -> Result<Option<Sample>, Rejection> {
        let Lane { entrant, compiled, repeats, .. } = self.lanes[lane];
        self.steps.begin(Step { entrant, kind: StepKind::Run });
        self.machine.sample(self.job, compiled, repeats)
    }
}
