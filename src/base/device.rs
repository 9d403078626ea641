//! What is known about a device, as plain data: so a space can respect limits, and a test can invent them.

use serde::{Deserialize, Serialize};

use super::{ElementType, Language, Processor};

/// The kind of machine behind an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A card with memory of its own.
    DiscreteGpu,
    /// A part of the processor, sharing its memory.
    IntegratedGpu,
    /// A GPU that a virtual machine is given.
    VirtualGpu,
    /// Software that runs on the host's CPU.
    Cpu,
    /// The host's CPU itself, which runs native routines.
    Processor,
    /// An accelerator that this program simulates.
    Accelerator,
    /// What the driver does not tell.
    Other,
}

impl DeviceKind {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::DiscreteGpu => "discrete GPU",
            Self::IntegratedGpu => "integrated GPU",
            Self::VirtualGpu => "virtual GPU",
            Self::Cpu => "software",
            Self::Processor => "processor",
            Self::Accelerator => "simulated",
            Self::Other => "other",
        }
    }

    /// What its programs are written in.
    pub fn language(self) -> Language {
        match self {
            Self::Processor => Language::Native,
            Self::Accelerator => Language::Vta,
            _ => Language::Wgsl,
        }
    }
}

/// Who measured: results of two different identities are never taken for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeviceIdentity {
    /// The adapter's name, as its driver tells it.
    pub adapter: String,
    /// PCI vendor and device numbers, 0 where there are none.
    pub vendor: u32,
    /// The PCI device number.
    pub device: u32,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, in its own words.
    pub driver_info: String,
    /// The graphics API: `vulkan`, `metal`, `dx12`.
    pub api: String,
    /// What kind of machine it is.
    pub kind: DeviceKind,
    /// What turned WGSL into the API's language, with its version.
    pub compiler: String,
    /// CPU model and thread count, for devices that run on the host's CPU.
    pub host: Option<String>,
}

/// Limits of a device, in WebGPU's units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLimits {
    /// Invocations in one workgroup.
    pub invocations_per_workgroup: u32,
    /// Invocations along each direction of one workgroup.
    pub workgroup_size: [u32; 3],
    /// Workgroups along each direction of one dispatch.
    pub workgroups_per_dimension: u32,
    /// Workgroup memory of one workgroup.
    pub workgroup_storage_bytes: u32,
    /// The part of a buffer that a kernel can be bound to.
    pub storage_binding_bytes: u64,
    /// One buffer.
    pub buffer_bytes: u64,
    /// Storage buffers that a kernel can be bound to.
    pub storage_buffers_per_stage: u32,
    /// Loop iterations per invocation after which the driver silently stops a kernel, where it does so.
    pub loop_iterations: Option<u64>,
}

/// Optional features that templates ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFeatures {
    /// 16-bit floats in storage and arithmetic (`enable f16;`).
    pub f16: bool,
    /// Operations across the invocations of a subgroup (`enable subgroups;`).
    pub subgroups: bool,
    /// Smallest and largest subgroup size.
    pub subgroup_size: [u32; 2],
    /// Queries of the device's own clock.
    pub timestamps: bool,
    /// Atomic addition of 32-bit floats in storage buffers; not in browsers.
    pub float32_atomics: bool,
    /// The products of small matrices that a subgroup can take together; not in browsers.
    pub cooperative: Vec<CooperativeMatrix>,
}

/// C = A·B + C of small matrices that a subgroup takes together: A is m×k, B is k×n, C is m×n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Everything a space, a check or a report may ask about a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Who it is.
    pub identity: DeviceIdentity,
    /// How much it can take.
    pub limits: DeviceLimits,
    /// What else it can do.
    pub features: DeviceFeatures,
    /// What it is made of, where it is a [`DeviceKind::Processor`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
    /// The name of its hardware's configuration, such as `1x16_i8w8a32_15_15_18_17`, where it is a [`DeviceKind::Accelerator`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<String>,
}

impl DeviceFacts {
    /// A device with WebGPU's guaranteed limits and no optional feature: what every implementation has.
    pub fn portable() -> Self {
        Self {
            identity: DeviceIdentity {
                adapter: "WebGPU's guaranteed limits".into(),
                vendor: 0,
                device: 0,
                driver: String::new(),
                driver_info: String::new(),
                api: "none".into(),
                kind: DeviceKind::Other,
                compiler: String::new(),
                host: None,
            },
            limits: DeviceLimits {
                invocations_per_workgroup: 256,
                workgroup_size: [256, 256, 64],
                workgroups_per_dimension: 65_535,
                workgroup_storage_bytes: 16_384,
                storage_binding_bytes: 128 << 20,
                buffer_bytes: 256 << 20,
                storage_buffers_per_stage: 8,
                loop_iterations: None,
            },
            features: DeviceFeatures {
                f16: false,
                subgroups: false,
                subgroup_size: [4, 128],
                timestamps: false,
                float32_atomics: false,
                cooperative: Vec::new(),
            },
            processor: None,
            accelerator: None,
        }
    }

    /// A device that every config fits: for reading configs that were legal wherever they were measured. It counts as
    /// software, where spaces are the widest. Its subgroups are of one invocation: there are as many as one likes in every
    /// workgroup, and all are full.
    pub fn boundless() -> Self {
        let mut facts = Self::portable();
        facts.identity.kind = DeviceKind::Cpu;
        facts.limits = DeviceLimits {
            invocations_per_workgroup: u32::MAX,
            workgroup_size: [u32::MAX; 3],
            workgroups_per_dimension: u32::MAX,
            workgroup_storage_bytes: u32::MAX,
            storage_binding_bytes: u64::MAX,
            buffer_bytes: u64::MAX,
            storage_buffers_per_stage: u32::MAX,
            loop_iterations: None,
        };
        facts.features.f16 = true;
        facts.features.subgroups = true;
        facts.features.subgroup_size = [1, 1];
        facts.features.float32_atomics = true;
        facts.features.cooperative = vec![
            CooperativeMatrix { m: 16, n: 16, k: 16, factors: ElementType::F16, sum: ElementType::F32 },
            CooperativeMatrix { m: 8, n: 8, k: 8, factors: ElementType::F16, sum: ElementType::F32 },
            CooperativeMatrix { m: 8, n: 8, k: 8, factors: ElementType::F32, sum: ElementType::F32 },
        ];
        facts
    }

    /// What its programs are written in.
    pub fn language(&self) -> Language {
        self.identity.kind.language()
    }

    /// Whether WGSL is run by the host's own CPU, where compiling ahead would disturb the clock.
    pub fn is_software(&self) -> bool {
        self.identity.kind == DeviceKind::Cpu
    }
}
