//! Matrix products in blocks that stay in caches, from micro-kernels, packed panels and threads.
//!
//! ```text
//! a block of C: block_rows × block_columns, taken by a thread as it gets free (order: rows or columns first)
//!   for each block of steps:                  block_steps of A and B
//!     panels of A: packed (A block: L2) or as they lie
//!     for each group of panels of B:          columns that are finished together
//!       for each panel of B (L1), for each panel of A, or the other way round:
//!         micro-kernel: a tile of C in registers
//!       after the last steps: the hook, and f16, while the group's part of C is in the cache
//! ```
//!
//! Panels are packed by whoever needs them first and kept for all others, so a thread may begin at another group than its
//! neighbour and find the first packed when it comes there.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::data::{Data, DataMut};
use super::micro::{Micro, Product};
use super::pack::{Area, Operand};
use super::panels::Panels;
use super::share::share;
use super::simd::Width;
use super::tile::{Shared, Tile};

/// What is multiplied: for each of `batch`, C (m×n) = A (m×k, or k×m if transposed) · B (k×n, or n×k if transposed), row-major
/// and dense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many products.
    pub batch: usize,
    /// Rows of C.
    pub m: usize,
    /// Columns of C.
    pub n: usize,
    /// Terms of each sum.
    pub k: usize,
    /// A is stored k×m.
    pub a_transposed: bool,
    /// B is stored n×k.
    pub b_transposed: bool,
}

/// Which of two dimensions comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of rows.
    Rows,
    /// That of columns.
    Columns,
}

/// How a product is computed in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocking {
    /// The vectors of the micro-kernel.
    pub width: Width,
    /// Rows of its tile; see [`super::MENU`].
    pub tile_rows: usize,
    /// Vectors of its tile.
    pub tile_vectors: usize,
    /// Steps per turn of the micro-kernel's loop; see [`super::UNROLLS`].
    pub unroll: usize,
    /// Rows of a block, rounded up to whole tiles.
    pub block_rows: usize,
    /// Steps that a block takes at a time.
    pub block_steps: usize,
    /// Columns of a block, rounded up to whole tiles.
    pub block_columns: usize,
    /// Whether A is packed into panels, or read as it lies.
    pub pack_a: bool,
    /// Whether B is.
    pub pack_b: bool,
    /// In which order threads take blocks of C.
    pub blocks: Order,
    /// Whether a panel of B meets all panels of A of its block, one after another (rows), or a panel of A all of B's
    /// (columns).
    pub tiles: Order,
    /// Steps ahead of use at which the operand that passes by (A where `tiles` is rows, else B) is asked from memory; 0:
    /// never.
    pub prefetch: usize,
    /// How many blocks are computed at once.
    pub threads: usize,
}

/// What is done to finished elements while they are in the cache: row (counted through all batches), first column, and
/// the elements from there on.
pub type Finish<'a> = &'a (dyn Fn(usize, usize, &mut [f32]) + Sync);

/// A product whose way of computing is settled, with the memory that it needs.
pub struct Blocked {
    shape: Shape,
    blocking: Blocking,
    kernel: Micro,
    a: Panels,
    b: Panels,
}

impl Blocked {
    /// Settles on a way; the reason in a sentence if it cannot be gone.
    pub fn new(shape: Shape, blocking: Blocking, f16: bool) -> Result<Self, String> {
        let Blocking { width, tile_rows, tile_vectors, unroll, .. } = blocking;
        let kernel = Micro::find(width, tile_rows, tile_vectors, unroll).ok_or_else(|| {
            format!("there is no micro-kernel of {tile_rows} rows and {tile_vectors} vectors, unrolled {unroll} times, for vectors of {} on this processor", width.lanes())
        })?;
        if f16 && !(blocking.pack_a && blocking.pack_b) {
            return Err("f16 operands must be packed, for kernels compute in f32".to_owned());
        }
        if shape.b_transposed && !blocking.pack_b {
            return Err("a transposed B must be packed, for its columns are not contiguous".to_owned());
        }
        if [blocking.block_rows, blocking.block_steps, blocking.block_columns, blocking.threads].contains(&0) {
            return Err("blocks and threads must be at least 1".to_owned());
        }
        let blocking = Blocking {
            block_rows: blocking.block_rows.next_multiple_of(kernel.rows()),
            block_columns: blocking.block_columns.next_multiple_of(kernel.columns()),
            ..blocking
        };
        let panels = |lanes: usize, lane_count: usize, packed: bool| {
            let count = lanes.div_ceil(lane_count) * shape.batch;
            let steps = shape.k.div_ceil(blocking.block_steps);
            if packed { Panels::new(count * steps, count * lane_count * shape.k) } else { Panels::default() }
        };
        let a = panels(shape.m, kernel.rows(), blocking.pack_a);
        let b = panels(shape.n, kernel.columns(), blocking.pack_b);
        Ok(Self { shape, blocking, kernel, a, b })
    }

    /// Computes C, and calls `finish` for each of its elements once.
    ///
    /// # Panics
    ///
    /// Where an operand or C has another length than the shape says.
    pub fn run(&mut self, a: Data<'_>, b: Data<'_>, c: DataMut<'_>, finish: Option<Finish<'_>>) {
        let Shape { batch, m, n, k, .. } = self.shape;
        assert_eq!(a.len(), batch * m * k, "A has another length than its shape says");
        assert_eq!(b.len(), batch * k * n, "B has another length than its shape says");
        self.a.clear();
        self.b.clear();
        let c = match c {
            DataMut::F32(c) => {
                assert_eq!(c.len(), batch * m * n, "C has another length than its shape says");
                Target::F32(Shared::new(c, n))
            }
            DataMut::F16(c) => {
                assert_eq!(c.len(), batch * m * n, "C has another length than its shape says");
                Target::F16(Shared::new(c, n))
            }
        };
        let Blocking { block_steps, threads, .. } = self.blocking;
        let side = |elements, lanes, lanes_contiguous, width, packed| Side {
            elements,
            lanes,
            steps: k,
            lanes_contiguous,
            width,
            block_steps,
            packed,
        };
        let packed = self.blocking.pack_a.then_some(&self.a);
        let a = side(a, m, self.shape.a_transposed, self.kernel.rows(), packed);
        let packed = self.blocking.pack_b.then_some(&self.b);
        let b = side(b, n, !self.shape.b_transposed, self.kernel.columns(), packed);
        let run = Run { blocking: self.blocking, kernel: self.kernel, a, b, c, finish, m };
        let blocks = batch * run.row_blocks() * run.column_blocks();
        let mut scratches: Vec<Scratch> = std::iter::repeat_with(Scratch::default).take(threads).collect();
        share(&mut scratches, blocks, |block, scratch| run.compute(run.block(block), scratch));
    }
}

enum Target<'a> {
    F32(Shared<'a, f32>),
    F16(Shared<'a, f16>),
}

/// Memory of one thread.
#[derive(Default)]
struct Scratch {
    /// A block of C in f32, where C is f16.
    c: Vec<f32>,
    /// The panels at the edges, filled up with zeros, of operands that are not packed.
    a_edge: Vec<f32>,
    b_edge: Vec<f32>,
}

/// A product under way.
struct Run<'a> {
    blocking: Blocking,
    kernel: Micro,
    a: Side<'a>,
    b: Side<'a>,
    c: Target<'a>,
    finish: Option<Finish<'a>>,
    m: usize,
}

/// A block of C.
#[derive(Clone, Copy)]
struct Block {
    batch: usize,
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    /// Which of the threads that begin at the same time takes it, or so: it begins at another group of columns.
    turn: usize,
}

/// Some steps of it.
#[derive(Clone, Copy)]
struct Steps {
    first: usize,
    count: usize,
}

impl Run<'_> {
    fn block(&self, number: usize) -> Block {
        let Blocking { block_rows, block_columns, threads, .. } = self.blocking;
        let (rows, columns) = (self.row_blocks(), self.column_blocks());
        let (batch, within) = (number / (rows * columns), number % (rows * columns));
        let (row, column) = match self.blocking.blocks {
            Order::Rows => (within % rows, within / rows),
            Order::Columns => (within / columns, within % columns),
        };
        let (row, column) = (row * block_rows, column * block_columns);
        Block {
            batch,
            row,
            rows: block_rows.min(self.m - row),
            column,
            columns: block_columns.min(self.b.lanes - column),
            turn: number % threads,
        }
    }

    fn row_blocks(&self) -> usize {
        self.m.div_ceil(self.blocking.block_rows)
    }

    fn column_blocks(&self) -> usize {
        self.b.lanes.div_ceil(self.blocking.block_columns)
    }

    fn compute(&self, block: Block, scratch: &mut Scratch) {
        let Scratch { c, a_edge, b_edge } = scratch;
        let (row, rows) = (block.batch * self.m + block.row, block.rows);
        match &self.c {
            Target::F32(target) => {
                // SAFETY: blocks are disjoint, and each is taken once.
                let tile = unsafe { target.tile(row, block.column, rows, block.columns) };
                self.fill(block, tile, (a_edge, b_edge), |_, _| ());
            }
            Target::F16(target) => {
                c.resize(rows * block.columns, 0.0);
                // SAFETY: as above.
                let mut halves = unsafe { target.tile(row, block.column, rows, block.columns) };
                let tile = Tile::new(c, block.columns, rows, block.columns);
                self.fill(block, tile, (a_edge, b_edge), |part, (row, column)| {
                    halves.row(row)[column..column + part.len()].convert_from_f32_slice(part);
                });
            }
        }
    }

    /// Computes a block into `c` and hands each finished piece of a row, with its place in the block, to `store`.
    fn fill(
        &self,
        block: Block,
        mut c: Tile<'_>,
        (a_edge, b_edge): (&mut Vec<f32>, &mut Vec<f32>),
        mut store: impl FnMut(&[f32], (usize, usize)),
    ) {
        let group = GROUP.next_multiple_of(self.kernel.columns());
        let groups = block.columns.div_ceil(group);
        let first_group = block.turn * groups / self.blocking.threads;
        let all = self.b.steps;
        // A product without steps is one block of them too: of zeros.
        for first in (0..all.max(1)).step_by(self.blocking.block_steps) {
            let steps = Steps { first, count: self.blocking.block_steps.min(all - first) };
            self.a.pack_edge(block.batch, block.row + block.rows, steps, a_edge);
            self.b.pack_edge(block.batch, block.column + block.columns, steps, b_edge);
            for number in 0..groups {
                let column = (first_group + number) % groups * group;
                let columns = group.min(block.columns - column);
                let mut part = c.part(0, column, block.rows, columns);
                let part_of = Block { column: block.column + column, columns, ..block };
                self.tiles(part_of, steps, &mut part, (a_edge, b_edge));
                if first + steps.count == all {
                    self.finish(part_of, &mut part, |row, values| store(values, (row, column)));
                }
            }
        }
    }

    /// Adds up some steps of a group of columns.
    fn tiles(&self, block: Block, steps: Steps, c: &mut Tile<'_>, (a_edge, b_edge): (&[f32], &[f32])) {
        let (height, width) = (self.kernel.rows(), self.kernel.columns());
        let (rows, columns) = (block.rows.div_ceil(height), block.columns.div_ceil(width));
        let a = |row| self.a.panel(block.batch, block.row / height + row, steps, a_edge);
        let b = |column| self.b.panel(block.batch, block.column / width + column, steps, b_edge);
        let a: Vec<Panel<'_>> = (0..rows).map(a).collect();
        let b: Vec<Panel<'_>> = (0..columns).map(b).collect();
        let mut tile = |row: usize, column: usize| {
            let (a, b) = (&a[row], &b[column]);
            let (row, column) = (row * height, column * width);
            let c = c.part(row, column, height.min(block.rows - row), width.min(block.columns - column));
            self.kernel.multiply_strided(
                &Product {
                    steps: steps.count,
                    a: a.values,
                    a_row: a.lane,
                    a_step: a.step,
                    b: b.values,
                    b_step: b.step,
                    a_prefetch: if self.blocking.tiles == Order::Rows { self.blocking.prefetch } else { 0 },
                    b_prefetch: if self.blocking.tiles == Order::Rows { 0 } else { self.blocking.prefetch },
                    add: steps.first > 0,
                },
                c,
            );
        };
        match self.blocking.tiles {
            Order::Rows => (0..columns).for_each(|column| (0..rows).for_each(|row| tile(row, column))),
            Order::Columns => (0..rows).for_each(|row| (0..columns).for_each(|column| tile(row, column))),
        }
    }

    fn finish(&self, block: Block, c: &mut Tile<'_>, mut store: impl FnMut(usize, &[f32])) {
        for row in 0..block.rows {
            let values = c.row(row);
            if let Some(finish) = self.finish {
                finish(block.batch * self.m + block.row + row, block.column, values);
            }
            store(row, values);
        }
    }
}

/// Columns that are finished together: a hook sees long pieces of rows, and some hundred rows of them fit into an L2
/// cache.
const GROUP: usize = 256;

/// An operand of a product under way.
struct Side<'a> {
    elements: Data<'a>,
    lanes: usize,
    steps: usize,
    lanes_contiguous: bool,
    /// Lanes of a panel.
    width: usize,
    block_steps: usize,
    /// Where it is packed, if it is.
    packed: Option<&'a Panels>,
}

/// A panel: element (lane, step) at `lane * self.lane + step * self.step`.
#[derive(Clone, Copy)]
struct Panel<'a> {
    values: &'a [f32],
    lane: usize,
    step: usize,
}

impl Side<'_> {
    fn operand(&self, batch: usize) -> Operand<'_> {
        let Self { elements, lanes, steps, lanes_contiguous, .. } = *self;
        Operand { elements: elements.part(batch * lanes * steps, lanes * steps), lanes, steps, lanes_contiguous }
    }

    fn area(&self, panel: usize, steps: Steps) -> Area {
        let first_lane = panel * self.width;
        let lanes = self.width.min(self.lanes - first_lane);
        Area { first_lane, lanes, first_step: steps.first, steps: steps.count }
    }

    /// Packs the last panel, if it is not full and a block that ends at lane `end` has it, for who takes panels as they lie.
    fn pack_edge(&self, batch: usize, end: usize, steps: Steps, edge: &mut Vec<f32>) {
        if self.packed.is_none() && end == self.lanes && !end.is_multiple_of(self.width) {
            edge.resize(self.width * steps.count, 0.0);
            self.operand(batch).pack(self.area(end / self.width, steps), self.width, edge);
        }
    }

    #[inline]
    fn panel<'s>(&'s self, batch: usize, panel: usize, steps: Steps, edge: &'s [f32]) -> Panel<'s> {
        let width = self.width;
        if steps.count == 0 {
            return Panel { values: &[], lane: 0, step: 0 };
        }
        if let Some(panels) = self.packed {
            let count = self.lanes.div_ceil(width);
            let number =
                (batch * self.steps.div_ceil(self.block_steps) + steps.first / self.block_steps) * count + panel;
            let first = (batch * self.steps + steps.first) * count * width + panel * width * steps.count;
            let pack = |to: &mut [f32]| self.operand(batch).pack(self.area(panel, steps), width, to);
            // SAFETY: panels of a block of steps lie one after another, as do blocks of steps and batches.
            let values = unsafe { panels.get(number, first..first + width * steps.count, pack) };
            return Panel { values, lane: 1, step: width };
        }
        if (panel + 1) * width > self.lanes {
            return Panel { values: edge, lane: 1, step: width };
        }
        let Data::F32(values) = self.elements else { unreachable!("f16 is always packed") };
        let batch = batch * self.lanes * self.steps;
        if self.lanes_contiguous {
            let first = batch + steps.first * self.lanes + panel * width;
            Panel { values: &values[first..], lane: 1, step: self.lanes }
        } else {
            let first = batch + panel * width * self.steps + steps.first;
            Panel { values: &values[first..], lane: self.steps, step: 1 }
        }
    }
}
