//! The micro-kernel of convolutions whose vectors are of output channels: one input value spread over a vector each.
//!
//! ```text
//!              output channels: vectors × lanes
//!              w0 w1 w2 …
//! pixels  ┌───────────────┐
//! each    │ pixels ×      │  += input at pixel + step × the step's weights
//! step    │ vectors·lanes │
//!         └───────────────┘
//! ```

use pulp::{Simd, WithSimd};

use super::super::simd::Width;
use super::super::vector::{load, store};
use super::tile::End;
use crate::base::sums_fit;

/// Pixels that a tile has at most.
pub const MOST_PIXELS: usize = 14;

/// What a tile computes, and what with.
#[derive(Clone, Copy)]
pub struct Tile<'a> {
    /// Where each step reads, in elements from a pixel.
    pub steps: &'a [usize],
    pub input: *const f32,
    /// Where each pixel lies, in elements from `input`.
    pub pixels: [usize; MOST_PIXELS],
    /// `vectors` whole vectors for each step.
    pub weights: *const f32,
    /// Where the result goes: pixel `p` at `target + p * stride`.
    pub target: *mut f32,
    pub stride: usize,
    pub end: Option<End>,
}

/// Makes `MENU`, and the call of each kernel on it.
macro_rules! menu {
    ($($pixels:literal: $($vectors:literal)*;)*) => {
        /// Shapes of tiles, in pixels × vectors of output channels.
        pub const MENU: &[(usize, usize)] = &[$($(($pixels, $vectors),)*)*];

        /// Computes a tile of `pixels` × `vectors` vectors, a shape of the [`MENU`].
        ///
        /// # Safety
        /// All that the tile points to must be there: an input value for each pixel and step, whole vectors of weights,
        /// and the rows of the target and the residual, which nothing else may use meanwhile.
        // Out of line, so that each kernel is compiled once for each width.
        #[inline(never)]
        pub unsafe fn compute<S: Simd>(simd: S, pixels: usize, vectors: usize, tile: Tile) {
            match (pixels, vectors) {
                $($(($pixels, $vectors) if const { sums_fit($pixels, $vectors, S::REGISTER_COUNT) } => {
                    simd.vectorize(Kernel::<$pixels, $vectors>(tile));
                })*)*
                _ => unreachable!("no kernel of {pixels} pixels × {vectors} vectors is on the menu for this width"),
            }
        }
    };
}

menu! {
    1: 1 2 3 4;
    2: 1 2 3 4;
    3: 1 2 3 4;
    4: 1 2 3;
    5: 1 2 3;
    6: 1 2 3;
    8: 1 2 3;
    12: 1 2;
    14: 1 2;
}

/// Whether there is a kernel of that shape for vectors of that width.
pub fn has(width: Width, pixels: usize, vectors: usize) -> bool {
    MENU.contains(&(pixels, vectors)) && sums_fit(pixels, vectors, width.registers())
}

struct Kernel<'a, const PIXELS: usize, const VECTORS: usize>(Tile<'a>);

impl<const PIXELS: usize, const VECTORS: usize> WithSimd for Kernel<'_, PIXELS, VECTORS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let tile = self.0;
        // SAFETY: `compute` was promised that all of this is there.
        unsafe {
            let sums = sum::<S, PIXELS, VECTORS>(simd, &tile);
            finish::<S, PIXELS, VECTORS>(simd, &tile, sums);
        }
    }
}

type Sums<S, const PIXELS: usize, const VECTORS: usize> = [[<S as Simd>::f32s; VECTORS]; PIXELS];

#[inline(always)]
unsafe fn sum<S: Simd, const P: usize, const V: usize>(simd: S, tile: &Tile) -> Sums<S, P, V> {
    let mut sums = [[simd.splat_f32s(0.0); V]; P];
    let mut weights = tile.weights;
    // SAFETY: the caller's promise.
    unsafe {
        let mut pixels = [tile.input; P];
        for (pixel, place) in pixels.iter_mut().zip(tile.pixels) {
            *pixel = tile.input.add(place);
        }
        for step in tile.steps {
            let mut weight = [simd.splat_f32s(0.0); V];
            for (vector, weight) in weight.iter_mut().enumerate() {
                *weight = load::<S>(weights.add(vector * S::F32_LANES));
            }
            for (sums, pixel) in sums.iter_mut().zip(pixels) {
                let value = simd.splat_f32s(*pixel.add(*step));
                for (sum, weight) in sums.iter_mut().zip(weight) {
                    *sum = simd.mul_add_e_f32s(value, weight, *sum);
                }
            }
            weights = weights.add(V * S::F32_LANES);
        }
    }
    sums
}

#[inline(always)]
unsafe fn finish<S: Simd, const P: usize, const V: usize>(simd: S, tile: &Tile, sums: Sums<S, P, V>) {
    // SAFETY: the caller's promise.
    unsafe {
        for (pixel, sums) in sums.into_iter().enumerate() {
            for (vector, mut sum) in sums.into_iter().enumerate() {
                let at = pixel * tile.stride + vector * S::F32_LANES;
                if let Some(End { bias, residual, low, high }) = tile.end {
                    if !bias.is_null() {
                        sum = simd.add_f32s(sum, load::<S>(bias.add(vector * S::F32_LANES)));
                    }
                    if !residual.is_null() {
                        sum = simd.add_f32s(sum, load::<S>(residual.add(at)));
                    }
                    sum = simd.min_f32s(simd.max_f32s(sum, simd.splat_f32s(low)), simd.splat_f32s(high));
                }
                store::<S>(tile.target.add(at), sum);
            }
        }
    }
}
