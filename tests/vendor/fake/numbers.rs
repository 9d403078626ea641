//! Elements in memory by the numbers of their types, and how they are rounded.

/// The types that are known, as CUDA numbers them.
#[derive(Clone, Copy, PartialEq)]
pub enum Element {
    F32,
    F16,
}

impl Element {
    /// By CUDA's number.
    pub fn of_cuda(number: u32) -> Self {
        match number {
            0 => Self::F32,
            2 => Self::F16,
            other => panic!("the fake has no type {other}"),
        }
    }

    /// By cuDNN's number.
    pub fn of_dnn(number: u32) -> Self {
        match number {
            0 => Self::F32,
            2 => Self::F16,
            other => panic!("the fake has no type {other} of cuDNN's"),
        }
    }

    /// The element at a place.
    pub unsafe fn load(self, at: usize, index: usize) -> f64 {
        unsafe {
            match self {
                Self::F32 => (*(at as *const f32).add(index)).into(),
                Self::F16 => to_f32(*(at as *const u16).add(index)).into(),
            }
        }
    }

    /// Puts an element there.
    pub unsafe fn store(self, at: usize, index: usize, value: f64) {
        unsafe {
            match self {
                Self::F32 => *(at as *mut f32).add(index) = value as f32,
                Self::F16 => *(at as *mut u16).add(index) = to_f16(value as f32),
            }
        }
    }
}

/// The nearest number with as many bits as TF32 keeps.
pub fn to_tf32(value: f64) -> f64 {
    f32::from_bits(((value as f32).to_bits() + (1 << 12)) & !0x1fff).into()
}

fn to_f32(half: u16) -> f32 {
    let (sign, exponent, digits) = (u32::from(half >> 15) << 31, half >> 10 & 31, u32::from(half & 1023));
    match exponent {
        0 => (digits as f32 * 2f32.powi(-24)) * if sign == 0 { 1.0 } else { -1.0 },
        31 => f32::from_bits(sign | 0x7f80_0000 | digits << 13),
        _ => f32::from_bits(sign | (u32::from(exponent) + 112) << 23 | digits << 13),
    }
}

/// To the nearest, ties to even.
fn to_f16(value: f32) -> u16 {
    let (bits, magnitude) = (value.to_bits(), value.abs());
    let sign = (bits >> 16 & 0x8000) as u16;
    if value.is_nan() {
        return sign | 0x7e00;
    }
    if magnitude >= 65_520.0 {
        return sign | 0x7c00;
    }
    if magnitude < 2f32.powi(-14) {
        // Multiples of the smallest subnormal.
        return sign | (f64::from(magnitude) * 2f64.powi(24)).round_ties_even() as u16;
    }
    let rounded = magnitude.to_bits() + 0xfff + (magnitude.to_bits() >> 13 & 1);
    sign | ((rounded >> 13) - (112 << 10)) as u16
}

/// `gelu` by tanh: 1 + tanh z as what does not cancel, 2 / (1 + exp(−2z)).
pub fn gelu_tanh(x: f64) -> f64 {
    x / (1.0 + (-2.0 * (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)).exp())
}
