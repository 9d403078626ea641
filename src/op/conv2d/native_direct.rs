//! The native convolution whose vectors lie along pixels, for channels that come first.

use super::native_blocks::{Blocks, wish};
use super::shape::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::closest;
use crate::op::native::{self, largest};
use crate::op::spatial::Geometry;
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeDirect;

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
        closest(space, &wish(largest(space, "lanes"), largest(space, "threads")))
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("direct", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
