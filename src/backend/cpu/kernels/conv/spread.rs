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

#![allow(clippy::needless_range_loop, reason = "indices below a constant are registers, whatever is zipped may not be")]

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
        for pixel in 0..P {
            pixels[pixel] = tile.input.add(tile.pixels[pixel]);
        }
        for step in tile.steps {
            let mut weight = [simd.splat_f32s(0.0); V];
            for vector in 0..V {
                weight[vector] = load::<S>(weights.add(vector * S::F32_LANES));
            }
            for pixel in 0..P {
                let value = simd.splat_f32s(*pixels[pixel].add(*step));
                for vector in 0..V {
                    sums[pixel][vector] = simd.mul_add_e_f32s(value, weight[vector], sums[pixel][vector]);
                }
            }
            weights = weights.add(V * S::F32_LANES);
        }
    }
    sums
}

// Small loops, as in the kernel over planes.
#[inline(always)]
unsafe fn finish<S: Simd, const P: usize, const V: usize>(simd: S, tile: &Tile, mut sums: Sums<S, P, V>) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(End { bias, residual, low, high }) = tile.end {
            if !bias.is_null() {
                for vector in 0..V {
                    let bias = load::<S>(bias.add(vector * S::F32_LANES));
                    for pixel in 0..P {
                        sums[pixel][vector] = simd.add_f32s(sums[pixel][vector], bias);
                    }
                }
            }
            if !residual.is_null() {
                for pixel in 0..P {
                    let residual = residual.add(pixel * tile.stride);
                    for vector in 0..V {
                        let value = load::<S>(residual.add(vector * S::F32_LANES));
                        sums[pixel][vector] = simd.add_f32s(sums[pixel][vector], value);
                    }
                }
            }
            let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
            for pixel in 0..P {
                for vector in 0..V {
                    sums[pixel][vector] = simd.min_f32s(simd.max_f32s(sums[pixel][vector], low), high);
                }
            }
        }
        for pixel in 0..P {
            let target = tile.target.add(pixel * tile.stride);
            for vector in 0..V {
                store::<S>(target.add(vector * S::F32_LANES), sums[pixel][vector]);
            }
        }
    }
}
