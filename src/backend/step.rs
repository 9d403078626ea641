//! What a backend is about to do: told beforehand, so that a supervisor knows whom to blame when it never ends.

use serde::{Deserialize, Serialize};

use super::Deadlines;

/// A thing that may never end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Whose it is, as its place in the job; `None` for what all entrants share.
    pub entrant: Option<usize>,
    /// What it is.
    pub kind: StepKind,
}

/// What may never end; each kind has its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Making inputs and buffers, reading what is expected.
    Data,
    /// Making modules and pipelines, and launching them on nothing.
    Compile,
    /// One run or pass, its results read back.
    Run,
}

impl StepKind {
    /// How long it may take, in milliseconds.
    pub fn limit_ms(self, deadlines: &Deadlines) -> u64 {
        match self {
            Self::Data => deadlines.data_ms,
            Self::Compile => deadlines.compile_ms,
            Self::Run => deadlines.run_ms,
        }
    }

    /// What took too long, as the beginning of a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Data => "making the inputs",
            Self::Compile => "compiling",
            Self::Run => "a run",
        }
    }
}

/// Told of every step before it begins.
pub trait Steps {
    /// This is what happens from now on, until the next step.
    fn begin(&mut self, step: Step);
}

/// Nobody listens.
pub struct Unwatched;

impl Steps for Unwatched {
    fn begin(&mut self, _step: Step) {}
}
