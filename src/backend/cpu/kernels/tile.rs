//! A rectangle of a matrix that its holder alone may write, though others write the columns beside it.

use std::marker::PhantomData;

/// A rectangle whose rows lie `stride` apart. Its rows are disjoint, so several tiles of one matrix can be held
/// by several threads at once, which slices cannot.
pub struct Tile<'a, T = f32> {
    first: *mut T,
    stride: usize,
    rows: usize,
    columns: usize,
    matrix: PhantomData<&'a mut [T]>,
}

impl<'a, T> Tile<'a, T> {
    /// The tile of `rows` × `columns` at the beginning of `values`, with row `i` from `i * stride` on.
    ///
    /// # Panics
    ///
    /// Where the last row ends beyond `values`, or rows overlap.
    pub fn new(values: &'a mut [T], stride: usize, rows: usize, columns: usize) -> Self {
        assert!(columns <= stride || rows <= 1, "rows of a tile overlap");
        assert!(rows == 0 || (rows - 1) * stride + columns <= values.len(), "a tile ends beyond its matrix");
        Self { first: values.as_mut_ptr(), stride, rows, columns, matrix: PhantomData }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements of a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The elements of row `row`, `columns` of them.
    #[inline(always)]
    pub fn row(&mut self, row: usize) -> &mut [T] {
        assert!(row < self.rows);
        // SAFETY: the constructors' callers give this tile its rectangle alone for `'a`, row `row` lies in it, and the
        // result borrows the tile, so that no two slices of it live at once.
        unsafe { std::slice::from_raw_parts_mut(self.first.add(row * self.stride), self.columns) }
    }

    /// The part with `rows` × `columns` from (`row`, `column`) on; the whole is out of reach while it lives.
    ///
    /// # Panics
    ///
    /// Where the part reaches beyond the tile.
    #[inline(always)]
    pub fn part(&mut self, row: usize, column: usize, rows: usize, columns: usize) -> Tile<'_, T> {
        assert!(row + rows <= self.rows && column + columns <= self.columns, "a part reaches beyond its tile");
        // SAFETY: the part lies in this tile's rectangle, which is ours alone.
        let first = unsafe { self.first.add(row * self.stride + column) };
        Tile { first, stride: self.stride, rows, columns, matrix: PhantomData }
    }

    /// Where row `row` begins, for hints to the caches.
    #[inline(always)]
    pub(super) fn address(&self, row: usize) -> *const T {
        self.first.wrapping_add(row * self.stride)
    }
}

/// A matrix that threads take tiles of.
pub(super) struct Shared<'a, T> {
    first: *mut T,
    rows: usize,
    stride: usize,
    matrix: PhantomData<&'a mut [T]>,
}

// SAFETY: a `Shared` only gives out tiles, and whoever takes them promises that tiles taken at the same time are disjoint.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// All of `values` as rows of `stride` elements each.
    pub fn new(values: &'a mut [T], stride: usize) -> Self {
        let rows = values.len().checked_div(stride).unwrap_or(0);
        Self { first: values.as_mut_ptr(), rows, stride, matrix: PhantomData }
    }

    /// The tile of `rows` × `columns` from (`row`, `column`) on.
    ///
    /// # Safety
    ///
    /// No other tile that shares an element with this one may live at the same time.
    pub unsafe fn tile(&self, row: usize, column: usize, rows: usize, columns: usize) -> Tile<'_, T> {
        assert!(row + rows <= self.rows && column + columns <= self.stride, "a tile reaches beyond its matrix");
        // SAFETY: the rectangle lies in the slice that `self` borrows.
        let first = unsafe { self.first.add(row * self.stride + column) };
        Tile { first, stride: self.stride, rows, columns, matrix: PhantomData }
    }
}
