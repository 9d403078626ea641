//! Warm starts: what the store knows from elsewhere, as hints for the searcher and never as results.
//!
//! The hints come from one source, since only times of one source can be compared: either the same workload on another
//! device, or a near workload on this device. Of all sources the one with the highest weight is taken, which is the
//! number of its timed trials (a hundred are as good as more) halved for every doubling or halving that lies between
//! the sizes; another device counts as one doubling, another driver of the same device as none.
//!
//! Imported trials are sources too. They name no template, so that the names of their parameters decide whether they are
//! of this space, and devices by no more than a name. Of equal weight, what was measured by a search of ours is taken.

use std::collections::HashSet;

use serde::Serialize;

use super::TuneError;
use super::arm::Arm;
use super::session::Session;
use crate::base::DeviceIdentity;
use crate::interchange::UNKNOWN;
use crate::op::{Signature, Template, tuned_templates};
use crate::record::{Clock, Mode, Outcome, Phase, Record, Stage};
use crate::search::Trial;
use crate::space::{Config, Space};
use crate::store::{Kin, Source, Store};
use crate::workload::Workload;

/// The phase of ours whose results may start another search. Races are left out: they have few configs, and those are
/// in the search already.
const OWN: &[Phase] = &[Phase::Search];

/// The phase of what others have measured.
const IMPORTED: &[Phase] = &[Phase::Imported];

/// More timed trials than these make a source no better.
const ENOUGH: f64 = 100.0;

/// Workloads farther away than this many doublings say too little.
const FARTHEST: f64 = 4.0;

/// How far another device is, in doublings of sizes.
const OTHER_DEVICE: f64 = 1.0;

/// How many sources of ours, and how many imported ones, are looked into: some may have few configs that are legal here.
const MOST_SOURCES: usize = 4;

/// Most results of one source, the newest ones.
const MOST_TRIALS: usize = 1000;

/// Fewer timed results than these start nothing.
const LEAST_TIMED: usize = 3;

/// What a search was told beforehand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WarmStart {
    /// The workload that was measured.
    pub workload: String,
    /// The name of the device that it was measured on.
    pub device: String,
    /// How many results were handed over, rejections included.
    pub trials: usize,
}

impl Session<'_> {
    /// The results of the best source of an arm, mapped into its space, unless that is turned off or there is none. Notes
    /// where they come from.
    pub fn warm_start(&mut self, arm: usize) -> Result<Vec<Trial>, TuneError> {
        if !self.settings.warm_start {
            return Ok(Vec::new());
        }
        let (workload, device) = (&self.measure.signature().workload, &self.measure.device().identity);
        let mut best: Option<Start> = None;
        let Arm { template, space, .. } = &self.arms[arm];
        for kin in [own(&**template, self.modes[0]), imported(self.modes[0])] {
            for (distance, source) in near_sources(self.logbook.store, workload, device, &kin)? {
                let start = self.start_from(source, distance, &kin, space)?;
                let heavier = |start: &Start| best.as_ref().is_none_or(|best| start.weight > best.weight);
                best = start.filter(heavier).or(best);
            }
        }
        let (warm, trials) = best.map(|start| (start.warm, start.trials)).unzip();
        self.arms[arm].warm = warm;
        Ok(trials.unwrap_or_default())
    }

    /// What a source has for this space, unless that is too little.
    fn start_from(&self, source: Source, distance: f64, kin: &Kin, space: &Space) -> Result<Option<Start>, TuneError> {
        let trials = mapped(space, &self.logbook.store.of_source(&source, kin, MOST_TRIALS)?);
        let timed = trials.iter().filter(|trial| trial.result.is_ok()).count();
        if timed < LEAST_TIMED {
            return Ok(None);
        }
        let warm = WarmStart { workload: source.workload, device: source.device.adapter, trials: trials.len() };
        Ok(Some(Start { weight: weight(timed as f64, distance), warm, trials }))
    }
}

/// The few sources that may say most of a search, with their distances, the heaviest first.
fn near_sources(
    store: &Store,
    workload: &Workload,
    device: &DeviceIdentity,
    kin: &Kin,
) -> Result<Vec<(f64, Source)>, TuneError> {
    let far = if kin.phases == OWN { distance } else { imported_distance };
    let sources = store.sources(kin)?.into_iter();
    let mut near: Vec<(f64, Source)> =
        sources.filter_map(|source| Some((far(&source, workload, device)?, source))).collect();
    let weight = |(distance, source): &(f64, Source)| weight(source.timed as f64, *distance);
    near.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    near.truncate(MOST_SOURCES);
    Ok(near)
}

/// Everything that a search of this workload could start from, in the order in which it was kept: for a store that is to
/// know this and no more.
pub(super) fn sources_near(
    store: &Store,
    signature: &Signature,
    device: &DeviceIdentity,
    mode: Mode,
) -> Result<Vec<Record>, TuneError> {
    let mut records = Vec::new();
    let templates = tuned_templates(signature, device.kind.language());
    let own = templates.iter().map(|template| own(&**template, mode));
    for kin in own.chain([imported(mode)]) {
        for (_, source) in near_sources(store, &signature.workload, device, &kin)? {
            let newest_first = store.of_source(&source, &kin, MOST_TRIALS)?;
            records.extend(newest_first.into_iter().rev());
        }
    }
    Ok(records)
}

/// What was searched by a template.
fn own(template: &dyn Template, mode: Mode) -> Kin<'_> {
    Kin { template: template.name(), mode, phases: OWN }
}

/// What was imported.
fn imported(mode: Mode) -> Kin<'static> {
    Kin { template: UNKNOWN, mode, phases: IMPORTED }
}

/// What a search may be told: the results of one source.
struct Start {
    weight: f64,
    warm: WarmStart,
    trials: Vec<Trial>,
}

fn weight(timed: f64, distance: f64) -> f64 {
    timed.min(ENOUGH) * (-distance).exp2()
}

/// How far a source is; `None` for this very search, and for what has nothing to do with it.
fn distance(source: &Source, workload: &Workload, device: &DeviceIdentity) -> Option<f64> {
    let other = source.workload.parse::<Workload>().ok()?;
    match (other == *workload, source.device == *device) {
        (true, true) | (false, false) => None,
        (true, false) => Some(if source.device.adapter == device.adapter { 0.0 } else { OTHER_DEVICE }),
        (false, true) => workload.distance(&other).filter(|distance| *distance <= FARTHEST),
    }
}

/// How far an imported source is. Only the name of its device is known; and even what was measured of this very workload
/// on a device of this name is no result of this search.
fn imported_distance(source: &Source, workload: &Workload, device: &DeviceIdentity) -> Option<f64> {
    let other = source.workload.parse::<Workload>().ok()?;
    match (other == *workload, source.device.adapter == device.adapter) {
        (true, true) => Some(0.0),
        (true, false) => Some(OTHER_DEVICE),
        (false, true) => workload.distance(&other).filter(|distance| *distance <= FARTHEST),
        (false, false) => None,
    }
}

/// The results whose configs are legal here, the newest of each config, in ascending order of the configs.
fn mapped(space: &Space, records: &[Record]) -> Vec<Trial> {
    let clock = clock(records);
    let mut seen: HashSet<Config> = HashSet::new();
    let trials = records.iter().filter_map(|record| {
        let result = result(record, clock)?;
        let config = space.config(&record.values).ok()?;
        seen.insert(config.clone()).then_some(Trial { config, result })
    });
    let mut trials: Vec<Trial> = trials.collect();
    trials.sort_by(|a, b| a.config.cmp(&b.config));
    trials
}

/// The clock whose times are used: the device's own where it was ever read.
fn clock(records: &[Record]) -> Clock {
    let is_read = |clock: &Clock| records.iter().any(|record| record.outcome.clock() == Some(*clock));
    [Clock::Device, Clock::Cycles].into_iter().find(is_read).unwrap_or(Clock::Host)
}

/// What an outcome elsewhere says here. What the check found there it finds here by itself, for the limits of this
/// device; and a bad moment of a machine says nothing.
fn result(record: &Record, used: Clock) -> Option<Result<f64, Stage>> {
    match &record.outcome {
        Outcome::Timed { clock, .. } if *clock != used => None,
        Outcome::Timed { .. } => record.paced_ns().filter(|ns| ns.is_finite() && *ns > 0.0).map(Ok),
        Outcome::Rejected(rejection) => match rejection.stage {
            Stage::Limits | Stage::Validate | Stage::Run => None,
            stage => Some(Err(stage)),
        },
    }
}
