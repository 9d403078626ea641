//! Exhaustive recordings: every config of a space measured in interleaved rounds, the fastest of them many times more.
//!
//! Each round visits all configs in a new random order, some side by side, so that drift of the machine hits all alike.
//! Then the fastest are raced against each other until all that look like the fastest have been in such a race. The
//! time of a config is the median of all that was measured of it.

mod journal;
mod noise;

use std::collections::BTreeMap;
use std::path::Path;

use rand::seq::SliceRandom;

use super::session::default_candidate;
use super::{TuneError, tuned_template};
use crate::backend::{Backend, EntrantReport, Timing};
use crate::base::seeded;
use crate::base::stats::median;
use crate::interchange::{Entry, Recording};
use crate::measure::{Candidate, Measure, SEARCH};
use crate::op::Signature;
use crate::record::{Mode, Oracle, Outcome, Rejection};
use crate::space::{Config, Param, Space, Value};
use journal::{Header, Journal, Part, Visit};

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
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The times, rounded to four digits.
    pub recording: Recording,
    /// How finely they can tell configs apart.
    pub noise: Noise,
    /// How many legal configs there are, of which a limit may have left some out.
    pub legal: usize,
    /// How many of the configs were in a race of the fastest.
    pub raced: usize,
}

/// Is told how far a recording is: the part, and how many of its configs have been visited.
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
    let mut measure = Measure::new(backend, signature.clone(), extent.seed);
    let space = space(&mut measure, extent)?;
    let lanes = lanes(&measure, configs(&space, &measure, extent)?)?;
    let header = Header {
        workload: signature.workload.to_string(),
        device: measure.device().identity.clone(),
        seed: extent.seed,
    };
    let (journal, visits) = Journal::open(journal, &header)?;
    let mut run = Run { measure, journal, extent, lanes };
    visits.into_iter().for_each(|visit| run.recall(visit));
    for round in 0..extent.rounds {
        run.round(round, told)?;
    }
    run.race_the_fastest(told)?;
    Ok(run.conclude(&space))
}

/// The space of the tuned template, narrowed.
fn space(measure: &mut Measure, extent: &Extent) -> Result<Space, TuneError> {
    let (space, _) = default_candidate(measure)?;
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

/// Emits and checks every config.
fn lanes(measure: &Measure, configs: Vec<Config>) -> Result<Vec<Lane>, TuneError> {
    let precheck = measure.precheck(tuned_template(measure.signature())?);
    let lane = |config: Config| {
        let rejection = precheck.verdict(&config).err();
        Lane {
            candidate: precheck.take(&config),
            config,
            rejection,
            rounds: BTreeMap::new(),
            race: None,
            trouble: None,
        }
    };
    Ok(configs.into_iter().map(lane).collect())
}

/// One config and what is known of it.
struct Lane {
    config: Config,
    /// None where the check refused it.
    candidate: Option<Candidate>,
    /// Why it has no time and is not visited any more.
    rejection: Option<Rejection>,
    /// A bad moment of the machine, which says nothing of the config unless it never has a good one.
    trouble: Option<Rejection>,
    /// The median of each round, in nanoseconds.
    rounds: BTreeMap<usize, f64>,
    /// In which race of the fastest it was, and its samples there in nanoseconds; none if it failed there.
    race: Option<(usize, Vec<f64>)>,
}

impl Lane {
    fn take(&mut self, part: Part, outcome: Outcome) {
        match part {
            Part::Round(round) => self.rounds.extend(outcome.median_ns().map(|ns| (round, ns))),
            Part::Top(race) => self.race = Some((race, outcome.samples_ns().to_vec())),
        }
        let lasting = outcome.is_lasting();
        if let Outcome::Rejected(rejection) = outcome {
            let place = if lasting { &mut self.rejection } else { &mut self.trouble };
            *place = Some(rejection);
        }
    }

    /// Everything that was measured, in nanoseconds.
    fn samples_ns(&self) -> Vec<f64> {
        let raced = self.race.iter().flat_map(|(_, samples)| samples.iter().copied());
        self.rounds.values().copied().chain(raced).collect()
    }

    /// Its time in nanoseconds, or why it has none.
    fn result(&self) -> Result<f64, Rejection> {
        let samples = self.samples_ns();
        match self.rejection.as_ref().or(self.trouble.as_ref().filter(|_| samples.is_empty())) {
            Some(rejection) => Err(rejection.clone()),
            None => Ok(median(&samples)),
        }
    }

    fn entry(&self, params: &[Param]) -> Entry {
        let values = params.iter().filter_map(|param| self.config.value(&param.name).cloned()).collect();
        let samples_ns = self.samples_ns().into_iter().map(rounded).collect();
        Entry { values, result: self.result().map(rounded), samples_ns }
    }
}

struct Run<'a> {
    measure: Measure<'a>,
    journal: Journal,
    extent: &'a Extent,
    lanes: Vec<Lane>,
}

impl Run<'_> {
    /// Takes a visit of the journal over, if this version would visit the same.
    fn recall(&mut self, visit: Visit) {
        let same = |lane: &&mut Lane| {
            let hash = lane.candidate.as_ref().map(|candidate| &candidate.hash);
            hash == Some(&visit.code_hash) && lane.config.to_string() == visit.config
        };
        if let Some(lane) = self.lanes.iter_mut().find(same) {
            lane.take(visit.part, visit.outcome);
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

    /// Races the fastest, as long as there is one among them that was in no race: what was lucky in the rounds falls
    /// back, and others move up.
    fn race_the_fastest(&mut self, told: &mut Told) -> Result<(), TuneError> {
        let timing = exactly(self.extent.top_samples);
        loop {
            let newest = self.lanes.iter().filter_map(|lane| lane.race.as_ref()).map(|(race, _)| race + 1).max();
            let mut fastest = self.fastest();
            fastest.retain(|&at| self.lanes[at].race.is_none());
            if fastest.is_empty() {
                return Ok(());
            }
            told("racing the fastest", 0, fastest.len());
            self.visit(&fastest, Part::Top(newest.unwrap_or(0)), timing)?;
        }
    }

    /// The configs with the smallest times.
    fn fastest(&self) -> Vec<usize> {
        let timed = self.lanes.iter().enumerate().filter_map(|(at, lane)| Some((at, lane.result().ok()?)));
        let mut timed: Vec<(usize, f64)> = timed.collect();
        timed.sort_by(|a, b| a.1.total_cmp(&b.1));
        timed.into_iter().map(|(at, _)| at).take(self.extent.top).collect()
    }

    /// Measures some configs side by side; results are verified unless all of them were before.
    fn visit(&mut self, chunk: &[usize], part: Part, timing: Timing) -> Result<(), TuneError> {
        let entrants: Vec<(&Candidate, Mode)> =
            chunk.iter().filter_map(|&at| Some((self.lanes[at].candidate.as_ref()?, MODE))).collect();
        let verified = chunk.iter().all(|&at| !self.lanes[at].rounds.is_empty());
        let reports = match verified {
            true => self.measure.race_again(&entrants, timing)?,
            false => self.measure.race(&entrants, timing)?,
        };
        let visits = entrants.iter().zip(&reports).filter(|(_, report)| report.outcome.is_lasting());
        let visits: Vec<Visit> = visits.map(|((candidate, _), report)| visit(part, candidate, report)).collect();
        self.journal.append(&visits)?;
        for (&at, report) in chunk.iter().zip(reports) {
            self.lanes[at].take(part, report.outcome);
        }
        Ok(())
    }

    fn conclude(self, space: &Space) -> Recorded {
        let rounds: Vec<Vec<f64>> = self.lanes.iter().map(|lane| lane.rounds.values().copied().collect()).collect();
        // Only those of one race were side by side; most were in the first.
        let first = self.lanes.iter().filter_map(|lane| lane.race.as_ref().filter(|(race, _)| *race == 0));
        let fastest: Vec<Vec<f64>> =
            first.map(|(_, samples)| samples.clone()).filter(|samples| !samples.is_empty()).collect();
        let entries = self.lanes.iter().map(|lane| lane.entry(space.params())).collect();
        let recording = Recording {
            kernel: self.measure.signature().workload.to_string(),
            device: self.measure.device().identity.adapter.clone(),
            params: space.params().to_vec(),
            entries,
        };
        let raced = self.lanes.iter().filter(|lane| lane.race.is_some()).count();
        let legal = space.listed().map_or(0, <[Config]>::len);
        Recorded { recording, noise: Noise::of(&rounds, &fastest), legal, raced }
    }
}

/// So many samples, whatever they say.
fn exactly(samples: usize) -> Timing {
    Timing { least_samples: samples, most_samples: samples, budget_ns: f64::MAX, ..SEARCH }
}

fn visit(part: Part, candidate: &Candidate, report: &EntrantReport) -> Visit {
    Visit {
        part,
        config: candidate.config.to_string(),
        code_hash: candidate.hash.clone(),
        outcome: report.outcome.clone(),
    }
}

/// A time with the digits that are kept.
fn rounded(ns: f64) -> f64 {
    format!("{ns:.*e}", DIGITS - 1).parse().unwrap_or(ns)
}
