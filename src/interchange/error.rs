//! What can be wrong with a file of recorded trials, as one sentence: which file, which line, what was expected.

use std::io;
use std::path::PathBuf;

/// A trouble and the file that has it.
#[derive(Debug, thiserror::Error)]
#[error("`{}` {trouble}", path.display())]
pub struct ReadError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub trouble: ReadTrouble,
}

/// What is wrong with a file: the second half of a sentence.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ReadTrouble {
    #[error("cannot be read ({0}); name a file that can")]
    Io(io::Error),
    #[error("is a damaged gzip file ({0}); get it anew")]
    Gzip(io::Error),
    #[error("is a damaged xz file ({0}); get it anew")]
    Xz(io::Error),
    #[error("is a gzip file in another one; unpack it once")]
    Layers,
    #[error("unpacks to more than {0} bytes, which no recording has; see what it is")]
    TooLarge(u64),
    #[error("is a database, and recordings are files; write the trials of a wgtune store to one by `wgtune export`")]
    Store,
    #[error("is no recording that wgtune knows: {0}")]
    Unknown(&'static str),
    #[error("is malformed in line {}: {}", .0.line, .0.what)]
    Malformed(Fault),
}

/// What was expected where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// What is there, and what should be.
    pub what: String,
}

impl From<Fault> for ReadTrouble {
    fn from(fault: Fault) -> Self {
        Self::Malformed(fault)
    }
}
