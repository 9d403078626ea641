//! Recordings from the store's records, and records from recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::{Entry, Recording, Unit, assemble};
use crate::base::{DeviceIdentity, DeviceKind};
use crate::record::{Mode, Outcome, Phase, RECORD_FORMAT, Record};
use crate::space::Value;

/// That records are of more than one of something, so that they make no recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trials are of several {what}s: {}", found.join("; "))]
pub struct Mixed {
    /// What there is more than one of: a workload, template, device, mode, phase, clock or set of parameters.
    pub what: &'static str,
    /// Which ones there are, in order.
    pub found: Vec<String>,
}

/// Where imported trials come from and go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The workload that they are filed under.
    pub workload: String,
    /// The device that they were measured on.
    pub device: String,
    /// The number of the run that they are filed under.
    pub run: u64,
    /// When they are imported, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What stands for a template, a strategy or a program that a recording does not name.
pub const UNKNOWN: &str = "unknown";

impl Recording {
    /// The recording of records of one template on one device in one mode. They come newest first, as from a store: of
    /// several for one config, the first counts. Its time is the median of its samples.
    ///
    /// # Errors
    /// When the records are of several workloads, templates, devices, modes, phases, clocks or sets of parameters.
    pub fn from_records(records: &[Record]) -> Result<Self, Mixed> {
        one("workload", records, |record| Some(&record.workload))?;
        one("device", records, |record| Some(identity(&record.device)))?;
        one("template", records, |record| Some(&record.template))?;
        one("mode", records, |record| Some(record.mode.name()))?;
        one("phase", records, |record| Some(record.phase.name()))?;
        one("clock", records, |record| clock(&record.outcome))?;
        one("set of parameter", records, |record| Some(names(record).join(" ")))?;
        let Some(first) = records.first() else { return Ok(Self::default()) };
        let mut entries: Vec<Entry> = records.iter().rev().filter(|record| has_time(record)).map(entry).collect();
        let params = assemble::params(&names(first), &entries);
        entries = assemble::distinct(&params, entries);
        let clock = records.iter().find_map(|record| record.outcome.clock()).unwrap_or_default();
        let (kernel, device) = (first.workload.clone(), first.device.adapter.clone());
        Ok(Self { kernel, device, unit: Unit::of(clock), params, entries })
    }

    /// The trials as records of [`Phase::Imported`]. What the recording does not say is left empty or `unknown`.
    pub fn records(&self, import: &Import) -> Vec<Record> {
        let names = || self.params.iter().map(|param| param.name.clone());
        let record = |(trial, entry): (usize, &Entry)| Record {
            format: RECORD_FORMAT,
            tool: UNKNOWN.to_owned(),
            workload: import.workload.clone(),
            template: UNKNOWN.to_owned(),
            values: names().zip(entry.values.iter().cloned()).collect(),
            code_hash: UNKNOWN.to_owned(),
            device: device(&import.device),
            mode: Mode::UNCHECKED,
            phase: Phase::Imported,
            outcome: outcome(self.unit, entry),
            prepare_ns: None,
            worst_error: None,
            strategy: UNKNOWN.to_owned(),
            seed: 0,
            trial: trial as u64,
            run: import.run,
            at_ms: import.at_ms,
            pace: None,
            chosen: false,
        };
        self.entries.iter().enumerate().map(record).collect()
    }
}

/// Refuses records that differ in something.
fn one<'r, T: Display>(
    what: &'static str,
    records: &'r [Record],
    of: impl Fn(&'r Record) -> Option<T>,
) -> Result<(), Mixed> {
    let found: BTreeSet<String> = records.iter().filter_map(|record| of(record).map(|it| it.to_string())).collect();
    if found.len() > 1 { Err(Mixed { what, found: found.into_iter().collect() }) } else { Ok(()) }
}

fn clock(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Timed { clock, .. } => Some(clock.name()),
        Outcome::Rejected(_) => None,
    }
}

/// All that tells devices apart, in a line.
pub fn identity(device: &DeviceIdentity) -> String {
    let DeviceIdentity { adapter, driver, driver_info, api, compiler, host, .. } = device;
    let host = host.as_deref().unwrap_or_default();
    let parts: [&str; 6] = [adapter, driver, driver_info, api, compiler, host];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn names(record: &Record) -> Vec<String> {
    record.values.keys().cloned().collect()
}

/// Whether it was rejected or has samples, as all that was measured here has.
fn has_time(record: &Record) -> bool {
    record.outcome.median_ns().is_none_or(f64::is_finite)
}

fn entry(record: &Record) -> Entry {
    let values: &BTreeMap<String, Value> = &record.values;
    let result = match &record.outcome {
        Outcome::Timed { samples_ns, .. } => Ok(crate::base::stats::median(samples_ns)),
        Outcome::Rejected(rejection) => Err(rejection.clone()),
    };
    Entry { values: values.values().cloned().collect(), result, samples_ns: record.outcome.samples_ns().to_vec() }
}

/// Where there are no samples, the time is one.
fn outcome(unit: Unit, entry: &Entry) -> Outcome {
    match &entry.result {
        Ok(ns) if entry.samples_ns.is_empty() => Outcome::Timed { samples_ns: vec![*ns], clock: unit.clock() },
        Ok(_) => Outcome::Timed { samples_ns: entry.samples_ns.clone(), clock: unit.clock() },
        Err(rejection) => Outcome::Rejected(rejection.clone()),
    }
}

fn device(name: &str) -> DeviceIdentity {
    DeviceIdentity {
        adapter: name.to_owned(),
        vendor: 0,
        device: 0,
        driver: String::new(),
        driver_info: String::new(),
        api: String::new(),
        kind: DeviceKind::Other,
        compiler: String::new(),
        host: None,
    }
}
