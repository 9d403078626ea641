//! Why candidates cannot be judged at all.

use std::io;

use crate::record::Rejection;

/// Why nothing of a workload can be measured. That a candidate is wrong is an outcome.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum MeasureError {
    #[error("the reference results could not be written to the temporary folder: {0}; free some space there")]
    Files(#[from] io::Error),
    #[error(
        "the reference kernel of `{workload}` gives no results to check against: it was rejected at stage {}: {}; mend it, \
         or name another reference",
        rejection.stage.name(),
        rejection.why
    )]
    Reference { workload: String, rejection: Rejection },
    #[error(
        "{device} is gone and cannot be opened again: {why}; what was measured is kept, and the same command goes on from \
         there once the device is back"
    )]
    Gone { device: String, why: String },
    #[error("nothing is known to check `{workload}` against: {why}")]
    Truth { workload: String, why: String },
}
