//! What a device must have for a program: optional features and least limits.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::quoted;
use crate::{Capability, CooperativeMatrix, ElementType};

/// What a device must have for a program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Needs {
    /// Optional features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    /// The least limits.
    #[serde(default)]
    pub limits: NeededLimits,
}

/// An optional feature: `f16`, `subgroups`, `float32_atomics` or `cooperative:16x16x16:f16:f32` (m×n×k, factors, sum).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub enum Feature {
    /// 16-bit floats.
    F16,
    /// Operations across a subgroup.
    Subgroups,
    /// Atomic addition of 32-bit floats.
    Float32Atomics,
    /// Products of small matrices.
    Cooperative(CooperativeMatrix),
}

/// The least limits, in WebGPU's units; what is not said is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct NeededLimits {
    /// Workgroup memory of one workgroup, in bytes.
    pub workgroup_storage_bytes: u32,
    /// Invocations of one workgroup.
    pub invocations_per_workgroup: u32,
    /// Invocations along each direction of one workgroup.
    pub workgroup_size: [u32; 3],
    /// Storage buffers that a kernel is bound to.
    pub storage_buffers_per_stage: u32,
    /// Invocations of the smallest subgroup.
    #[serde(skip_serializing_if = "is_zero")]
    pub subgroup_size: u32,
    /// The largest binding at any size that is admitted and fits it, in bytes; bindings that follow from sizes need not be said.
    pub storage_binding_bytes: u64,
}

impl Needs {
    /// What the device lacks, in words.
    pub fn missing(&self, device: &Capability) -> Option<String> {
        if let Some(feature) = self.features.iter().find(|feature| !feature.is_in(device)) {
            return Some(format!("the device lacks `{feature}`"));
        }
        let limits = &self.limits;
        let sizes = limits.workgroup_size.into_iter().zip(device.workgroup_size);
        let smallest_subgroup = device.subgroup_size.map_or(0, |[least, _]| least);
        let needed = [
            ("bytes of workgroup memory", limits.workgroup_storage_bytes.into(), device.workgroup_storage_bytes.into()),
            ("invocations", limits.invocations_per_workgroup.into(), device.invocations_per_workgroup.into()),
            ("invocations in every subgroup", limits.subgroup_size.into(), smallest_subgroup.into()),
            ("storage buffers", limits.storage_buffers_per_stage.into(), device.storage_buffers_per_stage.into()),
            ("bytes in one binding", limits.storage_binding_bytes, device.storage_binding_bytes),
        ];
        let needed =
            needed.into_iter().chain(sizes.map(|(needs, has)| ("invocations in a row", needs.into(), has.into())));
        let mut lacking = needed.filter(|(_, needs, has)| needs > has);
        lacking.next().map(|(what, needs, has): (_, u64, u64)| format!("it needs {needs} {what}, the device has {has}"))
    }
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Feature {
    fn is_in(self, device: &Capability) -> bool {
        match self {
            Self::F16 => device.f16,
            Self::Subgroups => device.subgroups,
            Self::Float32Atomics => device.float32_atomics,
            Self::Cooperative(matrix) => device.cooperative.contains(&matrix),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "f16" => Self::F16,
            "subgroups" => Self::Subgroups,
            "float32_atomics" => Self::Float32Atomics,
            _ => {
                let (sizes, types) = text.strip_prefix("cooperative:")?.split_once(':')?;
                let (factors, sum) = types.split_once(':')?;
                let sizes: Vec<u32> = sizes.split('x').map(|size| size.parse().ok()).collect::<Option<_>>()?;
                let [m, n, k] = sizes.try_into().ok()?;
                let (factors, sum) = (ElementType::of(factors)?, ElementType::of(sum)?);
                Self::Cooperative(CooperativeMatrix { m, n, k, factors, sum })
            }
        })
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F16 => f.write_str("f16"),
            Self::Subgroups => f.write_str("subgroups"),
            Self::Float32Atomics => f.write_str("float32_atomics"),
            Self::Cooperative(CooperativeMatrix { m, n, k, factors, sum }) => {
                write!(f, "cooperative:{m}x{n}x{k}:{}:{}", factors.name(), sum.name())
            }
        }
    }
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Feature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("unknown feature `{}`", quoted(&text)));
        Self::parse(&text).ok_or_else(unknown)
    }
}
