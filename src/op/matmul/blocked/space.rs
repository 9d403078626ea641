//! What can be chosen of a blocked product, what is no choice and why, and a first guess.

use super::super::Shape;
use super::Sums;
use super::operand::{AS_IT_LIES, BY_ELEMENTS, BY_SQUARES, is_k_major, piece_length, staged, threads};
use crate::base::{DeviceFacts, ElementType};
use crate::op::kernel::{MOST_STATEMENTS, closest, log2, packings, tiles, waste};
use crate::space::{Config, Space, SpaceBuilder};

/// Most accumulators per invocation: what the fastest kernels of GPUs with 255 registers use.
const MOST_ACCUMULATORS: i64 = 128;

/// Most elements that an invocation keeps in registers between loading and staging them.
const MOST_IN_FLIGHT: i64 = 64;

/// Into how many parts the sum over K may be split.
const PARTS: [i64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Most bytes of partial sums: their elements must be counted by a u32.
const MOST_PARTIAL_BYTES: u64 = 1 << 33;

/// The parameters, rules and features of products whose parts are summed there.
pub fn space(shape: &Shape, device: &DeviceFacts, sums: Sums) -> Space {
    let space = parts(params(shape, device, sums), shape, device, sums);
    let space = memory(outputs(loads(space, shape), shape, device), shape, device);
    features(space, shape).build().expect("names are distinct and rules read existing ones")
}

fn params(shape: &Shape, device: &DeviceFacts, sums: Sums) -> SpaceBuilder {
    let [a, b] = shape.sides();
    let turns = |along_k: bool| if along_k { vec![AS_IT_LIES, BY_ELEMENTS, BY_SQUARES] } else { vec![AS_IT_LIES] };
    let is_half = shape.types.input == ElementType::F16;
    let splits = if sums == Sums::InPlace { &PARTS[1..] } else { &PARTS };
    let widths = if is_half { vec![1, 2, 4, 8] } else { vec![1, 2, 4] };
    Space::builder()
        .param("bm", "rows of a workgroup's tile", [32, 64, 128, 256])
        .param("bn", "columns of a workgroup's tile", [32, 64, 128, 256])
        .param("tm", "rows per invocation", [4, 8, 16])
        .param("tn", "columns per invocation", [4, 8, 16])
        .param("lanes", "invocations of a sub-tile, as many as a subgroup has", subgroups(device))
        .param("lanes_n", "of them along N", [1, 2, 4, 8, 16, 32])
        .param("bk", "length of a staged slab along K", [4, 8, 16, 32])
        .param("unroll", "steps of K in the loop body", [1, 2, 4, 8, 16])
        .param("vec_a", "elements per load of A", widths.clone())
        .param("vec_b", "elements per load of B", widths)
        .param("turn_a", "A is staged as it lies (0), turned by elements (1) or by squares (2)", turns(a.along_k))
        .param("turn_b", "B is staged as it lies (0), turned by elements (1) or by squares (2)", turns(b.along_k))
        .param("pad", "unused elements after each row of a staged slab", [0, 4])
        .param(
            "pipeline",
            "the next slab waits for this one (0), in registers (1) or is staged beside it (2)",
            [0, 1, 2],
        )
        .param("deal", "lines dealt to the lanes in turn instead of neighbours", [0, 1])
        .param("band", "rows of tiles that are visited together, 0 for all", [0, 1, 4, 8, 16])
        .param("split", "parts of the sum over K", splits.iter().copied())
        .param("baked", "sizes as constants instead of uniforms", [0, 1])
        .param("half_tiles", "staged as f16", if is_half && device.features.f16 { vec![0, 1] } else { vec![0] })
        .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
}

/// The sizes that subgroups have on this device, a usual one where it has none, and all of them where they are as one
/// likes.
fn subgroups(device: &DeviceFacts) -> Vec<i64> {
    let [least, most] = device.features.subgroup_size.map(i64::from);
    let is_one_of = |size: &i64| (least..=most).contains(size) || (least, most) == (1, 1);
    let sizes: Vec<i64> = [4, 8, 16, 32, 64].into_iter().filter(is_one_of).collect();
    if sizes.is_empty() { vec![32] } else { sizes }
}

/// Rules on the parts of the sum over K, and on where they are added.
fn parts(space: SpaceBuilder, shape: &Shape, device: &DeviceFacts, sums: Sums) -> SpaceBuilder {
    let k = shape.k as i64;
    let space = space.rule("some parts of the sum would be empty", ["bk", "split"], move |[bk, split]| {
        let slabs = tiles(k, bk);
        (split - 1) * tiles(slabs, split) < slabs
    });
    match sums {
        Sums::Apart => {
            let buffer = device.limits.storage_binding_bytes.min(device.limits.buffer_bytes).min(MOST_PARTIAL_BYTES);
            let part = 4 * shape.batch * shape.m * shape.n;
            space.rule("more partial sums than a buffer can hold", ["split"], move |[split]| {
                split == 1 || split as u64 * part <= buffer
            })
        }
        Sums::InPlace => {
            let adds = device.features.float32_atomics;
            space.rule("the device cannot add floats atomically", [], move |[]| adds)
        }
    }
}

/// Rules on how operands are loaded and turned.
fn loads(space: SpaceBuilder, shape: &Shape) -> SpaceBuilder {
    let [a, b] = shape.sides().map(|side| side.along_k);
    let (beside_a, beside_b) = (if a { shape.k } else { shape.m } as i64, if b { shape.k } else { shape.n } as i64);
    let fits = |along_k: bool, [bk, turn, width]: [i64; 3]| !along_k || bk % piece_length(turn, width) == 0;
    space
        .rule("A's rows are no multiple of the loads along them", ["vec_a"], move |[width]| beside_a % width == 0)
        .rule("B's rows are no multiple of the loads along them", ["vec_b"], move |[width]| beside_b % width == 0)
        .rule("loads of eight elements are loads of packed ones", ["vec_a", "vec_b", "packed"], |[a, b, packed]| {
            packed == 1 || a.max(b) < 8
        })
        .rule("a slab is no multiple of the loads of A", ["bk", "turn_a", "vec_a"], move |values| fits(a, values))
        .rule("a slab is no multiple of the loads of B", ["bk", "turn_b", "vec_b"], move |values| fits(b, values))
        .rule(
            "what lies along K is read four steps at a time",
            ["unroll", "turn_a", "turn_b"],
            move |[unroll, at, bt]| unroll % 4 == 0 || (is_k_major(a, at) && is_k_major(b, bt)),
        )
        .rule(
            "more elements between loading and staging than registers",
            ["bm", "bn", "tm", "tn", "bk"],
            |[bm, bn, tm, tn, bk]| (bm + bn) * bk <= MOST_IN_FLIGHT * threads([bm, bn, tm, tn]),
        )
}

/// Rules on tiles, invocations and what they compute.
fn outputs(space: SpaceBuilder, shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    let [m, n] = [shape.m, shape.n].map(|size| size as i64);
    let invocations = device.limits.invocations_per_workgroup.min(device.limits.workgroup_size[0]).into();
    let [a, _] = shape.sides().map(|side| side.along_k);
    space
        .rule("most of a tile's rows lie beyond the edge", ["bm"], move |[bm]| bm == 32 || bm < 2 * m)
        .rule("most of a tile's columns lie beyond the edge", ["bn"], move |[bn]| bn == 32 || bn < 2 * n)
        .rule("sub-tiles do not fill the tile's columns", ["bn", "tn", "lanes_n"], |[bn, tn, lanes_n]| {
            bn % (tn * lanes_n) == 0
        })
        .rule("sub-tiles do not fill the tile's rows", ["bm", "tm", "lanes", "lanes_n"], |[bm, tm, lanes, lanes_n]| {
            lanes % lanes_n == 0 && bm % (tm * (lanes / lanes_n)) == 0
        })
        .rule("fewer than 32 invocations leave every GPU idle", ["bm", "bn", "tm", "tn"], |values| {
            threads(values) >= 32
        })
        .rule("more invocations than a workgroup may have", ["bm", "bn", "tm", "tn"], move |values| {
            threads(values) <= invocations
        })
        .rule("more accumulators than registers", ["tm", "tn"], |[tm, tn]| tm * tn <= MOST_ACCUMULATORS)
        .rule("the slab is no multiple of the loop body", ["bk", "unroll"], |[bk, unroll]| bk % unroll == 0)
        .rule("an unrolled body of too many statements", ["tm", "tn", "unroll"], |[tm, tn, unroll]| {
            tm * (tn / 4) * unroll <= MOST_STATEMENTS
        })
        .rule(
            "where each has four lines there is nothing to deal",
            ["tm", "tn", "deal", "turn_a"],
            move |[tm, tn, deal, turn]| deal == 0 || tm > 4 || tn > 4 || !is_k_major(a, turn),
        )
}

/// Rules on workgroup memory.
fn memory(space: SpaceBuilder, shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    let [a, b] = shape.sides().map(|side| side.along_k);
    let limits = &device.limits;
    let storage = i64::from(limits.workgroup_storage_bytes);
    space.rule("more workgroup memory than the device has", STAGED, move |values| staged_bytes(a, b, values) <= storage)
}

/// What workgroup memory depends on.
const STAGED: [&str; 8] = ["bm", "bn", "bk", "turn_a", "turn_b", "pad", "pipeline", "half_tiles"];

/// Workgroup memory of the slabs of A and B.
fn staged_bytes(a: bool, b: bool, [bm, bn, bk, turn_a, turn_b, pad, pipeline, half]: [i64; 8]) -> i64 {
    let elements = staged(is_k_major(a, turn_a), bm, bk, pad) + staged(is_k_major(b, turn_b), bn, bk, pad);
    let (copies, bytes) = (if pipeline == 2 { 2 } else { 1 }, if half == 1 { 2 } else { 4 });
    copies * bytes * elements
}

/// What models look at beside the parameters.
fn features(space: SpaceBuilder, shape: &Shape) -> SpaceBuilder {
    let [batch, m, n, k] = [shape.batch, shape.m, shape.n, shape.k].map(|size| size as i64);
    let [a, b] = shape.sides().map(|side| side.along_k);
    space
        .feature("log2 of invocations", ["bm", "bn", "tm", "tn"], |values| log2(threads(values)))
        .feature("log2 of outputs per invocation", ["tm", "tn"], |[tm, tn]| log2(tm * tn))
        .feature("log2 of products per staged read", ["tm", "tn"], |[tm, tn]| log2(tm * tn) - log2(tm + tn))
        .feature("log2 of products per load", ["bm", "bn"], |[bm, bn]| log2(bm * bn) - log2(bm + bn))
        .feature("log2 of the tile's height over its width", ["bm", "bn"], |[bm, bn]| log2(bm) - log2(bn))
        .feature("log2 of workgroups", ["bm", "bn", "split"], move |[bm, bn, split]| {
            log2(batch * split * tiles(m, bm) * tiles(n, bn))
        })
        .feature("log2 of the waste", ["bm", "bn"], move |[bm, bn]| waste(m, bm) + waste(n, bn))
        .feature("log2 of slabs per part", ["bk", "split"], move |[bk, split]| log2(tiles(tiles(k, bk), split)))
        .feature("log2 of statements", ["tm", "tn", "unroll"], |[tm, tn, unroll]| log2(tm * (tn / 4) * unroll))
        .feature("log2 of elements loaded per invocation", ["bm", "bn", "tm", "tn", "bk"], |[bm, bn, tm, tn, bk]| {
            log2((bm + bn) * bk) - log2(threads([bm, bn, tm, tn]))
        })
        .feature("log2 of bytes staged", STAGED, move |values| log2(staged_bytes(a, b, values)))
}

/// Tiles to begin with, largest first: bm, bn, tm, tn.
const TILES: [[i64; 4]; 4] = [[128, 128, 8, 8], [128, 64, 8, 4], [64, 64, 8, 4], [32, 32, 4, 4]];

/// About as many workgroups as a discrete GPU runs at once.
const ENOUGH_WORKGROUPS: i64 = 128;

/// Steps of K for which a part of the sum is worth its own workgroup.
const WORTH_A_PART: i64 = 256;

/// The largest tiles that give a discrete GPU enough to do, if need be with the sum over K in parts. Padding keeps the
/// columns that turned rows become out of each other's banks.
pub fn default(shape: &Shape, space: &Space) -> Option<Config> {
    let [batch, m, n, k] = [shape.batch, shape.m, shape.n, shape.k].map(|size| size as i64);
    let workgroups = |[bm, bn, ..]: [i64; 4]| batch * tiles(m, bm) * tiles(n, bn);
    let most_parts = (k / WORTH_A_PART).max(1);
    let is_enough = |tile: &[i64; 4]| workgroups(*tile) * most_parts >= ENOUGH_WORKGROUPS;
    let tile @ [bm, bn, tm, tn] = TILES.into_iter().find(is_enough).unwrap_or(TILES[TILES.len() - 1]);
    let parts = tiles(ENOUGH_WORKGROUPS, workgroups(tile)).min(most_parts);
    let wide = |along_k: bool, lines: u64| {
        let beside = if along_k { shape.k } else { lines };
        [4, 2, 1].into_iter().find(|&width| beside.is_multiple_of(width as u64)).expect("1 divides every size")
    };
    let [a, b] = shape.sides().map(|side| side.along_k);
    let turn = |along_k: bool| if along_k { BY_SQUARES } else { AS_IT_LIES };
    let wish = [
        ("bm", bm),
        ("bn", bn),
        ("tm", tm),
        ("tn", tn),
        ("lanes", 32),
        ("lanes_n", 8),
        ("bk", 16),
        ("unroll", 8),
        ("vec_a", wide(a, shape.m)),
        ("vec_b", wide(b, shape.n)),
        ("turn_a", turn(a)),
        ("turn_b", turn(b)),
        ("pad", if a || b { 4 } else { 0 }),
        ("pipeline", 1),
        ("deal", 1),
        ("band", 8),
        ("split", (parts as u64).next_power_of_two() as i64),
        ("baked", 1),
        ("half_tiles", 0),
        ("packed", 0),
    ];
    closest(space, &wish)
}

#[cfg(test)]
mod tests {
    use super::super::shape;
    use super::*;
    use crate::base::seeded;
    use crate::op::resolve;

    /// A discrete GPU as there are many.
    fn gpu() -> DeviceFacts {
        let mut facts = DeviceFacts::portable();
        facts.limits.invocations_per_workgroup = 1024;
        facts.limits.workgroup_size = [1024, 1024, 64];
        facts.limits.workgroup_storage_bytes = 48 << 10;
        facts.features.subgroup_size = [32, 32];
        facts
    }

    fn space_of(text: &str, device: &DeviceFacts) -> (Shape, Space) {
        let shape = shape(&resolve(text).unwrap());
        let space = space(&shape, device, Sums::Apart);
        (shape, space)
    }

    #[test]
    fn the_default_has_large_tiles_where_outputs_are_many_and_parts_where_they_are_few() {
        // Workload; bm, bn, tm, tn, split.
        let cases = [
            ("matmul:f32:m4096n4096k4096", [128, 128, 8, 8, 1]),
            ("matmul:f32:m2048n2048k64:nt", [128, 128, 8, 8, 1]),
            ("matmul:f32:m1024n1024k1024", [128, 128, 8, 8, 2]),
            ("matmul:f32:m512n512k512", [64, 64, 8, 4, 2]),
            ("matmul:f32:m256n256k256", [32, 32, 4, 4, 1]),
            ("matmul:f32:m128n128k65536:tn", [128, 128, 8, 8, 64]),
            ("matmul:f32:m1n1k1", [32, 32, 4, 4, 1]),
        ];
        for (text, want) in cases {
            let (shape, space) = space_of(text, &gpu());
            let config = default(&shape, &space).unwrap();
            assert_eq!(["bm", "bn", "tm", "tn", "split"].map(|name| config.int(name)), want, "{text}: {config}");
        }
    }

    /// So many random points are legal that none need be searched for.
    #[test]
    fn random_configs_fit_their_device() {
        let mut random = seeded(0, "blocked");
        for device in [gpu(), DeviceFacts::portable()] {
            for text in ["matmul:f32:m1024n1024k1024:nt", "matmul:f16:b3m65n36k28:tt", "matmul:f32:m1n1k1"] {
                let (_, space) = space_of(text, &device);
                for _ in 0..50 {
                    let config = space.sample(&mut random).expect("a legal config");
                    let [bm, bn, bk, tm, tn] = ["bm", "bn", "bk", "tm", "tn"].map(|name| config.int(name));
                    let invocations = (bm / tm) * (bn / tn);
                    let least = (bm + bn) * bk * if config.int("half_tiles") == 1 { 2 } else { 4 };
                    assert!(invocations % config.int("lanes") == 0, "{config}");
                    assert!(invocations <= i64::from(device.limits.invocations_per_workgroup), "{config}");
                    assert!(least <= i64::from(device.limits.workgroup_storage_bytes), "{config}");
                }
            }
        }
    }

    /// Tiles of 128 by 64 with slabs of 8 steps: of A turned, with padding, and of B as it lies, twice each.
    #[test]
    fn staged_bytes_count_padding_and_copies() {
        let rows_of_a = 8 * (128 + 4);
        let rows_of_b = 64 * (8 + 4);
        let bytes = |half| staged_bytes(true, true, [128, 64, 8, BY_SQUARES, AS_IT_LIES, 4, 2, half]);
        assert_eq!([bytes(0), bytes(1)], [2 * 4 * (rows_of_a + rows_of_b), 2 * 2 * (rows_of_a + rows_of_b)]);
    }
}
