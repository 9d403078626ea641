//! Element types of tensors: their text names, sizes, rounding, and how values lie in memory.

use std::fmt;
use std::str::FromStr;

use half::f16;
use serde::{Deserialize, Serialize};

/// The type of one stored tensor element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

/// A text that names no element type.
#[derive(Debug, thiserror::Error)]
#[error("unknown element type `{0}`; known are f32, f16, i8, i32 and u32")]
pub struct UnknownElementType(pub String);

impl ElementType {
    /// Every type.
    pub const ALL: [ElementType; 5] = [Self::F32, Self::F16, Self::I8, Self::I32, Self::U32];

    /// Its name in workloads.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I8 => "i8",
            Self::I32 => "i32",
            Self::U32 => "u32",
        }
    }

    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 => 2,
            Self::I8 => 1,
        }
    }

    /// Whether it rounds, as integers do not.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16)
    }

    /// Unit roundoff: the largest relative error of rounding to nearest (0 for integers).
    pub fn roundoff(self) -> f64 {
        match self {
            Self::F32 => 2f64.powi(-24),
            Self::F16 => 2f64.powi(-11),
            Self::I8 | Self::I32 | Self::U32 => 0.0,
        }
    }

    /// The largest absolute error near zero: what lies below the smallest normal number may be flushed to zero.
    pub fn underflow(self) -> f64 {
        match self {
            Self::F32 => 2f64.powi(-126),
            Self::F16 => SMALLEST_F16,
            Self::I8 | Self::I32 | Self::U32 => 0.0,
        }
    }

    /// The nearest value that this type can hold, for integers the least or greatest where it is outside; subnormal f16s
    /// are zero, since devices may flush them.
    pub fn quantise(self, value: f64) -> f64 {
        match self {
            Self::F32 => f64::from(value as f32),
            Self::F16 => to_f16(value).to_f64(),
            Self::I8 => f64::from(value.round_ties_even() as i8),
            Self::I32 => f64::from(value.round_ties_even() as i32),
            Self::U32 => f64::from(value.round_ties_even() as u32),
        }
    }

    /// Appends one value as [`ElementType::quantise`] rounds it, little-endian, as it lies in a buffer.
    pub fn encode(self, value: f64, into: &mut Vec<u8>) {
        match self {
            Self::F32 => into.extend_from_slice(&(value as f32).to_le_bytes()),
            Self::F16 => into.extend_from_slice(&to_f16(value).to_le_bytes()),
            Self::I8 => into.push((value.round_ties_even() as i8) as u8),
            Self::I32 => into.extend_from_slice(&(value.round_ties_even() as i32).to_le_bytes()),
            Self::U32 => into.extend_from_slice(&(value.round_ties_even() as u32).to_le_bytes()),
        }
    }

    /// Reads element `index` of a buffer's bytes. Panics when it lies outside, as slices do.
    pub fn decode(self, bytes: &[u8], index: usize) -> f64 {
        let size = self.bytes() as usize;
        let raw = &bytes[index * size..(index + 1) * size];
        match self {
            Self::F32 => f64::from(f32::from_le_bytes(raw.try_into().expect("four bytes"))),
            Self::F16 => f16::from_le_bytes(raw.try_into().expect("two bytes")).to_f64(),
            Self::I8 => f64::from(raw[0] as i8),
            Self::I32 => f64::from(i32::from_le_bytes(raw.try_into().expect("four bytes"))),
            Self::U32 => f64::from(u32::from_le_bytes(raw.try_into().expect("four bytes"))),
        }
    }
}

/// The smallest normal f16.
const SMALLEST_F16: f64 = 1.0 / 16_384.0;

/// The nearest f16, zero of the same sign instead of a subnormal one: devices may flush those or not.
fn to_f16(value: f64) -> f16 {
    f16::from_f64(if value.abs() < SMALLEST_F16 { 0f64.copysign(value) } else { value })
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ElementType {
    type Err = UnknownElementType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|t| t.name() == text).ok_or_else(|| UnknownElementType(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_values_survive_memory() {
        for element in ElementType::ALL {
            assert_eq!(element.name().parse::<ElementType>().unwrap(), element);
            for value in [0.0, 1.0, -3.0, 100.0, 2.5, 3.5, -0.5, 1e10, f64::from(u32::MAX), f64::INFINITY] {
                let mut bytes = Vec::new();
                element.encode(0.0, &mut bytes);
                element.encode(value, &mut bytes);
                assert_eq!(bytes.len() as u64, 2 * element.bytes());
                assert_eq!(element.decode(&bytes, 1), element.quantise(value), "{element} {value}");
            }
        }
        assert!("f33".parse::<ElementType>().is_err());
    }

    #[test]
    fn integers_keep_their_range() {
        for (element, least, most) in [
            (ElementType::I8, -128.0, 127.0),
            (ElementType::I32, -2147483648.0, 2147483647.0),
            (ElementType::U32, 0.0, 4294967295.0),
        ] {
            let ends = [-1e12, least - 1.0, least, most, most + 1.0, 1e12].map(|value| element.quantise(value));
            assert_eq!(ends, [least, least, least, most, most, most], "{element}");
            assert_eq!([3.5, 2.5].map(|value| element.quantise(value)), [4.0, 2.0], "{element}");
        }
    }

    #[test]
    fn the_sign_of_zero_survives_memory() {
        for element in [ElementType::F32, ElementType::F16] {
            let mut bytes = Vec::new();
            element.encode(-0.0, &mut bytes);
            assert!(element.decode(&bytes, 0).is_sign_negative() && element.quantise(-0.0).is_sign_negative());
        }
    }

    #[test]
    fn rounding_stays_within_the_stated_roundoff() {
        for element in [ElementType::F32, ElementType::F16] {
            for i in 1..1000 {
                let value = f64::from(i) / 7.3;
                let error = (element.quantise(value) - value).abs();
                assert!(error <= element.roundoff() * value, "{element} {value}");
            }
        }
    }
}
