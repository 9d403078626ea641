//! What a trial's time is worth: how the sentinel did that was timed beside it.

use crate::base::stats::CONFIDENCE;
use crate::base::{paired, stats};
use crate::record::Outcome;

/// The pace at which samples were taken: their median over what they took in sentinels of the same rounds, which are worth
/// the reference.
pub(super) fn pace(outcome: &Outcome, sentinel_ns: &[f64], reference_ns: f64) -> Option<f64> {
    let samples_ns = outcome.samples_ns();
    let ratio = paired::ratio(sentinel_ns, samples_ns, CONFIDENCE).value;
    let pace = stats::median(samples_ns) / (ratio * reference_ns);
    (pace.is_finite() && pace > 0.0).then_some(pace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Clock;

    #[test]
    fn the_pace_is_the_sentinels_and_cancels() {
        let timed = |samples_ns: &[f64]| Outcome::Timed { samples_ns: samples_ns.to_vec(), clock: Clock::Device };
        let cases: [(&[f64], &[f64], Option<f64>); 4] = [
            (&[20.0, 20.0, 20.0], &[10.0, 10.0, 10.0], Some(1.0)),
            (&[26.0, 26.0, 26.0], &[13.0, 13.0, 13.0], Some(1.3)),
            (&[20.0, 24.0, 28.0], &[10.0, 12.0, 14.0], Some(1.2)),
            (&[20.0], &[], None),
        ];
        for (samples, sentinel, want) in cases {
            let pace = pace(&timed(samples), sentinel, 10.0);
            let same = pace.zip(want).map_or(pace == want, |(pace, want)| (pace - want).abs() < 1e-12);
            assert!(same, "{samples:?} beside {sentinel:?}: {pace:?}");
        }
    }
}
