//! Convolutions and products of matrices as VTA is asked for them: what, and cut how.

use serde::{Deserialize, Serialize};

use super::Extents;
use crate::code::vta::{Convolution, Epilogue, Hardware, Lowered, Mode, NotLowered, Refusal, Tiling, lower};

/// A convolution with its cut. With the hardware it says all that decides the stream, which [`AcceleratedCall::lower`] makes.
///
/// Sums are in i32, which wrap around; inputs, weights and results are i8, a bias is i32.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AcceleratedCall {
    /// What is computed, rows of matrices being pixels.
    pub convolution: Convolution,
    /// What is done with each sum.
    pub epilogue: Epilogue,
    /// How it is cut.
    pub tiling: Tiling,
    /// By which rules it is lowered.
    pub mode: Mode,
    /// What the tensors of the workload are of it.
    pub operands: Operands,
}

/// How the workload's tensors lie, and what they are of the convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operands {
    /// Images and filters.
    Images {
        /// Whether the channels of a pixel lie side by side, in weights too.
        channels_last: bool,
    },
    /// A·B: rows of A are pixels of one column, and columns of A are channels.
    Matrices {
        /// A is stored k×m instead of m×k.
        a_transposed: bool,
        /// B is stored n×k instead of k×n.
        b_transposed: bool,
    },
}

impl Operands {
    /// The convolution as hardware of a batch has it: neighbouring rows of a matrix go into different images of a batch.
    pub fn spread(&self, convolution: &Convolution, batch: u32) -> Convolution {
        match self {
            Self::Images { .. } => *convolution,
            Self::Matrices { .. } => {
                let [rows, columns] = convolution.image;
                Convolution { images: batch, image: [rows.div_ceil(batch), columns], ..*convolution }
            }
        }
    }
}

impl AcceleratedCall {
    /// The convolution as this hardware has it.
    pub fn spread(&self, hardware: &Hardware) -> Convolution {
        self.operands.spread(&self.convolution, hardware.batch() as u32)
    }

    /// Why its mode refuses the cut on this hardware, if it does.
    pub fn refusal(&self, hardware: &Hardware) -> Option<Refusal> {
        (self.mode == Mode::Tvm).then(|| self.tiling.refusal(&self.spread(hardware), hardware)).flatten()
    }

    /// The stream, and where everything lies in DRAM.
    ///
    /// # Errors
    /// As [`lower`].
    pub fn lower(&self, hardware: &Hardware) -> Result<Lowered, NotLowered> {
        lower(hardware, &self.spread(hardware), &self.epilogue, &self.tiling, self.mode)
    }

    /// Elements of inputs, weights and results.
    fn elements(&self) -> [u64; 3] {
        let Convolution { images, image, inputs, outputs, filter, .. } = self.convolution;
        let product = |extents: &[u32]| extents.iter().map(|extent| u64::from(*extent)).product::<u64>();
        let [height, width] = self.convolution.results();
        [
            product(&[images, inputs, image[0], image[1]]),
            product(&[outputs, inputs, filter[0], filter[1]]),
            product(&[images, outputs, height, width]),
        ]
    }

    pub(super) fn extents(&self) -> Extents {
        let [inputs, weights, results] = self.elements();
        let bias = self.epilogue.bias.then(|| self.convolution.outputs.into());
        Extents { inputs: [inputs, weights].into_iter().chain(bias).collect(), outputs: vec![results] }
    }

    pub(super) fn operations(&self) -> f64 {
        let [_, weights, results] = self.elements();
        2.0 * results as f64 * (weights / u64::from(self.convolution.outputs).max(1)) as f64
    }
}
