//! The numeric contract of a kernel: what its results may be compared with, and how closely.

use serde::{Deserialize, Serialize};

/// What a template promises of its sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Numerics {
    /// Sums of the products themselves, in some fixed order: on whole numbers that are small enough each run gives the
    /// true result bit for bit.
    #[default]
    Exact,
    /// Sums of transformed factors, as Winograd's: on whole numbers too there is an error.
    Bounded {
        /// How many times the bound of a plain sum the error may be. A template says where its factor comes from.
        factor: f64,
        /// How many neighbouring results in each direction are made from the same transformed values, so that each may
        /// carry the errors of the largest among them.
        tile: u64,
    },
    /// Sums in an order that changes from run to run, as with atomics: within the bounds of an exact kernel, and equal
    /// to it on whole numbers, but two runs on other numbers may differ.
    Nondeterministic,
    /// Sums of products whose factors are rounded first, in whatever direction: exact where the factors have no more bits
    /// than are kept.
    Narrow {
        /// Significant bits that are kept: 11 of TF32.
        bits: u32,
    },
    /// What is computed is not the workload, as by a copy that moves as many bytes: no gate concerns it, and its time is a
    /// yardstick.
    Yardstick,
}
