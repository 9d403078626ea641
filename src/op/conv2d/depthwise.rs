//! The depthwise convolution: strips of pixels in registers, rows of the input loaded once for all that they reach.

use std::collections::BTreeMap;

use serde::Serialize;

use super::naive::{Filter, UNIFORMS};
use super::shape::Shape;
use crate::base::{DeviceFacts, TensorSpec};
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, MOST_ACCUMULATORS, MOST_STATEMENTS, closest, kernel, log2, packings, tiles, waste};
use crate::op::repack::Transposition;
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate =
    WgslTemplate::new("conv2d/depthwise", include_str!("../../../templates/conv2d/depthwise.wgsl"));

/// Invocations of the default's workgroups.
const USUAL_INVOCATIONS: u64 = 64;

/// Pixels of the default's strips, along and across rows.
const USUAL_STRIP: [u64; 2] = [4, 2];

pub struct Depthwise;

impl Template for Depthwise {
    fn name(&self) -> &str {
        "conv2d/depthwise"
    }

    fn about(&self) -> &str {
        "for g = c: a strip of pixels per invocation, the filter slides over rows in registers"
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        shape.types.accumulator.is_float() && shape.groups == shape.c && shape.filter[1] as i64 <= MOST_STATEMENTS
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup);
        let most = limits.workgroup_size.map(i64::from);
        let storage = i64::from(limits.workgroup_storage_bytes);
        let [height, width] = shape.out.map(|size| size as i64);
        let [filter_h, filter_w] = shape.filter.map(|size| size as i64);
        let (row, stride_w, images) = (shape.w as i64, shape.stride[1] as i64, shape.n as i64);
        let (channels, multiplier) = (shape.o as i64, (shape.o / shape.c) as i64);
        let nhwc = shape.nhwc;
        let (patch, staged, edges) = (shape.clone(), shape.clone(), shape.clone());
        let statements =
            move |tw: i64, th: i64, unroll: i64| tw * th * filter_w * if unroll == 1 { filter_h } else { 1 };
        let [vec, vec_xy] = if nhwc { [&[1, 2, 4][..], &[1]] } else { [&[1][..], &[1, 2, 4]] };
        Space::builder()
            .param("wx", "invocations along the width", [1, 2, 4, 8, 16, 32])
            .param("wy", "invocations along the height", [1, 2, 4, 8, 16])
            .param("wc", "invocations along the channels", [1, 2, 4, 8, 16, 32, 64])
            .param("tw", "neighbouring pixels per invocation", [1, 2, 4, 7, 8])
            .param("th", "rows of pixels per invocation", [1, 2, 4, 7, 8])
            .param("vec", "channels per vector", vec.to_vec())
            .param("vec_x", "neighbouring pixels per load", vec_xy.to_vec())
            .param("vec_y", "neighbouring pixels per store", vec_xy.to_vec())
            .param("prepack", "weights laid out for vectors of channels, once", if nhwc { vec![0, 1] } else { vec![0] })
            .param("stage", "patch of the input in workgroup memory", [0, 1])
            .param("interior", "a way without checks where there is no padding", [0, 1])
            .param("unroll", "all of the filter unrolled, not only its rows", [0, 1])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
            .rule("fewer than 16 invocations leave every GPU idle", ["wx", "wy", "wc"], |[x, y, c]| x * y * c >= 16)
            .rule("more invocations than a workgroup may have", ["wx", "wy", "wc"], move |[x, y, c]| {
                let size = if nhwc { [c, x, y] } else { [x, y, c] };
                x * y * c <= invocations && size.iter().zip(most).all(|(size, most)| *size <= most)
            })
            .rule("channels are no multiple of the vectors", ["vec"], move |[vec]| channels % vec == 0)
            .rule("a vector's channels have different inputs, not neighbouring ones", ["vec"], move |[vec]| {
                multiplier == 1 || multiplier % vec == 0
            })
            .rule("rows of the input are no multiple of the loads", ["vec_x"], move |[vec_x]| row % vec_x == 0)
            .rule("strips begin within a load", ["tw", "vec_x"], move |[tw, vec_x]| tw * stride_w % vec_x == 0)
            .rule("rows of the output are no multiple of the stores", ["vec_y"], move |[vec_y]| width % vec_y == 0)
            .rule("strips are no multiple of the stores", ["tw", "vec_y"], |[tw, vec_y]| tw % vec_y == 0)
            .rule("more accumulators than registers", ["tw", "th", "vec"], |[tw, th, vec]| {
                tw * th * vec <= MOST_ACCUMULATORS
            })
            .rule("an unrolled body of too many statements", ["tw", "th", "unroll"], move |[tw, th, unroll]| {
                statements(tw, th, unroll) <= MOST_STATEMENTS
            })
            .rule("a filter of one row is unrolled as it stands", ["unroll"], move |[unroll]| {
                unroll == 1 || filter_h > 1
            })
            .rule("a staged patch is filled by single pixels", ["stage", "vec_x"], |[stage, vec_x]| {
                stage == 0 || vec_x == 1
            })
            .rule("a staged patch has its padding in it", ["stage", "interior"], |[stage, interior]| {
                stage == 0 || interior == 0
            })
            .rule(
                "nothing lies outside, so that all is interior",
                ["interior", "wx", "wy", "tw", "th", "baked"],
                move |[interior, wx, wy, tw, th, baked]| {
                    interior == 0 || checks(&edges, baked == 1, [wy * th, wx * tw]).contains(&true)
                },
            )
            .rule(
                "more workgroup memory than the device has",
                ["wx", "wy", "wc", "tw", "th", "vec", "stage"],
                move |values| staged_bytes(&patch, values) <= storage,
            )
            .feature("log2 of invocations", ["wx", "wy", "wc"], |[wx, wy, wc]| log2(wx * wy * wc))
            .feature("log2 of outputs per invocation", ["tw", "th", "vec"], |[tw, th, vec]| log2(tw * th * vec))
            .feature("log2 of the tile's columns", ["wx", "tw"], |[wx, tw]| log2(wx * tw))
            .feature("log2 of the tile's rows", ["wy", "th"], |[wy, th]| log2(wy * th))
            .feature("log2 of the tile's channels", ["wc", "vec"], |[wc, vec]| log2(wc * vec))
            .feature("log2 of workgroups", ["wx", "wy", "wc", "tw", "th", "vec"], move |[wx, wy, wc, tw, th, vec]| {
                log2(images * tiles(width, wx * tw) * tiles(height, wy * th) * tiles(channels, wc * vec))
            })
            .feature("log2 of the waste", ["wx", "wy", "wc", "tw", "th", "vec"], move |[wx, wy, wc, tw, th, vec]| {
                waste(width, wx * tw) + waste(height, wy * th) + waste(channels, wc * vec)
            })
            .feature("log2 of statements", ["tw", "th", "unroll"], move |[tw, th, unroll]| {
                log2(statements(tw, th, unroll))
            })
            .feature("log2 of bytes staged", ["wx", "wy", "wc", "tw", "th", "vec", "stage"], move |values| {
                log2(1 + staged_bytes(&staged, values))
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    /// As many invocations along each direction as there is work for.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let vec = if shape.nhwc && shape.o.is_multiple_of(4) { 4 } else { 1 };
        let across = |size: u64, most: u64| size.next_power_of_two().clamp(1, most);
        let [wx, wy, wc] = if shape.nhwc {
            let wc = across(shape.o / vec, USUAL_INVOCATIONS / 4);
            let wx = across(shape.out[1].div_ceil(USUAL_STRIP[0]), USUAL_INVOCATIONS / wc);
            [wx, across(shape.out[0].div_ceil(USUAL_STRIP[1]), USUAL_INVOCATIONS / wc / wx), wc]
        } else {
            let wx = across(shape.out[1].div_ceil(USUAL_STRIP[0]), 16);
            let wy = across(shape.out[0].div_ceil(USUAL_STRIP[1]), USUAL_INVOCATIONS / wx);
            [wx, wy, across(shape.o, USUAL_INVOCATIONS / wx / wy)]
        };
        let wish = [
            ("wx", wx as i64),
            ("wy", wy as i64),
            ("wc", wc as i64),
            ("tw", USUAL_STRIP[0] as i64),
            ("th", USUAL_STRIP[1] as i64),
            ("vec", vec as i64),
            ("vec_x", 4),
            ("vec_y", 4),
            ("prepack", 1),
            ("stage", 0),
            ("interior", 0),
            ("unroll", 1),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let shape = shape(signature);
        let values = Values::new(signature, &shape, config);
        let [wx, wy, wc] = ["wx", "wy", "wc"].map(|name| config.int(name));
        let size = if shape.nhwc { [wc, wx, wy] } else { [wx, wy, wc] };
        let grid = [
            format!("ceil(ow/{})", wx * config.int("tw")),
            format!("ceil(oh/{})", wy * config.int("th")),
            format!("n*ceil(o/{})", wc * config.int("vec")),
        ];
        let kernel = kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid);
        if config.int("prepack") == 1 {
            let columns = shape.filter[0] * shape.filter[1];
            let order = Transposition { blocks: None, rows: "shape.o".to_owned(), columns };
            return Ok(order.before(kernel, signature, config.int("packed") == 1));
        }
        Ok(Program::single(kernel, signature.inputs.len(), 1))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Whether tiles of [rows, columns] can reach beyond the output, in each direction.
fn guards(shape: &Shape, baked: bool, tile: [i64; 2]) -> [bool; 2] {
    [0, 1].map(|i| !(baked && shape.out[i].is_multiple_of(tile[i] as u64)))
}

/// Whether a row, and whether a column, that a tile reads can lie outside the input.
fn checks(shape: &Shape, baked: bool, tile: [i64; 2]) -> [bool; 2] {
    let guards = guards(shape, baked, tile);
    [0, 1].map(|i| shape.padding[i] > 0 || guards[i])
}

/// Workgroup memory of the patch of the input.
fn staged_bytes(shape: &Shape, [wx, wy, wc, tw, th, vec, stage]: [i64; 7]) -> i64 {
    let size = |tile: i64, i: usize| {
        (tile - 1) * shape.stride[i] as i64 + (shape.filter[i] as i64 - 1) * shape.dilation[i] as i64 + 1
    };
    4 * stage * wc * vec * size(wy * th, 0) * size(wx * tw, 1)
}

/// A row of the input, with what becomes of it.
#[derive(Serialize)]
struct Row {
    /// Rows below the strip's first.
    offset: u64,
    /// The row of the filter that is used here for the first time.
    weights: Option<u64>,
    uses: Vec<Use>,
}

/// A row of the filter carries a row of the input to a row of the output.
#[derive(Serialize)]
struct Use {
    output: u64,
    filter: u64,
}

/// The rows of the input that `th` output rows read, from above.
fn rows(shape: &Shape, th: u64) -> Vec<Row> {
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    for output in 0..th {
        for filter in 0..shape.filter[0] {
            let offset = output * shape.stride[0] + filter * shape.dilation[0];
            let row = rows.entry(offset).or_insert_with(|| Row { offset, weights: None, uses: Vec::new() });
            row.weights = row.weights.or((output == 0).then_some(filter));
            row.uses.push(Use { output, filter });
        }
    }
    rows.into_values().collect()
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 6],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    biased: bool,
    #[serde(flatten)]
    filter: Filter,
    nhwc: bool,
    /// Output channels of each input channel.
    multiplier: u64,
    size_c: String,
    size_h: String,
    size_w: String,
    size_o: String,
    size_oh: String,
    size_ow: String,
    /// The rows of the input that an invocation reads.
    rows: Vec<Row>,
    /// The loads of such a row, counted from the first.
    vectors: Vec<u64>,
    /// Columns between the first load's first and the strip's first.
    lead: u64,
    /// Rows, and loads of a row, from the first to the last that an invocation reads.
    span_h: u64,
    span_w: u64,
    /// Whether positions can lie outside the input, and tiles reach beyond the output and the channels.
    check_x: bool,
    check_y: bool,
    guard_x: bool,
    guard_y: bool,
    guard_c: bool,
    x_width: i64,
    wx: i64,
    wy: i64,
    wc: i64,
    tw: i64,
    th: i64,
    vec: i64,
    vec_x: i64,
    vec_y: i64,
    prepack: bool,
    stage: bool,
    interior: bool,
    unroll: bool,
}

impl Values {
    fn new(signature: &Signature, shape: &Shape, config: &Config) -> Self {
        let int = |name| config.int(name);
        let is = |name| config.int(name) == 1;
        let size = |name: &str, value: u64| if is("baked") { format!("{value}u") } else { format!("shape.{name}") };
        let tile = [int("wy") * int("th"), int("wx") * int("tw")];
        let [check_y, check_x] = checks(shape, is("baked"), tile);
        let [guard_y, guard_x] = guards(shape, is("baked"), tile);
        let whole_c = is("baked") && shape.o.is_multiple_of((int("wc") * int("vec")) as u64);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let rows = rows(shape, int("th") as u64);
        let vec_x = int("vec_x") as u64;
        let lead = shape.padding[1].next_multiple_of(vec_x) - shape.padding[1];
        let vectors = vectors(shape, int("tw") as u64, lead, vec_x);
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, shape, config),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("own_bias", "load_residual(index)"),
            biased: epilogue.inputs.iter().any(|input| input.name == "bias"),
            filter: Filter::of(shape),
            nhwc: shape.nhwc,
            multiplier: shape.o / shape.c,
            size_c: size("c", shape.c),
            size_h: size("h", shape.h),
            size_w: size("w", shape.w),
            size_o: size("o", shape.o),
            size_oh: size("oh", shape.out[0]),
            size_ow: size("ow", shape.out[1]),
            span_h: rows[rows.len() - 1].offset + 1,
            span_w: vectors[vectors.len() - 1] + 1,
            rows,
            vectors,
            lead,
            check_x,
            check_y,
            guard_x,
            guard_y,
            guard_c: !whole_c,
            x_width: x_width(shape, config),
            wx: int("wx"),
            wy: int("wy"),
            wc: int("wc"),
            tw: int("tw"),
            th: int("th"),
            vec: int("vec"),
            vec_x: int("vec_x"),
            vec_y: int("vec_y"),
            prepack: is("prepack"),
            stage: is("stage"),
            interior: is("interior"),
            unroll: is("unroll"),
        }
    }
}

/// The loads that `tw` neighbouring pixels need from a row.
fn vectors(shape: &Shape, tw: u64, lead: u64, vec_x: u64) -> Vec<u64> {
    let of_pixel = |p: u64| (0..shape.filter[1]).map(move |fw| p * shape.stride[1] + fw * shape.dilation[1]);
    let mut vectors: Vec<u64> = (0..tw).flat_map(of_pixel).map(|offset| (lead + offset) / vec_x).collect();
    vectors.sort_unstable();
    vectors.dedup();
    vectors
}

/// Elements of one load of the input: where a vector of channels has one input channel, that one alone.
fn x_width(shape: &Shape, config: &Config) -> i64 {
    match (shape.nhwc, shape.o == shape.c) {
        (false, _) => config.int("vec_x"),
        (true, true) => config.int("vec"),
        (true, false) => 1,
    }
}

fn buffers(signature: &Signature, shape: &Shape, config: &Config) -> Buffers {
    let (vec, packed) = (config.int("vec"), config.int("packed") == 1);
    let width = |tensor: &TensorSpec| match tensor.name.as_str() {
        "x" => x_width(shape, config),
        "w" if config.int("prepack") == 1 => vec,
        "w" => 1,
        "bias" => vec,
        _ => vec * config.int("vec_y"),
    };
    let read = signature.inputs.iter().fold(Buffers::default(), |all, tensor| all.read(tensor, width(tensor), packed));
    read.write(&signature.outputs[0], width(&signature.outputs[0]), packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_applies_where_there_is_something_to_choose() {
        let cases = [
            ("c6h9w9o6k3g6", true),
            ("c1h9w9o4k3", true),
            ("c6h9w9o12k3g6", true),
            ("c6h9w9o6k3g3", false),
            ("c2h300w300o2kh300kw256g2", true),
            ("c2h300w300o2kh3kw257g2", false),
        ];
        for (dims, want) in cases {
            let signature = crate::op::resolve(&format!("conv2d:f32:n1{dims}")).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(Depthwise.applies(&signature), want, "{dims}");
            if want {
                let space = Depthwise.space(&signature, &DeviceFacts::portable());
                assert!(Depthwise.default(&signature, &space).is_some(), "{dims}: the space is empty");
            }
        }
    }

    /// Two output rows of a filter of three share two of four input rows.
    #[test]
    fn rows_know_what_becomes_of_them() {
        let cases = [
            ("k3", 2, vec!["0: w0, 0-0", "1: w1, 0-1, 1-0", "2: w2, 0-2, 1-1", "3: 1-2"]),
            ("k2d3", 1, vec!["0: w0, 0-0", "3: w1, 0-1"]),
            ("k2s4", 2, vec!["0: w0, 0-0", "1: w1, 0-1", "4: 1-0", "5: 1-1"]),
        ];
        for (dims, th, want) in cases {
            let signature = crate::op::resolve(&format!("conv2d:f32:n1c2h9w9o2{dims}g2")).unwrap();
            let text = |row: &Row| {
                let weights = row.weights.map(|filter| format!("w{filter}"));
                let uses = row.uses.iter().map(|it| format!("{}-{}", it.output, it.filter));
                format!("{}: {}", row.offset, weights.into_iter().chain(uses).collect::<Vec<_>>().join(", "))
            };
            let got: Vec<String> = rows(&shape(&signature), th).iter().map(text).collect();
            assert_eq!(got, want, "{dims}");
        }
    }
}
