//! A small run whose results are known: the proof, on the device at hand, that a program is right there.

use serde::{Deserialize, Serialize};

use crate::limits::{MOST_EXPECTED, MOST_GUARD_BYTES, MOST_SELF_TEST_ELEMENTS};
use crate::{Dims, Distribution, Fill, Operation};

/// What to run a program on, and what must come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SelfTest {
    /// The sizes of the operation's free dims.
    pub dims: Dims,
    /// The rule for the contents of each input.
    pub inputs: Vec<Fill>,
    /// Elements of outputs with their true values.
    pub expected: Vec<Expected>,
    /// What must not be written.
    pub guard: Guard,
}

/// One element of an output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expected {
    /// Which output.
    pub output: usize,
    /// Which of its elements.
    pub index: u64,
    /// The true value.
    pub value: f64,
    /// How far a right program's result may lie from it.
    pub error: f64,
}

/// The zone behind each output's elements: it is bound with them, filled with one byte before the run, and must be the
/// same afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Guard {
    /// How many bytes lie behind the elements, which are rounded up to a multiple of 16 bytes first; a multiple of 4.
    pub bytes: u32,
    /// What each of them holds.
    pub value: u8,
}

impl Default for Guard {
    /// As the tuner guards what it checks.
    fn default() -> Self {
        Self { bytes: 256, value: 0xa5 }
    }
}

impl SelfTest {
    /// What is wrong with the results of a run, in words; `read` gives an element of an output. Guards are judged by
    /// whoever has the bytes.
    pub fn failure(&self, read: impl Fn(usize, u64) -> f64) -> Option<String> {
        self.expected.iter().find_map(|Expected { output, index, value, error }| {
            let got = read(*output, *index);
            // A result that is no number is wrong too.
            let is_right = (got - value).abs() <= *error;
            (!is_right).then(|| format!("element {index} of output {output} is {got} instead of {value} ± {error}"))
        })
    }

    /// What is wrong with it beside the operation that it is of.
    pub(crate) fn check(&self, operation: &Operation) -> Result<(), String> {
        let symbols = operation.symbols(&self.dims).ok_or("its sizes have no value in the operation's formulas")?;
        let sizes = (operation.inputs(&symbols), operation.outputs(&symbols));
        let (Some(inputs), Some(outputs)) = sizes else { return Err("its tensors have no size".to_owned()) };
        if inputs.iter().chain(&outputs).any(|tensor| tensor.elements > MOST_SELF_TEST_ELEMENTS) {
            return Err(format!("a tensor of it has more than {MOST_SELF_TEST_ELEMENTS} elements"));
        }
        let Guard { bytes, .. } = self.guard;
        if bytes > MOST_GUARD_BYTES || !bytes.is_multiple_of(4) {
            return Err(format!("its guard zone has {bytes} bytes, not a multiple of 4 up to {MOST_GUARD_BYTES}"));
        }
        if self.inputs.len() != inputs.len() {
            return Err(format!("it fills {} inputs of {}", self.inputs.len(), inputs.len()));
        }
        if !self.inputs.iter().all(is_computable) {
            return Err("a rule that fills an input has no values".to_owned());
        }
        if self.expected.is_empty() || self.expected.len() > MOST_EXPECTED {
            return Err(format!("it expects {} elements, not 1 to {MOST_EXPECTED}", self.expected.len()));
        }
        let is_sound = |expected: &Expected| {
            let output = outputs.get(expected.output);
            let exists = output.is_some_and(|tensor| expected.index < tensor.elements);
            exists && expected.value.is_finite() && expected.error.is_finite() && expected.error >= 0.0
        };
        if self.expected.iter().all(is_sound) { Ok(()) } else { Err("it expects elements that cannot be".to_owned()) }
    }
}

/// Whether a rule has a value for every element.
fn is_computable(fill: &Fill) -> bool {
    match fill.distribution {
        Distribution::SignedZeros { high } => high >= 0,
        Distribution::Cancelling { stride, extent, .. } => stride > 0 && extent > 0,
        _ => true,
    }
}
