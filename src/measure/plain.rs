//! Plain programs of users: what they make of some inputs is the truth that others are held to.

use std::fs;
use std::path::Path;

use super::subject::Kept;
use super::{Measure, MeasureError};
use crate::backend::{BufferRule, Deadlines, Entrant, Job, Unwatched, read_kept};
use crate::code::Program;
use crate::record::{Mode, Outcome};

impl Measure<'_> {
    /// Runs plain programs with these outputs, with all run-time checks on, and reads back what they leave. Each is run
    /// twice: one that differs from itself is no truth.
    pub(super) fn plain<'a>(
        &'a mut self,
        outputs: &'a [BufferRule],
    ) -> impl FnMut(&Program, &[BufferRule], &Path) -> Result<Kept, MeasureError> + 'a {
        move |program, inputs, path| {
            let file = path.with_extension("kept");
            let job = Job {
                entrants: vec![Entrant::whole(program.clone(), Mode::CHECKED)],
                symbols: self.signature.symbols.clone(),
                inputs: inputs.to_vec(),
                outputs: outputs.to_vec(),
                gates: Vec::new(),
                naive: None,
                timing: None,
                sentinel: None,
                deadlines: Deadlines::default(),
                seed: self.seed,
                keep: Some(file.clone()),
            };
            let report = self.backend.execute(&job, &mut Unwatched).entrants.into_iter().next();
            match report.expect("one report per entrant").outcome {
                Outcome::Rejected(rejection) => {
                    let workload = self.signature.workload.to_string();
                    Err(MeasureError::Reference { workload, rejection })
                }
                Outcome::Timed { .. } => {
                    let kept = read_kept(&file, outputs)?;
                    fs::remove_file(&file)?;
                    Ok(kept)
                }
            }
        }
    }
}
