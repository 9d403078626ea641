//! NVIDIA's driver, cuBLAS, cuBLASLt and cuDNN as plain loops over the host's memory, for machines without any of them.
//!
//! Tests compile this file by itself and have the program load it in place of the real libraries. What it is called with decides
//! what it computes, just as there: sizes, leading sizes, strides, layouts, transposes, types. So a mistake in the order of
//! arguments gives wrong results. The environment makes it misbehave: `FAKE_FAILS` names functions that answer with an error, `FAKE_DIES` those
//! that take the process with them,
//! `FAKE_WRONG` functions whose first result is off by one, or `tf32`
//! where all factors are to be rounded, `FAKE_GPU` is the device's name and `FAKE_BUS` its place.
#![allow(non_snake_case, clippy::missing_safety_doc, clippy::too_many_arguments)]

mod blas;
mod dnn;
mod driver;
mod lt;
mod numbers;

/// The status of a call that was done.
pub const DONE: u32 = 0;

/// Whether a variable of the environment names a function.
pub fn is_named(variable: &str, function: &str) -> bool {
    std::env::var(variable).is_ok_and(|names| names.split(',').any(|name| name == function))
}

/// The status of a function: done, or this where it is to fail. Where it is to die, the process does.
pub fn status(function: &str, failure: u32) -> u32 {
    if is_named("FAKE_DIES", function) {
        std::process::abort();
    }
    if is_named("FAKE_FAILS", function) { failure } else { DONE }
}

/// What becomes a handle: some place that is not null and is never looked at.
pub fn handle() -> *mut u8 {
    Box::into_raw(Box::new(0))
}
