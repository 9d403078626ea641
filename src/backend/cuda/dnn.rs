//! Convolutions by cuDNN: with the algorithm that its own search finds the fastest.

use std::ptr;
use std::rc::Rc;

use cudarc::cudnn::sys;

use super::device::Device;
use super::epilogue::{Activation, Fused, by_cudnn};
use super::libraries::{Library, version};
use super::memory::Memory;
use super::plan::{Buffers, Family, Held, Plan, Precision, fastest};
use super::status::call;
use crate::code::routine::ConvolutionCall;

/// cuDNN on one device.
pub(super) struct Dnn {
    handle: Held<sys::cudnnContext>,
    /// As it tells it.
    pub version: String,
}

/// Algorithms that its search can tell of, at most.
const MOST_ALGORITHMS: usize = 8;

/// What an algorithm may take of the memory that is free, and at most.
const WORKSPACE_SHARE: usize = 4;
const MOST_WORKSPACE_BYTES: usize = 1 << 30;

/// Older versions answer with numbers that are no status of this one's.
const LEAST_VERSION: usize = 90_000;

impl Dnn {
    /// Loads it.
    ///
    /// # Errors
    /// As a sentence, where it is not there or does not work.
    pub fn open(device: &Device) -> Result<Rc<Self>, String> {
        Library::Dnn.load()?;
        // SAFETY: it takes nothing and was found above.
        let number = unsafe { sys::cudnnGetVersion() };
        let version = version(number);
        if number < LEAST_VERSION {
            return Err(format!("cuDNN {version} is too old; version 9 will do"));
        }
        let free = |raw| drop(call!(sys::cudnnDestroy(raw)));
        let handle = Held::make(|raw| call!(sys::cudnnCreate(raw)), free)?;
        call!(sys::cudnnSetStream(handle.raw, device.stream.cast()))?;
        Ok(Rc::new(Self { handle, version }))
    }

    /// The fastest way of a family of algorithms.
    ///
    /// # Errors
    /// Where it does not have what is asked for.
    pub fn plan(
        self: &Rc<Self>,
        device: &Device,
        buffers: Buffers,
        precision: Precision,
        family: Family,
        call: &ConvolutionCall,
    ) -> Result<Convolution, String> {
        let task = Rc::new(Task::new(device, self.clone(), precision, call)?);
        let found = task.search(device, buffers)?;
        let count = found.len();
        let fit: Vec<Found> = found.into_iter().filter(|found| self::family(found.algorithm) == Some(family)).collect();
        if fit.is_empty() {
            return Err(format!("none of the {count} algorithms that cuDNN finds for this is of {}", family.name()));
        }
        let bytes = fit.iter().map(|found| found.bytes).max().unwrap_or(0);
        let workspace = Rc::new(Memory::new(bytes)?);
        let plan = |found: &Found| Convolution {
            task: task.clone(),
            algorithm: found.algorithm,
            workspace: workspace.clone(),
        };
        // Without an epilogue its own search has timed just what is to be done.
        let plans = if task.fused.adds_nothing() { vec![plan(&fit[0])] } else { fit.iter().map(plan).collect() };
        Ok(fastest(device, buffers, plans)?.0)
    }
}

/// An algorithm that ran.
struct Found {
    algorithm: sys::cudnnConvolutionFwdAlgo_t,
    bytes: usize,
}

/// A convolution as it is described to the library.
struct Task {
    dnn: Rc<Dnn>,
    fused: Fused,
    x: Held<sys::cudnnTensorStruct>,
    w: Held<sys::cudnnFilterStruct>,
    y: Held<sys::cudnnTensorStruct>,
    bias: Held<sys::cudnnTensorStruct>,
    description: Held<sys::cudnnConvolutionStruct>,
    activation: Held<sys::cudnnActivationStruct>,
    /// What is added where the workload adds no bias: it has to have one.
    zeros: Memory,
}

impl Task {
    fn new(device: &Device, dnn: Rc<Dnn>, precision: Precision, call: &ConvolutionCall) -> Result<Self, String> {
        let fused = by_cudnn(&call.epilogue)?;
        refuse(call)?;
        let (element, format) = (element(precision), format(call.channels_last));
        let [n, c, o, groups] = ints([call.images, call.channels, call.outputs, call.groups])?;
        let ([h, w], [out_h, out_w], [kernel_h, kernel_w]) =
            (ints(call.size)?, ints(call.output_size)?, ints(call.filter)?);
        let free = |raw| drop(call!(sys::cudnnDestroyFilterDescriptor(raw)));
        let filter = Held::make(|raw| call!(sys::cudnnCreateFilterDescriptor(raw)), free)?;
        call!(sys::cudnnSetFilter4dDescriptor(filter.raw, element, format, o, c / groups, kernel_h, kernel_w))?;
        let zeros = vec![0; call.outputs as usize * size_of::<f32>()];
        Ok(Self {
            dnn,
            activation: activation(fused.activation)?,
            fused,
            x: tensor(format, element, [n, c, h, w])?,
            w: filter,
            y: tensor(format, element, [n, o, out_h, out_w])?,
            bias: tensor(format, element, [1, o, 1, 1])?,
            description: description(precision, call, groups)?,
            zeros: Memory::of(device, &zeros)?,
        })
    }

    /// What its own search finds, the fastest first.
    fn search(&self, device: &Device, buffers: Buffers) -> Result<Vec<Found>, String> {
        let workspace = Memory::new((device.free_bytes()? / WORKSPACE_SHARE).min(MOST_WORKSPACE_BYTES))?;
        // SAFETY: all bytes zero are a value of it: numbers, and enumerations with a member of 0.
        let mut results: [sys::cudnnConvolutionFwdAlgoPerf_t; MOST_ALGORITHMS] = unsafe { std::mem::zeroed() };
        let (mut count, [x, w]) = (0, [0, 1].map(|number| buffers.input(number) as *const _));
        call!(sys::cudnnFindConvolutionForwardAlgorithmEx(
            self.dnn.handle.raw,
            self.x.raw,
            x,
            self.w.raw,
            w,
            self.description.raw,
            self.y.raw,
            buffers.output() as *mut _,
            MOST_ALGORITHMS as i32,
            &mut count,
            results.as_mut_ptr(),
            workspace.at as *mut _,
            workspace.bytes,
        ))?;
        let count = (count.max(0) as usize).min(MOST_ALGORITHMS);
        let mut ran: Vec<_> = results[..count]
            .iter()
            .filter(|result| result.status == sys::cudnnStatus_t::CUDNN_STATUS_SUCCESS)
            .collect();
        ran.sort_by(|one, other| one.time.total_cmp(&other.time));
        Ok(ran.into_iter().map(|result| Found { algorithm: result.algo, bytes: result.memory }).collect())
    }
}

/// A convolution by one algorithm.
pub(super) struct Convolution {
    task: Rc<Task>,
    algorithm: sys::cudnnConvolutionFwdAlgo_t,
    workspace: Rc<Memory>,
}

impl Plan for Convolution {
    fn enqueue(&self, _device: &Device, buffers: Buffers) -> Result<(), String> {
        let Task { dnn, fused, x, w, y, bias, description, activation, zeros } = &*self.task;
        let (handle, workspace, bytes) = (dnn.handle.raw, self.workspace.at as *mut _, self.workspace.bytes);
        let [pixels, weights] = [0, 1].map(|number| buffers.input(number) as *const _);
        let out = buffers.output() as *mut _;
        let alpha = ptr::from_ref(&fused.scale).cast();
        if self.task.fused.adds_nothing() {
            let beta = ptr::from_ref(&0f32).cast();
            return call!(sys::cudnnConvolutionForward(
                handle,
                alpha,
                x.raw,
                pixels,
                w.raw,
                weights,
                description.raw,
                self.algorithm,
                workspace,
                bytes,
                beta,
                y.raw,
                out,
            ));
        }
        let (z, share) = fused.residual.map_or((buffers.output(), 0f32), |number| (buffers.input(number), 1.0));
        let share = ptr::from_ref(&share).cast();
        let added = fused.bias.map_or(zeros.at, |number| buffers.input(number)) as *const _;
        call!(sys::cudnnConvolutionBiasActivationForward(
            handle,
            alpha,
            x.raw,
            pixels,
            w.raw,
            weights,
            description.raw,
            self.algorithm,
            workspace,
            bytes,
            share,
            y.raw,
            z as *const _,
            bias.raw,
            added,
            activation.raw,
            y.raw,
            out,
        ))
    }

    fn told(&self) -> Option<String> {
        let name = format!("{:?}", self.algorithm);
        let name = name.trim_start_matches("CUDNN_CONVOLUTION_FWD_ALGO_");
        Some(format!("{name}, as its own search found; {} bytes of workspace", self.workspace.bytes))
    }
}

/// What kind of algorithm it is.
fn family(algorithm: sys::cudnnConvolutionFwdAlgo_t) -> Option<Family> {
    use sys::cudnnConvolutionFwdAlgo_t::*;
    match algorithm {
        CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM
        | CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM
        | CUDNN_CONVOLUTION_FWD_ALGO_GEMM
        | CUDNN_CONVOLUTION_FWD_ALGO_DIRECT => Some(Family::Sums),
        CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD | CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED => Some(Family::Winograd),
        CUDNN_CONVOLUTION_FWD_ALGO_FFT | CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING => Some(Family::Fourier),
        CUDNN_CONVOLUTION_FWD_ALGO_COUNT => None,
    }
}

/// What it would compute otherwise than is meant.
fn refuse(call: &ConvolutionCall) -> Result<(), String> {
    if call.transposed {
        return Err("transposed convolutions are not asked of cuDNN".to_owned());
    }
    let computed = |axis: usize| {
        let covered = (call.filter[axis] - 1) * call.dilation[axis] + 1;
        (call.size[axis] + 2 * call.padding[axis]).checked_sub(covered).map(|rest| rest / call.stride[axis] + 1)
    };
    let is_same = (0..2).all(|axis| computed(axis) == Some(call.output_size[axis]));
    if is_same { Ok(()) } else { Err("cuDNN pads alike on both sides, and this convolution does not".to_owned()) }
}

fn ints<const N: usize>(sizes: [u64; N]) -> Result<[i32; N], String> {
    match sizes.iter().find(|size| i32::try_from(**size).is_err()) {
        Some(size) => Err(format!("a size of {size} is above the 2^31 - 1 that cuDNN counts to")),
        None => Ok(sizes.map(|size| size as i32)),
    }
}

/// Images, channels, height and width, in this order whatever lies side by side.
fn tensor(
    format: sys::cudnnTensorFormat_t,
    element: sys::cudnnDataType_t,
    [n, c, h, w]: [i32; 4],
) -> Result<Held<sys::cudnnTensorStruct>, String> {
    let free = |raw| drop(call!(sys::cudnnDestroyTensorDescriptor(raw)));
    let tensor = Held::make(|raw| call!(sys::cudnnCreateTensorDescriptor(raw)), free)?;
    call!(sys::cudnnSetTensor4dDescriptor(tensor.raw, format, element, n, c, h, w))?;
    Ok(tensor)
}

fn description(
    precision: Precision,
    call: &ConvolutionCall,
    groups: i32,
) -> Result<Held<sys::cudnnConvolutionStruct>, String> {
    let ([pad_h, pad_w], [stride_h, stride_w], [apart_h, apart_w]) =
        (ints(call.padding)?, ints(call.stride)?, ints(call.dilation)?);
    let free = |raw| drop(call!(sys::cudnnDestroyConvolutionDescriptor(raw)));
    let description = Held::make(|raw| call!(sys::cudnnCreateConvolutionDescriptor(raw)), free)?;
    let (raw, mode) = (description.raw, sys::cudnnConvolutionMode_t::CUDNN_CROSS_CORRELATION);
    let single = sys::cudnnDataType_t::CUDNN_DATA_FLOAT;
    call!(
        sys::cudnnSetConvolution2dDescriptor(raw, pad_h, pad_w, stride_h, stride_w, apart_h, apart_w, mode, single,)
    )?;
    call!(sys::cudnnSetConvolutionGroupCount(raw, groups))?;
    call!(sys::cudnnSetConvolutionMathType(raw, math(precision)))?;
    Ok(description)
}

fn activation(activation: Activation) -> Result<Held<sys::cudnnActivationStruct>, String> {
    let mode = match activation {
        Activation::Relu => sys::cudnnActivationMode_t::CUDNN_ACTIVATION_RELU,
        Activation::Nothing | Activation::GeluTanh => sys::cudnnActivationMode_t::CUDNN_ACTIVATION_IDENTITY,
    };
    let free = |raw| drop(call!(sys::cudnnDestroyActivationDescriptor(raw)));
    let held = Held::make(|raw| call!(sys::cudnnCreateActivationDescriptor(raw)), free)?;
    let nan = sys::cudnnNanPropagation_t::CUDNN_PROPAGATE_NAN;
    call!(sys::cudnnSetActivationDescriptor(held.raw, mode, nan, 0.0))?;
    Ok(held)
}

fn element(precision: Precision) -> sys::cudnnDataType_t {
    match precision {
        Precision::F32 | Precision::Tf32 => sys::cudnnDataType_t::CUDNN_DATA_FLOAT,
        Precision::F16 => sys::cudnnDataType_t::CUDNN_DATA_HALF,
    }
}

/// Weights lie as images do: OIHW beside NCHW, OHWI beside NHWC.
fn format(channels_last: bool) -> sys::cudnnTensorFormat_t {
    if channels_last {
        sys::cudnnTensorFormat_t::CUDNN_TENSOR_NHWC
    } else {
        sys::cudnnTensorFormat_t::CUDNN_TENSOR_NCHW
    }
}

/// By default it may round f32 factors to TF32.
fn math(precision: Precision) -> sys::cudnnMathType_t {
    match precision {
        Precision::F32 => sys::cudnnMathType_t::CUDNN_FMA_MATH,
        Precision::Tf32 => sys::cudnnMathType_t::CUDNN_DEFAULT_MATH,
        Precision::F16 => sys::cudnnMathType_t::CUDNN_TENSOR_OP_MATH,
    }
}
