//! Failures as people meet them: one sentence, and an exit code for programs.

use std::io::Write;
use std::process::ExitCode;

use crate::backend::DeviceError;
use crate::backend::worker::WorkerError;
use crate::interchange::ReadError;
use crate::measure::MeasureError;
use crate::op::OperatorError;
use crate::store::StoreError;
use crate::tune::TuneError;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    message: String,
}

/// What a shell expects of a program that Ctrl-C has stopped.
const INTERRUPTED: u8 = 130;

impl Failure {
    pub fn work(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    pub fn input(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// Of a kernel file, with its place and all.
    pub fn shown(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    pub fn store(message: impl Into<String>) -> Self {
        Self { code: 4, message: message.into() }
    }

    pub fn output(error: &std::io::Error) -> Self {
        Self::work(format!("the output could not be written ({error}); what was measured is in the store all the same"))
    }

    pub fn interrupted() -> Self {
        Self { code: INTERRUPTED, message: "stopped; run the same command to go on from here".to_owned() }
    }

    /// The same with the place in a file before it.
    pub fn at(self, place: &str) -> Self {
        Self { message: format!("{place}: {}", self.message), ..self }
    }

    pub fn report(&self) -> ExitCode {
        let word = if self.code == INTERRUPTED { "wgtune" } else { "error" };
        // What is shown at its place says so itself.
        let message = self.message.strip_prefix("error: ").unwrap_or(&self.message);
        let _ = writeln!(std::io::stderr(), "{word}: {message}");
        ExitCode::from(self.code)
    }
}

impl From<OperatorError> for Failure {
    fn from(error: OperatorError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self { code: 3, message: error.to_string() }
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::Device(message) => Self { code: 3, message },
            WorkerError::Process(_) => Self::work(format!("{error}; --in-process does without one")),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::store(error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<TuneError> for Failure {
    fn from(error: TuneError) -> Self {
        match error {
            TuneError::Store(error) => error.into(),
            TuneError::Measure(MeasureError::Gone { .. }) => Self { code: 3, message: error.to_string() },
            TuneError::NoTemplate { .. }
            | TuneError::OtherLanguage { .. }
            | TuneError::EmptySpace { .. }
            | TuneError::TooLarge { .. }
            | TuneError::NothingLeft { .. }
            | TuneError::NoneLeft { .. }
            | TuneError::UnknownTemplate { .. }
            | TuneError::TooManyConfigs { .. }
            | TuneError::TooSmallForCold { .. }
            | TuneError::Fixed(_) => Self::input(error.to_string()),
            TuneError::Measure(_) | TuneError::Gone { .. } | TuneError::Journal { .. } => Self::work(error.to_string()),
        }
    }
}
