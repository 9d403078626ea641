//! Who runs a kernel and what it can do, as plain data: who measured, and who is to choose.

use serde::{Deserialize, Serialize};

use crate::hash::short_id;
use crate::{ElementType, architecture};

/// A device: whom evidence was measured on, or the one at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Device {
    /// The adapter's name, as its driver tells it; empty where nobody tells, as in browsers.
    pub adapter: String,
    /// The PCI vendor number, 0 where there is none.
    pub vendor: u32,
    /// The PCI device number, 0 where there is none.
    pub device: u32,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, in its own words.
    pub driver_info: String,
    /// The graphics API: `vulkan`, `metal`, `dx12`, `gl` or `browser`.
    pub api: String,
    /// What kind of machine it is.
    pub kind: DeviceKind,
    /// What turns WGSL into the API's language, with its version: `naga 30.0.1, wgpu 30.0.1`, or `tint`.
    pub compiler: String,
    /// The name of its architecture, where the API tells one. [`Device::architecture`] knows more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// What it can do.
    pub capability: Capability,
    /// Processor and number of threads, for devices that are software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// The kind of machine behind an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A card with memory of its own.
    DiscreteGpu,
    /// A part of the processor, sharing its memory.
    IntegratedGpu,
    /// A GPU that a virtual machine is given.
    VirtualGpu,
    /// Software that runs on the host's processor.
    Cpu,
    /// What nobody tells.
    #[serde(other)]
    Other,
}

/// Limits and features that kernels ask for, in WebGPU's units.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Capability {
    /// Smallest and largest subgroup, in invocations, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgroup_size: Option<[u32; 2]>,
    /// Workgroup memory of one workgroup, in bytes.
    pub workgroup_storage_bytes: u32,
    /// Invocations of one workgroup.
    pub invocations_per_workgroup: u32,
    /// Invocations along each direction of one workgroup.
    pub workgroup_size: [u32; 3],
    /// Storage buffers that a kernel can be bound to.
    pub storage_buffers_per_stage: u32,
    /// The part of a buffer that a kernel can be bound to, in bytes.
    pub storage_binding_bytes: u64,
    /// 16-bit floats in storage and arithmetic.
    #[serde(default)]
    pub f16: bool,
    /// Operations across the invocations of a subgroup.
    #[serde(default)]
    pub subgroups: bool,
    /// Atomic addition of 32-bit floats in storage buffers; not in browsers.
    #[serde(default)]
    pub float32_atomics: bool,
    /// The products of small matrices that a subgroup can take together; not in browsers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cooperative: Vec<CooperativeMatrix>,
}

/// C = A·B + C of small matrices that a subgroup takes together: A is m×k, B is k×n, C is m×n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CooperativeMatrix {
    /// Rows of A and C.
    pub m: u32,
    /// Columns of B and C.
    pub n: u32,
    /// Columns of A, rows of B.
    pub k: u32,
    /// The elements of A and B.
    pub factors: ElementType,
    /// The elements of C.
    pub sum: ElementType,
}

impl Capability {
    /// WebGPU's guaranteed limits and no optional feature: what every implementation has.
    pub fn portable() -> Self {
        Self {
            subgroup_size: None,
            workgroup_storage_bytes: 16_384,
            invocations_per_workgroup: 256,
            workgroup_size: [256, 256, 64],
            storage_buffers_per_stage: 8,
            storage_binding_bytes: 128 << 20,
            f16: false,
            subgroups: false,
            float32_atomics: false,
            cooperative: Vec::new(),
        }
    }

    /// Limits that every kernel keeps, and no optional feature.
    pub(crate) fn boundless() -> Self {
        Self {
            workgroup_storage_bytes: u32::MAX,
            invocations_per_workgroup: u32::MAX,
            workgroup_size: [u32::MAX; 3],
            storage_buffers_per_stage: u32::MAX,
            storage_binding_bytes: u64::MAX,
            ..Self::portable()
        }
    }
}

impl Device {
    /// A device of which nothing is known but that it holds every kernel, without optional features: for reading packs whole.
    pub fn boundless() -> Self {
        Self { capability: Capability::boundless(), ..Self::unknown() }
    }

    /// A device of which nothing is known but that it runs WGSL.
    pub fn unknown() -> Self {
        Self {
            adapter: String::new(),
            vendor: 0,
            device: 0,
            driver: String::new(),
            driver_info: String::new(),
            api: String::new(),
            kind: DeviceKind::Other,
            compiler: String::new(),
            architecture: None,
            capability: Capability::portable(),
            host: None,
        }
    }

    /// The first 16 hexadecimal digits of the SHA-256 of its JSON with sorted keys and without spaces.
    pub fn id(&self) -> String {
        short_id(self)
    }

    /// The name of its architecture, as browsers name them: `ampere`, `rdna-3`; none where nothing gives it away.
    pub fn architecture(&self) -> Option<String> {
        architecture(self.architecture.as_deref(), self.vendor, self.device, &self.adapter)
    }

    /// Whether it is software on the host's processor.
    pub fn is_software(&self) -> bool {
        self.kind == DeviceKind::Cpu
    }

    /// Whether evidence of the other is evidence of this one: the same adapter, driver with version, API and compiler,
    /// and the same processor if it is software. Limits may differ: they are what an application asked for.
    pub fn is_same(&self, other: &Self) -> bool {
        let Self { capability, architecture, .. } = other.clone();
        !self.adapter.is_empty() && Self { capability, architecture, ..self.clone() } == *other
    }

    /// Whether the other belongs to the same class: subgroups, workgroup memory, f16 and matrices are alike, and both or
    /// neither are software.
    pub fn is_alike(&self, other: &Self) -> bool {
        let class = |device: &Self| {
            let Capability { subgroup_size, workgroup_storage_bytes, f16, .. } = device.capability;
            let mut cooperative = device.capability.cooperative.clone();
            cooperative.sort_unstable();
            cooperative.dedup();
            (subgroup_size, workgroup_storage_bytes, f16, cooperative, device.is_software())
        };
        class(self) == class(other)
    }
}

/// Which devices are meant: those that agree in everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceMatch {
    /// The adapter's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// The driver's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The driver's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_info: Option<String>,
    /// The graphics API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The PCI vendor number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<u32>,
    /// What turns WGSL into the API's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
}

impl DeviceMatch {
    /// Whether this device is meant. Where nothing is given, every device is.
    pub fn matches(&self, device: &Device) -> bool {
        let texts = [
            (&self.adapter, &device.adapter),
            (&self.driver, &device.driver),
            (&self.driver_info, &device.driver_info),
            (&self.api, &device.api),
            (&self.compiler, &device.compiler),
        ];
        texts.iter().all(|(wanted, has)| wanted.as_ref().is_none_or(|wanted| wanted == *has))
            && self.vendor.is_none_or(|vendor| vendor == device.vendor)
    }
}
