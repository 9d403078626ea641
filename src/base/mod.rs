//! What every room may use: element types, host tensors, device facts as plain data, seeded randomness, statistics.

mod approx;
mod device;
mod element;
mod fill;
pub mod paired;
mod processor;
mod projection;
mod random;
pub mod stats;
mod sum;
mod tensor;

pub use approx::Approx;
pub use device::{CooperativeMatrix, DeviceFacts, DeviceFeatures, DeviceIdentity, DeviceKind, DeviceLimits};
pub use element::{ElementType, UnknownElementType};
pub use fill::{Distribution, Fill};
pub use processor::{Language, Processor, sums_fit, vector_registers};
pub use projection::{Disagreement, Projection};
pub use random::{Random, seeded};
pub use sum::Sum;
pub use tensor::{Contents, Tensor, TensorSpec};
