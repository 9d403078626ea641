//! One program while it is timed.

use super::sentinel::Sentinel;
use super::{Entrant, Machine, Timing};
use crate::base::stats;
use crate::record::{Clock, Mode, Outcome, Rejection};

/// Runs in a pass at most.
const MOST_REPEATS: f64 = 20_000.0;

/// A pass that is so many times as long as it must be stays long enough whatever the machine's pace, and no interruption
/// makes it twice as long.
pub(super) const LONG: f64 = 20.0;

pub(super) struct Lane<'a, M: Machine> {
    /// Its place in the job; `None` for the sentinel.
    pub entrant: Option<usize>,
    pub mode: Mode,
    pub compiled: &'a M::Compiled,
    /// Runs in a pass.
    pub repeats: u32,
    /// How long its last pass of calibration took.
    pub pass_ns: f64,
    pub clock: Clock,
    /// Sample i was taken in round i.
    pub samples_ns: Vec<f64>,
    pub failed: Option<Rejection>,
    /// Whether it left the race as slower than the leader.
    pub has_left: bool,
}

impl<'a, M: Machine> Lane<'a, M> {
    pub fn new(at: usize, entrant: &Entrant, compiled: &'a M::Compiled) -> Self {
        Self {
            entrant: Some(at),
            mode: entrant.mode,
            compiled,
            repeats: 1,
            pass_ns: 0.0,
            clock: Clock::Device,
            samples_ns: Vec::new(),
            failed: None,
            has_left: false,
        }
    }

    pub fn of_sentinel(entrant: &Entrant, sentinel: &'a Sentinel<M::Compiled>) -> Self {
        let Sentinel { compiled, repeats, pass_ns, .. } = sentinel;
        Self { entrant: None, repeats: *repeats, pass_ns: *pass_ns, ..Self::new(0, entrant, compiled) }
    }

    /// So many times as many runs in a pass, within reason.
    pub fn repeat_more(&mut self, times: f64) {
        self.repeats = (f64::from(self.repeats) * times).ceil().min(MOST_REPEATS) as u32;
    }

    /// How long a pass of it takes, as far as its samples tell: zero where there are none.
    pub fn fastest_pass_ns(&self) -> f64 {
        let fastest = self.samples_ns.iter().copied().reduce(f64::min);
        fastest.map_or(0.0, |ns| ns * f64::from(self.repeats))
    }

    /// Whether it takes part in the next round.
    pub fn is_live(&self, timing: &Timing) -> bool {
        self.failed.is_none() && !self.has_left && !self.is_hopeless(timing)
    }

    /// Whether another sample would tell little.
    pub fn is_settled(&self, timing: &Timing) -> bool {
        !self.is_live(timing) || stats::relative_half_width(&self.samples_ns) <= timing.precision
    }

    fn is_hopeless(&self, timing: &Timing) -> bool {
        let fastest = self.samples_ns.iter().copied().fold(f64::INFINITY, f64::min);
        let is_long = self.pass_ns > LONG * timing.least_pass_ns;
        let limit = |ns: f64| if self.samples_ns.len() >= 2 { ns } else { 2.0 * ns };
        self.samples_ns.len() >= if is_long { 1 } else { 2 } && timing.hopeless_ns.is_some_and(|ns| fastest > limit(ns))
    }

    pub fn outcome(self) -> Outcome {
        match self.failed {
            Some(rejection) => Outcome::Rejected(rejection),
            None => Outcome::Timed { samples_ns: self.samples_ns, clock: self.clock },
        }
    }
}
