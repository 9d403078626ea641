//! The types of `override` constants, and how WGSL writes their values.

use crate::space::Value;

/// The type of an `override` constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `u32`
    U32,
    /// `i32`
    I32,
    /// `f32`
    F32,
    /// `f16`
    F16,
    /// `bool`
    Bool,
}

impl Scalar {
    /// Every type that an `override` constant can have.
    pub const ALL: [Self; 5] = [Self::U32, Self::I32, Self::F32, Self::F16, Self::Bool];

    /// Its name in WGSL.
    pub fn name(self) -> &'static str {
        match self {
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bool => "bool",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scalar| scalar.name() == name)
    }

    /// The type that a literal has by itself, which an `override` without a type takes.
    pub(super) fn of_literal(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('-').unwrap_or(text).trim_start();
        let is_hex = digits.starts_with("0x") || digits.starts_with("0X");
        let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        // A sign within is that of an exponent.
        let is_sign = |at: usize| at > 0 && matches!(digits.as_bytes()[at - 1], b'e' | b'E' | b'p' | b'P');
        let plain = digits.char_indices().all(|(at, c)| match c {
            '+' | '-' => is_sign(at),
            c => c.is_ascii_alphanumeric() || c == '.',
        });
        match digits {
            "true" | "false" => Some(Self::Bool),
            _ if !begins || !plain => None,
            _ if digits.ends_with('u') => Some(Self::U32),
            _ if digits.ends_with('i') => Some(Self::I32),
            _ if digits.ends_with('h') => Some(Self::F16),
            _ if digits.contains('.') || !is_hex && digits.contains(['e', 'E', 'f']) || digits.contains(['p', 'P']) => {
                Some(Self::F32)
            }
            // Without a suffix an `override` is an `i32`.
            _ => Some(Self::I32),
        }
    }

    /// A value as WGSL writes it; `None` if this type cannot hold it.
    pub(super) fn literal(self, value: &Value) -> Option<String> {
        let whole = || match *value {
            Value::Int(value) => Some(value),
            Value::Real(value) => (value.fract() == 0.0 && value.abs() < 2f64.powi(53)).then_some(value as i64),
            Value::Text(_) => None,
        };
        match self {
            Self::U32 => u32::try_from(whole()?).ok().map(|value| format!("{value}u")),
            // The sign is an operator in WGSL, and 2147483648i does not exist.
            Self::I32 if whole()? == i64::from(i32::MIN) => Some("i32(-2147483648)".to_owned()),
            Self::I32 => i32::try_from(whole()?).ok().map(|value| format!("{value}i")),
            Self::F32 => {
                let rounded = value.as_real()? as f32;
                held(value, f64::from(rounded)).then(|| format!("{rounded:?}f"))
            }
            Self::F16 => {
                let rounded = half::f16::from_f64(value.as_real()?);
                held(value, f64::from(rounded)).then(|| format!("{:?}h", f32::from(rounded)))
            }
            Self::Bool => match value {
                Value::Text(text) => matches!(text.as_str(), "true" | "false").then(|| text.clone()),
                _ => match whole()? {
                    0 => Some("false".to_owned()),
                    1 => Some("true".to_owned()),
                    _ => None,
                },
            },
        }
    }

    pub(super) fn takes(self) -> &'static str {
        match self {
            Self::U32 => "whole numbers from 0 to 4294967295",
            Self::I32 => "whole numbers from -2147483648 to 2147483647",
            Self::F32 => "numbers up to 3.4e38, whole ones only if it has them exactly",
            Self::F16 => "numbers up to 65504, whole ones only if it has them exactly",
            Self::Bool => "0, 1, true and false",
        }
    }
}

/// Whether a rounded number stands for the value: a whole one must be kept exactly, a real one may be rounded.
fn held(value: &Value, rounded: f64) -> bool {
    match value {
        Value::Int(value) => rounded as i128 == i128::from(*value),
        _ => rounded.is_finite(),
    }
}
