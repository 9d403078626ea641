//! Whose turn it is and how long it may take: numbers in, numbers out.

use std::time::Duration;

/// What is kept for later turns, in first turns for each workload that is in the running: two fifths of the time where nothing
/// was done yet. Counted so, all first turns are of one length, whatever is left when each begins.
const KEPT_FOR_LATER: f64 = 2.0 / 3.0;

/// The share of the time that is left which one later turn may take.
const LATER_SHARE: f64 = 1.0 / 3.0;

/// A later turn is at least so many times as long as what belongs to it: it searches no less than it races.
const LEAST_OVERHEADS: u32 = 2;

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
    if let Some(at) = standings.iter().position(|standing| *standing == Standing::Untried) {
        let search = first_share(standings, left).saturating_sub(overhead).max(LEAST_SEARCH);
        return Some(Turn { at, search });
    }
    let at = neediest(standings)?;
    let whole = left.mul_f64(LATER_SHARE).max(LEAST_OVERHEADS * overhead);
    let search = whole.saturating_sub(overhead);
    (whole <= left && search >= LEAST_SEARCH).then_some(Turn { at, search })
}

/// What one first turn may take with all that belongs to it.
fn first_share(standings: &[Standing], left: Duration) -> Duration {
    let count = |is_one: fn(&Standing) -> bool| standings.iter().filter(|standing| is_one(standing)).count() as f64;
    let (untried, running) = (count(|s| *s == Standing::Untried), count(|s| *s != Standing::Over));
    left.div_f64(untried + KEPT_FOR_LATER * running)
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

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
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
            let turn = next(standings, seconds(60), seconds(2));
            assert_eq!(turn.map(|turn| turn.at), want, "{standings:?}");
        }
    }

    #[test]
    fn the_time_is_shared_and_kept() {
        let (one, two) = (open(1, 0.5), [open(1, 0.5); 2]);
        let cases: [(&str, &[Standing], u64, Option<f64>); 8] = [
            ("six share sixty of a hundred seconds", &[Untried; 6], 100, Some(8.0)),
            ("the last of them gets as much", &[one, one, one, one, one, Untried], 50, Some(8.0)),
            ("who cannot be tuned takes no share", &[Untried, Over, Over], 50, Some(28.0)),
            ("who has none has a turn as long as there is time", &[Untried; 6], 1, Some(1.0)),
            ("no time is left", &[Untried], 0, None),
            ("a third of what is left", &two, 60, Some(18.0)),
            ("more where less would be races alone", &two, 8, Some(2.0)),
            ("too short to improve anything", &two, 3, None),
        ];
        for (what, standings, left, want) in cases {
            let got = next(standings, seconds(left), seconds(2)).map(|turn| turn.search.as_secs_f64());
            let is_same = got.zip(want).map_or(got == want, |(got, want)| (got - want).abs() < 1e-6);
            assert!(is_same, "{what}: {got:?} where {want:?} is right");
        }
    }

    /// Played to the end with turns that take what they are dealt, no campaign takes longer than its time, but for the
    /// overhead of its last turn; and where there is time enough, first turns leave their share to later ones.
    #[test]
    fn campaigns_end_in_time() {
        let overhead = seconds(3);
        for (workloads, all, later) in [(1, 5, 0), (4, 60, 1), (16, 480, 3), (40, 60, 0)] {
            let (mut standings, mut spent) = (vec![Untried; workloads], Duration::ZERO);
            while let Some(turn) = next(&standings, seconds(all).saturating_sub(spent), overhead) {
                spent += turn.search + overhead;
                let turns = if let Standing::Open { turns, .. } = standings[turn.at] { turns + 1 } else { 1 };
                standings[turn.at] = open(turns, 0.1 * turns as f64);
            }
            assert!(spent < seconds(all) + overhead + LEAST_SEARCH, "{workloads} in {all} s: {spent:?}");
            let again = standings.iter().filter(|s| matches!(s, Standing::Open { turns: 2.., .. })).count();
            assert!(again >= later, "{workloads} in {all} s: {again} had a second turn");
        }
    }
}
