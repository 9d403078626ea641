//! A small run of a program whose results are known: what a loader checks an entry by on the device at hand.

use rand::RngExt;
use wgtune_pack::{Admits, Dims, Expected, Guard, SelfTest};

use super::operation::at;
use crate::base::seeded;
use crate::op::{DataSet, Signature, Template, Truth, inputs};

/// How many elements of all outputs are expected at most: the corners, and others at random.
const MOST_EXPECTED: usize = 96;

/// Inputs and outputs of a test have no more elements together: the layers of an image network have as many, and a loader fills
/// them in some ten milliseconds.
const MOST_ELEMENTS: u64 = 1 << 21;

/// The seed of the contents of inputs.
const SEED: u64 = 1;

/// A test of a program at the smallest sizes that it is valid for, or at those at which it was measured. `None` where these are too
/// large, or no reference on the host says what is right.
pub fn self_test(signature: &Signature, template: &dyn Template, measured: &Dims, admits: &Admits) -> Option<SelfTest> {
    let least =
        measured.iter().map(|(name, size)| (name.clone(), admits.dims.get(name).map_or(*size, |range| range.least)));
    let dims: Dims = least.collect();
    let small = at(signature, &dims)?;
    let elements: u64 = small.inputs.iter().chain(&small.outputs).map(|tensor| tensor.elements()).sum();
    if elements > MOST_ELEMENTS {
        return None;
    }
    // Sums of small integers are exact; where these say nothing, the usual contents do.
    let fills = [DataSet::Integers, DataSet::Random].into_iter().find_map(|data| inputs(&small, data, SEED))?;
    let filling = crate::op::Filling { inputs: fills.clone(), outputs: vec![None; small.outputs.len()] };
    let Ok(Truth::Elements(reference)) = small.operator.truth(&small, &filling) else { return None };
    let mut random = seeded(SEED, "elements that a self-test expects");
    let mut expected = Vec::new();
    for (output, tensor) in small.outputs.iter().enumerate() {
        let most = MOST_EXPECTED / small.outputs.len().max(1);
        for index in sample(tensor.elements(), most, &mut random) {
            let truth = reference.within(output, index, template.numerics());
            let rounded = tensor.element.quantise(truth.value);
            let error = truth.bound + (rounded - truth.value).abs();
            if rounded.is_finite() && error.is_finite() {
                expected.push(Expected { output, index, value: rounded, error });
            }
        }
    }
    let inputs = fills.to_vec();
    (!expected.is_empty()).then_some(SelfTest { dims, inputs, expected, guard: Guard::default() })
}

/// Indices of so many elements at most: all, or the first and the last and others at random.
fn sample(elements: u64, most: usize, random: &mut crate::base::Random) -> Vec<u64> {
    if elements <= most as u64 {
        return (0..elements).collect();
    }
    let drawn = (2..most).map(|_| random.random_range(0..elements));
    let mut indices: Vec<u64> = [0, elements - 1].into_iter().chain(drawn).collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}
