//! What a campaign has found: plain data, as it lies in `results.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::DeviceIdentity;
use crate::base::stats::{Estimate, median_interval};
use crate::op::Work;
use crate::record::{Clock, Mode, Record, Vendor};
use crate::report::{self, Roofline};
use crate::space::Value;
use crate::tune::{StopReason, Tuned, Versus, raced_speedup};

/// The version of [`Results`]' fields and their meaning.
pub const RESULTS_FORMAT: u32 = 1;

/// All rows of a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The [`RESULTS_FORMAT`] it was written in.
    pub format: u32,
    /// Version of the program that measured last.
    pub tool: String,
    /// What to type to make it, or to go on.
    pub command: String,
    /// What was measured.
    pub device: DeviceIdentity,
    /// Wall time of all its runs so far, in seconds.
    pub spent_s: f64,
    /// What there was of the libraries of the device's vendor in the newest run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
    /// One for each workload.
    pub rows: Vec<Row>,
}

/// One workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its line of text.
    pub workload: String,
    /// Operations of one run; 0 where nobody knows.
    pub flops: f64,
    /// Bytes of all inputs and outputs, each touched once.
    pub bytes: f64,
    /// How far it is.
    #[serde(flatten)]
    pub state: State,
}

/// How far a workload is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// There was no time for it yet.
    Waiting,
    /// It cannot be tuned here.
    Failed {
        /// Why, as a sentence.
        why: String,
    },
    /// There is a result.
    Tuned(Box<Found>),
}

/// The result of one workload; every number is from its newest final race.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// `operator/name` of the winner's template.
    pub template: String,
    /// The winner's config.
    pub values: BTreeMap<String, Value>,
    /// Hash of the winner's program.
    pub code_hash: String,
    /// The winner's time in nanoseconds, without run-time checks.
    pub time_ns: Estimate,
    /// What it was timed by.
    #[serde(default = "usual")]
    pub clock: Clock,
    /// Its rate in words.
    pub rate: String,
    /// The share of the roofline that it reaches, where the device was probed.
    pub roofline: Option<f64>,
    /// How many times faster than the default.
    pub over_default: Option<Estimate>,
    /// How many times faster than the naive kernel.
    pub over_naive: Option<Estimate>,
    /// Whether the default stays since nothing is measurably faster.
    pub keeps_default: bool,
    /// The winner's time in nanoseconds with run-time checks, as in browsers.
    pub checked_ns: Option<Estimate>,
    /// How many times faster than the default it is there.
    pub checked_over_default: Option<Estimate>,
    /// Configs that were tried.
    pub trials: usize,
    /// Why the last search ended.
    pub stop: StopReason,
    /// Searches that it has had.
    pub turns: u64,
    /// The winner against the routines of the device's vendor, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<Versus>,
}

/// What results had before they told.
fn usual() -> Clock {
    Clock::Device
}

impl Row {
    /// A workload that waits for its turn.
    pub fn waiting(workload: String, work: &Work) -> Self {
        Self { workload, flops: work.flops, bytes: work.bytes, state: State::Waiting }
    }

    /// Its result, if it has one.
    pub fn found(&self) -> Option<&Found> {
        match &self.state {
            State::Tuned(found) => Some(found),
            State::Waiting | State::Failed { .. } => None,
        }
    }
}

impl Found {
    /// What a run found after so many turns; `None` where no candidate was both right and timed.
    pub(super) fn of(tuned: &Tuned, work: &Work, roof: Option<Roofline>, turns: u64) -> Option<Self> {
        let best = tuned.best(Mode::UNCHECKED)?;
        let over = |base: Option<&Record>, new: Option<&Record>| raced_speedup(base?, new?);
        let (time_ns, clock) = (median_interval(best.outcome.samples_ns()), best.outcome.clock()?);
        let checked = tuned.finalist(&best.code_hash, Mode::CHECKED);
        let checked = checked.filter(|record| record.outcome.median_ns().is_some());
        Some(Self {
            template: best.template.clone(),
            values: best.values.clone(),
            code_hash: best.code_hash.clone(),
            time_ns,
            clock,
            rate: report::taken_rate(work, time_ns.value, clock),
            roofline: roof.map(|roof| roof.share(work, time_ns.value)),
            over_default: over(tuned.default(Mode::UNCHECKED), Some(best)),
            over_naive: over(tuned.naive(Mode::UNCHECKED), Some(best)),
            keeps_default: tuned.keeps_default(Mode::UNCHECKED),
            checked_ns: checked.map(|record| median_interval(record.outcome.samples_ns())),
            checked_over_default: over(tuned.default(Mode::CHECKED), checked),
            trials: tuned.trials,
            stop: tuned.stop,
            turns,
            versus: None,
        })
    }

    /// Whether a search of so many trials has nothing left to try.
    pub(super) fn is_over(&self, trials: usize) -> bool {
        match self.stop {
            StopReason::Exhausted | StopReason::Refused => true,
            StopReason::Trials => self.trials >= trials,
            StopReason::Time | StopReason::Interrupted => false,
        }
    }

    /// The winner's config as words.
    pub fn config(&self) -> String {
        self.values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }
}
