//! The index of a pack: everything that choosing needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Device, DeviceMatch, Entry, Operation, PartHash};

/// The format that this crate reads and writes. Fields may be added to it; what changes a meaning gets another number.
pub const FORMAT: u32 = 1;

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Manifest {
    /// The [`FORMAT`].
    pub format: u32,
    /// What the pack is called.
    pub name: String,
    /// The program that made it, with its version.
    #[serde(default)]
    pub tool: String,
    /// The version of naga that the texts were checked with.
    #[serde(default)]
    pub naga: String,
    /// The version of wgpu that measured.
    #[serde(default)]
    pub wgpu: String,
    /// Under which licence the texts are, as an SPDX expression.
    #[serde(default)]
    pub licence: String,
    /// When the first of the records was made that it was built from, in milliseconds since 1970.
    #[serde(default)]
    pub first_ms: u64,
    /// When the last of the records was made that it was built from, in milliseconds since 1970.
    #[serde(default)]
    pub last_ms: u64,
    /// Who measured, by id.
    #[serde(default)]
    pub devices: BTreeMap<String, Device>,
    /// What is computed, by id.
    #[serde(default)]
    pub operations: BTreeMap<String, Operation>,
    /// What there is to choose from.
    #[serde(default)]
    pub entries: Vec<Entry>,
    /// What to try on devices that nobody measured on.
    #[serde(default)]
    pub portfolios: Vec<Portfolio>,
    /// What must not be used.
    #[serde(default)]
    pub quarantine: Vec<Quarantine>,
}

/// A few entries of one operation that together stay close to each known device's own best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Portfolio {
    /// The id of the operation.
    pub operation: String,
    /// The ids of the entries, the best compromise first.
    pub entries: Vec<String>,
    /// How much slower than a device's own best the best of them is at worst: 0.04 for 4 %.
    #[serde(default)]
    pub regret: f64,
    /// How many devices it was chosen over.
    #[serde(default)]
    pub of_devices: u32,
}

/// A program that has failed on some devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quarantine {
    /// Which program.
    pub program: PartHash,
    /// On which devices; on all where nothing is said.
    #[serde(default)]
    pub device: DeviceMatch,
    /// What happened.
    #[serde(default)]
    pub why: String,
}

impl Portfolio {
    /// What is wrong with it in itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.entries.iter().try_for_each(|id| Entry::check_id(id))
    }
}

impl Manifest {
    /// An index without entries.
    pub fn new(name: &str) -> Self {
        Self {
            format: FORMAT,
            name: name.to_owned(),
            tool: String::new(),
            naga: String::new(),
            wgpu: String::new(),
            licence: String::new(),
            first_ms: 0,
            last_ms: 0,
            devices: BTreeMap::new(),
            operations: BTreeMap::new(),
            entries: Vec::new(),
            portfolios: Vec::new(),
            quarantine: Vec::new(),
        }
    }

    /// The device that an entry was measured on; none for a portable default.
    pub fn device_of(&self, entry: &Entry) -> Option<&Device> {
        self.devices.get(entry.device.as_ref()?)
    }

    /// What is wrong with an entry in itself, or beside the devices and operations.
    pub(crate) fn check_entry(&self, entry: &Entry) -> Result<(), String> {
        if entry.device.as_ref().is_some_and(|id| !self.devices.contains_key(id)) {
            return Err("its device is not in the pack, or cannot be read".to_owned());
        }
        let operation = self.operations.get(&entry.operation);
        let operation = operation.ok_or("its operation is not in the pack, or cannot be read")?;
        entry.check(operation)
    }
}
