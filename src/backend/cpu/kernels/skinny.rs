//! Products with few rows or few columns: the large matrix is streamed once, unpacked; what is small stays in caches.
//!
//! Whether A or B is the large one, the result is computed as D = small (few × k) · large (k × many), and written to C as D
//! or as its transpose. Threads take columns of D, or share the steps and add up what each found.

use std::ops::Range;

use half::slice::HalfFloatSliceExt;

use super::blocked::{Finish, Order, Shape};
use super::data::{Data, DataMut};
use super::pack::{Area, Operand};
use super::share::share;
use super::simd::Width;
use super::stream::{Kernel, Rows, Stream, dots, sweep};
use super::tile::{Shared, Tile};

/// How a product with few rows or columns is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// The vectors of the kernel.
    pub width: Width,
    /// Rows of the small matrix that meet the large one at a time; see [`super::GROUPS`].
    pub group: usize,
    /// Rows of the large matrix that are streamed side by side; see [`super::LINES`].
    pub lines: usize,
    /// Vectors per turn, where rows of the large matrix are steps; see [`super::VECTORS`].
    pub vectors: usize,
    /// Columns of D that a thread takes at a time.
    pub block: usize,
    /// Elements ahead of use at which the large matrix is asked from memory; 0: never.
    pub prefetch: usize,
    /// Whether threads take columns of D, or each a share of the steps (rows of the large matrix where these are steps).
    pub split: Order,
    /// How many threads share the work.
    pub threads: usize,
}

/// A product whose way of computing is settled, with the memory that it needs.
pub struct Skinny {
    shape: Shape,
    streaming: Streaming,
    kernels: Kernels,
    /// The small matrix, few × k.
    small: Vec<f32>,
    /// D, few × many; one for each thread that has a share of the steps.
    sums: Vec<f32>,
}

/// The most rows, or columns, that this is for.
pub const MOST_FEW: usize = 16;

/// The kernels for the group and lines asked for and for what is left over.
struct Kernels(Vec<(usize, usize, Kernel)>);

/// The shape of the work, seen from the large matrix.
#[derive(Clone, Copy)]
struct View {
    few: usize,
    many: usize,
    steps: usize,
    /// Whether A is the large one, so that C is D transposed.
    transposed: bool,
    /// Whether the rows of the large matrix are steps: sweeps, not dots.
    rows_are_steps: bool,
}

impl View {
    fn of(shape: &Shape) -> Self {
        let Shape { m, n, k, a_transposed, b_transposed, .. } = *shape;
        if m <= n {
            Self { few: m, many: n, steps: k, transposed: false, rows_are_steps: !b_transposed }
        } else {
            Self { few: n, many: m, steps: k, transposed: true, rows_are_steps: a_transposed }
        }
    }
}

impl Skinny {
    /// Settles on a way; the reason in a sentence if it cannot be gone.
    pub fn new(shape: Shape, streaming: Streaming) -> Result<Self, String> {
        let view = View::of(&shape);
        let Streaming { width, group, lines, vectors, block, threads, .. } = streaming;
        if view.few > MOST_FEW {
            return Err(format!("streaming is for at most {MOST_FEW} rows or columns, not {}", view.few));
        }
        if block == 0 || threads == 0 {
            return Err("blocks and threads must be at least 1".to_owned());
        }
        let kernels = Kernels::find(width, view.rows_are_steps, group, lines, vectors).ok_or_else(|| {
            format!("there is no streaming kernel for {group} and {lines} rows and {vectors} vectors of {} on this processor", width.lanes())
        })?;
        let copies = if streaming.split == Order::Rows { threads } else { 1 };
        let sums = vec![0.0; view.few * view.many * copies];
        Ok(Self { shape, streaming, kernels, small: vec![0.0; view.few * view.steps], sums })
    }

    /// Computes C, and calls `finish` for each of its elements once.
    ///
    /// # Panics
    ///
    /// Where an operand or C has another length than the shape says.
    pub fn run(&mut self, a: Data<'_>, b: Data<'_>, mut c: DataMut<'_>, finish: Option<Finish<'_>>) {
        let Shape { batch, m, n, k, .. } = self.shape;
        assert_eq!(a.len(), batch * m * k, "A has another length than its shape says");
        assert_eq!(b.len(), batch * k * n, "B has another length than its shape says");
        assert_eq!(c.len(), batch * m * n, "C has another length than its shape says");
        for number in 0..batch {
            let (a, b) = (a.part(number * m * k, m * k), b.part(number * k * n, k * n));
            let c = c.part(number * m * n, m * n);
            self.multiply(a, b, c, number * m, finish);
        }
    }

    fn multiply(&mut self, a: Data<'_>, b: Data<'_>, c: DataMut<'_>, first_row: usize, finish: Option<Finish<'_>>) {
        let view = View::of(&self.shape);
        let View { few, many, steps, transposed, .. } = view;
        let (small, large) = if transposed { (b, a) } else { (a, b) };
        // Where A is small its rows are D's; where B is, its columns are.
        let contiguous = if transposed { !self.shape.b_transposed } else { self.shape.a_transposed };
        unpack(Operand { elements: small, lanes: few, steps, lanes_contiguous: contiguous }, &mut self.small);
        let work = Work { view, streaming: self.streaming, kernels: &self.kernels, small: &self.small, large };
        if self.streaming.split == Order::Rows && self.streaming.threads > 1 {
            let share = steps.div_ceil(self.streaming.threads).next_multiple_of(SHARE).max(1);
            let copies: Vec<_> = self.sums.chunks_exact_mut((few * many).max(1)).collect();
            work.each_its_steps(share, copies);
            let (sums, others) = self.sums.split_at_mut(few * many);
            for other in others.chunks_exact((few * many).max(1)) {
                sums.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
            }
        } else {
            let sums = Shared::new(&mut self.sums[..few * many], many);
            let blocks = many.div_ceil(self.streaming.block);
            let mut buffers = vec![Vec::new(); self.streaming.threads];
            share(&mut buffers, blocks, |block, buffer| {
                let first = block * self.streaming.block;
                let columns = first..many.min(first + self.streaming.block);
                // SAFETY: blocks are disjoint, and each is taken once.
                let tile = unsafe { sums.tile(0, first, few, columns.len()) };
                work.columns(columns, 0..steps, tile, buffer);
            });
        }
        write(view, &mut self.sums[..few * many], c, first_row, finish);
    }
}

/// Shares of steps are multiples of this: whole lines of the cache.
const SHARE: usize = 16;

/// Elements of the large matrix that are converted from f16 at once, in each of the rows streamed side by side.
const CONVERTED: usize = 512;

impl Kernels {
    fn find(width: Width, sweeps: bool, group: usize, lines: usize, vectors: usize) -> Option<Self> {
        let halves = |most: usize| std::iter::successors(Some(most), |&size| (size > 1).then_some(size / 2));
        let mut kernels = Vec::new();
        for group in halves(group) {
            for lines in halves(lines) {
                let kernel = if sweeps { sweep(width, group, lines, vectors) } else { dots(width, group, lines) };
                kernels.push((group, lines, kernel?));
            }
        }
        Some(Self(kernels))
    }

    /// The largest kernel for at most so many rows of both.
    fn fitting(&self, group: usize, lines: usize) -> (usize, usize, Kernel) {
        let fits = |(a, b, _): &&(usize, usize, Kernel)| *a <= group && *b <= lines;
        *self.0.iter().find(fits).expect("there is a kernel for one row of each")
    }
}

/// D under way.
struct Work<'a> {
    view: View,
    streaming: Streaming,
    kernels: &'a Kernels,
    small: &'a [f32],
    large: Data<'a>,
}

impl Work<'_> {
    /// Each thread computes all of D for its share of the steps.
    fn each_its_steps(&self, share_of_steps: usize, copies: Vec<&mut [f32]>) {
        let View { few, many, steps, .. } = self.view;
        let threads = copies.len();
        let copies: Vec<_> = copies.into_iter().map(|copy| Shared::new(copy, many)).collect();
        let mut buffers = vec![Vec::new(); threads];
        share(&mut buffers, threads, |thread, buffer| {
            let of_thread = (thread * share_of_steps).min(steps)..((thread + 1) * share_of_steps).min(steps);
            for first in (0..many).step_by(self.streaming.block) {
                let columns = first..many.min(first + self.streaming.block);
                // SAFETY: each number has a copy of its own, and takes a tile at a time.
                let tile = unsafe { copies[thread].tile(0, first, few, columns.len()) };
                self.columns(columns, of_thread.clone(), tile, buffer);
            }
        });
    }

    /// Computes some columns of D over some steps.
    fn columns(&self, columns: Range<usize>, steps: Range<usize>, mut sums: Tile<'_>, buffer: &mut Vec<f32>) {
        if steps.is_empty() {
            (0..sums.rows()).for_each(|row| sums.row(row).fill(0.0));
        } else if self.view.rows_are_steps {
            self.sweeps(columns, steps, sums, buffer);
        } else {
            self.dots(columns, steps, sums, buffer);
        }
    }

    fn sweeps(&self, columns: Range<usize>, steps: Range<usize>, mut sums: Tile<'_>, buffer: &mut Vec<f32>) {
        let mut step = steps.start;
        while step < steps.end {
            let lines = self.kernels.fitting(1, (steps.end - step).min(self.streaming.lines)).1;
            for (first, count) in self.pieces(columns.clone()) {
                let large = self.rows(step, lines, first, count, buffer);
                let mut part = sums.part(0, first - columns.start, self.view.few, count);
                self.groups(step, lines, |kernel, row, group, small| {
                    let sums = part.part(row, 0, group, count);
                    let (add, prefetch) = (step > steps.start, self.streaming.prefetch);
                    kernel(Stream { small, large, steps: lines, sums, add, prefetch });
                });
            }
            step += lines;
        }
    }

    fn dots(&self, columns: Range<usize>, steps: Range<usize>, mut sums: Tile<'_>, buffer: &mut Vec<f32>) {
        let mut column = columns.start;
        while column < columns.end {
            let lines = self.kernels.fitting(1, (columns.end - column).min(self.streaming.lines)).1;
            for (first, count) in self.pieces(steps.clone()) {
                let large = self.rows(column, lines, first, count, buffer);
                let mut part = sums.part(0, column - columns.start, self.view.few, lines);
                self.groups(first, lines, |kernel, row, group, small| {
                    let sums = part.part(row, 0, group, lines);
                    let (add, prefetch) = (first > steps.start, self.streaming.prefetch);
                    kernel(Stream { small, large, steps: count, sums, add, prefetch });
                });
            }
            column += lines;
        }
    }

    /// Calls `work` for each group of rows of the small matrix, from step `step` on.
    fn groups(&self, step: usize, lines: usize, mut work: impl FnMut(Kernel, usize, usize, Rows<'_>)) {
        let View { few, steps, .. } = self.view;
        let mut row = 0;
        while row < few {
            let (group, _, kernel) = self.kernels.fitting(few - row, lines);
            work(kernel, row, group, Rows { values: &self.small[row * steps + step..], stride: steps });
            row += group;
        }
    }

    /// A range as it is, or in pieces that can be converted.
    fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let most = if matches!(self.large, Data::F16(_)) { CONVERTED } else { range.len().max(1) };
        range.clone().step_by(most).map(move |first| (first, most.min(range.end - first)))
    }

    /// `count` elements from `first` on of `lines` rows of the large matrix from `row` on, converted in `buffer` if need be.
    fn rows<'s>(&'s self, row: usize, lines: usize, first: usize, count: usize, buffer: &'s mut Vec<f32>) -> Rows<'s> {
        let stride = if self.view.rows_are_steps { self.view.many } else { self.view.steps };
        match self.large {
            Data::F32(values) => Rows { values: &values[row * stride + first..], stride },
            Data::F16(values) => {
                buffer.resize(lines * CONVERTED, 0.0);
                for (line, to) in buffer.chunks_exact_mut(CONVERTED).enumerate() {
                    let from = &values[(row + line) * stride + first..][..count];
                    from.convert_to_f32_slice(&mut to[..count]);
                }
                Rows { values: buffer, stride: CONVERTED }
            }
        }
    }
}

/// Lays the small matrix out as few × k.
fn unpack(small: Operand<'_>, to: &mut [f32]) {
    for (lane, row) in to.chunks_exact_mut(small.steps.max(1)).enumerate() {
        small.pack(Area { first_lane: lane, lanes: 1, first_step: 0, steps: small.steps }, 1, row);
    }
}

/// Writes D to C, finished.
fn write(view: View, sums: &mut [f32], mut c: DataMut<'_>, first_row: usize, finish: Option<Finish<'_>>) {
    let View { few, many, transposed, .. } = view;
    let columns = if transposed { few } else { many };
    let mut row = vec![0.0; columns];
    for number in 0..if transposed { many } else { few } {
        if transposed {
            row.iter_mut().enumerate().for_each(|(column, to)| *to = sums[column * many + number]);
        } else {
            row.copy_from_slice(&sums[number * many..][..many]);
        }
        if let Some(finish) = finish {
            finish(first_row + number, 0, &mut row);
        }
        c.part(number * columns, columns).store(&row);
    }
}
