//! What is to be expected where nothing was measured, from what was.

mod portable;

pub use portable::{Portable, PredictError, Share, Source, hand_made, portable};
