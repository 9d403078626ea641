//! How the values of types lie in memory: which scalars they are made of, and whether there are holes between them.

use naga::{Handle, Module, Type, TypeInner, VectorSize};

use super::parse::Sizes;
use crate::base::ElementType;

/// What a type is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    /// The only kind of scalar in it; `None` where there are several, or others.
    pub(super) scalar: Option<ElementType>,
    pub(super) atomic: bool,
    /// Whether some bytes belong to no value.
    pub(super) holes: bool,
}

impl Content {
    fn of(scalar: naga::Scalar, atomic: bool) -> Self {
        Self { scalar: self::scalar(scalar), atomic, holes: false }
    }

    fn and(self, other: Self) -> Self {
        Self {
            scalar: self.scalar.filter(|_| self.scalar == other.scalar),
            atomic: self.atomic || other.atomic,
            holes: self.holes || other.holes,
        }
    }

    fn with_holes(self, holes: bool) -> Self {
        Self { holes: self.holes || holes, ..self }
    }
}

/// What every type of a module is made of, by its index. A type refers to earlier ones only, so one pass suffices even
/// where written-out types would be endless.
pub(super) fn contents(module: &Module, sizes: &Sizes) -> Vec<Content> {
    let mut known = Vec::with_capacity(module.types.len());
    for (_, ty) in module.types.iter() {
        let content = content(ty, module, sizes, &known);
        known.push(content);
    }
    known
}

const NOTHING: Content = Content { scalar: None, atomic: false, holes: false };

fn content(ty: &Type, module: &Module, sizes: &Sizes, known: &[Content]) -> Content {
    match ty.inner {
        TypeInner::Scalar(scalar) | TypeInner::Vector { scalar, .. } => Content::of(scalar, false),
        TypeInner::Atomic(scalar) => Content::of(scalar, true),
        // A column of three is followed by a hole.
        TypeInner::Matrix { rows, scalar, .. } => Content::of(scalar, false).with_holes(rows == VectorSize::Tri),
        TypeInner::Array { base, stride, .. } => known[base.index()].with_holes(u64::from(stride) != sizes.bytes(base)),
        TypeInner::Struct { ref members, span } => {
            let all = members.iter().map(|member| known[member.ty.index()]).reduce(Content::and);
            let ends = members.iter().map(|member| match is_unsized(module, member.ty) {
                // It has no end, so nothing comes after it.
                true => span.into(),
                false => u64::from(member.offset) + sizes.bytes(member.ty),
            });
            let next = members.iter().skip(1).map(|member| member.offset).chain([span]);
            let holes = ends.zip(next).any(|(end, next)| end != u64::from(next));
            all.unwrap_or(NOTHING).with_holes(holes)
        }
        _ => NOTHING,
    }
}

/// Whether a type's size is known only when it is bound.
pub(super) fn is_unsized(module: &Module, ty: Handle<Type>) -> bool {
    let unsized_array =
        |ty: Handle<Type>| matches!(module.types[ty].inner, TypeInner::Array { size: naga::ArraySize::Dynamic, .. });
    match &module.types[ty].inner {
        // A struct within a struct has a size.
        TypeInner::Struct { members, .. } => members.last().is_some_and(|last| unsized_array(last.ty)),
        _ => unsized_array(ty),
    }
}

pub(super) fn scalar(scalar: naga::Scalar) -> Option<ElementType> {
    match scalar {
        naga::Scalar::F32 => Some(ElementType::F32),
        naga::Scalar::F16 => Some(ElementType::F16),
        naga::Scalar::I32 => Some(ElementType::I32),
        naga::Scalar::U32 => Some(ElementType::U32),
        _ => None,
    }
}
