//! Blocks of values: loops over them, each compiled once and out of line, and their ways in and out.

use half::slice::HalfFloatSliceExt;
use pulp::{Simd, WithSimd};

use super::super::data::Data;
use super::super::elementwise::{Function, map_with};
use super::node::{self, Value};
use super::{Operation, Stored};

/// [`node::join`], out of line.
///
/// # Safety
/// As there.
#[inline(never)]
pub unsafe fn join<S: Simd>(simd: S, operation: Operation, operands: [Value; 2], to: *mut f32, count: usize) {
    struct Join(Operation, [Value; 2], *mut f32, usize);
    impl WithSimd for Join {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            // SAFETY: the promise of whoever called `join`.
            unsafe { node::join(simd, self.0, self.1, self.2, self.3) };
        }
    }
    simd.vectorize(Join(operation, operands, to, count));
}

/// [`map_with`], out of line.
///
/// # Safety
/// As there.
#[inline(never)]
pub unsafe fn call<S: Simd>(simd: S, function: Function, from: *const f32, to: *mut f32, count: usize) {
    struct Call(Function, *const f32, *mut f32, usize);
    impl WithSimd for Call {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            // SAFETY: the promise of whoever called `call`.
            unsafe { map_with(simd, self.0, self.1, self.2, self.3) };
        }
    }
    simd.vectorize(Call(function, from, to, count));
}

/// Copies every `stride`-th value, or one value again and again.
pub fn gather(data: Data, first: usize, stride: usize, to: &mut [f32]) {
    match stride {
        0 => to.fill(data.at(first)),
        1 => data.widen(first, to),
        _ => data.widen_every(first, stride, to),
    }
}

/// Stores one value.
///
/// # Safety
/// It must be an element of the output, and the caller's alone.
pub unsafe fn write_one(stored: &Stored, place: usize, value: f32) {
    // SAFETY: the caller's promise.
    unsafe { fill(stored, place, 1, value) };
}

/// Stores one value `count` times.
///
/// # Safety
/// These must be elements of the output, and the caller's alone.
pub unsafe fn fill(stored: &Stored, place: usize, count: usize, value: f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match stored {
            Stored::F32(values) => values.slice(place, count).fill(value),
            Stored::F16(values) => values.slice(place, count).fill(half::f16::from_f32(value)),
        }
    }
}

/// Stores values, unless they are where they belong already.
///
/// # Safety
/// The targets must be elements of the output, and the caller's alone.
pub unsafe fn write(stored: &Stored, place: usize, count: usize, from: *const f32, stream: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        match stored {
            Stored::F32(values) => {
                let to = values.at(place);
                if std::ptr::eq(to, from) {
                    return;
                }
                if stream {
                    stream_copy(from, to, count);
                } else {
                    std::ptr::copy_nonoverlapping(from, to, count);
                }
            }
            Stored::F16(values) => {
                values.slice(place, count).convert_from_f32_slice(std::slice::from_raw_parts(from, count));
            }
        }
    }
}

/// Bytes that streaming stores are aligned to.
#[cfg(target_arch = "x86_64")]
const STREAMED: usize = 16;

/// Copies past the caches.
#[cfg(target_arch = "x86_64")]
unsafe fn stream_copy(from: *const f32, to: *mut f32, count: usize) {
    use std::arch::x86_64::{_mm_loadu_ps, _mm_stream_ps};
    // SAFETY: the caller's promise; these instructions are part of x86-64, and the target is aligned as they need it.
    unsafe {
        let head = to.align_offset(STREAMED).min(count);
        std::ptr::copy_nonoverlapping(from, to, head);
        let mut at = head;
        while at + 4 <= count {
            _mm_stream_ps(to.add(at), _mm_loadu_ps(from.add(at)));
            at += 4;
        }
        std::ptr::copy_nonoverlapping(from.add(at), to.add(at), count - at);
    }
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn stream_copy(from: *const f32, to: *mut f32, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { std::ptr::copy_nonoverlapping(from, to, count) };
}

/// Makes streamed values visible to other threads.
pub fn settle(stream: bool) {
    #[cfg(target_arch = "x86_64")]
    if stream {
        // SAFETY: the instruction is part of x86-64.
        unsafe { std::arch::x86_64::_mm_sfence() };
    }
    let _ = stream;
}
