//! Several entrants side by side: candidates, and routines of libraries beside them.

use super::{Candidate, Measure, MeasureError, Tier};
use crate::backend::{Elimination, Entrant, EntrantReport, Timing};
use crate::record::{Mode, Rejection};

impl Measure<'_> {
    /// Checks several candidates, verifies them by a tier (`None` where they were verified just before), and times them side
    /// by side: sample i of all of them is round i. What is to qualify is also verified at sizes just above and below, unless it
    /// is the naive kernel.
    ///
    /// A native program is the same in both modes: where it is asked for in both, it runs in one, which counts for the other.
    pub fn race(
        &mut self,
        entrants: &[(&Candidate, Mode)],
        timing: Option<Timing>,
        tier: Option<Tier>,
    ) -> Result<Vec<EntrantReport>, MeasureError> {
        let mut checked = Vec::new();
        for (candidate, mode) in entrants {
            let is_nearby = tier.is_some_and(Tier::is_nearby) && !self.is_naive(candidate);
            let nearby = if is_nearby { self.verdict_nearby(candidate)? } else { Ok(()) };
            checked.push(nearby.and_then(|()| self.entrant(candidate, *mode)));
        }
        let stands_in = |at| Some(stand_in(entrants, at)).filter(|other| checked[*other].is_ok()).unwrap_or(at);
        let stand_ins: Vec<usize> = (0..entrants.len()).map(stands_in).collect();
        let running: Vec<usize> =
            (0..entrants.len()).filter(|&at| checked[at].is_ok() && stand_ins[at] == at).collect();
        let naive = (0..running.len()).filter(|&lane| self.is_naive(entrants[running[lane]].0)).collect();
        let stay = |Elimination { first }| Elimination { first: running.iter().filter(|at| **at < first).count() };
        let timing = timing.map(|timing| Timing { elimination: timing.elimination.map(stay), ..timing });
        let lanes = running.iter().filter_map(|&at| checked[at].as_ref().ok().cloned()).collect();
        let ended = self.execute(lanes, naive, timing, tier)?.0;
        let report = |(at, checked): (usize, Result<Entrant, Rejection>)| match checked {
            Ok(_) => {
                let lane = running.iter().position(|one| *one == stand_ins[at]);
                ended[lane.expect("whoever stands in runs")].clone()
            }
            Err(rejection) => EntrantReport::rejected(rejection),
        };
        Ok(checked.into_iter().enumerate().map(report).collect())
    }

    /// Times candidates, which were verified before, beside routines of libraries. All are verified on every data set, before
    /// and afterwards, by what each promises; candidates come first in the reports.
    pub fn against(
        &mut self,
        candidates: &[(&Candidate, Mode)],
        routines: &[Entrant],
        timing: Timing,
    ) -> Result<Vec<EntrantReport>, MeasureError> {
        let mut checked: Vec<Result<Entrant, Rejection>> =
            candidates.iter().map(|(candidate, mode)| self.entrant(candidate, *mode)).collect();
        checked.extend(routines.iter().cloned().map(Ok));
        let healthy = checked.iter().filter_map(|checked| checked.as_ref().ok().cloned());
        let mut ended = self.execute(healthy.collect(), Vec::new(), Some(timing), Some(Tier::Full))?.0.into_iter();
        let report = |checked: Result<Entrant, Rejection>| match checked {
            Ok(_) => ended.next().expect("one report per entrant"),
            Err(rejection) => EntrantReport::rejected(rejection),
        };
        Ok(checked.into_iter().map(report).collect())
    }
}

/// Whose run counts for an entrant: its own, but for a program with run-time checks of which there is no other text.
fn stand_in(entrants: &[(&Candidate, Mode)], at: usize) -> usize {
    let (candidate, mode) = entrants[at];
    if !mode.checks || candidate.program.has_modes() {
        return at;
    }
    let same = |(other, its): &(&Candidate, Mode)| {
        other.hash == candidate.hash && *its == Mode::UNCHECKED.with_cache(mode.cache)
    };
    entrants.iter().position(same).unwrap_or(at)
}
