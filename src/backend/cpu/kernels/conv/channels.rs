//! Dense convolutions whose vectors are of output channels: for either layout, with no pixel computed in vain.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::super::data::{Data, DataMut};
use super::super::elementwise::{Channels, Post, finish_with};
use super::super::share::share;
use super::super::simd::Width;
use super::super::vector::run;
use super::Shape;
use super::blocks::Results;
use super::posts::Steps;
use super::source::Source;
use super::spread::{self, MOST_PIXELS, Tile};
use super::tile::End;
use super::weights::{lay_out, panels};

/// How such a convolution is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub width: Width,
    /// Pixels of a tile, at most, the last tiles may have fewer; with `vectors` a shape of [`spread::MENU`], and with
    /// `pixels` below that too.
    pub pixels: usize,
    /// Vectors of output channels of a tile.
    pub vectors: usize,
    /// Tiles of pixels that a task does; 0: all of them.
    pub pixel_block: usize,
    /// Panels of output channels that a task does; 0: all of them.
    pub output_block: usize,
    /// Whether a panel of weights stays for all tiles of pixels of the task; otherwise a tile of pixels for all panels.
    pub outputs_outer: bool,
    pub threads: usize,
}

/// A convolution with its weights laid out for vectors of output channels.
pub struct ByChannels {
    shape: Shape,
    parameters: Parameters,
    source: Source,
    /// For each group panels of whole vectors of output channels, each with such vectors for every step.
    weights: Vec<f32>,
    /// The bias of the last run that had one, for each group whole panels.
    bias: Vec<f32>,
    workers: Vec<Vec<f32>>,
}

impl ByChannels {
    /// Lays the weights out (OIHW, or OHWI where channels are last) and takes working memory.
    pub fn new(shape: &Shape, parameters: &Parameters, weights: Data) -> Self {
        let Parameters { width, pixels, vectors, .. } = *parameters;
        assert!(spread::has(width, pixels, vectors), "there is no such kernel");
        let panel = vectors * width.lanes();
        let source = Source::new(shape, 0);
        let padded = shape.outputs_each().next_multiple_of(panel);
        Self {
            shape: *shape,
            parameters: *parameters,
            weights: panels(shape, panel, weights),
            bias: vec![0.0; shape.groups * padded],
            workers: vec![vec![0.0; 2 * MOST_PIXELS * panel]; parameters.threads.max(1)],
            source,
        }
    }

    /// Convolves: input NCHW or NHWC and output alike, both of the same storage type or not.
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
        let Self { shape, parameters, source, weights, bias, workers } = self;
        let panel = parameters.vectors * parameters.width.lanes();
        let [height, width] = shape.out();
        let tiles = (height * width).div_ceil(parameters.pixels);
        let panels = shape.outputs_each().div_ceil(panel);
        let block = |all: usize, size: usize| if size == 0 { all } else { size.min(all) };
        let (across, down) = (block(tiles, parameters.pixel_block), block(panels, parameters.output_block));
        let counts = [tiles.div_ceil(across), panels.div_ceil(down)];
        share(workers, shape.groups * counts[0] * counts[1], |task, sums| {
            let group = task / counts[1] / counts[0];
            let [x, y] = [task / counts[1] % counts[0], task % counts[1]];
            let product = Product {
                shape,
                parameters,
                input: source.pixels(shape, input, image, group),
                steps: source.steps(),
                places: source.places(),
                weights: &weights[group * weights.len() / shape.groups..],
                bias: &bias[group * bias.len() / shape.groups..],
                posts,
                results,
                image,
                group,
            };
            let tiles = x * across..((x + 1) * across).min(tiles);
            let panels = y * down..((y + 1) * down).min(panels);
            run(parameters.width, Block { product, tiles, panels, sums });
        });
    }
}

struct Product<'a> {
    shape: &'a Shape,
    parameters: &'a Parameters,
    input: &'a [f32],
    steps: &'a [usize],
    places: &'a [usize],
    weights: &'a [f32],
    bias: &'a [f32],
    posts: &'a [Post<'a>],
    results: Results,
    image: usize,
    group: usize,
}

struct Block<'a> {
    product: Product<'a>,
    tiles: Range<usize>,
    panels: Range<usize>,
    sums: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Block { product, tiles, panels, sums } = self;
        let steps = Steps::of(product.posts);
        if product.parameters.outputs_outer {
            for panel in panels {
                tiles.clone().for_each(|tile| product.tile(simd, &steps, panel, tile, sums));
            }
        } else {
            for tile in tiles {
                panels.clone().for_each(|panel| product.tile(simd, &steps, panel, tile, sums));
            }
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn tile<S: Simd>(&self, simd: S, steps: &Steps, panel: usize, tile: usize, sums: &mut [f32]) {
        let Parameters { vectors, .. } = *self.parameters;
        let columns = vectors * S::F32_LANES;
        // Tiles share the pixels evenly, so that none is left with few sums.
        let tiles = self.places.len().div_ceil(self.parameters.pixels);
        let (first, end) = (tile * self.places.len() / tiles, (tile + 1) * self.places.len() / tiles);
        let (count, kernel) = (end - first, kernel_pixels(end - first, vectors));
        let mut pixels = [self.places[first]; MOST_PIXELS];
        pixels[..count].copy_from_slice(&self.places[first..end]);
        let outputs = self.shape.outputs_each();
        let is_whole = count == kernel && (panel + 1) * columns <= outputs;
        let at = self.place(first, panel * columns);
        let is_stored_at_once = self.shape.channels_last && is_whole && steps.left.is_empty();
        let (target, stride, steps, is_stored) = match self.results {
            // SAFETY: whole vectors of output channels of this tile, which no other task has.
            Results::F32(results) if is_stored_at_once => (unsafe { results.at(at) }, self.shape.outputs, *steps, true),
            _ => (sums.as_mut_ptr(), columns, steps.in_scratch(), false),
        };
        let tile = Tile {
            steps: self.steps,
            input: self.input.as_ptr(),
            pixels,
            weights: self.weights[panel * self.steps.len() * columns..][..self.steps.len() * columns].as_ptr(),
            target,
            stride,
            end: End::of(&steps, &self.bias[panel * columns..][..columns], at),
        };
        // SAFETY: each pixel's steps lie within the input, which `Source` made or checked; the rest was cut from slices.
        unsafe { spread::compute(simd, kernel, vectors, tile) };
        if !is_stored {
            self.store(simd, steps.left, first..first + count, panel * columns, sums);
        }
    }

    /// The number of a pixel's result for an output channel of the group.
    #[inline(always)]
    fn place(&self, pixel: usize, output: usize) -> usize {
        let Shape { outputs, channels_last, .. } = *self.shape;
        let (output, pixels) = (self.group * self.shape.outputs_each() + output, self.places.len());
        if channels_last {
            (self.image * pixels + pixel) * outputs + output
        } else {
            (self.image * outputs + output) * pixels + pixel
        }
    }

    /// Stores a tile's sums after the steps that are left.
    #[inline(always)]
    fn store<S: Simd>(&self, simd: S, posts: &[Post], pixels: Range<usize>, output: usize, sums: &mut [f32]) {
        let columns = self.parameters.vectors * S::F32_LANES;
        let outputs = columns.min(self.shape.outputs_each() - output);
        let channel = self.group * self.shape.outputs_each() + output;
        let finish = |row: &mut [f32], channels: Channels, place: usize| {
            finish_with(simd, posts, row, channels, place);
            // SAFETY: these are results of this tile, which no other task has.
            unsafe { self.results.write::<S>(place, row) };
        };
        if self.shape.channels_last {
            for (row, pixel) in sums.chunks_exact_mut(columns).zip(pixels) {
                finish(&mut row[..outputs], Channels::From(channel), self.place(pixel, output));
            }
            return;
        }
        let (sums, turned) = sums.split_at_mut(MOST_PIXELS * columns);
        let count = pixels.len();
        for (number, row) in turned.chunks_exact_mut(count).take(outputs).enumerate() {
            for (pixel, value) in row.iter_mut().enumerate() {
                *value = sums[pixel * columns + number];
            }
            finish(row, Channels::One(channel + number), self.place(pixels.start, output + number));
        }
    }
}

/// The kernel for so many pixels: the smallest on the menu that has them.
#[inline(always)]
fn kernel_pixels(count: usize, vectors: usize) -> usize {
    let has = |pixels: &usize| spread::MENU.contains(&(*pixels, vectors));
    (count..=MOST_PIXELS).find(has).expect("a tile is no larger than its shape on the menu")
}
