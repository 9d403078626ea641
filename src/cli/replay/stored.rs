//! Stores as recorded spaces: one for each workload, device and template that was searched or imported.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::error::Failure;
use super::super::export::matching;
use crate::interchange::{Recording, identity};
use crate::record::{Mode, Phase, Record};
use crate::store::{Filter, Store};

/// What was recorded of one workload on one device with one template.
pub(super) struct Stored {
    /// The workload and the device, with as much more as tells it apart from the others.
    pub name: String,
    pub recording: Recording,
}

/// What tells groups of trials apart: the workload, all that is known of the device, and the template.
type Key = (String, String, String);

/// The trials of a store without run-time checks, newest first: those of the search, or else imported ones. What was
/// never timed is left out; there may be nothing.
pub(super) fn stored(path: &Path) -> Result<Vec<Stored>, Failure> {
    let groups = groups(&Store::open(path)?)?;
    let adapters: Vec<String> = groups.iter().map(|(key, records)| adapter(key, records)).collect();
    let mut found = Vec::new();
    for ((key, records), short) in groups.iter().zip(&adapters) {
        let (_, device, template) = key;
        let is_unique = adapters.iter().filter(|other| *other == short).count() == 1;
        let name = if is_unique { short.clone() } else { format!("{} on {device} with {template}", key.0) };
        let recording = Recording::from_records(records).map_err(|mixed| {
            let advice = "write those of one run to a file by `wgtune export --run`, and replay that";
            Failure::input(format!("`{}`: {name}: {mixed}; {advice}", path.display()))
        })?;
        found.push(Stored { name, recording });
    }
    found.retain(|stored| stored.recording.best_ns().is_some());
    Ok(found)
}

fn groups(store: &Store) -> Result<BTreeMap<Key, Vec<Record>>, Failure> {
    let mut groups: BTreeMap<Key, Vec<Record>> = BTreeMap::new();
    for phase in [Phase::Search, Phase::Imported] {
        let known: BTreeSet<Key> = groups.keys().cloned().collect();
        let records = matching(store, &Filter { phase: Some(phase), ..Filter::default() }, Mode::UNCHECKED)?;
        for record in records.into_iter().filter(|record| !known.contains(&key(record))) {
            groups.entry(key(&record)).or_default().push(record);
        }
    }
    Ok(groups)
}

fn key(record: &Record) -> Key {
    (record.workload.clone(), identity(&record.device), record.template.clone())
}

/// The short name of a group, which others may have too.
fn adapter((workload, ..): &Key, records: &[Record]) -> String {
    format!("{workload} on {}", records.first().map_or("", |record| &record.device.adapter))
}
