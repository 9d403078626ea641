//! An image of channels first, copied into planes in which every tap of a filter is one step to the side.
//!
//! A stride splits rows and columns by their remainder (a phase each), so that neighbouring outputs read neighbouring
//! elements of one plane. Padding becomes zeros, of which neighbouring rows share those between them:
//!
//! ```text
//! 0 0 0 0
//! 0 a b c     width 3, padding 1: a pitch of 4 serves both ends of a row
//! 0 d e f
//! 0 0 0 0
//! ```
//!
//! So output (y, x) reads `plane(tap) + y * pitch + x` for every tap, and a run of outputs may go over the end of a row.

use super::super::data::Data;
use super::Shape;

/// How the planes of one image lie.
#[derive(Clone, Debug)]
pub struct Planes {
    shape: Shape,
    /// Rows and columns of outputs.
    out: [usize; 2],
    /// The phases that some tap reads, as remainders of rows and columns.
    phases: Vec<[usize; 2]>,
    /// Elements from one row of outputs to the next.
    pub pitch: usize,
    /// Elements of a plane.
    plane: usize,
    /// Elements of all planes of an image, without the slack.
    pub len: usize,
    /// Whether an image of f32 is such planes already.
    pub is_image: bool,
}

impl Planes {
    /// The planes of images of that shape, whose channels come first.
    pub fn new(shape: &Shape) -> Self {
        Self::reaching(shape, shape.out())
    }

    /// The same for so many rows and columns of outputs, even if they reach beyond the padding: there are zeros too.
    pub fn reaching(shape: &Shape, out: [usize; 2]) -> Self {
        let [rows_used, columns_used] = [0, 1].map(|axis| used_phases(shape, axis));
        let phases: Vec<_> = rows_used.iter().flat_map(|y| columns_used.iter().map(|x| [*y, *x])).collect();
        let reach = [0, 1].map(|axis| out[axis] + (shape.kernel[axis] - 1) * shape.dilation[axis] / shape.stride[axis]);
        let needed = |phase: &usize| {
            let (first, end) = real(shape, 1, *phase);
            end.min(reach[1]).max(reach[1].saturating_sub(first))
        };
        let pitch = columns_used.iter().map(needed).max().unwrap_or(0).max(out[1]);
        let is_image = shape.padding == [0, 0] && shape.stride == [1, 1];
        let pitch = if is_image { shape.width } else { pitch };
        let plane = if is_image { shape.height * shape.width } else { reach[0] * pitch };
        let len = shape.channels * phases.len() * plane;
        Self { shape: *shape, out, phases, pitch, plane, len, is_image }
    }

    /// Elements of the planes of one channel.
    pub fn channel(&self) -> usize {
        self.phases.len() * self.plane
    }

    /// How many outputs a run over all rows has, those between rows included.
    pub fn run(&self) -> usize {
        let [height, width] = self.out;
        (height - 1) * self.pitch + width
    }

    /// Where a tap of a channel reads for the first output.
    pub fn tap(&self, channel: usize, place: [usize; 2]) -> usize {
        let Shape { stride, dilation, .. } = self.shape;
        let at = [0, 1].map(|axis| place[axis] * dilation[axis]);
        let phase = [at[0] % stride[0], at[1] % stride[1]];
        let number = self.phases.iter().position(|known| *known == phase).expect("every tap's phase is listed");
        channel * self.channel() + number * self.plane + at[0] / stride[0] * self.pitch + at[1] / stride[1]
    }

    /// Copies one channel of an image, `channel` counted over all images, to its planes; what is no image is zero there
    /// already.
    pub fn fill(&self, input: Data, channel: usize, planes: &mut [f32]) {
        for (number, phase) in self.phases.iter().enumerate() {
            let plane = &mut planes[number * self.plane..][..self.plane];
            self.fill_phase(input, channel, *phase, plane);
        }
    }

    fn fill_phase(&self, input: Data, channel: usize, phase: [usize; 2], plane: &mut [f32]) {
        let Shape { height, width, stride, padding, .. } = self.shape;
        let (first_row, end_row) = real(&self.shape, 0, phase[0]);
        let (first, end) = real(&self.shape, 1, phase[1]);
        let rows = self.plane / self.pitch.max(1);
        if first >= end {
            return;
        }
        for row in first_row..end_row.min(rows) {
            let y = row * stride[0] + phase[0] - padding[0];
            let from = (channel * height + y) * width + first * stride[1] + phase[1] - padding[1];
            // A plane's last row ends at its pitch; what would lie beyond is read by no tap.
            let end = end.min(self.pitch);
            let to = &mut plane[row * self.pitch + first..row * self.pitch + end];
            if stride[1] == 1 {
                input.widen(from, to);
            } else {
                input.widen_every(from, stride[1], to);
            }
        }
    }
}

/// The remainders, by stride, of what taps read.
fn used_phases(shape: &Shape, axis: usize) -> Vec<usize> {
    let mut phases: Vec<usize> =
        (0..shape.kernel[axis]).map(|tap| tap * shape.dilation[axis] % shape.stride[axis]).collect();
    phases.sort_unstable();
    phases.dedup();
    phases
}

/// The first and the end of a plane's rows or columns that are of the image.
fn real(shape: &Shape, axis: usize, phase: usize) -> (usize, usize) {
    let (size, padding, stride) = ([shape.height, shape.width][axis], shape.padding[axis], shape.stride[axis]);
    (padding.saturating_sub(phase).div_ceil(stride), (size + padding).saturating_sub(phase).div_ceil(stride))
}
