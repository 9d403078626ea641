//! One entry of the index: what choosing needs to know of a program that was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::quoted;
use crate::hash::{from_hexadecimal, short_id};
use crate::{Admits, Dims, Needs, Operation, PartHash, Symbols};

/// A program for one operation, with where it was measured and what it stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// What it is called: see [`Entry::identify`].
    pub id: String,
    /// The id of what it computes.
    pub operation: String,
    /// The id of the device that it was measured on; none for a portable default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether it is what a search found, or what one begins with.
    pub role: Role,
    /// What emitted it: `matmul/tiled`.
    pub template: String,
    /// The sizes of the operation's free dims at which it was measured.
    pub measured: Dims,
    /// The sizes for which it is valid.
    pub admits: Admits,
    /// Its program: `programs/<hash>.json`.
    pub program: PartHash,
    /// How it came about: `evidence/<hash>.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<PartHash>,
    /// What a device must have.
    #[serde(default)]
    pub needs: Needs,
    /// What was measured, by mode; a mode that was not measured is absent.
    #[serde(default)]
    pub times: BTreeMap<Mode, Times>,
}

/// Whether a program is what a search found, or what one begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Found by a search.
    Tuned,
    /// What is right everywhere and fast nowhere in particular.
    Default,
}

/// Whether the run-time checks that WebGPU asks for are compiled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Bounds checks, loop bounding and zeroed workgroup memory, as in browsers.
    #[default]
    Checked,
    /// Without them.
    Unchecked,
}

impl Mode {
    /// Its name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Unchecked => "unchecked",
        }
    }
}

/// What was measured in one mode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Times {
    /// What it was measured by.
    pub clock: Clock,
    /// The median time of one run, in nanoseconds.
    pub median_ns: f64,
    /// The lower end of the interval of the median, in nanoseconds.
    pub low_ns: f64,
    /// The upper end of the interval of the median, in nanoseconds.
    pub high_ns: f64,
    /// The median time of the default beside it, in nanoseconds.
    pub default_ns: f64,
    /// How many times as fast as the default it is: the lower end of the interval, the value, the upper end. Above 1 it is
    /// faster.
    pub ratio_to_default: [f64; 3],
}

/// What samples were taken by. Times of different clocks are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Timestamp queries of the device.
    Device,
    /// The host's clock around submission and completion.
    Host,
}

impl Entry {
    /// What the entry should be called: the first 16 hexadecimal digits of the SHA-256 of the sorted JSON of operation,
    /// device, program and measured sizes.
    pub fn identify(&self) -> String {
        let Self { operation, device, program, measured, .. } = self;
        short_id(&json!({ "operation": operation, "device": device, "program": program, "measured": measured }))
    }

    /// Whether it is valid for these sizes of the free dims.
    pub fn admits(&self, operation: &Operation, dims: &Dims) -> bool {
        let holds = |symbols: Symbols| self.admits.holds(&symbols);
        self.admits.covers(&self.measured, dims)
            && (self.admits.conditions.is_empty() || operation.symbols(dims).is_some_and(holds))
    }

    /// The same with the operation's symbols at these sizes: whoever asks many entries makes them once.
    pub(crate) fn admits_at(&self, dims: &Dims, symbols: &Symbols) -> bool {
        self.admits.covers(&self.measured, dims) && self.admits.holds(symbols)
    }

    /// How far these sizes are from the measured ones: the Euclidean distance of their logarithms, so 0.69 for one dim
    /// twice as large. None lie between nothing and something.
    pub fn distance(&self, dims: &Dims) -> Option<f64> {
        let squares = dims.iter().map(|(name, size)| match (*self.measured.get(name)?, *size) {
            (measured, size) if measured == size => Some(0.0),
            (0, _) | (_, 0) => None,
            (measured, size) => Some((size as f64 / measured as f64).ln().powi(2)),
        });
        squares.sum::<Option<f64>>().map(f64::sqrt)
    }

    /// What is wrong with a text as an entry's id: it becomes a file's name, and is shown.
    pub(crate) fn check_id(id: &str) -> Result<(), String> {
        let expected = "expected 16 hexadecimal digits in lower case";
        let refuse = || format!("`{}` is no id: {expected}", quoted(id).escape_default());
        from_hexadecimal::<8>(id).map(drop).ok_or_else(refuse)
    }

    /// What is wrong with it in itself, or beside what it computes.
    pub(crate) fn check(&self, operation: &Operation) -> Result<(), String> {
        if !self.measured.keys().eq(operation.free.keys()) {
            return Err("it was not measured at sizes of the free dims".to_owned());
        }
        self.admits.check(operation)?;
        let symbols = operation.symbols(&self.measured);
        let symbols = symbols.ok_or("the measured sizes have no value in the operation's formulas")?;
        if !self.admits_at(&self.measured, &symbols) {
            return Err("its predicate does not admit the sizes at which it was measured".to_owned());
        }
        self.times.values().try_for_each(Times::check)
    }
}

impl Times {
    fn check(&self) -> Result<(), String> {
        let [low, value, high] = self.ratio_to_default;
        let numbers = [self.median_ns, self.low_ns, self.high_ns, self.default_ns, low, value, high];
        let ordered = self.low_ns <= self.median_ns && self.median_ns <= self.high_ns && low <= value && value <= high;
        if ordered && numbers.iter().all(|number| number.is_finite() && *number > 0.0) {
            return Ok(());
        }
        Err("its times are no positive numbers in order".to_owned())
    }
}
