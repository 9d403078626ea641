//! Who leaves a race early, and when a race is decided: by the ratios of samples taken in the same round.

use crate::base::paired::{fastest, ratio};
use crate::base::stats::CONFIDENCE;

/// Confidence at which somebody is called slower than the leader before the end. It is stricter than what is printed,
/// since everybody is judged many times.
const DROPPING: f64 = 0.999;

/// From so many samples on somebody may leave without that confidence: when all of theirs are more than so many times as
/// slow as all of the leader's. Of two that are alike, all six samples of the one lie above all of the other once in 924 times
/// (H. B. Mann and D. R. Whitney, 1947), and seldomer by so much; with three it is the factor that tells.
const BEHIND: [(usize, f64); 2] = [(3, 2.0), (6, 1.05)];

/// What a race shows so far.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    /// Those who are slower than the leader, as their places among the lanes; the leader itself is never one.
    pub slower: Vec<usize>,
    /// Whether nobody is left who may be faster than the leader by more than the indifference.
    pub is_decided: bool,
}

/// Judges those who are still sampled, in lanes of equal length. Two that differ by less than `indifference`, as a
/// share, are as good as each other.
pub(super) fn judge(lanes: &[&[f64]], indifference: f64) -> Verdict {
    let Some(leader) = fastest(lanes) else { return Verdict { slower: Vec::new(), is_decided: false } };
    let others = (0..lanes.len()).filter(|&lane| lane != leader);
    let (slower, close): (Vec<usize>, Vec<usize>) = others.partition(|&lane| is_slower(lanes[lane], lanes[leader]));
    let is_decided = close.iter().all(|&lane| ratio(lanes[leader], lanes[lane], CONFIDENCE).low >= 1.0 - indifference);
    Verdict { slower, is_decided }
}

fn is_slower(lane: &[f64], leader: &[f64]) -> bool {
    let least = lane.iter().copied().fold(f64::INFINITY, f64::min);
    let most = leader.iter().copied().fold(0.0, f64::max);
    let is_behind = BEHIND.iter().any(|(samples, times)| lane.len() >= *samples && least > times * most);
    is_behind || ratio(leader, lane, DROPPING).low > 1.0
}

/// The next round after this one in which to judge: looks become rarer, as they teach less and cost more.
pub(super) fn next_look(round: usize) -> usize {
    round + 1 + round / 8
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::base::seeded;

    /// A lane around a time, with noise of up to 1.5 per cent that is its own.
    fn lane(ns: f64, samples: usize, own: usize) -> Vec<f64> {
        let mut random = seeded(own as u64, "lane");
        (0..samples).map(|_| ns * random.random_range(0.985..1.015)).collect()
    }

    #[test]
    fn the_slower_leave_and_the_tied_stay() {
        // Times, samples of each, who is slower, whether it is decided.
        let cases: [(&[f64], usize, &[usize], bool); 9] = [
            (&[1.0, 1.1], 5, &[], false),
            (&[1.0, 1.1], 6, &[1], true),
            (&[1.0, 1.05], 6, &[], true),
            (&[1.0, 1.05], 11, &[1], true),
            (&[1.0, 2.2], 2, &[], false),
            (&[1.0, 2.2], 3, &[1], true),
            (&[1.0, 1.0, 1.3], 40, &[2], true),
            (&[1.2, 1.3, 1.0], 22, &[0, 1], true),
            (&[1.0], 3, &[], true),
        ];
        for (times, samples, slower, is_decided) in cases {
            let lanes: Vec<Vec<f64>> = times.iter().enumerate().map(|(at, ns)| lane(*ns, samples, at)).collect();
            let lanes: Vec<&[f64]> = lanes.iter().map(Vec::as_slice).collect();
            assert_eq!(judge(&lanes, 0.01), Verdict { slower: slower.to_vec(), is_decided }, "{times:?}, {samples}");
        }
    }

    #[test]
    fn looks_become_rarer() {
        let looks: Vec<usize> = std::iter::successors(Some(6), |&round| Some(next_look(round))).take(8).collect();
        assert_eq!(looks, [6, 7, 8, 10, 12, 14, 16, 19]);
    }
}
