//! The direct convolution: pixels and channels in registers, weights prepacked or not, slabs staged or not.

use serde::Serialize;

use super::naive::{Filter, UNIFORMS};
use super::passes::{Packing, Passes, Split};
use super::shape::Shape;
use crate::base::{DeviceFacts, TensorSpec};
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{
    Buffers, MostUnrolled, closest, kernel, least_invocations, log2, most_unrolled, packings, sharing, tiles, up_to,
    waste,
};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("conv2d/direct", include_str!("../../../templates/conv2d/direct.wgsl"));

/// What a workgroup's tile is made of.
const TILE: [&str; 6] = ["wx", "wy", "wz", "th", "tw", "to"];

/// Most registers that hold a lane's share of a patch: dilated and strided filters reach far.
const MOST_HELD: i64 = 64;

pub struct Direct;

impl Template for Direct {
    fn name(&self) -> &str {
        "conv2d/direct"
    }

    fn about(&self) -> &str {
        "a tile of pixels and channels per invocation, weights prepacked, slabs staged or not"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let channels = (shape.o / shape.groups) as i64;
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup);
        let most = i64::from(limits.workgroup_size[0]);
        let storage = i64::from(limits.workgroup_storage_bytes);
        let [filter_h, filter_w] = shape.filter.map(|size| size as i64);
        let (patch, staged, shared) = (shape.clone(), shape.clone(), shape.clone());
        let [height, width] = shape.out.map(|size| size as i64);
        let images = (shape.n * shape.groups) as i64;
        let sharing = sharing(device);
        let shares = sharing.len() > 1;
        let positions = move |unroll: i64| [1, filter_w, filter_w * filter_h][unroll as usize];
        let MostUnrolled { accumulators, statements, stores } = most_unrolled(device);
        let least = least_invocations(device);
        // Software has few vectors to fill and no memory accesses to join: lanes may be channels alone. Elsewhere that pays only
        // where they share pixels.
        let [narrowest, deepest, most_rows, most_pixels, most_channels] =
            if device.is_software() { [1, 16, 7, 16, 64] } else { [4, 8, 4, 8, 16] };
        Space::builder()
            .param("wx", "invocations along the width", up_to(32).into_iter().filter(|wx| *wx >= narrowest || shares))
            .param("wy", "invocations along the height", up_to(8))
            .param("wz", "invocations along the channels", up_to(deepest.max(sharing[sharing.len() - 1])))
            .param("th", "rows of pixels per invocation", [1, 2, 4, 7].into_iter().filter(|th| *th <= most_rows))
            .param(
                "tw",
                "pixels of a row per invocation",
                [1, 2, 4, 7, 8, 14, 16].into_iter().filter(|tw| *tw <= most_pixels),
            )
            .param("to", "channels per invocation", up_to(most_channels))
            .param("vec", "channels per vector", [1, 2, 4])
            .param("prepack", "weights laid out for vectors of channels, once", [0, 1])
            .param("stage_w", "slab of weights in workgroup memory", [0, 1])
            .param("stage_x", "patch of the input in workgroup memory", [0, 1])
            .param("share_x", "lanes that share a patch of the input in registers, or 0", sharing)
            .param("bc", "input channels of a staged slab", [1, 2, 4, 8])
            .param("pad", "unused elements after each row of a staged tile", [0, 1])
            .param("unroll", "filter loops unrolled, from the inner one", [0, 1, 2])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
            .rule("so few invocations leave the device idle", ["wx", "wy", "wz"], move |[x, y, z]| x * y * z >= least)
            .rule("more invocations than a workgroup may have", ["wx", "wy", "wz"], move |[x, y, z]| {
                x * y * z <= invocations.min(most)
            })
            .rule("neighbours that join no accesses to memory", ["wx", "wz", "share_x"], move |[wx, wz, share]| {
                share > 0 || (wx >= narrowest && wz <= deepest)
            })
            .rule("lanes that do not share all their pixels", ["wx", "wy", "wz", "share_x"], |[wx, wy, wz, share]| {
                share == 0 || (wx == 1 && wy == 1 && wz % share == 0)
            })
            .rule(
                "shared pixels are known by name in an unrolled filter alone",
                ["unroll", "share_x"],
                move |[u, share]| share == 0 || u == 2 || (u == 1 && filter_h == 1),
            )
            .rule(
                "more registers for a shared patch than there are",
                ["th", "tw", "share_x"],
                move |[th, tw, share]| {
                    let [h, w] = patch_size(&shared, th, tw);
                    share == 0 || tiles(h * w, share) <= MOST_HELD
                },
            )
            .rule("a patch is staged or shared, not both", ["stage_x", "share_x"], |[stage, share]| {
                stage == 0 || share == 0
            })
            .rule("output channels are no multiple of the vectors", ["vec"], move |[vec]| channels % vec == 0)
            .rule("a tile's channels are no multiple of the vectors", ["to", "vec"], |[to, vec]| to % vec == 0)
            .rule("more accumulators than registers", ["th", "tw", "to"], move |[th, tw, to]| {
                th * tw * to <= accumulators
            })
            .rule(
                "an unrolled body of too many statements",
                ["th", "tw", "to", "vec", "unroll"],
                move |[th, tw, to, vec, unroll]| th * tw * (to / vec) * (positions(unroll) + stores) <= statements,
            )
            .rule("a filter row of one is unrolled as it stands", ["unroll"], move |[unroll]| match unroll {
                0 => filter_w > 1,
                2 => filter_h > 1,
                _ => true,
            })
            .rule(
                "without staging, slab and padding mean nothing",
                ["stage_w", "stage_x", "bc", "pad"],
                |[w, x, bc, pad]| w + x > 0 || (bc == 1 && pad == 0),
            )
            .rule(
                "more workgroup memory than the device has",
                ["wx", "wy", "wz", "th", "tw", "to", "vec", "stage_w", "stage_x", "bc", "pad"],
                move |values| staged_bytes(&patch, values) <= storage,
            )
            .feature("log2 of invocations", ["wx", "wy", "wz"], |[wx, wy, wz]| log2(wx * wy * wz))
            .feature("log2 of outputs per invocation", ["th", "tw", "to"], |[th, tw, to]| log2(th * tw * to))
            .feature("log2 of products per load", ["th", "tw", "to"], |[th, tw, to]| {
                log2(th * tw * to) - log2(th * tw + to)
            })
            .feature("log2 of the tile's pixels", ["wx", "wy", "th", "tw"], |[wx, wy, th, tw]| log2(wx * wy * th * tw))
            .feature("log2 of the tile's channels", ["wz", "to"], |[wz, to]| log2(wz * to))
            .feature("log2 of workgroups", TILE, move |[wx, wy, wz, th, tw, to]| {
                log2(images * tiles(width, wx * tw) * tiles(height, wy * th) * tiles(channels, wz * to))
            })
            .feature("log2 of the waste", TILE, move |[wx, wy, wz, th, tw, to]| {
                waste(width, wx * tw) + waste(height, wy * th) + waste(channels, wz * to)
            })
            .feature("log2 of statements", ["th", "tw", "to", "vec", "unroll"], move |[th, tw, to, vec, unroll]| {
                log2(th * tw * (to / vec) * positions(unroll))
            })
            .feature(
                "log2 of bytes staged",
                ["wx", "wy", "wz", "th", "tw", "to", "vec", "stage_w", "stage_x", "bc", "pad"],
                move |values| log2(1 + staged_bytes(&staged, values)),
            )
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let channels = shape(signature).o / shape(signature).groups;
        let wish = [
            ("wx", 8),
            ("wy", 4),
            ("wz", 2),
            ("th", 1),
            ("tw", 2),
            ("to", 4),
            ("vec", if channels.is_multiple_of(4) { 4 } else { 1 }),
            ("prepack", 1),
            ("stage_w", 0),
            ("stage_x", 0),
            ("share_x", 0),
            ("bc", 1),
            ("pad", 0),
            ("unroll", 1),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    /// Software loads from buffers lane by lane: so lanes are channels, whose vectors of weights meet many pixels, and a subgroup
    /// loads the pixels together.
    fn starts(&self, signature: &Signature, device: &DeviceFacts, space: &Space) -> Vec<Config> {
        if !device.is_software() {
            return Vec::new();
        }
        let shape = shape(signature);
        let channels = shape.o / shape.groups;
        let vec = if channels.is_multiple_of(4) { 4 } else { 1 };
        let lanes = sharing(device).into_iter().max().unwrap_or(0);
        let wz = lanes.max(8);
        let fits = |[th, tw, to]: &[i64; 3]| {
            let tile = [*th, *tw, wz * to].map(|side| side as u64);
            tile.into_iter().zip([shape.out[0], shape.out[1], channels]).all(|(tile, size)| tile < 2 * size.max(4))
        };
        let wish = |[th, tw, to]: [i64; 3]| {
            [
                ("wx", 1),
                ("wy", 1),
                ("wz", wz),
                ("th", th),
                ("tw", tw),
                ("to", to),
                ("vec", vec),
                ("prepack", 1),
                ("stage_w", 0),
                ("stage_x", 0),
                ("share_x", lanes),
                ("bc", 1),
                ("pad", 0),
                ("unroll", if shape.filter[0] > 1 { 2 } else { 1 }),
                ("baked", 1),
                ("packed", 0),
            ]
        };
        let tiles = [[7, 7, vec], [4, 8, 2 * vec]];
        tiles.into_iter().filter(fits).filter_map(|tile| closest(space, &wish(tile))).collect()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let shape = shape(signature);
        let values = Values::new(signature, &shape, config);
        let size = ["wx", "wy", "wz"].map(|name| config.int(name));
        let tile = |i: usize, name| size[i] * config.int(name);
        let (bw, bh, bo) = (tile(0, "tw"), tile(1, "th"), tile(2, "to"));
        let grid = [
            format!("ceil(ow/{bw})"),
            format!("ceil(oh/{bh})"),
            format!("n*{}*ceil(o/{}/{bo})", shape.groups, shape.groups),
        ];
        let workgroup = [size.iter().product(), 1, 1];
        let kernel = kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, workgroup, grid);
        let passes = Passes {
            signature,
            shape: &shape,
            packing: (config.int("prepack") == 1).then_some(Packing::ChannelOuter),
            split: Split::NONE,
            packed: config.int("packed") == 1,
        };
        Ok(passes.program(kernel))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Height and width of the input patch that a tile of `rows` × `columns` output pixels reads.
fn patch_size(shape: &Shape, rows: i64, columns: i64) -> [i64; 2] {
    let size = |tile: i64, i: usize| {
        (tile - 1) * shape.stride[i] as i64 + (shape.filter[i] as i64 - 1) * shape.dilation[i] as i64 + 1
    };
    [size(rows, 0), size(columns, 1)]
}

/// Workgroup memory of the slab of weights and the patch of the input.
fn staged_bytes(shape: &Shape, [wx, wy, wz, th, tw, to, vec, stage_w, stage_x, bc, pad]: [i64; 11]) -> i64 {
    let [filter_h, filter_w] = shape.filter.map(|size| size as i64);
    let [h, w] = patch_size(shape, wy * th, wx * tw);
    let weights = stage_w * filter_h * filter_w * (wz * to + pad * vec);
    4 * bc * (weights + stage_x * h * (w + pad))
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
    /// Rows below an invocation's first pixel, and columns right of it, that it reads.
    rows: Vec<u64>,
    offsets: Vec<u64>,
    /// Whether positions can lie outside the input, tiles reach beyond the output, and slabs beyond the channels.
    check_x: bool,
    check_y: bool,
    guard_x: bool,
    guard_y: bool,
    guard_o: bool,
    guard_c: bool,
    wx: i64,
    wy: i64,
    wz: i64,
    th: i64,
    tw: i64,
    to: i64,
    vec: i64,
    prepack: bool,
    stage_w: bool,
    stage_x: bool,
    share_x: i64,
    bc: i64,
    pad: i64,
    unroll: i64,
}

impl Values {
    fn new(signature: &Signature, shape: &Shape, config: &Config) -> Self {
        let int = |name| config.int(name);
        let (bw, bo) = (int("wx") * int("tw"), int("wz") * int("to"));
        let baked = int("baked") == 1;
        let size = |name: &str, value: u64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let part = |name: &str, value: u64| match (baked, shape.groups) {
            (true, groups) => format!("{}u", value / groups),
            (false, 1) => format!("shape.{name}"),
            (false, groups) => format!("shape.{name} / {groups}u"),
        };
        let divides = |tile: i64, size: u64| baked && size.is_multiple_of(tile as u64);
        let (whole_x, whole_y) = (divides(bw, shape.out[1]), divides(int("wy") * int("th"), shape.out[0]));
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, shape, config),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(channel)", &residual(shape, int("vec"))),
            filter: Filter::of(shape),
            nhwc: shape.nhwc,
            size_c: size("c", shape.c),
            size_h: size("h", shape.h),
            size_w: size("w", shape.w),
            size_oh: size("oh", shape.out[0]),
            size_ow: size("ow", shape.out[1]),
            channels_in: part("c", shape.c),
            channels_out: part("o", shape.o),
            rows: offsets(shape, 0, int("th") as u64),
            offsets: offsets(shape, 1, int("tw") as u64),
            check_x: shape.padding[1] > 0 || !whole_x,
            check_y: shape.padding[0] > 0 || !whole_y,
            guard_x: !whole_x,
            guard_y: !whole_y,
            guard_o: !divides(bo, shape.o / shape.groups),
            guard_c: !divides(int("bc"), shape.c / shape.groups),
            wx: int("wx"),
            wy: int("wy"),
            wz: int("wz"),
            th: int("th"),
            tw: int("tw"),
            to: int("to"),
            vec: int("vec"),
            prepack: int("prepack") == 1,
            stage_w: int("stage_w") == 1,
            stage_x: int("stage_x") == 1,
            share_x: int("share_x"),
            bc: int("bc"),
            pad: int("pad"),
            unroll: int("unroll"),
        }
    }
}

/// How far from the first the positions lie along an axis (0 down, 1 right) that so many neighbouring outputs read.
fn offsets(shape: &Shape, axis: usize, outputs: u64) -> Vec<u64> {
    let (stride, dilation) = (shape.stride[axis], shape.dilation[axis]);
    let of_output = |p: u64| (0..shape.filter[axis]).map(move |f| p * stride + f * dilation);
    let mut offsets: Vec<u64> = (0..outputs).flat_map(of_output).collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

/// The residual of one vector of channels: contiguous in NHWC, from as many planes in NCHW.
pub(super) fn residual(shape: &Shape, vec: i64) -> String {
    if shape.nhwc || vec == 1 {
        return "load_residual(index)".to_owned();
    }
    let lanes: Vec<String> = (0..vec).map(|lane| format!("load_residual(index + {lane}u * plane)")).collect();
    format!("Value({})", lanes.join(", "))
}

/// Weights as wide as they are loaded; what is shaped like channels or NHWC outputs as wide as their vectors.
fn buffers(signature: &Signature, shape: &Shape, config: &Config) -> Buffers {
    let (vec, packed) = (config.int("vec"), config.int("packed") == 1);
    let weights = if config.int("prepack") == 1 { vec } else { 1 };
    let outputs = if shape.nhwc { vec } else { 1 };
    let width = |tensor: &TensorSpec| match tensor.name.as_str() {
        "x" => 1,
        "w" => weights,
        "bias" => vec,
        _ => outputs,
    };
    let read = signature.inputs.iter().fold(Buffers::default(), |all, tensor| all.read(tensor, width(tensor), packed));
    read.write(&signature.outputs[0], outputs, packed)
}
