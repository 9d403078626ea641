//! The numeric contract of a kernel: what its results may be compared with, and how closely. Packs carry it.

pub use wgtune_pack::Numerics;
