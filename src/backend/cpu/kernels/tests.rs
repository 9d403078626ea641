//! All ways to compute a product, against a plain loop in f64: odd sizes, transposes, f16, threads, hooks.

use std::sync::Mutex;

use half::f16;

use super::*;
use crate::base::sums_fit;

/// Small integers, whose sums are exact in any order, in f16 too.
fn values(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|number| ((number + seed) * 7 % 5) as f32 - 2.0).collect()
}

fn halves(values: &[f32]) -> Vec<f16> {
    values.iter().map(|&value| f16::from_f32(value)).collect()
}

/// C by its definition, with row · 3 + column added as the hook does.
fn expected(shape: Shape, a: &[f32], b: &[f32], hooked: bool) -> Vec<f32> {
    let Shape { batch, m, n, k, a_transposed, b_transposed } = shape;
    let mut c = Vec::new();
    for (number, row, column) in (0..batch * m * n).map(|at| (at / (m * n), at / n % m, at % n)) {
        let a = |step| a[number * m * k + if a_transposed { step * m + row } else { row * k + step }];
        let b = |step| b[number * k * n + if b_transposed { column * k + step } else { step * n + column }];
        let sum: f64 = (0..k).map(|step| f64::from(a(step)) * f64::from(b(step))).sum();
        let hook = if hooked { ((number * m + row) * 3 + column) % 17 } else { 0 };
        c.push((sum + hook as f64) as f32);
    }
    c
}

type Way<'a> = &'a mut dyn FnMut(Data<'_>, Data<'_>, DataMut<'_>, Option<Finish<'_>>);

/// Runs one way twice in f32 and once in f16, with and without a hook, which must see each element once.
fn check(shape: Shape, f16_too: bool, what: &str, run: Way<'_>) {
    let Shape { batch, m, n, k, .. } = shape;
    let (a, b) = (values(batch * m * k, 0), values(batch * k * n, 1));
    let seen = Mutex::new(vec![0; batch * m * n]);
    let hook = |row: usize, first: usize, values: &mut [f32]| {
        for (column, value) in (first..).zip(values) {
            *value += ((row * 3 + column) % 17) as f32;
            seen.lock().unwrap()[row * n + column] += 1;
        }
    };
    for hooked in [true, false] {
        let expected = expected(shape, &a, &b, hooked);
        let finish: Option<Finish<'_>> = if hooked { Some(&hook) } else { None };
        let mut c = vec![f32::NAN; batch * m * n];
        run(Data::F32(&a), Data::F32(&b), DataMut::F32(&mut c), finish);
        assert_eq!(c, expected, "f32, hook {hooked}: {shape:?} {what}");
        if f16_too {
            let mut c = vec![f16::NAN; batch * m * n];
            run(Data::F16(&halves(&a)), Data::F16(&halves(&b)), DataMut::F16(&mut c), finish);
            assert_eq!(c, halves(&expected), "f16, hook {hooked}: {shape:?} {what}");
        }
    }
    let times = if f16_too { 2 } else { 1 };
    assert!(seen.lock().unwrap().iter().all(|&seen| seen == times), "hooks: {shape:?} {what}");
}

fn transposes() -> impl Iterator<Item = (bool, bool)> {
    [(false, false), (true, false), (false, true), (true, true)].into_iter()
}

#[test]
fn every_blocking_is_right() {
    let sizes =
        [(1, 1, 1, 1), (1, 7, 5, 3), (2, 13, 33, 19), (1, 25, 300, 10), (3, 6, 16, 8), (1, 30, 47, 65), (1, 4, 4, 0)];
    for (number, (batch, m, n, k)) in sizes.into_iter().enumerate() {
        for (a_transposed, b_transposed) in transposes() {
            let shape = Shape { batch, m, n, k, a_transposed, b_transposed };
            for blocking in blockings(number) {
                let f16 = blocking.pack_a && blocking.pack_b;
                if b_transposed && !blocking.pack_b {
                    continue;
                }
                let mut plan = Blocked::new(shape, blocking, f16).unwrap();
                check(shape, f16, &format!("{blocking:?}"), &mut |a, b, c, finish| plan.run(a, b, c, finish));
            }
        }
    }
}

/// All widths and shapes of tiles, with the other choices varied along with them.
fn blockings(seed: usize) -> Vec<Blocking> {
    let mut list = Vec::new();
    for width in Width::available() {
        for &(tile_rows, tile_vectors) in
            MENU.iter().filter(|(rows, vectors)| sums_fit(*rows, *vectors, width.registers()))
        {
            for pack in 0..4 {
                let vary = seed + list.len() / 4;
                let order = |number: usize| if number.is_multiple_of(2) { Order::Rows } else { Order::Columns };
                list.push(Blocking {
                    width,
                    tile_rows,
                    tile_vectors,
                    unroll: UNROLLS[vary % UNROLLS.len()],
                    block_rows: [5, 12, 100][vary % 3],
                    block_steps: [4, 16, 100][vary / 2 % 3],
                    block_columns: [8, 40, 1000][vary / 3 % 3],
                    pack_a: pack % 2 > 0,
                    pack_b: pack / 2 > 0,
                    blocks: order(vary),
                    tiles: order(vary / 2),
                    prefetch: [0, 8][vary % 2],
                    threads: [1, 2, 3][vary % 3],
                });
            }
        }
    }
    list
}

#[test]
fn every_streaming_is_right() {
    let sizes =
        [(1, 1, 1, 1), (1, 1, 70, 37), (2, 3, 33, 19), (1, 40, 5, 21), (1, 50, 1, 600), (1, 16, 600, 9), (1, 2, 9, 0)];
    for (batch, m, n, k) in sizes {
        for (a_transposed, b_transposed) in transposes() {
            let shape = Shape { batch, m, n, k, a_transposed, b_transposed };
            for streaming in streamings() {
                let Ok(mut plan) = Skinny::new(shape, streaming) else { continue };
                check(shape, true, &format!("{streaming:?}"), &mut |a, b, c, finish| plan.run(a, b, c, finish));
            }
        }
    }
}

fn streamings() -> Vec<Streaming> {
    let mut list = Vec::new();
    for width in Width::available() {
        for &group in GROUPS {
            for &lines in LINES {
                for &vectors in VECTORS {
                    for split in [Order::Rows, Order::Columns] {
                        let block = [8, 48, 1000][list.len() % 3];
                        let prefetch = [0, 64][list.len() / 2 % 2];
                        let threads = [1, 2, 3][list.len() / 4 % 3];
                        list.push(Streaming { width, group, lines, vectors, block, prefetch, split, threads });
                    }
                }
            }
        }
    }
    list
}

#[test]
fn what_cannot_be_done_is_refused() {
    let shape = Shape { batch: 1, m: 20, n: 20, k: 20, a_transposed: false, b_transposed: true };
    let blocking = Blocking { pack_b: false, ..blockings(0)[0] };
    let refused = |shape, blocking, f16| Blocked::new(shape, blocking, f16).err().unwrap_or_default();
    assert!(refused(shape, blocking, false).contains("transposed B"));
    assert!(refused(shape, blocking, true).contains("f16"));
    assert!(refused(shape, Blocking { pack_b: true, tile_rows: 5, ..blocking }, false).contains("no micro-kernel"));
    assert!(refused(shape, Blocking { pack_b: true, threads: 0, ..blocking }, false).contains("at least 1"));
    assert!(Skinny::new(shape, streamings()[0]).err().unwrap_or_default().contains("at most 16"));
}
