//! The libraries, each called as its documentation says.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::Way;

/// gemm, faer and matrixmultiply; the last takes its threads from the environment.
pub fn all([m, n, k]: [usize; 3], threads: usize) -> Vec<Way> {
    let gemm = move |a: &[f32], b: &[f32], c: &mut [f32]| {
        let parallelism = if threads > 1 { gemm::Parallelism::Rayon(threads) } else { gemm::Parallelism::None };
        let [rows, columns] = [k, n].map(|stride| stride as isize);
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        // SAFETY: the operands have as many elements as the sizes and strides reach.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                c.as_mut_ptr(),
                1,
                columns,
                false,
                a.as_ptr(),
                1,
                rows,
                b.as_ptr(),
                1,
                columns,
                0.0,
                1.0,
                false,
                false,
                false,
                parallelism,
            );
        }
    };
    let faer = move |a: &[f32], b: &[f32], c: &mut [f32]| {
        let parallelism = if threads > 1 { Par::rayon(threads) } else { Par::Seq };
        let (a, b) = (MatRef::from_row_major_slice(a, m, k), MatRef::from_row_major_slice(b, k, n));
        matmul(MatMut::from_row_major_slice_mut(c, m, n), Accum::Replace, a, b, 1.0, parallelism);
    };
    let matrixmultiply = move |a: &[f32], b: &[f32], c: &mut [f32]| {
        let [rows, columns] = [k, n].map(|stride| stride as isize);
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        // SAFETY: as above.
        unsafe {
            matrixmultiply::sgemm(
                m,
                k,
                n,
                1.0,
                a.as_ptr(),
                rows,
                1,
                b.as_ptr(),
                columns,
                1,
                0.0,
                c.as_mut_ptr(),
                columns,
                1,
            );
        }
    };
    vec![way("gemm", gemm), way("faer", faer), way("matrixmultiply", matrixmultiply)]
}

fn way(name: &str, run: impl FnMut(&[f32], &[f32], &mut [f32]) + 'static) -> Way {
    Way { name: name.to_owned(), run: Box::new(run) }
}
