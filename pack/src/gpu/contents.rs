//! What buffers of a self-test contain: elements as they lie in memory, poison, and what lies behind the ends.

use half::f16;

use super::prepared::padded;
use crate::{ElementType, Fill, Guard, TensorSize};

/// The contents of an input: its elements, then what shows where it is read beyond its end.
pub(super) fn input(fill: &Fill, tensor: &TensorSize, guard: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(whole(tensor, guard));
    (0..tensor.elements).for_each(|index| encode(tensor.element, fill.value(index), &mut bytes));
    let stray = stray(tensor.element);
    while bytes.len() < whole(tensor, guard) {
        bytes.push(stray[bytes.len() % stray.len()]);
    }
    bytes
}

/// The contents of an output before a run: poison, then the guard zone.
pub(super) fn poisoned(tensor: &TensorSize, guard: Guard) -> Vec<u8> {
    let poison = poison(tensor.element);
    let mut bytes: Vec<u8> = poison.iter().copied().cycle().take(padded(tensor.bytes) as usize).collect();
    bytes.resize(whole(tensor, guard.bytes), guard.value);
    bytes
}

/// The first byte of an output's guard zone that is not what it was.
pub(super) fn overrun(tensor: &TensorSize, guard: Guard, bytes: &[u8]) -> Option<usize> {
    let zone = &bytes[padded(tensor.bytes) as usize..];
    zone.iter().position(|byte| *byte != guard.value)
}

fn whole(tensor: &TensorSize, guard: u32) -> usize {
    padded(tensor.bytes) as usize + guard as usize
}

/// The bytes of one poisoned element: a NaN that no kernel writes by accident, or a pattern for integers.
pub(super) fn poison(element: ElementType) -> &'static [u8] {
    match element {
        ElementType::F32 => &[0xad, 0xde, 0xc0, 0x7f],
        ElementType::F16 => &[0xad, 0x7e],
        ElementType::I8 => &[0x5a],
        ElementType::I32 | ElementType::U32 => &[0x5a, 0x5a, 0x5a, 0x5a],
    }
}

/// What lies behind the elements of inputs: another NaN, since one that is read may arrive in an output as it is.
fn stray(element: ElementType) -> &'static [u8] {
    match element {
        ElementType::F32 => &[0xad, 0x0b, 0xc0, 0x7f],
        ElementType::F16 => &[0xab, 0x7e],
        ElementType::I8 => &[0x6b],
        ElementType::I32 | ElementType::U32 => &[0x6b, 0x6b, 0x6b, 0x6b],
    }
}

/// The smallest normal f16.
const SMALLEST_F16: f64 = 1.0 / 16_384.0;

/// Appends an element, rounded to its type. Subnormal f16 become zero of their sign: devices may flush them or not.
pub(super) fn encode(element: ElementType, value: f64, into: &mut Vec<u8>) {
    let whole = value.round_ties_even();
    match element {
        ElementType::F32 => into.extend((value as f32).to_le_bytes()),
        ElementType::F16 => {
            let value = if value.abs() < SMALLEST_F16 { 0f64.copysign(value) } else { value };
            into.extend(f16::from_f64(value).to_le_bytes());
        }
        ElementType::I8 => into.extend((whole as i8).to_le_bytes()),
        ElementType::I32 => into.extend((whole as i32).to_le_bytes()),
        ElementType::U32 => into.extend((whole as u32).to_le_bytes()),
    }
}

/// The value of an element; no number where there is none.
pub(super) fn decode(element: ElementType, bytes: &[u8], index: u64) -> f64 {
    let at = index as usize * element.bytes() as usize;
    let value = match element {
        ElementType::F32 => word(bytes, at).map(|word| f64::from(f32::from_le_bytes(word))),
        ElementType::F16 => word(bytes, at).map(|word| f16::from_le_bytes(word).to_f64()),
        ElementType::I8 => word(bytes, at).map(|word| f64::from(i8::from_le_bytes(word))),
        ElementType::I32 => word(bytes, at).map(|word| f64::from(i32::from_le_bytes(word))),
        ElementType::U32 => word(bytes, at).map(|word| f64::from(u32::from_le_bytes(word))),
    };
    value.unwrap_or(f64::NAN)
}

fn word<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Distribution;

    fn tensor(element: ElementType, elements: u64) -> TensorSize {
        let bytes = elements * element.bytes();
        TensorSize { name: "x".to_owned(), element, extents: vec![elements], elements, bytes }
    }

    #[test]
    fn elements_are_read_as_they_were_written() {
        let cases = [
            (ElementType::F32, 0.1, f64::from(0.1f32)),
            (ElementType::F16, -2.5, -2.5),
            (ElementType::F16, 1e-6, 0.0),
            (ElementType::I8, -300.0, -128.0),
            (ElementType::I32, -2.5, -2.0),
            (ElementType::U32, 4e9, 4e9),
        ];
        for (element, value, want) in cases {
            let mut bytes = vec![0; element.bytes() as usize];
            encode(element, value, &mut bytes);
            assert_eq!(decode(element, &bytes, 1), want, "{element:?} {value}");
            assert!(decode(element, &bytes, 2).is_nan(), "{element:?}");
        }
    }

    #[test]
    fn ends_are_guarded() {
        let guard = Guard::default();
        for element in ElementType::ALL {
            let tensor = tensor(element, 5);
            let mut bytes = poisoned(&tensor, guard);
            let fill = Fill { seed: 1, distribution: Distribution::Constant(1.0) };
            assert_eq!((bytes.len() % 16, input(&fill, &tensor, guard.bytes).len()), (0, bytes.len()), "{element:?}");
            assert_eq!((bytes.len() as u64 - padded(tensor.bytes), overrun(&tensor, guard, &bytes)), (256, None));
            let last = bytes.len() - 1;
            bytes[last] = 0;
            assert_eq!(overrun(&tensor, guard, &bytes), Some(255), "{element:?}");
        }
    }
}
