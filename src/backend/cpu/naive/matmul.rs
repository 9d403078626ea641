//! Products of matrices, a row of the result at a time.

use rayon::prelude::*;

use super::post::Epilogue;
use crate::code::routine::MatmulCall;

pub(in super::super) struct Matmul {
    call: MatmulCall,
    epilogue: Epilogue,
}

impl Matmul {
    pub fn new(call: &MatmulCall) -> Result<Self, String> {
        Ok(Self { call: call.clone(), epilogue: Epilogue::new(&call.epilogue)? })
    }

    pub fn run(&self, inputs: &[&[f32]], c: &mut [f32]) {
        let [m, n] = [self.call.m, self.call.n].map(|size| size as usize);
        c.par_chunks_mut(n).enumerate().for_each(|(row, sums)| {
            sums.fill(0.0);
            self.sum(inputs[0], inputs[1], row / m, row % m, sums);
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum = self.epilogue.apply(inputs, column, row * n + column, *sum);
            }
        });
    }

    /// Adds up one row of one product of the batch.
    fn sum(&self, a: &[f32], b: &[f32], batch: usize, row: usize, sums: &mut [f32]) {
        let [m, n, k] = [self.call.m, self.call.n, self.call.k].map(|size| size as usize);
        let a = &a[batch * m * k..][..m * k];
        let b = &b[batch * k * n..][..k * n];
        let a_at = |term: usize| if self.call.a_transposed { a[term * m + row] } else { a[row * k + term] };
        if self.call.b_transposed {
            let a_row: Vec<f32> = (0..k).map(a_at).collect();
            for (sum, column) in sums.iter_mut().zip(b.chunks_exact(k)) {
                *sum = column.iter().zip(&a_row).map(|(b, a)| a * b).sum();
            }
        } else {
            for (term, row) in b.chunks_exact(n).enumerate() {
                let a = a_at(term);
                sums.iter_mut().zip(row).for_each(|(sum, b)| *sum += a * b);
            }
        }
    }
}
