//! The skinny matmul: teams of invocations sum along K, so that the long matrix is read once and by all of the device.

use serde::Serialize;

use super::Shape;
use super::skinny::{Dealt, Skinny};
use crate::base::{DeviceFacts, ElementType, TensorSpec};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Formula, Kernel, Program, Temporary};
use crate::op::kernel::{Buffers, MOST_ACCUMULATORS, MOST_STATEMENTS, closest, kernel, log2, packings, tiles, waste};
use crate::op::reduction::{Reduction, has_full_subgroups, reductions};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("matmul/vector", include_str!("../../../templates/matmul/vector.wgsl"));
static SUM: WgslTemplate =
    WgslTemplate::new("matmul/vector_sum", include_str!("../../../templates/matmul/vector_sum.wgsl"));

const UNIFORMS: [&str; 4] = ["b", "m", "n", "k"];

/// Workgroup memory that a tree of partial sums may take: teams with more results reduce them in several rounds.
const REDUCED_BYTES: i64 = 8 << 10;

/// Most stores of an invocation, each with an epilogue of its own: compile time grows with them.
const MOST_STORES: i64 = 32;

/// Invocations of the kernel that adds up the parts of K.
const SUMMING: i64 = 64;

/// Invocations that a GPU of today needs to have enough loads in flight.
const FILLING: i64 = 1 << 16;

pub struct Vector;

impl Template for Vector {
    fn name(&self) -> &str {
        "matmul/vector"
    }

    fn about(&self) -> &str {
        "for at most 16 rows or columns: teams of invocations along K, the long matrix read once"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float() && Skinny::of(&shape(signature)).is_some()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let (skinny, element) = (skinny(signature), signature.workload.types.input);
        let (k, length, count) = (skinny.k, skinny.length, skinny.count);
        let limits = &device.limits;
        let most = i64::from(limits.invocations_per_workgroup.min(limits.workgroup_size[0]));
        let storage = i64::from(limits.workgroup_storage_bytes);
        let full = {
            let device = device.clone();
            move |workgroup| has_full_subgroups(workgroup, &device)
        };
        let widths = if element == ElementType::F16 { vec![1, 2, 4, 8] } else { vec![1, 2, 4] };
        let both_along_k = skinny.along_k && skinny.skinny_along_k;
        let subgroups = if skinny.along_k { reductions(device) } else { vec![0] };
        Space::builder()
            .param("invocations", "invocations of a workgroup", [32, 64, 128, 256, 512, 1024])
            .param("team", "invocations that sum a result together", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
            .param("tile", "rows of the long matrix, or vectors of its columns, per invocation", [1, 2, 4, 8])
            .param("vec", "elements per load of the long matrix", widths.clone())
            .param(
                "vec_skinny",
                "elements per load of the skinny one",
                if both_along_k { widths } else { vec![1, 2, 4] },
            )
            .param("unroll", "steps in the body of the loop along K", [1, 2, 4, 8])
            .param("slab", "bodies whose share of the skinny matrix is staged at once; 0: none", [0, 1, 2, 4])
            .param("split", "parts of K that different workgroups sum", [1, 2, 4, 8, 16, 32, 64])
            .param("subgroups", "teams reduce by subgroup operations", subgroups)
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[element], device))
            .rule("more invocations than a workgroup may have", ["invocations"], move |[all]| all <= most)
            .rule("a team is part of a workgroup", ["invocations", "team"], |[all, team]| team <= all)
            .rule("the long matrix's loads do not divide its contiguous side", ["vec"], move |[vec]| {
                (if skinny.along_k { k } else { length }) % vec == 0
            })
            .rule("the skinny matrix's loads do not divide its contiguous side", ["vec_skinny"], move |[vec]| {
                (if skinny.skinny_along_k { k } else { count }) % vec == 0
            })
            .rule("both matrices lie along K, so a step is a load of each", ["vec", "vec_skinny"], move |[v, s]| {
                !both_along_k || v == s
            })
            .rule("more lines per invocation than there are", ["tile", "vec"], move |[tile, vec]| {
                tile == 1 || tile <= skinny.lines(vec)
            })
            .rule("more accumulators than registers", ["tile", "vec"], move |[tile, vec]| {
                skinny.results(tile, vec) <= MOST_ACCUMULATORS
            })
            .rule("an epilogue written out too often", ["tile", "vec", "vec_skinny"], move |[tile, vec, other]| {
                skinny.stores(tile, vec, other) <= MOST_STORES
            })
            .rule(
                "an unrolled body of too many statements",
                ["tile", "vec", "vec_skinny", "unroll"],
                move |[tile, vec, other, unroll]| unroll * skinny.statements(tile, vec, other) <= MOST_STATEMENTS,
            )
            .rule(
                "members of a team without a step of K",
                ["team", "split", "vec", "vec_skinny"],
                move |[team, split, vec, other]| team * split <= skinny.steps(vec, other).max(1),
            )
            .rule(
                "an unrolled body that never runs",
                ["team", "split", "vec", "vec_skinny", "unroll"],
                move |[team, split, vec, other, unroll]| {
                    unroll == 1 || team * split * unroll <= skinny.steps(vec, other)
                },
            )
            .rule("partial sums would be a fourth of the long matrix", ["split"], move |[split]| {
                split == 1 || 4 * split * count <= k
            })
            .rule("a slab that one team would have for itself", ["invocations", "team", "slab"], |[all, team, slab]| {
                slab == 0 || team < all
            })
            .rule(
                "a slab longer than K",
                ["team", "unroll", "slab", "split", "vec", "vec_skinny"],
                move |[team, unroll, slab, split, vec, other]| {
                    slab <= 1 || team * unroll * slab * split <= skinny.steps(vec, other)
                },
            )
            .rule(
                "teams of several batches cannot share a slab",
                ["invocations", "team", "tile", "vec", "slab"],
                move |[all, team, tile, vec, slab]| {
                    slab == 0 || skinny.batch == 1 || tiles(skinny.lines(vec), tile) % (all / team) == 0
                },
            )
            .rule("nothing to reduce by subgroups", ["team", "subgroups"], |[team, subgroups]| {
                subgroups == 0 || team > 1
            })
            .rule("subgroups that are not full", ["invocations", "subgroups"], move |[all, subgroups]| {
                subgroups == 0 || full(all)
            })
            .rule("more workgroup memory than the device has", MEMORY, move |values| {
                workgroup_bytes(&skinny, values) <= storage
            })
            .feature("log2 of invocations", ["invocations"], |[all]| log2(all))
            .feature("log2 of invocations along K", ["team", "split"], |[team, split]| log2(team * split))
            .feature("log2 of lines at a time", ["invocations", "team"], |[all, team]| log2(all / team))
            .feature("log2 of bytes of a load", ["vec"], move |[vec]| log2(vec * element.bytes() as i64))
            .feature("log2 of loads in flight", ["tile", "unroll"], |[tile, unroll]| log2(tile * unroll))
            .feature("log2 of results per invocation", ["tile", "vec"], move |[t, v]| log2(skinny.results(t, v)))
            .feature(
                "log2 of loads per invocation",
                ["team", "split", "tile", "vec", "vec_skinny"],
                move |[team, split, tile, vec, other]| log2(tile * tiles(skinny.steps(vec, other), team * split)),
            )
            .feature(
                "log2 of workgroups",
                ["invocations", "team", "tile", "vec", "split"],
                move |[all, team, tile, vec, split]| log2(split * tiles(skinny.all_tiles(tile, vec), all / team)),
            )
            .feature("log2 of the waste", ["invocations", "team", "tile", "vec"], move |[all, team, tile, vec]| {
                waste(skinny.lines(vec), tile) + waste(skinny.all_tiles(tile, vec), all / team)
            })
            .feature("log2 of workgroup memory", MEMORY, move |values| log2(1 + workgroup_bytes(&skinny, values)))
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let skinny = skinny(signature);
        let widest = if signature.workload.types.input == ElementType::F16 { 8 } else { 4 };
        let dividing = |size: i64, most: i64| [8, 4, 2].into_iter().find(|v| *v <= most && size % v == 0).unwrap_or(1);
        let vec = dividing(if skinny.along_k { skinny.k } else { skinny.length }, widest);
        let other = match (skinny.along_k, skinny.skinny_along_k) {
            (true, true) => vec,
            (_, true) => dividing(skinny.k, 4),
            (_, false) => dividing(skinny.count, 4),
        };
        let along_k = FILLING / skinny.all_tiles(1, vec).clamp(1, FILLING);
        let team = if skinny.along_k { along_k.clamp(32, 256) } else { along_k.clamp(1, 8) };
        let wish = [
            ("invocations", team.max(128)),
            ("team", team),
            ("tile", 1),
            ("vec", vec),
            ("vec_skinny", other),
            ("unroll", 4),
            ("slab", 0),
            ("split", (along_k / team).clamp(1, 64)),
            ("subgroups", 0),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let dealt = Dealt::from(Dealt::NAMES.map(|name| config.int(name)));
        let values = Values::new(signature, config, &dealt);
        let skinny = skinny(signature);
        let (side, tile) = (if skinny.rows_are_long { "m" } else { "n" }, dealt.tile);
        let lines = if skinny.along_k { side.to_owned() } else { format!("({side}/{})", dealt.vec) };
        let workgroups = format!("ceil(b*ceil({lines}/{tile})/{})", dealt.lanes());
        let grid = [workgroups, dealt.split.to_string(), "1".to_owned()];
        let size = [dealt.invocations, 1, 1];
        let main = kernel(SOURCE.render(&values), &UNIFORMS, &values.buffers, size, grid);
        if dealt.split > 1 {
            return Ok(summed(signature, main, dealt.split, config.int("packed") == 1));
        }
        Ok(Program::single(main, signature.inputs.len(), 1))
    }
}

/// What workgroup memory depends on: the names of [`Dealt`], and how teams reduce.
const MEMORY: [&str; 9] = ["invocations", "team", "tile", "vec", "vec_skinny", "unroll", "slab", "split", "subgroups"];

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

fn skinny(signature: &Signature) -> Skinny {
    Skinny::of(&shape(signature)).expect("the template applies to skinny matmuls alone")
}

/// Workgroup memory of the slab and of the sums that are reduced at a time.
fn workgroup_bytes(skinny: &Skinny, [rest @ .., subgroups]: [i64; 9]) -> i64 {
    let dealt = Dealt::from(rest);
    let (width, sums) = (skinny.sum_width(dealt.vec, dealt.vec_skinny), reduced_at_once(skinny, &dealt, subgroups));
    skinny.staged_bytes(&dealt) + Reduction::bytes([dealt.team, dealt.invocations, subgroups], sums, 4 * width)
}

/// Accumulators of an invocation that are reduced at a time.
fn reduced_at_once(skinny: &Skinny, dealt: &Dealt, subgroups: i64) -> i64 {
    let width = skinny.sum_width(dealt.vec, dealt.vec_skinny);
    let bytes = Reduction::bytes([dealt.team, dealt.invocations, subgroups], 1, 4 * width);
    let sums = skinny.results(dealt.tile, dealt.vec) / width;
    if bytes == 0 { sums } else { (REDUCED_BYTES / bytes).clamp(1, sums) }
}

/// The program in which `main` leaves sums of parts of K, which a second kernel adds up.
fn summed(signature: &Signature, main: Kernel, split: i64, packed: bool) -> Program {
    let shape = shape(signature);
    let width = if shape.n.is_multiple_of(4) { 4 } else { 1 };
    let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
    let partial = partial(&signature.outputs[0]);
    let buffers = Buffers::default().read(&partial, width, false);
    let buffers = signature.inputs[2..].iter().fold(buffers, |all, tensor| all.read(tensor, width, packed));
    let buffers = buffers.write(&signature.outputs[0], width, packed);
    let code = SUM.render(SumValues {
        uniforms: ["b", "m", "n"],
        buffers: &buffers,
        functions: epilogue.functions(),
        epilogue: epilogue.statements("load_bias(index % columns)", "load_residual(index)"),
        invocations: SUMMING,
        split,
        width,
    });
    let grid = [format!("ceil(b*m*n/{})", SUMMING * width), "1".to_owned(), "1".to_owned()];
    let sum = kernel(code, &["b", "m", "n"], &buffers, [SUMMING, 1, 1], grid);
    let bytes: Formula = format!("{}*b*m*n", 4 * split).parse().expect("a product of sizes");
    let parts = [BufferRef::Input(0), BufferRef::Input(1), BufferRef::Temporary(0)];
    let steps = (2..signature.inputs.len()).map(BufferRef::Input);
    let whole = [BufferRef::Temporary(0)].into_iter().chain(steps).chain([BufferRef::Output(0)]);
    Program {
        kernels: vec![main, sum],
        temporaries: vec![Temporary { name: "partial".to_owned(), bytes }],
        run: vec![Dispatch { kernel: 0, buffers: parts.to_vec() }, Dispatch { kernel: 1, buffers: whole.collect() }],
        ..Program::nothing()
    }
}

/// Sums of one part of K, whatever the type of the results.
fn partial(output: &TensorSpec) -> TensorSpec {
    TensorSpec::new("partial", ElementType::F32, &output.shape)
}

#[derive(Serialize)]
struct SumValues<'a> {
    uniforms: [&'static str; 3],
    buffers: &'a Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    invocations: i64,
    split: i64,
    width: i64,
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 4],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    has_bias: bool,
    /// The names of the two matrices.
    long: &'static str,
    skinny: &'static str,
    rows_are_long: bool,
    along_k: bool,
    skinny_along_k: bool,
    count: i64,
    /// Elements of K, and loads of the skinny matrix, in one step.
    step: i64,
    per_step: i64,
    /// Results in an accumulator and in a store, and whether these differ.
    sum_width: i64,
    out_width: i64,
    scattered: bool,
    size_b: String,
    size_l: String,
    size_k: String,
    /// Whether teams reach beyond the last tile, and tiles beyond the last line.
    guard_own: bool,
    guard_lines: bool,
    /// Whether each part of K is so many whole bodies or slabs, and whether it has a whole body at all.
    whole: bool,
    has_bodies: bool,
    invocations: i64,
    team: i64,
    tile: i64,
    vec: i64,
    vec_skinny: i64,
    unroll: i64,
    slab: i64,
    split: i64,
    reduce: Reduction,
    /// The accumulators by the rounds in which they are reduced.
    rounds: Vec<Vec<String>>,
}

impl Values {
    fn new(signature: &Signature, config: &Config, dealt: &Dealt) -> Self {
        let (shape, skinny) = (shape(signature), skinny(signature));
        let &Dealt { invocations, team, tile, vec, vec_skinny, unroll, slab, split } = dealt;
        let baked = config.int("baked") == 1;
        let size = |name: &str, value: i64| if baked { format!("{value}u") } else { format!("shape.{name}") };
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
        let statements = epilogue.statements("load_bias(channel)", "load_residual(index)");
        let sum_width = skinny.sum_width(vec, vec_skinny);
        let out_width = skinny.out_width(vec, vec_skinny);
        let steps = skinny.steps(vec, vec_skinny);
        let chunk = tiles(steps, split);
        let (long, other) = if skinny.rows_are_long { ("a", "b") } else { ("b", "a") };
        Self {
            uniforms: UNIFORMS,
            buffers: buffers(signature, &skinny, dealt, out_width, config.int("packed") == 1),
            functions: if split == 1 { epilogue.functions() } else { Vec::new() },
            has_bias: epilogue.inputs.iter().any(|input| input.name == "bias"),
            epilogue: statements,
            long,
            skinny: other,
            rows_are_long: skinny.rows_are_long,
            along_k: skinny.along_k,
            skinny_along_k: skinny.skinny_along_k,
            count: skinny.count,
            step: skinny.step(vec, vec_skinny),
            per_step: skinny.per_step(vec, vec_skinny),
            sum_width,
            out_width,
            scattered: out_width < sum_width,
            size_b: size("b", skinny.batch),
            size_l: size(if skinny.rows_are_long { "m" } else { "n" }, skinny.length),
            size_k: size("k", skinny.k),
            guard_own: !baked || skinny.all_tiles(tile, vec) % dealt.lanes() != 0,
            guard_lines: !baked || skinny.lines(vec) % tile != 0,
            whole: baked && steps % split == 0 && chunk % (dealt.body() * slab.max(1)) == 0,
            has_bodies: !baked || chunk >= dealt.body(),
            invocations,
            team,
            tile,
            vec,
            vec_skinny,
            unroll,
            slab,
            split,
            reduce: reduction(&skinny, dealt, config.int("subgroups") == 1),
            rounds: rounds(&skinny, dealt, config.int("subgroups")),
        }
    }
}

fn reduction(skinny: &Skinny, dealt: &Dealt, subgroups: bool) -> Reduction {
    let width = skinny.sum_width(dealt.vec, dealt.vec_skinny);
    Reduction {
        name: "sums",
        value: if width == 1 { "f32".to_owned() } else { format!("vec{width}<f32>") },
        combine: "+",
        team: dealt.team,
        stride: if skinny.along_k { 1 } else { dealt.lanes() },
        workgroup: dealt.invocations,
        subgroups,
    }
}

fn rounds(skinny: &Skinny, dealt: &Dealt, subgroups: i64) -> Vec<Vec<String>> {
    let width = skinny.sum_width(dealt.vec, dealt.vec_skinny);
    let sums = if skinny.along_k { skinny.count / width } else { skinny.count };
    let groups = skinny.results(dealt.tile, dealt.vec) / width / sums;
    let all: Vec<String> = (0..groups).flat_map(|i| (0..sums).map(move |j| format!("acc_{i}_{j}"))).collect();
    all.chunks(reduced_at_once(skinny, dealt, subgroups) as usize).map(<[String]>::to_vec).collect()
}

/// Both matrices as wide as they are loaded, and what is shaped like C as wide as its stores.
fn buffers(signature: &Signature, skinny: &Skinny, dealt: &Dealt, out_width: i64, packed: bool) -> Buffers {
    let (long, other) = (dealt.vec, dealt.vec_skinny);
    let widths = if skinny.rows_are_long { [long, other] } else { [other, long] };
    let matrices = signature.inputs.iter().zip(widths);
    let buffers = matrices.fold(Buffers::default(), |all, (tensor, width)| all.read(tensor, width, packed));
    if dealt.split > 1 {
        return buffers.write(&partial(&signature.outputs[0]), out_width, false);
    }
    let buffers = signature.inputs[2..].iter().fold(buffers, |all, tensor| all.read(tensor, out_width, packed));
    buffers.write(&signature.outputs[0], out_width, packed)
}
