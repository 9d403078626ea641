//! Plain programs of users: what they make of some inputs is the truth that others are held to.

use std::fs;
use std::path::Path;

use super::subject::Kept;
use super::{Measure, MeasureError};
use crate::backend::{BufferRule, Deadlines, Entrant, Job, read_kept};
use crate::check::check;
use crate::code::Program;
use crate::record::{Mode, Outcome, Rejection, Stage};

impl Measure<'_> {
    /// Runs plain programs with these outputs, with all run-time checks on, and reads back what they leave. Each is run
    /// twice: one that differs from itself is no truth.
    pub(super) fn plain<'a>(
        &'a mut self,
        outputs: &'a [BufferRule],
    ) -> impl FnMut(&Program, &[BufferRule], &Path) -> Result<Kept, MeasureError> + 'a {
        move |program, inputs, path| {
            let workload = self.signature.workload.to_string();
            let reference = |rejection| MeasureError::Reference { workload: workload.clone(), rejection };
            self.check_plain(program).map_err(reference)?;
            let file = path.with_extension("kept");
            let job = Job {
                entrants: vec![Entrant::whole(program.clone(), Mode::CHECKED)],
                symbols: self.signature.symbols.clone(),
                inputs: inputs.to_vec(),
                outputs: outputs.to_vec(),
                gates: Vec::new(),
                naive: Vec::new(),
                timing: None,
                sentinel: None,
                deadlines: Deadlines::default(),
                seed: self.seed,
                keep: Some(file.clone()),
            };
            let report = self.executed(&job)?.entrants.into_iter().next();
            match report.expect("one report per entrant").outcome {
                Outcome::Rejected(rejection) => Err(reference(rejection)),
                Outcome::Timed { .. } => {
                    let kept = read_kept(&file, outputs)?;
                    fs::remove_file(&file)?;
                    Ok(kept)
                }
            }
        }
    }

    /// Refuses what the device could not hold or run, or would cut short without a word: that would become the truth.
    fn check_plain(&self, program: &Program) -> Result<(), Rejection> {
        let device = self.backend.facts();
        let facts = check(program, &self.signature.symbols, device)?;
        match (device.limits.loop_iterations, facts.iter().flat_map(|facts| &facts.uncounted).next()) {
            (Some(most), Some(uncounted)) => Err(Rejection::new(
                Stage::Limits,
                format!("{uncounted}; this device ends loops after {most} iterations without a word, so count them"),
            )),
            _ => Ok(()),
        }
    }
}
