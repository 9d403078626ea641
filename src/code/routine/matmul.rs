//! Products of matrices as routines are asked for them.

use serde::{Deserialize, Serialize};

use super::{Extents, Post, added};
use crate::base::ElementType;

/// C = epilogue(A·B) for each of a batch; all dense and row-major. Sums are in f32.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatmulCall {
    /// How many products, which lie one after the other.
    pub batch: u64,
    /// Rows of C.
    pub m: u64,
    /// Columns of C.
    pub n: u64,
    /// Terms of each sum.
    pub k: u64,
    /// A is stored k×m instead of m×k.
    pub a_transposed: bool,
    /// B is stored n×k instead of k×n.
    pub b_transposed: bool,
    /// The type of all elements.
    pub element: ElementType,
    /// What is done with each sum; the inputs that it reads follow A and B, in order.
    pub epilogue: Vec<Post>,
}

impl MatmulCall {
    pub(super) fn extents(&self) -> Extents {
        let Self { batch, m, n, k, .. } = *self;
        let c = batch * m * n;
        let inputs = [batch * m * k, batch * k * n].into_iter().chain(added(&self.epilogue, n, c));
        Extents { inputs: inputs.collect(), outputs: vec![c] }
    }

    pub(super) fn operations(&self) -> f64 {
        (self.batch * self.m * self.n) as f64 * (2.0 * self.k as f64 + self.epilogue.len() as f64)
    }
}
