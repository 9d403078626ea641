//! A small dense network with one hidden layer, trained by Adam: numbers in, numbers out, plain loops.

use rand::RngExt;

use crate::base::Random;

/// `out = W2 · tanh(W1 · in + b1) + b2`.
pub(super) struct Network {
    inputs: usize,
    hidden: usize,
    outputs: usize,
    /// `W1` by rows, each with its bias last, then `W2` in the same way.
    weights: Vec<f64>,
    adam: Adam,
}

/// What a network makes of an input.
pub(super) struct Pass {
    hidden: Vec<f64>,
    pub out: Vec<f64>,
}

impl Network {
    /// Random weights: the hidden layer's so that its sums have a variance near one, the output's near zero, so that
    /// nothing is preferred at first.
    pub fn new(inputs: usize, hidden: usize, outputs: usize, rate: f64, random: &mut Random) -> Self {
        let (first, second) = (hidden * (inputs + 1), outputs * (hidden + 1));
        let width = |scale: f64| scale * (3.0 / (inputs + 1) as f64).sqrt();
        let draw = |index: usize| random.random_range(-1.0..1.0) * width(if index < first { 1.0 } else { 0.01 });
        let weights: Vec<f64> = (0..first + second).map(draw).collect();
        let adam = Adam::new(weights.len(), rate);
        Self { inputs, hidden, outputs, weights, adam }
    }

    pub fn pass(&self, input: &[f64]) -> Pass {
        let (first, second) = self.weights.split_at(self.hidden * (self.inputs + 1));
        let hidden: Vec<f64> = first.chunks(self.inputs + 1).map(|row| dot(row, input).tanh()).collect();
        let out = second.chunks(self.hidden + 1).map(|row| dot(row, &hidden)).collect();
        Pass { hidden, out }
    }

    /// Weights' gradients, all zero, to which [`Self::backward`] adds.
    pub fn gradient(&self) -> Vec<f64> {
        vec![0.0; self.weights.len()]
    }

    /// Adds the gradient of a loss, given its gradient with respect to the output of a pass.
    pub fn backward(&self, input: &[f64], pass: &Pass, by_out: &[f64], gradient: &mut [f64]) {
        let split = self.hidden * (self.inputs + 1);
        let mut by_hidden = vec![0.0; self.hidden];
        let rows = self.weights[split..].chunks(self.hidden + 1);
        let (by_first, by_second) = gradient.split_at_mut(split);
        for ((row, by_row), &slope) in rows.zip(by_second.chunks_mut(self.hidden + 1)).zip(by_out) {
            if slope == 0.0 {
                continue;
            }
            add_row(by_row, &pass.hidden, slope);
            by_hidden.iter_mut().zip(row).for_each(|(sum, weight)| *sum += slope * weight);
        }
        for ((by_row, by), value) in by_first.chunks_mut(self.inputs + 1).zip(by_hidden).zip(&pass.hidden) {
            add_row(by_row, input, by * (1.0 - value * value));
        }
    }

    /// A step down the gradient.
    pub fn step(&mut self, gradient: &[f64]) {
        self.adam.step(&mut self.weights, gradient);
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

/// A row of weights with the bias last, times an input.
fn dot(row: &[f64], input: &[f64]) -> f64 {
    let products = row.iter().zip(input).map(|(weight, value)| weight * value);
    products.sum::<f64>() + row[input.len()]
}

fn add_row(by_row: &mut [f64], input: &[f64], slope: f64) {
    by_row.iter_mut().zip(input).for_each(|(by, value)| *by += slope * value);
    by_row[input.len()] += slope;
}

/// Adam (D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", 2015), with their decay rates.
struct Adam {
    rate: f64,
    steps: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    fn new(weights: usize, rate: f64) -> Self {
        Self { rate, steps: 0, mean: vec![0.0; weights], square: vec![0.0; weights] }
    }

    fn step(&mut self, weights: &mut [f64], gradient: &[f64]) {
        const MEAN_DECAY: f64 = 0.9;
        const SQUARE_DECAY: f64 = 0.999;
        self.steps += 1;
        let mean_share = 1.0 - MEAN_DECAY.powi(self.steps);
        let square_share = 1.0 - SQUARE_DECAY.powi(self.steps);
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((weight, slope), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
            *mean += (1.0 - MEAN_DECAY) * (slope - *mean);
            *square += (1.0 - SQUARE_DECAY) * (slope * slope - *square);
            *weight -= self.rate * (*mean / mean_share) / ((*square / square_share).sqrt() + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::seeded;

    /// Half the squared error of both outputs against a target that no linear function fits.
    fn loss(network: &Network, input: &[f64]) -> (f64, Vec<f64>) {
        let pass = network.pass(input);
        let by_out: Vec<f64> =
            pass.out.iter().zip([input[0] * input[1], input[0]]).map(|(out, want)| out - want).collect();
        (by_out.iter().map(|error| error * error / 2.0).sum(), by_out)
    }

    #[test]
    fn gradients_are_those_of_differences() {
        let mut network = Network::new(2, 3, 2, 0.01, &mut seeded(1, "network test"));
        let input = [0.3, -0.7];
        let mut gradient = network.gradient();
        network.backward(&input, &network.pass(&input), &loss(&network, &input).1, &mut gradient);
        for (index, &slope) in gradient.iter().enumerate() {
            let mut at = |shift: f64| {
                network.weights[index] += shift;
                let loss = loss(&network, &input).0;
                network.weights[index] -= shift;
                loss
            };
            let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!((difference - slope).abs() < 1e-6, "weight {index}: {slope}, not {difference}");
        }
    }

    #[test]
    fn it_learns_a_product() {
        let mut network = Network::new(2, 8, 2, 0.02, &mut seeded(1, "network test"));
        let inputs: Vec<[f64; 2]> =
            (0..25).map(|i| [f64::from(i % 5) / 2.0 - 1.0, f64::from(i / 5) / 2.0 - 1.0]).collect();
        let error = |network: &Network| inputs.iter().map(|input| loss(network, input).0).sum::<f64>();
        let before = error(&network);
        for _ in 0..500 {
            let mut gradient = network.gradient();
            for input in &inputs {
                network.backward(input, &network.pass(input), &loss(&network, input).1, &mut gradient);
            }
            network.step(&gradient);
        }
        assert!(error(&network) < before / 100.0, "from {before} to {}", error(&network));
    }
}
