//! The loop on a device that was never there: what is recalled, what is measured again, that no winner is lost, and how
//! several templates share a search.

mod bench;
#[path = "../common/mod.rs"]
mod common;
mod families;
mod gone;
mod qualified;
mod recalled;
mod refused;
mod templates;
mod warm;
