//! The native convolution whose vectors lie along pixels, for channels that come first.

use super::shape::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles, waste};
use crate::op::native::{self, fits, lanes, largest, processor, registers, threads};
use crate::op::spatial::Geometry;
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeDirect;

/// The most vectors of pixels beside so many output channels that there are micro-kernels for.
/// `src/backend/cpu/kernels/conv/tile.rs` has them.
const TILES: [(i64, i64); 7] = [(1, 4), (2, 4), (3, 4), (4, 3), (6, 4), (8, 3), (12, 2)];

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
        !shape(signature).nhwc
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let (terms, outputs) = (shape.terms() as i64, (shape.o / shape.groups) as i64);
        let (row, pixels) = (shape.out[1] as i64, (shape.out[0] * shape.out[1]) as i64);
        let (groups, processor) = (shape.groups as i64, processor(device));
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor))
            .param("tile_outputs", "output channels in registers", TILES.map(|(outputs, _)| outputs))
            .param("tile_vectors", "vectors of pixels in registers", [1, 2, 3, 4])
            .param("pixel_block", "tiles of pixels that a task does; 0: all", [0, 1, 2, 4, 8, 16, 32])
            .param("output_block", "panels of output channels that a task does; 0: all", [0, 1, 2, 4, 8])
            .param("depth", "terms that are added up at once; 0: all", [0, 64, 128, 256, 512])
            .param("pack", "pixels of a tile are copied side by side first", [0, 1])
            .param("outputs_outer", "0: a tile of pixels meets all weights, 1: weights meet all pixels", [0, 1])
            .param("threads", "threads that share the tasks", threads(device))
            .rule("no micro-kernel has this tile", ["tile_outputs", "tile_vectors"], |[outputs, vectors]| {
                TILES.iter().any(|(rows, most)| *rows == outputs && vectors <= *most)
            })
            .rule(
                "the tile needs more registers than there are",
                ["lanes", "tile_outputs", "tile_vectors"],
                |[lanes, outputs, vectors]| fits(outputs, vectors, registers(lanes)),
            )
            .rule("sums of a part are kept for one tile of pixels", ["depth", "outputs_outer"], |[depth, outer]| {
                depth == 0 || outer == 0
            })
            .rule("there are no more terms than that", ["depth"], move |[depth]| depth < terms)
            .rule("a tile of more channels than a group has", ["tile_outputs"], move |[rows]| {
                rows == 1 || rows < 2 * outputs
            })
            .rule(
                "more threads than tasks",
                ["lanes", "tile_outputs", "tile_vectors", "pixel_block", "output_block", "threads"],
                move |[lanes, rows, vectors, across, down, threads]| {
                    let blocks = |all: i64, size: i64| if size == 0 { 1 } else { tiles(all, size) };
                    // Runs of pixels have what pads them between rows.
                    let across = blocks(tiles(pixels, lanes * vectors), across);
                    threads == 1 || threads <= groups * across * blocks(tiles(outputs, rows), down)
                },
            )
            .feature(
                "log2 of sums in registers",
                ["lanes", "tile_outputs", "tile_vectors"],
                |[lanes, rows, vectors]| log2(lanes * rows * vectors),
            )
            .feature("log2 of loads per sum", ["tile_outputs", "tile_vectors"], |[rows, vectors]| {
                log2(rows + vectors) - log2(rows * vectors)
            })
            .feature("log2 of the waste", ["lanes", "tile_outputs"], move |[lanes, rows]| {
                waste(outputs, rows) + waste(row, lanes)
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let lanes = largest(space, "lanes");
        let (rows, vectors) = if registers(lanes) == 32 { (12, 2) } else { (6, 2) };
        let wish = [
            ("lanes", lanes),
            ("tile_outputs", rows),
            ("tile_vectors", vectors),
            ("pixel_block", 4),
            ("output_block", 0),
            ("depth", 0),
            ("pack", 1),
            ("outputs_outer", 0),
            ("threads", largest(space, "threads")),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("direct", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
