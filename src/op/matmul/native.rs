//! The native product in blocks: micro-kernels that keep a tile of C in registers, on panels that lie in caches.

use super::Shape;
use crate::base::{DeviceFacts, ElementType, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles, waste};
use crate::op::native::{self, fits, lanes, largest, processor, registers, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

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

const BLOCK_ROWS: [i64; 9] = [8, 24, 48, 72, 96, 144, 192, 384, 768];
const BLOCK_STEPS: [i64; 8] = [64, 128, 192, 256, 384, 512, 1024, 2048];
const BLOCK_COLUMNS: [i64; 9] = [16, 64, 128, 256, 512, 768, 1024, 2048, 4096];

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
        let processor = processor(device);
        let [l1, l2] = [processor.l1_bytes, processor.l2_bytes].map(|bytes| bytes as i64);
        // A device without bounds knows the blocks of every workload.
        let sizes = |sizes: &[i64], extent| {
            if device.processor.is_some() { up_to_cover(sizes, extent) } else { sizes.to_vec() }
        };
        let mut rows: Vec<i64> = TILES.iter().map(|(rows, _)| *rows).collect();
        rows.sort_unstable();
        rows.dedup();
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor))
            .param("tile_rows", "rows of C in registers", rows)
            .param("tile_vectors", "vectors of columns of C in registers", [1, 2, 3, 4, 6])
            .param("unroll", "steps per turn of the innermost loop", [1, 2, 4])
            .param("block_rows", "rows of a block", sizes(&BLOCK_ROWS, m))
            .param("block_steps", "steps along K that a block takes at once", sizes(&BLOCK_STEPS, k))
            .param("block_columns", "columns of a block", sizes(&BLOCK_COLUMNS, n))
            .param("pack_a", "A is packed into panels", [0, 1])
            .param("pack_b", "B is packed into panels", [0, 1])
            .param("blocks", "threads take blocks 0: row by row, 1: column by column", [0, 1])
            .param("tiles", "a panel of 0: B meets all of A, 1: A meets all of B", [0, 1])
            .param("prefetch", "steps ahead at which operands are asked from memory", [0, 4, 8, 16])
            .param("threads", "threads that share the blocks", threads(device))
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
                "a packed block of A is larger than the second cache",
                ["block_rows", "block_steps", "pack_a"],
                move |[rows, steps, packed]| packed == 0 || rows.min(m) * steps.min(k) * PANEL_BYTES <= l2,
            )
            .rule(
                "a panel of B is twice as large as the first cache",
                ["lanes", "tile_vectors", "block_steps"],
                move |[lanes, vectors, steps]| lanes * vectors * steps.min(k) * PANEL_BYTES <= 2 * l1,
            )
            .rule(
                "more threads than blocks",
                ["block_rows", "block_columns", "threads"],
                move |[rows, columns, threads]| threads == 1 || threads <= batch * tiles(m, rows) * tiles(n, columns),
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

    /// Widest vectors, the tile that fills the registers, all threads, blocks of half a cache.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let lanes = largest(space, "lanes");
        let (rows, vectors) = if registers(lanes) == 32 { (12, 2) } else { (6, 2) };
        let shape = shape(signature);
        let skinny = shape.m <= 8;
        let wish = [
            ("lanes", lanes),
            ("tile_rows", if skinny { 4 } else { rows }),
            ("tile_vectors", vectors),
            ("unroll", 4),
            ("block_rows", 144),
            ("block_steps", 256),
            ("block_columns", 512),
            ("pack_a", i64::from(!skinny)),
            ("pack_b", i64::from(!skinny || shape.b_transposed)),
            ("blocks", 0),
            ("tiles", 0),
            ("prefetch", 0),
            ("threads", largest(space, "threads")),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("blocked", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
