//! The micro-kernel of convolutions over planes: output channels × pixels in registers, one tap after another.
//!
//! ```text
//!                 pixels: vectors × lanes, from input + steps[k] on
//!                 x0 x1 x2 …
//! weights    ┌───────────────┐
//! rows each  │ rows ×        │  += weight of (row, step) × the pixels that the step reads
//! step       │ vectors·lanes │
//!            └───────────────┘
//! ```
//!
//! Where a step reads is a table, so that planes of an image, packed panels and transformed tiles are all the same to it.

#![allow(clippy::needless_range_loop, reason = "indices below a constant are registers, whatever is zipped may not be")]

use pulp::{Simd, WithSimd};

use super::super::simd::Width;
use super::super::vector::{load, store};
use super::posts::Steps;
use crate::base::sums_fit;

/// What a tile computes, and what with.
#[derive(Clone, Copy)]
pub struct Tile<'a> {
    /// Where each step's pixels begin, in elements from `input`.
    pub steps: &'a [usize],
    pub input: *const f32,
    /// `rows` weights for each step.
    pub weights: *const f32,
    pub begin: Begin,
    /// Where the result goes: row `r` at `target + r * stride`.
    pub target: *mut f32,
    pub stride: usize,
    /// How many rows are stored; the others are computed in vain.
    pub stored: usize,
    pub end: Option<End>,
}

/// What sums begin with.
#[derive(Clone, Copy)]
pub enum Begin {
    Zeros,
    /// Earlier sums, row `r` at `values + r * stride`.
    Sums {
        values: *const f32,
        stride: usize,
    },
}

/// What is done to finished sums, in this order.
#[derive(Clone, Copy)]
pub struct End {
    /// Added if not null: one number for each output channel of the tile, also for those that are not stored.
    pub bias: *const f32,
    /// Added if not null, laid out as the target.
    pub residual: *const f32,
    /// Results are held within these.
    pub low: f32,
    pub high: f32,
}

impl End {
    /// What steps ask of a tile whose biases begin that slice, and whose results are the elements from `place` on, if that is
    /// something.
    pub fn of(steps: &Steps, bias: &[f32], place: usize) -> Option<Self> {
        let bias = steps.bias.map_or(std::ptr::null(), |_| bias.as_ptr());
        let residual = steps.residual.map_or(std::ptr::null(), |residual| residual[place..].as_ptr());
        let is_something = !bias.is_null() || !residual.is_null() || steps.bounds.is_some();
        let [low, high] = steps.bounds.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
        is_something.then_some(Self { bias, residual, low, high })
    }
}

/// Makes `MENU`, and the call of each kernel on it.
macro_rules! menu {
    ($($rows:literal: $($vectors:literal)*;)*) => {
        /// Shapes of tiles, in output channels × vectors of pixels.
        pub const MENU: &[(usize, usize)] = &[$($(($rows, $vectors),)*)*];

        /// Computes a tile of `rows` × `vectors` vectors, a shape of the [`MENU`].
        ///
        /// # Safety
        /// All that the tile points to must be there: whole vectors at each step, `rows` weights for each, and the stored
        /// rows of the target and the residual, which nothing else may use meanwhile.
        // Out of line, so that each kernel is compiled once for each width.
        #[inline(never)]
        pub unsafe fn compute<S: Simd>(simd: S, rows: usize, vectors: usize, tile: Tile) {
            match (rows, vectors) {
                $($(($rows, $vectors) if const { sums_fit($rows, $vectors, S::REGISTER_COUNT) } => {
                    simd.vectorize(Kernel::<$rows, $vectors>(tile));
                })*)*
                _ => unreachable!("no kernel of {rows} × {vectors} vectors is on the menu for this width"),
            }
        }
    };
}

// Each has all smaller numbers of vectors too: the tiles of a run share its vectors evenly.
menu! {
    1: 1 2 3 4 5 6;
    2: 1 2 3 4;
    3: 1 2 3 4;
    4: 1 2 3 4 5 6;
    6: 1 2 3 4;
    8: 1 2 3;
    12: 1 2;
}

/// Whether there is a kernel of that shape for vectors of that width.
pub fn has(width: Width, rows: usize, vectors: usize) -> bool {
    MENU.contains(&(rows, vectors)) && sums_fit(rows, vectors, width.registers())
}

struct Kernel<'a, const ROWS: usize, const VECTORS: usize>(Tile<'a>);

impl<const ROWS: usize, const VECTORS: usize> WithSimd for Kernel<'_, ROWS, VECTORS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let tile = self.0;
        // SAFETY: `compute` was promised that all of this is there.
        unsafe {
            let sums = begin::<S, ROWS, VECTORS>(simd, &tile);
            let sums = sum::<S, ROWS, VECTORS>(simd, &tile, sums);
            finish::<S, ROWS, VECTORS>(simd, &tile, sums);
        }
    }
}

type Sums<S, const ROWS: usize, const VECTORS: usize> = [[<S as Simd>::f32s; VECTORS]; ROWS];

#[inline(always)]
unsafe fn begin<S: Simd, const R: usize, const V: usize>(simd: S, tile: &Tile) -> Sums<S, R, V> {
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    if let Begin::Sums { values, stride } = tile.begin {
        for row in 0..R {
            // SAFETY: the caller's promise.
            unsafe {
                let values = values.add(row * stride);
                for vector in 0..V {
                    sums[row][vector] = load::<S>(values.add(vector * S::F32_LANES));
                }
            }
        }
    }
    sums
}

#[inline(always)]
unsafe fn sum<S: Simd, const R: usize, const V: usize>(simd: S, tile: &Tile, mut sums: Sums<S, R, V>) -> Sums<S, R, V> {
    let mut weights = tile.weights;
    for step in tile.steps {
        // SAFETY: the caller's promise.
        unsafe {
            let pixels = tile.input.add(*step);
            if R <= V {
                let mut spread = [simd.splat_f32s(0.0); R];
                for row in 0..R {
                    spread[row] = simd.splat_f32s(*weights.add(row));
                }
                for vector in 0..V {
                    let pixel = load::<S>(pixels.add(vector * S::F32_LANES));
                    for row in 0..R {
                        sums[row][vector] = simd.mul_add_e_f32s(spread[row], pixel, sums[row][vector]);
                    }
                }
            } else {
                let mut pixel = [simd.splat_f32s(0.0); V];
                for vector in 0..V {
                    pixel[vector] = load::<S>(pixels.add(vector * S::F32_LANES));
                }
                for row in 0..R {
                    let weight = simd.splat_f32s(*weights.add(row));
                    for vector in 0..V {
                        sums[row][vector] = simd.mul_add_e_f32s(weight, pixel[vector], sums[row][vector]);
                    }
                }
            }
            weights = weights.add(R);
        }
    }
    sums
}

// One small loop for each thing that is done: where a loop is too large to be unrolled, sums are no registers anywhere.
#[inline(always)]
unsafe fn finish<S: Simd, const R: usize, const V: usize>(simd: S, tile: &Tile, mut sums: Sums<S, R, V>) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(End { bias, residual, low, high }) = tile.end {
            if !bias.is_null() {
                for row in 0..R {
                    let bias = simd.splat_f32s(*bias.add(row));
                    for vector in 0..V {
                        sums[row][vector] = simd.add_f32s(sums[row][vector], bias);
                    }
                }
            }
            if !residual.is_null() {
                for row in 0..R {
                    if row < tile.stored {
                        let residual = residual.add(row * tile.stride);
                        for vector in 0..V {
                            let value = load::<S>(residual.add(vector * S::F32_LANES));
                            sums[row][vector] = simd.add_f32s(sums[row][vector], value);
                        }
                    }
                }
            }
            let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
            for row in 0..R {
                for vector in 0..V {
                    sums[row][vector] = simd.min_f32s(simd.max_f32s(sums[row][vector], low), high);
                }
            }
        }
        for row in 0..R {
            if row < tile.stored {
                let target = tile.target.add(row * tile.stride);
                for vector in 0..V {
                    store::<S>(target.add(vector * S::F32_LANES), sums[row][vector]);
                }
            }
        }
    }
}
