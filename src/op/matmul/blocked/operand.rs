//! One side of a blocked product: how it is loaded, moved and staged.

use serde::Serialize;

use crate::op::kernel::Buffer;
use crate::space::Config;

/// How an operand that lies along K is staged.
pub const AS_IT_LIES: i64 = 0;
pub const BY_ELEMENTS: i64 = 1;
pub const BY_SQUARES: i64 = 2;

/// A or B on its way from storage through registers into workgroup memory; see `shaders/block.wgsl`. Its lines are rows
/// of A or columns of B.
#[derive(Serialize)]
pub struct Operand {
    name: String,
    buffer: Buffer,
    /// Whether neighbours in memory are neighbours along K.
    along_k: bool,
    /// Whether the staged slab has a row for each step of K, else one for each line.
    k_major: bool,
    /// Whether rows become columns on the way, and whether they do so element by element.
    turned: bool,
    single: bool,
    /// Lines of the workgroup's tile.
    extent: i64,
    /// Neighbouring elements of a piece, and the neighbouring rows that it has so many of.
    length: i64,
    lines: i64,
    /// Loads of one row of a piece.
    loads: i64,
    /// Pieces that lie side by side.
    across: i64,
    /// Pieces of a slab, and of one invocation.
    all_pieces: i64,
    pieces: i64,
    /// Whether there are more invocations than pieces.
    crowded: bool,
    /// The staged slab: its elements, how many of them a row has, and all rows.
    tile_type: &'static str,
    stride: i64,
    tile_size: i64,
}

/// What an operand's layout decides, and the names of the parameters of its tile.
#[derive(Clone, Copy)]
pub struct Side {
    pub along_k: bool,
    pub extent: &'static str,
    pub turn: &'static str,
}

impl Operand {
    pub fn new(side: Side, buffer: Buffer, config: &Config) -> Self {
        let int = |name| config.int(name);
        let (extent, bk, turn) = (int(side.extent), int("bk"), int(side.turn));
        let (length, lines) = (piece_length(turn, buffer.width), piece_lines(turn));
        let k_major = is_k_major(side.along_k, turn);
        let single = turn == BY_ELEMENTS;
        let beside = if side.along_k { bk } else { extent };
        let all_pieces = extent * bk / (length * lines);
        let threads = threads([int("bm"), int("bn"), int("tm"), int("tn")]);
        let tile_type = match (single, int("half_tiles") == 1) {
            (true, true) => "f16",
            (true, false) => "f32",
            (false, true) => "vec4<f16>",
            (false, false) => "vec4<f32>",
        };
        let (rows, row) = if k_major { (bk, extent) } else { (extent, bk) };
        let stride = (row + int("pad")) / if single { 1 } else { 4 };
        Self {
            name: buffer.name.clone(),
            along_k: side.along_k,
            k_major,
            turned: turn != AS_IT_LIES,
            single,
            extent,
            length,
            lines,
            loads: length / buffer.width,
            across: beside / length,
            all_pieces,
            pieces: (all_pieces / threads).max(1),
            crowded: all_pieces < threads,
            tile_type,
            stride,
            tile_size: rows * stride,
            buffer,
        }
    }

    /// Whether the staged slab has a row for each step of K.
    pub fn is_k_major(&self) -> bool {
        self.k_major
    }
}

/// Whether a staged slab has a row for each step of K, else one for each line.
pub fn is_k_major(along_k: bool, turn: i64) -> bool {
    !along_k || turn != AS_IT_LIES
}

/// Neighbouring elements that are moved at once: whole vectors, unless they are taken apart anyway.
pub fn piece_length(turn: i64, width: i64) -> i64 {
    if turn == BY_ELEMENTS { width } else { width.max(4) }
}

/// Neighbouring rows that are moved at once.
pub fn piece_lines(turn: i64) -> i64 {
    if turn == BY_SQUARES { 4 } else { 1 }
}

/// Invocations of a workgroup.
pub fn threads([bm, bn, tm, tn]: [i64; 4]) -> i64 {
    bm / tm * (bn / tn)
}

/// Elements of a staged slab, unused ones at the ends of its rows included.
pub fn staged(k_major: bool, extent: i64, bk: i64, pad: i64) -> i64 {
    if k_major { bk * (extent + pad) } else { extent * (bk + pad) }
}
