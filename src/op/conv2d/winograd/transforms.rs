//! Winograd's minimal filtering F(m×m, 3×3) as data: its matrices, the statements they become, and how far off it is.
//!
//! y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A for a tile d of (m+2)² pixels and a filter g, from S. Winograd, "Arithmetic
//! Complexity of Computations", 1980; the matrices are those of A. Lavin and S. Gray, "Fast Algorithms for Convolutional
//! Neural Networks", 2016, section 4.

use crate::record::Numerics;

/// A matrix by rows.
pub(super) type Matrix = &'static [&'static [f64]];

/// The matrices of one size of tiles.
pub(super) struct Transforms {
    /// Bᵀ: pixels to points.
    pub pixels: Matrix,
    /// G: taps to points.
    pub taps: Matrix,
    /// Aᵀ: points to results.
    pub results: Matrix,
}

/// F(2×2, 3×3): 16 products for four results of nine.
pub(super) static F2: Transforms = Transforms {
    pixels: &[&[1.0, 0.0, -1.0, 0.0], &[0.0, 1.0, 1.0, 0.0], &[0.0, -1.0, 1.0, 0.0], &[0.0, 1.0, 0.0, -1.0]],
    taps: &[&[1.0, 0.0, 0.0], &[0.5, 0.5, 0.5], &[0.5, -0.5, 0.5], &[0.0, 0.0, 1.0]],
    results: &[&[1.0, 1.0, 1.0, 0.0], &[0.0, 1.0, -1.0, -1.0]],
};

/// F(4×4, 3×3): 36 products for sixteen results of nine.
pub(super) static F4: Transforms = Transforms {
    pixels: &[
        &[4.0, 0.0, -5.0, 0.0, 1.0, 0.0],
        &[0.0, -4.0, -4.0, 1.0, 1.0, 0.0],
        &[0.0, 4.0, -4.0, -1.0, 1.0, 0.0],
        &[0.0, -2.0, -1.0, 2.0, 1.0, 0.0],
        &[0.0, 2.0, -1.0, -2.0, 1.0, 0.0],
        &[0.0, 4.0, 0.0, -5.0, 0.0, 1.0],
    ],
    taps: &[
        &[1.0 / 4.0, 0.0, 0.0],
        &[-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        &[-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        &[1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        &[1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        &[0.0, 0.0, 1.0],
    ],
    results: &[
        &[1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
        &[0.0, 1.0, -1.0, 2.0, -2.0, 0.0],
        &[0.0, 1.0, 1.0, 4.0, 4.0, 0.0],
        &[0.0, 1.0, -1.0, 8.0, -8.0, 1.0],
    ],
};

/// What the transforms' own roundings add to those of the sums: a value is rounded in the transforms of pixels, of taps
/// and of results, together about as often as in a sum of the fewest products there are, nine.
const OWN_ROUNDINGS: f64 = 2.0;

impl Transforms {
    /// Results of a tile in each direction.
    pub fn tile(&self) -> usize {
        self.results.len()
    }

    /// Pixels that a tile reads in each direction, and points of a transform.
    pub fn points(&self) -> usize {
        self.pixels.len()
    }

    /// What is promised of results. The factor follows from the matrices; that it is neither too small nor far too large is
    /// tested in `accuracy.rs`.
    pub fn numerics(&self) -> Numerics {
        Numerics::Bounded { factor: self.factor(), tile: self.tile() as u64 }
    }

    /// `v_r_s` from the pixels `d_y_x`.
    pub fn of_pixels(&self) -> Vec<String> {
        two_sided(self.pixels, ["d", "p", "v"])
    }

    /// `u_r_s` from the taps `g_y_x`.
    pub fn of_taps(&self) -> Vec<String> {
        two_sided(self.taps, ["g", "q", "u"])
    }

    /// `y_y_x` from the sums of products `m_r_s`.
    pub fn of_results(&self) -> Vec<String> {
        two_sided(self.results, ["m", "a", "y"])
    }

    /// How many times as large as those of a plain sum the errors are, where that sum is of all products of a pixel of the
    /// tile with a tap. Errors of points are as large as the products they are made of: in one direction of variance
    /// ‖B_ξ‖²·‖G_ξ‖² for pixels and taps of variance 1. A result takes A_ξ² of each. This is the root of the largest sum of
    /// these over the number of products. Both directions multiply, as B. Barabasz et al., "Error Analysis and Improving the
    /// Accuracy of Winograd Convolution for Deep Neural Networks", 2020, show for norms.
    pub fn factor(&self) -> f64 {
        let square = |row: &[f64]| row.iter().map(|entry| entry * entry).sum::<f64>();
        let point = |at: usize| square(self.pixels[at]) * square(self.taps[at]);
        let variance = |row: &&[f64]| (0..).zip(*row).map(|(at, entry)| entry * entry * point(at)).sum::<f64>();
        let largest = self.results.iter().map(variance).fold(0.0, f64::max);
        OWN_ROUNDINGS * largest / (self.points() * self.taps[0].len()) as f64
    }
}

/// M·X·Mᵀ as unrolled statements: columns of X by M to what is half done, its rows by M to the result. The names are of X,
/// of that and of the result; elements are `name_row_column`.
fn two_sided(matrix: Matrix, [source, half, result]: [&str; 3]) -> Vec<String> {
    let columns = (0..matrix[0].len()).flat_map(|column| {
        one_sided(matrix, |i| format!("{source}_{i}_{column}"), |row| format!("{half}_{row}_{column}"))
    });
    let rows = (0..matrix.len()).flat_map(|row| {
        one_sided(matrix, |i| format!("{half}_{row}_{i}"), |column| format!("{result}_{row}_{column}"))
    });
    columns.chain(rows).collect()
}

/// M·x as statements. What two neighbours have in common is computed once: rows that are the sum and the difference of
/// two parts where there are no more columns than rows, else columns that are added and subtracted.
fn one_sided(matrix: Matrix, source: impl Fn(usize) -> String, result: impl Fn(usize) -> String) -> Vec<String> {
    if matrix.len() < matrix[0].len() { by_columns(matrix, source, result) } else { by_rows(matrix, source, result) }
}

fn by_rows(matrix: Matrix, source: impl Fn(usize) -> String, result: impl Fn(usize) -> String) -> Vec<String> {
    let mut statements = Vec::new();
    let mut row = 0;
    while row < matrix.len() {
        let name = result(row);
        let Some([even, odd]) = matrix.get(row + 1).and_then(|next| parts(matrix[row], next)) else {
            statements.push(format!("let {name} = {};", sum(matrix[row], &source)));
            row += 1;
            continue;
        };
        statements.push(format!("let {name}_even = {};", sum(&even, &source)));
        statements.push(format!("let {name}_odd = {};", sum(&odd, &source)));
        statements.push(format!("let {name} = {name}_even + {name}_odd;"));
        statements.push(format!("let {} = {name}_even - {name}_odd;", result(row + 1)));
        row += 2;
    }
    statements
}

/// Two rows as the sum and the difference of two others, where that saves something.
fn parts(first: &[f64], second: &[f64]) -> Option<[Vec<f64>; 2]> {
    let half = |sign: f64| first.iter().zip(second).map(|(a, b)| (a + sign * b) / 2.0).collect::<Vec<f64>>();
    let [even, odd] = [half(1.0), half(-1.0)];
    let entries = |row: &[f64]| row.iter().filter(|entry| **entry != 0.0).count();
    let are_parts = entries(&even) + entries(&odd) == entries(first) && entries(first) == entries(second);
    (are_parts && entries(first) > 2).then_some([even, odd])
}

fn by_columns(matrix: Matrix, source: impl Fn(usize) -> String, result: impl Fn(usize) -> String) -> Vec<String> {
    let width = matrix[0].len();
    let mut statements = Vec::new();
    // For each row what is left of it, by the names of what its entries multiply.
    let mut rows: Vec<Vec<(f64, String)>> = vec![Vec::new(); matrix.len()];
    let mut column = 0;
    while column < width {
        let is_pair = column + 1 < width && matrix.iter().all(|row| row[column].abs() == row[column + 1].abs());
        let name = source(column);
        if is_pair {
            let next = source(column + 1);
            statements.push(format!("let {name}_plus = {name} + {next};"));
            statements.push(format!("let {name}_minus = {name} - {next};"));
        }
        for (terms, row) in rows.iter_mut().zip(matrix) {
            let suffix = match is_pair {
                true if row[column] == row[column + 1] => "_plus",
                true => "_minus",
                false => "",
            };
            terms.push((row[column], format!("{name}{suffix}")));
        }
        column += if is_pair { 2 } else { 1 };
    }
    let results = (0..).zip(rows).map(|(row, terms)| format!("let {} = {};", result(row), sum_of(terms)));
    statements.extend(results);
    statements
}

fn sum(row: &[f64], source: impl Fn(usize) -> String) -> String {
    sum_of((0..).zip(row).map(|(at, entry)| (*entry, source(at))).collect())
}

/// The terms that are not zero, those to be added before those to be subtracted.
fn sum_of(terms: Vec<(f64, String)>) -> String {
    let (added, subtracted): (Vec<_>, Vec<_>) =
        terms.into_iter().filter(|(entry, _)| *entry != 0.0).partition(|(entry, _)| *entry > 0.0);
    let mut text = String::new();
    for (entry, name) in added.into_iter().chain(subtracted) {
        let factor = if entry.abs() == 1.0 { String::new() } else { format!("{:?} * ", entry.abs() as f32) };
        let sign = match (text.is_empty(), entry > 0.0) {
            (true, true) => "",
            (true, false) => "-",
            (false, true) => " + ",
            (false, false) => " - ",
        };
        text.push_str(&format!("{sign}{factor}{name}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each pair of a pixel and a tap that are 1 while all others are 0: the result is 1 where they meet.
    #[test]
    fn the_matrices_make_a_convolution() {
        for transforms in [&F2, &F4] {
            for (pixel, tap) in (0..transforms.points()).flat_map(|pixel| (0..3).map(move |tap| (pixel, tap))) {
                for (at, row) in transforms.results.iter().enumerate() {
                    let products =
                        (0..transforms.points()).map(|p| transforms.pixels[p][pixel] * transforms.taps[p][tap]);
                    let got: f64 = row.iter().zip(products).map(|(entry, product)| entry * product).sum();
                    let want = if at + tap == pixel { 1.0 } else { 0.0 };
                    assert!((got - want).abs() < 1e-12, "pixel {pixel}, tap {tap}, result {at}: {got}");
                }
            }
        }
    }

    #[test]
    fn common_parts_are_computed_once() {
        let one = |matrix| one_sided(matrix, |i| format!("x{i}"), |i| format!("z{i}"));
        let want = ["let z0 = x0 - x2;", "let z1 = x1 + x2;", "let z2 = x2 - x1;", "let z3 = x1 - x3;"];
        assert_eq!(one(F2.pixels), want);
        let want = [
            "let z0 = 0.25 * x0;",
            "let z1_even = -0.16666667 * x0 - 0.16666667 * x2;",
            "let z1_odd = -0.16666667 * x1;",
            "let z1 = z1_even + z1_odd;",
            "let z2 = z1_even - z1_odd;",
            "let z3_even = 0.041666668 * x0 + 0.16666667 * x2;",
            "let z3_odd = 0.083333336 * x1;",
            "let z3 = z3_even + z3_odd;",
            "let z4 = z3_even - z3_odd;",
            "let z5 = x2;",
        ];
        assert_eq!(one(F4.taps), want);
        let want = [
            "let x1_plus = x1 + x2;",
            "let x1_minus = x1 - x2;",
            "let x3_plus = x3 + x4;",
            "let x3_minus = x3 - x4;",
            "let z0 = x0 + x1_plus + x3_plus;",
            "let z1 = x1_minus + 2.0 * x3_minus;",
            "let z2 = x1_plus + 4.0 * x3_plus;",
            "let z3 = x1_minus + 8.0 * x3_minus + x5;",
        ];
        assert_eq!(one(F4.results), want);
    }

    #[test]
    fn larger_tiles_are_further_off() {
        assert!((F2.factor() - 2.0 * 5.0 / 12.0).abs() < 1e-12, "{}", F2.factor());
        assert!((10.0..11.0).contains(&F4.factor()), "{}", F4.factor());
    }
}
