//! What was chosen, on which grounds, and what else could have been.

use super::Rung;
use crate::{Entry, VerifiedProgram, Workload};

/// What a pack offers a device for a workload.
#[derive(Clone, Debug)]
pub struct Choice {
    rung: Rung,
    reason: String,
    contenders: Vec<Contender>,
    race: Option<String>,
    is_settled: bool,
    pub(super) misses: Vec<Miss>,
}

/// One sound program that may be used.
#[derive(Clone, Debug)]
pub struct Contender {
    /// What the index says of it.
    pub entry: Entry,
    /// How far the workload's sizes are from the measured ones: the Euclidean distance of their logarithms.
    pub distance: f64,
    /// The program, with its texts.
    pub program: VerifiedProgram,
}

/// What could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What it is: `entry 1a2b3c4d5e6f7081`.
    pub what: String,
    /// Why it could not be used.
    pub why: String,
}

impl Choice {
    pub(super) fn new(rung: Rung, contenders: Vec<Contender>, race: Option<String>, reason: String) -> Self {
        Self { rung, reason, contenders, race, is_settled: false, misses: Vec::new() }
    }

    pub(super) fn miss(workload: &Workload) -> Self {
        let reason = format!("the pack has no sound program for `{workload}` on this device");
        Self::new(Rung::Miss, Vec::new(), None, reason)
    }

    /// The program to use unless a race says otherwise; none on [`Rung::Miss`].
    pub fn program(&self) -> Option<&VerifiedProgram> {
        self.contenders.first().map(|contender| &contender.program)
    }

    /// What the index says of the program to use; none on [`Rung::Miss`].
    pub fn entry(&self) -> Option<&Entry> {
        self.contenders.first().map(|contender| &contender.entry)
    }

    /// How far the workload's sizes are from those at which the program to use was measured: the Euclidean distance of
    /// their logarithms, 0 at the same shape; none on [`Rung::Miss`].
    pub fn distance(&self) -> Option<f64> {
        self.contenders.first().map(|contender| contender.distance)
    }

    /// On what grounds it was chosen.
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// Why, in one sentence.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The program to use first, then those that might be faster on this device; the default first where others were not
    /// faster elsewhere, else last.
    pub fn contenders(&self) -> &[Contender] {
        &self.contenders
    }

    /// Whether a race between the contenders should decide: nobody has measured them on this device at this shape.
    pub fn is_race_due(&self) -> bool {
        self.race.is_some() && !self.is_settled
    }

    /// What the race is called in [`Decisions`](crate::Decisions); none where there is nothing to decide.
    pub fn race(&self) -> Option<&str> {
        self.race.as_deref()
    }

    /// Puts the winner of a race first. False if there is no such contender.
    pub fn settle(&mut self, winner: &str) -> bool {
        let Some(place) = self.contenders.iter().position(|contender| contender.entry.id == winner) else {
            return false;
        };
        self.contenders[..=place].rotate_right(1);
        self.reason =
            format!("won the race of {} on this device; the leader had been {}", self.contenders.len(), self.reason);
        self.is_settled = true;
        true
    }

    /// What could not be used, with the reasons: the first few.
    pub fn misses(&self) -> &[Miss] {
        &self.misses
    }
}
