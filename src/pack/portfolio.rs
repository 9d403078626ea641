//! A few programs that together stay close to every known device's own best.
//!
//! A situation is a device with a workload; what is covered is how near the best of the chosen programs comes to the fastest known
//! there. One program after the other is taken, each the one with which the worst situation does best, until that is good
//! enough; then each is exchanged for a better one as long as there is one. Finding the best set of a size is a k-centre problem,
//! for which going by the worst is within a factor of two of the best (T. Gonzalez, 1985).

use serde::Serialize;

/// What each program takes in each situation; `None` where it was not measured or does not run.
pub type Times = Vec<Vec<Option<f64>>>;

/// The programs that were chosen, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cover {
    /// Numbers of programs, in the order in which they were taken.
    pub chosen: Vec<usize>,
    /// For each situation the fastest time known over that of the best chosen program: 1 where it is the best itself, 0
    /// where none of them runs.
    pub share: Vec<f64>,
}

impl Cover {
    /// The smallest share.
    pub fn worst(&self) -> f64 {
        self.share.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The mean share.
    pub fn mean(&self) -> f64 {
        self.share.iter().sum::<f64>() / self.share.len().max(1) as f64
    }
}

/// Chooses among programs until none of the situations has more than this regret, or there are so many. `times` has a row for each
/// situation, all of the same length.
pub fn cover(times: &Times, most: usize, regret: f64) -> Cover {
    let shares = shares(times);
    let programs = times.first().map_or(0, Vec::len);
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < most && value(&shares, &chosen).0 < 1.0 / (1.0 + regret) {
        let with = |program: usize| value(&shares, &[&chosen[..], &[program]].concat());
        let left = (0..programs).filter(|program| !chosen.contains(program));
        // Of equals the first.
        let best = left.rev().max_by(|&one, &other| better(with(one), with(other)));
        let Some(best) = best.filter(|best| better(with(*best), value(&shares, &chosen)).is_gt()) else { break };
        chosen.push(best);
        exchange(&shares, &mut chosen, programs);
    }
    let share = (0..times.len()).map(|situation| reached(&shares[situation], &chosen)).collect();
    Cover { chosen, share }
}

/// How a cover does in situations that it was not chosen for.
pub fn share_of(times: &Times, chosen: &[usize]) -> Vec<f64> {
    shares(times).iter().map(|row| reached(row, chosen)).collect()
}

/// For each situation the fastest time over each program's.
fn shares(times: &Times) -> Vec<Vec<f64>> {
    let row = |row: &Vec<Option<f64>>| {
        let best = row.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        row.iter().map(|time| time.map_or(0.0, |time| best / time)).collect()
    };
    times.iter().map(row).collect()
}

fn reached(row: &[f64], chosen: &[usize]) -> f64 {
    chosen.iter().map(|program| row[*program]).fold(0.0, f64::max)
}

/// The worst share and the mean of all.
fn value(shares: &[Vec<f64>], chosen: &[usize]) -> (f64, f64) {
    let reached: Vec<f64> = shares.iter().map(|row| reached(row, chosen)).collect();
    let worst = reached.iter().copied().fold(f64::INFINITY, f64::min);
    (worst, reached.iter().sum::<f64>() / reached.len().max(1) as f64)
}

fn better(one: (f64, f64), other: (f64, f64)) -> std::cmp::Ordering {
    one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
}

/// Exchanges each chosen program for the one that does best in its place, until nothing changes.
fn exchange(shares: &[Vec<f64>], chosen: &mut [usize], programs: usize) {
    let mut changed = true;
    while changed {
        changed = false;
        for place in 0..chosen.len() {
            for program in (0..programs).filter(|program| !chosen.contains(program)).collect::<Vec<_>>() {
                let before = value(shares, chosen);
                let old = std::mem::replace(&mut chosen[place], program);
                if better(value(shares, chosen), before).is_gt() {
                    changed = true;
                } else {
                    chosen[place] = old;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_situation_decides_how_many_are_taken() {
        let some = |times: &[f64]| times.iter().map(|time| Some(*time).filter(|time| *time > 0.0)).collect::<Vec<_>>();
        // Three devices with a favourite each, a compromise, and one that runs on a single device.
        let times =
            vec![some(&[1.0, 2.0, 4.0, 1.3, 0.0]), some(&[3.0, 1.0, 2.0, 1.3, 0.0]), some(&[4.0, 4.0, 1.0, 1.3, 0.9])];
        let best_of_third = 0.9;
        for (most, regret, chosen, worst) in [
            (1, 0.0, vec![3], best_of_third / 1.3),
            (8, 0.5, vec![3], best_of_third / 1.3),
            (2, 0.0, vec![3, 4], 1.0 / 1.3),
            (8, 0.2, vec![0, 1, 4], 1.0),
            (8, 0.0, vec![0, 1, 4], 1.0),
            (0, 0.0, vec![], 0.0),
        ] {
            let mut cover = cover(&times, most, regret);
            cover.chosen.sort_unstable();
            assert_eq!(
                (cover.chosen.clone(), (cover.worst() - worst).abs() < 1e-9),
                (chosen, true),
                "{most} {regret}: {cover:?}"
            );
        }
        assert_eq!(share_of(&times, &[0])[1], 1.0 / 3.0);
    }

    #[test]
    fn nothing_to_choose_from_covers_nothing() {
        assert_eq!(cover(&vec![vec![None, None]], 8, 0.0), Cover { chosen: vec![], share: vec![0.0] });
        assert_eq!(cover(&vec![], 8, 0.0), Cover { chosen: vec![], share: vec![] });
    }
}
