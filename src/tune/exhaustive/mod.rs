//! Exhaustive recordings: every config of a space measured in interleaved rounds, the fastest of them many times more.
//!
//! Each round visits all configs in a new random order, some side by side, so that drift of the machine hits all alike.
//! Then the fastest are raced against each other, again with those that move up, until all that look like the fastest
//! have been in one race. The time of a config is the median of its rounds, or of that race brought to the rounds' pace:
//! times of different moments are never compared as they are.

mod journal;
mod noise;

use std::collections::BTreeMap;
use std::path::Path;

use rand::seq::SliceRandom;

use super::arm::default_config;
use super::{TuneError, chosen_templates, refuse_too_large};
use crate::backend::{Backend, EntrantReport, Timing};
use crate::base::stats::median;
use crate::base::{DeviceKind, seeded};
use crate::interchange::{Entry, Recording, Unit};
use crate::measure::{Candidate, Load, Measure, SEARCH, Tier};
use crate::op::{Shared, Signature, Template};
use crate::record::{Clock, Mode, Oracle, Outcome, Rejection, Stage};
use crate::space::{Config, Param, Space, Value};
use crate::store::{End, boot};
use journal::{Departure, Header, Journal, Part, Visit};

pub use noise::Noise;

/// How configs are compiled, as in a search.
const MODE: Mode = Mode::UNCHECKED;

/// How many configs are measured side by side in a round.
const SIDE_BY_SIDE: usize = 8;

/// Samples of a config in each round; their median counts.
const SAMPLES: usize = 3;

/// Significant digits of the times in a recording: more would only be noise.
const DIGITS: usize = 4;

/// What is recorded, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Whose space, such as `matmul/tiled`, or `tiled` for short; that of the default where none is named.
    pub template: Option<String>,
    /// Parameters narrowed to some of their values.
    pub fixed: Vec<(String, Vec<Value>)>,
    /// So many random configs of the space instead of all.
    pub limit: Option<usize>,
    /// How often every config is visited.
    pub rounds: usize,
    /// How many of the fastest are raced.
    pub top: usize,
    /// Samples of each in that race.
    pub top_samples: usize,
    /// Decides the orders, and what the inputs hold.
    pub seed: u64,
    /// Whether configs that crashed or hung are visited again.
    pub retry_quarantined: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The template whose configs they are.
    pub template: String,
    /// What they were measured on.
    pub kind: DeviceKind,
    /// The times, rounded to four digits; cycles as they are.
    pub recording: Recording,
    /// How finely they can tell configs apart.
    pub noise: Noise,
    /// How many legal configs there are, of which a limit may have left some out.
    pub legal: usize,
    /// How many of the configs were in a race of the fastest.
    pub raced: usize,
}

/// Is told how far a recording is: the part, how many of its configs are done, and how many there are.
pub type Told<'a> = dyn FnMut(&str, usize, usize) + 'a;

/// Records a space. Each visit is in the journal before the next begins; one that was stopped goes on where it was.
///
/// # Errors
/// When values cannot be fixed like that, no config or too many are left, or the journal or the temporary folder fails.
/// Configs that fail are entries of the recording.
pub fn record_space(
    backend: &mut dyn Backend,
    signature: &Signature,
    extent: &Extent,
    journal: &Path,
    told: &mut Told,
) -> Result<Recorded, TuneError> {
    let isolated = backend.is_isolated();
    let measure = Measure::new(backend, signature.clone(), extent.seed);
    let template = template(&measure, extent)?;
    let space = space(&measure, &template, extent)?;
    let lanes = lanes(&measure, &template, configs(&space, &measure, extent)?, told);
    let header = Header {
        workload: signature.workload.to_string(),
        template: template.name().to_owned(),
        device: measure.device().identity.clone(),
        seed: extent.seed,
    };
    let (journal, past) = Journal::open(journal, &header)?;
    let mut run = Run { measure, isolated, template, journal, extent, lanes };
    past.visits.into_iter().for_each(|visit| run.recall(visit));
    run.judge(past.lost)?;
    for round in 0..extent.rounds {
        run.round(round, told)?;
    }
    run.race_the_fastest(told)?;
    Ok(run.conclude(&space))
}

/// The template that is wanted, or else that of the default.
fn template(measure: &Measure, extent: &Extent) -> Result<Shared<dyn Template>, TuneError> {
    let named = chosen_templates(measure.signature(), measure.device(), extent.template.as_slice())?;
    refuse_too_large(measure.signature(), measure.device())?;
    match extent.template {
        Some(_) => Ok(named.into_iter().next().expect("a name that is unknown is an error")),
        None => Ok(default_config(measure.signature(), measure.device())?.0),
    }
}

/// Its space, narrowed.
fn space(measure: &Measure, template: &Shared<dyn Template>, extent: &Extent) -> Result<Space, TuneError> {
    let space = template.space(measure.signature(), measure.device());
    if space.is_empty() {
        let (workload, device) = (measure.signature().workload.to_string(), &measure.device().identity.adapter);
        return Err(TuneError::EmptySpace { workload, device: device.clone() });
    }
    Ok(space.restricted(&extent.fixed)?)
}

/// The configs to record, in ascending order.
fn configs(space: &Space, measure: &Measure, extent: &Extent) -> Result<Vec<Config>, TuneError> {
    let workload = measure.signature().workload.to_string();
    let listed = space.listed().ok_or_else(|| TuneError::TooManyConfigs { workload: workload.clone() })?;
    let mut configs = listed.to_vec();
    if configs.is_empty() {
        return Err(TuneError::NothingLeft { workload, device: measure.device().identity.adapter.clone() });
    }
    if let Some(limit) = extent.limit {
        configs.shuffle(&mut seeded(extent.seed, "limited recording"));
        configs.truncate(limit);
        configs.sort();
    }
    Ok(configs)
}

/// Emits and checks every config. Their programs, thousands of them, are not kept.
fn lanes(measure: &Measure, template: &Shared<dyn Template>, configs: Vec<Config>, told: &mut Told) -> Vec<Lane> {
    let precheck = measure.precheck(template);
    let all = configs.len();
    let lane = |(at, config): (usize, Config)| {
        let rejection = precheck.verdict(&config).err();
        let (code_hash, load) = precheck.take(&config).map(|candidate| (candidate.hash, candidate.load)).unzip();
        drop(precheck.take_refused());
        told("checking", at + 1, all);
        let (rounds, race, trouble, suspect) = (BTreeMap::new(), None, None, false);
        Lane { config, code_hash, load: load.flatten(), rejection, rounds, race, trouble, suspect }
    };
    configs.into_iter().enumerate().map(lane).collect()
}

/// One config and what is known of it.
struct Lane {
    config: Config,
    /// The hash of its program; none where the check refused it.
    code_hash: Option<String>,
    load: Option<Load>,
    /// Why it has no time and is not visited any more.
    rejection: Option<Rejection>,
    /// A bad moment of the machine, which says nothing of the config unless it never has a good one.
    trouble: Option<Rejection>,
    /// The median of each round, in nanoseconds.
    rounds: BTreeMap<usize, f64>,
    /// In which race of the fastest it was last, and its samples there in nanoseconds; none if it failed there.
    race: Option<(usize, Vec<f64>)>,
    /// Whether it was among those of which one took a run down: it is tried alone before it is visited with others.
    suspect: bool,
}

impl Lane {
    fn is_of(&self, config: &str, code_hash: &str) -> bool {
        self.code_hash.as_deref() == Some(code_hash) && self.config.to_string() == config
    }

    fn take(&mut self, part: Part, outcome: Outcome, kind: DeviceKind) {
        match part {
            Part::Round(round) => self.rounds.extend(outcome.median_ns().map(|ns| (round, ns))),
            Part::Top(race) => self.race = Some((race, outcome.samples_ns().to_vec())),
        }
        let lasting = outcome.is_lasting(kind);
        if let Outcome::Rejected(rejection) = outcome {
            let place = if lasting { &mut self.rejection } else { &mut self.trouble };
            *place = Some(rejection);
        }
    }

    /// The line of the journal for a report; none without a program.
    fn visit(&self, part: Part, report: &EntrantReport) -> Option<Visit> {
        let code_hash = self.code_hash.clone()?;
        Some(Visit { part, config: self.config.to_string(), code_hash, outcome: report.outcome.clone() })
    }

    /// What was measured, in nanoseconds: in the last race, brought to the pace of the rounds, or else in the rounds.
    fn samples_ns(&self, pace: f64) -> Vec<f64> {
        match self.race.as_ref().filter(|(_, samples)| !samples.is_empty()) {
            Some((_, samples)) => samples.iter().map(|ns| pace * ns).collect(),
            None => self.rounds.values().copied().collect(),
        }
    }

    fn was_raced(&self) -> bool {
        self.race.is_some() && self.rejection.is_none()
    }

    /// Its time in nanoseconds, or why it has none.
    fn result(&self, pace: f64) -> Result<f64, Rejection> {
        let samples = self.samples_ns(pace);
        match self.rejection.as_ref().or(self.trouble.as_ref().filter(|_| samples.is_empty())) {
            Some(rejection) => Err(rejection.clone()),
            None => Ok(median(&samples)),
        }
    }

    fn entry(&self, params: &[Param], pace: f64, kind: DeviceKind) -> Entry {
        let values = params.iter().filter_map(|param| self.config.value(&param.name).cloned()).collect();
        // Cycles are exact as they are.
        let kept = |time| if kind == DeviceKind::Accelerator { time } else { rounded(time) };
        let samples_ns = self.samples_ns(pace).into_iter().map(kept).collect();
        Entry { values, result: self.result(pace).map(kept), samples_ns }
    }
}

struct Run<'a> {
    measure: Measure<'a>,
    /// Whether configs run in another process.
    isolated: bool,
    template: Shared<dyn Template>,
    journal: Journal,
    extent: &'a Extent,
    lanes: Vec<Lane>,
}

impl Run<'_> {
    /// Takes a visit of the journal over, if this version would visit the same to this extent.
    fn recall(&mut self, visit: Visit) {
        if !self.fits(&visit) {
            return;
        }
        let kind = self.measure.device().identity.kind;
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.is_of(&visit.config, &visit.code_hash)) {
            lane.take(visit.part, visit.outcome, kind);
        }
    }

    /// Finds out who took the recording down that this one goes on with: one that was visited alone then; one that was
    /// lost twice, though it was tried alone in between. The others are suspects.
    fn judge(&mut self, lost: Vec<Departure>) -> Result<(), TuneError> {
        let boot = boot();
        let mut losses: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut crashed = Vec::new();
        for Departure { aloft, boot: then, isolated } in lost {
            let end = End::between(then.as_deref(), boot.as_deref());
            if isolated && end == End::Program {
                // Somebody stopped it, which a later start of the machine must not take for its end.
                self.journal.land(&[])?;
                continue;
            }
            let alone = aloft.len() == 1;
            for who in aloft {
                let count = losses.entry(who.clone()).or_default();
                *count += 1;
                if alone || *count > 1 {
                    crashed.push(crash(who, end.why(if alone { "it ran" } else { "it ran beside others, twice" })));
                }
            }
        }
        self.journal.append(&crashed)?;
        for lane in &mut self.lanes {
            lane.suspect = losses.keys().any(|(config, hash)| lane.is_of(config, hash));
        }
        crashed.into_iter().for_each(|visit| self.recall(visit));
        Ok(())
    }

    /// Whether a visit is part of a recording of this extent: no later round, and in a race as many samples of each as
    /// of the others.
    fn fits(&self, visit: &Visit) -> bool {
        if self.extent.retry_quarantined && visit.outcome.is_quarantined() {
            return false;
        }
        match (visit.part, &visit.outcome) {
            (Part::Round(round), _) => round < self.extent.rounds,
            (Part::Top(_), Outcome::Timed { samples_ns, .. }) => samples_ns.len() == self.extent.top_samples,
            (Part::Top(_), Outcome::Rejected(_)) => true,
        }
    }

    /// Visits every config that was not visited in this round, in an order of its own.
    fn round(&mut self, round: usize, told: &mut Told) -> Result<(), TuneError> {
        let part = format!("round {} of {}", round + 1, self.extent.rounds);
        let mut order: Vec<usize> = (0..self.lanes.len()).collect();
        order.shuffle(&mut seeded(self.extent.seed, &part));
        order.retain(|&at| self.lanes[at].rejection.is_none() && !self.lanes[at].rounds.contains_key(&round));
        let mut done = self.lanes.len() - order.len();
        let timing = exactly(SAMPLES);
        for chunk in order.chunks(SIDE_BY_SIDE) {
            self.visit(chunk, Part::Round(round), timing)?;
            done += chunk.len();
            told(&part, done, self.lanes.len());
        }
        Ok(())
    }

    /// Races the fastest. While there is one among them that was not in the race, all run again together with it: what was
    /// lucky in the rounds falls back, and others move up. Times of two races are never compared, for the machine may have
    /// changed its pace in between.
    fn race_the_fastest(&mut self, told: &mut Told) -> Result<(), TuneError> {
        let timing = exactly(self.extent.top_samples);
        loop {
            let last = self.last_race();
            // Who was not raced again is back to what the rounds say.
            self.lanes.iter_mut().for_each(|lane| lane.race = lane.race.take().filter(|(race, _)| Some(*race) == last));
            let fastest = self.fastest();
            let is_settled = fastest.iter().all(|&at| self.lanes[at].race.as_ref().map(|(race, _)| *race) == last);
            let next = last.map_or(0, |race| race + 1);
            if fastest.is_empty() || (last.is_some() && is_settled) || next >= MOST_RACES {
                return Ok(());
            }
            let mut entrants: Vec<usize> = (0..self.lanes.len()).filter(|&at| self.lanes[at].was_raced()).collect();
            entrants.extend(fastest.iter().filter(|&&at| self.lanes[at].race.is_none()));
            told("racing the fastest", 0, entrants.len());
            self.visit(&entrants, Part::Top(next), timing)?;
        }
    }

    fn last_race(&self) -> Option<usize> {
        self.lanes.iter().filter_map(|lane| lane.race.as_ref()).map(|(race, _)| *race).max()
    }

    /// How much longer a config took in the rounds than in the last race: the median over those that were raced.
    fn pace(&self) -> f64 {
        let both = self.lanes.iter().filter_map(|lane| {
            let (_, raced) = lane.race.as_ref().filter(|(_, samples)| !samples.is_empty())?;
            let rounds: Vec<f64> = lane.rounds.values().copied().collect();
            (!rounds.is_empty()).then(|| median(&rounds) / median(raced))
        });
        let ratios: Vec<f64> = both.collect();
        if ratios.is_empty() { 1.0 } else { median(&ratios) }
    }

    /// The candidate of a config that has passed the check, emitted again.
    fn candidate(&mut self, at: usize) -> Candidate {
        let candidate = self.measure.candidate(&self.template, self.lanes[at].config.clone());
        Candidate { load: self.lanes[at].load.clone(), ..candidate }
    }

    /// The configs with the smallest times.
    fn fastest(&self) -> Vec<usize> {
        let pace = self.pace();
        let timed = self.lanes.iter().enumerate().filter_map(|(at, lane)| Some((at, lane.result(pace).ok()?)));
        let mut timed: Vec<(usize, f64)> = timed.collect();
        timed.sort_by(|a, b| a.1.total_cmp(&b.1));
        timed.into_iter().map(|(at, _)| at).take(self.extent.top).collect()
    }

    /// Measures some configs that have passed the check side by side; results are verified unless all of them were before.
    /// Suspects are tried alone first.
    fn visit(&mut self, chunk: &[usize], part: Part, timing: Timing) -> Result<(), TuneError> {
        for &at in chunk {
            if std::mem::take(&mut self.lanes[at].suspect) {
                let reports = self.measured(&[at], exactly(1))?;
                self.land(&[at], part, reports, |outcome| outcome.median_ns().is_none())?;
            }
        }
        let sound: Vec<usize> = chunk.iter().copied().filter(|&at| self.lanes[at].rejection.is_none()).collect();
        if sound.is_empty() {
            return Ok(());
        }
        let reports = self.measured(&sound, timing)?;
        self.land(&sound, part, reports, |_| true)
    }

    /// Measures some configs that have passed the check. Until they have landed, they are in flight.
    fn measured(&mut self, chunk: &[usize], timing: Timing) -> Result<Vec<EntrantReport>, TuneError> {
        let candidates: Vec<Candidate> = chunk.iter().map(|&at| self.candidate(at)).collect();
        let entrants: Vec<(&Candidate, Mode)> = candidates.iter().map(|candidate| (candidate, MODE)).collect();
        let verified = chunk.iter().all(|&at| !self.lanes[at].rounds.is_empty());
        let aloft = candidates.iter().map(|candidate| (candidate.config.to_string(), candidate.hash.clone())).collect();
        self.journal.depart(&Departure { aloft, boot: boot(), isolated: self.isolated })?;
        let reports = self.measure.race(&entrants, Some(timing), (!verified).then_some(Tier::Light));
        if reports.is_err() {
            // Nothing ran that could be to blame for what comes after.
            self.journal.land(&[])?;
        }
        let reports = reports?;
        let timed = candidates.iter().zip(&reports).find_map(|(one, report)| Some((one, report.outcome.median_ns()?)));
        if let Some((candidate, ns)) = timed.filter(|_| !self.measure.knows_pace()) {
            self.measure.learn_pace(candidate, ns);
        }
        Ok(reports)
    }

    /// Keeps those reports that count, and in the journal those of them that say something of the config.
    fn land(
        &mut self,
        chunk: &[usize],
        part: Part,
        reports: Vec<EntrantReport>,
        counts: impl Fn(&Outcome) -> bool,
    ) -> Result<(), TuneError> {
        let ended = || chunk.iter().zip(&reports).filter(|(_, report)| counts(&report.outcome));
        let kind = self.measure.device().identity.kind;
        let lasting = ended().filter(|(_, report)| report.outcome.is_lasting(kind));
        let visits: Vec<Visit> = lasting.filter_map(|(&at, report)| self.lanes[at].visit(part, report)).collect();
        self.journal.land(&visits)?;
        let outcomes: Vec<(usize, Outcome)> = ended().map(|(&at, report)| (at, report.outcome.clone())).collect();
        outcomes.into_iter().for_each(|(at, outcome)| self.lanes[at].take(part, outcome, kind));
        Ok(())
    }

    fn conclude(self, space: &Space) -> Recorded {
        let rounds: Vec<Vec<f64>> = self.lanes.iter().map(|lane| lane.rounds.values().copied().collect()).collect();
        let raced = self.lanes.iter().filter_map(|lane| lane.race.as_ref()).map(|(_, samples)| samples.clone());
        let fastest: Vec<Vec<f64>> = raced.filter(|samples| !samples.is_empty()).collect();
        let (pace, kind) = (self.pace(), self.measure.device().identity.kind);
        let entries = self.lanes.iter().map(|lane| lane.entry(space.params(), pace, kind)).collect();
        let recording = Recording {
            kernel: self.measure.signature().workload.to_string(),
            device: self.measure.device().identity.adapter.clone(),
            unit: Unit::of(Clock::of(kind)),
            params: space.params().to_vec(),
            entries,
        };
        let raced = self.lanes.iter().filter(|lane| lane.race.is_some()).count();
        let legal = space.listed().map_or(0, <[Config]>::len);
        Recorded {
            template: self.template.name().to_owned(),
            kind,
            recording,
            noise: Noise::of(&rounds, &fastest),
            legal,
            raced,
        }
    }
}

/// So often the fastest are raced at most: where noise keeps moving others up, the last race stands.
const MOST_RACES: usize = 10;

/// So many samples, whatever they say.
fn exactly(samples: usize) -> Timing {
    Timing { least_samples: samples, most_samples: samples, budget_ns: f64::MAX, ..SEARCH }
}

/// The visit that a run did not survive.
fn crash((config, code_hash): (String, String), why: String) -> Visit {
    Visit { part: Part::Round(0), config, code_hash, outcome: Outcome::Rejected(Rejection::new(Stage::Crash, why)) }
}

/// A time with the digits that are kept.
fn rounded(ns: f64) -> f64 {
    format!("{ns:.*e}", DIGITS - 1).parse().unwrap_or(ns)
}
