//! The default of the native product in blocks: large blocks that the caches admit and that threads share evenly.

use std::collections::BTreeMap;

use super::Shape;
use crate::base::ElementType;
use crate::op::kernel::{closest, tiles};
use crate::op::native::{largest, registers};
use crate::space::{Config, Space, Value};

/// Larger blocks of steps no longer make sums cheaper.
const MOST_STEPS: i64 = 512;

/// How many times as long as evenly shared work the slowest thread may take.
const MOST_UNEVEN: f64 = 1.15;

/// Products below which threads cost more than they save: some ten microseconds' worth.
const LEAST_SHARED: i64 = 1 << 20;

/// Elements from row to row of A from which on each lies on pages of its own, so that it is packed.
const FAR: i64 = 2048;

/// Rows for which nothing is packed: each element of B is used once for each.
const FEW: i64 = 8;

/// How many times as many columns as there are a wide tile may make of them. Where it makes more, a narrow one is faster.
const MOST_WASTE: f64 = 1.05;

/// The default: widest vectors, the tile that fills the registers, all threads where there is enough to do.
pub(super) fn choose(shape: &Shape, space: &Space) -> Option<Config> {
    let [batch, m, n, k] = [shape.batch, shape.m, shape.n, shape.k].map(|size| size as i64);
    let lanes = largest(space, "lanes");
    let has_many = registers(lanes) == 32;
    let is_wide = has_many && (tiles(n, 3 * lanes) * 3 * lanes) as f64 <= MOST_WASTE * n as f64;
    let (rows, vectors) = match (has_many, is_wide) {
        // Rows of C that lie a power of two apart share lines of the first cache: eight have room where twelve have not.
        (_, true) => (8, 3),
        (true, _) => (12, 2),
        _ => (6, 2),
    };
    let threads = if batch * m * n * k < LEAST_SHARED { 1 } else { largest(space, "threads") };
    let halves = shape.types.input == ElementType::F16;
    let (is_few, is_far) = (m <= FEW, shape.a_transposed || k >= FAR);
    let wish = [
        ("lanes", lanes),
        ("tile_rows", if is_few { 4 } else { rows }),
        ("tile_vectors", vectors),
        ("unroll", 4),
        ("pack_a", i64::from(halves || (!is_few && is_far))),
        ("pack_b", i64::from(halves || !is_few || shape.b_transposed)),
        ("blocks", 0),
        ("tiles", 0),
        ("prefetch", if has_many { 8 } else { 0 }),
        ("threads", threads),
    ];
    let with = |steps: i64, [rows, columns]: [i64; 2]| {
        let mut wish = wish.to_vec();
        wish.extend([("block_steps", steps), ("block_rows", rows), ("block_columns", columns)]);
        wish
    };
    let columns = values(space, "block_columns");
    let pairs =
        values(space, "block_rows").into_iter().flat_map(|rows| columns.iter().map(move |columns| [rows, *columns]));
    let mut pairs: Vec<[i64; 2]> = pairs.filter(|block| is_even(*block, [batch, m, n], threads)).collect();
    pairs.sort_by_key(|[rows, columns]| std::cmp::Reverse(rows.min(&m) * columns.min(&n)));
    // As many steps as a panel of B may have.
    let steps = values(space, "block_steps").into_iter().rev().filter(|steps| *steps <= MOST_STEPS);
    let legal = steps.flat_map(|steps| pairs.iter().map(move |block| (steps, *block)));
    let legal = legal.into_iter().find_map(|(steps, block)| exactly(space, &with(steps, block)));
    legal.or_else(|| closest(space, &with(MOST_STEPS, [FAR, FAR])))
}

/// Whether threads that take blocks in turn are done at about the same time.
fn is_even([rows, columns]: [i64; 2], [batch, m, n]: [i64; 3], threads: i64) -> bool {
    let turns = tiles(batch * tiles(m, rows) * tiles(n, columns), threads);
    let slowest = turns * rows.min(m) * columns.min(n);
    threads == 1 || slowest as f64 <= MOST_UNEVEN * (batch * m * n) as f64 / threads as f64
}

/// The values of a parameter, ascending.
fn values(space: &Space, name: &str) -> Vec<i64> {
    let param = space.params().iter().filter(|param| param.name == name);
    param.flat_map(|param| &param.values).filter_map(Value::as_int).collect()
}

/// The config with these values, if it is legal.
fn exactly(space: &Space, wish: &[(&str, i64)]) -> Option<Config> {
    let values: BTreeMap<String, Value> =
        wish.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    space.config(&values).ok()
}
