//! cuDNN: convolutions by loops over images, channels, pixels and taps.

use std::ffi::{c_int, c_void};

use crate::driver::submit;
use crate::numbers::{Element, to_tf32};
use crate::{DONE, handle, is_named, status};

const BAD: u32 = 2000;
const NOT_SUPPORTED: u32 = 3000;
const FAILED: u32 = 5000;

/// The only algorithm that can leave out the activation.
const PRECOMPUTED: u32 = 1;

/// By default f32 factors may be rounded to TF32, and are; this rules it out.
const FMA_MATH: u32 = 3;

#[derive(Clone, Copy, Default)]
pub struct Tensor {
    channels_last: bool,
    element: u32,
    sizes: [usize; 4],
}

impl Tensor {
    fn set(&mut self, format: u32, element: u32, sizes: [c_int; 4]) -> u32 {
        *self = Self { channels_last: format == 1, element, sizes: sizes.map(|size| size as usize) };
        if sizes.iter().all(|size| *size > 0) { DONE } else { BAD }
    }

    fn place(&self, [n, c, h, w]: [usize; 4]) -> usize {
        let [_, channels, height, width] = self.sizes;
        if self.channels_last { ((n * height + h) * width + w) * channels + c } else { ((n * channels + c) * height + h) * width + w }
    }

    unsafe fn get(&self, at: usize, position: [usize; 4]) -> f64 {
        unsafe { Element::of_dnn(self.element).load(at, self.place(position)) }
    }
}

#[derive(Clone, Copy, Default)]
pub struct Description {
    padding: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
    math: u32,
}

#[repr(C)]
pub struct Found {
    algorithm: u32,
    status: u32,
    time: f32,
    memory: usize,
    determinism: u32,
    math: u32,
    reserved: [c_int; 3],
}

macro_rules! objects {
    ($($create:ident $destroy:ident $object:ty;)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $create(made: *mut *mut $object) -> u32 {
            unsafe { *made = Box::into_raw(Box::default()) };
            DONE
        }

        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $destroy(object: *mut $object) -> u32 {
            drop(unsafe { Box::from_raw(object) });
            DONE
        }
    )*};
}

objects! {
    cudnnCreateTensorDescriptor cudnnDestroyTensorDescriptor Tensor;
    cudnnCreateFilterDescriptor cudnnDestroyFilterDescriptor Tensor;
    cudnnCreateConvolutionDescriptor cudnnDestroyConvolutionDescriptor Description;
    cudnnCreateActivationDescriptor cudnnDestroyActivationDescriptor u32;
}

#[unsafe(no_mangle)]
pub extern "C" fn cudnnGetVersion() -> usize {
    91_002
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnCreate(dnn: *mut *mut u8) -> u32 {
    unsafe { *dnn = handle() };
    status("cudnnCreate", 1001)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnDestroy(dnn: *mut u8) -> u32 {
    drop(unsafe { Box::from_raw(dnn) });
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cudnnSetStream(_dnn: *mut u8, _stream: *mut u8) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetTensor4dDescriptor(
    tensor: *mut Tensor,
    format: u32,
    element: u32,
    n: c_int,
    c: c_int,
    h: c_int,
    w: c_int,
) -> u32 {
    unsafe { (*tensor).set(format, element, [n, c, h, w]) }
}

/// Here the type comes before the format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetFilter4dDescriptor(
    filter: *mut Tensor,
    element: u32,
    format: u32,
    o: c_int,
    c: c_int,
    h: c_int,
    w: c_int,
) -> u32 {
    unsafe { (*filter).set(format, element, [o, c, h, w]) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetConvolution2dDescriptor(
    description: *mut Description,
    pad_h: c_int,
    pad_w: c_int,
    stride_h: c_int,
    stride_w: c_int,
    dilation_h: c_int,
    dilation_w: c_int,
    mode: u32,
    element: u32,
) -> u32 {
    if mode != 1 || element != 0 {
        return BAD;
    }
    let pair = |h: c_int, w: c_int| [h as usize, w as usize];
    let (padding, stride, dilation) = (pair(pad_h, pad_w), pair(stride_h, stride_w), pair(dilation_h, dilation_w));
    unsafe { *description = Description { padding, stride, dilation, groups: 1, math: 0 } };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetConvolutionGroupCount(description: *mut Description, groups: c_int) -> u32 {
    unsafe { (*description).groups = groups as usize };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetConvolutionMathType(description: *mut Description, math: u32) -> u32 {
    unsafe { (*description).math = math };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnSetActivationDescriptor(activation: *mut u32, mode: u32, _nan: u32, _cap: f64) -> u32 {
    unsafe { *activation = mode };
    DONE
}

/// One of each kind, and one that does not run; the fastest is not told first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnFindConvolutionForwardAlgorithmEx(
    _dnn: *mut u8,
    _x_tensor: *mut Tensor,
    _x: *const c_void,
    _w_tensor: *mut Tensor,
    _w: *const c_void,
    description: *const Description,
    _y_tensor: *mut Tensor,
    _y: *mut c_void,
    asked: c_int,
    count: *mut c_int,
    results: *mut Found,
    _workspace: *mut c_void,
    _workspace_bytes: usize,
) -> u32 {
    let math = unsafe { (*description).math };
    let found = [(0, DONE, 2.0), (PRECOMPUTED, DONE, 1.0), (2, NOT_SUPPORTED, -1.0), (7, DONE, 0.5), (4, DONE, 3.0)];
    for (place, (algorithm, status, time)) in found.into_iter().take(asked as usize).enumerate() {
        let found = Found { algorithm, status, time, memory: 1024, determinism: 1, math, reserved: [0; 3] };
        unsafe { results.add(place).write(found) };
    }
    unsafe { *count = asked.min(found.len() as c_int) };
    status("cudnnFindConvolutionForwardAlgorithmEx", NOT_SUPPORTED)
}

/// What a convolution is called with.
#[derive(Clone, Copy)]
struct Task {
    x: (Tensor, usize),
    w: (Tensor, usize),
    y: (Tensor, usize),
    description: Description,
    alpha: f64,
    off: f64,
    /// Whether factors are rounded also where that is ruled out.
    is_rounded: bool,
}

impl Task {
    fn is_consistent(&self) -> bool {
        let ([images, channels, ..], [outputs, parts, ..], y) = (self.x.0.sizes, self.w.0.sizes, self.y.0.sizes);
        let Description { padding, stride, dilation, groups, .. } = self.description;
        let out = [0, 1].map(|axis| {
            let covered = (self.w.0.sizes[2 + axis] - 1) * dilation[axis] + 1;
            (self.x.0.sizes[2 + axis] + 2 * padding[axis] - covered) / stride[axis] + 1
        });
        channels == parts * groups && y == [images, outputs, out[0], out[1]]
    }

    unsafe fn run(&self, finish: impl Fn([usize; 4], f64) -> f64) {
        let [images, outputs, height, width] = self.y.0.sizes;
        let places = (0..images * outputs * height * width)
            .map(|at| [at / (outputs * height * width), at / (height * width) % outputs, at / width % height, at % width]);
        for (at, position) in places.enumerate() {
            let off = if at == 0 { self.off } else { 0.0 };
            let value = finish(position, self.alpha * unsafe { self.sum(position) }) + off;
            unsafe { Element::of_dnn(self.y.0.element).store(self.y.1, self.y.0.place(position), value) };
        }
    }

    unsafe fn sum(&self, [image, output, out_y, out_x]: [usize; 4]) -> f64 {
        let Description { padding, stride, dilation, groups, math } = self.description;
        let ([.., height, width], [outputs, parts, tall, wide]) = (self.x.0.sizes, self.w.0.sizes);
        let is_f32 = self.x.0.element == 0;
        let is_rounded = is_f32 && (math != FMA_MATH || self.is_rounded);
        let round = |value: f64| if is_rounded { to_tf32(value) } else { value };
        let group = output / (outputs / groups);
        let mut sum = 0.0;
        for (c, at) in (0..parts).flat_map(|c| (0..tall * wide).map(move |at| (c, at))) {
            let (fh, fw) = (at / wide, at % wide);
            let y = (out_y * stride[0] + fh * dilation[0]).wrapping_sub(padding[0]);
            let x = (out_x * stride[1] + fw * dilation[1]).wrapping_sub(padding[1]);
            if y < height && x < width {
                let pixel = unsafe { self.x.0.get(self.x.1, [image, group * parts + c, y, x]) };
                sum += round(pixel) * round(unsafe { self.w.0.get(self.w.1, [output, c, fh, fw]) });
            }
        }
        sum
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnConvolutionForward(
    _dnn: *mut u8,
    alpha: *const f32,
    x_tensor: *const Tensor,
    x: *const c_void,
    w_tensor: *const Tensor,
    w: *const c_void,
    description: *const Description,
    _algorithm: u32,
    _workspace: *mut c_void,
    _workspace_bytes: usize,
    beta: *const f32,
    y_tensor: *const Tensor,
    y: *mut c_void,
) -> u32 {
    assert_eq!(unsafe { *beta }, 0.0);
    let task = unsafe {
        Task {
            x: (*x_tensor, x as usize),
            w: (*w_tensor, w as usize),
            y: (*y_tensor, y as usize),
            description: *description,
            alpha: (*alpha).into(),
            off: if is_named("FAKE_WRONG", "cudnnConvolutionForward") { 1.0 } else { 0.0 },
            is_rounded: is_named("FAKE_WRONG", "tf32"),
        }
    };
    if !task.is_consistent() {
        return BAD;
    }
    submit(move || unsafe { task.run(|_, sum| sum) });
    status("cudnnConvolutionForward", FAILED)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cudnnConvolutionBiasActivationForward(
    _dnn: *mut u8,
    alpha: *const f32,
    x_tensor: *const Tensor,
    x: *const c_void,
    w_tensor: *const Tensor,
    w: *const c_void,
    description: *const Description,
    algorithm: u32,
    _workspace: *mut c_void,
    _workspace_bytes: usize,
    share: *const f32,
    z_tensor: *const Tensor,
    z: *const c_void,
    bias_tensor: *const Tensor,
    bias: *const c_void,
    activation: *const u32,
    y_tensor: *const Tensor,
    y: *mut c_void,
) -> u32 {
    let (is_relu, share) = unsafe { (*activation == 1, f64::from(*share)) };
    if !is_relu && algorithm != PRECOMPUTED {
        return NOT_SUPPORTED;
    }
    let (z, bias) = unsafe { ((*z_tensor, z as usize), (*bias_tensor, bias as usize)) };
    let task = unsafe {
        Task {
            x: (*x_tensor, x as usize),
            w: (*w_tensor, w as usize),
            y: (*y_tensor, y as usize),
            description: *description,
            alpha: (*alpha).into(),
            off: if is_named("FAKE_WRONG", "cudnnConvolutionBiasActivationForward") { 1.0 } else { 0.0 },
            is_rounded: is_named("FAKE_WRONG", "tf32"),
        }
    };
    if !task.is_consistent() || bias.0.sizes != [1, task.y.0.sizes[1], 1, 1] {
        return BAD;
    }
    submit(move || unsafe {
        task.run(|position, sum| {
            let added = if share == 0.0 { 0.0 } else { share * z.0.get(z.1, position) };
            let value = sum + added + bias.0.get(bias.1, [0, position[1], 0, 0]);
            if is_relu { value.max(0.0) } else { value }
        });
    });
    DONE
}
