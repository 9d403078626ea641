//! The knockout: the best of the search side by side, until it is plain which of them are the fastest.

use super::TuneError;
use super::session::{Session, Standing};
use crate::base::paired::{fastest, ratio};
use crate::base::stats::CONFIDENCE;
use crate::measure::{Candidate, KNOCKOUT};
use crate::record::{Mode, Phase, Record};

/// How many of the search's best are in it, whatever their intervals say: intervals know nothing of what distorts a whole
/// trial. But nothing distorts it so many times.
const LEAST_TIED: usize = 5;
const FAR: f64 = 2.0;

/// How many of the search's best are in it at most.
pub(super) const MOST_TIED: usize = 16;

/// Who is surely so many times as slow as the leader at its end is not among those that it leaves.
const BEATEN: f64 = 1.05;

/// The best of a template is in it if its time in the search was at most so many times the best of all.
const NEAR: f64 = 1.5;

impl Session<'_> {
    /// Those that may be the fastest, the fastest first: of two or more, what a knockout leaves. It is held at most once
    /// for the same contenders.
    pub fn knockout(&mut self, contenders: Vec<Candidate>, mode: Mode) -> Result<Vec<Candidate>, TuneError> {
        if contenders.len() < 2 {
            return Ok(contenders);
        }
        let seats = self.in_mode(&contenders, mode);
        let race = match self.recall_race(Phase::Knockout, &seats)? {
            Some(race) => race,
            None => {
                self.logbook.race(&mut self.measure, Phase::Knockout, &seats, &self.default.hash, KNOCKOUT, |_| ())?
            }
        };
        let mut left = survivors(&race, mode);
        if let Some(&leader) = left.first() {
            left.retain(|&at| at == leader || !is_beaten(&race[leader], &race[at]));
        }
        let candidate = |record: &Record| contenders.iter().find(|candidate| candidate.hash == record.code_hash);
        Ok(left.into_iter().filter_map(|at| candidate(&race[at]).cloned()).collect())
    }

    /// The search's best, as many as cannot be told from the very best: those whose intervals overlap its. And the best of
    /// each template that is not far behind, so that different algorithms meet side by side.
    pub fn tied(&self) -> Vec<Candidate> {
        let best = self.fastest.first().map_or(f64::INFINITY, |best| best.paced_ns.high);
        let close = |(place, standing): &(usize, &Standing)| {
            let low = standing.paced_ns.low;
            low <= best || (*place < LEAST_TIED && low <= FAR * best)
        };
        let tied = self.fastest.iter().enumerate().filter(close).map(|(_, standing)| standing);
        let is_near = |standing: &&Standing| standing.paced_ns.low <= NEAR * best;
        let near = self.arms.iter().filter_map(|arm| arm.best.as_ref()).filter(is_near);
        tied.chain(near).map(|standing| standing.candidate.clone()).collect()
    }
}

/// Whether somebody who was sampled to the end was beaten all the same, which a race that ends early shows at its end only.
fn is_beaten(leader: &Record, other: &Record) -> bool {
    ratio(leader.outcome.samples_ns(), other.outcome.samples_ns(), CONFIDENCE).low > BEATEN
}

/// The places of those who were sampled to the end of a race in this mode, the fastest first. Of a program that is in it
/// twice, the first counts.
pub(super) fn survivors(race: &[Record], mode: Mode) -> Vec<usize> {
    let is_first = |at: usize| {
        let same = |record: &Record| record.code_hash == race[at].code_hash && record.mode == mode;
        race.iter().position(same) == Some(at)
    };
    let samples = |at: usize| race[at].outcome.samples_ns();
    let running: Vec<usize> = (0..race.len()).filter(|&at| is_first(at) && !samples(at).is_empty()).collect();
    let rounds = running.iter().map(|&at| samples(at).len()).max().unwrap_or(0);
    let left: Vec<usize> = running.into_iter().filter(|&at| samples(at).len() == rounds).collect();
    let lanes: Vec<&[f64]> = left.iter().map(|&at| samples(at)).collect();
    let Some(leader) = fastest(&lanes) else { return Vec::new() };
    let behind = |lane: usize| if lane == leader { 0.0 } else { ratio(lanes[leader], lanes[lane], CONFIDENCE).value };
    let mut order: Vec<(f64, usize)> = left.iter().enumerate().map(|(lane, &at)| (behind(lane), at)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    order.into_iter().map(|(_, at)| at).collect()
}
