//! What a kind of machine must be able to do for [`Executor`](super::Executor) to make a backend of it: the order of
//! checking and timing is the same everywhere, and faults can be tried without a device.

use std::time::{Duration, Instant};

use super::{Entrant, Job};
use crate::base::DeviceFacts;
use crate::record::{Clock, Rejection, Vendor};

/// A machine that compiles programs and runs them on data that it holds. What fails is a rejection, never a panic.
pub trait Machine {
    /// A program ready to run.
    type Compiled;

    /// What it can do and who it is.
    fn facts(&self) -> &DeviceFacts;

    /// Makes what the job's inputs, its gates' inputs and its outputs need, and keeps what is there already. The sets of
    /// inputs are numbered: 0 is what is timed on, 1 and up are the gates'.
    ///
    /// # Errors
    /// At stage `limits` where the device cannot bind a buffer of that size, otherwise at stage `run`: it is not a
    /// candidate's fault, whatever it is.
    fn provide(&mut self, job: &Job) -> Result<(), Rejection>;

    /// Compiles an entrant and binds it to what the job provides, including whatever a driver puts off until the first
    /// launch.
    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Self::Compiled, Rejection>;

    /// Poisons the program's temporaries, then runs the prepare part on one set of inputs, if there is one, and says how
    /// long it took.
    fn prepare(&mut self, job: &Job, compiled: &Self::Compiled, set: usize) -> Result<Option<f64>, Rejection>;

    /// Poisons the outputs, or fills them where they have contents of their own, runs once on one set of inputs, and gives
    /// back the outputs, guards included.
    ///
    /// # Errors
    /// At stage `verify` when the run wrote where nothing else would show it: into an input, or beyond a temporary.
    fn outputs(&mut self, job: &Job, compiled: &Self::Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection>;

    /// Times one pass of so many runs on set 0, before which outputs that have contents of their own are filled, outside
    /// the time; `None` where the timestamps are impossible.
    fn sample(&mut self, job: &Job, compiled: &Self::Compiled, repeats: u32) -> Result<Option<Sample>, Rejection>;

    /// Times one pass of nothing, in which the clock shows little but its own step; `None` where the timestamps are
    /// impossible or there is no such pass.
    fn empty_pass(&mut self, _job: &Job) -> Result<Option<Sample>, Rejection> {
        Ok(None)
    }

    /// Nanoseconds by the host's clock from encoding a pass of nothing until its submission is over; `None` where nothing is
    /// submitted.
    fn empty_submission(&mut self, _job: &Job) -> Result<Option<f64>, Rejection> {
        Ok(None)
    }

    /// How long it must be kept busy before its first sample.
    fn warm_up(&self) -> Duration;

    /// Whether it is gone, with everything compiled for it.
    fn is_lost(&self) -> bool;

    /// Opens it anew once it was lost.
    ///
    /// # Errors
    /// When it is gone for good; why, as half a sentence.
    fn reopen(&mut self) -> Result<(), String>;

    /// What it chose for a program that nobody asked for, such as a library's algorithm.
    fn told(&self, _compiled: &Self::Compiled) -> Option<String> {
        None
    }

    /// What there is of the libraries of the device's vendor.
    fn vendor(&mut self) -> Vendor {
        Vendor::none("no library of the device's vendor is called on this machine")
    }

    /// The time that its budgets are counted in, in nanoseconds since `start`; made-up machines have their own.
    fn elapsed_ns(&self, start: Instant) -> f64 {
        start.elapsed().as_secs_f64() * 1e9
    }
}

/// What one pass took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Nanoseconds of one run.
    pub ns: f64,
    /// What it was measured by.
    pub clock: Clock,
}

/// Nanoseconds between two timestamps, of so many nanoseconds a tick; `None` when one is missing or they are reversed.
pub fn stamped_ns(begin: u64, end: u64, period_ns: f64) -> Option<f64> {
    (begin != 0 && end > begin).then(|| (end - begin) as f64 * period_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_stamps_are_thrown_away() {
        let cases = [(100, 300, Some(400.0)), (0, 300, None), (300, 300, None), (300, 100, None), (5, 0, None)];
        for (begin, end, want) in cases {
            assert_eq!(stamped_ns(begin, end, 2.0), want, "{begin} {end}");
        }
    }
}
