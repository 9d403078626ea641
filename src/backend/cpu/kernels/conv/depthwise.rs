//! Depthwise convolutions: each output channel reads one input channel, so memory is what counts.
//!
//! Where channels come first, vectors run along rows of a channel that was copied to planes; where they come last, along
//! channels, and taps outside of the image are left out.

use super::super::data::{Data, DataMut};
use super::super::elementwise::Post;
use super::super::share::share;
use super::super::simd::Width;
use super::super::vector::run;
use super::Shape;
use super::across::Across;
use super::along::Along;
use super::blocks::Results;
use super::planes::Planes;
use super::weights::lay_out;

/// How a depthwise convolution is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub width: Width,
    /// Vectors that are summed side by side, 1 to [`MOST_STRIP`]: of pixels where channels come first. Where they come
    /// last, that many pixels of one vector of channels each.
    pub strip: usize,
    /// Channels (or rows, where channels come last) that a task does.
    pub block: usize,
    pub threads: usize,
}

/// The longest strip.
pub const MOST_STRIP: usize = 8;

/// A depthwise convolution with its weights laid out for it.
pub struct Depthwise {
    shape: Shape,
    parameters: Parameters,
    layout: Planes,
    /// Where each tap reads within the planes of a channel.
    taps: Vec<usize>,
    /// The taps of one channel after the other; where channels are last, the channels of one tap after the other.
    weights: Vec<f32>,
    /// For each output channel; zeros where there is none.
    bias: Vec<f32>,
    /// An image of f32, where channels are last and the input is f16.
    image: Vec<f32>,
    workers: Vec<Worker>,
}

/// The planes of a channel, and its results with those between rows, or of one row of results.
struct Worker {
    planes: Vec<f32>,
    results: Vec<f32>,
}

/// Whether a convolution is depthwise in the sense of this file: one input channel for each group, and where channels
/// are last one output channel as well.
pub fn applies(shape: &Shape) -> bool {
    shape.depth() == 1 && (!shape.channels_last || shape.outputs == shape.channels)
}

impl Depthwise {
    /// Lays the weights out and takes working memory, for a shape that [`applies`].
    pub fn new(shape: &Shape, parameters: &Parameters, weights: Data) -> Self {
        assert!(applies(shape), "a depthwise convolution has one input channel for each group");
        assert_eq!(weights.len(), shape.weights_len(), "weights of a convolution");
        let each = Shape { channels: 1, groups: 1, outputs: 1, channels_last: false, ..*shape };
        let layout = Planes::new(&each);
        let [height, width] = shape.kernel;
        let places = || (0..height).flat_map(|y| (0..width).map(move |x| [y, x]));
        let weight = |output, place| weights.at(shape.weight(output, 0, place));
        let outputs = 0..shape.outputs;
        let weights = if shape.channels_last {
            places().flat_map(|place| outputs.clone().map(move |output| weight(output, place))).collect()
        } else {
            outputs.flat_map(|output| places().map(move |place| weight(output, place))).collect()
        };
        let lanes = parameters.width.lanes();
        let worker = || Worker {
            planes: vec![
                0.0;
                if shape.channels_last { 0 } else { layout.len + layout.pitch + (MOST_STRIP + 1) * lanes }
            ],
            results: vec![0.0; layout.run().max(shape.out()[1] * shape.outputs) + (MOST_STRIP + 1) * lanes],
        };
        Self {
            shape: *shape,
            parameters: *parameters,
            taps: places().map(|place| layout.tap(0, place)).collect(),
            weights,
            bias: vec![0.0; shape.outputs],
            image: Vec::new(),
            workers: (0..parameters.threads.max(1)).map(|_| worker()).collect(),
            layout,
        }
    }

    /// Convolves: input NCHW or NHWC and output alike, both of the same storage type or not.
    pub fn run(&mut self, input: Data, posts: &[Post], output: DataMut) {
        assert_eq!(input.len(), self.shape.input_len(), "input of a convolution");
        assert_eq!(output.len(), self.shape.output_len(), "output of a convolution");
        self.shape.check_residuals(posts);
        let (bias, posts) = match posts {
            [Post::Bias(bias), rest @ ..] => (Some(*bias), rest),
            _ => (None, posts),
        };
        match bias {
            Some(_) => lay_out(bias, &Shape { groups: 1, ..self.shape }, &mut self.bias),
            None => self.bias.fill(0.0),
        }
        let results = Results::of(output);
        if self.shape.channels_last {
            self.across(input, posts, results);
        } else {
            self.along(input, posts, results);
        }
    }

    /// Channels first: a task does some channels of an image.
    fn along(&mut self, input: Data, posts: &[Post], results: Results) {
        let Self { shape, parameters, layout, taps, weights, bias, workers, .. } = self;
        let (channels, block) = (shape.images * shape.channels, parameters.block.max(1));
        let each = shape.outputs / shape.channels;
        share(workers, channels.div_ceil(block), |task, worker| {
            for channel in task * block..((task + 1) * block).min(channels) {
                layout.fill(input, channel, &mut worker.planes);
                for output in channel * each..(channel + 1) * each {
                    let number = output % shape.outputs;
                    let along = Along {
                        out: shape.out(),
                        pitch: layout.pitch,
                        taps,
                        weights: &weights[number * taps.len()..][..taps.len()],
                        bias: bias[number],
                        channel: number,
                        first: output * shape.out()[0] * shape.out()[1],
                        posts,
                        results,
                        strip: parameters.strip,
                        planes: &worker.planes,
                        sums: &mut worker.results,
                    };
                    run(parameters.width, along);
                }
            }
        });
    }

    /// Channels last: a task does some rows of results.
    fn across(&mut self, input: Data, posts: &[Post], results: Results) {
        if let Data::F16(_) = input {
            self.image.resize(input.len(), 0.0);
            input.widen(0, &mut self.image);
        }
        let Self { shape, parameters, weights, bias, image, workers, .. } = self;
        let input = match input {
            Data::F32(values) => values,
            Data::F16(_) => image,
        };
        let (rows, block) = (shape.images * shape.out()[0], parameters.block.max(1));
        share(workers, rows.div_ceil(block), |task, worker| {
            for row in task * block..((task + 1) * block).min(rows) {
                let (strip, sums) = (parameters.strip, &mut worker.results[..]);
                run(parameters.width, Across { shape, input, weights, bias, row, strip, posts, results, sums });
            }
        });
    }
}
