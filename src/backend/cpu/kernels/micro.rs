//! Micro-kernels: a small tile of C, held in registers, plus the product of a panel of A and a panel of B.
//!
//! ```text
//!            B panel: k × columns, one step after another
//!            b00 b01 … | b10 b11 … | …
//! A panel    ┌───────────────┐
//! k × rows   │ rows ×        │  in vector registers: rows × vectors sums, one vector row of B,
//! a00 a10 …  │ vectors·lanes │  one element of A spread over a vector
//! a01 a11 …  └───────────────┘
//! ```
//!
//! Kernels are compiled for each shape of the [`MENU`], each vector width and each unrolling. Operands are packed into
//! panels ([`super::pack`]), or lie with any strides as long as a step's columns of B are contiguous.

use pulp::{Simd, WithSimd};

use super::simd::{Detect, Width, run};
use super::tile::Tile;
use crate::base::sums_fit;

/// A micro-kernel of one shape, for one vector width.
#[derive(Clone, Copy)]
pub struct Micro {
    width: Width,
    rows: usize,
    vectors: usize,
    kernel: Kernel,
}

/// Two operands of a micro-kernel, as elements with strides.
#[derive(Clone, Copy)]
pub struct Product<'a> {
    /// How many products are added up for each element of C.
    pub steps: usize,
    /// The rows of A, all of the kernel's: element (row, step) is at `row * a_row + step * a_step`.
    pub a: &'a [f32],
    /// Elements of `a` between rows.
    pub a_row: usize,
    /// Elements of `a` between steps.
    pub a_step: usize,
    /// The columns of B, all of the kernel's: element (step, column) is at `step * b_step + column`.
    pub b: &'a [f32],
    /// Elements of `b` between steps.
    pub b_step: usize,
    /// How many steps ahead of use A is asked from memory; 0: never.
    pub a_prefetch: usize,
    /// As `a_prefetch`, for B.
    pub b_prefetch: usize,
    /// Whether the product is added to C, or takes its place.
    pub add: bool,
}

impl Micro {
    /// The kernel for tiles of `rows` × `vectors` vectors, with `unroll` steps per turn of its loop; `None` where it is
    /// not on the menu, has more sums than registers, or the processor lacks the width.
    pub fn find(width: Width, rows: usize, vectors: usize, unroll: usize) -> Option<Self> {
        let kernel = kernel(width, rows, vectors, unroll)?;
        Some(Self { width, rows, vectors, kernel })
    }

    /// The vectors that it computes with.
    pub fn width(&self) -> Width {
        self.width
    }

    /// The rows of its tile, and of a panel of A.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of its tile, and of a panel of B, in elements.
    pub fn columns(&self) -> usize {
        self.vectors * self.width.lanes()
    }

    /// `c = a · b`, or `c += a · b` where `add`, from packed panels: `a` is `steps` × [`Micro::rows`] and `b` is `steps` ×
    /// [`Micro::columns`], each without gaps. `c` may be smaller than the kernel's tile: what is beyond it is computed and
    /// dropped, so panels at an edge are filled up with zeros.
    ///
    /// # Panics
    ///
    /// Where a panel is shorter than said, or `c` larger than the kernel's tile.
    #[inline]
    pub fn multiply(&self, steps: usize, a: &[f32], b: &[f32], add: bool, c: Tile<'_>) {
        let (a_row, a_step, b_step) = (1, self.rows, self.columns());
        let product = Product { steps, a, a_row, a_step, b, b_step, a_prefetch: 0, b_prefetch: 0, add };
        self.multiply_strided(&product, c);
    }

    /// `c = a · b`, or `c += a · b`, from operands that lie as they do.
    ///
    /// # Panics
    ///
    /// Where an operand ends before the kernel's whole tile does, or `c` is larger than it.
    #[inline]
    pub fn multiply_strided(&self, product: &Product<'_>, c: Tile<'_>) {
        (self.kernel)(product, c);
    }
}

type Kernel = fn(&Product<'_>, Tile<'_>);

/// Makes `MENU`, and the kernels of each shape on it.
macro_rules! menu {
    ($($rows:literal * $vectors:literal,)*) => {
        /// Shapes of tiles, in rows × vectors. Some need the 32 registers of AVX-512 or NEON.
        pub const MENU: &[(usize, usize)] = &[$(($rows, $vectors)),*];

        fn shaped<S: Detect>(rows: usize, vectors: usize, unroll: usize) -> Option<Kernel> {
            match (rows, vectors) {
                $(($rows, $vectors) => unrolled::<S, $rows, $vectors>(unroll),)*
                _ => None,
            }
        }
    };
}

menu! {
    4 * 1, 8 * 1, 12 * 1,
    4 * 2, 6 * 2, 8 * 2, 12 * 2, 14 * 2,
    4 * 3, 8 * 3, 9 * 3,
    3 * 4, 6 * 4,
    2 * 6, 4 * 6,
}

/// How many steps a turn of a kernel's loop may do.
pub const UNROLLS: &[usize] = &[1, 2, 4];

fn kernel(width: Width, rows: usize, vectors: usize, unroll: usize) -> Option<Kernel> {
    if !width.is_available() {
        return None;
    }
    match width {
        Width::Scalar => shaped::<pulp::Scalar>(rows, vectors, unroll),
        #[cfg(target_arch = "aarch64")]
        Width::Four => shaped::<pulp::aarch64::Neon>(rows, vectors, unroll),
        #[cfg(target_arch = "x86_64")]
        Width::Eight => shaped::<pulp::x86::V3>(rows, vectors, unroll),
        #[cfg(target_arch = "x86_64")]
        Width::Sixteen => shaped::<pulp::x86::V4>(rows, vectors, unroll),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

fn unrolled<S: Detect, const ROWS: usize, const VECTORS: usize>(unroll: usize) -> Option<Kernel> {
    // A constant, so that kernels that are never taken are not compiled either.
    if const { !sums_fit(ROWS, VECTORS, S::REGISTER_COUNT) } {
        return None;
    }
    match unroll {
        1 => Some(multiply::<S, ROWS, VECTORS, 1>),
        2 => Some(multiply::<S, ROWS, VECTORS, 2>),
        4 => Some(multiply::<S, ROWS, VECTORS, 4>),
        _ => None,
    }
}

fn multiply<S: Detect, const ROWS: usize, const VECTORS: usize, const UNROLL: usize>(
    product: &Product<'_>,
    c: Tile<'_>,
) {
    let work = Multiply::<ROWS, VECTORS, UNROLL> { product, c };
    run::<S, _>(work).expect("a kernel is only given out where the processor has its instructions");
}

struct Multiply<'a, const ROWS: usize, const VECTORS: usize, const UNROLL: usize> {
    product: &'a Product<'a>,
    c: Tile<'a>,
}

impl<const ROWS: usize, const VECTORS: usize, const UNROLL: usize> WithSimd for Multiply<'_, ROWS, VECTORS, UNROLL> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { product, mut c } = self;
        assert!(c.rows() <= ROWS && c.columns() <= VECTORS * S::F32_LANES, "a tile is larger than its kernel");
        for row in 0..c.rows() {
            prefetch(c.address(row));
        }
        let sums = sums::<S, ROWS, VECTORS, UNROLL>(simd, product);
        if c.rows() == ROWS && c.columns() == VECTORS * S::F32_LANES {
            store(simd, &sums, product.add, &mut c);
        } else {
            store_part(simd, &sums, product.add, &mut c);
        }
    }
}

/// The product of the panels, in registers.
#[inline(always)]
fn sums<S: Simd, const ROWS: usize, const VECTORS: usize, const UNROLL: usize>(
    simd: S,
    product: &Product<'_>,
) -> [[S::f32s; VECTORS]; ROWS] {
    let Product { steps, a, a_row, a_step, b, b_step, a_prefetch, b_prefetch, .. } = *product;
    let columns = VECTORS * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    if steps == 0 {
        return sums;
    }
    assert!((ROWS - 1) * a_row + (steps - 1) * a_step < a.len(), "a panel of A is too short");
    assert!((steps - 1) * b_step + columns <= b.len(), "a panel of B is too short");
    let turns = steps / UNROLL;
    for turn in 0..turns {
        let first = turn * UNROLL;
        if a_prefetch > 0 {
            for line in 0..(UNROLL * ROWS).div_ceil(LINE) {
                prefetch(a.as_ptr().wrapping_add((first + a_prefetch) * a_step + line * LINE));
            }
        }
        if b_prefetch > 0 {
            for step in 0..UNROLL {
                for line in 0..columns.div_ceil(LINE) {
                    prefetch(b.as_ptr().wrapping_add((first + step + b_prefetch) * b_step + line * LINE));
                }
            }
        }
        for step in 0..UNROLL {
            // SAFETY: a step below `steps`, for which both asserts hold.
            unsafe { one_step::<S, ROWS, VECTORS>(simd, product, first + step, &mut sums) };
        }
    }
    for step in turns * UNROLL..steps {
        // SAFETY: as above.
        unsafe { one_step::<S, ROWS, VECTORS>(simd, product, step, &mut sums) };
    }
    sums
}

/// Adds one column of A times one row of B.
///
/// # Safety
///
/// Element (`ROWS - 1`, `step`) of A and the vectors of row `step` of B must lie in their slices.
#[allow(clippy::needless_range_loop, reason = "indices below a constant are registers, whatever is zipped may not be")]
#[inline(always)]
unsafe fn one_step<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    product: &Product<'_>,
    step: usize,
    sums: &mut [[S::f32s; VECTORS]; ROWS],
) {
    // SAFETY: the caller's word; a vector is as aligned as an f32.
    let b = |vector| unsafe { *product.b.as_ptr().add(step * product.b_step).cast::<S::f32s>().add(vector) };
    // SAFETY: the caller's word.
    let a = |row| unsafe { *product.a.get_unchecked(row * product.a_row + step * product.a_step) };
    // The side with fewer elements is held in registers, the other passes by: so that nothing is spilt.
    if VECTORS <= ROWS {
        let mut held = [simd.splat_f32s(0.0); VECTORS];
        for vector in 0..VECTORS {
            held[vector] = b(vector);
        }
        for row in 0..ROWS {
            let a = simd.splat_f32s(a(row));
            for vector in 0..VECTORS {
                sums[row][vector] = simd.mul_add_e_f32s(a, held[vector], sums[row][vector]);
            }
        }
    } else {
        let mut held = [simd.splat_f32s(0.0); ROWS];
        for row in 0..ROWS {
            held[row] = simd.splat_f32s(a(row));
        }
        for vector in 0..VECTORS {
            let b = b(vector);
            for row in 0..ROWS {
                sums[row][vector] = simd.mul_add_e_f32s(held[row], b, sums[row][vector]);
            }
        }
    }
}

/// f32 in a line of the cache, on the processors that matter; only hints depend on it.
const LINE: usize = 16;

/// Asks for the line of `address` from memory. Any address may be asked for: it is a hint that never faults.
#[inline(always)]
pub(super) fn prefetch(address: *const f32) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the instruction reads nothing; SSE is part of x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = address;
}

/// Writes a whole tile.
#[inline(always)]
fn store<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    sums: &[[S::f32s; VECTORS]; ROWS],
    add: bool,
    c: &mut Tile<'_>,
) {
    for (row, sums) in sums.iter().enumerate() {
        let (vectors, _) = S::as_mut_simd_f32s(c.row(row));
        for (to, sum) in vectors.iter_mut().zip(sums) {
            *to = if add { simd.add_f32s(*to, *sum) } else { *sum };
        }
    }
}

/// Writes a tile at an edge, smaller than the kernel's.
#[inline(always)]
fn store_part<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    sums: &[[S::f32s; VECTORS]; ROWS],
    add: bool,
    c: &mut Tile<'_>,
) {
    for (row, sums) in sums.iter().enumerate() {
        if row >= c.rows() {
            return;
        }
        for (to, sum) in c.row(row).chunks_mut(S::F32_LANES).zip(sums) {
            let old = if add { simd.partial_load_f32s(to) } else { simd.splat_f32s(0.0) };
            simd.partial_store_f32s(to, simd.add_f32s(old, *sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers, whose sums are exact in any order.
    fn value(number: usize) -> f32 {
        (number * 7 % 11) as f32 - 5.0
    }

    fn values(count: usize) -> Vec<f32> {
        (0..count).map(value).collect()
    }

    /// Every kernel, with whole and partial tiles, packed and strided, against a plain loop.
    #[test]
    fn every_kernel_is_right() {
        for width in Width::available() {
            for &(rows, vectors) in MENU {
                for &unroll in UNROLLS {
                    let Some(kernel) = Micro::find(width, rows, vectors, unroll) else { continue };
                    for (steps, less) in [(0, 0), (1, 0), (2, 1), (5, 0), (7, 3), (12, 2)] {
                        let what = format!("{width:?} {rows}x{vectors} unroll {unroll}, {steps} steps, {less} less");
                        check(
                            &kernel,
                            steps,
                            rows.saturating_sub(less).max(1),
                            kernel.columns() - less.min(kernel.columns() - 1),
                            &what,
                        );
                    }
                }
            }
        }
    }

    fn check(kernel: &Micro, steps: usize, rows: usize, columns: usize, what: &str) {
        let stride = columns + 3;
        let a = values(steps * kernel.rows());
        let b = values(steps * kernel.columns());
        // The same A as `kernel.rows()` rows with a gap after each.
        let a_row = steps + 2;
        let spread: Vec<f32> = (0..kernel.rows() * a_row)
            .map(|at| if at % a_row < steps { a[at % a_row * kernel.rows() + at / a_row] } else { f32::NAN })
            .collect();
        for add in [false, true] {
            let before = values(rows * stride);
            let expected: Vec<f32> = (0..rows * stride)
                .map(|at| {
                    let (row, column) = (at / stride, at % stride);
                    if column >= columns {
                        return before[at];
                    }
                    let product = (0..steps).map(|p| a[p * kernel.rows() + row] * b[p * kernel.columns() + column]);
                    product.sum::<f32>() + if add { before[at] } else { 0.0 }
                })
                .collect();
            let mut c = before.clone();
            kernel.multiply(steps, &a, &b, add, Tile::new(&mut c, stride, rows, columns));
            assert_eq!(c, expected, "packed: {what}, add {add}");
            c.clone_from(&before);
            let product = Product {
                steps,
                a: &spread,
                a_row,
                a_step: 1,
                b: &b,
                b_step: kernel.columns(),
                a_prefetch: 4,
                b_prefetch: 4,
                add,
            };
            kernel.multiply_strided(&product, Tile::new(&mut c, stride, rows, columns));
            assert_eq!(c, expected, "strided: {what}, add {add}");
        }
    }

    #[test]
    fn what_is_not_on_the_menu_is_not_found() {
        assert!(Micro::find(Width::Scalar, 5, 5, 1).is_none());
        assert!(Micro::find(Width::Scalar, 4, 2, 3).is_none());
        assert!(Micro::find(Width::Scalar, 14, 2, 1).is_none(), "more sums than registers");
    }
}
