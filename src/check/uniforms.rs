//! What the uniform blocks of a kernel hold, by variable and byte.

use std::collections::HashMap;

use naga::{AddressSpace, GlobalVariable, Handle, Module, TypeInner};

use crate::code::Kernel;

/// The contents of each uniform block as words, and the lengths of arrays that are known.
pub(super) struct Uniforms {
    words: HashMap<Handle<GlobalVariable>, Vec<u32>>,
    lengths: HashMap<Handle<GlobalVariable>, u32>,
}

impl Uniforms {
    /// One set of words for the only block of a kernel that declares no others.
    pub(super) fn sizes(module: &Module, words: &[u32]) -> Self {
        Self { words: blocks(module).map(|(handle, _)| (handle, words.to_vec())).collect(), lengths: HashMap::new() }
    }

    /// What the author of a kernel declared.
    pub(super) fn declared(module: &Module, kernel: &Kernel) -> Self {
        let declared = kernel.declared.iter().flat_map(|declared| &declared.blocks);
        let found = declared.filter_map(|block| {
            let is_it = |global: &GlobalVariable| {
                let at = global.binding.map(|at| (at.group, at.binding));
                at == Some((block.group, block.binding)) && global.name.as_ref() == Some(&block.name)
            };
            let (handle, _) = blocks(module).find(|(_, global)| is_it(global))?;
            Some((handle, block.words.clone()))
        });
        let slots = kernel.declared.iter().flat_map(|declared| &declared.slots);
        let lengths = slots.filter_map(|slot| {
            let at = Some((slot.group, slot.binding));
            let is_it = |global: &GlobalVariable| global.binding.map(|at| (at.group, at.binding)) == at;
            let (handle, _) = module.global_variables.iter().find(|(_, global)| is_it(global))?;
            Some((handle, slot.length?))
        });
        Self { words: found.collect(), lengths: lengths.collect() }
    }

    /// The word at a byte of a block, if it is known.
    pub(super) fn word(&self, block: Handle<GlobalVariable>, byte: u32) -> Option<u32> {
        let words = self.words.get(&block)?;
        byte.is_multiple_of(4).then(|| words.get(byte as usize / 4).copied())?
    }

    /// How many elements the array is known to have that a buffer is, or ends in.
    pub(super) fn length(&self, buffer: Handle<GlobalVariable>) -> Option<u32> {
        self.lengths.get(&buffer).copied()
    }
}

fn blocks(module: &Module) -> impl Iterator<Item = (Handle<GlobalVariable>, &GlobalVariable)> {
    module.global_variables.iter().filter(|(_, global)| global.space == AddressSpace::Uniform)
}

/// Where a part of a value, or of what a pointer points to, begins in it.
pub(super) fn offset(module: &Module, whole: &TypeInner, index: u32) -> Option<u32> {
    match *whole {
        TypeInner::Pointer { base, .. } => offset(module, &module.types[base].inner, index),
        TypeInner::Struct { ref members, .. } => Some(members.get(index as usize)?.offset),
        TypeInner::Array { stride, .. } => stride.checked_mul(index),
        TypeInner::Vector { scalar, .. } | TypeInner::ValuePointer { size: Some(_), scalar, .. } => {
            index.checked_mul(scalar.width.into())
        }
        _ => None,
    }
}
