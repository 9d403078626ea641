//! Convolutions on VTA: what is computed, how it is cut into tiles, and which cuts AutoTVM's template can compile.

use serde::{Deserialize, Serialize};

use super::{Hardware, Memory};

/// A convolution of images; a product of matrices is one of pixels with a filter of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Convolution {
    /// Images.
    pub images: u32,
    /// Rows and columns of an image.
    pub image: [u32; 2],
    /// Input channels.
    pub inputs: u32,
    /// Output channels.
    pub outputs: u32,
    /// Rows and columns of the filter.
    pub filter: [u32; 2],
    /// Pixels between two results, along rows and columns.
    pub stride: [u32; 2],
    /// Zeros around the image, on each side along rows and columns.
    pub padding: [u32; 2],
}

/// What is done with sums before they are stored as their low bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Epilogue {
    /// Whether each output channel has a number that is added.
    pub bias: bool,
    /// Bits that are shifted out to the right, keeping the sign.
    pub shift: u32,
    /// The smallest and the largest result; 0 as the smallest is ReLU.
    pub clip: [i16; 2],
}

/// How a convolution is cut: what a tile has, and how many tiles are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tiling {
    /// Rows and columns of results.
    pub pixels: [u32; 2],
    /// Blocks of input channels that are loaded together.
    pub inputs: u32,
    /// Blocks of output channels.
    pub outputs: u32,
    /// Virtual threads over output channels, each with buffers of its own.
    pub output_threads: u32,
    /// The same over rows.
    pub row_threads: u32,
}

/// How a convolution is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As AutoTVM's conv2d_packed does, with its rejections.
    Tvm,
    /// Whatever can be encoded: copies of more dimensions become several, tiles at an edge are smaller, and whether a tile fits
    /// the chip is left to the simulator.
    Direct,
}

/// A reason why AutoTVM's template cannot be compiled, in the order in which rules are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Virtual threads along both axes.
    NestedThreads,
    /// A number of tiles that virtual threads do not divide.
    Guard,
    /// A STORE of more than two dimensions.
    Store,
    /// A LOAD of inputs of more than two dimensions.
    Load,
    /// More inputs than the chip holds.
    Inputs,
    /// More weights than the chip holds.
    Weights,
    /// More sums than the chip holds.
    Sums,
    /// A micro-op adds to what one of the two before it adds to.
    Dependency,
    /// More micro-ops than the chip holds.
    MicroOps,
}

impl Refusal {
    /// What is wrong, as half a sentence.
    pub fn why(self) -> &'static str {
        match self {
            Self::NestedThreads => "virtual threads go along both output channels and rows",
            Self::Guard => "virtual threads do not divide the number of tiles",
            Self::Store => "results are stored in more than two dimensions",
            Self::Load => "inputs are loaded in more than two dimensions",
            Self::Inputs => "the inputs of a tile do not fit the chip",
            Self::Weights => "the weights of a tile do not fit the chip",
            Self::Sums => "the sums of a tile do not fit the chip",
            Self::Dependency => "micro-ops add to the same sum within three",
            Self::MicroOps => "the micro-ops do not fit the chip",
        }
    }
}

impl Convolution {
    /// Rows and columns of results.
    pub fn results(&self) -> [u32; 2] {
        [0, 1].map(|axis| {
            let padded = self.image[axis] + 2 * self.padding[axis];
            padded.saturating_sub(self.filter[axis]) / self.stride[axis] + 1
        })
    }

    /// Blocks of input and output channels.
    pub fn blocks(&self, hardware: &Hardware) -> [u32; 2] {
        [self.inputs, self.outputs].map(|channels| channels.div_ceil(hardware.block() as u32))
    }
}

impl Tiling {
    /// Tiles that are under way at once.
    pub fn threads(&self) -> u32 {
        self.output_threads * self.row_threads
    }

    /// Rows and columns of inputs that a tile needs.
    pub fn footprint(&self, convolution: &Convolution) -> [u32; 2] {
        [0, 1].map(|axis| (self.pixels[axis] - 1) * convolution.stride[axis] + convolution.filter[axis])
    }

    /// The loops of a tile's products, outermost first: their extents, and whether they lead to other sums.
    pub fn nest(&self, convolution: &Convolution) -> [(u32, bool); 6] {
        let ([rows, columns], [height, width]) = (convolution.filter, self.pixels);
        [(self.inputs, false), (width, true), (columns, false), (rows, false), (self.outputs, true), (height, true)]
    }

    /// Why AutoTVM's conv2d_packed of this cut is not compiled, if it is not.
    pub fn refusal(&self, convolution: &Convolution, hardware: &Hardware) -> Option<Refusal> {
        let [in_blocks, out_blocks] = convolution.blocks(hardware);
        let ([height, width], [rows, columns]) = (convolution.results(), self.footprint(convolution));
        let [tile_height, tile_width] = self.pixels;
        let threads = u64::from(self.threads());
        let holds = |memory, elements: [u32; 4]| {
            elements.into_iter().map(u64::from).product::<u64>() * threads <= hardware.depth(memory) as u64
        };
        let [filter_rows, filter_columns] = convolution.filter;
        let padded = convolution.padding != [0, 0];
        let load = [(self.inputs, in_blocks), (rows, convolution.image[0]), (columns, convolution.image[1])];
        let store = [(self.outputs, out_blocks), (tile_height, height), (tile_width, width)];
        let guarded = !(out_blocks / self.outputs).is_multiple_of(self.output_threads)
            || !(height / tile_height).is_multiple_of(self.row_threads);
        let rules = [
            (Refusal::NestedThreads, self.output_threads > 1 && self.row_threads > 1),
            (Refusal::Guard, guarded),
            (Refusal::Store, !is_flat(store)),
            (Refusal::Load, if padded { self.inputs > 1 } else { !is_flat(load) }),
            (Refusal::Inputs, !holds(Memory::Inp, [self.inputs, rows, columns, 1])),
            (Refusal::Weights, !holds(Memory::Wgt, [self.outputs, self.inputs, filter_rows, filter_columns])),
            (Refusal::Sums, !holds(Memory::Acc, [self.outputs, tile_height, tile_width, 1])),
            (Refusal::Dependency, self.depends(convolution)),
            (Refusal::MicroOps, self.list(convolution) * threads > hardware.depth(Memory::Uop) as u64),
        ];
        rules.into_iter().find_map(|(refusal, holds)| holds.then_some(refusal))
    }

    /// Micro-ops of a tile's products: what is within the two outermost loops.
    pub fn list(&self, convolution: &Convolution) -> u64 {
        self.nest(convolution)
            .into_iter()
            .map(|(extent, _)| u64::from(extent))
            .filter(|extent| *extent > 1)
            .skip(2)
            .product()
    }

    /// Whether two micro-ops within three of each other add to the same sum.
    fn depends(&self, convolution: &Convolution) -> bool {
        let loops = self.nest(convolution).into_iter().filter(|(extent, _)| *extent > 1);
        let list: Vec<(u32, bool)> = loops.skip(2).collect();
        let Some(last) = list.iter().rposition(|(_, other)| !other) else { return false };
        list[last + 1..].iter().map(|(extent, _)| extent).product::<u32>() < LEAST_DISTANCE
    }
}

/// From one micro-op to the next that adds to the same sum at least (`vta/runtime/runtime.cc` of TVM).
const LEAST_DISTANCE: u32 = 3;

/// Whether a part of a dense array of three axes, outermost first, each with its part and its whole, is one copy.
fn is_flat(axes: [(u32, u32); 3]) -> bool {
    copies(axes).len() == 1
}

/// A copy of two dimensions: where it begins, its rows and columns, and from one row to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flat {
    pub begin: u32,
    pub rows: u32,
    pub columns: u32,
    pub stride: u32,
}

/// The fewest copies of two dimensions for a part of a dense array of three axes.
pub(super) fn copies(axes: [(u32, u32); 3]) -> Vec<Flat> {
    let [(outer, _), (rows, all_rows), (columns, all_columns)] = axes;
    let plane = all_rows * all_columns;
    if outer == 1 {
        return vec![Flat { begin: 0, rows, columns, stride: all_columns }];
    }
    if rows == 1 {
        return vec![Flat { begin: 0, rows: outer, columns, stride: plane }];
    }
    if columns == all_columns {
        return vec![Flat { begin: 0, rows: outer, columns: rows * columns, stride: plane }];
    }
    if rows == all_rows {
        return vec![Flat { begin: 0, rows: outer * rows, columns, stride: all_columns }];
    }
    (0..outer).map(|at| Flat { begin: at * plane, rows, columns, stride: all_columns }).collect()
}
