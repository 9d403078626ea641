//! Winograd's convolution as a native routine: tiles and filters transformed, and a product of matrices for each point.
//!
//! Two templates, since two sizes of tiles promise different errors, as those in WGSL do.

use super::transforms::{self, Transforms};
use super::{is_winograds, shape};
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::conv2d::native_blocks::{Blocks, wish};
use crate::op::kernel::{closest, log2};
use crate::op::native::{self, largest};
use crate::op::{Signature, Template};
use crate::record::{Numerics, Rejection};
use crate::space::{Config, Space};

/// F(2×2, 3×3) or F(4×4, 3×3).
pub(in crate::op::conv2d) struct NativeWinograd {
    name: &'static str,
    about: &'static str,
    transforms: &'static Transforms,
}

pub(in crate::op::conv2d) static NATIVE_2: NativeWinograd = NativeWinograd {
    name: "conv2d/native_winograd_2",
    about: "native: 3x3 filters by Winograd's F(2x2, 3x3), 16 products for four results, NCHW",
    transforms: &transforms::F2,
};

pub(in crate::op::conv2d) static NATIVE_4: NativeWinograd = NativeWinograd {
    name: "conv2d/native_winograd_4",
    about: "native: 3x3 filters by Winograd's F(4x4, 3x3), 36 products for 16 results, less accurate, NCHW",
    transforms: &transforms::F4,
};

/// Transformed pixels and products that the default has at a time, in bytes of f32: a last cache holds them.
const AT_ONCE_BYTES: i64 = 4 << 20;

impl Template for NativeWinograd {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        self.about
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        is_winograds(&shape) && !shape.nhwc
    }

    fn numerics(&self) -> Numerics {
        self.transforms.numerics()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let (shape, [rows, columns]) = (shape(signature), self.tiles(signature));
        let blocks = Blocks {
            products: self.points(),
            terms: shape.c as i64,
            outputs: shape.o as i64,
            pixels: rows * columns,
            row: columns,
        };
        let space = Space::builder()
            .param("tile", "rows and columns of a tile of results", [self.transforms.tile() as i64])
            .param("tile_rows", "rows of tiles that are transformed and multiplied at a time; 0: all", [0, 1, 2, 4, 8])
            .rule("there are no more rows of tiles than that", ["tile_rows"], move |[at_once]| at_once < rows)
            .feature("log2 of tiles at a time", ["tile_rows"], move |[at_once]| {
                log2(columns * if at_once == 0 { rows } else { at_once })
            });
        blocks.choices(space, device).build().expect("names are distinct and rules read existing ones")
    }

    /// As many rows of tiles as a cache holds, transformed.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let (shape, [rows, columns]) = (shape(signature), self.tiles(signature));
        let row_bytes = 4 * self.points() * columns * (shape.c + shape.o) as i64;
        let at_once = (AT_ONCE_BYTES / row_bytes).max(1);
        let mut wish = wish(largest(space, "lanes"), largest(space, "threads"));
        wish.push(("tile_rows", if at_once < rows { at_once } else { 0 }));
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("winograd", signature, config))
    }
}

impl NativeWinograd {
    /// Rows and columns of tiles in an image.
    fn tiles(&self, signature: &Signature) -> [i64; 2] {
        shape(signature).out.map(|size| size.div_ceil(self.transforms.tile() as u64) as i64)
    }

    /// Products of matrices.
    fn points(&self) -> i64 {
        (self.transforms.points() * self.transforms.points()) as i64
    }
}
