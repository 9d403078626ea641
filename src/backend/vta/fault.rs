//! What can go wrong in a stream, each with the instruction that caused it. No fault is found by waiting.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::code::vta::StreamError;

/// Something that is wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Of which kind.
    pub kind: FaultKind,
    /// The number of the instruction in the stream, where it is one's.
    pub instruction: Option<usize>,
    /// What happened, as half a sentence.
    pub what: String,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Bits that are no instruction.
    Undecodable,
    /// An instruction that no engine has, such as a LOAD of outputs.
    Illegal,
    /// A LOAD or STORE beyond the end of a memory on the chip.
    BufferOverrun,
    /// An index that the loops of GEMM or ALU lead beyond the end of a memory on the chip.
    IndexOverrun,
    /// An access to DRAM that is not there.
    DramOverrun,
    /// No engine can go on.
    Deadlock,
    /// More executions of micro-ops than are run on data.
    TooLong,
    /// The stream has no FINISH that could be reached.
    NoFinish,
    /// Tokens were left at the end: the next run would take them.
    LeftoverTokens,
    /// Instructions that are not executed: behind FINISH, or waiting when it ends the run.
    Dropped,
    /// More tokens were under way than a semaphore counts.
    TokenLimit,
    /// More instructions wait for an engine than its queue holds.
    QueueLimit,
    /// An accumulator is used so soon after it was written that hardware reads the old value.
    Hazard,
    /// Two engines use the same place without a token between them.
    Race,
    /// The references do not agree about it.
    Divergence,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::Undecodable,
        Self::Illegal,
        Self::BufferOverrun,
        Self::IndexOverrun,
        Self::DramOverrun,
        Self::Deadlock,
        Self::TooLong,
        Self::NoFinish,
        Self::LeftoverTokens,
        Self::Dropped,
        Self::TokenLimit,
        Self::QueueLimit,
        Self::Hazard,
        Self::Race,
        Self::Divergence,
    ];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undecodable => "no instruction",
            Self::Illegal => "illegal instruction",
            Self::BufferOverrun => "buffer overrun",
            Self::IndexOverrun => "index overrun",
            Self::DramOverrun => "DRAM overrun",
            Self::Deadlock => "deadlock",
            Self::TooLong => "too long a run",
            Self::NoFinish => "no finish",
            Self::LeftoverTokens => "leftover tokens",
            Self::Dropped => "dropped instruction",
            Self::TokenLimit => "token limit",
            Self::QueueLimit => "queue limit",
            Self::Hazard => "accumulator hazard",
            Self::Race => "data race",
            Self::Divergence => "divergence of references",
        }
    }
}

impl Fault {
    /// A fault of one instruction.
    pub fn at(kind: FaultKind, instruction: usize, what: impl Into<String>) -> Self {
        Self { kind, instruction: Some(instruction), what: what.into() }
    }

    /// A fault of the stream as a whole.
    pub fn of_stream(kind: FaultKind, what: impl Into<String>) -> Self {
        Self { kind, instruction: None, what: what.into() }
    }
}

/// What bits that cannot be decoded are as a fault.
impl From<&StreamError> for Fault {
    fn from(error: &StreamError) -> Self {
        match error {
            StreamError::Undecodable { index, why } => Self::at(FaultKind::Undecodable, *index, why.to_string()),
            _ => Self::of_stream(FaultKind::Undecodable, error.to_string()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if let Some(instruction) = self.instruction {
            write!(f, " at instruction {instruction}")?;
        }
        write!(f, ": {}", self.what)
    }
}
