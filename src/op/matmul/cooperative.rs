//! The matmul by cooperative matrices: subgroups multiply small matrices together, where a device has units for that.

use serde::Serialize;

use super::Shape;
use super::naive::UNIFORMS;
use crate::base::{CooperativeMatrix, DeviceFacts, ElementType};
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, closest, kernel, log2, packings, tiles, waste};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate =
    WgslTemplate::new("matmul/cooperative", include_str!("../../../templates/matmul/cooperative.wgsl"));

/// Most matrices of sums per subgroup. Of 16 × 16 sums each of 32 invocations keeps eight, so these are 128 registers.
const MOST_MATRICES: i64 = 16;

pub struct Cooperative;

impl Template for Cooperative {
    fn name(&self) -> &str {
        "matmul/cooperative"
    }

    fn about(&self) -> &str {
        "by cooperative matrices, on devices that have them: tiles of subgroups, slabs in workgroup memory"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    /// Empty on a device without cooperative matrices that fit the workload's types.
    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let element = shape.types.input;
        let [b, m, n, k] = [shape.batch, shape.m, shape.n, shape.k].map(|size| size as i64);
        let a_side = if shape.a_transposed { m } else { k };
        let b_side = if shape.b_transposed { k } else { n };
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup.min(limits.workgroup_size[0]));
        let storage = i64::from(limits.workgroup_storage_bytes);
        let [smallest, largest] = device.features.subgroup_size.map(i64::from);
        let offered = offered(element, device);
        let sides = [shape.a_transposed, shape.b_transposed];
        Space::builder()
            .param("edge", "rows and columns of a matrix", [8, 16])
            .param(
                "halves",
                "A and B multiplied as f16 instead of f32",
                if is_half(element) { vec![0, 1] } else { vec![0] },
            )
            .param("subgroup", "invocations of a subgroup", [8, 16, 32, 64])
            .param("sg_m", "subgroups along M", [1, 2, 4])
            .param("sg_n", "subgroups along N", [1, 2, 4])
            .param("tm", "matrices per subgroup along M", [1, 2, 4, 8])
            .param("tn", "matrices per subgroup along N", [1, 2, 4, 8])
            .param("bk", "length of a slab along K", [8, 16, 32, 64])
            .param("vec_a", "elements per load of A", [1, 2, 4])
            .param("vec_b", "elements per load of B", [1, 2, 4])
            .param("vec_n", "columns per store", [1, 2, 4])
            .param("pad", "16 unused bytes after each row of a staged tile", [0, 1])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[element], device))
            .rule("the device multiplies no such matrices", ["edge", "halves"], move |[edge, halves]| {
                offered.contains(&[edge, halves])
            })
            .rule("the device's subgroups are not of this one size", ["subgroup"], move |[subgroup]| {
                smallest == largest && [1, subgroup].contains(&smallest)
            })
            .rule("what is multiplied as f16 is stored as f16", ["halves", "packed"], |[halves, packed]| {
                halves + packed < 2
            })
            .rule("more invocations than a workgroup may have", ["subgroup", "sg_m", "sg_n"], move |[s, x, y]| {
                s * x * y <= invocations
            })
            .rule("more sums than registers", ["tm", "tn"], |[tm, tn]| tm * tn <= MOST_MATRICES)
            .rule("the slab is no multiple of the matrices", ["bk", "edge"], |[bk, edge]| bk % edge == 0)
            .rule("A's contiguous side is no multiple of its loads", ["vec_a"], move |[vec]| a_side % vec == 0)
            .rule("B's contiguous side is no multiple of its loads", ["vec_b"], move |[vec]| b_side % vec == 0)
            .rule("N is no multiple of the stores", ["vec_n"], move |[vec]| n % vec == 0)
            .rule("more workgroup memory than the device has", MEMORY, move |values| {
                workgroup_bytes(sides, values) <= storage
            })
            .feature("log2 of subgroups", ["sg_m", "sg_n"], |[x, y]| log2(x * y))
            .feature("log2 of sums per subgroup", ["tm", "tn", "edge"], |[tm, tn, edge]| log2(tm * tn * edge * edge))
            .feature("log2 of products per load", ["tm", "tn"], |[tm, tn]| log2(tm * tn) - log2(tm + tn))
            .feature("log2 of the tile", TILE, |[edge, x, y, tm, tn]| log2(edge * edge * x * y * tm * tn))
            .feature("log2 of the tile's height over its width", ["sg_m", "sg_n", "tm", "tn"], |[x, y, tm, tn]| {
                log2(x * tm) - log2(y * tn)
            })
            .feature("log2 of workgroups", TILE, move |[edge, x, y, tm, tn]| {
                log2(b * tiles(m, edge * x * tm) * tiles(n, edge * y * tn))
            })
            .feature("log2 of the waste", TILE, move |[edge, x, y, tm, tn]| {
                waste(m, edge * x * tm) + waste(n, edge * y * tn)
            })
            .feature("log2 of the waste along K", ["bk"], move |[bk]| waste(k, bk))
            .feature("log2 of workgroup memory", MEMORY, move |values| log2(workgroup_bytes(sides, values)))
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let dividing = |size: u64| if size.is_multiple_of(4) { 4 } else { 1 };
        let wish = [
            ("edge", 16),
            ("halves", 1),
            ("subgroup", 32),
            ("sg_m", 2),
            ("sg_n", 2),
            ("tm", 2),
            ("tn", 2),
            ("bk", 32),
            ("vec_a", dividing(if shape.a_transposed { shape.m } else { shape.k })),
            ("vec_b", dividing(if shape.b_transposed { shape.k } else { shape.n })),
            ("vec_n", dividing(shape.n)),
            ("pad", 1),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let values = Values::new(signature, &shape(signature), config);
        let [bm, bn] = values.tile();
        let grid = [format!("ceil(n/{bn})"), format!("ceil(m/{bm})"), "b".to_owned()];
        let size = [values.subgroup * values.sg_m * values.sg_n, 1, 1];
        let kernel = kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid);
        Ok(Program::single(kernel, signature.inputs.len(), 1))
    }
}

/// What the tile of a workgroup depends on.
const TILE: [&str; 5] = ["edge", "sg_m", "sg_n", "tm", "tn"];

/// What workgroup memory depends on.
const MEMORY: [&str; 8] = ["edge", "sg_m", "sg_n", "tm", "tn", "bk", "pad", "halves"];

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

fn is_half(element: ElementType) -> bool {
    element == ElementType::F16
}

/// The matrices of a device that lose nothing of elements of this type: their edge, and whether they are of f16.
fn offered(element: ElementType, device: &DeviceFacts) -> Vec<[i64; 2]> {
    let fits = |matrix: &&CooperativeMatrix| {
        let square = matrix.m == matrix.n && matrix.n == matrix.k;
        let exact = match matrix.factors {
            ElementType::F32 => true,
            ElementType::F16 => is_half(element) && device.features.f16,
            _ => false,
        };
        square && exact && matrix.sum == ElementType::F32
    };
    let fitting = device.features.cooperative.iter().filter(fits);
    fitting.map(|matrix| [matrix.m.into(), is_half(matrix.factors).into()]).collect()
}

/// Workgroup memory of the slabs of A and B, staged as they lie, and of the rows of C on their way out.
fn workgroup_bytes([a_transposed, b_transposed]: [bool; 2], values: [i64; 8]) -> i64 {
    let [edge, sg_m, sg_n, tm, tn, bk, pad, halves] = values;
    let (bm, bn) = (edge * sg_m * tm, edge * sg_n * tn);
    let bytes = if halves == 1 { 2 } else { 4 };
    let rows = if a_transposed { bk } else { bm } + if b_transposed { bn } else { bk };
    bytes * bk * (bm + bn) + 16 * pad * rows + 4 * sg_m * edge * (bn + 4 * pad)
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 3],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    a_transposed: bool,
    b_transposed: bool,
    size_m: String,
    size_n: String,
    size_k: String,
    /// Whether tiles reach beyond the rows or columns of C, and slabs beyond K.
    guard_m: bool,
    guard_n: bool,
    guard_k: bool,
    /// Whether A and B are multiplied in the type in which they are stored.
    native: bool,
    /// Whether staged tiles are arrays of scalars.
    scalars: bool,
    edge: i64,
    halves: bool,
    subgroup: i64,
    sg_m: i64,
    sg_n: i64,
    tm: i64,
    tn: i64,
    bk: i64,
    vec_a: i64,
    vec_b: i64,
    vec_n: i64,
    pad: i64,
}

impl Values {
    fn new(signature: &Signature, shape: &Shape, config: &Config) -> Self {
        let int = |name| config.int(name);
        let (bm, bn) = (int("edge") * int("sg_m") * int("tm"), int("edge") * int("sg_n") * int("tn"));
        let baked = int("baked") == 1;
        let size = |name: &str, value: u64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let divides = |tile: i64, size: u64| baked && size.is_multiple_of(tile as u64);
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, config),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(column)", "load_residual(index)"),
            a_transposed: shape.a_transposed,
            b_transposed: shape.b_transposed,
            size_m: size("m", shape.m),
            size_n: size("n", shape.n),
            size_k: size("k", shape.k),
            guard_m: !divides(bm, shape.m),
            guard_n: !divides(bn, shape.n),
            guard_k: !divides(int("bk"), shape.k),
            native: is_half(shape.types.input) == (int("halves") == 1),
            scalars: int("edge") == 8,
            edge: int("edge"),
            halves: int("halves") == 1,
            subgroup: int("subgroup"),
            sg_m: int("sg_m"),
            sg_n: int("sg_n"),
            tm: int("tm"),
            tn: int("tn"),
            bk: int("bk"),
            vec_a: int("vec_a"),
            vec_b: int("vec_b"),
            vec_n: int("vec_n"),
            pad: int("pad"),
        }
    }

    /// Rows and columns of a workgroup.
    fn tile(&self) -> [i64; 2] {
        [self.edge * self.sg_m * self.tm, self.edge * self.sg_n * self.tn]
    }
}

/// A and B as wide as they are loaded, everything shaped like C's rows as wide as its stores.
fn buffers(signature: &Signature, config: &Config) -> Buffers {
    let (vec_n, packed) = (config.int("vec_n"), config.int("packed") == 1);
    let widths = [config.int("vec_a"), config.int("vec_b")].into_iter().chain(std::iter::repeat(vec_n));
    let read = signature.inputs.iter().zip(widths);
    let buffers = read.fold(Buffers::default(), |all, (tensor, width)| all.read(tensor, width, packed));
    buffers.write(&signature.outputs[0], vec_n, packed)
}
