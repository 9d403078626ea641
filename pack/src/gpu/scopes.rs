//! Errors of wgpu, caught around what may fail for one program.

use wgpu::{Device, ErrorFilter};

use super::Error;
use crate::inner::reason;

/// Does some work on the device, and gives the first error that wgpu reports of it in place of its result.
pub(super) fn guarded<T>(device: &Device, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let filters = [ErrorFilter::Validation, ErrorFilter::OutOfMemory, ErrorFilter::Internal];
    let scopes = filters.map(|filter| device.push_error_scope(filter));
    let done = work();
    // wgpu wants the last one first, and all of them.
    let errors = scopes.into_iter().rev().map(|scope| pollster::block_on(scope.pop()));
    let errors: Vec<wgpu::Error> = errors.collect::<Vec<_>>().into_iter().flatten().collect();
    match errors.into_iter().next() {
        None => done,
        Some(error @ wgpu::Error::OutOfMemory { .. }) => Err(Error::Device(told(&error))),
        Some(error) => Err(Error::Program(told(&error))),
    }
}

/// An error of wgpu with what caused it, shortened: it may quote a whole kernel.
fn told(error: &wgpu::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(why) = cause {
        let why_text = why.to_string();
        if !text.contains(&why_text) {
            text = format!("{text}: {why_text}");
        }
        cause = why.source();
    }
    reason(&text)
}
