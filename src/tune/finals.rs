//! The final race: the best of the search, the default and the naive kernel side by side, in both modes.

use super::session::Session;
use super::{StopReason, TuneError, Watch, stored_config};
use crate::backend::Timing;
use crate::measure::{Candidate, FINAL};
use crate::record::{Mode, Phase, Record};
use crate::store::Filter;

/// Without checks, as native applications may run; and with all of them, as browsers do.
const MODES: [Mode; 2] = [Mode::UNCHECKED, Mode::CHECKED];

/// How much is raced.
struct Extent {
    /// How many of the search's best.
    best: usize,
    /// Whether the naive kernel runs too; it may be slow.
    naive: bool,
    modes: &'static [Mode],
    timing: Timing,
}

/// How many of the search's best are raced at most.
pub(super) const MOST_FINALISTS: usize = 5;

const WHOLE: Extent = Extent { best: MOST_FINALISTS, naive: true, modes: &MODES, timing: FINAL };

/// For somebody who waits after Ctrl-C: the best beside the default, in the mode of the search, in the fewest rounds.
const BRIEF: Extent = Extent {
    best: 1,
    naive: false,
    modes: &[Mode::UNCHECKED],
    timing: Timing { least_samples: 6, budget_ns: 0.0, ..FINAL },
};

impl Session<'_> {
    /// Races the finalists, unless the store holds the newest race of just these.
    pub fn finals(&mut self, stop: StopReason, watch: &mut dyn Watch) -> Result<Vec<Record>, TuneError> {
        let extent = if stop == StopReason::Interrupted { BRIEF } else { WHOLE };
        let finalists = self.finalists(&extent)?;
        if let Some(known) = self.recall_race(&finalists, extent.modes)? {
            return Ok(known);
        }
        let pairs = finalists.iter().flat_map(|candidate| extent.modes.iter().map(move |mode| (candidate, *mode)));
        let entrants: Vec<(&Candidate, Mode)> = pairs.collect();
        watch.race(entrants.len());
        let reports = self.measure.race(&entrants, extent.timing)?;
        let ended = entrants.iter().zip(reports);
        let records: Vec<Record> =
            ended.map(|((candidate, mode), report)| self.record(candidate, *mode, Phase::Final, report)).collect();
        self.store.insert_all(&records)?;
        Ok(records)
    }

    /// The default unless the search rejected it, the naive kernel, the stored winner, and the best of the search:
    /// none twice.
    fn finalists(&mut self, extent: &Extent) -> Result<Vec<Candidate>, TuneError> {
        let default = self.default_ns.map(|_| self.default.clone());
        let reigning = self.stored_winner()?;
        let naive = self.naive.clone().filter(|_| extent.naive);
        let known = [default, naive, reigning].into_iter().flatten();
        let best = self.fastest.iter().take(extent.best).map(|(candidate, _)| candidate.clone());
        let mut finalists: Vec<Candidate> = Vec::new();
        for candidate in known.chain(best) {
            if finalists.iter().all(|other| other.hash != candidate.hash) {
                finalists.push(candidate);
            }
        }
        Ok(finalists)
    }

    /// The winner of the race before, as this version emits it: a further search must not lose it.
    fn stored_winner(&mut self) -> Result<Option<Candidate>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = self.measure.device().identity.clone();
        let Some(record) = self.store.best(&workload, Some(&device), MODES[0])? else { return Ok(None) };
        // A winner that this version cannot emit any more cannot be raced either.
        let stored = stored_config(self.measure.signature(), &record).ok();
        Ok(stored.map(|(template, config)| self.measure.candidate(template, config)))
    }

    /// The newest race of this workload on this device, if it had all these finalists.
    fn recall_race(&self, finalists: &[Candidate], modes: &[Mode]) -> Result<Option<Vec<Record>>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = &self.measure.device().identity;
        let filter = Filter {
            workload: Some(workload.clone()),
            device: Some(device.adapter.clone()),
            phase: Some(Phase::Final),
            ..Filter::default()
        };
        let newest = self.store.query(&filter)?.into_iter().find(|record| record.device == *device);
        let Some(newest) = newest else { return Ok(None) };
        let mut race = self.store.race(newest.run, &workload)?;
        race.retain(|record| record.device == *device);
        let has = |candidate: &Candidate, mode: Mode| {
            let same = |record: &&Record| record.code_hash == candidate.hash && record.mode == mode;
            race.iter().find(same).is_some_and(|record| record.outcome.is_lasting())
        };
        let complete = finalists.iter().all(|candidate| modes.iter().all(|mode| has(candidate, *mode)));
        let has_winner = race.iter().any(|record| record.outcome.median_ns().is_some());
        Ok((complete && has_winner).then_some(race))
    }
}
