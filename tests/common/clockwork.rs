//! A made-up machine that computes nothing: right results by definition, and times by a clock that drifts, is noisy and
//! coarse, and sometimes stamps nonsense. Nothing in it takes real time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::SliceRandom;
use wgtune::backend::{Entrant, Job, Machine, Sample, poisoned};
use wgtune::base::{DeviceFacts, Random, seeded};
use wgtune::record::{Clock, Rejection};

/// The fastest program's time; one that comes after all ranks are given, such as the naive kernel, takes thrice as long.
const BEST_NS: f64 = 20_000.0;
const RANKS: i32 = 64;

/// How its clock behaves.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// How many times as long as the one before each program takes.
    pub apart: f64,
    /// The standard deviation of a sample's logarithm.
    pub noise: f64,
    /// By how much of the first second's pace each later second is slower.
    pub drift_per_second: f64,
    /// What it counts in, in nanoseconds.
    pub step_ns: f64,
    /// The share of pairs of stamps that are impossible.
    pub bad_stamps: f64,
}

impl Manners {
    /// Exact, with programs so far apart.
    pub fn steady(apart: f64) -> Self {
        Self { apart, noise: 0.0, drift_per_second: 0.0, step_ns: 1.0, bad_stamps: 0.0 }
    }
}

pub struct Clockwork {
    facts: DeviceFacts,
    manners: Manners,
    random: Random,
    /// Ranks that no program has yet, in random order.
    free: Vec<i32>,
    times_ns: HashMap<String, f64>,
    now_ns: f64,
    /// Which of its own times belong to which real ones.
    past: Vec<(Instant, f64)>,
}

impl Clockwork {
    pub fn new(manners: Manners, seed: u64) -> Self {
        let mut random = seeded(seed, "clockwork");
        let mut free: Vec<i32> = (0..RANKS).collect();
        free.shuffle(&mut random);
        let facts = DeviceFacts::portable();
        Self { facts, manners, random, free, times_ns: HashMap::new(), now_ns: 0.0, past: Vec::new() }
    }

    /// What a program takes on a steady machine.
    pub fn true_ns(&self, hash: &str) -> f64 {
        self.times_ns[hash]
    }

    /// The smallest of them.
    pub fn best_ns(&self) -> f64 {
        self.times_ns.values().copied().fold(f64::INFINITY, f64::min)
    }

    /// How many programs it has met.
    pub fn known(&self) -> usize {
        self.times_ns.len()
    }

    /// By how much slower it is now than at the beginning.
    pub fn drift(&self) -> f64 {
        self.manners.drift_per_second * self.seconds()
    }

    /// How long it has worked.
    pub fn seconds(&self) -> f64 {
        self.now_ns / 1e9
    }

    fn time_of(&mut self, hash: String) -> f64 {
        let Self { free, manners, times_ns, .. } = self;
        let fresh = || free.pop().map_or(3.0, |rank| manners.apart.powi(rank)) * BEST_NS;
        *times_ns.entry(hash).or_insert_with(fresh)
    }

    /// Normally distributed with variance 1 (G. E. P. Box and M. E. Muller, 1958).
    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.random.random(), self.random.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

impl Machine for Clockwork {
    /// What the program takes, in nanoseconds.
    type Compiled = f64;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, _job: &Job) -> Result<(), Rejection> {
        Ok(())
    }

    /// What is only verified, such as finalists at other sizes, has no time of its own.
    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<f64, Rejection> {
        Ok(if job.timing.is_some() { self.time_of(entrant.program.hash()) } else { 1.0 })
    }

    fn prepare(&mut self, _job: &Job, _compiled: &f64, _set: usize) -> Result<Option<f64>, Rejection> {
        Ok(None)
    }

    /// Just what is expected, which must all be f32.
    fn outputs(&mut self, job: &Job, _compiled: &f64, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        let expected = job.gates[set - 1].expected.read().unwrap();
        let written = job.outputs.iter().zip(&expected).map(|(rule, expected)| {
            let mut bytes = poisoned(rule);
            for (element, value) in expected.values.iter().enumerate() {
                bytes[4 * element..4 * element + 4].copy_from_slice(&(value.value as f32).to_le_bytes());
            }
            bytes
        });
        Ok(written.collect())
    }

    fn sample(&mut self, _job: &Job, compiled: &f64, repeats: u32) -> Result<Option<Sample>, Rejection> {
        self.past.push((Instant::now(), self.now_ns));
        let noise = (self.manners.noise * self.normal()).exp();
        let pass_ns = compiled * f64::from(repeats) * noise * (1.0 + self.drift());
        self.now_ns += pass_ns;
        let Manners { step_ns, bad_stamps, .. } = self.manners;
        let shown_ns = (pass_ns / step_ns).floor() * step_ns;
        let is_bad = shown_ns == 0.0 || self.random.random_bool(bad_stamps);
        Ok((!is_bad).then_some(Sample { ns: shown_ns / f64::from(repeats), clock: Clock::Device }))
    }

    fn warm_up(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn is_lost(&self) -> bool {
        false
    }

    fn reopen(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn elapsed_ns(&self, start: Instant) -> f64 {
        let next = self.past.partition_point(|(then, _)| *then < start);
        self.now_ns - self.past.get(next).map_or(self.now_ns, |(_, then)| *then)
    }
}
