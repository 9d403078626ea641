//! How a buffer's contents are made: a rule that host, worker and browser all compute alike, and loaders of packs too, which is
//! why it is theirs.

pub use wgtune_pack::{Distribution, Fill};
