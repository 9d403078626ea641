//! The data that kernels are checked on: several sets of contents, each bringing out another kind of mistake.

mod products;
#[cfg(test)]
mod tests;

use rand::RngExt;
use serde::{Deserialize, Serialize};

pub(super) use products::Products;

use super::{Signature, sizes};
use crate::base::{Distribution, Fill, Tensor, TensorSpec, seeded};

/// What the inputs of a check look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSet {
    /// Small whole numbers of both signs: sums are exact in every order, so that nothing is forgiven.
    Integers,
    /// The usual contents, as candidates are timed on.
    Random,
    /// Values around 1: sums that grow, where a narrow accumulator stands still.
    OneSign,
    /// Products beyond the range of f16 in sums that are within it.
    Large,
    /// Products below the normal range of f16 in sums that are above it.
    Tiny,
    /// Whole numbers among which half are 0 or −0.
    SignedZero,
}

impl DataSet {
    /// Every set; the first finds the most and forgives the least.
    pub const ALL: [DataSet; 6] =
        [Self::Integers, Self::Random, Self::OneSign, Self::Large, Self::Tiny, Self::SignedZero];

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integers => "small integers",
            Self::Random => "random values",
            Self::OneSign => "values of one sign",
            Self::Large => "large values",
            Self::Tiny => "tiny values",
            Self::SignedZero => "zeros of both signs",
        }
    }
}

/// How each input is filled from a data set; `None` where the set says nothing about the workload, because too many of
/// its results would be undefined.
pub fn inputs(signature: &Signature, data: DataSet, seed: u64) -> Option<Vec<Fill>> {
    if signature.operator.fills_are_given() {
        return fills(signature, data, seed);
    }
    let of = |signature: &Signature, share: f64| Some(scaled(fills(signature, data, seed)?, share));
    let excerpt = sizes::excerpt(signature);
    let shares = if data == DataSet::Large { &SHARES_OF_LARGE[..] } else { &[1.0] };
    let share = shares.iter().find(|share| of(&excerpt, **share).is_some_and(|fills| is_defined(&excerpt, &fills)))?;
    of(signature, *share)
}

/// The contents that are timed on: those of [`DataSet::Random`], whether or not all results are defined.
pub fn usual_inputs(signature: &Signature, seed: u64) -> Vec<Fill> {
    fills(signature, DataSet::Random, seed).expect("every workload has random values")
}

/// Large values are tried first as they are, then as smaller ones: an exponential overflows early.
const SHARES_OF_LARGE: [f64; 3] = [1.0, 0.25, 0.0625];

/// The same contents with a share of their magnitude; whole numbers stay what they are.
fn scaled(fills: Vec<Fill>, share: f64) -> Vec<Fill> {
    let scale = |distribution| match distribution {
        Distribution::Uniform { low, high } => Distribution::Uniform { low: share * low, high: share * high },
        whole => whole,
    };
    fills.into_iter().map(|fill| Fill { distribution: scale(fill.distribution), ..fill }).collect()
}

fn fills(signature: &Signature, data: DataSet, seed: u64) -> Option<Vec<Fill>> {
    let distributions = signature.operator.distributions(signature, data)?;
    let mut random = seeded(seed, "inputs");
    Some(distributions.into_iter().map(|distribution| Fill { seed: random.random(), distribution }).collect())
}

/// What the buffers of a run hold before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// One for each input.
    pub inputs: Vec<Fill>,
    /// One for each output that holds something at first.
    pub outputs: Vec<Option<Fill>>,
}

/// What the outputs hold at first, where that matters: the same in all checks.
pub fn initial_outputs(signature: &Signature, seed: u64) -> Vec<Option<Fill>> {
    let mut random = seeded(seed, "initial contents");
    let mut fill = |tensor: &TensorSpec| tensor.initial.then(|| tensor.fill(random.random()));
    signature.outputs.iter().map(&mut fill).collect()
}

/// Makes the inputs on the host.
pub fn materialise(signature: &Signature, fills: &[Fill]) -> Vec<Tensor> {
    signature.inputs.iter().zip(fills).map(|(tensor, fill)| tensor.filled(*fill)).collect()
}

/// Elements of an excerpt's output that are looked at; large paddings make more.
const LOOKED_AT: u64 = 8192;

/// The share of each output that must be defined: half is what a check asks for at least, of another sample.
const LEAST_DEFINED: f64 = 0.7;

fn is_defined(excerpt: &Signature, fills: &[Fill]) -> bool {
    let reference = excerpt.operator.reference(excerpt, materialise(excerpt, fills));
    excerpt.outputs.iter().enumerate().all(|(output, tensor)| {
        let step = tensor.elements().div_ceil(LOOKED_AT) as usize;
        let bounds: Vec<f64> = (0..tensor.elements()).step_by(step).map(|i| reference.at(output, i).bound).collect();
        let defined = bounds.iter().filter(|bound| bound.is_finite()).count();
        defined as f64 >= LEAST_DEFINED * bounds.len() as f64
    })
}

/// The contents for operators that work element by element.
pub(super) fn elementwise(signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
    signature.inputs.iter().map(|tensor| element(tensor, data)).collect()
}

/// Magnitudes for elementwise work: a product of two still fits f16, and just does not.
const LARGE: f64 = 200.0;
const TINY: [f64; 2] = [1.0 / 1024.0, 1.0 / 256.0];

/// Where only positive values make sense all are.
fn element(tensor: &TensorSpec, data: DataSet) -> Option<Distribution> {
    let is_positive = matches!(tensor.distribution, Distribution::Uniform { low, .. } if low > 0.0);
    Some(match data {
        DataSet::Random => tensor.distribution,
        DataSet::Integers if is_positive => Distribution::Integers { low: 1, high: 4 },
        DataSet::Integers => Distribution::Integers { low: -4, high: 4 },
        DataSet::OneSign => Distribution::Uniform { low: 0.5, high: 1.5 },
        DataSet::Large if is_positive => Distribution::Uniform { low: 0.5 * LARGE, high: LARGE },
        DataSet::Large => Distribution::Uniform { low: -LARGE, high: LARGE },
        DataSet::Tiny if is_positive => Distribution::Uniform { low: TINY[0], high: TINY[1] },
        DataSet::Tiny => Distribution::Uniform { low: -TINY[1], high: TINY[1] },
        DataSet::SignedZero if is_positive => return None,
        DataSet::SignedZero => Distribution::SignedZeros { high: 4 },
    })
}
