//! Which places the loops of an instruction use, as ranges: what is asked of places is asked once of each, and not at each
//! execution.

use std::ops::Range;

use super::compute::farthest;
use crate::code::vta::{Loops, MicroOp};

/// The ranges of places of all rounds, in order, none twice, where each micro-op begins at `first` and the outer and the inner
/// loop add `steps`. All places were checked, so that they lie within a memory.
pub(super) fn places(
    list: &[MicroOp],
    loops: &Loops,
    first: fn(&MicroOp) -> u32,
    steps: [u32; 2],
) -> Vec<Range<usize>> {
    let Some(begin) = list.iter().map(first).min().filter(|_| loops.executions() > 0) else { return Vec::new() };
    let begin = begin as usize;
    let end = farthest(list, loops, first, steps) as usize + 1;
    let Sweep { run, outer, inner } = Sweep::new(loops, steps);
    let mut used = vec![false; end - begin];
    for micro_op in list {
        let from = first(micro_op) as usize - begin;
        for (outer, inner) in outer.offsets().flat_map(|outer| inner.offsets().map(move |inner| (outer, inner))) {
            used[from + outer + inner..][..run].fill(true);
        }
    }
    ranges(&used, begin)
}

/// Rounds of a loop, and what each adds.
#[derive(Clone, Copy)]
struct Axis {
    rounds: usize,
    step: usize,
}

impl Axis {
    fn offsets(self) -> impl Iterator<Item = usize> + Clone {
        (0..self.rounds).map(move |round| round * self.step)
    }
}

/// Two loops, as a run of places side by side and what is left of the loops around it.
struct Sweep {
    run: usize,
    outer: Axis,
    inner: Axis,
}

impl Sweep {
    /// A loop that goes no farther than a run is long makes it longer; one that stays where it is does nothing.
    fn new(loops: &Loops, [by_outer, by_inner]: [u32; 2]) -> Self {
        let mut axes =
            [(loops.outer, by_outer), (loops.inner, by_inner)].map(|(rounds, step)| (rounds as usize, step as usize));
        axes.sort_by_key(|(_, step)| *step);
        let mut run = 1;
        let [outer, inner] = axes.map(|(rounds, step)| {
            if step > run {
                return Axis { rounds, step };
            }
            run += (rounds - 1) * step;
            Axis { rounds: 1, step }
        });
        Self { run, outer, inner }
    }
}

fn ranges(used: &[bool], begin: usize) -> Vec<Range<usize>> {
    let mut from = begin;
    let mut ranges = Vec::new();
    for same in used.chunk_by(|left, right| left == right) {
        if same[0] {
            ranges.push(from..from + same.len());
        }
        from += same.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::RngExt;

    use super::*;
    use crate::base::seeded;

    #[test]
    fn ranges_are_the_places_of_all_executions() {
        let mut random = seeded(8, "vta places");
        for _ in 0..2_000 {
            let mut number = |most: u32| random.random_range(0..=most);
            let list: Vec<MicroOp> =
                (0..number(5)).map(|_| MicroOp { source: number(20), ..MicroOp::default() }).collect();
            let (outer, inner, steps) = (number(5), number(5), [number(6), number(6)]);
            let loops = Loops { begin: 0, end: list.len() as u32, outer, inner, source: steps, ..Loops::default() };
            let found = places(&list, &loops, |micro_op| micro_op.source, steps);
            let mut all = BTreeSet::new();
            super::super::compute::each_place(&list, &loops, [0; 2], |place| {
                all.insert(place.source);
            });
            assert!(found.iter().cloned().flatten().eq(all), "{list:?} {loops:?}: {found:?}");
            assert!(found.windows(2).all(|two| two[0].end < two[1].start), "{found:?}");
        }
    }
}
