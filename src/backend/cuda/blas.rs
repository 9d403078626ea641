//! Products of matrices by cuBLAS.

use std::ptr;
use std::rc::Rc;

use cudarc::cublas::sys;

use super::device::Device;
use super::epilogue::by_cublas;
use super::libraries::{Library, version};
use super::memory::Memory;
use super::operands::Operands;
use super::plan::{Buffers, Held, Plan, Precision};
use super::status::call;
use crate::code::routine::MatmulCall;

/// cuBLAS on one device.
pub(super) struct Blas {
    handle: Held<sys::cublasContext>,
    /// As it tells it.
    pub version: String,
    /// Held for cuBLAS, which would else allocate while it is timed.
    _workspace: Memory,
}

/// What NVIDIA recommends for its fastest kernels on Hopper.
pub(super) const WORKSPACE_BYTES: usize = 32 << 20;

/// Older versions have other types for the same functions.
const LEAST_VERSION: i32 = 110_000;

impl Blas {
    /// Loads it.
    ///
    /// # Errors
    /// As a sentence, where it is not there or does not work.
    pub fn open(device: &Device) -> Result<Rc<Self>, String> {
        Library::Blas.load()?;
        let free = |raw| drop(call!(sys::cublasDestroy_v2(raw)));
        let handle = Held::make(|raw| call!(sys::cublasCreate_v2(raw)), free)?;
        let mut number = 0;
        call!(sys::cublasGetVersion_v2(handle.raw, &mut number))?;
        let version = version(number.max(0) as usize);
        if number < LEAST_VERSION {
            return Err(format!("cuBLAS {version} is too old; versions of CUDA 12 and 13 will do"));
        }
        let workspace = Memory::new(WORKSPACE_BYTES)?;
        call!(sys::cublasSetStream_v2(handle.raw, device.stream.cast()))?;
        call!(sys::cublasSetWorkspace_v2(handle.raw, workspace.at as *mut _, workspace.bytes))?;
        // Sums of f16 products stay in f32 also where they are split.
        let math = sys::cublasMath_t::CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
        call!(sys::cublasSetMathMode(handle.raw, math))?;
        Ok(Rc::new(Self { handle, version, _workspace: workspace }))
    }

    /// How it takes a product.
    ///
    /// # Errors
    /// Where it does not have what is asked for.
    pub fn plan(self: &Rc<Self>, precision: Precision, call: &MatmulCall) -> Result<Product, String> {
        let (operands, scale) = (Operands::of(call)?, by_cublas(&call.epilogue)?.scale);
        Ok(Product { blas: self.clone(), operands, precision, scale })
    }
}

/// One product, or a batch of them.
pub(super) struct Product {
    blas: Rc<Blas>,
    operands: Operands,
    precision: Precision,
    scale: f32,
}

impl Plan for Product {
    fn enqueue(&self, _device: &Device, buffers: Buffers) -> Result<(), String> {
        let Operands { inputs, transposed, sizes: [m, n, k], leading: [lda, ldb, ldc], strides, batch } = self.operands;
        let [a, b] = inputs.map(|number| buffers.input(number) as *const _);
        let [turn_a, turn_b] = transposed.map(operation);
        let (element, compute) = types(self.precision);
        let (alpha, beta) = (ptr::from_ref(&self.scale).cast(), ptr::from_ref(&0f32).cast());
        let (handle, c) = (self.blas.handle.raw, buffers.output() as *mut _);
        let algorithm = sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT;
        if batch == 1 {
            return call!(sys::cublasGemmEx(
                handle, turn_a, turn_b, m, n, k, alpha, a, element, lda, b, element, ldb, beta, c, element, ldc,
                compute, algorithm,
            ));
        }
        let [step_a, step_b, step_c] = strides;
        call!(sys::cublasGemmStridedBatchedEx(
            handle, turn_a, turn_b, m, n, k, alpha, a, element, lda, step_a, b, element, ldb, step_b, beta, c, element,
            ldc, step_c, batch, compute, algorithm,
        ))
    }
}

/// How a factor is taken.
pub(super) fn operation(is_transposed: bool) -> sys::cublasOperation_t {
    if is_transposed { sys::cublasOperation_t::CUBLAS_OP_T } else { sys::cublasOperation_t::CUBLAS_OP_N }
}

/// What is stored, and what is computed in.
fn types(precision: Precision) -> (sys::cudaDataType, sys::cublasComputeType_t) {
    use sys::cublasComputeType_t::{CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    use sys::cudaDataType_t::{CUDA_R_16F, CUDA_R_32F};
    match precision {
        Precision::F32 => (CUDA_R_32F, CUBLAS_COMPUTE_32F),
        Precision::Tf32 => (CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32),
        Precision::F16 => (CUDA_R_16F, CUBLAS_COMPUTE_32F),
    }
}
