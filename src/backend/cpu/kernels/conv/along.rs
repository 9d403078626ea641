//! One channel of a depthwise convolution whose channels come first: vectors along rows, some of them side by side.

use pulp::{Simd, WithSimd};

use super::super::elementwise::{Channels, Post, finish_with};
use super::super::vector::{load, store};
use super::blocks::Results;
use super::posts::Steps;

/// One output channel of an image.
pub struct Along<'a> {
    /// Height and width of the result.
    pub out: [usize; 2],
    /// Elements from one row of planes to the next.
    pub pitch: usize,
    /// Where each tap reads within the planes.
    pub taps: &'a [usize],
    /// A weight for each tap.
    pub weights: &'a [f32],
    /// Added to finished sums.
    pub bias: f32,
    pub channel: usize,
    /// The number of its first result among all.
    pub first: usize,
    /// The steps after the bias.
    pub posts: &'a [Post<'a>],
    pub results: Results,
    /// Vectors side by side.
    pub strip: usize,
    /// The planes of the input channel, and slack for a strip and a vector.
    pub planes: &'a [f32],
    /// Room for sums of a run over all rows, and as much slack.
    pub sums: &'a mut [f32],
}

/// Rows of fewer vectors are summed as one run over all rows, with what lies between them.
const LEAST_VECTORS: usize = 4;

impl WithSimd for Along<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let [height, width] = self.out;
        let steps = Steps::of(self.posts);
        let is_plain = steps.residual.is_none() && steps.left.is_empty();
        let bounds = steps.bounds.filter(|_| is_plain);
        let posts = if is_plain { &[] } else { self.posts };
        let has_long_rows = width >= LEAST_VECTORS * S::F32_LANES;
        if let (true, true, Results::F32(results)) = (has_long_rows, is_plain, self.results) {
            for y in 0..height {
                // SAFETY: a row of results of this channel, which no other task has, and which holds a vector.
                unsafe {
                    let row = results.slice(self.first + y * width, width).as_mut_ptr();
                    let whole = width - width % S::F32_LANES;
                    self.sum(simd, y * self.pitch, whole, bounds, row);
                    if whole < width {
                        let last = width - S::F32_LANES;
                        self.sum(simd, y * self.pitch + last, S::F32_LANES, bounds, row.add(last));
                    }
                }
            }
            return;
        }
        let sums = self.sums.as_mut_ptr();
        // SAFETY: there is room for the run and its last strip.
        unsafe { self.sum(simd, 0, (height - 1) * self.pitch + width, bounds, sums) };
        for y in 0..height {
            let place = self.first + y * width;
            let row = &mut self.sums[y * self.pitch..][..width];
            finish_with(simd, posts, row, Channels::One(self.channel), place);
            // SAFETY: results of this channel, which no other task has.
            unsafe { self.results.write::<S>(place, row) };
        }
    }
}

impl Along<'_> {
    /// Sums `count` outputs from `from` on, up to whole vectors.
    ///
    /// # Safety
    /// There must be room for them at `to`.
    #[inline(always)]
    unsafe fn sum<S: Simd>(&mut self, simd: S, from: usize, count: usize, bounds: Option<[f32; 2]>, to: *mut f32) {
        let vectors = count.div_ceil(S::F32_LANES);
        let last_tap = self.taps.iter().max().copied().unwrap_or(0);
        assert!(from + last_tap + vectors * S::F32_LANES <= self.planes.len(), "a run ends beyond its planes");
        let mut done = 0;
        while done < vectors {
            let at = from + done * S::F32_LANES;
            // SAFETY: the caller's promise, and the assertion above.
            unsafe {
                let to = to.add(done * S::F32_LANES);
                let from = self.planes.as_ptr().add(at);
                let strip = self.strip.min(vectors - done);
                match strip {
                    8 => self.strip::<S, 8>(simd, from, bounds, to),
                    7 => self.strip::<S, 7>(simd, from, bounds, to),
                    6 => self.strip::<S, 6>(simd, from, bounds, to),
                    5 => self.strip::<S, 5>(simd, from, bounds, to),
                    4 => self.strip::<S, 4>(simd, from, bounds, to),
                    3 => self.strip::<S, 3>(simd, from, bounds, to),
                    2 => self.strip::<S, 2>(simd, from, bounds, to),
                    _ => self.strip::<S, 1>(simd, from, bounds, to),
                }
                done += strip.max(1);
            }
        }
    }

    /// Vectors side by side over all taps.
    ///
    /// # Safety
    /// There must be whole vectors at each tap and room for them at `to`.
    #[allow(
        clippy::needless_range_loop,
        reason = "indices below a constant are registers, whatever is zipped may not be"
    )]
    #[inline(always)]
    unsafe fn strip<S: Simd, const V: usize>(&self, simd: S, from: *const f32, bounds: Option<[f32; 2]>, to: *mut f32) {
        let mut sums = [simd.splat_f32s(0.0); V];
        // SAFETY: the caller's promise.
        unsafe {
            for (tap, weight) in self.taps.iter().zip(self.weights) {
                let (weight, pixels) = (simd.splat_f32s(*weight), from.add(*tap));
                for vector in 0..V {
                    let values = load::<S>(pixels.add(vector * S::F32_LANES));
                    sums[vector] = simd.mul_add_e_f32s(weight, values, sums[vector]);
                }
            }
            let bias = simd.splat_f32s(self.bias);
            let [low, high] = bounds.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
            let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
            for vector in 0..V {
                let mut sum = simd.add_f32s(sums[vector], bias);
                if bounds.is_some() {
                    sum = simd.min_f32s(simd.max_f32s(sum, low), high);
                }
                store::<S>(to.add(vector * S::F32_LANES), sum);
            }
        }
    }
}
