//! Plain programs of users: what they make of some inputs is the truth that others are held to.

use std::path::Path;

use super::subject::Kept;
use super::{Measure, MeasureError};
use crate::backend::BufferRule;
use crate::code::Program;
use crate::record::{Rejection, Stage};

impl Measure<'_> {
    /// Refuses plain programs: no backend hands results back yet.
    pub(super) fn plain(&self) -> impl FnMut(&Program, &[BufferRule], &Path) -> Result<Kept, MeasureError> {
        let workload = self.signature.workload.to_string();
        move |_, _, _| {
            let rejection = Rejection::new(Stage::Run, "no backend hands results back yet");
            Err(MeasureError::Reference { workload: workload.clone(), rejection })
        }
    }
}
