//! Matmuls by the products of libraries: their sums, then the epilogue over the rows.

use rayon::prelude::*;

use super::epilogue::{Epilogue, widest};
use super::kernels::Width;
use super::kernels::elementwise::{Channels, Post, finish};
use super::libraries::{Library, Strided, Threads};
use super::operand::{Operand, Target, store_widened, widened};
use super::routines::{Ready, Setting};
use crate::code::routine::{Call, MatmulCall};

/// A matmul that a library does.
pub(super) struct Multiplied {
    library: Library,
    call: MatmulCall,
    epilogue: Epilogue,
    threads: Threads,
    width: Width,
}

impl Multiplied {
    /// # Errors
    /// When the call is no matmul, or has a function that kernels do not know.
    pub fn new(library: Library, setting: &Setting) -> Result<Self, String> {
        let Call::Matmul(call) = &setting.routine.call else { return Err("it is for matmuls alone".to_owned()) };
        Ok(Self {
            library,
            call: call.clone(),
            epilogue: Epilogue::new(&call.epilogue)?,
            threads: setting.threads(),
            width: widest(setting.processor),
        })
    }

    fn multiply(&self, a: &[f32], b: &[f32], c: &mut [f32]) {
        let [m, n, k] = [self.call.m, self.call.n, self.call.k].map(|size| size as usize);
        let batches = a.chunks_exact(m * k).zip(b.chunks_exact(k * n)).zip(c.chunks_exact_mut(m * n));
        for ((a, b), c) in batches {
            let a = matrix(a, self.call.a_transposed, [m, k]);
            let b = matrix(b, self.call.b_transposed, [k, n]);
            self.library.multiply([m, n, k], [a, b], (c, n), &self.threads);
        }
    }
}

fn matrix(values: &[f32], transposed: bool, [rows, columns]: [usize; 2]) -> Strided<'_> {
    let (row_step, column_step) = if transposed { (1, rows) } else { (columns, 1) };
    Strided { values, row_step, column_step }
}

impl Ready for Multiplied {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let [a, b] = [0, 1].map(|input| widened(inputs[input]));
        let posts = self.epilogue.bind(inputs);
        store_widened(&mut outputs[0], |c| {
            self.multiply(&a, &b, c);
            finish_rows(self.width, &posts, c, self.call.n as usize, &self.threads);
        });
    }
}

/// Applies an epilogue to rows of whole sets of channels.
pub(super) fn finish_rows(width: Width, posts: &[Post], c: &mut [f32], n: usize, threads: &Threads) {
    if posts.is_empty() {
        return;
    }
    let each = (c.len() / n).div_ceil(4 * threads.count).max(1);
    let finish_part = |(part, rows): (usize, &mut [f32])| {
        for (row, values) in rows.chunks_mut(n).enumerate() {
            finish(width, posts, values, Channels::From(0), (part * each + row) * n);
        }
    };
    if threads.count == 1 {
        c.chunks_mut(each * n).enumerate().for_each(finish_part);
    } else {
        threads.pool.install(|| c.par_chunks_mut(each * n).enumerate().for_each(finish_part));
    }
}
