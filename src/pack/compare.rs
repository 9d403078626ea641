//! Packs of several devices made one, and what differs between two.

use std::collections::BTreeMap;

use serde::Serialize;
use wgtune_pack as pack;
use wgtune_pack::{Builder, Entry, Manifest, Pack};

use super::PackError;

/// One pack with the entries of several. Of entries with the same id the one of the later pack counts; portfolios of one operation
/// follow each other, as far as they have room.
///
/// # Errors
/// When a part of an entry cannot be read.
pub fn merge(packs: &[Pack], name: &str, secret: Option<&pack::SecretKey>) -> Result<Vec<u8>, PackError> {
    let mut manifest = Manifest::new(name);
    let all = || packs.iter().map(Pack::manifest);
    if let Some(newest) = all().max_by_key(|manifest| manifest.last_ms) {
        let Manifest { tool, naga, wgpu, .. } = newest.clone();
        manifest = Manifest { tool, naga, wgpu, ..manifest };
    }
    manifest.licence = licences(packs);
    manifest.first_ms = all().map(|manifest| manifest.first_ms).min().unwrap_or(0);
    manifest.last_ms = all().map(|manifest| manifest.last_ms).max().unwrap_or(0);
    let mut builder = Builder::new(manifest);
    let mut newest: BTreeMap<&str, (&Pack, &Entry)> = BTreeMap::new();
    let mut order: Vec<&Pack> = packs.iter().collect();
    order.sort_by_key(|pack| pack.manifest().last_ms);
    for pack in &order {
        newest.extend(pack.manifest().entries.iter().map(|entry| (entry.id.as_str(), (*pack, entry))));
    }
    for (pack, entry) in newest.into_values() {
        builder.copy(pack, entry)?;
    }
    portfolios(&order).into_iter().for_each(|portfolio| builder.portfolio(portfolio));
    for quarantine in order.iter().flat_map(|pack| &pack.manifest().quarantine) {
        builder.quarantine(quarantine.clone());
    }
    Ok(match secret {
        Some(secret) => builder.finish_signed(secret)?,
        None => builder.finish()?,
    })
}

/// Under which licences the texts of all are, each once.
fn licences(packs: &[Pack]) -> String {
    let mut licences: Vec<&str> = packs.iter().map(|pack| pack.manifest().licence.as_str()).collect();
    licences.retain(|licence| !licence.is_empty());
    licences.sort_unstable();
    licences.dedup();
    match licences.as_slice() {
        [one] => (*one).to_owned(),
        several => several.iter().map(|licence| format!("({licence})")).collect::<Vec<_>>().join(" AND "),
    }
}

/// What no portfolio has more of: a loader races no more.
const MOST_ENTRIES: usize = pack::limits::MOST_CONTENDERS;

/// One portfolio for each operation, which takes one entry of each pack in turn.
fn portfolios(packs: &[&Pack]) -> Vec<pack::Portfolio> {
    let mut by_operation: BTreeMap<&str, Vec<&pack::Portfolio>> = BTreeMap::new();
    for portfolio in packs.iter().flat_map(|pack| &pack.manifest().portfolios) {
        by_operation.entry(&portfolio.operation).or_default().push(portfolio);
    }
    let merged = |(operation, portfolios): (&str, Vec<&pack::Portfolio>)| {
        let mut entries: Vec<String> = Vec::new();
        for place in 0..MOST_ENTRIES {
            let next = portfolios.iter().filter_map(|portfolio| portfolio.entries.get(place));
            entries.extend(next.filter(|id| !entries.contains(id)).cloned().collect::<Vec<_>>());
        }
        let whole = entries.len() <= MOST_ENTRIES;
        entries.truncate(MOST_ENTRIES);
        let worst = portfolios.iter().map(|portfolio| portfolio.regret).fold(0.0, f64::max);
        // Where some had to be left out, nobody knows what the rest comes to.
        let regret = if whole { worst } else { f64::MAX };
        let of_devices = portfolios.iter().map(|portfolio| portfolio.of_devices).sum();
        pack::Portfolio { operation: operation.to_owned(), entries, regret, of_devices }
    };
    by_operation.into_iter().map(merged).collect()
}

/// What became of a program for one workload on one device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The adapter's name; `portable default` where it is for all.
    pub device: String,
    /// The operation, with the measured sizes.
    pub workload: String,
    /// `checked`, `unchecked`, or nothing where there are no times.
    pub mode: String,
    /// The template and the median time in nanoseconds in the first pack, if it has one.
    pub before: Option<(String, Option<f64>)>,
    /// The same in the second.
    pub after: Option<(String, Option<f64>)>,
}

type Place = (String, String, String);

/// What differs between two packs: entries that only one has, and those with another program or time.
pub fn diff(one: &Pack, other: &Pack) -> Vec<Change> {
    let (before, after) = (places(one), places(other));
    let mut all: Vec<&Place> = before.keys().chain(after.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let said = |found: Option<&Found>| found.map(|found| (found.template.clone(), found.median_ns));
    let change = |place: &Place| {
        let (before, after) = (before.get(place), after.get(place));
        let (device, workload, mode) = place.clone();
        (before != after).then(|| Change { device, workload, mode, before: said(before), after: said(after) })
    };
    all.into_iter().filter_map(change).collect()
}

#[derive(PartialEq)]
struct Found {
    program: pack::PartHash,
    template: String,
    median_ns: Option<f64>,
}

fn places(pack: &Pack) -> BTreeMap<Place, Found> {
    let manifest = pack.manifest();
    let mut places = BTreeMap::new();
    for entry in &manifest.entries {
        let device = manifest.device_of(entry).map_or("portable default".to_owned(), |device| device.adapter.clone());
        let workload = manifest.operations[&entry.operation].line(&entry.measured);
        let found = |median_ns| Found { program: entry.program, template: entry.template.clone(), median_ns };
        if entry.times.is_empty() {
            places.insert((device.clone(), workload.clone(), String::new()), found(None));
        }
        for (mode, times) in &entry.times {
            places.insert((device.clone(), workload.clone(), mode.name().to_owned()), found(Some(times.median_ns)));
        }
    }
    places
}
