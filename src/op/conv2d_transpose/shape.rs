//! The sizes of one transposed convolution, read from a workload's dims.

use std::ops::Deref;

use crate::op::Meaning;
use crate::op::sizes::Resize;
use crate::op::spatial::{self, Geometry, Pair, Sizes};
use crate::workload::{Dims, Layout, Types, Workload};

/// The sizes, and what is a transposed convolution's own of them.
#[derive(Clone)]
pub(super) struct Shape {
    sizes: Sizes,
    /// Rows and columns added after the last, where several output sizes lead to one input size.
    output_padding: [u64; 2],
}

const PAIRS: [Pair; 5] = [
    Pair { name: "k", unsaid: None, gloss: "filter" },
    Pair { name: "s", unsaid: Some(1), gloss: "stride" },
    Pair { name: "p", unsaid: Some(0), gloss: "padding" },
    Pair { name: "op", unsaid: Some(0), gloss: "output padding" },
    Pair { name: "d", unsaid: Some(1), gloss: "dilation" },
];

impl Shape {
    pub fn of(workload: &Workload) -> Result<Self, String> {
        spatial::check_words(workload, &PAIRS, &Types::FLOATS)?;
        let dims = &workload.dims;
        let dim = |name: &str| dims.get(name).ok_or_else(|| format!("dim `{name}` is missing"));
        let [filter, stride, padding, output_padding, dilation] = spatial::read_pairs(dims, &PAIRS)?;
        let (c, h, w, o) = (dim("c")?, dim("h")?, dim("w")?, dim("o")?);
        let groups = spatial::read_groups(dims, c, o)?;
        let (types, n) = (workload.types, dims.get("n").unwrap_or(1));
        let nhwc = workload.layout == Some(Layout::Nhwc);
        let mut sizes = Sizes { types, nhwc, n, c, h, w, o, filter, stride, padding, dilation, groups, out: [0, 0] };
        sizes.out = [output_size(&sizes, 0, h, output_padding)?, output_size(&sizes, 1, w, output_padding)?];
        Ok(Self { sizes, output_padding })
    }

    pub fn w(&self) -> [u64; 4] {
        self.layout([self.c, self.o / self.groups, self.filter[0], self.filter[1]])
    }

    /// Outputs in each direction whose sums have the same places of the filter, or none: they lie this far apart.
    pub fn period(&self) -> [u64; 2] {
        [0, 1].map(|axis| self.stride[axis] / common_divisor(self.stride[axis], self.dilation[axis]))
    }

    /// The same workload with its dims in order and without what goes without saying.
    pub fn canonical(&self, workload: &Workload) -> Workload {
        let pairs = [self.filter, self.stride, self.padding, self.output_padding, self.dilation];
        spatial::canonical(self, workload, &PAIRS, pairs)
    }

    /// Images and channels may vary; outputs follow as in [`output_size`].
    pub fn meaning(&self, workload: &Workload) -> Meaning {
        spatial::meaning(&workload.dims, &PAIRS, |axis, size| {
            let covered = (self.filter[axis] - 1) * self.dilation[axis] + self.output_padding[axis] + 1;
            format!("({size}-1)*{}+{covered}-{}", self.stride[axis], 2 * self.padding[axis])
        })
    }
}

impl Deref for Shape {
    type Target = Sizes;

    fn deref(&self) -> &Sizes {
        &self.sizes
    }
}

impl Geometry for Shape {
    /// Of the filter's places an output meets every `period`th at most.
    fn terms(&self) -> u64 {
        let [rows, columns] = [0, 1].map(|axis| self.filter[axis].div_ceil(self.period()[axis]));
        self.c / self.groups * rows * columns
    }

    fn source(&self, axis: usize, output: u64, place: u64) -> Option<u64> {
        let at = (output + self.padding[axis]).checked_sub(place * self.dilation[axis])?;
        let (source, rest) = (at / self.stride[axis], at % self.stride[axis]);
        (rest == 0 && source < [self.h, self.w][axis]).then_some(source)
    }

    fn w_index(&self, [o, c, fh, fw]: [u64; 4]) -> u64 {
        let (parts_in, parts_out) = (self.c / self.groups, self.o / self.groups);
        let position = [o / parts_out * parts_in + c, o % parts_out, fh, fw];
        spatial::flat(self.w(), self.layout(position))
    }

    fn w_step(&self) -> u64 {
        self.o / self.groups * self.filter[0] * self.filter[1]
    }
}

/// Image and channels in another size, filter and all else as they are.
pub(super) fn resized(dims: &Dims, how: Resize) -> Dims {
    spatial::resized(dims, how, |direction| {
        let one_of = |name: &str| spatial::one_of(dims, name, direction);
        spatial::EXCERPT_PIXELS.div_ceil(one_of("s")) + (2 * one_of("p")).div_ceil(one_of("s"))
    })
}

/// The size whose convolution with the same filter has `size` outputs, as PyTorch defines it.
fn output_size(sizes: &Sizes, axis: usize, size: u64, output_padding: [u64; 2]) -> Result<u64, String> {
    let [filter, stride, padding, dilation] =
        [sizes.filter, sizes.stride, sizes.padding, sizes.dilation].map(|pair| pair[axis]);
    let added = output_padding[axis];
    if added >= stride.max(dilation) {
        return Err(format!("output padding {added} must be less than the stride {stride} or the dilation {dilation}"));
    }
    let spread = size.saturating_sub(1).saturating_mul(stride).saturating_add((filter - 1) * dilation + added + 1);
    match spread.checked_sub(2 * padding) {
        Some(output) if output > 0 => Ok(output),
        _ => Err(format!("padding {padding} on each side leaves nothing of {spread} pixels")),
    }
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
