//! Fixed work by which a processor is probed, as routines are asked for it.

use serde::{Deserialize, Serialize};

use super::Extents;

/// What a probing routine is given, all of it f32. What it does with that is in its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeCall {
    /// Elements of each input.
    pub inputs: Vec<u64>,
    /// Elements of the output.
    pub output: u64,
}

impl ProbeCall {
    pub(super) fn extents(&self) -> Extents {
        Extents { inputs: self.inputs.clone(), outputs: vec![self.output] }
    }
}
