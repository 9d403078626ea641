//! The transposed convolution by phases: blocks of stride × stride outputs in registers, no place of the filter tested.

use serde::Serialize;

use super::phase::{Row, Tap, Taps};
use super::shape::Shape;
use crate::base::{DeviceFacts, TensorSpec};
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, MOST_ACCUMULATORS, MOST_STATEMENTS, closest, kernel, log2, packings, tiles, waste};
use crate::op::repack::Transposition;
use crate::op::spatial::{Filter, UNIFORMS};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate =
    WgslTemplate::new("conv2d_transpose/phased", include_str!("../../../templates/conv2d_transpose/phased.wgsl"));

pub struct Phased;

impl Template for Phased {
    fn name(&self) -> &str {
        "conv2d_transpose/phased"
    }

    fn about(&self) -> &str {
        "blocks of stride × stride pixels and channels per invocation, weights laid out for vectors, slabs staged or not"
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        [0, 1].into_iter().any(|rows| {
            rows_are_even(&shape, rows)
                && accumulators(&shape, 1, 1, rows) <= MOST_ACCUMULATORS
                && places(&shape, rows) <= MOST_STATEMENTS
        })
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup);
        let most = limits.workgroup_size.map(i64::from);
        let storage = i64::from(limits.workgroup_storage_bytes);
        let (nhwc, images) = (shape.nhwc, (shape.n * shape.groups) as i64);
        let [channels_in, channels] = [shape.c, shape.o].map(|channels| (channels / shape.groups) as i64);
        let [height, width] = blocks(&shape);
        let (columns, stride_w) = (shape.out[1] as i64, shape.stride[1] as i64);
        let (sums, met, even) = (shape.clone(), shape.clone(), shape.clone());
        let (counted, slabs) = (shape.clone(), Staged::of(&shape));
        let many = [1, 2, 4];
        let [vec_c, vec_y, prepack] =
            if nhwc { [&many[..], &[1], &[0]] } else { [&[1][..], &many, &[0, 1]] }.map(<[i64]>::to_vec);
        Space::builder()
            .param("wx", "invocations along the width", [1, 2, 4, 8, 16, 32])
            .param("wy", "invocations along the height", [1, 2, 4, 8])
            .param("wc", "invocations along the channels", [1, 2, 4, 8, 16, 32])
            .param("tw", "neighbouring blocks per invocation", [1, 2, 4, 8])
            .param("to", "channels per invocation", [1, 2, 4, 8, 16])
            .param("vec", "channels per vector", many)
            .param("vec_c", "input channels per load", vec_c)
            .param("vec_y", "neighbouring pixels per store", vec_y)
            .param("rows", "all rows of a block per invocation, not one per workgroup", [0, 1])
            .param("prepack", "weights laid out for vectors of channels, once", prepack)
            .param("stage_w", "slab of weights in workgroup memory", [0, 1])
            .param("stage_x", "patch of the input in workgroup memory", [0, 1])
            .param("bc", "input channels of a staged slab", [1, 2, 4, 8, 16])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
            .rule("fewer than 16 invocations leave every GPU idle", ["wx", "wy", "wc"], |[x, y, c]| x * y * c >= 16)
            .rule("more invocations than a workgroup may have", ["wx", "wy", "wc"], move |[x, y, c]| {
                let size = if nhwc { [c, x, y] } else { [x, y, c] };
                x * y * c <= invocations && size.iter().zip(most).all(|(size, most)| *size <= most)
            })
            .rule("output channels are no multiple of the vectors", ["vec"], move |[vec]| channels % vec == 0)
            .rule("a tile's channels are no multiple of the vectors", ["to", "vec"], |[to, vec]| to % vec == 0)
            .rule("input channels are no multiple of the loads", ["vec_c"], move |[vec_c]| channels_in % vec_c == 0)
            .rule("rows of the output are no multiple of the stores", ["vec_y"], move |[vec_y]| columns % vec_y == 0)
            .rule("strips are no multiple of the stores", ["tw", "vec_y"], move |[tw, vec_y]| {
                tw * stride_w % vec_y == 0
            })
            .rule("more accumulators than registers", ["tw", "to", "rows"], move |[tw, to, rows]| {
                accumulators(&sums, tw, to, rows) <= MOST_ACCUMULATORS
            })
            .rule(
                "an unrolled body of too many statements",
                ["tw", "to", "vec", "vec_c", "rows"],
                move |[tw, to, vec, vec_c, rows]| tw * (to / vec) * vec_c * places(&met, rows) <= MOST_STATEMENTS,
            )
            .rule("a single row is not looped over", ["rows"], move |[rows]| rows_are_even(&even, rows))
            .rule("without staging, a slab means nothing", ["stage_w", "stage_x", "bc"], |[w, x, bc]| {
                w + x > 0 || bc == 1
            })
            .rule("a slab is no multiple of the loads", ["stage_w", "stage_x", "bc", "vec_c"], |[w, x, bc, vec_c]| {
                w + x == 0 || bc % vec_c == 0
            })
            .rule("a staged patch is filled by single elements", ["stage_x", "vec_c"], |[stage_x, vec_c]| {
                stage_x == 0 || vec_c == 1
            })
            .rule(
                "more workgroup memory than the device has",
                ["wx", "wy", "wc", "tw", "to", "rows", "stage_w", "stage_x", "bc"],
                move |values| slabs.bytes(values) <= storage,
            )
            .feature("log2 of invocations", ["wx", "wy", "wc"], |[wx, wy, wc]| log2(wx * wy * wc))
            .feature("log2 of outputs per invocation", ["tw", "to", "rows"], move |[tw, to, rows]| {
                log2(accumulators(&counted, tw, to, rows))
            })
            .feature("log2 of the tile's blocks", ["wx", "wy", "tw"], |[wx, wy, tw]| log2(wx * wy * tw))
            .feature("log2 of the tile's channels", ["wc", "to"], |[wc, to]| log2(wc * to))
            .feature("log2 of workgroups", ["wx", "wy", "wc", "tw", "to", "rows"], {
                let stride_h = shape.stride[0] as i64;
                move |[wx, wy, wc, tw, to, rows]| {
                    let phases = if rows == 1 { 1 } else { stride_h };
                    log2(images * tiles(width, wx * tw) * tiles(height, wy) * phases * tiles(channels, wc * to))
                }
            })
            .feature("log2 of the waste", ["wx", "wy", "wc", "tw", "to"], move |[wx, wy, wc, tw, to]| {
                waste(width, wx * tw) + waste(height, wy) + waste(channels, wc * to)
            })
            .feature("log2 of statements", ["tw", "to", "vec", "vec_c", "rows"], {
                let shape = shape.clone();
                move |[tw, to, vec, vec_c, rows]| log2(tw * (to / vec) * vec_c * places(&shape, rows))
            })
            .feature(
                "log2 of bytes staged",
                ["wx", "wy", "wc", "tw", "to", "rows", "stage_w", "stage_x", "bc"],
                move |values| log2(1 + slabs.bytes(values)),
            )
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    /// In NHWC neighbouring invocations take neighbouring vectors of channels, as far as there are some.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let vectors = (shape.o / shape.groups).div_ceil(4).next_power_of_two().min(8) as i64;
        let [wy, wc, tw] = if shape.nhwc { [8 / vectors, vectors, 4] } else { [4, 2, 2] };
        let vec = if (shape.o / shape.groups).is_multiple_of(4) { 4 } else { 1 };
        let is_small = shape.stride[0] * shape.stride[1] <= 4;
        let wish = [
            ("wx", 8),
            ("wy", wy),
            ("wc", wc),
            ("tw", tw),
            ("to", 4),
            ("vec", vec),
            ("vec_c", 4),
            ("vec_y", 4),
            ("rows", i64::from(is_small)),
            ("prepack", 1),
            ("stage_w", 0),
            ("stage_x", 0),
            ("bc", 1),
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
        let [stride_h, stride_w] = shape.stride.map(|stride| stride as i64);
        let phases = if config.int("rows") == 1 { 1 } else { stride_h };
        let grid = [
            format!("ceil(ow/{})", wx * config.int("tw") * stride_w),
            format!("{phases}*ceil(oh/{})", wy * stride_h),
            format!("n*{}*ceil(o/{}/{})", shape.groups, shape.groups, wc * config.int("to")),
        ];
        let kernel = kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid);
        if config.int("prepack") == 1 {
            let rows = format!("shape.o / {}u", shape.groups);
            let columns = shape.filter[0] * shape.filter[1];
            let order = Transposition { blocks: Some("shape.c"), rows, columns };
            return Ok(order.before(kernel, signature, config.int("packed") == 1));
        }
        Ok(Program::single(kernel, signature.inputs.len(), 1))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Blocks of stride × stride that cover the output, in each direction.
fn blocks(shape: &Shape) -> [i64; 2] {
    [0, 1].map(|axis| shape.out[axis].div_ceil(shape.stride[axis]) as i64)
}

/// Rows of the filter that a workgroup meets, in a loop where it takes one row of its blocks.
fn met_rows(shape: &Shape, rows: i64) -> i64 {
    (if rows == 1 { shape.filter[0] } else { shape.filter[0].div_ceil(shape.stride[0]) }) as i64
}

/// Whether the rows of the filter that one row of outputs meets are as far apart for all of them, so that a loop finds
/// them, and whether there is something to loop over.
fn rows_are_even(shape: &Shape, rows: i64) -> bool {
    let is_regular = shape.dilation[0] == 1 || shape.stride[0] == 1;
    let is_single = shape.stride[0] == 1 && shape.filter[0] == 1;
    rows == 1 || (is_regular && !is_single)
}

fn accumulators(shape: &Shape, tw: i64, to: i64, rows: i64) -> i64 {
    let block_rows = if rows == 1 { shape.stride[0] } else { 1 };
    tw * to * (shape.stride[1] * block_rows) as i64
}

/// Places of the filter in the unrolled body.
fn places(shape: &Shape, rows: i64) -> i64 {
    (shape.filter[1] * if rows == 1 { shape.filter[0] } else { 1 }) as i64
}

/// From the first to the last row of the input that a row of blocks meets, and the first, counted from the block's own:
/// where a workgroup takes one row of its blocks, the first of all such rows.
fn rows_met(shape: &Shape, rows: i64) -> [i64; 2] {
    if rows == 1 {
        let taps = Taps::along(shape, 0);
        return [taps.span as i64, taps.least];
    }
    let span = (met_rows(shape, 0) - 1) * shape.dilation[0] as i64;
    [span, (shape.padding[0] / shape.stride[0]) as i64 - span]
}

/// What staged tiles hold beside the blocks' own: by `rows`, the rows of the filter and the rows between the first and
/// the last of the input; its columns; the columns of the filter.
#[derive(Clone, Copy)]
struct Staged {
    met_rows: [i64; 2],
    span_h: [i64; 2],
    span_w: i64,
    filter_w: i64,
}

impl Staged {
    fn of(shape: &Shape) -> Self {
        Self {
            met_rows: [0, 1].map(|rows| met_rows(shape, rows)),
            span_h: [0, 1].map(|rows| rows_met(shape, rows)[0]),
            span_w: Taps::along(shape, 1).span as i64,
            filter_w: shape.filter[1] as i64,
        }
    }

    /// Workgroup memory of the slab of weights and the patch of the input.
    fn bytes(&self, [wx, wy, wc, tw, to, rows, stage_w, stage_x, bc]: [i64; 9]) -> i64 {
        let weights = self.met_rows[rows as usize] * self.filter_w * wc * to;
        let patch = (wy + self.span_h[rows as usize]) * (wx * tw + self.span_w);
        4 * bc * (stage_w * weights + stage_x * patch)
    }
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 6],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    #[serde(flatten)]
    filter: Filter,
    nhwc: bool,
    size_c: String,
    size_h: String,
    size_w: String,
    size_oh: String,
    size_ow: String,
    channels_in: String,
    channels_out: String,
    column_taps: Vec<Tap>,
    /// Columns of the input that an invocation loads from a row, counted from the first.
    offsets: Vec<u64>,
    /// By input row; empty where a loop finds them.
    row_taps: Vec<Row>,
    span_h: i64,
    span_w: u64,
    /// From a tile's first block to the first row and column of the input that it meets.
    least_h: i64,
    least_w: i64,
    /// Whether positions can lie outside the input, tiles reach beyond the output, and slabs beyond the channels.
    check_x: bool,
    check_y: bool,
    guard_x: bool,
    guard_y: bool,
    guard_o: bool,
    guard_c: bool,
    wx: i64,
    wy: i64,
    wc: i64,
    tw: i64,
    to: i64,
    vec: i64,
    vec_c: i64,
    vec_y: i64,
    rows: bool,
    prepack: bool,
    stage_w: bool,
    stage_x: bool,
    bc: i64,
}

impl Values {
    fn new(signature: &Signature, shape: &Shape, config: &Config) -> Self {
        let int = |name| config.int(name);
        let is = |name| config.int(name) == 1;
        let size = |name: &str, value: u64| if is("baked") { format!("{value}u") } else { format!("shape.{name}") };
        let part = |name: &str, value: u64| match (is("baked"), shape.groups) {
            (true, groups) => format!("{}u", value / groups),
            (false, 1) => format!("shape.{name}"),
            (false, groups) => format!("shape.{name} / {groups}u"),
        };
        let divides = |tile: i64, size: u64| is("baked") && size.is_multiple_of(tile as u64);
        let tile = [int("wy"), int("wx") * int("tw")];
        let stride = shape.stride.map(|stride| stride as i64);
        let columns = Taps::along(shape, 1);
        let [span_h, least_h] = rows_met(shape, int("rows"));
        // Where the padding is no multiple of the stride, later rows of a block begin one input further.
        let later = i64::from(!is("rows") && !shape.padding[0].is_multiple_of(shape.stride[0]));
        let reach = [(least_h, span_h + later), (columns.least, columns.span as i64)];
        let [check_y, check_x] = [0, 1].map(|axis| !is("baked") || leaves(shape, axis, tile[axis], reach[axis]));
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, shape, config),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(channel)", "load_residual(index)"),
            filter: Filter::of(shape),
            nhwc: shape.nhwc,
            size_c: size("c", shape.c),
            size_h: size("h", shape.h),
            size_w: size("w", shape.w),
            size_oh: size("oh", shape.out[0]),
            size_ow: size("ow", shape.out[1]),
            channels_in: part("c", shape.c),
            channels_out: part("o", shape.o),
            offsets: columns.inputs(int("tw") as u64),
            row_taps: if is("rows") { Taps::along(shape, 0).by_input() } else { Vec::new() },
            span_h,
            span_w: columns.span,
            least_h,
            least_w: columns.least,
            column_taps: columns.all,
            check_x,
            check_y,
            guard_x: !divides(tile[1] * stride[1], shape.out[1]),
            guard_y: !divides(tile[0] * stride[0], shape.out[0]),
            guard_o: !divides(int("wc") * int("to"), shape.o / shape.groups),
            guard_c: !divides(int("bc"), shape.c / shape.groups),
            wx: int("wx"),
            wy: int("wy"),
            wc: int("wc"),
            tw: int("tw"),
            to: int("to"),
            vec: int("vec"),
            vec_c: int("vec_c"),
            vec_y: int("vec_y"),
            rows: is("rows"),
            prepack: is("prepack"),
            stage_w: is("stage_w"),
            stage_x: is("stage_x"),
            bc: int("bc"),
        }
    }
}

/// Whether tiles of so many blocks meet positions outside the input; each block meets those from `least` on, `span`
/// further.
fn leaves(shape: &Shape, axis: usize, tile: i64, (least, span): (i64, i64)) -> bool {
    let last = tiles(blocks(shape)[axis], tile) * tile - 1;
    least < 0 || last + least + span >= [shape.h, shape.w][axis] as i64
}

/// Weights as wide as they are loaded; what is shaped like the output as wide as its stores.
fn buffers(signature: &Signature, shape: &Shape, config: &Config) -> Buffers {
    let (vec, packed) = (config.int("vec"), config.int("packed") == 1);
    let width = |tensor: &TensorSpec| match tensor.name.as_str() {
        "x" => config.int("vec_c"),
        "w" if shape.nhwc || config.int("prepack") == 1 => vec,
        "w" => 1,
        _ if shape.nhwc => vec,
        "bias" => 1,
        _ => config.int("vec_y"),
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
            ("k2s2", true),
            ("k1", true),
            ("k64s32p16", true),
            ("k3s64", true),
            ("k3s65", false),
            ("kh3kw256", true),
            ("kh3kw257", false),
            ("k3s8d3", true),
            ("k3s9d2", false),
            ("k3sh9sw1dh2dw1", true),
        ];
        for (dims, want) in cases {
            let text = format!("conv2d_transpose:f32:n1c3h40w40o5{dims}");
            let signature = crate::op::resolve(&text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(Phased.applies(&signature), want, "{dims}");
            if want {
                let space = Phased.space(&signature, &DeviceFacts::portable());
                assert!(Phased.default(&signature, &space).is_some(), "{dims}: the space is empty");
            }
        }
    }
}
