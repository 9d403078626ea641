//! How much of a contender is run in one go: all of it, or where that takes long as many workgroups as are enough to tell.

use crate::gpu::Error;
use crate::gpu::launch::Bound;

/// A contender as it is run, and what that says of all of it.
pub(super) struct Pace<R = Bound> {
    /// What is run.
    pub runner: R,
    /// What one lap of that takes by the host's clock, in seconds.
    pub lap: f64,
    /// What a whole run takes, in seconds.
    pub seconds: f64,
    is_whole: bool,
}

/// What can be run in part.
pub(super) trait Divisible: Clone {
    /// The part to begin with, as a share of all.
    fn least_share(&self) -> f64;

    /// About so large a part of it, and how large it came out; none where only all of it can be run.
    fn part(&self, share: f64) -> Option<(Self, f64)>;
}

/// Workgroups of what nobody has run here that are run first: a few cannot take long.
const FIRST_WORKGROUPS: u32 = 2;

impl Divisible for Bound {
    fn least_share(&self) -> f64 {
        f64::from(FIRST_WORKGROUPS) / f64::from(self.workgroups())
    }

    fn part(&self, share: f64) -> Option<(Self, f64)> {
        self.shortened(share)
    }
}

/// How often a larger part is tried.
const MOST_PARTS: usize = 10;

/// How many times as large the next part is, at least and at most.
const GROWTH: [f64; 2] = [4.0, 64.0];

/// A part that is four times as large as the one before takes so many times as long, at least, where the device was full with both:
/// wide ones run many workgroups in the time of one.
const FULL: f64 = 2.5;

/// What takes so many times as long as a lap should is not enlarged any more.
const MUCH_TOO_LONG: f64 = 20.0;

impl<R: Divisible> Pace<R> {
    /// Finds a part of which a lap takes about so many seconds, or less where that is all of it, and which fills the device;
    /// `lap` tells how long one takes. What the rest would take follows from what the last part takes more than the one before,
    /// so that what a lap costs whatever its size counts once.
    ///
    /// Errors as `lap` does.
    pub fn find(whole: &R, wanted: f64, mut lap: impl FnMut(&R) -> Result<f64, Error>) -> Result<Self, Error> {
        let mut before: Option<[f64; 2]> = None;
        let mut next = whole.least_share();
        for _ in 0..MOST_PARTS {
            let Some((runner, share)) = whole.part(next) else { break };
            let mut took = lap(&runner)?;
            if before.is_none() && took < MUCH_TOO_LONG * wanted {
                // The first lap of all may have had something to wait for.
                took = took.min(lap(&runner)?);
            }
            let took = took.max(1e-9);
            let slope = before.map_or(took / share, |[its, shorter]| (took - shorter) / (share - its));
            let is_full = before.is_some_and(|[_, shorter]| took >= FULL * shorter) && 2.0 * took >= wanted;
            if is_full || took >= MUCH_TOO_LONG * wanted {
                let seconds = took + slope.max(0.0) * (1.0 - share);
                return Ok(Self { runner, lap: took, seconds, is_whole: false });
            }
            let [least, most] = GROWTH;
            (next, before) = (share * (wanted / took).clamp(least, most), Some([share, took]));
        }
        Self::whole(whole, wanted, lap)
    }

    /// All of it, run twice unless that takes long.
    fn whole(runner: &R, wanted: f64, mut lap: impl FnMut(&R) -> Result<f64, Error>) -> Result<Self, Error> {
        let first = lap(runner)?;
        let seconds = if first >= wanted { first } else { first.min(lap(runner)?) };
        Ok(Self { runner: runner.clone(), lap: seconds, seconds, is_whole: true })
    }

    /// Whether all of it is run.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many whole runs a lap is worth.
    pub fn runs(&self) -> f64 {
        self.lap / self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many workgroups of so many, all of which take so long.
    #[derive(Clone)]
    struct Work {
        count: u32,
        of: u32,
        seconds: f64,
        is_divisible: bool,
    }

    impl Divisible for Work {
        fn least_share(&self) -> f64 {
            f64::from(FIRST_WORKGROUPS) / f64::from(self.of)
        }

        fn part(&self, share: f64) -> Option<(Self, f64)> {
            let count = (share * f64::from(self.of)).ceil() as u32;
            let part = Self { count, ..self.clone() };
            (self.is_divisible && count < self.of).then(|| (part, f64::from(count) / f64::from(self.of)))
        }
    }

    /// Workgroups in all, what they take together, how many run in the time of one, whether they can be divided; what is said
    /// that they take, and the workgroups that are run in the end.
    #[test]
    fn what_takes_long_is_run_in_part() {
        let cases: [(u32, f64, u32, bool, u32, [f64; 2]); 9] = [
            (4096, 100e-6, 1, true, 4096, [0.99, 1.01]),
            (4096, 1.0, 1, true, 9, [0.99, 1.01]),
            (4096, 1e-3, 1024, true, 4096, [0.99, 1.01]),
            (65_536, 64e-3, 1024, true, 8192, [0.99, 1.01]),
            (65_536, 64e-3, 2040, true, 8192, [0.8, 1.2]),
            (65_536, 640e-3, 700, true, 2048, [0.8, 1.2]),
            (4096, 1.0, 1, false, 4096, [0.99, 1.01]),
            (6, 1.0, 1, true, 2, [0.99, 1.01]),
            (2, 1.0, 1, true, 2, [0.99, 1.01]),
        ];
        for (of, seconds, wide, is_divisible, runs, [least, most]) in cases {
            let whole = Work { count: of, of, seconds, is_divisible };
            let lap = |work: &Work| {
                let waves = |count: u32| f64::from(count.next_multiple_of(wide));
                Ok(work.seconds * waves(work.count) / waves(work.of))
            };
            let pace = Pace::find(&whole, 2e-3, lap).unwrap();
            let told =
                format!("{of} workgroups in {seconds} s, {wide} at once: {} s by {}", pace.seconds, pace.runner.count);
            assert_eq!(pace.runner.count, runs, "{told}");
            assert!((least..=most).contains(&(pace.seconds / seconds)), "{told}");
            assert_eq!(pace.is_whole(), runs == of, "{told}");
            assert!((pace.lap / pace.runs() / seconds - pace.seconds / seconds).abs() < 1e-9, "{told}");
        }
    }
}
