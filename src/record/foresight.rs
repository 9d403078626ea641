//! What may be known of a trial before it is made. The traits are filled in by rooms that know kernels and devices.

use std::fmt::Debug;

use super::Rejection;
use crate::space::Config;

/// Scores configs without running them, as a static cost model does.
pub trait Prior: Debug + Send + Sync {
    /// The natural logarithm of the expected time, up to a constant: a difference of 0.1 says some 10 % slower. NaN
    /// where it has no opinion.
    fn log_time(&self, config: &Config) -> f64;
}

/// Tells what compiling a config shows of it before it runs.
pub trait Insight: Debug + Send + Sync {
    /// Numbers such as instructions, bytes that are moved and operations, as many for each config and each of its own scale;
    /// `None` where the config is refused before or while it is compiled.
    fn seen(&self, config: &Config) -> Option<Vec<f64>>;
}

/// Knows, cheaply and without a device, that some configs would be rejected.
pub trait Oracle: Debug + Send + Sync {
    /// How the config would be rejected; `Ok` where nothing speaks against it.
    ///
    /// # Errors
    /// With the stage and the reason of the rejection.
    fn verdict(&self, config: &Config) -> Result<(), Rejection>;
}
