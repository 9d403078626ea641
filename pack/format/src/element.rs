//! Element types of tensors: their names and sizes.

use serde::{Deserialize, Serialize};

/// The type of one stored tensor element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// IEEE single precision.
    F32,
    /// IEEE half precision.
    F16,
    /// Signed bytes.
    I8,
    /// Signed words of four bytes.
    I32,
    /// Unsigned words of four bytes.
    U32,
}

impl ElementType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::F32, Self::F16, Self::I8, Self::I32, Self::U32];

    /// Its name in workloads and features.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I8 => "i8",
            Self::I32 => "i32",
            Self::U32 => "u32",
        }
    }

    /// The type of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 => 2,
            Self::I8 => 1,
        }
    }
}
