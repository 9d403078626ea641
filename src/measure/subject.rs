//! What candidates of a workload are measured on: inputs by rule, outputs, and the true results in a file.

use std::path::Path;

use rand::RngExt;
use tempfile::TempDir;

use crate::backend::{BufferRule, Expected, ExpectedFile, Gate, When};
use crate::base::{Approx, Fill, Random, TensorSpec, seeded};
use crate::code::Program;
use crate::op::{DataSet, Filling, Reference, Signature, Truth, initial_outputs, inputs, usual_inputs};
use crate::record::Numerics;

use super::MeasureError;

/// The data of one workload under one seed: what is timed on, and checks, each made when it is first needed.
pub struct Subject {
    signature: Signature,
    seed: u64,
    /// What is timed on: one for each input of the workload.
    pub inputs: Vec<BufferRule>,
    /// One for each output of the workload.
    pub outputs: Vec<BufferRule>,
    /// What in-out outputs hold at first.
    initial: Vec<Option<Fill>>,
    /// `None` where a data set says nothing about the workload.
    gates: Vec<(Wish, Option<Gate>)>,
    /// Where true results lie; removed with the subject.
    folder: TempDir,
}

/// Runs a plain program on inputs, and leaves what it keeps at a path.
pub type RunPlain<'a> = dyn FnMut(&Program, &[BufferRule], &Path) -> Result<Kept, MeasureError> + 'a;

/// The elements of each output that a program has left; `None` where it left nothing.
pub type Kept = Vec<Vec<Option<f64>>>;

/// A check that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wish {
    data: DataSet,
    when: When,
    numerics: Numerics,
}

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// For every candidate: small integers, on which nothing is forgiven.
    Light,
    /// For what is about to be raced for good: every data set.
    Qualify,
    /// For what has qualified: after it was timed, two of the data sets anew under another seed.
    Confirm,
    /// All of these at once.
    Full,
}

impl Tier {
    /// Whether sizes just above and below are tried too.
    pub(super) fn is_nearby(self) -> bool {
        matches!(self, Self::Qualify | Self::Full)
    }

    fn checks(self) -> Vec<(DataSet, When)> {
        let before = || DataSet::ALL.into_iter().map(|data| (data, When::Before));
        let after = || [DataSet::Integers, DataSet::Random].into_iter().map(|data| (data, When::After));
        match self {
            Self::Light => vec![(DataSet::Integers, When::Before)],
            Self::Qualify => before().collect(),
            Self::Confirm => after().collect(),
            Self::Full => before().chain(after()).collect(),
        }
    }
}

/// Up to this many operations and elements every output element is checked on integers. Beyond, a sample with all edges.
const MOST_CHECKED_FLOPS: f64 = 4e8;
const MOST_CHECKED_ELEMENTS: f64 = 8_388_608.0;

/// On the other data sets, which find fewer mistakes, up to this share of them.
const OTHERS: f64 = 0.05;

/// Elements of a sample: fewest, most, and the operations it may cost.
const LEAST_SAMPLE: f64 = 1024.0;
const MOST_SAMPLE: f64 = 65_536.0;
const SAMPLE_FLOPS: f64 = 2e8;

/// Weighted sums of a sampled result: the smallest mistakes hide in all of them once in 16 times.
const PROJECTIONS: u32 = 4;

impl Subject {
    /// Decides what is timed on.
    pub fn new(signature: &Signature, seed: u64) -> Result<Self, MeasureError> {
        let fills = usual_inputs(signature, seed);
        let initial = initial_outputs(signature, seed);
        let outputs = signature.outputs.iter().zip(&initial);
        Ok(Self {
            signature: signature.clone(),
            seed,
            inputs: rules(signature, &fills),
            outputs: outputs
                .map(|(tensor, fill)| fill.map_or_else(|| BufferRule::output(tensor), |fill| rule(tensor, fill)))
                .collect(),
            initial,
            gates: Vec::new(),
            folder: tempfile::Builder::new().prefix("wgtune-").tempdir()?,
        })
    }

    /// The checks of a tier for kernels of these numerics. Where integers say nothing, random values stand for them.
    pub fn gates(&mut self, tier: Tier, numerics: Numerics, plain: &mut RunPlain) -> Result<Vec<Gate>, MeasureError> {
        let mut gates = Vec::new();
        for (data, when) in tier.checks() {
            gates.extend(self.gate(Wish { data, when, numerics }, plain)?);
        }
        if gates.is_empty() {
            gates.extend(self.gate(Wish { data: DataSet::Random, when: When::Before, numerics }, plain)?);
        }
        Ok(gates)
    }

    fn gate(&mut self, wish: Wish, plain: &mut RunPlain) -> Result<Option<Gate>, MeasureError> {
        if let Some((_, gate)) = self.gates.iter().find(|(other, _)| *other == wish) {
            return Ok(gate.clone());
        }
        let gate = self.make(wish, plain)?;
        self.gates.push((wish, gate.clone()));
        Ok(gate)
    }

    /// Finds out what is true and writes it to a file.
    fn make(&self, wish: Wish, plain: &mut RunPlain) -> Result<Option<Gate>, MeasureError> {
        let Wish { data, when, numerics } = wish;
        let seed = if when == When::Before { self.seed } else { !self.seed };
        let fills = inputs(&self.signature, data, seed);
        // Some check there must be.
        let is_last = data == DataSet::Random && self.gates.iter().all(|(_, gate)| gate.is_none());
        let usual = || is_last.then(|| usual_inputs(&self.signature, seed));
        let Some(fills) = fills.or_else(usual) else { return Ok(None) };
        let path = self.folder.path().join(self.gates.len().to_string());
        let filling = Filling { inputs: fills, outputs: self.initial.clone() };
        let inputs = rules(&self.signature, &filling.inputs);
        let expected = self.truth(&filling, wish, &mut |program| plain(program, &inputs, &path))?;
        let is_exact = expected.iter().flat_map(|expected| &expected.values).all(|value| value.bound == 0.0);
        let agreement = is_exact && expected.iter().any(|expected| expected.indices.is_some());
        Ok(Some(Gate {
            name: data.name().to_owned(),
            inputs,
            agreement,
            even_naive: agreement || (when == When::Before && matches!(data, DataSet::Integers | DataSet::Random)),
            expected: ExpectedFile::write(&path, &expected)?,
            runs: runs(data, numerics),
            when,
            numerics,
        }))
    }

    /// What is true of each output on these inputs.
    fn truth(
        &self,
        filling: &Filling,
        wish: Wish,
        plain: &mut dyn FnMut(&Program) -> Result<Kept, MeasureError>,
    ) -> Result<Vec<Expected>, MeasureError> {
        let outputs = self.signature.outputs.iter().enumerate();
        let truth = self.signature.operator.truth(&self.signature, filling);
        match truth.map_err(|why| MeasureError::Truth { workload: self.signature.workload.to_string(), why })? {
            Truth::Elements(reference) => {
                let expected = |output| self.expected(&*reference, output, wish.data, wish.numerics);
                Ok(outputs.map(expected).collect())
            }
            Truth::Program(program, judge) => {
                let kept = plain(&program)?;
                type Left<'a> = ((usize, &'a TensorSpec), &'a Vec<Option<f64>>);
                let expected = |((output, tensor), values): Left| self.admitted(tensor, judge.admitted(output, values));
                Ok(outputs.zip(&kept).map(expected).collect())
            }
        }
    }

    /// What a plain program left, all of it or of a large output a sample.
    fn admitted(&self, tensor: &TensorSpec, values: Vec<Approx>) -> Expected {
        match sampled(tensor, Cost { all: 1.0, elements_for_one: 1 }, self.seed, 1.0) {
            None => Expected::all(values),
            Some(indices) => {
                let values = indices.iter().map(|index| values[*index as usize]).collect();
                Expected { indices: Some(indices), ..Expected::all(values) }
            }
        }
    }

    fn expected(
        &self,
        reference: &dyn Reference,
        (output, tensor): (usize, &TensorSpec),
        data: DataSet,
        numerics: Numerics,
    ) -> Expected {
        // What a user's reference computes it computes at once: a sample would save nothing.
        let (share, flops) = match (self.signature.operator.fills_are_given(), data) {
            (true, _) => (1.0, 1.0),
            (false, DataSet::Integers) => (1.0, self.signature.work.flops),
            (false, _) => (OTHERS, self.signature.work.flops),
        };
        let cost = Cost { all: flops, elements_for_one: reference.elements_for_one(output) };
        let indices = sampled(tensor, cost, self.seed, share);
        let at = |index| reference.within(output, index, numerics);
        let values = evaluate(&at, tensor.elements(), indices.as_deref());
        let projects = indices.is_some() && data == DataSet::Integers && !matches!(numerics, Numerics::Bounded { .. });
        let seeds = (0..if projects { PROJECTIONS } else { 0 }).map(|number| (self.seed as u32).wrapping_add(number));
        Expected { indices, values, projections: seeds.filter_map(|seed| reference.projection(output, seed)).collect() }
    }
}

/// Runs that must equal each other. Those of a kernel that is not deterministic are equal on whole numbers only.
fn runs(data: DataSet, numerics: Numerics) -> u32 {
    match data {
        DataSet::Integers => 2,
        DataSet::Random if numerics != Numerics::Nondeterministic => 2,
        _ => 1,
    }
}

fn rules(signature: &Signature, fills: &[Fill]) -> Vec<BufferRule> {
    signature.inputs.iter().zip(fills).map(|(tensor, fill)| rule(tensor, *fill)).collect()
}

/// The contents of a file where there is one, else by a rule.
fn rule(tensor: &TensorSpec, fill: Fill) -> BufferRule {
    match &tensor.file {
        Some(file) => BufferRule::from_file(tensor, file.clone()),
        None => BufferRule::input(tensor, fill),
    }
}

/// Evaluates the reference on all cores.
fn evaluate(at: &(dyn Fn(u64) -> Approx + Sync), elements: u64, indices: Option<&[u64]>) -> Vec<Approx> {
    let count = indices.map_or(elements, |indices| indices.len() as u64);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let chunk = count.div_ceil(threads).max(1);
    let part = |start: u64| {
        let range = start..(start + chunk).min(count);
        range.map(|i| at(indices.map_or(i, |indices| indices[i as usize]))).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..count).step_by(chunk as usize).map(|start| scope.spawn(move || part(start))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("references do not panic")).collect()
    })
}

/// Operations that a reference takes.
struct Cost {
    /// For all elements, one after the other.
    all: f64,
    /// For one alone it is that of so many.
    elements_for_one: u64,
}

/// The elements to check where checking all would take too long: corners and edges, then random ones of which half
/// lie at the borders of tiles.
fn sampled(tensor: &TensorSpec, cost: Cost, seed: u64, share: f64) -> Option<Vec<u64>> {
    let is_small = cost.all <= share * MOST_CHECKED_FLOPS;
    if is_small && tensor.elements() as f64 <= share * MOST_CHECKED_ELEMENTS {
        return None;
    }
    let per_element = cost.all / tensor.elements() as f64 * cost.elements_for_one as f64;
    let count = (SAMPLE_FLOPS / per_element).clamp(LEAST_SAMPLE, MOST_SAMPLE) as usize;
    let mut random = seeded(seed, "sample");
    let mut indices = corners(&tensor.shape);
    indices.extend((0..count).map(|_| flat(&tensor.shape, |extent| coordinate(extent, &mut random))));
    indices.sort_unstable();
    indices.dedup();
    Some(indices)
}

/// The flat indices of all combinations of the first and last two coordinates of each direction.
fn corners(shape: &[u64]) -> Vec<u64> {
    shape.iter().fold(vec![0], |flats, &extent| {
        // With many directions the last coordinate must do: the number of combinations is bounded.
        let few = flats.len() >= 1024;
        let mut ends =
            if few { vec![extent - 1] } else { vec![0, 1.min(extent - 1), extent.saturating_sub(2), extent - 1] };
        ends.sort_unstable();
        ends.dedup();
        flats.iter().flat_map(|flat| ends.iter().map(move |end| flat * extent + end)).collect()
    })
}

fn flat(shape: &[u64], mut coordinate: impl FnMut(u64) -> u64) -> u64 {
    shape.iter().fold(0, |flat, &extent| flat * extent + coordinate(extent))
}

/// A random coordinate; half of them lie on either side of a multiple of a power of two, where tiles meet.
fn coordinate(extent: u64, random: &mut Random) -> u64 {
    let anywhere = random.random_range(0..extent);
    if random.random::<bool>() {
        return anywhere;
    }
    let tile = 1u64 << random.random_range(3..9);
    (anywhere / tile * tile).saturating_sub(u64::from(random.random::<bool>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_outputs_are_sampled_with_their_corners() {
        let cases = [
            ("matmul:f32:m64n64k64", false),
            ("matmul:f32:m4096n4096k4096", true),
            ("chain:f32:r4096c1024:gelu(x)+x", false),
            ("chain:f32:r16384c1024:x+1", true),
        ];
        for (text, is_sampled) in cases {
            let signature = crate::op::resolve(text).unwrap();
            let output = &signature.outputs[0];
            let Some(indices) = sampled(output, Cost { all: signature.work.flops, elements_for_one: 1 }, 1, 1.0) else {
                assert!(!is_sampled, "{text}");
                continue;
            };
            assert!(is_sampled && indices.contains(&0) && indices.contains(&(output.elements() - 1)), "{text}");
            assert!(indices.len() as f64 >= LEAST_SAMPLE && indices.last() < Some(&output.elements()), "{text}");
        }
    }

    /// On whole numbers, of which a large result is checked by a sample.
    #[test]
    fn only_exact_kernels_must_agree_with_the_naive_one() {
        let signature = crate::op::resolve("conv2d:f32:n1c64h80w80o64k3p1+relu").unwrap();
        let mut subject = Subject::new(&signature, 1).unwrap();
        let mut agree = |numerics| {
            let plain = &mut |_: &Program, _: &[BufferRule], _: &Path| unreachable!("convolutions have a reference");
            subject.gates(Tier::Light, numerics, plain).unwrap()[0].agreement
        };
        assert!(agree(Numerics::Exact) && !agree(Numerics::Bounded { factor: 1.0, tile: 2 }));
    }

    #[test]
    fn corners_of_small_shapes_are_not_counted_twice() {
        for (shape, want) in [(vec![1], vec![0]), (vec![3], vec![0, 1, 2]), (vec![2, 2], vec![0, 1, 2, 3])] {
            assert_eq!(corners(&shape), want, "{shape:?}");
        }
    }
}
