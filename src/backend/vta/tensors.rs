//! What the tensors of a workload are in the DRAM of VTA: images and filters, or matrices.

use super::Dram;
use crate::code::routine::{AcceleratedCall, Operands};
use crate::code::vta::{Convolution, Hardware, Lowered};

/// DRAM before a run on these inputs: x and w, or A and B, and a bias where there is one.
pub(super) fn dram(hardware: &Hardware, call: &AcceleratedCall, lowered: &Lowered, inputs: &[Vec<i32>]) -> Dram {
    let bias = inputs.get(2).map_or(&[][..], Vec::as_slice);
    let convolution = call.spread(hardware);
    let (x, w) = (images(call, &convolution, &inputs[0]), filters(call, &inputs[1]));
    Dram { base: lowered.base(), bytes: lowered.image(hardware, &convolution, &x, &w, bias) }
}

/// The results that a run has left, as the workload's output has them.
pub(super) fn results(hardware: &Hardware, call: &AcceleratedCall, lowered: &Lowered, dram: &Dram) -> Vec<i32> {
    let convolution = call.spread(hardware);
    let Convolution { images, outputs, .. } = convolution;
    let [height, width] = convolution.results();
    let found = lowered.results(hardware, &convolution, &dram.bytes);
    let (images, outputs, pixels) = (images as usize, outputs as usize, (height * width) as usize);
    match call.operands {
        Operands::Images { channels_last: false } => found,
        Operands::Images { channels_last: true } => turned(&found, outputs, pixels),
        Operands::Matrices { .. } => {
            let at = |row: usize, column: usize| found[(row % images * outputs + column) * pixels + row / images];
            (0..call.convolution.image[0] as usize)
                .flat_map(|row| (0..outputs).map(move |column| at(row, column)))
                .collect()
        }
    }
}

/// Inputs as images, channels, rows, columns.
fn images(call: &AcceleratedCall, spread: &Convolution, x: &[i32]) -> Vec<i32> {
    let Convolution { images, image: [height, width], inputs, .. } = *spread;
    let (images, channels, pixels) = (images as usize, inputs as usize, (height * width) as usize);
    match call.operands {
        Operands::Images { channels_last: false } => x.to_vec(),
        Operands::Images { channels_last: true } => turned(x, pixels, channels),
        Operands::Matrices { a_transposed, .. } => {
            let rows = call.convolution.image[0] as usize;
            let mut turned = vec![0; images * channels * pixels];
            for row in 0..rows {
                for channel in 0..channels {
                    let from = if a_transposed { channel * rows + row } else { row * channels + channel };
                    turned[(row % images * channels + channel) * pixels + row / images] = x[from];
                }
            }
            turned
        }
    }
}

/// Weights as output channels, input channels, rows, columns.
fn filters(call: &AcceleratedCall, w: &[i32]) -> Vec<i32> {
    let Convolution { inputs, outputs, filter: [rows, columns], .. } = call.convolution;
    match call.operands {
        Operands::Images { channels_last: false } | Operands::Matrices { b_transposed: true, .. } => w.to_vec(),
        Operands::Images { channels_last: true } => turned(w, (rows * columns) as usize, inputs as usize),
        Operands::Matrices { b_transposed: false, .. } => turned(w, inputs as usize, outputs as usize),
    }
}

/// Matrices of so many rows and columns, one after the other, each transposed.
fn turned(matrices: &[i32], rows: usize, columns: usize) -> Vec<i32> {
    let turn = |matrix: &[i32]| -> Vec<i32> {
        (0..columns)
            .flat_map(|column| (0..rows).map(move |row| (row, column)))
            .map(|(row, column)| matrix[row * columns + column])
            .collect()
    };
    matrices.chunks_exact(rows * columns).flat_map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_matrix_is_transposed() {
        assert_eq!(
            turned(&[1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16], 2, 3),
            [1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16]
        );
    }
}
