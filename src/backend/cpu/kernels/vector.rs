//! Vectors of f32 read from and written to memory by pointer, for loops whose bounds are known outside of them.

use pulp::{Simd, WithSimd};

use super::simd::Width;

/// One vector from where `values` points to.
///
/// # Safety
/// A whole vector must lie there.
#[inline(always)]
pub unsafe fn load<S: Simd>(values: *const f32) -> S::f32s {
    // SAFETY: the caller's promise; pulp's vectors are plain data, and `read_unaligned` asks for no alignment.
    unsafe { values.cast::<S::f32s>().read_unaligned() }
}

/// Writes one vector to where `values` points to.
///
/// # Safety
/// A whole vector must lie there.
#[inline(always)]
pub unsafe fn store<S: Simd>(values: *mut f32, vector: S::f32s) {
    // SAFETY: the caller's promise.
    unsafe { values.cast::<S::f32s>().write_unaligned(vector) }
}

/// Runs `work` compiled for this width, or for single values where the processor lacks it.
#[inline(always)]
pub fn run<W: WithSimd>(width: Width, work: W) -> W::Output {
    let width = if width.is_available() { width } else { Width::Scalar };
    width.run(work).expect("single values are always there")
}
