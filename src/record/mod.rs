//! What is known about one trial: outcome, stage, mode, record. Plain serialisable data.

mod foresight;
mod numerics;
mod probe;
mod vendor;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::{DeviceIdentity, DeviceKind};
use crate::space::Value;

pub use foresight::{Insight, Oracle, Prior};
pub use numerics::Numerics;
pub use probe::{Missing, PROBE_FORMAT, Probe, Quantity, Reading, Unit};
pub use vendor::{Library, Vendor};

/// The version of [`Record`]'s fields and their meaning.
pub const RECORD_FORMAT: u32 = 1;

/// Where a candidate was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// A limit of the device or its driver, known before anything is compiled.
    Limits,
    /// naga refuses the text.
    Validate,
    /// The device's compiler refuses it.
    Compile,
    /// The device refuses or loses it while it runs.
    Run,
    /// The result is wrong.
    Verify,
    /// It took longer than its deadline.
    Timeout,
    /// It took the process with it that ran it.
    Crash,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 7] =
        [Self::Limits, Self::Validate, Self::Compile, Self::Run, Self::Verify, Self::Timeout, Self::Crash];

    /// Its name in the store and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Validate => "validate",
            Self::Compile => "compile",
            Self::Run => "run",
            Self::Verify => "verify",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What samples were taken by. Numbers of different clocks are never compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// Timestamp queries of the device.
    #[default]
    Device,
    /// The host's clock around submission and completion.
    Host,
    /// Cycles of a simulated accelerator: what stands for nanoseconds is a number of cycles.
    Cycles,
}

impl Clock {
    /// What trials on devices of a kind are timed by, where they can be.
    pub fn of(kind: DeviceKind) -> Self {
        if kind == DeviceKind::Accelerator { Self::Cycles } else { Self::Device }
    }

    /// Its name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Host => "host",
            Self::Cycles => "cycles",
        }
    }
}

/// Why a candidate has no time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// How far it came.
    pub stage: Stage,
    /// What a person needs to know about it.
    pub why: String,
}

impl Rejection {
    /// A rejection at a stage, for a reason.
    pub fn new(stage: Stage, why: impl Into<String>) -> Self {
        Self { stage, why: why.into() }
    }
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nanoseconds of one run of the program, each sample in the order it was taken.
    Timed {
        /// In the order in which they were taken.
        samples_ns: Vec<f64>,
        /// What they were taken by.
        clock: Clock,
    },
    /// Never timed, because it never got as far or was wrong.
    Rejected(Rejection),
}

impl Outcome {
    /// The samples in nanoseconds; none if it was rejected.
    pub fn samples_ns(&self) -> &[f64] {
        match self {
            Self::Timed { samples_ns, .. } => samples_ns,
            Self::Rejected(_) => &[],
        }
    }

    /// What it was timed by.
    pub fn clock(&self) -> Option<Clock> {
        match self {
            Self::Timed { clock, .. } => Some(*clock),
            Self::Rejected(_) => None,
        }
    }

    /// The median time in nanoseconds, if it was timed.
    pub fn median_ns(&self) -> Option<f64> {
        match self {
            Self::Timed { samples_ns, .. } => Some(crate::base::stats::median(samples_ns)),
            Self::Rejected(_) => None,
        }
    }

    /// Whether it says something of the candidate, and not of a bad moment of a machine of this kind: only that is remembered.
    /// A simulator has no bad moments.
    pub fn is_lasting(&self, kind: DeviceKind) -> bool {
        kind == DeviceKind::Accelerator || !matches!(self, Self::Rejected(Rejection { stage: Stage::Run, .. }))
    }

    /// Whether it took something down or did not end: who did so is not tried again unless one asks for it.
    pub fn is_quarantined(&self) -> bool {
        matches!(self, Self::Rejected(Rejection { stage: Stage::Timeout | Stage::Crash, .. }))
    }
}

/// How a kernel was compiled and run while it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mode {
    /// Bounds checks, loop bounding and division checks compiled in, as browsers do.
    pub checks: bool,
    /// Workgroup memory zeroed at the start of each workgroup.
    pub zero_init: bool,
    /// The state of the caches when a sample begins.
    pub cache: CacheState,
}

impl Mode {
    /// As fast as the device allows: how candidates are searched.
    pub const UNCHECKED: Mode = Mode { checks: false, zero_init: false, cache: CacheState::Warm };
    /// As safe as WebGPU asks: how browsers run.
    pub const CHECKED: Mode = Mode { checks: true, zero_init: true, cache: CacheState::Warm };

    /// Its name for people.
    pub fn name(self) -> &'static str {
        if self.checks { "checked" } else { "unchecked" }
    }

    /// The same with caches in this state.
    pub fn with_cache(self, cache: CacheState) -> Self {
        Self { cache, ..self }
    }
}

/// Whether inputs lay in the device's caches when a sample began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheState {
    /// As the run before on the same inputs has left them.
    #[default]
    Warm,
    /// Full of other inputs: runs cycle through copies that together are larger than the last-level cache.
    Cold,
}

/// In which part of a run a measurement was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// One candidate after the other.
    Search,
    /// The best ones, the default and the naive kernel side by side: sample i of all of them is round i.
    Final,
    /// The best of the search side by side, those that are slower than the leader leaving early: sample i of all is round i.
    Knockout,
    /// A stored winner beside the default once more. It chooses no winner; but a config that it rejects is no longer
    /// trusted.
    Recheck,
    /// A run of a repeat check, its search and its race. It chooses no winner, and is never recalled.
    Repeat,
    /// Nowhere here: read from a file that another program or another store has written. Never taken for a measurement.
    Imported,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Phase; 6] =
        [Self::Search, Self::Knockout, Self::Final, Self::Recheck, Self::Repeat, Self::Imported];

    /// Its name in the store and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Knockout => "knockout",
            Self::Final => "final",
            Self::Recheck => "recheck",
            Self::Repeat => "repeat",
            Self::Imported => "imported",
        }
    }
}

/// One trial, self-contained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The [`RECORD_FORMAT`] it was written in.
    pub format: u32,
    /// Version of the program that measured.
    pub tool: String,
    /// The workload's line of text.
    pub workload: String,
    /// `operator/name` of what emitted the program.
    pub template: String,
    /// The config's values by parameter name.
    pub values: BTreeMap<String, Value>,
    /// Hash of the emitted program.
    pub code_hash: String,
    /// What it was measured on.
    pub device: DeviceIdentity,
    /// How the program was compiled.
    pub mode: Mode,
    /// In which part of the run.
    pub phase: Phase,
    /// Its samples, or why there are none.
    pub outcome: Outcome,
    /// Time of the program's prepare part, run once, where it has one.
    pub prepare_ns: Option<f64>,
    /// The largest error of the checked result as a share of the error allowed, where it was checked and right.
    pub worst_error: Option<f64>,
    /// The strategy that asked for it.
    pub strategy: String,
    /// What decided the search and the contents of the inputs.
    pub seed: u64,
    /// Number of the trial within its run, from 0; in a final race, how many trials came before.
    pub trial: u64,
    /// Which run of the program it belongs to; records of one final race share it.
    pub run: u64,
    /// When it ended, in milliseconds since 1970.
    pub at_ms: u64,
    /// The sentinel's time during the trial over its reference, where there was a sentinel: above 1 the machine was slow.
    #[serde(default)]
    pub pace: Option<f64>,
    /// Whether its final race chose it: the fastest if it is measurably faster than the default, else the default.
    #[serde(default)]
    pub chosen: bool,
}

impl Record {
    /// The median time in nanoseconds at the sentinel's reference pace, if it was timed: what trials of one search are
    /// compared by.
    pub fn paced_ns(&self) -> Option<f64> {
        Some(self.outcome.median_ns()? / self.pace.unwrap_or(1.0))
    }
}
