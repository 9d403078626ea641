//! The native product in blocks: micro-kernels that keep a tile of C in registers, on panels that lie in caches.

use super::{Shape, native_default};
use crate::base::{DeviceFacts, ElementType, Language, Processor};
use crate::code::Program;
use crate::op::kernel::{log2, tiles, waste};
use crate::op::native::{self, fits, lanes, processor, registers, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space, SpaceBuilder};

pub struct Native;

/// The tiles that there are micro-kernels for: rows, and vectors of columns. `src/backend/cpu/kernels/micro.rs` has them.
const TILES: [(i64, i64); 15] = [
    (4, 1),
    (8, 1),
    (12, 1),
    (4, 2),
    (6, 2),
    (8, 2),
    (12, 2),
    (14, 2),
    (4, 3),
    (8, 3),
    (9, 3),
    (3, 4),
    (6, 4),
    (2, 6),
    (4, 6),
];

/// Bytes of an element in a panel: kernels compute in f32 whatever is stored.
const PANEL_BYTES: i64 = 4;

/// The smallest of these that covers an extent, or the largest: a larger block would be the same.
fn up_to_cover(sizes: &[i64], extent: i64) -> Vec<i64> {
    let needed = sizes.iter().position(|size| *size >= extent).unwrap_or(sizes.len() - 1);
    sizes[..=needed].to_vec()
}

const BLOCK_ROWS: [i64; 9] = [24, 48, 96, 144, 192, 384, 512, 768, 1024];
const BLOCK_STEPS: [i64; 5] = [128, 256, 512, 1024, 2048];
const BLOCK_COLUMNS: [i64; 8] = [16, 64, 128, 256, 512, 1024, 2048, 4096];

/// Columns that kernels finish together, so that fewer are no block. `src/backend/cpu/kernels/blocked.rs` has them.
const GROUP: i64 = 256;

/// Elements of A of which a block has more, where there are more: panels that are used too few times cost more than sums.
const LEAST_BLOCK: i64 = 8192;

/// Fewer rows than these make small blocks whatever is chosen.
const FEW_ROWS: i64 = 96;

impl Template for Native {
    fn name(&self) -> &str {
        "matmul/native"
    }

    fn about(&self) -> &str {
        "native: blocks in caches, packed panels, tiles in registers, on threads"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.operator.call(signature).is_some()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let [m, n, k] = [shape.m, shape.n, shape.k].map(|size| size as i64);
        let (batch, b_transposed) = (shape.batch as i64, shape.b_transposed);
        let halves = shape.types.input == ElementType::F16;
        let space = fitted(params(&shape, device), [batch, m, n, k], device);
        space
            .rule("no micro-kernel has this tile", ["tile_rows", "tile_vectors"], |[rows, vectors]| {
                TILES.contains(&(rows, vectors))
            })
            .rule(
                "the tile needs more registers than there are",
                ["lanes", "tile_rows", "tile_vectors"],
                |[lanes, rows, vectors]| fits(rows, vectors, registers(lanes)),
            )
            .rule("halves are widened when they are packed, so they must be", ["pack_a", "pack_b"], move |[a, b]| {
                !halves || (a == 1 && b == 1)
            })
            .rule("columns of a transposed B do not lie side by side, so it must be packed", ["pack_b"], move |[b]| {
                !b_transposed || b == 1
            })
            .rule(
                "more threads than blocks",
                ["block_rows", "block_columns", "threads"],
                move |[rows, columns, threads]| threads == 1 || threads <= batch * tiles(m, rows) * tiles(n, columns),
            )
            .rule(
                "blocks in one row have one order",
                ["block_rows", "block_columns", "blocks"],
                move |[rows, columns, blocks]| blocks == 0 || tiles(m, rows) > 1 && tiles(n, columns) > 1,
            )
            .feature("log2 of sums in registers", ["lanes", "tile_rows", "tile_vectors"], |[lanes, rows, vectors]| {
                log2(lanes * rows * vectors)
            })
            .feature("log2 of blocks", ["block_rows", "block_columns"], move |[rows, columns]| {
                log2(batch * tiles(m, rows) * tiles(n, columns))
            })
            .feature("log2 of a block of A", ["block_rows", "block_steps"], move |[rows, steps]| {
                log2(rows.min(m) * steps.min(k))
            })
            .feature(
                "log2 of a panel of B",
                ["lanes", "tile_vectors", "block_steps"],
                move |[lanes, vectors, steps]| log2(lanes * vectors * steps.min(k)),
            )
            .feature("log2 of the waste", ["lanes", "tile_rows", "tile_vectors"], move |[lanes, rows, vectors]| {
                waste(m, rows) + waste(n, lanes * vectors)
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        native_default::choose(&shape(signature), space)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("blocked", signature, config))
    }
}

fn params(shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    // A device without bounds knows the blocks of every workload.
    let sizes = |sizes: &[i64], extent: u64| {
        if device.processor.is_some() { up_to_cover(sizes, extent as i64) } else { sizes.to_vec() }
    };
    let mut rows: Vec<i64> = TILES.iter().map(|(rows, _)| *rows).collect();
    rows.sort_unstable();
    rows.dedup();
    Space::builder()
        .param("lanes", "lanes of f32 in a vector", lanes(&processor(device)))
        .param("tile_rows", "rows of C in registers", rows)
        .param("tile_vectors", "vectors of columns of C in registers", [1, 2, 3, 4, 6])
        .param("unroll", "steps per turn of the innermost loop", [1, 2, 4])
        .param("block_rows", "rows of a block", sizes(&BLOCK_ROWS, shape.m))
        .param("block_steps", "steps along K that a block takes at once", sizes(&BLOCK_STEPS, shape.k))
        .param("block_columns", "columns of a block", sizes(&BLOCK_COLUMNS, shape.n))
        .param("pack_a", "A is packed into panels", [0, 1])
        .param("pack_b", "B is packed into panels", [0, 1])
        .param("blocks", "threads take blocks 0: row by row, 1: column by column", [0, 1])
        .param("tiles", "a panel of 0: B meets all of A, 1: A meets all of B", [0, 1])
        .param("prefetch", "steps ahead at which operands are asked from memory", [0, 8, 16])
        .param("threads", "threads that share the blocks", threads(device))
}

/// Adds what caches ask of blocks. What is met again and again stays in the second cache, what passes by in the last.
fn fitted(space: SpaceBuilder, [batch, m, n, k]: [i64; 4], device: &DeviceFacts) -> SpaceBuilder {
    let Processor { l1_bytes, l2_bytes, l3_bytes, .. } = processor(device);
    let [l1, l2, l3] = [l1_bytes, l2_bytes, l3_bytes].map(|bytes| bytes as i64);
    // What is slow everywhere was still legal somewhere.
    let is_known = device.processor.is_some();
    let block = move |rows: i64, steps: i64| rows.min(m) * steps.min(k);
    space
        .rule(
            "a block of A that meets every panel of B is larger than the second cache",
            ["block_rows", "block_steps", "tiles"],
            move |[rows, steps, tiles]| tiles == 1 || block(rows, steps) * PANEL_BYTES <= l2,
        )
        .rule(
            "a block of A that passes by is larger than a thread's part of the last cache",
            ["block_rows", "block_steps", "tiles", "threads"],
            move |[rows, steps, tiles, threads]| {
                tiles == 0 || block(rows, steps) * PANEL_BYTES <= (l3 / threads).max(l2)
            },
        )
        .rule(
            "the columns of B that every panel of A meets are larger than the second cache",
            ["block_steps", "tiles"],
            move |[steps, tiles]| tiles == 0 || GROUP.min(n) * steps.min(k) * PANEL_BYTES <= l2,
        )
        .rule(
            "a panel of B is twice as large as the first cache",
            ["lanes", "tile_vectors", "block_steps"],
            move |[lanes, vectors, steps]| lanes * vectors * steps.min(k) * PANEL_BYTES <= 2 * l1,
        )
        .rule(
            "a block of A is too small for its panels to be used often",
            ["block_rows", "block_steps", "threads"],
            move |[rows, steps, threads]| {
                let least = LEAST_BLOCK.min(tiles(m, threads) * k);
                !is_known || m < FEW_ROWS || block(rows, steps) >= least
            },
        )
        .rule(
            "fewer columns than are finished together, where threads need no more blocks",
            ["block_rows", "block_columns", "threads"],
            move |[rows, columns, threads]| !is_known || columns >= GROUP.min(n) || batch * tiles(m, rows) < threads,
        )
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

#[cfg(test)]
#[path = "native_tests.rs"]
mod tests;
