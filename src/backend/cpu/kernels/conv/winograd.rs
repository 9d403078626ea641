//! Winograd's convolution by filters of 3 × 3: fewer products, of transformed tiles and transformed filters.
//!
//! Tiles of `size` × `size` results come from `(size + 2)²` products each, instead of `9 · size²`: for each of these the
//! weights of all channels are multiplied by the inputs of all tiles, which is a product of matrices.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::super::data::{Data, DataMut};
use super::super::elementwise::{Channels, Post, finish_with};
use super::super::share::{Target, share};
use super::super::simd::Width;
use super::super::vector::{load, run, store};
use super::blocks::{Blocking, Product, Results, Scratch};
use super::planes::Planes;
use super::transform::{self, MOST, both_ways};
use super::{Shape, tile};

/// How such a convolution is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub width: Width,
    /// Rows and columns of a tile of results, 2 or 4: larger ones need fewer products and round more.
    pub size: usize,
    /// Rows of tiles that are transformed, multiplied and transformed back before the next ones; 0: all.
    pub tile_rows: usize,
    /// How the products are done; their pixels are tiles.
    pub blocking: Blocking,
    pub threads: usize,
}

/// A convolution with its filters transformed.
pub struct Winograd {
    shape: Shape,
    parameters: Parameters,
    layout: Planes,
    /// Where each value of a tile reads within the planes of a channel.
    taps: Vec<usize>,
    /// For each product panels of `rows` output channels.
    weights: Vec<f32>,
    planes: Vec<f32>,
    /// Transformed inputs: for each product and channel a run of tiles.
    inputs: Vec<f32>,
    /// Products, for each output channel a run of tiles.
    products: Vec<f32>,
    /// Elements from one channel's run of tiles to the next.
    pitch: usize,
    steps: Vec<usize>,
    workers: Vec<Worker>,
}

struct Worker {
    scratch: Scratch,
    /// Room for the results of a row of tiles, up to whole vectors, and of a vector of tiles.
    rows: Vec<f32>,
}

/// Whether a convolution can be done so.
pub fn applies(shape: &Shape) -> bool {
    shape.kernel == [3, 3]
        && shape.stride == [1, 1]
        && shape.dilation == [1, 1]
        && shape.groups == 1
        && !shape.channels_last
}

impl Winograd {
    /// Transforms the weights (OIHW) and takes working memory, for a shape that [`applies`].
    pub fn new(shape: &Shape, parameters: &Parameters, weights: Data) -> Self {
        assert!(applies(shape), "Winograd's convolution has filters of 3 × 3 and stride 1");
        let Parameters { size, blocking, width, .. } = *parameters;
        assert!(size == 2 || size == 4, "tiles are 2 × 2 or 4 × 4");
        assert!(tile::has(width, blocking.rows, blocking.vectors), "there is no such kernel");
        let (side, lanes) = (size + 2, width.lanes());
        let tiles = shape.out().map(|out| out.div_ceil(size));
        let padded = Shape { kernel: [side; 2], stride: [size; 2], ..*shape };
        let layout = Planes::reaching(&padded, tiles);
        let at_once = if parameters.tile_rows == 0 { tiles[0] } else { parameters.tile_rows.min(tiles[0]) };
        let run = at_once * tiles[1];
        // The slack of a run is what the last vectors of rows of tiles write beyond it.
        let pitch = run + lanes * (blocking.vectors + 1);
        let worker = || Worker {
            scratch: blocking.scratch(run, shape.outputs, shape.channels, lanes),
            rows: vec![0.0; size * (size * tiles[1].next_multiple_of(lanes) + lanes)],
        };
        Self {
            taps: (0..side * side).map(|place| layout.tap(0, [place / side, place % side])).collect(),
            weights: transformed(shape, size, blocking.rows, weights),
            planes: vec![0.0; layout.len + layout.pitch + 2 * lanes],
            inputs: vec![0.0; side * side * shape.channels * pitch],
            products: vec![0.0; side * side * shape.outputs * run + lanes],
            steps: (0..shape.channels).map(|channel| channel * pitch).collect(),
            workers: (0..parameters.threads.max(1)).map(|_| worker()).collect(),
            shape: *shape,
            parameters: *parameters,
            layout,
            pitch,
        }
    }

    /// Convolves: input NCHW, output NOHW, both of the same storage type or not.
    pub fn run(&mut self, input: Data, posts: &[Post], output: DataMut) {
        assert_eq!(input.len(), self.shape.input_len(), "input of a convolution");
        assert_eq!(output.len(), self.shape.output_len(), "output of a convolution");
        self.shape.check_residuals(posts);
        let results = Results::of(output);
        let rows = self.shape.out()[0].div_ceil(self.parameters.size);
        let at_once = if self.parameters.tile_rows == 0 { rows } else { self.parameters.tile_rows };
        for image in 0..self.shape.images {
            for first in (0..rows).step_by(at_once) {
                let rows = first..(first + at_once).min(rows);
                self.transform_input(input, image, rows.clone());
                self.multiply(rows.len());
                self.transform_output(posts, results, image, rows);
            }
        }
    }

    fn transform_input(&mut self, input: Data, image: usize, rows: Range<usize>) {
        let Self { shape, parameters, layout, taps, planes, inputs, workers, steps, pitch, .. } = self;
        let size = layout.channel();
        let columns = shape.out()[1].div_ceil(parameters.size);
        let next = *pitch * shape.channels;
        if rows.start == 0 {
            let planes = Target::of(planes);
            share(workers, shape.channels, |channel, _| {
                // SAFETY: each channel's planes are written by one task.
                let planes = unsafe { planes.slice(channel * size, size) };
                layout.fill(input, image * shape.channels + channel, planes);
            });
        }
        let (planes, inputs) = (&planes[..], Target::of(inputs));
        share(workers, shape.channels, |channel, _| {
            let planes = &planes[channel * size..];
            // SAFETY: each channel's inputs are written by one task.
            let to = unsafe { inputs.at(steps[channel]) };
            let pitch = layout.pitch;
            let task = Inputs { planes, taps: &taps[..], pitch, rows: rows.clone(), columns, to, next };
            match parameters.size {
                2 => run(parameters.width, OfSize::<_, 2>(task)),
                _ => run(parameters.width, OfSize::<_, 4>(task)),
            }
        });
    }

    fn multiply(&mut self, rows: usize) {
        let Self { shape, parameters, weights, inputs, products, steps, workers, pitch, .. } = self;
        let Parameters { blocking, width, size, .. } = *parameters;
        let tiles = rows * shape.out()[1].div_ceil(size);
        let next = *pitch * shape.channels;
        let (count, plane) = ((size + 2) * (size + 2), tiles);
        let results = Results::F32(Target::of(products));
        let [across, down] = blocking.blocks(tiles, shape.outputs, width.lanes());
        share(workers, count * across * down, |task, worker| {
            let number = task / down / across;
            let product = Product {
                blocking,
                input: &inputs[number * next..],
                steps: &steps[..],
                weights: &weights[number * weights.len() / count..],
                outputs: shape.outputs,
                run: tiles,
                pitch: tiles,
                width: tiles,
                bias: &[],
                posts: &[],
                results,
                first: number * shape.outputs * plane,
                plane,
                channel: 0,
            };
            let block = [task / down % across, task % down];
            run(width, Multiply { product, block, scratch: &mut worker.scratch });
        });
    }

    fn transform_output(&mut self, posts: &[Post], results: Results, image: usize, rows: Range<usize>) {
        let Self { shape, parameters, products, workers, .. } = self;
        let columns = shape.out()[1].div_ceil(parameters.size);
        let tiles = rows.len() * columns;
        share(workers, shape.outputs, |output, worker| {
            let task = Outputs {
                products: &products[output * tiles..],
                next: shape.outputs * tiles,
                tile_rows: rows.clone(),
                columns,
                out: shape.out(),
                output,
                first: (image * shape.outputs + output) * shape.out()[0] * shape.out()[1],
                posts,
                results,
                rows: &mut worker.rows,
            };
            match parameters.size {
                2 => run(parameters.width, OfSize::<_, 2>(task)),
                _ => run(parameters.width, OfSize::<_, 4>(task)),
            }
        });
    }
}

/// Filters transformed, for each product panels of `rows` output channels, the last filled up with zeros.
fn transformed(shape: &Shape, size: usize, rows: usize, weights: Data) -> Vec<f32> {
    assert_eq!(weights.len(), shape.weights_len(), "weights of a convolution");
    let (count, channels) = ((size + 2) * (size + 2), shape.channels);
    let each = shape.outputs.next_multiple_of(rows) * channels;
    let mut packed = vec![0.0; count * each];
    for output in 0..shape.outputs {
        for channel in 0..channels {
            let weight = |y, x| f64::from(weights.at(shape.weight(output, channel, [y, x])));
            let filter = [0, 1, 2].map(|y| [0, 1, 2].map(|x| weight(y, x)));
            for (number, value) in transform::filter(size, filter).into_iter().enumerate() {
                let place = (output / rows * channels + channel) * rows + output % rows;
                packed[number * each + place] = value as f32;
            }
        }
    }
    packed
}

struct Multiply<'a> {
    product: Product<'a>,
    block: [usize; 2],
    scratch: &'a mut Scratch,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.product.block(simd, self.block, self.scratch);
    }
}

/// A transform for tiles of `M` × `M` results.
struct OfSize<T, const M: usize>(T);

/// One channel's inputs.
struct Inputs<'a> {
    planes: &'a [f32],
    taps: &'a [usize],
    pitch: usize,
    rows: Range<usize>,
    columns: usize,
    to: *mut f32,
    /// Elements from one product's inputs to the next.
    next: usize,
}

impl<const M: usize> WithSimd for OfSize<Inputs<'_>, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Inputs { planes, taps, pitch, rows, columns, to, next } = self.0;
        let side = M + 2;
        for (number, row) in rows.enumerate() {
            for column in (0..columns).step_by(S::F32_LANES) {
                let from = &planes[row * pitch + column..];
                let mut tile = [[simd.splat_f32s(0.0); MOST]; MOST];
                for (y, line) in tile.iter_mut().enumerate().take(side) {
                    for (x, value) in line.iter_mut().enumerate().take(side) {
                        let values = &from[taps[y * side + x]..][..S::F32_LANES];
                        // SAFETY: a whole vector, by the slice.
                        *value = unsafe { load::<S>(values.as_ptr()) };
                    }
                }
                both_ways_of::<S, M>(simd, &mut tile);
                for (y, line) in tile.into_iter().enumerate().take(side) {
                    for (x, value) in line.into_iter().enumerate().take(side) {
                        // SAFETY: a run of tiles has slack for a vector beyond it; what is written beyond a row of tiles
                        // is written over by the next row.
                        unsafe { store::<S>(to.add((y * side + x) * next + number * columns + column), value) };
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn both_ways_of<S: Simd, const M: usize>(simd: S, tile: &mut [transform::Line<S>; MOST]) {
    if M == 2 {
        both_ways::<S, 4>(
            tile,
            #[inline(always)]
            |line| transform::input::<S, M>(simd, line),
        );
    } else {
        both_ways::<S, 6>(
            tile,
            #[inline(always)]
            |line| transform::input::<S, M>(simd, line),
        );
    }
}

/// One output channel's results.
struct Outputs<'a> {
    /// The channel's run of tiles of the first product.
    products: &'a [f32],
    /// Elements from one product's runs to the next.
    next: usize,
    tile_rows: Range<usize>,
    columns: usize,
    out: [usize; 2],
    output: usize,
    /// The number of the channel's first result among all.
    first: usize,
    posts: &'a [Post<'a>],
    results: Results,
    /// Room for `M` rows of results up to whole vectors of tiles, and for `M` vectors.
    rows: &'a mut [f32],
}

impl<const M: usize> WithSimd for OfSize<Outputs<'_>, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Outputs { products, next, tile_rows, columns, out, output, first, posts, results, rows } = self.0;
        let [height, width] = out;
        let side = M + 2;
        let stride = M * columns.next_multiple_of(S::F32_LANES);
        let (rows, turned) = rows.split_at_mut(M * stride);
        for (number, tile_row) in tile_rows.enumerate() {
            for column in (0..columns).step_by(S::F32_LANES) {
                let mut tile = [[simd.splat_f32s(0.0); MOST]; MOST];
                for (y, line) in tile.iter_mut().enumerate().take(side) {
                    for (x, value) in line.iter_mut().enumerate().take(side) {
                        let at = (y * side + x) * next + number * columns + column;
                        let values = &products[at..][..S::F32_LANES];
                        // SAFETY: a whole vector, by the slice; the last run is followed by slack.
                        *value = unsafe { load::<S>(values.as_ptr()) };
                    }
                }
                for x in 0..side {
                    let line = transform::output::<S, M>(simd, std::array::from_fn(|y| tile[y][x]));
                    tile.iter_mut().zip(line).for_each(|(row, value)| row[x] = value);
                }
                for (y, line) in tile.into_iter().enumerate().take(M) {
                    let line = transform::output::<S, M>(simd, line);
                    for (x, value) in line.into_iter().take(M).enumerate() {
                        // SAFETY: there is room for `M` vectors.
                        unsafe { store::<S>(turned[x * S::F32_LANES..][..S::F32_LANES].as_mut_ptr(), value) };
                    }
                    // Of fixed length, so that vectors can do it.
                    let row = &mut rows[y * stride + column * M..][..M * S::F32_LANES];
                    for (place, result) in row.iter_mut().enumerate() {
                        *result = turned[place % M * S::F32_LANES + place / M];
                    }
                }
            }
            for (number, row) in rows.chunks_exact_mut(stride).enumerate() {
                let y = tile_row * M + number;
                if y < height {
                    let row = &mut row[..width];
                    finish_with(simd, posts, row, Channels::One(output), first + y * width);
                    // SAFETY: results of this channel, which no other task has.
                    unsafe { results.write::<S>(first + y * width, row) };
                }
            }
        }
    }
}
