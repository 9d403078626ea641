//! Recorded tuning spaces: the trials of a kernel on a device as data, and the file formats that they are exchanged in.

mod kernel_tuner;

use std::sync::Arc;

use crate::record::Rejection;
use crate::search::Trial;
use crate::space::{Param, Space, SpaceError, Value};

pub use kernel_tuner::read;

/// What was recorded of one kernel on one device: every config that was tried, and how it did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The kernel or workload.
    pub kernel: String,
    /// What it ran on.
    pub device: String,
    /// The parameters in order, each with its values in the order in which they lie beside each other.
    pub params: Vec<Param>,
    /// The configs that were tried. All others count as illegal.
    pub entries: Vec<Entry>,
}

/// How one config did.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// A value for each parameter, in their order.
    pub values: Vec<Value>,
    /// Its time in nanoseconds (the mean or median that the recording states), or how it was rejected.
    pub result: Result<f64, Rejection>,
    /// The single measurements in nanoseconds, where they are known.
    pub samples_ns: Vec<f64>,
}

impl Recording {
    /// The space of exactly the configs that were tried, and their trials in it.
    ///
    /// # Errors
    /// When parameters or values make no space.
    pub fn space(&self) -> Result<(Arc<Space>, Vec<Trial>), SpaceError> {
        let rows = self.entries.iter().map(|entry| entry.values.clone());
        let space = Arc::new(Space::from_list(self.params.clone(), rows)?);
        let trial = |entry: &Entry| {
            let names = self.params.iter().map(|param| param.name.clone());
            let config = space.config(&names.zip(entry.values.iter().cloned()).collect())?;
            Ok(Trial { config, result: entry.result.clone().map_err(|rejection| rejection.stage) })
        };
        let trials = self.entries.iter().map(trial).collect::<Result<Vec<Trial>, SpaceError>>()?;
        Ok((space, trials))
    }

    /// The smallest time in nanoseconds; `None` if nothing was timed.
    pub fn best_ns(&self) -> Option<f64> {
        self.entries.iter().filter_map(|entry| entry.result.as_ref().ok().copied()).min_by(f64::total_cmp)
    }
}
