//! What one invocation does, in numbers that add up over statements and multiply over loops.

use serde::{Deserialize, Serialize};

/// What one invocation does at most: each count times the trip counts of the loops around it.
///
/// Of a branch's sides each count takes the larger one, loops are taken to run to their bound, and an early `return`
/// is not believed: every count is an upper bound, exact for straight code in loops of known length. Accesses to
/// uniforms and to variables of the function are free, as are conversions, `select` and building or taking apart
/// vectors. Of what a subgroup does together with cooperative matrices each invocation counts its share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How often a loop's condition is evaluated: once per trip and once to leave, summed over all loops. It is what
    /// lavapipe limits.
    pub loop_iterations: u64,
    /// `workgroupBarrier` and `storageBarrier`; a `workgroupUniformLoad` counts two.
    pub barriers: u64,
    /// Reductions, shuffles, broadcasts and ballots.
    pub subgroup_operations: u64,
    /// Reads of storage buffers, an atomic operation included.
    pub storage_loads: Traffic,
    /// Writes of storage buffers, an atomic operation included.
    pub storage_stores: Traffic,
    /// Reads of workgroup memory.
    pub workgroup_loads: Traffic,
    /// Writes of workgroup memory.
    pub workgroup_stores: Traffic,
    /// Float operators and cheap functions (`min`, `abs`, `floor` and the like), one per component; `fma` is two.
    pub flops: u64,
    /// The same on integers and booleans, comparisons of indices included.
    pub integer_operations: u64,
    /// Components of costly functions: `exp`, `sqrt`, `tanh` and the like.
    pub math_calls: u64,
}

/// Accesses to memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Accesses, whatever their width.
    pub count: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl Traffic {
    pub(super) fn once(bytes: u32) -> Self {
        Self { count: 1, bytes: bytes.into() }
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self { count: f(self.count, other.count), bytes: f(self.bytes, other.bytes) }
    }
}

impl Counts {
    /// One after the other.
    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    /// One or the other.
    pub(super) fn max(self, other: Self) -> Self {
        self.zip(other, u64::max)
    }

    /// So many times.
    pub(super) fn times(self, trips: u64) -> Self {
        self.zip(self, |count, _| count.saturating_mul(trips))
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            loop_iterations: f(self.loop_iterations, other.loop_iterations),
            barriers: f(self.barriers, other.barriers),
            subgroup_operations: f(self.subgroup_operations, other.subgroup_operations),
            storage_loads: self.storage_loads.zip(other.storage_loads, &f),
            storage_stores: self.storage_stores.zip(other.storage_stores, &f),
            workgroup_loads: self.workgroup_loads.zip(other.workgroup_loads, &f),
            workgroup_stores: self.workgroup_stores.zip(other.workgroup_stores, &f),
            flops: f(self.flops, other.flops),
            integer_operations: f(self.integer_operations, other.integer_operations),
            math_calls: f(self.math_calls, other.math_calls),
        }
    }
}
