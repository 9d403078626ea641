//! The tiled matmul: registers, vectors, and workgroup memory by choice.

use serde::Serialize;

use super::Shape;
use super::naive::UNIFORMS;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{
    Buffers, MostUnrolled, closest, kernel, least_invocations, log2, most_unrolled, packings, sharing, tiles, up_to,
    waste,
};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("matmul/tiled", include_str!("../../../templates/matmul/tiled.wgsl"));

/// The longest slab: no more lanes share one.
const MOST_SHARED: i64 = 32;

/// How many configs a search begins with beside the default, at most.
const STARTS: usize = 2;

pub struct Tiled;

impl Template for Tiled {
    fn name(&self) -> &str {
        "matmul/tiled"
    }

    fn about(&self) -> &str {
        "a tile of outputs per invocation, slabs of A and B staged in workgroup memory or not"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let [b, m, n, k] = [shape.batch, shape.m, shape.n, shape.k].map(|size| size as i64);
        let loads_along_k = !shape.a_transposed || shape.b_transposed;
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup);
        let [most_x, most_y, _] = limits.workgroup_size.map(i64::from);
        let storage = i64::from(limits.workgroup_storage_bytes);
        let MostUnrolled { accumulators, statements, stores } = most_unrolled(device);
        let least = least_invocations(device);
        let most_shared = if shape.a_transposed { 0 } else { MOST_SHARED };
        let shares: Vec<i64> = sharing(device).into_iter().filter(|lanes| *lanes <= most_shared).collect();
        let [most_rows, most_columns] = if device.is_software() { [64, 64] } else { [8, 16] };
        Space::builder()
            .param("wx", "invocations along N", [4, 8, 16, 32])
            .param("wy", "invocations along M", [1, 2, 4, 8, 16, 32])
            .param("tm", "rows per invocation", up_to(most_rows))
            .param("tn", "columns per invocation", up_to(most_columns))
            .param("vec_n", "columns per vector", [1, 2, 4])
            .param("vec_k", "elements per load along K", if loads_along_k { vec![1, 2, 4] } else { vec![1] })
            .param("stage_a", "slab of A in workgroup memory", [0, 1])
            .param("stage_b", "slab of B in workgroup memory", [0, 1])
            .param("share_a", "lanes that share a slab of A in registers, or 0", shares)
            .param("bk", "length of a slab along K", [4, 8, 16, 32])
            .param("pad", "unused elements after each row of a staged tile", [0, 1])
            .param("unroll", "steps of K in the loop body", [1, 2, 4, 8, 16])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
            .rule("so few invocations leave the device idle", ["wx", "wy"], move |[wx, wy]| wx * wy >= least)
            .rule("more invocations than a workgroup may have", ["wx", "wy"], move |[wx, wy]| {
                wx * wy <= invocations && wx <= most_x && wy <= most_y
            })
            .rule("N is no multiple of the vectors", ["vec_n"], move |[vec_n]| n % vec_n == 0)
            .rule("K is no multiple of the loads along it", ["vec_k"], move |[vec_k]| k % vec_k == 0)
            .rule("a tile's columns are no multiple of the vectors", ["tn", "vec_n"], |[tn, vec_n]| tn % vec_n == 0)
            .rule("more accumulators than registers", ["tm", "tn"], move |[tm, tn]| tm * tn <= accumulators)
            .rule("the loop body is no multiple of the loads along K", ["unroll", "vec_k"], |[unroll, vec_k]| {
                unroll % vec_k == 0
            })
            .rule(
                "the slab is no multiple of the loop body",
                ["bk", "unroll", "stage_a", "stage_b", "share_a"],
                |[bk, u, a, b, share]| a + b + share == 0 || bk % u == 0,
            )
            .rule("a slab is staged or shared, not both", ["stage_a", "share_a"], |[stage, share]| {
                stage == 0 || share == 0
            })
            .rule(
                "lanes that do not share the rows of a slab, or load more or less than it",
                ["wx", "wy", "vec_k", "bk", "share_a"],
                move |[wx, wy, vec_k, bk, share]| share == 0 || (wy == 1 && wx % share == 0 && bk == share * vec_k),
            )
            .rule("an unrolled body of too many statements", ["tm", "tn", "vec_n", "unroll"], move |[tm, tn, v, u]| {
                tm * (tn / v) * (u + stores) <= statements
            })
            .rule(
                "without staging, slab and padding mean nothing",
                ["stage_a", "stage_b", "share_a", "bk", "pad"],
                |[a, b, share, bk, pad]| a + b > 0 || (pad == 0 && (share > 0 || bk == 4)),
            )
            .rule(
                "more workgroup memory than the device has",
                ["wx", "wy", "tm", "tn", "vec_n", "stage_a", "stage_b", "bk", "pad"],
                move |values| staged_bytes(values) <= storage,
            )
            .feature("log2 of invocations", ["wx", "wy"], |[wx, wy]| log2(wx * wy))
            .feature("log2 of outputs per invocation", ["tm", "tn"], |[tm, tn]| log2(tm * tn))
            .feature("log2 of products per load", ["tm", "tn"], |[tm, tn]| log2(tm * tn) - log2(tm + tn))
            .feature("log2 of the tile", ["wx", "wy", "tm", "tn"], |[wx, wy, tm, tn]| log2(wx * wy * tm * tn))
            .feature("log2 of the tile's height over its width", ["wx", "wy", "tm", "tn"], |[wx, wy, tm, tn]| {
                log2(wy * tm) - log2(wx * tn)
            })
            .feature("log2 of workgroups", ["wx", "wy", "tm", "tn"], move |[wx, wy, tm, tn]| {
                log2(b * tiles(m, wy * tm) * tiles(n, wx * tn))
            })
            .feature("log2 of the waste", ["wx", "wy", "tm", "tn"], move |[wx, wy, tm, tn]| {
                waste(m, wy * tm) + waste(n, wx * tn)
            })
            .feature("log2 of statements", ["tm", "tn", "vec_n", "unroll"], |[tm, tn, v, u]| log2(tm * (tn / v) * u))
            .feature(
                "log2 of bytes staged",
                ["wx", "wy", "tm", "tn", "vec_n", "stage_a", "stage_b", "bk", "pad"],
                |values| log2(1 + staged_bytes(values)),
            )
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let wish = [
            ("wx", 16),
            ("wy", 8),
            ("tm", 4),
            ("tn", 4),
            ("vec_n", if shape(signature).n.is_multiple_of(4) { 4 } else { 1 }),
            ("vec_k", 1),
            ("stage_a", 1),
            ("stage_b", 1),
            ("share_a", 0),
            ("bk", 16),
            ("pad", 0),
            ("unroll", 4),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    /// Software loads from buffers lane by lane, so what all lanes of a subgroup need is loaded by them together, and tiles are as
    /// large as compile times allow.
    fn starts(&self, signature: &Signature, device: &DeviceFacts, space: &Space) -> Vec<Config> {
        if !device.is_software() {
            return Vec::new();
        }
        let shape = shape(signature);
        let lanes = sharing(device).into_iter().filter(|lanes| *lanes <= MOST_SHARED).max().unwrap_or(0);
        let shared = |tm, tn| (lanes > 0).then_some([lanes.max(8), 1, tm, tn, lanes, 2]);
        let tiles = [shared(64, 8), shared(32, 16), shared(32, 4), Some([16, 16, 16, 32, 0, 1])];
        let fits = |[wx, wy, tm, tn, ..]: &[i64; 6]| {
            ((wy * tm) as u64) < 2 * shape.m.max(8) && ((wx * tn) as u64) < 2 * shape.n.max(8)
        };
        let wish = |[wx, wy, tm, tn, lanes, unroll]: [i64; 6]| {
            [
                ("wx", wx),
                ("wy", wy),
                ("tm", tm),
                ("tn", tn),
                ("vec_n", if shape.n.is_multiple_of(4) { 4 } else { 1 }),
                ("vec_k", 1),
                ("stage_a", 0),
                ("stage_b", 0),
                ("share_a", lanes),
                ("bk", lanes.max(4)),
                ("pad", 0),
                ("unroll", unroll),
                ("baked", 1),
                ("packed", 0),
            ]
        };
        tiles.into_iter().flatten().filter(fits).take(STARTS).filter_map(|tile| closest(space, &wish(tile))).collect()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let shape = shape(signature);
        let values = Values::new(signature, &shape, config);
        let (wx, wy) = (config.int("wx"), config.int("wy"));
        let code = SOURCE.render(&values);
        let (bm, bn) = (wy * config.int("tm"), wx * config.int("tn"));
        let grid = [format!("ceil(n/{bn})"), format!("ceil(m/{bm})"), "b".to_owned()];
        let inputs = signature.inputs.len();
        Ok(Program::single(kernel(code, &UNIFORMS, &values.buffers, [wx, wy, 1], grid), inputs, 1))
    }
}

/// Workgroup memory of the slabs of A and B.
fn staged_bytes([wx, wy, tm, tn, vec_n, stage_a, stage_b, bk, pad]: [i64; 9]) -> i64 {
    4 * bk * (stage_a * (wy * tm + pad) + stage_b * (wx * tn + pad * vec_n))
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 3],
    buffers: Buffers,
    functions: Vec<&'static str>,
    /// Statements for each group of columns.
    epilogue: Vec<Vec<String>>,
    a_transposed: bool,
    b_transposed: bool,
    size_m: String,
    size_n: String,
    size_k: String,
    /// Whether tiles reach beyond the rows or columns of C, slabs beyond K, and the unrolled body beyond K.
    guard_m: bool,
    guard_n: bool,
    guard_k: bool,
    tail: bool,
    wx: i64,
    wy: i64,
    tm: i64,
    tn: i64,
    vec_n: i64,
    vec_k: i64,
    stage_a: bool,
    stage_b: bool,
    share_a: i64,
    bk: i64,
    pad: i64,
    unroll: i64,
}

impl Values {
    fn new(signature: &Signature, shape: &Shape, config: &Config) -> Self {
        let int = |name| config.int(name);
        let (stage_a, stage_b, share_a) = (int("stage_a") == 1, int("stage_b") == 1, int("share_a"));
        let (bm, bn) = ((int("wy") * int("tm")) as u64, (int("wx") * int("tn")) as u64);
        let baked = int("baked") == 1;
        let size = |name: &str, value: u64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let divides = |tile: u64, size: u64| baked && size.is_multiple_of(tile);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let groups = int("tn") / int("vec_n");
        let statements = |j| epilogue.statements(&format!("load_bias(column_{j})"), "load_residual(index)");
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, shape, config),
            functions: epilogue.functions(),
            epilogue: (0..groups).map(statements).collect(),
            a_transposed: shape.a_transposed,
            b_transposed: shape.b_transposed,
            size_m: size("m", shape.m),
            size_n: size("n", shape.n),
            size_k: size("k", shape.k),
            guard_m: !divides(bm, shape.m),
            guard_n: !divides(bn, shape.n),
            guard_k: (stage_a || stage_b || share_a > 0) && !divides(int("bk") as u64, shape.k),
            tail: !divides(int("unroll") as u64, shape.k),
            wx: int("wx"),
            wy: int("wy"),
            tm: int("tm"),
            tn: int("tn"),
            vec_n: int("vec_n"),
            vec_k: int("vec_k"),
            stage_a,
            stage_b,
            share_a,
            bk: int("bk"),
            pad: int("pad"),
            unroll: int("unroll"),
        }
    }
}

/// A and B as wide as they are loaded, everything shaped like C's rows as wide as its vectors.
fn buffers(signature: &Signature, shape: &Shape, config: &Config) -> Buffers {
    let (vec_n, vec_k) = (config.int("vec_n"), config.int("vec_k"));
    let a_width = if shape.a_transposed { 1 } else { vec_k };
    let b_width = if shape.b_transposed { vec_k } else { vec_n };
    let widths = [a_width, b_width].into_iter().chain(std::iter::repeat(vec_n));
    let packed = config.int("packed") == 1;
    let read = signature.inputs.iter().zip(widths);
    let buffers = read.fold(Buffers::default(), |all, (tensor, width)| all.read(tensor, width, packed));
    buffers.write(&signature.outputs[0], vec_n, packed)
}
