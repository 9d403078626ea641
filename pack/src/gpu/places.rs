//! Where a kernel's buffers are bound: as all kernels of the tuner have them, or as its author declared them.

use std::collections::BTreeMap;

use crate::{Declared, Kernel};

/// One binding of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub binding: u32,
    pub what: What,
}

/// What is bound there.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// The uniform block of that number.
    Uniform(usize),
    /// One of the kernel's buffers.
    Storage {
        /// Its place among the kernel's bindings.
        at: usize,
        /// Whether it is bound to its elements alone.
        exact: bool,
    },
}

/// Every binding of a kernel, by group.
pub(super) fn places(kernel: &Kernel) -> BTreeMap<u32, Vec<Place>> {
    match &kernel.declared {
        None => BTreeMap::from([(0, of_the_tuner(kernel))]),
        Some(declared) => as_declared(declared),
    }
}

/// The uniform block at binding 0, then the storage buffers.
fn of_the_tuner(kernel: &Kernel) -> Vec<Place> {
    let storage = (0..kernel.bindings.len()).map(|at| What::Storage { at, exact: false });
    let all = std::iter::once(What::Uniform(0)).chain(storage);
    (0..).zip(all).map(|(binding, what)| Place { binding, what }).collect()
}

fn as_declared(declared: &Declared) -> BTreeMap<u32, Vec<Place>> {
    let mut groups: BTreeMap<u32, Vec<Place>> = BTreeMap::new();
    for (at, slot) in declared.slots.iter().enumerate() {
        let what = What::Storage { at, exact: slot.exact };
        groups.entry(slot.group).or_default().push(Place { binding: slot.binding, what });
    }
    for (number, block) in declared.blocks.iter().enumerate() {
        let place = Place { binding: block.binding, what: What::Uniform(number) };
        groups.entry(block.group).or_default().push(place);
    }
    groups
}
