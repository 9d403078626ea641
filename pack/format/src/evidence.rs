//! How an entry came about: what was measured, what else was tried, and how to repeat it. Choosing does not need it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Clock, Mode};

/// The evidence for one entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The workload's line of text.
    pub workload: String,
    /// The values of the template's parameters.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    /// What was measured, by mode.
    pub modes: BTreeMap<Mode, Measured>,
    /// How many candidates were tried.
    pub candidates: u64,
    /// How many of them failed, by the stage at which they did.
    #[serde(default)]
    pub failures: BTreeMap<String, Failures>,
    /// The largest error of the checked result as a share of the error allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_error: Option<f64>,
    /// The strategy that found it.
    pub strategy: String,
    /// What decided the search and the contents of the inputs.
    pub seed: u64,
    /// The command that repeats the search.
    pub command: String,
    /// When the search began, in milliseconds since 1970.
    pub run_ms: u64,
    /// When the first of the records was made, in milliseconds since 1970.
    pub first_ms: u64,
    /// When the last of the records was made, in milliseconds since 1970.
    pub last_ms: u64,
}

/// What was measured in one mode, side by side: sample i of all is round i.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measured {
    /// What samples were taken by.
    pub clock: Clock,
    /// Times of one run, in nanoseconds, in the order in which they were taken.
    pub samples_ns: Vec<f64>,
    /// Those of the default, in nanoseconds.
    pub default_samples_ns: Vec<f64>,
    /// The interval of the median, in nanoseconds.
    pub interval_ns: [f64; 2],
    /// The next best ones.
    #[serde(default)]
    pub runners_up: Vec<RunnerUp>,
}

/// A candidate that came close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunnerUp {
    /// What emitted it.
    pub template: String,
    /// The values of the template's parameters.
    pub values: BTreeMap<String, Value>,
    /// Its median time, in nanoseconds.
    pub median_ns: f64,
}

/// Candidates that failed at one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// The most common reason.
    pub why: String,
}
