//! What a store knows of one workload: its devices, their winners beside the default, and all other candidates.

use std::collections::BTreeMap;

use wgtune_pack as pack;

use super::PackError;
use super::convert::{MODES, clock};
use crate::base::paired::ratio;
use crate::base::stats::{CONFIDENCE, Estimate, median_interval};
use crate::base::{DeviceFacts, DeviceIdentity, Language};
use crate::code::Program;
use crate::op::{Shared, Signature, Template};
use crate::predict::workload_default;
use crate::record::{CacheState, Outcome, Phase, Record, Rejection, Stage};
use crate::store::{Filter, Store};

/// How many runners-up evidence names.
const MOST_RUNNERS_UP: usize = 5;

/// All that was measured of one workload on one device.
pub struct Measured {
    /// Who measured, with what it can do; where the store does not know that, what every device can.
    pub facts: DeviceFacts,
    /// Whether the store knows what it can do.
    pub is_known: bool,
    /// Every record of it, the newest first.
    pub records: Vec<Record>,
    /// The default's program on it, by its hash.
    pub default_hash: String,
}

/// A program that won in a mode or two.
pub struct Winner {
    /// The newest of its records.
    pub record: Record,
    pub times: BTreeMap<pack::Mode, pack::Times>,
    pub evidence: pack::Evidence,
}

/// Each device on which kernels of a workload were measured in WGSL, in the order of their names.
pub fn gather(store: &Store, signature: &Signature) -> Result<Vec<Measured>, PackError> {
    let filter = Filter { workload: Some(signature.workload.to_string()), ..Filter::default() };
    let mut devices: Vec<(DeviceIdentity, Vec<Record>)> = Vec::new();
    for record in store.query(&filter)? {
        // Packs say what warm caches come to; cold times are another matter.
        let is_warm = record.mode.cache == CacheState::Warm;
        let is_ours = is_warm && record.phase != Phase::Imported && record.device.kind.language() == Language::Wgsl;
        match devices.iter_mut().find(|(device, _)| *device == record.device) {
            _ if !is_ours => {}
            Some((_, records)) => records.push(record),
            None => devices.push((record.device.clone(), vec![record])),
        }
    }
    devices.sort_by_key(|(device, _)| (device.adapter.clone(), device.driver_info.clone()));
    devices.into_iter().map(|(device, records)| Measured::new(store, signature, device, records)).collect()
}

impl Measured {
    fn new(
        store: &Store,
        signature: &Signature,
        identity: DeviceIdentity,
        records: Vec<Record>,
    ) -> Result<Self, PackError> {
        let known = store.facts(&identity)?;
        let is_known = known.is_some();
        let facts = known.unwrap_or_else(|| DeviceFacts { identity, ..DeviceFacts::portable() });
        let default_hash = default_of(signature, &facts).map_or(String::new(), |(_, _, program)| program.hash());
        Ok(Self { facts, is_known, records, default_hash })
    }

    /// What the newest races chose, in each mode: one program, or one for each; and how many of these were never timed beside
    /// what is the default now.
    pub fn winners(&self, store: &Store) -> Result<(Vec<Winner>, usize), PackError> {
        let mut chosen: Vec<Record> = Vec::new();
        let workload = self.records.first().map_or("", |record| record.workload.as_str());
        for (_, mode) in MODES {
            let best = store.best(workload, Some(&self.facts.identity), mode)?;
            chosen.extend(best.filter(|best| chosen.iter().all(|other| other.code_hash != best.code_hash)));
        }
        let all = chosen.len();
        let winners = chosen.into_iter().filter_map(|record| self.winner(record));
        let winners: Vec<Winner> = winners.filter(|winner| !winner.times.is_empty()).collect();
        let missing = all - winners.len();
        Ok((winners, missing))
    }

    /// A program with its times beside the default; `None` where it was never measured beside that.
    fn winner(&self, record: Record) -> Option<Winner> {
        let races = MODES.map(|(name, mode)| (name, self.race(&record.code_hash, mode.checks)));
        let measured: Vec<(pack::Mode, Race)> =
            races.into_iter().filter_map(|(name, race)| Some((name, race?))).collect();
        if measured.is_empty() {
            return None;
        }
        let times = measured.iter().filter_map(|(name, race)| Some((*name, race.times()?))).collect();
        let modes = measured.iter().filter_map(|(name, race)| Some((*name, race.evidence()?))).collect();
        let evidence = self.evidence(&record, modes);
        Some(Winner { record, times, evidence })
    }

    /// The newest race in which both this program and the default were timed.
    fn race(&self, hash: &str, checks: bool) -> Option<Race<'_>> {
        let in_mode = |record: &&Record| record.mode.checks == checks && record.outcome.median_ns().is_some();
        let timed: Vec<&Record> =
            self.records.iter().filter(|record| record.phase == Phase::Final).filter(in_mode).collect();
        timed.iter().filter(|record| record.code_hash == hash).find_map(|one| {
            let beside: Vec<&Record> = timed.iter().filter(|other| other.run == one.run).copied().collect();
            let default = *beside.iter().find(|other| other.code_hash == self.default_hash)?;
            Some(Race { one, default, beside })
        })
    }

    fn evidence(&self, record: &Record, modes: BTreeMap<pack::Mode, pack::Measured>) -> pack::Evidence {
        let of_run: Vec<&Record> = self.records.iter().filter(|other| other.run == record.run).collect();
        let at = |of: fn(&[u64]) -> Option<u64>| of(&of_run.iter().map(|record| record.at_ms).collect::<Vec<_>>());
        let first_ms = at(|all| all.iter().min().copied()).unwrap_or(record.at_ms);
        let last_ms = at(|all| all.iter().max().copied()).unwrap_or(record.at_ms);
        pack::Evidence {
            workload: record.workload.clone(),
            values: values(record),
            modes,
            candidates: distinct(&of_run),
            failures: failures(&of_run),
            worst_error: record.worst_error,
            strategy: record.strategy.clone(),
            seed: record.seed,
            command: command(record),
            run_ms: first_ms,
            first_ms,
            last_ms,
        }
    }

    /// What each program takes in a mode, in nanoseconds as in the newest final race: what was timed elsewhere is scaled by the
    /// default's time there. What was found wrong since is left out.
    pub fn times(&self, checks: bool) -> BTreeMap<&str, f64> {
        let mut times = self.raced(checks);
        let scales = self.scales(checks);
        // The newest comes first: races are later than searches, and say more.
        for record in self.standing(checks) {
            let scale = scales.get(&(record.run, record.phase.name())).copied().unwrap_or(1.0);
            if let Some(ns) = record.paced_ns() {
                times.entry(record.code_hash.as_str()).or_insert(ns * scale);
            }
        }
        times
    }

    /// The fastest in the newest final race of a mode, or of all trials where there was none.
    pub fn best_ns(&self, checks: bool) -> Option<f64> {
        let best = self.raced(checks).into_values().min_by(f64::total_cmp);
        best.or_else(|| self.standing(checks).filter_map(Record::paced_ns).min_by(f64::total_cmp))
    }

    /// Everyone in the newest final race of a mode: the median of what was chosen there, and of others that times the ratio of
    /// the rounds that both were in, which is what the race is judged by. Medians of a device whose pace changes are not.
    fn raced(&self, checks: bool) -> BTreeMap<&str, f64> {
        let finals = || self.standing(checks).filter(|record| record.phase == Phase::Final);
        let newest = finals().next().map(|record| record.run);
        let in_race = || finals().filter(|record| Some(record.run) == newest);
        let Some(chosen) = in_race().find(|record| record.chosen).or(in_race().next()) else { return BTreeMap::new() };
        in_race().map(|record| (record.code_hash.as_str(), ns_beside(chosen, record))).collect()
    }

    /// The timed records of a mode that still count, the newest first.
    fn standing(&self, checks: bool) -> impl Iterator<Item = &Record> {
        let in_mode = self.records.iter().enumerate().filter(move |(_, record)| record.mode.checks == checks);
        let timed = in_mode.filter(|(_, record)| record.outcome.median_ns().is_some());
        timed.filter(|(at, _)| !self.is_overturned(*at)).map(|(_, record)| record)
    }

    /// Whether its program was rejected since, or found wrong in the other mode of the same race. What ended at stage `run` says
    /// something of the machine.
    fn is_overturned(&self, at: usize) -> bool {
        let one = &self.records[at];
        self.records.iter().enumerate().any(|(other, record)| match &record.outcome {
            Outcome::Rejected(Rejection { stage, .. }) if record.code_hash == one.code_hash => {
                *stage != Stage::Run && (other < at || (record.run == one.run && *stage == Stage::Verify))
            }
            _ => false,
        })
    }

    /// By run and phase: the default's time in the newest final race over its time there.
    fn scales(&self, checks: bool) -> BTreeMap<(u64, &'static str), f64> {
        let Some(reference) = self.raced(checks).get(self.default_hash.as_str()).copied() else {
            return BTreeMap::new();
        };
        let defaults = self.standing(checks).filter(|record| record.code_hash == self.default_hash);
        defaults
            .filter_map(|record| Some(((record.run, record.phase.name()), reference / record.paced_ns()?)))
            .collect()
    }
}

/// What one takes beside another of the same race: the other's median, times the ratio of the rounds that both were in.
fn ns_beside(base: &Record, one: &Record) -> f64 {
    let slower = ratio(base.outcome.samples_ns(), one.outcome.samples_ns(), CONFIDENCE).value;
    base.outcome.median_ns().unwrap_or(f64::NAN) * slower
}

/// What a workload begins with on a device.
pub fn default_of(
    signature: &Signature,
    device: &DeviceFacts,
) -> Option<(Shared<dyn Template>, crate::space::Config, Program)> {
    let (template, config) = workload_default(signature, device)?;
    let program = template.emit(signature, &config).ok()?;
    Some((template, config, program))
}

/// What repeats the search that a record is of.
fn command(record: &Record) -> String {
    let Record { workload, device, strategy, seed, .. } = record;
    format!("wgtune tune \"{workload}\" --device \"{}\" --strategy {strategy} --seed {seed}", device.adapter)
}

/// The values of a record's config as JSON.
pub fn values(record: &Record) -> BTreeMap<String, serde_json::Value> {
    let json = |value| serde_json::to_value(value).expect("plain data serialises");
    record.values.iter().map(|(name, value)| (name.clone(), json(value))).collect()
}

/// A program beside the default, and everyone else who was timed with them: sample i of all is round i.
struct Race<'r> {
    one: &'r Record,
    default: &'r Record,
    beside: Vec<&'r Record>,
}

impl Race<'_> {
    fn times(&self) -> Option<pack::Times> {
        let (samples, base) = (self.one.outcome.samples_ns(), self.default.outcome.samples_ns());
        let Estimate { value, low, high } = median_interval(samples);
        let slower = ratio(samples, base, CONFIDENCE);
        let times = pack::Times {
            clock: clock(self.one.outcome.clock()?)?,
            median_ns: value,
            low_ns: low,
            high_ns: high,
            default_ns: self.default.outcome.median_ns()?,
            ratio_to_default: [slower.low, slower.value, slower.high],
        };
        let numbers = [times.median_ns, low, high, times.default_ns, slower.low, slower.value, slower.high];
        numbers.iter().all(|number| number.is_finite() && *number > 0.0).then_some(times)
    }

    fn evidence(&self) -> Option<pack::Measured> {
        let times = self.times()?;
        let mut seen = vec![self.one.code_hash.as_str(), self.default.code_hash.as_str()];
        let mut others: Vec<&Record> = Vec::new();
        for other in self.beside.iter().filter(|other| !other.outcome.samples_ns().is_empty()) {
            if !seen.contains(&other.code_hash.as_str()) {
                seen.push(&other.code_hash);
                others.push(other);
            }
        }
        let ns = |record: &Record| ns_beside(self.one, record);
        others.sort_by(|one, other| ns(one).total_cmp(&ns(other)));
        let runner_up = |record: &Record| pack::RunnerUp {
            template: record.template.clone(),
            values: values(record),
            median_ns: ns(record),
        };
        Some(pack::Measured {
            clock: times.clock,
            samples_ns: self.one.outcome.samples_ns().to_vec(),
            default_samples_ns: self.default.outcome.samples_ns().to_vec(),
            interval_ns: [times.low_ns, times.high_ns],
            runners_up: others.into_iter().take(MOST_RUNNERS_UP).map(runner_up).collect(),
        })
    }
}

fn distinct(records: &[&Record]) -> u64 {
    let mut hashes: Vec<&str> = records.iter().map(|record| record.code_hash.as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len() as u64
}

/// How many candidates failed at each stage, with the reason that most of them have.
fn failures(records: &[&Record]) -> BTreeMap<String, pack::Failures> {
    let mut reasons: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for record in records {
        if let Outcome::Rejected(Rejection { stage, why }) = &record.outcome {
            *reasons.entry(stage.name()).or_default().entry(why).or_default() += 1;
        }
    }
    let of_stage = |(stage, reasons): (&str, BTreeMap<&str, u64>)| {
        let count = reasons.values().sum();
        // Of reasons as common as each other the first by the alphabet.
        let why = reasons.iter().rev().max_by_key(|(_, count)| **count).map_or("", |(why, _)| why);
        (stage.to_owned(), pack::Failures { count, why: why.to_owned() })
    };
    reasons.into_iter().map(of_stage).collect()
}
