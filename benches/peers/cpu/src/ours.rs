//! Configs of our kernels, enough for one of them to be near the best.

use wgtune::backend::cpu::kernels::{
    Blocked, Blocking, Data, DataMut, MOST_FEW, Order, Shape, Skinny, Streaming, Width,
};

use crate::Way;

/// All configs for a product.
pub fn all([m, n, k]: [usize; 3], threads: usize) -> Vec<Way> {
    let shape = Shape { batch: 1, m, n, k, a_transposed: false, b_transposed: false };
    if m.min(n) <= MOST_FEW { streamed(shape, threads) } else { blocked(shape, threads) }
}

/// The widest vectors of this processor.
fn widest() -> Width {
    *Width::available().last().expect("every processor computes f32 one by one")
}

fn blocked(shape: Shape, threads: usize) -> Vec<Way> {
    let width = widest();
    let tiles: &[(usize, usize, usize)] =
        if width.registers() == 32 { &[(12, 2, 2), (14, 2, 1), (8, 3, 1)] } else { &[(6, 2, 4), (6, 2, 1), (3, 4, 1)] };
    let share = shape.m.div_ceil(threads);
    let blocks =
        [[96, 256, 4096], [192, 256, 4096], [192, 512, 4096], [384, 256, 4096], [share, 256, 4096], [share, 256, 256]];
    let mut ways = Vec::new();
    for &(tile_rows, tile_vectors, unroll) in tiles {
        for [block_rows, block_steps, block_columns] in blocks {
            for (pack_a, pack_b) in [(true, true), (false, true), (false, false)] {
                for (tiles, prefetch) in
                    [(Order::Rows, 0), (Order::Rows, 32), (Order::Columns, 0), (Order::Columns, 16)]
                {
                    let blocks = Order::Rows;
                    let blocking = Blocking {
                        width,
                        tile_rows,
                        tile_vectors,
                        unroll,
                        block_rows,
                        block_steps,
                        block_columns,
                        pack_a,
                        pack_b,
                        blocks,
                        tiles,
                        prefetch,
                        threads,
                    };
                    let Ok(mut plan) = Blocked::new(shape, blocking, false) else { continue };
                    let run = move |a: &[f32], b: &[f32], c: &mut [f32]| {
                        plan.run(Data::F32(a), Data::F32(b), DataMut::F32(c), None);
                    };
                    let packed = ["", "A", "B", "AB"][usize::from(pack_a) + 2 * usize::from(pack_b)];
                    let name = format!(
                        "{tile_rows}×{tile_vectors} unroll {unroll} block {block_rows}×{block_columns}×{block_steps} packed {packed:?} tiles {tiles:?} prefetch {prefetch}"
                    );
                    ways.push(Way { name, run: Box::new(run) });
                }
            }
        }
    }
    ways
}

fn streamed(shape: Shape, threads: usize) -> Vec<Way> {
    let width = widest();
    let mut ways = Vec::new();
    for group in [1, 2, 4, 8].into_iter().filter(|group| *group <= shape.m.min(shape.n)) {
        for (lines, vectors) in [(4, 1), (4, 2), (8, 1), (8, 2)] {
            for block in [512, 1024, 2048, 4096] {
                for (prefetch, split) in [(0, Order::Columns), (128, Order::Columns), (0, Order::Rows)] {
                    let streaming = Streaming { width, group, lines, vectors, block, prefetch, split, threads };
                    let Ok(mut plan) = Skinny::new(shape, streaming) else { continue };
                    let run = move |a: &[f32], b: &[f32], c: &mut [f32]| {
                        plan.run(Data::F32(a), Data::F32(b), DataMut::F32(c), None);
                    };
                    let name = format!(
                        "group {group} lines {lines} vectors {vectors} block {block} prefetch {prefetch} split {split:?}"
                    );
                    ways.push(Way { name, run: Box::new(run) });
                }
            }
        }
    }
    ways
}
