//! The kernel that multiplies: what its text is made from.

use serde::Serialize;

use super::super::Shape;
use super::operand::{Operand, Side, threads};
use super::{UNIFORMS, partial, shape, vec_c};
use crate::code::Kernel;
use crate::code::wgsl::WgslTemplate;
use crate::op::Signature;
use crate::op::kernel::{Buffers, kernel};
use crate::space::Config;

static SOURCE: WgslTemplate =
    WgslTemplate::new("matmul/blocked", include_str!("../../../../templates/matmul/blocked.wgsl"));

/// Where a workgroup's sums go.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    /// Through the epilogue into C.
    C,
    /// Into a tensor of partial sums.
    Partial,
    /// Added to what C holds.
    Atomic,
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 4],
    buffers: Buffers,
    block: Block,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    target: &'static str,
    size_b: String,
    size_m: String,
    size_n: String,
    size_k: String,
    /// Whether tiles reach beyond the rows or columns of C, and slabs beyond K.
    guard_m: bool,
    guard_n: bool,
    guard_k: bool,
    /// Whether the text has f16 that no buffer asks for.
    needs_f16: bool,
    vec_c: i64,
    pipeline: i64,
    band: i64,
    split: i64,
}

/// What workgroups, subgroups and invocations do; see `shaders/block.wgsl`.
#[derive(Serialize)]
struct Block {
    a: Operand,
    b: Operand,
    bm: i64,
    bn: i64,
    bk: i64,
    tm: i64,
    tn: i64,
    threads: i64,
    lanes: i64,
    lanes_m: i64,
    lanes_n: i64,
    sub_tiles_n: i64,
    /// From the first row or column of a lane to that of the next.
    reach_m: i64,
    reach_n: i64,
    /// Where each row and column of an invocation lies, from its first.
    rows: Vec<i64>,
    columns: Vec<i64>,
    unroll: i64,
    /// Steps of K that are read together.
    steps: i64,
}

/// The kernel that multiplies.
pub fn product(signature: &Signature, config: &Config, target: Target) -> Kernel {
    let values = Values::new(signature, config, target);
    let (split, Block { bm, bn, threads, .. }) = (values.split, &values.block);
    let grid = [format!("ceil(n/{bn})"), format!("ceil(m/{bm})"), format!("b*{split}")];
    kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, [*threads, 1, 1], grid)
}

impl Values {
    fn new(signature: &Signature, config: &Config, target: Target) -> Self {
        let shape = shape(signature);
        let int = |name: &str| config.int(name);
        let buffers = buffers(signature, &shape, config, target);
        let baked = int("baked") == 1;
        let size = |name: &str, value: u64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let beyond = |tile: &str, size: u64| !baked || !size.is_multiple_of(int(tile) as u64);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let vec_c = vec_c(&shape);
        let (functions, statements) = match target {
            Target::C => {
                let bias = format!("load_bias(column / {vec_c}u)");
                (epilogue.functions(), epilogue.statements(&bias, "load_residual(index)"))
            }
            Target::Partial | Target::Atomic => (Vec::new(), Vec::new()),
        };
        let native = |name: &str| buffers.0.iter().any(|b| b.element == name && !b.packed);
        Self {
            uniforms: UNIFORMS,
            block: Block::new(&shape, &buffers, config),
            functions,
            epilogue: statements,
            target: target.name(),
            size_b: size("b", shape.batch),
            size_m: size("m", shape.m),
            size_n: size("n", shape.n),
            size_k: size("k", shape.k),
            guard_m: beyond("bm", shape.m),
            guard_n: beyond("bn", shape.n),
            guard_k: beyond("bk", shape.k),
            needs_f16: int("half_tiles") == 1 && !native("f16"),
            vec_c,
            pipeline: int("pipeline"),
            band: int("band"),
            split: int("split"),
            buffers,
        }
    }
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Partial => "partial",
            Self::Atomic => "atomic",
        }
    }
}

/// A and B as wide as they are loaded; what is shaped like C's rows as wide as it is stored.
fn buffers(signature: &Signature, shape: &Shape, config: &Config, target: Target) -> Buffers {
    let (vec_c, packed) = (vec_c(shape), config.int("packed") == 1);
    let read = Buffers::default().read(&signature.inputs[0], config.int("vec_a"), packed).read(
        &signature.inputs[1],
        config.int("vec_b"),
        packed,
    );
    match target {
        Target::C => {
            let read = signature.inputs[2..].iter().fold(read, |all, tensor| all.read(tensor, vec_c, packed));
            read.write(&signature.outputs[0], vec_c, packed)
        }
        Target::Partial => read.write(&partial(config.int("split"), shape), vec_c, false),
        Target::Atomic => read.write(&signature.outputs[0], vec_c, false),
    }
}

impl Shape {
    /// How A and B lie, and which parameters say how they are moved.
    pub(super) fn sides(&self) -> [Side; 2] {
        [
            Side { along_k: !self.a_transposed, extent: "bm", turn: "turn_a" },
            Side { along_k: self.b_transposed, extent: "bn", turn: "turn_b" },
        ]
    }
}

impl Block {
    fn new(shape: &Shape, buffers: &Buffers, config: &Config) -> Self {
        let int = |name| config.int(name);
        let [bm, bn, tm, tn] = ["bm", "bn", "tm", "tn"].map(int);
        let [a, b] = [0, 1].map(|i| Operand::new(shape.sides()[i], buffers.0[i].clone(), config));
        let (lanes, lanes_n) = (int("lanes"), int("lanes_n"));
        let lanes_m = lanes / lanes_n;
        // Rows of an A that is read along K need not be neighbours; columns lie in vectors.
        let hand_m = hand(config, tm, if a.is_k_major() { 4 } else { 1 });
        let hand_n = hand(config, tn, 4);
        let along_k = !(a.is_k_major() && b.is_k_major());
        Self {
            a,
            b,
            bm,
            bn,
            bk: int("bk"),
            tm,
            tn,
            threads: threads([bm, bn, tm, tn]),
            lanes,
            lanes_m,
            lanes_n,
            sub_tiles_n: bn / (lanes_n * tn),
            reach_m: hand_m,
            reach_n: hand_n,
            rows: offsets(tm, hand_m, lanes_m),
            columns: offsets(tn, hand_n, lanes_n),
            unroll: int("unroll"),
            steps: if along_k { 4 } else { 1 },
        }
    }
}

/// Neighbouring lines that a lane has before it is the next lane's turn: all, or as few as `least`.
fn hand(config: &Config, lines: i64, least: i64) -> i64 {
    if config.int("deal") == 1 { least } else { lines }
}

/// Where the lines of a lane lie when `lanes` are dealt `hand` at a time.
fn offsets(lines: i64, hand: i64, lanes: i64) -> Vec<i64> {
    (0..lines).map(|i| i / hand * hand * lanes + i % hand).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lanes of a sub-tile share its lines without gap or overlap, however they are dealt.
    #[test]
    fn every_line_of_a_sub_tile_has_one_lane() {
        for (lines, lanes) in [(4, 8), (8, 4), (16, 2), (8, 1)] {
            for hand in [1, 4, lines] {
                let of_lane = |lane: i64| offsets(lines, hand, lanes).into_iter().map(move |at| lane * hand + at);
                let mut all: Vec<i64> = (0..lanes).flat_map(of_lane).collect();
                all.sort_unstable();
                assert!(all.iter().copied().eq(0..lines * lanes), "{lines} lines, {lanes} lanes, {hand} at a time");
            }
        }
    }
}
