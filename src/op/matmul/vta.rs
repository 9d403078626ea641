//! Products of matrices of bytes on VTA, as convolutions with a filter of one.

use super::Shape;
use crate::code::routine::Operands;
use crate::code::vta::Convolution;
use crate::op::Signature;
use crate::op::vta::{Asked, Cuts, Vta};
use crate::workload::Types;

pub const DIRECT: Vta = Vta { name: "matmul/vta_direct", cuts: Cuts::Direct, asked };
pub const TVM: Vta = Vta { name: "matmul/vta_tvm", cuts: Cuts::Tvm, asked };
pub const NAIVE: Vta = Vta { name: "matmul/vta_naive", cuts: Cuts::Plain, asked };

fn asked(signature: &Signature) -> Option<Asked> {
    let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
    if shape.types != Types::INTEGERS || shape.batch != 1 {
        return None;
    }
    let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above").integer_steps()?;
    let convolution = Convolution {
        images: 1,
        image: [shape.m as u32, 1],
        inputs: shape.k as u32,
        outputs: shape.n as u32,
        filter: [1; 2],
        stride: [1; 2],
        padding: [0; 2],
    };
    let operands = Operands::Matrices { a_transposed: shape.a_transposed, b_transposed: shape.b_transposed };
    Asked { convolution, epilogue: epilogue.into(), operands }.possible()
}
