//! Reads a manifest leniently: what one entry says wrongly, or in words of tomorrow, costs that entry alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::{quoted, reason};
use crate::limits::MOST_ENTRIES;
use crate::{DeviceMatch, Entry, Error, FORMAT, Manifest, Operation, Portfolio, Quarantine};

/// Something of a manifest that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// What it is: `entry 1a2b3c4d5e6f7081`.
    pub what: String,
    /// Why it is not used.
    pub why: String,
}

/// The manifest without what could not be used, and that with its reasons.
pub(crate) fn read(bytes: &[u8]) -> Result<(Manifest, Vec<Skipped>), Error> {
    let raw: Raw = serde_json::from_slice(bytes).map_err(|error| unreadable(bytes, &error))?;
    if raw.format != u64::from(FORMAT) {
        return Err(Error::Format(raw.format));
    }
    let listed = raw.entries.len().max(raw.portfolios.len()).max(raw.quarantine.len());
    if listed.max(raw.devices.len()).max(raw.operations.len()) > MOST_ENTRIES {
        return Err(Error::Manifest(format!("a list of it is longer than {MOST_ENTRIES}")));
    }
    let mut reader = Reader::default();
    let mut manifest = Manifest {
        tool: raw.tool,
        naga: raw.naga,
        wgpu: raw.wgpu,
        licence: raw.licence,
        first_ms: raw.first_ms,
        last_ms: raw.last_ms,
        devices: reader.map("device", &raw.devices),
        operations: reader.map("operation", &raw.operations),
        quarantine: raw.quarantine.iter().enumerate().filter_map(|(i, raw)| reader.quarantine(i, raw)).collect(),
        portfolios: reader.list("portfolio", &raw.portfolios, Portfolio::check),
        ..Manifest::new(&raw.name)
    };
    manifest.operations.retain(|id, operation| reader.keeps(&format!("operation {id}"), Operation::check(operation)));
    manifest.entries = reader.entries(&manifest, &raw.entries);
    Ok((manifest, reader.skipped))
}

/// A manifest of which only the outline is known to be sound.
#[derive(Deserialize)]
struct Raw<'a> {
    format: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    tool: String,
    #[serde(default)]
    naga: String,
    #[serde(default)]
    wgpu: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    first_ms: u64,
    #[serde(default)]
    last_ms: u64,
    #[serde(default, borrow)]
    devices: BTreeMap<String, &'a RawValue>,
    #[serde(default, borrow)]
    operations: BTreeMap<String, &'a RawValue>,
    #[serde(default, borrow)]
    entries: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    portfolios: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    quarantine: Vec<&'a RawValue>,
}

/// A manifest of another format may have another outline: then that is what is wrong.
fn unreadable(bytes: &[u8], error: &serde_json::Error) -> Error {
    #[derive(Deserialize)]
    struct Outline {
        format: u64,
    }
    match serde_json::from_slice(bytes) {
        Ok(Outline { format }) if format != u64::from(FORMAT) => Error::Format(format),
        _ => Error::Manifest(reason(error)),
    }
}

#[derive(Default)]
struct Reader {
    skipped: Vec<Skipped>,
}

impl Reader {
    fn keeps<T>(&mut self, what: &str, read: Result<T, String>) -> bool {
        self.kept(what, read).is_some()
    }

    fn kept<T>(&mut self, what: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.skipped.push(Skipped { what: quoted(what), why: reason(&why) })).ok()
    }

    fn map<T: DeserializeOwned>(&mut self, what: &str, raw: &BTreeMap<String, &RawValue>) -> BTreeMap<String, T> {
        let read =
            raw.iter().filter_map(|(id, raw)| Some((id.clone(), self.kept(&format!("{what} {id}"), parse(raw))?)));
        read.collect()
    }

    fn list<T: DeserializeOwned>(
        &mut self,
        what: &str,
        raw: &[&RawValue],
        check: fn(&T) -> Result<(), String>,
    ) -> Vec<T> {
        let read = raw.iter().enumerate().filter_map(|(number, raw)| {
            let sound = parse(raw).and_then(|read| check(&read).map(|()| read));
            self.kept(&format!("{what} number {number}"), sound)
        });
        read.collect()
    }

    fn entries(&mut self, manifest: &Manifest, raw: &[&RawValue]) -> Vec<Entry> {
        let mut seen = BTreeSet::new();
        let entries = raw.iter().enumerate().filter_map(|(number, raw)| {
            let named = parse(raw).and_then(|entry: Entry| Entry::check_id(&entry.id).map(|()| entry));
            let entry = self.kept(&format!("entry number {number}"), named)?;
            let is_first = seen.insert(entry.id.clone());
            let sound = if is_first { manifest.check_entry(&entry) } else { Err("another has the same id".to_owned()) };
            self.kept(&format!("entry {}", entry.id), sound.map(|()| entry))
        });
        entries.collect()
    }

    /// Where nobody can tell which devices are meant, all of them are: a warning must not get lost.
    fn quarantine(&mut self, number: usize, raw: &RawValue) -> Option<Quarantine> {
        #[derive(Deserialize)]
        struct Outline {
            program: crate::PartHash,
        }
        let read = parse::<Quarantine>(raw).or_else(|why| {
            let Outline { program } = parse(raw)?;
            Ok(Quarantine { program, device: DeviceMatch::default(), why: format!("quarantine cannot be read: {why}") })
        });
        self.kept(&format!("quarantine number {number}"), read)
    }
}

fn parse<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| error.to_string())
}
