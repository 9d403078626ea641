//! What a device can do at most, as fixed kernels found it. Plain serialisable data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::stats::Estimate;
use crate::base::{DeviceIdentity, ElementType};

/// The version of [`Probe`]'s fields and their meaning.
pub const PROBE_FORMAT: u32 = 1;

/// What is asked of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Multiply-adds on values of a type that touch no memory; each counts as two operations.
    Arithmetic(ElementType),
    /// The same on one thread of a processor of several.
    ThreadArithmetic(ElementType),
    /// Copying a buffer that is larger than caches; bytes read and bytes written both count.
    Copy,
    /// The same by one thread of a processor.
    ThreadCopy,
    /// Reading such a buffer.
    Read,
    /// The same by one thread of a processor.
    ThreadRead,
    /// Reading, by all threads, what lies in a processor's cache of this level, 1 being the smallest.
    Cache(u8),
    /// The same by one thread.
    ThreadCache(u8),
    /// Reading workgroup memory.
    WorkgroupMemory,
    /// A dispatch that does next to nothing, after another one in the same pass; on a processor, a routine on all threads.
    Dispatch,
    /// A submission of nothing, by the host's clock, until the host knows that it is over.
    Submission,
    /// The step of the clock that samples are taken by.
    ClockStep,
    /// A matmul with run-time checks over the same one without.
    Checks,
}

/// What the numbers of a quantity count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Operations in a second.
    OperationsPerSecond,
    /// Bytes in a second.
    BytesPerSecond,
    /// Nanoseconds.
    Nanoseconds,
    /// How many times.
    Times,
}

impl Quantity {
    /// What its numbers count.
    pub fn unit(self) -> Unit {
        match self {
            Self::Arithmetic(_) | Self::ThreadArithmetic(_) => Unit::OperationsPerSecond,
            Self::Copy | Self::ThreadCopy | Self::Read | Self::ThreadRead => Unit::BytesPerSecond,
            Self::Cache(_) | Self::ThreadCache(_) | Self::WorkgroupMemory => Unit::BytesPerSecond,
            Self::Dispatch | Self::Submission | Self::ClockStep => Unit::Nanoseconds,
            Self::Checks => Unit::Times,
        }
    }

    /// Whether its operations are those of floats.
    pub fn is_float(self) -> bool {
        matches!(self, Self::Arithmetic(element) | Self::ThreadArithmetic(element) if element.is_float())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Arithmetic(element) => return f.pad(&format!("{element} arithmetic")),
            Self::ThreadArithmetic(element) => return f.pad(&format!("{element} arithmetic, one thread")),
            Self::Cache(level) => return f.pad(&format!("reading L{level}")),
            Self::ThreadCache(level) => return f.pad(&format!("reading L{level}, one thread")),
            Self::Copy => "copying",
            Self::ThreadCopy => "copying, one thread",
            Self::Read => "reading",
            Self::ThreadRead => "reading, one thread",
            Self::WorkgroupMemory => "workgroup memory",
            Self::Dispatch => "a dispatch",
            Self::Submission => "a submission",
            Self::ClockStep => "the clock's step",
            Self::Checks => "run-time checks",
        };
        f.pad(name)
    }
}

/// One number of a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What it is.
    pub quantity: Quantity,
    /// The number with its 95 % interval, in the quantity's unit.
    pub value: Estimate,
    /// The times it was made from, in nanoseconds, in the order in which they were taken.
    pub samples_ns: Vec<f64>,
    /// How it was taken, in words.
    pub how: String,
}

/// A number that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What it would have been.
    pub quantity: Quantity,
    /// Why it is not.
    pub why: String,
}

/// What was found out about one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The [`PROBE_FORMAT`] it was written in.
    pub format: u32,
    /// Version of the program that measured.
    pub tool: String,
    /// What was measured.
    pub device: DeviceIdentity,
    /// Its numbers, in the order in which they were taken.
    pub readings: Vec<Reading>,
    /// What it did not tell.
    pub missing: Vec<Missing>,
    /// When it ended, in milliseconds since 1970.
    pub at_ms: u64,
}

impl Probe {
    /// The best guess of a quantity, if there is one.
    pub fn value(&self, quantity: Quantity) -> Option<f64> {
        let reading = self.readings.iter().find(|reading| reading.quantity == quantity)?;
        Some(reading.value.value)
    }
}
