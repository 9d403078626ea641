//! Operands as they lie in memory, and packing them into the panels that micro-kernels read.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::data::Data;

/// An operand of a product, seen from its panels: `lanes` are the rows of A or the columns of B, `steps` what is summed
/// over. Dense: one of both is contiguous.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// All of them, `lanes` · `steps`.
    pub elements: Data<'a>,
    /// Rows of A or columns of B.
    pub lanes: usize,
    /// What is summed over.
    pub steps: usize,
    /// Whether the lanes of a step are contiguous (B as it is, A transposed), or the steps of a lane (A as it is, B
    /// transposed).
    pub lanes_contiguous: bool,
}

/// A rectangle of an operand.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// Where its lanes begin.
    pub first_lane: usize,
    /// How many lanes.
    pub lanes: usize,
    /// Where its steps begin.
    pub first_step: usize,
    /// How many steps.
    pub steps: usize,
}

impl Operand<'_> {
    /// Packs `area` into `panel`, step after step, `width` lanes each: element (lane, step) at `step * width + lane`. Lanes
    /// from `area.lanes` on become zero.
    pub fn pack(&self, area: Area, width: usize, panel: &mut [f32]) {
        debug_assert!(area.lanes <= width && panel.len() == width * area.steps);
        match (self.elements, self.lanes_contiguous) {
            (Data::F32(values), true) => self.copy(values, area, width, panel, copy),
            (Data::F32(values), false) => self.transpose(values, area, width, panel),
            (Data::F16(values), true) => {
                self.copy(values, area, width, panel, |from, to| from.convert_to_f32_slice(to));
            }
            (Data::F16(values), false) => self.transpose_converted(values, area, width, panel),
        }
    }

    /// Packs where the lanes of a step are contiguous.
    #[inline(always)]
    fn copy<T>(&self, values: &[T], area: Area, width: usize, panel: &mut [f32], copy: impl Fn(&[T], &mut [f32])) {
        for (step, to) in panel.chunks_exact_mut(width).enumerate() {
            let first = (area.first_step + step) * self.lanes + area.first_lane;
            copy(&values[first..first + area.lanes], &mut to[..area.lanes]);
            to[area.lanes..].fill(0.0);
        }
    }

    /// Packs where the steps of a lane are contiguous.
    fn transpose(&self, values: &[f32], area: Area, width: usize, panel: &mut [f32]) {
        let row = |lane: usize| &values[(area.first_lane + lane) * self.steps + area.first_step..][..area.steps];
        transpose(row, area.lanes, width, panel);
    }

    /// As [`Operand::transpose`], some steps of all lanes at a time through a buffer that stays in the L1 cache.
    fn transpose_converted(&self, values: &[f16], area: Area, width: usize, panel: &mut [f32]) {
        let mut buffer = vec![0.0; area.lanes * STEPS_AT_ONCE];
        for (block, to) in panel.chunks_mut(width * STEPS_AT_ONCE).enumerate() {
            let steps = to.len() / width;
            for (lane, row) in buffer.chunks_exact_mut(STEPS_AT_ONCE).enumerate() {
                let first = (area.first_lane + lane) * self.steps + area.first_step + block * STEPS_AT_ONCE;
                values[first..first + steps].convert_to_f32_slice(&mut row[..steps]);
            }
            transpose(|lane| &buffer[lane * STEPS_AT_ONCE..][..steps], area.lanes, width, to);
        }
    }
}

/// Steps that are converted before they are transposed.
const STEPS_AT_ONCE: usize = 64;

/// Copies short slices of equal length. Those of a panel's usual widths become a few moves instead of a call.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    match from.len() {
        4 => copy_exactly::<4>(from, to),
        6 => copy_exactly::<6>(from, to),
        8 => copy_exactly::<8>(from, to),
        12 => copy_exactly::<12>(from, to),
        16 => copy_exactly::<16>(from, to),
        24 => copy_exactly::<24>(from, to),
        32 => copy_exactly::<32>(from, to),
        48 => copy_exactly::<48>(from, to),
        _ => to.copy_from_slice(from),
    }
}

#[inline(always)]
fn copy_exactly<const COUNT: usize>(from: &[f32], to: &mut [f32]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<COUNT>(), to.first_chunk_mut::<COUNT>()) {
        *to = *from;
    }
}

/// Writes rows, given by number, as columns of `panel`, `width` to a step; columns from `lanes` on become zero.
#[inline(always)]
fn transpose<'a>(row: impl Fn(usize) -> &'a [f32], lanes: usize, width: usize, panel: &mut [f32]) {
    let mut lane = 0;
    while lane + 4 <= lanes {
        transpose_lanes([row(lane), row(lane + 1), row(lane + 2), row(lane + 3)], lane, width, panel);
        lane += 4;
    }
    while lane + 2 <= lanes {
        transpose_lanes([row(lane), row(lane + 1)], lane, width, panel);
        lane += 2;
    }
    if lane < lanes {
        transpose_lanes([row(lane)], lane, width, panel);
    }
    if lanes < width {
        panel.chunks_exact_mut(width).for_each(|step| step[lanes..].fill(0.0));
    }
}

/// Writes some rows as neighbouring columns, from column `lane` on: squares of four steps while there are so many, so
/// that vectors can do it.
#[inline(always)]
fn transpose_lanes<const LANES: usize>(rows: [&[f32]; LANES], lane: usize, width: usize, panel: &mut [f32]) {
    let blocks = rows.map(|row| row.as_chunks::<4>());
    let count = blocks[0].0.len();
    let (whole, rest) = panel.split_at_mut(count * 4 * width);
    for (number, to) in whole.chunks_exact_mut(4 * width).enumerate() {
        let square = blocks.map(|(blocks, _)| blocks[number]);
        for step in 0..4 {
            let column: [f32; LANES] = std::array::from_fn(|lane| square[lane][step]);
            if let Some(to) = to[step * width + lane..].first_chunk_mut() {
                *to = column;
            }
        }
    }
    for (step, to) in rest.chunks_exact_mut(width).enumerate() {
        for (number, (_, row)) in blocks.iter().enumerate() {
            to[lane + number] = row[step];
        }
    }
}
