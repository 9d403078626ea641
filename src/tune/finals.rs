//! The final race: what the knockout has left, the default and the naive kernel measured once more side by side, in both
//! modes, in a fresh process where there is one. Every number that is reported is from here.

use super::knockout::survivors;
use super::logbook::Seat;
use super::session::Session;
use super::{StopReason, TuneError, Watch, raced_speedup, stored_config};
use crate::backend::{Elimination, Timing};
use crate::measure::{Candidate, FINAL, Measure, Paced, Tier};
use crate::record::{Mode, Outcome, Phase, Record, Stage};
use crate::store::Filter;

/// How many of the knockout's survivors are in the final race.
const MOST_FINALISTS: usize = 4;

/// A long search deserves a final race that tells its finalists apart: so large a share of the search's time, where that is
/// longer than what a race has anyway; and no more than this.
const SHARE_OF_SEARCH: f64 = 0.1;
const LONGEST_NS: f64 = 60e9;

/// For somebody who waits after Ctrl-C: in the fewest rounds.
const BRIEF: Timing = Timing { least_samples: 6, budget_ns: 0.0, elimination: None, ..FINAL };

impl Session<'_> {
    /// Measures who may have won. What does not qualify is left out, and whom it knocked out is given another chance.
    pub fn finals(&mut self, stop: StopReason, watch: &mut dyn Watch) -> Result<Vec<Record>, TuneError> {
        if stop == StopReason::Interrupted {
            return self.brief(watch);
        }
        let mut contenders = self.contenders(usize::MAX)?;
        let mut out = Vec::new();
        loop {
            let left = self.knockout(contenders.clone(), self.modes[0])?;
            let favourite = left.first().map(|candidate| candidate.hash.clone());
            let finalists = self.finalists(left);
            let wrong = self.disqualify(&finalists)?;
            if wrong.is_empty() {
                let race = self.final_race(&finalists, favourite.as_deref(), watch)?;
                return Ok(race.into_iter().chain(out).collect());
            }
            contenders.retain(|candidate| wrong.iter().all(|record| record.code_hash != candidate.hash));
            out.extend(wrong);
        }
    }

    /// The best of the search beside the default and the stored winner, in the mode of the search. Nothing but the report of
    /// this run follows from it: as a knockout it overrules no winner.
    fn brief(&mut self, watch: &mut dyn Watch) -> Result<Vec<Record>, TuneError> {
        let contenders = self.contenders(1)?;
        let seats = self.in_mode(&contenders, self.modes[0]);
        let mut race = match self.recall_race(Phase::Knockout, &seats)? {
            Some(race) => race,
            None => {
                watch.race(seats.len());
                self.logbook.race(&mut self.measure, Phase::Knockout, &seats, &self.default.hash, BRIEF, |_| ())?
            }
        };
        choose(&mut race, self.modes, &self.default.hash, None);
        Ok(race)
    }

    /// Those finalists that are wrong on some data set, at a size nearby, or in one of the modes.
    fn disqualify(&mut self, finalists: &[Candidate]) -> Result<Vec<Record>, TuneError> {
        let mut open: Vec<&Candidate> = finalists.iter().filter(|one| !self.qualified.contains(&one.hash)).collect();
        if open.is_empty() || self.recall_race(Phase::Final, &self.seats(finalists).0)?.is_some() {
            return Ok(Vec::new());
        }
        // Large results are compared with the naive kernel's too, so that one is there each time.
        let naive = finalists.iter().find(|one| self.naive.as_ref().is_some_and(|naive| naive.hash == one.hash));
        open.extend(naive.filter(|naive| self.qualified.contains(&naive.hash)));
        let (modes, trial) = (self.modes, self.next_race());
        let seats: Vec<Seat> = open.iter().flat_map(|&one| modes.map(|mode| (one, mode, trial))).collect();
        // What is in quarantine is not launched here either: the final race has its last word.
        let grounded = self.logbook.grounded(&self.measure, &seats)?;
        let fit = seats.into_iter().zip(grounded).filter(|(_, word)| word.is_none());
        let seats: Vec<Seat> = fit.map(|(seat, _)| seat).collect();
        if seats.is_empty() {
            return Ok(Vec::new());
        }
        let entrants: Vec<(&Candidate, Mode)> = seats.iter().map(|(candidate, mode, _)| (*candidate, *mode)).collect();
        let verify = |measure: &mut Measure| {
            let reports = measure.race(&entrants, None, Some(Tier::Qualify))?;
            Ok(reports.into_iter().map(|report| Paced { report, pace: None }).collect())
        };
        let is_out = |record: &Record| matches!(record.outcome, Outcome::Rejected(_));
        let keep = |records: &mut Vec<Record>| records.retain(is_out);
        let out = self.logbook.measured(&mut self.measure, Phase::Final, &seats, &self.default.hash, verify, keep)?;
        self.qualified.extend(open.iter().map(|one| one.hash.clone()));
        self.wrong.extend(out.iter().map(|record| record.code_hash.clone()));
        Ok(out)
    }

    /// Races the finalists in a fresh process, unless the store holds the newest race of just these.
    fn final_race(
        &mut self,
        finalists: &[Candidate],
        favourite: Option<&str>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<Record>, TuneError> {
        let (seats, staying) = self.seats(finalists);
        if let Some(known) = self.recall_race(Phase::Final, &seats)? {
            return Ok(known);
        }
        watch.race(seats.len());
        self.fresh = Some(self.measure.renew());
        let budget_ns = FINAL.budget_ns.max((SHARE_OF_SEARCH * self.search_ns).min(LONGEST_NS));
        let timing = Timing { elimination: Some(Elimination { first: staying }), budget_ns, ..FINAL };
        let (modes, default) = (self.modes, self.default.hash.clone());
        let choose = |records: &mut Vec<Record>| choose(records, modes, &default, favourite);
        self.logbook.race(&mut self.measure, Phase::Final, &seats, &default, timing, choose)
    }

    /// Who takes part, and how many of them, from the first on, do not leave early: the default, and its twin beside it.
    fn seats<'c>(&self, finalists: &'c [Candidate]) -> (Vec<Seat<'c>>, usize) {
        let trial = self.next_race();
        let in_modes = |candidate: &'c Candidate| self.modes.map(move |mode| (candidate, mode, trial));
        let has_default = finalists.first().is_some_and(|first| first.hash == self.default.hash);
        let (stay, others) = finalists.split_at(usize::from(has_default));
        let mut seats: Vec<Seat> = stay.iter().flat_map(in_modes).collect();
        seats.extend(stay.iter().map(|default| (default, self.modes[0], trial)));
        let staying = seats.len();
        seats.extend(others.iter().flat_map(in_modes));
        (seats, staying)
    }

    /// One seat for each, in a race of one mode.
    pub fn in_mode<'c>(&self, candidates: &'c [Candidate], mode: Mode) -> Vec<Seat<'c>> {
        let trial = self.next_race();
        candidates.iter().map(|candidate| (candidate, mode, trial)).collect()
    }

    /// The number that the records of the next race have: another one for each, so that races of a run are told apart.
    fn next_race(&self) -> u64 {
        (self.trials + self.wrong.len()) as u64
    }

    /// Who may be the fastest, none twice: the default unless the search rejected it, the naive kernel, the stored winner,
    /// and so many at most of those that the search cannot tell from its best.
    fn contenders(&mut self, most: usize) -> Result<Vec<Candidate>, TuneError> {
        let mut best = self.tied();
        best.truncate(most);
        let default = self.default_ns.map(|_| self.default.clone());
        let naive = self.naive.clone().filter(|_| most > 1);
        let reigning = self.stored_winner()?;
        let all = distinct(default.into_iter().chain(naive).chain(reigning).chain(best));
        let mut fit = Vec::new();
        for candidate in all {
            if self.settings.may_win(candidate.template.numerics()) && !self.is_known_wrong(&candidate)? {
                fit.push(candidate);
            }
        }
        Ok(fit)
    }

    /// Whether a final race or what comes before it has found it to be wrong, in either mode.
    fn is_known_wrong(&mut self, candidate: &Candidate) -> Result<bool, TuneError> {
        for mode in self.modes {
            let word = self.logbook.recall(&self.measure, candidate, mode, Phase::Final)?;
            if word.is_some_and(|record| is_wrong(&record.outcome)) {
                self.wrong.insert(candidate.hash.clone());
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The default unless the search rejected it, the naive kernel, and the foremost of those who are left.
    fn finalists(&self, left: Vec<Candidate>) -> Vec<Candidate> {
        let is_fit = |candidate: &Candidate| {
            self.settings.may_win(candidate.template.numerics()) && !self.wrong.contains(&candidate.hash)
        };
        let default = self.default_ns.map(|_| self.default.clone());
        let known = default.into_iter().chain(self.naive.clone()).filter(is_fit);
        distinct(known.chain(left.into_iter().take(MOST_FINALISTS)))
    }

    /// The winner of the race before, as this version emits it: a further search must not lose it.
    fn stored_winner(&mut self) -> Result<Option<Candidate>, TuneError> {
        let workload = self.measure.signature().workload.to_string();
        let device = self.measure.device().identity.clone();
        let Some(record) = self.logbook.store.best(&workload, Some(&device), self.modes[0])? else { return Ok(None) };
        // A winner that this version cannot emit any more cannot be raced either.
        let stored = stored_config(self.measure.signature(), &record).ok();
        Ok(stored.map(|(template, config)| self.measure.candidate(&template, config)))
    }

    /// The newest race of this phase, workload and device, if it had all these entrants but for those in quarantine, of
    /// which the last words are added.
    pub fn recall_race(&self, phase: Phase, seats: &[Seat]) -> Result<Option<Vec<Record>>, TuneError> {
        let mut race = self.newest_race(phase)?;
        let grounded = self.logbook.grounded(&self.measure, seats)?;
        let has = |(candidate, mode, _): &Seat| {
            let same = |record: &&Record| record.code_hash == candidate.hash && record.mode == *mode;
            race.iter().find(same).is_some_and(|record| self.logbook.stands(record))
        };
        let complete = seats.iter().zip(&grounded).all(|(seat, word)| word.is_some() || has(seat));
        let counts = |record: &Record| match phase {
            Phase::Final => record.chosen,
            _ => record.outcome.median_ns().is_some(),
        };
        // In a knockout of more than these, others may have made some of them leave.
        let is_seated = |record: &Record| seats.iter().any(|(candidate, ..)| candidate.hash == record.code_hash);
        let is_same = phase != Phase::Knockout || race.iter().all(is_seated);
        let is_whole = complete && is_same && race.iter().any(counts);
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
        race.retain(|record| record.device == *device && record.trial == newest.trial);
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

/// Marks what a race says to use in each mode: the favourite of the knockout unless somebody was measurably faster, or else
/// whoever led; but the default where neither is measurably faster.
fn choose(race: &mut [Record], modes: [Mode; 2], default: &str, favourite: Option<&str>) {
    race.iter_mut().for_each(|record| record.chosen = false);
    for mode in modes {
        let left: Vec<usize> = survivors(race, mode).into_iter().filter(|&at| is_right(race, at)).collect();
        let Some(&first) = left.first() else { continue };
        let is_faster = |than: usize, one: usize| raced_speedup(&race[than], &race[one]).is_some_and(|r| r.low > 1.0);
        let is_favourite = |at: &&usize| mode == modes[0] && Some(race[**at].code_hash.as_str()) == favourite;
        let leader = left.iter().find(is_favourite).filter(|at| !is_faster(**at, first)).map_or(first, |at| *at);
        // The default may have left before the favourite was seen to be faster than it.
        let leaders = [leader, first];
        let is_default = |record: &Record| record.mode == mode && record.code_hash == default;
        let default = race.iter().position(is_default).filter(|&at| !race[at].outcome.samples_ns().is_empty());
        let default = default.filter(|&at| is_right(race, at));
        let chosen = match default {
            Some(default) => leaders.into_iter().find(|&one| is_faster(default, one)).unwrap_or(default),
            None => leader,
        };
        race[chosen].chosen = true;
    }
}

/// Whether nothing is known against a program's results, in neither mode.
fn is_right(race: &[Record], at: usize) -> bool {
    race.iter().all(|record| record.code_hash != race[at].code_hash || !is_wrong(&record.outcome))
}

fn is_wrong(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(why) if why.stage == Stage::Verify)
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
        let cases: [(Three, Three, Option<&str>, &str); 8] = [
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "a"),
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), wrong(), timed(9.0)], None, "b"),
            ([timed(200.0), timed(100.0), timed(150.0)], [timed(9.0), wrong(), timed(9.0)], Some("a"), "b"),
            ([timed(200.0), wrong(), timed(200.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "default"),
            ([timed(200.0), timed(200.0), timed(201.0)], [timed(9.0), timed(9.0), timed(9.0)], Some("a"), "default"),
            ([wrong(), timed(300.0), timed(310.0)], [timed(9.0), timed(9.0), timed(9.0)], None, "a"),
            ([timed(200.0), timed(100.0), timed(100.0)], [timed(9.0), timed(9.0), timed(9.0)], Some("b"), "b"),
            ([timed(200.0), timed(100.0), timed(110.0)], [timed(9.0), timed(9.0), timed(9.0)], Some("b"), "a"),
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
