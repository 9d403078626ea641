//! What a run writes down: each candidate before it is measured, and what came of it. And what it reads there.

use std::collections::BTreeSet;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::{Settings, TuneError};
use crate::backend::{Elimination, EntrantReport, Timing, nanoseconds_since};
use crate::measure::{Candidate, Measure, MeasureError, Paced, Tier};
use crate::record::{Mode, Phase, RECORD_FORMAT, Record, Rejection, Stage};
use crate::store::{Flight, Store, StoreError, TrialKey};

/// The store as one run uses it.
pub(super) struct Logbook<'a> {
    pub store: &'a mut Store,
    pub settings: &'a Settings,
    run: u64,
    /// Whether candidates run in another process.
    isolated: bool,
    /// Wall time of writing, each commit synced, in nanoseconds.
    pub spent_ns: f64,
}

/// A candidate in a mode, and the number that its record has within the run.
pub(super) type Seat<'c> = (&'c Candidate, Mode, u64);

impl<'a> Logbook<'a> {
    /// Begins a run.
    pub fn open(store: &'a mut Store, settings: &'a Settings, isolated: bool) -> Result<Self, TuneError> {
        let started = Instant::now();
        let run = store.new_run()?;
        Ok(Self { store, settings, run, isolated, spent_ns: nanoseconds_since(started) })
    }

    /// What the store knows of exactly this measurement.
    pub fn recall(
        &self,
        measure: &Measure,
        candidate: &Candidate,
        mode: Mode,
        phase: Phase,
    ) -> Result<Option<Record>, TuneError> {
        let workload = measure.signature().workload.to_string();
        let key = TrialKey {
            workload: &workload,
            template: candidate.template.name(),
            code_hash: &candidate.hash,
            device: &measure.device().identity,
            mode,
            phase,
        };
        Ok(self.store.find(&key)?)
    }

    /// The newest record of this program in this mode, whatever part of a run it was for.
    fn last_word(&self, measure: &Measure, candidate: &Candidate, mode: Mode) -> Result<Option<Record>, TuneError> {
        let workload = measure.signature().workload.to_string();
        let (template, code_hash) = (candidate.template.name(), candidate.hash.as_str());
        let device = &measure.device().identity;
        let key = TrialKey { workload: &workload, template, code_hash, device, mode, phase: Phase::Search };
        Ok(self.store.last_word(&key)?)
    }

    /// Whether a record stands, so that the same is not measured again.
    pub fn stands(&self, record: &Record) -> bool {
        record.outcome.is_lasting(record.device.kind)
            && !(self.settings.retry_quarantined && record.outcome.is_quarantined())
    }

    /// Keeps what was found out without measuring.
    pub fn keep(&mut self, records: &[Record]) -> Result<(), TuneError> {
        // A transaction for nothing would still wait for its turn.
        if records.is_empty() { Ok(()) } else { self.write(|store| store.insert_all(records)) }
    }

    /// Measures what is on record before it starts and until it has ended; `mark` may add to the records, or leave out
    /// some, before they are kept.
    pub fn measured(
        &mut self,
        measure: &mut Measure,
        phase: Phase,
        seats: &[Seat],
        trusted: &str,
        run: impl FnOnce(&mut Measure) -> Result<Vec<Paced>, MeasureError>,
        mark: impl FnOnce(&mut Vec<Record>),
    ) -> Result<Vec<Record>, TuneError> {
        let lost = EntrantReport::rejected(Rejection::new(Stage::Crash, ""));
        let flight = |seat: &Seat| Flight {
            record: self.record(measure, phase, *seat, lost.clone()),
            isolated: self.isolated,
            trusted: seat.0.hash == trusted,
        };
        let flights: Vec<Flight> = seats.iter().map(flight).collect();
        self.write(|store| store.depart(&flights))?;
        let reports = run(measure);
        if reports.is_err() {
            // Nothing ran that could be to blame for what comes after.
            self.write(|store| store.land(&[]))?;
        }
        let reports = reports?;
        let ended = seats.iter().zip(reports);
        let record = |(seat, Paced { report, pace }): (&Seat, Paced)| Record {
            pace,
            ..self.record(measure, phase, *seat, report)
        };
        let mut records: Vec<Record> = ended.map(record).collect();
        mark(&mut records);
        self.write(|store| store.land(&records))?;
        Ok(records)
    }

    /// Races candidates side by side, but for those in quarantine: of these it returns the last words.
    pub fn race(
        &mut self,
        measure: &mut Measure,
        phase: Phase,
        seats: &[Seat],
        trusted: &str,
        timing: Timing,
        mark: impl FnOnce(&mut Vec<Record>),
    ) -> Result<Vec<Record>, TuneError> {
        let grounded = self.grounded(measure, seats)?;
        let fit = seats.iter().zip(&grounded).filter(|(_, record)| record.is_none());
        let fit: Vec<Seat> = fit.map(|(seat, _)| *seat).collect();
        if fit.is_empty() {
            return Ok(grounded.into_iter().flatten().collect());
        }
        let entrants: Vec<(&Candidate, Mode)> = fit.iter().map(|(candidate, mode, _)| (*candidate, *mode)).collect();
        let stay =
            |Elimination { first }| Elimination { first: grounded[..first].iter().filter(|w| w.is_none()).count() };
        let timing = Timing { elimination: timing.elimination.map(stay), ..timing };
        let race = |measure: &mut Measure| {
            let reports = measure.race(&entrants, Some(timing), Some(tier(phase)))?;
            Ok(reports.into_iter().map(|report| Paced { report, pace: None }).collect())
        };
        let raced = self.measured(measure, phase, &fit, trusted, race, mark)?;
        let mut raced = raced.into_iter();
        Ok(grounded.into_iter().filter_map(|record| record.or_else(|| raced.next())).collect())
    }

    /// The last words of those entrants of a race that are in quarantine. Where one race took all of them, it was rather
    /// the device that went away, and none is.
    pub fn grounded(&self, measure: &Measure, seats: &[Seat]) -> Result<Vec<Option<Record>>, TuneError> {
        let quarantined = |record: &Record| record.outcome.is_quarantined() && self.stands(record);
        let word = |(candidate, mode, _): &Seat| {
            Ok(self.last_word(measure, candidate, *mode)?.filter(|record| quarantined(record)))
        };
        let words = seats.iter().map(word).collect::<Result<Vec<_>, TuneError>>()?;
        let runs: BTreeSet<Option<u64>> = words.iter().map(|record| record.as_ref().map(|record| record.run)).collect();
        let one_race = runs.len() == 1 && seats.len() > 1;
        Ok(if one_race { vec![None; seats.len()] } else { words })
    }

    /// The record of a measurement that begins or ends just now.
    pub fn record(
        &self,
        measure: &Measure,
        phase: Phase,
        (candidate, mode, trial): Seat,
        report: EntrantReport,
    ) -> Record {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Record {
            format: RECORD_FORMAT,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            workload: measure.signature().workload.to_string(),
            template: candidate.template.name().to_owned(),
            values: candidate.config.values(),
            code_hash: candidate.hash.clone(),
            device: measure.device().identity.clone(),
            mode,
            phase,
            outcome: report.outcome,
            prepare_ns: report.prepare_ns,
            worst_error: report.verified.map(|verified| verified.worst),
            strategy: self.settings.strategy.to_string(),
            seed: self.settings.seed,
            trial,
            run: self.run,
            at_ms: now.as_millis() as u64,
            pace: None,
            chosen: false,
        }
    }

    fn write(&mut self, write: impl FnOnce(&mut Store) -> Result<(), StoreError>) -> Result<(), TuneError> {
        let started = Instant::now();
        let written = write(self.store);
        self.spent_ns += nanoseconds_since(started);
        Ok(written?)
    }
}

/// How much is checked: a knockout decides who is to qualify for the final race, which confirms it.
fn tier(phase: Phase) -> Tier {
    match phase {
        Phase::Knockout => Tier::Light,
        Phase::Final => Tier::Confirm,
        _ => Tier::Full,
    }
}
