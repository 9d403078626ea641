//! What projections of sums of products share: whether they are certain to be met, a product with a vector, the
//! epilogue.

use super::epilogue::{Epilogue, Linear};
use crate::base::{ElementType, Projection, Tensor};

/// Whole numbers up to here are exact in f32 and in f16.
const MOST_F32: f64 = 16_777_216.0;
const MOST_F16: f64 = 2048.0;

/// The smallest normal f16.
const LEAST_F16: f64 = 1.0 / 16_384.0;

/// Standard deviations within which sums of independent terms stay: the chance that one of 10⁹ does not is 10⁻⁶.
const DEVIATIONS: f64 = 8.0;

/// The epilogue, if it is linear and every element of the output is certain to be exact: a sum of `terms` products of
/// the first two inputs, all inputs being whole numbers and all scales powers of two. In f32 whatever the order of
/// summation. In f16 only the result must fit, and that it does is certain to [`DEVIATIONS`] standard deviations.
pub fn certain(inputs: &[Tensor], terms: u64, epilogue: &Epilogue, output: ElementType) -> Option<Linear> {
    let linear = epilogue.linear()?;
    let scales = || linear.added.iter().map(|added| added.scale).chain([linear.scale]);
    let spreads = inputs.iter().map(Spread::of).collect::<Option<Vec<_>>>()?;
    let (a, b, n) = (&spreads[0], &spreads[1], terms as f64);
    let added: f64 = linear.added.iter().map(|added| added.scale.abs() * spreads[added.input].most).sum();
    let grid = scales().map(f64::abs).fold(f64::INFINITY, f64::min);
    let most = n * a.most * b.most * linear.scale.abs() + added;
    let likely = n * (a.mean * b.mean).abs() + DEVIATIONS * (n * a.square * b.square).sqrt();
    let likely = likely.min(n * a.most * b.most) * linear.scale.abs() + added;
    let fits = match output {
        ElementType::F16 => likely <= MOST_F16 * grid.min(16.0) && grid >= LEAST_F16,
        _ => true,
    };
    (scales().all(is_power_of_two) && most <= MOST_F32 * grid && fits).then_some(linear)
}

fn is_power_of_two(scale: f64) -> bool {
    scale.is_normal() && scale.to_bits() << 12 == 0
}

/// What is to be known of a tensor of whole numbers.
struct Spread {
    most: f64,
    mean: f64,
    square: f64,
}

impl Spread {
    /// `None` unless all are whole.
    fn of(tensor: &Tensor) -> Option<Self> {
        let (mut most, mut sum, mut squares, mut whole) = (0f32, 0.0, 0.0, true);
        for value in &tensor.values {
            most = most.max(value.abs());
            sum += f64::from(*value);
            squares += f64::from(*value) * f64::from(*value);
            whole &= *value as i32 as f32 == *value;
        }
        let count = tensor.values.len() as f64;
        whole.then_some(Self { most: f64::from(most), mean: sum / count, square: squares / count })
    }
}

/// A matrix times a vector of `length`, `results` numbers. It is stored `[results, length]`, transposed the other way
/// round; either way it is read in order.
pub fn times(matrix: &[f32], length: u64, results: u64, transposed: bool, vector: &[f64]) -> Vec<f64> {
    if !transposed {
        let rows = matrix.chunks_exact(length as usize);
        return rows.map(|row| row.iter().zip(vector).map(|(a, b)| f64::from(*a) * b).sum()).collect();
    }
    let mut sums = vec![0.0; results as usize];
    for (row, factor) in matrix.chunks_exact(results as usize).zip(vector) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) * factor);
    }
    sums
}

impl Linear {
    /// Applies the epilogue to projected sums; output channels lie along the summed axis.
    pub fn finish(&self, projection: &mut Projection, inputs: &[Tensor]) {
        projection.expected.iter_mut().for_each(|sum| *sum *= self.scale);
        for added in &self.added {
            let input = &inputs[added.input];
            let sums = if added.is_bias {
                let bias: f64 = (0..).zip(projection.signs()).map(|(channel, sign)| sign * input.at(channel)).sum();
                vec![bias; projection.expected.len()]
            } else {
                projection.sums(|index| input.at(index))
            };
            projection.expected.iter_mut().zip(sums).for_each(|(sum, more)| *sum += added.scale * more);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::op::{DataSet, Reference, inputs, materialise, resolve};

    fn reference(text: &str, data: DataSet) -> Box<dyn Reference> {
        let signature = resolve(text).unwrap_or_else(|e| panic!("{e}"));
        let fills = inputs(&signature, data, 3).expect("the data suits");
        signature.operator.reference(&signature, materialise(&signature, &fills))
    }

    /// Against the sum over all elements, in every layout.
    #[test]
    fn projections_are_the_weighted_sums_of_the_elements() {
        let cases = [
            "matmul:f32:m1n1k1",
            "matmul:f32:m7n17k33",
            "matmul:f32:b3m5n4k9:nt+bias",
            "matmul:f32:b2m6n7k5:tn+residual",
            "matmul:f32:m9n3k8:tt+scale0.125+bias+residual",
            "matmul:f32:m9n3k8+bias+scale-4",
            "matmul:f16:b2m5n7k64:nt+residual+scale0.5",
            "conv2d:f32:n1c1h1w1o1k1",
            "conv2d:f32:n2c3h7w9o5k3p1+bias",
            "conv2d:f32:n2c3h7w9o5k3s2p1:nhwc+bias+residual",
            "conv2d:f32:n1c6h9w8o4k3p2d2g2",
            "conv2d:f32:n2c6h9w8o12kh3kw2sh1sw2ph0pw1g3:nhwc+scale2",
            "conv2d:f16:n2c4h6w5o4k3p1g4+residual",
            "conv2d_transpose:f32:n2c3h5w4o5k4s2p1+bias+residual",
            "conv2d_transpose:f32:n2c6h4w5o9k3s2p1op1d2g3:nhwc+bias+scale2",
        ];
        for text in cases {
            let reference = reference(text, DataSet::Integers);
            for seed in [1, 2] {
                let projection = reference.projection(0, seed).unwrap_or_else(|| panic!("{text}: none"));
                let elements = resolve(text).unwrap().outputs[0].elements();
                assert_eq!(projection.outer * projection.mid * projection.inner, elements, "{text}");
                assert!((0..elements).all(|i| reference.at(0, i).bound == 0.0), "{text}: not exact");
                assert_eq!(projection.expected, projection.sums(|i| reference.at(0, i).value), "{text}");
                let wrong = |i| reference.at(0, i).value + f64::from(u8::from(i == elements / 2));
                assert!(projection.disagreement(wrong).is_some(), "{text}");
            }
        }
    }

    #[test]
    fn there_are_none_where_they_would_not_be_certain() {
        let cases = [
            ("matmul:f32:m7n17k33+relu", DataSet::Integers),
            ("matmul:f32:m7n17k33+relu6", DataSet::Integers),
            ("matmul:f32:m7n17k33+scale0.1", DataSet::Integers),
            ("matmul:f32:m7n17k33+scale0", DataSet::Integers),
            ("matmul:f16:m7n17k33+scale0.00001", DataSet::Integers),
            ("matmul:f32:m7n17k33", DataSet::Random),
            ("matmul:f32:m2n2k4096", DataSet::Large),
            ("matmul:f16:m7n17k33", DataSet::OneSign),
            ("conv2d:f32:n1c3h7w9o5k3+gelu", DataSet::Integers),
            ("conv2d:f32:n1c3h7w9o5k3", DataSet::Tiny),
            ("matmul:i8>i32>i8:m2n2k2+clip", DataSet::Integers),
            ("chain:f32:n8:x+y", DataSet::Integers),
        ];
        for (text, data) in cases {
            assert!(reference(text, data).projection(0, 1).is_none(), "{text}, {data:?}");
        }
    }
}
