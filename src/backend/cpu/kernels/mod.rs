//! Native kernels: products, convolutions and functions of vectors. They know slices and sizes, and nothing of jobs or devices.

mod blocked;
pub mod chain;
pub mod conv;
pub mod elementwise;
pub mod functions;
pub mod micro;
mod pack;
mod panels;
pub mod peak;
pub mod share;
pub mod simd;
mod skinny;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod vector;

pub use blocked::{Blocked, Blocking, Finish, Order, Output, Shape};
pub use micro::{MENU, Micro, Product, UNROLLS, fits};
pub use pack::{Area, Elements, Operand};
pub use simd::Width;
pub use skinny::{MOST_FEW, Skinny, Streaming};
pub use stream::{GROUPS, LINES, VECTORS};
pub use tile::Tile;
