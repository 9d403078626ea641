//! Matrix products of libraries, behind one interface with bounds.

use std::sync::Arc;

use faer::{Accum, MatMut, MatRef, Par};
use gemm::Parallelism;
use rayon::ThreadPool;

use super::kernels::share::Target;

/// A library with a product of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    Gemm,
    Faer,
    MatrixMultiply,
}

/// A matrix in memory: element (row, column) is at `row * row_step + column * column_step`.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub values: &'a [f32],
    pub row_step: usize,
    pub column_step: usize,
}

/// The threads that share a product.
#[derive(Clone)]
pub(super) struct Threads {
    pub count: usize,
    pub pool: Arc<ThreadPool>,
}

impl Strided<'_> {
    /// Whether all elements of so many rows and columns lie within.
    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows * columns == 0 || (rows - 1) * self.row_step + (columns - 1) * self.column_step < self.values.len()
    }
}

impl Library {
    /// C (m×n, its rows `c_step` apart) = A (m×k) · B (k×n).
    pub fn multiply(
        self,
        [m, n, k]: [usize; 3],
        [a, b]: [Strided; 2],
        (c, c_step): (&mut [f32], usize),
        threads: &Threads,
    ) {
        let c_holds = m * n == 0 || (n <= c_step && (m - 1) * c_step + n <= c.len());
        assert!(a.holds(m, k) && b.holds(k, n) && c_holds, "a matrix is larger than its memory");
        let product = Product { library: self, k, a, b, c: Target::of(c), c_step };
        match (self, threads.count) {
            (_, 1) => product.part([0, m], [0, n], 1),
            (Self::Gemm, count) => threads.pool.install(|| product.part([0, m], [0, n], count)),
            // They know no threads that others can use, or none unless the models' algebra is to use them too: each gets a
            // share of the longer side.
            (Self::Faer | Self::MatrixMultiply, count) => threads.pool.scope(|scope| {
                let product = &product;
                let longer = m.max(n);
                let share = longer.div_ceil(count).next_multiple_of(8);
                for first in (0..longer).step_by(share) {
                    let part = [first, share.min(longer - first)];
                    let (rows, columns) = if m >= n { (part, [0, n]) } else { ([0, m], part) };
                    scope.spawn(move |_| product.part(rows, columns, 1));
                }
            }),
        }
    }
}

/// A product whose matrices lie within their memory.
struct Product<'a> {
    library: Library,
    k: usize,
    a: Strided<'a>,
    b: Strided<'a>,
    c: Target<f32>,
    c_step: usize,
}

impl Product<'_> {
    /// Some rows and columns of C, given as the first and how many, on so many threads of the pool that it is called in.
    fn part(&self, [row, rows]: [usize; 2], [column, columns]: [usize; 2], threads: usize) {
        if rows * columns == 0 {
            return;
        }
        let Self { k, a, b, c_step, .. } = *self;
        let left = a.values[row * a.row_step..].as_ptr();
        let right = b.values[column * b.column_step..].as_ptr();
        let [a_row, a_column, b_row, b_column, c_row] =
            [a.row_step, a.column_step, b.row_step, b.column_step, c_step].map(|step| step as isize);
        // SAFETY: `multiply` has checked that all elements lie within, and parts of C are disjoint.
        unsafe {
            let c = self.c.at(row * c_step + column);
            match self.library {
                Library::Gemm => gemm::gemm(
                    rows,
                    columns,
                    k,
                    c,
                    1,
                    c_row,
                    false,
                    left,
                    a_column,
                    a_row,
                    right,
                    b_column,
                    b_row,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    if threads == 1 { Parallelism::None } else { Parallelism::Rayon(threads) },
                ),
                Library::Faer => faer::linalg::matmul::matmul(
                    MatMut::from_raw_parts_mut(c, rows, columns, c_row, 1),
                    Accum::Replace,
                    MatRef::from_raw_parts(left, rows, k, a_row, a_column),
                    MatRef::from_raw_parts(right, k, columns, b_row, b_column),
                    1.0,
                    Par::Seq,
                ),
                Library::MatrixMultiply => matrixmultiply::sgemm(
                    rows, k, columns, 1.0, left, a_row, a_column, right, b_row, b_column, 0.0, c, c_row, 1,
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rayon::ThreadPoolBuilder;

    use super::*;

    #[test]
    fn all_multiply_in_every_layout() {
        let pool = Arc::new(ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        let [m, n, k] = [5, 19, 7];
        let a: Vec<f32> = (0..m * k).map(|i| (i % 5) as f32 - 2.0).collect();
        let b: Vec<f32> = (0..k * n).map(|i| (i % 7) as f32 - 3.0).collect();
        let at = |values: &[f32], transposed: bool, [row, column]: [usize; 2], [rows, columns]: [usize; 2]| {
            values[if transposed { column * rows + row } else { row * columns + column }]
        };
        for library in [Library::Gemm, Library::Faer, Library::MatrixMultiply] {
            for (count, a_transposed, b_transposed) in [(1, false, false), (2, true, false), (2, false, true)] {
                let matrix = |values, transposed, [rows, columns]: [usize; 2]| Strided {
                    values,
                    row_step: if transposed { 1 } else { columns },
                    column_step: if transposed { rows } else { 1 },
                };
                let operands = [matrix(&a, a_transposed, [m, k]), matrix(&b, b_transposed, [k, n])];
                let mut c = vec![f32::NAN; m * n];
                let threads = Threads { count, pool: pool.clone() };
                library.multiply([m, n, k], operands, (&mut c, n), &threads);
                for (index, value) in c.iter().enumerate() {
                    let term =
                        |i| at(&a, a_transposed, [index / n, i], [m, k]) * at(&b, b_transposed, [i, index % n], [k, n]);
                    assert_eq!(*value, (0..k).map(term).sum::<f32>(), "{library:?} {count} [{index}]");
                }
            }
        }
    }
}
