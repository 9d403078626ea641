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
        for (row, sums) in sums.iter_mut().enumerate() {
            for (vector, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the caller's promise.
                *sum = unsafe { load::<S>(values.add(row * stride + vector * S::F32_LANES)) };
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
                for (row, weight) in spread.iter_mut().enumerate() {
                    *weight = simd.splat_f32s(*weights.add(row));
                }
                for vector in 0..V {
                    let pixel = load::<S>(pixels.add(vector * S::F32_LANES));
                    for (sums, weight) in sums.iter_mut().zip(spread) {
                        sums[vector] = simd.mul_add_e_f32s(weight, pixel, sums[vector]);
                    }
                }
            } else {
                let mut pixel = [simd.splat_f32s(0.0); V];
                for (vector, pixel) in pixel.iter_mut().enumerate() {
                    *pixel = load::<S>(pixels.add(vector * S::F32_LANES));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let weight = simd.splat_f32s(*weights.add(row));
                    for (sum, pixel) in sums.iter_mut().zip(pixel) {
                        *sum = simd.mul_add_e_f32s(weight, pixel, *sum);
                    }
                }
            }
            weights = weights.add(R);
        }
    }
    sums
}

#[inline(always)]
unsafe fn finish<S: Simd, const R: usize, const V: usize>(simd: S, tile: &Tile, mut sums: Sums<S, R, V>) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(End { bias, residual, low, high }) = tile.end {
            let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
            for (row, sums) in sums.iter_mut().enumerate() {
                let bias = simd.splat_f32s(if bias.is_null() { 0.0 } else { *bias.add(row) });
                for (vector, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.add_f32s(*sum, bias);
                    if !residual.is_null() && row < tile.stored {
                        let at = row * tile.stride + vector * S::F32_LANES;
                        *sum = simd.add_f32s(*sum, load::<S>(residual.add(at)));
                    }
                    *sum = simd.min_f32s(simd.max_f32s(*sum, low), high);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            if row < tile.stored {
                for (vector, sum) in sums.iter().enumerate() {
                    store::<S>(tile.target.add(row * tile.stride + vector * S::F32_LANES), *sum);
                }
            }
        }
    }
}
