//! The programs: filters are transformed once; then tiles are transformed, multiplied and transformed back, by three
//! kernels with temporaries between them or by one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::transforms::Transforms;
use super::{Shape, shape, tiles_of};
use crate::base::{ElementType, TensorSpec};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Formula, Kernel, Program, Temporary};
use crate::op::Signature;
use crate::op::conv2d::direct::residual;
use crate::op::kernel::{Buffers, kernel};
use crate::space::Config;

macro_rules! source {
    ($name:literal) => {
        WgslTemplate::new(
            concat!("conv2d/winograd_", $name),
            include_str!(concat!("../../../../templates/conv2d/winograd_", $name, ".wgsl")),
        )
    };
}

static FILTER: WgslTemplate = source!("filter");
static INPUT: WgslTemplate = source!("input");
static PRODUCTS: WgslTemplate = source!("products");
static OUTPUT: WgslTemplate = source!("output");
static FUSED: WgslTemplate = source!("fused");

const UNIFORMS: [&str; 7] = ["n", "c", "h", "w", "o", "oh", "ow"];

/// Columns of the products are padded to whole vectors of this length, so that every load is one.
const VECTOR: u64 = 4;

/// Invocations of a workgroup that transforms filters.
const FILTER_WORKGROUP: i64 = 64;

pub(super) fn emit(transforms: &Transforms, is_fused: bool, signature: &Signature, config: &Config) -> Program {
    let shape = shape(signature);
    let form = Form::new(transforms, is_fused, signature, config);
    let writer = Writer { form, sizes: Formulas::of(transforms, &shape, is_fused), signature, shape, config };
    if is_fused { writer.fused() } else { writer.apart() }
}

/// What all texts are made from; macros are given it as a whole.
#[derive(Serialize)]
struct Form {
    uniforms: [&'static str; 7],
    nhwc: bool,
    fused: bool,
    /// Results of a tile, and points of a transform, in each direction.
    tile: usize,
    points: usize,
    padding_h: u64,
    padding_w: u64,
    /// Expressions for sizes, by their names.
    sizes: BTreeMap<&'static str, String>,
    /// Whether positions can lie outside the input, and tiles of results reach beyond the output.
    check_x: bool,
    check_y: bool,
    guard_x: bool,
    guard_y: bool,
    /// Whether workgroups reach beyond the products, or the channels and tiles, along wy and wx; slabs beyond the input
    /// channels; and the unrolled body beyond them.
    guard_wy: bool,
    guard_wx: bool,
    guard_c: bool,
    tail: bool,
    of_taps: Vec<String>,
    of_pixels: Vec<String>,
    of_results: Vec<String>,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    /// The parameters of the form.
    #[serde(flatten)]
    values: BTreeMap<String, i64>,
}

impl Form {
    fn new(transforms: &Transforms, is_fused: bool, signature: &Signature, config: &Config) -> Self {
        let (shape, int, tile) = (shape(signature), |name| config.int(name), transforms.tile() as u64);
        let baked = int("baked") == 1;
        let divides = |part: i64, size: u64| baked && size.is_multiple_of(part as u64);
        let [whole_y, whole_x] = shape.out.map(|size| divides(tile as i64, size));
        let tiles = tiles_of(&shape, transforms);
        let [rows, columns] = if shape.nhwc { [tiles, shape.o] } else { [shape.o, tiles] };
        let (along_wy, along_wx) = match is_fused {
            true => ((int("wy") * int("vec"), shape.o), (int("wx"), tiles)),
            false => ((int("wy") * int("tm"), rows), (int("wx") * int("tn"), columns.next_multiple_of(VECTOR))),
        };
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let lanes = int(if is_fused { "vec" } else { "vt" });
        let values = config.values().into_iter().filter_map(|(name, value)| Some((name, value.as_int()?)));
        Self {
            uniforms: UNIFORMS,
            nhwc: shape.nhwc,
            fused: is_fused,
            tile: transforms.tile(),
            points: transforms.points(),
            padding_h: shape.padding[0],
            padding_w: shape.padding[1],
            sizes: sizes(&shape, tile, baked),
            check_x: shape.padding[1] > 0 || !whole_x,
            check_y: shape.padding[0] > 0 || !whole_y,
            guard_x: !whole_x,
            guard_y: !whole_y,
            guard_wy: !divides(along_wy.0, along_wy.1),
            guard_wx: !divides(along_wx.0, along_wx.1),
            guard_c: !divides(int("bk"), shape.c),
            tail: !is_fused && !divides(int("unroll"), shape.c),
            of_taps: transforms.of_taps(),
            of_pixels: transforms.of_pixels(),
            of_results: transforms.of_results(),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(channel)", &residual(&shape, lanes)),
            values: values.collect(),
        }
    }
}

/// Each size as a constant, or as an expression over the uniform block.
fn sizes(shape: &Shape, tile: u64, baked: bool) -> BTreeMap<&'static str, String> {
    let along = |name: &str| format!("((shape.{name} + {}u) / {tile}u)", tile - 1);
    let padded = |size: &str| format!("({size} + {}u) / {VECTOR}u * {VECTOR}u", VECTOR - 1);
    let tiles = format!("shape.n * {} * {}", along("oh"), along("ow"));
    let [height, width] = shape.out.map(|size| size.div_ceil(tile));
    let count = shape.n * height * width;
    let named = |name: &str| format!("shape.{name}");
    let all = [
        ("size_c", named("c"), shape.c),
        ("size_h", named("h"), shape.h),
        ("size_w", named("w"), shape.w),
        ("size_o", named("o"), shape.o),
        ("size_oh", named("oh"), shape.out[0]),
        ("size_ow", named("ow"), shape.out[1]),
        ("tiles_x", along("ow"), width),
        ("tiles_y", along("oh"), height),
        ("tiles", tiles.clone(), count),
        ("padded_tiles", padded(&tiles), count.next_multiple_of(VECTOR)),
        ("padded_o", padded("shape.o"), shape.o.next_multiple_of(VECTOR)),
    ];
    all.into_iter().map(|(name, text, size)| (name, if baked { format!("{size}u") } else { text })).collect()
}

/// A form with the buffers of one kernel.
#[derive(Serialize)]
struct Text<'a> {
    form: &'a Form,
    buffers: &'a Buffers,
}

/// Sizes that grids and temporaries are made of, as formulas.
struct Formulas {
    /// Points of a transform in both directions.
    points: usize,
    /// Tiles of all images.
    tiles: String,
    /// Rows and columns of the products of one point, the columns padded to whole vectors.
    rows: String,
    columns: String,
    /// Elements of the transformed filters and tiles for one point.
    filters: String,
    pixels: String,
}

impl Formulas {
    fn of(transforms: &Transforms, shape: &Shape, is_fused: bool) -> Self {
        let tile = transforms.tile();
        let tiles = format!("n*ceil(oh/{tile})*ceil(ow/{tile})");
        let padded = |size: &str| format!("ceil({size}/{VECTOR})*{VECTOR}");
        let [rows, columns] = if shape.nhwc { [tiles.clone(), padded("o")] } else { ["o".to_owned(), padded(&tiles)] };
        let filters = if shape.nhwc || is_fused { format!("c*{}", padded("o")) } else { "c*o".to_owned() };
        let pixels = if shape.nhwc { format!("c*{tiles}") } else { format!("c*{columns}") };
        Self { points: transforms.points() * transforms.points(), tiles, rows, columns, filters, pixels }
    }

    /// A temporary of f32, so many elements for each point. Whatever the storage, no transformed value can overflow.
    fn temporary(&self, name: &str, elements: &str) -> Temporary {
        let bytes: Formula = format!("{}*{elements}", 4 * self.points).parse().expect("a product of sizes");
        Temporary { name: name.to_owned(), bytes }
    }
}

/// Writes the programs of one config.
struct Writer<'a> {
    form: Form,
    sizes: Formulas,
    signature: &'a Signature,
    shape: Shape,
    config: &'a Config,
}

/// The temporaries, by their numbers: transformed filters, transformed tiles, and their products.
const FILTERS: BufferRef = BufferRef::Temporary(0);
const PIXELS: BufferRef = BufferRef::Temporary(1);
const SUMS: BufferRef = BufferRef::Temporary(2);

impl Writer<'_> {
    fn apart(self) -> Program {
        let sizes = &self.sizes;
        let temporaries = vec![
            sizes.temporary("filters", &sizes.filters),
            sizes.temporary("pixels", &sizes.pixels),
            sizes.temporary("sums", &format!("{}*{}", sizes.rows, sizes.columns)),
        ];
        let run = vec![
            Dispatch { kernel: 1, buffers: vec![BufferRef::Input(0), PIXELS] },
            Dispatch { kernel: 2, buffers: vec![FILTERS, PIXELS, SUMS] },
            Dispatch { kernel: 3, buffers: self.with_epilogue(&[SUMS]) },
        ];
        let kernels = vec![self.filter_kernel(), self.input_kernel(), self.products_kernel(), self.output_kernel()];
        Program { kernels, temporaries, prepare: vec![self.prepare()], run, routine: None }
    }

    fn fused(self) -> Program {
        let temporaries = vec![self.sizes.temporary("filters", &self.sizes.filters)];
        let run = vec![Dispatch { kernel: 1, buffers: self.with_epilogue(&[BufferRef::Input(0), FILTERS]) }];
        let kernels = vec![self.filter_kernel(), self.fused_kernel()];
        Program { kernels, temporaries, prepare: vec![self.prepare()], run, routine: None }
    }

    fn prepare(&self) -> Dispatch {
        Dispatch { kernel: 0, buffers: vec![BufferRef::Input(1), FILTERS] }
    }

    /// The buffers of the kernel that stores the results: its own, what the epilogue reads, the output.
    fn with_epilogue(&self, own: &[BufferRef]) -> Vec<BufferRef> {
        let added = (2..self.signature.inputs.len()).map(BufferRef::Input);
        own.iter().copied().chain(added).chain([BufferRef::Output(0)]).collect()
    }

    fn filter_kernel(&self) -> Kernel {
        let buffers =
            Buffers::default().read(&self.signature.inputs[1], 1, self.is_packed()).write(&values("filters"), 1, false);
        self.kernel(&FILTER, buffers, [FILTER_WORKGROUP, 1, 1], linear(format!("o*c/{FILTER_WORKGROUP}")))
    }

    fn input_kernel(&self) -> Kernel {
        let (vt, wt) = (self.config.int("vt"), self.config.int("wt"));
        let buffers = Buffers::default().read(&self.signature.inputs[0], vt, self.is_packed()).write(
            &values("pixels"),
            vt,
            false,
        );
        self.kernel(&INPUT, buffers, [wt, 1, 1], linear(format!("{}*{}/{wt}", vectors("c", vt), self.sizes.tiles)))
    }

    fn products_kernel(&self) -> Kernel {
        let int = |name| self.config.int(name);
        let [of_filters, of_tiles] = if self.shape.nhwc { [int("vec"), 1] } else { [1, int("vec")] };
        let buffers = Buffers::default()
            .read(&values("filters"), of_filters, false)
            .read(&values("pixels"), of_tiles, false)
            .write(&values("sums"), int("vec"), false);
        let Formulas { rows, columns, points, .. } = &self.sizes;
        let grid = [
            format!("ceil({columns}/{})", int("wx") * int("tn")),
            format!("ceil({rows}/{})", int("wy") * int("tm")),
            points.to_string(),
        ];
        self.kernel(&PRODUCTS, buffers, [int("wx"), int("wy"), 1], grid)
    }

    fn output_kernel(&self) -> Kernel {
        let (vt, wt) = (self.config.int("vt"), self.config.int("wt"));
        let buffers = self.storing(Buffers::default().read(&values("sums"), vt, false), vt);
        self.kernel(&OUTPUT, buffers, [wt, 1, 1], linear(format!("{}*{}/{wt}", vectors("o", vt), self.sizes.tiles)))
    }

    fn fused_kernel(&self) -> Kernel {
        let int = |name| self.config.int(name);
        let (wx, wy, vec) = (int("wx"), int("wy"), int("vec"));
        let read = Buffers::default().read(&self.signature.inputs[0], 1, self.is_packed()).read(
            &values("filters"),
            vec,
            false,
        );
        let grid = [format!("ceil({}/{wx})", self.sizes.tiles), format!("ceil(o/{})", wy * vec), "1".to_owned()];
        self.kernel(&FUSED, self.storing(read, vec), [wx, wy, 1], grid)
    }

    /// The buffers of the epilogue and the output, added: vectors of channels are contiguous in NHWC alone.
    fn storing(&self, own: Buffers, channels: i64) -> Buffers {
        let width = |tensor: &TensorSpec| if self.shape.nhwc || tensor.name == "bias" { channels } else { 1 };
        let added = &self.signature.inputs[2..];
        let read = added.iter().fold(own, |all, tensor| all.read(tensor, width(tensor), self.is_packed()));
        let output = &self.signature.outputs[0];
        read.write(output, width(output), self.is_packed())
    }

    fn is_packed(&self) -> bool {
        self.config.int("packed") == 1
    }

    fn kernel(&self, source: &WgslTemplate, buffers: Buffers, size: [i64; 3], grid: [String; 3]) -> Kernel {
        let code = source.render(Text { form: &self.form, buffers: &buffers });
        kernel(code, &UNIFORMS, &buffers, size, grid)
    }
}

/// How many vectors a number of channels makes.
fn vectors(channels: &str, length: i64) -> String {
    if length == 1 { channels.to_owned() } else { format!("{channels}/{length}") }
}

/// A grid along one direction, of a quotient rounded up.
fn linear(quotient: String) -> [String; 3] {
    [format!("ceil({quotient})"), "1".to_owned(), "1".to_owned()]
}

/// Transformed values, which are f32 whatever the storage is.
fn values(name: &str) -> TensorSpec {
    TensorSpec::new(name, ElementType::F32, &[])
}
