//! The plainest routines: too plain to be wrong where others are. All arithmetic on f32 slices, in the order in which the
//! definition has it.

mod chain;
mod convolution;
mod functions;
mod matmul;
mod post;

use std::borrow::Cow;
use std::sync::Arc;

use rayon::ThreadPool;

use super::operand::{Operand, Target, store_widened, widened};
use super::routines::{Ready, Setting};
use crate::code::routine::Call;

/// A call, understood.
pub(super) struct Naive {
    what: What,
    pool: Arc<ThreadPool>,
}

enum What {
    Matmul(matmul::Matmul),
    Convolution(convolution::Convolution),
    Chain(chain::Chain),
}

impl Naive {
    /// # Errors
    /// When the call names a function that nobody knows, or is none of an operator.
    pub fn new(setting: &Setting) -> Result<Self, String> {
        let what = match &setting.routine.call {
            Call::Matmul(call) => What::Matmul(matmul::Matmul::new(call)?),
            Call::Convolution(call) => What::Convolution(convolution::Convolution::new(call)?),
            Call::Chain(call) => What::Chain(chain::Chain::new(call)?),
            Call::Accelerated(_) => return Err("integers are computed by no native routine".to_owned()),
            Call::Probe(_) => return Err("nothing that is probed with is naive".to_owned()),
        };
        Ok(Self { what, pool: setting.pool.clone() })
    }
}

impl Ready for Naive {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let wide: Vec<Cow<[f32]>> = inputs.iter().map(|input| widened(*input)).collect();
        let inputs: Vec<&[f32]> = wide.iter().map(|input| &**input).collect();
        let Self { what, pool } = self;
        match what {
            What::Matmul(matmul) => store_widened(&mut outputs[0], |c| pool.install(|| matmul.run(&inputs, c))),
            What::Convolution(convolution) => {
                store_widened(&mut outputs[0], |y| pool.install(|| convolution.run(&inputs, y)))
            }
            What::Chain(chain) => {
                let mut results: Vec<Vec<f32>> = outputs.iter().map(|output| vec![0.0; output.len()]).collect();
                chain.run(&inputs, &mut results);
                for (output, result) in outputs.iter_mut().zip(&results) {
                    store_widened(output, |values| values.copy_from_slice(result));
                }
            }
        }
    }
}
