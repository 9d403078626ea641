//! Grid and size formulas over shape symbols, such as `ceil(n/64)*b`: text that packs carry, so that what reads it is theirs.

pub use wgtune_pack::{Formula, Symbols};
