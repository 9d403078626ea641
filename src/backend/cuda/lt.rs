//! Products of matrices by cuBLASLt: with epilogues, and with the fastest of the algorithms that it proposes.

use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

use cudarc::cublaslt::sys;

use super::blas::{WORKSPACE_BYTES, operation};
use super::device::Device;
use super::epilogue::{Activation, Fused, by_cublaslt};
use super::libraries::{Library, version};
use super::memory::Memory;
use super::operands::Operands;
use super::plan::{Buffers, Held, Plan, Precision, fastest};
use super::status::call;
use crate::code::routine::MatmulCall;

/// cuBLASLt on one device.
pub(super) struct Lt {
    handle: Held<sys::cublasLtContext>,
    /// As it tells it.
    pub version: String,
    workspace: Memory,
}

/// How many algorithms are asked for.
const PROPOSALS: usize = 8;

/// Partial sums stay in the type that is computed in. The number is that of the library's headers.
const REDUCE_IN_COMPUTE_TYPE: u32 = 2;

/// Older versions have other types for the same functions.
const LEAST_VERSION: usize = 110_000;

impl Lt {
    /// Loads it.
    ///
    /// # Errors
    /// As a sentence, where it is not there or does not work.
    pub fn open() -> Result<Rc<Self>, String> {
        Library::Lt.load()?;
        // SAFETY: it takes nothing and was found above.
        let number = unsafe { sys::cublasLtGetVersion() };
        let version = version(number);
        if number < LEAST_VERSION {
            return Err(format!("cuBLASLt {version} is too old; versions of CUDA 12 and 13 will do"));
        }
        let free = |raw| drop(call!(sys::cublasLtDestroy(raw)));
        let handle = Held::make(|raw| call!(sys::cublasLtCreate(raw)), free)?;
        Ok(Rc::new(Self { handle, version, workspace: Memory::new(WORKSPACE_BYTES)? }))
    }

    /// The fastest way of those that it proposes for a product.
    ///
    /// # Errors
    /// Where it does not have what is asked for.
    pub fn plan(
        self: &Rc<Self>,
        device: &Device,
        buffers: Buffers,
        precision: Precision,
        call: &MatmulCall,
    ) -> Result<Product, String> {
        let task = Rc::new(Task::new(self.clone(), precision, call)?);
        task.bind(buffers)?;
        let proposals = task.proposals(precision)?;
        let count = proposals.len();
        let plans = proposals.iter().map(|algorithm| Product { task: task.clone(), algorithm: *algorithm, told: None });
        let (chosen, ran) = fastest(device, buffers, plans.collect())?;
        let told = format!("the fastest of {ran} algorithms that ran, of {count} that it proposed");
        Ok(Product { told: Some(told), ..chosen })
    }
}

/// A product as it is described to the library.
struct Task {
    lt: Rc<Lt>,
    operands: Operands,
    fused: Fused,
    description: Held<sys::cublasLtMatmulDescOpaque_t>,
    /// Of A, B, and C.
    layouts: [Held<sys::cublasLtMatrixLayoutOpaque_t>; 3],
}

impl Task {
    fn new(lt: Rc<Lt>, precision: Precision, call: &MatmulCall) -> Result<Self, String> {
        let (operands, fused) = (Operands::of(call)?, by_cublaslt(&call.epilogue)?);
        let (element, compute) = types(precision);
        let free = |raw| drop(call!(sys::cublasLtMatmulDescDestroy(raw)));
        let single = sys::cudaDataType_t::CUDA_R_32F;
        let description = Held::make(|raw| call!(sys::cublasLtMatmulDescCreate(raw, compute, single)), free)?;
        let [a, b, c] = [0, 1, 2].map(|matrix| layout(&operands, matrix, element));
        let task = Self { lt, operands, fused, description, layouts: [a?, b?, c?] };
        use sys::cublasLtMatmulDescAttributes_t::{
            CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_MATMUL_DESC_TRANSA, CUBLASLT_MATMUL_DESC_TRANSB,
        };
        let [turn_a, turn_b] = operands.transposed.map(operation);
        task.describe(CUBLASLT_MATMUL_DESC_TRANSA, &turn_a)?;
        task.describe(CUBLASLT_MATMUL_DESC_TRANSB, &turn_b)?;
        task.describe(CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue(&task.fused))?;
        Ok(task)
    }

    fn describe<T>(&self, what: sys::cublasLtMatmulDescAttributes_t, value: &T) -> Result<(), String> {
        let (value, size) = (ptr::from_ref(value).cast::<c_void>(), size_of::<T>());
        call!(sys::cublasLtMatmulDescSetAttribute(self.description.raw, what, value, size))
    }

    /// Has the epilogue read the bias of these buffers.
    fn bind(&self, buffers: Buffers) -> Result<(), String> {
        let bias = self.fused.bias.map(|number| buffers.input(number));
        let what = sys::cublasLtMatmulDescAttributes_t::CUBLASLT_MATMUL_DESC_BIAS_POINTER;
        bias.map_or(Ok(()), |bias| self.describe(what, &bias))
    }

    fn proposals(&self, precision: Precision) -> Result<Vec<sys::cublasLtMatmulAlgo_t>, String> {
        use sys::cublasLtMatmulPreferenceAttributes_t::{
            CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
        };
        let free = |raw| drop(call!(sys::cublasLtMatmulPreferenceDestroy(raw)));
        let wishes = Held::make(|raw| call!(sys::cublasLtMatmulPreferenceCreate(raw)), free)?;
        let bytes = ptr::from_ref(&self.lt.workspace.bytes).cast();
        let what = CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
        call!(sys::cublasLtMatmulPreferenceSetAttribute(wishes.raw, what, bytes, size_of::<usize>()))?;
        if precision == Precision::F16 {
            let mask = ptr::from_ref(&REDUCE_IN_COMPUTE_TYPE).cast();
            let what = CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
            call!(sys::cublasLtMatmulPreferenceSetAttribute(wishes.raw, what, mask, size_of::<u32>()))?;
        }
        // SAFETY: all bytes zero are a value of it: numbers, and a status of success.
        let mut results: [sys::cublasLtMatmulHeuristicResult_t; PROPOSALS] = unsafe { std::mem::zeroed() };
        let (mut count, [a, b, c]) = (0, self.layouts.each_ref().map(|layout| layout.raw));
        call!(sys::cublasLtMatmulAlgoGetHeuristic(
            self.lt.handle.raw,
            self.description.raw,
            a,
            b,
            c,
            c,
            wishes.raw,
            PROPOSALS as i32,
            results.as_mut_ptr(),
            &mut count,
        ))?;
        let count = (count.max(0) as usize).min(PROPOSALS);
        let fit = results[..count].iter().filter(|result| result.state == sys::cublasStatus_t::CUBLAS_STATUS_SUCCESS);
        Ok(fit.map(|result| result.algo).collect())
    }
}

/// A product by one algorithm.
pub(super) struct Product {
    task: Rc<Task>,
    algorithm: sys::cublasLtMatmulAlgo_t,
    told: Option<String>,
}

impl Plan for Product {
    fn enqueue(&self, device: &Device, buffers: Buffers) -> Result<(), String> {
        let Task { lt, operands, fused, description, layouts } = &*self.task;
        self.task.bind(buffers)?;
        let [a, b] = operands.inputs.map(|number| buffers.input(number) as *const _);
        let d = buffers.output() as *mut c_void;
        let (c, beta) =
            fused.residual.map_or((d.cast_const(), 0f32), |number| (buffers.input(number) as *const _, 1.0));
        let (alpha, beta) = (ptr::from_ref(&fused.scale).cast(), ptr::from_ref(&beta).cast());
        let [layout_a, layout_b, layout_c] = layouts.each_ref().map(|layout| layout.raw);
        call!(sys::cublasLtMatmul(
            lt.handle.raw,
            description.raw,
            alpha,
            a,
            layout_a,
            b,
            layout_b,
            beta,
            c,
            layout_c,
            d,
            layout_c,
            &self.algorithm,
            lt.workspace.at as *mut _,
            lt.workspace.bytes,
            device.stream.cast(),
        ))
    }

    fn told(&self) -> Option<String> {
        self.told.clone()
    }
}

/// How a matrix is stored: that of A, B or C.
fn layout(
    operands: &Operands,
    matrix: usize,
    element: sys::cudaDataType,
) -> Result<Held<sys::cublasLtMatrixLayoutOpaque_t>, String> {
    use sys::cublasLtMatrixLayoutAttribute_t::{
        CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
    };
    let [rows, columns] = operands.stored()[matrix].map(|size| size as u64);
    let leading = i64::from(operands.leading[matrix]);
    let free = |raw| drop(call!(sys::cublasLtMatrixLayoutDestroy(raw)));
    let layout = Held::make(|raw| call!(sys::cublasLtMatrixLayoutCreate(raw, element, rows, columns, leading)), free)?;
    if operands.batch > 1 {
        let (batch, stride) = (ptr::from_ref(&operands.batch).cast(), ptr::from_ref(&operands.strides[matrix]).cast());
        let what = CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT;
        call!(sys::cublasLtMatrixLayoutSetAttribute(layout.raw, what, batch, size_of::<i32>()))?;
        let what = CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET;
        call!(sys::cublasLtMatrixLayoutSetAttribute(layout.raw, what, stride, size_of::<i64>()))?;
    }
    Ok(layout)
}

fn epilogue(fused: &Fused) -> sys::cublasLtEpilogue_t {
    use sys::cublasLtEpilogue_t::{
        CUBLASLT_EPILOGUE_BIAS, CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_GELU, CUBLASLT_EPILOGUE_GELU_BIAS,
        CUBLASLT_EPILOGUE_RELU, CUBLASLT_EPILOGUE_RELU_BIAS,
    };
    match (fused.activation, fused.bias.is_some()) {
        (Activation::Nothing, false) => CUBLASLT_EPILOGUE_DEFAULT,
        (Activation::Nothing, true) => CUBLASLT_EPILOGUE_BIAS,
        (Activation::Relu, false) => CUBLASLT_EPILOGUE_RELU,
        (Activation::Relu, true) => CUBLASLT_EPILOGUE_RELU_BIAS,
        (Activation::GeluTanh, false) => CUBLASLT_EPILOGUE_GELU,
        (Activation::GeluTanh, true) => CUBLASLT_EPILOGUE_GELU_BIAS,
    }
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
