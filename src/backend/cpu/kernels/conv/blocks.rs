//! Products of weights and runs of pixels, block by block: which tile is computed when, and where its results go.

use std::ops::Range;

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::Simd;

use super::super::data::DataMut;
use super::super::elementwise::{Channels, Post, finish_with};
use super::super::share::Target;
use super::super::vector::{load, store};
use super::posts::Steps;
use super::tile::{self, Begin, End, Tile};

/// How a product is cut into tiles and blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocking {
    /// Output channels of a tile; with `vectors` a shape of [`tile::MENU`].
    pub rows: usize,
    /// Vectors of pixels of a tile, at most; the last tiles of a run may have one less.
    pub vectors: usize,
    /// Tiles of pixels that a task does; 0: all of them.
    pub pixels: usize,
    /// Panels of output channels that a task does; 0: all of them.
    pub outputs: usize,
    /// Steps (input channels × places of the filter) that are added up before the next panel has its turn; 0: all of
    /// them. Less than all needs `outputs_outer` to be false.
    pub depth: usize,
    /// Whether the pixels of a tile are copied to be contiguous before they are used.
    pub pack: bool,
    /// Whether a panel of weights stays for all tiles of pixels of the task; otherwise a tile of pixels for all panels.
    pub outputs_outer: bool,
}

/// Where results go; f16 is rounded from f32 as it is stored.
#[derive(Clone, Copy)]
pub enum Results {
    F32(Target<f32>),
    F16(Target<f16>),
}

/// One product: `results[o][j] = Σ weights[o][k] · input[steps[k] + j]`, and what is done to results.
pub struct Product<'a> {
    pub blocking: Blocking,
    pub input: &'a [f32],
    pub steps: &'a [usize],
    /// Panels of `rows` output channels, each with `rows` weights for every step.
    pub weights: &'a [f32],
    pub outputs: usize,
    /// The length of the run of pixels: `height` rows, `pitch` apart, of which the first `width` pixels are results.
    pub run: usize,
    pub pitch: usize,
    pub width: usize,
    /// The bias of each output channel up to whole panels, where the epilogue begins with one.
    pub bias: &'a [f32],
    pub posts: &'a [Post<'a>],
    pub results: Results,
    /// The number of the first result among all.
    pub first: usize,
    /// Results of an output channel.
    pub plane: usize,
    /// The number of the first output channel among all.
    pub channel: usize,
}

/// What a worker needs to itself.
#[derive(Default)]
pub struct Scratch {
    packed: Vec<f32>,
    /// Where each step's pixels begin in a packed tile.
    packed_steps: Vec<usize>,
    sums: Vec<f32>,
}

/// A tile's pixels: the first, and how many vectors of them.
#[derive(Clone, Copy)]
struct Pixels {
    first: usize,
    vectors: usize,
}

impl Blocking {
    fn tiles(&self, run: usize, lanes: usize) -> usize {
        run.div_ceil(lanes).div_ceil(self.vectors)
    }

    /// Panels of output channels.
    pub fn panels(&self, outputs: usize) -> usize {
        outputs.div_ceil(self.rows)
    }

    /// Blocks of pixels and of output channels.
    pub fn blocks(&self, run: usize, outputs: usize, lanes: usize) -> [usize; 2] {
        let blocks = |all: usize, block: usize| if block == 0 { 1 } else { all.div_ceil(block) };
        [blocks(self.tiles(run, lanes), self.pixels), blocks(self.panels(outputs), self.outputs)]
    }

    fn sums_are_kept(&self, steps: usize) -> bool {
        self.depth != 0 && self.depth < steps
    }

    /// What a worker needs for products of so many steps.
    pub fn scratch(&self, run: usize, outputs: usize, steps: usize, lanes: usize) -> Scratch {
        let tile = self.vectors * lanes;
        let tiles = self.tiles(run, lanes);
        let packed_tiles = match (self.pack && self.outputs_outer, self.pixels) {
            (true, 0) => tiles,
            (true, pixels) => pixels.min(tiles),
            (false, _) => 1,
        };
        let panels = match (self.sums_are_kept(steps), self.outputs) {
            (true, 0) => self.panels(outputs),
            (true, panels) => panels.min(self.panels(outputs)),
            (false, _) => 1,
        };
        Scratch {
            packed: vec![0.0; packed_tiles * steps * tile],
            packed_steps: (0..steps).map(|step| step * tile).collect(),
            sums: vec![0.0; panels * self.rows * tile],
        }
    }
}

impl Product<'_> {
    /// Computes one of [`Blocking::blocks`].
    #[inline(always)]
    pub fn block<S: Simd>(&self, simd: S, [pixels, outputs]: [usize; 2], scratch: &mut Scratch) {
        let range = |block: usize, size: usize, all: usize| {
            if size == 0 { 0..all } else { block * size..((block + 1) * size).min(all) }
        };
        let tiles = range(pixels, self.blocking.pixels, self.blocking.tiles(self.run, S::F32_LANES));
        let panels = range(outputs, self.blocking.outputs, self.blocking.panels(self.outputs));
        let steps = Steps::of(self.posts);
        let stride = self.steps.len() * self.blocking.vectors * S::F32_LANES;
        if self.blocking.outputs_outer {
            if self.blocking.pack {
                for (number, tile) in tiles.clone().enumerate() {
                    self.pack::<S>(self.pixels::<S>(tile), &mut scratch.packed[number * stride..]);
                }
            }
            for panel in panels {
                for (number, tile) in tiles.clone().enumerate() {
                    let pixels = self.pixels::<S>(tile);
                    let place = if self.blocking.pack { number * stride } else { 0 };
                    let is_packed = self.blocking.pack || self.pack_end::<S>(pixels, scratch);
                    self.whole(simd, &steps, panel, pixels, is_packed.then_some(place), scratch);
                }
            }
            return;
        }
        for tile in tiles {
            let pixels = self.pixels::<S>(tile);
            let is_packed = if self.blocking.pack {
                self.pack::<S>(pixels, &mut scratch.packed);
                true
            } else {
                self.pack_end::<S>(pixels, scratch)
            };
            let place = is_packed.then_some(0);
            if self.blocking.sums_are_kept(self.steps.len()) {
                self.in_depth(simd, &steps, panels.clone(), pixels, place, scratch);
            } else {
                panels.clone().for_each(|panel| self.whole(simd, &steps, panel, pixels, place, scratch));
            }
        }
    }

    /// Tiles share the run's vectors evenly, so that none is left with few sums.
    #[inline(always)]
    fn pixels<S: Simd>(&self, tile: usize) -> Pixels {
        let vectors = self.run.div_ceil(S::F32_LANES);
        let tiles = vectors.div_ceil(self.blocking.vectors);
        let (first, end) = (tile * vectors / tiles, (tile + 1) * vectors / tiles);
        Pixels { first: first * S::F32_LANES, vectors: end - first }
    }

    /// Packs a tile whose last vector would end beyond the input; says whether it did.
    #[inline(always)]
    fn pack_end<S: Simd>(&self, pixels: Pixels, scratch: &mut Scratch) -> bool {
        let end = pixels.first + pixels.vectors * S::F32_LANES;
        let last_step = self.steps.iter().max().copied().unwrap_or(0);
        // Only the last tile of a run can be one.
        let is_beyond = end > self.run && last_step + end > self.input.len();
        if is_beyond {
            self.pack::<S>(pixels, &mut scratch.packed);
        }
        is_beyond
    }

    /// Copies a tile's pixels, one step after another.
    #[inline(always)]
    fn pack<S: Simd>(&self, pixels: Pixels, packed: &mut [f32]) {
        let (count, columns) = (pixels.vectors * S::F32_LANES, self.blocking.vectors * S::F32_LANES);
        let last_step = self.steps.iter().max().copied().unwrap_or(0);
        let is_within = last_step + pixels.first + count <= self.input.len();
        for (step, packed) in self.steps.iter().zip(packed.chunks_exact_mut(columns)) {
            let from = &self.input[step + pixels.first..];
            if is_within {
                // SAFETY: whole vectors lie within the input, and within the packed tile.
                unsafe {
                    for vector in 0..pixels.vectors {
                        let at = vector * S::F32_LANES;
                        store::<S>(packed.as_mut_ptr().add(at), load::<S>(from.as_ptr().add(at)));
                    }
                }
            } else {
                let held = count.min(from.len());
                packed[..held].copy_from_slice(&from[..held]);
                packed[held..].fill(0.0);
            }
        }
    }

    /// A tile over all steps.
    #[inline(always)]
    fn whole<S: Simd>(
        &self,
        simd: S,
        steps: &Steps,
        panel: usize,
        pixels: Pixels,
        packed: Option<usize>,
        scratch: &mut Scratch,
    ) {
        let sums = scratch.sums.as_mut_ptr();
        let (input, places) = self.pixels_of(pixels, packed, scratch);
        // SAFETY: the tile is there as `pixels_of` says, and the sums have room for one.
        unsafe { self.last(simd, steps, panel, pixels, input, (places, 0), Begin::Zeros, sums) };
    }

    /// A tile of pixels for several panels, some steps at a time.
    #[inline(always)]
    fn in_depth<S: Simd>(
        &self,
        simd: S,
        steps: &Steps,
        panels: Range<usize>,
        pixels: Pixels,
        packed: Option<usize>,
        scratch: &mut Scratch,
    ) {
        let sums = scratch.sums.as_mut_ptr();
        let (input, places) = self.pixels_of(pixels, packed, scratch);
        let (rows, columns) = (self.blocking.rows, pixels.vectors * S::F32_LANES);
        let depth = places.len().div_ceil(places.len().div_ceil(self.blocking.depth));
        for (number, part) in places.chunks(depth).enumerate() {
            for (place, panel) in panels.clone().enumerate() {
                let done = number * depth;
                // SAFETY: there is room for the sums of all panels of a task.
                let sums = unsafe { sums.add(place * rows * columns) };
                let begin = if number == 0 { Begin::Zeros } else { Begin::Sums { values: sums, stride: columns } };
                if done + part.len() == places.len() {
                    // SAFETY: as in `whole`.
                    unsafe { self.last(simd, steps, panel, pixels, input, (part, done), begin, sums) };
                    continue;
                }
                let weights = self.weights[(panel * places.len() + done) * rows..][..part.len() * rows].as_ptr();
                let (target, stride) = (sums, columns);
                let tile = Tile { steps: part, input, weights, begin, target, stride, stored: rows, end: None };
                // SAFETY: as in `whole`.
                unsafe { tile::compute(simd, rows, pixels.vectors, tile) };
            }
        }
    }

    /// Where a tile's pixels are read, and where each step's begin from there: packed tiles have whole vectors for each
    /// step, and unpacked ones that would read beyond the input are packed.
    #[inline(always)]
    fn pixels_of<'b>(
        &'b self,
        pixels: Pixels,
        packed: Option<usize>,
        scratch: &'b Scratch,
    ) -> (*const f32, &'b [usize]) {
        match packed {
            Some(place) => (scratch.packed[place..].as_ptr(), &scratch.packed_steps),
            None => (self.input[pixels.first..].as_ptr(), self.steps),
        }
    }

    /// The last steps of a tile, from some step on, and its results; `sums` is room for a tile that cannot be stored
    /// as it is, and may be where sums so far are.
    ///
    /// # Safety
    /// The pixels must be there for each step, the sums have room for a tile.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "a place in a loop nest has that many coordinates")]
    unsafe fn last<S: Simd>(
        &self,
        simd: S,
        after: &Steps,
        panel: usize,
        pixels: Pixels,
        input: *const f32,
        (steps, done): (&[usize], usize),
        begin: Begin,
        sums: *mut f32,
    ) {
        let (rows, columns) = (self.blocking.rows, pixels.vectors * S::F32_LANES);
        let stored = rows.min(self.outputs - panel * rows);
        let weights = self.weights[(panel * self.steps.len() + done) * rows..][..steps.len() * rows].as_ptr();
        let bias = if after.bias.is_some() { &self.bias[panel * rows..][..rows] } else { &[] };
        let place = self.contiguous(after, panel, pixels, S::F32_LANES);
        if let (Some(place), Results::F32(results)) = (place, self.results) {
            let end = End::of(after, bias, place);
            // SAFETY: the tile's rows lie within the results, and no other task has them; else the caller's promise.
            unsafe {
                let (target, stride) = (results.at(place), self.plane);
                let tile = Tile { steps, input, weights, begin, target, stride, stored, end };
                tile::compute(simd, rows, pixels.vectors, tile);
            }
            return;
        }
        let after = after.in_scratch();
        let end = End::of(&after, bias, 0);
        let tile = Tile { steps, input, weights, begin, target: sums, stride: columns, stored: rows, end };
        // SAFETY: the caller's promise.
        let sums = unsafe {
            tile::compute(simd, rows, pixels.vectors, tile);
            std::slice::from_raw_parts_mut(sums, rows * columns)
        };
        self.store(simd, after.left, panel, pixels, sums);
    }

    /// Where the tile's results begin, if they can be stored as they are: no steps are left, and its pixels lie in one row.
    #[inline(always)]
    fn contiguous(&self, steps: &Steps, panel: usize, pixels: Pixels, lanes: usize) -> Option<usize> {
        let (row, column) = (pixels.first / self.pitch, pixels.first % self.pitch);
        let count = pixels.vectors * lanes;
        let is_whole = column + count <= self.width || self.pitch == self.width && pixels.first + count <= self.run;
        let is_f32 = matches!(self.results, Results::F32(_));
        let at = self.first + panel * self.blocking.rows * self.plane + row * self.width + column;
        (steps.left.is_empty() && is_f32 && is_whole).then_some(at)
    }

    /// Stores a tile's sums, without those between rows of pixels, after the steps that are left.
    #[inline(always)]
    fn store<S: Simd>(&self, simd: S, posts: &[Post], panel: usize, pixels: Pixels, sums: &mut [f32]) {
        let (rows, columns) = (self.blocking.rows, pixels.vectors * S::F32_LANES);
        for row in 0..rows.min(self.outputs - panel * rows) {
            let output = panel * rows + row;
            let sums = &mut sums[row * columns..][..columns];
            let mut at = pixels.first;
            while at < (pixels.first + columns).min(self.run) {
                let (y, x) = (at / self.pitch, at % self.pitch);
                let until = (at - x + self.pitch).min(pixels.first + columns).min(self.run);
                if x < self.width {
                    let count = (self.width - x).min(until - at);
                    let sums = &mut sums[at - pixels.first..][..count];
                    let place = self.first + output * self.plane + y * self.width + x;
                    finish_with(simd, posts, sums, Channels::One(self.channel + output), place);
                    // SAFETY: these are results of this tile, which no other task has.
                    unsafe { self.results.write::<S>(place, sums) };
                }
                at = until;
            }
        }
    }
}

impl Results {
    pub fn of(output: DataMut) -> Self {
        match output {
            DataMut::F32(values) => Self::F32(Target::of(values)),
            DataMut::F16(values) => Self::F16(Target::of(values)),
        }
    }

    /// Stores values from the result of that number on.
    ///
    /// # Safety
    /// There must be so many results, and nobody else may use them meanwhile.
    #[inline(always)]
    pub unsafe fn write<S: Simd>(self, first: usize, values: &[f32]) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::F32(results) => copy::<S>(values, results.at(first)),
                Self::F16(results) => results.slice(first, values.len()).convert_from_f32_slice(values),
            }
        }
    }
}

/// Copies few values, faster than a call would.
///
/// # Safety
/// There must be room for them, apart from where they are.
#[inline(always)]
unsafe fn copy<S: Simd>(values: &[f32], to: *mut f32) {
    let (count, lanes) = (values.len(), S::F32_LANES);
    // SAFETY: the caller's promise; the last vector may overlap the one before.
    unsafe {
        if count < lanes {
            for (at, value) in values.iter().enumerate() {
                *to.add(at) = *value;
            }
            return;
        }
        let mut at = 0;
        while at + lanes <= count {
            store::<S>(to.add(at), load::<S>(values.as_ptr().add(at)));
            at += lanes;
        }
        if at < count {
            store::<S>(to.add(count - lanes), load::<S>(values.as_ptr().add(count - lanes)));
        }
    }
}
