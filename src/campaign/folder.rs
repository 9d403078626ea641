//! The folder of a campaign: what lies in it, and how it is written so that no reader meets half a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::CampaignError;
use super::markdown::markdown;
use super::results::{RESULTS_FORMAT, Results};
use crate::base::{DeviceFacts, DeviceIdentity};
use crate::record::Probe;

/// A campaign's folder, which belongs to one device.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    /// What an earlier run has found, if there was one.
    pub(super) past: Option<Results>,
}

impl Folder {
    /// The folder of that name, made where there is none yet.
    ///
    /// # Errors
    /// When it cannot be made, or holds what cannot be read or is of another device: then nothing in it is changed.
    pub fn open(path: &Path, device: &DeviceIdentity) -> Result<Self, CampaignError> {
        fs::create_dir_all(path).map_err(|error| unwritten(path, error))?;
        Ok(Self { path: path.to_owned(), past: read(path, device)? })
    }

    /// Where its store lies.
    pub fn store(&self) -> PathBuf {
        self.path.join("trials.db")
    }

    /// Writes what is known of the device.
    pub(super) fn write_device(&self, facts: &DeviceFacts, probe: &Probe) -> Result<(), CampaignError> {
        self.write("device.json", &json(facts))?;
        self.write("probe.json", &json(probe))
    }

    /// Writes the results, for programs and for people.
    pub(super) fn write_results(&self, results: &Results, probe: &Probe) -> Result<(), CampaignError> {
        self.write(RESULTS, &json(results))?;
        self.write("results.md", &markdown(results, probe))
    }

    /// Writes a file beside its place and then moves it there, synced: who looks finds the old one or the new one.
    fn write(&self, name: &str, text: &str) -> Result<(), CampaignError> {
        let (path, unfinished) = (self.path.join(name), self.path.join(format!("{name}.part")));
        let write = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(|error| unwritten(&path, error))
    }
}

fn read(folder: &Path, device: &DeviceIdentity) -> Result<Option<Results>, CampaignError> {
    let path = folder.join(RESULTS);
    let unread = |why: String| CampaignError::Unread { path: path.clone(), why };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| unread(error.to_string()))?,
    };
    let results: Results = serde_json::from_str(&text).map_err(|error| unread(error.to_string()))?;
    if results.format != RESULTS_FORMAT {
        return Err(unread(format!("it has format {}, and this version writes {RESULTS_FORMAT}", results.format)));
    }
    if results.device != *device {
        let (theirs, ours) = (told(&results.device), told(device));
        return Err(CampaignError::Elsewhere { path: folder.to_owned(), theirs, ours });
    }
    Ok(Some(results))
}

fn unwritten(path: &Path, error: io::Error) -> CampaignError {
    CampaignError::Unwritten { path: path.to_owned(), error }
}

const RESULTS: &str = "results.json";

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plain data serialises") + "\n"
}

fn told(device: &DeviceIdentity) -> String {
    format!("{} ({} {} {})", device.adapter, device.api, device.driver, device.driver_info)
}
