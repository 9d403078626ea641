//! Native kernels: matrix products from register tiles upward. They know slices and sizes, and nothing of jobs or devices.

pub mod micro;
pub mod simd;
pub mod tile;

pub use micro::{MENU, Micro, Product, UNROLLS, fits};
pub use simd::Width;
pub use tile::Tile;
