//! Recorded tuning spaces: the trials of a kernel on a device as data, and the file formats that they are exchanged in.

mod assemble;
mod error;
mod failure;
mod json;
mod kernel_tuner;
mod read;
mod records;
mod sheet;
mod t4;
mod time;
mod unit;
mod vectors;

use std::io::{self, Write};
use std::sync::Arc;

use crate::record::Rejection;
use crate::search::Trial;
use crate::space::{Param, Space, SpaceError, Value};

use time::is_time;

pub use error::{Fault, ReadError, ReadTrouble};
pub use read::{parse, read, stem};
pub use records::{Import, Mixed, UNKNOWN, identity};
pub use unit::Unit;
pub use vectors::{Vector, read_vectors};

/// What was recorded of one kernel on one device: every config that was tried, and how it did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The kernel or workload.
    pub kernel: String,
    /// What it ran on.
    pub device: String,
    /// What its numbers count. Where it is cycles, these stand for the nanoseconds below.
    pub unit: Unit,
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

/// A file format that recordings are written in. All are read as well, recognised by their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The results schema that Kernel Tuner, KTT and BaCO share.
    T4,
    /// Kernel Tuner's cache file, which its simulation mode replays.
    KernelTuner,
    /// A table with a column for each parameter.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Self::T4, Self::KernelTuner, Self::Csv];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::T4 => "t4",
            Self::KernelTuner => "kernel-tuner",
            Self::Csv => "csv",
        }
    }
}

/// Writes a recording such that [`parse`] gives the same again. CSV keeps only those values of parameters that occur.
///
/// # Errors
/// When the writer fails, and, as [`io::ErrorKind::InvalidInput`], when the format cannot hold the recording: numbers
/// that are not finite, times that are not above 0, or a parameter named like one of the format's own fields.
pub fn write(recording: &Recording, format: Format, out: &mut impl Write) -> io::Result<()> {
    recording.check_numbers()?;
    match format {
        Format::T4 => t4::write(recording, out),
        Format::KernelTuner => kernel_tuner::write(recording, out),
        Format::Csv => sheet::write(recording, out),
    }
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
            let positions = assemble::positions(&self.params, &entry.values);
            let config = positions.and_then(|positions| space.legal(&positions)).expect("the space was made from it");
            Trial { config, result: entry.result.clone().map_err(|rejection| rejection.stage) }
        };
        let trials = self.entries.iter().map(trial).collect();
        Ok((space, trials))
    }

    /// The smallest time in nanoseconds; `None` if nothing was timed.
    pub fn best_ns(&self) -> Option<f64> {
        self.entries.iter().filter_map(|entry| entry.result.as_ref().ok().copied()).min_by(f64::total_cmp)
    }

    /// Neither JSON nor other programs know numbers that are not finite, and no file is read with times of 0 or less.
    fn check_numbers(&self) -> io::Result<()> {
        let values = self.entries.iter().flat_map(|entry| &entry.values);
        let listed = self.params.iter().flat_map(|param| &param.values);
        let values = values.chain(listed).filter_map(Value::as_real);
        let times = self.entries.iter().flat_map(|entry| entry.result.iter().chain(&entry.samples_ns).copied());
        let wrong = values.filter(|number| !number.is_finite()).chain(times.filter(|ns| !is_time(*ns))).next();
        let refused = |number| Err(unfit(format!("{number} is no number that a file can hold there")));
        wrong.map_or(Ok(()), refused)
    }
}

/// That a recording does not fit into a format.
fn unfit(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
