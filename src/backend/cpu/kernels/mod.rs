//! Native kernels: products, convolutions and functions of vectors. They know slices and sizes, and nothing of jobs or devices.

mod blocked;
pub(super) mod chain;
pub(super) mod conv;
mod data;
pub(super) mod elementwise;
mod functions;
mod micro;
mod pack;
mod panels;
pub(super) mod peak;
pub(super) mod share;
mod simd;
mod skinny;
mod stream;
#[cfg(test)]
mod tests;
mod tile;
mod vector;

pub use blocked::{Blocked, Blocking, Finish, Order, Shape};
pub use conv::spread::has as has_tile_of_channels;
pub use conv::tile::has as has_tile_of_pixels;
pub use data::{Data, DataMut};
pub use micro::{MENU, Micro, Product, UNROLLS};
pub use pack::{Area, Operand};
pub use simd::Width;
pub use skinny::{MOST_FEW, Skinny, Streaming};
pub use stream::{GROUPS, LINES, VECTORS};
pub use tile::Tile;
