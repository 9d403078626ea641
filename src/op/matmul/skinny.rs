//! Skinny products: one matrix is long, the other has few rows or columns. Which is which, and how both lie in memory.

use super::Shape;
use crate::op::kernel::tiles;

/// Most rows or columns of a skinny matrix: each invocation has a sum for every one of them.
pub(super) const MOST_SKINNY: u64 = 16;

/// A matmul as the product of a long and a skinny matrix.
#[derive(Clone, Copy)]
pub(super) struct Skinny {
    /// Whether A is the long matrix; else B is.
    pub(super) rows_are_long: bool,
    /// Whether the long matrix is contiguous along K; else along its own side.
    pub(super) along_k: bool,
    /// Whether the skinny matrix is contiguous along K.
    pub(super) skinny_along_k: bool,
    pub(super) batch: i64,
    /// The long matrix's side.
    pub(super) length: i64,
    /// The skinny matrix's side.
    pub(super) count: i64,
    pub(super) k: i64,
}

/// The parameters that decide how the work is dealt.
#[derive(Clone, Copy)]
pub(super) struct Dealt {
    pub(super) invocations: i64,
    pub(super) team: i64,
    pub(super) tile: i64,
    pub(super) vec: i64,
    pub(super) vec_skinny: i64,
    pub(super) unroll: i64,
    pub(super) slab: i64,
    pub(super) split: i64,
}

impl Dealt {
    /// The names of its parameters, in the order of [`Dealt::from`].
    pub(super) const NAMES: [&str; 8] = ["invocations", "team", "tile", "vec", "vec_skinny", "unroll", "slab", "split"];

    pub(super) fn from([invocations, team, tile, vec, vec_skinny, unroll, slab, split]: [i64; 8]) -> Self {
        Self { invocations, team, tile, vec, vec_skinny, unroll, slab, split }
    }

    /// Teams of a workgroup.
    pub(super) fn lanes(&self) -> i64 {
        self.invocations / self.team
    }

    /// Steps that a team takes in the body of its loop.
    pub(super) fn body(&self) -> i64 {
        self.team * self.unroll
    }
}

impl Skinny {
    /// The matmul's two sides; `None` where both are long. A vector is contiguous whichever way it is read.
    pub(super) fn of(shape: &Shape) -> Option<Self> {
        let rows_are_long = shape.n < shape.m;
        let (length, count) = if rows_are_long { (shape.m, shape.n) } else { (shape.n, shape.m) };
        let (a_along_k, b_along_k) = (!shape.a_transposed, shape.b_transposed);
        let (along_k, skinny_along_k) = if rows_are_long { (a_along_k, b_along_k) } else { (b_along_k, a_along_k) };
        (count <= MOST_SKINNY).then_some(Self {
            rows_are_long,
            along_k: along_k || length == 1,
            skinny_along_k: skinny_along_k || count == 1,
            batch: shape.batch as i64,
            length: length as i64,
            count: count as i64,
            k: shape.k as i64,
        })
    }

    /// Rows of the long matrix, or vectors of its columns.
    pub(super) fn lines(&self, vec: i64) -> i64 {
        if self.along_k { self.length } else { self.length / vec }
    }

    /// Elements of K in one step.
    pub(super) fn step(&self, vec: i64, vec_skinny: i64) -> i64 {
        match (self.along_k, self.skinny_along_k) {
            (true, _) => vec,
            (false, true) => vec_skinny,
            (false, false) => 1,
        }
    }

    /// Loads of the skinny matrix in one step.
    pub(super) fn per_step(&self, vec: i64, vec_skinny: i64) -> i64 {
        match (self.along_k, self.skinny_along_k) {
            (_, true) => self.count,
            (true, false) => vec * self.count / vec_skinny,
            (false, false) => self.count / vec_skinny,
        }
    }

    /// Results in one accumulator, which is a vector where a load has several.
    pub(super) fn sum_width(&self, vec: i64, vec_skinny: i64) -> i64 {
        match (self.along_k, self.skinny_along_k) {
            (true, true) => 1,
            (true, false) => vec_skinny,
            (false, _) => vec.min(4),
        }
    }

    /// Results in one store: those of an accumulator where they lie side by side in C.
    pub(super) fn out_width(&self, vec: i64, vec_skinny: i64) -> i64 {
        if self.along_k == self.rows_are_long { self.sum_width(vec, vec_skinny) } else { 1 }
    }

    /// Stores of one invocation.
    pub(super) fn stores(&self, tile: i64, vec: i64, vec_skinny: i64) -> i64 {
        self.results(tile, vec) / self.out_width(vec, vec_skinny)
    }

    /// Results of one invocation.
    pub(super) fn results(&self, tile: i64, vec: i64) -> i64 {
        tile * self.count * if self.along_k { 1 } else { vec }
    }

    /// Multiply-add statements in one step: one for each vector of products, as wide as both sides allow.
    pub(super) fn statements(&self, tile: i64, vec: i64, vec_skinny: i64) -> i64 {
        let pieces = if vec == 8 { 2 } else { 1 };
        match (self.along_k, self.skinny_along_k) {
            (true, true) => tile * self.count * pieces,
            (true, false) => tile * vec * self.count / vec_skinny,
            (false, _) => tile * self.count * pieces * self.step(vec, vec_skinny),
        }
    }

    /// Steps along all of K.
    pub(super) fn steps(&self, vec: i64, vec_skinny: i64) -> i64 {
        self.k / self.step(vec, vec_skinny)
    }

    /// Tiles of all batches.
    pub(super) fn all_tiles(&self, tile: i64, vec: i64) -> i64 {
        self.batch * tiles(self.lines(vec), tile)
    }

    /// Workgroup memory of a slab of the skinny matrix.
    pub(super) fn staged_bytes(&self, dealt: &Dealt) -> i64 {
        4 * dealt.vec_skinny * dealt.slab * dealt.body() * self.per_step(dealt.vec, dealt.vec_skinny)
    }
}
