//! The sizes of one convolution, read from a workload's dims.

use std::ops::Deref;

use crate::op::Meaning;
use crate::op::sizes::Resize;
use crate::op::spatial::{self, Geometry, Pair, Sizes};
use crate::workload::{Dims, Layout, Types, Workload};

/// The sizes, and what is a convolution's own of them.
#[derive(Clone)]
pub(super) struct Shape(Sizes);

const PAIRS: [Pair; 4] = [
    Pair { name: "k", unsaid: None, gloss: "filter" },
    Pair { name: "s", unsaid: Some(1), gloss: "stride" },
    Pair { name: "p", unsaid: Some(0), gloss: "padding" },
    Pair { name: "d", unsaid: Some(1), gloss: "dilation" },
];

impl Shape {
    pub fn of(workload: &Workload) -> Result<Self, String> {
        let [f32, f16] = Types::FLOATS;
        spatial::check_words(workload, &PAIRS, &[f32, f16, Types::INTEGERS])?;
        let dims = &workload.dims;
        let dim = |name: &str| dims.get(name).ok_or_else(|| format!("dim `{name}` is missing"));
        let [filter, stride, padding, dilation] = spatial::read_pairs(dims, &PAIRS)?;
        let (c, h, w, o) = (dim("c")?, dim("h")?, dim("w")?, dim("o")?);
        let groups = spatial::read_groups(dims, c, o)?;
        let out = [
            output_size(h, filter[0], stride[0], padding[0], dilation[0])?,
            output_size(w, filter[1], stride[1], padding[1], dilation[1])?,
        ];
        let (types, n) = (workload.types, dims.get("n").unwrap_or(1));
        let nhwc = workload.layout == Some(Layout::Nhwc);
        Ok(Self(Sizes { types, nhwc, n, c, h, w, o, filter, stride, padding, dilation, groups, out }))
    }

    pub fn w(&self) -> [u64; 4] {
        self.layout([self.o, self.c / self.groups, self.filter[0], self.filter[1]])
    }

    /// The same workload with its dims in order and without what goes without saying.
    pub fn canonical(&self, workload: &Workload) -> Workload {
        spatial::canonical(self, workload, &PAIRS, [self.filter, self.stride, self.padding, self.dilation])
    }

    /// Images and channels may vary; outputs follow as in [`output_size`].
    pub fn meaning(&self, workload: &Workload) -> Meaning {
        spatial::meaning(&workload.dims, &PAIRS, |axis, size| {
            let (covered, stride) = ((self.filter[axis] - 1) * self.dilation[axis] + 1, self.stride[axis]);
            format!("({size}+{}-{covered})/{stride}+1", 2 * self.padding[axis])
        })
    }
}

impl Deref for Shape {
    type Target = Sizes;

    fn deref(&self) -> &Sizes {
        &self.0
    }
}

impl Geometry for Shape {
    fn terms(&self) -> u64 {
        self.c / self.groups * self.filter[0] * self.filter[1]
    }

    fn source(&self, axis: usize, output: u64, place: u64) -> Option<u64> {
        let at = (output * self.stride[axis] + place * self.dilation[axis]).checked_sub(self.padding[axis])?;
        (at < [self.h, self.w][axis]).then_some(at)
    }

    fn w_index(&self, position: [u64; 4]) -> u64 {
        spatial::flat(self.w(), self.layout(position))
    }

    fn w_step(&self) -> u64 {
        if self.nhwc { 1 } else { self.filter[0] * self.filter[1] }
    }
}

/// Image and channels in another size, filter and all else as they are.
pub(super) fn resized(dims: &Dims, how: Resize) -> Dims {
    spatial::resized(dims, how, |direction| {
        let one_of = |name: &str| spatial::one_of(dims, name, direction);
        (one_of("k") - 1) * one_of("d") + 1 + (spatial::EXCERPT_PIXELS - 1) * one_of("s")
    })
}

fn output_size(size: u64, filter: u64, stride: u64, padding: u64, dilation: u64) -> Result<u64, String> {
    let covered = (filter - 1) * dilation + 1;
    let padded = size.saturating_add(2 * padding);
    if covered > padded {
        return Err(format!("the filter covers {covered} pixels where there are {padded}, padding included"));
    }
    Ok((padded - covered) / stride + 1)
}
