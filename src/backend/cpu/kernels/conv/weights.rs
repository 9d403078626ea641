//! Weights and biases laid out for micro-kernels: panels of output channels, steps in one order.

use super::super::data::Data;
use super::Shape;

/// The steps of a group's sums, an input channel and a place of the filter each, in the order in which weights have them.
pub fn each_step(shape: &Shape) -> Vec<(usize, [usize; 2])> {
    let [height, width] = shape.kernel;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| [y, x]));
    if shape.channels_last {
        places.flat_map(|place| (0..shape.depth()).map(move |channel| (channel, place))).collect()
    } else {
        (0..shape.depth()).flat_map(|channel| places.clone().map(move |place| (channel, place))).collect()
    }
}

/// For each group panels of `rows` output channels, each with `rows` weights for every step; the last panel of a group is
/// filled up with zeros.
pub fn panels(shape: &Shape, rows: usize, weights: Data) -> Vec<f32> {
    assert_eq!(weights.len(), shape.weights_len(), "weights of a convolution");
    let (each, steps) = (shape.outputs_each(), each_step(shape));
    let mut packed = Vec::with_capacity(shape.groups * each.next_multiple_of(rows) * steps.len());
    for group in 0..shape.groups {
        for panel in 0..each.div_ceil(rows) {
            for (channel, place) in &steps {
                packed.extend((panel * rows..(panel + 1) * rows).map(|output| {
                    let weight = || weights.at(shape.weight(group * each + output, *channel, *place));
                    if output < each { weight() } else { 0.0 }
                }));
            }
        }
    }
    packed
}

/// Lays a bias out, if there is one: for each group its biases in f32, up to whole panels.
pub fn lay_out(bias: Option<Data>, shape: &Shape, laid_out: &mut [f32]) {
    let Some(bias) = bias else { return };
    let each = shape.outputs_each();
    let padded = laid_out.len() / shape.groups;
    for (group, to) in laid_out.chunks_exact_mut(padded).enumerate() {
        bias.widen(group * each, &mut to[..each]);
    }
}
