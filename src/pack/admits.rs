//! For which sizes a program is valid: found out by emitting its config at others and comparing programs.
//!
//! A config whose program is the same at other sizes computes these too: all that differs is in its uniforms and its grid. So no
//! template says for which sizes its kernels are right, and none can forget to.

use std::collections::BTreeMap;

use rand::RngExt;
use wgtune_pack::{Admits, Dims, Range};

use super::operation::at;
use crate::base::{DeviceFacts, Random, seeded};
use crate::check::check;
use crate::code::Program;
use crate::op::{Shared, Signature, Template};
use crate::space::Value;

/// A program stands for sizes from a sixteenth of those that it was measured at to sixteen times these: further away nothing is
/// known of its speed.
const REACH: u64 = 16;

/// What sizes may have to be multiples of.
const MOST_ALIGNMENT: u64 = 256;

/// How many sizes within the ranges are tried at random before these are believed.
const TRIES: usize = 24;

/// A config of a template, and what it emitted for the workload that was measured.
pub struct Emitted<'a> {
    pub template: &'a Shared<dyn Template>,
    pub values: &'a BTreeMap<String, Value>,
    pub program: &'a Program,
    /// What it must be legal on.
    pub device: &'a DeviceFacts,
}

impl Emitted<'_> {
    /// The predicate on sizes around the measured ones. Dims that must be as measured have no range.
    pub fn admits(&self, signature: &Signature, measured: &Dims) -> Admits {
        let mut dims: BTreeMap<String, Range> = measured
            .iter()
            .filter_map(|(name, size)| Some((name.clone(), self.range(signature, measured, name, *size)?)))
            .collect();
        let mut random = seeded(0, "sizes that a program stands for");
        // What holds for each dim alone need not hold for all: the widest range goes first.
        while !self.holds(signature, measured, &dims, &mut random) {
            let widest = dims.iter().max_by_key(|(name, range)| (range.most - range.least, (*name).clone()));
            let Some(name) = widest.map(|(name, _)| name.clone()) else { break };
            dims.remove(&name);
        }
        Admits { dims, conditions: Vec::new() }
    }

    /// Whether it emits the same program at these sizes, and the check lets it pass.
    pub fn serves(&self, signature: &Signature, sizes: &Dims) -> bool {
        let Some(other) = at(signature, sizes) else { return false };
        if !self.template.applies(&other) {
            return false;
        }
        let config = self.template.space(&other, self.device).config(self.values);
        let program = config.ok().and_then(|config| self.template.emit(&other, &config).ok());
        let is_same = program.is_some_and(|program| program == *self.program);
        is_same && check(self.program, &other.symbols, self.device).is_ok()
    }

    /// The sizes that one dim may have while the others are as measured.
    fn range(&self, signature: &Signature, measured: &Dims, name: &str, size: u64) -> Option<Range> {
        let serves = |size: u64| {
            let mut sizes = measured.clone();
            sizes.insert(name.to_owned(), size);
            size > 0 && self.serves(signature, &sizes)
        };
        let alignments =
            std::iter::successors(Some(1), |step| Some(2 * step)).take_while(|step| *step <= MOST_ALIGNMENT);
        let mut alignments = alignments.filter(|step| size.is_multiple_of(*step));
        let step = alignments.find(|step| serves(size + step) && serves(size + 3 * step))?;
        let most = (size * REACH).next_multiple_of(step);
        let least = (size / REACH).max(1).next_multiple_of(step).min(size);
        let range = Range {
            least: farthest(size, least, step, &serves),
            most: farthest(size, most, step, &serves),
            multiple_of: step,
        };
        (range.least < range.most).then_some(range)
    }

    fn holds(
        &self,
        signature: &Signature,
        measured: &Dims,
        dims: &BTreeMap<String, Range>,
        random: &mut Random,
    ) -> bool {
        let ends = [|range: &Range| range.least, |range: &Range| range.most];
        let corners = ends.map(|end| sizes(measured, dims, end));
        let drawn = (0..TRIES).map(|_| sizes(measured, dims, |range| drawn(range, random)));
        corners.into_iter().chain(drawn.collect::<Vec<_>>()).all(|sizes| self.serves(signature, &sizes))
    }
}

/// The measured sizes, with those in range replaced.
fn sizes(measured: &Dims, ranges: &BTreeMap<String, Range>, mut size: impl FnMut(&Range) -> u64) -> Dims {
    let of = |(name, measured): (&String, &u64)| (name.clone(), ranges.get(name).map_or(*measured, &mut size));
    measured.iter().map(of).collect()
}

/// A size within a range, each power of two as likely as another.
fn drawn(range: &Range, random: &mut Random) -> u64 {
    let [low, high] = [range.least, range.most].map(|end| (end as f64).ln());
    let size = random.random_range(low..=high).exp() as u64;
    (size / range.multiple_of * range.multiple_of).clamp(range.least, range.most)
}

/// The size farthest from one that serves, on the way to an end, such that sizes on the way serve too: the way is halved until
/// it does.
fn farthest(from: u64, to: u64, step: u64, serves: &impl Fn(u64) -> bool) -> u64 {
    let (mut good, mut end) = (from, to);
    while good != end {
        if serves(end) {
            return end;
        }
        let middle = (good.midpoint(end) / step * step).clamp(good.min(end), good.max(end));
        if middle == good || middle == end {
            return good;
        }
        if serves(middle) {
            good = middle;
        } else {
            end = middle;
        }
        if good.abs_diff(end) <= step {
            return good;
        }
    }
    good
}
