//! The reference of convolutions: their sums, and how far off a kernel may be that transforms tiles and filters first.

use std::sync::OnceLock;

use super::mixing::Mixing;
use super::shape::Shape;
use crate::base::{Approx, Projection};
use crate::op::Reference;
use crate::op::spatial::{Geometry, SumReference};
use crate::record::Numerics;

pub struct ConvReference {
    sums: SumReference<Shape>,
    /// Made when a kernel that transforms its factors is first judged.
    mixing: OnceLock<Mixing>,
}

impl ConvReference {
    pub fn new(sums: SumReference<Shape>) -> Self {
        Self { sums, mixing: OnceLock::new() }
    }

    /// How large what meets in the tile around an output is.
    fn mixed(&self, index: u64, tile: u64) -> f64 {
        let SumReference { geometry: shape, inputs, .. } = &self.sums;
        let position = shape.output_position(index);
        let make = || Mixing::new(shape, inputs, tile);
        let kept = self.mixing.get_or_init(make);
        // One check is of one size of tiles; another size asks in vain and is answered slowly.
        if kept.tile == tile { kept.around(shape, position) } else { make().around(shape, position) }
    }
}

impl Reference for ConvReference {
    fn within(&self, output: usize, index: u64, numerics: Numerics) -> Approx {
        let Numerics::Bounded { factor, tile } = numerics else { return self.sums.within(output, index, numerics) };
        let (terms, u) = (self.sums.geometry.terms(), self.sums.geometry.types.accumulator.roundoff());
        let sum = self.sums.sum(index).transformed(self.mixed(index, tile), terms, u, factor);
        self.sums.finished(index, sum)
    }

    fn projection(&self, output: usize, seed: u32) -> Option<Projection> {
        self.sums.projection(output, seed)
    }
}
