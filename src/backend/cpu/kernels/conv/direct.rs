//! Dense convolutions over planes: direct, implicit (a tile's pixels packed before use), and over the whole lowered input.

use pulp::{Simd, WithSimd};

use super::super::data::{Data, DataMut};
use super::super::elementwise::Post;
use super::super::share::share;
use super::super::simd::Width;
use super::super::vector::run;
use super::blocks::{Blocking, Product, Results, Scratch};
use super::planes::Planes;
use super::posts::Steps;
use super::source::Source;
use super::weights::{lay_out, panels};
use super::{Shape, tile};

/// How a direct convolution is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub width: Width,
    pub blocking: Blocking,
    pub threads: usize,
}

/// A convolution of a shape whose channels come first, with its weights laid out for the micro-kernel.
pub struct Direct {
    shape: Shape,
    parameters: Parameters,
    source: Source,
    layout: Planes,
    /// For each group panels of `rows` output channels, each with `rows` weights for every step.
    weights: Vec<f32>,
    /// The bias of the last run that had one, for each group whole panels.
    bias: Vec<f32>,
    workers: Vec<Scratch>,
}

impl Direct {
    /// Lays the weights (OIHW) out and takes working memory. There must be a kernel for the blocking's tile ([`tile::has`]).
    pub fn new(shape: &Shape, parameters: &Parameters, weights: Data) -> Self {
        assert!(!shape.channels_last, "pixels of channels that come last are not contiguous");
        let Parameters { width, blocking, threads } = *parameters;
        assert!(tile::has(width, blocking.rows, blocking.vectors), "there is no such kernel");
        let (layout, each) = (Planes::new(shape), shape.outputs_each());
        let scratch = || blocking.scratch(layout.run(), each, shape.terms(), width.lanes());
        Self {
            shape: *shape,
            parameters: *parameters,
            source: Source::new(shape, blocking.vectors * width.lanes()),
            weights: panels(shape, blocking.rows, weights),
            bias: vec![0.0; shape.groups * blocking.panels(each) * blocking.rows],
            workers: (0..threads.max(1)).map(|_| scratch()).collect(),
            layout,
        }
    }

    /// Convolves: input NCHW, output NOHW, both of the same storage type or not.
    pub fn run(&mut self, input: Data, posts: &[Post], output: DataMut) {
        assert_eq!(input.len(), self.shape.input_len(), "input of a convolution");
        assert_eq!(output.len(), self.shape.output_len(), "output of a convolution");
        self.shape.check_residuals(posts);
        lay_out(Steps::of(posts).bias, &self.shape, &mut self.bias);
        let results = Results::of(output);
        for image in 0..self.shape.images {
            self.source.fill(&self.shape, input, image, &mut self.workers);
            self.multiply(input, posts, results, image);
        }
    }

    fn multiply(&mut self, input: Data, posts: &[Post], results: Results, image: usize) {
        let Self { shape, parameters, source, layout, weights, bias, workers } = self;
        let (blocking, each) = (parameters.blocking, shape.outputs_each());
        let [height, width] = shape.out();
        let product = |group: usize| Product {
            blocking,
            input: source.pixels(shape, input, image, group),
            steps: source.steps(),
            weights: &weights[group * weights.len() / shape.groups..],
            outputs: each,
            run: layout.run(),
            pitch: layout.pitch,
            width,
            bias: &bias[group * bias.len() / shape.groups..],
            posts,
            results,
            first: (image * shape.outputs + group * each) * height * width,
            plane: height * width,
            channel: group * each,
        };
        let [across, down] = blocking.blocks(layout.run(), each, parameters.width.lanes());
        share(workers, shape.groups * across * down, |task, scratch| {
            let block = [task / down % across, task % down];
            run(parameters.width, Block { product: product(task / down / across), block, scratch });
        });
    }
}

struct Block<'a> {
    product: Product<'a>,
    block: [usize; 2],
    scratch: &'a mut Scratch,
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.product.block(simd, self.block, self.scratch);
    }
}
