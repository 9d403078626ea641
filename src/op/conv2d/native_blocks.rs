//! What native convolutions with vectors along pixels have in common: micro-kernels, blocks, and which of them are legal.

use crate::base::DeviceFacts;
use crate::op::kernel::{log2, tiles, waste};
use crate::op::native::{fits, lanes, processor, registers, threads};
use crate::space::SpaceBuilder;

/// The most vectors of pixels beside so many output channels that there are micro-kernels for.
/// `src/backend/cpu/kernels/conv/tile.rs` has them.
const TILES: [(i64, i64); 7] = [(1, 4), (2, 4), (3, 4), (4, 3), (6, 4), (8, 3), (12, 2)];

/// Products of weights by pixels, as many of one size as there are.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    pub products: i64,
    /// What is added up for each result.
    pub terms: i64,
    pub outputs: i64,
    pub pixels: i64,
    /// Pixels that lie side by side in the output.
    pub row: i64,
}

impl Blocks {
    /// Adds the parameters and their rules.
    pub fn choices(self, space: SpaceBuilder, device: &DeviceFacts) -> SpaceBuilder {
        let Self { products, terms, outputs, pixels, .. } = self;
        let space = space
            .param("lanes", "lanes of f32 in a vector", lanes(&processor(device)))
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
                    threads == 1 || threads <= products * across * blocks(tiles(outputs, rows), down)
                },
            );
        self.features(space)
    }

    fn features(self, space: SpaceBuilder) -> SpaceBuilder {
        let Self { outputs, row, .. } = self;
        space
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
    }
}

/// The default: the tile that fills the registers of a width, few tiles a task, pixels packed.
pub(super) fn wish(lanes: i64, threads: i64) -> Vec<(&'static str, i64)> {
    let (rows, vectors) = if registers(lanes) == 32 { (12, 2) } else { (6, 2) };
    vec![
        ("lanes", lanes),
        ("tile_outputs", rows),
        ("tile_vectors", vectors),
        ("pixel_block", 4),
        ("output_block", 0),
        ("depth", 0),
        ("pack", 1),
        ("outputs_outer", 0),
        ("threads", threads),
    ]
}
