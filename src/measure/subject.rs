//! What candidates of a workload are measured on: inputs by rule, outputs, and the true results in a file.

use std::io;

use rand::RngExt;
use tempfile::TempDir;

use crate::backend::{BufferRule, Expected, ExpectedFile, Gate, When};
use crate::base::{Approx, Random, Tensor, TensorSpec, seeded};
use crate::op::{Reference, Signature};

/// The data of one workload under one seed.
pub struct Subject {
    /// The inputs, with the true results.
    pub gate: Gate,
    /// One for each output of the workload.
    pub outputs: Vec<BufferRule>,
    /// Removed with the subject.
    _folder: TempDir,
}

/// Up to this many operations and elements every output element is checked; beyond, a sample with all edges.
const MOST_CHECKED_FLOPS: f64 = 4e8;
const MOST_CHECKED_ELEMENTS: u64 = 1 << 23;

/// Elements of a sample: fewest, most, and the operations it may cost.
const LEAST_SAMPLE: f64 = 1024.0;
const MOST_SAMPLE: f64 = 65_536.0;
const SAMPLE_FLOPS: f64 = 2e8;

impl Subject {
    /// Makes the inputs, computes the reference and writes it to a file.
    pub fn new(signature: &Signature, seed: u64) -> io::Result<Self> {
        let mut random = seeded(seed, "inputs");
        let seeds: Vec<u32> = signature.inputs.iter().map(|_| random.random()).collect();
        let tensors: Vec<Tensor> = signature.inputs.iter().zip(&seeds).map(|(t, seed)| t.materialise(*seed)).collect();
        let reference = signature.operator().reference(signature, tensors);
        let expected: Vec<Expected> = signature
            .outputs
            .iter()
            .enumerate()
            .map(|(output, tensor)| {
                let indices = sampled(signature, tensor, seed);
                let values = evaluate(&*reference, output, tensor.elements(), indices.as_deref());
                Expected { indices, values }
            })
            .collect();
        let folder = tempfile::Builder::new().prefix("wgtune-").tempdir()?;
        let expected = ExpectedFile::write(&folder.path().join("expected"), &expected)?;
        let inputs = signature.inputs.iter().zip(&seeds).map(|(t, seed)| BufferRule::input(t, *seed)).collect();
        let outputs = signature.outputs.iter().map(BufferRule::output).collect();
        let gate = Gate { name: "random".to_owned(), inputs, expected, runs: 2, when: When::Before };
        Ok(Self { gate, outputs, _folder: folder })
    }
}

/// Evaluates the reference on all cores.
fn evaluate(reference: &dyn Reference, output: usize, elements: u64, indices: Option<&[u64]>) -> Vec<Approx> {
    let count = indices.map_or(elements, |indices| indices.len() as u64);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let chunk = count.div_ceil(threads).max(1);
    let part = |start: u64| {
        let range = start..(start + chunk).min(count);
        range.map(|i| reference.at(output, indices.map_or(i, |indices| indices[i as usize]))).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..count).step_by(chunk as usize).map(|start| scope.spawn(move || part(start))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("references do not panic")).collect()
    })
}

/// The elements to check where checking all would take too long: corners and edges, then random ones of which half
/// lie at the borders of tiles.
fn sampled(signature: &Signature, tensor: &TensorSpec, seed: u64) -> Option<Vec<u64>> {
    if signature.work.flops <= MOST_CHECKED_FLOPS && tensor.elements() <= MOST_CHECKED_ELEMENTS {
        return None;
    }
    let per_element = signature.work.flops / tensor.elements() as f64;
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
            let Some(indices) = sampled(&signature, output, 1) else {
                assert!(!is_sampled, "{text}");
                continue;
            };
            assert!(is_sampled && indices.contains(&0) && indices.contains(&(output.elements() - 1)), "{text}");
            assert!(indices.len() as f64 >= LEAST_SAMPLE && indices.last() < Some(&output.elements()), "{text}");
        }
    }

    #[test]
    fn corners_of_small_shapes_are_not_counted_twice() {
        for (shape, want) in [(vec![1], vec![0]), (vec![3], vec![0, 1, 2]), (vec![2, 2], vec![0, 1, 2, 3])] {
            assert_eq!(corners(&shape), want, "{shape:?}");
        }
    }
}
