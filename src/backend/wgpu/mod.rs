//! Runs kernels through wgpu: Vulkan, Metal, DX12. The only room that knows it.

mod adapters;
mod buffers;
mod compile;
mod device;
mod launch;
mod places;
pub mod quirks;
mod run;
mod scopes;

pub use adapters::{AdapterInfo, COMPILER, adapters};
pub use device::{WgpuBackend, WgpuMachine};
