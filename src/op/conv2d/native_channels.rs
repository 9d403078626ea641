//! The native convolution whose vectors lie along output channels, for either layout.

use super::shape::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles, waste};
use crate::op::native::{self, fits, lanes, largest, processor, registers, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeChannels;

/// The most vectors of output channels beside so many pixels that there are micro-kernels for.
/// `src/backend/cpu/kernels/conv/spread.rs` has them.
const TILES: [(i64, i64); 9] = [(1, 4), (2, 4), (3, 4), (4, 3), (5, 3), (6, 3), (8, 3), (12, 2), (14, 2)];

impl Template for NativeChannels {
    fn name(&self) -> &str {
        "conv2d/native_channels"
    }

    fn about(&self) -> &str {
        "native: tiles of pixels × vectors of output channels, no pixel computed in vain"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let (outputs, groups) = ((shape.o / shape.groups) as i64, shape.groups as i64);
        let pixels = (shape.out[0] * shape.out[1]) as i64;
        let processor = processor(device);
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor))
            .param("tile_pixels", "pixels in registers", TILES.map(|(pixels, _)| pixels))
            .param("tile_vectors", "vectors of output channels in registers", [1, 2, 3, 4])
            .param("pixel_block", "tiles of pixels that a task does; 0: all", [0, 1, 2, 4, 8, 16, 32])
            .param("output_block", "panels of output channels that a task does; 0: all", [0, 1, 2, 4, 8])
            .param("outputs_outer", "0: a tile of pixels meets all weights, 1: weights meet all pixels", [0, 1])
            .param("threads", "threads that share the tasks", threads(device))
            .rule("no micro-kernel has this tile", ["tile_pixels", "tile_vectors"], |[pixels, vectors]| {
                TILES.iter().any(|(rows, most)| *rows == pixels && vectors <= *most)
            })
            .rule(
                "the tile needs more registers than there are",
                ["lanes", "tile_pixels", "tile_vectors"],
                |[lanes, pixels, vectors]| fits(pixels, vectors, registers(lanes)),
            )
            .rule("vectors of more channels than a group has", ["lanes", "tile_vectors"], move |[lanes, vectors]| {
                vectors == 1 || lanes * (vectors - 1) < outputs
            })
            .rule(
                "more threads than tasks",
                ["lanes", "tile_pixels", "tile_vectors", "pixel_block", "output_block", "threads"],
                move |[lanes, rows, vectors, across, down, threads]| {
                    let blocks = |all: i64, size: i64| if size == 0 { 1 } else { tiles(all, size) };
                    let panels = tiles(outputs, lanes * vectors);
                    threads == 1 || threads <= groups * blocks(tiles(pixels, rows), across) * blocks(panels, down)
                },
            )
            .feature("log2 of sums in registers", ["lanes", "tile_pixels", "tile_vectors"], |[lanes, rows, vectors]| {
                log2(lanes * rows * vectors)
            })
            .feature("log2 of loads per sum", ["tile_pixels", "tile_vectors"], |[rows, vectors]| {
                log2(rows + vectors) - log2(rows * vectors)
            })
            .feature("log2 of the waste", ["lanes", "tile_vectors"], move |[lanes, vectors]| {
                waste(outputs, lanes * vectors)
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let lanes = largest(space, "lanes");
        let (rows, vectors) = if registers(lanes) == 32 { (12, 2) } else { (6, 2) };
        let wish = [
            ("lanes", lanes),
            ("tile_pixels", rows),
            ("tile_vectors", vectors),
            ("pixel_block", 8),
            ("output_block", 0),
            ("outputs_outer", 0),
            ("threads", largest(space, "threads")),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("by_channels", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
