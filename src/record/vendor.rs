//! What there is of a vendor's libraries on a device, or why there is nothing: plain data that a backend tells.

use serde::{Deserialize, Serialize};

/// The libraries of a device's vendor, as far as they can be used on just this device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vendor {
    /// The device and its driver as the vendor's own interface names them; empty where none was found.
    pub device: String,
    /// What can be called.
    pub libraries: Vec<Library>,
    /// What cannot and why, a sentence each.
    pub missing: Vec<String>,
}

/// One library that can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its name as routines have it, such as `cublas`.
    pub name: String,
    /// Its version, as it tells it.
    pub version: String,
}

impl Vendor {
    /// None at all, for a reason.
    pub fn none(why: impl Into<String>) -> Self {
        Self { missing: vec![why.into()], ..Self::default() }
    }

    /// The version of a library that can be called.
    pub fn version(&self, library: &str) -> Option<&str> {
        self.libraries.iter().find(|known| known.name == library).map(|known| known.version.as_str())
    }
}
