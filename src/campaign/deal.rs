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

/// How much time there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clock {
    /// For the whole campaign.
    pub all: Duration,
    /// What is left of it.
    pub left: Duration,
    /// What a turn takes beside its search.
    pub overhead: Duration,
}

/// The next turn, if there is time for one.
///
/// Who has no result comes first, in order, and all of them share alike. Then comes who has had the fewest turns, and of
/// those who is furthest from the roofline: so the last of the time goes where most is to be gained.
pub(super) fn next(standings: &[Standing], clock: Clock) -> Option<Turn> {
    if clock.left.is_zero() {
        return None;
    }
    if let Some(at) = standings.iter().position(|standing| *standing == Standing::Untried) {
        return Some(Turn {
            at,
            search: first_share(standings, clock).saturating_sub(clock.overhead).max(LEAST_SEARCH),
        });
    }
    let search = clock.left.mul_f64(LATER_SHARE).saturating_sub(clock.overhead);
    let at = neediest(standings)?;
    (search >= LEAST_SEARCH).then_some(Turn { at, search })
}

/// What one first turn may take with all that belongs to it. Where only a few have no result, they get no more than if all
/// began now.
fn first_share(standings: &[Standing], Clock { all, left, .. }: Clock) -> Duration {
    let count = |is_one: fn(&Standing) -> bool| standings.iter().filter(|standing| is_one(standing)).count() as u32;
    let (untried, alive) = (count(|s| *s == Standing::Untried), count(|s| *s != Standing::Over));
    let kept_for_later = all.mul_f64(1.0 - FIRST_SHARE);
    (left.saturating_sub(kept_for_later) / untried.max(1)).min(left / alive.max(1))
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

    fn clock(all: u64, left: u64, overhead: u64) -> Clock {
        let [all, left, overhead] = [all, left, overhead].map(Duration::from_secs);
        Clock { all, left, overhead }
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
            let turn = next(standings, clock(60, 60, 2));
            assert_eq!(turn.map(|turn| turn.at), want, "{standings:?}");
        }
    }

    #[test]
    fn the_time_is_shared_and_kept() {
        let (one, two) = (open(1, 0.5), [open(1, 0.5); 2]);
        let cases: [(&str, &[Standing], Clock, Option<f64>); 7] = [
            ("six share sixty seconds", &[Untried; 6], clock(100, 100, 2), Some(8.0)),
            (
                "the last of them gets no more",
                &[one, one, one, one, one, Untried],
                clock(100, 50, 2),
                Some(50.0 / 6.0 - 2.0),
            ),
            ("one that came later gets its share", &[one, one, one, Untried], clock(100, 100, 2), Some(23.0)),
            ("who has none has a turn as long as there is time", &[Untried; 6], clock(100, 1, 2), Some(1.0)),
            ("no time is left", &[Untried], clock(100, 0, 2), None),
            ("a third of what is left", &two, clock(100, 60, 2), Some(18.0)),
            ("too short to improve anything", &two, clock(100, 8, 2), None),
        ];
        for (what, standings, clock, want) in cases {
            let got = next(standings, clock).map(|turn| turn.search.as_secs_f64());
            let is_same = got.zip(want).map_or(got == want, |(got, want)| (got - want).abs() < 1e-6);
            assert!(is_same, "{what}: {got:?} where {want:?} is right");
        }
    }

    /// Played to the end with turns that take what they are dealt, no campaign takes longer than its time, but for the
    /// overhead of its last turn; and where there is time enough, first turns leave their share to later ones.
    #[test]
    fn campaigns_end_in_time() {
        for (workloads, all, later) in [(1, 5, 0), (4, 60, 1), (16, 480, 3), (40, 60, 0)] {
            let (mut standings, mut spent) = (vec![Untried; workloads], Duration::ZERO);
            let mut clock = clock(all, all, 3);
            while let Some(turn) = next(&standings, clock) {
                spent += turn.search + clock.overhead;
                clock.left = clock.all.saturating_sub(spent);
                let turns = if let Standing::Open { turns, .. } = standings[turn.at] { turns + 1 } else { 1 };
                standings[turn.at] = open(turns, 0.1 * turns as f64);
            }
            assert!(spent < clock.all + clock.overhead + LEAST_SEARCH, "{workloads} in {all} s: {spent:?}");
            let again = standings.iter().filter(|s| matches!(s, Standing::Open { turns: 2.., .. })).count();
            assert!(again >= later, "{workloads} in {all} s: {again} had a second turn");
        }
    }
}
