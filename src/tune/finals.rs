//! The final race: the best of the search, the default and the naive kernel side by side, in both modes.

use super::logbook::Seat;
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
        let trial = self.trials as u64;
        let in_modes = |candidate| extent.modes.iter().map(move |mode| (candidate, *mode, trial));
        let seats: Vec<Seat> = finalists.iter().flat_map(in_modes).collect();
        if let Some(known) = self.recall_race(&seats)? {
            return Ok(known);
        }
        watch.race(seats.len());
        self.logbook.race(&mut self.measure, Phase::Final, &seats, &self.default.hash, extent.timing)
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
        let Some(record) = self.logbook.store.best(&workload, Some(&device), MODES[0])? else { return Ok(None) };
        // A winner that this version cannot emit any more cannot be raced either.
        let stored = stored_config(self.measure.signature(), &record).ok();
        Ok(stored.map(|(template, config)| self.measure.candidate(template, config)))
    }

    /// The newest race of this workload on this device, if it had all these entrants but for those in quarantine, of
    /// which the last words are added.
    fn recall_race(&self, seats: &[Seat]) -> Result<Option<Vec<Record>>, TuneError> {
        let mut race = self.newest_race()?;
        let grounded = self.logbook.grounded(&self.measure, Phase::Final, seats)?;
        let has = |(candidate, mode, _): &Seat| {
            let same = |record: &&Record| record.code_hash == candidate.hash && record.mode == *mode;
            race.iter().find(same).is_some_and(|record| self.logbook.stands(record))
        };
        let complete = seats.iter().zip(&grounded).all(|(seat, word)| word.is_some() || has(seat));
        let has_winner = race.iter().any(|record| record.outcome.median_ns().is_some());
        let absent: Vec<Record> = grounded.into_iter().flatten().filter(|word| !race.contains(word)).collect();
        race.extend(absent);
        Ok((complete && has_winner).then_some(race))
    }

    fn newest_race(&self) -> Result<Vec<Record>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = &self.measure.device().identity;
        let filter = Filter {
            workload: Some(workload.clone()),
            device: Some(device.adapter.clone()),
            phase: Some(Phase::Final),
            ..Filter::default()
        };
        let newest = self.logbook.store.query(&filter)?.into_iter().find(|record| record.device == *device);
        let Some(newest) = newest else { return Ok(Vec::new()) };
        let mut race = self.logbook.store.race(newest.run, &workload)?;
        race.retain(|record| record.device == *device);
        Ok(race)
    }
}
