//! The clock that samples are taken by: how finely it can tell times apart, and how long a pass must be for that.

/// Short passes from which the clock's resolution is read, and the fewest that tell anything.
pub(super) const MOST_PASSES: usize = 32;
const LEAST_PASSES: usize = 8;

/// How long those passes may take in nanoseconds. Kernels for which that is too short are long against any clock.
pub(super) const PASSES_NS: f64 = 20e6;

/// A pass is at least so many steps of the clock, so that rounding to steps costs at most 0.5 %.
const STEPS_PER_PASS: f64 = 200.0;

/// Passes are not stretched beyond this, in nanoseconds, whatever the clock is like.
const LONGEST_STRETCH_NS: f64 = 50e6;

/// Two times that are nearer to each other than this, in nanoseconds, differ by the rounding of a division.
const EQUAL_NS: f64 = 1e-3;

/// The clock's resolution in nanoseconds: the smallest step between the times of short passes, or from nothing to one.
/// A clock that counts whole ticks shows its tick; one that is finer than the noise shows something below the noise.
pub(super) fn resolution(passes_ns: &[f64]) -> Option<f64> {
    if passes_ns.len() < LEAST_PASSES {
        return None;
    }
    let mut times = passes_ns.to_vec();
    times.push(0.0);
    times.sort_by(f64::total_cmp);
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > EQUAL_NS);
    steps.min_by(f64::total_cmp)
}

/// How long a pass must be in nanoseconds: what the job asks for, or more where the clock is coarse.
pub(super) fn least_pass_ns(asked_ns: f64, resolution_ns: Option<f64>) -> f64 {
    let stretched = resolution_ns.map_or(0.0, |step| (STEPS_PER_PASS * step).min(LONGEST_STRETCH_NS));
    asked_ns.max(stretched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_of_a_clock_is_found_in_what_it_shows() {
        let shown = |step: f64| -> Vec<f64> {
            let true_ns = (0..32).map(|i| 1200.0 + 37.3 * f64::from(i * i % 17));
            true_ns.map(|ns| (ns / step).floor() * step).collect()
        };
        for (step, want) in [(32.0, Some(32.0)), (100.0, Some(100.0)), (1000.0, Some(1000.0))] {
            assert_eq!(resolution(&shown(step)), want, "steps of {step} ns");
        }
        assert_eq!(resolution(&[700.0; 20]), Some(700.0), "no step was seen but the first");
        assert_eq!(resolution(&[700.0; 7]), None, "too few to tell");
        assert!(resolution(&shown(1e-6)).unwrap() < 40.0, "a fine clock shows the noise at most");
    }

    #[test]
    fn passes_are_long_against_the_clock() {
        let cases = [(5e5, None, 5e5), (5e5, Some(32.0), 5e5), (5e5, Some(1e5), 2e7), (5e5, Some(1e6), 5e7)];
        for (asked, resolution, want) in cases {
            assert_eq!(least_pass_ns(asked, resolution), want, "{asked} {resolution:?}");
        }
    }
}
