//! Whose turn it is and how long it may take: numbers in, numbers out.

use std::time::Duration;

/// The share of the time for first turns, so that each workload has a result before any is improved.
const FIRST_SHARE: f64 = 0.6;

/// The share of the time that is left which one later turn may take.
const LATER_SHARE: f64 = 1.0 / 3.0;

/// A shorter search tries little more than the default.
const LEAST_SEARCH: Duration = Duration::from_secs(1);

/// How far one workload is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// It has no result yet.
    Untried,
    /// It has one that may become better.
    Open {
        /// Turns that it has had.
        turns: u64,
        /// The share of the roofline that it has reached, where that is known.
        share: Option<f64>,
    },
    /// Another turn would change nothing.
    Over,
}

/// One workload's next search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Which workload.
    pub at: usize,
    /// How long to search. What comes before and after is not counted.
    pub search: Duration,
}

/// The next turn, if there is time for one; a turn takes `overhead` beside its search.
///
/// Who has no result comes first, in order, and all of them share alike. Then comes who has had the fewest turns, and of
/// those who is furthest from the roofline: so the last of the time goes where most is to be gained.
pub(super) fn next(standings: &[Standing], left: Duration, overhead: Duration) -> Option<Turn> {
    if left.is_zero() {
        return None;
    }
    let untried: Vec<usize> = (0..standings.len()).filter(|&at| standings[at] == Standing::Untried).collect();
    if let Some(&at) = untried.first() {
        let share = left.mul_f64(FIRST_SHARE / untried.len() as f64);
        return Some(Turn { at, search: share.saturating_sub(overhead).max(LEAST_SEARCH) });
    }
    let search = left.mul_f64(LATER_SHARE).saturating_sub(overhead);
    let at = neediest(standings)?;
    (search >= LEAST_SEARCH).then_some(Turn { at, search })
}

fn neediest(standings: &[Standing]) -> Option<usize> {
    let need = |(at, standing): (usize, &Standing)| match *standing {
        Standing::Open { turns, share } => Some((turns, share.unwrap_or(0.0), at)),
        Standing::Untried | Standing::Over => None,
    };
    let open = standings.iter().enumerate().filter_map(need);
    open.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(.., at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Over, Untried};

    fn open(turns: u64, share: f64) -> Standing {
        Standing::Open { turns, share: Some(share) }
    }

    #[test]
    fn first_all_have_a_turn_then_who_is_furthest_from_the_roofline() {
        let unknown = Standing::Open { turns: 1, share: None };
        let cases: [(&[Standing], Option<usize>); 7] = [
            (&[], None),
            (&[Over, Untried, Untried], Some(1)),
            (&[open(1, 0.1), Untried], Some(1)),
            (&[open(1, 0.5), open(1, 0.2), open(1, 0.9)], Some(1)),
            (&[open(1, 0.5), open(2, 0.2), Over], Some(0)),
            (&[open(1, 0.1), unknown], Some(1)),
            (&[Over, Over], None),
        ];
        for (standings, want) in cases {
            let turn = next(standings, Duration::from_secs(60), Duration::from_secs(2));
            assert_eq!(turn.map(|turn| turn.at), want, "{standings:?}");
        }
    }

    #[test]
    fn the_time_is_shared_and_kept() {
        let seconds = |standings: &[Standing], left: u64| {
            let turn = next(standings, Duration::from_secs(left), Duration::from_secs(2));
            turn.map(|turn| turn.search.as_secs_f64())
        };
        let close = |got: Option<f64>, want: f64| got.is_some_and(|got| (got - want).abs() < 1e-6);
        assert!(close(seconds(&[Untried; 6], 100), 8.0));
        assert!(close(seconds(&[Untried; 6], 6), 1.0), "who has none has a turn as long as there is time");
        assert_eq!(seconds(&[Untried], 0), None);
        assert!(close(seconds(&[open(1, 0.5); 2], 60), 18.0));
        assert_eq!(seconds(&[open(1, 0.5); 2], 8), None, "too short to improve anything");
    }

    /// Played to the end with turns that take what they are dealt, no campaign takes longer than its time, but for the
    /// overhead of its last turn.
    #[test]
    fn campaigns_end_in_time() {
        let overhead = Duration::from_secs(3);
        for (workloads, time) in [(1, 5), (4, 60), (16, 480), (40, 60)] {
            let (mut standings, mut spent) = (vec![Untried; workloads], Duration::ZERO);
            let time = Duration::from_secs(time);
            while let Some(turn) = next(&standings, time.saturating_sub(spent), overhead) {
                spent += turn.search + overhead;
                let turns = if let Standing::Open { turns, .. } = standings[turn.at] { turns + 1 } else { 1 };
                standings[turn.at] = open(turns, 0.1 * turns as f64);
            }
            assert!(spent < time + overhead + LEAST_SEARCH, "{workloads} in {time:?}: {spent:?}");
        }
    }
}
