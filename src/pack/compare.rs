//! Packs of several devices made one, and what differs between two.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wgtune_pack as pack;
use wgtune_pack::{Builder, Entry, Manifest, Pack};

use super::PackError;

/// One pack with the entries of several. Of entries with the same id the one of the later pack counts; portfolios of one workload
/// follow each other, as far as they have room.
///
/// # Errors
/// When a part of an entry cannot be read.
pub fn merge(packs: &[Pack], name: &str, secret: Option<&pack::SecretKey>) -> Result<Vec<u8>, PackError> {
    let mut builder = Builder::new(head(packs, name));
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

/// What is to be said of all of them.
fn head(packs: &[Pack], name: &str) -> Manifest {
    let all = || packs.iter().map(Pack::manifest);
    Manifest {
        tool: common(packs, |manifest| &manifest.tool),
        naga: common(packs, |manifest| &manifest.naga),
        wgpu: common(packs, |manifest| &manifest.wgpu),
        licence: licences(packs),
        first_ms: all().map(|manifest| manifest.first_ms).min().unwrap_or(0),
        last_ms: all().map(|manifest| manifest.last_ms).max().unwrap_or(0),
        ..Manifest::new(name)
    }
}

/// What all say alike, else nothing: what holds for some entries must not be said of all.
fn common(packs: &[Pack], said: fn(&Manifest) -> &String) -> String {
    let mut all = packs.iter().map(|pack| said(pack.manifest()));
    let first = all.next().cloned().unwrap_or_default();
    if all.all(|other| *other == first) { first } else { String::new() }
}

/// What SPDX has in place of a licence that nobody has named.
const UNNAMED: &str = "NOASSERTION";

/// Under which licences the texts of all are, each once; nothing where no pack names one.
fn licences(packs: &[Pack]) -> String {
    let mut licences: Vec<&str> = packs.iter().map(|pack| pack.manifest().licence.as_str()).collect();
    licences.sort_unstable();
    licences.dedup();
    if let [unnamed @ "", _, ..] = licences.as_mut_slice() {
        *unnamed = UNNAMED;
    }
    match licences.as_slice() {
        [one] => (*one).to_owned(),
        several => several.iter().map(|licence| format!("({licence})")).collect::<Vec<_>>().join(" AND "),
    }
}

/// What no portfolio has more of: a loader races no more.
const MOST_ENTRIES: usize = pack::limits::MOST_CONTENDERS;

/// An operation, and the sizes that a portfolio is for.
type Sizes<'p> = (&'p str, &'p pack::Dims);

/// One portfolio for each workload, which takes one entry of each pack in turn.
fn portfolios(packs: &[&Pack]) -> Vec<pack::Portfolio> {
    let mut by_workload: BTreeMap<Sizes, Vec<Offered>> = BTreeMap::new();
    for offered in packs.iter().flat_map(|pack| offered(pack)) {
        // What names no entry that there is, serves nobody.
        if let Some(sizes) = offered.sizes() {
            by_workload.entry(sizes).or_default().push(offered);
        }
    }
    by_workload.into_iter().map(|(sizes, offered)| joined(sizes, &offered)).collect()
}

/// A portfolio with its pack, and those of its entries that this has.
struct Offered<'p> {
    pack: &'p Pack,
    own: &'p pack::Portfolio,
    entries: Vec<&'p Entry>,
}

/// All portfolios of a pack.
fn offered(pack: &Pack) -> Vec<Offered<'_>> {
    let manifest = pack.manifest();
    let by_id: BTreeMap<&str, &Entry> = manifest.entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    let of = |own: &pack::Portfolio| -> Vec<&Entry> {
        let entries = own.entries.iter().filter_map(|id| by_id.get(id.as_str()).copied());
        entries.filter(|entry| entry.operation == own.operation).collect()
    };
    manifest.portfolios.iter().map(|own| Offered { pack, own, entries: of(own) }).collect()
}

impl<'p> Offered<'p> {
    /// What it is for: what its first entry was measured at.
    fn sizes(&self) -> Option<Sizes<'p>> {
        self.entries.first().map(|entry| (entry.operation.as_str(), &entry.measured))
    }
}

/// One of several portfolios for the same workload.
fn joined(sizes: Sizes, all: &[Offered]) -> pack::Portfolio {
    let mut entries = in_turn(all);
    let whole = entries.len() <= MOST_ENTRIES;
    entries.truncate(MOST_ENTRIES);
    let worst = all.iter().map(|offered| offered.own.regret).fold(0.0, f64::max);
    // Where some had to be left out, nobody knows what the rest comes to.
    let regret = if whole { worst } else { f64::MAX };
    pack::Portfolio { operation: sizes.0.to_owned(), entries, regret, of_devices: devices(sizes, all) }
}

/// The first of each, then the second of each, and so on, each once.
fn in_turn(all: &[Offered]) -> Vec<String> {
    let longest = all.iter().map(|offered| offered.entries.len()).max().unwrap_or(0);
    let at = |place: usize| all.iter().filter_map(move |offered| Some(offered.entries.get(place)?.id.clone()));
    let mut seen = BTreeSet::new();
    (0..longest).flat_map(at).filter(|id| seen.insert(id.clone())).collect()
}

/// How many devices were chosen over: those that the packs have entries of for this workload, yet no fewer than one of the packs
/// counts, and no more than all of them count.
fn devices(sizes: Sizes, all: &[Offered]) -> u32 {
    let mut adapters: BTreeSet<&str> = BTreeSet::new();
    let mut counts: BTreeMap<*const Pack, u32> = BTreeMap::new();
    for Offered { pack, own, .. } in all {
        let manifest = pack.manifest();
        let is_its = |entry: &&Entry| (entry.operation.as_str(), &entry.measured) == sizes;
        let known = manifest.entries.iter().filter(is_its).filter_map(|entry| manifest.device_of(entry));
        adapters.extend(known.map(|device| device.adapter.as_str()));
        let count = counts.entry(std::ptr::from_ref(*pack)).or_default();
        *count = own.of_devices.max(*count);
    }
    let most = counts.values().fold(0, |sum: u32, count| sum.saturating_add(*count));
    let least = counts.into_values().max().unwrap_or(0);
    u32::try_from(adapters.len()).unwrap_or(u32::MAX).clamp(least, most)
}

/// What became of a program for one workload on one device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The adapter's name, with the driver's version where a pack has several devices of it; `portable default` where it is for all.
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

/// A device, a workload and a mode.
type Place = (String, String, String);

/// What differs between two packs: entries that only one has, and those with another program or time.
pub fn diff(one: &Pack, other: &Pack) -> Vec<Change> {
    let shared: BTreeSet<&str> = [one, other].into_iter().flat_map(shared).collect();
    let (mut before, mut after) = (places(one, &shared), places(other, &shared));
    let all: BTreeSet<Place> = before.keys().chain(after.keys()).cloned().collect();
    let changes = all.into_iter().flat_map(|place| {
        let [before, after] = [&mut before, &mut after].map(|found| found.remove(&place).unwrap_or_default());
        pairs(before, after).into_iter().map(move |pair| change(place.clone(), pair))
    });
    changes.collect()
}

fn change((device, workload, mode): Place, (before, after): Pair) -> Change {
    let said = |found: Option<Found>| found.map(|found| (found.template, found.median_ns));
    Change { device, workload, mode, before: said(before), after: said(after) }
}

/// Adapters of which a pack has several devices, such as of two drivers.
fn shared(pack: &Pack) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let devices = pack.manifest().devices.values().map(|device| device.adapter.as_str());
    devices.filter(|adapter| !seen.insert(*adapter)).collect()
}

#[derive(PartialEq)]
struct Found {
    program: pack::PartHash,
    template: String,
    median_ns: Option<f64>,
}

/// What there was, and what there is instead.
type Pair = (Option<Found>, Option<Found>);

/// Two lists of one place without what both have, each of the rest with what is most likely its own: the same program, the same
/// template, whatever is left.
fn pairs(mut before: Vec<Found>, mut after: Vec<Found>) -> Vec<Pair> {
    take(&mut before, &mut after, |one, other| one == other);
    let mut pairs = take(&mut before, &mut after, |one, other| one.program == other.program);
    pairs.extend(take(&mut before, &mut after, |one, other| one.template == other.template));
    pairs.extend(take(&mut before, &mut after, |_, _| true));
    pairs.extend(before.into_iter().map(|found| (Some(found), None)));
    pairs.extend(after.into_iter().map(|found| (None, Some(found))));
    pairs
}

/// Takes out of both what belongs together.
fn take(before: &mut Vec<Found>, after: &mut Vec<Found>, belong: fn(&Found, &Found) -> bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for found in std::mem::take(before) {
        match after.iter().position(|other| belong(&found, other)) {
            Some(place) => pairs.push((Some(found), Some(after.remove(place)))),
            None => before.push(found),
        }
    }
    pairs
}

/// All that a pack has for each place, in the same order whatever its entries are called.
fn places(pack: &Pack, shared: &BTreeSet<&str>) -> BTreeMap<Place, Vec<Found>> {
    let manifest = pack.manifest();
    let mut places: BTreeMap<Place, Vec<Found>> = BTreeMap::new();
    for entry in &manifest.entries {
        let device = manifest.device_of(entry).map_or("portable default".to_owned(), |device| named(device, shared));
        let workload = manifest.operations[&entry.operation].line(&entry.measured);
        let timed = entry.times.iter().map(|(mode, times)| (mode.name(), Some(times.median_ns)));
        let untimed = entry.times.is_empty().then_some(("", None));
        for (mode, median_ns) in timed.chain(untimed) {
            let found = Found { program: entry.program, template: entry.template.clone(), median_ns };
            let place = (device.clone(), workload.clone(), mode.to_owned());
            places.entry(place).or_default().push(found);
        }
    }
    for found in places.values_mut() {
        let key = |found: &Found| (found.template.clone(), found.program, found.median_ns.unwrap_or(0.0).to_bits());
        found.sort_by_cached_key(key);
    }
    places
}

/// The adapter's name, with the driver's version where several devices have it.
fn named(device: &pack::Device, shared: &BTreeSet<&str>) -> String {
    let pack::Device { adapter, driver_info, .. } = device;
    if shared.contains(adapter.as_str()) { format!("{adapter}, {driver_info}") } else { adapter.clone() }
}
