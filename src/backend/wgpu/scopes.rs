//! Errors of wgpu, caught around what may fail for one candidate.

use wgpu::{Device, ErrorFilter};

use crate::record::{Rejection, Stage};

/// Error scopes around everything that may fail for one candidate.
pub(super) struct Scopes([wgpu::ErrorScopeGuard; 3]);

impl Scopes {
    pub fn open(device: &Device) -> Self {
        Self(
            [ErrorFilter::Validation, ErrorFilter::OutOfMemory, ErrorFilter::Internal]
                .map(|f| device.push_error_scope(f)),
        )
    }

    /// The first error since the scopes were opened, as a rejection at that stage; at `run` where memory ran out, which
    /// says nothing of the candidate.
    pub fn close(self, stage: Stage) -> Result<(), Rejection> {
        let errors: Vec<wgpu::Error> =
            self.0.into_iter().rev().filter_map(|scope| pollster::block_on(scope.pop())).collect();
        match errors.into_iter().next() {
            None => Ok(()),
            Some(error @ wgpu::Error::OutOfMemory { .. }) => Err(Rejection::new(Stage::Run, error.to_string())),
            Some(error) => Err(Rejection::new(stage, error.to_string())),
        }
    }
}
