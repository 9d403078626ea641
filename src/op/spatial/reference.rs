//! The reference of operators that sum products of pixels and weights over a filter's places and a group's channels.

use std::ops::Deref;

use super::Sizes;
use crate::base::{Approx, Projection, Sum, Tensor};
use crate::op::elementwise::stored;
use crate::op::epilogue::Epilogue;
use crate::op::narrow::Narrowing;
use crate::op::projection::certain;
use crate::op::{Reference, summed};
use crate::record::Numerics;

/// Where pixels and weights meet.
pub trait Geometry: Deref<Target = Sizes> + Sync {
    /// The most products in an output's sum, padding included.
    fn terms(&self) -> u64;

    /// The row (`axis` 0) or column (1) of the input that an output's row or column meets at a place of the filter.
    fn source(&self, axis: usize, output: u64, place: u64) -> Option<u64>;

    /// The flat index of the weight for [output channel, input channel of its group, filter row, filter column].
    fn w_index(&self, position: [u64; 4]) -> u64;

    /// From one input channel to the next in the weights, in elements.
    fn w_step(&self) -> u64;
}

/// The true results of such an operator.
pub struct SumReference<G> {
    pub geometry: G,
    pub epilogue: Epilogue,
    pub inputs: Vec<Tensor>,
}

impl<G: Geometry> SumReference<G> {
    /// Calls `visit(fh, fw, y, x)` for each place in the filter that meets a pixel of the image.
    fn taps(&self, [out_y, out_x]: [u64; 2], mut visit: impl FnMut(u64, u64, u64, u64)) {
        for fh in 0..self.geometry.filter[0] {
            let Some(y) = self.geometry.source(0, out_y, fh) else { continue };
            for fw in 0..self.geometry.filter[1] {
                if let Some(x) = self.geometry.source(1, out_x, fw) {
                    visit(fh, fw, y, x);
                }
            }
        }
    }

    /// The products of the output at a flat index.
    pub fn sum(&self, index: u64) -> Sum {
        let mut sum = Sum::EMPTY;
        self.products(index, |x, w| sum.add(x * w));
        sum
    }

    /// Calls `visit` with each pixel and its weight that the output at a flat index is made of.
    fn products(&self, index: u64, mut visit: impl FnMut(f64, f64)) {
        let geometry = &self.geometry;
        let [image, channel, out_y, out_x] = geometry.output_position(index);
        let (parts_in, parts_out) = (geometry.c / geometry.groups, geometry.o / geometry.groups);
        let first = channel / parts_out * parts_in;
        let (x_step, w_step) = (geometry.x_step(), geometry.w_step());
        self.taps([out_y, out_x], |fh, fw, y, x| {
            let (x_start, w_start) = (geometry.x_index([image, first, y, x]), geometry.w_index([channel, 0, fh, fw]));
            for c in 0..parts_in {
                visit(self.inputs[0].at(x_start + c * x_step), self.inputs[1].at(w_start + c * w_step));
            }
        });
    }

    /// The output at a flat index, from its sum as a kernel may compute it.
    pub fn finished(&self, index: u64, sum: Approx) -> Approx {
        let Sizes { types, .. } = *self.geometry;
        let [_, channel, _, _] = self.geometry.output_position(index);
        stored(self.epilogue.apply(&self.inputs, channel, index, types.accumulator, sum), types.output)
    }

    /// Σₒ rₒ·wₒ, `[c, kh, kw]` over the channels of all groups: one filter in place of all.
    fn weighted_filter(&self, signs: &[f64]) -> Vec<f64> {
        let Sizes { c, o, groups, filter: [height, width], .. } = *self.geometry;
        let (parts_in, parts_out) = (c / groups, o / groups);
        let mut filter = vec![0.0; (c * height * width) as usize];
        for (channel, sign) in (0..o).zip(signs) {
            let own = (channel / parts_out * parts_in * height * width) as usize;
            for (place, sum) in (0..).zip(&mut filter[own..own + (parts_in * height * width) as usize]) {
                let position = [channel, place / (height * width), place / width % height, place % width];
                *sum += sign * self.inputs[1].at(self.geometry.w_index(position));
            }
        }
        filter
    }
}

impl<G: Geometry> Reference for SumReference<G> {
    fn within(&self, _output: usize, index: u64, numerics: Numerics) -> Approx {
        let (terms, u) = (self.geometry.terms(), self.geometry.types.accumulator.roundoff());
        let mut sum = summed(&self.sum(index), terms, u, numerics);
        if let Some(mut narrowing) = Narrowing::of(numerics) {
            self.products(index, |x, w| narrowing.add(x, w));
            sum = narrowing.widen(sum);
        }
        self.finished(index, sum)
    }

    /// The output channels of each pixel in one sum, since sums are linear in the filter.
    fn projection(&self, _output: usize, seed: u32) -> Option<Projection> {
        let geometry = &self.geometry;
        let linear = certain(&self.inputs, geometry.terms(), &self.epilogue, geometry.types.output)?;
        let [height, width] = geometry.out;
        let pixels = height * width;
        let view = if geometry.nhwc { [geometry.n * pixels, geometry.o, 1] } else { [geometry.n, geometry.o, pixels] };
        let mut projection = Projection::new(view, seed);
        let filter = self.weighted_filter(&projection.signs());
        let [filter_h, filter_w] = geometry.filter;
        let at = |pixel: u64| {
            let mut sum = 0.0;
            self.taps([pixel / width % height, pixel % width], |fh, fw, y, x| {
                for c in 0..geometry.c {
                    let pixel = self.inputs[0].at(geometry.x_index([pixel / pixels, c, y, x]));
                    sum += pixel * filter[((c * filter_h + fh) * filter_w + fw) as usize];
                }
            });
            sum
        };
        projection.expected = (0..geometry.n * pixels).map(at).collect();
        linear.finish(&mut projection, &self.inputs);
        Some(projection)
    }
}
