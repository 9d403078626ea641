//! What times of a race say: who is measurably faster than the default, and who wins.

/// How one contender did.
#[derive(Clone, Debug, PartialEq)]
pub struct Lap {
    /// The id of its entry.
    pub entry: String,
    /// The median time of one run, in nanoseconds. Of one that was given up, or whose laps were too long for rounds, that of the
    /// first lap: of the default at least, of another at most. Infinite where there was no time to run it.
    pub median_ns: f64,
    /// How many times as fast as the default it was: the median over rounds. 1 for the default itself.
    pub ratio: f64,
    /// Whether it was measurably faster than the default.
    pub is_faster: bool,
}

/// How long runs of one contender took, in nanoseconds each.
pub(super) struct Times {
    /// By the host's clock.
    pub first: f64,
    /// None where there was no time for rounds, or he could not win.
    pub rounds: Vec<f64>,
    /// How many times as long a run may take in truth, or a run of the default as short: 1 where whole runs were timed, and
    /// not parts from which they follow.
    pub doubt: f64,
}

impl Times {
    pub fn of_first_lap(first: f64, doubt: f64) -> Self {
        Self { first, rounds: Vec::new(), doubt }
    }

    /// Of one whom there was no time for.
    pub fn none() -> Self {
        Self::of_first_lap(f64::INFINITY, 1.0)
    }
}

impl Lap {
    pub(super) fn new(entry: &str, own: &Times, default: &Times) -> Self {
        let rounds = default.rounds.iter().zip(&own.rounds).map(|(default, own)| default / own);
        let mut ratios: Vec<f64> = rounds.collect();
        // Who was not in the rounds that the default was in was given up.
        let is_out = own.rounds.is_empty() && !default.rounds.is_empty();
        if ratios.is_empty() {
            ratios.push(default.first / own.first);
        }
        let doubt = own.doubt * default.doubt;
        let margin = if doubt > 1.0 { IN_PART.max(doubt) } else { 1.0 };
        Self {
            entry: entry.to_owned(),
            median_ns: if own.rounds.is_empty() { own.first } else { median(&own.rounds) },
            ratio: median(&ratios),
            is_faster: !is_out && is_faster(&ratios, margin),
        }
    }
}

/// Rounds from which on a sign test can tell something: five of five happen by chance once in 32.
const TELLING_ROUNDS: usize = 5;

/// How many times as fast a contender must be in every round of a race with fewer, or on the first lap where there was no
/// time for rounds: more than noise makes of the same.
pub(super) const CLEARLY: f64 = 1.5;

/// How many times as fast it must be in a round to have won that, at least, where times follow from parts of runs: more than what
/// noise in their first laps makes of all rounds alike.
const IN_PART: f64 = 1.2;

/// Whether ratios to the default show that a contender is faster by more than a margin: by a sign test at 5 %, one-sided.
fn is_faster(ratios: &[f64], margin: f64) -> bool {
    let (rounds, wins) = (ratios.len(), ratios.iter().filter(|ratio| **ratio > margin).count());
    if rounds < TELLING_ROUNDS {
        return ratios.iter().all(|ratio| *ratio > CLEARLY.max(margin));
    }
    // How probable so many wins or more are between equals.
    let by_chance: f64 = (wins..=rounds).map(|wins| combinations(rounds, wins)).sum::<f64>() / 2f64.powi(rounds as i32);
    by_chance <= 0.05
}

fn combinations(of: usize, choose: usize) -> f64 {
    (0..choose).map(|i| (of - i) as f64 / (i + 1) as f64).product()
}

/// The id of the fastest of those that are measurably faster than the default, else of the default.
pub(super) fn winner(laps: &[Lap], default: usize) -> &str {
    let faster = laps.iter().filter(|lap| lap.is_faster);
    let best = faster.max_by(|one, other| one.ratio.total_cmp(&other.ratio));
    &best.unwrap_or(&laps[default]).entry
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.as_slice() {
        [] => f64::NAN,
        sorted if sorted.len() % 2 == 1 => sorted[sorted.len() / 2],
        sorted => (sorted[sorted.len() / 2 - 1] + sorted[sorted.len() / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first lap of the default takes 1.
    fn times(first: f64, rounds: &[f64]) -> Times {
        Times { first, rounds: rounds.to_vec(), doubt: 1.0 }
    }

    /// What is tried, rounds of the default and of one other, the other's first lap, and whether the other wins.
    type Outcome<'a> = (&'a str, &'a [f64], &'a [f64], f64, bool);

    #[test]
    fn the_default_stays_unless_another_is_measurably_faster() {
        let cases: [Outcome; 10] = [
            ("the same", &[1.0; 9], &[1.0; 9], 1.0, false),
            ("always a little faster", &[1.0; 9], &[0.99; 9], 1.0, true),
            ("slower", &[1.0; 9], &[1.1; 9], 1.0, false),
            ("as often slower", &[1.0, 1.0, 1.0, 1.0, 1.0], &[0.9, 1.1, 0.9, 1.1, 0.9], 0.1, false),
            ("eight of nine", &[1.0; 9], &[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 2.0], 1.0, true),
            ("few rounds", &[1.0, 1.0], &[0.8, 0.8], 0.1, false),
            ("few rounds, and no doubt", &[1.0, 1.0], &[0.5, 0.6], 1.0, true),
            ("the first lap alone", &[], &[], 0.8, false),
            ("the first lap alone, and no doubt", &[], &[], 0.5, true),
            ("out after the first lap", &[0.1; 9], &[], 5.0, false),
        ];
        for (what, default, other, first, wins) in cases {
            let default = times(1.0, default);
            let laps = [Lap::new("default", &default, &default), Lap::new("other", &times(first, other), &default)];
            assert_eq!(winner(&laps, 0), if wins { "other" } else { "default" }, "{what}");
        }
        // A hiccup in the default's first lap does not make a winner of who was given up.
        let default = times(10.0, &[1.0; 9]);
        let laps = [Lap::new("default", &default, &default), Lap::new("other", &times(5.0, &[]), &default)];
        assert_eq!(winner(&laps, 0), "default");
        for (rounds, doubt, wins) in [(0.9, 1.1, false), (0.8, 1.1, true), (0.8, 1.3, false), (0.7, 1.3, true)] {
            let part = Times { doubt, ..times(1.0, &[rounds; 9]) };
            let laps = [Lap::new("default", &default, &default), Lap::new("other", &part, &default)];
            assert_eq!(winner(&laps, 0), if wins { "other" } else { "default" }, "in part, {rounds}");
        }
        let default = times(1.0, &[1.0; 7]);
        let laps = [("default", 1.0), ("slow", 0.8), ("fast", 0.5)];
        let laps = laps.map(|(name, time)| Lap::new(name, &times(1.0, &[time; 7]), &default));
        assert_eq!((winner(&laps, 0), laps[2].ratio), ("fast", 2.0));
    }
}
