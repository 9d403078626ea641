//! What is to be expected where nothing was measured, from what was.

mod defaults;
mod portable;

pub use defaults::{Class, template_default, workload_default};
pub use portable::{Portable, PredictError, Share, Source, hand_made, portable};
