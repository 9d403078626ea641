//! How much of a contender is run in one go: all of it, or where that takes long as many workgroups as are enough to tell.

use super::aim::Aim;
use crate::gpu::Error;
use crate::gpu::launch::Bound;

/// A contender as it is run, and what that says of all of it.
pub(super) struct Pace<R = Bound> {
    /// What is run.
    pub runner: R,
    /// What one lap of that takes by the host's clock, in seconds.
    pub lap: f64,
    /// What a whole run takes, in seconds. Where a part was enough to know that it cannot win, or that it takes too long to find
    /// out more: of the default, what it takes at least; of another, at most.
    pub seconds: f64,
    /// How many times as long a whole run may take in truth, or one of the default as short: 1 where all of it is run.
    pub doubt: f64,
}

/// What can be run in part.
pub(super) trait Divisible: Clone {
    /// The part to begin with, as a share of all.
    fn least_share(&self) -> f64;

    /// Whether it has so few workgroups that parts tell only what all of them take at least.
    fn is_handful(&self) -> bool;

    /// About so large a part of it, and how large it came out; none where only all of it can be run.
    fn part(&self, share: f64) -> Option<(Self, f64)>;
}

/// Workgroups of what nobody has run here that are run first: a few cannot take long.
pub(super) const FIRST_WORKGROUPS: u32 = 2;

impl Divisible for Bound {
    fn least_share(&self) -> f64 {
        f64::from(FIRST_WORKGROUPS) / f64::from(self.workgroups())
    }

    fn is_handful(&self) -> bool {
        self.is_handful()
    }

    fn part(&self, share: f64) -> Option<(Self, f64)> {
        self.shortened(share)
    }
}

/// How often a larger part is tried.
const MOST_PARTS: usize = 10;

/// The largest part: beyond it, all of it costs little more.
const MOST_SHARE: f64 = 0.5;

/// A part that is four times as large as the one before takes so many times as long, at least, where the device was full with both:
/// wide ones run many workgroups in the time of one.
const FULL: f64 = 2.5;

impl<R: Divisible> Pace<R> {
    /// Finds a part of which a lap takes about as long as is aimed at, or less where that is all of it, and which fills the device;
    /// `lap` tells how long one takes. What the rest would take follows from what the last part takes more than the one before,
    /// so that what a lap costs whatever its size counts once.
    ///
    /// Errors as `lap` does.
    pub fn find(whole: &R, aim: &Aim, mut lap: impl FnMut(&R) -> Result<f64, Error>) -> Result<Self, Error> {
        let mut before: Option<[f64; 2]> = None;
        let mut next = whole.least_share();
        // Of a handful a part is worth its time only where it may tell that the whole cannot win.
        let most_parts = if whole.is_handful() && !aim.has_rival() { 0 } else { MOST_PARTS };
        for _ in 0..most_parts {
            let Some((runner, share)) = whole.part(next).filter(|(_, share)| *share <= MOST_SHARE) else { break };
            let took = timed(if before.is_none() { aim.again } else { 0.0 }, || lap(&runner))?;
            if let Some([its, shorter]) = before
                && took >= FULL * shorter
                && 2.0 * took >= aim.wanted
            {
                let slope = (took - shorter) / (share - its);
                let seconds = took + slope * (1.0 - share);
                return Ok(Self { runner, lap: took, seconds, doubt: aim.doubt(seconds, [shorter, took], share) });
            }
            if took >= aim.enough {
                return Ok(Self { runner, lap: took, seconds: aim.doubted(took, share), doubt: 1.0 + share });
            }
            (next, before) = (share * aim.growth(took), Some([share, took]));
        }
        let took = timed(if before.is_none() { aim.again } else { aim.wanted }, || lap(whole))?;
        Ok(Self { runner: whole.clone(), lap: took, seconds: took, doubt: 1.0 })
    }

    /// How many whole runs a lap is worth.
    pub fn runs(&self) -> f64 {
        self.lap / self.seconds
    }
}

/// What a lap takes: the better of two where one takes less than `again`, for it may have had something to wait for.
fn timed(again: f64, mut lap: impl FnMut() -> Result<f64, Error>) -> Result<f64, Error> {
    let took = lap()?;
    Ok(if took < again { took.min(lap()?) } else { took }.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::race::work::Work;

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
            (6, 1.0, 1, true, 6, [0.99, 1.01]),
            (2, 1.0, 1, true, 2, [0.99, 1.01]),
        ];
        for (of, seconds, wide, is_divisible, runs, [least, most]) in cases {
            let whole = Work { is_divisible, ..Work::new(of, seconds, wide) };
            let pace = Pace::find(&whole, &Aim::new(48e-3, 2, f64::INFINITY, false), |work| Ok(work.takes())).unwrap();
            let told =
                format!("{of} workgroups in {seconds} s, {wide} at once: {} s by {}", pace.seconds, pace.runner.count);
            assert_eq!(pace.runner.count, runs, "{told}");
            assert!((least..=most).contains(&(pace.seconds / seconds)), "{told}");
            assert_eq!(pace.doubt == 1.0, runs == of, "{told}");
            assert!((pace.lap / pace.runs() / seconds - pace.seconds / seconds).abs() < 1e-9, "{told}");
        }
    }
}
