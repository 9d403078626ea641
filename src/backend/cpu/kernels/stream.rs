//! Kernels that stream a large matrix once past a few rows of a small one, at the speed of memory.
//!
//! *Sweeps* take a large matrix whose rows are steps: `lines` of them at once, column after column,
//!
//! ```text
//!   sums (group × columns)  +=  small (group × lines) · large (lines × columns)
//! ```
//!
//! *Dots* take one whose rows are columns of the result: `lines` of them at once, step after step,
//!
//! ```text
//!   sums (group × lines)  +=  small (group × steps) · large (lines × steps)ᵀ
//! ```

use pulp::{Simd, WithSimd};

use super::micro::prefetch;
use super::simd::{Detect, Width, run};
use super::tile::Tile;

/// Rows of something, with as many elements between their beginnings as `stride` says.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// From the first row on.
    pub values: &'a [f32],
    /// Elements between the beginnings of rows.
    pub stride: usize,
}

/// What a streaming kernel works on; sizes follow from the kernel and from `sums`.
pub struct Stream<'a, 'b> {
    /// `group` rows; of `lines` elements in a sweep, of `steps` in dots.
    pub small: Rows<'a>,
    /// `lines` rows; of the columns of `sums` in a sweep, of `steps` in dots.
    pub large: Rows<'a>,
    /// For dots: the elements of a row.
    pub steps: usize,
    /// `group` × columns in a sweep, `group` × `lines` in dots.
    pub sums: Tile<'b>,
    /// Whether to add to what is there, or to take its place.
    pub add: bool,
    /// How many elements ahead the large matrix is asked from memory; 0: never.
    pub prefetch: usize,
}

/// A streaming kernel.
pub type Kernel = fn(Stream<'_, '_>);

/// How many rows of the small matrix a kernel may take at once.
pub const GROUPS: &[usize] = &[1, 2, 4, 8];

/// How many rows of the large matrix a kernel may take at once.
pub const LINES: &[usize] = &[1, 2, 4, 8];

/// How many vectors of a row a sweep may do per turn.
pub const VECTORS: &[usize] = &[1, 2];

/// The sweep for `group` rows of the small and `lines` of the large matrix, if it exists and the processor can do it.
pub fn sweep(width: Width, group: usize, lines: usize, vectors: usize) -> Option<Kernel> {
    pick(width, Which::Sweep, group, lines, vectors)
}

/// As [`sweep`], for dots; `group` × `lines` is 8 at most, so that sums stay in registers.
pub fn dots(width: Width, group: usize, lines: usize) -> Option<Kernel> {
    pick(width, Which::Dots, group, lines, 1)
}

#[derive(Clone, Copy)]
enum Which {
    Sweep,
    Dots,
}

fn pick(width: Width, which: Which, group: usize, lines: usize, vectors: usize) -> Option<Kernel> {
    if !width.is_available() {
        return None;
    }
    match width {
        Width::Scalar => by_group::<pulp::Scalar>(which, group, lines, vectors),
        #[cfg(target_arch = "aarch64")]
        Width::Four => by_group::<pulp::aarch64::Neon>(which, group, lines, vectors),
        #[cfg(target_arch = "x86_64")]
        Width::Eight => by_group::<pulp::x86::V3>(which, group, lines, vectors),
        #[cfg(target_arch = "x86_64")]
        Width::Sixteen => by_group::<pulp::x86::V4>(which, group, lines, vectors),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

fn by_group<S: Detect>(which: Which, group: usize, lines: usize, vectors: usize) -> Option<Kernel> {
    match group {
        1 => by_lines::<S, 1>(which, lines, vectors),
        2 => by_lines::<S, 2>(which, lines, vectors),
        4 => by_lines::<S, 4>(which, lines, vectors),
        8 => by_lines::<S, 8>(which, lines, vectors),
        _ => None,
    }
}

fn by_lines<S: Detect, const GROUP: usize>(which: Which, lines: usize, vectors: usize) -> Option<Kernel> {
    match lines {
        1 => by_vectors::<S, GROUP, 1>(which, vectors),
        2 => by_vectors::<S, GROUP, 2>(which, vectors),
        4 => by_vectors::<S, GROUP, 4>(which, vectors),
        8 => by_vectors::<S, GROUP, 8>(which, vectors),
        _ => None,
    }
}

fn by_vectors<S: Detect, const GROUP: usize, const LINES: usize>(which: Which, vectors: usize) -> Option<Kernel> {
    match (which, vectors) {
        (Which::Sweep, 1) => Some(sweeping::<S, GROUP, LINES, 1>),
        (Which::Sweep, 2) => Some(sweeping::<S, GROUP, LINES, 2>),
        (Which::Dots, 1) if const { GROUP * LINES <= 8 } => Some(dotting::<S, GROUP, LINES>),
        _ => None,
    }
}

/// Says that the processor has the instructions; [`pick`] has seen to it.
const PICKED: &str = "a kernel is only given out where the processor has its instructions";

fn sweeping<S: Detect, const GROUP: usize, const LINES: usize, const VECTORS: usize>(stream: Stream<'_, '_>) {
    run::<S, _>(Sweep::<GROUP, LINES, VECTORS>(stream)).expect(PICKED);
}

fn dotting<S: Detect, const GROUP: usize, const LINES: usize>(stream: Stream<'_, '_>) {
    run::<S, _>(Dots::<GROUP, LINES>(stream)).expect(PICKED);
}

impl Rows<'_> {
    /// Panics unless there are `rows` rows of `length` elements.
    #[inline(always)]
    fn check(&self, rows: usize, length: usize) {
        assert!(length == 0 || (rows - 1) * self.stride + length <= self.values.len(), "an operand is too short");
    }

    /// A vector from element `at` of row `row` on.
    ///
    /// # Safety
    ///
    /// It must lie in the rows that were checked.
    #[inline(always)]
    unsafe fn vector<S: Simd>(&self, row: usize, at: usize) -> S::f32s {
        // SAFETY: the caller's word; a vector is as aligned as an f32.
        unsafe { *self.values.as_ptr().add(row * self.stride + at).cast::<S::f32s>() }
    }

    #[inline(always)]
    fn prefetch(&self, row: usize, at: usize) {
        prefetch(self.values.as_ptr().wrapping_add(row * self.stride + at));
    }
}

struct Sweep<'a, 'b, const GROUP: usize, const LINES: usize, const VECTORS: usize>(Stream<'a, 'b>);

impl<const GROUP: usize, const LINES: usize, const VECTORS: usize> WithSimd for Sweep<'_, '_, GROUP, LINES, VECTORS> {
    type Output = ();

    #[allow(
        clippy::needless_range_loop,
        reason = "indices below a constant are registers, whatever is zipped may not be"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Stream { small, large, mut sums, add, prefetch, .. } = self.0;
        let columns = sums.columns();
        small.check(GROUP, LINES);
        large.check(LINES, columns);
        assert!(sums.rows() == GROUP, "sums have as many rows as the kernel's group");
        let mut factors = [[simd.splat_f32s(0.0); LINES]; GROUP];
        for row in 0..GROUP {
            for line in 0..LINES {
                factors[row][line] = simd.splat_f32s(small.values[row * small.stride + line]);
            }
        }
        let turn = VECTORS * S::F32_LANES;
        let whole = columns / turn * turn;
        for at in (0..whole).step_by(turn) {
            if prefetch > 0 {
                for line in 0..LINES {
                    large.prefetch(line, at + prefetch);
                }
            }
            // SAFETY: `at + turn <= columns`, for which `large` was checked.
            unsafe { sweep_turn::<S, GROUP, LINES, VECTORS>(simd, &factors, large, at, &mut sums, add) };
        }
        for at in (whole..columns).step_by(S::F32_LANES) {
            let end = columns.min(at + S::F32_LANES);
            for (row, factors) in factors.iter().enumerate() {
                let to = &mut sums.row(row)[at..end];
                let mut sum = if add { simd.partial_load_f32s(to) } else { simd.splat_f32s(0.0) };
                for (line, factor) in factors.iter().enumerate() {
                    let from = line * large.stride;
                    let value = simd.partial_load_f32s(&large.values[from + at..from + end]);
                    sum = simd.mul_add_e_f32s(*factor, value, sum);
                }
                simd.partial_store_f32s(to, sum);
            }
        }
    }
}

/// # Safety
///
/// `VECTORS` vectors from `at` on must lie in each of the rows of `large`.
#[allow(clippy::needless_range_loop, reason = "indices below a constant are registers, whatever is zipped may not be")]
#[inline(always)]
unsafe fn sweep_turn<S: Simd, const GROUP: usize, const LINES: usize, const VECTORS: usize>(
    simd: S,
    factors: &[[S::f32s; LINES]; GROUP],
    large: Rows<'_>,
    at: usize,
    tile: &mut Tile<'_>,
    add: bool,
) {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; GROUP];
    for row in 0..GROUP {
        let (old, _) = S::as_simd_f32s(&tile.row(row)[at..at + VECTORS * S::F32_LANES]);
        for vector in 0..VECTORS {
            sums[row][vector] = if add { old[vector] } else { simd.splat_f32s(0.0) };
        }
    }
    for line in 0..LINES {
        for vector in 0..VECTORS {
            // SAFETY: the caller's word.
            let value = unsafe { large.vector::<S>(line, at + vector * S::F32_LANES) };
            for row in 0..GROUP {
                sums[row][vector] = simd.mul_add_e_f32s(factors[row][line], value, sums[row][vector]);
            }
        }
    }
    for row in 0..GROUP {
        let (new, _) = S::as_mut_simd_f32s(&mut tile.row(row)[at..at + VECTORS * S::F32_LANES]);
        new.copy_from_slice(&sums[row]);
    }
}

struct Dots<'a, 'b, const GROUP: usize, const LINES: usize>(Stream<'a, 'b>);

impl<const GROUP: usize, const LINES: usize> WithSimd for Dots<'_, '_, GROUP, LINES> {
    type Output = ();

    #[allow(
        clippy::needless_range_loop,
        reason = "indices below a constant are registers, whatever is zipped may not be"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Stream { small, large, steps, sums: mut tile, add, prefetch } = self.0;
        small.check(GROUP, steps);
        large.check(LINES, steps);
        assert!(tile.rows() == GROUP && tile.columns() == LINES, "sums are as many as the kernel's");
        let mut sums = [[simd.splat_f32s(0.0); LINES]; GROUP];
        let whole = steps / S::F32_LANES * S::F32_LANES;
        for at in (0..whole).step_by(S::F32_LANES) {
            if prefetch > 0 {
                for line in 0..LINES {
                    large.prefetch(line, at + prefetch);
                }
            }
            let mut values = [simd.splat_f32s(0.0); LINES];
            for line in 0..LINES {
                // SAFETY: `at + S::F32_LANES <= steps`, for which both were checked.
                values[line] = unsafe { large.vector::<S>(line, at) };
            }
            for row in 0..GROUP {
                // SAFETY: as above.
                let factor = unsafe { small.vector::<S>(row, at) };
                for line in 0..LINES {
                    sums[row][line] = simd.mul_add_e_f32s(factor, values[line], sums[row][line]);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (line, sum) in sums.iter().enumerate() {
                let rest = |rows: &Rows<'_>, row: usize| {
                    simd.partial_load_f32s(&rows.values[row * rows.stride + whole..row * rows.stride + steps])
                };
                let sum = simd.mul_add_e_f32s(rest(&small, row), rest(&large, line), *sum);
                let sum = simd.reduce_sum_f32s(sum);
                let to = &mut tile.row(row)[line];
                *to = if add { *to + sum } else { sum };
            }
        }
    }
}
