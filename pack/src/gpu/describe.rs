//! The device at hand as packs describe devices, told exactly as the tuner tells them: what is equal is measured here.

use wgpu::{
    Adapter, AdapterInfo, Backend, CooperativeMatrixProperties, CooperativeScalarType, DeviceType, Features, Limits,
};

use crate::host::processor_and_threads;
use crate::{Capability, CooperativeMatrix, Device, DeviceKind, ElementType};

/// What turns WGSL into the API's language, as [`Device::compiler`] tells it. wgpu does not tell its version: this is
/// the one that is tested. Who ships another puts its own into the device, and races then decide in place of evidence.
pub const COMPILER: &str = "naga 30.0.1, wgpu 30.0.1";

/// An adapter with all that it has: what a device has that asks for all limits and features.
pub fn device(adapter: &Adapter) -> Device {
    describe(adapter, &adapter.limits(), adapter.features())
}

/// An adapter with the limits and features that the application's device was made with, which may be fewer.
pub fn device_of(adapter: &Adapter, device: &wgpu::Device) -> Device {
    describe(adapter, &device.limits(), device.features())
}

fn describe(adapter: &Adapter, limits: &Limits, features: Features) -> Device {
    let info = adapter.get_info();
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
        DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
        DeviceType::VirtualGpu => DeviceKind::VirtualGpu,
        DeviceType::Cpu => DeviceKind::Cpu,
        DeviceType::Other => DeviceKind::Other,
    };
    Device {
        capability: capability(&info, limits, features, cooperative(adapter, features)),
        api: api(info.backend),
        adapter: info.name,
        vendor: info.vendor,
        device: info.device,
        driver: info.driver,
        driver_info: info.driver_info,
        kind,
        compiler: COMPILER.to_owned(),
        architecture: None,
        host: (kind == DeviceKind::Cpu).then(processor_and_threads),
    }
}

fn api(backend: Backend) -> String {
    match backend {
        Backend::BrowserWebGpu => "browser".to_owned(),
        native => native.to_string(),
    }
}

fn capability(
    info: &AdapterInfo,
    limits: &Limits,
    features: Features,
    cooperative: Vec<CooperativeMatrix>,
) -> Capability {
    let subgroups = features.contains(Features::SUBGROUP);
    Capability {
        subgroup_size: subgroups.then_some([info.subgroup_min_size, info.subgroup_max_size]),
        workgroup_storage_bytes: limits.max_compute_workgroup_storage_size,
        invocations_per_workgroup: limits.max_compute_invocations_per_workgroup,
        workgroup_size: [
            limits.max_compute_workgroup_size_x,
            limits.max_compute_workgroup_size_y,
            limits.max_compute_workgroup_size_z,
        ],
        storage_buffers_per_stage: limits.max_storage_buffers_per_shader_stage,
        storage_binding_bytes: limits.max_storage_buffer_binding_size,
        f16: features.contains(Features::SHADER_F16),
        subgroups,
        float32_atomics: features.contains(Features::SHADER_FLOAT32_ATOMIC),
        cooperative,
    }
}

/// The products of small matrices that the adapter reports and WGSL has words for.
fn cooperative(adapter: &Adapter, features: Features) -> Vec<CooperativeMatrix> {
    if !features.contains(Features::EXPERIMENTAL_COOPERATIVE_MATRIX) {
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
