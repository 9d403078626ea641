//! The convolution as a matrix product: pixels of all images in a row, and the sum through channels and filter.

use serde::Serialize;

use super::deal::Deal;
use super::direct::residual;
use super::naive::Filter;
use super::passes::{Packing, Passes, Split};
use super::product::{Extent, Staged, features, last, rules, tile, unrolling_rule};
use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, closest, kernel, log2, tiles};
use crate::op::spatial::Geometry;
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space, SpaceBuilder};

static SOURCE: WgslTemplate =
    WgslTemplate::new("conv2d/implicit_gemm", include_str!("../../../templates/conv2d/implicit_gemm.wgsl"));

const UNIFORMS: [&str; 7] = ["n", "c", "h", "w", "o", "oh", "ow"];

pub struct ImplicitGemm;

impl Template for ImplicitGemm {
    fn name(&self) -> &str {
        "conv2d/implicit_gemm"
    }

    fn about(&self) -> &str {
        "a matrix product of weights and pixels that are gathered on the way, sums split or not"
    }

    /// Where each group has one output channel there is no matrix of weights, and nothing to reuse a pixel for.
    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        shape.types.accumulator.is_float() && (shape.groups == 1 || shape.o > shape.groups)
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let extent = Extent::of_groups(&shape);
        let builder = tile(Space::builder(), device)
            .param("vec", "channels per vector", [1, 2, 4])
            .param("prepack", "weights laid out for vectors of channels, once", [0, 1])
            .param("filter_outer", "all channels at each place of the filter in turn", orders(&shape))
            .param("stage_w", "slab of weights in workgroup memory", [0, 1])
            .param("stage_x", "slab of pixels in workgroup memory", [0, 1])
            .param("bk", "length of a slab along the sum", [4, 8, 16, 32])
            .param("pad", "unused vectors after each row of a staged tile", [0, 1])
            .param("vec_k", "input channels per load", if shape.nhwc { vec![1, 2, 4] } else { vec![1] })
            .param("vec_p", "pixels per vector of the staged tile", [1, 2, 4])
            .param("unroll", "steps of the sum in the loop body", [1, 2, 4, 8, 16]);
        let builder = rules(last(builder, &shape, device), extent, usize::from(shape.nhwc), device);
        let builder = staging_rules(unrolling_rule(vector_rules(builder, &shape), device), &shape, device);
        features(builder, extent)
            .feature("log2 of statements", ["tp", "to", "vec", "unroll"], |[tp, to, vec, unroll]| {
                log2(tp * (to / vec) * unroll)
            })
            .feature("log2 of bytes staged", STAGED, |values| log2(1 + staged_bytes(values)))
            .feature("log2 of slabs of a share", ["filter_outer", "bk", "split"], move |[outer, bk, split]| {
                log2(tiles(slabs(&shape, outer == 1, bk), split))
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let (channels_in, channels_out) = (shape.c / shape.groups, shape.o / shape.groups);
        let wish = [
            ("wp", if shape.nhwc { 8 } else { 16 }),
            ("wo", if shape.nhwc { 16 } else { 8 }),
            ("tp", 4),
            ("to", 4),
            ("vec", if channels_out.is_multiple_of(4) { 4 } else { 1 }),
            ("prepack", 1),
            ("filter_outer", i64::from(channels_in >= 16)),
            ("stage_w", 1),
            ("stage_x", 1),
            ("bk", 16),
            ("pad", 0),
            ("vec_k", if channels_in.is_multiple_of(4) && channels_in >= 16 { 4 } else { 1 }),
            ("vec_p", 4),
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
        let packing = if int("filter_outer") == 1 { Packing::FilterOuter } else { Packing::ChannelOuter };
        let passes = Passes {
            signature,
            shape: &shape,
            packing: (int("prepack") == 1).then_some(packing),
            split: Split { parts: int("split"), width: joined(&shape, int("vec")) },
            packed: int("packed") == 1,
        };
        let values = Values::new(&passes, config);
        let size = if shape.nhwc { [int("wo"), int("wp"), 1] } else { [int("wp"), int("wo"), 1] };
        let grid = [
            format!("ceil(n*oh*ow/{})", int("wp") * int("tp")),
            format!("ceil(o/{}/{})", shape.groups, int("wo") * int("to")),
            (shape.groups * int("split") as u64).to_string(),
        ];
        Ok(passes.program(kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid)))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Neighbours that the second pass takes at once: channels as the main pass stores them, or pixels of a plane.
fn joined(shape: &Shape, vec: i64) -> i64 {
    let plane = (shape.out[0] * shape.out[1]) as i64;
    if shape.nhwc { vec } else { [4, 2].into_iter().find(|width| plane % width == 0).unwrap_or(1) }
}

/// The orders of the sum: with a filter of one there is only one.
fn orders(shape: &Shape) -> Vec<i64> {
    if shape.filter == [1, 1] { vec![1] } else { vec![0, 1] }
}

/// How many slabs a whole sum has.
fn slabs(shape: &Shape, filter_outer: bool, bk: i64) -> i64 {
    let (channels, filter) = ((shape.c / shape.groups) as i64, (shape.filter[0] * shape.filter[1]) as i64);
    if filter_outer { tiles(channels, bk) * filter } else { tiles(channels * filter, bk) }
}

/// What the vectors must fit.
fn vector_rules(builder: SpaceBuilder, shape: &Shape) -> SpaceBuilder {
    let channels_in = (shape.c / shape.groups) as i64;
    let channels_out = (shape.o / shape.groups) as i64;
    builder
        .rule("output channels are no multiple of the vectors", ["vec"], move |[vec]| channels_out % vec == 0)
        .rule("a tile's channels are no multiple of the vectors", ["to", "vec"], |[to, vec]| to % vec == 0)
        .rule("input channels are no multiple of the loads", ["vec_k"], move |[vec_k]| channels_in % vec_k == 0)
        .rule("loads of several channels need them in a row", ["vec_k", "filter_outer"], |[vec_k, outer]| {
            vec_k == 1 || outer == 1
        })
        .rule("a tile's pixels are no multiple of the vectors", ["tp", "vec_p"], |[tp, vec_p]| tp % vec_p == 0)
        .rule("the slab is no multiple of the loop body", ["bk", "unroll"], |[bk, unroll]| bk % unroll == 0)
        .rule(
            "the loop body is no multiple of the loads along the sum",
            ["unroll", "vec_k", "stage_x"],
            |[unroll, vec_k, stage_x]| stage_x == 1 || unroll % vec_k == 0,
        )
}

/// What staging must fit: slabs the sum, shares the registers of each invocation, tiles the workgroup memory.
fn staging_rules(builder: SpaceBuilder, shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    let storage = i64::from(device.limits.workgroup_storage_bytes);
    let nhwc = shape.nhwc;
    let channels = (shape.c / shape.groups) as i64;
    let terms = shape.terms() as i64;
    let of_slabs = shape.clone();
    builder
        .rule("more than half of a slab is empty", ["filter_outer", "bk"], move |[outer, bk]| {
            bk == 4 || bk < 2 * if outer == 1 { channels } else { terms }
        })
        .rule("more shares of a sum than it has slabs", ["filter_outer", "bk", "split"], move |[outer, bk, split]| {
            split == 1 || split <= slabs(&of_slabs, outer == 1, bk)
        })
        .rule(
            "an input that is not staged is read at one place of the filter for a whole slab",
            ["filter_outer", "stage_x"],
            |[outer, stage_x]| outer + stage_x > 0,
        )
        .rule("pixels that are not staged are loaded one by one", ["stage_x", "vec_p"], |[stage_x, vec_p]| {
            stage_x == 1 || vec_p == 1
        })
        .rule(
            "without staging, padding, prefetching and stages mean nothing",
            ["stage_w", "stage_x", "pad", "prefetch", "stages"],
            |[w, x, pad, prefetch, stages]| w + x > 0 || (pad + prefetch == 0 && stages == 1),
        )
        .rule(
            "more staged by an invocation than it has registers for",
            ["wp", "wo", "tp", "to", "vec", "prepack", "stage_w", "stage_x", "bk", "vec_k", "vec_p", "prefetch"],
            move |[wp, wo, tp, to, vec, prepack, stage_w, stage_x, bk, vec_k, vec_p, prefetch]| {
                let weights = staged_weights(wo * to / vec, bk, vec, prepack == 1);
                let pixels = staged_pixels(nhwc, wp * tp / vec_p, bk / vec_k, vec_p * vec_k);
                let mut staged = [(stage_w, weights), (stage_x, pixels)].into_iter().filter(|(stage, _)| *stage == 1);
                staged.all(|(_, staged)| {
                    staged.fits(wp * wo) && (prefetch == 0 || staged.can_be_prefetched(wp * wo, tp * to))
                })
            },
        )
        .rule(
            "more pixels staged by an invocation than it can keep the places of",
            ["wp", "wo", "tp", "stage_x", "bk", "vec_k", "vec_p"],
            move |[wp, wo, tp, stage_x, bk, vec_k, vec_p]| {
                let pixels = staged_pixels(nhwc, wp * tp / vec_p, bk / vec_k, vec_p * vec_k);
                stage_x == 0 || pixels.keeps_places(wp * wo, usize::from(nhwc), vec_p)
            },
        )
        .rule("more workgroup memory than the device has", STAGED, move |values| staged_bytes(values) <= storage)
}

/// Neighbours stage vectors of channels side by side where those lie side by side, else steps of the sum.
fn staged_weights(vectors: i64, steps: i64, vec: i64, prepack: bool) -> Staged {
    Staged { places: if prepack { [vectors, steps] } else { [steps, vectors] }, values: vec }
}

/// Neighbours stage what lies side by side in the image: pixels in NCHW, channels in NHWC.
fn staged_pixels(nhwc: bool, vectors: i64, steps: i64, values: i64) -> Staged {
    Staged { places: if nhwc { [steps, vectors] } else { [vectors, steps] }, values }
}

const STAGED: [&str; 11] = ["wp", "wo", "tp", "to", "vec", "stage_w", "stage_x", "bk", "pad", "vec_p", "stages"];

/// Workgroup memory of the slabs of weights and pixels.
fn staged_bytes([wp, wo, tp, to, vec, stage_w, stage_x, bk, pad, vec_p, stages]: [i64; 11]) -> i64 {
    4 * stages * bk * (stage_w * (wo * to + pad * vec) + stage_x * (wp * tp + pad * vec_p))
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 7],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    #[serde(flatten)]
    filter: Filter,
    nhwc: bool,
    #[serde(flatten)]
    sizes: Sizes,
    /// From one pixel of the input to the next, in loads.
    pixel_step: String,
    /// Whether positions can lie outside the input, and tiles and slabs reach beyond pixels, channels and sum.
    check_x: bool,
    check_y: bool,
    guard_p: bool,
    guard_o: bool,
    guard_k: bool,
    w_deal: Deal,
    x_deal: Deal,
    wp: i64,
    wo: i64,
    tp: i64,
    to: i64,
    vec: i64,
    prepack: bool,
    filter_outer: bool,
    stage_w: bool,
    stage_x: bool,
    bk: i64,
    pad: i64,
    vec_k: i64,
    vec_p: i64,
    unroll: i64,
    prefetch: bool,
    stages: i64,
    split: i64,
    band: i64,
}

/// The sizes as constants or uniforms.
#[derive(Serialize)]
struct Sizes {
    size_n: String,
    size_c: String,
    size_h: String,
    size_w: String,
    size_oh: String,
    size_ow: String,
    channels_in: String,
    channels_out: String,
    terms: String,
}

impl Sizes {
    fn new(shape: &Shape, baked: bool) -> Self {
        let size = |name: &str, value: u64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let part = |name: &str, value: u64| match (baked, shape.groups) {
            (true, groups) => format!("{}u", value / groups),
            (false, 1) => format!("shape.{name}"),
            (false, groups) => format!("shape.{name} / {groups}u"),
        };
        let channels_in = part("c", shape.c);
        let filter = shape.filter[0] * shape.filter[1];
        Self {
            size_n: size("n", shape.n),
            size_c: size("c", shape.c),
            size_h: size("h", shape.h),
            size_w: size("w", shape.w),
            size_oh: size("oh", shape.out[0]),
            size_ow: size("ow", shape.out[1]),
            terms: if baked { format!("{}u", shape.terms()) } else { format!("{channels_in} * {filter}u") },
            channels_in,
            channels_out: part("o", shape.o),
        }
    }
}

impl Values {
    fn new(passes: &Passes, config: &Config) -> Self {
        let (shape, signature) = (passes.shape, passes.signature);
        let int = |name| config.int(name);
        let (bp, bo, bk) = (int("wp") * int("tp"), int("wo") * int("to"), int("bk"));
        let (vec, vec_k, vec_p) = (int("vec"), int("vec_k"), int("vec_p"));
        let (prepack, filter_outer, split) = (int("prepack") == 1, int("filter_outer") == 1, int("split"));
        let baked = int("baked") == 1;
        let divides = |tile: i64, size: u64| baked && size.is_multiple_of(tile as u64);
        let (channels_in, channels_out) = (shape.c / shape.groups, shape.o / shape.groups);
        let pixels = shape.n * shape.out[0] * shape.out[1];
        let invocations = int("wp") * int("wo");
        let weights = staged_weights(bo / vec, bk, vec, prepack);
        let staged_pixels = staged_pixels(shape.nhwc, bp / vec_p, bk / vec_k, vec_p * vec_k);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let whole = split == 1;
        let statements = || epilogue.statements("load_bias(channel)", &residual(shape, vec));
        let outputs = if shape.nhwc { vec } else { 1 };
        Self {
            uniforms: UNIFORMS,
            buffers: passes.main_buffers([vec_k, if prepack { vec } else { 1 }, vec, outputs]),
            functions: if whole { epilogue.functions() } else { Vec::new() },
            epilogue: if whole { statements() } else { Vec::new() },
            filter: Filter::of(shape),
            nhwc: shape.nhwc,
            sizes: Sizes::new(shape, baked),
            pixel_step: pixel_step(shape, vec_k, baked),
            check_x: shape.padding[1] > 0,
            check_y: shape.padding[0] > 0,
            guard_p: !divides(bp, pixels),
            guard_o: !divides(bo, channels_out),
            guard_k: !divides(bk, if filter_outer { channels_in } else { shape.terms() }),
            w_deal: Deal::new(invocations, weights.places),
            x_deal: Deal::new(invocations, staged_pixels.places),
            wp: int("wp"),
            wo: int("wo"),
            tp: int("tp"),
            to: int("to"),
            vec,
            prepack,
            filter_outer,
            stage_w: int("stage_w") == 1,
            stage_x: int("stage_x") == 1,
            bk,
            pad: int("pad"),
            vec_k,
            vec_p,
            unroll: int("unroll"),
            prefetch: int("prefetch") == 1,
            stages: int("stages"),
            split,
            band: int("band"),
        }
    }
}

fn pixel_step(shape: &Shape, vec_k: i64, baked: bool) -> String {
    match (shape.nhwc, baked) {
        (false, _) => "1u".to_owned(),
        (true, true) => format!("{}u", shape.c / vec_k as u64),
        (true, false) => format!("(size_c / {vec_k}u)"),
    }
}
