//! The kernels that ask a GPU, or what stands for one, for its numbers.

use serde::Serialize;

use super::asking::{Asking, NUMBERS, input, output, sampled, value};
use super::scale::Scale;
use crate::backend::BufferRule;
use crate::base::{Distribution, ElementType, Fill};
use crate::code::wgsl::WgslTemplate;
use crate::code::{Access, Binding, Formula, Kernel, Program};
use crate::record::Quantity;

static ARITHMETIC: WgslTemplate = template("probe/arithmetic", include_str!("../../shaders/probe/arithmetic.wgsl"));
static COPY: WgslTemplate = template("probe/copy", include_str!("../../shaders/probe/copy.wgsl"));
static READ: WgslTemplate = template("probe/read", include_str!("../../shaders/probe/read.wgsl"));
static WORKGROUP: WgslTemplate = template("probe/workgroup", include_str!("../../shaders/probe/workgroup.wgsl"));
static LAUNCH: WgslTemplate = template("probe/launch", include_str!("../../shaders/probe/launch.wgsl"));
static CHECKS: WgslTemplate = template("probe/checks", include_str!("../../shaders/probe/checks.wgsl"));

const fn template(name: &'static str, source: &'static str) -> WgslTemplate {
    WgslTemplate::new(name, source)
}

/// Workgroups that every device can have, small and large.
const WORKGROUPS: [u64; 2] = [64, 256];

/// Vectors that an invocation of the reading kernel reads.
const READS: u64 = 16;

/// Vectors that an invocation reads of workgroup memory. No multiple of the tile, so that neighbours have other sums.
const TILE_READS: u64 = 500;

/// Vectors of that tile.
const TILE: u64 = 64;

/// Steps of a chain. With starts below, each value on the way is a whole number that f16 holds.
const STEPS: u64 = 1024;

/// Where chains begin, so that they end near 0.
const STARTS: Distribution = Distribution::Integers { low: -1032, high: -1017 };

/// The kernels for a quantity; the best of them counts. None where it takes no kernel of its own.
pub(super) fn asking(quantity: Quantity, scale: &Scale) -> Vec<Asking> {
    let sizes = WORKGROUPS.into_iter();
    match quantity {
        Quantity::Arithmetic(element) => {
            let chains = sizes.flat_map(|workgroup| [(workgroup, 2), (workgroup, 4)]);
            chains.map(|(workgroup, chains)| arithmetic(element, workgroup, chains, scale)).collect()
        }
        // Machines without instructions for vec4 do better with single numbers.
        Quantity::Copy => {
            let shapes = [(64, 1, 4), (256, 1, 4), (256, 4, 4), (256, 4, 1)];
            shapes.map(|(workgroup, items, width)| copy(workgroup, items, width, scale)).into()
        }
        Quantity::Read => [(64, 4), (256, 4), (256, 1)].map(|(workgroup, width)| read(workgroup, width, scale)).into(),
        Quantity::WorkgroupMemory => sizes.map(|workgroup| workgroup_memory(workgroup, scale)).collect(),
        Quantity::Dispatch => vec![launch()],
        Quantity::Checks => vec![checks(scale)],
        // These take no kernel, and the others are a processor's.
        _ => Vec::new(),
    }
}

fn arithmetic(element: ElementType, workgroup: u64, chains: u64, scale: &Scale) -> Asking {
    #[derive(Serialize)]
    struct Values {
        element: &'static str,
        workgroup: u64,
        chains: u64,
        steps: u64,
    }
    let start = input("start", element, 64, STARTS);
    let factor = input("factor", element, 64, Distribution::Constant(1.0));
    let addend = input("addend", element, 64, Distribution::Constant(1.0));
    let output = output("result", element, scale.invocations);
    let result = |i: u64| -> f64 {
        let lanes = (0..4 * chains).map(|lane| value(&start, (4 * i + lane % 4) % 64) + (lane / 4) as f64);
        let (factor, addend) = (value(&factor, i % 64), value(&addend, i % 64));
        let step = |v: f64, _: u64| v * factor + addend;
        lanes.map(|begin| (0..STEPS).fold(begin, step)).sum()
    };
    let period: Vec<f64> = (0..64).map(result).collect();
    let expected = sampled(output.elements, |i| period[(i % 64) as usize]);
    let code = ARITHMETIC.render(Values { element: element.name(), workgroup, chains, steps: STEPS });
    let inputs = vec![start, factor, addend];
    Asking {
        how: format!("{} multiply-adds at once, workgroups of {workgroup}", 4 * chains),
        program: program(code, &inputs, &output, [workgroup, 1], scale.invocations / workgroup),
        inputs,
        output,
        expected,
        amount: (2 * 4 * chains * STEPS * scale.invocations) as f64,
    }
}

fn copy(workgroup: u64, items: u64, width: u64, scale: &Scale) -> Asking {
    #[derive(Serialize)]
    struct Values {
        workgroup: u64,
        items: u64,
        width: u64,
    }
    let (source, output) = (large(scale), output("copied", ElementType::F32, scale.bytes / 4));
    let groups = scale.bytes / (4 * width) / (workgroup * items);
    let expected = sampled(output.elements, |i| value(&source, i));
    let inputs = vec![source];
    Asking {
        how: format!(
            "{} MiB, {items} × {} per invocation, workgroups of {workgroup}",
            scale.bytes >> 20,
            vector_name(width)
        ),
        program: program(COPY.render(Values { workgroup, items, width }), &inputs, &output, [workgroup, 1], groups),
        inputs,
        output,
        expected,
        amount: 2.0 * scale.bytes as f64,
    }
}

fn read(workgroup: u64, width: u64, scale: &Scale) -> Asking {
    #[derive(Serialize)]
    struct Values {
        workgroup: u64,
        reads: u64,
        width: u64,
    }
    let source = large(scale);
    let output = output("sums", ElementType::F32, scale.bytes / (4 * width) / READS);
    let sum = |i: u64| {
        let first = i / workgroup * workgroup * READS + i % workgroup;
        (0..READS).map(|item| vector(&source, first + item * workgroup, width)).sum()
    };
    let expected = sampled(output.elements, sum);
    let (code, groups) = (READ.render(Values { workgroup, reads: READS, width }), output.elements / workgroup);
    let inputs = vec![source];
    Asking {
        how: format!(
            "{} MiB, {READS} × {} per invocation, workgroups of {workgroup}",
            scale.bytes >> 20,
            vector_name(width)
        ),
        program: program(code, &inputs, &output, [workgroup, 1], groups),
        amount: scale.bytes as f64 + output.data_bytes() as f64,
        inputs,
        output,
        expected,
    }
}

fn workgroup_memory(workgroup: u64, scale: &Scale) -> Asking {
    #[derive(Serialize)]
    struct Values {
        workgroup: u64,
        tile: u64,
        reads: u64,
    }
    let source = input("source", ElementType::F32, 4 * TILE, NUMBERS);
    let output = output("sums", ElementType::F32, scale.invocations);
    let sum = |i: u64| (0..TILE_READS).map(|read| vector(&source, (i + read) % TILE, 4)).sum();
    let period: Vec<f64> = (0..TILE).map(sum).collect();
    let expected = sampled(output.elements, |i| period[(i % TILE) as usize]);
    let (code, groups) =
        (WORKGROUP.render(Values { workgroup, tile: TILE, reads: TILE_READS }), scale.invocations / workgroup);
    let inputs = vec![source];
    Asking {
        how: format!("{TILE_READS} vec4 per invocation from a tile of {TILE}, workgroups of {workgroup}"),
        program: program(code, &inputs, &output, [workgroup, 1], groups),
        inputs,
        output,
        expected,
        amount: (16 * TILE_READS * scale.invocations) as f64,
    }
}

fn launch() -> Asking {
    let (source, output) = (input("source", ElementType::F32, 32, NUMBERS), output("copied", ElementType::F32, 32));
    let expected = sampled(32, |i| value(&source, i));
    let inputs = vec![source];
    Asking {
        how: "one workgroup of 32, each launch after the one before".to_owned(),
        program: program(LAUNCH.render(()), &inputs, &output, [32, 1], 1),
        inputs,
        output,
        expected,
        amount: 1.0,
    }
}

/// A matmul whose checks cost as much as those of usual kernels.
pub(super) fn checks(scale: &Scale) -> Asking {
    #[derive(Serialize)]
    struct Values {
        size: u64,
    }
    let size = scale.matrix;
    let small = Distribution::Integers { low: -3, high: 3 };
    let (a, b) = (input("a", ElementType::F32, size * size, small), other_input("b", size * size, small));
    let output = output("c", ElementType::F32, size * size);
    let product = |i: u64| (0..size).map(|k| value(&a, i / size * size + k) * value(&b, k * size + i % size)).sum();
    let expected = sampled(output.elements, product);
    let inputs = vec![a, b];
    Asking {
        how: format!("a matmul of {size}³ in f32, staged in tiles of 16 × 16"),
        program: program(CHECKS.render(Values { size }), &inputs, &output, [16, 16], (size / 16).pow(2)),
        inputs,
        output,
        expected,
        amount: 2.0 * (size as f64).powi(3),
    }
}

/// The buffer that is larger than caches.
fn large(scale: &Scale) -> BufferRule {
    input("source", ElementType::F32, scale.bytes / 4, NUMBERS)
}

/// An input of f32 with numbers of its own.
fn other_input(name: &str, elements: u64, distribution: Distribution) -> BufferRule {
    BufferRule { fill: Some(Fill { seed: 2, distribution }), ..output(name, ElementType::F32, elements) }
}

fn vector_name(width: u64) -> &'static str {
    if width == 1 { "f32" } else { "vec4" }
}

/// The sum of the elements of a vector of an input.
fn vector(rule: &BufferRule, index: u64, width: u64) -> f64 {
    (width * index..width * (index + 1)).map(|i| value(rule, i)).sum()
}

/// A program of one kernel with entry `main`, bound to the inputs and then the output.
fn program(code: String, inputs: &[BufferRule], output: &BufferRule, size: [u64; 2], groups: u64) -> Program {
    let bind = |rule: &BufferRule, access| Binding { name: rule.name.clone(), access };
    let reads = inputs.iter().map(|rule| bind(rule, Access::Read));
    let kernel = Kernel {
        entry: "main".to_owned(),
        code,
        uniforms: Vec::new(),
        bindings: reads.chain([bind(output, Access::ReadWrite)]).collect(),
        workgroup_size: [size[0] as u32, size[1] as u32, 1],
        grid: [groups, 1, 1].map(Formula::from),
        declared: None,
    };
    Program::single(kernel, inputs.len(), 1)
}

#[cfg(test)]
mod tests {
    use super::super::quantities;
    use super::*;
    use crate::base::{DeviceFacts, DeviceKind};
    use crate::check::{check, translate};
    use crate::code::Symbols;

    /// On devices of every kind with the least that WebGPU guarantees: each kernel passes the check and naga's writers, and
    /// does what its amount says.
    #[test]
    fn kernels_are_valid_and_do_what_they_say() {
        for kind in [DeviceKind::DiscreteGpu, DeviceKind::IntegratedGpu, DeviceKind::Cpu] {
            let mut facts = DeviceFacts::portable();
            facts.identity.kind = kind;
            facts.features.f16 = true;
            let scale = Scale::of(&facts);
            for quantity in quantities(&facts) {
                for asking in asking(quantity, &scale) {
                    let told = format!("{quantity} by {}", asking.how);
                    let counted = check(&asking.program, &Symbols::new(), &facts).unwrap();
                    translate(&asking.program.kernels[0], &facts).unwrap();
                    let each = &counted[0].per_invocation;
                    let done = match quantity {
                        Quantity::Arithmetic(ElementType::I32) => each.integer_operations,
                        Quantity::Arithmetic(_) | Quantity::Checks => each.flops,
                        Quantity::WorkgroupMemory => each.workgroup_loads.bytes,
                        _ => each.storage_loads.bytes + each.storage_stores.bytes,
                    };
                    let all = (done * u64::from(counted[0].invocations) * counted[0].workgroups) as f64;
                    // Sums at the end and indices on the way come on top; a dispatch does nothing worth counting.
                    let fits = quantity == Quantity::Dispatch || (1.0..1.1).contains(&(all / asking.amount));
                    assert!(fits, "{told}: {all} where {} is said", asking.amount);
                }
            }
        }
    }
}
