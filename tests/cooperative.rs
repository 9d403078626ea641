//! The matmul by cooperative matrices where no device has them: the same text with its matrices written out as arrays,
//! which every invocation of a subgroup computes for itself. So layouts, offsets, edges and the way out are checked;
//! what remains unseen is the device's own arithmetic and what it makes of the memory model.

mod common;

use std::sync::Arc;

use common::software_device;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::base::{CooperativeMatrix, DeviceFacts, ElementType, seeded};
use wgtune::code::Program;
use wgtune::measure::{Measure, Tier};
use wgtune::op::{Shared, Signature, Template, resolve};
use wgtune::record::{Mode, Outcome, Rejection};
use wgtune::space::{Config, Space};

/// Each layout and both types, odd sizes among them.
const WORKLOADS: &[&str] = &[
    "matmul:f16:m33n17k7",
    "matmul:f16:b2m16n64k24:nt+residual+tanh",
    "matmul:f16:m20n36k28:tn+sigmoid",
    "matmul:f16:m40n24k36:tt+bias+relu",
    "matmul:f32:m33n40k17+bias",
    "matmul:f32:b2m17n36k20:nt+residual+silu",
    "matmul:f32:m24n12k44:tn",
    "matmul:f32:m9n16k12:tt+scale0.5",
];

#[test]
fn emulated_matrices_give_the_right_results() {
    let Ok(mut backend) = software_device() else { return };
    let failures: Vec<String> = WORKLOADS.iter().flat_map(|workload| failures(&mut backend, workload)).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What is wrong with the configs of one workload.
fn failures(backend: &mut WgpuBackend, workload: &str) -> Vec<String> {
    let signature = resolve(workload).unwrap_or_else(|e| panic!("{e}"));
    let template: Shared<dyn Template> = Shared::Made(Arc::new(Emulated::of(&signature)));
    let mut measure = Measure::new(backend, signature, 7);
    let space = template.space(measure.signature(), measure.device());
    let mut random = seeded(5, workload);
    let small: Vec<Config> = (0..4000).filter_map(|_| space.sample(&mut random)).filter(is_small).collect();
    let configs: Vec<Config> =
        [1, 0].into_iter().filter_map(|halves| small.iter().find(|c| c.int("halves") == halves).cloned()).collect();
    if configs.is_empty() {
        return vec![format!("{workload}: the space has no small configs")];
    }
    let outcomes = configs.into_iter().map(|config| {
        let candidate = measure.candidate(&template, config);
        let report = measure.verify(&candidate, Mode::UNCHECKED, None, Tier::Light).expect("a temporary folder");
        match report.outcome {
            Outcome::Timed { .. } if report.verified.is_some() => None,
            Outcome::Timed { .. } => Some(format!("{workload} [{}]: was not verified", candidate.config)),
            Outcome::Rejected(rejection) => {
                Some(format!("{workload} [{}]: {}: {}", candidate.config, rejection.stage, rejection.why))
            }
        }
    });
    outcomes.flatten().collect()
}

/// Whether a compiler of a software device is done with the arrays in a few seconds.
fn is_small(config: &Config) -> bool {
    let int = |name| config.int(name);
    int("sg_m") * int("sg_n") > 1 && int("tm") * int("tn") * int("bk") == 16
}

/// The template, with its matrices as arrays.
struct Emulated(Shared<dyn Template>);

impl Emulated {
    fn of(signature: &Signature) -> Self {
        let mut templates = signature.operator.templates().into_iter();
        Self(templates.find(|template| template.name() == "matmul/cooperative").expect("it is one of ours"))
    }
}

impl Template for Emulated {
    fn name(&self) -> &str {
        "matmul/cooperative, emulated"
    }

    fn about(&self) -> &str {
        self.0.about()
    }

    fn applies(&self, signature: &Signature) -> bool {
        self.0.applies(signature)
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let mut device = device.clone();
        let matrix = |edge, factors| CooperativeMatrix { m: edge, n: edge, k: edge, factors, sum: ElementType::F32 };
        device.features.cooperative = vec![matrix(16, ElementType::F16), matrix(8, ElementType::F32)];
        device.features.subgroup_size = [8, 8];
        self.0.space(signature, &device)
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        self.0.default(signature, space)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let mut program = self.0.emit(signature, config)?;
        for kernel in &mut program.kernels {
            kernel.code = emulated(&kernel.code, config.int("edge"), config.int("subgroup"));
        }
        Ok(program)
    }
}

/// The text with arrays of `edge` × `edge` for matrices, and subgroups of consecutive invocations.
fn emulated(text: &str, edge: i64, subgroup: i64) -> String {
    let lines: Vec<String> = text.lines().map(|line| rewritten(line, edge, subgroup)).collect();
    format!("{}\n{}", lines.join("\n"), functions(text, edge))
}

/// Matrices become variables, since values of so many elements take compilers long.
fn rewritten(line: &str, edge: i64, subgroup: i64) -> String {
    if line.starts_with("enable wgpu_cooperative_matrix") || line.contains("@builtin(subgroup_id)") {
        return String::new();
    }
    if line == ") {" {
        return format!("{line}\n  let subgroup_id = local_index / {subgroup}u;");
    }
    if let Some((variable, _)) = line.split_once(&format!(" = coop_mat{edge}x{edge}<f32, C>()")) {
        return format!("{variable}: Square;");
    }
    if let Some((left, (kind, place))) = between(line, " = coopLoad", ">>(&") {
        let (name, way) =
            (left.trim_start().trim_start_matches("let "), if kind.starts_with('T') { "rows" } else { "columns" });
        return format!("var {name}: Square; {way}_of_{}", arguments(name, place));
    }
    if let Some((_, (matrix, place))) = between(line, "coopStoreT(", ", &") {
        return format!("store_to_{}", arguments(matrix, place));
    }
    match between(line, " = coopMultiplyAdd(", ", ") {
        Some((sums, (a, rest))) => {
            let (b, _) = rest.split_once(", ").expect("three matrices");
            format!("multiply_add(&{a}, &{b}, &{});", sums.trim_start())
        }
        None => line.to_owned(),
    }
}

/// What lies before the first mark, between both, and after the second.
fn between<'a>(line: &'a str, first: &str, second: &str) -> Option<(&'a str, (&'a str, &'a str))> {
    let (before, rest) = line.split_once(first)?;
    Some((before, rest.split_once(second)?))
}

/// `tile[start], stride);` as a call with the matrix before these.
fn arguments(matrix: &str, place: &str) -> String {
    let (tile, rest) = place.split_once('[').expect("an element of a tile");
    let (start, rest) = rest.rsplit_once("], ").expect("a stride");
    format!("{tile}(&{matrix}, {start}, {rest}")
}

/// What the rewritten text calls.
fn functions(text: &str, edge: i64) -> String {
    let loads: String = ["a_tile", "b_tile"].map(|tile| load_functions(text, tile, edge)).concat();
    let head = loop_head(edge);
    format!(
        "alias Square = array<f32, {}>;
{loads}
fn multiply_add(a: ptr<function, Square>, b: ptr<function, Square>, sums: ptr<function, Square>) {{
{head}
    var sum = (*sums)[i];
    for (var k = 0u; k < {edge}u; k += 1u) {{
      sum += (*a)[row * {edge}u + k] * (*b)[k * {edge}u + column];
    }}
    (*sums)[i] = sum;
  }}
}}
fn store_to_c_tile(values: ptr<function, Square>, start: u32, stride: u32) {{
{head}
    c_tile[start + row * stride + column] = (*values)[i];
  }}
}}
",
        edge * edge,
    )
}

/// How matrices are read from a tile, which is an array of scalars or of vectors.
fn load_functions(text: &str, tile: &str, edge: i64) -> String {
    let (_, declared) = text.split_once(&format!("var<workgroup> {tile}: array<")).expect("the tile is declared");
    let width = declared.strip_prefix("vec").and_then(|rest| rest.chars().next()?.to_digit(10)).unwrap_or(1);
    let head = loop_head(edge);
    let load = |way: &str, far: &str, near: &str| {
        let lane = if width == 1 { String::new() } else { format!("[{near} % {width}u]") };
        format!(
            "fn {way}_of_{tile}(values: ptr<function, Square>, start: u32, stride: u32) {{
{head}
    (*values)[i] = f32({tile}[start + {far} * stride + {near} / {width}u]{lane});
  }}
}}
"
        )
    };
    load("rows", "row", "column") + &load("columns", "column", "row")
}

/// The beginning of a loop over all elements.
fn loop_head(edge: i64) -> String {
    format!(
        "  for (var i = 0u; i < {}u; i += 1u) {{
    let row = i / {edge}u;
    let column = i % {edge}u;",
        edge * edge
    )
}
