//! A row-major product in the words of BLAS, whose matrices are column-major.
//!
//! What is row-major in memory is, column by column, its transpose. So BLAS is asked for Cᵀ = Bᵀ·Aᵀ: the second factor comes
//! first, and each is transposed for BLAS just where it is transposed for us.

use crate::code::routine::MatmulCall;

/// What a BLAS is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operands {
    /// The numbers of the inputs that are its A and its B.
    pub inputs: [usize; 2],
    /// Whether it takes A and B transposed.
    pub transposed: [bool; 2],
    /// Rows of its result, columns, terms of each sum.
    pub sizes: [i32; 3],
    /// From one column to the next in A, B and C, in elements.
    pub leading: [i32; 3],
    /// From one product of the batch to the next in A, B and C, in elements.
    pub strides: [i64; 3],
    /// Products.
    pub batch: i32,
}

impl Operands {
    /// Those of a row-major product.
    ///
    /// # Errors
    /// Where a size is beyond what the libraries count in.
    pub fn of(call: &MatmulCall) -> Result<Self, String> {
        let int = |size: u64| {
            i32::try_from(size).map_err(|_| format!("a size of {size} is above the 2^31 - 1 that cuBLAS counts to"))
        };
        let [batch, m, n, k] = [int(call.batch)?, int(call.m)?, int(call.n)?, int(call.k)?];
        let long = i64::from;
        Ok(Self {
            inputs: [1, 0],
            transposed: [call.b_transposed, call.a_transposed],
            sizes: [n, m, k],
            leading: [if call.b_transposed { k } else { n }, if call.a_transposed { m } else { k }, n],
            strides: [long(n) * long(k), long(m) * long(k), long(m) * long(n)],
            batch,
        })
    }

    /// Rows and columns of A, B and C as they are stored.
    pub fn stored(&self) -> [[i32; 2]; 3] {
        let [rows, columns, terms] = self.sizes;
        let turned =
            |[rows, columns]: [i32; 2], is_turned: bool| if is_turned { [columns, rows] } else { [rows, columns] };
        [turned([rows, terms], self.transposed[0]), turned([terms, columns], self.transposed[1]), [rows, columns]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ElementType;

    fn call(a_transposed: bool, b_transposed: bool) -> MatmulCall {
        let (element, epilogue) = (ElementType::F32, Vec::new());
        MatmulCall { batch: 2, m: 3, n: 4, k: 5, a_transposed, b_transposed, element, epilogue }
    }

    /// Column-major, as a BLAS does it.
    fn blas(operands: &Operands, a: &[f64], b: &[f64]) -> Vec<f64> {
        let [m, n, k] = operands.sizes.map(|size| size as usize);
        let [lda, ldb, ldc] = operands.leading.map(|size| size as usize);
        let [step_a, step_b, step_c] = operands.strides.map(|size| size as usize);
        let mut c = vec![0.0; step_c * operands.batch as usize];
        for batch in 0..operands.batch as usize {
            for (row, column) in (0..m).flat_map(|row| (0..n).map(move |column| (row, column))) {
                let term = |i: usize| {
                    let a_at = if operands.transposed[0] { row * lda + i } else { i * lda + row };
                    let b_at = if operands.transposed[1] { i * ldb + column } else { column * ldb + i };
                    a[batch * step_a + a_at] * b[batch * step_b + b_at]
                };
                c[batch * step_c + column * ldc + row] = (0..k).map(term).sum();
            }
        }
        c
    }

    #[test]
    fn a_column_major_library_computes_row_major_products() {
        for (a_transposed, b_transposed) in [(false, false), (false, true), (true, false), (true, true)] {
            let call = call(a_transposed, b_transposed);
            let [batch, m, n, k] = [call.batch, call.m, call.n, call.k].map(|size| size as usize);
            let inputs = [
                (0..batch * m * k).map(|i| i as f64).collect::<Vec<_>>(),
                (0..batch * k * n).map(|i| (7 * i % 31) as f64).collect(),
            ];
            let operands = Operands::of(&call).unwrap();
            let got = blas(&operands, &inputs[operands.inputs[0]], &inputs[operands.inputs[1]]);
            for (at, got) in got.into_iter().enumerate() {
                let (batch, row, column) = (at / (m * n), at / n % m, at % n);
                let a = |i: usize| batch * m * k + if a_transposed { i * m + row } else { row * k + i };
                let b = |i: usize| batch * k * n + if b_transposed { column * k + i } else { i * n + column };
                let want: f64 = (0..k).map(|i| inputs[0][a(i)] * inputs[1][b(i)]).sum();
                assert_eq!(got, want, "{a_transposed} {b_transposed} at {at}");
            }
        }
    }

    #[test]
    fn leading_sizes_are_those_of_what_is_stored() {
        for (a_transposed, b_transposed) in [(false, false), (false, true), (true, false), (true, true)] {
            let operands = Operands::of(&call(a_transposed, b_transposed)).unwrap();
            assert_eq!(operands.stored().map(|[rows, _]| rows), operands.leading, "{operands:?}");
        }
        let large = MatmulCall { m: 1 << 31, ..call(false, false) };
        assert!(Operands::of(&large).unwrap_err().contains("2147483648"));
    }
}
