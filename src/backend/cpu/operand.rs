//! What routines read and write: slices of the elements alone, without what guards them.

use std::borrow::Cow;

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::kernels::{Data, DataMut};
use super::memory::Memory;
use crate::backend::BufferRule;
use crate::base::ElementType;

/// The elements of an input.
pub(super) type Operand<'a> = Data<'a>;

/// The elements of an output.
pub(super) type Target<'a> = DataMut<'a>;

/// The elements of a buffer that was made by a rule; its type is one that routines know.
pub(super) fn operand<'a>(memory: &'a Memory, rule: &BufferRule) -> Operand<'a> {
    let bytes = &memory.bytes()[..rule.data_bytes() as usize];
    match rule.element {
        ElementType::F16 => Data::F16(bytemuck::cast_slice(bytes)),
        _ => Data::F32(bytemuck::cast_slice(bytes)),
    }
}

/// The same of an output.
pub(super) fn target<'a>(memory: &'a mut Memory, rule: &BufferRule) -> Target<'a> {
    let bytes = &mut memory.bytes_mut()[..rule.data_bytes() as usize];
    match rule.element {
        ElementType::F16 => DataMut::F16(bytemuck::cast_slice_mut(bytes)),
        _ => DataMut::F32(bytemuck::cast_slice_mut(bytes)),
    }
}

/// The same elements, for as long as they are not needed elsewhere.
pub(super) fn borrowed<'a>(target: &'a mut Target) -> Target<'a> {
    match target {
        DataMut::F32(values) => DataMut::F32(values),
        DataMut::F16(values) => DataMut::F16(values),
    }
}

/// The elements as f32.
pub(super) fn widened<'a>(operand: Operand<'a>) -> Cow<'a, [f32]> {
    match operand {
        Data::F32(values) => Cow::Borrowed(values),
        Data::F16(values) => {
            let mut wide = vec![0.0; values.len()];
            values.convert_to_f32_slice(&mut wide);
            Cow::Owned(wide)
        }
    }
}

/// Has somebody compute the elements in f32, and stores them.
pub(super) fn store_widened(target: &mut Target, compute: impl FnOnce(&mut [f32])) {
    match target {
        DataMut::F32(values) => compute(values),
        DataMut::F16(values) => {
            let mut wide = vec![0.0; values.len()];
            compute(&mut wide);
            values.iter_mut().zip(wide).for_each(|(value, wide)| *value = f16::from_f32(wide));
        }
    }
}
