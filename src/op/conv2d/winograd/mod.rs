//! Winograd's convolution of 3×3 filters: fewer products, of transformed tiles and filters, in one kernel or three.
//!
//! Four templates in WGSL: two sizes of tiles, since they promise different errors, in two forms, since each form has
//! parameters that mean nothing to the other. Two native ones.

#[cfg(test)]
mod accuracy;
mod apart;
mod fused;
mod native;
mod program;
mod transforms;

use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::op::{Signature, Template};
use crate::record::{Numerics, Rejection};
use crate::space::{Config, Space};
use transforms::Transforms;

pub(super) use native::{NATIVE_2, NATIVE_4};

/// F(2×2, 3×3) or F(4×4, 3×3) in one of its forms.
pub(super) struct Winograd {
    name: &'static str,
    about: &'static str,
    transforms: &'static Transforms,
    is_fused: bool,
}

pub(super) static APART_2: Winograd = Winograd {
    name: "conv2d/winograd_2",
    about: "3x3 filters by Winograd's F(2x2, 3x3) in three kernels: 16 products for four results",
    transforms: &transforms::F2,
    is_fused: false,
};

pub(super) static APART_4: Winograd = Winograd {
    name: "conv2d/winograd_4",
    about: "3x3 filters by Winograd's F(4x4, 3x3) in three kernels: 36 products for 16 results, less accurate",
    transforms: &transforms::F4,
    is_fused: false,
};

pub(super) static FUSED_2: Winograd = Winograd {
    name: "conv2d/winograd_2_fused",
    about: "3x3 filters by Winograd's F(2x2, 3x3) in one kernel, without temporaries",
    transforms: &transforms::F2,
    is_fused: true,
};

pub(super) static FUSED_4: Winograd = Winograd {
    name: "conv2d/winograd_4_fused",
    about: "3x3 filters by Winograd's F(4x4, 3x3) in one kernel, without temporaries, less accurate",
    transforms: &transforms::F4,
    is_fused: true,
};

impl Template for Winograd {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        self.about
    }

    fn applies(&self, signature: &Signature) -> bool {
        is_winograds(&shape(signature))
    }

    fn numerics(&self) -> Numerics {
        self.transforms.numerics()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        if self.is_fused {
            return fused::space(self.transforms, &shape, device);
        }
        apart::space(self.transforms, &shape, device)
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        if self.is_fused { fused::default(space) } else { apart::default(&shape(signature), space) }
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(program::emit(self.transforms, self.is_fused, signature, config))
    }
}

/// Whether a convolution is of the kind that is transformed.
fn is_winograds(shape: &Shape) -> bool {
    shape.types.accumulator.is_float()
        && shape.filter == [3, 3]
        && shape.stride == [1, 1]
        && shape.dilation == [1, 1]
        && shape.groups == 1
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Tiles of all images.
fn tiles_of(shape: &Shape, transforms: &Transforms) -> u64 {
    let [height, width] = shape.out.map(|size| size.div_ceil(transforms.tile() as u64));
    shape.n * height * width
}
