//! Winograd's transforms for filters of 3 × 3 (Lavin and Gray, 2015): of filters in f64, of inputs and results on vectors.
//!
//! `M` is the size of a tile of results, 2 or 4; a tile of inputs has `M + 2` values each way. One-way transforms take and
//! give six values, of which those beyond the tile mean nothing.

use pulp::Simd;

/// The largest tile of inputs, each way.
pub const MOST: usize = 6;

/// Values of a tile in one direction.
pub type Line<S> = [<S as Simd>::f32s; MOST];

/// The matrix of the filter's transform, `size + 2` rows.
pub fn filter_rows(size: usize) -> &'static [[f64; 3]] {
    const TWO: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];
    const FOUR: [[f64; 3]; 6] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    if size == 2 { &TWO } else { &FOUR }
}

/// One filter transformed: `(size + 2)²` values, row by row.
pub fn filter(size: usize, weights: [[f64; 3]; 3]) -> Vec<f64> {
    let rows = filter_rows(size);
    let dot = |left: &[f64; 3], right: [f64; 3]| left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
    let value = |y: &[f64; 3], x: &[f64; 3]| dot(y, weights.map(|row| dot(x, row)));
    rows.iter().flat_map(|y| rows.iter().map(move |x| value(y, x))).collect()
}

/// Inputs in one direction.
#[inline(always)]
pub fn input<S: Simd, const M: usize>(simd: S, d: Line<S>) -> Line<S> {
    let (add, sub) = (|a, b| simd.add_f32s(a, b), |a, b| simd.sub_f32s(a, b));
    if M == 2 {
        return [sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]), sub(d[1], d[3]), d[4], d[5]];
    }
    // a − f·b.
    let less = |a, factor: f32, b| simd.negate_mul_add_e_f32s(simd.splat_f32s(factor), b, a);
    let (a, b) = (less(d[4], 4.0, d[2]), less(d[3], 4.0, d[1]));
    let (c, e) = (sub(d[4], d[2]), sub(d[3], d[1]));
    let e = add(e, e);
    let four = simd.splat_f32s(4.0);
    let first = simd.mul_add_e_f32s(four, d[0], less(d[4], 5.0, d[2]));
    let last = simd.mul_add_e_f32s(four, d[1], less(d[5], 5.0, d[3]));
    [first, add(a, b), sub(a, b), add(c, e), sub(c, e), last]
}

/// Results in one direction: the first `M` of what is given back.
#[inline(always)]
pub fn output<S: Simd, const M: usize>(simd: S, s: Line<S>) -> Line<S> {
    let (add, sub) = (|a, b| simd.add_f32s(a, b), |a, b| simd.sub_f32s(a, b));
    let (p, q) = (add(s[1], s[2]), sub(s[1], s[2]));
    if M == 2 {
        return [add(s[0], p), sub(q, s[3]), s[2], s[3], s[4], s[5]];
    }
    let more = |a, factor: f32, b| simd.mul_add_e_f32s(simd.splat_f32s(factor), b, a);
    let (r, u) = (add(s[3], s[4]), sub(s[3], s[4]));
    [add(add(s[0], p), r), more(q, 2.0, u), more(p, 4.0, r), more(add(q, s[5]), 8.0, u), s[4], s[5]]
}

/// A transform in both directions, in place: of the first `N` lines and the first `N` values of each.
#[inline(always)]
pub fn both_ways<S: Simd, const N: usize>(tile: &mut [Line<S>; MOST], one_way: impl Fn(Line<S>) -> Line<S>) {
    for column in 0..N {
        let line = one_way(std::array::from_fn(|row| tile[row][column]));
        for (row, value) in tile.iter_mut().zip(line) {
            row[column] = value;
        }
    }
    for row in tile.iter_mut().take(N) {
        *row = one_way(*row);
    }
}
