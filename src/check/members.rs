//! The members of a uniform block, down to scalars, vectors and arrays of them.

use naga::{Handle, Module, Type, TypeInner};
use serde::{Deserialize, Serialize};

use super::layout::scalar;
use crate::base::ElementType;

/// A part of a uniform block that can be given a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The names that lead to it, as in `a.b`; empty where the block is no struct.
    pub path: String,
    /// The byte at which it begins in the block.
    pub offset: u64,
    /// What it is made of.
    pub scalar: ElementType,
    /// Scalars in one of its rows: 1 for a scalar, 2 to 4 for a vector or for a column of a matrix.
    pub components: u32,
    /// How many rows there are: the elements of an array, the columns of a matrix, else 1.
    pub rows: u32,
    /// Bytes from one row to the next, 0 where there is one.
    pub stride_bytes: u32,
}

/// Structs in structs whose members have a path.
const DEEPEST: usize = 8;

/// The members of a type.
///
/// # Errors
/// What cannot be given values, as the end of a sentence.
pub(super) fn members(module: &Module, ty: Handle<Type>) -> Result<Vec<Member>, &'static str> {
    let mut found = Vec::new();
    let mut left = vec![(ty, 0, String::new(), 0)];
    while let Some((ty, offset, path, depth)) = left.pop() {
        match &module.types[ty].inner {
            TypeInner::Struct { .. } if depth == DEEPEST => return Err("with structs nested too deeply"),
            TypeInner::Struct { members, .. } => {
                let inner = members.iter().rev().map(|member| {
                    let name = member.name.as_deref().unwrap_or_default();
                    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    (member.ty, offset + u64::from(member.offset), path, depth + 1)
                });
                left.extend(inner);
            }
            other => found.push(leaf(module, other, offset, path)?),
        }
    }
    Ok(found)
}

fn leaf(module: &Module, inner: &TypeInner, offset: u64, path: String) -> Result<Member, &'static str> {
    let odd = "with arrays of arrays, matrices or structs";
    let (ty, rows, stride_bytes) = match *inner {
        TypeInner::Array { base, size: naga::ArraySize::Constant(length), stride } => {
            (&module.types[base].inner, length.get(), stride)
        }
        _ => (inner, 1, 0),
    };
    let (kind, components, rows, stride_bytes) = match *ty {
        TypeInner::Scalar(kind) => (kind, 1, rows, stride_bytes),
        TypeInner::Vector { size, scalar } => (scalar, size as u32, rows, stride_bytes),
        TypeInner::Matrix { columns, rows: height, scalar } if rows == 1 => {
            let column = naga::proc::Alignment::from(height) * u32::from(scalar.width);
            (scalar, height as u32, columns as u32, column)
        }
        _ => return Err(odd),
    };
    let scalar = scalar(kind).ok_or(odd)?;
    Ok(Member { path, offset, scalar, components, rows, stride_bytes })
}
