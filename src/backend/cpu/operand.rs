//! What routines read and write: slices of the elements alone, without what guards them.

use std::borrow::Cow;

use half::f16;

use super::memory::Memory;
use crate::backend::BufferRule;
use crate::base::ElementType;

/// The elements of an input.
#[derive(Clone, Copy)]
pub(super) enum Operand<'a> {
    F32(&'a [f32]),
    F16(&'a [f16]),
}

/// The elements of an output.
pub(super) enum Target<'a> {
    F32(&'a mut [f32]),
    F16(&'a mut [f16]),
}

impl<'a> Operand<'a> {
    /// The elements of a buffer that was made by a rule; its type is one that routines know.
    pub fn of(memory: &'a Memory, rule: &BufferRule) -> Self {
        let bytes = &memory.bytes()[..rule.data_bytes() as usize];
        match rule.element {
            ElementType::F16 => Self::F16(bytemuck::cast_slice(bytes)),
            _ => Self::F32(bytemuck::cast_slice(bytes)),
        }
    }

    /// The elements as f32.
    pub fn widened(self) -> Cow<'a, [f32]> {
        match self {
            Self::F32(values) => Cow::Borrowed(values),
            Self::F16(values) => Cow::Owned(values.iter().map(|value| value.to_f32()).collect()),
        }
    }
}

impl<'a> Target<'a> {
    /// As [`Operand::of`].
    pub fn of(memory: &'a mut Memory, rule: &BufferRule) -> Self {
        let bytes = &mut memory.bytes_mut()[..rule.data_bytes() as usize];
        match rule.element {
            ElementType::F16 => Self::F16(bytemuck::cast_slice_mut(bytes)),
            _ => Self::F32(bytemuck::cast_slice_mut(bytes)),
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
        }
    }

    /// Has somebody compute the elements in f32, and stores them.
    pub fn widened(&mut self, compute: impl FnOnce(&mut [f32])) {
        match self {
            Self::F32(values) => compute(values),
            Self::F16(values) => {
                let mut wide = vec![0.0; values.len()];
                compute(&mut wide);
                values.iter_mut().zip(wide).for_each(|(value, wide)| *value = f16::from_f32(wide));
            }
        }
    }
}
