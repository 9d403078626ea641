//! What a trial's time is worth: how the sentinel did that was timed beside it.

use crate::base::stats::CONFIDENCE;
use crate::base::{paired, stats};
use crate::code::Program;
use crate::record::Outcome;

/// Whether a sentinel's pace is a candidate's too. Other work on the host holds up a routine on all of its threads, and may
/// leave one on fewer alone, so it is not where their threads differ.
pub(super) fn tells(sentinel: &Program, candidate: &Program) -> bool {
    let threads = |program: &Program| program.routine.as_ref().and_then(|routine| routine.threads());
    threads(sentinel) == threads(candidate)
}

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
    use crate::op::{find_template, resolve};
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

    #[test]
    fn a_sentinel_tells_of_routines_on_as_many_threads() {
        let signature = resolve("matmul:f32:m64n64k64").unwrap();
        let program = |template: &str, threads: i64| {
            let template = find_template(template).unwrap();
            let space = template.space(&signature, &crate::base::DeviceFacts::boundless());
            let config = template.default(&signature, &space).unwrap();
            let mut program = template.emit(&signature, &config).unwrap();
            if let Some(routine) = &mut program.routine {
                routine.options.insert("threads".to_owned(), threads);
            }
            program
        };
        let cases = [
            (("matmul/native", 2), ("matmul/native", 2), true),
            (("matmul/native", 2), ("matmul/gemm", 2), true),
            (("matmul/native", 2), ("matmul/gemm", 1), false),
            (("matmul/tiled", 1), ("matmul/blocked", 2), true),
        ];
        for (sentinel, candidate, want) in cases {
            let [beside, tried] = [sentinel, candidate].map(|(template, threads)| program(template, threads));
            assert_eq!(tells(&beside, &tried), want, "{sentinel:?} beside {candidate:?}");
        }
    }
}
