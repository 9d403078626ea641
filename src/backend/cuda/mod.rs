//! Runs routines of NVIDIA's libraries on the GPU that kernels are compared with them on. The only room that knows CUDA.
//!
//! Nothing of it is needed to build: libraries are loaded when they are asked for, and what is not there is told.

mod blas;
mod copy;
mod device;
mod dnn;
mod epilogue;
mod graph;
mod libraries;
mod lt;
mod machine;
mod memory;
mod operands;
mod plan;
mod search;
mod status;

pub use epilogue::{Activation, Fused, by_cublas, by_cublaslt, by_cudnn};
pub use machine::CudaMachine;
pub use plan::{COPY, Family, Precision};
pub use search::{Search, SearchError};
