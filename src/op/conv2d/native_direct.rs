//! The native convolution whose vectors lie along pixels, for channels that come first.

use super::native_blocks::{Blocks, wish};
use super::shape::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::closest;
use crate::op::native::{self, largest, registers};
use crate::op::spatial::Geometry;
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeDirect;

/// What the default is on AVX-512 and NEON, as far as it is not what it is elsewhere: with so many vectors of pixels side by
/// side, copying them first gains nothing, and some panels of weights stay in the caches from tile to tile.
const WIDE: [(&str, i64); 5] =
    [("tile_outputs", 6), ("tile_vectors", 4), ("pixel_block", 8), ("output_block", 8), ("pack", 0)];

impl Template for NativeDirect {
    fn name(&self) -> &str {
        "conv2d/native_direct"
    }

    fn about(&self) -> &str {
        "native: tiles of output channels × vectors of pixels, pixels packed or as they lie, NCHW"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        shape.types.accumulator.is_float() && !shape.nhwc
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let blocks = Blocks {
            products: shape.groups as i64,
            terms: shape.terms() as i64,
            outputs: (shape.o / shape.groups) as i64,
            pixels: (shape.out[0] * shape.out[1]) as i64,
            row: shape.out[1] as i64,
        };
        blocks.choices(Space::builder(), device).build().expect("names are distinct and rules read existing ones")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let (lanes, threads) = (largest(space, "lanes"), largest(space, "threads"));
        let begin = if registers(lanes) == 32 { WIDE.to_vec() } else { Vec::new() };
        let with = |own: &[(&'static str, i64)]| {
            // The first of a name counts.
            let wish = [own, &begin, &wish(lanes, threads)].concat();
            closest(space, &wish)
        };
        // Small images are few tasks, unless they are cut along output channels too.
        let shared = [1, 2, 4, 8].into_iter().filter_map(|panels| with(&[("output_block", panels)]));
        // The last of those with the most.
        shared.chain(with(&[])).max_by_key(|config| config.int("threads"))
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("direct", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
