//! The convolution with a filter of one pixel: a matrix product of the tensors as they lie.

use serde::Serialize;

use super::deal::Deal;
use super::passes::{Packing, Passes, Split};
use super::product::{Extent, Staged, features, last, rules, tile, unrolling_rule};
use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, closest, kernel, log2, tiles};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space, SpaceBuilder};

static SOURCE: WgslTemplate =
    WgslTemplate::new("conv2d/pointwise", include_str!("../../../templates/conv2d/pointwise.wgsl"));

const UNIFORMS: [&str; 5] = ["n", "c", "o", "oh", "ow"];

pub struct Pointwise;

impl Template for Pointwise {
    fn name(&self) -> &str {
        "conv2d/pointwise"
    }

    fn about(&self) -> &str {
        "for a filter of one pixel: a matrix product of the tensors as they lie"
    }

    /// With a stride, padding or groups the tensors are no longer matrices as they lie.
    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        let is_float = shape.types.accumulator.is_float();
        is_float && shape.filter == [1, 1] && shape.stride == [1, 1] && shape.padding == [0, 0] && shape.groups == 1
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let extent = Extent::of_matrices(&shape);
        let builder = tile(Space::builder(), device)
            .param("vec", "columns per vector: pixels in NCHW, channels in NHWC", [1, 2, 4])
            .param("stage_a", "slab of the factor with the rows in workgroup memory", [0, 1])
            .param("stage_b", "slab of the factor with the columns in workgroup memory", [0, 1])
            .param("bk", "length of a slab along the sum", [4, 8, 16, 32])
            .param("pad", "unused vectors after each row of a staged tile", [0, 1])
            .param("vec_k", "input channels per load of the factor with the rows", [1, 2, 4])
            .param("vec_r", "rows per vector of its staged tile", [1, 2, 4])
            .param("unroll", "steps of the sum in the loop body", [1, 2, 4, 8, 16]);
        let builder = rules(last(builder, &shape, device), extent, usize::from(shape.nhwc), device);
        let builder = staging_rules(unrolling_rule(vector_rules(builder, &shape), device), &shape, device);
        let nhwc = shape.nhwc;
        let channels_in = shape.c as i64;
        features(builder, extent)
            .feature("log2 of statements", ["tp", "to", "vec", "unroll"], |[tp, to, vec, unroll]| {
                log2(tp * to / vec * unroll)
            })
            .feature("log2 of bytes staged", STAGED, move |values| log2(1 + staged_bytes(nhwc, values)))
            .feature("log2 of slabs of a share", ["bk", "split"], move |[bk, split]| {
                log2(tiles(tiles(channels_in, bk), split))
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let columns = if shape.nhwc { shape.o } else { shape.out[0] * shape.out[1] };
        let wish = [
            ("wp", if shape.nhwc { 8 } else { 16 }),
            ("wo", if shape.nhwc { 16 } else { 8 }),
            ("tp", 4),
            ("to", 4),
            ("vec", if columns.is_multiple_of(4) { 4 } else { 1 }),
            ("stage_a", 1),
            ("stage_b", 1),
            ("bk", 16),
            ("pad", 0),
            ("vec_k", if shape.c.is_multiple_of(4) { 4 } else { 1 }),
            ("vec_r", 4),
            ("unroll", 4),
            ("prefetch", 0),
            ("stages", 1),
            ("split", 1),
            ("band", 1),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let shape = shape(signature);
        let int = |name| config.int(name);
        let passes = Passes {
            signature,
            shape: &shape,
            packing: shape.nhwc.then_some(Packing::ChannelOuter),
            split: Split { parts: int("split"), width: int("vec") },
            packed: int("packed") == 1,
        };
        let values = Values::new(&passes, config);
        let (bp, bo) = (int("wp") * int("tp"), int("wo") * int("to"));
        let pixels = if shape.nhwc { format!("ceil(n*oh*ow/{bp})") } else { format!("n*ceil(oh*ow/{bp})") };
        let grid = [pixels, format!("ceil(o/{bo})"), int("split").to_string()];
        let size = [values.wc, values.wr, 1];
        Ok(passes.program(kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid)))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// What belongs to the rows and what to the columns, of what belongs to pixels and channels.
fn rows_and_columns(nhwc: bool, pixels: i64, channels: i64) -> [i64; 2] {
    if nhwc { [pixels, channels] } else { [channels, pixels] }
}

/// What the vectors must fit.
fn vector_rules(builder: SpaceBuilder, shape: &Shape) -> SpaceBuilder {
    let nhwc = shape.nhwc;
    let channels_in = shape.c as i64;
    let [_, columns] = rows_and_columns(nhwc, (shape.out[0] * shape.out[1]) as i64, shape.o as i64);
    builder
        .rule("columns are no multiple of the vectors", ["vec"], move |[vec]| columns % vec == 0)
        .rule("a tile's columns are no multiple of the vectors", ["tp", "to", "vec"], move |[tp, to, vec]| {
            rows_and_columns(nhwc, tp, to)[1] % vec == 0
        })
        .rule("a tile's rows are no multiple of the vectors", ["tp", "to", "vec_r"], move |[tp, to, vec_r]| {
            rows_and_columns(nhwc, tp, to)[0] % vec_r == 0
        })
        .rule("input channels are no multiple of the loads", ["vec_k"], move |[vec_k]| channels_in % vec_k == 0)
        .rule("the slab is no multiple of the loop body", ["bk", "unroll"], |[bk, unroll]| bk % unroll == 0)
        .rule(
            "the loop body is no multiple of the loads along the sum",
            ["unroll", "vec_k", "stage_a"],
            |[unroll, vec_k, stage_a]| stage_a == 1 || unroll % vec_k == 0,
        )
}

/// What staging must fit: slabs the sum, shares the registers of each invocation, tiles the workgroup memory.
fn staging_rules(builder: SpaceBuilder, shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    let storage = i64::from(device.limits.workgroup_storage_bytes);
    let (nhwc, channels_in) = (shape.nhwc, shape.c as i64);
    builder
        .rule("more than half of a slab is empty", ["bk"], move |[bk]| bk == 4 || bk < 2 * channels_in)
        .rule("more shares of a sum than it has slabs", ["bk", "split"], move |[bk, split]| {
            split == 1 || split <= tiles(channels_in, bk)
        })
        .rule("rows that are not staged are loaded one by one", ["stage_a", "vec_r"], |[stage_a, vec_r]| {
            stage_a == 1 || vec_r == 1
        })
        .rule(
            "without staging, padding, prefetching and stages mean nothing",
            ["stage_a", "stage_b", "pad", "prefetch", "stages"],
            |[a, b, pad, prefetch, stages]| a + b > 0 || (pad + prefetch == 0 && stages == 1),
        )
        .rule(
            "more staged by an invocation than it has registers for",
            ["wp", "wo", "tp", "to", "vec", "stage_a", "stage_b", "bk", "vec_k", "vec_r", "prefetch"],
            move |[wp, wo, tp, to, vec, stage_a, stage_b, bk, vec_k, vec_r, prefetch]| {
                let [rows, columns] = rows_and_columns(nhwc, wp * tp, wo * to);
                let staged = [(stage_a, staged_a(rows, bk, vec_r, vec_k)), (stage_b, staged_b(columns, bk, vec))];
                staged.into_iter().filter(|(stage, _)| *stage == 1).all(|(_, staged)| {
                    staged.fits(wp * wo) && (prefetch == 0 || staged.can_be_prefetched(wp * wo, tp * to))
                })
            },
        )
        .rule("more workgroup memory than the device has", STAGED, move |values| staged_bytes(nhwc, values) <= storage)
}

/// Neighbours stage steps of the sum, which lie side by side in the rows of A.
fn staged_a(rows: i64, bk: i64, vec_r: i64, vec_k: i64) -> Staged {
    Staged { places: [bk / vec_k, rows / vec_r], values: vec_r * vec_k }
}

/// Neighbours stage columns, which lie side by side in B.
fn staged_b(columns: i64, bk: i64, vec: i64) -> Staged {
    Staged { places: [columns / vec, bk], values: vec }
}

const STAGED: [&str; 11] = ["wp", "wo", "tp", "to", "vec", "stage_a", "stage_b", "bk", "pad", "vec_r", "stages"];

/// Workgroup memory of the slabs of A and B.
fn staged_bytes(nhwc: bool, [wp, wo, tp, to, vec, stage_a, stage_b, bk, pad, vec_r, stages]: [i64; 11]) -> i64 {
    let [rows, columns] = rows_and_columns(nhwc, wp * tp, wo * to);
    4 * stages * bk * (stage_a * (rows + pad * vec_r) + stage_b * (columns + pad * vec))
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 5],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    nhwc: bool,
    size_k: String,
    rows: String,
    columns: String,
    images: String,
    /// Whether there are several products: one for each image of NCHW.
    batched: bool,
    /// Whether tiles and slabs reach beyond rows, columns and sum.
    guard_r: bool,
    guard_c: bool,
    guard_k: bool,
    a_deal: Deal,
    b_deal: Deal,
    /// Invocations along rows and columns, and the rows and columns of each.
    wr: i64,
    wc: i64,
    tr: i64,
    tc: i64,
    vec: i64,
    stage_a: bool,
    stage_b: bool,
    bk: i64,
    pad: i64,
    vec_k: i64,
    vec_r: i64,
    unroll: i64,
    prefetch: bool,
    stages: i64,
    split: i64,
    band: i64,
}

impl Values {
    fn new(passes: &Passes, config: &Config) -> Self {
        let (shape, signature) = (passes.shape, passes.signature);
        let int = |name| config.int(name);
        let [wr, wc] = rows_and_columns(shape.nhwc, int("wp"), int("wo"));
        let [tr, tc] = rows_and_columns(shape.nhwc, int("tp"), int("to"));
        let (vec, vec_k, vec_r, bk) = (int("vec"), int("vec_k"), int("vec_r"), int("bk"));
        let baked = int("baked") == 1;
        let divides = |tile: i64, size: i64| baked && size % tile == 0;
        let extent = Extent::of_matrices(shape);
        let [rows, columns] = rows_and_columns(shape.nhwc, extent.pixels, extent.channels);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let whole = int("split") == 1;
        let statements = || epilogue.statements("load_bias(channel)", "load_residual(index)");
        let size = |text: &str, value: i64| if baked { format!("{value}u") } else { text.to_owned() };
        let pixels = if shape.nhwc { "shape.n * shape.oh * shape.ow" } else { "shape.oh * shape.ow" };
        let (size_pixels, size_o) = (size(pixels, extent.pixels), size("shape.o", extent.channels));
        let widths = if shape.nhwc { [vec_k, vec, vec, vec] } else { [vec, vec_k, 1, vec] };
        let [size_rows, size_columns] = if shape.nhwc { [size_pixels, size_o] } else { [size_o, size_pixels] };
        Self {
            uniforms: UNIFORMS,
            buffers: passes.main_buffers(widths),
            functions: if whole { epilogue.functions() } else { Vec::new() },
            epilogue: if whole { statements() } else { Vec::new() },
            nhwc: shape.nhwc,
            size_k: size("shape.c", shape.c as i64),
            rows: size_rows,
            columns: size_columns,
            images: size("shape.n", shape.n as i64),
            batched: !(shape.nhwc || baked && shape.n == 1),
            guard_r: !divides(wr * tr, rows),
            guard_c: !divides(wc * tc, columns),
            guard_k: !divides(bk, shape.c as i64),
            a_deal: Deal::new(wr * wc, staged_a(wr * tr, bk, vec_r, vec_k).places),
            b_deal: Deal::new(wr * wc, staged_b(wc * tc, bk, vec).places),
            wr,
            wc,
            tr,
            tc,
            vec,
            stage_a: int("stage_a") == 1,
            stage_b: int("stage_b") == 1,
            bk,
            pad: int("pad"),
            vec_k,
            vec_r,
            unroll: int("unroll"),
            prefetch: int("prefetch") == 1,
            stages: int("stages"),
            split: int("split"),
            band: int("band"),
        }
    }
}
