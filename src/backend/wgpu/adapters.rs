//! The adapters of this machine: listed, described as plain data, and chosen by number, name or kind.

use serde::Serialize;
use wgpu::{
    Adapter, Backends, CooperativeMatrixProperties, CooperativeScalarType, DeviceType, Features, Instance,
    InstanceDescriptor, InstanceFlags,
};
use wgtune_pack::host::processor_and_threads;

use super::quirks;
use crate::backend::choice::PROCESSOR;
use crate::backend::{DeviceChoice, DeviceError};
use crate::base::{
    CooperativeMatrix, DeviceFacts, DeviceFeatures, DeviceIdentity, DeviceKind, DeviceLimits, ElementType,
};

/// One adapter as `wgtune devices` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct AdapterInfo {
    /// The number that `--device` takes.
    pub index: usize,
    /// What it can do and who it is.
    pub facts: DeviceFacts,
}

/// Every adapter of this machine.
pub fn adapters() -> Vec<AdapterInfo> {
    let all = enumerate(&instance());
    all.iter().enumerate().map(|(index, adapter)| AdapterInfo { index, facts: facts(adapter) }).collect()
}

/// The adapter that a choice means.
pub(super) fn choose(choice: &DeviceChoice) -> Result<(Adapter, DeviceFacts), DeviceError> {
    let mut all: Vec<(Adapter, DeviceFacts)> = enumerate(&instance())
        .into_iter()
        .map(|adapter| {
            let facts = facts(&adapter);
            (adapter, facts)
        })
        .collect();
    let kinds: Vec<&DeviceFacts> = all.iter().map(|(_, facts)| facts).collect();
    let index = pick(&kinds, choice)?;
    Ok(all.swap_remove(index))
}

/// The position of the chosen device among those there are.
fn pick(all: &[&DeviceFacts], choice: &DeviceChoice) -> Result<usize, DeviceError> {
    let first = |kind: DeviceKind| all.iter().position(|facts| facts.identity.kind == kind);
    if all.is_empty() {
        return Err(DeviceError::None);
    }
    match choice {
        DeviceChoice::Automatic => [DeviceKind::DiscreteGpu, DeviceKind::IntegratedGpu, DeviceKind::VirtualGpu]
            .into_iter()
            .find_map(first)
            .ok_or_else(|| no_hardware(all, first(DeviceKind::Cpu))),
        DeviceChoice::Software => first(DeviceKind::Cpu).ok_or(DeviceError::NoSoftware),
        DeviceChoice::Index(index) if *index < all.len() => Ok(*index),
        // `4090` is no index, but part of a name.
        DeviceChoice::Index(index) if *index >= 100 => by_name(all, &index.to_string()),
        DeviceChoice::Index(index) => Err(DeviceError::NoIndex { index: *index, count: all.len() }),
        DeviceChoice::Name(name) => by_name(all, name),
        // No adapter is one: another backend has it.
        DeviceChoice::Processor => by_name(all, PROCESSOR),
        DeviceChoice::Vta(name) => by_name(all, name),
        DeviceChoice::Identity(identity) => {
            let gone = || DeviceError::Gone { name: identity.adapter.clone() };
            all.iter().position(|facts| facts.identity == *identity).ok_or_else(gone)
        }
    }
}

fn no_hardware(all: &[&DeviceFacts], software: Option<usize>) -> DeviceError {
    match software {
        Some(index) => DeviceError::OnlySoftware(all[index].identity.adapter.clone()),
        None => DeviceError::NoHardware { known: names(all, &(0..all.len()).collect::<Vec<_>>()) },
    }
}

fn names(all: &[&DeviceFacts], positions: &[usize]) -> String {
    let name = |&i: &usize| format!("{i} {} ({})", all[i].identity.adapter, all[i].identity.api);
    let names = positions.iter().map(name);
    names.collect::<Vec<_>>().join(", ")
}

fn by_name(all: &[&DeviceFacts], name: &str) -> Result<usize, DeviceError> {
    let wanted = name.to_lowercase();
    let matches: Vec<usize> =
        (0..all.len()).filter(|&i| all[i].identity.adapter.to_lowercase().contains(&wanted)).collect();
    match matches.as_slice() {
        [one] => Ok(*one),
        [] => {
            let known = names(all, &(0..all.len()).collect::<Vec<_>>());
            Err(DeviceError::NoName { name: name.to_owned(), known })
        }
        several => Err(DeviceError::Ambiguous { name: name.to_owned(), matches: names(all, several) }),
    }
}

/// An instance without validation layers, whatever the build: they would be timed too.
fn instance() -> Instance {
    Instance::new(InstanceDescriptor {
        backends: Backends::VULKAN | Backends::METAL | Backends::DX12,
        flags: InstanceFlags::empty(),
        ..InstanceDescriptor::new_without_display_handle()
    })
}

fn enumerate(instance: &Instance) -> Vec<Adapter> {
    pollster::block_on(instance.enumerate_adapters(Backends::all()))
}

fn facts(adapter: &Adapter) -> DeviceFacts {
    let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
        DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
        DeviceType::VirtualGpu => DeviceKind::VirtualGpu,
        DeviceType::Cpu => DeviceKind::Cpu,
        DeviceType::Other => DeviceKind::Other,
    };
    DeviceFacts {
        limits: DeviceLimits {
            invocations_per_workgroup: limits.max_compute_invocations_per_workgroup,
            workgroup_size: [
                limits.max_compute_workgroup_size_x,
                limits.max_compute_workgroup_size_y,
                limits.max_compute_workgroup_size_z,
            ],
            workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            workgroup_storage_bytes: limits.max_compute_workgroup_storage_size,
            storage_binding_bytes: limits.max_storage_buffer_binding_size,
            buffer_bytes: limits.max_buffer_size,
            storage_buffers_per_stage: limits.max_storage_buffers_per_shader_stage,
            loop_iterations: quirks::of(&info.driver).find_map(|quirk| quirk.loop_iterations),
        },
        features: DeviceFeatures {
            f16: features.contains(Features::SHADER_F16),
            subgroups: features.contains(Features::SUBGROUP),
            subgroup_size: [info.subgroup_min_size, info.subgroup_max_size],
            timestamps: features.contains(Features::TIMESTAMP_QUERY),
            float32_atomics: features.contains(Features::SHADER_FLOAT32_ATOMIC),
            cooperative: cooperative(adapter),
        },
        identity: DeviceIdentity {
            adapter: info.name,
            vendor: info.vendor,
            device: info.device,
            driver: info.driver,
            driver_info: info.driver_info,
            api: info.backend.to_string(),
            kind,
            compiler: COMPILER.to_owned(),
            host: (kind == DeviceKind::Cpu).then(processor_and_threads),
        },
        processor: None,
        accelerator: None,
    }
}

/// What the adapter reports of products of small matrices, where WGSL has words for it.
fn cooperative(adapter: &Adapter) -> Vec<CooperativeMatrix> {
    if !adapter.features().contains(Features::EXPERIMENTAL_COOPERATIVE_MATRIX) {
        return Vec::new();
    }
    let element = |scalar| match scalar {
        CooperativeScalarType::F32 => Some(ElementType::F32),
        CooperativeScalarType::F16 => Some(ElementType::F16),
        CooperativeScalarType::I32 | CooperativeScalarType::U32 => None,
    };
    let known = |one: CooperativeMatrixProperties| {
        let [m, n, k] = [one.m_size, one.n_size, one.k_size];
        let (factors, sum) = (element(one.ab_type)?, element(one.cr_type)?);
        (m == n && n == k && [8, 16].contains(&m)).then_some(CooperativeMatrix { m, n, k, factors, sum })
    };
    let mut all: Vec<CooperativeMatrix> = Vec::new();
    for one in adapter.cooperative_matrix_properties().into_iter().filter_map(known) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// What turns WGSL into the API's language; pinned exactly in `Cargo.toml`.
pub const COMPILER: &str = "naga 30.0.1, wgpu 30.0.1";

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, kind: DeviceKind) -> DeviceFacts {
        let mut facts = DeviceFacts::portable();
        facts.identity.adapter = name.to_owned();
        facts.identity.kind = kind;
        facts
    }

    #[test]
    fn hardware_is_taken_by_itself_and_software_only_by_name() {
        let software = device("llvmpipe (LLVM 15)", DeviceKind::Cpu);
        let swift = device("SwiftShader Device", DeviceKind::Cpu);
        let integrated = device("Radeon 780M", DeviceKind::IntegratedGpu);
        let discrete = device("GeForce RTX 4070", DeviceKind::DiscreteGpu);
        let other = device("Mystery 1", DeviceKind::Other);
        let every = [&software, &integrated, &discrete, &swift];
        let cases: [(&[&DeviceFacts], &str, Result<usize, &str>); 14] = [
            (&every, "4070", Ok(2)),
            (&[&other], "auto", Err("name one of these by --device: 0 Mystery 1")),
            (&every, "auto", Ok(2)),
            (&every[..2], "auto", Ok(1)),
            (&every[..1], "auto", Err("there is no hardware GPU here; type `--device software` to use llvmpipe")),
            (&[], "auto", Err("no Vulkan, Metal or DX12 adapter")),
            (&every, "software", Ok(0)),
            (&every[1..3], "software", Err("no software adapter")),
            (&every, "3", Ok(3)),
            (&every, "4", Err("there is no device 4; `wgtune devices` lists 4")),
            (&every, "rtx", Ok(2)),
            (&every, "swift", Ok(3)),
            (&every, "Voodoo", Err("no device's name contains `Voodoo`; there are: 0 llvmpipe")),
            (&every, "de", Err("could mean several devices: 1 Radeon 780M (none), 3 SwiftShader Device (none)")),
        ];
        for (all, text, want) in cases {
            match (pick(all, &DeviceChoice::parse(text)), want) {
                (Ok(got), Ok(want)) if got == want => {}
                (Err(error), Err(part)) if error.to_string().contains(part) => {}
                (got, _) => panic!("`{text}`: {got:?} where {want:?} is right"),
            }
        }
    }

    /// The compiler is part of a device's identity: its versions must be those that Cargo pins.
    #[test]
    fn the_compiler_is_the_one_that_is_pinned() {
        let manifest = include_str!("../../../Cargo.toml");
        for part in COMPILER.split(", ") {
            let (name, version) = part.split_once(' ').unwrap();
            assert!(manifest.contains(&format!("{name} = {{ version = \"={version}\"")), "{part}");
        }
    }
}
