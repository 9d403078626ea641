//! Convolutions of f32 or f16 storage in f32 arithmetic: plans that hold transformed weights and working memory.
//!
//! A plan is made once for a shape, its parameters and its weights, and is then run on inputs. Weights are OIHW where
//! channels come first and OHWI where they come last.

pub mod blocks;
pub mod channels;
pub mod depthwise;
pub mod direct;
pub mod spread;
pub mod tile;
pub mod winograd;

mod across;
mod along;
mod planes;
mod posts;
mod source;
mod transform;
mod weights;

/// The sizes of one convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub images: usize,
    /// Input channels of all groups.
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    /// Output channels of all groups.
    pub outputs: usize,
    /// Height and width of the filter.
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// Zeros around the image, the same on both sides.
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    /// They divide both kinds of channels.
    pub groups: usize,
    /// NHWC and OHWI instead of NCHW and OIHW.
    pub channels_last: bool,
}

impl Shape {
    /// Height and width of the result.
    pub fn out(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let covered = (self.kernel[axis] - 1) * self.dilation[axis] + 1;
            ([self.height, self.width][axis] + 2 * self.padding[axis] - covered) / self.stride[axis] + 1
        })
    }

    /// Residuals are read as the output is written, by whole vectors.
    ///
    /// # Panics
    /// Where one is not as long as the output.
    pub fn check_residuals(&self, posts: &[super::elementwise::Post]) {
        for post in posts {
            if let super::elementwise::Post::Residual(residual) = post {
                assert_eq!(residual.len(), self.output_len(), "residual of a convolution");
            }
        }
    }

    /// Input channels of a group.
    pub fn depth(&self) -> usize {
        self.channels / self.groups
    }

    /// Output channels of a group.
    pub fn outputs_each(&self) -> usize {
        self.outputs / self.groups
    }

    /// Products that are added up for an element of the result.
    pub fn terms(&self) -> usize {
        self.depth() * self.kernel[0] * self.kernel[1]
    }

    /// Elements of all inputs.
    pub fn input_len(&self) -> usize {
        self.images * self.channels * self.height * self.width
    }

    /// Elements of all weights.
    pub fn weights_len(&self) -> usize {
        self.outputs * self.terms()
    }

    /// Elements of all results.
    pub fn output_len(&self) -> usize {
        let [height, width] = self.out();
        self.images * self.outputs * height * width
    }

    /// Where the weight of an output channel for an input channel of its group and a place of the filter lies.
    fn weight(&self, output: usize, channel: usize, [y, x]: [usize; 2]) -> usize {
        let [height, width] = self.kernel;
        if self.channels_last {
            ((output * height + y) * width + x) * self.depth() + channel
        } else {
            ((output * self.depth() + channel) * height + y) * width + x
        }
    }
}

#[cfg(test)]
mod tests;
