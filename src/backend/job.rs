//! What crosses to a machine and what comes back: plain serialisable data.

use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::ExpectedFile;
use crate::base::{Contents, ElementType, Fill, TensorSpec};
use crate::code::{Program, Symbols};
use crate::record::{Clock, Mode, Numerics, Outcome, Rejection, Stage};

/// Bytes after the elements of every input and output, inside the bound range: NaN after inputs, a pattern that must
/// survive after outputs. Drivers clip accesses to the bound range, so a guard outside it would see nothing.
pub const GUARD_BYTES: u64 = 256;

/// Programs for one workload, the data they run on, and what to do with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What is to be checked and timed, side by side.
    pub entrants: Vec<Entrant>,
    /// The sizes that uniform blocks and grids name.
    pub symbols: Symbols,
    /// What is timed on: one for each input of the workload.
    pub inputs: Vec<BufferRule>,
    /// One for each output of the workload.
    pub outputs: Vec<BufferRule>,
    /// Checks of results, in order: those before timing, then those after. An entrant that fails one is out.
    pub gates: Vec<Gate>,
    /// The entrants that are too plain to be wrong where others are; with the first of them the others must agree.
    pub naive: Vec<usize>,
    /// How to time; `None` to check only.
    pub timing: Option<Timing>,
    /// A verified program that is timed in each round beside the entrants, so that their times can be told apart from
    /// the machine's pace. It has no report of its own.
    pub sentinel: Option<Entrant>,
    /// Where the results of the first entrant on [`Job::inputs`] go, once the checks before timing are over: two runs must
    /// agree bit for bit unless it promises less. Where it is rejected, nothing is written. In UTF-8;
    /// [`read_kept`](super::read_kept) reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<PathBuf>,
    /// When to give up.
    pub deadlines: Deadlines,
    /// Seed of the order in which entrants are timed in each round.
    pub seed: u64,
}

/// One program in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entrant {
    /// What to run.
    pub program: Program,
    /// How to compile it.
    pub mode: Mode,
    /// What it promises of its results.
    pub numerics: Numerics,
    /// Split its grids so that no dispatch has more workgroups than this; those that an author declared are never split.
    pub most_workgroups: Option<u64>,
}

impl Job {
    /// How many copies of the inputs entrants with cold caches cycle through; none where caches are warm.
    pub fn cold_copies(&self) -> u64 {
        let bytes = self.timing.and_then(|timing| timing.cold_bytes);
        let inputs = || self.inputs.iter().map(BufferRule::data_bytes).fold(0, u64::saturating_add);
        bytes.map_or(0, |bytes| cold_copies(inputs(), bytes))
    }
}

/// How many copies of inputs of `input_bytes` make up `cold_bytes`; at least two, so that none follows itself.
pub fn cold_copies(input_bytes: u64, cold_bytes: u64) -> u64 {
    cold_bytes.div_ceil(input_bytes.max(1)).max(2)
}

impl Entrant {
    /// A program that promises exact sums and whose grids need no splitting.
    pub fn whole(program: Program, mode: Mode) -> Self {
        Self { program, mode, numerics: Numerics::Exact, most_workgroups: None }
    }
}

/// How a buffer is made: inputs are filled, outputs are poisoned before each checked run. An output with a fill or a
/// file is in-out: it has these contents before each checked run and each timed pass. Repeats within a pass start from
/// what the run before has left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BufferRule {
    /// The tensor's name.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// How many there are.
    pub elements: u64,
    /// The rule for its contents; `None` for an output.
    pub fill: Option<Fill>,
    /// Where its contents lie, instead of a rule for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Contents>,
}

impl BufferRule {
    /// An input, filled by this rule.
    pub fn input(tensor: &TensorSpec, fill: Fill) -> Self {
        Self { fill: Some(fill), ..Self::output(tensor) }
    }

    /// An output.
    pub fn output(tensor: &TensorSpec) -> Self {
        let (name, elements) = (tensor.name.clone(), tensor.elements());
        Self { name, element: tensor.element, elements, fill: None, file: None }
    }

    /// An input or an in-out buffer with the contents of a file.
    pub fn from_file(tensor: &TensorSpec, file: Contents) -> Self {
        Self { file: Some(file), ..Self::output(tensor) }
    }

    /// Whether it has contents of its own, as inputs and in-out buffers have.
    pub fn is_filled(&self) -> bool {
        self.fill.is_some() || self.file.is_some()
    }

    /// Bytes of the elements alone; the largest number where they are more.
    pub fn data_bytes(&self) -> u64 {
        self.elements.saturating_mul(self.element.bytes())
    }

    /// Bytes of the whole buffer: elements, padding to whole vectors, guard. The largest number where they are more.
    pub fn buffer_bytes(&self) -> u64 {
        self.data_bytes().checked_next_multiple_of(16).map_or(u64::MAX, |bytes| bytes.saturating_add(GUARD_BYTES))
    }
}

/// One check of results: inputs, and what must come of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What the inputs are like, for messages.
    pub name: String,
    /// One for each input of the workload.
    pub inputs: Vec<BufferRule>,
    /// Whom it concerns: the entrants that promise just this.
    pub numerics: Numerics,
    /// The true values with the error allowed, in a file so that no tensor crosses a pipe.
    pub expected: ExpectedFile,
    /// Runs whose outputs must equal each other bit for bit; at least 1.
    pub runs: u32,
    /// Whether correct results are all equal and the truth is known of a sample only: then those of
    /// [`Job::naive`] stand for the rest.
    pub agreement: bool,
    /// Whether it concerns [`Job::naive`] too, which is too plain for some mistakes.
    pub even_naive: bool,
    /// Before anything is timed, or afterwards, when caches and clocks are in the state that was timed.
    pub when: When,
}

/// When a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Before timing: a wrong entrant is not timed.
    Before,
    /// After timing: a wrong entrant loses its samples.
    After,
}

/// How samples are taken: in rounds of one sample per entrant, in random order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Taken whatever the budget says.
    pub least_samples: usize,
    /// Not exceeded whatever the precision is.
    pub most_samples: usize,
    /// Stop when half the interval of each median is below this share of it. With elimination: when nobody is left who
    /// may be faster than the leader by more than this share.
    pub precision: f64,
    /// Stop sampling after this long, once there are the least samples; after five times as long, the fewest will do.
    pub budget_ns: f64,
    /// Taken even of slow programs. Nobody is called slower with fewer, and a race that tells by elimination who is faster
    /// ends for lack of time with six at least.
    pub fewest_samples: usize,
    /// Repeat the program within one pass until the pass takes this long.
    pub least_pass_ns: f64,
    /// Stop sampling an entrant when two samples are slower than this, or one of a long pass is slower than twice this.
    pub hopeless_ns: Option<f64>,
    /// Stop sampling entrants that are slower than the leader of their mode.
    pub elimination: Option<Elimination>,
    /// Entrants whose mode has cold caches cycle through copies of the inputs of at least so many bytes together.
    pub cold_bytes: Option<u64>,
}

/// Who may leave a race early, and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Elimination {
    /// The first so many entrants stay until they have the least samples or their mode is decided: what others are
    /// compared with.
    pub first: usize,
}

/// How long each phase may take before the entrant is rejected. Within one process an overrun is noticed, not ended:
/// what is being compiled or run is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deadlines {
    /// For compiling, in milliseconds.
    pub compile_ms: u64,
    /// For one run, in milliseconds.
    pub run_ms: u64,
    /// For making inputs and buffers, and for reading what is expected, in milliseconds.
    pub data_ms: u64,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { compile_ms: 30_000, run_ms: 20_000, data_ms: 60_000 }
    }
}

/// What became of a job: one report per entrant, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobReport {
    /// One for each entrant, in order.
    pub entrants: Vec<EntrantReport>,
    /// Where the time went.
    pub spent: Spent,
    /// How the samples were taken.
    #[serde(default)]
    pub conditions: Conditions,
}

/// How the samples of a job were taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// The step of the clock in nanoseconds, once it is known: it takes some short passes to see it.
    pub resolution_ns: Option<f64>,
    /// What submissions of nothing took by the host's clock, in nanoseconds: told by the job that finds out the clock's step,
    /// so once per opened device.
    #[serde(default)]
    pub submissions_ns: Vec<f64>,
    /// Pairs of timestamps that were zero or reversed, or longer than the host saw, and were taken again.
    pub impossible: u64,
    /// The sentinel's time in nanoseconds in each round: where it was not sampled, its newest. Empty without one.
    pub sentinel_ns: Vec<f64>,
}

/// What became of one entrant. Without timing in the job, `outcome` holds no samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntrantReport {
    /// Its samples, or why it has none.
    pub outcome: Outcome,
    /// How its results compared with the truth, where they were checked and right.
    pub verified: Option<Verified>,
    /// Time of the prepare part, run once before the check, where there is one.
    pub prepare_ns: Option<f64>,
    /// What the machine chose by itself, such as a library's algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
}

/// How a checked result compares with the truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// The largest error as a share of the error allowed; at most 1.
    pub worst: f64,
    /// Elements that were compared.
    pub compared: u64,
}

impl Verified {
    /// Nothing has been compared yet.
    pub const NOTHING: Self = Self { worst: 0.0, compared: 0 };

    /// Both comparisons together.
    pub fn and(self, other: Self) -> Self {
        Self { worst: self.worst.max(other.worst), compared: self.compared + other.compared }
    }
}

/// Where the time of a job went, in nanoseconds of wall time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Making modules and pipelines.
    pub compile_ns: f64,
    /// Making buffers, prepare parts, and checked runs.
    pub gate_ns: f64,
    /// Warm-up and timed samples.
    pub run_ns: f64,
}

impl JobReport {
    /// A report in which every entrant fails for the same reason.
    pub fn failed(job: &Job, rejection: &Rejection) -> Self {
        let entrants = job.entrants.iter().map(|_| EntrantReport::rejected(rejection.clone())).collect();
        Self { entrants, spent: Spent::default(), conditions: Conditions::default() }
    }
}

impl EntrantReport {
    /// The report of an entrant that has been compiled and no more.
    pub fn running() -> Self {
        let outcome = Outcome::Timed { samples_ns: Vec::new(), clock: Clock::Device };
        Self { outcome, verified: None, prepare_ns: None, told: None }
    }

    /// Whether it has not been rejected.
    pub fn is_running(&self) -> bool {
        matches!(self.outcome, Outcome::Timed { .. })
    }

    /// Whether it was rejected there.
    pub fn is_rejected_at(&self, stage: Stage) -> bool {
        matches!(&self.outcome, Outcome::Rejected(rejection) if rejection.stage == stage)
    }

    /// The report of an entrant that did not get as far as running.
    pub fn rejected(rejection: Rejection) -> Self {
        Self { outcome: Outcome::Rejected(rejection), verified: None, prepare_ns: None, told: None }
    }
}

/// Wall time since then.
pub fn nanoseconds_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_fill_what_is_to_be_cold() {
        for (input, cold, want) in [(1 << 20, 256 << 20, 256), (3, 10, 4), (100, 10, 2), (0, 10, 10)] {
            assert_eq!(cold_copies(input, cold), want, "{input} in {cold}");
        }
    }
}
