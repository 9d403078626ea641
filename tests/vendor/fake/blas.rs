//! cuBLAS: column-major products by three loops.

use std::ffi::{c_int, c_longlong, c_void};

use crate::driver::submit;
use crate::numbers::{Element, to_tf32};
use crate::{DONE, handle, is_named, status};

const INVALID: u32 = 7;

/// The type that rounds factors to TF32 first.
pub const COMPUTE_TF32: u32 = 77;

/// A column-major matrix, or a batch of them.
#[derive(Clone, Copy)]
pub struct Matrix {
    pub at: usize,
    pub element: Element,
    pub leading: usize,
    pub stride: usize,
    pub is_transposed: bool,
}

impl Matrix {
    fn place(&self, batch: usize, row: usize, column: usize) -> usize {
        let (row, column) = if self.is_transposed { (column, row) } else { (row, column) };
        assert!(row < self.leading, "row {row} lies beyond a leading size of {}", self.leading);
        batch * self.stride + column * self.leading + row
    }

    pub unsafe fn get(&self, batch: usize, row: usize, column: usize) -> f64 {
        unsafe { self.element.load(self.at, self.place(batch, row, column)) }
    }

    pub unsafe fn set(&self, batch: usize, row: usize, column: usize, value: f64) {
        unsafe { self.element.store(self.at, self.place(batch, row, column), value) }
    }
}

/// D = finish(α·A·B), m×n with sums of k, for each of a batch.
pub struct Product {
    pub sizes: [usize; 3],
    pub batch: usize,
    pub matrices: [Matrix; 3],
    pub compute: u32,
    pub alpha: f64,
    /// What the first result is off by.
    pub off: f64,
}

impl Product {
    pub unsafe fn run(&self, finish: impl Fn(usize, usize, usize, f64) -> f64) {
        let ([m, n, k], [a, b, d]) = (self.sizes, self.matrices);
        let is_rounded = self.compute == COMPUTE_TF32 || is_named("FAKE_WRONG", "tf32");
        let round = |value: f64| if is_rounded { to_tf32(value) } else { value };
        for batch in 0..self.batch {
            for (row, column) in (0..m).flat_map(|row| (0..n).map(move |column| (row, column))) {
                let term = |i: usize| unsafe { round(a.get(batch, row, i)) * round(b.get(batch, i, column)) };
                let sum: f64 = self.alpha * (0..k).map(term).sum::<f64>();
                let off = if [batch, row, column] == [0; 3] { self.off } else { 0.0 };
                unsafe { d.set(batch, row, column, finish(batch, row, column, sum) + off) };
            }
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasCreate_v2(blas: *mut *mut u8) -> u32 {
    unsafe { *blas = handle() };
    status("cublasCreate_v2", 1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasDestroy_v2(blas: *mut u8) -> u32 {
    drop(unsafe { Box::from_raw(blas) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasGetVersion_v2(_blas: *mut u8, version: *mut c_int) -> u32 {
    unsafe { *version = if cfg!(old) { 10_020 * 10 } else { 130_100 } };
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasSetStream_v2(_blas: *mut u8, _stream: *mut u8) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasSetWorkspace_v2(_blas: *mut u8, _workspace: *mut c_void, _bytes: usize) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasSetMathMode(_blas: *mut u8, _mode: u32) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasGemmEx(
    blas: *mut u8,
    turn_a: u32,
    turn_b: u32,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const f32,
    a: *const c_void,
    type_a: u32,
    lda: c_int,
    b: *const c_void,
    type_b: u32,
    ldb: c_int,
    beta: *const f32,
    c: *mut c_void,
    type_c: u32,
    ldc: c_int,
    compute: u32,
    algorithm: c_int,
) -> u32 {
    if status("cublasGemmEx", INVALID) != DONE {
        return INVALID;
    }
    unsafe {
        gemm(
            "cublasGemmEx", blas, turn_a, turn_b, m, n, k, alpha, a, type_a, lda, 0, b, type_b, ldb, 0, beta, c, type_c, ldc, 0,
            1, compute, algorithm,
        )
    }
}

#[cfg(not(without_batches))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasGemmStridedBatchedEx(
    blas: *mut u8,
    turn_a: u32,
    turn_b: u32,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const f32,
    a: *const c_void,
    type_a: u32,
    lda: c_int,
    step_a: c_longlong,
    b: *const c_void,
    type_b: u32,
    ldb: c_int,
    step_b: c_longlong,
    beta: *const f32,
    c: *mut c_void,
    type_c: u32,
    ldc: c_int,
    step_c: c_longlong,
    batch: c_int,
    compute: u32,
    algorithm: c_int,
) -> u32 {
    unsafe {
        gemm(
            "cublasGemmStridedBatchedEx", blas, turn_a, turn_b, m, n, k, alpha, a, type_a, lda, step_a, b, type_b, ldb, step_b,
            beta, c, type_c, ldc, step_c, batch, compute, algorithm,
        )
    }
}

unsafe fn gemm(
    name: &str,
    _blas: *mut u8,
    turn_a: u32,
    turn_b: u32,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: *const f32,
    a: *const c_void,
    type_a: u32,
    lda: c_int,
    step_a: c_longlong,
    b: *const c_void,
    type_b: u32,
    ldb: c_int,
    step_b: c_longlong,
    beta: *const f32,
    c: *mut c_void,
    type_c: u32,
    ldc: c_int,
    step_c: c_longlong,
    batch: c_int,
    compute: u32,
    _algorithm: c_int,
) -> u32 {
    let matrix = |at: usize, element, leading: c_int, stride: c_longlong, turn: u32| Matrix {
        at,
        element: Element::of_cuda(element),
        leading: leading as usize,
        stride: stride as usize,
        is_transposed: turn == 1,
    };
    let matrices = [
        matrix(a as usize, type_a, lda, step_a, turn_a),
        matrix(b as usize, type_b, ldb, step_b, turn_b),
        matrix(c as usize, type_c, ldc, step_c, 0),
    ];
    let (sizes, batch) = ([m, n, k].map(|size| size as usize), batch as usize);
    let (alpha, beta) = unsafe { (f64::from(*alpha), f64::from(*beta)) };
    let off = if is_named("FAKE_WRONG", name) { 1.0 } else { 0.0 };
    let product = Product { sizes, batch, matrices, compute, alpha, off };
    submit(move || unsafe {
        // What is not read may be NaN.
        let before = |batch, row, column| if beta == 0.0 { 0.0 } else { beta * product.matrices[2].get(batch, row, column) };
        product.run(|batch, row, column, sum| sum + before(batch, row, column));
    });
    DONE
}
