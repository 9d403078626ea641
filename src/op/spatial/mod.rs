//! What operators share that carry a filter over the pixels of images: sizes, dims in pairs, the reference.

mod dims;
mod reference;

pub use dims::{EXCERPT_PIXELS, Pair, canonical, check_words, meaning, one_of, read_groups, read_pairs, resized};
pub use reference::{Geometry, SumReference};

use serde::Serialize;

use super::epilogue::{Epilogue, Site};
use super::{Operator, OperatorError, Shared, Signature, Work, meaningless, refuse_absurd};
use crate::base::TensorSpec;
use crate::code::Symbols;
use crate::code::routine::{Call, ConvolutionCall};
use crate::workload::{Types, Workload};

/// The symbols that the uniform blocks of such operators hold.
pub const UNIFORMS: [&str; 6] = ["c", "h", "w", "o", "oh", "ow"];

/// Sizes and choices; pairs are [height, width].
#[derive(Clone)]
pub struct Sizes {
    pub types: Types,
    pub nhwc: bool,
    pub n: u64,
    pub c: u64,
    pub h: u64,
    pub w: u64,
    pub o: u64,
    pub filter: [u64; 2],
    pub stride: [u64; 2],
    pub padding: [u64; 2],
    pub dilation: [u64; 2],
    pub groups: u64,
    /// Height and width of the output.
    pub out: [u64; 2],
}

impl Sizes {
    pub fn x(&self) -> [u64; 4] {
        self.layout([self.n, self.c, self.h, self.w])
    }

    pub fn y(&self) -> [u64; 4] {
        self.layout([self.n, self.o, self.out[0], self.out[1]])
    }

    /// [n, c, h, w] in the order in which it is stored.
    pub fn layout(&self, [n, c, h, w]: [u64; 4]) -> [u64; 4] {
        if self.nhwc { [n, h, w, c] } else { [n, c, h, w] }
    }

    pub fn x_index(&self, position: [u64; 4]) -> u64 {
        flat(self.x(), self.layout(position))
    }

    /// From one input channel to the next in the image, in elements.
    pub fn x_step(&self) -> u64 {
        if self.nhwc { 1 } else { self.h * self.w }
    }

    /// [image, channel, y, x] of a flat output index.
    pub fn output_position(&self, index: u64) -> [u64; 4] {
        let [_, a, b, c] = self.y();
        let stored = [index / (a * b * c), index / (b * c) % a, index / c % b, index % c];
        let [n, a, b, c] = stored;
        if self.nhwc { [n, c, a, b] } else { stored }
    }

    pub fn symbols(&self) -> Symbols {
        let sizes = [
            ("n", self.n),
            ("c", self.c),
            ("h", self.h),
            ("w", self.w),
            ("o", self.o),
            ("oh", self.out[0]),
            ("ow", self.out[1]),
        ];
        sizes.map(|(name, size)| (name.to_owned(), size)).into()
    }

    pub fn epilogue(&self, workload: &Workload, output: &TensorSpec) -> Result<Epilogue, String> {
        let site = Site { first_input: 2, channels: self.o, output, accumulator: self.types.accumulator };
        Epilogue::new(&workload.steps, &site)
    }
}

/// What routines are asked for at these sizes; `None` where the epilogue is for WGSL alone.
pub fn call(signature: &Signature, sizes: &Sizes, transposed: bool) -> Option<Call> {
    let epilogue = sizes.epilogue(&signature.workload, &signature.outputs[0]).expect("a signature's steps make sense");
    Some(Call::Convolution(ConvolutionCall {
        transposed,
        images: sizes.n,
        channels: sizes.c,
        size: [sizes.h, sizes.w],
        outputs: sizes.o,
        output_size: sizes.out,
        filter: sizes.filter,
        stride: sizes.stride,
        padding: sizes.padding,
        dilation: sizes.dilation,
        groups: sizes.groups,
        channels_last: sizes.nhwc,
        element: sizes.types.input,
        epilogue: epilogue.posts()?,
    }))
}

/// The meaning of a workload with these sizes: `w` is the shape of the weights, `canonical` the workload's proper text,
/// and `products` are as many as an output sums, on average.
pub fn signature(
    operator: &'static dyn Operator,
    workload: &Workload,
    canonical: Workload,
    sizes: &Sizes,
    w: [u64; 4],
    products: f64,
) -> Result<Signature, OperatorError> {
    let tensors = [
        TensorSpec::new("x", sizes.types.input, &sizes.x()),
        TensorSpec::new("w", sizes.types.input, &w),
        TensorSpec::new("y", sizes.types.output, &sizes.y()),
    ];
    refuse_absurd(workload, &tensors)?;
    let [x, w, y] = tensors;
    let epilogue = sizes.epilogue(workload, &y).map_err(|why| meaningless(workload, why))?;
    let inputs: Vec<TensorSpec> = [x, w].into_iter().chain(epilogue.inputs).collect();
    let flops = y.elements() as f64 * (2.0 * products + epilogue.flops);
    let bytes = inputs.iter().chain([&y]).map(|tensor| tensor.bytes() as f64).sum();
    Ok(Signature {
        operator: Shared::Ours(operator),
        workload: canonical,
        inputs,
        outputs: vec![y],
        symbols: sizes.symbols(),
        work: Work::new(flops, bytes),
    })
}

/// The flat index of a position in a tensor.
pub fn flat(shape: [u64; 4], position: [u64; 4]) -> u64 {
    shape.into_iter().zip(position).fold(0, |flat, (extent, at)| flat * extent + at)
}

/// The constants of a filter that are always part of a kernel's text.
#[derive(Serialize)]
pub struct Filter {
    filter_h: u64,
    filter_w: u64,
    stride_h: u64,
    stride_w: u64,
    padding_h: u64,
    padding_w: u64,
    dilation_h: u64,
    dilation_w: u64,
    /// Groups of channels; `group` is a workgroup in the text.
    parts: u64,
}

impl Filter {
    pub fn of(sizes: &Sizes) -> Self {
        Self {
            filter_h: sizes.filter[0],
            filter_w: sizes.filter[1],
            stride_h: sizes.stride[0],
            stride_w: sizes.stride[1],
            padding_h: sizes.padding[0],
            padding_w: sizes.padding[1],
            dilation_h: sizes.dilation[0],
            dilation_w: sizes.dilation[1],
            parts: sizes.groups,
        }
    }
}
