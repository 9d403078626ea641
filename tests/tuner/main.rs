//! The loop on a device that was never there: what is recalled, what is measured again, and that no winner is lost.

mod bench;
mod qualified;
mod recalled;
mod refused;
mod warm;
