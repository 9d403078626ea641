//! Reads a manifest leniently: what one entry says wrongly, or in words of tomorrow, costs that entry alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::bounded::{List, Map};
use crate::error::{quoted, reason};
use crate::json;
use crate::limits::{MOST_ITEM_BYTES, MOST_MANIFEST_TERMS};
use crate::{Device, DeviceMatch, Entry, Error, FORMAT, Manifest, Operation, PartHash, Portfolio, Quarantine};

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
    let raw: Raw = json::read(bytes).map_err(|error| unreadable(bytes, &error))?;
    if raw.format != u64::from(FORMAT) {
        return Err(Error::Format(raw.format));
    }
    let mut reader = Reader { skipped: Vec::new(), terms_left: MOST_MANIFEST_TERMS };
    let mut manifest = Manifest {
        tool: raw.tool,
        naga: raw.naga,
        wgpu: raw.wgpu,
        licence: raw.licence,
        first_ms: raw.first_ms,
        last_ms: raw.last_ms,
        devices: reader.map("device", &raw.devices),
        operations: reader.map("operation", &raw.operations),
        quarantine: raw.quarantine.0.iter().enumerate().filter_map(|(i, raw)| reader.quarantine(i, raw)).collect(),
        portfolios: reader.portfolios(&raw.portfolios),
        ..Manifest::new(&raw.name)
    };
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
    devices: Map<&'a RawValue>,
    #[serde(default, borrow)]
    operations: Map<&'a RawValue>,
    #[serde(default, borrow)]
    entries: List<&'a RawValue>,
    #[serde(default, borrow)]
    portfolios: List<&'a RawValue>,
    #[serde(default, borrow)]
    quarantine: List<&'a RawValue>,
}

/// A manifest of another format may have another outline: then that is what is wrong.
fn unreadable(bytes: &[u8], error: &str) -> Error {
    #[derive(Deserialize)]
    struct Outline {
        format: u64,
    }
    match json::read(bytes) {
        Ok(Outline { format }) if format != u64::from(FORMAT) => Error::Format(format),
        _ => Error::Manifest(reason(&error)),
    }
}

/// What the manifest holds many of.
trait Item: DeserializeOwned {
    /// How many numbers, symbols and operators its formulas have.
    fn terms(&self) -> usize {
        0
    }

    /// What is wrong with it in itself, as far as that is known without the others.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Item for Device {}

impl Item for Quarantine {}

impl Item for Portfolio {
    fn check(&self) -> Result<(), String> {
        self.check()
    }
}

impl Item for Operation {
    fn terms(&self) -> usize {
        self.terms()
    }

    fn check(&self) -> Result<(), String> {
        self.check()
    }
}

impl Item for Entry {
    fn terms(&self) -> usize {
        self.admits.terms()
    }

    fn check(&self) -> Result<(), String> {
        Self::check_id(&self.id)
    }
}

struct Reader {
    skipped: Vec<Skipped>,
    /// What formulas may still have, so that all of them together cost little memory and little time.
    terms_left: usize,
}

impl Reader {
    fn kept<T>(&mut self, what: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.skipped.push(Skipped { what: quoted(what), why: reason(&why) })).ok()
    }

    fn map<T: Item>(&mut self, what: &str, raw: &Map<&RawValue>) -> BTreeMap<String, T> {
        let read = raw.0.iter().filter_map(|(id, raw)| {
            let item = self.item(raw);
            Some((id.clone(), self.kept(&format!("{what} {id}"), item)?))
        });
        read.collect()
    }

    fn portfolios(&mut self, raw: &List<&RawValue>) -> Vec<Portfolio> {
        let read = raw.0.iter().enumerate().filter_map(|(number, raw)| {
            let item = self.item(raw);
            self.kept(&format!("portfolio number {number}"), item)
        });
        read.collect()
    }

    fn entries(&mut self, manifest: &Manifest, raw: &List<&RawValue>) -> Vec<Entry> {
        let mut seen = BTreeSet::new();
        let entries = raw.0.iter().enumerate().filter_map(|(number, raw)| {
            let item: Result<Entry, String> = self.item(raw);
            let entry = self.kept(&format!("entry number {number}"), item)?;
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
            program: PartHash,
        }
        let read = self.item(raw).or_else(|why| {
            let Outline { program } = json::read(raw.get().as_bytes())?;
            Ok(Quarantine { program, device: DeviceMatch::default(), why: format!("quarantine cannot be read: {why}") })
        });
        self.kept(&format!("quarantine number {number}"), read)
    }

    /// One of many, if it is no longer than one may be and there is room for its formulas.
    fn item<T: Item>(&mut self, raw: &RawValue) -> Result<T, String> {
        let length = raw.get().len();
        if length > MOST_ITEM_BYTES {
            return Err(format!("it has {length} bytes, more than {MOST_ITEM_BYTES}"));
        }
        let item: T = json::read(raw.get().as_bytes())?;
        item.check()?;
        let none_left =
            || format!("the formulas up to it have more than {MOST_MANIFEST_TERMS} numbers, symbols and operators");
        self.terms_left = self.terms_left.checked_sub(item.terms()).ok_or_else(none_left)?;
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::limits::{MOST_ENTRIES, MOST_OPERATION_TERMS};

    fn operation(sizes: &[String]) -> Value {
        let sizes: BTreeMap<String, &String> =
            sizes.iter().enumerate().map(|(at, size)| (format!("s{at}"), size)).collect();
        let output = json!({"name": "y", "element": "f32", "extents": ["n"]});
        json!({"operator": "chain", "types": "f32", "free": {"n": null}, "sizes": sizes, "inputs": [], "outputs": [output]})
    }

    /// An entry whose predicate has conditions of so many terms each.
    fn entry(number: usize, conditions: usize, terms: usize) -> Value {
        let condition = json!({"left": sum(terms - 1), "relation": "<=", "right": "999"});
        json!({
            "id": format!("{number:016x}"), "operation": "o", "role": "default", "template": "t",
            "measured": {"n": 1}, "admits": {"conditions": vec![condition; conditions]}, "program": "0".repeat(64),
        })
    }

    /// An odd number of terms.
    fn sum(terms: usize) -> String {
        vec!["n"; terms.div_ceil(2)].join("+")
    }

    fn read_all(operation: &Value, entries: &[Value]) -> (Manifest, Vec<Skipped>) {
        let manifest = json!({"format": 1, "operations": {"o": operation}, "entries": entries});
        read(manifest.to_string().as_bytes()).unwrap()
    }

    /// Nothing behind the end is read: it would not even be JSON.
    #[test]
    fn lists_are_refused_where_they_become_too_long() {
        for list in ["entries", "portfolios", "quarantine"] {
            let text = format!("{{\"format\": 1, \"{list}\": [{}?", "0,".repeat(MOST_ENTRIES + 1));
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("longer than 32768"), "{list}: {error}");
        }
        for map in ["devices", "operations"] {
            let text = format!("{{\"format\": 1, \"{map}\": {{{}?", "\"x\":0,".repeat(MOST_ENTRIES + 1));
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("longer than 32768"), "{map}: {error}");
        }
    }

    #[test]
    fn long_items_are_skipped_unread() {
        let long = "x".repeat(MOST_ITEM_BYTES);
        let mut wordy = entry(1, 0, 2);
        wordy["template"] = long.clone().into();
        let (manifest, skipped) = read_all(&operation(&[]), &[wordy, entry(2, 0, 2)]);
        assert_eq!((manifest.entries.len(), skipped.len()), (1, 1), "{skipped:?}");
        assert!(skipped[0].why.contains("more than 65536"), "{skipped:?}");
        // A warning is heeded however long it is.
        let warning = json!({"format": 1, "quarantine": [{"program": "0".repeat(64), "why": long}]});
        let (manifest, skipped) = read(warning.to_string().as_bytes()).unwrap();
        assert!(manifest.quarantine[0].why.contains("more than 65536") && skipped.is_empty());
    }

    #[test]
    fn formulas_of_an_operation_are_bounded_together() {
        for (sizes, is_kept) in [(5, true), (6, false)] {
            let (manifest, skipped) = read_all(&operation(&vec![sum(101); sizes]), &[entry(1, 0, 2)]);
            assert_eq!(manifest.entries.len() == 1, is_kept, "{skipped:?}");
            let told = format!("more than {MOST_OPERATION_TERMS} numbers");
            assert_eq!(skipped.iter().any(|skipped| skipped.why.contains(&told)), !is_kept, "{skipped:?}");
        }
    }

    #[test]
    fn formulas_of_an_index_are_bounded_together() {
        const OF_ONE: usize = 32 * 200;
        let fit = (MOST_MANIFEST_TERMS - 1) / OF_ONE;
        let mut entries: Vec<Value> = (0..fit + 2).map(|number| entry(number, 32, 200)).collect();
        entries.push(entry(fit + 2, 0, 2));
        let (manifest, skipped) = read_all(&operation(&[]), &entries);
        assert_eq!((manifest.entries.len(), skipped.len()), (fit + 1, 2), "{skipped:?}");
        assert!(skipped[0].why.contains("more than 1048576 numbers"), "{skipped:?}");
        assert!(manifest.entries.last().unwrap().admits.conditions.is_empty());
    }
}
