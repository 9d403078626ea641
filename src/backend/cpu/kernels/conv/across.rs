//! A row of results of a depthwise convolution whose channels come last: vectors of channels, some pixels side by side.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::super::elementwise::{Channels, Post, finish_with};
use super::super::vector::{load, store};
use super::Shape;
use super::blocks::Results;
use super::posts::Steps;

/// One row of results of an image.
pub struct Across<'a> {
    pub shape: &'a Shape,
    pub input: &'a [f32],
    /// The channels of one tap after the other.
    pub weights: &'a [f32],
    /// For each channel, added to finished sums.
    pub bias: &'a [f32],
    /// The number of the row among those of all images.
    pub row: usize,
    /// Pixels side by side.
    pub strip: usize,
    /// The steps after the bias.
    pub posts: &'a [Post<'a>],
    pub results: Results,
    /// Room for the row's sums.
    pub sums: &'a mut [f32],
}

impl WithSimd for Across<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (width, channels) = (self.shape.out()[1], self.shape.channels);
        let steps = Steps::of(self.posts);
        let is_plain = steps.residual.is_none() && steps.left.is_empty();
        let bounds = steps.bounds.filter(|_| is_plain);
        let place = self.row * width * channels;
        let target = match self.results {
            // SAFETY: a row of results that no other task has.
            Results::F32(results) if is_plain => unsafe { results.slice(place, width * channels).as_mut_ptr() },
            _ => self.sums.as_mut_ptr(),
        };
        let rows = self.rows();
        let mut x = 0;
        while x < width {
            let columns = self.taps(1, x, self.shape.width);
            let mut strip = 1;
            while strip < self.strip && x + strip < width && self.taps(1, x + strip, self.shape.width) == columns {
                strip += 1;
            }
            // SAFETY: the taps lie within the image, and the pixels within the row.
            unsafe {
                let target = target.add(x * channels);
                match strip {
                    8.. => self.pixels::<S, 8>(simd, x, &rows, &columns, bounds, target),
                    4.. => self.pixels::<S, 4>(simd, x, &rows, &columns, bounds, target),
                    2.. => self.pixels::<S, 2>(simd, x, &rows, &columns, bounds, target),
                    _ => self.pixels::<S, 1>(simd, x, &rows, &columns, bounds, target),
                }
            }
            x += [8, 4, 2, 1].into_iter().find(|pixels| *pixels <= strip).unwrap_or(1);
        }
        if target == self.sums.as_mut_ptr() {
            let posts = if is_plain { &[] } else { self.posts };
            for (x, pixel) in self.sums.chunks_exact_mut(channels).take(width).enumerate() {
                finish_with(simd, posts, pixel, Channels::From(0), place + x * channels);
                // SAFETY: results of this row, which no other task has.
                unsafe { self.results.write::<S>(place + x * channels, pixel) };
            }
        }
    }
}

impl Across<'_> {
    /// The places of the filter that lie within the image, for the row.
    fn rows(&self) -> Range<usize> {
        self.taps(0, self.row % self.shape.out()[0], self.shape.height)
    }

    /// The places of the filter along an axis that lie within an image of that size, for an output there.
    fn taps(&self, axis: usize, output: usize, size: usize) -> Range<usize> {
        let (dilation, padding) = (self.shape.dilation[axis], self.shape.padding[axis]);
        let at = output * self.shape.stride[axis];
        let first = padding.saturating_sub(at).div_ceil(dilation);
        let end = (size + padding).saturating_sub(at).div_ceil(dilation).min(self.shape.kernel[axis]);
        first.min(end)..end
    }

    /// All channels of `P` pixels whose taps are the same.
    ///
    /// # Safety
    /// The taps must lie within the image, and there must be room for the pixels at `to`.
    #[allow(
        clippy::needless_range_loop,
        reason = "indices below a constant are registers, whatever is zipped may not be"
    )]
    #[inline(always)]
    unsafe fn pixels<S: Simd, const P: usize>(
        &self,
        simd: S,
        x: usize,
        rows: &Range<usize>,
        columns: &Range<usize>,
        bounds: Option<[f32; 2]>,
        to: *mut f32,
    ) {
        let Shape { channels, width, height, stride, padding, dilation, kernel, .. } = *self.shape;
        let image = self.row / self.shape.out()[0] * height;
        let y = self.row % self.shape.out()[0];
        let place = |ky: usize, kx: usize| {
            let row = image + y * stride[0] + ky * dilation[0] - padding[0];
            (row * width + x * stride[1] + kx * dilation[1] - padding[1]) * channels
        };
        let [low, high] = bounds.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
        let step = stride[1] * channels;
        let whole = channels - channels % S::F32_LANES;
        let mut channel = 0;
        // SAFETY: the caller's promise; whole vectors of channels first, and then single channels.
        unsafe {
            while channel < whole {
                let mut sums = [simd.splat_f32s(0.0); P];
                for ky in rows.clone() {
                    for kx in columns.clone() {
                        let weight = load::<S>(self.weights.as_ptr().add((ky * kernel[1] + kx) * channels + channel));
                        let pixels = self.input.as_ptr().add(place(ky, kx) + channel);
                        for pixel in 0..P {
                            let values = load::<S>(pixels.add(pixel * step));
                            sums[pixel] = simd.mul_add_e_f32s(weight, values, sums[pixel]);
                        }
                    }
                }
                let (low, high) = (simd.splat_f32s(low), simd.splat_f32s(high));
                let bias = load::<S>(self.bias.as_ptr().add(channel));
                for pixel in 0..P {
                    let sum = simd.add_f32s(sums[pixel], bias);
                    let sum = if bounds.is_some() { simd.min_f32s(simd.max_f32s(sum, low), high) } else { sum };
                    store::<S>(to.add(pixel * channels + channel), sum);
                }
                channel += S::F32_LANES;
            }
        }
        for channel in whole..channels {
            for pixel in 0..P {
                let mut sum = 0.0;
                for ky in rows.clone() {
                    for kx in columns.clone() {
                        let weight = self.weights[(ky * kernel[1] + kx) * channels + channel];
                        sum += weight * self.input[place(ky, kx) + pixel * step + channel];
                    }
                }
                // SAFETY: the caller's promise.
                unsafe { *to.add(pixel * channels + channel) = (sum + self.bias[channel]).max(low).min(high) };
            }
        }
    }
}
