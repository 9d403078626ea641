//! Devices, modes, clocks and programs as packs have them.

use wgtune_pack as pack;

use crate::base::{CooperativeMatrix, DeviceFacts, DeviceKind, ElementType};
use crate::check::KernelFacts;
use crate::code::{Kernel, Program};
use crate::record::{Clock, Mode, Numerics};

/// The modes of a pack, with ours.
pub const MODES: [(pack::Mode, Mode); 2] =
    [(pack::Mode::Checked, Mode::CHECKED), (pack::Mode::Unchecked, Mode::UNCHECKED)];

/// The element type of that name.
pub fn element(element: ElementType) -> pack::ElementType {
    match element {
        ElementType::F32 => pack::ElementType::F32,
        ElementType::F16 => pack::ElementType::F16,
        ElementType::I8 => pack::ElementType::I8,
        ElementType::I32 => pack::ElementType::I32,
        ElementType::U32 => pack::ElementType::U32,
    }
}

/// `None` for cycles, which no application has.
pub fn clock(clock: Clock) -> Option<pack::Clock> {
    match clock {
        Clock::Device => Some(pack::Clock::Device),
        Clock::Host => Some(pack::Clock::Host),
        Clock::Cycles => None,
    }
}

/// A device with what it can do.
pub fn device(facts: &DeviceFacts) -> pack::Device {
    let identity = &facts.identity;
    let (limits, features) = (&facts.limits, &facts.features);
    pack::Device {
        adapter: identity.adapter.clone(),
        vendor: identity.vendor,
        device: identity.device,
        driver: identity.driver.clone(),
        driver_info: identity.driver_info.clone(),
        api: identity.api.clone(),
        kind: kind(identity.kind),
        compiler: identity.compiler.clone(),
        architecture: pack::architecture(None, identity.vendor, identity.device, &identity.adapter),
        capability: pack::Capability {
            subgroup_size: features.subgroups.then_some(features.subgroup_size),
            workgroup_storage_bytes: limits.workgroup_storage_bytes,
            invocations_per_workgroup: limits.invocations_per_workgroup,
            workgroup_size: limits.workgroup_size,
            storage_buffers_per_stage: limits.storage_buffers_per_stage,
            storage_binding_bytes: limits.storage_binding_bytes,
            f16: features.f16,
            subgroups: features.subgroups,
            float32_atomics: features.float32_atomics,
            cooperative: features.cooperative.iter().map(matrix).collect(),
        },
        host: identity.host.clone(),
    }
}

fn kind(kind: DeviceKind) -> pack::DeviceKind {
    match kind {
        DeviceKind::DiscreteGpu => pack::DeviceKind::DiscreteGpu,
        DeviceKind::IntegratedGpu => pack::DeviceKind::IntegratedGpu,
        DeviceKind::VirtualGpu => pack::DeviceKind::VirtualGpu,
        DeviceKind::Cpu => pack::DeviceKind::Cpu,
        DeviceKind::Processor | DeviceKind::Accelerator | DeviceKind::Other => pack::DeviceKind::Other,
    }
}

fn matrix(matrix: &CooperativeMatrix) -> pack::CooperativeMatrix {
    let CooperativeMatrix { m, n, k, factors, sum } = *matrix;
    pack::CooperativeMatrix { m, n, k, factors: element(factors), sum: element(sum) }
}

/// A program, whose texts go into the builder.
pub fn program(
    builder: &mut pack::Builder,
    program: &Program,
    numerics: Numerics,
    self_test: Option<pack::SelfTest>,
) -> pack::Program {
    let kernel = |kernel: &Kernel| pack::Kernel {
        entry: kernel.entry.clone(),
        text: builder.text(&kernel.code),
        uniforms: kernel.uniforms.clone(),
        bindings: kernel.bindings.clone(),
        workgroup_size: kernel.workgroup_size,
        grid: kernel.grid.clone(),
        declared: kernel.declared.clone(),
    };
    pack::Program {
        kernels: program.kernels.iter().map(kernel).collect(),
        temporaries: program.temporaries.clone(),
        prepare: program.prepare.clone(),
        run: program.run.clone(),
        numerics,
        self_test,
    }
}

/// The program of an entry with its texts, as ours.
pub fn our_program(verified: &pack::VerifiedProgram) -> Program {
    let program = verified.program();
    let kernels = program.kernels.iter().map(|kernel| Kernel {
        entry: kernel.entry.clone(),
        code: verified.text(kernel).unwrap_or_default().to_owned(),
        uniforms: kernel.uniforms.clone(),
        bindings: kernel.bindings.clone(),
        workgroup_size: kernel.workgroup_size,
        grid: kernel.grid.clone(),
        declared: kernel.declared.clone(),
    });
    Program {
        kernels: kernels.collect(),
        temporaries: program.temporaries.clone(),
        prepare: program.prepare.clone(),
        run: program.run.clone(),
        routine: None,
    }
}

/// What a device must have for a program whose kernels have these facts.
pub fn needs(program: &Program, facts: &[KernelFacts], device: &DeviceFacts) -> pack::Needs {
    let has = |word: &str| program.kernels.iter().any(|kernel| kernel.code.contains(word));
    let mut features = Vec::new();
    let plain = [
        (has("enable f16;"), pack::Feature::F16),
        (program.kernels.iter().any(|kernel| uses_subgroups(&kernel.code)), pack::Feature::Subgroups),
        (has("atomic<f32>"), pack::Feature::Float32Atomics),
    ];
    features.extend(plain.into_iter().filter(|(used, _)| *used).map(|(_, feature)| feature));
    let used = device.features.cooperative.iter().filter(|matrix| {
        let CooperativeMatrix { m, n, factors, .. } = matrix;
        has(&format!("coop_mat{m}x{n}<{}", factors.name()))
    });
    features.extend(used.map(|used| pack::Feature::Cooperative(matrix(used))));
    let largest = |of: fn(&Kernel) -> u32| program.kernels.iter().map(of).max().unwrap_or(0);
    let along = |axis: usize| program.kernels.iter().map(|kernel| kernel.workgroup_size[axis]).max().unwrap_or(0);
    pack::Needs {
        features,
        limits: pack::NeededLimits {
            workgroup_storage_bytes: facts.iter().map(|facts| facts.workgroup_bytes).max().unwrap_or(0) as u32,
            invocations_per_workgroup: largest(|kernel| kernel.workgroup_size.iter().product()),
            workgroup_size: [0, 1, 2].map(along),
            storage_buffers_per_stage: largest(|kernel| kernel.bindings.len() as u32),
            subgroup_size: program.kernels.iter().filter_map(|kernel| least_subgroup(&kernel.code)).max().unwrap_or(0),
            storage_binding_bytes: 0,
        },
    }
}

/// Whether a text uses operations or built-in values of subgroups. naga wants no directive for them, so there may be none.
fn uses_subgroups(code: &str) -> bool {
    let operation = "subgroup";
    let is_called = |at: usize| code[at + operation.len()..].starts_with(|next: char| next.is_ascii_uppercase());
    code.contains("@builtin(subgroup") || code.match_indices(operation).any(|(at, _)| is_called(at))
}

/// How many invocations every subgroup must have for a text, if it says so as our shared loads do.
fn least_subgroup(code: &str) -> Option<u32> {
    let (_, rest) = code.split_once("const least_subgroup = ")?;
    rest.split_once("u;")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::seeded;
    use crate::op::{find_template, resolve};

    #[test]
    fn subgroups_are_seen_in_whatever_uses_them() {
        let cases = [
            ("let sum = subgroupAdd(x);", true),
            ("@builtin(subgroup_size) lanes: u32", true),
            ("// as many as a subgroup has\nlet subgroups = 4u;", false),
            ("var<workgroup> x: f32;", false),
        ];
        for (code, want) in cases {
            assert_eq!(uses_subgroups(code), want, "{code}");
        }
    }

    #[test]
    fn texts_that_share_loads_say_how_large_subgroups_must_be() {
        let signature = resolve("matmul:f32:m64n64k64").unwrap();
        let mut device = DeviceFacts::boundless();
        device.features.subgroup_size = [16, 32];
        let template = find_template("matmul/tiled").unwrap();
        for lanes in [0i64, 4, 8, 16] {
            let space =
                template.space(&signature, &device).restricted(&[("share_a".to_owned(), vec![lanes.into()])]).unwrap();
            let config = space.sample(&mut seeded(0, "lanes")).unwrap();
            let program = template.emit(&signature, &config).unwrap();
            assert_eq!(needs(&program, &[], &device).limits.subgroup_size, lanes as u32, "{config}");
        }
    }
}
