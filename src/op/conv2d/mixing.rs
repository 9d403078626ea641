//! How large the values are that meet in the transforms of a tile: their rounding errors reach all of its outputs.

use super::shape::Shape;
use crate::base::Tensor;
use crate::op::spatial::Geometry;

/// The size of each tile of the input and of each filter, channel by channel.
pub(super) struct Mixing {
    /// Outputs of a tile in each direction.
    pub tile: u64,
    /// Tiles along the height and the width.
    tiles: [u64; 2],
    /// Σd² and Σd over the pixels that a tile reads, `[image, tile, channel]`.
    pixels: Vec<[f64; 2]>,
    /// Σg² and Σg over a filter's taps, `[output channel, channel of its group]`.
    filters: Vec<[f64; 2]>,
    /// Pixels of a tile times taps of a filter.
    products: f64,
}

impl Mixing {
    pub fn new(shape: &Shape, inputs: &[Tensor], tile: u64) -> Self {
        let tiles = shape.out.map(|size| size.div_ceil(tile));
        let covered = [0, 1].map(|i| (tile - 1) * shape.stride[i] + (shape.filter[i] - 1) * shape.dilation[i] + 1);
        let of_tile = |place: u64| {
            let (at, channel) = (place / shape.c, place % shape.c);
            let [image, y, x] = [at / (tiles[0] * tiles[1]), at / tiles[1] % tiles[0], at % tiles[1]];
            size(pixels(shape, &inputs[0], [image, channel], [y * tile, x * tile], covered))
        };
        let parts_in = shape.c / shape.groups;
        let of_filter = |place: u64| size(taps(shape, &inputs[1], [place / parts_in, place % parts_in]));
        Self {
            tile,
            tiles,
            pixels: (0..shape.n * tiles[0] * tiles[1] * shape.c).map(of_tile).collect(),
            filters: (0..shape.o * parts_in).map(of_filter).collect(),
            products: (covered[0] * covered[1] * shape.filter[0] * shape.filter[1]) as f64,
        }
    }

    /// √Σx² of all products of a pixel of the tile around an output with a tap of its filter, and what their sums have
    /// in common: |Σx|, as if each pixel met each tap in one sum of as many parts as there are such pairs, over their
    /// root. The errors of a sum grow with both, and where terms have one sign with the second.
    pub fn around(&self, shape: &Shape, [image, channel, y, x]: [u64; 4]) -> f64 {
        let (parts_in, parts_out) = (shape.c / shape.groups, shape.o / shape.groups);
        let tile = (image * self.tiles[0] + y / self.tile) * self.tiles[1] + x / self.tile;
        let first = (tile * shape.c + channel / parts_out * parts_in) as usize;
        let pixels = &self.pixels[first..first + parts_in as usize];
        let filters = &self.filters[(channel * parts_in) as usize..];
        let (mut squares, mut sum) = (0.0, 0.0);
        for (pixel, filter) in pixels.iter().zip(filters) {
            squares += pixel[0] * filter[0];
            sum += pixel[1] * filter[1];
        }
        squares.sqrt() + sum.abs() / self.products.sqrt()
    }
}

/// The pixels, zero in the padding, that `covered` rows and columns from an output on are made from.
fn pixels<'a>(
    shape: &'a Shape,
    x: &'a Tensor,
    [image, channel]: [u64; 2],
    first: [u64; 2],
    covered: [u64; 2],
) -> impl Iterator<Item = f64> + 'a {
    // Below zero the position wraps, and so lies outside as well.
    let [first_y, first_x] = [0, 1].map(|i| (first[i] * shape.stride[i]).wrapping_sub(shape.padding[i]));
    (0..covered[0] * covered[1]).map(move |at| {
        let (y, column) = (first_y.wrapping_add(at / covered[1]), first_x.wrapping_add(at % covered[1]));
        let is_inside = y < shape.h && column < shape.w;
        if is_inside { x.at(shape.x_index([image, channel, y, column])) } else { 0.0 }
    })
}

/// The taps of the filter of an output channel and a channel of its group.
fn taps<'a>(shape: &'a Shape, w: &'a Tensor, [o, c]: [u64; 2]) -> impl Iterator<Item = f64> + 'a {
    let width = shape.filter[1];
    (0..shape.filter[0] * width).map(move |f| w.at(shape.w_index([o, c, f / width, f % width])))
}

/// The sum of squares and the sum.
fn size(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([0.0; 2], |[squares, sum], value| [squares + value * value, sum + value])
}
