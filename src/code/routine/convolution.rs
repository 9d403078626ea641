//! Convolutions as routines are asked for them.

use serde::{Deserialize, Serialize};

use super::{Extents, Post, added};
use crate::base::ElementType;

/// A convolution of images with one filter for each output channel, or its transpose; pairs are [height, width]. Sums are
/// in f32.
///
/// Images lie as NCHW, or NHWC if `channels_last`. Weights are OIHW or OHWI, I being the channels of a group; those of a
/// transposed convolution are IOHW or IHWO, O being the outputs of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConvolutionCall {
    /// Whether pixels are spread through the filter, instead of gathered through it.
    pub transposed: bool,
    /// Images of the batch.
    pub images: u64,
    /// Input channels.
    pub channels: u64,
    /// Height and width of the input images.
    pub size: [u64; 2],
    /// Output channels.
    pub outputs: u64,
    /// Height and width of the output images.
    pub output_size: [u64; 2],
    /// Height and width of the filter.
    pub filter: [u64; 2],
    /// From one position of the filter to the next.
    pub stride: [u64; 2],
    /// Zeros before the first row and column; of those after the last, `output_size` tells.
    pub padding: [u64; 2],
    /// From one pixel under the filter to the next.
    pub dilation: [u64; 2],
    /// Parts of the channels that keep to themselves.
    pub groups: u64,
    /// Whether the channels of a pixel lie side by side.
    pub channels_last: bool,
    /// The type of all elements.
    pub element: ElementType,
    /// What is done with each sum; the inputs that it reads follow images and weights, in order.
    pub epilogue: Vec<Post>,
}

impl ConvolutionCall {
    /// Input channels of one group.
    pub fn group_channels(&self) -> u64 {
        self.channels / self.groups
    }

    /// Output channels of one group.
    pub fn group_outputs(&self) -> u64 {
        self.outputs / self.groups
    }

    pub(super) fn extents(&self) -> Extents {
        let pixels = |size: [u64; 2]| size[0] * size[1];
        let x = self.images * self.channels * pixels(self.size);
        let y = self.images * self.outputs * pixels(self.output_size);
        let w = self.channels * self.outputs / self.groups * pixels(self.filter);
        let inputs = [x, w].into_iter().chain(added(&self.epilogue, self.outputs, y));
        Extents { inputs: inputs.collect(), outputs: vec![y] }
    }

    /// Every pixel of the smaller image, whose other meets it through the whole filter.
    pub(super) fn operations(&self) -> f64 {
        let pixels = if self.transposed { self.size } else { self.output_size };
        let products = self.channels * self.group_outputs() * self.filter[0] * self.filter[1] * pixels[0] * pixels[1];
        let outputs = self.outputs * self.output_size[0] * self.output_size[1];
        self.images as f64 * (2.0 * products as f64 + self.epilogue.len() as f64 * outputs as f64)
    }
}
