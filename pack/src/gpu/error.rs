//! What can go wrong when a program is to run.

/// Why a program does not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program is no good on this device: naga or the driver refuses it, or it asks for too much.
    #[error("this program cannot run on this device: {0}; take another one of the pack")]
    Program(String),
    /// The buffers that were given do not fit the program.
    #[error("these buffers do not fit the program: {0}")]
    Buffers(String),
    /// It took too long, so that nobody knows whether it would ever have ended.
    #[error("{what} took longer than {limit_ms} ms on this device")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long it was waited for, in milliseconds.
        limit_ms: u128,
    },
    /// The device was lost meanwhile. It must be made anew.
    #[error("the device was lost during {what}; open it anew")]
    Lost {
        /// What was waited for.
        what: &'static str,
    },
    /// The device has no memory left, or fails otherwise: no program's fault.
    #[error("the device failed: {0}; free memory on it, or open it anew")]
    Device(String),
}

impl Error {
    /// Whether the program is to blame, so that another one may do better.
    pub fn is_of_the_program(&self) -> bool {
        matches!(self, Self::Program(_) | Self::Timeout { .. })
    }
}
