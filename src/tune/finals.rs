//! The final race: what the knockout has left, the default and the naive kernel measured once more side by side, in both
//! modes, in a fresh process where there is one. Every number that is reported is from here.

use super::knockout::survivors;
use super::logbook::Seat;
use super::session::Session;
use super::{StopReason, TuneError, Watch, raced_speedup, stored_config};
use crate::backend::{Elimination, Timing};
use crate::measure::{Candidate, FINAL};
use crate::record::{Mode, Outcome, Phase, Record, Stage};
use crate::store::Filter;

/// How much is raced.
struct Extent {
    /// How many of the knockout's survivors.
    best: usize,
    /// Whether it is the whole race: with the naive kernel, which may be slow, after a knockout, and with the default
    /// twice, for the noise floor.
    is_whole: bool,
    /// In how many of the session's modes.
    modes: usize,
    timing: Timing,
}

const WHOLE: Extent = Extent { best: 4, is_whole: true, modes: 2, timing: FINAL };

/// For somebody who waits after Ctrl-C: the best beside the default, in the mode of the search, in the fewest rounds.
const BRIEF: Extent = Extent {
    best: 1,
    is_whole: false,
    modes: 1,
    timing: Timing { least_samples: 6, budget_ns: 0.0, elimination: None, ..FINAL },
};

impl Session<'_> {
    /// Races the finalists, unless the store holds the newest race of just these.
    pub fn finals(&mut self, stop: StopReason, watch: &mut dyn Watch) -> Result<Vec<Record>, TuneError> {
        let extent = if stop == StopReason::Interrupted { BRIEF } else { WHOLE };
        let contenders = self.contenders(&extent)?;
        let contenders = if extent.is_whole { self.knockout(contenders, self.modes[0])? } else { contenders };
        let favourite = contenders.first().map(|candidate| candidate.hash.clone()).filter(|_| extent.is_whole);
        let finalists = self.finalists(&extent, contenders);
        let (seats, staying) = self.seats(&extent, &finalists);
        if let Some(known) = self.recall_race(Phase::Final, &seats)? {
            return Ok(known);
        }
        watch.race(seats.len());
        self.fresh = Some(self.measure.renew());
        let elimination = extent.timing.elimination.map(|_| Elimination { first: staying });
        let timing = Timing { elimination, ..extent.timing };
        let (modes, default) = (self.modes, self.default.hash.clone());
        let choose = |records: &mut [Record]| choose(records, modes, &default, favourite.as_deref());
        self.logbook.race(&mut self.measure, Phase::Final, &seats, &default, timing, choose)
    }

    /// Who takes part, and how many of them, from the first on, stay to the end: the default, and its twin beside it.
    fn seats<'c>(&self, extent: &Extent, finalists: &'c [Candidate]) -> (Vec<Seat<'c>>, usize) {
        let (modes, trial) = (&self.modes[..extent.modes], self.trials as u64);
        let in_modes = |candidate: &'c Candidate| modes.iter().map(move |mode| (candidate, *mode, trial));
        let has_default = finalists.first().is_some_and(|first| first.hash == self.default.hash);
        let (stay, others) = finalists.split_at(usize::from(has_default));
        let mut seats: Vec<Seat> = stay.iter().flat_map(in_modes).collect();
        seats.extend(stay.iter().filter(|_| extent.is_whole).map(|default| (default, self.modes[0], trial)));
        let staying = seats.len();
        seats.extend(others.iter().flat_map(in_modes));
        (seats, staying)
    }

    /// Who may be the fastest, none twice: the default unless the search rejected it, the naive kernel, the stored winner,
    /// and those that the search cannot tell from its best.
    fn contenders(&mut self, extent: &Extent) -> Result<Vec<Candidate>, TuneError> {
        let mut best = self.tied();
        if !extent.is_whole {
            best.truncate(extent.best);
        }
        let default = self.default_ns.map(|_| self.default.clone());
        let naive = self.naive.clone().filter(|_| extent.is_whole);
        let reigning = self.stored_winner()?;
        let may_win = |candidate: &Candidate| self.settings.may_win(candidate.template.numerics());
        Ok(distinct(default.into_iter().chain(naive).chain(reigning).chain(best).filter(may_win)))
    }

    /// The default unless the search rejected it, the naive kernel, and the foremost of those who are left.
    fn finalists(&self, extent: &Extent, left: Vec<Candidate>) -> Vec<Candidate> {
        let may_win = |candidate: &Candidate| self.settings.may_win(candidate.template.numerics());
        let default = self.default_ns.map(|_| self.default.clone()).filter(may_win);
        let naive = self.naive.clone().filter(|_| extent.is_whole);
        let most = if extent.is_whole { extent.best } else { left.len() };
        distinct(default.into_iter().chain(naive).chain(left.into_iter().take(most)))
    }

    /// The winner of the race before, as this version emits it: a further search must not lose it.
    fn stored_winner(&mut self) -> Result<Option<Candidate>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = self.measure.device().identity.clone();
        let Some(record) = self.logbook.store.best(&workload, Some(&device), self.modes[0])? else { return Ok(None) };
        // A winner that this version cannot emit any more cannot be raced either.
        let stored = stored_config(self.measure.signature(), &record).ok();
        Ok(stored.map(|(template, config)| self.measure.candidate(template, config)))
    }

    /// The newest race of this phase, workload and device, if it had all these entrants but for those in quarantine, of
    /// which the last words are added.
    pub fn recall_race(&self, phase: Phase, seats: &[Seat]) -> Result<Option<Vec<Record>>, TuneError> {
        let mut race = self.newest_race(phase)?;
        let grounded = self.logbook.grounded(&self.measure, phase, seats)?;
        let has = |(candidate, mode, _): &Seat| {
            let same = |record: &&Record| record.code_hash == candidate.hash && record.mode == *mode;
            race.iter().find(same).is_some_and(|record| self.logbook.stands(record))
        };
        let complete = seats.iter().zip(&grounded).all(|(seat, word)| word.is_some() || has(seat));
        let counts = |record: &Record| match phase {
            Phase::Final => record.chosen,
            _ => record.outcome.median_ns().is_some(),
        };
        let is_whole = complete && race.iter().any(counts);
        let absent: Vec<Record> = grounded.into_iter().flatten().filter(|word| !race.contains(word)).collect();
        race.extend(absent);
        Ok(is_whole.then_some(race))
    }

    /// The records of the newest race that are still trusted, in the order in which they were kept.
    fn newest_race(&self, phase: Phase) -> Result<Vec<Record>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = &self.measure.device().identity;
        let filter = Filter {
            workload: Some(workload.clone()),
            device: Some(device.adapter.clone()),
            phase: Some(phase),
            ..Filter::default()
        };
        let newest = self.logbook.store.query(&filter)?.into_iter().find(|record| record.device == *device);
        let Some(newest) = newest else { return Ok(Vec::new()) };
        let mut race = self.logbook.store.race(newest.run, &workload, phase)?;
        race.retain(|record| record.device == *device);
        Ok(race)
    }
}

/// The first of each program.
fn distinct(candidates: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    let mut distinct: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if distinct.iter().all(|other| other.hash != candidate.hash) {
            distinct.push(candidate);
        }
    }
    distinct
}

/// Marks what a race says to use in each mode: the favourite of the knockout if it was in the running to the end, or else
/// whoever led; but the default where neither is measurably faster.
fn choose(race: &mut [Record], modes: [Mode; 2], default: &str, favourite: Option<&str>) {
    for mode in modes {
        let left: Vec<usize> = survivors(race, mode).into_iter().filter(|&at| is_right(race, at)).collect();
        let is_favourite = |at: &&usize| mode == modes[0] && Some(race[**at].code_hash.as_str()) == favourite;
        let Some(&leader) = left.iter().find(is_favourite).or(left.first()) else { continue };
        let is_default = |record: &Record| record.mode == mode && record.code_hash == default;
        let default = race.iter().position(is_default).filter(|&at| !race[at].outcome.samples_ns().is_empty());
        let default = default.filter(|&at| is_right(race, at));
        let is_faster =
            |default: usize| raced_speedup(&race[default], &race[leader]).is_some_and(|ratio| ratio.low > 1.0);
        let chosen = default.filter(|&default| !is_faster(default)).unwrap_or(leader);
        race[chosen].chosen = true;
    }
}

/// Whether nothing is known against a program's results, in neither mode.
fn is_right(race: &[Record], at: usize) -> bool {
    let is_wrong = |outcome: &Outcome| matches!(outcome, Outcome::Rejected(why) if why.stage == Stage::Verify);
    race.iter().all(|record| record.code_hash != race[at].code_hash || !is_wrong(&record.outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::DeviceFacts;
    use crate::record::{Clock, RECORD_FORMAT, Rejection};

    fn raced(hash: &str, mode: Mode, outcome: Outcome) -> Record {
        Record {
            format: RECORD_FORMAT,
            tool: String::new(),
            workload: String::new(),
            template: String::new(),
            values: Default::default(),
            code_hash: hash.to_owned(),
            device: DeviceFacts::portable().identity,
            mode,
            phase: Phase::Final,
            outcome,
            prepare_ns: None,
            worst_error: None,
            strategy: String::new(),
            seed: 0,
            trial: 0,
            run: 1,
            at_ms: 0,
            pace: None,
            chosen: false,
        }
    }

    fn timed(ns: f64) -> Outcome {
        Outcome::Timed { samples_ns: (0..30).map(|i| ns + f64::from(i % 5)).collect(), clock: Clock::Device }
    }

    fn wrong() -> Outcome {
        Outcome::Rejected(Rejection::new(Stage::Verify, "one element is wrong"))
    }

    /// Who is chosen in the mode of the search, of the default and two others in both modes.
    #[test]
    fn nothing_wins_that_is_wrong_in_one_mode_or_not_measurably_faster() {
        let modes = [Mode::UNCHECKED, Mode::CHECKED];
        type Three = [Outcome; 3];
        let cases: [(Three, Three, Option<&str>, &str); 6] = [
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "a"),
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), wrong(), timed(9.0)], None, "b"),
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), wrong(), timed(9.0)], Some("a"), "b"),
            ([timed(200.0), wrong(), timed(200.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "default"),
            ([timed(200.0), timed(200.0), timed(201.0)], [timed(9.0), timed(9.0), timed(9.0)], Some("a"), "default"),
            ([wrong(), timed(300.0), timed(310.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "a"),
        ];
        for (unchecked, checked, favourite, want) in cases {
            let told = format!("{unchecked:?} {checked:?}");
            let of = |mode, outcomes: [Outcome; 3]| {
                ["default", "a", "b"].into_iter().zip(outcomes).map(move |(hash, outcome)| raced(hash, mode, outcome))
            };
            let mut race: Vec<Record> = of(modes[0], unchecked).chain(of(modes[1], checked)).collect();
            choose(&mut race, modes, "default", favourite);
            let chosen = race.iter().filter(|record| record.chosen && record.mode == modes[0]);
            assert_eq!(chosen.map(|record| record.code_hash.as_str()).collect::<Vec<_>>(), [want], "{told}");
        }
    }
}
