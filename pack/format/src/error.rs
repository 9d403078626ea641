//! What can be wrong with a pack as a whole, or with a text that a caller gives.

/// Why something cannot be used at all. What concerns a single entry is no error but a miss.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no archive that a pack may be.
    #[error("this is no pack: {0}; get the file anew, or build it again with `wgtune pack build`")]
    Archive(String),
    /// A part is larger than any honest one.
    #[error("this pack is refused: {what} is larger than {limit} bytes")]
    TooLarge {
        /// Which part.
        what: String,
        /// How large it may be, in bytes.
        limit: u64,
    },
    /// The manifest cannot be read.
    #[error("manifest.json of this pack cannot be read: {0}; get the file anew, or build it again")]
    Manifest(String),
    /// The pack is of another format.
    #[error("this pack has format {0} and this program reads format {reads}; update the program, or build the pack with an older tool", reads = crate::FORMAT)]
    Format(u64),
    /// No known key has signed the pack.
    #[error("the signature of this pack is not to be trusted: {0}")]
    Signature(String),
    /// A key that is none.
    #[error("`{0}` is no key: expected 64 hexadecimal digits")]
    Key(String),
    /// What was given to the builder makes no sound pack.
    #[error("no pack can be made of this: {0}")]
    Build(String),
    /// A text that is no formula.
    #[error("formula `{text}`, character {at}: expected {expected}")]
    Formula {
        /// The formula.
        text: String,
        /// Where it stops making sense, counted from 1.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// A text that is no workload.
    #[error("`{text}` is no workload: expected {expected}, as in `matmul:f32:m512n512k256+bias+relu`")]
    Workload {
        /// The line.
        text: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A text that is no hash.
    #[error("`{0}` is no SHA-256: expected 64 hexadecimal digits in lower case")]
    Hash(String),
}

/// Characters of a text that a message quotes.
const MOST_QUOTED: usize = 100;

/// Characters of a reason that another crate gives, which may quote megabytes of what it read.
const MOST_REASON: usize = 400;

/// What a message quotes of a text that somebody else wrote.
pub(crate) fn quoted(text: &str) -> String {
    text.chars().take(MOST_QUOTED).collect()
}

/// What a message tells of a reason that another crate gives.
pub fn reason(why: &impl ToString) -> String {
    why.to_string().chars().take(MOST_REASON).collect()
}
